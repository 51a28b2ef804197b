//! `yidi check`: whether what lies on disk is right.

/// 落后: nodes that were put back to an earlier copy.
mod behind;
/// 账链: the books of every node, and the roots that nodes hold of each other.
pub mod chain;
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
    /// 落后: whether nodes were put back to an earlier copy, and what could not be got back
    Behind(behind::Args),
    /// 账链: the books of every node from the first journal to the last, and the roots that others hold of them
    Chain(chain::Args),
    /// 存储: every database of a data folder, whether its nodes run or not
    Store(store::Args),
}

/// Checks; exit code 1 where something is wrong.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.what {
        What::Behind(args) => behind::run(args),
        What::Chain(args) => chain::run(args),
        What::Store(args) => store::run(args),
    }
}
