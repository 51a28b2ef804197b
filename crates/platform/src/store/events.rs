//! What happened to each settlement, in order. An event is added and never changed.

use super::{integer, text};
use crate::doors::{Row, Store, StoreError};
use insurance::calendar::Instant;
use insurance::identity::{PersonNo, Region, SettlementId};
use insurance::settlement::{Event, State};

/// The office that a change of state belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Office {
    /// 就医地
    Treatment,
    /// 参保地
    Insured,
}

impl Office {
    /// The word that the store keeps.
    pub fn code(self) -> &'static str {
        match self {
            Office::Treatment => "treatment",
            Office::Insured => "insured",
        }
    }
}

/// Whose settlement, and which.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventKey {
    /// Where insured.
    pub pool: Region,
    /// Whose.
    pub person: PersonNo,
    /// The settlement.
    pub settlement: SettlementId,
}

/// One change of state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    /// At which office.
    pub office: Office,
    /// What.
    pub event: Event,
    /// Where it stood.
    pub from: State,
    /// Where it stands since.
    pub to: State,
    /// When.
    pub at: Instant,
    /// Why.
    pub cause: String,
}

/// Writes down one change, in the next place of its office.
pub fn event_add(store: &mut dyn Store, key: &EventKey, happened: &Happened) -> Result<(), StoreError> {
    let (pool, person) = (key.pool.to_string(), key.person.as_str());
    let (settlement, office) = (key.settlement.as_str(), happened.office.code());
    store.change(
        "insert into settlement_event \
         (pool, person, settlement, office, place, event, from_state, to_state, happened_at, cause) \
         values ($1, $2, $3, $4, (select count(*) + 1 from settlement_event \
         where pool = $5 and person = $6 and settlement = $7 and office = $8), $9, $10, $11, $12, $13)",
        &[
            pool.as_str().into(),
            person.into(),
            settlement.into(),
            office.into(),
            pool.as_str().into(),
            person.into(),
            settlement.into(),
            office.into(),
            happened.event.code().into(),
            happened.from.code().into(),
            happened.to.code().into(),
            happened.at.0.into(),
            happened.cause.as_str().into(),
        ],
    )
}

fn happened(row: &Row) -> Result<Happened, StoreError> {
    let word = |place: usize| text(row.get(place), "settlement_event");
    let state = |place: usize| {
        let code = word(place)?;
        State::of_code(&code).ok_or_else(|| super::damaged("settlement_event.state", &code))
    };
    let event = word(1)?;
    Ok(Happened {
        office: if word(0)? == "treatment" { Office::Treatment } else { Office::Insured },
        event: Event::of_code(&event).ok_or_else(|| super::damaged("settlement_event.event", &event))?,
        from: state(2)?,
        to: state(3)?,
        at: Instant(integer(row.get(4), "settlement_event")?),
        cause: word(5)?,
    })
}

/// What happened to one settlement at this node, in order, office by office.
pub fn events_of(store: &mut dyn Store, settlement: &SettlementId) -> Result<Vec<Happened>, StoreError> {
    let rows = store.query(
        "select office, event, from_state, to_state, happened_at, cause from settlement_event \
         where settlement = $1 order by office desc, place",
        &[settlement.as_str().into()],
    )?;
    rows.iter().map(happened).collect()
}

/// Whose settlement this is, where this node has seen it.
pub fn event_key_of(
    store: &mut dyn Store,
    settlement: &SettlementId,
) -> Result<Option<EventKey>, StoreError> {
    let rows = store.query(
        "select pool, person from settlement_event where settlement = $1 limit 1",
        &[settlement.as_str().into()],
    )?;
    let Some(row) = rows.first() else { return Ok(None) };
    let what = "settlement_event";
    Ok(Some(EventKey {
        pool: Region::new(&text(row.first(), what)?).map_err(|why| super::damaged(what, why))?,
        person: PersonNo::new(text(row.get(1), what)?).map_err(|why| super::damaged(what, why))?,
        settlement: settlement.clone(),
    }))
}

/// Every event of a node, settlement by settlement, for those who check.
pub fn events_all(store: &mut dyn Store) -> Result<Vec<(String, Happened)>, StoreError> {
    let rows = store.query(
        "select office, event, from_state, to_state, happened_at, cause, settlement from settlement_event \
         order by settlement, office, place",
        &[],
    )?;
    rows.iter().map(|row| Ok((text(row.get(6), "settlement_event")?, happened(row)?))).collect()
}
