//! Every kind of difference, and its repair, as a table; and that a hub which follows holds what it should.

use super::Kind::{Amount, Duplicate, Missing, State as Stands, Timing, Version};
use super::*;
use Party::{Hub, Insured, Treatment};

const FIRST: &str = "2026-05-30";
const LATER: &str = "2026-06-02";

/// Acts as `kind day amount`, in one fund: `+` settlement, `-` reversal, `~` reinstatement, `=` correction.
fn acts(text: &str) -> Vec<Posting> {
    (1..)
        .zip(text.split_whitespace())
        .map(|(serial, act)| {
            let (sign, rest) = act.split_at(1);
            let (day, fen) = rest.split_once(':').expect("day:fen");
            let kind = match sign {
                "+" => JournalKind::Settlement,
                "-" => JournalKind::Reversal,
                "~" => JournalKind::Reinstatement,
                _ => JournalKind::Correction,
            };
            let day = if day == "f" { FIRST } else { LATER };
            let fen: i64 = fen.parse().expect("fen");
            let fen = if sign == "-" { -fen } else { fen };
            let funds = Funds::from([(Fund::ResidentPool, Fen(fen))]);
            Posting { serial, kind, day: day.parse().expect("a day"), funds }
        })
        .collect()
}

fn hub(text: &str) -> Held {
    Held { recorded: None, postings: acts(text) }
}

fn held(state: State, fund: i64, text: &str) -> Held {
    let funds = Funds::from([(Fund::ResidentPool, Fen(fund))]);
    let recorded = Recorded {
        state,
        day: FIRST.parse().expect("a day"),
        fee: Fen(1_000),
        funds,
        version: "2026.1".into(),
    };
    Held { recorded: Some(recorded), postings: acts(text) }
}

fn version(mut held: Held, version: &str) -> Held {
    held.recorded.as_mut().expect("a record").version = version.into();
    held
}

