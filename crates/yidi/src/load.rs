//! `yidi load`: visits at a rate for a while, whole network, whether those before them are done or not; then every
//! invariant.

use crate::bench::{Ground, open};
use crate::rig::Seals;
use anyhow::Context;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// Holds a load.
#[derive(clap::Args)]
pub struct Args {
    /// 每秒就诊数
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    rate: u64,
    /// 秒数
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// 单进程: one process for all nodes; a process for each otherwise
    #[arg(long)]
    one: bool,
    /// 数据目录: where the databases lie; a folder that is gone afterwards otherwise
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// 以JSON输出
    #[arg(long)]
    json: bool,
}

/// Exit code 0 where nothing failed, nothing is unresolved and every invariant holds.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let scratch = tempfile::Builder::new().prefix("yidi-").tempdir().context("failed to make a folder")?;
    let folder = args.data.clone().unwrap_or_else(|| scratch.path().to_owned());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut ground = Ground::prepare(&folder, !args.one, Seals::Lines, runtime.handle())?;
    let held = open(&mut ground, args.rate, args.seconds);
    let unresolved = u64::from(!ground.becomes_quiet());
    let violations = ground.verify()?;
    if args.json {
        let told = json!({"load": held.as_json(), "unresolved": unresolved, "violations": violations});
        println!("{}", serde_json::to_string_pretty(&told)?);
    } else {
        held.print();
        println!("  {} failed, {unresolved} unresolved", held.failed);
        violations.iter().for_each(|violation| println!("BROKEN: {violation}"));
        println!("  {} violations", violations.len());
    }
    let right = held.failed == 0 && unresolved == 0 && violations.is_empty();
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
