//! The chain of the books on disk: where it ends, and its journals in order for those who verify it.

use super::{damaged, integer, text};
use crate::chain::{Chained, Digest};
use crate::doors::{Row, Store, StoreError};
use std::collections::{BTreeMap, VecDeque};

/// Where the chain ends: the last journal and its value, as it is stored.
pub fn head(store: &mut dyn Store) -> Result<Option<(i64, String)>, StoreError> {
    let rows = store.query("select serial, digest from chain_head where name = 'journal'", &[])?;
    rows.first()
        .map(|row| Ok((integer(row.first(), "chain_head")?, text(row.get(1), "chain_head")?)))
        .transpose()
}

/// The number and the value before the next journal.
pub(super) fn end(store: &mut dyn Store) -> Result<(i64, Digest), StoreError> {
    let (serial, digest) = head(store)?.ok_or_else(|| damaged("chain_head", "the row is missing"))?;
    Ok((serial, digest.parse().map_err(|why: String| damaged("chain_head.digest", why))?))
}

/// Stores a journal behind the one before it and moves the head; its entries are stored apart.
pub(super) fn journal_insert(
    store: &mut dyn Store,
    journal: &Chained,
    digest: Digest,
) -> Result<(), StoreError> {
    store.change(
        "insert into journal (serial, business_key, kind, happened, learned_at, digest) \
         values ($1, $2, $3, $4, $5, $6)",
        &[
            journal.serial.into(),
            journal.key.as_str().into(),
            journal.kind.as_str().into(),
            journal.happened.as_str().into(),
            journal.learned.into(),
            digest.to_string().into(),
        ],
    )?;
    // The row is there: whoever stores a journal has read it before.
    store.change(
        "update chain_head set serial = $1, digest = $2 where name = 'journal'",
        &[journal.serial.into(), digest.to_string().into()],
    )
}

/// The value of one journal.
pub fn digest_of(store: &mut dyn Store, serial: i64) -> Result<Option<String>, StoreError> {
    let rows = store.query("select digest from journal where serial = $1", &[serial.into()])?;
    rows.first().map(|row| text(row.first(), "journal")).transpose()
}

/// Every value, by journal, for those who check a whole store.
pub fn values(store: &mut dyn Store) -> Result<BTreeMap<i64, String>, StoreError> {
    let rows = store.query("select serial, digest from journal order by serial", &[])?;
    rows.iter().map(|row| Ok((integer(row.first(), "journal")?, text(row.get(1), "journal")?))).collect()
}

/// Some journals in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Each with the value that is stored.
    pub journals: Vec<(Chained, String)>,
    /// Journals that are not there although entries name them.
    pub strays: Vec<i64>,
}

fn chained(row: &Row) -> Result<(Chained, String), StoreError> {
    let journal = Chained {
        serial: integer(row.first(), "journal.serial")?,
        key: text(row.get(1), "journal.business_key")?,
        kind: text(row.get(2), "journal.kind")?,
        happened: text(row.get(3), "journal.happened")?,
        learned: integer(row.get(4), "journal.learned_at")?,
        entries: Vec::new(),
    };
    Ok((journal, text(row.get(5), "journal.digest")?))
}

