//! 试验台: processes of this very program on loopback, started, killed and looked at from outside: for torture, bench and
//! load.

use crate::keys;
use anyhow::{Context, bail, ensure};
use insurance::calendar::ServiceDate;
use insurance::identity::Province;
use platform::doors::{NodeId, Store, StoreError};
use platform::store::migrations::Engine;
use platform::store::postgres::Postgres;
use platform::store::sqlite::Sqlite;
use simulation::checks::NodeView;
use simulation::population::Population;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// What the network of a rig is like.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where configurations, logs and, below them, data lie.
    pub folder: PathBuf,
    /// One process for each node, or one for all.
    pub split: bool,
    /// The seed of people, institutions and catalogue.
    pub seed: u64,
    /// So many people more in each pool.
    pub crowd: usize,
    /// How long the insured place may take to answer (ms).
    pub answer_wait_ms: i64,
    /// Nodes whose database is on a PostgreSQL, by address; the others have a file.
    pub databases: BTreeMap<NodeId, String>,
    /// How letters are sealed.
    pub seals: Seals,
}

/// How the letters of a rig are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seals {
    /// Not at all.
    Unsigned,
    /// A signature for each line, a code for each push.
    Lines,
    /// A signature for each push.
    Pushes,
}

/// The provinces of every rig: Jilin and Shanghai.
pub const PROVINCES: [&str; 2] = ["22", "31"];

/// Every node of a rig, in the order of its processes.
pub fn nodes() -> [NodeId; 3] {
    let [one, two] = PROVINCES.map(|code| NodeId::Province(Province::new(code).expect("a province")));
    [NodeId::Hub, one, two]
}

/// How long a process may take to serve.
const START_WAIT: Duration = Duration::from_secs(60);

/// Processes on loopback.
pub struct Rig {
    /// The processes, in the order hub, provinces.
    pub processes: Vec<Process>,
    databases: BTreeMap<NodeId, String>,
    seed: u64,
    crowd: usize,
}

/// One process, running or not.
pub struct Process {
    /// Its nodes, with blanks between.
    pub name: String,
    /// Its nodes.
    pub nodes: Vec<NodeId>,
    /// Where its databases lie.
    pub data: PathBuf,
    /// Where it listens.
    pub address: SocketAddr,
    config: PathBuf,
    log: PathBuf,
    child: Option<Child>,
}

impl Rig {
    /// Writes the configurations; nothing runs yet.
    pub fn new(plan: &Plan) -> anyhow::Result<Rig> {
        std::fs::create_dir_all(&plan.folder)
            .with_context(|| format!("failed to make the folder {}", plan.folder.display()))?;
        let nodes = nodes();
        let groups: Vec<Vec<NodeId>> =
            if plan.split { nodes.iter().map(|node| vec![*node]).collect() } else { vec![nodes.to_vec()] };
        let mut processes = Vec::new();
        for nodes in groups {
            let name: Vec<String> = nodes.iter().map(ToString::to_string).collect();
            let name = name.join("-");
            let folder = std::path::absolute(&plan.folder)?;
            processes.push(Process {
                config: folder.join(format!("{name}.toml")),
                log: folder.join(format!("{name}.log")),
                data: folder.join(format!("data-{name}")),
                address: free_address()?,
                name,
                nodes,
                child: None,
            });
        }
        let databases = plan.databases.clone();
        let rig = Rig { processes, databases, seed: plan.seed, crowd: plan.crowd };
        for process in &rig.processes {
            let text = rig.configuration(process, plan)?;
            std::fs::write(&process.config, text)
                .with_context(|| format!("failed to write {}", process.config.display()))?;
        }
        Ok(rig)
    }

    fn configuration(&self, process: &Process, plan: &Plan) -> anyhow::Result<String> {
        let quoted = |nodes: &[NodeId]| {
            let quoted: Vec<String> = nodes.iter().map(|node| format!("\"{node}\"")).collect();
            quoted.join(", ")
        };
        let peers: Vec<String> = self
            .processes
            .iter()
            .filter(|other| other.name != process.name)
            .flat_map(|other| other.nodes.iter().map(|node| format!("{node} = \"http://{}\"", other.address)))
            .collect();
        let databases: String = (process.nodes.iter())
            .filter_map(|node| Some(format!("{node} = {:?}\n", plan.databases.get(node)?)))
            .collect();
        let mut known = String::new();
        for other in self.processes.iter().filter(|other| other.name != process.name) {
            for node in other.nodes.iter().filter(|_| plan.seals != Seals::Unsigned) {
                std::fs::create_dir_all(&other.data)?;
                let key = keys::of_node(&other.data, *node)?[0].public().clone();
                known.push_str(&format!("[[peer_keys]]\nnode = \"{node}\"\nkey = \"{key}\"\n"));
            }
        }
        Ok(format!(
            "nodes = [{}]\nmembers = [\"{}\"]\ndata = {:?}\nlisten = \"{}\"\nsandbox = true\nseed = {}\ncrowd = {}\n\
             unsigned = {}\nsign_every_push = {}\n[databases]\n{databases}[peers]\n{}\n{known}[treatment]\nanswer_wait_ms = {}\n",
            quoted(&process.nodes),
            PROVINCES.join("\", \""),
            process.data,
            process.address,
            plan.seed,
            plan.crowd,
            plan.seals == Seals::Unsigned,
            plan.seals == Seals::Pushes,
            peers.join("\n"),
            plan.answer_wait_ms,
        ))
    }

