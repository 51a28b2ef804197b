//! 网络: nodes on threads of their own. Each thread takes what has come, makes one step of each, flushes once, and
//! only then answers: many answers share a flush, and none is given before it.

/// One turn of a node, whoever turns it.
pub mod machine;
/// Who seals what leaves, and opens what comes.
mod sealer;
/// Letters to nodes of the same process.
mod local;
/// Letters to nodes of other processes, over HTTP.
mod remote;
/// The thread of one node.
mod runner;

pub use local::LocalLink;
pub use remote::{
    FROM_HEADER, LETTERS_PATH, RECEIPT_HEADER, RemoteLink, SEAL_HEADER, TO_HEADER, UNREAD_HEADER,
};
pub use runner::{NodeHandle, Work, start};
pub use sealer::{Sealer, log as log_refused};

use crate::doors::{Link, NodeId};

/// Letters to nodes wherever they are: neighbours of this process by channel, others over HTTP.
pub struct Post {
    /// Neighbours of this process.
    pub local: LocalLink,
    /// Everybody else.
    pub remote: Option<RemoteLink>,
}

impl Link for Post {
    fn push(&self, to: NodeId, batch: Vec<u8>, last: i64) {
        match &self.remote {
            Some(remote) if !self.local.knows(to) => remote.push(to, batch, last),
            _ => self.local.push(to, batch, last),
        }
    }
}
