//! 服务器: what stands around the databases of a PostgreSQL: made, dropped and measured, for those who measure. Nodes use
//! [`super::postgres`].

use super::postgres::engine;
use super::postgres::session::{Servers, Session};
use crate::doors::StoreError;

/// A session at a server, past the `Store` door.
pub struct Server {
    session: Session,
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
        let mut session = Servers::of(address, true)?.call(|_, _| Ok(()))?;
        session.takes_its_time();
        Ok(Server { session })
    }

    fn script(&mut self, sql: &str) -> Result<(), StoreError> {
        self.session.script(sql).map_err(engine(sql))
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
        let mut number = |column: &str| -> Option<u64> {
            let sql = format!("select cast({column} as bigint)::text from pg_stat_wal");
            self.session.one(&sql, "read what was logged").ok()??.parse().ok()
        };
        Some(Logged { flushes: number("wal_sync")?, bytes: number("wal_bytes")? })
    }

    /// The processes of the server, as its machine numbers them.
    pub fn processes(&mut self) -> Result<Vec<u32>, StoreError> {
        let sql = "select coalesce(string_agg(pid::text, ' '), '') from pg_stat_activity";
        let numbers = self.session.one(sql, "count the processes of the server")?.unwrap_or_default();
        Ok(numbers.split(' ').filter_map(|number| number.parse().ok()).collect())
    }
}

fn plain(name: &str) -> &str {
    let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    assert!(!name.is_empty() && name.chars().all(is_plain), "a plain name, not {name:?}");
    name
}
