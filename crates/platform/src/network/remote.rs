//! Letters to nodes of other processes: HTTP POST, acknowledged after the receiver's commit.

use super::runner::{NodeHandle, Work};
use crate::doors::{Delivery, Link, NodeId};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

/// Where letters for a node are posted, relative to its address.
pub const LETTERS_PATH: &str = "/node/letters";
/// The header that names the receiving node.
pub const TO_HEADER: &str = "x-yidi-to";
/// The header of an answer to letters that nobody has read: no such node there, or it is stopping.
pub const UNREAD_HEADER: &str = "x-yidi-unread";

/// How long a neighbour may take to commit a batch.
const COMMIT_WAIT: Duration = Duration::from_secs(10);

/// The link of one node to nodes elsewhere.
pub struct RemoteLink {
    client: Client<HttpConnector, Full<Bytes>>,
    addresses: BTreeMap<NodeId, String>,
    runtime: tokio::runtime::Handle,
    sender: OnceLock<NodeHandle>,
}

impl RemoteLink {
    /// A link to these nodes: addresses as `http://127.0.0.1:7800`.
    pub fn new(addresses: BTreeMap<NodeId, String>, runtime: tokio::runtime::Handle) -> RemoteLink {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(Duration::from_secs(2)));
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        RemoteLink { client, addresses, runtime, sender: OnceLock::new() }
    }

    /// Tells the link whose letters it carries.
    pub fn carries_for(&self, sender: NodeHandle) {
        let _ = self.sender.set(sender);
    }
}

impl Link for RemoteLink {
    fn push(&self, to: NodeId, batch: Vec<u8>, last: i64) {
        let Some(sender) = self.sender.get().cloned() else { return };
        let Some(address) = self.addresses.get(&to).cloned() else {
            sender.send(Work::Delivered(to, last, Delivery::NeverLeft));
            return;
        };
        let request = hyper::Request::post(format!("{}{LETTERS_PATH}", address.trim_end_matches('/')))
            .header(TO_HEADER, to.to_string())
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(batch)));
        let client = self.client.clone();
        self.runtime.spawn(async move {
            let delivery = match request {
                Ok(request) => match tokio::time::timeout(COMMIT_WAIT, client.request(request)).await {
                    Ok(Ok(answer)) if answer.status().is_success() => Delivery::Committed,
                    Ok(Ok(answer)) if answer.headers().contains_key(UNREAD_HEADER) => {
                        tracing::warn!(%to, address, "letters came back unread: is the address in `peers` right?");
                        Delivery::NeverLeft
                    }
                    // Nothing can have been read where no connection came to be.
                    Ok(Err(error)) if error.is_connect() => Delivery::NeverLeft,
                    _ => Delivery::Unknown,
                },
                Err(_) => Delivery::NeverLeft,
            };
            sender.send(Work::Delivered(to, last, delivery));
        });
    }
}
