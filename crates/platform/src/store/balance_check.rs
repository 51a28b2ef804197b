//! The daily check of the balances: every stored balance, whole and by month, is the sum of its entries. What was summed
//! at the last check is kept, so that only the entries since then are read; `yidi check store` reads all of them.

use super::reconciliation::{mark, mark_set};
use super::{chain, integer, text};
use crate::doors::{Row, Store, StoreError};
use insurance::calendar::Instant;
use insurance::money::Fen;
use serde::Serialize;

/// The last journal whose entries are in the sums.
const CHECKED: &str = "balances";

/// A balance that is not the sum of its entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BalanceAlarm {
    /// The account's number.
    pub account: String,
    /// `yyyy-MM`; empty for the balance of all months.
    pub month: String,
    /// What is stored.
    #[serde(rename = "stored_fen")]
    pub stored: Fen,
    /// What the entries sum to.
    #[serde(rename = "summed_fen")]
    pub summed: Fen,
}

fn alarm(row: &Row) -> Result<BalanceAlarm, StoreError> {
    Ok(BalanceAlarm {
        account: text(row.first(), "balance")?,
        month: text(row.get(1), "balance")?,
        stored: Fen(integer(row.get(2), "balance")?),
        summed: Fen(integer(row.get(3), "balance")?),
    })
}

/// Adds the entries since the last check to the sums, and gives every balance that differs from its sum.
pub fn balances_check(store: &mut dyn Store) -> Result<Vec<BalanceAlarm>, StoreError> {
    let behind = mark(store, CHECKED)?.unwrap_or(0);
    let end = chain::head(store)?.map_or(0, |(serial, _)| serial);
    store.execute(
        "insert into balance_checked (account, month, amount_fen) \
         select entry.account, substr(journal.happened, 1, 7), cast(sum(entry.amount_fen) as bigint) \
         from journal join entry on entry.journal = journal.serial \
         where journal.serial > $1 and journal.serial <= $2 \
         group by entry.account, substr(journal.happened, 1, 7) \
         on conflict (account, month) do update set \
         amount_fen = balance_checked.amount_fen + excluded.amount_fen",
        &[behind.into(), end.into()],
    )?;
    mark_set(store, CHECKED, end)?;
    let mut found = Vec::new();
    let months = store.query(
        "select account, month, cast(sum(stored) as bigint), cast(sum(summed) as bigint) from (\
           select account, month, amount_fen as stored, 0 as summed from month_balance \
           union all select account, month, 0, amount_fen from balance_checked) as both_sides \
         group by account, month having sum(stored) <> sum(summed) order by account, month",
        &[],
    )?;
    let wholes = store.query(
        "select account, '', cast(sum(stored) as bigint), cast(sum(summed) as bigint) from (\
           select account, amount_fen as stored, 0 as summed from balance \
           union all select account, 0, amount_fen from balance_checked) as both_sides \
         group by account having sum(stored) <> sum(summed) order by account",
        &[],
    )?;
    for row in months.iter().chain(&wholes) {
        found.push(alarm(row)?);
    }
    Ok(found)
}

/// Keeps what the newest check has found; what is right again is forgotten.
pub fn balance_alarms_keep(
    store: &mut dyn Store,
    found: &[BalanceAlarm],
    now: Instant,
) -> Result<(), StoreError> {
    store.execute("delete from balance_alarm", &[])?;
    for alarm in found {
        store.execute(
            "insert into balance_alarm (account, month, stored_fen, summed_fen, found_at) \
             values ($1, $2, $3, $4, $5)",
            &[
                alarm.account.as_str().into(),
                alarm.month.as_str().into(),
                alarm.stored.0.into(),
                alarm.summed.0.into(),
                now.0.into(),
            ],
        )?;
    }
    Ok(())
}

/// What the newest check has found.
pub fn balance_alarms(store: &mut dyn Store) -> Result<Vec<BalanceAlarm>, StoreError> {
    let rows = store.query(
        "select account, month, stored_fen, summed_fen from balance_alarm order by account, month",
        &[],
    )?;
    rows.iter().map(alarm).collect()
}
