//! The command as processes of their own: started, spoken to over HTTP, killed, told to end.

#![allow(dead_code)] // each test file uses its part

use platform::doors::{Clock, MachineClock};
use platform::protocol::values::Amount;
use platform::registry::{Institution, InsuredPerson};
use serde_json::{Value, json};
use simulation::population::{Population, population};
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use yidi::counter::Counter;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running `yidi`, killed when this value goes.
pub struct Process {
    child: Child,
    /// Where it says that it listens.
    pub address: SocketAddr,
}

/// `yidi` with these words, not yet started.
pub fn yidi(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yidi"));
    command.args(words).stdin(Stdio::null());
    command
}

/// Runs `yidi` to its end.
pub fn run(words: &[&str]) -> Output {
    yidi(words).output().expect("the command runs")
}

/// A port that is free now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

impl Process {
    /// Starts `yidi` and waits until it tells its address.
    pub fn start(words: &[&str]) -> Process {
        let mut child = yidi(words).stdout(Stdio::piped()).spawn().expect("the command starts");
        let stdout = child.stdout.take().expect("piped");
        let (tell, told) = mpsc::channel();
        // Reads to the end, so that the process never waits for its reader.
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some(address) = address_in(&line) {
                    let _ = tell.send(address);
                }
            }
        });
        match told.recv_timeout(PATIENCE) {
            Ok(address) => Process { child, address },
            Err(_) => {
                let _ = child.kill();
                panic!("{words:?} told no address: {:?}", child.wait());
            }
        }
    }

    /// The most memory it has had, in MiB, where the system tells.
    pub fn peak_memory_mib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib / 1024)
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }

    /// SIGTERM, and how it ended.
    pub fn end(mut self) -> ExitStatus {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(told.expect("kill runs").success());
        for _ in 0..PATIENCE.as_millis() / 10 {
            if let Some(status) = self.child.try_wait().expect("a process") {
                return status;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not end");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first `http://address` of a line.
fn address_in(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("http://")?;
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ':')).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

/// The world outside of the processes: who lives there, what time it is, and a way to call.
pub struct World {
    runtime: tokio::runtime::Runtime,
    population: Population,
    clock: Arc<MachineClock>,
}

/// The people of seed 1.
pub fn world() -> World {
    let clock: Arc<MachineClock> = Arc::default();
    let population = population(1, clock.now().day());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    World { runtime: runtime.expect("a runtime"), population, clock }
}

impl World {
    /// The first person of this pool who carries all of these tags and is not of the story.
    pub fn person(&self, pool: &str, tags: &[&str]) -> InsuredPerson {
        let found = self
            .population
            .tagged(tags)
            .find(|person| person.pool.as_str() == pool && !person.tags.iter().any(|tag| tag == "story"));
        found.unwrap_or_else(|| panic!("nobody of {pool} is {tags:?}")).clone()
    }

    /// The first institution of this province with this grade that the province does not run.
    pub fn hospital(&self, province: &str, grade: &str) -> Institution {
        let fits = |institution: &&Institution| {
            institution.region.province().as_str() == province
                && institution.grade == grade
                && !institution.provincial
                && !institution.suspended
        };
        self.population.institutions.iter().find(fits).expect("an institution").clone()
    }

    /// Sends a body to a path of this process, as anybody may.
    pub fn post(&self, address: SocketAddr, path: &str, body: &Value) -> Value {
        let counter = Counter::new(address, &self.hospital("31", "02"), "", self.clock.clone());
        self.runtime.block_on(counter.post(path, body)).expect("an answer")
    }

    /// The counter of an institution with this person before it, at this process.
    pub fn desk(&self, address: SocketAddr, institution: &Institution, person: &InsuredPerson) -> Desk<'_> {
        let counter = Counter::new(address, institution, person.pool.as_str(), self.clock.clone());
        Desk { world: self, counter, person: person.clone() }
    }

    /// The official day.
    pub fn today(&self) -> insurance::calendar::ServiceDate {
        self.clock.now().day()
    }

    /// Everybody and every institution.
    pub fn population(&self) -> &Population {
        &self.population
    }

    /// Reads a page.
    pub fn get(&self, address: SocketAddr, path: &str) -> anyhow::Result<Value> {
        let counter = Counter::new(address, &self.population.institutions[0], "", self.clock.clone());
        self.runtime.block_on(counter.get(path))
    }
}

/// The counter of one institution, with one person before it; as in the conversations.
pub struct Desk<'a> {
    world: &'a World,
    counter: Counter,
    /// The person.
    pub person: InsuredPerson,
}

