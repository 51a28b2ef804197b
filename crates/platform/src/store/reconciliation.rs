//! The books and records of one day in the order of their settlements, as they are laid side by side, and everything
//! that this node holds of one settlement.

use super::insured::Booked;
use super::{decode, integer, text};
use crate::doors::{NodeId, Store, StoreError};
use crate::records::SettlementRecord;
use crate::statements::{Line, Pair};
use insurance::calendar::{Instant, ServiceDate};
use insurance::identity::{Province, Region, SettlementId};
use insurance::ledger::{Fund, JournalKind};
use insurance::money::Fen;
use insurance::reconciliation::{Funds, Held, Party, Posting, Recorded};
use insurance::settlement::State;
use std::collections::BTreeMap;

/// A page of a day.
#[derive(Debug, Default)]
pub struct DayPage {
    /// Lines in the order of their numbers, each with its pair and the office that has it.
    pub lines: Vec<(Pair, Party, Line)>,
    /// The last settlement of the page, where there is more behind it.
    pub last: Option<String>,
}

/// Lines of acts between provinces that belong to this day, behind a settlement, from about so many rows.
pub fn day_page(
    store: &mut dyn Store,
    here: NodeId,
    day: ServiceDate,
    after: &str,
    most: i64,
) -> Result<DayPage, StoreError> {
    let on = day.to_string();
    let acts = store.query(
        "select business_key, serial from journal where happened = $1 and business_key > $2 \
         order by business_key, serial limit $3",
        &[on.as_str().into(), after.into(), most.into()],
    )?;
    let made = store.query(
        "select settlement, data from settlement where settled_day = $1 and settlement > $2 \
         order by settlement limit $3",
        &[on.as_str().into(), after.into(), most.into()],
    )?;
    let booked = store.query(
        "select settlement, data, state, pool, treatment from insured_settlement \
         where settled_day = $1 and settlement > $2 order by settlement limit $3",
        &[on.as_str().into(), after.into(), most.into()],
    )?;
    // What is complete ends where the first of the three readings stopped; a settlement may have several acts, so
    // the last of a full reading of journals is left for the next page, unless it is alone.
    let mut last: Option<String> = None;
    for (place, rows) in [&acts, &made, &booked].into_iter().enumerate() {
        if i64::try_from(rows.len()).is_ok_and(|read| read < most) {
            continue;
        }
        let number = |row: Option<&crate::doors::Row>| text(row.and_then(|row| row.first()), "a settlement");
        let mut end = number(rows.last())?;
        if place == 0
            && let Some(before) =
                rows.iter().rev().find(|row| number(Some(row)).is_ok_and(|found| found != end))
        {
            end = number(Some(before))?;
        }
        last = Some(last.map_or(end.clone(), |last| last.min(end)));
    }
    let within = |number: &str| last.as_deref().is_none_or(|last| number <= last);

    let mut lines: BTreeMap<String, (Pair, Party, Line)> = BTreeMap::new();
    let end = last.clone().or_else(|| acts.last().and_then(|row| text(row.first(), "journal").ok()));
    if let Some(end) = end {
        let entries = store.query(
            "select journal.business_key, journal.serial, entry.account, entry.amount_fen from journal \
             join entry on entry.journal = journal.serial \
             where journal.happened = $1 and journal.business_key > $2 and journal.business_key <= $3 \
             order by journal.business_key, journal.serial, entry.line",
            &[on.as_str().into(), after.into(), end.into()],
        )?;
        let mut by_number: BTreeMap<String, Vec<(String, Fen)>> = BTreeMap::new();
        for row in &entries {
            let entry = (text(row.get(2), "entry")?, Fen(integer(row.get(3), "entry")?));
            by_number.entry(text(row.first(), "journal")?).or_default().push(entry);
        }
        for (settlement, entries) in by_number {
            let Some((party, pool, treatment, funds)) = between(here, &entries) else { continue };
            let line = Line { settlement: settlement.clone(), funds, stands: None };
            lines.insert(settlement, (Pair { day, pool, treatment }, party, line));
        }
    }
    let mut stands = |settlement: String, pair: Pair, party: Party, held: Recorded| {
        if matches!(held.state, State::Settled | State::Reversing) && within(&settlement) {
            let empty = Line { settlement: settlement.clone(), funds: Funds::new(), stands: None };
            let (_, _, line) = lines.entry(settlement).or_insert((pair, party, empty));
            line.stands = Some(format!("{} {}", held.fee.0, held.version));
        }
    };
    for row in &made {
        let record: SettlementRecord = decode(row.get(1), "settlement")?;
        if let Some((pair, held)) = treatment_side(here, &record).filter(|_| record.takes_back.is_none()) {
            stands(text(row.first(), "settlement")?, Pair { day, ..pair }, Party::Treatment, held);
        }
    }
    for row in &booked {
        let booked: Booked = decode(row.get(1), "insured_settlement")?;
        let state = text(row.get(2), "insured_settlement")?;
        let state =
            State::of_code(&state).ok_or_else(|| super::damaged("insured_settlement.state", &state))?;
        if here != NodeId::Province(booked.sheet.treatment) {
            let pair = Pair { day, pool: booked.sheet.pool, treatment: booked.sheet.treatment };
            stands(
                text(row.first(), "insured_settlement")?,
                pair,
                Party::Insured,
                insured_side(state, &booked),
            );
        }
    }
    Ok(DayPage { lines: lines.into_values().collect(), last })
}

