//! `yidi drill restore`: database servers lose their disks under load and are put back. First to the last commit, from
//! a base backup and a synchronous copy of the log, while everybody waits; then to a chosen moment, the whole network at
//! once. After each, everything is verified fen by fen.

use crate::restored::count_on;
use crate::rig::{Plan, Rig, Seals, nodes};
use crate::server::{Server, run as run_program};
use crate::torture::storm::Storm;
use anyhow::{Context, ensure};
use platform::doors::{NodeId, micros};
use platform::store::postgres::{restore_point_make, schema_make};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Loses the disks of database servers under load and puts them back.
#[derive(clap::Args)]
pub struct Args {
    /// 每段业务的秒数: how long each stretch of load is
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(2..=3600))]
    seconds: u64,
    /// 每秒就诊数
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=100))]
    rate: u64,
    /// 种子
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// 以JSON输出
    #[arg(long)]
    json: bool,
}

/// How long the insured place may take (ms).
const ANSWER_WAIT_MS: i64 = 2_000;
/// How long a server may replay its log.
const RECOVERY_WAIT_US: u64 = 120_000_000;
/// The chosen moment.
const MOMENT: &str = "before_the_mistake";
/// How `pg_receivewal` calls itself, so that the server waits for it.
const ARCHIVE: &str = "pg_receivewal";

/// What one part did and found.
struct Told {
    what: &'static str,
    /// From the loss of the disk to the server's first session (ms).
    restored_ms: u64,
    settled: u64,
    not_kept: u64,
    journals: usize,
    violations: Vec<String>,
}

pub(super) fn run(
    args: &Args,
    runtime: &tokio::runtime::Runtime,
    stop: Arc<AtomicBool>,
) -> anyhow::Result<ExitCode> {
    let scratch = tempfile::Builder::new().prefix("yidi-restore-").tempdir()?;
    let drill = Drill { args, runtime, stop, folder: scratch.path() };
    let told = [drill.to_the_last_commit()?, drill.to_a_moment()?];
    let broken = told.iter().map(|one| one.violations.len()).sum::<usize>();
    if args.json {
        let parts = told.iter().map(|one| {
            json!({"what": one.what, "restored_ms": one.restored_ms, "settlements_answered": one.settled,
                   "not_kept": one.not_kept, "journals": one.journals, "violations": one.violations})
        });
        println!("{}", serde_json::to_string_pretty(&json!({"parts": parts.collect::<Vec<_>>()}))?);
    } else {
        for one in &told {
            println!(
                "{}: served again {} ms after the loss; {} settlements answered, {} messages answered as not kept, {} journals",
                one.what, one.restored_ms, one.settled, one.not_kept, one.journals
            );
            one.violations.iter().for_each(|violation| println!("BROKEN: {violation}"));
        }
        println!("{broken} violations");
    }
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Drill<'a> {
    args: &'a Args,
    runtime: &'a tokio::runtime::Runtime,
    stop: Arc<AtomicBool>,
    folder: &'a Path,
}

