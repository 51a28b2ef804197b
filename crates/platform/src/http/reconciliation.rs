//! The comparison of the days as a person sees it: which pairs agree, what differs, with the evidence of all three
//! offices side by side, the proposed repair, and the one button where it is theirs to decide.

use super::Front;
use super::settlements::{look, missing};
use crate::doors::{NodeId, Store, StoreError};
use crate::regions::shown;
use crate::statements::{Decided, Pair};
use crate::store::comparison::{self, Comparison, Kept, Made, Stage};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use insurance::calendar::{Instant, ServiceDate};
use insurance::identity::{Region, SettlementId};
use insurance::reconciliation::{Decision, Held, Party, Repair};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// How many days are shown where nobody says from when.
const DAYS: i32 = 31;

/// From when the days are shown.
#[derive(Debug, Deserialize)]
pub(super) struct Shown {
    since: Option<String>,
}

type Read = Vec<(Comparison, Vec<Kept>)>;

fn read(store: &mut dyn Store, since: ServiceDate) -> Result<Read, StoreError> {
    let mut found = Vec::new();
    for compared in comparison::comparisons_since(store, since)? {
        let differences = comparison::differences_of(store, &compared.pair)?;
        found.push((compared, differences));
    }
    Ok(found)
}

/// `GET .../reconciliation?since=yyyy-MM-dd`: what differs first, then what is being compared, then what agrees.
pub(super) async fn days(
    State(front): State<Arc<Front>>,
    Query(asked): Query<Shown>,
    below: &'static str,
) -> Response {
    let since = match asked.since.as_deref().map(str::parse::<ServiceDate>) {
        None => front.clock.now().day().plus_days(-DAYS),
        Some(Ok(day)) => day,
        Some(Err(_)) => {
            let error = "since: 写作yyyy-MM-dd | write yyyy-MM-dd";
            return (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "error": error }))).into_response();
        }
    };
    let mut nodes = Vec::new();
    for (name, node) in &front.nodes {
        let Some(Ok((pairs, counts, made))) = look(node, move |store, _| {
            let (pairs, counts) = (read(store, since)?, comparison::difference_counts(store)?);
            Ok::<_, StoreError>((pairs, counts, comparison::decisions_since(store, since)?))
        })
        .await
        else {
            continue;
        };
        let of = |stage: Stage| pairs.iter().filter(|(compared, _)| compared.stage == stage).count();
        let kinds: Vec<Value> = counts
            .iter()
            .map(|(kind, count)| {
                json!({"kind": kind.code(), "zh": kind.zh(), "en": kind.en(), "count": count})
            })
            .collect();
        nodes.push(json!({
            "node": name, "agree": of(Stage::Agrees), "differ": of(Stage::Differs),
            "being_compared": of(Stage::Running), "kinds": kinds,
            "decisions": made.iter().map(decision).collect::<Vec<_>>(),
            "pairs": pairs.iter().map(|(compared, kept)| told(*name, compared, kept, below)).collect::<Vec<_>>(),
        }));
    }
    Json(json!({ "since": since.to_string(), "nodes": nodes })).into_response()
}

fn told(node: NodeId, compared: &Comparison, kept: &[Kept], below: &str) -> Value {
    let (zh, en) = match compared.stage {
        Stage::Agrees => ("三方一致", "the three offices agree"),
        Stage::Differs => ("不一致", "something differs"),
        Stage::Running => ("对账中", "being compared"),
    };
    let Pair { day, pool, treatment } = compared.pair;
    json!({
        "day": day.to_string(),
        "pool": place(pool), "treatment": place(treatment.region()),
        "stands": {"zh": zh, "en": en}, "since": compared.changed.to_string(),
        "compared_again_at": compared.next.map(|next| next.to_string()),
        "differences": kept.iter().map(|kept| difference(node, kept, below)).collect::<Vec<_>>(),
    })
}

fn place(region: Region) -> Value {
    let name = shown(region);
    json!({"code": region, "zh": name.zh, "en": name.en})
}

