//! PostgreSQL behind the `Store` door: one database (or schema) a node, one session, durable on every commit.
//!
//! A change whose number of rows nobody asks for waits here and goes to the server together with the next statement that
//! is waited for: one way there and back for all of them, in the order in which they were made.
//!
//! No TLS: node and database are meant to stand on one machine, or inside one trusted network. Calls block; they are
//! made on the node's own thread, never inside an async runtime.

use super::migrations::Engine;
use crate::doors::{Cell, Row, Store, StoreError};
use std::collections::HashMap;
use std::error::Error;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Config, NoTls, Statement};

/// A node's own database on a server.
pub struct Postgres {
    config: Config,
    shown: String,
    take: Take,
    session: Session,
    /// Changes of this transaction that the server has not seen yet.
    queued: Vec<Sent>,
    in_transaction: bool,
    /// A statement of this transaction failed. The server would answer its commit with a rollback and no error, so
    /// that only a forgotten step or batch mends it.
    broken: bool,
    /// A change of a step before the present one failed, and was told late: only a forgotten batch mends that.
    lost: bool,
}

/// What a session does to make the database its own.
type Take = fn(&mut Session, &str) -> Result<(), StoreError>;

/// A connection with the statements that it has prepared, and the runtime that serves it while it is waited for.
struct Session {
    client: Client,
    statements: HashMap<&'static str, Statement>,
    runtime: Runtime,
}

/// A statement on its way.
struct Sent {
    sql: &'static str,
    values: Vec<Cell>,
    /// Whether it reads; otherwise the number of changed rows comes back.
    reads: bool,
}

/// What the server says to a statement.
enum Said {
    Changed(u64),
    Rows(Vec<tokio_postgres::Row>),
}

/// Words of the server's own.
const BEGIN: &str = "begin";
const COMMIT: &str = "commit";
const SAVEPOINT: &str = "savepoint step";

/// So many changes are sent at the latest, so that neither side holds more.
const QUEUED_AT_MOST: usize = 256;

/// How long a server may take to accept a connection, and to acknowledge what is sent.
const SERVER_WAIT: Duration = Duration::from_secs(10);
/// How long the session of a process that was killed may still hold the lock, and how often it is looked at.
const LOCK_TRIES: (u32, Duration) = (50, Duration::from_millis(100));
/// The oldest server that is tested with.
const OLDEST: i64 = 15;

pub(super) fn words(error: &tokio_postgres::Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(told), _) => format!("{} ({})", told.message(), told.code().code()),
        (None, Some(source)) => format!("{error}: {source}"),
        (None, None) => error.to_string(),
    }
}

fn engine(doing: &str) -> impl FnOnce(tokio_postgres::Error) -> StoreError + '_ {
    move |error| StoreError::Engine { doing: doing.to_owned(), why: words(&error) }
}

fn unfit(shown: &str, why: impl Into<String>) -> StoreError {
    StoreError::Engine { doing: format!("use {shown}"), why: why.into() }
}

/// Where a database is, without its password.
pub(super) fn shown(config: &Config) -> String {
    let hosts: Vec<String> = config
        .get_hosts()
        .iter()
        .map(|host| match host {
            tokio_postgres::config::Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            tokio_postgres::config::Host::Unix(path) => path.display().to_string(),
        })
        .collect();
    let user = config.get_user().unwrap_or("?");
    format!("database {} of {user} at {}", config.get_dbname().unwrap_or(user), hosts.join(","))
}

impl Postgres {
    /// Opens the database at this address (`postgresql://user:password@host/database`) and takes it for this process.
    pub fn open(address: &str) -> Result<Postgres, StoreError> {
        Postgres::connect(address, Session::take)
    }

    /// The database at this address as it stands at this moment, to be read while its node may be at work.
    pub fn at_this_moment(address: &str) -> Result<Postgres, StoreError> {
        let mut store = Postgres::connect(address, |_, _| Ok(()))?;
        store.run("begin isolation level repeatable read read only")?;
        store.in_transaction = true;
        // A reader sees what stood there at its first reading.
        store.query("select 1 from migration", &[])?;
        Ok(store)
    }

