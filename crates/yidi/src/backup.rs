//! `yidi backup`: a copy of every database of a data folder, of one moment, while its nodes run or not.

use crate::data_folder::databases;
use crate::keys;
use anyhow::{Context, ensure};
use platform::store::moment;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Copies every database of a data folder.
#[derive(clap::Args)]
pub struct Args {
    /// 数据目录: the data folder
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// 备份目录: where the copies go; a folder that holds none yet
    #[arg(long, value_name = "DIR2")]
    to: PathBuf,
}

/// What else a data folder keeps that a restored one needs.
const BESIDE: [&str; 2] = ["story.json", "story-begun.json"];

/// Copies and verifies.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (from, to) = (args.data.display(), args.to.display());
    let databases = databases(&args.data)?;
    std::fs::create_dir_all(&args.to).with_context(|| format!("failed to make {to}"))?;
    let taken = std::fs::read_dir(&args.to)?.flatten().any(|entry| {
        let name = entry.file_name();
        let ending = Path::new(&name).extension();
        ending.is_some_and(|ending| ending == "db" || ending == "part")
    });
    ensure!(!taken, "failed to back up into {to}: it holds databases already; choose an empty folder");

    let files: Vec<&PathBuf> = databases.iter().map(|(_, file)| file).collect();
    let stores = moment::of(&files).with_context(|| format!("failed to read {from}"))?;
    let mut copies = Vec::new();
    for ((node, file), store) in databases.iter().zip(stores) {
        let name = file.file_name().context("a file has a name")?;
        let (part, whole) = (args.to.join(name).with_extension("db.part"), args.to.join(name));
        let mut pages = 0;
        moment::copy(&store, &part, &mut |done, all| {
            pages = all;
            if std::io::stderr().is_terminal() {
                eprint!("\r{node}: {done}/{all} pages");
                let _ = std::io::stderr().flush();
            }
        })
        .with_context(|| format!("failed to back up {}", file.display()))?;
        if std::io::stderr().is_terminal() {
            eprint!("\r");
        }
        let bytes = std::fs::metadata(&part)?.len();
        println!("{node}: {pages} pages, {bytes} bytes, verified");
        copies.push((part, whole));
    }
    // All or none: a folder with a `.part` in it is no backup.
    for (part, whole) in &copies {
        std::fs::rename(part, whole).with_context(|| format!("failed to finish {}", whole.display()))?;
    }
    for (node, _) in &databases {
        for file in keys::files(&args.data, *node).filter(|file| file.exists()) {
            keys::copy(&file, &args.to)?;
        }
    }
    for name in BESIDE {
        if args.data.join(name).exists() {
            std::fs::copy(args.data.join(name), args.to.join(name))
                .with_context(|| format!("failed to copy {name} into {to}"))?;
        }
    }
    std::fs::File::open(&args.to)
        .and_then(|folder| folder.sync_all())
        .context("failed to flush the folder")?;
    println!("已备份 backed up {} nodes of {from} into {to}, all as of one moment", copies.len());
    Ok(ExitCode::SUCCESS)
}
