//! Every journal sums to zero, and every balance is the sum of its entries.

use super::View;

pub(super) fn check(view: &View<'_>) -> Vec<String> {
    let faults = |node: &super::view::NodeView| {
        let id = node.id;
        node.book_faults.iter().map(move |fault| format!("node {id}: {fault}")).collect::<Vec<_>>()
    };
    view.nodes.iter().flat_map(faults).collect()
}
