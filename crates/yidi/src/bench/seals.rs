//! `yidi bench seals`: what the seals between nodes cost. Three networks that differ in nothing else take turns, so that
//! whatever else the machine does meets all of them.

use super::{Ground, phase};
use crate::figures::Hundredths;
use crate::rig::Seals;
use anyhow::Context;
use serde_json::{Value, json};
use std::process::ExitCode;

#[derive(clap::Args)]
pub(super) struct Args {
    /// 轮数: how often each network has its turn
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=100))]
    rounds: u64,
    /// 每轮秒数: how long a turn takes
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// 并发窗口数: counters at once
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..=4096))]
    clients: u64,
    /// 一个进程: one process for all nodes; one for each otherwise
    #[arg(long)]
    one: bool,
    /// 以JSON输出
    #[arg(long)]
    json: bool,
}

const WAYS: [(Seals, &str, &str); 3] = [
    (Seals::Unsigned, "unsigned", "不签封 no seals"),
    (Seals::Lines, "lines", "按线路签名 a signature for each line"),
    (Seals::Pushes, "pushes", "逐次签名 a signature for each push"),
];

/// What one way came to, turn by turn.
struct Measured {
    rates: Vec<u64>,
    cpu: Vec<u64>,
}

impl Measured {
    fn middle(of: &[u64]) -> u64 {
        let mut of = of.to_vec();
        of.sort_unstable();
        of[of.len() / 2]
    }

    fn rate(&self) -> Hundredths {
        Hundredths(Measured::middle(&self.rates))
    }

    fn cpu(&self) -> Hundredths {
        Hundredths(Measured::middle(&self.cpu))
    }
}

/// Measures, and verifies the books of each network.
pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let scratch = tempfile::Builder::new().prefix("yidi-").tempdir().context("failed to make a folder")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut grounds = Vec::new();
    for (seals, word, _) in WAYS {
        let folder = scratch.path().join(word);
        grounds.push(Ground::prepare(&folder, !args.one, seals, runtime.handle())?);
    }
    let mut measured: Vec<Measured> =
        WAYS.iter().map(|_| Measured { rates: Vec::new(), cpu: Vec::new() }).collect();
    for _ in 0..args.rounds {
        for (ground, measured) in grounds.iter_mut().zip(&mut measured) {
            let turn = phase::closed(ground, args.clients, args.seconds);
            anyhow::ensure!(ground.becomes_quiet(), "failed to see a network quiet after its turn");
            measured.rates.push(turn.rate.0);
            measured.cpu.push(turn.cpu_ms.0);
        }
    }
    let mut violations = Vec::new();
    for ground in &mut grounds {
        violations.extend(ground.verify()?);
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&as_json(&measured, &violations))?);
    } else {
        print(&measured, &violations);
    }
    Ok(if violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Settlements a second and processor time against the network without seals, in percent.
fn against(measured: &[Measured], way: usize) -> (Hundredths, Hundredths) {
    let (none, this) = (&measured[0], &measured[way]);
    (Hundredths::of(this.rate().0 * 100, none.rate().0), Hundredths::of(this.cpu().0 * 100, none.cpu().0))
}

fn print(measured: &[Measured], violations: &[String]) {
    println!("the middle of {} turns each, taken in turn:", measured[0].rates.len());
    for (way, (_, _, words)) in WAYS.iter().enumerate() {
        let (rate, cpu) = against(measured, way);
        println!(
            "  {words}: {} settlements a second ({rate} %), {} ms of processor for one ({cpu} %)",
            measured[way].rate(),
            measured[way].cpu(),
        );
    }
    violations.iter().for_each(|violation| println!("BROKEN: {violation}"));
    println!("{} violations", violations.len());
}

fn as_json(measured: &[Measured], violations: &[String]) -> Value {
    let ways = WAYS.iter().enumerate().map(|(way, (_, word, _))| {
        let (rate, cpu) = against(measured, way);
        let this = &measured[way];
        json!({
            "seals": word, "settlements_per_s": this.rate(), "cpu_ms_per_settlement": this.cpu(),
            "rate_percent": rate, "cpu_percent": cpu, "turns": this.rates.len(),
        })
    });
    json!({"ways": ways.collect::<Vec<_>>(), "violations": violations})
}
