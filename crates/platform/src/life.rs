//! 经过: the one way in which a settlement changes its state, at either office: through the table of
//! `insurance::settlement`, and written down with its event, the instant and the cause in the same step.

use crate::doors::{Store, StoreError};
use crate::letters::SettlementRef;
use crate::records::{SettlementRecord, Visit};
use crate::store::events::{EventKey, Happened, Office, event_add};
use crate::store::insured::{Booked, insured_settlement_save};
use crate::store::resolving::resolving_end;
use crate::store::settlements::settlement_save;
use insurance::calendar::Instant;
use insurance::settlement::{Event, State};
use std::fmt;

/// Why something changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A message of an institution: transaction and number.
    Message(String, String),
    /// An answer of the insured place, or of the hub, to this letter.
    Answer(String),
    /// A letter of the treatment place.
    Letter(String),
    /// The time ran out.
    Clock,
    /// A person pressed a button, by their name.
    Operator(String),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Message(infno, msgid) => write!(f, "message {infno} {msgid}"),
            Cause::Answer(question) => write!(f, "answer {question}"),
            Cause::Letter(id) => write!(f, "letter {id}"),
            Cause::Clock => f.write_str("clock"),
            Cause::Operator(name) => write!(f, "operator {name}"),
        }
    }
}

/// When something happens, and why.
#[derive(Clone, Debug)]
pub struct Moment {
    /// When.
    pub at: Instant,
    /// Why.
    pub cause: Cause,
}

impl Moment {
    /// Now, because of this.
    pub fn new(at: Instant, cause: Cause) -> Moment {
        Moment { at, cause }
    }
}

/// Moves a settlement of the treatment office along the table, and saves it with whatever else has changed in it.
///
/// # Panics
/// Where the table does not hold the change: that can only be a bug.
pub fn treatment_moves(
    store: &mut dyn Store,
    moment: &Moment,
    visit: &Visit,
    record: &mut SettlementRecord,
    event: Event,
) -> Result<(), StoreError> {
    let from = record.state;
    record.state = from.after(event).unwrap_or_else(|error| panic!("{error} ({})", record.id));
    settlement_save(store, visit, record)?;
    let key = event_key(visit, record);
    if from.is_open() && !record.state.is_open() {
        resolving_end(store, &key)?;
    }
    event_add(store, &key, &happened(moment, Office::Treatment, event, from, record.state))
}

/// Whose settlement, and which.
pub fn event_key(visit: &Visit, record: &SettlementRecord) -> EventKey {
    EventKey { pool: visit.pool(), person: visit.person.person_no.clone(), settlement: record.id.clone() }
}

/// Moves a settlement of the insured office along the table; `booked` where it is booked now.
///
/// # Panics
/// Where the table does not hold the change: that can only be a bug.
pub fn insured_moves(
    store: &mut dyn Store,
    moment: &Moment,
    key: &SettlementRef,
    from: State,
    event: Event,
    booked: Option<&Booked>,
) -> Result<(), StoreError> {
    let to = from.after(event).unwrap_or_else(|error| panic!("{error} ({})", key.settlement));
    insured_settlement_save(store, key, to, booked)?;
    let of = EventKey { pool: key.pool, person: key.person.clone(), settlement: key.settlement.clone() };
    event_add(store, &of, &happened(moment, Office::Insured, event, from, to))
}

fn happened(moment: &Moment, office: Office, event: Event, from: State, to: State) -> Happened {
    Happened { office, event, from, to, at: moment.at, cause: moment.cause.to_string() }
}
