//! Numbered folders, applied once each, forward only, on every engine: the SQL, a note of one sentence, and sample
//! rows (`sample.sql`, for tests), so that the next migration meets a full table.

use super::{chain, integer, statement};
use crate::doors::{Cell, Store, StoreError};

/// A store that can also run a script of many statements, as a migration needs.
pub trait Engine: Store {
    /// Runs a script.
    fn script(&mut self, sql: &str) -> Result<(), StoreError>;
}

/// What is done in code when the SQL of a migration has run.
pub type Follows = fn(&mut dyn Store) -> Result<(), StoreError>;

/// One numbered folder below `store/migrations/`.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its number.
    pub number: i64,
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub up: &'static str,
    /// What follows in code.
    pub follows: Option<Follows>,
}

macro_rules! migrations {
    ($($number:literal $name:literal $folder:literal $follows:expr),* $(,)?) => {
        /// All of them, oldest first.
        pub const MIGRATIONS: &[Migration] = &[$(Migration {
            number: $number,
            name: $name,
            up: include_str!(concat!("migrations/", $folder, "/up.sql")),
            follows: $follows,
        }),*];
    };
}

migrations! {
    1 "first" "0001_first" None,
    2 "chain" "0002_chain" Some(chain::chain_the_old),
    3 "credential" "0003_credential" None,
    4 "events" "0004_events" None,
    5 "reconciliation" "0005_reconciliation" None,
    10 "statement" "0010_statement" Some(statement::fill_the_old),
    7 "behind" "0007_behind" None,
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
    if let Some(follows) = migration.follows {
        follows(store)?;
    }
    store.execute(
        "insert into migration (number, name) values ($1, $2)",
        &[migration.number.into(), migration.name.into()],
    )?;
    store.commit()
}

/// Whether a migration has run.
pub fn is_applied(store: &mut dyn Store, number: i64) -> Result<bool, StoreError> {
    Ok(!store.query("select 1 from migration where number = $1", &[number.into()])?.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::audit;
    use crate::store::sqlite::Sqlite;

    #[test]
    fn the_journals_of_an_old_database_get_their_chain() {
        let mut store = Sqlite::in_memory().expect("a database");
        migrate_to(&mut store, 1).expect("the first schema");
        for serial in 1..=2_500_i64 {
            let month = if serial <= 2_000 { "2026-05-31" } else { "2026-06-01" };
            store
                .execute(
                    "insert into journal (serial, business_key, kind, happened, learned_at) \
                     values ($1, 'k', 'settlement', $2, 1)",
                    &[serial.into(), month.into()],
                )
                .expect("booked");
            for (line, account, amount) in [(0_i64, "a", 7_i64), (1, "b", -7)] {
                store
                    .execute(
                        "insert into entry (journal, line, account, amount_fen) values ($1, $2, $3, $4)",
                        &[serial.into(), line.into(), account.into(), amount.into()],
                    )
                    .expect("booked");
            }
        }
        store
            .script(
                "insert into balance (account, amount_fen) values ('a', 17500), ('b', -17500);
                 insert into counter (name, value) values ('journal', 2500);",
            )
            .expect("booked");
        assert_eq!(migrate(&mut store).expect("migrated"), MIGRATIONS.len() - 1);
        let audited = audit(&mut store, [], |_| {});
        assert_eq!((audited.faults, audited.journals, audited.entries), (Vec::new(), 2_500, 5_000));
        let may = crate::store::books::month_balances(&mut store, "2026-05").expect("read");
        assert_eq!(may[0].1, insurance::money::Fen(14_000));
        assert_eq!(crate::store::books::faults(&mut store).expect("read"), Vec::<String>::new());
        assert_eq!(migrate(&mut store).expect("migrated"), 0);
    }
}
