//! Every function of the store, one row each, on both engines over the same sample rows: what is done, and in the last
//! column what is seen. The rows stand in the order in which they are done, in one database.

use crate::engines::{fill_to, on_each_engine};
use insurance::accumulators::{Accumulators, Measure};
use insurance::calendar::{Instant, PolicyYear, ServiceDate};
use insurance::identity::{BusinessKey, FeeLineNo, PersonNo, Province, Region, SettlementId, VisitId};
use insurance::ledger::{Account, Entry, Fund, Journal, JournalKind};
use insurance::money::Fen;
use insurance::person::Insurance;
use insurance::reconciliation::{Decision, Kind, Party};
use insurance::settlement::{Event, State};
use platform::chain::{Digest, Root};
use platform::doors::{NodeId, Store, StoreError};
use platform::letters::{
    Ask, CareSheet, Content, Credential, DirectoryEntry, Letter, SettlementRef, StayRef,
};
use platform::records::{KeptFile, Visit, VisitKind};
use platform::statements::{Decided, Head, Pair};
use platform::store::comparison::{Comparison, Stage};
use platform::store::events::{EventKey, Happened, Office};
use platform::store::mail::Waiting;
use platform::store::migrations::is_applied;
use platform::store::neighbours::Aside;
use platform::store::received::MessageKey;
use platform::store::resolving::Order;
use platform::store::{
    balance_check, books, chain, comparison, counter_last, counter_next, counter_raise, counters_move_on,
    events, files, institutions, insured, mail, neighbours, people, received, reconciliation, relay,
    resolving, roots, settlements, statement, survey, visits,
};
use std::fmt::Debug;

const VISIT: &str = "S2201002611253100001";
const SETTLEMENT: &str = "A2201002611253100001";
const HOSPITAL: &str = "H31010490002";

type Seen = Result<String, StoreError>;
type Act = fn(&mut dyn Store) -> Seen;

fn seen(value: impl Debug) -> Seen {
    Ok(format!("{value:?}"))
}
fn pool() -> Region {
    Region::new("220100").expect("a region")
}
fn person() -> PersonNo {
    PersonNo::new("22010090000000000035").expect("a number")
}
fn visit_id() -> VisitId {
    VisitId::new(VISIT).expect("a number")
}
fn settlement_id() -> SettlementId {
    SettlementId::new(SETTLEMENT).expect("a number")
}
fn hub() -> NodeId {
    NodeId::Hub
}
fn near() -> NodeId {
    NodeId::Province(Province::new("22").expect("a province"))
}
fn far() -> NodeId {
    NodeId::Province(Province::new("44").expect("a province"))
}
fn late() -> neighbours::Behind {
    neighbours::Behind {
        peer: near(),
        noticed: Instant(8),
        side: neighbours::Side::Here,
        lost: (1, 2),
        own: (3, 4),
        caught_up: None,
        complete: None,
    }
}
fn root(of: &str, serial: i64) -> Root {
    Root { owner: hub(), day: day(of), serial, digest: Digest::START }
}
fn hospital() -> insurance::identity::InstitutionCode {
    insurance::identity::InstitutionCode::new(HOSPITAL).expect("a code")
}
fn other_hospital() -> insurance::identity::InstitutionCode {
    insurance::identity::InstitutionCode::new("H31010190001").expect("a code")
}
fn file(number: &str, expires: i64) -> KeptFile {
    KeptFile {
        number: number.into(),
        institution: hospital(),
        name: "a.txt".into(),
        made_by: "9101".into(),
        kept: Instant(1),
        expires: Instant(expires),
        content: vec![0, 255, 7, 10],
    }
}
fn entries(s: &mut dyn Store, from: &str, to: &str) -> Result<String, StoreError> {
    let mut found = Vec::new();
    statement::statement_entries(s, &hospital(), day(from), day(to), |_, entry| {
        let amounts = entry.amounts;
        let [fee, fund, account, cash] =
            [amounts.fee, amounts.fund, amounts.account, amounts.cash].map(|amount| amount.0);
        found.push(format!("{} {fee} {fund} {account} {cash}", entry.settlement));
        Ok::<_, StoreError>(())
    })?;
    Ok(found.join(", "))
}
fn stated(number: &str, made: i64) -> statement::Statement {
    statement::Statement {
        number: number.into(),
        institution: hospital(),
        kind: VisitKind::Inpatient,
        from: day("2026-11-01"),
        to: day("2026-11-30"),
        refunds: true,
        made: Instant(made),
    }
}
fn different(pool: Option<Region>) -> statement::Difference {
    statement::Difference {
        pool,
        person: "p".into(),
        settlement: "A".into(),
        visit: "S".into(),
        message: "M".into(),
        side: 3,
        kind: insurance::reconciliation::Kind::Amount,
        refund: true,
        fee: Fen(-5),
        listed: true,
    }
}
fn visit(s: &mut dyn Store) -> Result<Visit, StoreError> {
    Ok(visits::visit_find(s, &visit_id())?.expect("in the sample"))
}
/// How many lines of the visit are bound, of how many.
fn bound(s: &mut dyn Store) -> Result<(usize, usize), StoreError> {
    let lines = visits::fee_lines(s, pool(), &person(), &visit_id())?;
    Ok((lines.iter().filter(|line| line.settlement.is_some()).count(), lines.len()))
}
fn stay() -> StayRef {
    StayRef { pool: pool(), person: person(), visit: visit_id() }
}
fn other_stay() -> StayRef {
    StayRef { visit: VisitId::new("S2201002611253100002").expect("a number"), ..stay() }
}
fn settlement_ref() -> SettlementRef {
    SettlementRef {
        pool: pool(),
        person: person(),
        visit: visit_id(),
        settlement: settlement_id(),
        treatment: Province::new("31").expect("a province"),
    }
}
fn day(text: &str) -> ServiceDate {
    text.parse().expect("a day")
}
fn pair(on: &str) -> Pair {
    Pair { day: day(on), pool: pool(), treatment: Province::new("31").expect("a province") }
}
fn head(booked: i64) -> Head {
    Head { booked, ..Head::empty(pair("2026-11-24"), Party::Hub) }
}
fn compared(on: &str, next: Option<Instant>) -> Comparison {
    Comparison { pair: pair(on), stage: Stage::Agrees, run: 4, tries: 0, next, changed: Instant(3) }
}
fn care() -> CareSheet {
    let text = r#"{"pool":"220100","person":"22010090000000000035","insurance":"resident","visit":null,
        "place":{"institution":"H31010490002","name":"上海示例中心医院","region":"310104","level":"three"},
        "service":"inpatient","begin":"2026-11-20","end":null,"day":"2026-11-25","emergency":false,"injury":false,
        "third_party":false}"#;
    serde_json::from_str(text).expect("a sheet")
}
fn letter(id: &str) -> Letter {
    let credential = Credential { digests: Vec::new(), name: None, field: "certno".into() };
    let content = Content::Ask { place: None, ask: Box::new(Ask::FindPerson(credential)) };
    Letter { id: id.into(), from: NodeId::Hub, written: Instant(7), content }
}
fn message(msgid: &str) -> MessageKey {
    MessageKey { institution: HOSPITAL.into(), infno: "2207".into(), msgid: msgid.into() }
}
fn question(id: &str, deadline: i64) -> Waiting<String> {
    Waiting {
        question: id.into(),
        place: Some(pool()),
        institution: HOSPITAL.into(),
        infno: "2207".into(),
        msgid: "M1".into(),
        deadline: Instant(deadline),
        context: "what was being done".into(),
    }
}
fn key() -> BusinessKey {
    BusinessKey::new(SETTLEMENT).expect("a key")
}
fn journal(kind: JournalKind, fen: i64) -> Journal {
    let pay = Account::FundExpense(pool(), Fund::ResidentPool);
    let owe = Account::OwedToProvince(Province::new("31").expect("a province"), Fund::ResidentPool);
    let entries = vec![Entry { account: pay, amount: Fen(fen) }, Entry { account: owe, amount: Fen(-fen) }];
    Journal { key: key(), kind, happened: day("2026-11-25"), learned: Instant(9), entries }
}
fn event_key() -> EventKey {
    EventKey { pool: pool(), person: person(), settlement: settlement_id() }
}
fn happened() -> Happened {
    let (from, to) = (State::Absent, State::Asked);
    let (office, event) = (Office::Treatment, Event::SettlementIntended);
    Happened { office, event, from, to, at: Instant(5), cause: "2207 M1".into() }
}
fn used(fen: i64) -> Accumulators {
    [(Measure::of_code("inpatient_pool").expect("a measure"), fen)].into_iter().collect()
}

