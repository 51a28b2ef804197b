//! Things that happen, in order of time, and of writing where the time is the same.

use super::plan::Blow;
use insurance::calendar::Instant;
use platform::doors::{Delivery, NodeId};
use std::collections::BTreeMap;

/// One thing that happens.
pub enum Happening {
    /// A node of this life gets a turn.
    Turn(NodeId, u32),
    /// Letters arrive.
    Letters {
        /// The sender, and in which life it sent.
        from: NodeId,
        /// The receiver.
        to: NodeId,
        /// The sender's life.
        life: u32,
        /// Names the batch.
        last: i64,
        /// The letters.
        batch: Vec<u8>,
    },
    /// A sender learns what became of a batch.
    Fate {
        /// The sender.
        of: NodeId,
        /// Its life when it sent.
        life: u32,
        /// The receiver.
        peer: NodeId,
        /// Names the batch.
        last: i64,
        /// What became of it.
        delivery: Delivery,
    },
    /// A message of a counter arrives at its node.
    Call {
        /// The counter.
        counter: usize,
        /// Which of its attempts.
        attempt: u32,
        /// The message.
        body: Vec<u8>,
    },
    /// An answer arrives at a counter.
    Answer {
        /// The counter.
        counter: usize,
        /// Which of its attempts.
        attempt: u32,
        /// The answer.
        body: Vec<u8>,
    },
    /// A counter speaks (attempt 0), or has waited long enough for this attempt.
    Counter(usize, u32),
    /// Something is done to the country.
    Blow(Blow),
    /// A dead node comes back.
    Restart(NodeId),
    /// A full disk has room again.
    DiskFree(NodeId),
    /// A platter is repaired.
    DiskRepaired(NodeId),
    /// Two parted nodes reach each other again.
    Join(NodeId, NodeId),
    /// Every fault ends.
    Heal,
}

/// What is to happen.
#[derive(Default)]
pub struct Agenda {
    things: BTreeMap<(Instant, u64), Happening>,
    written: u64,
}

impl Agenda {
    /// Writes something down for a time.
    pub fn add(&mut self, at: Instant, happening: Happening) {
        self.written += 1;
        self.things.insert((at, self.written), happening);
    }

    /// The next thing, with its time.
    pub fn next(&mut self) -> Option<(Instant, Happening)> {
        self.things.pop_first().map(|((at, _), happening)| (at, happening))
    }
}
