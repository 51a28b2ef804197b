//! A whole network in this process, and the counter of one hospital: a conversation sends transactions over HTTP as
//! hospital software does, and reads the whole answer beside the question.

use super::table;
use insurance::calendar::ServiceDate;
use insurance::identity::{Province, Region};
use platform::doors::{Clock, NodeId};
use platform::network::NodeHandle;
use platform::protocol::values::Amount;
use platform::registry::{Institution, InsuredPerson};
use platform::treatment_node::Settings;
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};
use yidi::assembly::{self, Config, Running};
use yidi::counter::Counter;

/// A network of a hub and eight provinces, alive as long as this value.
pub struct Network {
    runtime: tokio::runtime::Runtime,
    running: Option<Running>,
    data: tempfile::TempDir,
}

/// Starts a network with the people of seed 1.
pub fn network() -> Network {
    network_with(Settings::default())
}

/// The same, with other time-outs or profiles.
pub fn network_with(treatment: Settings) -> Network {
    network_on(treatment, |_| None)
}

/// The same, with databases elsewhere than in files.
pub fn network_on(treatment: Settings, database: impl Fn(NodeId) -> Option<String>) -> Network {
    let data = tempfile::tempdir().expect("a folder");
    let members: Vec<Province> =
        yidi::demo::PROVINCES.iter().map(|code| Province::new(code).expect("two digits")).collect();
    let nodes: Vec<NodeId> =
        std::iter::once(NodeId::Hub).chain(members.iter().copied().map(NodeId::Province)).collect();
    let config = Config {
        databases: nodes.iter().filter_map(|node| Some((*node, database(*node)?))).collect(),
        nodes,
        members,
        data: data.path().to_owned(),
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        institutions_listen: None,
        peers: std::collections::BTreeMap::new(),
        peer_keys: Vec::new(),
        unsigned: false,
        sign_every_push: false,
        letters_kept_days: 7,
        policies: None,
        seed: 1,
        sandbox: true,
        crowd: 0,
        treatment,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let running = runtime.block_on(assembly::run(&config)).expect("a network");
    Network { runtime, running: Some(running), data }
}

impl Drop for Network {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
        }
    }
}

impl Network {
    fn running(&self) -> &Running {
        self.running.as_ref().expect("alive")
    }

    /// The database files of its nodes.
    pub fn database_files(&self) -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir(self.data.path()).expect("a folder");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        paths.filter(|path| path.extension().is_some_and(|ending| ending == "db")).collect()
    }

    /// The official day on which the network lives.
    pub fn today(&self) -> ServiceDate {
        self.running().clock.now().day()
    }

    /// The first person of this pool who carries all of these tags and is not of the story.
    pub fn person(&self, pool: &str, tags: &[&str]) -> InsuredPerson {
        let pool = Region::new(pool).expect("a region");
        let population = self.running().population.as_ref().expect("a sandbox");
        let found = population.tagged(tags).find(|person| {
            person.pool == pool && !person.tags.iter().any(|tag| tag == "story" && !tags.contains(&"story"))
        });
        found.unwrap_or_else(|| panic!("nobody of {pool} is {tags:?}")).clone()
    }

    /// The first institution of this province with this grade (`02` city tertiary, `05` second level, `08` first
    /// level, `10` community centre) that is neither run by the province nor suspended.
    pub fn hospital(&self, province: &str, grade: &str) -> Institution {
        let population = self.running().population.as_ref().expect("a sandbox");
        let fits = |institution: &&Institution| {
            institution.region.province().as_str() == province
                && institution.grade == grade
                && !institution.provincial
                && !institution.suspended
        };
        population.institutions.iter().find(fits).expect("an institution").clone()
    }

    /// Any institution of the population.
    pub fn institutions(&self) -> &[Institution] {
        &self.running().population.as_ref().expect("a sandbox").institutions
    }

    /// The counter of an institution with this person before it.
    pub fn desk<'a>(&'a self, institution: &Institution, person: &InsuredPerson) -> Desk<'a> {
        let running = self.running();
        let place = person.pool.as_str();
        let counter = Counter::new(running.address, institution, place, running.clock.clone());
        Desk { network: self, counter, person: person.clone(), institution: institution.clone() }
    }

    /// Reads a page.
    pub fn get(&self, path: &str) -> Value {
        let running = self.running();
        let anybody = &self.institutions()[0];
        let counter = Counter::new(running.address, anybody, "", running.clock.clone());
        self.runtime.block_on(counter.get(path)).expect("a page")
    }

    /// Posts to a page of the sandbox.
    pub fn post(&self, path: &str, body: &Value) -> Value {
        let running = self.running();
        let anybody = &self.institutions()[0];
        let counter = Counter::new(running.address, anybody, "", running.clock.clone());
        self.runtime.block_on(counter.post(path, body)).expect("an answer")
    }

    /// Cuts a node off from its neighbours (`hub`, `22` ...), or joins it again.
    pub fn cut_off(&self, node: &str, cut: bool) {
        self.post(&format!("/sandbox/nodes/{node}/link"), &json!({"up": !cut}));
    }

    /// A node of it, for accidents on order.
    pub fn node(&self, node: &str) -> NodeHandle {
        let id = NodeId::try_from(node.to_owned()).expect("hub or two digits");
        self.running().node(id).expect("a node of this network").clone()
    }

    /// Looks at, or changes, what a node holds.
    pub fn look<T: Send + 'static>(
        &self,
        node: &str,
        look: impl FnOnce(&mut dyn platform::doors::Store) -> T + Send + 'static,
    ) -> T {
        let handle = self.node(node);
        self.runtime.block_on(handle.look(move |store, _| look(store))).expect("the node is alive")
    }

    /// Moves the clock of every node.
    pub fn days_pass(&self, days: i64) {
        let moved = &self.running().clock.moved_ms;
        moved.fetch_add(days * 86_400_000, std::sync::atomic::Ordering::Relaxed);
    }

    /// The clock in milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.running().clock.now().0
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.running().address
    }

    /// Every book of every node is even, and no letter waits for ever: waits for the letters, then looks.
    pub fn books_are_even(&self) {
        for _ in 0..200 {
            let state = self.get("/sandbox/network");
            let nodes = state["nodes"].as_array().expect("nodes");
            for node in nodes {
                assert_eq!(node["book_faults"], json!([]), "{}", node["node"]);
            }
            if nodes.iter().all(|node| node["letters_waiting"] == json!(0)) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("letters still wait");
    }

    /// The sum of all debits of one kind of account (`due_from_pool`, `fund_expense` ...) over all nodes, in fen.
    pub fn balance(&self, kind: &str) -> i64 {
        let state = self.get("/sandbox/network");
        let nodes = state["nodes"].as_array().expect("nodes");
        nodes
            .iter()
            .flat_map(|node| node["balances"].as_array().expect("balances"))
            .filter(|row| row["account"].as_str().is_some_and(|account| account.starts_with(kind)))
            .filter_map(|row| row["amount_fen"].as_i64())
            .sum()
    }
}

