//! 磁盘考验: what a disk can do to one scenario, all of it: every write and every flush that fails, a power cut at every
//! one of them, thousands of images of what power cuts leave, and bits that turn in what was flushed.

/// What power cuts leave.
mod images;
/// Bits that turn.
mod bits;

pub use bits::{Turned, turned_bits};
pub use images::{Imaged, images};

use crate::country::{Blow, Order, Outcome, run};
use crate::platter::{Failure, Level, Touch};
use platform::doors::{NodeId, StoreError};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// The seed whose scenario is taken where none is named: one settlement across provinces, short.
pub const SCENARIO: u64 = 35;

/// The scenario of a seed: a country with so many visits that suffers nothing, on platters.
pub fn scenario(seed: u64, visits: usize) -> Order {
    Order {
        visits: Some(visits),
        faults: BTreeSet::new(),
        disk: Some(Level::Sectors),
        ..Order::of_seed(seed)
    }
}

/// What happens to one node, n times over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stroke {
    /// The n-th write fails.
    Write,
    /// The n-th write fails, and all that follow until the disk is repaired.
    Writes,
    /// The n-th flush fails.
    Flush,
    /// The n-th flush fails, and all that follow until the disk is repaired.
    Flushes,
    /// The power is cut in the n-th write or flush.
    Cut,
}

impl Stroke {
    /// All of them.
    pub const ALL: [Stroke; 5] = [Stroke::Write, Stroke::Writes, Stroke::Flush, Stroke::Flushes, Stroke::Cut];

    /// What it is, in words.
    pub fn says(self) -> &'static str {
        match self {
            Stroke::Write => "one write fails",
            Stroke::Writes => "writes fail from one on",
            Stroke::Flush => "one flush fails",
            Stroke::Flushes => "flushes fail from one on",
            Stroke::Cut => "the power is cut",
        }
    }

    fn blow(self, node: NodeId, after: u64) -> Blow {
        let fails = |of, lasts| Blow::Fails(node, Failure { of, after, lasts }, UNTIL_HEALED_MS);
        match self {
            Stroke::Write => fails(Touch::Write, false),
            Stroke::Writes => fails(Touch::Write, true),
            Stroke::Flush => fails(Touch::Flush, false),
            Stroke::Flushes => fails(Touch::Flush, true),
            Stroke::Cut => Blow::PowerCut(node, after, BACK_AFTER_MS),
        }
    }
}

/// How long a failure lasts (ms): longer than any country before it is healed.
const UNTIL_HEALED_MS: i64 = 200_000;
/// How long a node is away after a power cut (ms).
const BACK_AFTER_MS: i64 = 3_000;

/// What came of a stroke at every n.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Struck {
    /// How many n there were.
    pub runs: u64,
    /// What was broken, with the command that shows it.
    pub broken: Vec<(String, Vec<String>)>,
}

/// Strikes one node of a scenario at its first write or flush, its second, and so on to its last, on so many threads;
/// after each the country lives on until all has ended, and every invariant must hold.
pub fn every(scenario: &Order, node: NodeId, stroke: Stroke, threads: usize) -> Result<Struck, StoreError> {
    let (next, last) = (AtomicU64::new(0), AtomicU64::new(u64::MAX));
    let struck = Mutex::new(Ok(Struck::default()));
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    let after = next.fetch_add(1, Ordering::Relaxed);
                    if after >= last.load(Ordering::Relaxed) {
                        break;
                    }
                    let order = Order { also: Some(stroke.blow(node, after)), ..scenario.clone() };
                    let told = run(&order, false);
                    let mut struck = struck.lock().expect("no thread panics with it");
                    let Ok(sum) = struck.as_mut() else { break };
                    match told {
                        // There is no n-th: the scenario is over.
                        Ok(outcome) if !befell(&outcome, node) => {
                            last.fetch_min(after, Ordering::Relaxed);
                        }
                        Ok(outcome) => {
                            sum.runs += 1;
                            if !outcome.violations.is_empty() {
                                sum.broken.push((order.command(), outcome.violations));
                            }
                        }
                        Err(error) => *struck = Err(error),
                    }
                }
            });
        }
    });
    struck.into_inner().expect("every thread has ended")
}

fn befell(outcome: &Outcome, node: NodeId) -> bool {
    outcome.platters.get(&node).is_some_and(|counts| counts.failures + counts.cuts > 0)
}

/// The nodes that write something in a scenario.
pub fn writers(scenario: &Order) -> Result<Vec<NodeId>, StoreError> {
    let outcome = run(scenario, false)?;
    Ok(outcome.platters.iter().filter(|(_, counts)| counts.writes > 0).map(|(node, _)| *node).collect())
}