impl Desk<'_> {
    /// Sends one transaction; the whole answer, whatever it says.
    pub fn ask(&self, infno: &str, input: Value) -> Value {
        self.send(&self.envelope(infno, input))
    }

    /// Sends one transaction and gives its output; it must succeed.
    #[track_caller]
    pub fn call(&self, infno: &str, input: Value) -> Value {
        let answer = self.ask(infno, input);
        assert_eq!(answer["infcode"], json!(0), "{infno}: {answer}");
        answer["output"].clone()
    }

    /// Sends one transaction that must be refused by the code with this number; gives the text.
    #[track_caller]
    pub fn refused(&self, infno: &str, input: Value, number: u16) -> String {
        let answer = self.ask(infno, input);
        let text = answer["err_msg"].as_str().unwrap_or_default().to_owned();
        assert!(text.starts_with(&format!("[{number}]")), "expected {number}, found {answer}");
        text
    }

    /// An envelope, to be sent by [`Desk::send`].
    pub fn envelope(&self, infno: &str, input: Value) -> Value {
        self.counter.envelope(infno, input)
    }

    /// Sends a whole envelope; no connection is an error.
    pub fn try_send(&self, envelope: &Value) -> anyhow::Result<Value> {
        self.world.runtime.block_on(self.counter.post(yidi::counter::SERVICE_PATH, envelope))
    }

    /// Sends a whole envelope to the address that takes everything.
    pub fn send(&self, envelope: &Value) -> Value {
        self.try_send(envelope).expect("an answer")
    }

    /// `yyyy-MM-dd HH:mm:ss`, so many days from today.
    pub fn at(&self, days: i32, time: &str) -> String {
        format!("{} {time}", self.world.clock.now().day().plus_days(days))
    }

    /// 310 or 390.
    pub fn insutype(&self) -> &'static str {
        platform::protocol::codes::insutype(self.person.insurance())
    }
}

impl World {
    /// Waits until no letter and no question waits at these processes; no book may have a fault meanwhile.
    pub fn settles_down(&self, addresses: &[SocketAddr]) {
        eventually("no letter waits and no question is open", || {
            addresses.iter().all(|address| {
                let page = self.get(*address, "/sandbox/network").expect("a page");
                page["nodes"].as_array().expect("nodes").iter().all(|node| {
                    assert_eq!(node["book_faults"], json!([]), "{}", node["node"]);
                    node["letters_waiting"] == json!(0) && node["questions_open"] == json!(0)
                })
            })
        });
    }
}

/// Tries until it holds.
#[track_caller]
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..PATIENCE.as_millis() / 20 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("it never came to be: {what}");
}

/// An amount of the wire in fen.
#[track_caller]
pub fn fen(value: &Value) -> i64 {
    let amount: Result<Amount, _> = serde_json::from_value(Value::from(value.to_string()));
    amount.unwrap_or_else(|_| panic!("{value} is no amount")).0.0
}

/// The bytes that one POST brings back, unread: for the promise that a repeated message gets the same bytes.
pub fn bytes_of(address: SocketAddr, envelope: &Value) -> Vec<u8> {
    use std::io::Write;
    let body = envelope.to_string();
    let mut stream = std::net::TcpStream::connect(address).expect("a connection");
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        yidi::counter::SERVICE_PATH,
        body.len()
    );
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
    answer.split_off(end)
}

/// What a command wrote where errors go.
pub fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
