//! PostgreSQL for a test program: one private server, started by `tests/postgres.sh` when it is first asked for, gone
//! with the program. Shared by the test programs of all crates.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Leaves the tests on PostgreSQL out, where it is not there and cannot be installed.
const WITHOUT: &str = "YIDI_WITHOUT_POSTGRES";

/// How the script ends where PostgreSQL is neither installed nor can be.
const NOT_TO_BE_HAD: i32 = 3;

/// The server lives as long as the script's standard input, which this program holds.
struct Server {
    address: String,
    _script: Child,
}

/// The address of the server's own database; `None` only where the tests on PostgreSQL are left out on purpose.
pub fn server() -> Option<&'static str> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        if std::env::var(WITHOUT).is_ok_and(|value| value == "1") {
            eprintln!("left out, because {WITHOUT}=1: nothing is known of PostgreSQL");
            return None;
        }
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/postgres.sh");
        let started = Command::new("bash").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut script = started.expect("bash is there");
        let mut lines = BufReader::new(script.stdout.take().expect("piped")).lines();
        let ready = lines.find_map(|line| line.ok()?.strip_prefix("ready ").map(str::to_owned));
        let Some(address) = ready else {
            // Where it is not to be had at all, a developer goes on without it and is told so; CI never does.
            let not_to_be_had = script.wait().is_ok_and(|end| end.code() == Some(NOT_TO_BE_HAD));
            assert!(
                not_to_be_had && std::env::var_os("CI").is_none(),
                "PostgreSQL did not start; tests/postgres.sh says why above ({WITHOUT}=1 leaves its tests out)"
            );
            let told = "SKIPPED: the tests on PostgreSQL, which is not to be had here\n";
            let _ = std::io::stderr().write_all(told.as_bytes());
            return None;
        };
        Some(Server { address, _script: script })
    });
    server.as_ref().map(|server| server.address.as_str())
}

/// The address of an empty place for one node: a schema of its own.
pub fn place() -> Option<String> {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let server = server()?;
    let schema = format!("place_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    run(&format!("create schema {schema}"));
    Some(format!("{server}?options=-c%20search_path%3D{schema}"))
}

/// Runs a statement on the server, past every door.
pub fn run(sql: &str) {
    let address = server().expect("asked for only where it is");
    let mut client = postgres::Client::connect(address, postgres::NoTls).expect("the server lets us in");
    client.batch_execute(sql).expect("the statement runs");
}