    /// Starts everything that does not run.
    pub fn start(&mut self) -> anyhow::Result<()> {
        self.processes.iter_mut().try_for_each(Process::start)
    }

    /// The configuration files of its processes.
    pub fn configurations(&self) -> impl Iterator<Item = &Path> {
        self.processes.iter().map(|process| process.config.as_path())
    }

    /// The process of a node.
    pub fn of(&self, node: NodeId) -> &Process {
        self.processes.iter().find(|process| process.nodes.contains(&node)).expect("a node of the rig")
    }

    /// The people and institutions of its provinces.
    pub fn population(&self, today: ServiceDate) -> anyhow::Result<Population> {
        let text = std::fs::read_to_string(&self.processes[0].config)?;
        let config: crate::assembly::Config = toml::from_str(&text)?;
        debug_assert_eq!((config.seed, config.crowd), (self.seed, self.crowd));
        let ours = |province: Province| PROVINCES.contains(&province.as_str());
        let mut population = config.population(today);
        population.people.retain(|person| ours(person.pool.province()));
        population.institutions.retain(|institution| {
            ours(institution.region.province())
                && institution.code.as_str().starts_with('H')
                && !institution.suspended
        });
        Ok(population)
    }

    /// Every node as its database has it. Readers do not disturb who writes, so that the processes may run meanwhile.
    pub fn views(&self) -> Result<Vec<NodeView>, StoreError> {
        let mut views = Vec::new();
        for process in &self.processes {
            for node in &process.nodes {
                let mut store: Box<dyn Store> = match self.databases.get(node) {
                    Some(address) => Box::new(Postgres::at_this_moment(address)?),
                    None => Box::new(Sqlite::open(&process.data.join(format!("{node}.db")))?),
                };
                views.push(NodeView::take(*node, store.as_mut())?);
            }
        }
        Ok(views)
    }

    /// A node's own store, while its process does not run.
    pub fn store(&self, node: NodeId) -> Result<Box<dyn Engine>, StoreError> {
        Ok(match self.databases.get(&node) {
            Some(address) => Box::new(Postgres::open(address)?),
            None => Box::new(Sqlite::open(&self.file(node))?),
        })
    }

    fn file(&self, node: NodeId) -> PathBuf {
        self.of(node).data.join(format!("{node}.db"))
    }
}

impl Process {
    /// Starts it and waits until it serves.
    pub fn start(&mut self) -> anyhow::Result<()> {
        if self.child.is_some() {
            return Ok(());
        }
        let program = std::env::current_exe().context("failed to find this program")?;
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&self.log)?;
        let mut child = Command::new(program)
            .args(["serve", "--config"])
            .arg(&self.config)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            // Ctrl-C is for who holds the rig, and not for its processes.
            .process_group(0)
            .spawn()
            .with_context(|| format!("failed to start {}", self.name))?;
        let stdout = child.stdout.take().expect("piped");
        self.child = Some(child);
        let (tell, told) = mpsc::channel();
        // Reads to the end, so that the process never waits for its reader.
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        match told.recv_timeout(START_WAIT) {
            Ok(line) if line.starts_with("serving") => Ok(()),
            _ => {
                let ended = self.kill();
                bail!("failed to start {}: {}", self.name, self.last_words().unwrap_or(format!("{ended:?}")))
            }
        }
    }

    /// SIGKILL.
    pub fn kill(&mut self) -> Option<ExitStatus> {
        let mut child = self.child.take()?;
        let _ = child.kill();
        child.wait().ok()
    }

    /// SIGTERM, and whether it ended well.
    pub fn end(&mut self) -> anyhow::Result<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        Command::new("kill")
            .args(["-TERM", &child.id().to_string()])
            .status()
            .context("failed to run kill")?;
        let status = child.wait()?;
        ensure!(status.success(), "failed to end {}: {status}", self.name);
        Ok(())
    }

    /// Its number, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Whether it ended without being told.
    pub fn has_ended(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(Some(_))))
    }

    /// The last line of its log.
    pub fn last_words(&self) -> Option<String> {
        let text = std::fs::read_to_string(&self.log).ok()?;
        text.lines().last().map(str::to_owned)
    }

    /// The size of its databases in bytes.
    pub fn data_bytes(&self) -> u64 {
        folder_bytes(&self.data)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn folder_bytes(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.flatten().filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum()
}

/// A loopback port that is free now.
fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr())?)
}
