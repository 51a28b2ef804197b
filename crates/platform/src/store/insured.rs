//! What the insured place keeps of care elsewhere: stays, and what it has booked.

use super::{decode, encode, integer, optional_text, text};
use crate::doors::{Store, StoreError};
use crate::letters::{CareSheet, SettledSheet, SettlementRef, StayRef};
use insurance::calendar::ServiceDate;
use insurance::identity::{PersonNo, Province, Region, SettlementId, VisitId};
use insurance::ledger::Fund;
use insurance::money::Fen;
use insurance::person::Insurance;
use insurance::settlement::State;
use serde::{Deserialize, Serialize};

/// A stay as the insured place knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    /// The visit's number.
    pub visit: String,
    /// Where.
    pub institution_name: String,
    /// Where.
    pub region: String,
    /// First day.
    pub begin: ServiceDate,
    /// Last day, where known.
    pub end: Option<ServiceDate>,
    /// The newest change that was applied.
    pub version: i64,
    /// `open` or `closed` (it never was, or was cancelled).
    pub state: String,
}

fn day(value: &str) -> Result<ServiceDate, StoreError> {
    value.parse().map_err(|why| super::damaged("a day", why))
}

/// All stays of a person by their first day, open, discharged and closed ones; the caller looks at `state`.
pub fn stays_of(store: &mut dyn Store, pool: Region, person: &PersonNo) -> Result<Vec<Stay>, StoreError> {
    let rows = store.query(
        "select visit, institution_name, region, begin_day, end_day, version, state from stay \
         where pool = $1 and person = $2 order by begin_day, visit",
        &[pool.to_string().into(), person.as_str().into()],
    )?;
    rows.iter()
        .map(|row| {
            Ok(Stay {
                visit: text(row.first(), "stay")?,
                institution_name: text(row.get(1), "stay")?,
                region: text(row.get(2), "stay")?,
                begin: day(&text(row.get(3), "stay")?)?,
                end: optional_text(row.get(4)).map(|end| day(&end)).transpose()?,
                version: integer(row.get(5), "stay")?,
                state: text(row.get(6), "stay")?,
            })
        })
        .collect()
}

/// Notes that a stay begins; `false` where its number is known already.
pub fn stay_open(store: &mut dyn Store, stay: &StayRef, care: &CareSheet) -> Result<bool, StoreError> {
    let added = store.execute(
        "insert into stay (pool, person, visit, institution, institution_name, region, version, begin_day, end_day, state) \
         values ($1, $2, $3, $4, $5, $6, 0, $7, $8, 'open') on conflict (pool, person, visit) do nothing",
        &[
            stay.pool.to_string().into(),
            stay.person.as_str().into(),
            stay.visit.as_str().into(),
            care.place.institution.as_str().into(),
            care.place.name.as_str().into(),
            care.place.region.to_string().into(),
            care.begin.to_string().into(),
            care.end.map(|end| end.to_string()).into(),
        ],
    )?;
    Ok(added == 1)
}

/// Changes a stay's days, unless a newer change has been applied.
pub fn stay_change(
    store: &mut dyn Store,
    stay: &StayRef,
    version: i64,
    begin: ServiceDate,
    end: Option<ServiceDate>,
) -> Result<usize, StoreError> {
    store.execute(
        "update stay set version = $1, begin_day = $2, end_day = $3 \
         where pool = $4 and person = $5 and visit = $6 and version < $7",
        &[
            version.into(),
            begin.to_string().into(),
            end.map(|end| end.to_string()).into(),
            stay.pool.to_string().into(),
            stay.person.as_str().into(),
            stay.visit.as_str().into(),
            version.into(),
        ],
    )
}

/// Notes that a stay never was, also where its beginning has not arrived yet: a late beginning is then refused.
pub fn stay_close(store: &mut dyn Store, stay: &StayRef) -> Result<(), StoreError> {
    store
        .execute(
            "insert into stay (pool, person, visit, institution, institution_name, region, version, begin_day, end_day, state) \
             values ($1, $2, $3, '', '', '', 0, '1970-01-01', null, 'closed') \
             on conflict (pool, person, visit) do update set state = 'closed'",
            &[stay.pool.to_string().into(), stay.person.as_str().into(), stay.visit.as_str().into()],
        )
        .map(drop)
}

/// What the insured place has booked for one settlement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Booked {
    /// What was answered.
    pub sheet: SettledSheet,
    /// Under which insurance the accumulators count.
    pub insurance: Insurance,
    /// What was taken from the accounts: own, family.
    pub wallet: (Fen, Fen),
    /// What each fund paid.
    pub funds: Vec<(Fund, Fen)>,
    /// The institution, for the books of care at home.
    pub institution: insurance::identity::InstitutionCode,
}

