//! Cells on their way to the server and back: whole numbers, texts and nothing, and nothing else.

use super::engine;
use super::session::Trouble;
use crate::doors::{Cell, StoreError};
use std::error::Error;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

/// A cell on its way to the server.
#[derive(Debug)]
pub(super) struct Given<'a>(pub(super) &'a Cell);

impl ToSql for Given<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Cell::Null => Ok(IsNull::Yes),
            Cell::Int(value) if *kind == Type::INT8 => value.to_sql(kind, out),
            Cell::Int(value) if *kind == Type::INT4 => i32::try_from(*value)?.to_sql(kind, out),
            // The server knows no NUL inside a text; its picture takes its place.
            Cell::Text(value) if is_text(kind) && value.contains('\0') => {
                value.replace('\0', "\u{2400}").to_sql(kind, out)
            }
            Cell::Text(value) if is_text(kind) => value.to_sql(kind, out),
            other => Err(format!("{other:?} was given where {kind} is expected").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn is_text(kind: &Type) -> bool {
    <String as FromSql<'_>>::accepts(kind)
}

/// A cell that the server has sent.
pub(super) fn cell(row: &tokio_postgres::Row, column: usize, sql: &str) -> Result<Cell, StoreError> {
    let read = |error| engine(sql)(Trouble::Said(error));
    match row.columns()[column].type_() {
        kind if *kind == Type::INT8 => row.try_get::<_, Option<i64>>(column).map(Cell::from).map_err(read),
        kind if *kind == Type::INT4 => {
            row.try_get::<_, Option<i32>>(column).map(|value| value.map(i64::from).into()).map_err(read)
        }
        kind if is_text(kind) => row.try_get::<_, Option<String>>(column).map(Cell::from).map_err(read),
        other => Err(StoreError::Damaged {
            what: format!("column {column} of {sql}"),
            why: format!("it is a {other}"),
        }),
    }
}
