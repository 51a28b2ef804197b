//! Settlements at the treatment node, and the records that take them back.

use super::{decode, decode_all, encode, integer, statement, text};
use crate::doors::{Store, StoreError};
use crate::records::{SettlementRecord, Visit};
use insurance::identity::SettlementId;

/// Saves a settlement, new or changed.
pub fn settlement_save(
    store: &mut dyn Store,
    visit: &Visit,
    record: &SettlementRecord,
) -> Result<(), StoreError> {
    let mut values = vec![
        visit.pool().to_string().into(),
        visit.person.person_no.as_str().into(),
        visit.id.as_str().into(),
        record.id.as_str().into(),
        record.institution.as_str().into(),
        record.infno.as_str().into(),
        record.msgid.as_str().into(),
        record.state.code().into(),
        day_of(record).into(),
        encode(record),
    ];
    values.extend(statement::columns(visit, record));
    store
        .execute(
            "insert into settlement (pool, person, visit, settlement, institution, infno, msgid, state, settled_day, \
             data, kind, insurance, fee_fen, fund_fen, account_fen, cash_fen, takes_back, taken_back_by, settled_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) \
             on conflict (pool, person, visit, settlement) do update set state = excluded.state, \
             settled_day = excluded.settled_day, data = excluded.data, fee_fen = excluded.fee_fen, \
             fund_fen = excluded.fund_fen, account_fen = excluded.account_fen, cash_fen = excluded.cash_fen, \
             taken_back_by = excluded.taken_back_by, settled_at = excluded.settled_at",
            &values,
        )
        .map(drop)
}

/// The day of the act, the same at both principals; a record that takes back has the day on which it was booked.
fn day_of(record: &SettlementRecord) -> Option<String> {
    let booked = record.sheet.as_ref().map(|sheet| sheet.day).filter(|_| record.takes_back.is_none());
    booked.or(record.settled.map(|settled| settled.day())).map(|day| day.to_string())
}

/// Finds one by its number.
pub fn settlement_find(
    store: &mut dyn Store,
    settlement: &SettlementId,
) -> Result<Option<SettlementRecord>, StoreError> {
    let rows =
        store.query("select data from settlement where settlement = $1", &[settlement.as_str().into()])?;
    rows.first().map(|row| decode(row.first(), "settlement")).transpose()
}

/// All settlements of a visit, oldest first.
pub fn settlements_of_visit(
    store: &mut dyn Store,
    visit: &Visit,
) -> Result<Vec<SettlementRecord>, StoreError> {
    let rows = store.query(
        "select data from settlement where pool = $1 and person = $2 and visit = $3 order by settlement",
        &[visit.pool().to_string().into(), visit.person.person_no.as_str().into(), visit.id.as_str().into()],
    )?;
    let mut found: Vec<SettlementRecord> = decode_all(rows, "settlement")?;
    found.sort_by_key(|record| record.asked);
    Ok(found)
}

/// How many settlements stand in each state, for the overview.
pub fn settlement_counts(store: &mut dyn Store) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = store.query("select state, count(*) from settlement group by state order by state", &[])?;
    rows.iter()
        .map(|row| Ok((text(row.first(), "settlement")?, integer(row.get(1), "settlement")?)))
        .collect()
}
