//! The clock of every settlement of the treatment office whose end is not known on both sides yet.

use super::events::EventKey;
use super::{integer, optional_text, text};
use crate::doors::{Cell, Row, Store, StoreError};
use insurance::calendar::Instant;
use insurance::identity::{PersonNo, Region, SettlementId};

/// What a person has ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Ask again now.
    Ask,
    /// Cancel safely: it will never be booked.
    Cancel,
}

/// One key that is being resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolving {
    /// Which.
    pub key: EventKey,
    /// The letter whose answer ends it.
    pub question: String,
    /// The last letter that asked how it stands.
    pub probe: Option<String>,
    /// Since when its end is not known.
    pub since: Instant,
    /// When it is asked about next.
    pub next: Instant,
    /// How often it was asked about.
    pub asked: i64,
    /// What was heard last: a state, or the name of a refusal; and when.
    pub heard: Option<(String, Instant)>,
    /// When it was handed over to a person.
    pub handed_over: Option<Instant>,
    /// What a person has ordered, and who.
    pub ordered: Option<(Order, String)>,
}

fn named(key: &EventKey) -> [Cell; 3] {
    [key.pool.to_string().into(), key.person.as_str().into(), key.settlement.as_str().into()]
}

/// Starts the clock, or sets it anew where another question is asked about the same key.
pub fn resolving_begin(
    store: &mut dyn Store,
    key: &EventKey,
    question: &str,
    since: Instant,
    next: Instant,
) -> Result<(), StoreError> {
    let [pool, person, settlement] = named(key);
    store.change(
        "insert into resolving (pool, person, settlement, question, since_at, next_at) \
             values ($1, $2, $3, $4, $5, $6) on conflict (pool, person, settlement) do update set \
             question = excluded.question, probe = null, next_at = excluded.next_at, asked_times = 0, \
             ordered = null, ordered_by = null",
        &[pool, person, settlement, question.into(), since.0.into(), next.0.into()],
    )
}

/// Both sides agree: the clock is taken away.
pub fn resolving_end(store: &mut dyn Store, key: &EventKey) -> Result<(), StoreError> {
    store.change("delete from resolving where pool = $1 and person = $2 and settlement = $3", &named(key))
}

/// The clock of one key.
pub fn resolving_find(store: &mut dyn Store, key: &EventKey) -> Result<Option<Resolving>, StoreError> {
    let rows = store.query(
        "select pool, person, settlement, question, probe, since_at, next_at, asked_times, heard, heard_at, \
         handed_over_at, ordered, ordered_by from resolving where pool = $1 and person = $2 and settlement = $3",
        &named(key),
    )?;
    rows.first().map(resolving).transpose()
}

/// Keys whose time has come, also where the clock was set back far below what it said when they were written.
pub fn resolving_due(
    store: &mut dyn Store,
    now: Instant,
    longest_ms: i64,
) -> Result<Vec<Resolving>, StoreError> {
    let mut rows = store.query(
        "select pool, person, settlement, question, probe, since_at, next_at, asked_times, heard, heard_at, \
         handed_over_at, ordered, ordered_by from resolving where next_at <= $1 order by next_at limit 50",
        &[now.0.into()],
    )?;
    // Two readings from the ends of the index: one that looks for either goes through all that lies between.
    rows.extend(store.query(
        "select pool, person, settlement, question, probe, since_at, next_at, asked_times, heard, heard_at, \
         handed_over_at, ordered, ordered_by from resolving where next_at > $1 order by next_at limit 50",
        &[now.plus_ms(longest_ms).0.into()],
    )?);
    rows.iter().map(resolving).collect()
}

/// Every key, the oldest first; no more than a person can read.
pub fn resolving_all(store: &mut dyn Store) -> Result<Vec<Resolving>, StoreError> {
    let rows = store.query(
        "select pool, person, settlement, question, probe, since_at, next_at, asked_times, heard, heard_at, \
         handed_over_at, ordered, ordered_by from resolving order by since_at, settlement limit 1000",
        &[],
    )?;
    rows.iter().map(resolving).collect()
}

fn resolving(row: &Row) -> Result<Resolving, StoreError> {
    let what = "resolving";
    let instant = |place: usize| integer(row.get(place), what).map(Instant);
    let pool = text(row.first(), what)?;
    let heard = optional_text(row.get(8));
    let ordered = match optional_text(row.get(11)).as_deref() {
        Some("cancel") => Some(Order::Cancel),
        Some(_) => Some(Order::Ask),
        None => None,
    };
    Ok(Resolving {
        key: EventKey {
            pool: Region::new(&pool).map_err(|why| super::damaged("resolving.pool", why))?,
            person: PersonNo::new(text(row.get(1), what)?)
                .map_err(|why| super::damaged("resolving.person", why))?,
            settlement: SettlementId::new(text(row.get(2), what)?)
                .map_err(|why| super::damaged("resolving.settlement", why))?,
        },
        question: text(row.get(3), what)?,
        probe: optional_text(row.get(4)),
        since: instant(5)?,
        next: instant(6)?,
        asked: integer(row.get(7), what)?,
        heard: match heard {
            Some(heard) => Some((heard, instant(9)?)),
            None => None,
        },
        handed_over: instant(10).ok(),
        ordered: ordered.map(|order| (order, optional_text(row.get(12)).unwrap_or_default())),
    })
}

/// It was asked about; the next time is this.
pub fn resolving_asked(
    store: &mut dyn Store,
    key: &EventKey,
    probe: Option<&str>,
    next: Instant,
) -> Result<(), StoreError> {
    let [pool, person, settlement] = named(key);
    store.change(
        "update resolving set probe = coalesce($1, probe), next_at = $2, asked_times = asked_times + 1, \
             ordered = null, ordered_by = null where pool = $3 and person = $4 and settlement = $5",
        &[probe.map(str::to_owned).into(), next.0.into(), pool, person, settlement],
    )
}

/// What was heard.
pub fn resolving_heard(
    store: &mut dyn Store,
    key: &EventKey,
    heard: &str,
    at: Instant,
) -> Result<(), StoreError> {
    let [pool, person, settlement] = named(key);
    store.change(
        "update resolving set heard = $1, heard_at = $2 where pool = $3 and person = $4 and settlement = $5",
        &[heard.into(), at.0.into(), pool, person, settlement],
    )
}

/// It is handed over to a person.
pub fn resolving_handed_over(store: &mut dyn Store, key: &EventKey, at: Instant) -> Result<(), StoreError> {
    let [pool, person, settlement] = named(key);
    store.change(
        "update resolving set handed_over_at = $1 where pool = $2 and person = $3 and settlement = $4",
        &[at.0.into(), pool, person, settlement],
    )
}

/// A person orders something; it is done at the next tick. Gives whether there is such a key.
pub fn resolving_order(
    store: &mut dyn Store,
    key: &EventKey,
    order: Order,
    by: &str,
) -> Result<bool, StoreError> {
    let [pool, person, settlement] = named(key);
    let word = match order {
        Order::Ask => "ask",
        Order::Cancel => "cancel",
    };
    let changed = store.execute(
        "update resolving set ordered = $1, ordered_by = $2, next_at = 0 \
         where pool = $3 and person = $4 and settlement = $5",
        &[word.into(), by.into(), pool, person, settlement],
    )?;
    Ok(changed == 1)
}