/// Who owes whom what by these entries, where they are between provinces.
fn between(here: NodeId, entries: &[(String, Fen)]) -> Option<(Party, Region, Province, Funds)> {
    let mut funds = Funds::new();
    let (mut party, mut pool, mut treatment) = (None, None, None);
    for (account, amount) in entries {
        let mut parts = account.split('/');
        let kind = parts.next()?;
        let names: Vec<&str> = parts.collect();
        let fund = names.last().and_then(|code| Fund::of_code(code));
        let owed = match (kind, names.as_slice(), here) {
            ("due_from_pool", [of, _], NodeId::Province(province)) => {
                (pool, treatment) = (Region::new(of).ok(), Some(province));
                party = Some(Party::Treatment);
                *amount
            }
            ("owed_to_province", [of, _], _) => {
                treatment = Province::new(of).ok();
                party = Some(Party::Insured);
                -*amount
            }
            ("fund_expense", [of, _], _) => {
                pool = Region::new(of).ok();
                continue;
            }
            ("debt_of_pool", [of, to, _], _) => {
                (pool, treatment) = (Region::new(of).ok(), Province::new(to).ok());
                party = Some(Party::Hub);
                *amount
            }
            _ => continue,
        };
        *funds.entry(fund?).or_default() += owed;
    }
    funds.retain(|_, amount| !amount.is_zero());
    Some((party?, pool?, treatment?, funds))
}

fn national(funds: &[(Fund, Fen)]) -> Funds {
    let mut sum = Funds::new();
    for (fund, amount) in funds {
        *sum.entry(fund.national()).or_default() += *amount;
    }
    sum.retain(|_, amount| !amount.is_zero());
    sum
}

/// A settlement as its treatment office has it on record, where it is between provinces and was booked.
fn treatment_side(here: NodeId, record: &SettlementRecord) -> Option<(Pair, Recorded)> {
    let sheet = record.sheet.as_ref()?;
    if here == NodeId::Province(sheet.pool.province()) {
        return None;
    }
    let pair = Pair { day: sheet.day, pool: sheet.pool, treatment: sheet.treatment };
    let held = Recorded {
        state: record.state,
        day: sheet.day,
        fee: sheet.adjudication.split.total(),
        funds: national(&sheet.funds),
        version: sheet.adjudication.policy_version.clone(),
    };
    Some((pair, held))
}

fn insured_side(state: State, booked: &Booked) -> Recorded {
    Recorded {
        state,
        day: booked.sheet.day,
        fee: booked.sheet.adjudication.split.total(),
        funds: national(&booked.funds),
        version: booked.sheet.adjudication.policy_version.clone(),
    }
}

