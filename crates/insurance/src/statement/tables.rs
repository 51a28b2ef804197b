//! Every verdict of a statement, by table: what is listed, what is booked, and what is said of it.

use super::*;

const DAY: &str = "2026-11-25";

fn day(text: &str) -> ServiceDate {
    text.parse().expect("a day")
}

fn number(text: &str) -> SettlementId {
    SettlementId::new(text).expect("a number")
}

fn scope() -> Scope {
    Scope { from: day(DAY), to: day(DAY), inpatient: Some(false), refunds: true }
}

fn amounts(fee: i64) -> Amounts {
    Amounts { fee: Fen(fee), fund: Fen(fee / 2), account: Fen(0), cash: Fen(fee - fee / 2) }
}

/// A settlement of 10.00 yuan on the day.
fn entry(settlement: &str) -> Entry {
    Entry {
        settlement: number(settlement),
        visit: VisitId::new("V").expect("a number"),
        pool: Region::new("220100").expect("a region"),
        person: PersonNo::new("P").expect("a number"),
        message: format!("M{settlement}"),
        transaction: "2207".into(),
        undoes: false,
        takes_back: false,
        state: State::Settled,
        booked: Some(day(DAY).begins()),
        inpatient: false,
        insurance: Insurance::Resident,
        amounts: amounts(10_00),
        other: None,
    }
}

fn half(settlement: &str, of: &str, undoes: bool) -> Half {
    Half {
        settlement: number(settlement),
        state: State::Settled,
        day: Some(day(of)),
        message: format!("M{settlement}"),
        undoes,
    }
}

/// A settlement and the record that takes it back.
fn pair(back_on: &str, undoes: bool) -> [Entry; 2] {
    let settled = Entry { state: State::Reversed, other: Some(half("N", back_on, undoes)), ..entry("A") };
    let other = Some(Half { state: State::Reversed, ..half("A", DAY, false) });
    let (booked, amounts) = (Some(day(back_on).begins()), amounts(-10_00));
    let back = Entry { takes_back: true, undoes, booked, amounts, other, ..entry("N") };
    [settled, back]
}

fn line(settlement: &str, fee: i64) -> Line {
    let (visit, person) = ("V".into(), "P".into());
    Line { settlement: settlement.into(), visit, person, amounts: amounts(fee), ..Line::default() }
}

/// The reasons of the lines, then of the entries that no line names.
fn compared(lines: Vec<Line>, entries: &[Entry]) -> (Vec<Why>, Vec<Why>) {
    let numbered = lines.into_iter().enumerate().map(|(place, line)| Line { number: place + 1, ..line });
    let mut comparison = Comparison::new(scope(), numbered.collect());
    let held = entries.iter().filter(|entry| scope().holds(entry));
    let only = held.filter_map(|entry| comparison.entry(entry)).collect();
    let mut last = None;
    while let Some((place, line)) = comparison.unexplained(last) {
        let named = |entry: &&Entry| match line.settlement.is_empty() {
            true => entry.message == line.message,
            false => entry.settlement.as_str() == line.settlement,
        };
        let found = entries.iter().find(named).cloned();
        comparison.explain(place, found);
        last = Some(place);
    }
    (comparison.judged().map(|judged| judged.why).collect(), only)
}

fn one(line: Line, entries: &[Entry]) -> Why {
    let (mut lines, _) = compared(vec![line], entries);
    lines.remove(0)
}

#[test]
fn what_is_right_is_never_marked_wrong() {
    let [settled, back] = pair(DAY, false);
    let flagged = Line { refund: Some(true), ..line("A", -10_00) };
    let by_message = Line { message: "MA".into(), ..line("", 10_00) };
    let unnamed = Line { person: String::new(), visit: String::new(), ..line("A", 10_00) };
    for lines in [
        vec![line("A", 10_00), line("N", -10_00)],
        vec![line("N", -10_00), line("A", 10_00)],
        vec![line("A", 10_00), flagged],
        vec![by_message, line("N", -10_00)],
        vec![unnamed, line("N", -10_00)],
    ] {
        let found = compared(lines.clone(), &[settled.clone(), back.clone()]);
        assert_eq!(found, (vec![Why::Same, Why::Same], Vec::new()), "{lines:?}");
    }
    let moving = Entry { state: State::Reversing, ..entry("A") };
    assert_eq!(one(line("A", 10_00), &[moving]), Why::SameForNow(State::Reversing));
}

