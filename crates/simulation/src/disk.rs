//! The disk of a simulated node: the production engine behind a door that can be full, can die between any two
//! statements, and can be told to do one thing wrong. It lies in memory, where a death loses what was not committed, or
//! on a platter, where it loses and tears what was not flushed.

use crate::planted::Planted;
use crate::platter::{Failure, Level, Mark, Mount, Platter};
use crate::seed::Seed;
use platform::chain::Digest;
use platform::doors::{Cell, Row, Store, StoreError};
use platform::store::migrations::migrate;
use platform::store::sqlite::Sqlite;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

/// The file of a node's database on its platter.
pub const FILE: &str = "node.db";

/// How a log is emptied: after so many pages, now and then much sooner than in production, so that a short story has
/// it too.
const EMPTIES_LOG: [&str; 4] = [
    "pragma wal_autocheckpoint=4000",
    "pragma wal_autocheckpoint=200",
    "pragma wal_autocheckpoint=40",
    "pragma wal_autocheckpoint=8",
];

/// A digest of every table.
pub type Digests = BTreeMap<String, Digest>;

/// A platter and how its database is opened.
struct Medium {
    platter: Platter,
    mount: Mount,
    empties_log: &'static str,
    sloppy: Option<&'static str>,
}

/// Opens the database of a platter as a node does.
pub fn open(mount: &Mount) -> Result<Sqlite, StoreError> {
    let mut engine = Sqlite::open_on(mount.file_system(), &mount.path(FILE))?;
    migrate(&mut engine)?;
    Ok(engine)
}

impl Medium {
    fn open(&self) -> Result<Sqlite, StoreError> {
        let mut engine = open(&self.mount)?;
        for setting in std::iter::once(self.empties_log).chain(self.sloppy) {
            engine.query(setting, &[])?;
        }
        Ok(engine)
    }
}

/// What stands behind the door.
struct Inner {
    /// None while it cannot be opened.
    engine: Option<Sqlite>,
    medium: Option<Medium>,
    /// Statements until the node dies, where a death is ordered.
    dies_after: Option<u32>,
    /// Whether the node died in this turn.
    dead: bool,
    full: bool,
    /// Every so manyth letter about a settlement is lost; 0 for none. And how many there were.
    loses: (u32, u32),
    planted: Option<Planted>,
    /// What was there after each commit, where that is wanted.
    witness: Option<Vec<Digests>>,
    /// A transaction that was answered but not flushed: only a planted bug leaves one.
    unflushed: bool,
    statements: u64,
    writes: u64,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Nobody reads it again: what the engine would still write as it closes is not worth its time.
        if let Some(medium) = &self.medium {
            medium.platter.die();
        }
    }
}

/// A disk; its clones are the same disk.
#[derive(Clone)]
pub struct Disk {
    inner: Arc<Mutex<Inner>>,
}

/// An empty database with the newest schema: made once.
fn empty_in_memory() -> Result<Sqlite, StoreError> {
    static EMPTY: OnceLock<Mutex<Sqlite>> = OnceLock::new();
    if EMPTY.get().is_none() {
        let mut engine = Sqlite::in_memory()?;
        migrate(&mut engine)?;
        // Another thread may have been quicker: both are the same.
        let _ = EMPTY.set(Mutex::new(engine));
    }
    EMPTY.get().expect("set above").lock().expect("a copy does not panic").copy_in_memory()
}

/// The file of such a database.
fn empty_file() -> Result<Vec<u8>, StoreError> {
    static EMPTY: OnceLock<Vec<u8>> = OnceLock::new();
    if let Some(file) = EMPTY.get() {
        return Ok(file.clone());
    }
    let platter = Platter::with([], Seed::new(0));
    let mount = platter.mount();
    drop(open(&mount)?);
    let file = platter.files().remove(FILE).expect("what was opened is there");
    Ok(EMPTY.get_or_init(|| file).clone())
}

