//! Neighbours: how far each has come with our letters and we with its, who is behind, and what waits until they have
//! caught up.

use super::{counter_next, damaged, decode, encode, integer, optional_text, text};
use crate::doors::{Cell, NodeId, Row, Store, StoreError};
use crate::letters::Letter;
use insurance::calendar::Instant;
use serde::Serialize;

/// How it stands between this node and a neighbour, by the numbers of their outboxes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// It has committed our letters up to this number.
    pub delivered: i64,
    /// We have committed its letters up to this number; nothing where we never had any.
    pub heard: Option<i64>,
    /// Our letters up to this number are no longer kept.
    pub pruned: i64,
}

/// Makes sure that a neighbour is listed.
pub fn neighbour_add(store: &mut dyn Store, peer: NodeId) -> Result<(), StoreError> {
    store
        .execute("insert into neighbour (peer) values ($1) on conflict (peer) do nothing", &[name(peer)])
        .map(drop)
}

/// How it stands with a neighbour.
pub fn neighbour_find(store: &mut dyn Store, peer: NodeId) -> Result<Standing, StoreError> {
    let rows =
        store.query("select delivered, heard, pruned from neighbour where peer = $1", &[name(peer)])?;
    let Some(row) = rows.first() else { return Ok(Standing::default()) };
    Ok(Standing {
        delivered: integer(row.first(), "neighbour.delivered")?,
        heard: match row.get(1) {
            Some(Cell::Int(heard)) => Some(*heard),
            _ => None,
        },
        pruned: integer(row.get(2), "neighbour.pruned")?,
    })
}

/// It has committed our letters up to a number; never fewer than before.
pub fn neighbour_delivered(store: &mut dyn Store, peer: NodeId, up_to: i64) -> Result<(), StoreError> {
    store
        .execute(
            "insert into neighbour (peer, delivered) values ($1, $2) on conflict (peer) do update set delivered = \
             case when neighbour.delivered < excluded.delivered then excluded.delivered else neighbour.delivered end",
            &[name(peer), up_to.into()],
        )
        .map(drop)
}

/// We have committed its letters up to a number; never fewer than before.
pub fn neighbour_heard(store: &mut dyn Store, peer: NodeId, up_to: i64) -> Result<(), StoreError> {
    store
        .execute(
            "insert into neighbour (peer, heard) values ($1, $2) on conflict (peer) do update set heard = \
             case when coalesce(neighbour.heard, 0) < excluded.heard then excluded.heard else neighbour.heard end",
            &[name(peer), up_to.into()],
        )
        .map(drop)
}

/// The number that the last letter of the outbox has; 0 where there never was one.
pub fn outbox_last(store: &mut dyn Store) -> Result<i64, StoreError> {
    let rows = store.query("select value from counter where name = 'outbox'", &[])?;
    rows.first().map_or(Ok(0), |row| integer(row.first(), "counter"))
}

/// Lets the outbox count on above a number that neighbours have seen already.
pub fn outbox_counts_above(store: &mut dyn Store, number: i64) -> Result<(), StoreError> {
    store
        .execute(
            "insert into counter (name, value) values ('outbox', $1) on conflict (name) do update set value = \
             case when counter.value < excluded.value then excluded.value else counter.value end",
            &[number.into()],
        )
        .map(drop)
}

/// When the last letter up to a number was written to a neighbour; the beginning of time where none is kept.
pub fn outbox_written_at(store: &mut dyn Store, peer: NodeId, up_to: i64) -> Result<Instant, StoreError> {
    let rows = store.query(
        "select written_at from outbox where peer = $1 and serial <= $2 order by serial desc limit 1",
        &[name(peer), up_to.into()],
    )?;
    rows.first().map_or(Ok(Instant(0)), |row| integer(row.first(), "outbox").map(Instant))
}

/// Letters to a neighbour that it had committed, behind one number and up to another: serial numbers and letters.
pub fn outbox_kept(
    store: &mut dyn Store,
    peer: NodeId,
    after: i64,
    up_to: i64,
    most: i64,
) -> Result<Vec<(i64, Letter)>, StoreError> {
    let rows = store.query(
        "select serial, body from outbox where peer = $1 and serial > $2 and serial <= $3 order by serial limit $4",
        &[name(peer), after.into(), up_to.into(), most.into()],
    )?;
    rows.iter().map(|row| Ok((integer(row.first(), "outbox")?, decode(row.get(1), "outbox")?))).collect()
}

