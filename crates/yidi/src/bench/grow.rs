//! `yidi bench grow`: the same settlements in stores of more and more of them. What was really settled is copied under
//! other numbers until the network holds as many as are wanted, then settled again and measured: a cost that is flat
//! gives ratios near 1.

use super::phase::{Phase, closed};
use super::{Common, Ground};
use crate::figures::Hundredths;
use anyhow::{Context, ensure};
use platform::audit::audit;
use platform::store::fill::{self, COPIES_OF_ONE_PERSON};
use platform::store::{books, migrations::Engine};
use serde_json::{Value, json};

/// Measures settlements in stores that grow.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    common: Common,
    /// 规模: stored settlements, ascending
    #[arg(long, value_delimiter = ',', default_value = "10000,100000,1000000", value_parser = clap::value_parser!(u64).range(1..))]
    sizes: Vec<u64>,
}

/// Settlements that are made to be copied, at least.
const TEMPLATE: u64 = 200;
/// Seconds of load before a measurement, so that it does not begin cold.
const WARM: u64 = 3;

/// One size and what a settlement costs there.
struct Step {
    stored: u64,
    bytes: u64,
    phase: Phase,
}

/// Measures each size; gives what is broken.
pub fn run(args: &Args, runtime: &tokio::runtime::Runtime) -> anyhow::Result<Vec<String>> {
    let common = &args.common;
    ensure!(args.sizes.is_sorted(), "failed to let stores grow: give --sizes in ascending order");
    let (mut ground, _scratch) = common.ground(runtime)?;
    while ground.settled_since(0) < TEMPLATE {
        closed(&mut ground, common.clients.clamp(1, TEMPLATE / 4), 1);
    }
    ensure!(ground.becomes_quiet(), "failed to see the network quiet before it is copied");
    if !common.json {
        println!("{}", common.kind());
    }
    let (mut steps, mut next) = (Vec::<Step>::new(), COPIES_OF_ONE_PERSON);
    for wanted in &args.sizes {
        let stored = grow(&mut ground, *wanted, &mut next)?;
        closed(&mut ground, common.clients, WARM);
        let phase = closed(&mut ground, common.clients, common.seconds);
        ensure!(ground.becomes_quiet(), "failed to see the network quiet after it was measured");
        let bytes = ground.rig.processes.iter().map(crate::rig::Process::data_bytes).sum();
        let step = Step { stored, bytes, phase };
        if !common.json {
            step.print(common, steps.first().unwrap_or(&step));
        }
        steps.push(step);
    }
    let violations = books_are_right(&mut ground)?;
    if common.json {
        let told: Vec<Value> = steps.iter().map(|step| step.as_json(&steps[0])).collect();
        println!("{}", serde_json::to_string_pretty(&json!({"sizes": told, "violations": violations}))?);
    } else {
        super::tell_broken(common, &violations);
    }
    Ok(violations)
}

/// Lets the network rest and its stores grow until it holds so many settlements; gives how many it holds.
fn grow(ground: &mut Ground, wanted: u64, next: &mut i64) -> anyhow::Result<u64> {
    for process in &mut ground.rig.processes {
        process.end()?;
    }
    let mut stored = 0;
    let mut end_before = *next;
    for node in crate::rig::nodes() {
        let mut store = ground.rig.store(node)?;
        let of_one = fill::template_keep(store.as_mut())?.max(1);
        if node == platform::doors::NodeId::Hub {
            // The hub books every settlement once: its journals are the settlements of the network.
            let copies = i64::try_from(wanted)? / of_one;
            end_before = (((copies + COPIES_OF_ONE_PERSON - 1) / COPIES_OF_ONE_PERSON + 1)
                * COPIES_OF_ONE_PERSON)
                .max(*next);
            stored = u64::try_from((end_before - COPIES_OF_ONE_PERSON) * of_one)?;
        }
        if end_before > *next {
            fill::copies_make(store.as_mut(), *next, end_before)
                .with_context(|| format!("failed to let the store of {node} grow to {wanted} settlements"))?;
        }
    }
    *next = end_before;
    if let Some(server) = &mut ground.server {
        server.analyse()?;
    }
    ground.rig.start()?;
    ensure!(ground.becomes_quiet(), "failed to see the network quiet after it has grown");
    Ok(stored)
}

/// The books of every node: chain, balances, sums. The copies are part of them.
fn books_are_right(ground: &mut Ground) -> anyhow::Result<Vec<String>> {
    for process in &mut ground.rig.processes {
        process.end()?;
    }
    let mut found: Vec<String> =
        ground.counters.iter().flat_map(|counter| counter.violations.clone()).collect();
    for node in crate::rig::nodes() {
        let mut store: Box<dyn Engine> = ground.rig.store(node)?;
        let audited = audit(store.as_mut(), [], |_| {});
        found.extend(audited.faults.iter().map(|fault| format!("{node}: {}: {}", fault.place, fault.what)));
        found.extend(books::faults(store.as_mut())?.into_iter().map(|fault| format!("{node}: {fault}")));
    }
    Ok(found)
}

impl Step {
    /// Processor, statements and 2207 here, for each of the first size.
    fn ratios(&self, first: &Step) -> [Hundredths; 3] {
        [
            Hundredths::of(self.phase.cpu_ms.0, first.phase.cpu_ms.0),
            Hundredths::of(self.phase.made.0, first.phase.made.0),
            Hundredths::of(self.phase.settling.p50, first.phase.settling.p50),
        ]
    }

    fn print(&self, common: &Common, first: &Step) {
        let Step { stored, bytes, .. } = self;
        let mib = bytes / 1024 / 1024;
        let [cpu, made, settling] = self.ratios(first);
        println!(
            "\n{}",
            common.say(
                format!("已存{stored}笔结算,文件{mib} MiB;与首个规模之比: 处理器{cpu},语句{made},2207中位{settling}"),
                format!(
                    "{stored} settlements stored, {mib} MiB of files; for each of the first size: processor {cpu}, \
                     statements {made}, 2207 p50 {settling}"
                ),
            )
        );
        self.phase.print(common.lang);
    }

    fn as_json(&self, first: &Step) -> Value {
        let [cpu, made, settling] = self.ratios(first);
        json!({
            "stored": self.stored, "file_bytes": self.bytes, "phase": self.phase.as_json(),
            "of_first": {"cpu": cpu, "statements": made, "settling_p50": settling},
        })
    }
}