    fn connect(address: &str, take: Take) -> Result<Postgres, StoreError> {
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
        let session = Session::begin(&config, &shown, take)?;
        Ok(Postgres {
            config,
            shown,
            take,
            session,
            queued: Vec::new(),
            in_transaction: false,
            broken: false,
            lost: false,
        })
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
        mut act: impl FnMut(&mut Session) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, StoreError> {
        match act(&mut self.session) {
            Ok(done) => Ok(done),
            Err(error) if self.session.client.is_closed() && !self.in_transaction => {
                tracing::warn!(database = %self.shown, error = %words(&error), "the database went away: connecting anew");
                self.session = Session::begin(&self.config, &self.shown, self.take)?;
                act(&mut self.session).map_err(engine(doing))
            }
            Err(error) => {
                self.broken = self.in_transaction;
                Err(engine(doing)(error))
            }
        }
    }

    fn run(&mut self, sql: &'static str) -> Result<(), StoreError> {
        self.again(sql, |session| session.script(sql))
    }

    /// Sends what is queued, and these behind it; gives what the server says to these. The first failure counts: what
    /// comes behind it in the same transaction fails because of it.
    ///
    /// Where the server went away, everything is done again on a new connection as long as nothing of this transaction
    /// was told before; but never a commit, whose end nobody knows then.
    fn exchange(&mut self, these: Vec<Sent>) -> Result<Vec<Said>, StoreError> {
        let mut all = std::mem::take(&mut self.queued);
        let queued = all.len();
        all.extend(these);
        if all.is_empty() {
            return Ok(Vec::new());
        }
        let is = |sent: Option<&Sent>, sql: &str| sent.is_some_and(|sent| sent.sql == sql);
        let nothing_told = !self.in_transaction || (is(all.first(), BEGIN) && !is(all.last(), COMMIT));
        let mut said = self.session.exchange(&all);
        if let Err((_, error)) = &said
            && nothing_told
            && self.session.client.is_closed()
        {
            tracing::warn!(database = %self.shown, error = %words(error), "the database went away: connecting anew");
            self.broken = self.in_transaction;
            self.session = Session::begin(&self.config, &self.shown, self.take)?;
            self.broken = false;
            said = self.session.exchange(&all);
        }
        match said {
            Ok(mut said) => Ok(said.split_off(queued)),
            Err((place, error)) => {
                self.broken = self.in_transaction;
                self.lost |= all[place..].iter().any(|sent| sent.sql == SAVEPOINT);
                Err(engine(all[place].sql)(error))
            }
        }
    }

    /// Lets a change wait for what follows.
    fn queue(&mut self, sql: &'static str, values: &[Cell]) -> Result<(), StoreError> {
        self.queued.push(Sent { sql, values: values.to_vec(), reads: false });
        if self.queued.len() < QUEUED_AT_MOST { Ok(()) } else { self.exchange(Vec::new()).map(drop) }
    }
}

/// Begins all of them in this order before it waits for the first.
async fn together<T>(futures: Vec<Pin<Box<dyn Future<Output = T> + '_>>>) -> Vec<T> {
    let mut begun = Vec::with_capacity(futures.len());
    for mut future in futures {
        let first = poll_fn(|context| {
            Poll::Ready(match future.as_mut().poll(context) {
                Poll::Ready(done) => Some(done),
                Poll::Pending => None,
            })
        });
        let first = first.await;
        begun.push((first, future));
    }
    let mut done = Vec::with_capacity(begun.len());
    for (first, future) in begun {
        done.push(match first {
            Some(first) => first,
            None => future.await,
        });
    }
    done
}

/// A connection, and the runtime that serves it while it is waited for.
pub(super) fn connected(config: &Config, shown: &str) -> Result<(Client, Runtime), StoreError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| unfit(shown, format!("no runtime for its connection: {error}")))?;
    let (client, connection) = runtime.block_on(config.connect(NoTls)).map_err(|error| {
        unfit(shown, format!("{}; is the server running, and does it let this user in?", words(&error)))
    })?;
    runtime.spawn(async move {
        // Who waits for an answer hears of it as well.
        if let Err(error) = connection.await {
            tracing::debug!(error = %words(&error), "the connection to the database ended");
        }
    });
    Ok((client, runtime))
}

