//! The hub in the comparison: it asks for the days that are over, compares what is stated, sends dockets round, follows
//! where both principals agree, and tells them what differs.

use super::{Statements, lines_of, send};
use crate::doors::{NodeId, Store, StoreError};
use crate::hub::HubOffice;
use crate::statements::{Docket, Found, Head, Leg, Pair, Paper};
use crate::store::books;
use crate::store::comparison::{self, Comparison, Stage};
use crate::store::reconciliation::{held_of, mark, mark_set};
use insurance::calendar::{Instant, ServiceDate};
use insurance::identity::{BusinessKey, SettlementId};
use insurance::ledger::{self, Fund, Journal, Side};
use insurance::money::Fen;
use insurance::reconciliation::{Decision, Held, Party, Repair, compare, follow};
use std::collections::{BTreeMap, BTreeSet};

/// The last day that was asked for, counted from 1970-01-01.
const ASKED: &str = "asked";
/// After a long rest the hub asks for so many days at most; older ones are stated where they have changed.
const DAYS_AT_MOST: i64 = 62;
/// First and longest pause before a pair is compared again by itself (ms).
const AGAIN_MS: (i64, i64) = (5_000, 3_600_000);
/// A docket that is not back after so long is sent round anew (ms): a place may have been restored meanwhile.
const LOST_MS: i64 = 6 * 3_600_000;
/// Differences in one letter.
const PART: usize = 100;

/// A paper of a member has come.
pub fn hub_receive(
    hub: &HubOffice,
    store: &mut dyn Store,
    now: Instant,
    from: NodeId,
    paper: Paper,
) -> Result<(), StoreError> {
    match paper {
        Paper::Heads { day, heads } => {
            let own: Vec<Head> = heads
                .into_iter()
                .filter(|head| head.pair.day == day && comparison::stated_by(head) == from)
                .collect();
            comparison::statement_told(store, day, from, &own, now)?;
            consider(hub, store, now, day, from)
        }
        Paper::Docket(docket) => {
            let principals = principals(&docket.pair);
            let awaited = comparison::comparison_find(store, &docket.pair)?
                .filter(|known| known.stage == Stage::Running && known.run == docket.run);
            match awaited {
                Some(known) if principals.contains(&from) => goes_on(store, now, from, known, *docket),
                _ => Ok(()),
            }
        }
        Paper::Decided { pair, settlement, decided } => {
            if !principals(&pair).contains(&from) {
                return Ok(());
            }
            if let Some(kept) = comparison::difference_find(store, &pair, &settlement)? {
                comparison::decision_add(store, &kept, &decided, now)?;
                comparison::difference_decide(store, &pair, &settlement, &decided, now)?;
                comparison::difference_done(store, &pair, &settlement, now)?;
            }
            begin(store, now, pair, 0)
        }
        // Only the hub says these.
        Paper::Wanted(_) | Paper::Result { .. } => Ok(()),
    }
}

/// Treatment place, insured place.
fn principals(pair: &Pair) -> [NodeId; 2] {
    [NodeId::Province(pair.treatment), NodeId::Province(pair.pool.province())]
}

/// Asks for days that are over, states the hub's own, and compares again what is due.
pub fn hub_tick(
    hub: &HubOffice,
    statements: &mut Statements,
    store: &mut dyn Store,
    now: Instant,
) -> Result<(), StoreError> {
    if statements.going.is_none() && !statements.time_to_look(now) {
        return Ok(());
    }
    ask_for_days(hub, store, now)?;
    if let Some((day, heads)) = statements.go_on(store, now, NodeId::Hub)? {
        comparison::statement_told(store, day, NodeId::Hub, &heads, now)?;
        consider(hub, store, now, day, NodeId::Hub)?;
        statements.looked = None;
    }
    for due in comparison::comparisons_due(store, now)? {
        begin(store, now, due.pair, due.tries)?;
    }
    Ok(())
}

fn ask_for_days(hub: &HubOffice, store: &mut dyn Store, now: Instant) -> Result<(), StoreError> {
    let start = Instant(0).day();
    let yesterday = i64::from(now.day().days_since(start)) - 1;
    let Some(asked) = mark(store, ASKED)? else { return mark_set(store, ASKED, yesterday) };
    if asked >= yesterday {
        return Ok(());
    }
    for day in (asked + 1).max(yesterday - DAYS_AT_MOST)..=yesterday {
        let day = start.plus_days(i32::try_from(day).unwrap_or(i32::MAX));
        comparison::statement_due_add(store, day, now)?;
        for member in &hub.members {
            send(store, now, NodeId::Hub, NodeId::Province(*member), Paper::Wanted(day))?;
        }
    }
    mark_set(store, ASKED, yesterday)
}

