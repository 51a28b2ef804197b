//! Seals what leaves the nodes of a process, and opens what comes to them. A process that was told to go unsigned does
//! neither, and believes every name.

use crate::doors::{Clock, NodeId};
use crate::seals::{Keyring, Receipt, Seal, SealRefused};
use std::sync::Arc;

/// The seals of a process.
#[derive(Clone)]
pub struct Sealer {
    ring: Option<Arc<Keyring>>,
    clock: Arc<dyn Clock>,
}

/// Letters that are ready to leave, or could not be sealed.
pub(super) enum Sealed {
    /// With this seal.
    With(Seal),
    /// Without any, as the process was told.
    Without,
    /// Not at all: there is no key for the receiver.
    Not,
}

impl Sealer {
    /// Seals with these keys; without any, not at all.
    pub fn new(ring: Option<Keyring>, clock: Arc<dyn Clock>) -> Sealer {
        Sealer { ring: ring.map(Arc::new), clock }
    }

    /// Whether letters are sealed.
    pub fn seals(&self) -> bool {
        self.ring.is_some()
    }

    pub(super) fn seal(&self, from: NodeId, to: NodeId, last: i64, batch: &[u8]) -> Sealed {
        let Some(ring) = &self.ring else { return Sealed::Without };
        match ring.seal(from, to, self.clock.now(), last, batch) {
            Some(seal) => Sealed::With(seal),
            None => {
                tracing::error!(
                    %from, %to,
                    "letters wait: no key of the receiver counts today; ask for its public key (yidi key show) and \
                     write it into peer_keys"
                );
                Sealed::Not
            }
        }
    }

    /// Who hands these letters in, with the seal where there is one; `claimed` is believed only where nothing is
    /// sealed.
    pub fn open(
        &self,
        seal: Option<&str>,
        claimed: Option<NodeId>,
        to: NodeId,
        batch: &[u8],
    ) -> Result<(NodeId, Option<Seal>), SealRefused> {
        let Some(ring) = &self.ring else {
            return claimed.map(|from| (from, None)).ok_or(SealRefused::Unreadable { here: to });
        };
        let opened = ring.open(seal, to, self.clock.now(), batch);
        let seal = opened.inspect_err(|refused| log(to, refused))?;
        Ok((seal.from(), Some(seal)))
    }

    /// What became of letters, bound to them.
    pub fn receipt(&self, seal: &Seal, receipt: Receipt) -> Option<String> {
        self.ring.as_ref()?.receipt(seal, receipt)
    }

    pub(super) fn receipt_read(&self, seal: &Seal, said: &str) -> Option<Receipt> {
        self.ring.as_ref()?.receipt_read(seal, said)
    }
}

/// Tells the operators of the receiver as well.
pub fn log(to: NodeId, refused: &SealRefused) {
    let says = refused.says();
    tracing::error!(node = %to, "{} | {}", says.zh, says.en);
}