/// The first journals behind this number, with their entries. The last page also looks for entries behind the last
/// journal; it holds fewer journals than were asked for.
pub fn page(store: &mut dyn Store, after: i64, most: i64) -> Result<Page, StoreError> {
    let rows = store.query(
        "select serial, business_key, kind, happened, learned_at, digest from journal \
         where serial > $1 order by serial limit $2",
        &[after.into(), most.into()],
    )?;
    let journals = rows.iter().map(chained).collect::<Result<Vec<_>, _>>()?;
    let is_last = i64::try_from(journals.len()).is_ok_and(|found| found < most);
    let up_to = match journals.last() {
        Some((journal, _)) if !is_last => journal.serial,
        _ => i64::MAX,
    };
    let rows = store.query(
        "select journal, line, account, amount_fen from entry \
         where journal > $1 and journal <= $2 order by journal, line",
        &[after.into(), up_to.into()],
    )?;
    let mut page = Page::default();
    let mut entries: VecDeque<(i64, (i64, String, i64))> = rows
        .iter()
        .map(|row| {
            let entry = (
                integer(row.get(1), "entry.line")?,
                text(row.get(2), "entry.account")?,
                integer(row.get(3), "entry.amount_fen")?,
            );
            Ok((integer(row.first(), "entry.journal")?, entry))
        })
        .collect::<Result<_, StoreError>>()?;
    for (mut journal, digest) in journals {
        while entries.front().is_some_and(|(of, _)| *of <= journal.serial) {
            let Some((of, entry)) = entries.pop_front() else { break };
            if of == journal.serial {
                journal.entries.push(entry);
            } else {
                page.strays.push(of);
            }
        }
        page.journals.push((journal, digest));
    }
    page.strays.extend(entries.into_iter().map(|(of, _)| of));
    page.strays.dedup();
    Ok(page)
}

/// The number of the first journal behind this one, whatever else of it can be read.
pub fn serial_after(store: &mut dyn Store, after: i64) -> Result<Option<i64>, StoreError> {
    let rows = store
        .query("select serial from journal where serial > $1 order by serial limit 1", &[after.into()])?;
    rows.first().map(|row| integer(row.first(), "journal.serial")).transpose()
}

/// The balances by account, and by account and month.
#[allow(clippy::type_complexity)] // Two tables as they stand.
pub fn balances(
    store: &mut dyn Store,
) -> Result<(Vec<(String, i64)>, Vec<(String, String, i64)>), StoreError> {
    let whole = store.query("select account, amount_fen from balance order by account", &[])?;
    let months =
        store.query("select account, month, amount_fen from month_balance order by account, month", &[])?;
    let whole = whole
        .iter()
        .map(|row| Ok((text(row.first(), "balance.account")?, integer(row.get(1), "balance.amount_fen")?)))
        .collect::<Result<_, StoreError>>()?;
    let months = months
        .iter()
        .map(|row| {
            Ok((
                text(row.first(), "month_balance.account")?,
                text(row.get(1), "month_balance.month")?,
                integer(row.get(2), "month_balance.amount_fen")?,
            ))
        })
        .collect::<Result<_, StoreError>>()?;
    Ok((whole, months))
}

/// Journals of a database that was written before there was a chain are copied behind one another, so many at a time.
const COPIED_AT_ONCE: i64 = 1_000;

/// Chains the journals that migration 2 has set aside.
pub(super) fn chain_the_old(store: &mut dyn Store) -> Result<(), StoreError> {
    let mut last = i64::MIN;
    loop {
        let old = old_page(store, last)?;
        let Some(newest) = old.last().map(|(serial, _)| *serial) else { break };
        for (was, mut journal) in old {
            let (serial, previous) = end(store)?;
            journal.serial = serial + 1;
            if journal.serial != was {
                return Err(damaged("journal", format!("number {} is missing before {was}", serial + 1)));
            }
            let digest = previous.then(&journal.text());
            journal_insert(store, &journal, digest)?;
        }
        last = newest;
    }
    store.change("drop table journal_unchained", &[])
}

fn old_page(store: &mut dyn Store, after: i64) -> Result<Vec<(i64, Chained)>, StoreError> {
    let rows = store.query(
        "select serial, business_key, kind, happened, learned_at, '' from journal_unchained \
         where serial > $1 order by serial limit $2",
        &[after.into(), COPIED_AT_ONCE.into()],
    )?;
    rows.iter()
        .map(|row| {
            let (mut journal, _) = chained(row)?;
            let entries = store.query(
                "select line, account, amount_fen from entry where journal = $1 order by line",
                &[journal.serial.into()],
            )?;
            for row in &entries {
                let (line, amount) =
                    (integer(row.first(), "entry.line")?, integer(row.get(2), "entry.amount")?);
                journal.entries.push((line, text(row.get(1), "entry.account")?, amount));
            }
            Ok((journal.serial, journal))
        })
        .collect()
}
