//! `yidi bench settle`: whole settlements across provinces over real HTTP, durable at every office, beside the limits of
//! this machine measured in the same run: figures that mean something elsewhere are ratios.

/// What the machine can do at most: flushes, transactions of one row.
mod limits;
/// One phase of load and its figures.
mod phase;
/// What the seals between nodes cost.
mod seals;

use crate::figures::Hundredths;
use crate::rig::{Plan, Rig, Seals};
use crate::visitors::{Visitors, becomes_quiet};
use anyhow::Context;
use limits::Limits;
pub use phase::{Phase, open};
use platform::doors::Clock;
use serde_json::{Value, json};
use simulation::checks::{self, View};
use simulation::counter::Counter;
use simulation::population::Population;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Measures.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// 异地结算: 1101, 2201, 2203, 2204 with ten lines, 2206, 2207, through treatment place, hub and insured place
    Settle(Settle),
    /// 签封: the same settlements with and without seals between nodes, in turn
    Seals(seals::Args),
}

#[derive(clap::Args)]
struct Settle {
    /// 每阶段秒数: how long each of the two phases takes
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// 并发窗口数: counters at once in the first phase
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..=4096))]
    clients: u64,
    /// 三个进程: a process for each node; one for all otherwise
    #[arg(long)]
    processes: bool,
    /// 数据目录: where the databases lie; a folder that is gone afterwards otherwise
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// 以JSON输出
    #[arg(long)]
    json: bool,
}

/// People in each pool: enough that nobody is at two counters for long.
const CROWD: usize = 1_000;
/// Fee lines of a visit.
pub const LINES: usize = 10;

/// Runs both phases, and verifies the books at the end.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.what {
        What::Settle(args) => settle(args),
        What::Seals(args) => seals::run(args),
    }
}

