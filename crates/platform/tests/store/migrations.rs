//! From every released version, with its sample rows, to the newest; and what a folder holds.

use crate::engines::{fill_to, folder, on_each_engine, sample};
use platform::doors::Store;
use platform::store::migrations::{Engine, MIGRATIONS, migrate};
use platform::store::{books, institutions, survey};
use std::collections::BTreeSet;

#[test]
fn every_version_with_its_rows_becomes_the_newest_on_both_engines() {
    for (steps, first) in MIGRATIONS.iter().enumerate() {
        on_each_engine(|engine, store| {
            fill_to(store, first.number);
            let left = MIGRATIONS.len() - steps - 1;
            assert_eq!(migrate(store).expect("migrated"), left, "{engine} from {}", first.number);
            assert_eq!(migrate(store).expect("migrated"), 0, "{engine}: a second time does nothing");
            // What the first version wrote is read by the code of today, amounts and all.
            let settlement = &survey::settlements(store).expect("read")[0];
            let sheet = settlement.sheet.as_ref().expect("settled");
            let side = &survey::insured_settlements(store).expect("read")[0];
            assert_eq!(side.settlement, settlement.id.as_str(), "{engine}");
            assert_eq!(side.booked.as_ref().expect("booked").sheet, *sheet, "{engine}");
            assert_eq!(books::faults(store).expect("read"), Vec::<String>::new(), "{engine}");
            assert_eq!(institutions::institutions(store).expect("read").len(), 2, "{engine}");
            assert!(!survey::accumulators(store).expect("read").is_empty(), "{engine}");
        });
    }
}

#[test]
fn the_sample_rows_leave_no_table_empty() {
    let filled: BTreeSet<String> = MIGRATIONS
        .iter()
        .flat_map(|migration| {
            let rows = sample(migration.number);
            let into: Vec<String> = rows
                .lines()
                .filter_map(|line| line.strip_prefix("insert into ")?.split(' ').next().map(str::to_owned))
                .collect();
            into
        })
        .collect();
    on_each_engine(|engine, store| {
        fill_to(store, i64::MAX);
        let tables = tables(engine, store);
        assert!(tables.len() > 20, "{engine}: {tables:?}");
        let empty: Vec<&String> = tables.iter().filter(|table| !filled.contains(*table)).collect();
        assert!(empty.is_empty(), "{engine}: no sample rows for {empty:?}");
    });
}

/// Every table but the runner's own, as the engine lists them.
pub fn tables(engine: &str, store: &mut dyn Store) -> BTreeSet<String> {
    let sql = match engine {
        "sqlite" => "select name from sqlite_master where type = 'table'",
        _ => "select table_name::text from information_schema.tables where table_schema = current_schema()",
    };
    let rows = store.query(sql, &[]).expect("listed");
    let names = rows.into_iter().map(|mut row| match row.remove(0) {
        platform::doors::Cell::Text(name) => name,
        other => panic!("{other:?}"),
    });
    names.filter(|name| name != "migration").collect()
}

#[test]
fn every_folder_is_listed_in_order_with_a_note_of_one_sentence_and_sample_rows() {
    let numbers: Vec<i64> = MIGRATIONS.iter().map(|migration| migration.number).collect();
    assert!(numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
    let listed: BTreeSet<String> =
        MIGRATIONS.iter().map(|migration| format!("{:04}_{}", migration.number, migration.name)).collect();
    let home = folder(1, "first");
    let there: BTreeSet<String> = std::fs::read_dir(home.parent().expect("a folder"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(listed, there, "store/migrations.rs lists every folder, and no other");
    for migration in MIGRATIONS {
        let folder = folder(migration.number, migration.name);
        let note = std::fs::read_to_string(folder.join("note.md")).expect("note.md");
        assert_eq!(note.trim().lines().count(), 1, "{}: one sentence", folder.display());
        assert!(note.trim().ends_with('.'), "{}: one sentence", folder.display());
        assert!(sample(migration.number).contains("insert into "), "{}", folder.display());
        let up = std::fs::read_to_string(folder.join("up.sql")).expect("up.sql");
        assert_eq!(up, migration.up, "{} is the SQL that is applied", folder.display());
    }
}

#[test]
fn a_database_of_a_newer_yidi_is_left_alone() {
    on_each_engine(|engine, store: &mut dyn Engine| {
        migrate(store).expect("migrated");
        store.script("insert into migration (number, name) values (9999, 'of the future')").expect("written");
        let refused = migrate(store).expect_err("refused").to_string();
        assert!(refused.contains("run a newer yidi"), "{engine}: {refused}");
    });
}