/// A node has stated a day: every pair of it that all three offices have stated by now is compared.
fn consider(
    hub: &HubOffice,
    store: &mut dyn Store,
    now: Instant,
    day: ServiceDate,
    by: NodeId,
) -> Result<(), StoreError> {
    let mut has_told = BTreeMap::new();
    for node in hub.members.iter().copied().map(NodeId::Province).chain([NodeId::Hub]) {
        has_told.insert(node, comparison::has_told(store, day, node)?);
    }
    let told = |node: &NodeId| has_told.get(node).copied().unwrap_or(false);
    let mut stated: BTreeMap<Pair, BTreeMap<Party, Head>> = BTreeMap::new();
    for head in comparison::heads_of_day(store, day)? {
        stated.entry(head.pair).or_default().insert(head.party, head);
    }
    // What was compared before may be stated by nobody any more.
    for known in comparison::comparisons_since(store, day)? {
        if known.pair.day == day && known.stage != Stage::Agrees {
            stated.entry(known.pair).or_default();
        }
    }
    for (pair, heads) in stated {
        let sides = principals(&pair);
        let concerns = by == NodeId::Hub || sides.contains(&by);
        if !concerns || !told(&NodeId::Hub) || !sides.iter().all(told) {
            continue;
        }
        let head = |party| heads.get(&party).cloned().unwrap_or_else(|| Head::empty(pair, party));
        let [treatment, own, insured] = [Party::Treatment, Party::Hub, Party::Insured].map(head);
        let even = treatment.books() == insured.books()
            && own.books() == insured.books()
            && treatment.records() == insured.records();
        if even { agrees(store, now, pair)? } else { begin(store, now, pair, 0)? }
    }
    Ok(())
}

/// Everything that was stated is even.
fn agrees(store: &mut dyn Store, now: Instant, pair: Pair) -> Result<(), StoreError> {
    let known = comparison::comparison_find(store, &pair)?;
    for kept in comparison::differences_of(store, &pair)? {
        comparison::difference_forget(store, &pair, &kept.found.settlement)?;
    }
    if known.as_ref().is_some_and(|known| known.stage == Stage::Agrees) {
        return Ok(());
    }
    let run = known.map_or(0, |known| known.run + 1);
    let saved = Comparison { pair, stage: Stage::Agrees, run, tries: 0, next: None, changed: now };
    comparison::comparison_save(store, &saved)?;
    tell(store, now, &pair)
}

/// Sends a docket round; one that is still on its way is not looked at any more.
fn begin(store: &mut dyn Store, now: Instant, pair: Pair, tries: i64) -> Result<(), StoreError> {
    let run = comparison::comparison_find(store, &pair)?.map_or(0, |known| known.run + 1);
    let next = Some(now.plus_ms(LOST_MS));
    let saved = Comparison { pair, stage: Stage::Running, run, tries, next, changed: now };
    comparison::comparison_save(store, &saved)?;
    let docket = Docket::new(pair, run, String::new());
    send(store, now, NodeId::Hub, NodeId::Province(pair.treatment), Paper::Docket(Box::new(docket)))
}

/// A docket is back from one of the principals.
fn goes_on(
    store: &mut dyn Store,
    now: Instant,
    from: NodeId,
    known: Comparison,
    mut docket: Docket,
) -> Result<(), StoreError> {
    let [treatment, insured] = principals(&docket.pair);
    let to = match (docket.leg, from == treatment) {
        (Leg::Lines, true) => {
            let (lines, last) =
                lines_of(store, NodeId::Hub, &docket.pair, &docket.after, docket.up_to.as_deref())?;
            docket.take_lines(Party::Hub, lines, last);
            insured
        }
        (Leg::Held, false) if !docket.held.is_empty() => {
            for (settlement, held) in &mut docket.held {
                held.insert(Party::Hub, held_of(store, NodeId::Hub, Party::Hub, settlement)?);
            }
            treatment
        }
        (Leg::Held, _) => return page_done(store, now, known, docket),
        (Leg::Lines, false) => return Ok(()),
    };
    send(store, now, NodeId::Hub, to, Paper::Docket(Box::new(docket)))
}

