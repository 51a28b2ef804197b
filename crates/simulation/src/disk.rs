//! The disk of a simulated node: the production engine in memory, behind a door that can be full, can die between any
//! two statements, and can be told to do one thing wrong.

use crate::planted::Planted;
use platform::doors::{Cell, Row, Store, StoreError};
use platform::store::migrations::migrate;
use platform::store::sqlite::Sqlite;
use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard};

/// What stands behind the door.
struct Inner {
    engine: Sqlite,
    /// Statements until the node dies, where a death is ordered.
    dies_after: Option<u32>,
    /// Whether the node died in this turn.
    dead: bool,
    full: bool,
    /// Every so manyth letter about a settlement is lost; 0 for none. And how many there were.
    loses: (u32, u32),
    planted: Option<Planted>,
    /// A transaction that was answered but not flushed: only a planted bug leaves one.
    unflushed: bool,
    statements: u64,
    writes: u64,
}

/// A disk; its clones are the same disk.
#[derive(Clone)]
pub struct Disk {
    inner: Arc<Mutex<Inner>>,
}

impl Disk {
    /// An empty disk with the newest schema.
    pub fn new(planted: Option<Planted>) -> Result<Disk, StoreError> {
        let mut engine = Sqlite::in_memory()?;
        migrate(&mut engine)?;
        let inner = Inner {
            engine,
            dies_after: None,
            dead: false,
            full: false,
            loses: (0, 0),
            planted,
            unflushed: false,
            statements: 0,
            writes: 0,
        };
        Ok(Disk { inner: Arc::new(Mutex::new(inner)) })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("one thread turns the country")
    }

    /// Lets the node die after so many further statements.
    pub fn die_after(&self, statements: u32) {
        self.inner().dies_after = Some(statements);
    }

    /// Takes back an ordered death.
    pub fn die_never(&self) {
        self.inner().dies_after = None;
    }

    /// Does something during which nothing is struck: deaths and a full disk wait.
    pub fn unharmed<T>(&mut self, act: impl FnOnce(Disk) -> T) -> T {
        let (dies_after, full) = {
            let mut inner = self.inner();
            (inner.dies_after.take(), std::mem::take(&mut inner.full))
        };
        let done = act(self.clone());
        let mut inner = self.inner();
        (inner.dies_after, inner.full) = (dies_after, full);
        drop(inner);
        done
    }

    /// Whether the node has died.
    pub fn is_dead(&self) -> bool {
        self.inner().dead
    }

    /// Power is gone and comes back: what was not flushed is lost.
    pub fn power_cycle(&self) {
        let mut inner = self.inner();
        // An open transaction is what was not flushed; without one there is nothing to roll back.
        let _ = inner.engine.rollback();
        inner.unflushed = false;
        inner.dead = false;
        inner.dies_after = None;
    }

    /// Fills the disk, or makes room again.
    pub fn fill(&self, full: bool) {
        self.inner().full = full;
    }

    /// Loses every so manyth letter about a settlement for good; 0 loses none.
    pub fn lose_letters(&self, every: u32) {
        self.inner().loses.0 = every;
    }

    /// Looks at what is there, past every fault of the door.
    pub fn look<T>(&self, look: impl FnOnce(&mut dyn Store) -> T) -> T {
        look(&mut self.inner().engine)
    }

    /// Statements and writes so far.
    pub fn counts(&self) -> (u64, u64) {
        let inner = self.inner();
        (inner.statements, inner.writes)
    }
}

/// The words by which a letter about a settlement is known.
const ABOUT_SETTLEMENTS: [&str; 8] = [
    "\"ask\":{\"settle\"",
    "\"ask\":{\"reverse\"",
    "\"ask\":{\"reinstate\"",
    "\"ask\":{\"cancel\"",
    "\"reply\":{\"settled\"",
    "\"reply\":{\"reversed\"",
    "\"reply\":{\"reinstated\"",
    "\"reply\":{\"cancelled\"",
];

fn broken(why: &str) -> StoreError {
    StoreError::Engine { doing: "use the disk".into(), why: why.into() }
}

impl Inner {
    /// One statement is about to be made.
    fn touch(&mut self, writes: bool) -> Result<(), StoreError> {
        if self.dead {
            return Err(broken("the node is dead"));
        }
        if let Some(left) = &mut self.dies_after {
            if *left == 0 {
                self.dead = true;
                return Err(broken("the node died"));
            }
            *left -= 1;
        }
        self.statements += 1;
        self.writes += u64::from(writes);
        if self.full && writes { Err(broken("the disk is full")) } else { Ok(()) }
    }

    /// Whether this statement writes a letter that is lost.
    fn is_lost(&mut self, sql: &str, values: &[Cell]) -> bool {
        let about = |cell: &Cell| match cell {
            Cell::Text(text) => ABOUT_SETTLEMENTS.iter().any(|words| text.contains(words)),
            _ => false,
        };
        if self.loses.0 == 0 || !sql.starts_with("insert into outbox") || !values.iter().any(about) {
            return false;
        }
        self.loses.1 += 1;
        self.loses.1.is_multiple_of(self.loses.0)
    }
}

impl Store for Disk {
    fn execute(&mut self, sql: &'static str, values: &[Cell]) -> Result<usize, StoreError> {
        let mut inner = self.inner();
        inner.touch(true)?;
        let times = inner.planted.as_mut().map_or(1, |planted| planted.times(sql, values));
        if times == 0 || inner.is_lost(sql, values) {
            return Ok(1);
        }
        let values = match inner.planted.as_mut() {
            Some(planted) => planted.values(sql, values),
            None => Cow::Borrowed(values),
        };
        let mut changed = inner.engine.execute(sql, &values)?;
        for _ in 1..times {
            changed = inner.engine.execute(sql, &values)?;
        }
        let claimed = inner.planted.as_ref().and_then(|planted| planted.claims(sql));
        Ok(claimed.unwrap_or(changed))
    }

    fn query(&mut self, sql: &'static str, values: &[Cell]) -> Result<Vec<Row>, StoreError> {
        let mut inner = self.inner();
        inner.touch(false)?;
        if inner.planted.as_ref().is_some_and(|planted| planted.blind(sql)) {
            return Ok(Vec::new());
        }
        inner.engine.query(sql, values)
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        let mut inner = self.inner();
        inner.touch(false)?;
        if inner.unflushed {
            inner.engine.commit()?;
            inner.unflushed = false;
        }
        inner.engine.begin()
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let mut inner = self.inner();
        inner.touch(true)?;
        if inner.planted.as_ref().is_some_and(Planted::answers_before_the_flush) {
            inner.unflushed = true;
            return Ok(());
        }
        inner.engine.commit()
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        let mut inner = self.inner();
        inner.unflushed = false;
        inner.engine.rollback()
    }

    fn step_begin(&mut self) -> Result<(), StoreError> {
        let mut inner = self.inner();
        inner.touch(false)?;
        inner.engine.step_begin()
    }

    fn step_keep(&mut self) -> Result<(), StoreError> {
        let mut inner = self.inner();
        inner.touch(false)?;
        inner.engine.step_keep()
    }

    fn step_forget(&mut self) -> Result<(), StoreError> {
        let mut inner = self.inner();
        inner.engine.step_forget()
    }
}
