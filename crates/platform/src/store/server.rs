//! 服务器: what stands around the databases of a PostgreSQL: made, dropped and measured, for those who measure. Nodes use
//! [`super::postgres`].

use super::postgres::{connected, shown, words};
use crate::doors::StoreError;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, Config};

/// A session at a server, past the `Store` door.
pub struct Server {
    client: Client,
    runtime: Runtime,
}

/// What a server has written to its log since it began to count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Logged {
    /// Flushes of the log.
    pub flushes: u64,
    /// Bytes of the log.
    pub bytes: u64,
}

impl Server {
    /// The server at this address, `postgresql://user:password@host:5432/database`.
    pub fn at(address: &str) -> Result<Server, StoreError> {
        let config: Config = address.parse().map_err(|error| StoreError::Engine {
            doing: "read the address of a server".into(),
            why: format!("{}; write postgresql://user:password@host:5432/database", words(&error)),
        })?;
        let (client, runtime) = connected(&config, &shown(&config))?;
        Ok(Server { client, runtime })
    }

    fn script(&mut self, sql: &str) -> Result<(), StoreError> {
        self.runtime.block_on(self.client.batch_execute(sql)).map_err(|error| failed(sql, &error))
    }

    /// Makes an empty database that sorts by bytes, as a node asks for.
    ///
    /// # Panics
    /// Where the name is more than small letters, digits and underscores.
    pub fn database_make(&mut self, name: &str) -> Result<(), StoreError> {
        self.script(&format!("create database {} locale 'C' encoding 'UTF8' template template0", plain(name)))
    }

    /// Drops a database with everything in it, whoever is connected.
    ///
    /// # Panics
    /// Where the name is more than small letters, digits and underscores.
    pub fn database_drop(&mut self, name: &str) -> Result<(), StoreError> {
        self.script(&format!("drop database if exists {} with (force)", plain(name)))
    }

    /// Makes a schema in the database of this session.
    ///
    /// # Panics
    /// Where the name is more than small letters, digits and underscores.
    pub fn schema_make(&mut self, name: &str) -> Result<(), StoreError> {
        self.script(&format!("create schema {}", plain(name)))
    }

    /// Lets the server count its rows anew, as it does by itself now and then.
    pub fn analyse(&mut self) -> Result<(), StoreError> {
        self.script("analyze")
    }

    /// What the server has logged; nothing where it does not tell (before 14 and from 18 on).
    pub fn logged(&mut self) -> Option<Logged> {
        let sql = "select wal_sync, cast(wal_bytes as bigint) from pg_stat_wal";
        let row = self.runtime.block_on(self.client.query_one(sql, &[])).ok()?;
        let number =
            |column: usize| row.try_get::<_, i64>(column).ok().and_then(|value| u64::try_from(value).ok());
        Some(Logged { flushes: number(0)?, bytes: number(1)? })
    }

    /// The processes of the server, as its machine numbers them.
    pub fn processes(&mut self) -> Result<Vec<u32>, StoreError> {
        let sql = "select pid from pg_stat_activity";
        let rows = self.runtime.block_on(self.client.query(sql, &[])).map_err(|error| failed(sql, &error))?;
        let numbers = rows.iter().filter_map(|row| row.try_get::<_, i32>(0).ok());
        Ok(numbers.filter_map(|number| u32::try_from(number).ok()).collect())
    }
}

fn plain(name: &str) -> &str {
    let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    assert!(!name.is_empty() && name.chars().all(is_plain), "a plain name, not {name:?}");
    name
}

fn failed(doing: &str, error: &tokio_postgres::Error) -> StoreError {
    StoreError::Engine { doing: doing.to_owned(), why: words(error) }
}