/// Saves where a settlement stands, new or changed.
pub fn insured_settlement_save(
    store: &mut dyn Store,
    key: &SettlementRef,
    state: State,
    booked: Option<&Booked>,
) -> Result<(), StoreError> {
    store
        .execute(
            "insert into insured_settlement (pool, person, settlement, visit, treatment, state, settled_day, data) \
             values ($1, $2, $3, $4, $5, $6, $7, $8) \
             on conflict (pool, person, settlement) do update set state = excluded.state",
            &[
                key.pool.to_string().into(),
                key.person.as_str().into(),
                key.settlement.as_str().into(),
                key.visit.as_str().into(),
                key.treatment.to_string().into(),
                state.code().into(),
                booked.map(|booked| booked.sheet.day.to_string()).into(),
                booked.map_or(crate::doors::Cell::Null, encode),
            ],
        )
        .map(drop)
}

/// Where a settlement stands.
pub fn insured_settlement_find(
    store: &mut dyn Store,
    key: &SettlementRef,
) -> Result<Option<(State, Option<Booked>)>, StoreError> {
    let rows = store.query(
        "select state, data from insured_settlement where pool = $1 and person = $2 and settlement = $3",
        &[key.pool.to_string().into(), key.person.as_str().into(), key.settlement.as_str().into()],
    )?;
    rows.first()
        .map(|row| {
            let word = text(row.first(), "insured_settlement")?;
            let state =
                State::of_code(&word).ok_or_else(|| super::damaged("insured_settlement.state", &word))?;
            let booked = match optional_text(row.get(1)) {
                Some(_) => Some(decode(row.get(1), "insured_settlement")?),
                None => None,
            };
            Ok((state, booked))
        })
        .transpose()
}

/// Whose settlement this is, which visit, where: as the insured place keeps it.
pub fn insured_settlement_key(
    store: &mut dyn Store,
    id: &SettlementId,
) -> Result<Option<SettlementRef>, StoreError> {
    let Some(key) = super::events::event_key_of(store, id)? else { return Ok(None) };
    let rows = store.query(
        "select visit, treatment from insured_settlement where pool = $1 and person = $2 and settlement = $3",
        &[key.pool.to_string().into(), key.person.as_str().into(), id.as_str().into()],
    )?;
    rows.first()
        .map(|row| {
            Ok(SettlementRef {
                pool: key.pool,
                person: key.person,
                visit: VisitId::new(text(row.first(), "insured_settlement")?)
                    .map_err(|why| super::damaged("insured_settlement.visit", why))?,
                settlement: id.clone(),
                treatment: Province::new(&text(row.get(1), "insured_settlement")?)
                    .map_err(|why| super::damaged("insured_settlement.treatment", why))?,
            })
        })
        .transpose()
}

/// The settlement of a stay that stands, where one does. Inpatient visits have one at most.
pub fn insured_settlement_standing(
    store: &mut dyn Store,
    stay: &StayRef,
) -> Result<Option<String>, StoreError> {
    let rows = store.query(
        "select settlement from insured_settlement where pool = $1 and person = $2 and visit = $3 and state = 'settled' \
         order by settlement limit 1",
        &[stay.pool.to_string().into(), stay.person.as_str().into(), stay.visit.as_str().into()],
    )?;
    Ok(rows.first().and_then(|row| optional_text(row.first())))
}

/// How many settlements of the same person stand that were booked after this one.
pub fn insured_settlements_later(store: &mut dyn Store, key: &SettlementRef) -> Result<i64, StoreError> {
    let (pool, person) = (key.pool.to_string(), key.person.as_str());
    let rows = store.query(
        "select count(*) from settlement_event later join insured_settlement other \
         on other.pool = later.pool and other.person = later.person and other.settlement = later.settlement \
         where later.pool = $1 and later.person = $2 and later.office = 'insured' \
         and later.event = 'settlement_booked' and other.state = 'settled' and later.happened_at > \
         (select max(mine.happened_at) from settlement_event mine where mine.pool = $3 and mine.person = $4 \
         and mine.settlement = $5 and mine.office = 'insured' and mine.event = 'settlement_booked')",
        &[
            pool.as_str().into(),
            person.into(),
            pool.as_str().into(),
            person.into(),
            key.settlement.as_str().into(),
        ],
    )?;
    integer(super::first(rows, "insured_settlement")?.first(), "insured_settlement")
}
