//! The command.

mod adjudicate;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// 跨省异地就医直接结算
#[derive(Parser)]
#[command(name = "yidi", version)]
struct Command {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// 待遇计算: splits one case between the funds and the person, and tells why.
    Adjudicate(adjudicate::Args),
}

fn main() -> anyhow::Result<ExitCode> {
    match Command::parse().task {
        Task::Adjudicate(args) => adjudicate::run(&args),
    }
}