fn difference(node: NodeId, kept: &Kept, below: &str) -> Value {
    let found = &kept.found;
    let different = &found.difference;
    let held: Vec<Value> = [Party::Treatment, Party::Hub, Party::Insured]
        .into_iter()
        .filter_map(|party| found.held.get(&party).map(|held| evidence(party, held)))
        .collect();
    let button = match different.repair {
        Repair::Decide(decision, party) if kept.decided.is_none() && node == node_of(&kept.pair, party) => {
            json!({
                "post": format!("{below}/reconciliation/{}/{}", found.settlement, decision.code()),
                "with": {"by": "", "reason": ""},
            })
        }
        _ => Value::Null,
    };
    json!({
        "setl_id": found.settlement,
        "kind": {"code": different.kind.code(), "zh": different.kind.zh(), "en": different.kind.en()},
        "at": {"code": different.at.code(), "zh": different.at.zh(), "en": different.at.en()},
        "repair": {
            "zh": different.repair.zh(), "en": different.repair.en(),
            "automatic": different.repair.is_automatic(), "done_here_at": kept.repaired.map(|at| at.to_string()),
        },
        "decided": kept.decided.as_ref().map(|decided| json!({
            "decision": decided.decision.code(), "by": decided.by, "reason": decided.reason,
            "done_at": kept.done.map(|at| at.to_string()),
        })),
        "found_at": kept.since.to_string(), "evidence": held, "button": button,
        "whole": format!("{below}/settlements/{}", found.settlement),
    })
}

fn decision(made: &Made) -> Value {
    json!({
        "day": made.pair.day.to_string(), "setl_id": made.settlement, "kind": made.kind,
        "decision": made.decided.decision.code(), "by": made.decided.by, "reason": made.decided.reason,
        "at": made.at.to_string(),
    })
}

fn evidence(party: Party, held: &Held) -> Value {
    json!({
        "office": {"code": party.code(), "zh": party.zh(), "en": party.en()},
        "record": held.recorded.as_ref().map(|record| json!({
            "state": record.state.code(), "day": record.day.to_string(), "fee_fen": record.fee,
            "funds_fen": record.funds, "policy_version": record.version,
        })),
        "journals": held.postings,
    })
}

fn node_of(pair: &Pair, party: Party) -> NodeId {
    match party {
        Party::Treatment => NodeId::Province(pair.treatment),
        Party::Hub => NodeId::Hub,
        Party::Insured => NodeId::Province(pair.pool.province()),
    }
}

/// Who decides, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pressed {
    by: String,
    reason: String,
}

/// `POST .../reconciliation/{setl_id}/{decision}` with `{"by": "...", "reason": "..."}`: what was proposed is done.
pub(super) async fn decide(
    State(front): State<Arc<Front>>,
    Path((number, word)): Path<(String, String)>,
    Json(pressed): Json<Pressed>,
) -> Response {
    let (Ok(id), Some(decision)) = (SettlementId::new(number.as_str()), Decision::of_code(&word)) else {
        return missing("不是结算编号或决定 | not a settlement number, or not a decision");
    };
    let clean = |text: &str, most: usize| -> String {
        text.chars().filter(|letter| !letter.is_control()).take(most).collect::<String>().trim().to_owned()
    };
    let decided = Decided { decision, by: clean(&pressed.by, 40), reason: clean(&pressed.reason, 200) };
    if decided.by.is_empty() || decided.reason.is_empty() {
        let error = "by, reason: 写下决定人与理由 | write who decides, and why";
        return (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "error": error }))).into_response();
    }
    let mut known = false;
    for (name, node) in &front.nodes {
        let (here, id, decided) = (*name, id.clone(), decided.clone());
        let pressed = look(node, move |store, now| press(store, now, here, &id, &decided)).await;
        match pressed {
            Some(Ok((_, true))) => {
                return (StatusCode::ACCEPTED, Json(json!({"setl_id": number, "decision": decision.code()})))
                    .into_response();
            }
            Some(Ok((found, false))) => known |= found,
            _ => {}
        }
    }
    if known {
        let error = "这不是所建议的决定,或不由本节点决定,或已经决定 | this is not what is proposed, or not for this node \
                     to decide, or decided already";
        return (StatusCode::CONFLICT, Json(json!({ "error": error }))).into_response();
    }
    missing("对账中没有这笔结算的差异 | no difference with this settlement")
}

/// Whether the settlement stands in a difference here, and whether it was decided now.
fn press(
    store: &mut dyn Store,
    now: Instant,
    here: NodeId,
    id: &SettlementId,
    decided: &Decided,
) -> Result<(bool, bool), StoreError> {
    let kept = comparison::differences_with(store, id)?;
    let (known, mut done) = (!kept.is_empty(), false);
    for kept in kept {
        let theirs = matches!(
            kept.found.difference.repair,
            Repair::Decide(proposed, party) if proposed == decided.decision && node_of(&kept.pair, party) == here
        );
        if theirs && kept.decided.is_none() {
            comparison::difference_decide(store, &kept.pair, id, decided, now)?;
            done = true;
        }
    }
    Ok((known, done))
}
