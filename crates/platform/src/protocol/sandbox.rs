//! The sandbox's own words: people, institutions and items to test with, in the names of the wire.

use super::codes;
use super::tables;
use super::values::{Amount, Day, Price};
use crate::registry::{Institution, InsuredPerson};
use insurance::calendar::ServiceDate;
use insurance::catalogue::Item;
use insurance::filing::Filing;
use serde_json::{Value, json};

/// `GET /sandbox/personas`
pub fn personas<'a>(
    people: impl Iterator<Item = &'a InsuredPerson>,
    institutions: impl Iterator<Item = &'a Institution>,
    items: impl Iterator<Item = &'a Item>,
    today: ServiceDate,
) -> Value {
    let people: Vec<Value> = people
        .map(|person| {
            json!({
                "psn_name": person.name,
                "psn_cert_type": person.certificate_type,
                "certno": person.certificate_no,
                "psn_no": person.person_no,
                "insuplc_admdvs": person.pool,
                "insutype": codes::insutype(person.insurance()),
                "psn_type": person.person_type,
                "balc": Amount(person.wallet.own),
                "filing": filing_shown(&person.filings, today),
                "tags": person.tags,
                "card_no": person.card_no,
                "card_sn": person.card_sn,
                "ec_token": person.voucher_token,
            })
        })
        .collect();
    // Software that takes the first that fits meets an institution that may do business.
    let (suspended, open): (Vec<&Institution>, Vec<&Institution>) =
        institutions.partition(|institution| institution.suspended);
    let institutions: Vec<Value> = open
        .into_iter()
        .chain(suspended)
        .map(|institution| {
            json!({
                "fixmedins_code": institution.code,
                "fixmedins_name": institution.name,
                "admdvs": institution.region,
                "hosp_lv": institution.grade,
                "suspended": institution.suspended,
            })
        })
        .collect();
    let items: Vec<Value> = items
        .map(|item| {
            json!({
                "med_list_codg": item.code,
                "name": item.name,
                "list_type": item.kind.code(),
                "pric": Price(item.reference_price),
            })
        })
        .collect();
    json!({"people": people, "institutions": institutions, "items": items})
}

/// The filing that matters: one in force, else the newest that is not cancelled.
fn filing_shown(filings: &[Filing], today: ServiceDate) -> Value {
    let standing = || filings.iter().filter(|filing| filing.cancelled.is_none());
    let shown = standing()
        .find(|filing| filing.in_force_on(today))
        .or_else(|| standing().max_by_key(|filing| filing.from));
    match shown {
        Some(filing) => json!({
            "category": filing.category.code(),
            "mdtrtarea_admdvs": filing.places.first(),
            "begndate": Day(filing.from),
            "enddate": filing.until.map(Day),
        }),
        None => Value::Null,
    }
}

/// `GET /sandbox/transactions`: number, names and page of each transaction.
pub fn transactions() -> Value {
    let rows: Vec<Value> = tables::transactions()
        .map(|transaction| {
            json!({
                "infno": transaction.infno,
                "name": {"zh": transaction.name.zh, "en": transaction.name.en},
                "page": format!("docs/transactions/{}.md", transaction.infno),
            })
        })
        .collect();
    json!({ "transactions": rows })
}
