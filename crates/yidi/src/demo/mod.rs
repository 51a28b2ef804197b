//! `yidi demo`: a network of a hub and eight provinces in one process, a story told over its real interface, and
//! then a sandbox that stays up for hospital software to be pointed at.

/// What is told of one settlement.
mod tale;
/// The story, played over the real interface.
mod story;
/// How it is printed.
mod print;
/// A settlement caught in the middle, and how it heals.
mod accident;

use crate::assembly::{self, Config, Running};
use crate::serve::End;
use anyhow::{Context, ensure};
use insurance::calendar::ServiceDate;
use insurance::identity::Province;
use platform::doors::{Clock, NodeId};
use platform::treatment_node::Settings;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tale::Story;

/// The provinces of the demo: Beijing, Shanghai, Jilin, Shandong, Anhui, Guangdong, Sichuan, Hainan.
pub const PROVINCES: [&str; 8] = ["11", "31", "22", "37", "34", "44", "51", "46"];

/// The language that is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// 中文
    Zh,
    /// English
    En,
}

/// Runs a whole network on this machine, tells a story over it, and stays up as a sandbox.
#[derive(clap::Args)]
pub struct Args {
    /// 端口: everything listens here (0 takes a free one)
    #[arg(long, default_value_t = 7800)]
    port: u16,
    /// 机构接口端口: the institution interface also listens here (0 for none)
    #[arg(long, default_value_t = 8097)]
    his_port: u16,
    /// 语言
    #[arg(long, value_enum, default_value_t = Language::Zh)]
    lang: Language,
    /// 事故: tells of a settlement whose insured place is cut off in the middle, and how it heals
    #[arg(long)]
    accident: bool,
    /// 讲完即退出: ends after the story
    #[arg(long)]
    once: bool,
    /// 以JSON输出: prints the story as data
    #[arg(long)]
    json: bool,
    /// 数据目录: keeps state over restarts; without it, state is gone at the end
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// 种子: the seed of people, institutions and catalogue
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// The story of a data folder, so that a restart shows what is kept instead of treating the same people again.
const STORY_FILE: &str = "story.json";

/// The day on which the story was begun, so that one that was broken off is told to its end as of that day.
const BEGUN_FILE: &str = "story-begun.json";

/// Runs the demo.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let scratch = tempfile::Builder::new().prefix("yidi-").tempdir().context("failed to make a folder")?;
    let mut config = config(args, args.data.clone().unwrap_or_else(|| scratch.path().to_owned()));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    if args.accident {
        config.treatment.answer_wait_ms = accident::ANSWER_WAIT_MS;
    }
    runtime.block_on(async {
        let end = End::expected()?;
        let running = assembly::run(&config).await?;
        if args.accident {
            let told = accident::tell(&running).await.context("failed to tell the accident")?;
            if args.json {
                println!("{}", serde_json::to_string_pretty(&told)?);
            } else {
                print!("{}", accident::print(&told, args.lang));
            }
            return stay(args, running, end, told.agree).await;
        }
        let told = tell_or_remember(&running, &config.data).await.with_context(|| {
            format!("failed to tell the story; move {} away to start anew", config.data.display())
        })?;
        if args.json {
            println!("{}", serde_json::to_string_pretty(&told)?);
        } else {
            print!("{}", print::story(&told, args.lang));
        }
        let right = told.tales.iter().all(|tale| tale.as_expected);
        stay(args, running, end, right).await
    })
}

/// Stays up as a sandbox until it is told to end, unless it is to tell its story once.
async fn stay(args: &Args, running: Running, end: End, right: bool) -> anyhow::Result<ExitCode> {
    if !args.once {
        if args.json {
            eprintln!("yidi: serving on http://{}", running.address);
        } else {
            print!("{}", print::ready(&running, &story::first_call(&running)?, args.lang));
        }
        std::io::stdout().flush()?;
        end.told().await;
    }
    tokio::task::spawn_blocking(move || running.stop()).await?;
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Plays the story; where the data folder holds it already, asks whether its settlements are still there.
async fn tell_or_remember(running: &Running, data: &Path) -> anyhow::Result<Story> {
    let file = data.join(STORY_FILE);
    match std::fs::read(&file) {
        Ok(bytes) => {
            let story: Story = serde_json::from_slice(&bytes)
                .with_context(|| format!("failed to read {}: move it away to start anew", file.display()))?;
            ensure!(
                story::still_there(running, &story).await?,
                "the settlements of {} are not in the books of {}",
                file.display(),
                data.display()
            );
            Ok(story)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let day = begun(running, &data.join(BEGUN_FILE))?;
            let story = story::tell(running, day).await?;
            // Whole or not at all: half a file could not be read again.
            let half = file.with_extension("half");
            std::fs::write(&half, serde_json::to_vec_pretty(&story)?)
                .and_then(|()| std::fs::rename(&half, &file))
                .with_context(|| format!("failed to write {}", file.display()))?;
            Ok(story)
        }
        Err(error) => Err(error).with_context(|| format!("failed to read {}", file.display())),
    }
}

fn begun(running: &Running, file: &Path) -> anyhow::Result<ServiceDate> {
    match std::fs::read(file) {
        Ok(bytes) => {
            serde_json::from_slice(&bytes).with_context(|| format!("failed to read {}", file.display()))
        }
        Err(_) => {
            let today = running.clock.now().day();
            let half = file.with_extension("half");
            std::fs::write(&half, serde_json::to_vec(&today)?)
                .and_then(|()| std::fs::rename(&half, file))
                .with_context(|| format!("failed to write {}", file.display()))?;
            Ok(today)
        }
    }
}

fn config(args: &Args, data: PathBuf) -> Config {
    let members: Vec<Province> =
        PROVINCES.iter().map(|code| Province::new(code).expect("two digits")).collect();
    let nodes = std::iter::once(NodeId::Hub).chain(members.iter().copied().map(NodeId::Province)).collect();
    let here = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    Config {
        nodes,
        members,
        data,
        databases: std::collections::BTreeMap::new(),
        listen: here(args.port),
        institutions_listen: (args.his_port != 0).then(|| here(args.his_port)),
        peers: std::collections::BTreeMap::new(),
        peer_keys: Vec::new(),
        unsigned: false,
        sign_every_push: false,
        letters_kept_days: 7,
        policies: None,
        seed: args.seed,
        sandbox: true,
        crowd: 0,
        treatment: Settings::default(),
    }
}
