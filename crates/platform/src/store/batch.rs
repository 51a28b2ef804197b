//! 批: the store of a node at work, whatever engine is below: what a batch of steps shares, and what it costs.
//!
//! A series of numbers is read once and written back once a batch, with the commit: nobody else gives numbers of the same
//! database. Where a batch is lost, so are the numbers that it gave, and the series is read anew.

use crate::doors::{Cell, Row, Store, StoreError};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Statements that a node has made since it began.
#[derive(Debug, Default)]
pub struct Statements {
    /// All, beginnings and ends of batches and steps left out.
    pub made: AtomicU64,
    /// Those whose answer was waited for: a server is asked and answers before the node goes on.
    pub awaited: AtomicU64,
}

/// An engine with what a batch shares.
pub struct Batch {
    engine: Box<dyn Store>,
    given: BTreeMap<String, i64>,
    /// As the store holds them since the last commit.
    kept: BTreeMap<String, i64>,
    is_open: bool,
    counted: Arc<Statements>,
}

impl Batch {
    /// Over this engine.
    pub fn over(engine: Box<dyn Store>) -> Batch {
        Batch {
            engine,
            given: BTreeMap::new(),
            kept: BTreeMap::new(),
            is_open: false,
            counted: Arc::default(),
        }
    }

    /// The statements so far; goes on counting.
    pub fn statements(&self) -> Arc<Statements> {
        self.counted.clone()
    }

    /// The engine; what a batch has not kept is gone.
    pub fn into_engine(self) -> Box<dyn Store> {
        self.engine
    }

    fn count(&self, made: usize, awaited: u64) {
        self.counted.made.fetch_add(made as u64, Ordering::Relaxed);
        self.counted.awaited.fetch_add(awaited, Ordering::Relaxed);
    }

    /// Reads every series anew when it is needed next.
    fn forget_numbers(&mut self) {
        self.given.clear();
        self.kept.clear();
    }
}

/// Series that are remembered from batch to batch: those of a day and a place come and go.
const SERIES_AT_MOST: usize = 256;

impl Store for Batch {
    fn execute(&mut self, sql: &'static str, values: &[Cell]) -> Result<usize, StoreError> {
        self.count(1, 1);
        self.engine.execute(sql, values)
    }

    fn change(&mut self, sql: &'static str, values: &[Cell]) -> Result<(), StoreError> {
        self.count(1, 0);
        self.engine.change(sql, values)
    }

    fn execute_each(&mut self, sql: &'static str, each: &[Vec<Cell>]) -> Result<Vec<usize>, StoreError> {
        self.count(each.len(), 1);
        self.engine.execute_each(sql, each)
    }

    fn numbers(&mut self) -> Option<&mut BTreeMap<String, i64>> {
        if !self.is_open {
            // Who counts outside a batch counts in the store itself.
            self.forget_numbers();
            return None;
        }
        Some(&mut self.given)
    }

    fn query(&mut self, sql: &'static str, values: &[Cell]) -> Result<Vec<Row>, StoreError> {
        self.count(1, 1);
        self.engine.query(sql, values)
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        self.engine.begin()?;
        self.is_open = true;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        // Also where a step was forgotten in which a series began: its numbers were given all the same.
        let moved: Vec<(String, i64)> = self
            .given
            .iter()
            .filter(|(name, last)| self.kept.get(*name) != Some(last))
            .map(|(name, last)| (name.clone(), *last))
            .collect();
        self.count(moved.len(), 0);
        let engine = self.engine.as_mut();
        let written = moved.iter().try_for_each(|(name, last)| super::counter_set(engine, name, *last));
        if let Err(error) = written.and_then(|()| engine.commit()) {
            self.forget_numbers();
            return Err(error);
        }
        self.is_open = false;
        self.kept.extend(moved);
        if self.kept.len() > SERIES_AT_MOST {
            self.forget_numbers();
        }
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        self.forget_numbers();
        self.is_open = false;
        self.engine.rollback()
    }

