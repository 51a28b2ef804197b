//! Puts a process together: which nodes it holds, where their files are, where the others live, which doors it opens.

use anyhow::Context;
use insurance::catalogue::Catalogue;
use insurance::identity::Province;
use insurance::policy::PolicyBook;
use platform::doors::{Clock, MachineClock, NodeId};
use platform::http::{self, Front, Sandbox};
use platform::network::{LocalLink, NodeHandle, Post, RemoteLink, Work, start};
use platform::node::{Node, enrol};
use platform::store::mail;
use platform::store::migrations::migrate;
use platform::store::sqlite::Sqlite;
use platform::treatment_node::Settings;
use serde::Deserialize;
use simulation::catalogue::{shelf, synthetic};
use simulation::population::{Population, population};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

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
    /// Where everything listens.
    pub listen: SocketAddr,
    /// Where the institution interface listens as well, for software that is preset to it.
    #[serde(default)]
    pub institutions_listen: Option<SocketAddr>,
    /// Where nodes of other processes are: `hub = "http://127.0.0.1:7800"`.
    #[serde(default)]
    pub peers: BTreeMap<NodeId, String>,
    /// A folder of policies instead of the ones built in.
    #[serde(default)]
    pub policies: Option<PathBuf>,
    /// The seed of the made-up catalogue and, in a sandbox, of people and institutions.
    #[serde(default = "one")]
    pub seed: u64,
    /// Whether test people, test institutions and the sandbox's routes are there. Off in production.
    #[serde(default)]
    pub sandbox: bool,
    /// Time-outs and institution profiles.
    #[serde(default)]
    pub treatment: Settings,
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
}

impl Running {
    /// The handle of a node of this process, for accidents on order.
    pub fn node(&self, id: NodeId) -> Option<&NodeHandle> {
        self.nodes.get(&id)
    }

    /// Ends every node; what was answered is on disk already.
    pub fn stop(self) {
        for node in self.nodes.values() {
            node.send(Work::Stop);
        }
        for thread in self.threads {
            let _ = thread.join();
        }
    }
}

/// Starts a process.
pub async fn run(config: &Config) -> anyhow::Result<Running> {
    let clock: Arc<MachineClock> = Arc::default();
    let today = clock.now().day();
    let policies = Arc::new(policies(config.policies.as_deref())?);
    let catalogue = Arc::new(synthetic(config.seed));
    let people = config.sandbox.then(|| population(config.seed, today));
    std::fs::create_dir_all(&config.data)
        .with_context(|| format!("failed to make the data folder {}", config.data.display()))?;

    let mut nodes = BTreeMap::new();
    let mut threads = Vec::new();
    for (id, link) in config.nodes.iter().zip(LocalLink::for_nodes(&config.nodes)) {
        let mut store = Sqlite::open(&config.data.join(format!("{id}.db")))?;
        migrate(&mut store)?;
        let node = open_node(*id, config, &mut store, &policies, &catalogue, people.as_ref(), clock.as_ref())
            .with_context(|| format!("failed to open node {id}"))?;
        let (handle, work) = NodeHandle::new();
        link.add(*id, handle.clone());
        let remote = (!config.peers.is_empty()).then(|| {
            let remote = RemoteLink::new(config.peers.clone(), tokio::runtime::Handle::current());
            remote.carries_for(handle.clone());
            remote
        });
        let post = Box::new(Post { local: link, remote });
        threads.push(start(node, Box::new(store), clock.clone(), post, handle.clone(), work)?);
        nodes.insert(*id, handle);
    }

    if nodes.contains_key(&NodeId::Hub) {
        hub_knows_everybody(&nodes).await;
    }

    let front = Arc::new(Front {
        nodes: nodes.clone(),
        clock: clock.clone(),
        sandbox: people.as_ref().map(|people| sandbox_of(people, &catalogue)),
    });
    let address = listen(config.listen, http::routes(front.clone())).await?;
    let institutions_address = match config.institutions_listen {
        Some(wanted) => match listen(wanted, http::institution_routes(front)).await {
            Ok(address) => Some(address),
            Err(error) => {
                tracing::warn!(%wanted, %error, "the second address of the institution interface is not to be had");
                None
            }
        },
        None => None,
    };
    Ok(Running { address, institutions_address, population: people, catalogue, clock, nodes, threads })
}

/// How long the doors stay closed until the hub has heard who is insured where.
const ENROLMENT_WAIT: Duration = Duration::from_secs(10);

/// Waits until the letters that were waiting at the start have reached the hub of this process, so that the first
/// caller already finds everybody. Where that takes too long, the doors open all the same.
async fn hub_knows_everybody(nodes: &BTreeMap<NodeId, NodeHandle>) {
    let all_delivered = async {
        for node in nodes.values() {
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

fn open_node(
    id: NodeId,
    config: &Config,
    store: &mut Sqlite,
    policies: &Arc<PolicyBook>,
    catalogue: &Arc<Catalogue>,
    people: Option<&Population>,
    clock: &MachineClock,
) -> anyhow::Result<Node> {
    use platform::doors::Store;
    Ok(match id {
        NodeId::Hub => Node::hub(config.members.clone()),
        NodeId::Province(province) => {
            if let Some(people) = people {
                store.begin()?;
                enrol(store, clock.now(), province, &people.institutions, &people.people)?;
                store.commit()?;
            }
            Node::province(store, province, policies.clone(), catalogue.clone(), config.treatment.clone())?
        }
    })
}

fn sandbox_of(people: &Population, catalogue: &Catalogue) -> Sandbox {
    Sandbox {
        people: people.people.clone(),
        institutions: people.institutions.clone(),
        items: shelf(catalogue).into_iter().cloned().collect(),
    }
}

async fn listen(address: SocketAddr, routes: axum::Router) -> anyhow::Result<SocketAddr> {
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .with_context(|| format!("failed to listen on {address}: is it taken? choose another port"))?;
    let taken = listener.local_addr()?;
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, routes).await {
            tracing::error!(%error, "the front door closed");
        }
    });
    Ok(taken)
}