impl Session {
    /// Connects, takes the database for this process and reads back what durability and order rest on.
    fn begin(config: &Config, shown: &str, take: Take) -> Result<Session, StoreError> {
        let (client, runtime) = connected(config, shown)?;
        let mut session = Session { client, statements: HashMap::new(), runtime };
        session.fits(shown)?;
        take(&mut session, shown)?;
        Ok(session)
    }

    fn setting(&mut self, name: &str) -> Result<String, StoreError> {
        let sql = format!("select current_setting('{name}')");
        let row = self.one(&sql).map_err(engine("read back a setting"))?;
        row.try_get(0).map_err(engine("read back a setting"))
    }

    fn one(&mut self, sql: &str) -> Result<tokio_postgres::Row, tokio_postgres::Error> {
        self.runtime.block_on(self.client.query_one(sql, &[]))
    }

    fn script(&mut self, sql: &str) -> Result<(), tokio_postgres::Error> {
        self.runtime.block_on(self.client.batch_execute(sql))
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
            .one("select datcollate::text from pg_database where datname = current_database()")
            .and_then(|row| row.try_get::<_, String>(0))
            .map_err(engine("read how the database sorts"))?;
        if !["C", "POSIX", "C.UTF-8", "C.utf8"].contains(&sorts.as_str()) {
            let cure = "create it with locale 'C' encoding 'UTF8' template template0";
            return Err(unfit(shown, format!("it sorts text by {sorts}: {cure}")));
        }
        let schema = self.one("select current_schema()::text");
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
            self.script("set synchronous_commit = on").map_err(engine("set synchronous_commit"))?;
        }
        match self.setting("synchronous_commit")?.as_str() {
            "on" | "remote_apply" => {}
            other => {
                return Err(unfit(shown, format!("synchronous_commit stays {other}: answers might be lost")));
            }
        }
        self.script("set client_min_messages = warning").map_err(engine("set up the session"))
    }

    /// One process a database: the lock ends with the session, also after a kill.
    fn take(&mut self, shown: &str) -> Result<(), StoreError> {
        let sql = "select pg_try_advisory_lock(hashtext('yidi'), hashtext(current_schema()))";
        for _ in 0..LOCK_TRIES.0 {
            let row = self.one(sql).map_err(engine("take the database"))?;
            if row.try_get(0).map_err(engine("take the database"))? {
                return Ok(());
            }
            std::thread::sleep(LOCK_TRIES.1);
        }
        Err(unfit(shown, "another yidi works on it: stop that one, or give each node a database of its own"))
    }

    /// Sends all of these before it waits for the first; gives what the server says to each, or the place of the first
    /// that failed.
    fn exchange(&mut self, all: &[Sent]) -> Result<Vec<Said>, (usize, tokio_postgres::Error)> {
        let Session { client, statements, runtime } = self;
        let client = &*client;
        let answers: Vec<Result<Said, tokio_postgres::Error>> = runtime.block_on(async {
            for (place, sent) in all.iter().enumerate() {
                if !statements.contains_key(sent.sql) {
                    let statement = client.prepare(sent.sql).await.map_err(|error| (place, error))?;
                    statements.insert(sent.sql, statement);
                }
            }
            let begun: Vec<Pin<Box<dyn Future<Output = _>>>> = all
                .iter()
                .map(|sent| {
                    Box::pin(said(client, &statements[sent.sql], sent)) as Pin<Box<dyn Future<Output = _>>>
                })
                .collect();
            Ok::<_, (usize, tokio_postgres::Error)>(together(begun).await)
        })?;
        let placed = answers.into_iter().enumerate();
        placed.map(|(place, answer)| answer.map_err(|error| (place, error))).collect()
    }
}

