//! One phase of load: as fast as so many counters go, or by arrival; what was done, how long it took, what it cost.

use super::Ground;
use crate::arrivals::Arrivals;
use crate::bench::server::Taken;
use crate::demo::Language;
use crate::figures::{Hundredths, Spread, Used};
use crate::visitors::Attended;
use platform::doors::micros;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long counters may take to finish when the phase is over.
const FINISH_WAIT: Duration = Duration::from_secs(60);

/// What one phase came to.
pub struct Phase {
    /// Arrivals a second that were ordered; nothing where counters went as fast as they could.
    pub ordered: Option<u64>,
    /// Settlements that were answered.
    pub settlements: u64,
    /// Settlements a second, in hundredths.
    pub rate: Hundredths,
    /// Visits that ended without one.
    pub failed: u64,
    /// Messages a second, in hundredths.
    pub messages: Hundredths,
    /// 2207, in microseconds.
    pub settling: Spread,
    /// The whole visit, from its intended start, in microseconds.
    pub whole: Spread,
    /// Processor milliseconds of the nodes for one settlement.
    pub cpu_ms: Hundredths,
    /// Bytes that the nodes had written for one settlement.
    pub written: u64,
    /// Batches of work that were made durable, by node.
    pub flushes: Vec<(String, u64)>,
    /// Settlements for one flush of the busiest node.
    pub per_flush: Hundredths,
    /// Statements that a node has made of its store, and those of them that it waited for, by node.
    pub statements: Vec<(String, u64, u64)>,
    /// Statements of all nodes for one settlement.
    pub made: Hundredths,
    /// Those that a node waited for.
    pub awaited: Hundredths,
    /// What the server of the nodes used, where they have one.
    pub server: Option<ServerUse>,
    /// Memory of all nodes in KiB: before, after, and the most.
    pub memory: [u64; 3],
}

/// What a PostgreSQL used for one settlement.
pub struct ServerUse {
    /// Processor milliseconds of its processes; nothing for a server elsewhere.
    pub cpu_ms: Option<Hundredths>,
    /// Bytes of its log.
    pub logged: u64,
    /// Settlements for one flush of its log.
    pub per_flush: Hundredths,
}

/// What stood before a phase.
struct Before {
    used: Used,
    done: Vec<Done>,
    server: Option<Taken>,
    messages: u64,
    counters: usize,
    begun: u64,
}

/// What a node has done since it began.
struct Done {
    node: String,
    flushes: u64,
    made: u64,
    awaited: u64,
}

impl Before {
    fn note(ground: &mut Ground) -> Before {
        // First what asks the nodes something, then what they have used.
        let done = done(ground);
        Before {
            done,
            used: used(ground),
            server: ground.server.as_mut().map(crate::bench::server::Server::taken),
            messages: ground.visitors.messages.load(Ordering::Relaxed),
            counters: ground.counters.len(),
            begun: micros(),
        }
    }

