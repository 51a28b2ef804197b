//! Every settlement across provinces stands with the same amount in the books of its treatment place, of the hub and of
//! its insured place, or in none of them.

use super::View;
use insurance::money::Fen;
use std::collections::BTreeMap;

/// Treatment place, hub, insured place.
const SIDES: [&str; 3] = ["due_from_pool/", "debt_of_pool/", "fund_expense/"];

pub(super) fn check(view: &View<'_>) -> Vec<String> {
    let mut stands: BTreeMap<&str, [Fen; 3]> = BTreeMap::new();
    let journals = view.nodes.iter().flat_map(|node| &node.journals);
    // Care at home is booked once, by the insured office.
    let at_home = |account: &str| account.starts_with("owed_to_institution/");
    for journal in journals {
        let insured = journal.entries.iter().any(|(account, _)| account.starts_with(SIDES[2]));
        if insured && journal.entries.iter().any(|(account, _)| at_home(account)) {
            continue;
        }
        let sums = stands.entry(&journal.key).or_default();
        for (account, amount) in &journal.entries {
            if let Some(side) = SIDES.iter().position(|side| account.starts_with(side)) {
                sums[side] += *amount;
            }
        }
    }
    let uneven = |[treatment, hub, insured]: &[Fen; 3]| treatment != hub || hub != insured;
    stands
        .into_iter()
        .filter(|(_, sides)| uneven(sides))
        .map(|(key, [treatment, hub, insured])| {
            format!("{key}: {treatment} in the treatment place's books, {hub} in the hub's, {insured} in the insured place's")
        })
        .collect()
}
