//! PostgreSQL behind the `Store` door: one database (or schema) a node, one session, durable on every commit.
//!
//! A server may go away at any moment, and another may take its place. Between two batches the session is replaced;
//! a batch that was open is lost, and its callers hear so. Of a commit whose fate is not known the number of the batch
//! tells: every batch counts itself, in its own transaction.
//!
//! A change whose number of rows nobody asks for waits here, and goes to the server together with others, in their order,
//! before the next statement that is waited for.
//!
//! No TLS: node and database are meant to stand on one machine, or inside one trusted network. Calls block; they are
//! made on the node's own thread, never inside an async runtime.

mod cells;
pub(super) mod session;

use super::migrations::Engine;
use crate::doors::{Cell, Row, Store, StoreError, micros};
use cells::{Given, cell};
use session::{Servers, Session, Trouble};
use std::time::Duration;
use tokio_postgres::types::ToSql;

/// A node's own database on a server.
pub struct Postgres {
    servers: Servers,
    session: Session,
    manner: Manner,
    in_transaction: bool,
    /// Changes of the present step that the server has not seen yet.
    queued: Vec<(&'static str, Vec<Cell>)>,
    /// A statement of this transaction failed. The server would answer its commit with a rollback and no error, so
    /// that only a forgotten step or batch mends it.
    broken: bool,
    /// The number of the last batch that is known to be kept; nothing before there is a table to count in.
    batch: Option<i64>,
    /// Whether the batch behind that one may have been kept as well.
    in_doubt: bool,
    /// The server is away.
    away: Option<Away>,
}

/// What a session is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// A node works with it, alone.
    Work,
    /// Somebody reads what stood there at one moment.
    Read,
}

/// A server that does not let us in.
struct Away {
    /// When it is called again (see [`micros`]).
    next: u64,
    pause_ms: u64,
    why: String,
}

/// How often the lock is looked at: where a process starts, the one that was killed before may still hold it.
const LOCK_TRIES_AT_START: u32 = 50;
const LOCK_TRIES: u32 = 10;
/// First and longest pause between two calls to a server that is away (ms).
const PAUSE_MS: (u64, u64) = (100, 2_000);
/// How long a server is called to learn what became of a commit (microseconds), and how often.
const FATE_WAIT: u64 = 3_000_000;
const FATE_PAUSE: Duration = Duration::from_millis(50);

/// So many changes are sent at the latest, so that neither side holds more.
const QUEUED_AT_MOST: usize = 256;

/// Counts a batch, in its own transaction.
const COUNT_BATCH: &str = "insert into counter (name, value) values ('batch', 1) \
     on conflict (name) do update set value = counter.value + 1";

pub(super) fn engine(doing: &str) -> impl FnOnce(Trouble) -> StoreError + '_ {
    move |trouble| StoreError::Engine { doing: doing.to_owned(), why: trouble.words() }
}

fn unfit(shown: &str, why: impl Into<String>) -> StoreError {
    StoreError::Engine { doing: format!("use {shown}"), why: why.into() }
}

/// Makes an empty schema in the database at this address, and gives the address of it: a place for one node.
pub fn schema_make(address: &str, name: &str) -> Result<String, StoreError> {
    let mut session = Servers::of(address, true)?.call(Session::fits)?;
    session.run(&format!("create schema {name}")).map_err(engine("make a schema"))?;
    let joined = if address.contains('?') { '&' } else { '?' };
    Ok(format!("{address}{joined}options=-c%20search_path%3D{name}"))
}

/// Names this moment in the log of the server at this address, so that it can be gone back to. The user must be its
/// superuser, or one who may.
pub fn restore_point_make(address: &str, name: &str) -> Result<(), StoreError> {
    let mut session = Servers::of(address, true)?.call(Session::fits)?;
    let sql = format!("select pg_create_restore_point('{name}')::text");
    session.one(&sql, "name a moment")?;
    // The piece of the log that holds it is full from here on, and is kept.
    session.one("select pg_switch_wal()::text", "close a piece of the log").map(drop)
}

impl Postgres {
    /// Opens the database at this address (`postgresql://user:password@host/database`, or several hosts with commas
    /// between) and takes it for this process.
    pub fn open(address: &str) -> Result<Postgres, StoreError> {
        let mut servers = Servers::of(address, true)?;
        let session = servers.call(|session, shown| {
            session.fits(shown)?;
            session.take(shown, LOCK_TRIES_AT_START)
        })?;
        let mut store = Postgres::over(servers, session, Manner::Work);
        store.batch = batch_kept(&mut store.session)?;
        Ok(store)
    }

