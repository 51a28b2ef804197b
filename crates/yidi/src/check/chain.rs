//! `yidi check chain`: reads the books of every node without its help and names the place of everything that is wrong:
//! the chain, the entries, the balances, and every root that any node holds of any other.

use crate::assembly::Config;
use crate::data_folder::{self, DataFolder};
use anyhow::{Context, ensure};
use platform::audit::audit;
use platform::chain::{Digest, Fault, Root};
use platform::doors::{Clock, MachineClock, NodeId, Store};
use platform::store::books;
use platform::store::postgres::Postgres;
use platform::store::roots::{self, RootAlarm};
use platform::store::sqlite::Sqlite;
use serde::Serialize;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Verifies the books of every node of some data folders, or of some configurations.
#[derive(clap::Args)]
pub struct Args {
    /// 数据目录: the data folder; several where nodes that know each other keep theirs apart
    #[arg(long, value_name = "DIR", required_unless_present = "config")]
    data: Vec<PathBuf>,
    /// 配置文件: the configuration, where nodes are on PostgreSQL; several where they run in several processes
    #[arg(long, value_name = "FILE")]
    config: Vec<PathBuf>,
    /// 由分录重建余额: builds the balances anew from the entries, then checks
    #[arg(long)]
    rebuild_balances: bool,
    /// 以JSON输出
    #[arg(long)]
    json: bool,
}

/// What was found at one node.
#[derive(Debug, Serialize)]
pub struct Checked {
    /// Which.
    pub node: NodeId,
    /// Its journals.
    pub journals: u64,
    /// Their entries.
    pub entries: u64,
    /// Bytes that were digested.
    pub bytes: u64,
    /// Roots that somebody holds of it and that were compared.
    pub roots_compared: u64,
    /// How much is wrong.
    pub fault_count: usize,
    /// What is wrong, the first place first.
    pub faults: Vec<Fault>,
    /// How long it took (ms).
    pub took_ms: i64,
}

/// Everything that was found.
#[derive(Debug, Serialize)]
pub struct Found {
    /// By node.
    pub nodes: Vec<Checked>,
    /// Nodes of which roots are held and whose books are not here.
    pub not_here: BTreeMap<NodeId, usize>,
}

impl Found {
    /// Whether nothing is wrong.
    pub fn is_right(&self) -> bool {
        self.nodes.iter().all(|node| node.fault_count == 0)
    }
}

/// Exit code 0 where nothing is wrong, else 1.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut locks = Vec::new();
    let (mut folders, mut places) = (args.data.clone(), Places::new());
    for file in &args.config {
        let config = Config::read(file)?;
        for node in config.nodes {
            let place = match config.databases.get(&node) {
                Some(address) => Place::Server(address.clone()),
                None => Place::File(config.data.join(format!("{node}.db"))),
            };
            if matches!(place, Place::File(_)) && !folders.contains(&config.data) {
                folders.push(config.data.clone());
            }
            add(&mut places, node, place)?;
        }
    }
    for folder in &folders {
        ensure!(folder.is_dir(), "failed to check {}: there is no such folder", folder.display());
        locks.push(DataFolder::lock(folder)?);
    }
    for (node, place) in in_folders(&args.data)? {
        add(&mut places, node, place)?;
    }
    if args.rebuild_balances {
        rebuild(&places)?;
    }
    let (clock, shown) = (MachineClock::default(), Cell::new(0));
    let shows = !args.json && std::io::stderr().is_terminal();
    let progress = |node: NodeId, journals: u64| {
        let now = clock.now().0;
        if shows && now - shown.get() >= 500 {
            shown.set(now);
            eprint!("\rnode {node}: {journals} journals ");
            let _ = std::io::stderr().flush();
        }
    };
    let found = check(&places, progress)?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&found)?);
    } else {
        if shows {
            eprint!("\r");
        }
        print(&found);
    }
    Ok(if found.is_right() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Where a node keeps its books.
#[derive(Clone, Debug)]
pub enum Place {
    /// In a file.
    File(PathBuf),
    /// In a PostgreSQL at this address.
    Server(String),
}

/// Where nodes keep their books.
pub type Places = BTreeMap<NodeId, Place>;

fn add(places: &mut Places, node: NodeId, place: Place) -> anyhow::Result<()> {
    let other = places.insert(node, place);
    ensure!(other.is_none(), "failed to check node {node}: two of the folders or configurations hold it");
    Ok(())
}

/// The databases of these folders, by node.
pub fn in_folders(folders: &[PathBuf]) -> anyhow::Result<Places> {
    let mut found = Places::new();
    for folder in folders {
        for (node, path) in data_folder::databases(folder)? {
            add(&mut found, node, Place::File(path))?;
        }
    }
    Ok(found)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File(path) => write!(f, "{}", path.display()),
            Place::Server(_) => f.write_str("its PostgreSQL"),
        }
    }
}

/// To read. On a server the node may be at work: what is read stood there at one moment.
fn open(node: NodeId, place: &Place) -> anyhow::Result<Box<dyn Store>> {
    let in_place = || format!("failed to check node {node} in {place}");
    let mut store: Box<dyn Store> = match place {
        Place::File(path) => Box::new(Sqlite::open_to_read(path).with_context(in_place)?),
        Place::Server(address) => Box::new(Postgres::at_this_moment(address).with_context(in_place)?),
    };
    let chained = platform::store::migrations::is_applied(store.as_mut(), 2).with_context(in_place)?;
    ensure!(
        chained,
        "failed to check node {node} in {place}: its books are older than the chain; start the node once"
    );
    Ok(store)
}

