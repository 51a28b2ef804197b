//! Letters on their way: outbox, inbox, and questions that wait for an answer.

use super::neighbours;
use super::received::MessageKey;
use super::{counter_next, decode, encode, integer, optional_text, text};
use crate::doors::{NodeId, Row, Store, StoreError};
use crate::letters::Letter;
use insurance::calendar::Instant;
use insurance::identity::Region;
use serde::{Serialize, de::DeserializeOwned};

/// Letters of a new database count from the millisecond of its birth: neighbours remember the letters of the one that
/// was there before it, and would take the same numbers for the same letters.
pub fn letters_begin(store: &mut dyn Store, born: Instant) -> Result<(), StoreError> {
    store
        .execute(
            "insert into counter (name, value) values ('letter', $1) on conflict (name) do nothing",
            &[born.0.into()],
        )
        .map(drop)
}

/// Puts a letter into the outbox for a neighbour. `question` is its own number where it waits for an answer.
pub fn outbox_add(
    store: &mut dyn Store,
    peer: NodeId,
    letter: &Letter,
    question: Option<&str>,
) -> Result<(), StoreError> {
    neighbours::neighbour_add(store, peer)?;
    let serial = counter_next(store, "outbox")?;
    store
        .execute(
            "insert into outbox (serial, peer, letter_id, question, body, written_at) \
             values ($1, $2, $3, $4, $5, $6)",
            &[
                serial.into(),
                peer.to_string().into(),
                letter.id.as_str().into(),
                question.map(str::to_owned).into(),
                encode(letter),
                letter.written.0.into(),
            ],
        )
        .map(drop)
}

/// The first letters after a number that wait for a neighbour: serial numbers and bodies.
pub fn outbox_first(
    store: &mut dyn Store,
    peer: NodeId,
    after: i64,
    most: i64,
) -> Result<Vec<(i64, String)>, StoreError> {
    let rows = store.query(
        "select serial, body from outbox where peer = $1 and serial > $2 order by serial limit $3",
        &[peer.to_string().into(), after.into(), most.into()],
    )?;
    rows.iter().map(|row| Ok((integer(row.first(), "outbox")?, text(row.get(1), "outbox")?))).collect()
}

/// The neighbours that have letters waiting.
pub fn outbox_peers(store: &mut dyn Store) -> Result<Vec<NodeId>, StoreError> {
    let rows = store.query(
        "select peer from neighbour where exists (select 1 from outbox where outbox.peer = neighbour.peer \
         and outbox.serial > neighbour.delivered) order by peer",
        &[],
    )?;
    rows.iter()
        .map(|row| {
            NodeId::try_from(text(row.first(), "outbox.peer")?)
                .map_err(|why| super::damaged("outbox.peer", why))
        })
        .collect()
}

/// How many letters wait, and since when the oldest does.
pub fn outbox_waiting(store: &mut dyn Store) -> Result<(i64, Option<Instant>), StoreError> {
    let rows = store.query(
        "select count(*), min(written_at) from neighbour join outbox on outbox.peer = neighbour.peer \
         and outbox.serial > neighbour.delivered",
        &[],
    )?;
    let row = super::first(rows, "outbox")?;
    Ok((integer(row.first(), "outbox")?, integer(row.get(1), "outbox").ok().map(Instant)))
}

/// Counts an attempt whose end nobody knows.
pub fn outbox_attempted(store: &mut dyn Store, peer: NodeId, up_to: i64) -> Result<(), StoreError> {
    store
        .execute(
            "update outbox set attempts = attempts + 1 where peer = $1 and serial <= $2 \
             and serial > (select coalesce(max(delivered), 0) from neighbour where neighbour.peer = $3)",
            &[peer.to_string().into(), up_to.into(), peer.to_string().into()],
        )
        .map(drop)
}

/// Counts an attempt for everything that waits: a node that stopped does not know what it had pushed.
pub fn outbox_all_attempted(store: &mut dyn Store) -> Result<(), StoreError> {
    store
        .execute(
            "update outbox set attempts = attempts + 1 where serial > \
             (select coalesce(max(delivered), 0) from neighbour where neighbour.peer = outbox.peer)",
            &[],
        )
        .map(drop)
}