    fn step_begin(&mut self) -> Result<(), StoreError> {
        self.engine.step_begin()
    }

    fn step_keep(&mut self) -> Result<(), StoreError> {
        self.engine.step_keep()
    }

    fn step_forget(&mut self) -> Result<(), StoreError> {
        self.engine.step_forget()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::migrations::migrate;
    use crate::store::sqlite::Sqlite;
    use crate::store::{counter_next, counter_raise, counters_move_on};

    fn fresh() -> Batch {
        let mut engine = Sqlite::in_memory().expect("a database");
        migrate(&mut engine).expect("tables");
        Batch::over(Box::new(engine))
    }

    #[test]
    fn a_series_is_read_once_and_written_back_once_a_batch() {
        let mut store = fresh();
        store.begin().expect("begun");
        for expected in 1..=10 {
            assert_eq!(counter_next(&mut store, "x").expect("counted"), expected);
        }
        store.commit().expect("kept");
        assert_eq!(store.statements().made.load(Ordering::Relaxed), 2);
        assert_eq!(store.statements().awaited.load(Ordering::Relaxed), 1);
        // The next batch goes on without reading.
        store.begin().expect("begun");
        assert_eq!(counter_next(&mut store, "x").expect("counted"), 11);
        store.commit().expect("kept");
        assert_eq!(store.statements().awaited.load(Ordering::Relaxed), 1);
        // Who counts outside a batch is not overtaken by the one that follows.
        assert_eq!(counter_next(&mut store, "x").expect("counted"), 12);
        store.begin().expect("begun");
        assert_eq!(counter_next(&mut store, "x").expect("counted"), 13);
        store.commit().expect("kept");
        assert_eq!(counter_next(store.into_engine().as_mut(), "x").expect("counted"), 14);
    }

    #[test]
    fn numbers_of_a_batch_that_is_lost_are_given_again() {
        let mut store = fresh();
        store.begin().expect("begun");
        assert_eq!(counter_next(&mut store, "x").expect("counted"), 1);
        assert_eq!(counter_next(&mut store, "x").expect("counted"), 2);
        store.rollback().expect("forgotten");
        store.begin().expect("begun");
        assert_eq!(counter_next(&mut store, "x").expect("counted"), 1);
    }

    #[test]
    fn numbers_of_a_step_that_is_forgotten_are_not_given_again() {
        let mut store = fresh();
        store.begin().expect("begun");
        store.step_begin().expect("a step");
        assert_eq!(counter_next(&mut store, "x").expect("counted"), 1);
        store.step_forget().expect("forgotten");
        assert_eq!(counter_next(&mut store, "x").expect("counted"), 2);
        store.commit().expect("kept");
        assert_eq!(counter_next(store.into_engine().as_mut(), "x").expect("counted"), 3);
    }
    #[test]
    fn a_node_that_was_put_back_counts_on_above_also_in_series_that_are_remembered() {
        let mut store = fresh();
        store.begin().expect("begun");
        assert_eq!(counter_next(&mut store, "x").expect("counted"), 1);
        assert_eq!(counter_next(&mut store, "outbox").expect("counted"), 1);
        counters_move_on(&mut store).expect("moved on");
        counter_raise(&mut store, "outbox", 500).expect("raised");
        assert_eq!(counter_next(&mut store, "x").expect("counted"), 1_000_002);
        assert_eq!(counter_next(&mut store, "outbox").expect("counted"), 501);
        assert_eq!(counter_next(&mut store, "new").expect("counted"), 1_000_002);
        store.commit().expect("kept");
        let mut engine = store.into_engine();
        for (name, next) in [("x", 1_000_003), ("outbox", 502), ("new", 1_000_003)] {
            assert_eq!(counter_next(engine.as_mut(), name).expect("counted"), next, "{name}");
        }
    }
}
