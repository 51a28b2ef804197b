//! Numbered folders, applied once each, forward only: the SQL and a note of one sentence.

use super::chain;
use super::sqlite::Sqlite;
use crate::doors::{Cell, Store, StoreError};

/// What is done in code when the SQL of a migration has run.
type Fill = fn(&mut dyn Store) -> Result<(), StoreError>;

/// Number, name, SQL, and what follows in code.
const MIGRATIONS: &[(i64, &str, &str, Option<Fill>)] = &[
    (1, "first", include_str!("migrations/0001_first/up.sql"), None),
    (2, "chain", include_str!("migrations/0002_chain/up.sql"), Some(chain::chain_the_old)),
];

/// Brings the database to the newest schema; gives the number of steps taken.
pub fn migrate(store: &mut Sqlite) -> Result<usize, StoreError> {
    store.execute(
        "create table if not exists migration (number bigint primary key, name text not null)",
        &[],
    )?;
    let mut taken = 0;
    for (number, name, sql, fill) in MIGRATIONS {
        let done = store.query("select 1 from migration where number = $1", &[Cell::Int(*number)])?;
        if done.is_empty() {
            store.begin()?;
            store.script(sql)?;
            if let Some(fill) = fill {
                fill(store)?;
            }
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

/// Whether a migration has run.
pub fn is_applied(store: &mut dyn Store, number: i64) -> Result<bool, StoreError> {
    Ok(!store.query("select 1 from migration where number = $1", &[number.into()])?.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::audit;

    #[test]
    fn the_journals_of_an_old_database_get_their_chain() {
        let mut store = Sqlite::in_memory().expect("a database");
        store
            .execute("create table migration (number bigint primary key, name text not null)", &[])
            .expect("made");
        store.script(include_str!("migrations/0001_first/up.sql")).expect("the first schema");
        store.script("insert into migration (number, name) values (1, 'first')").expect("noted");
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
