//! Keys of what belongs to a person begin with pool and person, so that a distributed PostgreSQL can lay the rows of one
//! person on one machine; and no statement of the settlement path reaches over several people.

use crate::engines::{fill_to, on_each_engine};
use crate::migrations::tables;
use platform::doors::{Cell, Store};
use std::collections::{BTreeMap, BTreeSet};

/// What belongs to one person.
const OF_ONE_PERSON: [&str; 12] = [
    "accumulator",
    "credential",
    "fee_line",
    "filing",
    "institution_difference",
    "insured_person",
    "insured_settlement",
    "resolving",
    "settlement",
    "settlement_event",
    "stay",
    "visit",
];

/// Messages and letters: each is found by its own number before anybody knows whom it is about. What they say may
/// name a person; nothing is ever looked up in them by person.
const MESSAGES: [&str; 4] = ["aside", "outbox", "question", "received"];

/// Nothing of a person: numbers, books by fund and institution, digests.
const OF_NOBODY: [&str; 29] = [
    "behind",
    "behind_lost",
    "neighbour",
    "balance",
    "balance_alarm",
    "balance_checked",
    "chain_head",
    "month_balance",
    "root",
    "root_alarm",
    "counter",
    "directory",
    "entry",
    "inbox",
    "institution",
    "institution_statement",
    "journal",
    "kept_file",
    "relayed",
    "session",
    "suspension",
    "migration",
    // The comparison of the days: by day and pair of places; settlements by their numbers, amounts by fund.
    "comparison",
    "decision",
    "difference",
    "statement_due",
    "statement_head",
    "statement_mark",
    "statement_told",
];

/// Statements on what belongs to people that name no single person, and why they may.
const EXCEPTIONS: [(&str, &str); 19] = [
    (
        "select s.settlement, s.visit, s.pool, s.person, s.msgid",
        "the settlements of one institution for its statement, each with its other half: one person on both sides",
    ),
    (
        "select s.data, v.data, s.settlement from settlement s join visit v on v.pool = s.pool",
        "a migration: one person on both sides of the join",
    ),
    (
        "select count(*) from resolving r join settlement s on s.pool = r.pool",
        "a number for a statement: one person on both sides of the join",
    ),
    (
        "select pool, person, settlement, visit, msgid, side, difference, refund, fee_fen, listed from",
        "the differences of one statement of an institution",
    ),
    (
        "select settlement, data from settlement where settled_day = $1 and settlement > $2",
        "a whole day, page by page, for the comparison with the other offices",
    ),
    (
        "select settlement, data, state, pool, treatment from insured_settlement where settled_day = $1",
        "a whole day, page by page, for the comparison with the other offices",
    ),
    ("select data from visit where visit = $1", "one row, by a number that is unique"),
    ("select data from settlement where settlement = $1", "one row, by a number that is unique"),
    (
        "select pool, person from credential where digest = $1 order by",
        "who shows this credential: the way to a person",
    ),
    (
        "select data from visit where institution = $1 and person = $2",
        "5303 of one person at one institution",
    ),
    (
        "select data from visit where institution = $1 and kind = 'inpatient'",
        "5303: the list of who is in hospital",
    ),
    (
        "select office, event, from_state, to_state, happened_at, cause from settlement_event where settlement = $1",
        "the story of one settlement, by a number that is unique",
    ),
    (
        "select office, event, from_state, to_state, happened_at, cause, settlement from settlement_event",
        "every event, for those who check",
    ),
    (
        "select pool, person from settlement_event where settlement = $1",
        "whose settlement this is: the way to a person",
    ),
    (
        "select pool, person, settlement, question, probe, since_at, next_at, asked_times, heard, heard_at, \
         handed_over_at, ordered, ordered_by from resolving where next_at <= $1",
        "every clock that is due, for the resolver",
    ),
    (
        "select pool, person, settlement, question, probe, since_at, next_at, asked_times, heard, heard_at, \
         handed_over_at, ordered, ordered_by from resolving order by",
        "what waits for a person, for operators",
    ),
    (
        "select count(*) from settlement_event later join insured_settlement other on other.pool = later.pool \
         and other.person = later.person",
        "one person on both sides of the join",
    ),
    ("select count(*) from visit where state = 'open'", "a number for operators"),
    ("select state, count(*) from settlement group by state", "a number for operators"),
];

fn texts(store: &mut dyn Store, sql: &'static str) -> Vec<(String, String)> {
    let rows = store.query(sql, &[]).expect("read");
    let text = |cell: &Cell| match cell {
        Cell::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    };
    rows.iter().map(|row| (text(&row[0]), text(&row[1]))).collect()
}

