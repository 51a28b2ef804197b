//! Each engine, empty or filled with the sample rows of every version.

use crate::postgres_server;
use platform::store::migrations::{Engine, MIGRATIONS, migrate_to};
use platform::store::postgres::Postgres;
use platform::store::sqlite::Sqlite;
use std::path::PathBuf;

/// Runs a test on SQLite in a file, and on PostgreSQL.
pub fn on_each_engine(test: impl Fn(&str, &mut dyn Engine)) {
    let folder = tempfile::tempdir().expect("a folder");
    test("sqlite", &mut Sqlite::open(&folder.path().join("22.db")).expect("a database"));
    if let Some(place) = postgres_server::place() {
        test("postgres", &mut Postgres::open(&place).expect("a database"));
    }
}

/// The folder of a migration.
pub fn folder(number: i64, name: &str) -> PathBuf {
    let migrations = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/migrations");
    PathBuf::from(migrations).join(format!("{number:04}_{name}"))
}

/// The sample rows of one version.
pub fn sample(number: i64) -> String {
    let migration = MIGRATIONS.iter().find(|migration| migration.number == number).expect("a migration");
    let file = folder(number, migration.name).join("sample.sql");
    std::fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; every version has sample rows, so that the next migration meets a full table",
            file.display()
        )
    })
}

/// Migrates up to a version, with the sample rows of every version on the way.
pub fn fill_to(store: &mut dyn Engine, last: i64) {
    for migration in MIGRATIONS.iter().filter(|migration| migration.number <= last) {
        migrate_to(store, migration.number).expect("a migration");
        store.script(&sample(migration.number)).expect("sample rows");
    }
}
