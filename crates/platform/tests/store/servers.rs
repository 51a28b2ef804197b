//! Servers that go away: several hosts, a commit whose end nobody heard, a database that is not the one that was left.

use crate::postgres_server;
use platform::doors::{Cell, Store};
use platform::store::migrations::migrate;
use platform::store::postgres::Postgres;
use platform::store::{counter_next, counters_move_on};
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

fn opened(address: &str) -> Postgres {
    let mut store = Postgres::open(address).expect("a database");
    migrate(&mut store).expect("migrated");
    store
}

/// Keeps one batch that counts once.
fn batch(store: &mut Postgres) -> i64 {
    store.begin().expect("begun");
    let number = counter_next(store, "x").expect("counted");
    store.commit().expect("kept");
    number
}

/// The schema of a place.
fn schema(place: &str) -> &str {
    place.rsplit("%3D").next().expect("a schema")
}

/// Ends the session of a store, as its server might.
fn cut(store: &mut Postgres) {
    let rows = store.query("select pg_backend_pid()", &[]).expect("read");
    let Cell::Int(session) = rows[0][0] else { panic!("{rows:?}") };
    postgres_server::run(&format!("select pg_terminate_backend({session}, 5000)"));
}

#[test]
fn of_several_hosts_the_one_that_takes_writes_is_found() {
    let Some(place) = postgres_server::place() else { return };
    let several = place.replace('@', "@%2Fnowhere,%2Fneither,");
    let refused = Postgres::open("postgresql://yidi@%2Fnowhere,%2Fnowhere2/postgres").err();
    let words = refused.expect("nobody there").to_string();
    assert!(words.contains("host 1: ") && words.contains("host 2: "), "{words}");
    let mut store = opened(&several);
    assert_eq!(batch(&mut store), 1);
    cut(&mut store);
    assert_eq!(batch(&mut store), 2);
}

#[test]
fn a_database_that_has_lost_a_batch_is_not_gone_on_with() {
    let Some(place) = postgres_server::place() else { return };
    for (change, words) in [("- 1", "it has lost what was answered"), ("+ 7", "somebody else has written")] {
        let mut store = opened(&place);
        batch(&mut store);
        cut(&mut store);
        let counter = format!("{}.counter", schema(&place));
        postgres_server::run(&format!("update {counter} set value = value {change} where name = 'batch'"));
        for _ in 0..2 {
            let refused = store.begin().expect_err("another past").to_string();
            assert!(refused.contains(words) && refused.contains("start the node anew"), "{refused}");
        }
        // A process that starts holds nothing in memory.
        drop(store);
        batch(&mut opened(&place));
    }
    // A database that was put back on purpose counts on, and a process that still runs hears it.
    let mut store = opened(&place);
    batch(&mut store);
    cut(&mut store);
    let mut restored = Postgres::open(&place).expect("free");
    restored.begin().expect("begun");
    counters_move_on(&mut restored).expect("moved");
    restored.commit().expect("kept");
    drop(restored);
    assert!(store.begin().is_err());
}

/// What becomes of the next commit on its way through a [`Line`].
const PASSES: u8 = 0;
const BREAKS_BEFORE: u8 = 1;
const BREAKS_AFTER: u8 = 2;

/// A line to the server that can break at a commit: before the server hears of it, or before we hear of its end.
struct Line {
    folder: tempfile::TempDir,
    next: Arc<AtomicU8>,
}

impl Line {
    fn to_the_server() -> Line {
        let folder = tempfile::tempdir().expect("a folder");
        let server = postgres_server::server().expect("asked for only where it is");
        let socket = server.split('@').nth(1).and_then(|rest| rest.split('/').next()).expect("a host");
        let socket = PathBuf::from(socket.replace("%2F", "/")).join(".s.PGSQL.5432");
        let door = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).expect("a door");
        let next: Arc<AtomicU8> = Arc::default();
        let shared = next.clone();
        std::thread::spawn(move || {
            for client in door.incoming().map_while(Result::ok) {
                carry(client, &socket, &shared);
            }
        });
        Line { folder, next }
    }

    fn place(&self, place: &str) -> String {
        let (_, rest) = place.split_once("/postgres").expect("a database");
        format!(
            "postgresql://yidi@{}/postgres{rest}",
            self.folder.path().display().to_string().replace('/', "%2F")
        )
    }
}

fn carry(client: UnixStream, socket: &Path, next: &Arc<AtomicU8>) {
    let server = UnixStream::connect(socket).expect("the server");
    let broken: Arc<AtomicU8> = Arc::default();
    let ends = |client: &UnixStream, server: &UnixStream| {
        let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
    };
    let (mut from, mut to, next, breaks) = (
        client.try_clone().expect("a stream"),
        server.try_clone().expect("a stream"),
        next.clone(),
        broken.clone(),
    );
    std::thread::spawn(move || {
        let mut bytes = [0; 1 << 16];
        while let Ok(read @ 1..) = from.read(&mut bytes) {
            if bytes[..read].windows(8).any(|words| words == b"; commit") {
                match next.swap(PASSES, Ordering::SeqCst) {
                    BREAKS_BEFORE => break,
                    BREAKS_AFTER => breaks.store(1, Ordering::SeqCst),
                    _ => {}
                }
            }
            if to.write_all(&bytes[..read]).is_err() {
                break;
            }
        }
        ends(&from, &to);
    });
    let (mut from, mut to) = (server, client);
    std::thread::spawn(move || {
        let mut bytes = [0; 1 << 16];
        while let Ok(read @ 1..) = from.read(&mut bytes) {
            if broken.load(Ordering::SeqCst) == 1 || to.write_all(&bytes[..read]).is_err() {
                break;
            }
        }
        ends(&from, &to);
    });
}

#[test]
fn a_commit_that_was_kept_though_its_end_was_not_heard_counts_as_kept() {
    let Some(place) = postgres_server::place() else { return };
    let line = Line::to_the_server();
    let mut store = opened(&line.place(&place));
    assert_eq!(batch(&mut store), 1);
    line.next.store(BREAKS_AFTER, Ordering::SeqCst);
    assert_eq!(batch(&mut store), 2, "the number of the batch tells that it was kept");
    assert_eq!(batch(&mut store), 3, "once");
}

#[test]
fn a_commit_that_never_arrived_counts_as_lost() {
    let Some(place) = postgres_server::place() else { return };
    let line = Line::to_the_server();
    let mut store = opened(&line.place(&place));
    assert_eq!(batch(&mut store), 1);
    line.next.store(BREAKS_BEFORE, Ordering::SeqCst);
    store.begin().expect("begun");
    assert_eq!(counter_next(&mut store, "x").expect("counted"), 2);
    let lost = store.commit().expect_err("it never arrived").to_string();
    assert!(lost.contains("the batch was not kept"), "{lost}");
    store.rollback().expect("forgotten");
    assert_eq!(batch(&mut store), 2, "the number is free still");
}