/// Letters that a neighbour has written and that were passed on to others, from an instant on, behind a number and up to another.
pub fn outbox_written_by(
    store: &mut dyn Store,
    writer: NodeId,
    since: Instant,
    after: i64,
    up_to: i64,
    most: i64,
) -> Result<Vec<(i64, Letter)>, StoreError> {
    let (first, behind) = (format!("{writer}-"), format!("{writer}."));
    let rows = store.query(
        "select serial, body from outbox where serial > $1 and serial <= $2 and letter_id > $3 and letter_id < $4 \
         and peer <> $5 and written_at >= $6 order by serial limit $7",
        &[after.into(), up_to.into(), first.into(), behind.into(), name(writer), since.0.into(), most.into()],
    )?;
    rows.iter().map(|row| Ok((integer(row.first(), "outbox")?, decode(row.get(1), "outbox")?))).collect()
}

/// Forgets delivered letters that were written before an instant; gives how many.
pub fn outbox_prune(store: &mut dyn Store, peer: NodeId, before: Instant) -> Result<usize, StoreError> {
    store.execute(
        "update neighbour set pruned = coalesce((select max(serial) from outbox where outbox.peer = neighbour.peer \
         and written_at < $1 and serial <= neighbour.delivered), pruned) where peer = $2",
        &[before.0.into(), name(peer)],
    )?;
    store.execute(
        "delete from outbox where peer = $1 and serial <= (select pruned from neighbour where peer = $2)",
        &[name(peer), name(peer)],
    )
}

/// Which side is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// This node is.
    Here,
    /// The neighbour is.
    There,
}

impl Side {
    fn word(self) -> &'static str {
        match self {
            Side::Here => "here",
            Side::There => "there",
        }
    }
}

/// A node that was found to be behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Behind {
    /// The neighbour.
    pub peer: NodeId,
    /// When it was found.
    pub noticed: Instant,
    /// Who is behind.
    pub side: Side,
    /// Letters to the one that is behind are missing, after and until these numbers.
    pub lost: (i64, i64),
    /// Letters by the one that is behind are unknown to it, after and until these numbers.
    pub own: (i64, i64),
    /// When it had caught up.
    pub caught_up: Option<Instant>,
    /// Whether everything that was missing was still kept.
    pub complete: Option<bool>,
}

/// Notes that a node is behind.
pub fn behind_add(store: &mut dyn Store, behind: &Behind) -> Result<(), StoreError> {
    store
        .execute(
            "insert into behind (peer, noticed_at, side, lost_after, lost_until, own_after, own_until) \
             values ($1, $2, $3, $4, $5, $6, $7) on conflict (peer, noticed_at) do nothing",
            &[
                name(behind.peer),
                behind.noticed.0.into(),
                behind.side.word().into(),
                behind.lost.0.into(),
                behind.lost.1.into(),
                behind.own.0.into(),
                behind.own.1.into(),
            ],
        )
        .map(drop)
}

/// Notes that it has caught up.
pub fn behind_end(
    store: &mut dyn Store,
    peer: NodeId,
    side: Side,
    at: Instant,
    complete: bool,
) -> Result<(), StoreError> {
    store
        .execute(
            "update behind set caught_up_at = $1, complete = $2 \
             where peer = $3 and side = $4 and caught_up_at is null",
            &[at.0.into(), i64::from(complete).into(), name(peer), side.word().into()],
        )
        .map(drop)
}

/// Who has not caught up yet.
pub fn behind_open(store: &mut dyn Store) -> Result<Vec<Behind>, StoreError> {
    let rows = store.query(
        "select peer, noticed_at, side, lost_after, lost_until, own_after, own_until, caught_up_at, complete \
         from behind where caught_up_at is null order by noticed_at, peer",
        &[],
    )?;
    rows.iter().map(behind).collect()
}

