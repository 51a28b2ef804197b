//! Accidents on order: a node that stands still with a question in its hands, and the look at the whole network
//! before and after.

use super::network::Network;
use platform::store::relay;
use serde_json::{Value, json};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// A node that stands still for as long as this value lives: what arrives waits in its queue.
pub struct Held {
    _release: mpsc::Sender<()>,
}

/// Stops a node between two steps.
pub fn hold(network: &Network, node: &str) -> Held {
    let handle = network.node(node);
    let (release, released) = mpsc::channel();
    let (begin, begun) = mpsc::channel();
    thread::spawn(move || {
        handle.look_now(move |_, _| {
            let _ = begin.send(());
            let _ = released.recv();
        })
    });
    begun.recv().expect("the node stands still");
    Held { _release: release }
}

/// Sends a question and stops its insured node when it lies in that node's queue; runs `meanwhile`, which drops
/// [`Held`] when it likes; gives the answer.
pub fn while_asked<T: Send>(
    network: &Network,
    insured: &str,
    ask: impl FnOnce() -> T + Send,
    meanwhile: impl FnOnce(Held),
) -> T {
    calm(network);
    let held = hold(network, insured);
    let before = relayed(network);
    thread::scope(|scope| {
        let answer = scope.spawn(ask);
        while relayed(network) == before {
            thread::sleep(Duration::from_millis(2));
        }
        // The hub pushes after the step in which it notes the letter: one turn later it is on its way.
        relayed(network);
        meanwhile(held);
        answer.join().expect("an answer")
    })
}

fn relayed(network: &Network) -> i64 {
    let count = network.node("hub").look_now(|store, _| relay::relayed_count(store));
    count.expect("a hub").expect("a count")
}

/// Sleeps.
pub fn pause(ms: u64) {
    thread::sleep(Duration::from_millis(ms));
}

/// Waits until no letter waits and no question is open anywhere; no book has a fault.
pub fn calm(network: &Network) {
    for _ in 0..1_500 {
        let state = network.get("/sandbox/network");
        let nodes = state["nodes"].as_array().expect("nodes");
        let quiet = |node: &Value| node["letters_waiting"] == json!(0) && node["questions_open"] == json!(0);
        if nodes.iter().all(quiet) {
            for node in nodes {
                assert_eq!(node["book_faults"], json!([]), "{}", node["node"]);
            }
            return;
        }
        pause(10);
    }
    panic!("the network does not come to rest: {}", network.get("/sandbox/network"));
}

/// What business has left anywhere: visits, settlements by state, balances. Letters that pass are no business, and
/// records of settlements that never came to be are none either.
pub fn business(network: &Network) -> Value {
    let state = network.get("/sandbox/network");
    let nodes = state["nodes"].as_array().expect("nodes");
    let kept = |node: &Value| {
        let mut settlements = node["settlements"].clone();
        if let Some(states) = settlements.as_object_mut() {
            states.retain(|state, _| state != "refused" && state != "cancelled");
        }
        json!({
            "node": node["node"], "visits_open": node["visits_open"], "settlements": settlements,
            "balances": node["balances"], "book_faults": node["book_faults"],
        })
    };
    nodes.iter().map(kept).collect()
}

/// How many settlements of a node stand in this state.
pub fn settlements(network: &Network, node: &str, state: &str) -> i64 {
    let all = network.get("/sandbox/network");
    let nodes = all["nodes"].as_array().expect("nodes");
    let found = nodes.iter().find(|found| found["node"] == json!(node)).expect("the node");
    found["settlements"][state].as_i64().unwrap_or_default()
}

/// What the books say of this pool's money elsewhere, in fen: the treatment place is owed it, the hub knows it as a
/// debt, the insured place has spent it. All three agree.
#[track_caller]
pub fn money_is(network: &Network, pool: &str, fen: i64) {
    calm(network);
    for kind in ["due_from_pool", "debt_of_pool", "fund_expense"] {
        assert_eq!(network.balance(&format!("{kind}/{pool}")), fen, "{kind}");
    }
}
