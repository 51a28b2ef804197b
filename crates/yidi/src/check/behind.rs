//! `yidi check behind`: whether nodes were put back to an earlier copy, have caught up since, and what letters could not
//! bring back.

use crate::data_folder::databases;
use anyhow::Context;
use platform::doors::NodeId;
use platform::store::neighbours::{self, Behind, Side};
use platform::store::sqlite::Sqlite;
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

/// Tells who was behind.
#[derive(clap::Args)]
pub struct Args {
    /// 数据目录: the data folder
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// 以JSON输出
    #[arg(long)]
    json: bool,
}

/// One time that a node was behind.
#[derive(Serialize)]
struct Told {
    node: NodeId,
    #[serde(flatten)]
    behind: Behind,
    cannot_be_got_back: Vec<String>,
}

/// Exit code 1 where somebody has not caught up, or something is lost.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut told = Vec::new();
    for (node, file) in databases(&args.data)? {
        let with = || format!("failed to read node {node} from {}", file.display());
        let mut store = Sqlite::open_to_read(&file).with_context(with)?;
        for behind in neighbours::behind_all(&mut store).with_context(with)? {
            let cannot_be_got_back = match behind.side {
                Side::Here => neighbours::lost_of(&mut store, &behind).with_context(with)?,
                Side::There => Vec::new(),
            };
            told.push(Told { node, behind, cannot_be_got_back });
        }
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&told)?);
    } else {
        print(&told);
    }
    let bad = |told: &Told| {
        told.behind.caught_up.is_none()
            || told.behind.complete == Some(false)
            || !told.cannot_be_got_back.is_empty()
    };
    Ok(if told.iter().any(bad) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn print(told: &[Told]) {
    for Told { node, behind, cannot_be_got_back } in told {
        let Behind { peer, noticed, side, caught_up, .. } = behind;
        let (late, other) = match side {
            Side::Here => (node, peer),
            Side::There => (peer, node),
        };
        println!(
            "{noticed}  节点{late}落后于节点{other} node {late} was behind node {other}, as node {node} has it"
        );
        match caught_up {
            Some(at) => println!("  {at}  已补齐 caught up"),
            None => println!("  未补齐,不受理新业务 not caught up yet; no new business until then"),
        }
        for what in cannot_be_got_back {
            println!("  无法找回 cannot be got back: {what}");
        }
    }
    if told.is_empty() {
        println!("没有节点落后过 no node was behind");
    }
}
