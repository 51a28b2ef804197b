//! A province's node in the comparison: it states days when the hub asks, fills dockets, says again what it has told
//! its institutions, and carries out what a person decided.

use super::{Statements, lines_of, send};
use crate::doors::{NodeId, Store, StoreError};
use crate::insured_node::InsuredOffice;
use crate::life::{Cause, Moment};
use crate::statements::{Docket, Found, Leg, Pair, Paper};
use crate::store::comparison::{self, Comparison, Kept, Stage};
use crate::store::reconciliation::held_of;
use crate::store::{books, insured, settlements};
use crate::treatment_node::TreatmentOffice;
use insurance::calendar::Instant;
use insurance::identity::{BusinessKey, InstitutionCode, SettlementId};
use insurance::ledger::{self, Fund, Journal, JournalKind, Side};
use insurance::money::Fen;
use insurance::reconciliation::{Decision, Party, Repair, correction};

/// The office that this node is in a pair, where it is one.
fn party_in(here: NodeId, pair: &Pair) -> Option<Party> {
    if here == NodeId::Province(pair.treatment) {
        Some(Party::Treatment)
    } else if here == NodeId::Province(pair.pool.province()) {
        Some(Party::Insured)
    } else {
        None
    }
}

/// A paper of the hub has come.
pub fn member_receive(
    store: &mut dyn Store,
    now: Instant,
    office: &TreatmentOffice,
    paper: Paper,
) -> Result<(), StoreError> {
    let here = NodeId::Province(office.home.province);
    match paper {
        Paper::Wanted(day) => comparison::statement_due_add(store, day, now),
        Paper::Docket(docket) => match party_in(here, &docket.pair) {
            Some(party) => {
                let filled = fill(store, here, party, *docket)?;
                send(store, now, here, NodeId::Hub, Paper::Docket(Box::new(filled)))
            }
            None => Ok(()),
        },
        Paper::Result { pair, numbers, found } => {
            let Some(party) = party_in(here, &pair) else { return Ok(()) };
            told(store, now, &pair, numbers.as_deref(), &found)?;
            for found in &found {
                if found.difference.repair == Repair::SayAgain
                    && party == Party::Treatment
                    && office.say_ended_again(store, now, &found.settlement)?
                {
                    comparison::difference_repaired(store, &pair, &found.settlement, now)?;
                }
            }
            Ok(())
        }
        // Only members say these, and only to the hub.
        Paper::Heads { .. } | Paper::Decided { .. } => Ok(()),
    }
}

/// Writes this office's part into a docket.
fn fill(store: &mut dyn Store, here: NodeId, party: Party, mut docket: Docket) -> Result<Docket, StoreError> {
    if docket.leg == Leg::Lines {
        let (lines, last) = lines_of(store, here, &docket.pair, &docket.after, docket.up_to.as_deref())?;
        docket.take_lines(party, lines, last);
        if party == Party::Treatment {
            return Ok(docket);
        }
        // The insured place is the last to write lines: what differs is known now, and the lines have served.
        for settlement in docket.differing() {
            docket.held.insert(settlement, Default::default());
        }
        docket.leg = Leg::Held;
        docket.lines.clear();
    }
    for (settlement, held) in &mut docket.held {
        held.insert(party, held_of(store, here, party, settlement)?);
    }
    Ok(docket)
}

/// Keeps what the hub tells of a pair.
fn told(
    store: &mut dyn Store,
    now: Instant,
    pair: &Pair,
    numbers: Option<&[SettlementId]>,
    found: &[Found],
) -> Result<(), StoreError> {
    if let Some(numbers) = numbers {
        for kept in comparison::differences_of(store, pair)? {
            if !numbers.contains(&kept.found.settlement) {
                comparison::difference_forget(store, pair, &kept.found.settlement)?;
            }
        }
    }
    for found in found {
        let kept = comparison::difference_keep(store, pair, found, now)?;
        if let (None, Some(decided)) = (&kept.decided, &found.decided) {
            comparison::difference_decide(store, pair, &found.settlement, decided, now)?;
            comparison::difference_done(store, pair, &found.settlement, now)?;
        }
    }
    let waits = comparison::differences_of(store, pair)?.iter().any(|kept| kept.done.is_none());
    let stage = if waits { Stage::Differs } else { Stage::Agrees };
    let saved = Comparison { pair: *pair, stage, run: 0, tries: 0, next: None, changed: now };
    comparison::comparison_save(store, &saved)
}