    /// The database at this address as it stands at this moment, to be read while its node may be at work.
    pub fn at_this_moment(address: &str) -> Result<Postgres, StoreError> {
        let mut servers = Servers::of(address, false)?;
        let mut session = servers.call(Session::fits)?;
        session.takes_its_time();
        let begin = "begin isolation level repeatable read read only";
        session.run(begin).map_err(engine(begin))?;
        let mut store = Postgres::over(servers, session, Manner::Read);
        store.in_transaction = true;
        // A reader sees what stood there at its first reading.
        store.query("select 1 from migration", &[])?;
        store.session.run("savepoint moment").map_err(engine("keep the moment"))?;
        Ok(store)
    }

    fn over(servers: Servers, session: Session, manner: Manner) -> Postgres {
        let (in_transaction, broken, batch, in_doubt, away) = (false, false, None, false, None);
        let queued = Vec::new();
        Postgres { servers, session, manner, in_transaction, queued, broken, batch, in_doubt, away }
    }

    /// The setting that decides whether an answer survives a power cut, as the server has it for this session.
    pub fn synchronous(&mut self) -> Result<String, StoreError> {
        self.session.setting("synchronous_commit")
    }

    /// Does something; where that fails because the server went away between two transactions, connects anew and does
    /// it again. Inside a transaction nothing is repeated: the batch is lost, as with any failure.
    fn again<T>(
        &mut self,
        doing: &str,
        mut act: impl FnMut(&mut Session) -> Result<T, Trouble>,
    ) -> Result<T, StoreError> {
        if self.session.is_gone() && !self.in_transaction {
            self.connect_anew()?;
        }
        match act(&mut self.session) {
            Ok(done) => Ok(done),
            Err(trouble) if self.session.is_gone() && !self.in_transaction => {
                let error = trouble.words();
                tracing::warn!(database = %self.servers.shown, error, "the database went away: connecting anew");
                self.connect_anew()?;
                act(&mut self.session).map_err(engine(doing))
            }
            Err(trouble) => {
                self.broken = self.in_transaction;
                if self.manner == Manner::Read {
                    // The moment stays, whatever could not be read of it.
                    self.broken = self.session.run("rollback to moment").is_err();
                }
                Err(engine(doing)(trouble))
            }
        }
    }

    fn run(&mut self, sql: &'static str) -> Result<(), StoreError> {
        self.send_queued()?;
        self.again(sql, |session| session.run(sql))
    }

    /// Sends the changes that wait: one way there and back for all of them.
    fn send_queued(&mut self) -> Result<(), StoreError> {
        let queued = std::mem::take(&mut self.queued);
        if queued.is_empty() {
            return Ok(());
        }
        self.again("change rows", |session| session.execute_all(&queued)).map(drop)
    }

    /// A new session in place of one that is gone, but not more often than the pauses allow.
    fn connect_anew(&mut self) -> Result<(), StoreError> {
        if let Some(away) = &self.away
            && micros() < away.next
        {
            return Err(unfit(&self.servers.shown, away.why.clone()));
        }
        let found = self.servers.call(|session, shown| {
            session.fits(shown)?;
            if self.manner == Manner::Work { session.take(shown, LOCK_TRIES) } else { Ok(()) }
        });
        let found = found.and_then(|mut session| {
            let kept = batch_kept(&mut session)?;
            self.same_past(kept)?;
            Ok((session, kept))
        });
        match found {
            Ok((session, kept)) => {
                tracing::warn!(database = %self.servers.shown, "the database is back");
                (self.session, self.batch, self.in_doubt, self.away) = (session, kept, false, None);
                Ok(())
            }
            Err(error) => {
                let pause_ms =
                    self.away.as_ref().map_or(PAUSE_MS.0, |away| (away.pause_ms * 2).min(PAUSE_MS.1));
                let why = match &error {
                    StoreError::Engine { why, .. } | StoreError::Damaged { why, .. } => why.clone(),
                };
                self.away = Some(Away { next: micros() + pause_ms * 1_000, pause_ms, why });
                Err(error)
            }
        }
    }

    /// Whether the database that we came back to is the one that we left. What this process holds in memory is true
    /// of that one alone.
    fn same_past(&self, kept: Option<i64>) -> Result<(), StoreError> {
        let Some(before) = self.batch else { return Ok(()) };
        let last = if self.in_doubt { before + 1 } else { before };
        let found = kept.unwrap_or(0);
        if (before..=last).contains(&found) {
            return Ok(());
        }
        let what = if found < before {
            "it has lost what was answered: a standby that was behind, or a backup, took its place"
        } else {
            "somebody else has written into it meanwhile"
        };
        Err(unfit(
            &self.servers.shown,
            format!(
                "{what} (batch {found} where {before} was kept); see docs/operations/backup.md, then start the node anew"
            ),
        ))
    }