fn rebuild(places: &Places) -> anyhow::Result<()> {
    for (node, place) in places {
        let with = || format!("failed to rebuild the balances of node {node}");
        let mut store: Box<dyn Store> = match place {
            Place::File(path) => Box::new(Sqlite::open(path).with_context(with)?),
            Place::Server(address) => Box::new(Postgres::open(address).with_context(with)?),
        };
        store.begin().with_context(with)?;
        books::balances_rebuild(store.as_mut()).with_context(with)?;
        store.commit().with_context(with)?;
    }
    Ok(())
}

/// What one node holds of the chains of others.
struct Held {
    roots: Vec<Root>,
    alarms: Vec<RootAlarm>,
    unreadable: Option<String>,
}

/// Checks the books of every node at these places; `progress` hears the node and its journals so far.
///
/// What nodes hold of each other is read before any chain is, so that where nodes are at work no root is newer than the
/// chain that it is compared with.
pub fn check(databases: &Places, progress: impl Fn(NodeId, u64)) -> anyhow::Result<Found> {
    let clock = MachineClock::default();
    let mut held = BTreeMap::new();
    for (node, place) in databases {
        held.insert(*node, held_by(open(*node, place)?.as_mut()));
    }
    let mut found = Found { nodes: Vec::new(), not_here: BTreeMap::new() };
    for root in held.values().flat_map(|held| &held.roots).filter(|root| !databases.contains_key(&root.owner))
    {
        *found.not_here.entry(root.owner).or_default() += 1;
    }
    for (node, place) in databases {
        let begun = clock.now().0;
        let mut store = open(*node, place)?;
        let of_it = held.iter().flat_map(|(holder, held)| {
            held.roots.iter().filter(|root| root.owner == *node).map(|root| (*holder, root.clone()))
        });
        let mut reader = audit(store.as_mut(), of_it, |journals| progress(*node, journals));
        for (place, what) in quarrels(*node, &held) {
            reader.other(&place, what);
        }
        found.nodes.push(Checked {
            node: *node,
            journals: reader.journals,
            entries: reader.entries,
            bytes: reader.bytes,
            roots_compared: reader.roots_compared,
            fault_count: reader.fault_count,
            faults: reader.faults,
            took_ms: clock.now().0 - begun,
        });
    }
    Ok(found)
}

fn held_by(store: &mut dyn Store) -> Held {
    match (roots::roots(store), roots::alarms(store)) {
        (Ok(roots), Ok(alarms)) => Held { roots, alarms, unreadable: None },
        (Err(error), _) | (_, Err(error)) => {
            Held { roots: Vec::new(), alarms: Vec::new(), unreadable: Some(error.to_string()) }
        }
    }
}

/// Roots of one node that cannot be read, alarms that it has raised, and roots of its chain on which holders differ.
fn quarrels(node: NodeId, held: &BTreeMap<NodeId, Held>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let own = &held[&node];
    if let Some(why) = &own.unreadable {
        found.push((format!("roots held by {node}"), format!("they cannot be read: {why}")));
    }
    for alarm in &own.alarms {
        let Root { owner, day, serial, digest } = &alarm.told;
        found.push((
            format!("root of {owner} for {day}"),
            format!(
                "{} told journal {serial} with {digest}; held here: {} ({})",
                alarm.told_by, alarm.held, alarm.at
            ),
        ));
    }
    let mut told: BTreeMap<_, BTreeMap<(i64, Digest), BTreeSet<NodeId>>> = BTreeMap::new();
    for (holder, held) in held {
        for root in held.roots.iter().filter(|root| root.owner == node) {
            told.entry(root.day).or_default().entry((root.serial, root.digest)).or_default().insert(*holder);
        }
    }
    for (day, versions) in told.into_iter().filter(|(_, versions)| versions.len() > 1) {
        let sides: Vec<String> = versions
            .iter()
            .map(|((serial, _), holders)| {
                let holders: Vec<String> = holders.iter().map(ToString::to_string).collect();
                format!("{} journal {serial}", holders.join(", "))
            })
            .collect();
        found
            .push((format!("root of {node} for {day}"), format!("its holders differ: {}", sides.join("; "))));
    }
    found
}

fn print(found: &Found) {
    for node in &found.nodes {
        println!(
            "node {:<3}  {} journals, {} entries, {} roots compared",
            node.node, node.journals, node.entries, node.roots_compared
        );
        if node.fault_count > 0 {
            println!("  {} faults; the first:", node.fault_count);
        }
        for fault in node.faults.iter().take(10) {
            println!("  BROKEN  {}: {}", fault.place, fault.what);
        }
    }
    for (node, roots) in &found.not_here {
        println!("node {node:<3}  not here: {roots} roots that others hold were not compared");
    }
    let sum = |of: fn(&Checked) -> u64| found.nodes.iter().map(of).sum::<u64>();
    let took = found.nodes.iter().map(|node| node.took_ms).sum::<i64>().max(1).unsigned_abs();
    let (journals, bytes) = (sum(|node| node.journals), sum(|node| node.bytes));
    println!(
        "{journals} journals in {}.{:03} s: {} a second, {} MB digested; SM3 alone runs {} MB a second here",
        took / 1000,
        took % 1000,
        journals * 1000 / took,
        bytes / 1_000_000,
        sm3_speed()
    );
    println!("{}", if found.is_right() { "the books are whole" } else { "the books are NOT whole" });
}

/// How many megabytes a second the digest takes on this machine and core.
fn sm3_speed() -> u64 {
    let (clock, text) = (MachineClock::default(), "y".repeat(1_000_000));
    let begun = clock.now().0;
    let mut digest = Digest::START;
    let mut done = 0;
    while done < 32 && clock.now().0 - begun < 200 {
        digest = digest.then(&text);
        done += 1;
    }
    std::hint::black_box(digest);
    done * 1000 / (clock.now().0 - begun).max(1).unsigned_abs()
}
