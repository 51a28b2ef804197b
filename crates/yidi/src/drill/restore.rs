//! placeholder
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
#[derive(clap::Args)]
pub struct Args {}
pub(super) fn run(_: &Args, _: &tokio::runtime::Runtime, _: Arc<AtomicBool>) -> anyhow::Result<ExitCode> { Ok(ExitCode::SUCCESS) }
