//! Letters of other nodes: acknowledged after the commit, so that the sender may forget them.

use super::Front;
use crate::doors::NodeId;
use crate::network::{TO_HEADER, UNREAD_HEADER, Work};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

pub(super) async fn receive(State(front): State<Arc<Front>>, headers: HeaderMap, body: Bytes) -> Response {
    let to = headers.get(TO_HEADER).and_then(|value| value.to_str().ok());
    let node = to.and_then(|to| NodeId::try_from(to.to_owned()).ok()).and_then(|to| front.nodes.get(&to));
    let Some(node) = node else { return unread(StatusCode::NOT_FOUND) };
    let (give, take) = tokio::sync::oneshot::channel();
    let done = Box::new(move |committed: bool| {
        let _ = give.send(committed);
    });
    if !node.send(Work::Letters(body.to_vec(), done)) {
        return unread(StatusCode::SERVICE_UNAVAILABLE);
    }
    match take.await {
        Ok(true) => StatusCode::NO_CONTENT.into_response(),
        _ => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// Nobody has read them: the sender may say so to who asked, instead of waiting.
fn unread(status: StatusCode) -> Response {
    (status, [(UNREAD_HEADER, "1")]).into_response()
}
