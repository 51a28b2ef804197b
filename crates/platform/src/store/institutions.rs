//! Institutions of the node.

use super::{decode_all, encode};
use crate::doors::{Store, StoreError};
use crate::registry::Institution;

/// Saves an institution, new or changed.
pub fn institution_save(store: &mut dyn Store, institution: &Institution) -> Result<(), StoreError> {
    store.change(
        "insert into institution (institution, data) values ($1, $2) \
             on conflict (institution) do update set data = excluded.data",
        &[institution.code.as_str().into(), encode(institution)],
    )
}

/// All institutions, by code.
pub fn institutions(store: &mut dyn Store) -> Result<Vec<Institution>, StoreError> {
    let rows = store.query("select data from institution order by institution", &[])?;
    decode_all(rows, "institution")
}