    fn phase(self, ground: &mut Ground, attended: Vec<Attended>, ordered: Option<u64>) -> Phase {
        let took = micros() - self.begun;
        let (used, server) = (used(ground), ground.server.as_mut().map(crate::bench::server::Server::taken));
        let since = done(ground).into_iter().zip(&self.done).map(|(after, before)| Done {
            flushes: after.flushes.saturating_sub(before.flushes),
            made: after.made.saturating_sub(before.made),
            awaited: after.awaited.saturating_sub(before.awaited),
            node: after.node,
        });
        let since: Vec<Done> = since.collect();
        let settling: Vec<u64> = attended
            .iter()
            .flat_map(|visit| {
                visit.answers.iter().filter(|(infno, _)| *infno == "2207").map(|(_, took)| *took)
            })
            .collect();
        let whole: Vec<u64> = attended.iter().map(|visit| visit.ended - visit.intended).collect();
        let visits = attended.len() as u64;
        ground.counters.extend(attended.into_iter().map(|visit| visit.counter));
        let settlements = ground.settled_since(self.counters);
        let messages = ground.visitors.messages.load(Ordering::Relaxed) - self.messages;
        let busiest = since.iter().map(|node| node.flushes).max().unwrap_or(0);
        let is_own = ground.server.as_ref().is_some_and(crate::bench::server::Server::is_own);
        let server = self.server.zip(server).map(|(before, after)| {
            let cpu = after.used.cpu.saturating_sub(before.used.cpu);
            let flushes = after.logged.flushes.saturating_sub(before.logged.flushes);
            let bytes = after.logged.bytes.saturating_sub(before.logged.bytes);
            ServerUse {
                cpu_ms: is_own.then(|| Hundredths::of(cpu * 10, settlements)),
                logged: bytes.checked_div(settlements).unwrap_or(0),
                per_flush: Hundredths::of(settlements, flushes),
            }
        });
        Phase {
            ordered,
            settlements,
            rate: Hundredths::of(settlements * 1_000_000, took),
            failed: visits - settlements,
            messages: Hundredths::of(messages * 1_000_000, took),
            settling: Spread::of(&settling),
            whole: Spread::of(&whole),
            cpu_ms: Hundredths::of((used.cpu - self.used.cpu) * 10, settlements),
            written: (used.written - self.used.written).checked_div(settlements).unwrap_or(0),
            flushes: since.iter().map(|node| (node.node.clone(), node.flushes)).collect(),
            made: Hundredths::of(since.iter().map(|node| node.made).sum(), settlements),
            awaited: Hundredths::of(since.iter().map(|node| node.awaited).sum(), settlements),
            statements: since.into_iter().map(|node| (node.node, node.made, node.awaited)).collect(),
            server,
            per_flush: Hundredths::of(settlements, busiest),
            memory: [self.used.memory, used.memory, used.memory_peak],
        }
    }
}

fn used(ground: &Ground) -> Used {
    Used::by_all(ground.rig.processes.iter().filter_map(crate::rig::Process::id))
}

fn done(ground: &Ground) -> Vec<Done> {
    let states = ground.runtime.block_on(ground.visitors.states(&ground.rig));
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    let of = |state: &Value| Done {
        node: state["node"].as_str().unwrap_or("?").to_owned(),
        flushes: number(&state["flushes"]),
        made: number(&state["statements"]["made"]),
        awaited: number(&state["statements"]["awaited"]),
    };
    states.iter().map(of).collect()
}

/// So many counters at once, the next visit as soon as one is done.
pub fn closed(ground: &mut Ground, clients: u64, seconds: u64) -> Phase {
    let before = Before::note(ground);
    let draw = Arc::new(Mutex::new(ground.draw()));
    let (next, over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let (draw, next, over, visitors) =
                (draw.clone(), next.clone(), over.clone(), ground.visitors.clone());
            ground.runtime.spawn(async move {
                let mut attended = Vec::new();
                while !over.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let counter = (draw.lock().expect("nobody panics inside"))(number);
                    attended.push(visitors.attend(counter, micros()).await);
                }
                attended
            })
        })
        .collect();
    std::thread::sleep(Duration::from_secs(seconds));
    over.store(true, Ordering::Relaxed);
    let attended = ground.runtime.block_on(async {
        let mut attended = Vec::new();
        for task in tasks {
            attended.extend(task.await.unwrap_or_default());
        }
        attended
    });
    before.phase(ground, attended, None)
}

/// So many visits a second, whether those before them are done or not.
pub fn open(ground: &mut Ground, rate: u64, seconds: u64) -> Phase {
    let before = Before::note(ground);
    let draw = ground.draw();
    let visitors = ground.visitors.clone();
    let arrivals = Arrivals::begin(&ground.runtime, visitors.clone(), rate, draw);
    std::thread::sleep(Duration::from_secs(seconds));
    let attended = ground.runtime.block_on(arrivals.end(&visitors, FINISH_WAIT));
    before.phase(ground, attended, Some(rate))
}

impl Phase {
    /// For people.
    pub fn print(&self, lang: Language) {
        for (zh, en) in self.lines() {
            println!("  {}", if lang == Language::Zh { zh } else { en });
        }
    }

