//! Health, and what operators and the sandbox may see.

use super::Front;
use crate::doors::{NodeId, Store, StoreError};
use crate::insured_node;
use crate::letters::{FilingSheet, Reply};
use crate::protocol::sandbox;
use crate::registry::InsuredPerson;
use crate::store::{
    balance_check, books, chain, counter_next, mail, neighbours, people, relay, roots, settlements, visits,
};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use insurance::calendar::ServiceDate;
use insurance::filing::{Evidence, FilingCategory};
use insurance::identity::{FilingId, PersonNo, Region};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;

pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Ready when every node of this process answers.
pub(super) async fn readyz(State(front): State<Arc<Front>>) -> Response {
    for (id, node) in &front.nodes {
        let alive = tokio::time::timeout(Duration::from_secs(2), node.look(|_, _| ())).await;
        if !matches!(alive, Ok(Some(()))) {
            let text = format!("node {id} does not answer\n");
            return (StatusCode::SERVICE_UNAVAILABLE, text).into_response();
        }
    }
    "ready\n".into_response()
}

pub(super) async fn welcome() -> Html<&'static str> {
    Html(include_str!("welcome.html"))
}

/// Test people with what they have now, institutions, items.
pub(super) async fn personas(State(front): State<Arc<Front>>) -> Json<Value> {
    let Some(sandbox) = &front.sandbox else { return Json(Value::Null) };
    let mut people = Vec::with_capacity(sandbox.people.len());
    for (id, node) in &front.nodes {
        let ours = |person: &&InsuredPerson| NodeId::Province(person.pool.province()) == *id;
        let enrolled: Vec<InsuredPerson> = sandbox.people.iter().filter(ours).cloned().collect();
        match node
            .look(move |store, _| enrolled.into_iter().map(|person| as_now(store, person)).collect())
            .await
        {
            Some(Ok::<Vec<_>, StoreError>(now)) => people.extend(now),
            Some(Err(error)) => return Json(json!({"error": error.to_string()})),
            None => return Json(json!({"error": format!("node {id} has stopped")})),
        }
    }
    let today = front.clock.now().day();
    let (institutions, items) = (sandbox.institutions.iter(), sandbox.items.iter());
    Json(sandbox::personas(people.iter(), institutions, items, today))
}

/// A person with the accounts and filings of this moment; nobody who has used something has a clean year.
fn as_now(store: &mut dyn Store, mut person: InsuredPerson) -> Result<InsuredPerson, StoreError> {
    if let Some(found) = people::person_find(store, person.pool, &person.person_no)? {
        person.wallet = found.wallet;
    }
    person.filings = people::filings_of(store, person.pool, &person.person_no)?;
    if !people::accumulators_all(store, person.pool, &person.person_no)?.is_empty() {
        person.tags.retain(|tag| tag != "clean_year");
    }
    Ok(person)
}

pub(super) async fn transactions() -> Json<Value> {
    Json(sandbox::transactions())
}

/// How each node stands: letters that wait, questions that are open, settlements by state, balances, faults.
pub(super) async fn network(State(front): State<Arc<Front>>) -> Json<Value> {
    let mut nodes = Vec::new();
    for (id, node) in &front.nodes {
        let id = *id;
        nodes.push(match node.look(move |store, _| node_state(store, id)).await {
            Some(Ok(mut state)) => {
                state["flushes"] = Value::from(node.flushes());
                state
            }
            Some(Err(error)) => json!({"node": id, "fault": error.to_string()}),
            None => json!({"node": id, "fault": "stopped"}),
        });
    }
    Json(json!({ "nodes": nodes }))
}

fn node_state(store: &mut dyn Store, id: NodeId) -> Result<Value, StoreError> {
    let (waiting, since) = mail::outbox_waiting(store)?;
    let balances: Vec<Value> = books::balances(store)?
        .into_iter()
        .map(|(account, amount)| json!({"account": account, "amount_fen": amount.0}))
        .collect();
    let settlements: Map<String, Value> = settlements::settlement_counts(store)?
        .into_iter()
        .map(|(state, count)| (state, Value::from(count)))
        .collect();
    let (held, unconfirmed) = roots::root_counts(store, id)?;
    Ok(json!({
        "node": id,
        "letters_waiting": waiting,
        "oldest_letter_at": since.map(|since| since.to_string()),
        "questions_open": mail::question_open_count(store)?,
        "visits_open": visits::visit_open_count(store)?,
        "settlements": settlements,
        "directory": relay::directory_count(store)?,
        "relayed": relay::relayed_count(store)?,
        "balances": balances,
        "book_faults": books::faults(store)?,
        "balance_alarms": balance_check::balance_alarms(store)?,
        "chain": chain::head(store)?.map(|(serial, digest)| json!({"journals": serial, "digest": digest})),
        "roots_held": held,
        "roots_unconfirmed": unconfirmed,
        "root_alarms": roots::alarms(store)?,
        "behind": neighbours::behind_all(store)?,
    }))
}

/// A filing by an agency's clerk, for the command and for tests.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FilingForm {
    psn_no: PersonNo,
    insuplc_admdvs: Region,
    category: String,
    mdtrtarea_admdvs: Region,
    begndate: ServiceDate,
    #[serde(default)]
    enddate: Option<ServiceDate>,
}

pub(super) async fn file(State(front): State<Arc<Front>>, Json(form): Json<FilingForm>) -> Response {
    let refuse =
        |text: String| (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "error": text }))).into_response();
    let Some(category) = FilingCategory::of_code(&form.category) else {
        return refuse(format!("category {:?}: write 11, 12, 13, 21, 22 or 23", form.category));
    };
    let pool = crate::regions::pool_of(form.insuplc_admdvs).unwrap_or(form.insuplc_admdvs);
    let Some(node) = front.nodes.get(&NodeId::Province(pool.province())) else {
        return refuse(format!("insuplc_admdvs {pool}: no such node here"));
    };
    let Some(place) = insured_node::place_filed(pool, form.mdtrtarea_admdvs) else {
        let place = form.mdtrtarea_admdvs;
        return refuse(format!(
            "mdtrtarea_admdvs {place}: name a place of another province in direct settlement"
        ));
    };
    let made = node
        .look(move |store, now| {
            let serial = counter_next(store, "filing/clerk")?;
            let filing = FilingId::new(format!("C{pool}{serial:08}")).expect("a number is an identity");
            let sheet = FilingSheet {
                pool,
                person: form.psn_no,
                filing,
                category,
                places: vec![place],
                from: form.begndate,
                until: form.enddate,
                evidence: Evidence::None,
            };
            insured_node::file(store, now, &sheet)
        })
        .await;
    match made {
        Some(Ok(Ok(Reply::Filed { filing }))) => Json(json!({"trt_dcla_detl_sn": filing})).into_response(),
        Some(Ok(Err(refusal))) => refuse(refusal.text()),
        Some(Err(error)) => refuse(error.to_string()),
        _ => refuse("the node did not answer".into()),
    }
}

/// Cuts a node's link, or joins it again: an accident on order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkForm {
    up: bool,
}

pub(super) async fn link(
    State(front): State<Arc<Front>>,
    Path(node): Path<String>,
    Json(form): Json<LinkForm>,
) -> Response {
    let known = NodeId::try_from(node).ok().and_then(|id| front.nodes.get(&id));
    match known {
        Some(node) => {
            node.cut_off(!form.up);
            Json(json!({"up": form.up})).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
