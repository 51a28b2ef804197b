//! Journals, entries, balances. A journal is added and never changed; a balance is the sum of its entries.

use super::{counter_next, integer, text};
use crate::doors::{Store, StoreError};
use insurance::identity::BusinessKey;
use insurance::ledger::Journal;
use insurance::money::Fen;

/// Adds a journal and moves the balances of its accounts.
///
/// # Panics
/// Where the journal does not sum to zero: that can only be a bug.
pub fn journal_add(store: &mut dyn Store, journal: &Journal) -> Result<(), StoreError> {
    assert!(journal.sums_to_zero(), "a journal sums to zero: {journal:?}");
    if journal.entries.is_empty() {
        return Ok(());
    }
    let serial = counter_next(store, "journal")?;
    store.execute(
        "insert into journal (serial, business_key, kind, happened, learned_at) values ($1, $2, $3, $4, $5)",
        &[
            serial.into(),
            journal.key.as_str().into(),
            journal.kind.code().into(),
            journal.happened.to_string().into(),
            journal.learned.0.into(),
        ],
    )?;
    for (line, entry) in (0_i64..).zip(&journal.entries) {
        let account = entry.account.to_string();
        store.execute(
            "insert into entry (journal, line, account, amount_fen) values ($1, $2, $3, $4)",
            &[serial.into(), line.into(), account.as_str().into(), entry.amount.0.into()],
        )?;
        store.execute(
            "insert into balance (account, amount_fen) values ($1, $2) \
             on conflict (account) do update set amount_fen = balance.amount_fen + excluded.amount_fen",
            &[account.into(), entry.amount.0.into()],
        )?;
    }
    Ok(())
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
        "select kind from journal where business_key = $1 order by serial desc limit 1",
        &[key.as_str().into()],
    )?;
    rows.first().map(|row| text(row.first(), "journal")).transpose()
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
    Ok(found)
}
