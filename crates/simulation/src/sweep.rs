//! Many seeds: how far, how fast, and for the first that breaks something the shortest story that still does.

use crate::country::{Fault, Order, Outcome, run};
use crate::planted::Bug;
use crate::platter::Counts;
use platform::doors::StoreError;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What a sweep saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Seeds run to their end.
    pub seeds: u64,
    /// Of them, run twice to see that the same seed gives the same.
    pub repeated: u64,
    /// Sums over all seeds.
    pub nodes: u64,
    /// Visits.
    pub visits: u64,
    /// Messages of hospitals.
    pub messages: u64,
    /// Batches of letters.
    pub pushes: u64,
    /// Faults.
    pub faults: u64,
    /// Virtual time (ms).
    pub virtual_ms: i64,
    /// Statements of all disks.
    pub statements: u64,
    /// Of the seeds, those whose disks were platters.
    pub on_platters: u64,
    /// What the platters saw.
    pub platters: Counts,
    /// Settlements that stood at the end.
    pub standing: u64,
    /// The first seed that broke something, with what.
    pub broken: Option<(u64, Vec<String>)>,
}

impl Swept {
    fn add(&mut self, outcome: &Outcome) {
        self.seeds += 1;
        self.nodes += outcome.nodes;
        self.visits += outcome.visits;
        self.messages += outcome.messages;
        self.pushes += outcome.pushes;
        self.faults += outcome.faults;
        self.virtual_ms += outcome.virtual_ms;
        self.statements += outcome.statements;
        self.on_platters += u64::from(!outcome.platters.is_empty());
        outcome.platters.values().for_each(|counts| self.platters.add(*counts));
        self.standing += outcome.standing;
    }
}

/// Every so manyth seed is run twice.
const REPEAT_EVERY: u64 = 100;

/// Runs the seeds from the first to before the last on so many threads, until one breaks something. `progress` is told
/// how many are done; `stop` ends the sweep early.
pub fn sweep(
    seeds: std::ops::Range<u64>,
    threads: usize,
    order_of: impl Fn(u64) -> Order + Sync,
    progress: impl Fn(u64) + Sync,
    stop: &AtomicBool,
) -> Result<Swept, StoreError> {
    let next = AtomicU64::new(seeds.start);
    let swept = Mutex::new(Ok(Swept::default()));
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        break;
                    }
                    let told = one(&order_of(seed));
                    let mut swept = swept.lock().expect("no thread panics with it");
                    let Ok(sum) = swept.as_mut() else { break };
                    match told {
                        Ok((outcome, repeated)) => {
                            sum.add(&outcome);
                            sum.repeated += u64::from(repeated);
                            progress(sum.seeds);
                            let earlier = sum.broken.as_ref().is_none_or(|(broken, _)| seed < *broken);
                            if !outcome.violations.is_empty() && earlier {
                                sum.broken = Some((seed, outcome.violations));
                            }
                            if sum.broken.is_some() {
                                break;
                            }
                        }
                        Err(error) => {
                            *swept = Err(error);
                            break;
                        }
                    }
                }
            });
        }
    });
    swept.into_inner().expect("every thread has ended")
}

/// One seed; every hundredth twice, and the two must be the same in everything.
fn one(order: &Order) -> Result<(Outcome, bool), StoreError> {
    let mut outcome = run(order, false)?;
    let repeats = order.seed.is_multiple_of(REPEAT_EVERY);
    if repeats && run(order, false)? != outcome {
        outcome.violations.push("two runs of one seed are not the same".into());
    }
    Ok((outcome, repeats))
}

/// The shortest order that still breaks something: fewer visits first, then fewer kinds of faults.
pub fn shrink(order: &Order) -> Result<Order, StoreError> {
    let breaks = |order: &Order| run(order, false).map(|outcome| !outcome.violations.is_empty());
    let mut shortest = order.clone();
    for visits in 1..8 {
        let fewer = Order { visits: Some(visits), ..shortest.clone() };
        if breaks(&fewer)? {
            shortest = fewer;
            break;
        }
    }
    for fault in Fault::ALL {
        let mut fewer = shortest.clone();
        if fewer.faults.remove(&fault) && breaks(&fewer)? {
            shortest = fewer;
        }
    }
    Ok(shortest)
}

/// How many seeds it takes until a bug is caught; `None` where so many seeds do not catch it.
pub fn catch(
    bug: Bug,
    seeds: std::ops::Range<u64>,
    threads: usize,
) -> Result<Option<(u64, Vec<String>)>, StoreError> {
    let order_of = |seed| Order { bug: Some(bug), ..Order::of_seed(seed) };
    Ok(sweep(seeds, threads, order_of, |_| {}, &AtomicBool::new(false))?.broken)
}
