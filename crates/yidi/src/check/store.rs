//! `yidi check store`: every database of a data folder as all of them stand at one moment. Holds up the invariants that
//! the simulation holds up: the same checks, over real files.

use crate::data_folder::databases;
use anyhow::Context;
use insurance::settlement::State;
use platform::doors::NodeId;
use platform::registry::InsuredPerson;
use platform::store::{moment, survey};
use serde::Serialize;
use simulation::checks::{self, NodeView, View};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

/// Checks the databases of a data folder.
#[derive(clap::Args)]
pub struct Args {
    /// 数据目录: the data folder
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// 以JSON输出: prints what was found as data
    #[arg(long)]
    json: bool,
}

/// What was found.
#[derive(Serialize)]
struct Found {
    nodes: Vec<NodeFound>,
    /// Whether both sides of every settlement are in this folder, so that they could be compared.
    both_sides_here: bool,
    /// Whether nothing was on its way: only then both sides are compared.
    at_rest: bool,
    wrong: Vec<String>,
}

/// One node.
#[derive(Serialize)]
struct NodeFound {
    node: NodeId,
    settlements: usize,
    settlements_standing: usize,
    insured_settlements: usize,
    journals: usize,
    people: usize,
    letters_waiting: i64,
    questions_open: i64,
    messages_open: usize,
}

/// Checks; exit code 1 where something is wrong.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let found = look(args).with_context(|| format!("failed to check {}", args.data.display()))?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&found)?);
    } else {
        print(&found);
    }
    Ok(if found.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn look(args: &Args) -> anyhow::Result<Found> {
    let databases = databases(&args.data)?;
    let files: Vec<&PathBuf> = databases.iter().map(|(_, file)| file).collect();
    let mut wrong = Vec::new();
    let mut nodes = Vec::new();
    let mut enrolled: Vec<InsuredPerson> = Vec::new();
    for ((id, file), mut store) in databases.iter().zip(moment::of(&files)?) {
        let file = file.display();
        wrong.extend(store.integrity()?.into_iter().map(|line| format!("node {id}: {file}: {line}")));
        nodes.push(NodeView::take(*id, &mut store).with_context(|| format!("failed to read {file}"))?);
        enrolled.extend(survey::people_enrolled(&mut store)?);
    }
    let both_sides_here = both_sides_here(&nodes);
    let at_rest = nodes.iter().all(at_rest);
    let told = nodes.iter().map(told).collect();
    let view = View { nodes, counters: &[], enrolled: &enrolled, at_rest: both_sides_here && at_rest };
    wrong.extend(checks::all(&view));
    Ok(Found { nodes: told, both_sides_here, at_rest, wrong })
}

/// Nothing is on its way at this node.
fn at_rest(node: &NodeView) -> bool {
    node.waiting == (0, 0)
        && node.open_messages.is_empty()
        && !node.settlements.iter().any(|record| record.state.is_open())
}

/// Whether the hub is here, and every province that a settlement names.
fn both_sides_here(nodes: &[NodeView]) -> bool {
    let here: BTreeSet<String> = nodes.iter().map(|node| node.id.to_string()).collect();
    let accounts = nodes.iter().flat_map(|node| node.balances.keys());
    let mut named = accounts.filter_map(|account| {
        let parts: Vec<&str> = account.split('/').collect();
        match parts.as_slice() {
            ["due_from_pool", pool, _] => Some(pool.get(..2)?.to_owned()),
            ["owed_to_province", province, _] => Some((*province).to_owned()),
            _ => None,
        }
    });
    here.contains("hub") && named.all(|province| here.contains(&province))
}

fn told(node: &NodeView) -> NodeFound {
    let stands = |state: State| state == State::Settled;
    NodeFound {
        node: node.id,
        settlements: node.settlements.len(),
        settlements_standing: node.settlements.iter().filter(|record| stands(record.state)).count(),
        insured_settlements: node.insured.len(),
        journals: node.journals.len(),
        people: node.wallets.len(),
        letters_waiting: node.waiting.0,
        questions_open: node.waiting.1,
        messages_open: node.open_messages.len(),
    }
}

fn print(found: &Found) {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::TableStyle::new());
    table.set_header([
        "节点 node",
        "结算 settlements",
        "有效 standing",
        "参保侧 insured side",
        "账目 journals",
        "人员 people",
        "待发 letters",
        "待答 questions",
        "未复 messages",
    ]);
    for node in &found.nodes {
        let numbers = [
            node.settlements.to_string(),
            node.settlements_standing.to_string(),
            node.insured_settlements.to_string(),
            node.journals.to_string(),
            node.people.to_string(),
            node.letters_waiting.to_string(),
            node.questions_open.to_string(),
            node.messages_open.to_string(),
        ];
        table.add_row(std::iter::once(node.node.to_string()).chain(numbers));
    }
    println!("{table}");
    if !found.both_sides_here {
        println!("每侧单独检查:对方节点不在此目录 each node alone: the other sides are not in this folder");
    } else if !found.at_rest {
        println!("有在途业务,未比较双方 something is on its way: both sides were not compared");
    }
    for line in &found.wrong {
        println!("错误 wrong: {line}");
    }
    if found.wrong.is_empty() {
        println!("全部正确 all is right");
    }
}
