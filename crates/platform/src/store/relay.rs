//! The hub's own: who is insured where (digests only), which provinces are suspended, what was relayed.

use super::{integer, text};
use crate::doors::{NodeId, Store, StoreError};
use crate::letters::DirectoryEntry;
use insurance::calendar::Instant;
use insurance::identity::{Province, Region};

/// Notes where a credential is insured.
pub fn directory_add(store: &mut dyn Store, entry: &DirectoryEntry) -> Result<(), StoreError> {
    store.change(
        "insert into directory (credential, pool) values ($1, $2) on conflict (credential, pool) do nothing",
        &[entry.credential.as_str().into(), entry.pool.to_string().into()],
    )
}

/// Where a credential is insured.
pub fn directory_find(store: &mut dyn Store, credential: &str) -> Result<Option<Region>, StoreError> {
    let rows = store.query(
        "select pool from directory where credential = $1 order by pool limit 1",
        &[credential.into()],
    )?;
    rows.first()
        .map(|row| {
            Region::new(&text(row.first(), "directory")?).map_err(|why| super::damaged("directory.pool", why))
        })
        .transpose()
}

/// How many credentials the directory holds.
pub fn directory_count(store: &mut dyn Store) -> Result<i64, StoreError> {
    let rows = store.query("select count(*) from directory", &[])?;
    integer(super::first(rows, "directory")?.first(), "directory")
}

/// Suspends a province's direct settlement: approved by a person, logged with the reason.
pub fn suspension_add(
    store: &mut dyn Store,
    province: Province,
    since: Instant,
    reason: &str,
) -> Result<(), StoreError> {
    store
        .change(
            "insert into suspension (province, since, reason) values ($1, $2, $3) on conflict (province) do nothing",
            &[province.to_string().into(), since.0.into(), reason.into()],
        )
}

/// Ends a suspension.
pub fn suspension_end(store: &mut dyn Store, province: Province) -> Result<(), StoreError> {
    store.change("delete from suspension where province = $1", &[province.to_string().into()])
}

/// Whether a province is suspended.
pub fn suspension_stands(store: &mut dyn Store, province: Province) -> Result<bool, StoreError> {
    let rows = store.query("select 1 from suspension where province = $1", &[province.to_string().into()])?;
    Ok(!rows.is_empty())
}

/// Notes what passed through.
pub fn relayed_add(
    store: &mut dyn Store,
    letter: &str,
    sender: NodeId,
    receiver: NodeId,
    what: &str,
    at: Instant,
) -> Result<(), StoreError> {
    store.change(
        "insert into relayed (letter_id, sender, receiver, what, relayed_at) values ($1, $2, $3, $4, $5) \
             on conflict (letter_id) do nothing",
        &[letter.into(), sender.to_string().into(), receiver.to_string().into(), what.into(), at.0.into()],
    )
}

/// How many letters were relayed.
pub fn relayed_count(store: &mut dyn Store) -> Result<i64, StoreError> {
    let rows = store.query("select count(*) from relayed", &[])?;
    integer(super::first(rows, "relayed")?.first(), "relayed")
}
