//! States move only along the one table: the events of every settlement lead, edge by edge, from nothing to where it
//! stands, at the treatment office and at the insured office.

use super::View;
use insurance::settlement::State;
use platform::store::events::Office;
use std::collections::BTreeMap;

pub(super) fn check(view: &View<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for node in &view.nodes {
        let mut led: BTreeMap<(&str, Office), State> = BTreeMap::new();
        for (settlement, happened) in &node.events {
            let at = led.entry((settlement, happened.office)).or_insert(State::Absent);
            if *at != happened.from || happened.from.after(happened.event) != Ok(happened.to) {
                found.push(format!("{settlement} at {}: {happened:?} cannot follow {at:?}", node.id));
            }
            *at = happened.to;
        }
        let here =
            node.settlements.iter().map(|record| (record.id.as_str(), Office::Treatment, record.state));
        let insured = node.insured.iter().map(|side| (side.settlement.as_str(), Office::Insured, side.state));
        for (settlement, office, state) in here.chain(insured) {
            let led = led.remove(&(settlement, office)).unwrap_or(State::Absent);
            if led != state {
                found.push(format!(
                    "{settlement} at {}: stands as {state:?}, its events lead to {led:?}",
                    node.id
                ));
            }
        }
        found.extend(led.keys().map(|(settlement, _)| format!("{settlement} has events and is not there")));
    }
    found
}
