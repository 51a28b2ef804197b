//! Journals, entries, balances. A journal is added and never changed; a balance is the sum of its entries, and is kept
//! by account, and by account and month.

use super::{chain, integer, text};
use crate::chain::Chained;
use crate::doors::{Store, StoreError};
use insurance::identity::BusinessKey;
use insurance::ledger::Journal;
use insurance::money::Fen;
use std::collections::BTreeMap;

/// Adds a journal behind the one before it and moves the balances of its accounts, whole and of the month.
///
/// # Panics
/// Where the journal does not sum to zero: that can only be a bug.
pub fn journal_add(store: &mut dyn Store, journal: &Journal) -> Result<(), StoreError> {
    assert!(journal.sums_to_zero(), "a journal sums to zero: {journal:?}");
    if journal.entries.is_empty() {
        return Ok(());
    }
    let (last, previous) = chain::end(store)?;
    let chained = Chained::of(last + 1, journal);
    chain::journal_insert(store, &chained, previous.then(&chained.text()))?;
    for (line, account, amount) in &chained.entries {
        store.execute(
            "insert into entry (journal, line, account, amount_fen) values ($1, $2, $3, $4)",
            &[chained.serial.into(), (*line).into(), account.as_str().into(), (*amount).into()],
        )?;
    }
    for (account, amount) in moved(&chained) {
        store.execute(
            "insert into balance (account, amount_fen) values ($1, $2) \
             on conflict (account) do update set amount_fen = balance.amount_fen + excluded.amount_fen",
            &[account.into(), amount.into()],
        )?;
        store.execute(
            "insert into month_balance (account, month, amount_fen) values ($1, $2, $3) \
             on conflict (account, month) do update set amount_fen = month_balance.amount_fen + excluded.amount_fen",
            &[account.into(), chained.month().into(), amount.into()],
        )?;
    }
    Ok(())
}

/// What a journal moves on each account, every account once.
fn moved(journal: &Chained) -> BTreeMap<&str, i64> {
    let mut moved = BTreeMap::new();
    for (_, account, amount) in &journal.entries {
        *moved.entry(account.as_str()).or_default() += amount;
    }
    moved
}

/// Builds every balance anew from the entries.
pub fn balances_rebuild(store: &mut dyn Store) -> Result<(), StoreError> {
    store.execute("delete from balance", &[])?;
    store.execute(
        "insert into balance (account, amount_fen) \
         select account, cast(sum(amount_fen) as bigint) from entry group by account",
        &[],
    )?;
    store.execute("delete from month_balance", &[])?;
    store
        .execute(
            "insert into month_balance (account, month, amount_fen) \
             select entry.account, substr(journal.happened, 1, 7), cast(sum(entry.amount_fen) as bigint) \
             from entry join journal on journal.serial = entry.journal \
             group by entry.account, substr(journal.happened, 1, 7)",
            &[],
        )
        .map(drop)
}

/// One stored entry: the kind of its journal, the account, the amount.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct BookedEntry {
    /// Serial number of the journal.
    pub journal: i64,
    /// `settlement`, `reversal`, `reinstatement`.
    pub kind: String,
    /// The account's number.
    pub account: String,
    /// Debit above zero, credit below.
    #[serde(rename = "amount_fen")]
    pub amount: Fen,
}

/// The entries of one business act, in order.
pub fn entries_of(store: &mut dyn Store, key: &BusinessKey) -> Result<Vec<BookedEntry>, StoreError> {
    let rows = store.query(
        "select journal.serial, journal.kind, entry.account, entry.amount_fen from journal \
         join entry on entry.journal = journal.serial \
         where journal.business_key = $1 order by journal.serial, entry.line",
        &[key.as_str().into()],
    )?;
    rows.iter()
        .map(|row| {
            Ok(BookedEntry {
                journal: integer(row.first(), "entry")?,
                kind: text(row.get(1), "entry")?,
                account: text(row.get(2), "entry")?,
                amount: Fen(integer(row.get(3), "entry")?),
            })
        })
        .collect()
}

