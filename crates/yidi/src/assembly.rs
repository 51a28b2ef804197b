//! Puts a process together: which nodes it holds, where their files are, where the others live, which doors it opens.

use crate::data_folder::DataFolder;
use crate::keys;
use anyhow::{Context, ensure};
use axum::serve::ListenerExt;
use insurance::calendar::{Instant, ServiceDate};
use insurance::catalogue::Catalogue;
use insurance::identity::{Province, Region};
use insurance::policy::PolicyBook;
use platform::doors::{Clock, MachineClock, NodeId, Store, StoreError};
use platform::http::{self, Front, Sandbox};
use platform::network::{LocalLink, NodeHandle, Post, RemoteLink, Sealer, Work, start};
use platform::node::{Node, enrol};
use platform::seals::{KeyPair, Keyring, NodeKey, Trusted};
use platform::store::mail;
use platform::store::migrations::{Engine, migrate};
use platform::store::postgres::Postgres;
use platform::store::sqlite::Sqlite;
use platform::treatment_node::Settings;
use serde::Deserialize;
use simulation::catalogue::{shelf, synthetic};
use simulation::population::{PLACES, Place, Population, population};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What a process is to be. One TOML file; see `config.example.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The nodes of this process: `hub`, or two digits of a province.
    pub nodes: Vec<NodeId>,
    /// The provinces that are connected: the hub passes letters to these and no others.
    pub members: Vec<Province>,
    /// Where the databases lie, one file a node.
    pub data: PathBuf,
    /// Nodes whose database is a PostgreSQL instead: `22 = "postgresql://yidi:word@127.0.0.1/yidi_22"`.
    #[serde(default)]
    pub databases: BTreeMap<NodeId, String>,
    /// Where everything listens.
    pub listen: SocketAddr,
    /// Where the institution interface listens as well, for software that is preset to it.
    #[serde(default)]
    pub institutions_listen: Option<SocketAddr>,
    /// Where nodes of other processes are: `hub = "http://127.0.0.1:7800"`.
    #[serde(default)]
    pub peers: BTreeMap<NodeId, String>,
    /// The public keys by which nodes of other processes are known: two of one node side by side, while it changes.
    #[serde(default)]
    pub peer_keys: Vec<PeerKey>,
    /// Letters to other processes carry no seal, and whoever reaches the port is believed: for laptops only.
    #[serde(default)]
    pub unsigned: bool,
    /// Every push is signed with SM2 by itself, and not only each line that is opened.
    #[serde(default)]
    pub sign_every_push: bool,
    /// How long letters are kept that a neighbour has taken, so that it can be told again (days).
    #[serde(default = "week")]
    pub letters_kept_days: u16,
    /// A folder of policies instead of the ones built in.
    #[serde(default)]
    pub policies: Option<PathBuf>,
    /// The seed of the made-up catalogue and, in a sandbox, of people and institutions.
    #[serde(default = "one")]
    pub seed: u64,
    /// Whether test people, test institutions and the sandbox's routes are there. Off in production.
    #[serde(default)]
    pub sandbox: bool,
    /// So many people more in each member's pool, filed to the next member: for load, in a sandbox.
    #[serde(default)]
    pub crowd: usize,
    /// Time-outs and institution profiles.
    #[serde(default)]
    pub treatment: Settings,
}

/// A public key of a node of another process.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerKey {
    /// The node.
    pub node: NodeId,
    /// What `yidi key show` says there.
    pub key: NodeKey,
    /// The last day on which it counts, where it is being replaced.
    #[serde(default)]
    pub until: Option<ServiceDate>,
}

fn week() -> u16 {
    7
}

fn one() -> u64 {
    1
}

/// A running process.
pub struct Running {
    /// Where everything listens, with the port that was really taken.
    pub address: SocketAddr,
    /// Where the institution interface listens as well.
    pub institutions_address: Option<SocketAddr>,
    /// The test people, in a sandbox.
    pub population: Option<Population>,
    /// The catalogue.
    pub catalogue: Arc<Catalogue>,
    /// The clock of every node of this process.
    pub clock: Arc<MachineClock>,
    nodes: BTreeMap<NodeId, NodeHandle>,
    threads: Vec<JoinHandle<()>>,
    doors: Doors,
    _data: DataFolder,
}

impl Running {
    /// The handle of a node of this process, for accidents on order.
    pub fn node(&self, id: NodeId) -> Option<&NodeHandle> {
        self.nodes.get(&id)
    }

    /// Ends every node; what was answered is on disk already.
    pub fn stop(self) {
        // Who still waits for an answer is told to try again: the doors close last.
        self.doors.take_nobody_in();
        for node in self.nodes.values() {
            node.send(Work::Stop);
        }
        for thread in self.threads {
            let _ = thread.join();
        }
        self.doors.close();
    }
}

/// The open doors of a process.
struct Doors {
    open: watch::Sender<bool>,
    closed: Mutex<mpsc::Receiver<()>>,
}

/// How long the last answers may take to leave.
const LAST_ANSWERS_WAIT: Duration = Duration::from_secs(1);

impl Doors {
    /// No new callers; who is inside stays.
    fn take_nobody_in(&self) {
        let _ = self.open.send(false);
    }

    /// Waits until everybody has left, but not for ever.
    fn close(self) {
        if let Ok(closed) = self.closed.into_inner() {
            let _ = closed.recv_timeout(LAST_ANSWERS_WAIT);
        }
    }
}

impl Config {
    /// Reads a configuration file.
    pub fn read(file: &Path) -> anyhow::Result<Config> {
        let shown = file.display();
        let text = std::fs::read_to_string(file).with_context(|| format!("failed to read {shown}"))?;
        toml::from_str(&text).with_context(|| format!("failed to understand {shown}"))
    }

    /// The people and institutions of a sandbox on this day.
    pub fn population(&self, today: ServiceDate) -> Population {
        let people = population(self.seed, today);
        if self.crowd == 0 {
            return people;
        }
        let ours = |place: &&Place| self.members.contains(&place.pool().province());
        let pools: Vec<Region> = PLACES.iter().filter(ours).map(Place::pool).collect();
        people.with_crowd(&pools, self.crowd, self.seed, today)
    }

    /// Whether letters find their way: every member is here or elsewhere, and so is the hub.
    pub fn check(&self) -> anyhow::Result<()> {
        ensure!(
            !self.nodes.is_empty(),
            "failed to find a node to run: write nodes = [\"hub\"] or a province"
        );
        let different: BTreeSet<NodeId> = self.nodes.iter().copied().collect();
        ensure!(different.len() == self.nodes.len(), "failed to run a node twice: name each once in nodes");
        let known = |node: &NodeId| self.nodes.contains(node) || self.peers.contains_key(node);
        ensure!(
            known(&NodeId::Hub),
            "failed to find the hub: name it in nodes, or its address in peers, as hub = \"http://127.0.0.1:7800\""
        );
        if let Some((node, address)) = self.peers.iter().find(|(_, address)| !address.starts_with("http://"))
        {
            anyhow::bail!("failed to use {address:?} as the address of {node}: write http://host:port");
        }
        self.check_keys()?;
        if let Some(stranger) = self.databases.keys().find(|node| !self.nodes.contains(node)) {
            anyhow::bail!("failed to give node {stranger} a database: it is not in nodes of this process");
        }
        let places: BTreeSet<&String> = self.databases.values().collect();
        ensure!(
            places.len() == self.databases.len(),
            "failed to give each node a database of its own: two addresses in databases are the same"
        );
        let provinces = self.members.iter().copied().map(NodeId::Province);
        if self.nodes.contains(&NodeId::Hub)
            && let Some(lost) = provinces.clone().find(|province| !known(province))
        {
            anyhow::bail!(
                "failed to find province {lost}: it is a member, but neither in nodes nor in peers"
            );
        }
        if let Some(stranger) = self
            .nodes
            .iter()
            .find(|node| **node != NodeId::Hub && !provinces.clone().any(|member| member == **node))
        {
            anyhow::bail!(
                "failed to place node {stranger}: it is no member; add it to members, here and at the hub"
            );
        }
        Ok(())
    }
}

impl Config {
    /// Whether every node elsewhere is known by a key, or the configuration says aloud that none is.
    fn check_keys(&self) -> anyhow::Result<()> {
        let elsewhere = || self.peers.keys().filter(|node| !self.nodes.contains(node));
        let has_key = |node: &&NodeId| self.peer_keys.iter().any(|known| known.node == **node);
        ensure!(
            !self.unsigned || self.peer_keys.is_empty(),
            "failed to know what is wanted: peer_keys are given, and unsigned = true; take one of both out"
        );
        if let Some(unknown) = elsewhere().find(|node| !has_key(node)).filter(|_| !self.unsigned) {
            anyhow::bail!(
                "failed to trust node {unknown}: write its public key below [[peer_keys]] (its operators get it by \
                 `yidi key show`, or `yidi key new` before its first start); unsigned = true does without, on a laptop"
            );
        }
        if let Some(own) = self.peer_keys.iter().find(|known| self.nodes.contains(&known.node)) {
            anyhow::bail!("failed to use a key of node {} below peer_keys: the node is here", own.node);
        }
        Ok(())
    }

    /// The keys of this process; none where it is told to go unsigned.
    fn keyring(&self) -> anyhow::Result<Option<Keyring>> {
        if self.unsigned {
            tracing::warn!(
                "UNSIGNED: 信件未签封,任何能连到此端口的人都可冒充其他节点,不得用于真实业务 | letters carry no seal: \
                 whoever reaches this port can pose as any node; never where real people are served"
            );
            return Ok(None);
        }
        let mut ring = Keyring::new(self.sign_every_push);
        for node in &self.nodes {
            // A sandbox that is alone has nobody to prove itself to.
            let pairs = if self.sandbox && self.peers.is_empty() {
                vec![KeyPair::of_seed(self.seed, *node)]
            } else {
                keys::of_node(&self.data, *node)?
            };
            pairs.into_iter().for_each(|pair| ring.add_own(*node, pair));
        }
        for PeerKey { node, key, until } in &self.peer_keys {
            ring.trust(*node, Trusted { key: key.clone(), until: *until });
        }
        Ok(Some(ring))
    }
}

/// Starts a process.
pub async fn run(config: &Config) -> anyhow::Result<Running> {
    config.check()?;
    // Doors and folder are taken first: where either is not to be had, nothing has been touched.
    let door = bind(config.listen).await?;
    let second_door = match config.institutions_listen {
        Some(wanted) => bind(wanted)
            .await
            .inspect_err(|error| tracing::warn!("{error:#}: the institution interface has one address only"))
            .ok(),
        None => None,
    };
    let data = DataFolder::take(&config.data)?;

    let clock: Arc<MachineClock> = Arc::default();
    let today = clock.now().day();
    let policies = Arc::new(policies(config.policies.as_deref())?);
    let catalogue = Arc::new(synthetic(config.seed));
    let people = config.sandbox.then(|| config.population(today));

    let sealer = Sealer::new(config.keyring()?, clock.clone());

    let opening = Opening { config, policies, catalogue, people, clock, sealer };
    // Stores block: they may not be touched where async work waits for its turn.
    let (nodes, threads) = tokio::task::block_in_place(|| opening.nodes())?;
    let Opening { catalogue, people, clock, sealer, .. } = opening;

    if nodes.contains_key(&NodeId::Hub) {
        hub_knows_everybody(&nodes).await;
    }

    let front = Arc::new(Front {
        nodes: nodes.clone(),
        clock: clock.clone(),
        sealer,
        sandbox: people.as_ref().map(|people| sandbox_of(people, &catalogue)),
        treatment: config.treatment.clone(),
    });
    let (open, is_open) = watch::channel(true);
    let (leaving, closed) = mpsc::channel();
    let address = door.local_addr()?;
    let institutions_address = second_door.as_ref().map(TcpListener::local_addr).transpose()?;
    serve(door, http::routes(front.clone()), is_open.clone(), leaving.clone());
    if let Some(door) = second_door {
        serve(door, http::institution_routes(front), is_open, leaving);
    }
    let doors = Doors { open, closed: Mutex::new(closed) };
    let population = people;
    Ok(Running {
        address,
        institutions_address,
        population,
        catalogue,
        clock,
        nodes,
        threads,
        doors,
        _data: data,
    })
}

/// How long the doors stay closed until the hub has heard who is insured where.
const ENROLMENT_WAIT: Duration = Duration::from_secs(10);

/// Waits until the letters that were waiting at the start have reached the hub of this process, so that the first
/// caller already finds everybody. Where that takes too long, the doors open all the same.
async fn hub_knows_everybody(nodes: &BTreeMap<NodeId, NodeHandle>) {
    let all_delivered = async {
        // Provinces write to the hub alone; the hub's own letters may wait for provinces that are elsewhere.
        for (_, node) in nodes.iter().filter(|(id, _)| **id != NodeId::Hub) {
            while matches!(node.look(|store, _| mail::outbox_waiting(store)).await, Some(Ok((1.., _)))) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
    };
    if tokio::time::timeout(ENROLMENT_WAIT, all_delivered).await.is_err() {
        tracing::warn!("the hub has not heard yet who is insured where: 1101 may not find people");
    }
}

fn policies(folder: Option<&Path>) -> anyhow::Result<PolicyBook> {
    Ok(match folder {
        Some(folder) => platform::policy_files::from_directory(folder)?,
        None => platform::policy_files::embedded()?,
    })
}

/// What every node of a process is opened with.
struct Opening<'a> {
    config: &'a Config,
    policies: Arc<PolicyBook>,
    catalogue: Arc<Catalogue>,
    people: Option<Population>,
    clock: Arc<MachineClock>,
    sealer: Sealer,
}

/// The nodes of a process, each on its thread.
type Opened = (BTreeMap<NodeId, NodeHandle>, Vec<JoinHandle<()>>);

impl Opening<'_> {
    fn nodes(&self) -> anyhow::Result<Opened> {
        let Config { nodes: ids, peers, .. } = self.config;
        let mut nodes = BTreeMap::new();
        let mut threads = Vec::new();
        for (id, link) in ids.iter().zip(LocalLink::for_nodes(ids, &self.sealer)) {
            let (store, node) = self.node(*id)?;
            let (handle, work) = NodeHandle::new();
            link.add(*id, handle.clone());
            let remote = (!peers.is_empty()).then(|| {
                let (sealer, runtime) = (self.sealer.clone(), tokio::runtime::Handle::current());
                let remote = RemoteLink::new(*id, sealer, peers.clone(), runtime);
                remote.carries_for(handle.clone());
                remote
            });
            let post = Box::new(Post { local: link, remote });
            threads.push(start(node, store, self.clock.clone(), post, handle.clone(), work)?);
            nodes.insert(*id, handle);
        }
        Ok((nodes, threads))
    }

    /// Opens a node's own database: a file of the data folder, or the PostgreSQL that the configuration names.
    fn node(&self, id: NodeId) -> anyhow::Result<(Box<dyn Store>, Node)> {
        if let Some(address) = self.config.databases.get(&id) {
            let in_database = || format!("failed to open node {id} from its PostgreSQL");
            return self
                .node_in(id, Postgres::open(address).with_context(in_database)?)
                .with_context(in_database);
        }
        let file = self.config.data.join(format!("{id}.db"));
        let in_file = || format!("failed to open node {id} from {}", file.display());
        self.node_in(id, Sqlite::open(&file).with_context(in_file)?).with_context(in_file)
    }

    fn node_in(
        &self,
        id: NodeId,
        mut store: impl Engine + 'static,
    ) -> anyhow::Result<(Box<dyn Store>, Node)> {
        let now = self.clock.now();
        migrate(&mut store)?;
        begun(&mut store, now)?;
        let node = match id {
            NodeId::Hub => Node::hub(self.config.members.clone()),
            NodeId::Province(province) => {
                if let Some(people) = &self.people {
                    store.begin()?;
                    enrol(&mut store, now, province, &people.institutions, &people.people)?;
                    store.commit()?;
                }
                let (policies, catalogue) = (self.policies.clone(), self.catalogue.clone());
                Node::province(&mut store, province, policies, catalogue, self.config.treatment.clone())?
            }
        };
        let kept_ms = i64::from(self.config.letters_kept_days) * 86_400_000;
        Ok((Box::new(store), node.keeping_letters(kept_ms)))
    }
}

/// Writes at once, so that a database that is read-only is told at the start, and not by the first caller.
fn begun(store: &mut dyn Store, now: Instant) -> Result<(), StoreError> {
    store.begin()?;
    mail::letters_begin(store, now)?;
    store.commit()
}

fn sandbox_of(people: &Population, catalogue: &Catalogue) -> Sandbox {
    Sandbox {
        people: people.people.clone(),
        institutions: people.institutions.clone(),
        items: shelf(catalogue).into_iter().cloned().collect(),
    }
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("failed to listen on {address}: is it taken? choose another port"))
}

/// Opens one door until nobody is taken in any more and everybody has left.
fn serve(
    door: TcpListener,
    routes: axum::Router,
    mut is_open: watch::Receiver<bool>,
    leaving: mpsc::Sender<()>,
) {
    tokio::spawn(async move {
        let end = async move {
            let _ = is_open.wait_for(|open| !open).await;
        };
        // An answer leaves at once, and does not wait for the one before it to be acknowledged.
        let door = door.tap_io(|stream| drop(stream.set_nodelay(true)));
        // Who calls is known by address, because operators' pages are for this machine alone.
        let routes = routes.into_make_service_with_connect_info::<SocketAddr>();
        if let Err(error) = axum::serve(door, routes).with_graceful_shutdown(end).await {
            tracing::error!(%error, "the front door closed");
        }
        drop(leaving);
    });
}
