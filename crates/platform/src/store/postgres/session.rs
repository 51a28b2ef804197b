//! One session on a server: found among the hosts of an address, looked at before it is trusted, with a limit to how
//! long it may be silent.

use super::cells::Given;
use super::{engine, unfit};
use crate::doors::{Cell, StoreError};
use std::collections::HashMap;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_postgres::config::{Host, TargetSessionAttrs};
use tokio_postgres::types::ToSql;
use tokio_postgres::{AsyncMessage, Client, Config, NoTls, Row, Statement};

/// How long one host may take to let us in, unless the address says `connect_timeout`.
const CONNECT_WAIT: Duration = Duration::from_secs(3);
/// How long a server may be silent in the middle of a statement. One that was stopped (and not killed) acknowledges
/// what it is sent for ever and never answers.
const SILENCE: Duration = Duration::from_secs(10);
/// How often the lock of a database is looked at, and the pause between.
const LOCK_PAUSE: Duration = Duration::from_millis(100);
/// The oldest server that is tested with.
const OLDEST: i64 = 15;
/// How a session is set up. A server that cancels a commit by a limit of its own would call it done before its standby
/// has it; and it has to notice that we are gone, or the lock of a cut connection outlives it for hours.
const SET_UP: &str = "set client_min_messages = warning; set statement_timeout = 0; \
     set idle_in_transaction_session_timeout = 0; \
     set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3";

/// Why nothing came of a statement.
#[derive(Debug)]
pub(in crate::store) enum Trouble {
    /// The server, or the connection to it, says so.
    Said(tokio_postgres::Error),
    /// It says nothing at all.
    Silent(Duration),
}

impl Trouble {
    pub(super) fn words(&self) -> String {
        match self {
            Trouble::Said(error) => words(error),
            Trouble::Silent(wait) => format!("the server has said nothing for {} s", wait.as_secs()),
        }
    }
}

pub(super) fn words(error: &tokio_postgres::Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(told), _) => format!("{} ({})", told.message(), told.code().code()),
        (None, Some(source)) => format!("{error}: {source}"),
        (None, None) => error.to_string(),
    }
}

/// The servers of an address, each with what is needed to call it.
pub(in crate::store) struct Servers {
    hosts: Vec<Config>,
    /// The one that let us in last.
    last: usize,
    wait: Duration,
    /// Where the database is, without its password.
    pub(super) shown: String,
}

impl Servers {
    /// Reads an address. Of several hosts, the one that takes writes is meant.
    pub(in crate::store) fn of(address: &str, writes: bool) -> Result<Servers, StoreError> {
        let read: Config = address.parse().map_err(|error| StoreError::Engine {
            doing: "read the address of a database".into(),
            why: format!("{}; write postgresql://user:password@host:5432/database", words(&error)),
        })?;
        let count = read.get_hosts().len();
        let mut hosts = Vec::new();
        for (number, host) in read.get_hosts().iter().enumerate() {
            let mut one = Config::new();
            match host {
                Host::Tcp(name) => one.host(name),
                #[cfg(unix)]
                Host::Unix(path) => one.host_path(path),
            };
            if let Some(at) = read.get_hostaddrs().get(number) {
                one.hostaddr(*at);
            }
            let ports = read.get_ports();
            one.port(*ports.get(number).or(ports.first()).unwrap_or(&5432));
            read.get_user().map(|user| one.user(user));
            read.get_password().map(|word| one.password(word));
            read.get_dbname().map(|name| one.dbname(name));
            read.get_options().map(|options| one.options(options));
            one.ssl_mode(read.get_ssl_mode());
            let wanted = if writes || count > 1 {
                TargetSessionAttrs::ReadWrite
            } else {
                read.get_target_session_attrs()
            };
            one.target_session_attrs(wanted);
            // A connection that died without a word is given up; otherwise a node would wait for it for ever.
            one.tcp_user_timeout(SILENCE).application_name("yidi");
            hosts.push(one);
        }
        let wait = read.get_connect_timeout().copied().unwrap_or(CONNECT_WAIT);
        let servers = Servers { hosts, last: 0, wait, shown: shown(&read) };
        if servers.hosts.is_empty() {
            return Err(unfit(
                &servers.shown,
                "no host is named; write postgresql://user:password@host:5432/database",
            ));
        }
        Ok(servers)
    }

    /// Calls one after the other, beginning with the one that let us in last, until one is fit. `look` decides.
    pub(in crate::store) fn call(
        &mut self,
        mut look: impl FnMut(&mut Session, &str) -> Result<(), StoreError>,
    ) -> Result<Session, StoreError> {
        let mut told = Vec::new();
        let mut only = None;
        for turn in 0..self.hosts.len() {
            let number = (self.last + turn) % self.hosts.len();
            let tried = Session::begin(&self.hosts[number], self.wait, &self.shown)
                .and_then(|mut session| look(&mut session, &self.shown).map(|()| session));
            match tried {
                Ok(session) => {
                    self.last = number;
                    return Ok(session);
                }
                Err(error) => {
                    told.push(format!("host {}: {}", number + 1, why(&error)));
                    only = Some(error);
                }
            }
        }
        match only {
            Some(error) if told.len() == 1 => Err(error),
            _ => Err(unfit(&self.shown, told.join("; "))),
        }
    }
}