/// Questions to a neighbour that certainly never left: their numbers and letters.
pub fn outbox_never_left(
    store: &mut dyn Store,
    peer: NodeId,
    up_to: i64,
) -> Result<Vec<(String, Letter)>, StoreError> {
    let rows = store.query(
        "select question, body from outbox \
         where peer = $1 and serial <= $2 and attempts = 0 and question is not null \
         and serial > (select coalesce(max(delivered), 0) from neighbour where neighbour.peer = $3) order by serial",
        &[peer.to_string().into(), up_to.into(), peer.to_string().into()],
    )?;
    rows.iter().map(|row| Ok((text(row.first(), "outbox")?, decode(row.get(1), "outbox")?))).collect()
}

/// Takes one question back out of the outbox.
pub fn outbox_withdraw(store: &mut dyn Store, question: &str) -> Result<usize, StoreError> {
    store.execute("delete from outbox where question = $1", &[question.into()])
}

/// Takes a question back that certainly never left: no attempt was made, and it is behind the last letter on its way.
pub fn outbox_withdraw_unsent(
    store: &mut dyn Store,
    question: &str,
    on_its_way: i64,
) -> Result<bool, StoreError> {
    let withdrawn = store.execute(
        "delete from outbox where question = $1 and attempts = 0 and serial > $2 \
         and serial > (select coalesce(max(delivered), 0) from neighbour where neighbour.peer = outbox.peer)",
        &[question.into(), on_its_way.into()],
    )?;
    Ok(withdrawn == 1)
}

/// Whether a question still waits in the outbox.
pub fn outbox_holds(store: &mut dyn Store, question: &str) -> Result<bool, StoreError> {
    let rows = store.query(
        "select 1 from outbox join neighbour on neighbour.peer = outbox.peer and outbox.serial > neighbour.delivered \
         where outbox.question = $1",
        &[question.into()],
    )?;
    Ok(!rows.is_empty())
}

/// Since when the first letter to a neighbour waits.
pub fn outbox_since(store: &mut dyn Store, peer: NodeId) -> Result<Option<Instant>, StoreError> {
    let rows = store.query(
        "select written_at from outbox where peer = $1 \
         and serial > (select coalesce(max(delivered), 0) from neighbour where neighbour.peer = $2) \
         order by serial limit 1",
        &[peer.to_string().into(), peer.to_string().into()],
    )?;
    rows.first().map(|row| integer(row.first(), "outbox").map(Instant)).transpose()
}

/// Notes that a letter has arrived; `false` where it had arrived before.
pub fn inbox_note(store: &mut dyn Store, letter: &str, at: Instant) -> Result<bool, StoreError> {
    let noted = store.execute(
        "insert into inbox (letter_id, received_at) values ($1, $2) on conflict (letter_id) do nothing",
        &[letter.into(), at.0.into()],
    )?;
    Ok(noted == 1)
}

/// A question that waits for an answer, with what is needed to go on.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting<C> {
    /// The number of the letter that asked.
    pub question: String,
    /// The insured place.
    pub place: Option<Region>,
    /// The institution's message that waits.
    pub institution: String,
    /// Its transaction.
    pub infno: String,
    /// Its number.
    pub msgid: String,
    /// When the wait ends.
    pub deadline: Instant,
    /// What was being done.
    pub context: C,
}

/// Notes a question.
pub fn question_add<C: Serialize>(
    store: &mut dyn Store,
    waiting: &Waiting<C>,
    asked: Instant,
) -> Result<(), StoreError> {
    store
        .execute(
            "insert into question (letter_id, state, place, institution, infno, msgid, asked_at, deadline_at, context) \
             values ($1, 'open', $2, $3, $4, $5, $6, $7, $8)",
            &[
                waiting.question.as_str().into(),
                waiting.place.map(|place| place.to_string()).into(),
                waiting.institution.as_str().into(),
                waiting.infno.as_str().into(),
                waiting.msgid.as_str().into(),
                asked.0.into(),
                waiting.deadline.0.into(),
                encode(&waiting.context),
            ],
        )
        .map(drop)
}