/// The kind of the newest journal of one business act, where there is one.
pub fn last_kind(store: &mut dyn Store, key: &BusinessKey) -> Result<Option<String>, StoreError> {
    let rows = store.query(
        "select kind from journal where business_key = $1 and kind <> 'correction' order by serial desc limit 1",
        &[key.as_str().into()],
    )?;
    rows.first().map(|row| text(row.first(), "journal")).transpose()
}

/// Every balance of one month that is not zero: the acts that happened in it, whenever they were learnt.
pub fn month_balances(store: &mut dyn Store, month: &str) -> Result<Vec<(String, Fen)>, StoreError> {
    let rows = store.query(
        "select account, amount_fen from month_balance where month = $1 and amount_fen <> 0 order by account",
        &[month.into()],
    )?;
    rows.iter().map(|row| Ok((text(row.first(), "balance")?, Fen(integer(row.get(1), "balance")?)))).collect()
}

/// Every balance that is not zero.
pub fn balances(store: &mut dyn Store) -> Result<Vec<(String, Fen)>, StoreError> {
    let rows =
        store.query("select account, amount_fen from balance where amount_fen <> 0 order by account", &[])?;
    rows.iter().map(|row| Ok((text(row.first(), "balance")?, Fen(integer(row.get(1), "balance")?)))).collect()
}

/// What is wrong with the books: journals that do not sum to zero, balances that are not the sum of their entries.
/// Empty where nothing is.
pub fn faults(store: &mut dyn Store) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    let uneven = store.query(
        "select journal, cast(sum(amount_fen) as bigint) from entry group by journal having sum(amount_fen) <> 0 order by journal",
        &[],
    )?;
    for row in &uneven {
        let (journal, by) = (integer(row.first(), "entry")?, Fen(integer(row.get(1), "entry")?));
        found.push(format!("journal {journal} is off by {by} yuan"));
    }
    let drifted = store.query(
        "select balance.account, balance.amount_fen, cast(coalesce(sum(entry.amount_fen), 0) as bigint) from balance \
         left join entry on entry.account = balance.account \
         group by balance.account, balance.amount_fen \
         having balance.amount_fen <> coalesce(sum(entry.amount_fen), 0) order by balance.account",
        &[],
    )?;
    for row in &drifted {
        let account = text(row.first(), "balance")?;
        let (stored, summed) = (integer(row.get(1), "balance")?, integer(row.get(2), "balance")?);
        found.push(format!("account {account} holds {} but its entries sum to {}", Fen(stored), Fen(summed)));
    }
    let months = store.query(
        "select month_balance.account, month_balance.month, month_balance.amount_fen, \
         cast(coalesce(summed.amount_fen, 0) as bigint) \
         from month_balance left join (\
           select entry.account as account, substr(journal.happened, 1, 7) as month, \
           sum(entry.amount_fen) as amount_fen from entry join journal on journal.serial = entry.journal \
           group by entry.account, substr(journal.happened, 1, 7)) as summed \
         on summed.account = month_balance.account and summed.month = month_balance.month \
         where month_balance.amount_fen <> coalesce(summed.amount_fen, 0) \
         order by month_balance.account, month_balance.month",
        &[],
    )?;
    for row in &months {
        let (account, month) = (text(row.first(), "month_balance")?, text(row.get(1), "month_balance")?);
        let (stored, summed) = (integer(row.get(2), "month_balance")?, integer(row.get(3), "month_balance")?);
        found.push(format!(
            "account {account} holds {} in {month} but its entries sum to {}",
            Fen(stored),
            Fen(summed)
        ));
    }
    let unheld = store.query(
        "select account, cast(sum(amount_fen) as bigint) from (\
           select account, amount_fen from balance \
           union all select account, -amount_fen from month_balance) as both_sides \
         group by account having sum(amount_fen) <> 0 order by account",
        &[],
    )?;
    for row in &unheld {
        let (account, by) = (text(row.first(), "balance")?, Fen(integer(row.get(1), "balance")?));
        found.push(format!("account {account} differs by {by} yuan from the sum of its months"));
    }
    Ok(found)
}