impl Disk {
    /// An empty disk with the newest schema; the seed is of what a platter draws.
    pub fn new(level: Level, seed: &Seed, planted: Option<Planted>) -> Result<Disk, StoreError> {
        let medium = match level {
            Level::Transactions => None,
            Level::Sectors => {
                let mut seed = seed.for_purpose("platter");
                let empties_log = *seed.one_of(&EMPTIES_LOG);
                let platter = Platter::with([(FILE.to_owned(), empty_file()?)], seed);
                platter.lie(planted.as_ref().and_then(Planted::lie));
                let sloppy = planted.as_ref().and_then(Planted::setting);
                Some(Medium { mount: platter.mount(), platter, empties_log, sloppy })
            }
        };
        let engine = match &medium {
            None => empty_in_memory()?,
            Some(medium) => medium.open()?,
        };
        let inner = Inner {
            engine: Some(engine),
            medium,
            dies_after: None,
            dead: false,
            full: false,
            loses: (0, 0),
            planted,
            witness: None,
            unflushed: false,
            statements: 0,
            writes: 0,
        };
        Ok(Disk { inner: Arc::new(Mutex::new(inner)) })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("one thread turns the country")
    }

    /// The platter it lies on.
    pub fn platter(&self) -> Option<Platter> {
        self.inner().medium.as_ref().map(|medium| medium.platter.clone())
    }

    /// Lets the node die after so many further statements.
    pub fn die_after(&self, statements: u32) {
        self.inner().dies_after = Some(statements);
    }

    /// Cuts the power after so many further writes and flushes of a platter; a disk in memory dies before its next
    /// statement.
    pub fn cut_after(&self, touches: u64) {
        match self.platter() {
            Some(platter) => platter.cut_after(touches),
            None => self.die_after(0),
        }
    }

    /// Lets something of a platter fail.
    pub fn fail(&self, failure: Failure) {
        if let Some(platter) = self.platter() {
            platter.fail(failure);
        }
    }

    /// Takes back what was ordered: a death, a cut, a failure.
    pub fn die_never(&self) {
        let mut inner = self.inner();
        inner.dies_after = None;
        if let Some(medium) = &inner.medium {
            medium.platter.repair();
            medium.platter.cut_never();
        }
    }

    /// Ends what fails on its platter.
    pub fn repair(&self) {
        if let Some(platter) = self.platter() {
            platter.repair();
        }
    }

    /// Does something during which nothing is struck: deaths, failures and a full disk wait.
    pub fn unharmed<T>(&mut self, act: impl FnOnce(Disk) -> T) -> T {
        let (dies_after, full) = {
            let mut inner = self.inner();
            (inner.dies_after.take(), std::mem::take(&mut inner.full))
        };
        let done = match self.platter() {
            Some(platter) => platter.unharmed(|| act(self.clone())),
            None => act(self.clone()),
        };
        let mut inner = self.inner();
        (inner.dies_after, inner.full) = (dies_after, full);
        drop(inner);
        done
    }

    /// Whether the node has died.
    pub fn is_dead(&self) -> bool {
        self.inner().is_dead()
    }

    /// Power is gone and comes back: what was not flushed is lost, or as the platter has it. An error where the engine
    /// cannot open what is left.
    pub fn power_cycle(&self) -> Result<(), StoreError> {
        let mut inner = self.inner();
        inner.unflushed = false;
        inner.dead = false;
        inner.dies_after = None;
        if inner.medium.is_some() {
            return inner.start_again();
        }
        // An open transaction is what was not flushed; without one there is nothing to roll back.
        let _ = inner.engine()?.rollback();
        Ok(())
    }

    /// Fills the disk, or makes room again.
    pub fn fill(&self, full: bool) {
        let mut inner = self.inner();
        match &inner.medium {
            Some(medium) => medium.platter.fill(full),
            None => inner.full = full,
        }
    }

