//! PostgreSQL behind the `Store` door: one database (or schema) a node, one session, durable on every commit.
//!
//! No TLS: node and database are meant to stand on one machine, or inside one trusted network. Calls block; they are
//! made on the node's own thread, never inside an async runtime.

use super::migrations::Engine;
use crate::doors::{Cell, Row, Store, StoreError};
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Config, NoTls, Statement};
use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

/// A node's own database on a server.
pub struct Postgres {
    config: Config,
    shown: String,
    session: Session,
    in_transaction: bool,
    /// A statement of this transaction failed. The server would answer its commit with a rollback and no error, so
    /// that only a forgotten step or batch mends it.
    broken: bool,
}

/// A connection with the statements that it has prepared.
struct Session {
    client: Client,
    statements: HashMap<&'static str, Statement>,
}

/// How long a server may take to accept a connection, and to acknowledge what is sent.
const SERVER_WAIT: Duration = Duration::from_secs(10);
/// How long the session of a process that was killed may still hold the lock, and how often it is looked at.
const LOCK_TRIES: (u32, Duration) = (50, Duration::from_millis(100));
/// The oldest server that is tested with.
const OLDEST: i64 = 15;

fn words(error: &postgres::Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(told), _) => format!("{} ({})", told.message(), told.code().code()),
        (None, Some(source)) => format!("{error}: {source}"),
        (None, None) => error.to_string(),
    }
}

fn engine(doing: &str) -> impl FnOnce(postgres::Error) -> StoreError + '_ {
    move |error| StoreError::Engine { doing: doing.to_owned(), why: words(&error) }
}

fn unfit(shown: &str, why: impl Into<String>) -> StoreError {
    StoreError::Engine { doing: format!("use {shown}"), why: why.into() }
}

/// Where a database is, without its password.
fn shown(config: &Config) -> String {
    let hosts: Vec<String> = config
        .get_hosts()
        .iter()
        .map(|host| match host {
            postgres::config::Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            postgres::config::Host::Unix(path) => path.display().to_string(),
        })
        .collect();
    let user = config.get_user().unwrap_or("?");
    format!("database {} of {user} at {}", config.get_dbname().unwrap_or(user), hosts.join(","))
}

impl Postgres {
    /// Opens the database at this address (`postgresql://user:password@host/database`) and takes it for this process.
    pub fn open(address: &str) -> Result<Postgres, StoreError> {
        let mut config: Config = address.parse().map_err(|error| StoreError::Engine {
            doing: "read the address of a database".into(),
            why: format!("{}; write postgresql://user:password@host:5432/database", words(&error)),
        })?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(SERVER_WAIT);
        }
        // A connection that died without a word is given up; otherwise a node would wait for it for ever.
        config.tcp_user_timeout(SERVER_WAIT).application_name("yidi");
        let shown = shown(&config);
        let session = Session::begin(&config, &shown)?;
        Ok(Postgres { config, shown, session, in_transaction: false, broken: false })
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
        mut act: impl FnMut(&mut Session) -> Result<T, postgres::Error>,
    ) -> Result<T, StoreError> {
        match act(&mut self.session) {
            Ok(done) => Ok(done),
            Err(error) if self.session.client.is_closed() && !self.in_transaction => {
                tracing::warn!(database = %self.shown, error = %words(&error), "the database went away: connecting anew");
                self.session = Session::begin(&self.config, &self.shown)?;
                act(&mut self.session).map_err(engine(doing))
            }
            Err(error) => {
                self.broken = self.in_transaction;
                Err(engine(doing)(error))
            }
        }
    }

    fn run(&mut self, sql: &'static str) -> Result<(), StoreError> {
        self.again(sql, |session| session.client.batch_execute(sql))
    }
}

impl Session {
    /// Connects, takes the database for this process and reads back what durability and order rest on.
    fn begin(config: &Config, shown: &str) -> Result<Session, StoreError> {
        let client = config.connect(NoTls).map_err(|error| {
            unfit(shown, format!("{}; is the server running, and does it let this user in?", words(&error)))
        })?;
        let mut session = Session { client, statements: HashMap::new() };
        session.fits(shown)?;
        session.take(shown)?;
        Ok(session)
    }

    fn setting(&mut self, name: &str) -> Result<String, StoreError> {
        let sql = format!("select current_setting('{name}')");
        let row = self.client.query_one(sql.as_str(), &[]).map_err(engine("read back a setting"))?;
        row.try_get(0).map_err(engine("read back a setting"))
    }

