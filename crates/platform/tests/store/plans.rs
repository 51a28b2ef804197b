//! No statement of the store reads a whole table, unless it stands in the list of this test with its reason: what a step
//! costs does not grow with what is stored. Both engines are asked how they would carry out each statement.

use crate::engines::{fill_to, on_each_engine};
use crate::keys::statements;
use platform::doors::{Cell, Row};
use platform::store::migrations::Engine;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Statements that read whole tables, by how they begin, and why they may.
const WHOLE: &[(&str, &str)] = &[
    ("select account, '', cast(sum(stored) as bigint)", "the books checked, once a day"),
    ("select account, month, cast(sum(stored) as bigint)", "the books checked, once a day"),
    ("select account, month, stored_fen, summed_fen from balance_alarm", "every alarm, for operators"),
    (
        "select journal.business_key, journal.serial, entry.account, entry.amount_fen from journal join entry \
         on entry.journal = journal.serial where journal.happened = $1",
        "a whole day of the books: by its index where there are many days, which a handful of rows does not show",
    ),
    ("select kind, count(*) from difference", "a number for operators"),
    ("select count(*) from resolving r join settlement s", "every clock that runs, each with its settlement"),
    ("insert into balance (account, amount_fen) select", "books built anew, by command"),
    ("insert into month_balance (account, month, amount_fen) select", "books built anew, by command"),
    ("select account, amount_fen from balance", "every account, for operators and those who check"),
    ("select account, amount_fen from month_balance where month", "every account of a month, for operators"),
    ("select account, cast(sum(amount_fen) as bigint) from (", "the books checked"),
    ("select balance.account, balance.amount_fen", "the books checked"),
    ("select journal, cast(sum(amount_fen) as bigint) from entry", "the books checked"),
    ("select month_balance.account", "the books checked"),
    ("select account, month, amount_fen from month_balance", "the books checked"),
    ("select serial, digest from journal order by", "the chain checked"),
    (
        "select office, event, from_state, to_state, happened_at, cause, settlement from settlement_event",
        "every event, for those who check",
    ),
    ("select data from institution order by", "every institution, once at the start"),
    ("select count(*), min(written_at) from neighbour", "how many letters wait, for operators"),
    ("select peer from neighbour where exists", "one row a neighbour"),
    ("select peer, noticed_at, side, lost_after", "one row for each time that a node was put back"),
    ("select account, month, cast(sum(stored) as bigint)", "every account, with the close of a day"),
    ("select account, '', cast(sum(stored) as bigint)", "every account, with the close of a day"),
    ("select account, month, stored_fen, summed_fen from balance_alarm", "every alarm, for operators"),
    ("select kind, count(*) from difference", "a number for operators"),
    ("select count(*) from resolving r join settlement s", "every clock that runs, each with its settlement"),
    (
        "select s.settlement, s.visit, s.pool, s.person, s.msgid",
        "the beginning that two statements share; each goes on with an institution and its days",
    ),
    ("update outbox set attempts = attempts + 1", "what waits, once at the start; or up to a letter"),
    ("update counter set value = value + $1", "every series of a copy, once"),
    ("select count(*) from directory", "a number for operators"),
    ("select count(*) from relayed", "a number for operators"),
    (
        "select pool, person, settlement, question, probe, since_at, next_at, asked_times, heard, heard_at, handed_over_at, ordered, ordered_by from resolving order by",
        "what waits for a person, for operators",
    ),
    ("select count(*) from root", "a number for operators"),
    ("select owner, day, serial, digest from root order by", "every root, for those who check"),
    ("select owner, day, serial, digest, told_by", "every alarm, for operators"),
    ("select state, count(*) from settlement group by", "a number for operators"),
    ("select count(*) from visit where state", "a number for operators"),
];

/// Tables that are there only while a migration runs, or where a store was filled to be measured.
const PASSING: [&str; 2] = ["journal_unchained", "template_journal"];

/// A statement that nobody has made before.
fn made(sql: String) -> &'static str {
    Box::leak(sql.into_boxed_str())
}

/// How many values a statement takes.
fn places(sql: &str) -> usize {
    (1..=40).rev().find(|place| sql.contains(&format!("${place}"))).unwrap_or(0)
}

fn lines(rows: &[Row], column: usize) -> Vec<String> {
    rows.iter()
        .map(|row| match &row[column] {
            Cell::Text(line) => line.clone(),
            other => panic!("{other:?}"),
        })
        .collect()
}

