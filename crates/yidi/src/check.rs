//! `yidi check`: what a data folder holds, checked while nothing runs on it.

/// 账链: the books of every node, and the roots that nodes hold of each other.
pub mod chain;

use std::process::ExitCode;

/// Checks a data folder.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// 账链: the books of every node from the first journal to the last, and the roots that others hold of them
    Chain(chain::Args),
}

/// Exit code 0 where all is right, else 1.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.what {
        What::Chain(args) => chain::run(args),
    }
}