fn waiting<C: DeserializeOwned>(row: &Row) -> Result<Waiting<C>, StoreError> {
    let place = optional_text(row.get(1));
    Ok(Waiting {
        question: text(row.first(), "question")?,
        place: place
            .map(|code| Region::new(&code).map_err(|why| super::damaged("question.place", why)))
            .transpose()?,
        institution: text(row.get(2), "question")?,
        infno: text(row.get(3), "question")?,
        msgid: text(row.get(4), "question")?,
        deadline: Instant(integer(row.get(5), "question")?),
        context: decode(row.get(6), "question.context")?,
    })
}

/// Whether a question was ever asked here.
pub fn question_known(store: &mut dyn Store, question: &str) -> Result<bool, StoreError> {
    Ok(!store.query("select 1 from question where letter_id = $1", &[question.into()])?.is_empty())
}

/// A question that is still open, or was given up after its deadline (a late answer still ends it).
pub fn question_find<C: DeserializeOwned>(
    store: &mut dyn Store,
    question: &str,
) -> Result<Option<(Waiting<C>, bool)>, StoreError> {
    let rows = store.query(
        "select letter_id, place, institution, infno, msgid, deadline_at, context, state from question \
         where letter_id = $1 and state <> 'ended'",
        &[question.into()],
    )?;
    rows.first()
        .map(|row| Ok((waiting(row)?, optional_text(row.get(7)).as_deref() == Some("open"))))
        .transpose()
}

/// The open questions that one message of an institution has caused.
pub fn question_of_message<C: DeserializeOwned>(
    store: &mut dyn Store,
    key: &MessageKey,
) -> Result<Vec<Waiting<C>>, StoreError> {
    let rows = store.query(
        "select letter_id, place, institution, infno, msgid, deadline_at, context from question \
         where state = 'open' and institution = $1 and infno = $2 and msgid = $3 order by letter_id",
        &[key.institution.as_str().into(), key.infno.as_str().into(), key.msgid.as_str().into()],
    )?;
    rows.iter().map(waiting).collect()
}

/// Questions whose time has run out.
pub fn question_overdue<C: DeserializeOwned>(
    store: &mut dyn Store,
    now: Instant,
) -> Result<Vec<Waiting<C>>, StoreError> {
    let rows = store.query(
        "select letter_id, place, institution, infno, msgid, deadline_at, context from question \
         where state = 'open' and deadline_at <= $1 order by deadline_at, letter_id limit 200",
        &[now.0.into()],
    )?;
    rows.iter().map(waiting).collect()
}

/// Marks a question `overdue` (nobody waits any more) or `ended`.
pub fn question_mark(store: &mut dyn Store, question: &str, state: &str) -> Result<(), StoreError> {
    store
        .execute("update question set state = $1 where letter_id = $2", &[state.into(), question.into()])
        .map(drop)
}

/// How many questions wait.
pub fn question_open_count(store: &mut dyn Store) -> Result<i64, StoreError> {
    let rows = store.query("select count(*) from question where state = 'open'", &[])?;
    integer(super::first(rows, "question")?.first(), "question")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letters::{Ask, Content, Credential};
    use crate::store::migrations::migrate;
    use crate::store::sqlite::Sqlite;

    #[test]
    fn what_waited_when_a_node_stopped_may_have_left() {
        let mut store = Sqlite::in_memory().expect("a database");
        migrate(&mut store).expect("tables");
        let credential = Credential { digests: Vec::new(), name: None, field: "certno".into() };
        let letter = Letter {
            id: "22-1".into(),
            from: NodeId::Hub,
            written: Instant(0),
            content: Content::Ask { place: None, ask: Box::new(Ask::FindPerson(credential)) },
        };
        outbox_add(&mut store, NodeId::Hub, &letter, Some("22-1")).expect("kept");
        let never_left = |store: &mut Sqlite| outbox_never_left(store, NodeId::Hub, i64::MAX).expect("read");
        assert_eq!(never_left(&mut store), [("22-1".to_owned(), letter)]);
        outbox_all_attempted(&mut store).expect("counted");
        assert_eq!(never_left(&mut store), []);
    }
}
