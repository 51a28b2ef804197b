//! Planted differences: what one office holds is changed behind its back, the day is compared, and each difference is
//! found, with its kind and its repair; what is repaired without a person ends even, and nothing else was touched;
//! what is for a person waits for them, and ends even once they have decided.

use insurance::calendar::Instant;
use insurance::identity::BusinessKey;
use insurance::ledger::{Fund, Journal, JournalKind, Side, entries};
use insurance::money::Fen;
use insurance::reconciliation::{Decision, Kind, Party, Repair};
use insurance::settlement::State;
use platform::doors::NodeId;
use platform::records::SettlementRecord;
use platform::statements::{Decided, Pair};
use platform::store::comparison::{self, Kept, Stage};
use platform::store::{books, settlements, visits};
use simulation::country::Rehearsal;

/// A settlement between provinces that stands, and the three nodes that hold it.
struct Case {
    country: Rehearsal,
    pair: Pair,
    record: SettlementRecord,
}

impl Case {
    /// The first one that this seed makes, where it makes one that a fund pays for.
    fn of_seed(seed: u64) -> Option<Case> {
        let country = Rehearsal::at_rest(seed).expect("a country");
        let view = country.view().expect("a view");
        let found = view.settlements().find_map(|(_, record)| {
            let sheet = record.sheet.as_ref().filter(|_| record.state == State::Settled)?;
            let across = sheet.pool.province() != sheet.treatment;
            let paid = sheet.funds.iter().any(|(_, amount)| !amount.is_zero());
            let pair = Pair { day: sheet.day, pool: sheet.pool, treatment: sheet.treatment };
            (across && paid).then(|| (pair, record.clone()))
        });
        let (pair, record) = found?;
        drop(view);
        Some(Case { country, pair, record })
    }

    fn node(&self, party: Party) -> NodeId {
        match party {
            Party::Treatment => NodeId::Province(self.pair.treatment),
            Party::Hub => NodeId::Hub,
            Party::Insured => NodeId::Province(self.pair.pool.province()),
        }
    }

    fn funds(&self) -> Vec<(Fund, Fen)> {
        self.record.sheet.as_ref().expect("settled").funds.clone()
    }

    fn side(&self, party: Party) -> Side {
        let Pair { pool, treatment, .. } = self.pair;
        match party {
            Party::Treatment => Side::Treatment { pool, institution: self.record.institution.clone() },
            Party::Hub => Side::Hub { pool, treatment },
            Party::Insured => Side::Insured { pool, treatment },
        }
    }

    /// Another journal of the same act.
    fn book(&self, party: Party, kind: JournalKind, times: i64) {
        let funds: Vec<_> =
            self.funds().iter().map(|(fund, amount)| (*fund, Fen(amount.0 * times))).collect();
        let journal = Journal {
            key: BusinessKey::new(self.record.id.as_str()).expect("a key"),
            kind,
            happened: self.pair.day,
            learned: Instant(self.record.asked.0 + 1),
            entries: entries(&self.side(party), &funds),
        };
        self.country.look(self.node(party), |store| books::journal_add(store, &journal).expect("booked"));
    }

    /// Runs a statement that names the settlement.
    fn run(&self, party: Party, sql: &'static str) {
        let id = self.record.id.as_str();
        self.country.look(self.node(party), |store| store.execute(sql, &[id.into()]).expect("changed"));
    }

    fn forget_journal(&self, party: Party) {
        self.run(
            party,
            "delete from entry where journal in (select serial from journal where business_key = $1)",
        );
        self.run(party, "delete from journal where business_key = $1");
    }

    /// Changes the record of the treatment office.
    fn rewrite(&self, change: impl FnOnce(&mut SettlementRecord)) {
        let mut record = self.record.clone();
        change(&mut record);
        self.country.look(self.node(Party::Treatment), |store| {
            let visit = visits::visit_find(store, &record.visit).expect("read").expect("a visit");
            settlements::settlement_save(store, &visit, &record).expect("saved");
        });
    }

    /// What a node holds to be different.
    fn differences(&self, party: Party) -> Vec<Kept> {
        self.country.look(self.node(party), |store| {
            let mut found = Vec::new();
            for compared in comparison::comparisons_since(store, Instant(0).day()).expect("read") {
                found.extend(comparison::differences_of(store, &compared.pair).expect("read"));
            }
            found
        })
    }

