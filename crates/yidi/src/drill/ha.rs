//! `yidi drill ha`: three database servers with Patroni and etcd, from the documented files; a whole network of nodes
//! on them, under load. The leader dies, stands still, is cut off, again and again, and nobody lends a hand.

use super::machines::Machines;
use crate::figures::Spread;
use crate::rig::{Plan, Rig, Seals, nodes};
use crate::torture::storm::Storm;
use anyhow::{Context, bail};
use platform::doors::micros;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Kills, pauses and cuts off the leader of a database cluster under load.
#[derive(clap::Args)]
pub struct Args {
    /// 切换次数: how often the leader is taken away; in turn killed, paused, cut off
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..))]
    failovers: u32,
    /// 故障持续秒数: how long the old leader stays dead, paused or cut off
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(5..=600))]
    hold: u64,
    /// 每秒就诊数
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=100))]
    rate: u64,
    /// 种子
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// 数据目录: keeps configurations, logs and databases
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// 以JSON输出
    #[arg(long)]
    json: bool,
}

/// How long the insured place may take (ms).
const ANSWER_WAIT_MS: i64 = 8_000;
/// Longer than this nothing may be kept from being written (ms).
const GAP_MS: u64 = 30_000;
/// How far a member may be behind (bytes), and how often the cluster is to be seen whole, one time after the other: one
/// that is about to be rewound looks whole for a moment.
const LAG_BYTES: i64 = 1 << 20;
const WHOLE_TIMES: u32 = 10;
/// How long a cluster may take to be whole.
const WHOLE_WAIT_US: u64 = 300_000_000;
/// Load before a fault, and after it, so that the longest silence is seen to its end.
const CALM: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug)]
enum Fault {
    Killed,
    Paused,
    CutOff,
}

impl Fault {
    const ALL: [Fault; 3] = [Fault::Killed, Fault::Paused, Fault::CutOff];

    fn words(self) -> &'static str {
        match self {
            Fault::Killed => "整机终止 killed with all its processes",
            Fault::Paused => "整机暂停 paused",
            Fault::CutOff => "断网 cut off",
        }
    }
}

/// One failover, as it was seen.
struct Seen {
    fault: Fault,
    from: String,
    to: String,
    gap_ms: u64,
    whole_ms: u64,
}

struct Drill {
    machines: Machines,
    storm: Storm,
    runtime: tokio::runtime::Handle,
}

pub(super) fn run(
    args: &Args,
    runtime: &tokio::runtime::Runtime,
    stop: Arc<AtomicBool>,
) -> anyhow::Result<ExitCode> {
    let scratch = tempfile::Builder::new().prefix("yidi-ha-").tempdir()?;
    let folder = std::path::absolute(args.data.as_deref().unwrap_or(scratch.path()))?;
    let mut machines = Machines::make(&folder)?;
    for machine in &mut machines.all {
        machine.boot()?;
    }
    eprintln!("三台机器已启动,等待集群就绪 three machines boot; waiting for the cluster");
    // The processes of the rig end before the machines do.
    let handle = runtime.handle();
    let asks = Asks::new(&folder)?;
    let leader = asks.whole(&machines, handle)?;
    machines.make_databases(leader)?;
    let mut databases = std::collections::BTreeMap::new();
    for node in nodes() {
        databases.insert(node, Machines::database(&node.to_string())?);
    }
    let rig = Rig::new(&Plan {
        folder: folder.join("nodes"),
        split: true,
        seed: args.seed,
        crowd: 0,
        answer_wait_ms: ANSWER_WAIT_MS,
        seals: Seals::Lines,
        databases,
    })?;
    let storm = Storm::gather(rig, None, handle.clone(), (args.seed, args.rate), stop.clone())?;
    let mut drill = Drill { machines, storm, runtime: handle.clone() };
    let mut seen = Vec::new();
    for number in 0..args.failovers {
        if stop.load(Ordering::Relaxed) || !drill.storm.violations().is_empty() {
            break;
        }
        let fault = Fault::ALL[number as usize % Fault::ALL.len()];
        let one = drill.failover(&asks, fault, Duration::from_secs(args.hold))?;
        eprintln!(
            "{} / {}: {} {}; {} leads; {} ms without a write; whole again after {} ms",
            number + 1,
            args.failovers,
            one.from,
            fault.words(),
            one.to,
            one.gap_ms,
            one.whole_ms
        );
        seen.push(one);
    }
    tell(args, drill, &seen)
}

