//! A stay, or a batch of a visit, is paid at most once, at the treatment place and at the insured place.

use super::View;
use insurance::settlement::State;
use std::collections::BTreeMap;

pub(super) fn check(view: &View<'_>) -> Vec<String> {
    let mut standing: BTreeMap<(&str, Option<&str>), u32> = BTreeMap::new();
    for (_, record) in view.settlements().filter(|(_, record)| record.state == State::Settled) {
        *standing.entry((record.visit.as_str(), record.batch.as_deref())).or_default() += 1;
    }
    let twice = standing.into_iter().filter(|(_, times)| *times > 1);
    let mut found: Vec<String> =
        twice.map(|((visit, _), times)| format!("visit {visit} is settled {times} times over")).collect();
    // In a simulated visit there is one batch, so that one settlement may stand at the insured place as well. The
    // stores of a real country have no counters beside them, and visits of several batches.
    if view.at_rest && !view.counters.is_empty() {
        let mut insured: BTreeMap<&str, u32> = BTreeMap::new();
        for side in view.nodes.iter().flat_map(|node| &node.insured) {
            if side.state == State::Settled {
                *insured.entry(&side.visit).or_default() += 1;
            }
        }
        let twice = insured.into_iter().filter(|(_, times)| *times > 1);
        found.extend(
            twice.map(|(visit, times)| format!("the insured place paid visit {visit} {times} times")),
        );
    }
    found
}
