//! The true end of a settlement at every side, its story in plain words, who holds the ball, and two safe buttons.
//! Nothing is asked of another node to show it: the nodes of this process tell what their stores hold.

use super::Front;
use crate::doors::{Store, StoreError};
use crate::letters::SettledSheet;
use crate::network::NodeHandle;
use crate::store::events::{self, Happened, Office};
use crate::store::received::{self, MessageKey};
use crate::store::resolving::{self, Order, Resolving};
use crate::store::{books, settlements};
use axum::Json;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use insurance::calendar::Instant;
use insurance::identity::{BusinessKey, SettlementId};
use insurance::settlement::{Outer, State as Stands};
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Operators stand at the machine itself: callers from elsewhere, and proxies that speak for them, are turned away.
pub(super) async fn from_here(request: Request, next: Next) -> Response {
    let here = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .is_some_and(|ConnectInfo(caller)| caller.ip().is_loopback());
    let for_another = ["forwarded", "x-forwarded-for", "x-real-ip"]
        .iter()
        .any(|header| request.headers().contains_key(*header));
    if here && !for_another {
        return next.run(request).await;
    }
    let error = "本机操作员专用 | only from this machine itself, and through no proxy";
    (StatusCode::FORBIDDEN, Json(json!({ "error": error }))).into_response()
}

/// How long a node may take to be looked at: one that stands still is left out, so that the others are shown.
const LOOK_WAIT: Duration = Duration::from_secs(1);

/// Looks into a node's store.
pub(super) async fn look<T: Send + 'static>(
    node: &NodeHandle,
    at: impl FnOnce(&mut dyn Store, Instant) -> T + Send + 'static,
) -> Option<T> {
    tokio::time::timeout(LOOK_WAIT, node.look(at)).await.ok().flatten()
}

/// What one node has of a settlement.
struct Seen {
    events: Vec<Happened>,
    entries: Vec<books::BookedEntry>,
    record: Option<(String, Stands, Option<SettledSheet>)>,
    clock: Option<Resolving>,
}

fn seen(store: &mut dyn Store, id: &SettlementId) -> Result<Seen, StoreError> {
    let key = BusinessKey::new(id.as_str()).expect("a settlement number is a key");
    let clock = match events::event_key_of(store, id)? {
        Some(key) => resolving::resolving_find(store, &key)?,
        None => None,
    };
    let record = settlements::settlement_find(store, id)?;
    Ok(Seen {
        events: events::events_of(store, id)?,
        entries: books::entries_of(store, &key)?,
        record: record.map(|record| (record.visit.to_string(), record.state, record.sheet)),
        clock,
    })
}

/// `GET .../settlements/{setl_id}`
pub(super) async fn settlement(State(front): State<Arc<Front>>, Path(number): Path<String>) -> Response {
    match SettlementId::new(number.as_str()) {
        Ok(id) => told(&front, &id).await,
        Err(_) => missing("not a settlement number"),
    }
}

/// `GET .../messages/{institution}/{msgid}`: the settlement that this message made or took back.
pub(super) async fn message(
    State(front): State<Arc<Front>>,
    Path((institution, msgid)): Path<(String, String)>,
) -> Response {
    const SETTLING: [&str; 7] = ["2207", "2207A", "2304", "2304A", "2208", "2305", "2601"];
    for node in front.nodes.values() {
        let (institution, msgid) = (institution.clone(), msgid.clone());
        let looked = look(node, move |store, _| {
            for infno in SETTLING {
                let key = MessageKey {
                    institution: institution.clone(),
                    infno: infno.into(),
                    msgid: msgid.clone(),
                };
                let found = received::received_find(store, &key)?.and_then(|known| known.settlement);
                let Some(Ok(id)) = found.map(SettlementId::new) else { continue };
                // A taking back is told with the settlement that it takes back.
                let record = settlements::settlement_find(store, &id)?;
                return Ok::<_, StoreError>(Some(record.and_then(|record| record.takes_back).unwrap_or(id)));
            }
            Ok(None)
        });
        if let Some(Ok(Some(id))) = looked.await {
            return told(&front, &id).await;
        }
    }
    missing("no message of this institution with this msgid has made a settlement")
}

