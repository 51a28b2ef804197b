//! `yidi torture`: this very program as three processes under load, killed at random moments and started again, then
//! verified fen by fen against the clients' own record of what they were answered.

/// Load and kills.
pub(crate) mod storm;
/// A disk that is full, a folder that is read-only.
mod disk;

use crate::rig::{Plan, Rig, Seals, nodes};
use crate::server::Server;
use anyhow::Context;
use platform::doors::NodeId;
use platform::store::postgres::schema_make;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use storm::Storm;

/// Kills the network's processes under load and verifies that nothing answered is lost and nothing is booked twice.
#[derive(clap::Args)]
pub struct Args {
    /// 强制终止次数: how often a process is killed with SIGKILL
    #[arg(long, default_value_t = 200)]
    kills: u32,
    /// 每隔多少次核对: how many kills before everything is verified
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    check_every: u32,
    /// 种子: of the visits, the victims and the moments
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// 每秒就诊数
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=1000))]
    rate: u64,
    /// 服务器库: every node on PostgreSQL, on a server of our own, which is killed as well; or, with an address, in
    /// schemas of its own in that database
    #[arg(long, value_name = "URL", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    postgres: Option<String>,
    /// 数据目录: keeps configurations, logs and databases; without it, they are gone at the end
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// 不测磁盘: leaves out the full disk and the read-only folder
    #[arg(long)]
    no_disk: bool,
    /// 以JSON输出
    #[arg(long)]
    json: bool,
}

/// How long the insured place may take (ms): short, so that a killed node is felt.
const ANSWER_WAIT_MS: i64 = 2_000;

/// Exit code 0 where nothing is broken, else 1.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let scratch = tempfile::Builder::new().prefix("yidi-").tempdir().context("failed to make a folder")?;
    let folder = args.data.clone().unwrap_or_else(|| scratch.path().to_owned());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let stop = Arc::new(AtomicBool::new(false));
    {
        let stop = stop.clone();
        runtime.spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                stop.store(true, Ordering::Relaxed);
            }
        });
    }
    eprintln!("seed {}: {} kills, {} visits a second", args.seed, args.kills, args.rate);
    let plan = |name: &str| Plan {
        folder: folder.join(name),
        split: true,
        seed: args.seed,
        crowd: 0,
        answer_wait_ms: ANSWER_WAIT_MS,
        databases: BTreeMap::new(),
        seals: Seals::Lines,
    };
    let (server, databases) = databases(args)?;
    let on_files = databases.is_empty();
    let rig = Rig::new(&Plan { databases, ..plan("kills") })?;
    let mut storm =
        Storm::gather(rig, server, runtime.handle().clone(), (args.seed, args.rate), stop.clone())?;
    storm.rage(args)?;
    let mut report = storm.report();
    if !args.no_disk && on_files && report.violations.is_empty() && !stop.load(Ordering::Relaxed) {
        let told = disk::trial(&plan("disk"), runtime.handle(), args, stop.clone())?;
        report.violations.extend(told.violations);
        report.disk = told.told;
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report.as_json(args))?);
    } else {
        report.print(args);
    }
    Ok(if report.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Where the nodes keep what they know: files, or schemas on a server, which is ours where no address is given.
fn databases(args: &Args) -> anyhow::Result<(Option<Server>, BTreeMap<NodeId, String>)> {
    let Some(given) = &args.postgres else { return Ok((None, BTreeMap::new())) };
    let mut server = if given.is_empty() { Some(Server::make("")?) } else { None };
    if let Some(server) = &mut server {
        server.start()?;
    }
    let address = server.as_ref().map_or(given.clone(), Server::address);
    let mut found = BTreeMap::new();
    for node in nodes() {
        // A number that no other run on the same server has.
        let schema = format!("torture_{}_{node}", std::process::id());
        found.insert(node, schema_make(&address, &schema)?);
    }
    Ok((server, found))
}

/// What a run did and found.
#[derive(Default)]
pub(crate) struct Report {
    kills: Vec<(String, u32)>,
    pub(crate) checks: u32,
    pub(crate) visits: usize,
    pub(crate) messages: u64,
    pub(crate) unanswered: u64,
    pub(crate) undecided: u64,
    /// Answers that a node could not keep what it was told.
    pub(crate) not_kept: u64,
    /// Settlements that a counter was told of, and how many of them stand at the end.
    pub(crate) settled: u64,
    pub(crate) standing: u64,
    pub(crate) journals: usize,
    restart_ms: Vec<u64>,
    /// From the start of a killed database server to its first session.
    server_ms: Vec<u64>,
    quiet_ms: u64,
    pub(crate) took_s: u64,
    disk: Vec<String>,
    pub(crate) violations: Vec<String>,
}

impl Report {
    fn kills(&self) -> u32 {
        self.kills.iter().map(|(_, times)| times).sum()
    }

    fn print(&self, args: &Args) {
        let victims: Vec<String> =
            self.kills.iter().map(|(name, times)| format!("{name} {times} times")).collect();
        let restart = crate::figures::Spread::of(&self.restart_ms);
        println!("{} kills in {} s ({}), seed {}", self.kills(), self.took_s, victims.join(", "), args.seed);
        println!(
            "{} visits, {} messages, {} without an answer, {} answered as undecided, {} as not kept",
            self.visits, self.messages, self.unanswered, self.undecided, self.not_kept
        );
        println!(
            "{} settlements answered, {} standing at the end, {} journals; verified {} times",
            self.settled, self.standing, self.journals, self.checks
        );
        println!(
            "a killed process serves again after {} ms (p50) and {} ms (longest); quiet after {} ms at the latest",
            restart.p50, restart.most, self.quiet_ms
        );
        if !self.server_ms.is_empty() {
            let server = crate::figures::Spread::of(&self.server_ms);
            println!(
                "a killed server lets in again after {} ms (p50) and {} ms (longest)",
                server.p50, server.most
            );
        }
        self.disk.iter().for_each(|line| println!("{line}"));
        for violation in self.violations.iter().take(20) {
            println!("BROKEN: {violation}");
        }
        println!("{} violations", self.violations.len());
    }

    fn as_json(&self, args: &Args) -> Value {
        let restart = crate::figures::Spread::of(&self.restart_ms);
        json!({
            "seed": args.seed, "kills": self.kills(), "kills_by_process": self.kills, "took_s": self.took_s,
            "visits": self.visits, "messages": self.messages, "unanswered": self.unanswered,
            "undecided": self.undecided, "not_kept": self.not_kept,
            "settlements_answered": self.settled, "settlements_standing": self.standing,
            "journals": self.journals, "checks": self.checks, "restart_ms": restart.as_json(),
            "server_ms": crate::figures::Spread::of(&self.server_ms).as_json(),
            "quiet_ms": self.quiet_ms, "disk": self.disk, "violations": self.violations,
        })
    }
}
