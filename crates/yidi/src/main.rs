//! `yidi`: the network as one command.

use clap::{Parser, Subcommand};
use std::io::IsTerminal;
use std::process::ExitCode;
use yidi::{
    adjudicate, backup, bench, check, demo, drill, file, keys, load, restored, serve, simulate, torture,
};

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
    /// 密钥: makes, shows and changes the keys by which nodes know each other
    Key(keys::Args),
    /// 待遇计算: splits one case between the funds and the person, and tells why
    Adjudicate(adjudicate::Args),
    /// 备案: files a person for care elsewhere, in a running sandbox
    File(file::Args),
    /// 仿真: seeded countries with lost letters, crashes and full disks, and every invariant checked
    Simulate(simulate::Args),
    /// 备份: a verified copy of every database of a data folder, while its nodes run or not
    Backup(backup::Args),
    /// 恢复后: databases on PostgreSQL that were put back count on above the numbers that were given since
    Restored(restored::Args),
    /// 检查: whether what lies on disk is right
    Check(check::Args),
    /// 折磨: three processes killed at random under load, and everything verified fen by fen
    Torture(torture::Args),
    /// 演练: failovers and restores of database servers under load, and everything verified fen by fen
    Drill(drill::Args),
    /// 测速: whole settlements across provinces, beside the limits of this machine
    Bench(bench::Args),
    /// 持续负载: visits at a rate for a while, then every invariant
    Load(load::Args),
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn")),
        )
        .init();
    let done = match Command::parse().task {
        Task::Demo(args) => demo::run(&args),
        Task::Serve(args) => serve::run(&args),
        Task::Key(args) => keys::run(&args),
        Task::Adjudicate(args) => adjudicate::run(&args),
        Task::File(args) => file::run(&args),
        Task::Simulate(args) => simulate::run(&args),
        Task::Backup(args) => backup::run(&args),
        Task::Restored(args) => restored::run(&args),
        Task::Check(args) => check::run(&args),
        Task::Torture(args) => torture::run(&args),
        Task::Drill(args) => drill::run(&args),
        Task::Bench(args) => bench::run(&args),
        Task::Load(args) => load::run(&args),
    };
    done.unwrap_or_else(|error| {
        eprintln!("yidi: {error:#}");
        ExitCode::FAILURE
    })
}
