//! 就诊者: many counters at once over real HTTP. Each repeats what is not answered, undoes what it cannot learn, and
//! keeps its own record of what it was told.

use crate::counter::SERVICE_PATH;
use crate::rig::Rig;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use insurance::identity::Province;
use platform::doors::{Clock, MachineClock, NodeId, micros};
use platform::refusal::Code;
use serde_json::Value;
use simulation::counter::{Counter, Heard};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Where the counters of a network call, and how they stand.
pub struct Visitors {
    client: Client<HttpConnector, Full<Bytes>>,
    addresses: BTreeMap<Province, SocketAddr>,
    /// The clock of the counters.
    pub clock: MachineClock,
    /// Set to send everybody home, wherever they stand.
    pub go_home: AtomicBool,
    /// Messages sent.
    pub messages: AtomicU64,
    /// Messages without an answer.
    pub unanswered: AtomicU64,
    /// Answers that a node could not keep what it was told: its disk fails.
    pub store_failed: AtomicU64,
    /// Answers that the end is not known yet.
    pub undecided: AtomicU64,
    /// How long nothing was kept.
    pub silence: Silence,
    /// The longest that a counter waits, whatever its manners (ms).
    pub patience_ms: u64,
}

/// How long nothing was kept: the time between two answers of success, the longest since this was last begun. Every
/// message writes before it is answered.
#[derive(Debug, Default)]
pub struct Silence {
    last: AtomicU64,
    longest: AtomicU64,
}

impl Silence {
    /// From now on (microseconds).
    pub fn begin(&self) {
        self.last.store(micros(), Ordering::Relaxed);
        self.longest.store(0, Ordering::Relaxed);
    }

    /// Something was answered, and so was kept.
    fn ends(&self) {
        let now = micros();
        let last = self.last.swap(now, Ordering::Relaxed);
        self.longest.fetch_max(now.saturating_sub(last), Ordering::Relaxed);
    }

    /// The present one (ms).
    pub fn present_ms(&self) -> u64 {
        micros().saturating_sub(self.last.load(Ordering::Relaxed)) / 1_000
    }

    /// The longest, the present one included (ms).
    pub fn longest_ms(&self) -> u64 {
        self.present_ms().max(self.longest.load(Ordering::Relaxed) / 1_000)
    }
}

/// A visit that has ended.
pub struct Attended {
    /// The counter, with its record of what it was told.
    pub counter: Counter,
    /// When it was to begin (microseconds).
    pub intended: u64,
    /// When it ended (microseconds).
    pub ended: u64,
    /// Each message that was answered: transaction, microseconds.
    pub answers: Vec<(&'static str, u64)>,
}

impl Visitors {
    /// Counters of this rig's provinces.
    pub fn of(rig: &Rig, patience_ms: u64) -> Arc<Visitors> {
        let provinces = rig.processes.iter().flat_map(|process| {
            process.nodes.iter().filter_map(|node| match node {
                NodeId::Province(province) => Some((*province, process.address)),
                NodeId::Hub => None,
            })
        });
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Arc::new(Visitors {
            client: Client::builder(TokioExecutor::new()).build(connector),
            addresses: provinces.collect(),
            clock: MachineClock::default(),
            go_home: AtomicBool::new(false),
            messages: AtomicU64::new(0),
            unanswered: AtomicU64::new(0),
            store_failed: AtomicU64::new(0),
            undecided: AtomicU64::new(0),
            silence: Silence::default(),
            patience_ms,
        })
    }

    /// Sees one counter through its visit.
    pub async fn attend(&self, mut counter: Counter, intended: u64) -> Attended {
        let address = self.addresses[&counter.institution.region.province()];
        let patience = u64::try_from(counter.patience_ms()).unwrap_or(0).min(self.patience_ms);
        let mut answers = Vec::new();
        while !self.go_home.load(Ordering::Relaxed) {
            let Some(body) = counter.next_message(self.clock.now()) else { break };
            let asks = counter.asks();
            let begun = micros();
            self.messages.fetch_add(1, Ordering::Relaxed);
            let answer =
                tokio::time::timeout(Duration::from_millis(patience), self.post(address, body)).await;
            let heard = answer.ok().flatten().map_or(Heard::Silence, Heard::Answer);
            let pause = self.pause_after(&heard);
            if let (Heard::Answer(_), Some(infno)) = (&heard, asks) {
                answers.push((infno, micros() - begun));
            }
            counter.heard(heard, self.clock.now());
            if let Some(pause) = pause {
                tokio::time::sleep(pause).await;
            }
        }
        Attended { counter, intended, ended: micros(), answers }
    }

