//! Files of institutions: what they upload, and what is made for them. Each has a day on which it is removed.

use super::{damaged, integer, text};
use crate::doors::{Store, StoreError};
use crate::records::KeptFile;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use insurance::calendar::Instant;
use insurance::identity::InstitutionCode;

/// Keeps a file under a number that is new.
pub fn file_add(store: &mut dyn Store, file: &KeptFile) -> Result<(), StoreError> {
    store
        .execute(
            "insert into kept_file (file, institution, name, made_by, size_bytes, kept_at, expires_at, content) \
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[
                file.number.as_str().into(),
                file.institution.as_str().into(),
                file.name.as_str().into(),
                file.made_by.as_str().into(),
                i64::try_from(file.content.len()).unwrap_or(i64::MAX).into(),
                file.kept.0.into(),
                file.expires.0.into(),
                STANDARD.encode(&file.content).into(),
            ],
        )
        .map(drop)
}

/// Finds a file of this institution that has not expired.
pub fn file_find(
    store: &mut dyn Store,
    institution: &InstitutionCode,
    number: &str,
    now: Instant,
) -> Result<Option<KeptFile>, StoreError> {
    let rows = store.query(
        "select file, name, made_by, kept_at, expires_at, content from kept_file \
         where file = $1 and institution = $2 and expires_at > $3",
        &[number.into(), institution.as_str().into(), now.0.into()],
    )?;
    rows.first()
        .map(|row| {
            let content = text(row.get(5), "kept_file.content")?;
            Ok(KeptFile {
                number: text(row.first(), "kept_file.file")?,
                institution: institution.clone(),
                name: text(row.get(1), "kept_file.name")?,
                made_by: text(row.get(2), "kept_file.made_by")?,
                kept: Instant(integer(row.get(3), "kept_file.kept_at")?),
                expires: Instant(integer(row.get(4), "kept_file.expires_at")?),
                content: STANDARD.decode(content).map_err(|why| damaged("kept_file.content", why))?,
            })
        })
        .transpose()
}

/// How many bytes are kept for an institution.
pub fn file_bytes_kept(
    store: &mut dyn Store,
    institution: &InstitutionCode,
    now: Instant,
) -> Result<i64, StoreError> {
    let rows = store.query(
        "select cast(coalesce(sum(size_bytes), 0) as bigint) from kept_file where institution = $1 and expires_at > $2",
        &[institution.as_str().into(), now.0.into()],
    )?;
    integer(super::first(rows, "kept_file")?.first(), "kept_file.size_bytes")
}

/// Removes the files that have expired; gives their number. Without any, nothing is written.
pub fn files_expire(store: &mut dyn Store, now: Instant) -> Result<usize, StoreError> {
    if store.query("select file from kept_file where expires_at <= $1 limit 1", &[now.0.into()])?.is_empty() {
        return Ok(0);
    }
    store.execute("delete from kept_file where expires_at <= $1", &[now.0.into()])
}