/// Asks Patroni, whoever of the members answers.
struct Asks {
    visitors: Arc<crate::visitors::Visitors>,
}

impl Asks {
    fn new(folder: &std::path::Path) -> anyhow::Result<Asks> {
        let rig = Rig::new(&Plan {
            folder: folder.join("asks"),
            split: true,
            seed: 1,
            crowd: 0,
            answer_wait_ms: ANSWER_WAIT_MS,
            seals: Seals::Lines,
            databases: std::collections::BTreeMap::new(),
        })?;
        Ok(Asks { visitors: crate::visitors::Visitors::of(&rig, 1_000) })
    }

    /// Each member's page of the cluster.
    fn pages(&self, machines: &Machines, runtime: &tokio::runtime::Handle) -> Vec<Value> {
        let ask = |address| {
            let page = self.visitors.page(address, "/cluster");
            runtime
                .block_on(async { tokio::time::timeout(Duration::from_secs(2), page).await.ok().flatten() })
        };
        machines.all.iter().filter_map(|machine| ask(machine.patroni())).collect()
    }

    /// Waits until every member says that one leads, another holds every commit, and all have come up to it, and that for
    /// a while; the leader's place.
    fn whole(&self, machines: &Machines, runtime: &tokio::runtime::Handle) -> anyhow::Result<usize> {
        let begun = micros();
        let (mut last, mut times) = (Vec::new(), 0);
        while micros() - begun < WHOLE_WAIT_US {
            last = self.pages(machines, runtime);
            let told: Vec<Option<usize>> = last.iter().map(|page| whole(page, machines)).collect();
            let all_say = told.len() == machines.all.len() && told.iter().all(|one| one.is_some());
            times = if all_say && told.windows(2).all(|two| two[0] == two[1]) { times + 1 } else { 0 };
            if times == WHOLE_TIMES {
                return Ok(told[0].unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(500));
        }
        bail!("failed to see the cluster whole: {}", serde_json::to_string(&last)?)
    }

    /// Who leads, by the word of any other member.
    fn leader(&self, machines: &Machines, runtime: &tokio::runtime::Handle, not: usize) -> Option<usize> {
        self.pages(machines, runtime)
            .iter()
            .filter_map(|page| leading(page, machines))
            .find(|found| *found != not)
    }
}

fn leading(page: &Value, machines: &Machines) -> Option<usize> {
    let members = page["members"].as_array()?;
    let leader = members.iter().find(|member| member["role"] == "leader" && member["state"] == "running")?;
    machines.all.iter().position(|machine| leader["name"] == machine.name.as_str())
}

fn whole(page: &Value, machines: &Machines) -> Option<usize> {
    let leader = leading(page, machines)?;
    let members = page["members"].as_array()?;
    let timeline = &members.iter().find(|member| member["role"] == "leader")?["timeline"];
    let follows = |member: &Value| {
        (member["state"] == "running" || member["state"] == "streaming")
            && member["timeline"] == *timeline
            && member["lag"].as_i64().is_some_and(|lag| lag < LAG_BYTES)
    };
    let stand = |role: &str| {
        members.iter().filter(|member| member["role"] == role).filter(|member| follows(member)).count()
    };
    (stand("sync_standby") == 1 && stand("replica") == 1).then_some(leader)
}

impl Drill {
    fn failover(&mut self, asks: &Asks, fault: Fault, hold: Duration) -> anyhow::Result<Seen> {
        let leader = asks.whole(&self.machines, &self.runtime)?;
        let visitors = self.storm.visitors.clone();
        self.storm.load_on();
        std::thread::sleep(CALM);
        visitors.silence.begin();
        let begun = micros();
        match fault {
            Fault::Killed => self.machines.all[leader].kill(),
            Fault::Paused => self.machines.all[leader].stands_still(true),
            Fault::CutOff => self.machines.all[leader].joined(false)?,
        }
        let mut healed = false;
        let mut next = None;
        while !healed || next.is_none() {
            if !healed && micros() - begun > u64::try_from(hold.as_micros())? {
                let machine = &mut self.machines.all[leader];
                match fault {
                    Fault::Killed => machine.boot()?,
                    Fault::Paused => machine.stands_still(false),
                    Fault::CutOff => machine.joined(true)?,
                }
                healed = true;
            }
            next = next.or_else(|| asks.leader(&self.machines, &self.runtime, leader));
            if micros() - begun > WHOLE_WAIT_US {
                bail!("failed to see another leader than {}", self.machines.all[leader].name);
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        // Until writes flow again, whoever leads.
        while visitors.silence.present_ms() > 1_000 && micros() - begun < WHOLE_WAIT_US {
            std::thread::sleep(Duration::from_millis(100));
        }
        std::thread::sleep(CALM);
        let gap_ms = visitors.silence.longest_ms();
        let now = asks.whole(&self.machines, &self.runtime)?;
        let whole_ms = (micros() - begun) / 1_000;
        self.storm.load_off_and_verify()?;
        let name = |place: usize| self.machines.all[place].name.clone();
        Ok(Seen { fault, from: name(leader), to: name(next.unwrap_or(now)), gap_ms, whole_ms })
    }
}

fn tell(args: &Args, mut drill: Drill, seen: &[Seen]) -> anyhow::Result<ExitCode> {
    for process in &mut drill.storm.rig.processes {
        process.kill();
    }
    let mut report = drill.storm.report();
    let gaps: Vec<u64> = seen.iter().map(|one| one.gap_ms).collect();
    let spread = Spread::of(&gaps);
    for one in seen.iter().filter(|one| one.gap_ms > GAP_MS) {
        report.violations.push(format!(
            "{} {}: {} ms without a write",
            one.from,
            one.fault.words(),
            one.gap_ms
        ));
    }
    if args.json {
        let each = seen.iter().map(|one| {
            json!({"fault": one.fault.words(), "from": one.from, "to": one.to, "gap_ms": one.gap_ms,
                   "whole_ms": one.whole_ms})
        });
        let told = json!({
            "failovers": seen.len(), "gap_ms": spread.as_json(), "each": each.collect::<Vec<_>>(),
            "visits": report.visits, "messages": report.messages, "unanswered": report.unanswered,
            "not_kept": report.not_kept, "settlements_answered": report.settled, "journals": report.journals,
            "checks": report.checks, "took_s": report.took_s, "violations": report.violations,
        });
        println!("{}", serde_json::to_string_pretty(&told).context("failed to write down what was seen")?);
    } else {
        for one in seen {
            println!(
                "{} {}: {} leads, {} ms without a write",
                one.from,
                one.fault.words(),
                one.to,
                one.gap_ms
            );
        }
        println!(
            "{} failovers in {} s: without a write {} ms (p50), {} ms (longest)",
            seen.len(),
            report.took_s,
            spread.p50,
            spread.most
        );
        println!(
            "{} visits, {} messages, {} without an answer, {} answered as not kept, {} settlements answered",
            report.visits, report.messages, report.unanswered, report.not_kept, report.settled
        );
        for violation in report.violations.iter().take(20) {
            println!("BROKEN: {violation}");
        }
        println!("verified {} times: {} violations", report.checks, report.violations.len());
    }
    Ok(if report.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