    /// What became of the commit of a batch, where the session ended under it: the number of the last batch tells, and
    /// nothing else does. What was kept is made durable once more before anybody is told: a server that comes back
    /// shows what its standby does not have yet.
    fn fate(&mut self, batch: i64, trouble: &str) -> Result<(), StoreError> {
        tracing::warn!(database = %self.servers.shown, error = trouble, "the database went away inside a commit");
        self.in_doubt = true;
        let begun = micros();
        while let Err(error) = self.connect_anew() {
            if micros() - begun > FATE_WAIT {
                return Err(error);
            }
            std::thread::sleep(FATE_PAUSE);
        }
        if self.batch != Some(batch) {
            return Err(unfit(&self.servers.shown, format!("{trouble}: the batch was not kept")));
        }
        self.begin()?;
        self.commit()
    }
}

/// The number of the last batch that a database has kept; nothing where it has no tables yet.
fn batch_kept(session: &mut Session) -> Result<Option<i64>, StoreError> {
    let doing = "read the number of the last batch";
    if session.one("select to_regclass('counter')::text", doing)?.is_none() {
        return Ok(None);
    }
    let sql = "select coalesce(max(value), 0)::text from counter where name = 'batch'";
    Ok(session.one(sql, doing)?.and_then(|number| number.parse().ok()))
}

impl Store for Postgres {
    fn execute(&mut self, sql: &'static str, values: &[Cell]) -> Result<usize, StoreError> {
        let given: Vec<Given<'_>> = values.iter().map(Given).collect();
        let given: Vec<&(dyn ToSql + Sync)> = given.iter().map(|value| value as _).collect();
        self.send_queued()?;
        let changed = self.again(sql, |session| session.execute(sql, &given))?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    fn change(&mut self, sql: &'static str, values: &[Cell]) -> Result<(), StoreError> {
        if !self.in_transaction {
            return self.execute(sql, values).map(drop);
        }
        self.queued.push((sql, values.to_vec()));
        if self.queued.len() < QUEUED_AT_MOST { Ok(()) } else { self.send_queued() }
    }

    fn execute_each(&mut self, sql: &'static str, each: &[Vec<Cell>]) -> Result<Vec<usize>, StoreError> {
        self.send_queued()?;
        let all: Vec<(&'static str, Vec<Cell>)> = each.iter().map(|values| (sql, values.clone())).collect();
        let changed = self.again(sql, |session| session.execute_all(&all))?;
        Ok(changed.into_iter().map(|rows| usize::try_from(rows).unwrap_or(usize::MAX)).collect())
    }

    fn query(&mut self, sql: &'static str, values: &[Cell]) -> Result<Vec<Row>, StoreError> {
        let given: Vec<Given<'_>> = values.iter().map(Given).collect();
        let given: Vec<&(dyn ToSql + Sync)> = given.iter().map(|value| value as _).collect();
        self.send_queued()?;
        let rows = self.again(sql, |session| session.query(sql, &given))?;
        rows.iter().map(|row| (0..row.len()).map(|column| cell(row, column, sql)).collect()).collect()
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        self.run("begin")?;
        (self.in_transaction, self.broken) = (true, false);
        self.session.has_warned();
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.send_queued()?;
        if self.broken {
            return Err(unfit(
                &self.servers.shown,
                "a statement of this transaction has failed: it cannot be kept",
            ));
        }
        if self.batch.is_none() {
            self.batch = batch_kept(&mut self.session)?;
        }
        let Some(before) = self.batch else {
            self.run("commit")?;
            self.in_transaction = false;
            return Ok(());
        };
        match self.session.run(&format!("{COUNT_BATCH}; commit")) {
            Ok(()) if self.session.has_warned() => {
                // A wait for the standby that somebody cancelled ends with a warning, and not with an error.
                (self.in_transaction, self.batch) = (false, Some(before + 1));
                Err(unfit(
                    &self.servers.shown,
                    "the server warned at the commit: its standby may not have it",
                ))
            }
            Ok(()) => {
                (self.in_transaction, self.batch) = (false, Some(before + 1));
                Ok(())
            }
            Err(trouble) if self.session.is_gone() => {
                self.in_transaction = false;
                self.fate(before + 1, &trouble.words())
            }
            Err(trouble) => {
                self.broken = true;
                Err(engine("commit")(trouble))
            }
        }
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        let was_in = std::mem::take(&mut self.in_transaction);
        self.broken = false;
        self.queued.clear();
        // Where the server is gone, so is the transaction.
        if was_in && !self.session.is_gone() { self.run("rollback") } else { Ok(()) }
    }

    fn step_begin(&mut self) -> Result<(), StoreError> {
        self.run("savepoint step")
    }

    fn step_keep(&mut self) -> Result<(), StoreError> {
        self.run("release step")
    }

    fn step_forget(&mut self) -> Result<(), StoreError> {
        // A step begins with nothing queued: what waits is its own, and forgotten with it.
        self.queued.clear();
        self.run("rollback to step; release step")?;
        self.broken = false;
        Ok(())
    }
}

impl Engine for Postgres {
    fn script(&mut self, sql: &str) -> Result<(), StoreError> {
        self.again("run a migration", |session| session.script(sql))
    }
}
