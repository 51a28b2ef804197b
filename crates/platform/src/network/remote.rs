//! Letters to nodes of other processes: HTTP POST under a seal, acknowledged after the receiver's commit. What an answer
//! says of the letters counts only where it is bound to them, so that nobody on the line can make a sender forget them,
//! or say to a hospital that nothing was asked.

use super::runner::{NodeHandle, Work};
use super::sealer::{Sealed, Sealer};
use crate::doors::{Delivery, Link, NodeId};
use crate::seals::{Receipt, Seal};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
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
/// The header that carries the seal.
pub const SEAL_HEADER: &str = "x-yidi-seal";
/// The header that names the sending node, where nothing is sealed.
pub const FROM_HEADER: &str = "x-yidi-from";
/// The header of an answer that says what became of sealed letters.
pub const RECEIPT_HEADER: &str = "x-yidi-receipt";
/// The header of an answer to letters that nobody has read: no such node there, or it is stopping.
pub const UNREAD_HEADER: &str = "x-yidi-unread";

/// How long a neighbour may take to commit a batch.
const COMMIT_WAIT: Duration = Duration::from_secs(10);
/// How much of a refusal is read (bytes), and shown (characters).
const REFUSAL_MOST: (usize, usize) = (8_192, 1_000);

/// The link of one node to nodes elsewhere.
pub struct RemoteLink {
    client: Client<HttpConnector, Full<Bytes>>,
    from: NodeId,
    sealer: Sealer,
    addresses: BTreeMap<NodeId, String>,
    runtime: tokio::runtime::Handle,
    sender: OnceLock<NodeHandle>,
}

impl RemoteLink {
    /// A link from a node to these: addresses as `http://127.0.0.1:7800`.
    pub fn new(
        from: NodeId,
        sealer: Sealer,
        addresses: BTreeMap<NodeId, String>,
        runtime: tokio::runtime::Handle,
    ) -> RemoteLink {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(Duration::from_secs(2)));
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        RemoteLink { client, from, sealer, addresses, runtime, sender: OnceLock::new() }
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
        let (client, from, sealer) = (self.client.clone(), self.from, self.sealer.clone());
        self.runtime.spawn(async move {
            let request = hyper::Request::post(format!("{}{LETTERS_PATH}", address.trim_end_matches('/')))
                .header(TO_HEADER, to.to_string())
                .header("content-type", "application/json");
            let (request, seal) = match sealer.seal(from, to, last, &batch) {
                Sealed::With(seal) => (request.header(SEAL_HEADER, seal.to_string()), Some(seal)),
                Sealed::Without => (request.header(FROM_HEADER, from.to_string()), None),
                Sealed::Not => {
                    sender.send(Work::Delivered(to, last, Delivery::NeverLeft));
                    return;
                }
            };
            let delivery = match request.body(Full::new(Bytes::from(batch))) {
                Ok(request) => match tokio::time::timeout(COMMIT_WAIT, client.request(request)).await {
                    Ok(Ok(answer)) => fate(&sealer, seal.as_ref(), (to, &address), answer).await,
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

/// What became of letters, by the answer to them.
async fn fate(
    sealer: &Sealer,
    seal: Option<&Seal>,
    (to, address): (NodeId, &str),
    answer: hyper::Response<Incoming>,
) -> Delivery {
    let said = |header: &str| answer.headers().get(header).and_then(|value| value.to_str().ok());
    let claims_unread = said(UNREAD_HEADER).is_some();
    let claimed = match (answer.status().is_success(), claims_unread) {
        (true, _) => Some(Receipt::Committed),
        (false, true) => Some(Receipt::Unread),
        (false, false) => None,
    };
    if claims_unread {
        tracing::warn!(%to, address, "letters came back unread: is the address in `peers` right?");
    }
    let receipt = match seal {
        Some(seal) => said(RECEIPT_HEADER).and_then(|said| sealer.receipt_read(seal, said)),
        None => claimed,
    };
    match receipt.filter(|receipt| Some(*receipt) == claimed) {
        Some(Receipt::Committed) => Delivery::Committed,
        Some(Receipt::Unread) => Delivery::NeverLeft,
        None => {
            if claimed == Some(Receipt::Committed) {
                tracing::error!(
                    %to, address,
                    "somebody says that letters were committed and does not prove it; they are kept: is the node at \
                     this address unsigned, or does somebody stand on the line?"
                );
            } else if !claims_unread && answer.status().is_client_error() {
                let words = words_of(answer).await;
                tracing::error!(%to, address, %words, "letters are refused");
            }
            Delivery::Unknown
        }
    }
}

/// The beginning of a refusal, without anything that a terminal would obey.
async fn words_of(answer: hyper::Response<Incoming>) -> String {
    let body = Limited::new(answer.into_body(), REFUSAL_MOST.0).collect();
    let Ok(Ok(body)) = tokio::time::timeout(Duration::from_secs(2), body).await else { return String::new() };
    let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    text.chars().filter(|letter| !letter.is_control()).take(REFUSAL_MOST.1).collect()
}
