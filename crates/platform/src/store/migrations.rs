//! Numbered folders, applied once each, forward only: the SQL and a note of one sentence.

use super::sqlite::Sqlite;
use crate::doors::{Cell, Store, StoreError};

/// Number, name, SQL.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "first", include_str!("migrations/0001_first/up.sql")),
    (4, "events", include_str!("migrations/0004_events/up.sql")),
];

/// Brings the database to the newest schema; gives the number of steps taken.
pub fn migrate(store: &mut Sqlite) -> Result<usize, StoreError> {
    store.execute(
        "create table if not exists migration (number bigint primary key, name text not null)",
        &[],
    )?;
    let mut taken = 0;
    for (number, name, sql) in MIGRATIONS {
        let done = store.query("select 1 from migration where number = $1", &[Cell::Int(*number)])?;
        if done.is_empty() {
            store.begin()?;
            store.script(sql)?;
            store.execute(
                "insert into migration (number, name) values ($1, $2)",
                &[(*number).into(), (*name).into()],
            )?;
            store.commit()?;
            taken += 1;
        }
    }
    Ok(taken)
}
