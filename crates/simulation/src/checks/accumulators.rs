//! What a person has used is what they had used before, and the sum of the settlements that stand.

use super::View;
use insurance::accumulators::Accumulators;

pub(super) fn check(view: &View<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let enrolled = view.enrolled_by_number();
    for node in &view.nodes {
        let standing = node.standing_by_person();
        for person in node.wallets.keys() {
            let before = enrolled.get(person.as_str()).map(|known| &known.used[..]).unwrap_or_default();
            let mut expected = Accumulators::new();
            for (_, used) in before {
                expected = expected.plus(used);
            }
            for booked in standing.get(person.as_str()).into_iter().flatten() {
                expected = expected.plus(&booked.sheet.adjudication.accrued);
            }
            let used = node.used.get(person).cloned().unwrap_or_default();
            if used != expected {
                found.push(format!("node {}: {person} has used {used:?}, expected {expected:?}", node.id));
            }
        }
    }
    found
}
