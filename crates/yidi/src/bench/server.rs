//! 服务器: a PostgreSQL for a rig, given by its address or started for this run alone: one empty database of its own in it,
//! a schema for each node, and what the server used. Gone at the end.

use crate::figures::Used;
use anyhow::{Context, bail, ensure};
use platform::doors::NodeId;
use platform::store::server::{Logged, Server as Session};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Where tests get their server from, a command gets it as well.
const SCRIPT: &str = include_str!("../../../../tests/postgres.sh");
/// The word in the place of an address that starts a server for this run.
pub const OWN: &str = "own";

/// A server with a database for this run.
pub struct Server {
    /// The address of the server, in the database that it was given with.
    given: String,
    /// The name of the database of this run.
    name: String,
    session: Option<Session>,
    /// The server of this run alone; it ends with its standard input.
    own: Option<Child>,
}

/// What a server had used and logged at some moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Taken {
    /// By its processes; zeros for a server that was given by its address, which may be elsewhere.
    pub used: Used,
    /// Its log.
    pub logged: Logged,
}

impl Server {
    /// Starts a server, or takes the one at this address, and makes the database.
    pub fn prepare(address: &str) -> anyhow::Result<Server> {
        let (given, own) = if address == OWN {
            let (address, script) = started()?;
            (address, Some(script))
        } else {
            ensure!(!address.contains('?'), "failed to use {address}: leave out what stands behind the ?");
            (address.to_owned(), None)
        };
        let name = format!("yidi_bench_{}", std::process::id());
        Session::at(&given)?.database_make(&name)?;
        let mut server = Server { given, name, session: None, own };
        server.session = Some(Session::at(&server.address())?);
        Ok(server)
    }

    /// The address of the database of this run.
    pub fn address(&self) -> String {
        let (machine, _) = self.given.rsplit_once('/').unwrap_or((self.given.as_str(), ""));
        format!("{machine}/{}", self.name)
    }

    fn session(&mut self) -> &mut Session {
        self.session.as_mut().expect("open until the end")
    }

    /// Makes a place for a node and gives its address.
    pub fn place(&mut self, node: NodeId) -> anyhow::Result<String> {
        let schema = format!("node_{node}");
        self.session().schema_make(&schema)?;
        Ok(format!("{}?options=-c%20search_path%3D{schema}", self.address()))
    }

    /// Lets the server count its rows, as it would by itself a little later.
    pub fn analyse(&mut self) -> anyhow::Result<()> {
        Ok(self.session().analyse()?)
    }

    /// What it has used and logged until now.
    pub fn taken(&mut self) -> Taken {
        let is_own = self.own.is_some();
        let session = self.session();
        let logged = session.logged().unwrap_or_default();
        let processes = if is_own { session.processes().unwrap_or_default() } else { Vec::new() };
        Taken { used: Used::by_all(processes.into_iter()), logged }
    }

    /// Whether the processor time of the server is known.
    pub fn is_own(&self) -> bool {
        self.own.is_some()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.session = None;
        if let Ok(mut session) = Session::at(&self.given) {
            let _ = session.database_drop(&self.name);
        }
        if let Some(mut script) = self.own.take() {
            drop(script.stdin.take());
            let _ = script.wait();
        }
    }
}

fn started() -> anyhow::Result<(String, Child)> {
    let mut script = Command::new("bash")
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("failed to run bash, which starts the PostgreSQL of this run")?;
    let mut lines = BufReader::new(script.stdout.take().expect("piped")).lines();
    match lines.find_map(|line| line.ok()?.strip_prefix("ready ").map(str::to_owned)) {
        Some(address) => Ok((address, script)),
        None => {
            bail!("failed to start a PostgreSQL: what is missing stands above; or give --postgres an address")
        }
    }
}

/// A program of PostgreSQL: in the path, or in the folder of the newest server that is installed.
pub fn program(name: &str) -> Option<PathBuf> {
    let in_path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&in_path).map(|folder| folder.join(name));
    let version = |path: &Path| -> u32 {
        path.file_name().and_then(|name| name.to_str()?.parse().ok()).unwrap_or_default()
    };
    let mut installed: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    installed.sort_by_key(|path| std::cmp::Reverse(version(path)));
    let installed = installed.into_iter().map(|version| version.join("bin").join(name));
    in_path.chain(installed).find(|path| path.is_file())
}
