//! The links between nodes: letters and receipts that are lost, doubled, late, or held up by a partition.

use super::agenda::Happening;
use super::{Country, Origin, RECEIPT_WAIT_MS};
use crate::planted::Planted;
use platform::doors::{Delivery, NodeId};
use platform::network::machine::{Input, Kept, Push};

impl Country {
    pub(super) fn receipt(&mut self, by: NodeId, (of, life, last): Origin, kept: Kept) {
        let lost = self.chance(self.plan.loss) || self.is_parted(of, by).is_some();
        let (delivery, after) = match (kept == Kept::Committed, lost) {
            (true, false) => (Delivery::Committed, self.travel()),
            (true, true) if self.planted.as_ref().is_some_and(Planted::believes_every_push) => {
                (Delivery::Committed, 1)
            }
            _ => (Delivery::Unknown, if lost { RECEIPT_WAIT_MS } else { 5 }),
        };
        self.agenda.add(self.now.plus_ms(after), Happening::Fate { of, life, peer: by, last, delivery });
    }

    pub(super) fn push(&mut self, from: NodeId, life: u32, push: Push) {
        self.outcome.pushes += 1;
        let Push { to, batch, last } = push;
        let fate = |delivery| Happening::Fate { of: from, life, peer: to, last, delivery };
        if self.planted.as_ref().is_some_and(Planted::believes_every_push) && self.chance(self.plan.loss) {
            self.agenda.add(self.now.plus_ms(2), fate(Delivery::Committed));
            return;
        }
        match self.is_parted(from, to) {
            Some(false) => {
                self.agenda.add(self.now.plus_ms(3), fate(Delivery::NeverLeft));
                return;
            }
            Some(true) => {
                self.agenda.add(self.now.plus_ms(RECEIPT_WAIT_MS), fate(Delivery::Unknown));
                return;
            }
            None => {}
        }
        if self.chance(self.plan.loss) {
            self.agenda.add(self.now.plus_ms(RECEIPT_WAIT_MS), fate(Delivery::Unknown));
            return;
        }
        let at = self.now.plus_ms(self.travel());
        self.agenda.add(at, Happening::Letters { from, to, life, last, batch });
    }

    /// Whether two nodes are parted, and silently.
    fn is_parted(&self, one: NodeId, other: NodeId) -> Option<bool> {
        self.parted.get(&(one, other)).or_else(|| self.parted.get(&(other, one))).copied()
    }

    pub(super) fn letters_arrive(&mut self, from: NodeId, to: NodeId, life: u32, last: i64, batch: Vec<u8>) {
        let receipt = self.next;
        self.next += 1;
        let site = self.sites.get_mut(&to).expect("a site");
        if site.machine.is_none() {
            // Nobody listens: the connection is refused.
            let fate = Happening::Fate { of: from, life, peer: to, last, delivery: Delivery::NeverLeft };
            self.agenda.add(self.now.plus_ms(2), fate);
            return;
        }
        site.receipts.insert(receipt, (from, life, last));
        let first = (life > 0).then(|| batch.clone());
        site.inbox.push(Input::Letters(receipt, from, batch));
        let after = self.seed.between(1, 8);
        self.call_turn(to, after);
        // A copy follows what was handed over, never what was refused at the door: who was told that nothing left would
        // have been told a lie. No sender hears of a copy: nobody's life is 0.
        if let Some(batch) = first.filter(|_| self.chance(self.plan.duplicates)) {
            let at = self.now.plus_ms(self.travel());
            self.agenda.add(at, Happening::Letters { from, to, life: 0, last, batch });
        }
    }
}
