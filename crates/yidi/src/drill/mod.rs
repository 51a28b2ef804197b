//! `yidi drill`: what one hopes never to need, done for real under load, and verified fen by fen.

/// 机器: network namespaces as machines.
mod machines;
/// 高可用: a cluster whose leader dies, stands still, is cut off.
mod ha;
/// 恢复: a server that is lost with its disk, put back from its backup.
mod restore;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Drills.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// 高可用: three PostgreSQL members with Patroni and etcd; the leader is killed, paused and cut off under load
    Ha(ha::Args),
    /// 恢复: database servers lose their disks under load and are put back, to the last commit and to a chosen moment
    Restore(restore::Args),
}

/// Exit code 0 where nothing is broken, else 1.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let stop = Arc::new(AtomicBool::new(false));
    let told = stop.clone();
    runtime.spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            told.store(true, Ordering::Relaxed);
        }
    });
    match &args.what {
        What::Ha(args) => ha::run(args, &runtime, stop),
        What::Restore(args) => restore::run(args, &runtime, stop),
    }
}
