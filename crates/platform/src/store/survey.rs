//! Whole-store readings, for those who check a node from outside: simulation, torture, `yidi check`. No office uses
//! them: they read everything.

use super::insured::Booked;
use super::{decode, decode_all, integer, optional_text, text};
use crate::doors::{Store, StoreError};
use crate::records::SettlementRecord;
use crate::registry::InsuredPerson;
use insurance::accumulators::{Accumulators, Measure};
use insurance::identity::{PersonNo, Region};
use insurance::money::Fen;
use insurance::settlement::State;
use std::collections::BTreeMap;

/// Every settlement of a treatment office, and every record that takes one back.
pub fn settlements(store: &mut dyn Store) -> Result<Vec<SettlementRecord>, StoreError> {
    let rows = store.query("select data from settlement order by settlement", &[])?;
    decode_all(rows, "settlement")
}

/// One settlement as the insured office has it.
#[derive(Clone, Debug, PartialEq)]
pub struct InsuredSide {
    /// Where insured.
    pub pool: Region,
    /// Whose.
    pub person: PersonNo,
    /// Its number.
    pub settlement: String,
    /// The visit.
    pub visit: String,
    /// Where it stands.
    pub state: State,
    /// What was booked.
    pub booked: Option<Booked>,
}

/// Every settlement of an insured office.
pub fn insured_settlements(store: &mut dyn Store) -> Result<Vec<InsuredSide>, StoreError> {
    let rows = store.query(
        "select pool, person, settlement, visit, state, data from insured_settlement order by settlement",
        &[],
    )?;
    rows.iter()
        .map(|row| {
            let (pool, person) = (text(row.first(), "pool")?, text(row.get(1), "person")?);
            let word = text(row.get(4), "state")?;
            Ok(InsuredSide {
                pool: Region::new(&pool).map_err(|why| super::damaged("insured_settlement.pool", why))?,
                person: PersonNo::new(person)
                    .map_err(|why| super::damaged("insured_settlement.person", why))?,
                settlement: text(row.get(2), "settlement")?,
                visit: text(row.get(3), "visit")?,
                state: State::of_code(&word)
                    .ok_or_else(|| super::damaged("insured_settlement.state", &word))?,
                booked: match optional_text(row.get(5)) {
                    Some(_) => Some(decode(row.get(5), "insured_settlement")?),
                    None => None,
                },
            })
        })
        .collect()
}

/// One journal with its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journaled {
    /// The business act.
    pub key: String,
    /// `settlement`, `reversal`, `reinstatement`.
    pub kind: String,
    /// Account and amount: debit above zero, credit below.
    pub entries: Vec<(String, Fen)>,
}

/// Every journal, oldest first.
pub fn journals(store: &mut dyn Store) -> Result<Vec<Journaled>, StoreError> {
    let rows = store.query(
        "select journal.serial, journal.business_key, journal.kind, entry.account, entry.amount_fen \
         from journal join entry on entry.journal = journal.serial order by journal.serial, entry.line",
        &[],
    )?;
    let mut found: Vec<(i64, Journaled)> = Vec::new();
    for row in &rows {
        let serial = integer(row.first(), "journal")?;
        let entry = (text(row.get(3), "entry")?, Fen(integer(row.get(4), "entry")?));
        match found.last_mut() {
            Some((last, journal)) if *last == serial => journal.entries.push(entry),
            _ => {
                let (key, kind) = (text(row.get(1), "journal")?, text(row.get(2), "journal")?);
                found.push((serial, Journaled { key, kind, entries: vec![entry] }));
            }
        }
    }
    Ok(found.into_iter().map(|(_, journal)| journal).collect())
}

/// What every person has used, all years together.
pub fn accumulators(store: &mut dyn Store) -> Result<BTreeMap<String, Accumulators>, StoreError> {
    let rows = store.query(
        "select person, measure, amount from accumulator order by person, policy_year, measure",
        &[],
    )?;
    let mut found: BTreeMap<String, Accumulators> = BTreeMap::new();
    for row in &rows {
        let code = text(row.get(1), "accumulator")?;
        let measure = Measure::of_code(&code).ok_or_else(|| super::damaged("accumulator.measure", &code))?;
        let person = found.entry(text(row.first(), "accumulator")?).or_default();
        person.add(measure, integer(row.get(2), "accumulator")?);
    }
    Ok(found)
}

/// What stands on every person's accounts: own and family.
pub fn wallets(store: &mut dyn Store) -> Result<BTreeMap<String, (Fen, Fen)>, StoreError> {
    let rows = store
        .query("select person, own_account_fen, family_quota_fen from insured_person order by person", &[])?;
    rows.iter()
        .map(|row| {
            let (own, family) = (integer(row.get(1), "account")?, integer(row.get(2), "account")?);
            Ok((text(row.first(), "account")?, (Fen(own), Fen(family))))
        })
        .collect()
}

/// Messages that have no answer yet.
pub fn messages_open(store: &mut dyn Store) -> Result<Vec<String>, StoreError> {
    let rows = store.query(
        "select infno, msgid from received where answer is null and state = 'open' order by infno, msgid",
        &[],
    )?;
    rows.iter()
        .map(|row| Ok(format!("{} {}", text(row.first(), "received")?, text(row.get(1), "received")?)))
        .collect()
}

/// Every insured person as enrolled: what stood on the accounts and was used before the first settlement.
pub fn people_enrolled(store: &mut dyn Store) -> Result<Vec<InsuredPerson>, StoreError> {
    let rows = store.query("select data from insured_person order by pool, person", &[])?;
    decode_all(rows, "insured_person")
}
