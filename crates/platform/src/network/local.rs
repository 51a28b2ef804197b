//! Letters to nodes of the same process: encoded all the same, so that one process and many behave alike.

use super::runner::{NodeHandle, Work};
use crate::doors::{Delivery, Link, NodeId};
use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

/// The nodes of this process, by name. Shared by all of their links.
#[derive(Clone, Default)]
pub struct Neighbours {
    nodes: Arc<RwLock<BTreeMap<NodeId, NodeHandle>>>,
}

/// The link of one node to its neighbours.
#[derive(Clone)]
pub struct LocalLink {
    from: NodeId,
    neighbours: Neighbours,
}

impl LocalLink {
    /// Links for the nodes of one process; each comes to know the others when they are added.
    pub fn for_nodes(nodes: &[NodeId]) -> Vec<LocalLink> {
        let neighbours = Neighbours::default();
        nodes.iter().map(|from| LocalLink { from: *from, neighbours: neighbours.clone() }).collect()
    }

    /// Makes a node known to all.
    pub fn add(&self, node: NodeId, handle: NodeHandle) {
        if let Ok(mut nodes) = self.neighbours.nodes.write() {
            nodes.insert(node, handle);
        }
    }

    /// Whether a node lives in this process.
    pub fn knows(&self, node: NodeId) -> bool {
        self.neighbours.nodes.read().is_ok_and(|nodes| nodes.contains_key(&node))
    }

    fn handle(&self, node: NodeId) -> Option<NodeHandle> {
        self.neighbours.nodes.read().ok().and_then(|nodes| nodes.get(&node).cloned())
    }
}

impl Link for LocalLink {
    fn push(&self, to: NodeId, batch: Vec<u8>, last: i64) {
        let Some(sender) = self.handle(self.from) else { return };
        let receiver = self.handle(to).filter(|receiver| !receiver.is_cut_off());
        let Some(receiver) = receiver else {
            sender.send(Work::Delivered(to, last, Delivery::NeverLeft));
            return;
        };
        let back = sender.clone();
        let done = Box::new(move |committed: bool| {
            let delivery = if committed { Delivery::Committed } else { Delivery::Unknown };
            back.send(Work::Delivered(to, last, delivery));
        });
        if !receiver.send(Work::Letters(batch, done)) {
            sender.send(Work::Delivered(to, last, Delivery::NeverLeft));
        }
    }
}