impl Drill<'_> {
    fn storm(&self, name: &str, databases: BTreeMap<NodeId, String>) -> anyhow::Result<Storm> {
        let rig = Rig::new(&Plan {
            folder: self.folder.join(name),
            split: true,
            seed: self.args.seed,
            crowd: 0,
            answer_wait_ms: ANSWER_WAIT_MS,
            seals: Seals::Lines,
            databases,
        })?;
        let pace = (self.args.seed, self.args.rate);
        Storm::gather(rig, None, self.runtime.handle().clone(), pace, self.stop.clone())
    }

    fn wait(&self) {
        std::thread::sleep(Duration::from_secs(self.args.seconds));
    }

    /// One province on a server whose log is copied as it is written: a commit is answered when the copy has it. The
    /// server and its disk are lost; the processes live on, and go on by themselves.
    fn to_the_last_commit(&self) -> anyhow::Result<Told> {
        let mut server = Server::make("")?;
        server.start()?;
        let victim = nodes()[2];
        let databases = BTreeMap::from([(victim, schema_make(&server.address(), "node")?)]);
        server.kill();
        server.configure(&format!("synchronous_standby_names = '{ARCHIVE}'"))?;
        server.start()?;
        let archive = Archive::begin(&server, "archive")?;
        let mut storm = self.storm("last", databases)?;
        storm.load_on();
        self.wait();
        let base = back_up(&server)?;
        self.wait();

        let begun = micros();
        server.destroy()?;
        let log = archive.end();
        put_back(&server, &base, &log, "")?;
        server.start()?;
        let anew = Archive::begin(&server, "archive-anew")?;
        let restored_ms = (micros() - begun) / 1_000;
        self.wait();
        storm.load_off_and_verify()?;
        let report = storm.report();
        drop(anew);
        Ok(Told {
            what: "到最后一次提交 to the last commit",
            restored_ms,
            settled: report.settled,
            not_kept: report.not_kept,
            journals: report.journals,
            violations: report.violations,
        })
    }

    /// The whole network on one server, put back to one moment: what was answered until then is there, what came later
    /// is gone from every node alike, and no number of it is given again.
    fn to_a_moment(&self) -> anyhow::Result<Told> {
        let mut server = Server::make("")?;
        let log = server.home().join("archive");
        server.programs.own(&log)?;
        let kept = format!(
            "test ! -f {0}/%f && cp %p {0}/%f.part && sync {0}/%f.part && mv {0}/%f.part {0}/%f",
            log.display()
        );
        server.configure(&format!("archive_mode = on\narchive_command = '{kept}'"))?;
        server.start()?;
        let mut databases = BTreeMap::new();
        for node in nodes() {
            databases.insert(node, schema_make(&server.address(), &format!("node_{node}"))?);
        }
        let mut storm = self.storm("moment", databases.clone())?;
        storm.load_on();
        let base = back_up(&server)?;
        self.wait();
        storm.load_off_and_verify()?;
        storm.load_on();
        self.wait();
        restore_point_make(&server.address(), MOMENT)?;
        self.wait();
        let later = storm.load_off_and_forget();

        let begun = micros();
        for process in &mut storm.rig.processes {
            process.kill();
        }
        server.destroy()?;
        put_back(
            &server,
            &base,
            &log,
            &format!("recovery_target_name = '{MOMENT}'\nrecovery_target_action = promote\n"),
        )?;
        server.start()?;
        for address in databases.values() {
            // It lets readers in before it is at the moment.
            let begun = micros();
            while let Err(error) = count_on(address) {
                ensure!(micros() - begun < RECOVERY_WAIT_US, error);
                std::thread::sleep(Duration::from_millis(200));
            }
        }
        storm.rig.start()?;
        let restored_ms = (micros() - begun) / 1_000;
        storm.load_on();
        self.wait();
        storm.load_off_and_verify()?;

        // Whoever was answered after the moment holds numbers that nobody else may get.
        let known: BTreeSet<String> = storm.settlements_known()?;
        let given: Vec<&str> = later.iter().filter_map(|counter| counter.standing.as_deref()).collect();
        let lost: BTreeSet<&str> = given.iter().copied().filter(|number| !known.contains(*number)).collect();
        let again: Vec<String> =
            storm.numbers_told().filter(|number| lost.contains(number.as_str())).collect();
        ensure!(
            !lost.is_empty(),
            "failed to drill: nothing was answered after the moment; give it more --seconds"
        );
        let mut report = storm.report();
        report.violations.extend(again.iter().map(|number| format!("{number} was given twice")));
        Ok(Told {
            what: "到指定时刻 to a chosen moment",
            restored_ms,
            settled: report.settled,
            not_kept: report.not_kept,
            journals: report.journals,
            violations: report.violations,
        })
    }
}

/// A base backup of a server at work, beside it.
fn back_up(server: &Server) -> anyhow::Result<PathBuf> {
    let base = server.home().join("base");
    let mut copy = server.client("pg_basebackup");
    copy.arg("-D").arg(&base).args(["--checkpoint=fast", "--no-sync"]);
    run_program(&mut copy, "back up a database server")?;
    Ok(base)
}

/// Puts a base backup in the place of a lost disk; the server's next start replays the log over it.
fn put_back(server: &Server, base: &Path, log: &Path, until: &str) -> anyhow::Result<()> {
    let mut copy = server.programs.other(Path::new("/bin/cp"));
    run_program(copy.arg("-a").arg(base).arg(server.data()), "put a base backup back")?;
    // The last piece of a log that is copied as it is written is not full.
    let restore = format!("cp {0}/%f %p || cp {0}/%f.partial %p", log.display());
    server.configure(&format!("restore_command = '{restore}'\n{until}"))?;
    let signal = server.data().join("recovery.signal");
    let mut make = server.programs.other(Path::new("/usr/bin/touch"));
    run_program(make.arg(&signal), "ask for recovery").map(drop)
}

/// A copy of a server's log, as it is written.
struct Archive {
    child: Child,
    folder: PathBuf,
}

impl Archive {
    /// Begins one, of a server that runs.
    fn begin(server: &Server, name: &str) -> anyhow::Result<Archive> {
        let folder = server.home().join(name);
        server.programs.own(&folder)?;
        let mut receive = server.client(ARCHIVE);
        receive.arg("-D").arg(&folder).arg("--synchronous");
        let log = std::fs::File::create(server.home().join(format!("{name}.log")))?;
        receive.stdout(Stdio::null()).stderr(log);
        let child = receive.spawn().context("failed to start pg_receivewal")?;
        Ok(Archive { child, folder })
    }

    /// Ends it; where it lies.
    fn end(self) -> PathBuf {
        self.folder.clone()
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