/// States days that are due, and carries out decisions.
pub fn member_tick(
    statements: &mut Statements,
    store: &mut dyn Store,
    now: Instant,
    treatment: &mut TreatmentOffice,
    insured: &InsuredOffice,
) -> Result<(), StoreError> {
    let here = NodeId::Province(insured.province);
    if statements.going.is_none() && !statements.time_to_look(now) {
        return Ok(());
    }
    if let Some((day, heads)) = statements.go_on(store, now, here)? {
        send(store, now, here, NodeId::Hub, Paper::Heads { day, heads })?;
        statements.looked = None;
    }
    for kept in comparison::differences_to_do(store)? {
        carry_out(store, now, here, treatment, insured, &kept)?;
    }
    Ok(())
}

/// Does what a person decided, and tells the hub, which compares again.
fn carry_out(
    store: &mut dyn Store,
    now: Instant,
    here: NodeId,
    treatment: &mut TreatmentOffice,
    insured: &InsuredOffice,
    kept: &Kept,
) -> Result<(), StoreError> {
    let (Some(decided), Some(party)) = (&kept.decided, party_in(here, &kept.pair)) else { return Ok(()) };
    let settlement = &kept.found.settlement;
    let moment = Moment::new(now, Cause::Operator(decided.by.clone()));
    match (decided.decision, party) {
        (Decision::Confirm, _) | (_, Party::Hub) => {}
        (Decision::TakeBack, Party::Treatment) => {
            let theirs = kept.found.held.get(&Party::Insured).cloned().unwrap_or_default();
            treatment.take_back_as_decided(store, &moment, settlement, &theirs)?;
        }
        (Decision::TakeBack, Party::Insured) => {
            insured.take_back_as_decided(store, &moment, settlement)?;
        }
        (Decision::Correct, party) => correct(store, now, here, party, &kept.pair, settlement)?,
    }
    comparison::difference_done(store, &kept.pair, settlement, now)?;
    comparison::decision_add(store, kept, decided, now)?;
    let (pair, settlement) = (kept.pair, settlement.clone());
    let told = Paper::Decided { pair, settlement, decided: decided.clone() };
    send(store, now, here, NodeId::Hub, told)
}

/// Brings this office's books to what its own record says, by a journal of its own.
fn correct(
    store: &mut dyn Store,
    now: Instant,
    here: NodeId,
    party: Party,
    pair: &Pair,
    settlement: &SettlementId,
) -> Result<(), StoreError> {
    let held = held_of(store, here, party, settlement)?;
    let Some((day, funds)) = correction(&held) else { return Ok(()) };
    let funds: Vec<(Fund, Fen)> = funds.into_iter().collect();
    let key = BusinessKey::new(settlement.as_str()).expect("a settlement number is a key");
    let (side, funds) = match party {
        Party::Treatment => {
            let Some(institution) = owed_institution(store, &key, settlement)? else { return Ok(()) };
            (Side::Treatment { pool: pair.pool, institution }, funds)
        }
        _ => {
            let local = local_funds(store, settlement, funds)?;
            (Side::Insured { pool: pair.pool, treatment: pair.treatment }, local)
        }
    };
    let entries = ledger::entries(&side, &funds);
    let journal = Journal { key, kind: JournalKind::Correction, happened: day, learned: now, entries };
    books::journal_add(store, &journal)
}

/// The institution that a settlement is owed to: by its record, or where there is none by its journal.
fn owed_institution(
    store: &mut dyn Store,
    key: &BusinessKey,
    settlement: &SettlementId,
) -> Result<Option<InstitutionCode>, StoreError> {
    if let Some(record) = settlements::settlement_find(store, settlement)? {
        return Ok(Some(record.institution));
    }
    let entries = books::entries_of(store, key)?;
    let code = entries.iter().find_map(|entry| entry.account.strip_prefix("owed_to_institution/"));
    Ok(code.and_then(|code| InstitutionCode::new(code).ok()))
}

/// National fund codes as the local ones of the settlement, where the two differ.
fn local_funds(
    store: &mut dyn Store,
    settlement: &SettlementId,
    funds: Vec<(Fund, Fen)>,
) -> Result<Vec<(Fund, Fen)>, StoreError> {
    let booked = match insured::insured_settlement_key(store, settlement)? {
        Some(key) => insured::insured_settlement_find(store, &key)?.and_then(|(_, booked)| booked),
        None => None,
    };
    let local = |fund: Fund| {
        let paid = booked.iter().flat_map(|booked| &booked.funds);
        paid.map(|(local, _)| *local).find(|local| local.national() == fund).unwrap_or(fund)
    };
    Ok(funds.into_iter().map(|(fund, amount)| (local(fund), amount)).collect())
}