fn why(error: &StoreError) -> &str {
    match error {
        StoreError::Engine { why, .. } | StoreError::Damaged { why, .. } => why,
    }
}

/// Where a database is, without its password.
fn shown(config: &Config) -> String {
    let hosts: Vec<String> = config
        .get_hosts()
        .iter()
        .map(|host| match host {
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(path) => path.display().to_string(),
        })
        .collect();
    let user = config.get_user().unwrap_or("?");
    format!("database {} of {user} at {}", config.get_dbname().unwrap_or(user), hosts.join(","))
}

/// A connection with the statements that it has prepared.
pub(in crate::store) struct Session {
    client: Client,
    statements: HashMap<&'static str, Statement>,
    /// How long the server may be silent; for ever where somebody reads for hours.
    silence: Option<Duration>,
    /// It was silent for too long: whatever it says now comes too late.
    given_up: bool,
    warned: Arc<AtomicBool>,
    connection: JoinHandle<()>,
    /// Last, so that the connection ends with the session.
    runtime: Runtime,
}

fn wait<T>(
    runtime: &Runtime,
    silence: Option<Duration>,
    said: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, Trouble> {
    runtime.block_on(async {
        match silence {
            Some(limit) => match tokio::time::timeout(limit, said).await {
                Ok(said) => said.map_err(Trouble::Said),
                Err(_) => Err(Trouble::Silent(limit)),
            },
            None => said.await.map_err(Trouble::Said),
        }
    })
}

/// Something that is being said to a server.
type Going<'a, T> = Pin<Box<dyn Future<Output = Result<T, tokio_postgres::Error>> + 'a>>;

/// Begins all of them in this order before it waits for the first.
async fn together<T>(futures: Vec<Going<'_, T>>) -> Result<Vec<T>, tokio_postgres::Error> {
    let mut begun = Vec::with_capacity(futures.len());
    for mut future in futures {
        let first = std::future::poll_fn(|context| {
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
            Some(first) => first?,
            None => future.await?,
        });
    }
    Ok(done)
}

impl Session {
    /// Connects to one host.
    fn begin(config: &Config, limit: Duration, shown: &str) -> Result<Session, StoreError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| unfit(shown, error.to_string()))?;
        let (client, mut connection) =
            wait(&runtime, Some(limit), config.connect(NoTls)).map_err(|trouble| {
                let why = trouble.words();
                unfit(shown, format!("{why}; is the server running, and does it let this user in?"))
            })?;
        let warned: Arc<AtomicBool> = Arc::default();
        let heard = warned.clone();
        let connection = runtime.spawn(std::future::poll_fn(move |context| {
            loop {
                match std::task::ready!(connection.poll_message(context)) {
                    Some(Ok(AsyncMessage::Notice(notice))) => {
                        tracing::warn!(notice = notice.message(), "the database server warns");
                        heard.store(true, Ordering::Relaxed);
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return std::task::Poll::Ready(()),
                }
            }
        }));
        let silence = Some(SILENCE);
        Ok(Session {
            client,
            statements: HashMap::new(),
            silence,
            given_up: false,
            warned,
            connection,
            runtime,
        })
    }

    /// Reads may take as long as they take.
    pub(in crate::store) fn takes_its_time(&mut self) {
        self.silence = None;
    }

    /// Whether it has ended, whoever ended it.
    pub(super) fn is_gone(&self) -> bool {
        self.given_up || self.client.is_closed()
    }

    /// Whether the server has warned of something since this was last asked.
    pub(super) fn has_warned(&self) -> bool {
        self.warned.swap(false, Ordering::Relaxed)
    }

    /// A server that says nothing is hung up on: as long as the line is open it holds the lock of the database for us.
    fn noted<T>(&mut self, said: Result<T, Trouble>) -> Result<T, Trouble> {
        if matches!(said, Err(Trouble::Silent(_))) {
            self.given_up = true;
            self.connection.abort();
            let _ = self.runtime.block_on(&mut self.connection);
        }
        said
    }

    /// Statements without values.
    pub(super) fn run(&mut self, sql: &str) -> Result<(), Trouble> {
        let said = wait(&self.runtime, self.silence, self.client.batch_execute(sql));
        self.noted(said)
    }

    /// A script that may take its time.
    pub(in crate::store) fn script(&mut self, sql: &str) -> Result<(), Trouble> {
        wait(&self.runtime, None, self.client.batch_execute(sql))
    }

    /// One statement that changes rows; gives their number.
    pub(super) fn execute(
        &mut self,
        sql: &'static str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, Trouble> {
        let statement = self.prepared(sql)?;
        let said = wait(&self.runtime, self.silence, self.client.execute(&statement, values));
        self.noted(said)
    }

    /// Statements that change rows, all of them on their way before the first is waited for; gives their numbers, or
    /// the first failure. What comes behind a failure in the same transaction fails because of it.
    pub(super) fn execute_all(&mut self, all: &[(&'static str, Vec<Cell>)]) -> Result<Vec<u64>, Trouble> {
        let mut prepared = Vec::with_capacity(all.len());
        for (sql, _) in all {
            prepared.push(self.prepared(sql)?);
        }
        let given: Vec<Vec<Given<'_>>> =
            all.iter().map(|(_, values)| values.iter().map(Given).collect()).collect();
        let given: Vec<Vec<&(dyn ToSql + Sync)>> =
            given.iter().map(|values| values.iter().map(|value| value as _).collect()).collect();
        let sent = prepared
            .iter()
            .zip(&given)
            .map(|(statement, values)| Box::pin(self.client.execute(statement, values)) as Going<'_, u64>);
        let said = wait(&self.runtime, self.silence, together(sent.collect()));
        self.noted(said)
    }

    /// One statement that reads rows.
    pub(super) fn query(
        &mut self,
        sql: &'static str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Trouble> {
        let statement = self.prepared(sql)?;
        let said = wait(&self.runtime, self.silence, self.client.query(&statement, values));
        self.noted(said)
    }

    fn prepared(&mut self, sql: &'static str) -> Result<Statement, Trouble> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let said = wait(&self.runtime, self.silence, self.client.prepare(sql));
        let statement = self.noted(said)?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }

    /// One value of one row, as text.
    pub(in crate::store) fn one(&mut self, sql: &str, doing: &str) -> Result<Option<String>, StoreError> {
        let said = wait(&self.runtime, self.silence, self.client.query_one(sql, &[]));
        let row = self.noted(said).map_err(engine(doing))?;
        row.try_get(0).map_err(|error| engine(doing)(Trouble::Said(error)))
    }

    pub(super) fn setting(&mut self, name: &str) -> Result<String, StoreError> {
        let sql = format!("select current_setting('{name}')");
        Ok(self.one(&sql, "read back a setting")?.unwrap_or_default())
    }

    /// Reads back what durability and order rest on.
    pub(super) fn fits(&mut self, shown: &str) -> Result<(), StoreError> {
        let version = self.setting("server_version_num")?;
        if version.parse::<i64>().unwrap_or_default() / 10_000 < OLDEST {
            let why = format!("the server is older than PostgreSQL {OLDEST}: choose a newer one");
            return Err(unfit(shown, why));
        }
        if self.setting("server_encoding")? != "UTF8" {
            let cure = "its encoding is not UTF8: create it with encoding 'UTF8' template template0";
            return Err(unfit(shown, cure));
        }
        // Text sorts by its bytes, as in SQLite, so that both engines give the same rows in the same order.
        let sql = "select datcollate::text from pg_database where datname = current_database()";
        let sorts = self.one(sql, "read how the database sorts")?.unwrap_or_default();
        if !["C", "POSIX", "C.UTF-8", "C.utf8"].contains(&sorts.as_str()) {
            let cure = "create it with locale 'C' encoding 'UTF8' template template0";
            return Err(unfit(shown, format!("it sorts text by {sorts}: {cure}")));
        }
        if self.one("select current_schema()::text", "read the schema")?.is_none() {
            let why = "no schema of its search_path exists: create it, or leave search_path out";
            return Err(unfit(shown, why));
        }
        if self.setting("fsync")? != "on" {
            return Err(unfit(shown, "the server never flushes its disk (fsync is off): set fsync = on"));
        }
        // `remote_apply` waits for more than `on`, and may stay.
        if self.setting("synchronous_commit")? != "remote_apply" {
            self.run("set synchronous_commit = on").map_err(engine("set synchronous_commit"))?;
        }
        match self.setting("synchronous_commit")?.as_str() {
            "on" | "remote_apply" => {}
            other => {
                return Err(unfit(shown, format!("synchronous_commit stays {other}: answers might be lost")));
            }
        }
        self.run(SET_UP).map_err(engine("set up the session"))
    }

    /// One process a database: the lock ends with the session, also after a kill.
    pub(super) fn take(&mut self, shown: &str, tries: u32) -> Result<(), StoreError> {
        let sql = "select pg_try_advisory_lock(hashtext('yidi'), hashtext(current_schema()))::text";
        for _ in 0..tries {
            if self.one(sql, "take the database")?.as_deref() == Some("true") {
                return Ok(());
            }
            std::thread::sleep(LOCK_PAUSE);
        }
        Err(unfit(shown, "another yidi works on it: stop that one, or give each node a database of its own"))
    }
}