    /// Each line in Chinese and in English.
    fn lines(&self) -> Vec<(String, String)> {
        let Phase { settlements, failed, rate, messages, .. } = self;
        let [before, after, most] = self.memory.map(|kib| kib / 1024);
        let by_node = |of: fn(&Phase) -> Vec<(String, String)>| {
            let shown: Vec<String> =
                of(self).into_iter().map(|(node, what)| format!("{node} {what}")).collect();
            shown.join(", ")
        };
        let flushes = by_node(|phase| {
            phase.flushes.iter().map(|(node, count)| (node.clone(), count.to_string())).collect()
        });
        let statements = by_node(|phase| {
            let each = phase.statements.iter();
            each.map(|(node, made, awaited)| {
                let of_one = |count: u64| Hundredths::of(count, phase.settlements);
                (node.clone(), format!("{} ({})", of_one(*made), of_one(*awaited)))
            })
            .collect()
        });
        let mut lines = Vec::new();
        let mut say = |zh: String, en: String| lines.push((zh, en));
        if let Some(ordered) = self.ordered {
            say(format!("每秒安排{ordered}次就诊"), format!("{ordered} visits a second were ordered"));
        }
        say(
            format!("结算{settlements}笔,未成{failed}笔;每秒{rate}笔结算、{messages}条报文"),
            format!(
                "{settlements} settlements, {failed} without; {rate} settlements and {messages} messages a second"
            ),
        );
        say(format!("2207: {}", self.settling), format!("2207: {}", self.settling));
        say(format!("整笔结算: {}", self.whole), format!("whole settlement: {}", self.whole));
        say(
            format!("每笔结算: 处理器{}毫秒,写盘{}字节", self.cpu_ms, self.written),
            format!("for one settlement: {} ms of processor, {} bytes written", self.cpu_ms, self.written),
        );
        say(
            format!(
                "每笔结算的语句: {}条,其中等待{}条;各节点(括号内为等待): {statements}",
                self.made, self.awaited
            ),
            format!(
                "statements for one settlement: {}, {} of them waited for; by node (waited for): {statements}",
                self.made, self.awaited
            ),
        );
        say(
            format!("落盘批次: {flushes};最忙节点每批{}笔结算", self.per_flush),
            format!("flushes: {flushes}; {} settlements for one of the busiest", self.per_flush),
        );
        if let Some(server) = &self.server {
            let (zh, en) = server.words();
            say(zh, en);
        }
        say(
            format!("各节点内存: 开始{before} MiB,结束{after} MiB,最高{most} MiB"),
            format!("memory of the nodes: {before} MiB before, {after} MiB after, {most} MiB at most"),
        );
        lines
    }

    /// For machines.
    pub fn as_json(&self) -> Value {
        json!({
            "ordered_per_s": self.ordered, "settlements": self.settlements, "failed": self.failed,
            "settlements_per_s": self.rate, "messages_per_s": self.messages,
            "settling_us": self.settling.as_json(), "whole_us": self.whole.as_json(),
            "cpu_ms_per_settlement": self.cpu_ms, "bytes_written_per_settlement": self.written,
            "flushes": self.flushes, "settlements_per_flush": self.per_flush, "memory_kib": self.memory,
            "statements_per_settlement": self.made, "awaited_per_settlement": self.awaited,
            "statements": self.statements, "server": self.server.as_ref().map(ServerUse::as_json),
        })
    }
}

impl ServerUse {
    fn words(&self) -> (String, String) {
        let cpu = self.cpu_ms.map(|cpu| cpu.to_string());
        let (zh, en) = match cpu {
            Some(cpu) => (format!("处理器{cpu}毫秒,"), format!("{cpu} ms of processor, ")),
            None => (String::new(), String::new()),
        };
        let ServerUse { logged, per_flush, .. } = self;
        (
            format!("PostgreSQL服务器每笔结算: {zh}日志{logged}字节;每次日志落盘{per_flush}笔结算"),
            format!(
                "the PostgreSQL server for one settlement: {en}{logged} bytes of log; {per_flush} settlements for one \
                 flush of the log"
            ),
        )
    }

    fn as_json(&self) -> Value {
        json!({
            "cpu_ms_per_settlement": self.cpu_ms, "log_bytes_per_settlement": self.logged,
            "settlements_per_log_flush": self.per_flush,
        })
    }
}