async fn said(client: &Client, statement: &Statement, sent: &Sent) -> Result<Said, tokio_postgres::Error> {
    let given: Vec<Given<'_>> = sent.values.iter().map(Given).collect();
    let given: Vec<&(dyn ToSql + Sync)> = given.iter().map(|value| value as _).collect();
    if sent.reads {
        client.query(statement, &given).await.map(Said::Rows)
    } else {
        client.execute(statement, &given).await.map(Said::Changed)
    }
}

/// A cell on its way to the server.
#[derive(Debug)]
struct Given<'a>(&'a Cell);

impl ToSql for Given<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut tokio_postgres::types::private::BytesMut,
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

fn cell(row: &tokio_postgres::Row, column: usize, sql: &str) -> Result<Cell, StoreError> {
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

fn changed(said: Said) -> usize {
    match said {
        Said::Changed(rows) => usize::try_from(rows).unwrap_or(usize::MAX),
        Said::Rows(rows) => rows.len(),
    }
}

impl Store for Postgres {
    fn execute(&mut self, sql: &'static str, values: &[Cell]) -> Result<usize, StoreError> {
        let said = self.exchange(vec![Sent { sql, values: values.to_vec(), reads: false }])?;
        Ok(said.into_iter().map(changed).sum())
    }

    fn change(&mut self, sql: &'static str, values: &[Cell]) -> Result<(), StoreError> {
        if self.in_transaction { self.queue(sql, values) } else { self.execute(sql, values).map(drop) }
    }

    fn execute_each(&mut self, sql: &'static str, each: &[Vec<Cell>]) -> Result<Vec<usize>, StoreError> {
        let these = each.iter().map(|values| Sent { sql, values: values.clone(), reads: false }).collect();
        Ok(self.exchange(these)?.into_iter().map(changed).collect())
    }

    fn query(&mut self, sql: &'static str, values: &[Cell]) -> Result<Vec<Row>, StoreError> {
        let said = self.exchange(vec![Sent { sql, values: values.to_vec(), reads: true }])?;
        let rows = said.into_iter().flat_map(|said| match said {
            Said::Rows(rows) => rows,
            Said::Changed(_) => Vec::new(),
        });
        rows.map(|row| (0..row.len()).map(|column| cell(&row, column, sql)).collect()).collect()
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        self.queue(BEGIN, &[])?;
        (self.in_transaction, self.broken, self.lost) = (true, false, false);
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        if self.broken || self.lost {
            return Err(unfit(&self.shown, "a statement of this transaction has failed: it cannot be kept"));
        }
        self.queued.push(Sent { sql: COMMIT, values: Vec::new(), reads: false });
        self.exchange(Vec::new())?;
        self.in_transaction = false;
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        let was_in = std::mem::take(&mut self.in_transaction);
        self.broken = false;
        // Where the server is gone, so is the transaction; and what it has not heard of has not begun.
        let has_begun = self.queued.first().is_none_or(|sent| sent.sql != BEGIN);
        self.queued.clear();
        if was_in && has_begun { self.run("rollback") } else { Ok(()) }
    }

    fn step_begin(&mut self) -> Result<(), StoreError> {
        self.queue(SAVEPOINT, &[])
    }

    fn step_keep(&mut self) -> Result<(), StoreError> {
        // The next step's savepoint stands inside this one and is found first; the commit keeps them all.
        Ok(())
    }

    fn step_forget(&mut self) -> Result<(), StoreError> {
        // What was not sent yet is forgotten unsent, the savepoint included where nothing of the step was sent.
        let begun = self.queued.iter().rposition(|sent| sent.sql == SAVEPOINT);
        if let Some(begun) = begun {
            self.queued.truncate(begun);
        } else {
            self.queued.clear();
            self.run("rollback to step; release step")?;
        }
        self.broken = false;
        Ok(())
    }
}

impl Engine for Postgres {
    fn script(&mut self, sql: &str) -> Result<(), StoreError> {
        self.exchange(Vec::new())?;
        self.again("run a migration", |session| session.script(sql))
    }
}
