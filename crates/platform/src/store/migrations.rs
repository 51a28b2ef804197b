//! Numbered folders, applied once each, forward only, on every engine: the SQL, a note of one sentence, and sample
//! rows (`sample.sql`, for tests), so that the next migration meets a full table.

use super::integer;
use crate::doors::{Cell, Store, StoreError};

/// A store that can also run a script of many statements, as a migration needs.
pub trait Engine: Store {
    /// Runs a script.
    fn script(&mut self, sql: &str) -> Result<(), StoreError>;
}

/// One numbered folder below `store/migrations/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its number.
    pub number: i64,
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub up: &'static str,
}

macro_rules! migrations {
    ($($number:literal $name:literal $folder:literal),* $(,)?) => {
        /// All of them, oldest first.
        pub const MIGRATIONS: &[Migration] = &[$(Migration {
            number: $number,
            name: $name,
            up: include_str!(concat!("migrations/", $folder, "/up.sql")),
        }),*];
    };
}

migrations! {
    1 "first" "0001_first",
    3 "credential" "0003_credential",
}

/// Brings the database to the newest schema; gives the number of steps taken.
pub fn migrate(store: &mut dyn Engine) -> Result<usize, StoreError> {
    migrate_to(store, i64::MAX)
}

/// The same, up to this number and no further.
pub fn migrate_to(store: &mut dyn Engine, last: i64) -> Result<usize, StoreError> {
    store.execute(
        "create table if not exists migration (number bigint primary key, name text not null)",
        &[],
    )?;
    let known = MIGRATIONS.iter().map(|migration| migration.number).max().unwrap_or_default();
    let newest = store.query("select coalesce(max(number), 0) from migration", &[])?;
    let newest = integer(super::first(newest, "migration")?.first(), "migration")?;
    if newest > known {
        return Err(StoreError::Engine {
            doing: "use the database".into(),
            why: format!("it has migration {newest}, this yidi knows {known}: run a newer yidi"),
        });
    }
    let mut taken = 0;
    for migration in MIGRATIONS.iter().filter(|migration| migration.number <= last) {
        let number = Cell::Int(migration.number);
        if store.query("select 1 from migration where number = $1", std::slice::from_ref(&number))?.is_empty()
        {
            store.begin()?;
            let applied = apply(store, migration);
            if applied.is_err() {
                let _ = store.rollback();
            }
            applied?;
            taken += 1;
        }
    }
    Ok(taken)
}

fn apply(store: &mut dyn Engine, migration: &Migration) -> Result<(), StoreError> {
    store.script(migration.up)?;
    store.execute(
        "insert into migration (number, name) values ($1, $2)",
        &[migration.number.into(), migration.name.into()],
    )?;
    store.commit()
}
