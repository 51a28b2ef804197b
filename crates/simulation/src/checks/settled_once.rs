//! A settlement is booked once: its journals at a node alternate between standing and taken back.

use super::View;
use std::collections::BTreeMap;

pub(super) fn check(view: &View<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for node in &view.nodes {
        let mut stands: BTreeMap<&str, bool> = BTreeMap::new();
        for journal in &node.journals {
            let now = journal.kind != "reversal";
            if stands.insert(&journal.key, now).unwrap_or(false) == now {
                found.push(format!("node {}: {} of {} twice over", node.id, journal.kind, journal.key));
            }
        }
    }
    found
}
