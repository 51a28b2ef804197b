//! Letters of other nodes: their seal is opened first, and they are acknowledged after the commit, so that the sender may
//! forget them.

use super::Front;
use crate::doors::NodeId;
use crate::network::machine::Kept;
use crate::network::{FROM_HEADER, RECEIPT_HEADER, SEAL_HEADER, TO_HEADER, UNREAD_HEADER, Work};
use crate::seals::{Receipt, Seal, SealRefused};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

pub(super) async fn receive(State(front): State<Arc<Front>>, headers: HeaderMap, body: Bytes) -> Response {
    let said = |header: &str| headers.get(header).and_then(|value| value.to_str().ok());
    let named = |header: &str| said(header).and_then(|name| NodeId::try_from(name.to_owned()).ok());
    let Some((to, node)) = named(TO_HEADER).and_then(|to| Some((to, front.nodes.get(&to)?))) else {
        return unread(&front, None, StatusCode::NOT_FOUND);
    };
    let opened = front.sealer.open(said(SEAL_HEADER), named(FROM_HEADER), to, &body);
    let (from, seal) = match opened {
        Ok(opened) => opened,
        Err(refused) => return refusal(&refused),
    };
    let (give, take) = tokio::sync::oneshot::channel();
    let done = Box::new(move |kept: Kept| {
        let _ = give.send(kept);
    });
    if !node.send(Work::Letters(from, body.to_vec(), done)) {
        return unread(&front, seal.as_ref(), StatusCode::SERVICE_UNAVAILABLE);
    }
    match take.await {
        Ok(Kept::Committed) => {
            with_receipt(&front, seal.as_ref(), Receipt::Committed, StatusCode::NO_CONTENT.into_response())
        }
        Ok(Kept::Refused(refused)) => {
            crate::network::log_refused(to, &refused);
            refusal(&refused)
        }
        Ok(Kept::Not) | Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// Nobody has read them: the sender may say so to who asked, instead of waiting.
fn unread(front: &Front, seal: Option<&Seal>, status: StatusCode) -> Response {
    with_receipt(front, seal, Receipt::Unread, (status, [(UNREAD_HEADER, "1")]).into_response())
}

fn with_receipt(front: &Front, seal: Option<&Seal>, receipt: Receipt, mut answer: Response) -> Response {
    let said = seal.and_then(|seal| front.sealer.receipt(seal, receipt)).and_then(|said| said.parse().ok());
    if let Some(said) = said {
        answer.headers_mut().insert(RECEIPT_HEADER, said);
    }
    answer
}

fn refusal(refused: &SealRefused) -> Response {
    let says = refused.says();
    (StatusCode::FORBIDDEN, format!("{} | {}", says.zh, says.en)).into_response()
}