    fn stage(&self, party: Party) -> Stage {
        let pair = self.pair;
        self.country
            .look(self.node(party), move |store| comparison::comparison_find(store, &pair).expect("read"))
            .expect("it was compared")
            .stage
    }

    /// What every office's journals sum to for this settlement, by fund, as its own side books it.
    fn nets(&self) -> [i64; 3] {
        [Party::Treatment, Party::Hub, Party::Insured].map(|party| {
            let words = match party {
                Party::Treatment => "due_from_pool/",
                Party::Hub => "debt_of_pool/",
                Party::Insured => "fund_expense/",
            };
            let key = BusinessKey::new(self.record.id.as_str()).expect("a key");
            let found =
                self.country.look(self.node(party), |store| books::entries_of(store, &key).expect("read"));
            found.iter().filter(|entry| entry.account.starts_with(words)).map(|entry| entry.amount.0).sum()
        })
    }
}

type Plant = fn(&Case);
type Expected = (Kind, Party, Repair);

/// What is planted, how, and what has to be found.
fn plants() -> Vec<(&'static str, Plant, Expected)> {
    use Party::{Hub, Insured, Treatment};
    use Repair::{Decide, HubFollows, SayAgain, Wait};
    vec![
        ("the hub lost the journal", |case| case.forget_journal(Hub), (Kind::Missing, Hub, HubFollows)),
        (
            "the hub booked it twice",
            |case| case.book(Hub, JournalKind::Settlement, 1),
            (Kind::Duplicate, Hub, HubFollows),
        ),
        (
            "the hub took it back",
            |case| case.book(Hub, JournalKind::Reversal, -1),
            (Kind::State, Hub, HubFollows),
        ),
        (
            "the hub booked other amounts",
            |case| {
                case.run(
                    Hub,
                    "update entry set amount_fen = amount_fen * 3 where journal in \
                                  (select serial from journal where business_key = $1)",
                )
            },
            (Kind::Amount, Hub, HubFollows),
        ),
        (
            "the hub booked it under another day",
            |case| case.run(Hub, "update journal set happened = '2026-06-01' where business_key = $1"),
            (Kind::Timing, Hub, HubFollows),
        ),
        (
            "the institution was told that it was refused",
            |case| {
                case.forget_journal(Treatment);
                case.rewrite(|record| (record.state, record.sheet) = (State::Refused, None));
            },
            (Kind::State, Insured, SayAgain),
        ),
        (
            "the institution was told that it was cancelled, and the hub never heard of it",
            |case| {
                case.forget_journal(Treatment);
                case.forget_journal(Hub);
                case.rewrite(|record| (record.state, record.sheet) = (State::Cancelled, None));
            },
            (Kind::State, Insured, SayAgain),
        ),
        (
            "it is still being cancelled",
            |case| {
                case.forget_journal(Treatment);
                case.rewrite(|record| (record.state, record.sheet) = (State::Cancelling, None));
            },
            (Kind::Timing, Treatment, Wait),
        ),
        (
            "the treatment place lost everything",
            |case| {
                case.forget_journal(Treatment);
                case.run(Treatment, "delete from settlement where settlement = $1");
                case.run(Treatment, "delete from settlement_event where settlement = $1");
            },
            (Kind::Missing, Treatment, Decide(Decision::TakeBack, Insured)),
        ),
        (
            "the insured place lost everything",
            |case| {
                case.forget_journal(Insured);
                case.run(Insured, "delete from insured_settlement where settlement = $1");
                case.run(Insured, "delete from settlement_event where settlement = $1");
            },
            (Kind::Missing, Insured, Decide(Decision::TakeBack, Treatment)),
        ),
        (
            "the treatment place lost the journal",
            |case| case.forget_journal(Treatment),
            (Kind::Missing, Treatment, Decide(Decision::Correct, Treatment)),
        ),
        (
            "the insured place booked it twice",
            |case| case.book(Insured, JournalKind::Settlement, 1),
            (Kind::Duplicate, Insured, Decide(Decision::Correct, Insured)),
        ),
        (
            "the treatment place booked it twice",
            |case| case.book(Treatment, JournalKind::Settlement, 1),
            (Kind::Duplicate, Treatment, Decide(Decision::Correct, Treatment)),
        ),
        (
            "the insured place took it back and told nobody",
            |case| {
                case.book(Insured, JournalKind::Reversal, -1);
                case.run(Insured, "update insured_settlement set state = 'reversed' where settlement = $1");
            },
            (Kind::State, Insured, Decide(Decision::TakeBack, Treatment)),
        ),
        (
            "the treatment place keeps and books other amounts",
            |case| {
                case.book(Treatment, JournalKind::Correction, 1);
                case.rewrite(|record| {
                    let sheet = record.sheet.as_mut().expect("settled");
                    sheet.funds.iter_mut().for_each(|(_, amount)| *amount = *amount + *amount);
                });
            },
            (Kind::Amount, Treatment, Decide(Decision::TakeBack, Treatment)),
        ),
        (
            "another version of the policy, the same amounts",
            |case| {
                case.rewrite(|record| {
                    record.sheet.as_mut().expect("settled").adjudication.policy_version =
                        "of last year".into();
                });
            },
            (Kind::Version, Treatment, Decide(Decision::Confirm, Insured)),
        ),
        (
            "the insured place booked it under another day",
            |case| case.run(Insured, "update journal set happened = '2026-06-01' where business_key = $1"),
            (Kind::Timing, Treatment, Decide(Decision::Confirm, Insured)),
        ),
    ]
}

