//! The institution interface: whatever the path, the body's infno decides. Business failures are HTTP 200.

use super::Front;
use crate::doors::NodeId;
use crate::network::{NodeHandle, Work};
use crate::protocol::answer::{self, Answer};
use crate::protocol::envelope::{self, Message};
use crate::protocol::files::Attached;
use crate::refusal::{Code, Refusal};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
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
    let headers = request.headers().clone();
    let Ok(body) = to_bytes(request.into_body(), super::BODY_LIMIT).await else {
        let message = "the body broke off or is larger than 16 MiB: upload fewer lines at once | \
                       报文中断或超过16MiB,请减少每次上传的明细";
        return gateway(StatusCode::PAYLOAD_TOO_LARGE, 413, message);
    };
    let (body, attached) = match parts(&headers, body).await {
        Ok(parts) => parts,
        Err(refusal) => return refused(&front, None, &refusal),
    };
    let message = match envelope::read_beside(&body, Some(&path), attached) {
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
        Ok(answered) if answered.is_file => {
            let file = [(header::CONTENT_TYPE, "application/octet-stream")];
            (StatusCode::OK, file, answered.body.as_ref().clone()).into_response()
        }
        Ok(answered) => wire(StatusCode::OK, answered.body.as_ref().clone()),
        Err(_) => gateway(StatusCode::SERVICE_UNAVAILABLE, 503, STOPPING),
    }
}

/// The envelope and the file of a multipart body; any other body is an envelope alone.
async fn parts(headers: &HeaderMap, body: Bytes) -> Result<(Bytes, Option<Attached>), Refusal> {
    let form = headers.get(header::CONTENT_TYPE).filter(|form| {
        form.to_str()
            .is_ok_and(|form| form.trim_start().to_ascii_lowercase().starts_with("multipart/form-data"))
    });
    let Some(form) = form else { return Ok((body, None)) };
    let unreadable = |why: &dyn std::fmt::Display| {
        let why: String = why.to_string().chars().take(80).collect();
        Refusal::new(Code::BodyUnreadable).with("why", format!("multipart/form-data: {why}"))
    };
    let mut request = Request::new(Body::from(body));
    request.headers_mut().insert(header::CONTENT_TYPE, form.clone());
    DefaultBodyLimit::max(super::BODY_LIMIT).apply(&mut request);
    let mut parts =
        Multipart::from_request(request, &()).await.map_err(|why| unreadable(&why.body_text()))?;
    let (mut envelope, mut attached) = (None, None);
    while let Some(part) = parts.next_field().await.map_err(|why| unreadable(&why.body_text()))? {
        let name = part.name().unwrap_or_default().to_ascii_lowercase();
        let file_name = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await.map_err(|why| unreadable(&why.body_text()))?;
        match name.as_str() {
            "jsonstr" => envelope = Some(bytes),
            "file" | "in" => attached = Some(Attached { name: file_name, bytes: bytes.to_vec() }),
            _ => {}
        }
    }
    const NO_ENVELOPE: &str = "没有文本部分jsonStr (there is no text part jsonStr)";
    envelope.map(|envelope| (envelope, attached)).ok_or_else(|| unreadable(&NO_ENVELOPE))
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
