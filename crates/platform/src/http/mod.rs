//! 前门: routes, status codes, and nothing else.

/// The institution interface: one endpoint whatever the path.
mod institutions;
/// Letters of other nodes.
mod letters;
/// The story of one settlement, and those that wait for a person.
mod settlements;
/// The comparison of the days, and what a person decides about it.
mod reconciliation;
/// Health, and what operators and the sandbox may see.
mod overview;

use crate::doors::{Clock, NodeId};
use crate::network::{LETTERS_PATH, NodeHandle, Sealer};
use crate::registry::{Institution, InsuredPerson};
use crate::treatment_node::Settings;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use insurance::catalogue::Item;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The largest body that is read: 2301 with some thousand lines stays far below it.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// What the front door knows.
pub struct Front {
    /// The nodes of this process.
    pub nodes: BTreeMap<NodeId, NodeHandle>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Opens the letters of other nodes.
    pub sealer: Sealer,
    /// What a sandbox shows; absent in production, and its routes with it.
    pub sandbox: Option<Sandbox>,
    /// How institutions are spoken to, where no node answers.
    pub treatment: Settings,
}

/// What a sandbox shows at `GET /sandbox/personas`.
pub struct Sandbox {
    /// 测试人员, as they were enrolled; what they have now is looked up.
    pub people: Vec<InsuredPerson>,
    /// 测试机构
    pub institutions: Vec<Institution>,
    /// Items that every province prices.
    pub items: Vec<Item>,
}

/// All routes of a process.
pub fn routes(front: Arc<Front>) -> Router {
    let operators = story_routes("/operator").layer(axum::middleware::from_fn(settlements::from_here));
    let mut router = Router::new()
        .nest("/operator", operators)
        .route("/healthz", get(overview::healthz))
        .route("/readyz", get(overview::readyz))
        .route(LETTERS_PATH, post(letters::receive));
    if front.sandbox.is_some() {
        router = router
            .route("/", get(overview::welcome).post(institutions::call))
            .route("/sandbox/personas", get(overview::personas))
            .route("/sandbox/transactions", get(overview::transactions))
            .route("/sandbox/network", get(overview::network))
            .nest("/sandbox", story_routes("/sandbox"))
            .route("/sandbox/filings", post(overview::file))
            .route("/sandbox/nodes/{node}/link", post(overview::link));
    }
    router.fallback(institutions::call).layer(DefaultBodyLimit::max(BODY_LIMIT)).with_state(front)
}

/// The story of settlements, for a sandbox and for the operators of a node.
fn story_routes(below: &'static str) -> Router<Arc<Front>> {
    Router::new()
        .route("/unresolved", get(move |front| settlements::unresolved(front, below)))
        .route("/settlements/{settlement}", get(settlements::settlement))
        .route("/settlements/{settlement}/ask-again", post(settlements::ask_again))
        .route("/settlements/{settlement}/cancel-safely", post(settlements::cancel_safely))
        .route("/reconciliation", get(move |front, shown| reconciliation::days(front, shown, below)))
        .route("/reconciliation/{settlement}/{decision}", post(reconciliation::decide))
        .route("/messages/{institution}/{msgid}", get(settlements::message))
}

/// The institution interface alone, for the port that existing software is preset to.
pub fn institution_routes(front: Arc<Front>) -> Router {
    Router::new()
        .route("/healthz", get(overview::healthz))
        .fallback(institutions::call)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(front)
}