fn by_table(rows: Vec<(String, String)>) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (table, column) in rows {
        found.entry(table).or_default().push(column);
    }
    found
}

#[test]
fn every_key_of_what_belongs_to_a_person_begins_with_pool_and_person() {
    on_each_engine(|engine, store| {
        fill_to(store, i64::MAX);
        let known: BTreeSet<&str> = OF_ONE_PERSON.into_iter().chain(MESSAGES).chain(OF_NOBODY).collect();
        let strangers: Vec<String> =
            tables(engine, store).into_iter().filter(|table| !known.contains(table.as_str())).collect();
        assert!(strangers.is_empty(), "say in this test whose these are: {strangers:?}");
        let (keys, columns) = match engine {
            "sqlite" => (
                "select t.name, c.name from sqlite_master t join pragma_table_info(t.name) c \
                 where t.type = 'table' and c.pk > 0 order by t.name, c.pk",
                "select t.name, c.name from sqlite_master t join pragma_table_info(t.name) c where t.type = 'table'",
            ),
            _ => (
                "select k.table_name::text, k.column_name::text from information_schema.key_column_usage k \
                 join information_schema.table_constraints t on t.constraint_name = k.constraint_name \
                 and t.table_schema = k.table_schema where t.constraint_type = 'PRIMARY KEY' \
                 and k.table_schema = current_schema() order by k.table_name, k.ordinal_position",
                "select table_name::text, column_name::text from information_schema.columns \
                 where table_schema = current_schema()",
            ),
        };
        let (keys, columns) = (by_table(texts(store, keys)), by_table(texts(store, columns)));
        for table in OF_ONE_PERSON {
            assert_eq!(
                keys[table][..2],
                ["pool", "person"],
                "{engine}: the key of {table} is {:?}",
                keys[table]
            );
        }
        for table in OF_NOBODY {
            assert!(!columns[table].contains(&"person".to_owned()), "{engine}: {table} names a person");
        }
    });
}

/// The SQL texts of the store, with their file. Migrations and whole-store readings are no part of the settlement path.
fn statements() -> Vec<(String, String)> {
    let rooms = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(rooms).expect("the store") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if !name.ends_with(".rs")
            || ["survey.rs", "migrations.rs", "sqlite.rs", "postgres.rs"].contains(&name.as_str())
        {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source file");
        let code = text.split("#[cfg(test)]").next().expect("the code before the tests");
        let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let code = code.join("\n").replace("\\\"", "'");
        for literal in code.split('"').skip(1).step_by(2) {
            let sql: Vec<&str> = literal.split_whitespace().filter(|word| *word != "\\").collect();
            let verb = sql.first().copied().unwrap_or_default();
            if sql.len() > 3 && ["select", "insert", "update", "delete"].contains(&verb) {
                found.push((name.clone(), sql.join(" ")));
            }
        }
    }
    found
}

#[test]
fn no_statement_of_the_settlement_path_reaches_over_several_people() {
    let statements = statements();
    assert!(statements.len() > 60, "only {} statements found: has the store moved?", statements.len());
    let mut used = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for (file, sql) in &statements {
        let words: Vec<&str> = sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
        let after =
            |pair: &[&str]| ["from", "into", "join", "update"].contains(&pair[0]).then(|| pair[1].to_owned());
        let touched: Vec<String> = words.windows(2).filter_map(after).collect();
        let of_people: Vec<&String> =
            touched.iter().filter(|table| OF_ONE_PERSON.contains(&table.as_str())).collect();
        seen.extend(of_people.iter().map(|table| (*table).clone()));
        if of_people.is_empty() {
            continue;
        }
        if let Some((start, _)) = EXCEPTIONS.iter().find(|(start, _)| sql.starts_with(start)) {
            used.insert(*start);
            continue;
        }
        // `do update set` of an insert names no table: `set` follows `update` there.
        assert_eq!(
            touched.iter().filter(|table| *table != "set").count(),
            1,
            "{file}: {sql} reaches over tables"
        );
        assert!(!sql.contains(" join "), "{file}: {sql}");
        let inserts =
            sql.starts_with("insert into") && sql.contains("(pool, person, ") && !sql.contains("select");
        let one_person =
            sql.contains("pool = $") && sql.contains("person = $") && !sql.contains(" or person");
        assert!(inserts || one_person, "{file}: whose rows are these? {sql}");
    }
    assert_eq!(seen.len(), OF_ONE_PERSON.len(), "every table was met: {seen:?}");
    assert_eq!(used.len(), EXCEPTIONS.len(), "an exception that is not needed any more; used are {used:?}");
}