/// What it is, what treatment place, hub and insured place hold, what is found.
type Case = (&'static str, Held, Held, Held, Option<(Kind, Party, Repair)>);

#[test]
fn every_difference_has_its_kind_its_side_and_its_repair() {
    use State::{Absent, Asked, Cancelled, Cancelling, Refused, Reinstating, Reversed, Reversing, Settled};
    let decide = Repair::Decide;
    let good = || held(Settled, 700, "+f:700");
    let gone = || held(Reversed, 700, "+f:700 -l:700");
    let nothing = Held::default;
    // what it is, treatment, hub, insured, expected
    let table: Vec<Case> = vec![
        ("even", good(), hub("+f:700"), good(), None),
        ("taken back everywhere", gone(), hub("+f:700 -l:700"), gone(), None),
        ("no fund pays", held(Settled, 0, ""), hub(""), held(Settled, 0, ""), None),
        ("refused, never heard of", held(Refused, 0, ""), nothing(), nothing(), None),
        (
            "stands again",
            held(Settled, 700, "+f:700 -l:700 ~l:700"),
            hub("+f:700 -l:700 ~l:700"),
            held(Settled, 700, "+f:700 -l:700 ~l:700"),
            None,
        ),
        (
            "cancelled, and taken back on its own day where it had been booked",
            held(Cancelled, 0, ""),
            hub("+f:700 -f:700"),
            held(Reversed, 700, "+f:700 -f:700"),
            None,
        ),
        ("asked, not heard yet", held(Asked, 0, ""), hub(""), nothing(), None),
        (
            "asked, booked there",
            held(Asked, 0, ""),
            hub("+f:700"),
            good(),
            Some((Timing, Treatment, Repair::Wait)),
        ),
        (
            "given up, booked there",
            held(Cancelling, 0, ""),
            hub(""),
            good(),
            Some((Timing, Treatment, Repair::Wait)),
        ),
        (
            "being taken back, and taken back there",
            held(Reversing, 700, "+f:700"),
            hub("+f:700"),
            gone(),
            Some((Timing, Treatment, Repair::Wait)),
        ),
        ("being taken back, not heard yet", held(Reversing, 700, "+f:700"), hub("+f:700"), good(), None),
        (
            "to stand again, and stands there",
            held(Reinstating, 700, "+f:700 -l:700"),
            hub("+f:700 -l:700"),
            held(Settled, 700, "+f:700 -l:700 ~l:700"),
            Some((Timing, Treatment, Repair::Wait)),
        ),
        (
            "another day at the insured place",
            good(),
            hub("+f:700"),
            held(Settled, 700, "+l:700"),
            Some((Timing, Treatment, decide(Decision::Confirm, Insured))),
        ),
        ("another day at the hub", good(), hub("+l:700"), good(), Some((Timing, Hub, Repair::HubFollows))),
        ("missing at the hub", good(), hub(""), good(), Some((Missing, Hub, Repair::HubFollows))),
        (
            "unknown where it was made",
            nothing(),
            hub("+f:700"),
            good(),
            Some((Missing, Treatment, decide(Decision::TakeBack, Insured))),
        ),
        (
            "unknown at the insured place",
            good(),
            hub("+f:700"),
            nothing(),
            Some((Missing, Insured, decide(Decision::TakeBack, Treatment))),
        ),
        (
            "no fund pays, unknown at the insured place",
            held(Settled, 0, ""),
            hub(""),
            nothing(),
            Some((Missing, Insured, decide(Decision::TakeBack, Treatment))),
        ),
        (
            "a record without its journal",
            held(Settled, 700, ""),
            hub("+f:700"),
            good(),
            Some((Missing, Treatment, decide(Decision::Correct, Treatment))),
        ),
        (
            "a journal without a record",
            nothing(),
            hub(""),
            Held { recorded: None, ..good() },
            Some((Missing, Insured, decide(Decision::Correct, Insured))),
        ),
        (
            "refused here, booked there",
            held(Refused, 0, ""),
            hub("+f:700"),
            good(),
            Some((Stands, Insured, Repair::SayAgain)),
        ),
        (
            "cancelled here, booked there, unknown to the hub",
            held(Cancelled, 0, ""),
            hub(""),
            good(),
            Some((Stands, Insured, Repair::SayAgain)),
        ),
        ("taken back here alone", gone(), hub("+f:700"), good(), Some((Stands, Insured, Repair::SayAgain))),
        (
            "taken back there alone",
            good(),
            hub("+f:700 -l:700"),
            gone(),
            Some((Stands, Insured, decide(Decision::TakeBack, Treatment))),
        ),
        (
            "cancelled there, settled here",
            good(),
            hub("+f:700"),
            held(Cancelled, 0, ""),
            Some((Stands, Insured, decide(Decision::TakeBack, Treatment))),
        ),
        (
            "taken back on record, not in the books",
            held(Reversed, 700, "+f:700"),
            hub("+f:700 -l:700"),
            gone(),
            Some((Stands, Treatment, decide(Decision::Correct, Treatment))),
        ),
        (
            "the hub does not know of the taking back",
            gone(),
            hub("+f:700"),
            gone(),
            Some((Stands, Hub, Repair::HubFollows)),
        ),
        (
            "other amounts",
            held(Settled, 600, "+f:600"),
            hub("+f:700"),
            good(),
            Some((Amount, Treatment, decide(Decision::TakeBack, Treatment))),
        ),
        (
            "books other than the record",
            good(),
            hub("+f:700"),
            held(Settled, 700, "+f:707"),
            Some((Amount, Insured, decide(Decision::Correct, Insured))),
        ),
        ("other amounts at the hub", good(), hub("+f:70"), good(), Some((Amount, Hub, Repair::HubFollows))),
        (
            "booked twice by the insured place",
            good(),
            hub("+f:700"),
            held(Settled, 700, "+f:700 +f:700"),
            Some((Duplicate, Insured, decide(Decision::Correct, Insured))),
        ),
        (
            "booked twice where it was made, on another day",
            held(Settled, 700, "+f:700 +l:700"),
            hub("+f:700"),
            good(),
            Some((Duplicate, Treatment, decide(Decision::Correct, Treatment))),
        ),
        (
            "booked twice by the hub",
            good(),
            hub("+f:700 +f:700"),
            good(),
            Some((Duplicate, Hub, Repair::HubFollows)),
        ),
        (
            "taken back twice by the hub",
            gone(),
            hub("+f:700 -l:700 -l:700"),
            gone(),
            Some((Duplicate, Hub, Repair::HubFollows)),
        ),
        (
            "another version, the same amounts",
            version(good(), "2025.9"),
            hub("+f:700"),
            good(),
            Some((Version, Treatment, decide(Decision::Confirm, Insured))),
        ),
        (
            "another version, other amounts",
            version(held(Settled, 650, "+f:650"), "2025.9"),
            hub("+f:700"),
            good(),
            Some((Version, Treatment, decide(Decision::TakeBack, Treatment))),
        ),
        ("asked long ago and absent", held(Absent, 0, ""), hub(""), nothing(), None),
    ];
    let mut seen = std::collections::BTreeSet::new();
    for (what, treatment, hub, insured, expected) in table {
        let found = compare(&treatment, &hub, &insured);
        assert_eq!(found.as_ref().map(|one| (one.kind, one.at, one.repair)), expected, "{what}");
        seen.extend(found.map(|one| one.kind));
    }
    assert_eq!(seen.len(), Kind::ALL.len(), "every kind is found once at least: {seen:?}");
}

/// Whatever the hub holds, once it has followed it agrees, and an act that comes later is booked once.
#[test]
fn a_hub_that_follows_agrees_and_stays_able_to_book() {
    let principals = [
        held(State::Settled, 700, "+f:700"),
        held(State::Reversed, 700, "+f:700 -l:700"),
        held(State::Settled, 700, "+f:700 -l:700 ~l:700"),
        Held::default(),
    ];
    let hubs = [
        "",
        "+f:700",
        "+l:700",
        "+f:70",
        "+f:700 +f:700",
        "+f:700 -l:700",
        "+f:700 -l:700 -l:700",
        "+f:700 -f:700",
    ];
    for insured in &principals {
        for text in hubs {
            let mut hub = hub(text);
            for (kind, day, funds) in follow(&hub, insured) {
                hub.postings.push(Posting { serial: 99, kind, day, funds });
            }
            assert_eq!(hub.net_by_day(), insured.net_by_day(), "{text} after {insured:?}");
            assert_eq!(hub.booked(), insured.booked(), "{text} after {insured:?}: {:?}", hub.postings);
            assert_eq!(follow(&hub, insured), [], "once is enough");
        }
    }
}

#[test]
fn a_correction_brings_books_to_the_record_under_the_day_of_the_fault() {
    // books where 700 stands on record, day, what is booked
    let table = [
        ("+f:700 +l:700", Some((LATER, -700))),
        ("+f:700 +f:700 =l:0", Some((FIRST, -700))),
        ("+f:707", Some((FIRST, -7))),
        ("", Some((FIRST, 700))),
        ("+f:700", None),
    ];
    for (books, expected) in table {
        let found = correction(&held(State::Settled, 700, books));
        let expected = expected.map(|(day, fen): (&str, i64)| {
            (day.parse().expect("a day"), Funds::from([(Fund::ResidentPool, Fen(fen))]))
        });
        assert_eq!(found, expected, "{books}");
    }
}
