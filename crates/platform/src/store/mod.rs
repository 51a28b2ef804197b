//! 存储: all SQL. One function, one query; rooms by what they keep. The same text runs on every engine.

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
    let floor = if KEPT_INSIDE.contains(&name) { "" } else { FLOOR };
    let rows = store.query(
        "insert into counter (name, value) \
         values ($1, 1 + coalesce((select floor.value from counter floor where floor.name = $2), 0)) \
         on conflict (name) do update set value = counter.value + 1 returning value",
        &[name.into(), floor.into()],
    )?;
    integer(first(rows, "a counter")?.first(), "a counter")
}

/// Lets a copy of a database count on above the numbers that the original may have given since.
pub fn counters_move_on(store: &mut dyn Store) -> Result<(), StoreError> {
    counter_next(store, FLOOR)?;
    store
        .execute(
            "update counter set value = value + $1 where name not in ($2, $3, $4)",
            &[COPY_STRIDE.into(), KEPT_INSIDE[0].into(), KEPT_INSIDE[1].into(), KEPT_INSIDE[2].into()],
        )
        .map(drop)
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
