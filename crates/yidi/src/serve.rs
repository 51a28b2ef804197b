//! `yidi serve`: the nodes that a configuration names, until it is told to stop.

use crate::assembly::{self, Config};
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Runs the nodes of a configuration file.
#[derive(clap::Args)]
pub struct Args {
    /// 配置文件: the configuration (see config.example.toml)
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Serves until SIGINT or SIGTERM.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = Config::read(&args.config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let end = End::expected()?;
        let running = assembly::run(&config).await?;
        let nodes: Vec<String> = config.nodes.iter().map(ToString::to_string).collect();
        println!("serving {} on http://{}", nodes.join(", "), running.address);
        end.told().await;
        tokio::task::spawn_blocking(move || running.stop()).await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// SIGINT and SIGTERM, caught from the moment on at which this is made, so that a process that is still starting
/// ends as cleanly as one that serves.
pub struct End {
    terminate: Signal,
    interrupt: Signal,
}

impl End {
    /// From now on.
    pub fn expected() -> std::io::Result<End> {
        Ok(End { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for either.
    pub async fn told(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