    fn fits(&mut self, shown: &str) -> Result<(), StoreError> {
        let version = self.setting("server_version_num")?;
        if version.parse::<i64>().unwrap_or_default() / 10_000 < OLDEST {
            return Err(unfit(
                shown,
                format!("the server is older than PostgreSQL {OLDEST}: choose a newer one"),
            ));
        }
        if self.setting("server_encoding")? != "UTF8" {
            return Err(unfit(
                shown,
                "its encoding is not UTF8: create it with encoding 'UTF8' template template0",
            ));
        }
        // Text sorts by its bytes, as in SQLite, so that both engines give the same rows in the same order.
        let sorts = self
            .client
            .query_one("select datcollate::text from pg_database where datname = current_database()", &[])
            .and_then(|row| row.try_get::<_, String>(0))
            .map_err(engine("read how the database sorts"))?;
        if !["C", "POSIX", "C.UTF-8", "C.utf8"].contains(&sorts.as_str()) {
            let cure = "create it with locale 'C' encoding 'UTF8' template template0";
            return Err(unfit(shown, format!("it sorts text by {sorts}: {cure}")));
        }
        let schema = self.client.query_one("select current_schema()::text", &[]);
        let schema = schema.and_then(|row| row.try_get::<_, Option<String>>(0));
        if schema.map_err(engine("read the schema"))?.is_none() {
            return Err(unfit(
                shown,
                "no schema of its search_path exists: create it, or leave search_path out",
            ));
        }
        if self.setting("fsync")? != "on" {
            return Err(unfit(shown, "the server never flushes its disk (fsync is off): set fsync = on"));
        }
        // `remote_apply` waits for more than `on`, and may stay.
        if self.setting("synchronous_commit")? != "remote_apply" {
            self.client
                .batch_execute("set synchronous_commit = on")
                .map_err(engine("set synchronous_commit"))?;
        }
        match self.setting("synchronous_commit")?.as_str() {
            "on" | "remote_apply" => {}
            other => {
                return Err(unfit(shown, format!("synchronous_commit stays {other}: answers might be lost")));
            }
        }
        self.client.batch_execute("set client_min_messages = warning").map_err(engine("set up the session"))
    }

    /// One process a database: the lock ends with the session, also after a kill.
    fn take(&mut self, shown: &str) -> Result<(), StoreError> {
        let sql = "select pg_try_advisory_lock(hashtext('yidi'), hashtext(current_schema()))";
        for _ in 0..LOCK_TRIES.0 {
            let row = self.client.query_one(sql, &[]).map_err(engine("take the database"))?;
            if row.try_get(0).map_err(engine("take the database"))? {
                return Ok(());
            }
            std::thread::sleep(LOCK_TRIES.1);
        }
        Err(unfit(shown, "another yidi works on it: stop that one, or give each node a database of its own"))
    }

    fn prepared(&mut self, sql: &'static str) -> Result<Statement, postgres::Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql)?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }
}

/// A cell on its way to the server.
#[derive(Debug)]
struct Given<'a>(&'a Cell);

impl ToSql for Given<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut postgres::types::private::BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Cell::Null => Ok(IsNull::Yes),
            Cell::Int(value) if *kind == Type::INT8 => value.to_sql(kind, out),
            Cell::Int(value) if *kind == Type::INT4 => i32::try_from(*value)?.to_sql(kind, out),
            // The server knows no NUL inside a text; its picture takes its place.
            Cell::Text(value) if is_text(kind) && value.contains('\0') => {
                value.replace('\0', "\u{2400}").to_sql(kind, out)
            }
            Cell::Text(value) if is_text(kind) => value.to_sql(kind, out),
            other => Err(format!("{other:?} was given where {kind} is expected").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn is_text(kind: &Type) -> bool {
    <String as FromSql<'_>>::accepts(kind)
}

fn cell(row: &postgres::Row, column: usize, sql: &str) -> Result<Cell, StoreError> {
    let read = engine(sql);
    match row.columns()[column].type_() {
        kind if *kind == Type::INT8 => row.try_get::<_, Option<i64>>(column).map(Cell::from).map_err(read),
        kind if *kind == Type::INT4 => {
            row.try_get::<_, Option<i32>>(column).map(|value| value.map(i64::from).into()).map_err(read)
        }
        kind if is_text(kind) => row.try_get::<_, Option<String>>(column).map(Cell::from).map_err(read),
        other => Err(StoreError::Damaged {
            what: format!("column {column} of {sql}"),
            why: format!("it is a {other}"),
        }),
    }
}

impl Store for Postgres {
    fn execute(&mut self, sql: &'static str, values: &[Cell]) -> Result<usize, StoreError> {
        let given: Vec<Given<'_>> = values.iter().map(Given).collect();
        let given: Vec<&(dyn ToSql + Sync)> = given.iter().map(|value| value as _).collect();
        let changed = self.again(sql, |session| {
            let statement = session.prepared(sql)?;
            session.client.execute(&statement, &given)
        })?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    fn query(&mut self, sql: &'static str, values: &[Cell]) -> Result<Vec<Row>, StoreError> {
        let given: Vec<Given<'_>> = values.iter().map(Given).collect();
        let given: Vec<&(dyn ToSql + Sync)> = given.iter().map(|value| value as _).collect();
        let rows = self.again(sql, |session| {
            let statement = session.prepared(sql)?;
            session.client.query(&statement, &given)
        })?;
        rows.iter().map(|row| (0..row.len()).map(|column| cell(row, column, sql)).collect()).collect()
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        self.run("begin")?;
        (self.in_transaction, self.broken) = (true, false);
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        if self.broken {
            return Err(unfit(&self.shown, "a statement of this transaction has failed: it cannot be kept"));
        }
        self.run("commit")?;
        self.in_transaction = false;
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        let was_in = std::mem::take(&mut self.in_transaction);
        self.broken = false;
        // Where the server is gone, so is the transaction.
        if was_in { self.run("rollback") } else { Ok(()) }
    }

    fn step_begin(&mut self) -> Result<(), StoreError> {
        self.run("savepoint step")
    }

    fn step_keep(&mut self) -> Result<(), StoreError> {
        self.run("release step")
    }

    fn step_forget(&mut self) -> Result<(), StoreError> {
        self.run("rollback to step; release step")?;
        self.broken = false;
        Ok(())
    }
}

impl Engine for Postgres {
    fn script(&mut self, sql: &str) -> Result<(), StoreError> {
        self.again("run a migration", |session| session.client.batch_execute(sql))
    }
}
