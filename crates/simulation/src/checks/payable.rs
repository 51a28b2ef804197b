//! For every pool, treatment province and fund: what the treatment place is owed, what the hub passes on and what the
//! insured place owes are the same amount.

use super::View;
use insurance::money::Fen;
use platform::doors::NodeId;
use std::collections::BTreeMap;

/// Pool, treatment province, fund.
type Pair = (String, String, String);

pub(super) fn check(view: &View<'_>) -> Vec<String> {
    let mut sides: BTreeMap<Pair, [Fen; 3]> = BTreeMap::new();
    let mut add = |pair: Pair, side: usize, amount: Fen| sides.entry(pair).or_default()[side] += amount;
    for node in &view.nodes {
        // The insured side does not name the pool in this account: its journals do, beside it.
        for journal in &node.journals {
            let pool = journal.entries.iter().find_map(|(account, _)| account.strip_prefix("fund_expense/"));
            let pool = pool.and_then(|rest| rest.split('/').next()).unwrap_or_default();
            for (account, amount) in &journal.entries {
                let parts: Vec<&str> = account.split('/').collect();
                match (parts.as_slice(), node.id) {
                    (["due_from_pool", pool, fund], NodeId::Province(here)) => {
                        add(((*pool).into(), here.to_string(), (*fund).into()), 0, *amount);
                    }
                    (["debt_of_pool", pool, province, fund], _) => {
                        add(((*pool).into(), (*province).into(), (*fund).into()), 1, *amount);
                    }
                    (["owed_to_province", province, fund], _) => {
                        add((pool.into(), (*province).into(), (*fund).into()), 2, -*amount);
                    }
                    _ => {}
                }
            }
        }
    }
    sides
        .into_iter()
        .filter(|(_, [treatment, hub, insured])| treatment != hub || hub != insured)
        .map(|((pool, province, fund), [treatment, hub, insured])| {
            format!(
                "pool {pool}, province {province}, fund {fund}: receivable {treatment}, hub {hub}, payable {insured}"
            )
        })
        .collect()
}
