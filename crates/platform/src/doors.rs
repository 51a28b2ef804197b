//! The three doors: time, the other nodes and the disk enter a node here and nowhere else.
//! Production and simulation differ only in what stands behind them.

use insurance::calendar::Instant;
use insurance::identity::Province;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Time.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Instant;
}

/// The clock of the machine, moved by a number of milliseconds that a sandbox may set.
#[derive(Debug, Default)]
pub struct MachineClock {
    /// Added to the machine's time.
    pub moved_ms: std::sync::atomic::AtomicI64,
}

impl Clock for MachineClock {
    #[allow(clippy::disallowed_methods)] // this is the door
    fn now(&self) -> Instant {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let ms = since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
        Instant(ms).plus_ms(self.moved_ms.load(std::sync::atomic::Ordering::Relaxed))
    }
}

/// Microseconds since this was first asked for in this process, never backwards: for measuring and for pauses,
/// and for nothing that is kept.
#[allow(clippy::disallowed_methods)] // this is the door
pub fn micros() -> u64 {
    static BEGUN: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    let begun = BEGUN.get_or_init(std::time::Instant::now);
    u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// A node of the network: the hub, or the node of one province.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum NodeId {
    /// 国家平台
    Hub,
    /// 省级节点: treatment place and insured place in one.
    Province(Province),
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NodeId::Hub => f.pad("hub"),
            NodeId::Province(province) => f.pad(province.as_str()),
        }
    }
}

impl TryFrom<String> for NodeId {
    type Error = String;
    fn try_from(text: String) -> Result<NodeId, String> {
        match text.as_str() {
            "hub" => Ok(NodeId::Hub),
            code => Province::new(code)
                .map(NodeId::Province)
                .map_err(|_| format!("failed to read {text:?} as a node: write hub or two digits")),
        }
    }
}
impl From<NodeId> for String {
    fn from(node: NodeId) -> String {
        node.to_string()
    }
}

/// The other nodes. A push returns at once; what became of it comes back to the sender's node as an event.
pub trait Link: Send {
    /// Pushes a batch of encoded letters to a neighbour. `last` names the batch in the event that follows.
    fn push(&self, to: NodeId, batch: Vec<u8>, last: i64);
}

/// What became of a pushed batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The receiver has committed it.
    Committed,
    /// It certainly never reached the receiver: no connection, or the receiver said so before reading.
    NeverLeft,
    /// Nobody knows: it will be pushed again, and the receiver knows what it has seen.
    Unknown,
}

/// A value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// `bigint`
    Int(i64),
    /// `text`
    Text(String),
    /// `null`
    Null,
}

impl From<i64> for Cell {
    fn from(value: i64) -> Cell {
        Cell::Int(value)
    }
}
impl From<&str> for Cell {
    fn from(value: &str) -> Cell {
        Cell::Text(value.to_owned())
    }
}
impl From<String> for Cell {
    fn from(value: String) -> Cell {
        Cell::Text(value)
    }
}
impl From<Option<String>> for Cell {
    fn from(value: Option<String>) -> Cell {
        value.map_or(Cell::Null, Cell::Text)
    }
}
impl From<Option<i64>> for Cell {
    fn from(value: Option<i64>) -> Cell {
        value.map_or(Cell::Null, Cell::Int)
    }
}

/// A row of an answer, in the order of the query's columns.
pub type Row = Vec<Cell>;

/// The disk failed, or holds what nobody wrote.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine's own words.
    #[error("failed to {doing}: {why}")]
    Engine {
        /// What was tried.
        doing: String,
        /// What the engine says.
        why: String,
    },
    /// A stored value cannot be read back.
    #[error("failed to read {what} back from the store: {why}")]
    Damaged {
        /// Which value.
        what: String,
        /// What is wrong with it.
        why: String,
    },
}

/// The disk: one session of a node's own database. Statements take `$1`, `$2` ... in order of appearance, plain
/// types, and no engine's specialities, so that one text serves SQLite and PostgreSQL.
pub trait Store: Send {
    /// Changes rows; gives their number.
    fn execute(&mut self, sql: &'static str, values: &[Cell]) -> Result<usize, StoreError>;
    /// Changes rows where nobody asks for their number. Inside a batch an engine on a server may send it together with
    /// what follows; a failure is then told by what follows, at the latest by the commit.
    fn change(&mut self, sql: &'static str, values: &[Cell]) -> Result<(), StoreError> {
        self.execute(sql, values).map(drop)
    }
    /// The same change once for each of these values; gives the number of rows of each. A server is waited for once.
    fn execute_each(&mut self, sql: &'static str, each: &[Vec<Cell>]) -> Result<Vec<usize>, StoreError> {
        each.iter().map(|values| self.execute(sql, values)).collect()
    }
    /// The last number of each series that was given in this batch, where the store remembers them until the batch
    /// ends; see `store::batch`.
    fn numbers(&mut self) -> Option<&mut BTreeMap<String, i64>> {
        None
    }
    /// Reads rows.
    fn query(&mut self, sql: &'static str, values: &[Cell]) -> Result<Vec<Row>, StoreError>;
    /// Begins the shared transaction of a batch of steps.
    fn begin(&mut self) -> Result<(), StoreError>;
    /// Makes the batch durable. Nothing is answered before this returns.
    fn commit(&mut self) -> Result<(), StoreError>;
    /// Forgets the batch.
    fn rollback(&mut self) -> Result<(), StoreError>;
    /// Begins one step inside the batch.
    fn step_begin(&mut self) -> Result<(), StoreError>;
    /// Keeps the step.
    fn step_keep(&mut self) -> Result<(), StoreError>;
    /// Forgets the step and nothing else.
    fn step_forget(&mut self) -> Result<(), StoreError>;
}
