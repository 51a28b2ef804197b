//! Treatment place and insured place tell the same end of every settlement, with the same amounts.

use super::View;
use insurance::settlement::{Outer, State};
use std::collections::BTreeSet;

pub(super) fn check(view: &View<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let sides = view.insured_sides();
    for (node, record) in view.settlements() {
        let side = sides.get(record.id.as_str()).copied();
        let theirs = side.map_or(State::Absent, |side| side.state);
        // A settlement that was booked, and taken back because nobody was told of it, is no settlement here.
        let same = match (record.state.outer(), theirs.outer()) {
            (Outer::NotSettled, Outer::Reversed) => record.sheet.is_none(),
            (ours, theirs) => ours == theirs,
        };
        if !same {
            found.push(format!(
                "{}: {:?} at {}, {theirs:?} at the insured place",
                record.id, record.state, node.id
            ));
        }
        if let (Some(sheet), Some(booked)) = (&record.sheet, side.and_then(|side| side.booked.as_ref()))
            && (sheet.funds != booked.funds || sheet.adjudication.shares != booked.sheet.adjudication.shares)
        {
            found.push(format!("{}: other amounts at the two places", record.id));
        }
    }
    let made: BTreeSet<&str> = view.settlements().map(|(_, record)| record.id.as_str()).collect();
    for side in view.nodes.iter().flat_map(|node| &node.insured).filter(|side| side.state == State::Settled) {
        if !made.contains(side.settlement.as_str()) {
            found.push(format!(
                "{} is booked at the insured place and unknown where it was made",
                side.settlement
            ));
        }
    }
    found
}
