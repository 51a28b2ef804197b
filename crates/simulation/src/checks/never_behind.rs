//! No node is ever found to know less than its neighbours know of it: where no disk is put back, nothing that was said
//! to be kept is lost.

use super::View;

/// Where no disk was put back to an earlier copy; `yidi check store` does not ask it.
pub fn check(view: &View<'_>) -> Vec<String> {
    let found = view.nodes.iter().flat_map(|node| {
        node.behind.iter().map(|behind| {
            format!(
                "node {} and node {}: {:?} is behind, letters {:?}, its own {:?}",
                node.id, behind.peer, behind.side, behind.lost, behind.own
            )
        })
    });
    found.collect()
}
