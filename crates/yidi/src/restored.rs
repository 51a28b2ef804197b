//! `yidi restored`: lets databases on PostgreSQL that were put back to an earlier moment count on above the numbers that
//! were given after it. Copies that `yidi backup` makes count on by themselves.

use crate::assembly::Config;
use anyhow::{Context, ensure};
use platform::doors::Store;
use platform::store::counters_move_on;
use platform::store::postgres::Postgres;
use std::path::PathBuf;
use std::process::ExitCode;

/// Lets every database on PostgreSQL of a configuration count on. Its nodes may not run.
#[derive(clap::Args)]
pub struct Args {
    /// 配置文件: the configuration
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Exit code 0 where every database counts on.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = Config::read(&args.config)?;
    let shown = args.config.display();
    ensure!(
        !config.databases.is_empty(),
        "failed to find a node on PostgreSQL in {shown}: databases is empty"
    );
    for (node, address) in &config.databases {
        count_on(address).with_context(|| format!("failed to let node {node} count on"))?;
        println!("{node}: 已跳号 counts on above what may have been given");
    }
    Ok(ExitCode::SUCCESS)
}

/// Lets the database at this address count on.
pub fn count_on(address: &str) -> anyhow::Result<()> {
    let mut store = Postgres::open(address)?;
    store.begin()?;
    counters_move_on(&mut store)?;
    Ok(store.commit()?)
}
