//! The institution interface: whatever the path, the body's infno decides. Business failures are HTTP 200.

use super::Front;
use crate::doors::NodeId;
use crate::network::{NodeHandle, Work};
use crate::protocol::answer::{self, Answer};
use crate::protocol::envelope::{self, Message};
use crate::refusal::{Code, Refusal};
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use insurance::identity::Province;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Serial numbers of answers that no node gave.
static SERIAL: AtomicU64 = AtomicU64::new(1);

const STOPPING: &str = "the node is stopping; try again | 节点正在停止,请重试";

pub(super) async fn call(State(front): State<Arc<Front>>, request: Request) -> Response {
    if request.method() != Method::POST {
        let message = "POST one JSON envelope here; see /sandbox/transactions | 请以POST发送交易报文";
        return gateway(StatusCode::NOT_FOUND, 404, message);
    }
    let path = request.uri().path().to_owned();
    let Ok(body) = to_bytes(request.into_body(), super::BODY_LIMIT).await else {
        let message = "the body broke off or is larger than 16 MiB: upload fewer lines at once | \
                       报文中断或超过16MiB,请减少每次上传的明细";
        return gateway(StatusCode::PAYLOAD_TOO_LARGE, 413, message);
    };
    let message = match envelope::read(&body, Some(&path)) {
        Ok(message) => message,
        Err(unreadable) => return refused(&front, unreadable.institution.as_deref(), &unreadable.refusal),
    };
    let Some(node) = node_of(&front, &message) else {
        let refusal = Refusal::new(Code::InstitutionUnknown)
            .with("found", &message.envelope.institution)
            .with_place("place", message.envelope.treatment_region);
        return refused(&front, Some(message.envelope.institution.as_str()), &refusal);
    };
    let (give, take) = tokio::sync::oneshot::channel();
    if !node.send(Work::Call(Box::new(message), give)) {
        return gateway(StatusCode::SERVICE_UNAVAILABLE, 503, STOPPING);
    }
    match take.await {
        Ok(body) => wire(StatusCode::OK, body.as_ref().clone()),
        Err(_) => gateway(StatusCode::SERVICE_UNAVAILABLE, 503, STOPPING),
    }
}

/// The node that serves an institution: by its code, else by the treatment region of the envelope.
fn node_of<'a>(front: &'a Front, message: &Message) -> Option<&'a NodeHandle> {
    let code = message.envelope.institution.as_str();
    let by_code = code
        .get(1..3)
        .and_then(|digits| Province::new(digits).ok())
        .and_then(|province| front.nodes.get(&NodeId::Province(province)));
    by_code.or_else(|| front.nodes.get(&NodeId::Province(message.envelope.treatment_region.province())))
}

/// A refusal that no node gives, written as the institution's software wants it where the institution can be read.
fn refused(front: &Front, institution: Option<&str>, refusal: &Refusal) -> Response {
    let as_text = institution.is_some_and(|code| front.treatment.profile(code).infcode_as_text);
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    let body = answer::write(Answer::refused(refusal), "000000", front.clock.now(), serial, as_text);
    wire(StatusCode::OK, body)
}

fn gateway(status: StatusCode, code: i32, message: &str) -> Response {
    wire(status, answer::gateway_failure(code, message))
}

fn wire(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json;charset=utf-8")], body).into_response()
}