#[test]
fn each_difference_of_a_line_has_its_reason() {
    let [settled, back] = pair(DAY, false);
    let [undone, undoing] = pair(DAY, true);
    let (later, later_back) = (pair("2026-11-27", false), pair("2026-11-27", true));
    let stands = [entry("A"), Entry { state: State::Reversed, ..back.clone() }];
    let in_state = |state| [Entry { state, booked: None, amounts: Amounts::default(), ..entry("A") }];
    let other = |figure, ours, theirs| Why::OtherAmounts(vec![(figure, Fen(ours), Fen(theirs))]);
    let fund = Line { amounts: Amounts { fund: Fen(4_00), ..amounts(10_00) }, ..line("A", 10_00) };
    let inpatient = Entry { inpatient: true, ..entry("A") };
    let table: Vec<(Line, Vec<Entry>, Why)> = vec![
        (fund, vec![entry("A")], other(Figure::Fund, 5_00, 4_00)),
        (Line { person: "Q".into(), ..line("A", 10_00) }, vec![entry("A")], Why::OtherPerson),
        (Line { visit: "W".into(), ..line("A", 10_00) }, vec![entry("A")], Why::OtherPerson),
        (line("X", 10_00), vec![entry("A")], Why::Unknown),
        (line("A", 10_00), in_state(State::Refused).to_vec(), Why::NotBooked(State::Refused)),
        (line("A", 10_00), in_state(State::Cancelled).to_vec(), Why::NotBooked(State::Cancelled)),
        (line("A", 10_00), in_state(State::Asked).to_vec(), Why::BeingResolved(State::Asked)),
        (line("A", 10_00), in_state(State::Cancelling).to_vec(), Why::BeingResolved(State::Cancelling)),
        (line("N", -10_00), later.to_vec(), Why::OtherDay(day("2026-11-27"))),
        (Line { refund: Some(true), ..line("A", -10_00) }, later.to_vec(), Why::OtherDay(day("2026-11-27"))),
        (line("A", 10_00), vec![inpatient], Why::OtherClass),
        (line("A", 10_00), vec![undone.clone(), undoing.clone()], Why::Undone(None)),
        (line("N", -10_00), vec![undone, undoing], Why::Undone(None)),
        (line("A", 10_00), later_back.to_vec(), Why::Same),
        (line("N", -10_00), stands.to_vec(), Why::StandsAgain),
        (line("A", 10_00), vec![Entry { state: State::Reversed, ..entry("A") }], Why::EndedByDecision),
        (line("A", -10_00), vec![entry("A")], Why::TakenBackThere),
        (line("A", -10_00), in_state(State::Refused).to_vec(), Why::NotBooked(State::Refused)),
    ];
    for (line, entries, expected) in table {
        assert_eq!(one(line.clone(), &entries), expected, "{line:?} beside {entries:?}");
    }
    let moving = Entry { state: State::Reversing, ..settled };
    assert_eq!(one(line("A", -10_00), &[moving]), Why::BeingResolved(State::Reversing));
}

#[test]
fn a_line_that_stands_twice_is_told_and_the_right_one_counts() {
    let twice = compared(vec![line("A", 9_00), line("A", 10_00)], &[entry("A")]);
    assert_eq!(twice, (vec![Why::Twice(2), Why::Same], Vec::new()));
    let wrong = compared(vec![line("A", 9_00), line("A", 8_00)], &[entry("A")]);
    assert!(matches!(wrong.0.as_slice(), [Why::OtherAmounts(_), Why::Twice(1)]), "{wrong:?}");
    let unknown = compared(vec![line("X", 9_00), line("X", 9_00)], &[]);
    assert_eq!(unknown.0, [Why::Unknown, Why::Twice(1)]);
    let [settled, back] = pair(DAY, false);
    let flagged = Line { refund: Some(true), ..line("A", -10_00) };
    let thrice = compared(vec![line("A", 10_00), line("N", -10_00), flagged], &[settled, back]);
    assert_eq!(thrice.0, [Why::Same, Why::Same, Why::Twice(2)]);
}

#[test]
fn each_entry_that_is_not_listed_has_its_reason() {
    let [settled, back] = pair(DAY, false);
    let later = pair("2026-11-27", true);
    let moving = Entry { state: State::Reversing, ..entry("A") };
    let table = [
        (vec![entry("A")], vec![Why::NotListed]),
        (vec![settled.clone(), back.clone()], vec![Why::NotListed, Why::TakenBackHere(Some(number("A")))]),
        (pair(DAY, true).to_vec(), vec![]),
        (later.to_vec(), vec![Why::Undone(Some(day("2026-11-27")))]),
        (vec![moving], vec![Why::BeingResolved(State::Reversing)]),
    ];
    for (entries, expected) in table {
        assert_eq!(compared(Vec::new(), &entries).1, expected, "{entries:?}");
    }
    let (lines, only) = compared(vec![line("A", 10_00)], &[settled, back]);
    assert_eq!((lines, only), (vec![Why::Same], vec![Why::TakenBackHere(Some(number("A")))]));
}

#[test]
fn days_that_are_over_stay_as_they_were() {
    let counted = |entries: [Entry; 2]| entries.map(|entry| entry.counts());
    assert_eq!(counted(pair(DAY, false)), [true, true]);
    assert_eq!(counted(pair(DAY, true)), [false, false], "undone on the same day: as if it had never been");
    assert_eq!(counted(pair("2026-11-27", true)), [true, true], "undone later: it counts on its own day");
    let [_, back] = pair(DAY, false);
    assert!(!Entry { state: State::Reversed, ..back }.counts(), "the taking back was undone");
}

#[test]
fn every_kind_but_the_version_can_be_found_in_a_file() {
    let found = [
        Why::OtherAmounts(Vec::new()),
        Why::OtherDay(day(DAY)),
        Why::NotListed,
        Why::TakenBackThere,
        Why::Twice(1),
    ];
    let kinds: Vec<_> = found.iter().filter_map(|why| why.verdict(true).1).collect();
    assert_eq!(kinds, [Kind::Amount, Kind::Timing, Kind::Missing, Kind::State, Kind::Duplicate]);
    assert_eq!(Why::NotListed.verdict(false), (Side::Agency, Some(Kind::Missing)));
    assert_eq!(Why::Unknown.verdict(true), (Side::Institution, Some(Kind::Missing)));
}
