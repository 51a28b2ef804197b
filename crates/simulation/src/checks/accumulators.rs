//! What a person has used is what they had used before, and the sum of the settlements that stand.

use super::View;
use insurance::accumulators::Accumulators;
use insurance::settlement::State;

pub(super) fn check(view: &View<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for node in &view.nodes {
        for person in node.wallets.keys() {
            let enrolled = view.population.people.iter().find(|known| known.person_no.as_str() == person);
            let before = enrolled.map(|known| &known.used[..]).unwrap_or_default();
            let mut expected = Accumulators::new();
            for (_, used) in before {
                expected = expected.plus(used);
            }
            let standing = node.insured.iter().filter(|side| side.state == State::Settled);
            for side in standing.filter(|side| side.person.as_str() == person) {
                if let Some(booked) = &side.booked {
                    expected = expected.plus(&booked.sheet.adjudication.accrued);
                }
            }
            let used = node.used.get(person).cloned().unwrap_or_default();
            if used != expected {
                found.push(format!("node {}: {person} has used {used:?}, expected {expected:?}", node.id));
            }
        }
    }
    found
}
