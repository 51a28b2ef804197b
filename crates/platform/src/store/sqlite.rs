//! SQLite behind the `Store` door: one file a node, durable on every commit.

use super::migrations::Engine;
use crate::chain::Digest;
use crate::doors::{Cell, Row, Store, StoreError};
use rusqlite::backup::Backup;
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, params_from_iter};
use std::collections::BTreeMap;
use std::path::Path;

/// A node's own database file.
pub struct Sqlite {
    connection: Connection,
}

fn engine(doing: &str) -> impl FnOnce(rusqlite::Error) -> StoreError + '_ {
    move |error| StoreError::Engine { doing: doing.to_owned(), why: error.to_string() }
}

impl Sqlite {
    /// Opens or makes the database at this path. Every commit is flushed before it returns (`synchronous=full`).
    pub fn open(path: &Path) -> Result<Sqlite, StoreError> {
        let doing = format!("open the database {}", path.display());
        Sqlite::prepare(Connection::open(path).map_err(engine(&doing))?)
    }

    /// Opens a database that is there, to read and not to change: for those who check.
    pub fn open_to_read(path: &Path) -> Result<Sqlite, StoreError> {
        let doing = format!("open the database {} to read", path.display());
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(engine(&doing))?;
        connection
            .execute_batch("pragma query_only=on; pragma cache_size=-64000;")
            .map_err(engine(&doing))?;
        Ok(Sqlite { connection })
    }

    /// The same on another file system than the machine's: one that was registered with the engine under this name.
    pub fn open_on(file_system: &str, path: &str) -> Result<Sqlite, StoreError> {
        let doing = format!("open the database {path} on {file_system}");
        let opened = Connection::open_with_flags_and_vfs(path, OpenFlags::default(), file_system);
        Sqlite::prepare(opened.map_err(engine(&doing))?)
    }

    /// A database in memory, gone with the process.
    pub fn in_memory() -> Result<Sqlite, StoreError> {
        Sqlite::prepare(Connection::open_in_memory().map_err(engine("open a database in memory"))?)
    }

    /// A database in memory that holds the same as this one.
    pub fn copy_in_memory(&self) -> Result<Sqlite, StoreError> {
        let doing = "copy a database into memory";
        let mut copy = Connection::open_in_memory().map_err(engine(doing))?;
        let backup = Backup::new(&self.connection, &mut copy).map_err(engine(doing))?;
        backup.step(-1).map_err(engine(doing))?;
        drop(backup);
        Sqlite::prepare(copy)
    }

    fn prepare(connection: Connection) -> Result<Sqlite, StoreError> {
        let settings = "pragma journal_mode=wal; pragma synchronous=full; pragma foreign_keys=on; \
                        pragma busy_timeout=2000; pragma cache_size=-4000; pragma wal_autocheckpoint=4000;";
        connection.execute_batch(settings).map_err(engine("set up the database"))?;
        // The plan of a statement does not depend on the values that are bound: otherwise every range of serial numbers
        // or instants is parsed and planned anew at each run.
        connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
            .map_err(engine("set up the database"))?;
        connection.set_prepared_statement_cache_capacity(256);
        Ok(Sqlite { connection })
    }

    /// A connection that somebody else has prepared.
    pub(super) fn over(connection: Connection) -> Sqlite {
        connection.set_prepared_statement_cache_capacity(256);
        Sqlite { connection }
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// What the engine finds wrong with the file's own structure. Empty where nothing is.
    pub fn integrity(&mut self) -> Result<Vec<String>, StoreError> {
        let rows = self.query("pragma integrity_check", &[])?;
        let told: Result<Vec<String>, StoreError> =
            rows.iter().map(|row| super::text(row.first(), "integrity_check")).collect();
        Ok(told?.into_iter().filter(|line| line != "ok").collect())
    }

    /// A digest of all rows of every table, by the name of the table: equal where nothing was changed.
    pub fn digests(&mut self) -> Result<BTreeMap<String, Digest>, StoreError> {
        let names = self.query("select name from sqlite_master where type = 'table' order by name", &[])?;
        let mut found = BTreeMap::new();
        for name in &names {
            let name = super::text(name.first(), "sqlite_master")?;
            let doing = format!("read all of {name}");
            let mut statement =
                self.connection.prepare(&format!("select * from \"{name}\"")).map_err(engine(&doing))?;
            let columns = statement.column_count();
            let mut rows = statement.query([]).map_err(engine(&doing))?;
            let mut lines = String::new();
            while let Some(row) = rows.next().map_err(engine(&doing))? {
                for column in 0..columns {
                    let value = row.get_ref(column).map_err(engine(&doing))?;
                    lines.push_str(&format!("{value:?}\t"));
                }
                lines.push('\n');
            }
            found.insert(name, Digest::START.then(&lines));
        }
        Ok(found)
    }

    /// The setting that decides whether an answer survives a power cut: 2 is full.
    pub fn synchronous(&self) -> Result<i64, StoreError> {
        self.connection
            .pragma_query_value(None, "synchronous", |row| row.get(0))
            .map_err(engine("read back a setting"))
    }

    fn run(&mut self, sql: &str) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(engine(sql))?;
        statement.execute([]).map(drop).map_err(engine(sql))
    }
}

fn bindable(cell: &Cell) -> rusqlite::types::Value {
    match cell {
        Cell::Int(value) => rusqlite::types::Value::Integer(*value),
        Cell::Text(value) => rusqlite::types::Value::Text(value.clone()),
        Cell::Null => rusqlite::types::Value::Null,
    }
}

impl Store for Sqlite {
    fn execute(&mut self, sql: &'static str, values: &[Cell]) -> Result<usize, StoreError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(engine(sql))?;
        statement.execute(params_from_iter(values.iter().map(bindable))).map_err(engine(sql))
    }

    fn query(&mut self, sql: &'static str, values: &[Cell]) -> Result<Vec<Row>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(engine(sql))?;
        let columns = statement.column_count();
        let mut rows = statement.query(params_from_iter(values.iter().map(bindable))).map_err(engine(sql))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(engine(sql))? {
            let cells = (0..columns).map(|column| match row.get_ref(column).map_err(engine(sql))? {
                ValueRef::Integer(value) => Ok(Cell::Int(value)),
                ValueRef::Text(bytes) => Ok(Cell::Text(String::from_utf8_lossy(bytes).into_owned())),
                ValueRef::Null => Ok(Cell::Null),
                other => Err(StoreError::Damaged {
                    what: format!("column {column} of {sql}"),
                    why: format!("it is a {}", other.data_type()),
                }),
            });
            found.push(cells.collect::<Result<Row, StoreError>>()?);
        }
        Ok(found)
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        self.run("begin immediate")
    }
    fn commit(&mut self) -> Result<(), StoreError> {
        self.run("commit")
    }
    fn rollback(&mut self) -> Result<(), StoreError> {
        self.run("rollback")
    }
    fn step_begin(&mut self) -> Result<(), StoreError> {
        self.run("savepoint step")
    }
    fn step_keep(&mut self) -> Result<(), StoreError> {
        self.run("release step")
    }
    fn step_forget(&mut self) -> Result<(), StoreError> {
        self.run("rollback to step")?;
        self.run("release step")
    }
}

impl Engine for Sqlite {
    fn script(&mut self, sql: &str) -> Result<(), StoreError> {
        self.connection.execute_batch(sql).map_err(engine("run a migration"))
    }
}
