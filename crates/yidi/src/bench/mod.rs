//! `yidi bench`: whole settlements across provinces over real HTTP, durable at every office, on SQLite or on PostgreSQL,
//! beside the limits of this machine measured in the same run, and in stores that grow: figures that mean something
//! elsewhere are ratios.

/// What the machine can do at most: flushes, transactions of one row, `pgbench`.
mod limits;
/// One phase of load and its figures.
mod phase;
/// 服务器: a PostgreSQL for one run, given or started.
pub mod server;
/// What the seals between nodes cost.
mod seals;
/// As fast as it goes, and at half of that.
mod settle;
/// The same in stores of more and more settlements.
mod grow;

use crate::demo::Language;
use crate::rig::{Plan, Rig, Seals, nodes};
use crate::visitors::{Visitors, becomes_quiet};
use anyhow::Context;
pub use phase::{Phase, open};
use platform::doors::Clock;
use server::{OWN, Server};
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
    Settle(settle::Args),
    /// 签封: the same settlements with and without seals between nodes, in turn
    Seals(seals::Args),
    /// 规模: what a settlement costs in stores of more and more stored settlements
    Grow(grow::Args),
}

/// What every measurement is told.
#[derive(clap::Args)]
pub struct Common {
    /// 每阶段秒数: how long each phase takes
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// 并发窗口数: counters at once
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..=4096))]
    clients: u64,
    /// 三个进程: a process for each node; one for all otherwise
    #[arg(long)]
    processes: bool,
    /// 服务器库: every node on this PostgreSQL (postgresql://user:password@host/database), in a database made for the
    /// run; without an address, on a server that is started for it. On SQLite otherwise
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = OWN)]
    postgres: Option<String>,
    /// 数据目录: where the databases lie; a folder that is gone afterwards otherwise
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// 语言
    #[arg(long, value_enum, default_value_t = Language::Zh)]
    lang: Language,
    /// 以JSON输出
    #[arg(long)]
    json: bool,
}

impl Common {
    /// The network that is to be measured, and the folder that may be gone when it is over.
    fn ground(&self, runtime: &tokio::runtime::Runtime) -> anyhow::Result<(Ground, tempfile::TempDir)> {
        let scratch =
            tempfile::Builder::new().prefix("yidi-").tempdir().context("failed to make a folder")?;
        let folder = self.data.clone().unwrap_or_else(|| scratch.path().to_owned());
        let server = self.postgres.as_deref().map(Server::prepare).transpose()?;
        Ok((Ground::prepare(&folder, self.processes, Seals::Lines, server, runtime.handle())?, scratch))
    }

    /// What is measured, in words.
    fn kind(&self) -> String {
        let (zh, en) = if self.processes {
            ("三个进程", "three processes")
        } else {
            ("一个进程", "one process")
        };
        let engine = if self.postgres.is_some() { "PostgreSQL" } else { "SQLite" };
        let Common { clients, seconds, .. } = self;
        self.say(
            format!("{zh},{engine},{clients}个窗口同时,每阶段{seconds}秒"),
            format!("{en}, {engine}, {clients} counters at once, {seconds} s a phase"),
        )
    }

    fn say(&self, zh: String, en: String) -> String {
        if self.lang == Language::Zh { zh } else { en }
    }
}

/// People in each pool: enough that nobody is at two counters for long.
const CROWD: usize = 1_000;
/// Fee lines of a visit.
pub const LINES: usize = 10;

/// Measures, and verifies what was booked meanwhile.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let violations = match &args.what {
        What::Settle(args) => settle::run(args, &runtime)?,
        What::Grow(args) => grow::run(args, &runtime)?,
        What::Seals(args) => return seals::run(args),
    };
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
    /// The server of its databases, where they are no files.
    pub server: Option<Server>,
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
        mut server: Option<Server>,
        runtime: &tokio::runtime::Handle,
    ) -> anyhow::Result<Ground> {
        let folder = folder.join(if split { "three" } else { "one" });
        let mut databases = BTreeMap::new();
        if let Some(server) = &mut server {
            for node in nodes() {
                databases.insert(node, server.place(node)?);
            }
        }
        let mut rig = Rig::new(&Plan {
            folder,
            split,
            seed: 1,
            crowd: CROWD,
            answer_wait_ms: 8_000,
            databases,
            seals,
        })?;
        rig.start()?;
        let visitors = Visitors::of(&rig, COUNTER_PATIENCE_MS);
        let population = Arc::new(rig.population(visitors.clock.now().day())?);
        let ground =
            Ground { rig, visitors, runtime: runtime.clone(), population, counters: Vec::new(), server };
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

/// Says what is broken, and how much.
fn tell_broken(common: &Common, violations: &[String]) {
    for violation in violations {
        println!("BROKEN: {violation}");
    }
    let count = violations.len();
    println!("\n{}", common.say(format!("违反不变量{count}处"), format!("{count} violations")));
}
