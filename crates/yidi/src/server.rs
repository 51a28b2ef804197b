//! 服务器: a PostgreSQL of our own, for drills: made, started, killed with all of its processes, put back. Takes what
//! is installed. As root it runs as the user `postgres`, which is how Debian delivers it.

use anyhow::{Context, bail, ensure};
use platform::doors::micros;
use std::fs::File;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Where Debian keeps its servers.
const DEBIAN: &str = "/usr/lib/postgresql";
/// The user as whom a server runs where we are root.
const USER: &str = "postgres";
/// How long a server may take to let anybody in.
const START_WAIT_US: u64 = 60_000_000;

/// The programs of the newest server that is installed, and as whom they run.
#[derive(Clone, Debug)]
pub struct Programs {
    folder: PathBuf,
    /// User and group, where we are root.
    user: Option<(u32, u32)>,
}

impl Programs {
    /// Finds them.
    pub fn find() -> anyhow::Result<Programs> {
        let mut newest: Option<(u32, PathBuf)> = None;
        for entry in std::fs::read_dir(DEBIAN).into_iter().flatten().flatten() {
            let version = entry.file_name().to_str().and_then(|name| name.parse().ok());
            let folder = entry.path().join("bin");
            if let Some(version) = version
                && folder.join("initdb").exists()
                && newest.as_ref().is_none_or(|(other, _)| version > *other)
            {
                newest = Some((version, folder));
            }
        }
        let Some((_, folder)) = newest else {
            bail!("failed to find PostgreSQL below {DEBIAN}: install the package postgresql");
        };
        let user = if number_of("-u", None)? == 0 {
            Some((number_of("-u", Some(USER))?, number_of("-g", Some(USER))?))
        } else {
            None
        };
        Ok(Programs { folder, user })
    }

    /// The folder of the programs.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// One of them, to be run as who may.
    pub fn command(&self, name: &str) -> Command {
        self.other(&self.folder.join(name))
    }

    /// Another program, run as the same user.
    pub fn other(&self, program: &Path) -> Command {
        let mut command = match self.user {
            None => Command::new(program),
            Some((user, group)) => {
                let mut command = Command::new("setpriv");
                let (user, group) = (format!("--reuid={user}"), format!("--regid={group}"));
                command.args([&user, &group, "--clear-groups"]).arg(program);
                command
            }
        };
        command.stdin(Stdio::null());
        command
    }

    /// A folder that is theirs. It may not lie below one that is closed to them.
    pub fn own(&self, folder: &Path) -> anyhow::Result<()> {
        std::fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
        if let Some((user, group)) = self.user {
            chown(folder, Some(user), Some(group))?;
        }
        Ok(std::fs::set_permissions(folder, PermissionsExt::from_mode(0o711))?)
    }
}

fn number_of(what: &str, whose: Option<&str>) -> anyhow::Result<u32> {
    let output = Command::new("id").arg(what).args(whose).output().context("failed to run id")?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().with_context(|| {
        format!("failed to find the user {}: install the package postgresql", whose.unwrap_or("that we are"))
    })
}

/// Runs a program to its end; what it says on standard output.
pub fn run(command: &mut Command, doing: &str) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("failed to {doing}: {command:?}"))?;
    ensure!(
        output.status.success(),
        "failed to {doing}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// One server, running or not, gone with this value.
pub struct Server {
    /// Its programs.
    pub programs: Programs,
    home: tempfile::TempDir,
    child: Option<Child>,
}

impl Server {
    /// Makes one: sorts by bytes, speaks UTF-8, flushes as a server is delivered. `settings` are lines for
    /// `postgresql.conf`.
    pub fn make(settings: &str) -> anyhow::Result<Server> {
        let programs = Programs::find()?;
        let home = tempfile::Builder::new().prefix("yidi-server-").tempdir()?;
        programs.own(home.path())?;
        let server = Server { programs, home, child: None };
        let mut make = server.programs.command("initdb");
        make.arg("-D").arg(server.data()).args([
            "-U",
            "yidi",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
            "-k",
        ]);
        run(make.current_dir(server.home.path()), "make a database server")?;
        server.configure(&format!(
            "listen_addresses = ''\nunix_socket_directories = '{}'\nshared_buffers = 64MB\n{settings}",
            server.home.path().display()
        ))?;
        Ok(server)
    }

    /// Adds lines to `postgresql.conf`, for its next start.
    pub fn configure(&self, lines: &str) -> anyhow::Result<()> {
        let path = self.data().join("postgresql.conf");
        let text = std::fs::read_to_string(&path)?;
        Ok(std::fs::write(&path, format!("{text}\n{lines}\n"))?)
    }

    /// Its folder, with all that is its own.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Its data.
    pub fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// The address of its own database.
    pub fn address(&self) -> String {
        let home = self.home.path().display().to_string().replace('/', "%2F");
        format!("postgresql://yidi@{home}/postgres")
    }

    /// A program that calls this server.
    pub fn client(&self, name: &str) -> Command {
        let mut command = self.programs.command(name);
        command.arg("-h").arg(self.home.path()).args(["-U", "yidi"]).current_dir(self.home.path());
        command
    }

    /// Starts it where it does not run, and waits until it lets us in.
    pub fn start(&mut self) -> anyhow::Result<()> {
        if self.child.is_some() {
            return Ok(());
        }
        let log = File::options().create(true).append(true).open(self.home.path().join("server.log"))?;
        let mut start = self.programs.command("postgres");
        start.arg("-D").arg(self.data()).current_dir(self.home.path());
        start.stdout(log.try_clone()?).stderr(log);
        // Ctrl-C is for who holds the server.
        std::os::unix::process::CommandExt::process_group(&mut start, 0);
        self.child = Some(start.spawn().context("failed to start the database server")?);
        let begun = micros();
        while micros() - begun < START_WAIT_US {
            let ended = self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(Some(_))));
            if ended {
                self.child = None;
                break;
            }
            let asked = self.client("pg_isready").stdout(Stdio::null()).stderr(Stdio::null()).status();
            if asked.is_ok_and(|status| status.success()) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("failed to start the database server: {}", self.last_words())
    }

    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.home.path().join("server.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().rev().take(5).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join(" / ")
    }

    /// SIGKILL to every one of its processes.
    pub fn kill(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let processes = family(child.id());
        signal("-KILL", &processes);
        let _ = child.wait();
        // A server does not start while one of the old ones lives.
        for _ in 0..500 {
            if processes.iter().all(|process| !Path::new(&format!("/proc/{process}")).exists()) {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Kills it, and its disk is gone.
    pub fn destroy(&mut self) -> anyhow::Result<()> {
        self.kill();
        Ok(std::fs::remove_dir_all(self.data())?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A process with its children and theirs.
pub fn family(eldest: u32) -> Vec<u32> {
    let mut parents = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let text = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // The name before may hold blanks and brackets.
        let rest = text.rsplit_once(") ").map_or("", |(_, rest)| rest);
        if let Some(parent) = rest.split(' ').nth(1).and_then(|word| word.parse::<u32>().ok()) {
            parents.push((process, parent));
        }
    }
    let mut found = vec![eldest];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        found.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(process, _)| *process));
        next += 1;
    }
    found
}

/// Sends a signal to processes; those that have ended already do not mind.
pub fn signal(name: &str, processes: &[u32]) {
    let numbers = processes.iter().map(u32::to_string);
    let _ = Command::new("kill").arg(name).args(numbers).stderr(Stdio::null()).status();
}
