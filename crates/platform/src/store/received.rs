//! Messages of institutions: written down before they are acted on, with the answer once there is one.

use super::{integer, optional_text, text};
use crate::doors::{Store, StoreError};
use insurance::calendar::Instant;

/// The key of a message: institution, transaction, number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct MessageKey {
    /// 定点医药机构编号
    pub institution: String,
    /// 交易编号
    pub infno: String,
    /// 发送方报文ID
    pub msgid: String,
}

/// What is known of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Digest of its content.
    pub digest: String,
    /// `open`, `answered`, or `reversed` (2601 came before it, or undid it).
    pub state: String,
    /// The stored answer.
    pub answer: Option<String>,
    /// The person it names.
    pub person: Option<String>,
    /// The settlement that it made or took back.
    pub settlement: Option<String>,
    /// The visit that it opened.
    pub visit: Option<String>,
    /// When it came.
    pub at: Instant,
}

/// Writes a message down; `false` where the key is known.
pub fn received_add(
    store: &mut dyn Store,
    key: &MessageKey,
    digest: &str,
    person: Option<String>,
    at: Instant,
    state: &str,
) -> Result<bool, StoreError> {
    let added = store.execute(
        "insert into received (institution, infno, msgid, digest, person, received_at, state) \
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (institution, infno, msgid) do nothing",
        &[
            key.institution.as_str().into(),
            key.infno.as_str().into(),
            key.msgid.as_str().into(),
            digest.into(),
            person.into(),
            at.0.into(),
            state.into(),
        ],
    )?;
    Ok(added == 1)
}

/// Finds a message.
pub fn received_find(store: &mut dyn Store, key: &MessageKey) -> Result<Option<Received>, StoreError> {
    let rows = store.query(
        "select digest, state, answer, person, settlement, visit, received_at from received \
         where institution = $1 and infno = $2 and msgid = $3",
        &[key.institution.as_str().into(), key.infno.as_str().into(), key.msgid.as_str().into()],
    )?;
    rows.first()
        .map(|row| {
            Ok(Received {
                digest: text(row.first(), "received")?,
                state: text(row.get(1), "received")?,
                answer: optional_text(row.get(2)),
                person: optional_text(row.get(3)),
                settlement: optional_text(row.get(4)),
                visit: optional_text(row.get(5)),
                at: Instant(integer(row.get(6), "received")?),
            })
        })
        .transpose()
}

/// The msgid of the message that was answered with this `inf_refmsgid`: some clients keep only the receiver's number.
pub fn received_find_answered(
    store: &mut dyn Store,
    institution: &str,
    infno: &str,
    refmsgid: &str,
) -> Result<Option<String>, StoreError> {
    let rows = store.query(
        "select msgid from received where institution = $1 and infno = $2 and answer like $3",
        &[institution.into(), infno.into(), format!("%\"inf_refmsgid\":\"{refmsgid}\"%").into()],
    )?;
    rows.first().map(|row| text(row.first(), "received")).transpose()
}

/// Keeps the answer.
pub fn received_answered(store: &mut dyn Store, key: &MessageKey, answer: &str) -> Result<(), StoreError> {
    store.change(
        "update received set state = case when state = 'open' then 'answered' else state end, answer = $1 \
             where institution = $2 and infno = $3 and msgid = $4",
        &[
            answer.into(),
            key.institution.as_str().into(),
            key.infno.as_str().into(),
            key.msgid.as_str().into(),
        ],
    )
}

/// Notes what the message made, so that 2601 finds it.
pub fn received_made(
    store: &mut dyn Store,
    key: &MessageKey,
    settlement: Option<&str>,
    visit: Option<&str>,
) -> Result<(), StoreError> {
    store.change(
        "update received set settlement = coalesce($1, settlement), visit = coalesce($2, visit) \
             where institution = $3 and infno = $4 and msgid = $5",
        &[
            settlement.map(str::to_owned).into(),
            visit.map(str::to_owned).into(),
            key.institution.as_str().into(),
            key.infno.as_str().into(),
            key.msgid.as_str().into(),
        ],
    )
}

/// Marks a message as reversed: a late original of the same key is then refused.
pub fn received_reversed(store: &mut dyn Store, key: &MessageKey) -> Result<(), StoreError> {
    store.change(
        "update received set state = 'reversed' where institution = $1 and infno = $2 and msgid = $3",
        &[key.institution.as_str().into(), key.infno.as_str().into(), key.msgid.as_str().into()],
    )
}

/// Signs an operator in.
pub fn session_add(
    store: &mut dyn Store,
    sign_no: &str,
    institution: &str,
    operator: &str,
    at: Instant,
) -> Result<(), StoreError> {
    store.change(
        "insert into session (sign_no, institution, operator, signed_in_at) values ($1, $2, $3, $4)",
        &[sign_no.into(), institution.into(), operator.into(), at.0.into()],
    )
}

/// Signs an operator out; the number of sessions that were open.
pub fn session_end(
    store: &mut dyn Store,
    sign_no: &str,
    institution: &str,
    at: Instant,
) -> Result<usize, StoreError> {
    store.execute(
        "update session set signed_out_at = $1 where sign_no = $2 and institution = $3 and signed_out_at is null",
        &[at.0.into(), sign_no.into(), institution.into()],
    )
}
