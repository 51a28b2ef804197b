//! `yidi check`: whether what lies on disk is right.

/// 存储: files, books, sums, both sides of every settlement.
mod store;

use std::process::ExitCode;

/// Checks what lies on disk.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// 存储: every database of a data folder, whether its nodes run or not
    Store(store::Args),
}

/// Checks; exit code 1 where something is wrong.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.what {
        What::Store(args) => store::run(args),
    }
}
