//! `yidi`: the network as one command.

/// People's stories with the expected answer.
mod scenarios;
/// Puts a process together.
mod assembly;
/// 待遇计算: one case, no server.
mod adjudicate;
/// Nodes of a configuration.
mod serve;
/// A whole network, a story, a sandbox.
mod demo;
/// 备案: a filing by an agency's clerk.
mod file;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// 异地就医直接结算 — cross-province direct settlement of basic medical insurance, for anyone to run
#[derive(Parser)]
#[command(name = "yidi", version)]
struct Command {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// 演示与沙箱: a whole network on this machine, a story told over it, and a sandbox to develop against
    Demo(demo::Args),
    /// 运行节点: the nodes of a configuration file
    Serve(serve::Args),
    /// 待遇计算: splits one case between the funds and the person, and tells why
    Adjudicate(adjudicate::Args),
    /// 备案: files a person for care elsewhere, in a running sandbox
    File(file::Args),
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn")),
        )
        .init();
    let done = match Command::parse().task {
        Task::Demo(args) => demo::run(&args),
        Task::Serve(args) => serve::run(&args),
        Task::Adjudicate(args) => adjudicate::run(&args),
        Task::File(args) => file::run(&args),
    };
    done.unwrap_or_else(|error| {
        eprintln!("yidi: {error:#}");
        ExitCode::FAILURE
    })
}