#[rustfmt::skip] // a table: one row a line
const ROWS: &[(&str, Act, &str)] = &[
    ("counter_next: begins at 1", |s| seen(counter_next(s, "new")?), "1"),
    ("counter_next: goes on", |s| seen(counter_next(s, "outbox")?), "7"),

    ("letters_begin: leaves a series alone", |s| { mail::letters_begin(s, Instant(5))?; seen(counter_next(s, "letter")? > 5) }, "true"),
    ("outbox_peers", |s| seen(mail::outbox_peers(s)?.iter().map(ToString::to_string).collect::<Vec<_>>()), "[\"hub\"]"),
    ("outbox_add", |s| seen(mail::outbox_add(s, NodeId::Hub, &letter("22-q"), Some("22-q"))?), "()"),
    ("outbox_first: oldest first", |s| seen(mail::outbox_first(s, NodeId::Hub, 0, 9)?.iter().map(|(serial, _)| *serial).collect::<Vec<_>>()), "[1, 8]"),
    ("outbox_first: no more than asked", |s| seen(mail::outbox_first(s, NodeId::Hub, 0, 1)?.len()), "1"),
    ("outbox_waiting: how many, since when", |s| seen(mail::outbox_waiting(s)?), "(2, Some(Instant(7)))"),
    ("outbox_never_left: what was not attempted", |s| seen(mail::outbox_never_left(s, NodeId::Hub, i64::MAX)?.iter().map(|(question, letter)| (question.clone(), letter.written.0)).collect::<Vec<_>>()), "[(\"22-q\", 7)]"),
    ("outbox_attempted", |s| { mail::outbox_attempted(s, NodeId::Hub, 8)?; seen(mail::outbox_never_left(s, NodeId::Hub, i64::MAX)?.len()) }, "0"),
    ("outbox_all_attempted", |s| { mail::outbox_add(s, NodeId::Hub, &letter("22-r"), Some("22-r"))?; mail::outbox_all_attempted(s)?; seen(mail::outbox_never_left(s, NodeId::Hub, i64::MAX)?.len()) }, "0"),
    ("outbox_since: the oldest", |s| seen(mail::outbox_since(s, NodeId::Hub)?), "Some(Instant(1795561507380))"),
    ("outbox_holds", |s| seen((mail::outbox_holds(s, "22-q")?, mail::outbox_holds(s, "22-x")?)), "(true, false)"),
    ("outbox_withdraw_unsent: not what may have left", |s| { mail::outbox_add(s, NodeId::Hub, &letter("22-u"), Some("22-u"))?; seen((mail::outbox_withdraw_unsent(s, "22-q", 0)?, mail::outbox_withdraw_unsent(s, "22-u", i64::MAX)?, mail::outbox_withdraw_unsent(s, "22-u", 0)?)) }, "(false, false, true)"),
    ("outbox_withdraw", |s| seen((mail::outbox_withdraw(s, "22-q")?, mail::outbox_withdraw(s, "22-q")?)), "(1, 0)"),
    ("neighbour_delivered: up to a number", |s| { neighbours::neighbour_delivered(s, NodeId::Hub, 8)?; seen(mail::outbox_waiting(s)?.0) }, "1"),
    ("neighbour_find: delivered, heard, no longer kept", |s| seen(neighbours::neighbour_find(s, far())?), "Standing { delivered: 7, heard: Some(5), pruned: 0 }"),
    ("neighbour_find: nobody that we know", |s| seen(neighbours::neighbour_find(s, near())?), "Standing { delivered: 0, heard: None, pruned: 0 }"),
    ("neighbour_add: once", |s| { neighbours::neighbour_add(s, far())?; neighbours::neighbour_add(s, near())?; seen((neighbours::neighbour_find(s, far())?.delivered, neighbours::neighbour_find(s, near())?.heard)) }, "(7, None)"),
    ("neighbour_delivered: never fewer", |s| { neighbours::neighbour_delivered(s, far(), 6)?; seen(neighbours::neighbour_find(s, far())?.delivered) }, "7"),
    ("neighbour_heard: never fewer", |s| { neighbours::neighbour_heard(s, near(), 3)?; neighbours::neighbour_heard(s, near(), 2)?; seen(neighbours::neighbour_find(s, near())?.heard) }, "Some(3)"),
    ("outbox_kept: what was delivered is still there", |s| seen(neighbours::outbox_kept(s, NodeId::Hub, 0, 8, 9)?.iter().map(|(serial, _)| *serial).collect::<Vec<_>>()), "[1]"),
    ("outbox_written_at: of the last up to a number", |s| seen((neighbours::outbox_written_at(s, NodeId::Hub, 8)?, neighbours::outbox_written_at(s, near(), 8)?)), "(Instant(1795561507380), Instant(0))"),
    ("outbox_written_by: a writer, and not back to it", |s| { mail::outbox_add(s, far(), &letter("22-9"), None)?; mail::outbox_add(s, near(), &letter("22-10"), None)?; let last = neighbours::outbox_last(s)?; seen(neighbours::outbox_written_by(s, near(), Instant(7), 8, last, 9)?.iter().map(|(_, letter)| letter.id.clone()).collect::<Vec<_>>()) }, "[\"22-r\", \"22-9\"]"),
    ("outbox_written_by: not before an instant", |s| { let last = neighbours::outbox_last(s)?; seen(neighbours::outbox_written_by(s, near(), Instant(8), 8, last, 9)?.len()) }, "0"),
    ("outbox_prune: what was delivered and is old", |s| { neighbours::outbox_prune(s, NodeId::Hub, Instant(8))?; let before = neighbours::outbox_kept(s, NodeId::Hub, 0, 8, 9)?.len(); neighbours::outbox_prune(s, NodeId::Hub, Instant(i64::MAX))?; seen((before, neighbours::outbox_kept(s, NodeId::Hub, 0, 8, 9)?.len(), neighbours::neighbour_find(s, NodeId::Hub)?.pruned, mail::outbox_waiting(s)?.0)) }, "(1, 0, 1, 3)"),
    ("outbox_counts_above: never back", |s| { neighbours::outbox_counts_above(s, 5_000)?; neighbours::outbox_counts_above(s, 9)?; seen(neighbours::outbox_last(s)?) }, "5000"),
    ("outbox_last: the newest number", |s| seen(neighbours::outbox_last(s)?), "5000"),
    ("behind_open: who has not caught up", |s| seen(neighbours::behind_open(s)?.len()), "0"),
    ("behind_all: as it was found", |s| seen(neighbours::behind_all(s)?.iter().map(|one| (one.side, one.lost, one.own, one.complete)).collect::<Vec<_>>()), "[(Here, (3, 5), (6, 7), Some(true))]"),
    ("behind_add: open until it has ended", |s| { neighbours::behind_add(s, &late())?; seen(neighbours::behind_open(s)? == [late()]) }, "true"),
    ("lost_add: for the newest time", |s| { neighbours::lost_add(s, near(), "this")?; neighbours::lost_add(s, near(), "that")?; seen(neighbours::lost_of(s, &late())?) }, "[\"this\", \"that\"]"),
    ("behind_end", |s| { neighbours::behind_end(s, near(), neighbours::Side::Here, Instant(9), false)?; seen((neighbours::behind_open(s)?.len(), neighbours::behind_all(s)?[0].caught_up, neighbours::behind_all(s)?[0].complete)) }, "(0, Some(Instant(9)), Some(false))"),
    ("aside_add: by what it is about", |s| { neighbours::aside_add(s, near(), Aside::Own, "q1", &letter("22-8"))?; neighbours::aside_add(s, near(), Aside::Later, "22-9", &letter("22-9"))?; seen((neighbours::aside_about(s, near(), Aside::Own, "q1")?.len(), neighbours::aside_about(s, near(), Aside::Later, "q1")?.len())) }, "(1, 0)"),
    ("lost_of: of another time", |s| seen(neighbours::lost_of(s, &neighbours::Behind { noticed: Instant(1), ..late() })?.len()), "0"),
    ("aside_about: the letter itself", |s| seen(neighbours::aside_about(s, near(), Aside::Own, "q1")?[0].id.clone()), "\"22-8\""),
    ("aside_all: of one kind", |s| seen(neighbours::aside_all(s, near(), Aside::Later)?.iter().map(|letter| letter.id.clone()).collect::<Vec<_>>()), "[\"22-9\"]"),
    ("aside_end", |s| { neighbours::aside_end(s, near())?; seen(neighbours::aside_all(s, near(), Aside::Later)?.len()) }, "0"),
    ("inbox_note: once each", |s| seen((mail::inbox_note(s, ["11-1", "11-2"].into_iter(), Instant(1))?, mail::inbox_note(s, ["11-3", "11-1", "11-3"].into_iter(), Instant(2))?)), "([true, true], [true, false, false])"),
    ("question_add", |s| { mail::question_add(s, &question("q1", 50), Instant(1))?; seen(mail::question_add(s, &question("q2", 40), Instant(1))?) }, "()"),
    ("question_known: whether it was ever asked", |s| seen((mail::question_known(s, "q1")?, mail::question_known(s, "22-never")?)), "(true, false)"),
    ("question_find: an open one", |s| seen(mail::question_find::<String>(s, "q1")?.map(|(waiting, open)| (waiting == question("q1", 50), open))), "Some((true, true))"),
    ("question_of_message", |s| seen(mail::question_of_message::<String>(s, &message("M1"))?.iter().map(|waiting| waiting.question.clone()).collect::<Vec<_>>()), "[\"q1\", \"q2\"]"),
    ("question_overdue: earliest first", |s| seen(mail::question_overdue::<String>(s, Instant(50))?.iter().map(|waiting| waiting.deadline.0).collect::<Vec<_>>()), "[40, 50]"),
    ("question_open_count", |s| seen(mail::question_open_count(s)?), "2"),
    ("question_mark: overdue, still found", |s| { mail::question_mark(s, "q1", "overdue")?; seen(mail::question_find::<String>(s, "q1")?.map(|(_, open)| open)) }, "Some(false)"),
    ("question_mark: ended, not found", |s| { mail::question_mark(s, "q1", "ended")?; mail::question_mark(s, "q2", "ended")?; seen(mail::question_find::<String>(s, "q1")?) }, "None"),

    ("last_kind: none of another key", |s| seen(books::last_kind(s, &BusinessKey::new("A0").expect("a key"))?), "None"),
    ("journal_add", |s| seen(books::journal_add(s, &journal(JournalKind::Settlement, 250))?), "()"),
    ("journal_add: taken back", |s| seen(books::journal_add(s, &journal(JournalKind::Reversal, -250))?), "()"),
    ("last_kind: the newest", |s| seen(books::last_kind(s, &key())?), "Some(\"reversal\")"),
    ("entries_of: in order", |s| seen(books::entries_of(s, &key())?.iter().map(|entry| (entry.journal, entry.amount.0)).collect::<Vec<_>>()), "[(1, 2376000), (1, -2376000), (1, 1034400), (1, -1034400), (2, 250), (2, -250), (3, -250), (3, 250)]"),
    ("balances: those that are not zero, by account", |s| seen(books::balances(s)?.iter().map(|(account, amount)| format!("{account} {}", amount.0)).collect::<Vec<_>>()), "[\"due_from_pool/220100/330100 1034400\", \"due_from_pool/220100/390100 2376000\", \"owed_to_institution/H31010490002 -3410400\"]"),
    ("faults: none", |s| seen(books::faults(s)?), "[]"),
    ("faults: a balance that drifts, a journal that is off", |s| {
        s.execute("insert into entry (journal, line, account, amount_fen) values (3, 9, 'x', 5)", &[])?;
        s.execute("insert into balance (account, amount_fen) values ('y', 7)", &[])?;
        let found = seen(books::faults(s)?);
        s.execute("delete from entry where account = 'x'", &[])?;
        s.execute("delete from balance where account = 'y'", &[])?;
        found
    }, "[\"journal 3 is off by 0.05 yuan\", \"account y holds 0.07 but its entries sum to 0.00\", \"account y differs by 0.07 yuan from the sum of its months\"]"),
    ("month_balances: of the month of the act", |s| seen(books::month_balances(s, "2026-11")?.iter().map(|(account, amount)| format!("{account} {}", amount.0)).collect::<Vec<_>>()), "[\"due_from_pool/220100/330100 1034400\", \"due_from_pool/220100/390100 2376000\", \"owed_to_institution/H31010490002 -3410400\"]"),
    ("balances_rebuild: as they were", |s| { let before = chain::balances(s)?; books::balances_rebuild(s)?; let after = chain::balances(s)?; seen((before.0 == after.0, books::faults(s)?)) }, "(true, [])"),

    ("head: where the chain ends", |s| seen(chain::head(s)?.map(|(serial, value)| (serial, value.len()))), "Some((3, 64))"),
    ("digest_of: of the last, and of none", |s| seen((chain::digest_of(s, 3)? == chain::head(s)?.map(|(_, value)| value), chain::digest_of(s, 4)?)), "(true, None)"),
    ("page: in order, and the last looks further", |s| {
        s.execute("insert into entry (journal, line, account, amount_fen) values (8, 0, 'x', 5)", &[])?;
        let pages = (chain::page(s, 0, 2)?, chain::page(s, 2, 2)?);
        s.execute("delete from entry where account = 'x'", &[])?;
        let shown = |page: &chain::Page| page.journals.iter().map(|(journal, _)| (journal.serial, journal.entries.len())).collect::<Vec<_>>();
        seen((shown(&pages.0), shown(&pages.1), pages.1.strays))
    }, "([(1, 4), (2, 2)], [(3, 2)], [8])"),
    ("values: all", |s| seen(chain::values(s)?.keys().copied().collect::<Vec<_>>()), "[1, 2, 3]"),
    ("serial_after", |s| seen((chain::serial_after(s, 1)?, chain::serial_after(s, 3)?)), "(Some(2), None)"),
    ("root_add: once", |s| seen((roots::root_add(s, &root("2026-11-25", 3), Instant(7))?, roots::root_add(s, &root("2026-11-25", 4), Instant(8))?)), "(true, false)"),
    ("root_of_day: as it came first", |s| seen(roots::root_of_day(s, hub(), day("2026-11-25"))?.map(|root| root.serial)), "Some(3)"),
    ("root_against: a later day that ends earlier", |s| seen((roots::root_against(s, &root("2026-11-26", 3))?.map(|root| root.serial), roots::root_against(s, &root("2026-11-26", 4))?)), "(Some(3), None)"),
    ("root_before", |s| seen((roots::root_before(s, hub(), day("2026-11-26"))?.map(|root| root.serial), roots::root_before(s, hub(), day("2026-11-25"))?)), "(Some(3), None)"),
    ("root_last", |s| seen(roots::root_last(s, hub())?.map(|root| root.serial)), "Some(3)"),
    ("roots: by owner and day", |s| seen(roots::roots(s)?.iter().map(|root| (root.owner.to_string(), root.serial)).collect::<Vec<_>>()), "[(\"22\", 1), (\"hub\", 3)]"),
    ("root_counts: held, own without a confirmation", |s| seen(roots::root_counts(s, hub())?), "(2, 1)"),
    ("root_confirmed", |s| { roots::root_confirmed(s, &root("2026-11-25", 3), Instant(9))?; seen(roots::root_counts(s, hub())?) }, "(2, 0)"),
    ("first_uncovered: none, and the first of a node without roots", |s| seen((roots::first_uncovered(s, hub())?, roots::first_uncovered(s, NodeId::Province(Province::new("31").expect("a province")))?.map(|at| at.0))), "(None, Some(1795561464513))"),
    ("last_learned_before", |s| seen((roots::last_learned_before(s, 0, Instant(1_795_561_464_514))?.is_some(), roots::last_learned_before(s, 0, Instant(0))?)), "(true, None)"),
    ("alarm_add: once", |s| {
        let alarm = roots::RootAlarm { told: root("2026-11-25", 4), told_by: hub(), held: "journal 3".into(), at: Instant(9) };
        seen((roots::alarm_add(s, &alarm)?, roots::alarm_add(s, &alarm)?))
    }, "(true, false)"),
    ("alarms: oldest first", |s| seen(roots::alarms(s)?.iter().map(|alarm| (alarm.told.serial, alarm.held.clone())).collect::<Vec<_>>()), "[(4, \"journal 3\"), (2, \"root of 2026-11-24 at journal 1\")]"),
    ("is_applied", |s| seen((is_applied(s, 2)?, is_applied(s, 9_999)?)), "(true, false)"),

    ("institutions: by code", |s| seen(institutions::institutions(s)?.iter().map(|one| one.code.as_str().to_owned()).collect::<Vec<_>>()), "[\"H31010190001\", \"H31010190006\"]"),
    ("institution_save: changed", |s| { let mut one = institutions::institutions(s)?.remove(0); one.suspended = true; institutions::institution_save(s, &one)?; seen(institutions::institutions(s)?.iter().map(|one| one.suspended).collect::<Vec<_>>()) }, "[true, false]"),

    ("person_find", |s| seen(people::person_find(s, pool(), &person())?.map(|found| (found.person_no == person(), found.wallet.own.0))), "Some((true, 0))"),
    ("person_add: once", |s| { let found = people::person_find(s, pool(), &person())?.expect("there"); seen(people::person_add(s, &found)?) }, "false"),
    ("wallet_add", |s| { people::wallet_add(s, pool(), &person(), Fen(300), Fen(-20))?; seen(people::person_find(s, pool(), &person())?.map(|found| (found.wallet.own.0, found.wallet.family.0))) }, "Some((300, -20))"),
    ("credential_add, twice the same", |s| { people::credential_add(s, "aa", pool(), &person())?; seen(people::credential_add(s, "aa", pool(), &person())?) }, "()"),
    ("credential_find", |s| seen((people::credential_find(s, "aa")? == Some((pool(), person())), people::credential_find(s, "bb")?)), "(true, None)"),
    ("filings_of", |s| seen(people::filings_of(s, pool(), &person())?.len()), "1"),
    ("filing_save: changed, not added", |s| { let filing = people::filings_of(s, pool(), &person())?.remove(0); people::filing_save(s, pool(), &person(), &filing)?; seen(people::filings_of(s, pool(), &person())?.len()) }, "1"),
    ("accumulators_add", |s| seen(people::accumulators_add(s, pool(), &person(), Insurance::Resident, PolicyYear(2026), &used(-6_000))?), "()"),
    ("accumulators_of: one year", |s| seen(people::accumulators_of(s, pool(), &person(), Insurance::Resident, PolicyYear(2026))?.fen(&Measure::of_code("inpatient_pool").expect("a measure")).0), "2370000"),
    ("accumulators_all: by year", |s| { people::accumulators_add(s, pool(), &person(), Insurance::Resident, PolicyYear(2025), &used(1))?; seen(people::accumulators_all(s, pool(), &person())?.iter().map(|(_, year, used)| (year.0, used.iter().count())).collect::<Vec<_>>()) }, "[(2025, 1), (2026, 6)]"),

    ("received_add: once", |s| seen((received::received_add(s, &message("M1"), "d", None, Instant(3), "open")?, received::received_add(s, &message("M1"), "e", Some("p".into()), Instant(4), "open")?)), "(true, false)"),
    ("received_find: as it was written down", |s| seen(received::received_find(s, &message("M1"))?.map(|found| (found.digest, found.state, found.answer, found.person, found.at.0))), "Some((\"d\", \"open\", None, None, 3))"),
    ("received_answered", |s| { received::received_answered(s, &message("M1"), r#"{"inf_refmsgid":"77"}"#)?; seen(received::received_find(s, &message("M1"))?.map(|found| found.state)) }, "Some(\"answered\")"),
    ("received_find_answered: by the number of the answer", |s| seen((received::received_find_answered(s, HOSPITAL, "2207", "77")?, received::received_find_answered(s, HOSPITAL, "2207", "78")?)), "(Some(\"M1\"), None)"),
    ("received_made: what is new stays beside what was", |s| { received::received_made(s, &message("M1"), Some("A1"), None)?; received::received_made(s, &message("M1"), None, Some("S1"))?; seen(received::received_find(s, &message("M1"))?.map(|found| (found.settlement, found.visit))) }, "Some((Some(\"A1\"), Some(\"S1\")))"),
    ("received_reversed, and an answer that comes late", |s| { received::received_reversed(s, &message("M1"))?; received::received_answered(s, &message("M1"), "late")?; seen(received::received_find(s, &message("M1"))?.map(|found| (found.state, found.answer))) }, "Some((\"reversed\", Some(\"late\")))"),
    ("session_add", |s| seen(received::session_add(s, "31-9", HOSPITAL, "op", Instant(1))?), "()"),
    ("session_end: once, and at its own institution", |s| seen((received::session_end(s, "31-9", "H0", Instant(2))?, received::session_end(s, "31-9", HOSPITAL, Instant(2))?, received::session_end(s, "31-9", HOSPITAL, Instant(3))?)), "(0, 1, 0)"),

    ("directory_count", |s| seen(relay::directory_count(s)?), "2"),
    ("directory_add: once", |s| { let entry = DirectoryEntry { credential: "aa".into(), pool: pool() }; relay::directory_add(s, &entry)?; relay::directory_add(s, &entry)?; seen(relay::directory_count(s)?) }, "3"),
    ("directory_find", |s| seen((relay::directory_find(s, "aa")? == Some(pool()), relay::directory_find(s, "bb")?)), "(true, None)"),
    ("suspension_stands", |s| seen(relay::suspension_stands(s, Province::new("46").expect("a province"))?), "true"),
    ("suspension_end", |s| { relay::suspension_end(s, Province::new("46").expect("a province"))?; seen(relay::suspension_stands(s, Province::new("46").expect("a province"))?) }, "false"),
    ("suspension_add", |s| { relay::suspension_add(s, Province::new("46").expect("a province"), Instant(1), "why")?; seen(relay::suspension_stands(s, Province::new("46").expect("a province"))?) }, "true"),
    ("relayed_add: once", |s| { for _ in 0..2 { relay::relayed_add(s, "22-8", NodeId::Hub, NodeId::Hub, "ask", Instant(1))?; } seen(relay::relayed_count(s)?) }, "4"),
    ("relayed_count", |s| seen(relay::relayed_count(s)?), "4"),

    ("visit_find: none", |s| seen(visits::visit_find(s, &VisitId::new("S0").expect("a number"))?), "None"),
    ("visit_save: changed", |s| { let mut visit = visit(s)?; visit.version = 5; visit.state = platform::records::VisitState::Open; visits::visit_save(s, &visit)?; seen(self::visit(s)?.version) }, "5"),
    ("visits_of_person: begun between", |s| seen((visits::visits_of_person(s, &hospital(), &person(), Instant(0), Instant(i64::MAX))?.len(), visits::visits_of_person(s, &hospital(), &person(), Instant(0), Instant(1))?.len())), "(1, 0)"),
    ("visits_in_hospital", |s| seen(visits::visits_in_hospital(s, &hospital(), Instant(0), Instant(i64::MAX))?.len()), "1"),
    ("visit_open_count", |s| seen(visits::visit_open_count(s)?), "1"),
    ("fee_lines: in the order in which they came", |s| seen(visits::fee_lines(s, pool(), &person(), &visit_id())?.iter().map(|line| line.line.as_str().to_owned()).collect::<Vec<_>>()), "[\"L001\", \"L002\", \"L003\"]"),
    ("fee_lines_free", |s| { let visit = visit(s)?; visits::fee_lines_free(s, &visit, &settlement_id())?; seen(bound(s)?) }, "(0, 3)"),
    ("fee_lines_add: in this order, behind what is there", |s| { let visit = visit(s)?; let known = visits::fee_lines(s, pool(), &person(), &visit_id())?; let mut lines = vec![known[0].clone(); 2]; for (line, number) in lines.iter_mut().zip(["L009", "L008"]) { line.line = FeeLineNo::new(number).expect("a number"); line.batch = Some("B9".into()); } visits::fee_lines_add(s, &visit, &lines)?; let after: Vec<String> = visits::fee_lines(s, pool(), &person(), &visit_id())?.iter().map(|line| line.line.to_string()).collect(); seen((after.len() - known.len(), &after[known.len()..])) }, "(2, [\"L009\", \"L008\"])"),
    ("fee_lines_bind: one batch", |s| { let visit = visit(s)?; visits::fee_lines_bind(s, &visit, Some("B9"), &settlement_id())?; seen(bound(s)?) }, "(2, 5)"),
    ("fee_lines_bind: all that are free", |s| { let visit = visit(s)?; visits::fee_lines_bind(s, &visit, None, &settlement_id())?; seen(bound(s)?) }, "(5, 5)"),
    ("fee_line_delete: not one that is bound", |s| { let visit = visit(s)?; let line = FeeLineNo::new("L009").expect("a number"); let bound = visits::fee_line_delete(s, &visit, &line)?; visits::fee_lines_free(s, &visit, &settlement_id())?; seen((bound, visits::fee_line_delete(s, &visit, &line)?)) }, "(0, 1)"),

    ("settlement_find", |s| seen(settlements::settlement_find(s, &settlement_id())?.map(|found| found.state)), "Some(Settled)"),
    ("settlement_save: changed", |s| { let visit = visit(s)?; let mut record = settlements::settlement_find(s, &settlement_id())?.expect("there"); record.state = State::Reversing; settlements::settlement_save(s, &visit, &record)?; seen(settlements::settlement_find(s, &settlement_id())?.map(|found| found.state)) }, "Some(Reversing)"),
    ("settlements_of_visit", |s| { let visit = visit(s)?; seen(settlements::settlements_of_visit(s, &visit)?.len()) }, "1"),
    ("settlement_counts", |s| seen(settlements::settlement_counts(s)?), "[(\"reversing\", 1)]"),

    ("file_add", |s| seen(files::file_add(s, &file("4311", 9))?), "()"),
    ("file_find: its own, until it expires", |s| seen((files::file_find(s, &hospital(), "4311", Instant(8))? == Some(file("4311", 9)), files::file_find(s, &hospital(), "4311", Instant(9))?, files::file_find(s, &other_hospital(), "4311", Instant(8))?)), "(true, None, None)"),
    ("file_bytes_kept: what has not expired", |s| seen((files::file_bytes_kept(s, &hospital(), Instant(8))?, files::file_bytes_kept(s, &hospital(), Instant(9))?, files::file_bytes_kept(s, &other_hospital(), Instant(0))?)), "(9, 5, 0)"),
    ("files_expire: what is over, and then none", |s| seen((files::files_expire(s, Instant(8))?, files::files_expire(s, Instant(9))?, files::files_expire(s, Instant(9))?, files::file_bytes_kept(s, &hospital(), Instant(0))?)), "(0, 1, 0, 5)"),
    ("statement_entries: of its days", |s| seen((entries(s, "2026-11-25", "2026-11-25")?, entries(s, "2026-11-26", "2026-12-31")?, entries(s, "2026-01-01", "2026-11-24")?)), "(\"A2201002611253100001 6240000 3410400 0 2829600\", \"\", \"\")"),
    ("statement_entry: as it stands", |s| seen(statement::statement_entry(s, &hospital(), SETTLEMENT)?.map(|found| (found.state, found.inpatient, found.day().map(|day| day.to_string()), found.booked, found.transaction, found.other))), "Some((Reversing, true, Some(\"2026-11-25\"), Some(Instant(1795561464513)), \"2304\", None))"),
    ("statement_entry: with its other half, and of no other institution", |s| {
        let visit = visit(s)?;
        let mut record = settlements::settlement_find(s, &settlement_id())?.expect("there");
        let back = SettlementId::new("A2201002611253100009").expect("a number");
        let taking = platform::records::SettlementRecord { id: back.clone(), msgid: "M9".into(), infno: "2601".into(), takes_back: Some(record.id.clone()), ..record.clone() };
        settlements::settlement_save(s, &visit, &taking)?;
        record.taken_back_by = Some(back);
        settlements::settlement_save(s, &visit, &record)?;
        let found = statement::statement_entry(s, &hospital(), "A2201002611253100009")?.expect("there");
        let other = statement::statement_entry(s, &hospital(), SETTLEMENT)?.and_then(|found| found.other);
        seen((found.amounts.fee.0, found.takes_back, found.undoes, found.other.map(|half| (half.message, half.undoes)), other.map(|half| (half.message, half.undoes)), statement::statement_entry(s, &other_hospital(), SETTLEMENT)?))
    }, "(-6240000, true, true, Some((\"H31010490002202611252304\", false)), Some((\"M9\", true)), None)"),
    ("statement_entry_of_message", |s| seen((statement::statement_entry_of_message(s, &hospital(), "M9")?.map(|found| found.settlement.to_string()), statement::statement_entry_of_message(s, &other_hospital(), "M9")?)), "(Some(\"A2201002611253100009\"), None)"),
    ("statement_open_count: what has a clock", |s| {
        let before = statement::statement_open_count(s, &hospital(), VisitKind::Inpatient)?;
        resolving::resolving_begin(s, &event_key(), "31-8", Instant(1), Instant(2))?;
        let open = [VisitKind::Inpatient, VisitKind::Outpatient].map(|kind| statement::statement_open_count(s, &hospital(), kind).expect("counted"));
        resolving::resolving_end(s, &event_key())?;
        seen((before, open))
    }, "(0, [1, 0])"),
    ("statement_add", |s| seen(statement::statement_add(s, &stated("4319", 2))?), "()"),
    ("statement_of_day: the newest that covers it", |s| seen((statement::statement_of_day(s, &hospital(), VisitKind::Inpatient, day("2026-11-24"))? == Some(stated("4319", 2)), statement::statement_of_day(s, &hospital(), VisitKind::Inpatient, day("2026-11-25"))?.map(|found| found.number), statement::statement_of_day(s, &hospital(), VisitKind::Outpatient, day("2026-11-24"))?)), "(true, Some(\"4312611250000002\"), None)"),
    ("statement_difference_add", |s| { for (place, pool) in [(1, Some(pool())), (2, None)] { statement::statement_difference_add(s, "4319", place, &different(pool))?; } seen(statement::statement_differences(s, "4319")? == [different(Some(pool())), different(None)]) }, "true"),
    ("statement_differences: in order", |s| seen(statement::statement_differences(s, "4312611250000002")?.iter().map(|found| (found.side, found.kind, found.listed)).collect::<Vec<_>>()), "[(1, Missing, false)]"),

    ("stays_of", |s| seen(insured::stays_of(s, pool(), &person())?.iter().map(|stay| (stay.visit.clone(), stay.version, stay.end.map(|end| end.to_string()))).collect::<Vec<_>>()), "[(\"S2201002611253100001\", 1, Some(\"2026-11-25\"))]"),
    ("stay_open: once", |s| seen((insured::stay_open(s, &stay(), &care())?, insured::stay_open(s, &other_stay(), &care())?)), "(false, true)"),
    ("stay_change: a newer one counts, an older one does not", |s| seen((insured::stay_change(s, &stay(), 3, day("2026-11-16"), None)?, insured::stay_change(s, &stay(), 2, day("2026-11-17"), None)?)), "(1, 0)"),
    ("stay_close", |s| { insured::stay_close(s, &other_stay())?; seen(insured::stays_of(s, pool(), &person())?.iter().map(|stay| stay.state.clone()).collect::<Vec<_>>()) }, "[\"open\", \"closed\"]"),
    ("insured_settlement_find", |s| seen(insured::insured_settlement_find(s, &settlement_ref())?.map(|(state, booked)| (state, booked.is_some()))), "Some((Settled, true))"),
    ("insured_settlement_standing", |s| seen(insured::insured_settlement_standing(s, &stay())?), "Some(\"A2201002611253100001\")"),
    ("insured_settlement_save: the state alone changes", |s| { insured::insured_settlement_save(s, &settlement_ref(), State::Reversed, None)?; seen(insured::insured_settlement_find(s, &settlement_ref())?.map(|(state, booked)| (state, booked.is_some()))) }, "Some((Reversed, true))"),
    ("insured_settlement_standing: none", |s| seen(insured::insured_settlement_standing(s, &stay())?), "None"),

    ("settlements: all", |s| seen(survey::settlements(s)?.len()), "2"),
    ("insured_settlements: all", |s| seen(survey::insured_settlements(s)?.iter().map(|side| side.state).collect::<Vec<_>>()), "[Reversed]"),
    ("journals: all, with their entries", |s| seen(survey::journals(s)?.iter().map(|journal| (journal.kind.clone(), journal.entries.len())).collect::<Vec<_>>()), "[(\"settlement\", 4), (\"settlement\", 2), (\"reversal\", 2)]"),
    ("accumulators: all years together", |s| seen(survey::accumulators(s)?.get(person().as_str()).map(|used| used.fen(&Measure::of_code("inpatient_pool").expect("a measure")).0)), "Some(2370001)"),
    ("wallets: own and family", |s| seen(survey::wallets(s)?.values().map(|(own, family)| (own.0, family.0)).collect::<Vec<_>>()), "[(150000, 0), (300, -20)]"),
    ("messages_open", |s| { received::received_add(s, &message("M2"), "d", None, Instant(3), "open")?; seen(survey::messages_open(s)?) }, "[\"2207 M2\"]"),
    ("people_enrolled", |s| seen(survey::people_enrolled(s)?.iter().map(|one| one.wallet.own.0).collect::<Vec<_>>()), "[150000, 0]"),

    ("insured_settlements_later: none of this person", |s| seen(insured::insured_settlements_later(s, &settlement_ref())?), "0"),
    ("event_add: in the next place of its office", |s| { events::event_add(s, &event_key(), &happened())?; seen(events::events_of(s, &settlement_id())?.iter().map(|event| (event.office.code(), event.to, event.at.0)).collect::<Vec<_>>()) }, "[(\"treatment\", Asked, 5), (\"insured\", Settled, 1795561507380)]"),
    ("events_of: none", |s| seen(events::events_of(s, &SettlementId::new("A9").expect("a number"))?.len()), "0"),
    ("event_key_of", |s| seen(events::event_key_of(s, &settlement_id())?.map(|key| key.person.to_string())), "Some(\"22010090000000000035\")"),
    ("events_all", |s| seen(events::events_all(s)?.len()), "2"),
    ("resolving_begin", |s| { resolving::resolving_begin(s, &event_key(), "31-9", Instant(1), Instant(2))?; resolving::resolving_begin(s, &event_key(), "31-10", Instant(5), Instant(6))?; seen(resolving::resolving_find(s, &event_key())?.map(|clock| (clock.question, clock.since.0, clock.next.0))) }, "Some((\"31-10\", 1, 6))"),
    ("resolving_find: what it knows", |s| seen(resolving::resolving_find(s, &event_key())?.map(|clock| (clock.asked, clock.heard, clock.ordered, clock.handed_over))), "Some((0, None, None, None))"),
    ("resolving_due: by the clock, and far beyond it", |s| seen((resolving::resolving_due(s, Instant(6), i64::MAX)?.len(), resolving::resolving_due(s, Instant(6), 60_000)?.len())), "(1, 2)"),
    ("resolving_all", |s| seen(resolving::resolving_all(s)?.len()), "2"),
    ("resolving_asked", |s| { resolving::resolving_asked(s, &event_key(), Some("31-11"), Instant(9))?; seen(resolving::resolving_find(s, &event_key())?.map(|clock| (clock.asked, clock.probe, clock.next.0))) }, "Some((1, Some(\"31-11\"), 9))"),
    ("resolving_heard", |s| { resolving::resolving_heard(s, &event_key(), "settled", Instant(10))?; seen(resolving::resolving_find(s, &event_key())?.map(|clock| clock.heard)) }, "Some(Some((\"settled\", Instant(10))))"),
    ("resolving_handed_over", |s| { resolving::resolving_handed_over(s, &event_key(), Instant(11))?; seen(resolving::resolving_find(s, &event_key())?.map(|clock| clock.handed_over)) }, "Some(Some(Instant(11)))"),
    ("resolving_order", |s| { let ordered = resolving::resolving_order(s, &event_key(), Order::Cancel, "clerk")?; seen((ordered, resolving::resolving_find(s, &event_key())?.map(|clock| (clock.ordered, clock.next.0)))) }, "(true, Some((Some((Cancel, \"clerk\")), 0)))"),
    ("resolving_end", |s| { resolving::resolving_end(s, &event_key())?; seen(resolving::resolving_find(s, &event_key())?.is_some()) }, "false"),

    ("insured_settlement_key", |s| seen(insured::insured_settlement_key(s, &settlement_id())?.map(|key| (key.visit.to_string(), key.treatment.to_string()))), "Some((\"S2201002611253100001\", \"31\"))"),
    ("day_page: journals and records of one settlement are one line", |s| seen(reconciliation::day_page(s, NodeId::Province(Province::new("31").expect("a province")), day("2026-11-25"), "", 10)?.lines.iter().map(|(_, party, line)| (party.code(), line.settlement.clone(), line.stands.clone())).collect::<Vec<_>>()), "[(\"insured\", \"A2201002611253100001\", Some(\"6240000 220100-resident 2026.1+86810394\"))]"),
    ("day_page: a page ends where the rows end", |s| seen(reconciliation::day_page(s, NodeId::Hub, day("2026-11-25"), "", 1)?.last), "Some(\"A2201002611253100001\")"),
    ("held_of: the hub has journals alone", |s| seen({ let held = reconciliation::held_of(s, NodeId::Hub, Party::Hub, &settlement_id())?; (held.recorded.is_some(), held.postings.len()) }), "(false, 0)"),
    ("held_of: the insured office", |s| seen(reconciliation::held_of(s, NodeId::Province(Province::new("22").expect("a province")), Party::Insured, &settlement_id())?.recorded.map(|record| (record.state, record.fee))), "Some((Reversed, Fen(6240000)))"),
    ("days_touched", |s| seen(reconciliation::days_touched(s, 0, day("2027-01-01"))?.iter().map(ToString::to_string).collect::<Vec<_>>()), "[\"2026-11-25\"]"),
    ("balances_check: the sample's balances are of no entries", |s| seen(balance_check::balances_check(s)?.len()), "2"),
    ("balances_check: again, nothing is summed twice", |s| seen(balance_check::balances_check(s)?.len()), "2"),
    ("balance_alarms", |s| seen(balance_check::balance_alarms(s)?.iter().map(|alarm| alarm.stored.0).collect::<Vec<_>>()), "[70100]"),
    ("balance_alarms_keep: what is right again is forgotten", |s| { balance_check::balance_alarms_keep(s, &[], Instant(5))?; seen(balance_check::balance_alarms(s)?.len()) }, "0"),
    ("mark_set", |s| { reconciliation::mark_set(s, "stated", 9)?; seen((reconciliation::mark(s, "stated")?, reconciliation::mark(s, "none")?)) }, "(Some(9), None)"),
    ("mark: the newest", |s| { reconciliation::mark_set(s, "stated", 10)?; seen(reconciliation::mark(s, "stated")?) }, "Some(10)"),
    ("statement_due_add: once", |s| { comparison::statement_due_add(s, day("2026-11-26"), Instant(1))?; comparison::statement_due_add(s, day("2026-11-26"), Instant(2))?; seen(comparison::statement_due_first(s, day("2026-11-26"))?.map(|day| day.to_string())) }, "Some(\"2026-11-25\")"),
    ("statement_due_done", |s| { comparison::statement_due_done(s, day("2026-11-25"))?; seen((comparison::statement_due_first(s, day("2026-11-26"))?, comparison::statement_due_first(s, day("2026-11-27"))?.map(|day| day.to_string()))) }, "(None, Some(\"2026-11-26\"))"),
    ("statement_due_first: none before it", |s| seen(comparison::statement_due_first(s, day("2020-01-01"))?), "None"),
    ("statement_told: what was told before is forgotten", |s| { comparison::statement_told(s, day("2026-11-24"), hub(), &[head(3)], Instant(4))?; comparison::statement_told(s, day("2026-11-24"), hub(), &[head(5)], Instant(5))?; seen(comparison::heads_of_day(s, day("2026-11-24"))?.iter().map(|head| (head.party.code(), head.booked)).collect::<Vec<_>>()) }, "[(\"hub\", 5)]"),
    ("has_told", |s| seen((comparison::has_told(s, day("2026-11-24"), hub())?, comparison::has_told(s, day("2026-11-23"), hub())?)), "(true, false)"),
    ("heads_of_day: none", |s| seen(comparison::heads_of_day(s, day("2026-11-23"))?.len()), "0"),
    ("comparison_save: new", |s| { comparison::comparison_save(s, &compared("2026-11-23", None))?; seen(comparison::comparison_find(s, &pair("2026-11-23"))?.map(|found| (found.stage, found.run, found.next))) }, "Some((Agrees, 4, None))"),
    ("comparison_save: changed", |s| { comparison::comparison_save(s, &compared("2026-11-23", Some(Instant(7))))?; seen(comparison::comparison_find(s, &pair("2026-11-23"))?.map(|found| found.next)) }, "Some(Some(Instant(7)))"),
    ("comparison_find: none", |s| seen(comparison::comparison_find(s, &pair("2026-11-22"))?), "None"),
    ("comparisons_due", |s| seen((comparison::comparisons_due(s, Instant(6))?.len(), comparison::comparisons_due(s, Instant(7))?.len())), "(0, 1)"),
    ("comparisons_since: what differs stands first", |s| seen(comparison::comparisons_since(s, day("2026-11-01"))?.iter().map(|found| found.stage.code()).collect::<Vec<_>>()), "[\"differs\", \"agrees\"]"),
    ("difference_find", |s| seen(comparison::difference_find(s, &pair("2026-11-24"), &settlement_id())?.and_then(|kept| kept.decided).map(|decided| (decided.decision, decided.by))), "Some((Confirm, \"Li Wei\"))"),
    ("difference_counts", |s| seen(comparison::difference_counts(s)?), "[(Version, 1)]"),
    ("difference_keep: the same again keeps what was decided", |s| seen({ let found = comparison::difference_find(s, &pair("2026-11-24"), &settlement_id())?.expect("there").found; comparison::difference_keep(s, &pair("2026-11-24"), &found, Instant(9))?.decided.is_some() }), "true"),
    ("difference_keep: another kind is another difference", |s| seen({ let mut found = comparison::difference_find(s, &pair("2026-11-24"), &settlement_id())?.expect("there").found; found.difference.kind = Kind::Amount; let kept = comparison::difference_keep(s, &pair("2026-11-24"), &found, Instant(9))?; (kept.decided, kept.since) }), "(None, Instant(9))"),
    ("differences_of", |s| seen((comparison::differences_of(s, &pair("2026-11-24"))?.len(), comparison::differences_of(s, &pair("2026-11-23"))?.len())), "(1, 0)"),
    ("differences_with", |s| seen(comparison::differences_with(s, &settlement_id())?.len()), "1"),
    ("difference_repaired", |s| { comparison::difference_repaired(s, &pair("2026-11-24"), &settlement_id(), Instant(11))?; seen(comparison::difference_find(s, &pair("2026-11-24"), &settlement_id())?.and_then(|kept| kept.repaired)) }, "Some(Instant(11))"),
    ("difference_decide", |s| { let decided = Decided { decision: Decision::TakeBack, by: "Wang Fang".into(), reason: "not known there".into() }; comparison::difference_decide(s, &pair("2026-11-24"), &settlement_id(), &decided, Instant(12))?; seen(comparison::differences_to_do(s)?.iter().map(|kept| kept.decided.clone().map(|decided| decided.decision)).collect::<Vec<_>>()) }, "[Some(TakeBack)]"),
    ("difference_done", |s| { comparison::difference_done(s, &pair("2026-11-24"), &settlement_id(), Instant(13))?; seen((comparison::differences_to_do(s)?.len(), comparison::difference_find(s, &pair("2026-11-24"), &settlement_id())?.and_then(|kept| kept.done))) }, "(0, Some(Instant(13)))"),
    ("differences_to_do: none", |s| seen(comparison::differences_to_do(s)?.len()), "0"),
    ("decision_add: for good", |s| seen({ let kept = comparison::difference_find(s, &pair("2026-11-24"), &settlement_id())?.expect("there"); let decided = kept.decided.clone().expect("decided"); comparison::decision_add(s, &kept, &decided, Instant(13))?; comparison::decision_add(s, &kept, &decided, Instant(13))?; comparison::decisions_since(s, day("2026-11-24"))?.iter().map(|made| (made.decided.by.clone(), made.at.0)).collect::<Vec<_>>() }), "[(\"Li Wei\", 1795561607380), (\"Wang Fang\", 13)]"),
    ("decisions_since: none of later days", |s| seen(comparison::decisions_since(s, day("2026-11-25"))?.len()), "0"),
    ("difference_forget", |s| { comparison::difference_forget(s, &pair("2026-11-24"), &settlement_id())?; seen(comparison::difference_find(s, &pair("2026-11-24"), &settlement_id())?.is_some()) }, "false"),

    ("counters_move_on: what leaves the node is far above what was given", |s| { counters_move_on(s)?; seen((counter_next(s, "new")?, counter_next(s, "visit/110000/260101")?)) }, "(1000002, 1000002)"),
    ("counter_last: the newest, and of a series that never began", |s| seen((counter_last(s, "new")?, counter_last(s, "never")?)), "(1000002, 0)"),
    ("counter_raise: never back", |s| { counter_raise(s, "raised", 7)?; counter_raise(s, "raised", 3)?; seen(counter_next(s, "raised")?) }, "8"),
    ("counter_next: what stays inside goes on", |s| seen((counter_next(s, "outbox")?, counter_next(s, "journal")?)), "(5001, 1)"),
];

#[test]
fn every_function_does_the_same_on_both_engines() {
    on_each_engine(|engine, store| {
        fill_to(store, i64::MAX);
        for (what, act, expected) in ROWS {
            let found = act(store).unwrap_or_else(|error| panic!("{engine}, {what}: {error}"));
            assert_eq!(found, *expected, "{engine}, {what}");
        }
    });
}

#[test]
fn no_function_of_the_store_is_left_out() {
    let rooms = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store");
    let mut missing = Vec::new();
    for entry in std::fs::read_dir(rooms).expect("the store") {
        let file = entry.expect("an entry").path();
        if file.extension().is_none_or(|ending| ending != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(&file).expect("a source file");
        let names = text.split("pub fn ").skip(1).filter_map(|rest| {
            let (head, _) = rest.split_once(')')?;
            let (name, _) = head.split_once(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
            head.contains("store: &mut dyn Store").then(|| name.to_owned())
        });
        missing.extend(names.filter(|name| !ROWS.iter().any(|(what, _, _)| what.starts_with(name.as_str()))));
    }
    assert!(missing.is_empty(), "without a row: {missing:?}");
}
