//! Every settlement whose end is not known on both sides has a clock that people can see, and no other has one.

use super::View;
use std::collections::BTreeSet;

pub(super) fn check(view: &View<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for node in &view.nodes {
        let clocks: BTreeSet<&str> = node.clocks.iter().map(String::as_str).collect();
        let records = node.settlements.iter().filter(|record| record.takes_back.is_none());
        for record in records {
            if record.state.is_open() != clocks.contains(record.id.as_str()) {
                found.push(format!("{} is {:?} and its clock says otherwise", record.id, record.state));
            }
        }
    }
    found
}
