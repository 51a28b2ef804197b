//! A disk that is full and a folder that is read-only: a clean error, nothing lost, and on with the work when there is
//! room again. It needs a small file system of its own, which only root may mount; who is not is told so.

use super::Args;
use super::storm::Storm;
use crate::rig::{Plan, Rig};
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What was tried and found.
pub(super) struct Told {
    pub(super) told: Vec<String>,
    pub(super) violations: Vec<String>,
}

/// The province whose disk it is: the second, where most counters are.
const VICTIM: usize = 2;
/// The size of the small file system.
const SIZE: &str = "size=24m";

/// A file system in memory, gone with this value.
struct SmallDisk {
    at: PathBuf,
}

impl SmallDisk {
    fn mount(at: &Path) -> Result<SmallDisk, String> {
        std::fs::create_dir_all(at).map_err(|error| error.to_string())?;
        mount(&["-t", "tmpfs", "-o", SIZE, "yidi-torture"], at)?;
        Ok(SmallDisk { at: at.to_owned() })
    }

    fn turn(&self, way: &str) -> Result<(), String> {
        mount(&["-o", &format!("remount,{way}")], &self.at)
    }

    /// Writes until there is no room left; the file that takes it.
    fn fill(&self) -> std::io::Result<PathBuf> {
        let path = self.at.join("filler");
        let mut file = File::create(&path)?;
        for size in [1 << 16, 1 << 12, 1] {
            let block = vec![7_u8; size];
            loop {
                match file.write_all(&block) {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(path)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.at).status();
    }
}

fn mount(words: &[&str], at: &Path) -> Result<(), String> {
    let output = Command::new("mount").args(words).arg(at).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}

/// Fills the disk of one province under load, kills it there, makes room, turns the folder read-only.
pub(super) fn trial(
    plan: &Plan,
    runtime: &tokio::runtime::Handle,
    args: &Args,
    stop: Arc<AtomicBool>,
) -> anyhow::Result<Told> {
    let rig = Rig::new(plan)?;
    // The keys of the node lie in its folder already: they move to the disk that is laid over it.
    let folder = &rig.processes[VICTIM].data;
    let aside = tempfile::Builder::new().prefix("yidi-").tempdir()?;
    copy_files(folder, aside.path())?;
    let mounted = SmallDisk::mount(folder);
    if mounted.is_ok() {
        copy_files(aside.path(), folder)?;
    }
    let disk = match mounted {
        Ok(disk) => disk,
        Err(why) => {
            let told = format!(
                "SKIPPED: full disk and read-only folder need a small file system, which only root may mount ({why})"
            );
            return Ok(Told { told: vec![told], violations: Vec::new() });
        }
    };
    // The processes end before the disk goes, whatever happens.
    let mut storm = Storm::gather(rig, None, runtime.clone(), (args.seed, args.rate), stop)?;
    let mut told = Vec::new();
    let mut broken = Vec::new();
    full(&mut storm, &disk, &mut told, &mut broken)?;
    read_only(&mut storm, &disk, &mut told, &mut broken)?;
    for process in &mut storm.rig.processes {
        process.kill();
    }
    broken.extend(storm.report().violations);
    Ok(Told { told, violations: broken })
}

/// Copies the files of a folder, with who may read them.
fn copy_files(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let file = entry?.path();
        if let Some(name) = file.file_name().filter(|_| file.is_file()) {
            std::fs::copy(&file, to.join(name))?;
        }
    }
    Ok(())
}

fn wait(seconds: u64) {
    std::thread::sleep(Duration::from_secs(seconds));
}

fn full(
    storm: &mut Storm,
    disk: &SmallDisk,
    told: &mut Vec<String>,
    broken: &mut Vec<String>,
) -> anyhow::Result<()> {
    storm.load_on();
    wait(2);
    let filler = disk.fill()?;
    let before = storm.visitors.store_failed.load(Ordering::Relaxed);
    // The space that the log already has may be used up first.
    for _ in 0..20 {
        wait(1);
        if storm.visitors.store_failed.load(Ordering::Relaxed) > before + 20 {
            break;
        }
    }
    let refused = storm.visitors.store_failed.load(Ordering::Relaxed) - before;
    if refused == 0 {
        broken.push("the disk was full and no counter was told".to_owned());
    }
    let victim = &mut storm.rig.processes[VICTIM];
    victim.kill();
    let start = victim.start();
    let words = match &start {
        Ok(()) => "it starts all the same".to_owned(),
        Err(error) => format!("{error:#}"),
    };
    std::fs::remove_file(&filler)?;
    victim.start()?;
    storm.load_off_and_verify()?;
    told.push(format!(
        "disk full: {refused} messages answered as not kept; killed and started on the full disk: {words}; with room again all \
         go on"
    ));
    Ok(())
}

fn read_only(
    storm: &mut Storm,
    disk: &SmallDisk,
    told: &mut Vec<String>,
    broken: &mut Vec<String>,
) -> anyhow::Result<()> {
    let victim = &mut storm.rig.processes[VICTIM];
    victim.end()?;
    if let Err(why) = disk.turn("ro") {
        told.push(format!("SKIPPED: a read-only folder, because it cannot be made so ({why})"));
        return victim.start();
    }
    let words = match victim.start() {
        Ok(()) => {
            broken.push("a node serves on a folder that is read-only".to_owned());
            victim.end()?;
            String::new()
        }
        Err(error) => format!("{error:#}"),
    };
    disk.turn("rw").map_err(anyhow::Error::msg)?;
    victim.start()?;
    storm.load_on();
    wait(1);
    storm.load_off_and_verify()?;
    told.push(format!("read-only folder: {words}; writable again, it serves"));
    Ok(())
}
