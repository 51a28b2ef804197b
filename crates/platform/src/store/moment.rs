//! Several database files as they all stand at one moment, while their nodes may be at work: to be read, or copied.
//!
//! All files are locked against writing at once, then each is given a reader that keeps seeing what stood there, then
//! the locks go. What is seen is what a power cut of the whole machine would have left: a letter is in the outbox of
//! its sender, or its receiver has it, or both; never neither. Nodes wait for the lock as they wait for a flush.

use super::counters_move_on;
use super::sqlite::Sqlite;
use crate::doors::{Store, StoreError};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// How long one file is waited for, and how often all of them are tried. Well below what a node waits for its own.
const LOCK_WAIT: Duration = Duration::from_millis(500);
const LOCK_TRIES: u32 = 20;
/// Pages that are copied between two looks at the progress.
const PAGES: i32 = 1_024;

fn failed<'a>(doing: &'a str, file: &'a Path) -> impl Fn(rusqlite::Error) -> StoreError + 'a {
    move |error| StoreError::Engine { doing: format!("{doing} {}", file.display()), why: error.to_string() }
}

fn open(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(failed("open", file))?;
    connection.busy_timeout(LOCK_WAIT).map_err(failed("open", file))?;
    Ok(connection)
}

/// These files at one moment. Each store keeps seeing it until it is dropped, and cannot be written.
pub fn of<P: AsRef<Path>>(files: &[P]) -> Result<Vec<Sqlite>, StoreError> {
    let mut locks = Vec::new();
    let mut readers = Vec::new();
    for file in files {
        let file = file.as_ref();
        locks.push((file, open(file)?));
        let reader = open(file)?;
        reader
            .execute_batch("pragma query_only = on; pragma cache_size = -16000")
            .map_err(failed("read", file))?;
        readers.push((file, reader));
    }
    lock(&locks)?;
    for (file, reader) in &readers {
        // A reader sees what stood there at its first reading.
        let first = "begin; select count(*) from sqlite_master";
        reader.execute_batch(first).map_err(failed("read", file))?;
    }
    drop(locks);
    Ok(readers.into_iter().map(|(_, reader)| Sqlite::over(reader)).collect())
}

fn lock(files: &[(&Path, Connection)]) -> Result<(), StoreError> {
    let mut tried = 0;
    loop {
        tried += 1;
        let refused = files.iter().find_map(|(file, connection)| {
            connection.execute_batch("begin immediate").err().map(|error| (file, error))
        });
        let Some((file, error)) = refused else { return Ok(()) };
        for (_, connection) in files.iter().filter(|(_, connection)| !connection.is_autocommit()) {
            connection.execute_batch("rollback").map_err(failed("free", file))?;
        }
        if error.sqlite_error_code() != Some(rusqlite::ErrorCode::DatabaseBusy) || tried == LOCK_TRIES {
            return Err(failed("lock", file)(error));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Copies what a store sees into a new file, and verifies it. The copy counts on, so that a node that goes on with it
/// gives no number a second time. `progress` is told how many pages of how many are copied.
pub fn copy(store: &Sqlite, to: &Path, progress: &mut dyn FnMut(i32, i32)) -> Result<(), StoreError> {
    let mut copy = Connection::open(to).map_err(failed("make the copy", to))?;
    {
        let backup = Backup::new(store.connection(), &mut copy).map_err(failed("copy into", to))?;
        let mut idle = 0;
        loop {
            match backup.step(PAGES).map_err(failed("copy into", to))? {
                StepResult::Done => break,
                StepResult::More => idle = 0,
                _ if idle == 1_000 => {
                    return Err(StoreError::Engine {
                        doing: format!("copy into {}", to.display()),
                        why: "the file is locked".into(),
                    });
                }
                _ => {
                    idle += 1;
                    std::thread::sleep(Duration::from_millis(10));
                }
            }
            let seen = backup.progress();
            progress(seen.pagecount - seen.remaining, seen.pagecount);
        }
        let seen = backup.progress();
        progress(seen.pagecount, seen.pagecount);
    }
    // One file that stands alone, without a log beside it.
    copy.execute_batch("pragma journal_mode = delete; pragma synchronous = full")
        .map_err(failed("finish", to))?;
    let mut copy = Sqlite::over(copy);
    copy.begin()?;
    counters_move_on(&mut copy)?;
    copy.commit()?;
    let wrong = copy.integrity()?;
    match wrong.first() {
        None => Ok(()),
        Some(first) => Err(StoreError::Damaged { what: to.display().to_string(), why: first.clone() }),
    }
}
