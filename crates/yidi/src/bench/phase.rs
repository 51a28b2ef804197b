//! One phase of load: as fast as so many counters go, or by arrival; what was done, how long it took, what it cost.

use super::Ground;
use crate::arrivals::Arrivals;
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
    /// Memory of all nodes in KiB: before, after, and the most.
    pub memory: [u64; 3],
}

/// What stood before a phase.
struct Before {
    used: Used,
    flushes: Vec<(String, u64)>,
    messages: u64,
    counters: usize,
    begun: u64,
}

impl Before {
    fn note(ground: &Ground) -> Before {
        Before {
            used: used(ground),
            flushes: flushes(ground),
            messages: ground.visitors.messages.load(Ordering::Relaxed),
            counters: ground.counters.len(),
            begun: micros(),
        }
    }

    fn phase(self, ground: &mut Ground, attended: Vec<Attended>, ordered: Option<u64>) -> Phase {
        let took = micros() - self.begun;
        let (used, flushes) = (used(ground), flushes(ground));
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
        let flushes: Vec<(String, u64)> = flushes
            .into_iter()
            .zip(self.flushes)
            .map(|((node, after), (_, before))| (node, after.saturating_sub(before)))
            .collect();
        let busiest = flushes.iter().map(|(_, flushes)| *flushes).max().unwrap_or(0);
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
            flushes,
            per_flush: Hundredths::of(settlements, busiest),
            memory: [self.used.memory, used.memory, used.memory_peak],
        }
    }
}

fn used(ground: &Ground) -> Used {
    Used::by_all(ground.rig.processes.iter().filter_map(crate::rig::Process::id))
}

fn flushes(ground: &Ground) -> Vec<(String, u64)> {
    let states = ground.runtime.block_on(ground.visitors.states(&ground.rig));
    let of = |state: &Value| {
        let node = state["node"].as_str().unwrap_or("?").to_owned();
        (node, state["flushes"].as_u64().unwrap_or(0))
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
    pub fn print(&self) {
        if let Some(rate) = self.ordered {
            println!("  {rate} visits a second were ordered");
        }
        println!(
            "  {} settlements, {} without; {} settlements and {} messages a second",
            self.settlements, self.failed, self.rate, self.messages
        );
        println!("  2207: {}", self.settling);
        println!("  whole settlement: {}", self.whole);
        println!("  for one settlement: {} ms of processor, {} bytes written", self.cpu_ms, self.written);
        let flushes: Vec<String> =
            self.flushes.iter().map(|(node, flushes)| format!("{node} {flushes}")).collect();
        println!("  flushes: {}; {} settlements for one of the busiest", flushes.join(", "), self.per_flush);
        let [before, after, most] = self.memory.map(|kib| kib / 1024);
        println!("  memory of the nodes: {before} MiB before, {after} MiB after, {most} MiB at most");
    }

    /// For machines.
    pub fn as_json(&self) -> Value {
        json!({
            "ordered_per_s": self.ordered, "settlements": self.settlements, "failed": self.failed,
            "settlements_per_s": self.rate, "messages_per_s": self.messages,
            "settling_us": self.settling.as_json(), "whole_us": self.whole.as_json(),
            "cpu_ms_per_settlement": self.cpu_ms, "bytes_written_per_settlement": self.written,
            "flushes": self.flushes, "settlements_per_flush": self.per_flush, "memory_kib": self.memory,
        })
    }
}