/// Everything that this node holds of one settlement as this office.
pub fn held_of(
    store: &mut dyn Store,
    here: NodeId,
    party: Party,
    settlement: &SettlementId,
) -> Result<Held, StoreError> {
    let rows = store.query(
        "select journal.serial, journal.kind, journal.happened, entry.account, entry.amount_fen from journal \
         join entry on entry.journal = journal.serial where journal.business_key = $1 \
         order by journal.serial, entry.line",
        &[settlement.as_str().into()],
    )?;
    let mut journals: BTreeMap<i64, Vec<(String, Fen)>> = BTreeMap::new();
    let mut heads: BTreeMap<i64, (String, String)> = BTreeMap::new();
    for row in &rows {
        let serial = integer(row.first(), "journal")?;
        heads.insert(serial, (text(row.get(1), "journal")?, text(row.get(2), "journal")?));
        let entry = (text(row.get(3), "entry")?, Fen(integer(row.get(4), "entry")?));
        journals.entry(serial).or_default().push(entry);
    }
    let mut postings = Vec::new();
    for ((serial, entries), (kind, day)) in journals.into_iter().zip(heads.into_values()) {
        let Some((of, _, _, funds)) = between(here, &entries) else { continue };
        if of != party {
            continue;
        }
        let kind = JournalKind::of_code(&kind).ok_or_else(|| super::damaged("journal.kind", &kind))?;
        let day = day.parse().map_err(|why| super::damaged("journal.happened", why))?;
        postings.push(Posting { serial, kind, day, funds });
    }
    let recorded = match party {
        Party::Hub => None,
        Party::Treatment => recorded_here(store, here, settlement)?,
        Party::Insured => recorded_there(store, settlement)?,
    };
    Ok(Held { recorded, postings })
}

fn recorded_here(
    store: &mut dyn Store,
    here: NodeId,
    settlement: &SettlementId,
) -> Result<Option<Recorded>, StoreError> {
    let Some(record) = super::settlements::settlement_find(store, settlement)? else { return Ok(None) };
    if let Some((_, held)) = treatment_side(here, &record) {
        return Ok(Some(held));
    }
    Ok(Some(unbooked(record.state, record.asked.day())))
}

fn recorded_there(store: &mut dyn Store, settlement: &SettlementId) -> Result<Option<Recorded>, StoreError> {
    let Some(key) = super::events::event_key_of(store, settlement)? else { return Ok(None) };
    let rows = store.query(
        "select state, data from insured_settlement where pool = $1 and person = $2 and settlement = $3",
        &[key.pool.to_string().into(), key.person.as_str().into(), settlement.as_str().into()],
    )?;
    let Some(row) = rows.first() else { return Ok(None) };
    let word = text(row.first(), "insured_settlement")?;
    let state = State::of_code(&word).ok_or_else(|| super::damaged("insured_settlement.state", &word))?;
    match super::optional_text(row.get(1)) {
        Some(_) => {
            let booked: Booked = decode(row.get(1), "insured_settlement")?;
            Ok(Some(insured_side(state, &booked)))
        }
        None => Ok(Some(unbooked(state, Instant(0).day()))),
    }
}

fn unbooked(state: State, day: ServiceDate) -> Recorded {
    Recorded { state, day, fee: Fen::ZERO, funds: Funds::new(), version: String::new() }
}

/// Days before this one that have journals behind a number.
pub fn days_touched(
    store: &mut dyn Store,
    behind: i64,
    before: ServiceDate,
) -> Result<Vec<ServiceDate>, StoreError> {
    let rows = store.query(
        "select distinct happened from journal where serial > $1 and happened < $2 order by happened",
        &[behind.into(), before.to_string().into()],
    )?;
    rows.iter()
        .map(|row| {
            text(row.first(), "journal")?.parse().map_err(|why| super::damaged("journal.happened", why))
        })
        .collect()
}

/// A number that this node remembers under a name.
pub fn mark(store: &mut dyn Store, name: &str) -> Result<Option<i64>, StoreError> {
    let rows = store.query("select serial from statement_mark where name = $1", &[name.into()])?;
    rows.first().map(|row| integer(row.first(), "statement_mark")).transpose()
}

/// Remembers it.
pub fn mark_set(store: &mut dyn Store, name: &str, serial: i64) -> Result<(), StoreError> {
    store
        .execute(
            "insert into statement_mark (name, serial) values ($1, $2) \
             on conflict (name) do update set serial = excluded.serial",
            &[name.into(), serial.into()],
        )
        .map(drop)
}
