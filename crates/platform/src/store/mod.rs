//! 存储: all SQL. One function, one query; rooms by what they keep. The same text runs on every engine.

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
/// 国家平台: directory, suspensions, what was relayed.
pub mod relay;
/// 核实: the clock of every settlement whose end is not known yet.
pub mod resolving;
/// 结算: settlements at the treatment node.
pub mod settlements;
/// Whole-store readings for those who check.
pub mod survey;
/// The embedded engine.
pub mod sqlite;
/// 就诊: visits and their fee lines.
pub mod visits;

use crate::doors::{Cell, Row, Store, StoreError};
use serde::{Serialize, de::DeserializeOwned};

/// The next number of a named series, beginning at 1.
pub fn counter_next(store: &mut dyn Store, name: &str) -> Result<i64, StoreError> {
    let rows = store.query(
        "insert into counter (name, value) values ($1, 1) \
         on conflict (name) do update set value = counter.value + 1 returning value",
        &[name.into()],
    )?;
    integer(first(rows, "a counter")?.first(), "a counter")
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
