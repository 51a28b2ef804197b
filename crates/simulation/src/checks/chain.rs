//! Every node's chain verifies from its first journal to its head, every root that anybody holds is a value of the
//! owner's chain, and no root has raised an alarm. At rest everybody holds the roots of everybody.

use super::View;
use super::view::NodeView;
use platform::chain::Root;
use platform::doors::NodeId;
use std::collections::BTreeSet;

pub(super) fn check(view: &View<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for node in &view.nodes {
        let id = node.id;
        found.extend(node.chain_faults.iter().map(|fault| format!("node {id}: {fault}")));
        found.extend(node.root_alarms.iter().map(|alarm| format!("node {id} has an alarm: {alarm}")));
    }
    found.extend(strangers(view));
    if view.at_rest {
        found.extend(missing(view));
    }
    found
}

/// Roots that are no value of their owner's chain.
fn strangers(view: &View<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for owner in &view.nodes {
        for node in &view.nodes {
            let of_owner = node.roots.iter().filter(|root| root.owner == owner.id);
            let differ =
                of_owner.filter(|root| owner.chain.get(&root.serial) != Some(&root.digest.to_string()));
            found.extend(differ.map(|root| {
                format!(
                    "node {} holds a root of {} for {} at journal {} that is no value of its chain",
                    node.id, root.owner, root.day, root.serial
                )
            }));
        }
    }
    found
}

/// Roots that their owner has and another node does not.
fn missing(view: &View<'_>) -> Vec<String> {
    let of = |node: &NodeView, owner: NodeId| -> BTreeSet<Root> {
        node.roots.iter().filter(|root| root.owner == owner).cloned().collect()
    };
    let mut found = Vec::new();
    for owner in &view.nodes {
        let own = of(owner, owner.id);
        for node in &view.nodes {
            let held = of(node, owner.id);
            found.extend(own.difference(&held).map(|root| {
                format!("node {} does not hold the root of {} for {}", node.id, root.owner, root.day)
            }));
        }
        if owner.id != NodeId::Hub && owner.roots_unconfirmed > 0 {
            found.push(format!("node {}: {} roots were never confirmed", owner.id, owner.roots_unconfirmed));
        }
    }
    found
}