/// Days pass until the pair agrees, two at most: what was said again arrives, and is compared again.
fn settle_down(case: &mut Case) {
    for _ in 0..2 {
        case.country.next_day().expect("a day");
    }
}

#[test]
fn every_planted_difference_is_found_typed_and_repaired_where_that_is_safe() {
    let mut seeds = 0_u64..;
    for (what, plant, expected) in plants() {
        let mut case = seeds.by_ref().find_map(Case::of_seed).expect("a seed with a settlement");
        let paid = case.nets();
        assert!(paid.iter().all(|net| *net == paid[0] && *net > 0), "{what}: even before: {paid:?}");
        plant(&case);
        let planted = case.nets();
        case.country.next_day().expect("a day");
        let (kind, at, repair) = expected;
        if repair.is_automatic() {
            settle_down(&mut case);
            let nets = case.nets();
            let ends = if repair == Repair::HubFollows { paid[0] } else { 0 };
            assert_eq!(nets, [ends; 3], "{what}: repaired, seed before {seeds:?}");
            assert_eq!(case.differences(Party::Hub), [], "{what}");
            assert_eq!(case.stage(Party::Hub), Stage::Agrees, "{what}");
            continue;
        }
        for party in [Party::Hub, Party::Treatment, Party::Insured] {
            let found: Vec<_> = case
                .differences(party)
                .iter()
                .map(|kept| {
                    let found = &kept.found;
                    (
                        found.settlement.clone(),
                        found.difference.kind,
                        found.difference.at,
                        found.difference.repair,
                    )
                })
                .collect();
            assert_eq!(found[0], (case.record.id.clone(), kind, at, repair), "{what} at {party:?}");
            assert!(found.iter().all(|one| one.0 == case.record.id), "{what}: nothing else: {found:?}");
            assert_eq!(case.stage(party), Stage::Differs, "{what} at {party:?}");
        }
        assert_eq!(case.nets(), planted, "{what}: nothing is repaired without a person");
        let Repair::Decide(decision, by) = repair else { continue };
        for kept in case.differences(by) {
            let now = Instant(case.record.asked.0 + 100_000_000);
            case.country.look(case.node(by), |store| {
                let settlement = &kept.found.settlement;
                let decided = Decided { decision, by: "Li Wei".into(), reason: "looked at".into() };
                comparison::difference_decide(store, &kept.pair, settlement, &decided, now).expect("decided");
            });
        }
        settle_down(&mut case);
        for party in [Party::Hub, Party::Treatment, Party::Insured] {
            assert_eq!(
                case.stage(party),
                Stage::Agrees,
                "{what} at {party:?}: {:#?}",
                case.differences(party)
            );
        }
        let ends = if decision == Decision::TakeBack { 0 } else { paid[0] };
        let nets = case.nets();
        assert_eq!(nets, [ends; 3], "{what}: once decided");
    }
}
