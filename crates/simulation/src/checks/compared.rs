//! Every pair that booked something was compared by the next day, agrees, and nothing is left for a person.

use super::View;
use platform::doors::NodeId;
use platform::store::comparison::Stage;
use std::collections::BTreeSet;

pub(super) fn check(view: &View<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let mut agreed = BTreeSet::new();
    for node in &view.nodes {
        for kept in &node.differences {
            let difference = &kept.found.difference;
            found.push(format!(
                "{} at {}: {} at the {} of {:?}",
                kept.found.settlement,
                node.id,
                difference.kind.code(),
                difference.at.code(),
                kept.pair
            ));
        }
        for comparison in &node.comparisons {
            match comparison.stage {
                Stage::Agrees if node.id == NodeId::Hub => drop(agreed.insert(comparison.pair)),
                Stage::Agrees => {}
                stage => found.push(format!("{:?} is {} at {}", comparison.pair, stage.code(), node.id)),
            }
        }
    }
    let hub = view.nodes.iter().find(|node| node.id == NodeId::Hub);
    for pair in hub.iter().flat_map(|hub| &hub.booked_pairs) {
        if !agreed.contains(pair) {
            found.push(format!("{pair:?} was booked and never compared"));
        }
    }
    found
}