async fn told(front: &Front, id: &SettlementId) -> Response {
    let mut books = Vec::new();
    let mut sides = Vec::new();
    let mut ends = Vec::new();
    let mut story = Vec::new();
    let mut shown = Value::Null;
    let mut clock = Value::Null;
    for (name, node) in &front.nodes {
        let asked = id.clone();
        let Some(Ok(seen)) = look(node, move |store, _| seen(store, &asked)).await else { continue };
        for office in [Office::Treatment, Office::Insured] {
            let mut here = seen.events.iter().filter(|happened| happened.office == office);
            let Some(last) = here.next_back() else { continue };
            ends.push(last.to.outer());
            sides.push(json!({
                "node": name, "office": office, "state": last.to.code(),
                "means": {"zh": last.to.outer().zh(), "en": last.to.outer().en()},
                "since": last.at.to_string(),
            }));
        }
        story.extend(seen.events.iter().map(|happened| (happened.at, *name, happened.clone())));
        if let Some((visit, state, sheet)) = seen.record {
            let (zh, en) = state.advice();
            shown = json!({
                "setl_id": id, "mdtrt_id": visit, "state": state.code(),
                "means": {"zh": state.outer().zh(), "en": state.outer().en()},
                "what_to_do": {"zh": zh, "en": en},
                "sheet": sheet,
            });
        }
        if let Some(found) = &seen.clock {
            clock = ball(found);
        }
        if !seen.entries.is_empty() {
            books.push(json!({"node": name, "entries": seen.entries}));
        }
    }
    if shown.is_null() && sides.is_empty() && books.is_empty() {
        return missing("no node of this process knows this settlement");
    }
    story.sort_by_key(|(at, _, _)| *at);
    // Booked and taken back because nobody was told of it is no settlement at the other side.
    let nothing = |end: &Outer| matches!(end, Outer::NotSettled | Outer::Reversed);
    let agree = ends.windows(2).all(|pair| pair[0] == pair[1] || pair.iter().all(nothing));
    let story: Vec<Value> = story
        .iter()
        .map(|(at, node, happened)| {
            json!({
                "at": at.to_string(), "at_ms": at.0, "node": node, "office": happened.office,
                "event": happened.event.code(), "state": happened.to.code(),
                "zh": happened.event.zh(), "en": happened.event.en(), "cause": happened.cause,
            })
        })
        .collect();
    Json(json!({
        "settlement": shown, "sides": sides,
        "agree": agree && ends.iter().all(|end| *end != Outer::InProgress),
        "ball": clock, "events": story, "books": books,
    }))
    .into_response()
}

/// Who holds the ball: nobody but a node that asks, or a person as well.
fn ball(clock: &Resolving) -> Value {
    let (zh, en) = match clock.handed_over {
        None => ("参保地:就医地自动核实中", "the insured place; the treatment place asks by itself"),
        Some(_) => (
            "就医地操作员:核实已久,系统仍继续自动核实",
            "an operator of the treatment place; the system goes on asking by itself",
        ),
    };
    json!({
        "zh": zh, "en": en, "since": clock.since.to_string(), "asked_times": clock.asked,
        "asks_next_at": clock.next.to_string(),
        "heard": clock.heard.as_ref().map(|(word, at)| json!({"said": word, "at": at.to_string()})),
        "handed_over_at": clock.handed_over.map(|at| at.to_string()),
    })
}