    /// How long before the next message; nothing where all went well.
    fn pause_after(&self, heard: &Heard) -> Option<Duration> {
        let bytes = match heard {
            Heard::Silence => {
                self.unanswered.fetch_add(1, Ordering::Relaxed);
                return Some(Duration::from_millis(300));
            }
            Heard::Answer(bytes) => bytes,
        };
        let answer: Value = serde_json::from_slice(bytes).unwrap_or_default();
        if answer["infcode"].as_i64() == Some(0) {
            self.silence.ends();
        }
        if answer["infcode"].as_i64() != Some(-1) {
            return None;
        }
        let text = answer["err_msg"].as_str().unwrap_or_default();
        let failed = text.starts_with(&format!("[{}]", Code::StoreFailed.words().number));
        let (counted, pause) = if failed { (&self.store_failed, 500) } else { (&self.undecided, 200) };
        counted.fetch_add(1, Ordering::Relaxed);
        Some(Duration::from_millis(pause))
    }

    /// The body of an answer; nothing where none came, or not from a node.
    async fn post(&self, address: SocketAddr, body: Vec<u8>) -> Option<Vec<u8>> {
        let request = hyper::Request::post(format!("http://{address}{SERVICE_PATH}"))
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))
            .ok()?;
        let answer = self.client.request(request).await.ok()?;
        // The front door says so where no node has answered: that is silence.
        if !answer.status().is_success() {
            return None;
        }
        Some(answer.into_body().collect().await.ok()?.to_bytes().to_vec())
    }

    /// Reads a page of a process.
    pub async fn page(&self, address: SocketAddr, path: &str) -> Option<Value> {
        let request = hyper::Request::get(format!("http://{address}{path}")).body(Full::default()).ok()?;
        let answer = self.client.request(request).await.ok()?;
        let bytes = answer.into_body().collect().await.ok()?.to_bytes();
        serde_json::from_slice(&bytes).ok()
    }

    /// How each node of the rig stands, by its page; nothing for those that do not answer.
    pub async fn states(&self, rig: &Rig) -> Vec<Value> {
        let mut states = Vec::new();
        for process in &rig.processes {
            let page = tokio::time::timeout(
                Duration::from_secs(5),
                self.page(process.address, "/sandbox/network?brief=true"),
            );
            match page.await.ok().flatten() {
                Some(page) => states.extend(page["nodes"].as_array().cloned().unwrap_or_default()),
                None => states.push(Value::Null),
            }
        }
        states
    }
}

/// Between two looks that must both be quiet (ms): longer than what a node puts off until its next tick.
const LOOK_AGAIN_MS: u64 = 250;

/// Waits until nothing is under way: no letter waits and no question is open at any node, twice in a row, because the
/// nodes are looked at one after the other and a letter may pass between. `false` where that takes longer.
pub async fn becomes_quiet(visitors: &Visitors, rig: &Rig, patience: Duration) -> bool {
    let deadline = micros() + u64::try_from(patience.as_micros()).unwrap_or(u64::MAX);
    let mut quiet = 0;
    while quiet < 2 {
        if micros() > deadline {
            return false;
        }
        let states = visitors.states(rig).await;
        quiet = if is_quiet(&states) { quiet + 1 } else { 0 };
        if quiet < 2 {
            tokio::time::sleep(Duration::from_millis(if quiet == 1 { LOOK_AGAIN_MS } else { 50 })).await;
        }
    }
    true
}

fn is_quiet(states: &[Value]) -> bool {
    states.iter().all(|state| state["letters_waiting"] == 0 && state["questions_open"] == 0)
}
