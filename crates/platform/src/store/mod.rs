//! 存储: all SQL. One function, one query; rooms by what they keep. The same text runs on every engine.

/// 批: the store of a node at work: a series of numbers is read and written once a batch, statements are counted.
pub mod batch;
/// 账链: where the chain of the books ends, and its journals in order.
pub mod chain;
/// 基金账: journals, entries, balances.
pub mod books;
/// 经过: every change of a settlement's state, with its event.
pub mod events;
/// 登记簿: institutions.
pub mod institutions;
/// 住院: stays as the insured place knows them, and what it has booked.
pub mod insured;
/// Numbered schemas, forward only.
pub mod migrations;
/// 参保: people, accounts, filings, accumulators.
pub mod people;
/// 收件: messages of institutions and their answers; sign-ins.
pub mod received;
/// 信件: outbox, inbox, questions that wait for an answer.
pub mod mail;
/// 邻居: how far letters have come, and who is behind.
pub mod neighbours;
/// 日终根: daily roots of all nodes, and alarms.
pub mod roots;
/// 国家平台: directory, suspensions, what was relayed.
pub mod relay;
/// 对账: a day's books and records, as they are laid side by side.
pub mod reconciliation;
/// 对账结果: how the comparison of each pair stands, what differs, what a person decided.
pub mod comparison;
/// 余额: the daily check that every balance is the sum of its entries.
pub mod balance_check;
/// 核实: the clock of every settlement whose end is not known yet.
pub mod resolving;
/// 结算: settlements at the treatment node.
pub mod settlements;
/// 文件: files of institutions.
pub mod files;
/// 对账单: what statements of institutions compare, and what differed.
pub mod statement;
/// Whole-store readings for those who check.
pub mod survey;
/// The embedded engine.
pub mod sqlite;
/// The engine on a server.
pub mod postgres;
/// Several database files as they all stand at one moment: read, copied.
pub mod moment;
/// 充填: a store as large as years of work would make it, for those who measure.
pub mod fill;
/// 服务器: what stands around the databases of a PostgreSQL, for those who measure.
pub mod server;
/// 就诊: visits and their fee lines.
pub mod visits;

use crate::doors::{Cell, Row, Store, StoreError};
use serde::{Serialize, de::DeserializeOwned};

/// Series whose numbers never leave the node.
const KEPT_INSIDE: [&str; 3] = ["fee_line", "journal", "outbox"];
/// The name under which a copy keeps the number that its new series begin above.
const FLOOR: &str = "floor";
/// How far a copy counts on: whoever goes on with it gives none of the numbers that were given after it was made.
const COPY_STRIDE: i64 = 1_000_000;

/// The next number of a named series, beginning at 1, or above the floor of a copy.
pub fn counter_next(store: &mut dyn Store, name: &str) -> Result<i64, StoreError> {
    if let Some(last) = store.numbers().and_then(|given| given.get_mut(name)) {
        *last += 1;
        return Ok(*last);
    }
    let floor = if KEPT_INSIDE.contains(&name) { "" } else { FLOOR };
    let rows = store.query(
        "insert into counter (name, value) \
         values ($1, 1 + coalesce((select floor.value from counter floor where floor.name = $2), 0)) \
         on conflict (name) do update set value = counter.value + 1 returning value",
        &[name.into(), floor.into()],
    )?;
    let next = integer(first(rows, "a counter")?.first(), "a counter")?;
    if let Some(given) = store.numbers() {
        given.insert(name.to_owned(), next);
    }
    Ok(next)
}

/// Writes back the last number that a batch has given of a series.
fn counter_set(store: &mut dyn Store, name: &str, last: i64) -> Result<(), StoreError> {
    store.change(
        "insert into counter (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value",
        &[name.into(), last.into()],
    )
}

/// The last number that was given of a series; 0 where none was.
pub fn counter_last(store: &mut dyn Store, name: &str) -> Result<i64, StoreError> {
    if let Some(given) = store.numbers()
        && let Some(last) = given.get(name)
    {
        return Ok(*last);
    }
    let rows = store.query("select value from counter where name = $1", &[name.into()])?;
    rows.first().map_or(Ok(0), |row| integer(row.first(), "counter"))
}

/// Lets a series count on above a number, and never back.
pub fn counter_raise(store: &mut dyn Store, name: &str, above: i64) -> Result<(), StoreError> {
    if counter_last(store, name)? >= above {
        return Ok(());
    }
    if let Some(given) = store.numbers() {
        given.insert(name.to_owned(), above);
    }
    counter_set(store, name, above)
}

/// Lets a copy of a database count on above the numbers that the original may have given since.
pub fn counters_move_on(store: &mut dyn Store) -> Result<(), StoreError> {
    counter_next(store, FLOOR)?;
    store.change(
        "update counter set value = value + $1 where name not in ($2, $3, $4)",
        &[COPY_STRIDE.into(), KEPT_INSIDE[0].into(), KEPT_INSIDE[1].into(), KEPT_INSIDE[2].into()],
    )?;
    // What a batch remembers of its series moves on as well.
    if let Some(given) = store.numbers() {
        let leaves_the_node = |name: &str| !KEPT_INSIDE.contains(&name);
        given.iter_mut().filter(|(name, _)| leaves_the_node(name)).for_each(|(_, last)| *last += COPY_STRIDE);
    }
    Ok(())
}

fn first(rows: Vec<Row>, what: &str) -> Result<Row, StoreError> {
    rows.into_iter().next().ok_or_else(|| damaged(what, "the row is missing"))
}

fn damaged(what: &str, why: impl ToString) -> StoreError {
    StoreError::Damaged { what: what.to_owned(), why: why.to_string() }
}

fn integer(cell: Option<&Cell>, what: &str) -> Result<i64, StoreError> {
    match cell {
        Some(Cell::Int(value)) => Ok(*value),
        other => Err(damaged(what, format!("expected a number, found {other:?}"))),
    }
}

fn text(cell: Option<&Cell>, what: &str) -> Result<String, StoreError> {
    match cell {
        Some(Cell::Text(value)) => Ok(value.clone()),
        other => Err(damaged(what, format!("expected a text, found {other:?}"))),
    }
}

fn optional_text(cell: Option<&Cell>) -> Option<String> {
    match cell {
        Some(Cell::Text(value)) => Some(value.clone()),
        _ => None,
    }
}

fn decode<T: DeserializeOwned>(cell: Option<&Cell>, what: &str) -> Result<T, StoreError> {
    serde_json::from_str(&text(cell, what)?).map_err(|error| damaged(what, error))
}

fn encode<T: Serialize>(value: &T) -> Cell {
    Cell::Text(serde_json::to_string(value).expect("our own values have a text form"))
}

fn decode_all<T: DeserializeOwned>(rows: Vec<Row>, what: &str) -> Result<Vec<T>, StoreError> {
    rows.iter().map(|row| decode(row.first(), what)).collect()
}