fn settle(args: &Settle) -> anyhow::Result<ExitCode> {
    let scratch = tempfile::Builder::new().prefix("yidi-").tempdir().context("failed to make a folder")?;
    let folder = args.data.clone().unwrap_or_else(|| scratch.path().to_owned());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut ground = Ground::prepare(&folder, args.processes, Seals::Lines, runtime.handle())?;
    let before = Limits::measure(&folder)?;
    let most = phase::closed(&mut ground, args.clients, args.seconds);
    let half = (most.rate.0 / 200).max(1);
    let held = phase::open(&mut ground, half, args.seconds);
    let after = Limits::measure(&folder)?;
    let violations = ground.verify()?;
    let limits = before.mean(after);
    if args.json {
        println!("{}", serde_json::to_string_pretty(&as_json(&limits, &most, &held, &violations))?);
    } else {
        print(args, &limits, &most, &held, &violations);
    }
    Ok(if violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A running network with people to be treated, and every counter that was there.
pub struct Ground {
    /// The network.
    pub rig: Rig,
    /// The counters' way to it.
    pub visitors: Arc<Visitors>,
    /// The runtime of the counters.
    pub runtime: tokio::runtime::Handle,
    /// People and institutions.
    pub population: Arc<Population>,
    /// Counters that are done.
    pub counters: Vec<Counter>,
}

/// How long a counter waits at most (ms): measured is what happens, not what is given up.
const COUNTER_PATIENCE_MS: u64 = 30_000;
/// How long the network may take until nothing is under way.
const QUIET_WAIT: Duration = Duration::from_secs(60);

impl Ground {
    /// Starts the network with a crowd, and waits until the hub knows it.
    pub fn prepare(
        folder: &std::path::Path,
        split: bool,
        seals: Seals,
        runtime: &tokio::runtime::Handle,
    ) -> anyhow::Result<Ground> {
        let folder = folder.join(if split { "three" } else { "one" });
        let databases = BTreeMap::new();
        let plan = Plan { folder, split, seed: 1, crowd: CROWD, answer_wait_ms: 8_000, seals, databases };
        let mut rig = Rig::new(&plan)?;
        rig.start()?;
        let visitors = Visitors::of(&rig, COUNTER_PATIENCE_MS);
        let population = Arc::new(rig.population(visitors.clock.now().day())?);
        let ground = Ground { rig, visitors, runtime: runtime.clone(), population, counters: Vec::new() };
        anyhow::ensure!(ground.becomes_quiet(), "failed to see the network quiet after its start");
        Ok(ground)
    }

    /// Makes counters of people of the one province at a hospital of the other, person after person.
    pub fn draw(&self) -> crate::arrivals::Draw {
        let crowd: Vec<_> = self
            .population
            .people
            .iter()
            .filter(|person| person.tags.iter().any(|tag| tag == "crowd"))
            .cloned()
            .collect();
        let hospitals: Vec<_> =
            self.population.institutions.iter().filter(|hospital| hospital.grade == "02").cloned().collect();
        let first = self.counters.len();
        Box::new(move |number| {
            let number = first + number;
            // Both provinces in turn, so that each is treatment place and insured place.
            let person = &crowd[(number / 2 + number % 2 * CROWD) % crowd.len()];
            let elsewhere = |hospital: &&platform::registry::Institution| {
                hospital.region.province() != person.pool.province()
            };
            let choices: Vec<_> = hospitals.iter().filter(elsewhere).collect();
            let hospital = choices[number / 2 % choices.len()].clone();
            Counter::straight(number, hospital, person.clone(), LINES)
        })
    }

    /// Waits until nothing is under way.
    pub fn becomes_quiet(&self) -> bool {
        self.runtime.block_on(becomes_quiet(&self.visitors, &self.rig, QUIET_WAIT))
    }

    /// Every invariant, once all is quiet.
    pub fn verify(&mut self) -> anyhow::Result<Vec<String>> {
        let mut found = Vec::new();
        if !self.becomes_quiet() {
            found.push(format!("not quiet after {} s", QUIET_WAIT.as_secs()));
        }
        let (counters, enrolled) = (&self.counters, &self.population.people);
        let view = View { nodes: self.rig.views()?, counters, enrolled, at_rest: true };
        found.extend(checks::all(&view));
        found.extend(self.counters.iter().flat_map(|counter| counter.violations.iter().cloned()));
        Ok(found)
    }

    /// How many of the counters from this one on were told of a settlement.
    pub fn settled_since(&self, first: usize) -> u64 {
        self.counters[first..].iter().filter(|counter| counter.standing.is_some()).count() as u64
    }
}

fn print(args: &Settle, limits: &Limits, most: &Phase, held: &Phase, violations: &[String]) {
    let kind = if args.processes { "three processes" } else { "one process" };
    println!("{kind}, SQLite, {} counters at once, {} s a phase", args.clients, args.seconds);
    println!(
        "this machine, in the same folder: {} flushes a second, {} durable transactions of one row a second",
        limits.flushes, limits.transactions
    );
    println!("\nas fast as it goes:");
    most.print();
    println!(
        "  {} settlements for each durable transaction of one row that SQLite can make; {} for each flush that the \
         disk can make",
        Hundredths::of(most.rate.0, limits.transactions * 100),
        Hundredths::of(most.rate.0, limits.flushes * 100),
    );
    println!("\nat half of that, by arrival, measured from the intended start:");
    held.print();
    for violation in violations {
        println!("BROKEN: {violation}");
    }
    println!("\n{} violations", violations.len());
}

fn as_json(limits: &Limits, most: &Phase, held: &Phase, violations: &[String]) -> Value {
    json!({
        "machine": {"flushes_per_s": limits.flushes, "transactions_per_s": limits.transactions},
        "most": most.as_json(), "half": held.as_json(),
        "settlements_per_transaction": Hundredths::of(most.rate.0, limits.transactions * 100),
        "violations": violations,
    })
}