/// `GET .../unresolved`: every key whose end is not known, those that wait for a person first.
pub(super) async fn unresolved(State(front): State<Arc<Front>>, prefix: &'static str) -> Json<Value> {
    let mut rows = Vec::new();
    for (name, node) in &front.nodes {
        let looked = look(node, |store, now| {
            let mut found = Vec::new();
            for clock in resolving::resolving_all(store)? {
                let record = settlements::settlement_find(store, &clock.key.settlement)?;
                let happened = events::events_of(store, &clock.key.settlement)?;
                found.push((clock, record, happened, now));
            }
            Ok::<_, StoreError>(found)
        });
        let Some(Ok(found)) = looked.await else { continue };
        for (clock, record, happened, now) in found {
            let Some(record) = record else { continue };
            let (zh, en) = record.state.advice();
            let path = format!("{prefix}/settlements/{}", record.id);
            let told: Vec<Value> = happened
                .iter()
                .map(|one| json!({"at": one.at.to_string(), "zh": one.event.zh(), "en": one.event.en()}))
                .collect();
            let mut buttons = vec![json!({
                "post": format!("{path}/ask-again"), "zh": "立即再问", "en": "ask again now",
            })];
            if record.state == Stands::Asked {
                buttons.push(json!({
                    "post": format!("{path}/cancel-safely"), "zh": "安全取消(绝不记账)",
                    "en": "cancel safely (never books)",
                }));
            }
            rows.push(json!({
                "node": name, "setl_id": record.id, "mdtrt_id": record.visit,
                "fixmedins_code": record.institution, "infno": record.infno, "msgid": record.msgid,
                "state": record.state.code(), "waits_for_a_person": clock.handed_over.is_some(),
                "waited_s": (now.0 - clock.since.0).max(0) / 1000,
                "ball": ball(&clock), "what_to_do": {"zh": zh, "en": en}, "story": told,
                "buttons": buttons, "whole": path,
            }));
        }
    }
    rows.sort_by_key(|row| row["waits_for_a_person"] != json!(true));
    Json(json!({ "unresolved": rows }))
}

/// Who presses a button.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pressed {
    by: String,
}

/// `POST .../settlements/{setl_id}/ask-again` with `{"by": "..."}`
pub(super) async fn ask_again(
    State(front): State<Arc<Front>>,
    Path(number): Path<String>,
    Json(pressed): Json<Pressed>,
) -> Response {
    press(&front, &number, Order::Ask, &pressed.by).await
}

/// `POST .../settlements/{setl_id}/cancel-safely` with `{"by": "..."}`
pub(super) async fn cancel_safely(
    State(front): State<Arc<Front>>,
    Path(number): Path<String>,
    Json(pressed): Json<Pressed>,
) -> Response {
    press(&front, &number, Order::Cancel, &pressed.by).await
}

async fn press(front: &Front, number: &str, order: Order, by: &str) -> Response {
    let Ok(id) = SettlementId::new(number) else { return missing("not a settlement number") };
    let by: String = by.chars().filter(|letter| !letter.is_control()).take(40).collect();
    if by.trim().is_empty() {
        let error = "by: 写下操作员 | write who presses";
        return (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "error": error }))).into_response();
    }
    for node in front.nodes.values() {
        let (id, by) = (id.clone(), by.clone());
        let pressed = look(node, move |store, _| {
            let Some(key) = events::event_key_of(store, &id)? else { return Ok(None) };
            if resolving::resolving_find(store, &key)?.is_none() {
                return Ok(None);
            }
            let stands = settlements::settlement_find(store, &id)?.map(|record| record.state);
            // What is being cancelled, taken back or reinstated goes on: there is nothing else that were safe.
            let possible = order == Order::Ask || stands == Some(Stands::Asked);
            if possible {
                resolving::resolving_order(store, &key, order, &by)?;
            }
            Ok::<_, StoreError>(Some(possible))
        });
        match pressed.await {
            Some(Ok(Some(true))) => {
                return (StatusCode::ACCEPTED, Json(json!({"setl_id": number, "done_within_ms": 1_000})))
                    .into_response();
            }
            Some(Ok(Some(false))) => {
                let error = "已在取消、撤销或恢复之中,只能再问 | it is being cancelled, taken back or reinstated \
                             already: ask again instead";
                return (StatusCode::CONFLICT, Json(json!({ "error": error }))).into_response();
            }
            _ => {}
        }
    }
    missing("没有待核实的这笔结算 | no settlement of this number is being resolved here")
}

pub(super) fn missing(error: &str) -> Response {
    (StatusCode::NOT_FOUND, Json(json!({ "error": error }))).into_response()
}