/// Every time that a node was found to be behind, oldest first.
pub fn behind_all(store: &mut dyn Store) -> Result<Vec<Behind>, StoreError> {
    let rows = store.query(
        "select peer, noticed_at, side, lost_after, lost_until, own_after, own_until, caught_up_at, complete \
         from behind order by noticed_at, peer",
        &[],
    )?;
    rows.iter().map(behind).collect()
}

fn behind(row: &Row) -> Result<Behind, StoreError> {
    let number = |place: usize| integer(row.get(place), "behind");
    Ok(Behind {
        peer: NodeId::try_from(text(row.first(), "behind.peer")?)
            .map_err(|why| damaged("behind.peer", why))?,
        noticed: Instant(number(1)?),
        side: match optional_text(row.get(2)).as_deref() {
            Some("here") => Side::Here,
            _ => Side::There,
        },
        lost: (number(3)?, number(4)?),
        own: (number(5)?, number(6)?),
        caught_up: number(7).ok().map(Instant),
        complete: number(8).ok().map(|complete| complete == 1),
    })
}

/// Notes what cannot be got back from letters, for the node that is behind a neighbour.
pub fn lost_add(store: &mut dyn Store, peer: NodeId, what: &str) -> Result<(), StoreError> {
    let place = counter_next(store, "behind_lost")?;
    store
        .execute(
            "insert into behind_lost (peer, noticed_at, place, what) select peer, max(noticed_at), cast($1 as bigint), cast($2 as text) from behind \
             where peer = $3 and side = 'here' group by peer",
            &[place.into(), what.into(), name(peer)],
        )
        .map(drop)
}

/// What could not be got back since a node was found to be behind.
pub fn lost_of(store: &mut dyn Store, behind: &Behind) -> Result<Vec<String>, StoreError> {
    let rows = store.query(
        "select what from behind_lost where peer = $1 and noticed_at = $2 order by place",
        &[name(behind.peer), behind.noticed.0.into()],
    )?;
    rows.iter().map(|row| text(row.first(), "behind_lost.what")).collect()
}

/// What a letter waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aside {
    /// This node wrote it, and knows it no longer.
    Own,
    /// It is newer than what is missing.
    Later,
}

impl Aside {
    fn word(self) -> &'static str {
        match self {
            Aside::Own => "own",
            Aside::Later => "later",
        }
    }
}

/// Sets a letter aside; `about` is what it is looked up by.
pub fn aside_add(
    store: &mut dyn Store,
    peer: NodeId,
    kind: Aside,
    about: &str,
    letter: &Letter,
) -> Result<(), StoreError> {
    let serial = counter_next(store, "aside")?;
    store
        .execute(
            "insert into aside (serial, peer, kind, letter_id, about, body) values ($1, $2, $3, $4, $5, $6)",
            &[
                serial.into(),
                name(peer),
                kind.word().into(),
                letter.id.as_str().into(),
                about.into(),
                encode(letter),
            ],
        )
        .map(drop)
}

/// The letters that were set aside and are looked up by this, oldest first.
pub fn aside_about(
    store: &mut dyn Store,
    peer: NodeId,
    kind: Aside,
    about: &str,
) -> Result<Vec<Letter>, StoreError> {
    let rows = store.query(
        "select body from aside where peer = $1 and kind = $2 and about = $3 order by serial",
        &[name(peer), kind.word().into(), about.into()],
    )?;
    super::decode_all(rows, "aside.body")
}

/// Every letter of a kind that was set aside, oldest first.
pub fn aside_all(store: &mut dyn Store, peer: NodeId, kind: Aside) -> Result<Vec<Letter>, StoreError> {
    let rows = store.query(
        "select body from aside where peer = $1 and kind = $2 order by serial",
        &[name(peer), kind.word().into()],
    )?;
    super::decode_all(rows, "aside.body")
}

/// Forgets what was set aside.
pub fn aside_end(store: &mut dyn Store, peer: NodeId) -> Result<(), StoreError> {
    store.execute("delete from aside where peer = $1", &[name(peer)]).map(drop)
}

fn name(peer: NodeId) -> Cell {
    peer.to_string().into()
}
