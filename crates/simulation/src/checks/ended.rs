//! When all is healed and quiet, every settlement has ended, every question is answered, every letter has arrived,
//! every message has its answer and every counter is done.

use super::View;

pub(super) fn check(view: &View<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for (node, record) in view.settlements().filter(|(_, record)| record.state.is_open()) {
        found.push(format!("{} is still {:?} at {}", record.id, record.state, node.id));
    }
    for node in &view.nodes {
        if node.waiting != (0, 0) {
            let (letters, questions) = node.waiting;
            found.push(format!("node {}: {letters} letters wait, {questions} questions are open", node.id));
        }
        found.extend(
            node.open_messages.iter().map(|message| format!("node {}: {message} has no answer", node.id)),
        );
    }
    for counter in view.counters.iter().filter(|counter| !counter.is_done()) {
        found.push(format!("counter {} never ends", counter.number));
    }
    found
}
