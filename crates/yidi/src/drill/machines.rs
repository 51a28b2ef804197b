//! 机器: three machines on one: a network namespace each, joined by a bridge. One can be killed with all that runs on
//! it, stand still, or be cut off; it is started again as a machine that boots. Only root may make them.

use crate::server::{Programs, run, signal};
use anyhow::{Context, ensure};
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The documented files, which the drill runs as they are, but for folders and addresses.
const PATRONI: &str = include_str!("../../../../deploy/patroni/patroni.yml");
const ETCD: &str = include_str!("../../../../deploy/patroni/etcd.yml");
const NODE: &str = include_str!("../../../../deploy/patroni/node.toml");
const DATABASES: &str = include_str!("../../../../deploy/patroni/databases.sql");
/// The network of the documented files, and the one of the drill.
const NETWORKS: [&str; 2] = ["10.0.0.", "10.77.0."];
/// The machine of the documented files.
const DOCUMENTED: &str = "10.0.0.11";
/// The bridge between the machines.
const BRIDGE: &str = "yidi-ha";
/// The password of the documented superuser.
const SUPERUSER: &str = "change-me-superuser";

/// A machine: etcd, Patroni and a database server.
pub(super) struct Machine {
    /// `db1`
    pub(super) name: String,
    number: usize,
    folder: PathBuf,
    programs: Programs,
    children: Vec<Child>,
}

/// Three machines on a bridge, gone with this value.
pub(super) struct Machines {
    pub(super) all: Vec<Machine>,
    programs: Programs,
    folder: PathBuf,
}

fn ip(words: &str) -> anyhow::Result<String> {
    run(Command::new("ip").args(words.split(' ')), &format!("run `ip {words}` (it takes root)"))
}

impl Machines {
    /// Makes three machines; nothing runs on them yet. `folder` may not lie below one that is closed to others.
    pub(super) fn make(folder: &Path) -> anyhow::Result<Machines> {
        let programs = Programs::find()?;
        for (program, package) in [("/usr/bin/patroni", "patroni"), ("/usr/bin/etcd", "etcd-server")] {
            ensure!(Path::new(program).exists(), "failed to find {program}: install the package {package}");
        }
        programs.own(folder)?;
        let mut machines =
            Machines { all: Vec::new(), programs: programs.clone(), folder: folder.to_owned() };
        ip(&format!("link add {BRIDGE} type bridge"))
            .context("is another drill at work? its network goes with `ip link del yidi-ha`")?;
        ip(&format!("addr add {}1/24 dev {BRIDGE}", NETWORKS[1]))?;
        ip(&format!("link set {BRIDGE} up"))?;
        for number in 1..=3 {
            let name = format!("db{number}");
            let machine = Machine {
                folder: folder.join(&name),
                name,
                number,
                programs: programs.clone(),
                children: Vec::new(),
            };
            machine.plug_in()?;
            machine.write()?;
            machines.all.push(machine);
        }
        Ok(machines)
    }

    /// The address of a node's database, as the documented configuration has it.
    pub(super) fn database(node: &str) -> anyhow::Result<String> {
        let config: toml::Value = toml::from_str(NODE)?;
        let address = config["databases"]["22"].as_str().context("the documented node has a database")?;
        Ok(address.replace(NETWORKS[0], NETWORKS[1]).replace("yidi_22", &format!("yidi_{node}")))
    }

    /// Makes the documented role and databases on the leader.
    pub(super) fn make_databases(&self, leader: usize) -> anyhow::Result<()> {
        let file = self.folder.join("databases.sql");
        std::fs::write(&file, DATABASES)?;
        let mut make = self.programs.command("psql");
        make.args(["-h", &self.all[leader].host(), "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-f"]);
        make.arg(&file).arg("postgres").env("PGPASSWORD", SUPERUSER);
        run(&mut make, "make the databases").map(drop)
    }
}

impl Drop for Machines {
    fn drop(&mut self) {
        for machine in &mut self.all {
            let _ = machine.joined(true);
            machine.kill();
            let _ = ip(&format!("link del yidi-v{}", machine.number));
            let _ = ip(&format!("netns del {}", machine.space()));
        }
        let _ = ip(&format!("link del {BRIDGE}"));
    }
}

impl Machine {
    fn space(&self) -> String {
        format!("yidi-{}", self.name)
    }

    fn host(&self) -> String {
        format!("{}1{}", NETWORKS[1], self.number)
    }