/// A page is whole: what differs is typed and kept, and repaired where the hub can follow.
fn page_done(
    store: &mut dyn Store,
    now: Instant,
    known: Comparison,
    docket: Docket,
) -> Result<(), StoreError> {
    let pair = docket.pair;
    let mut differs: BTreeSet<SettlementId> = BTreeSet::new();
    for (settlement, mut held) in docket.held {
        // The hub's books may have moved while the docket was away.
        let own = held_of(store, NodeId::Hub, Party::Hub, &settlement)?;
        held.insert(Party::Hub, own);
        let nothing = Held::default();
        let of = |party| held.get(&party).unwrap_or(&nothing);
        let Some(difference) = compare(of(Party::Treatment), of(Party::Hub), of(Party::Insured)) else {
            continue;
        };
        let follows = difference.repair == Repair::HubFollows;
        let lacking = if follows { follow(of(Party::Hub), of(Party::Insured)) } else { Vec::new() };
        let found = Found { settlement: settlement.clone(), difference, held, decided: None };
        comparison::difference_keep(store, &pair, &found, now)?;
        if follows {
            for (kind, day, funds) in lacking {
                let funds: Vec<(Fund, Fen)> = funds.into_iter().collect();
                let side = Side::Hub { pool: pair.pool, treatment: pair.treatment };
                let key = BusinessKey::new(settlement.as_str()).expect("a settlement number is a key");
                let entries = ledger::entries(&side, &funds);
                books::journal_add(store, &Journal { key, kind, happened: day, learned: now, entries })?;
            }
            comparison::difference_repaired(store, &pair, &settlement, now)?;
        }
        differs.insert(settlement);
    }
    let within = |number: &str| {
        number > docket.after.as_str() && docket.up_to.as_ref().is_none_or(|end| number <= end.as_str())
    };
    for kept in comparison::differences_of(store, &pair)? {
        let number = &kept.found.settlement;
        if within(number.as_str()) && !differs.contains(number) {
            comparison::difference_forget(store, &pair, number)?;
        }
    }
    match docket.up_to {
        Some(last) => {
            let next = Docket::new(pair, docket.run, last);
            send(store, now, NodeId::Hub, NodeId::Province(pair.treatment), Paper::Docket(Box::new(next)))
        }
        None => finished(store, now, known),
    }
}

/// The whole pair was compared.
fn finished(store: &mut dyn Store, now: Instant, known: Comparison) -> Result<(), StoreError> {
    let pair = known.pair;
    let left = comparison::differences_of(store, &pair)?;
    let confirmed = |kept: &comparison::Kept| {
        kept.decided.as_ref().is_some_and(|decided| decided.decision == Decision::Confirm)
    };
    let open: Vec<_> = left.iter().filter(|kept| !confirmed(kept)).collect();
    // The offices wrote at different moments: what is for a person is looked at twice before it stays.
    let moves = !open.is_empty() && known.tries == 0
        || open.iter().any(|kept| !matches!(kept.found.difference.repair, Repair::Decide(..)));
    let pause = AGAIN_MS.0.checked_shl(u32::try_from(known.tries.clamp(0, 20)).unwrap_or(0));
    let pause = pause.unwrap_or(AGAIN_MS.1).min(AGAIN_MS.1);
    let saved = Comparison {
        stage: if open.is_empty() { Stage::Agrees } else { Stage::Differs },
        tries: if open.is_empty() { 0 } else { known.tries + 1 },
        next: moves.then(|| now.plus_ms(pause)),
        changed: now,
        ..known
    };
    comparison::comparison_save(store, &saved)?;
    if !open.is_empty() {
        tracing::warn!(
            day = %pair.day, pool = %pair.pool, treatment = %pair.treatment, differences = open.len(),
            "the books of a day differ: see GET /operator/reconciliation"
        );
    }
    tell(store, now, &pair)
}

/// Tells both principals what differs.
fn tell(store: &mut dyn Store, now: Instant, pair: &Pair) -> Result<(), StoreError> {
    let found: Vec<Found> = comparison::differences_of(store, pair)?
        .into_iter()
        .map(|kept| Found { decided: kept.decided, ..kept.found })
        .collect();
    let numbers: Vec<SettlementId> = found.iter().map(|found| found.settlement.clone()).collect();
    let parts: Vec<&[Found]> = if found.is_empty() { vec![&[]] } else { found.chunks(PART).collect() };
    for to in principals(pair) {
        for (place, part) in parts.iter().enumerate() {
            let numbers = (place == 0).then(|| numbers.clone());
            let result = Paper::Result { pair: *pair, numbers, found: part.to_vec() };
            send(store, now, NodeId::Hub, to, result)?;
        }
    }
    Ok(())
}