/// The parts of SQLite's plan that go through a whole table or a whole index.
fn scans_of_sqlite(store: &mut dyn Engine, sql: &str) -> Vec<String> {
    let nothing = vec![Cell::Null; places(sql)];
    let plan = store.query(made(format!("explain query plan {sql}")), &nothing).expect(sql);
    // Rows of the statement itself.
    let inner = ["SCAN CONSTANT ROW", "SCAN found", "SCAN 5-ROW VALUES CLAUSE"];
    lines(&plan, 3)
        .into_iter()
        .filter(|line| line.starts_with("SCAN") && !inner.iter().any(|inner| line.starts_with(inner)))
        .collect()
}

/// The parts of PostgreSQL's plan that do so although it was told to avoid them, values unknown.
fn scans_of_postgres(store: &mut dyn Engine, number: usize, sql: &str) -> Vec<String> {
    // Of a handful of rows the server would rather read all in their order than sort the few that are wanted.
    let unordered = match sql.rsplit_once(" order by ") {
        Some((before, after)) if !after.contains(" limit ") => before,
        _ => sql,
    };
    store.script(&format!("prepare plan_{number} as {unordered}")).expect(sql);
    let values = match places(sql) {
        0 => String::new(),
        places => format!("({})", vec!["null"; places].join(", ")),
    };
    let plan =
        store.query(made(format!("explain (costs off) execute plan_{number}{values}")), &[]).expect(sql);
    let plan = lines(&plan, 0);
    let mut found = Vec::new();
    for (place, line) in plan.iter().enumerate() {
        let of_node = plan[place + 1..].iter().take_while(|below| !below.contains("->"));
        let by_key = of_node.clone().any(|below| below.trim_start().starts_with("Index Cond:"));
        let through_index = ["Index Scan using", "Index Only Scan using", "Bitmap Index Scan on"]
            .iter()
            .any(|node| line.contains(node));
        if line.contains("Seq Scan on") || (through_index && !by_key) {
            found.push(line.trim().to_owned());
        }
    }
    found
}

#[test]
fn no_statement_reads_a_whole_table_but_those_that_say_why() {
    let lasting = |sql: &str| !PASSING.iter().any(|table| sql.contains(table));
    let statements: BTreeSet<(String, String)> =
        statements().into_iter().filter(|(_, sql)| lasting(sql)).collect();
    assert!(statements.len() > 60, "only {} statements found: has the store moved?", statements.len());
    let used = RefCell::new(BTreeSet::new());
    on_each_engine(|engine, store| {
        fill_to(store, i64::MAX);
        if engine == "postgres" {
            // With a handful of rows the server would read them all; what counts is whether it has a choice.
            let told = "set enable_seqscan = off; set enable_mergejoin = off; set enable_hashjoin = off; \
                        set plan_cache_mode = force_generic_plan";
            store.script(told).expect("set");
        }
        let mut wrong = Vec::new();
        for (number, (file, sql)) in statements.iter().enumerate() {
            let scans = match engine {
                "sqlite" => scans_of_sqlite(store, sql),
                _ => scans_of_postgres(store, number, sql),
            };
            if scans.is_empty() {
                continue;
            }
            match WHOLE.iter().find(|(start, _)| sql.starts_with(start)) {
                Some((start, _)) => {
                    used.borrow_mut().insert(*start);
                }
                None => wrong.push(format!("{file}: {sql}\n    {}", scans.join("\n    "))),
            }
        }
        assert!(wrong.is_empty(), "{engine} reads whole tables:\n{}", wrong.join("\n"));
    });
    let used = used.borrow();
    let idle: Vec<&str> =
        WHOLE.iter().map(|(start, _)| *start).filter(|start| !used.contains(start)).collect();
    assert!(idle.is_empty(), "no engine reads a whole table for these any more: {idle:?}");
}

#[test]
fn a_statement_that_reads_a_whole_table_is_found() {
    let table = [
        ("select data from visit where visit = $1", false),
        ("select data from visit where state = $1", true),
        ("select settlement from settlement order by settlement limit 1", true),
        ("update visit set state = $1 where data = $2", true),
        ("select count(*) from fee_line", true),
    ];
    on_each_engine(|engine, store| {
        fill_to(store, i64::MAX);
        if engine == "postgres" {
            let told = "set enable_seqscan = off; set enable_mergejoin = off; set enable_hashjoin = off; \
                        set plan_cache_mode = force_generic_plan";
            store.script(told).expect("set");
        }
        for (number, (sql, expected)) in table.into_iter().enumerate() {
            let scans = match engine {
                "sqlite" => scans_of_sqlite(store, sql),
                _ => scans_of_postgres(store, number, sql),
            };
            assert_eq!(!scans.is_empty(), expected, "{engine}: {sql}: {scans:?}");
        }
    });
}