/// The counter of one institution, with one person before it.
pub struct Desk<'a> {
    network: &'a Network,
    counter: Counter,
    /// The person.
    pub person: InsuredPerson,
    /// The institution.
    pub institution: Institution,
}

impl Desk<'_> {
    /// Sends one transaction; the whole answer, whatever it says.
    pub fn ask(&self, infno: &str, input: Value) -> Value {
        self.network.runtime.block_on(self.counter.ask(infno, input)).expect("an answer")
    }

    /// Sends one transaction and gives its output; it must succeed.
    #[track_caller]
    pub fn call(&self, infno: &str, input: Value) -> Value {
        let answer = self.ask(infno, input.clone());
        assert_eq!(answer["infcode"], json!(0), "{infno} {input}: {answer}");
        assert!(
            answer["err_msg"].is_null() || answer["err_msg"] == json!(""),
            "a success has no err_msg: {answer}"
        );
        table::fits(infno, &answer["output"]);
        answer["output"].clone()
    }

    /// Sends one transaction that must be refused by the code with this number; gives the text.
    #[track_caller]
    pub fn refused(&self, infno: &str, input: Value, number: u16) -> String {
        let answer = self.ask(infno, input.clone());
        refusal(&answer, number)
    }

    /// An envelope, to be changed and sent by [`Desk::send`].
    pub fn envelope(&self, infno: &str, input: Value) -> Value {
        self.counter.envelope(infno, input)
    }

    /// Sends a whole envelope to the address that takes everything.
    pub fn send(&self, envelope: &Value) -> Value {
        self.send_to(yidi::counter::SERVICE_PATH, envelope)
    }

    /// Sends a whole envelope to a path.
    pub fn send_to(&self, path: &str, envelope: &Value) -> Value {
        self.network.runtime.block_on(self.counter.post(path, envelope)).expect("an answer")
    }

    /// `yyyy-MM-dd HH:mm:ss`, so many days from today.
    pub fn at(&self, days: i32, time: &str) -> String {
        format!("{} {time}", self.network.today().plus_days(days))
    }

    /// 310 or 390.
    pub fn insutype(&self) -> &'static str {
        platform::protocol::codes::insutype(self.person.insurance())
    }
}

/// The text of an answer that refuses by the code with this number.
#[track_caller]
pub fn refusal(answer: &Value, number: u16) -> String {
    let text = answer["err_msg"].as_str().unwrap_or_default().to_owned();
    assert!(answer["infcode"].as_i64().is_some_and(|code| code < 0), "not refused: {answer}");
    assert!(text.starts_with(&format!("[{number}]")), "expected {number}, found {text}");
    assert_eq!(answer["output"], Value::Null, "a refusal has no output");
    text
}

/// An amount of the wire in fen.
#[track_caller]
pub fn fen(value: &Value) -> i64 {
    let amount: Result<Amount, _> = serde_json::from_value(Value::from(value.to_string()));
    amount.unwrap_or_else(|_| panic!("{value} is no amount")).0.0
}