    /// Loses every so manyth letter about a settlement for good; 0 loses none.
    pub fn lose_letters(&self, every: u32) {
        self.inner().loses.0 = every;
    }

    /// Looks at what is there, past every fault of the door.
    ///
    /// # Panics
    /// Where the engine could not open what a power cut left: who was told so does not look.
    pub fn look<T>(&self, look: impl FnOnce(&mut dyn Store) -> T) -> T {
        look(self.inner().engine.as_mut().expect("an engine that opened"))
    }

    /// Statements and writes so far.
    pub fn counts(&self) -> (u64, u64) {
        let inner = self.inner();
        (inner.statements, inner.writes)
    }

    /// Witnesses every commit from now on: what is there now, and after each of them.
    pub fn witness(&self) -> Result<(), StoreError> {
        let mut inner = self.inner();
        inner.witness = Some(vec![inner.engine()?.digests()?]);
        Ok(())
    }

    /// What was witnessed, in order.
    pub fn witnessed(&self) -> Vec<Digests> {
        self.inner().witness.take().unwrap_or_default()
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
    fn is_dead(&self) -> bool {
        self.dead || self.medium.as_ref().is_some_and(|medium| medium.platter.is_dead())
    }

    /// The engine lets go of a platter without power, and opens what is left of it.
    fn start_again(&mut self) -> Result<(), StoreError> {
        let Some(medium) = &self.medium else { return Ok(()) };
        medium.platter.die();
        self.engine = None;
        medium.platter.power_cycle();
        self.engine = Some(medium.platter.unharmed(|| medium.open())?);
        Ok(())
    }

    fn commit_before_a_witness(&mut self) -> Result<(), StoreError> {
        let (Some(medium), Some(witness)) = (&self.medium, &self.witness) else {
            return Err(broken("only a platter has a witness"));
        };
        let (platter, number) = (medium.platter.clone(), witness.len());
        platter.mark(Mark::Asked(number));
        self.engine()?.commit()?;
        platter.mark(Mark::Confirmed(number));
        let there = self.engine()?.digests()?;
        self.witness.as_mut().expect("looked at above").push(there);
        Ok(())
    }

    fn engine(&mut self) -> Result<&mut Sqlite, StoreError> {
        self.engine.as_mut().ok_or_else(|| broken("the database does not open"))
    }

    /// One statement is about to be made.
    fn touch(&mut self, writes: bool) -> Result<(), StoreError> {
        if self.is_dead() {
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
        let mut changed = inner.engine()?.execute(sql, &values)?;
        for _ in 1..times {
            changed = inner.engine()?.execute(sql, &values)?;
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
        inner.engine()?.query(sql, values)
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        let mut inner = self.inner();
        inner.touch(false)?;
        if inner.unflushed {
            inner.engine()?.commit()?;
            inner.unflushed = false;
        }
        inner.engine()?.begin()
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let mut inner = self.inner();
        inner.touch(true)?;
        if inner.planted.as_ref().is_some_and(Planted::answers_before_the_flush) {
            inner.unflushed = true;
            return Ok(());
        }
        if inner.witness.is_some() {
            return inner.commit_before_a_witness();
        }
        let done = inner.engine()?.commit();
        if inner.planted.as_ref().is_some_and(Planted::ignores_a_failed_commit) {
            return Ok(());
        }
        done
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        let mut inner = self.inner();
        inner.unflushed = false;
        inner.engine()?.rollback()
    }

    fn step_begin(&mut self) -> Result<(), StoreError> {
        let mut inner = self.inner();
        inner.touch(false)?;
        inner.engine()?.step_begin()
    }

    fn step_keep(&mut self) -> Result<(), StoreError> {
        let mut inner = self.inner();
        inner.touch(false)?;
        inner.engine()?.step_keep()
    }

    fn step_forget(&mut self) -> Result<(), StoreError> {
        let mut inner = self.inner();
        inner.engine()?.step_forget()
    }
}