    /// Where Patroni tells how the cluster stands.
    pub(super) fn patroni(&self) -> SocketAddr {
        format!("{}:8008", self.host()).parse().expect("an address")
    }

    fn plug_in(&self) -> anyhow::Result<()> {
        let (space, number) = (self.space(), self.number);
        ip(&format!("netns add {space}"))?;
        ip(&format!("link add yidi-v{number} type veth peer name eth0 netns {space}"))?;
        ip(&format!("link set yidi-v{number} master {BRIDGE} up"))?;
        ip(&format!("-n {space} addr add {}/24 dev eth0", self.host()))?;
        ip(&format!("-n {space} link set eth0 up"))?;
        ip(&format!("-n {space} link set lo up")).map(drop)
    }

    /// Plugs its cable in, or out.
    pub(super) fn joined(&self, joined: bool) -> anyhow::Result<()> {
        ip(&format!("link set yidi-v{} {}", self.number, if joined { "up" } else { "down" })).map(drop)
    }

    /// A documented file as this machine has it.
    fn mine(&self, text: &str) -> String {
        let folder = self.folder.display().to_string();
        let lines = text.lines().map(|line| {
            // Lists name every member; all else names the machine alone.
            let own = if line.contains("10.0.0.12") {
                line.to_owned()
            } else {
                line.replace(DOCUMENTED, &format!("{}1{}", NETWORKS[0], self.number))
            };
            own.replace("name: db1", &format!("name: {}", self.name))
                .replace(NETWORKS[0], NETWORKS[1])
                .replace("/var/lib/postgresql/15/yidi", &format!("{folder}/data"))
                .replace("/var/lib/postgresql", &folder)
                .replace("/var/run/postgresql", &folder)
                .replace("/var/lib/etcd/yidi", &format!("{folder}/etcd"))
                .replace("/usr/lib/postgresql/15/bin", &self.programs.folder().display().to_string())
        });
        lines.collect::<Vec<_>>().join("\n") + "\n"
    }

    fn write(&self) -> anyhow::Result<()> {
        self.programs.own(&self.folder)?;
        std::fs::write(self.folder.join("patroni.yml"), self.mine(PATRONI))?;
        Ok(std::fs::write(self.folder.join("etcd.yml"), self.mine(ETCD))?)
    }

    /// Boots: etcd and Patroni start as the system would start them.
    pub(super) fn boot(&mut self) -> anyhow::Result<()> {
        let (etcd, patroni) = (self.folder.join("etcd.yml"), self.folder.join("patroni.yml"));
        self.start("/usr/bin/etcd", &["--config-file".as_ref(), etcd.as_os_str()])?;
        self.start("/usr/bin/patroni", &[patroni.as_os_str()])
    }

    fn start(&mut self, program: &str, words: &[&std::ffi::OsStr]) -> anyhow::Result<()> {
        let name = Path::new(program).file_name().expect("a program").to_string_lossy().into_owned();
        let log = File::options().create(true).append(true).open(self.folder.join(format!("{name}.log")))?;
        let inside = self.programs.other(Path::new(program));
        let mut start = Command::new("ip");
        start.args(["netns", "exec", &self.space()]).arg(inside.get_program()).args(inside.get_args());
        start.args(words).current_dir(&self.folder).stdin(Stdio::null());
        start.stdout(log.try_clone()?).stderr(log);
        std::os::unix::process::CommandExt::process_group(&mut start, 0);
        self.children.push(start.spawn().with_context(|| format!("failed to start {program}"))?);
        Ok(())
    }

    /// Everything that runs on it.
    fn processes(&self) -> Vec<u32> {
        let told = ip(&format!("netns pids {}", self.space())).unwrap_or_default();
        told.lines().filter_map(|line| line.trim().parse().ok()).collect()
    }

    /// SIGKILL to everything that runs on it, until nothing does.
    pub(super) fn kill(&mut self) {
        for _ in 0..50 {
            let processes = self.processes();
            if processes.is_empty() {
                break;
            }
            signal("-KILL", &processes);
            self.children.iter_mut().for_each(|child| drop(child.try_wait()));
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        for mut child in self.children.drain(..) {
            let _ = child.wait();
        }
    }

    /// SIGSTOP to everything that runs on it, or SIGCONT.
    pub(super) fn stands_still(&self, still: bool) {
        signal(if still { "-STOP" } else { "-CONT" }, &self.processes());
    }
}
