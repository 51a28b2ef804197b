//! Letters to nodes of the same process: encoded and sealed all the same, so that one process and many behave alike.

use super::machine::Kept;
use super::runner::{NodeHandle, Work};
use super::sealer::{Sealed, Sealer, log};
use crate::doors::{Delivery, Link, NodeId};
use crate::seals::{Receipt, Seal};
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
    sealer: Sealer,
}

impl LocalLink {
    /// Links for the nodes of one process; each comes to know the others when they are added.
    pub fn for_nodes(nodes: &[NodeId], sealer: &Sealer) -> Vec<LocalLink> {
        let neighbours = Neighbours::default();
        let link =
            |from: &NodeId| LocalLink { from: *from, neighbours: neighbours.clone(), sealer: sealer.clone() };
        nodes.iter().map(link).collect()
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

    /// Who hands the letters in, as the receiver reads it, and the seal to hold the receipt to.
    fn handed_over(&self, to: NodeId, batch: &[u8], last: i64) -> Option<(NodeId, Option<Seal>)> {
        match self.sealer.seal(self.from, to, last, batch) {
            Sealed::Not => None,
            Sealed::Without => Some((self.from, None)),
            Sealed::With(seal) => self.sealer.open(Some(&seal.to_string()), None, to, batch).ok(),
        }
    }
}

impl Link for LocalLink {
    fn push(&self, to: NodeId, batch: Vec<u8>, last: i64) {
        let Some(sender) = self.handle(self.from) else { return };
        let receiver = self.handle(to).filter(|receiver| !receiver.is_cut_off());
        let (Some(receiver), Some((from, seal))) = (receiver, self.handed_over(to, &batch, last)) else {
            sender.send(Work::Delivered(to, last, Delivery::NeverLeft));
            return;
        };
        let (back, sealer) = (sender.clone(), self.sealer.clone());
        let done = Box::new(move |kept: Kept| {
            if let Kept::Refused(refused) = &kept {
                log(to, refused);
            }
            let receipt = match &seal {
                Some(seal) => sealer.receipt(seal, Receipt::Committed).is_some_and(|said| {
                    kept == Kept::Committed && sealer.receipt_read(seal, &said) == Some(Receipt::Committed)
                }),
                None => kept == Kept::Committed,
            };
            let delivery = if receipt { Delivery::Committed } else { Delivery::Unknown };
            back.send(Work::Delivered(to, last, delivery));
        });
        if !receiver.send(Work::Letters(from, batch, done)) {
            sender.send(Work::Delivered(to, last, Delivery::NeverLeft));
        }
    }
}
