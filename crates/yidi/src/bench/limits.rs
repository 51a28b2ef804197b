//! What this machine can do at most, in the folder where the databases lie.

use insurance::calendar::Instant;
use platform::doors::{Store, micros};
use platform::store::sqlite::Sqlite;
use platform::store::{counter_next, mail, migrations};
use std::fs::File;
use std::io::Write;
use std::path::Path;

/// A second, in microseconds.
const SECOND: u64 = 1_000_000;

/// Limits of the machine, a second.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Writes of 4 KiB to a small file, each flushed before the next.
    pub flushes: u64,
    /// Transactions of SQLite that change one row, each durable before the next.
    pub transactions: u64,
}

impl Limits {
    /// Measures each for a second.
    pub fn measure(folder: &Path) -> anyhow::Result<Limits> {
        Ok(Limits { flushes: flushes(folder)?, transactions: transactions(folder)? })
    }

    /// Between a measurement before and one after.
    pub fn mean(self, other: Limits) -> Limits {
        Limits {
            flushes: self.flushes.midpoint(other.flushes),
            transactions: self.transactions.midpoint(other.transactions),
        }
    }
}

fn flushes(folder: &Path) -> std::io::Result<u64> {
    let path = folder.join("flushes");
    let mut file = File::create(&path)?;
    let (begun, block) = (micros(), [7_u8; 4096]);
    let mut done = 0;
    while micros() - begun < SECOND {
        file.write_all(&block)?;
        file.sync_data()?;
        done += 1;
    }
    let took = micros() - begun;
    std::fs::remove_file(path)?;
    Ok(done * SECOND / took)
}

fn transactions(folder: &Path) -> anyhow::Result<u64> {
    let own = folder.join("limits");
    std::fs::create_dir_all(&own)?;
    let mut store = Sqlite::open(&own.join("limits.db"))?;
    migrations::migrate(&mut store)?;
    mail::letters_begin(&mut store, Instant(0))?;
    let begun = micros();
    let mut done = 0;
    while micros() - begun < SECOND {
        store.begin()?;
        counter_next(&mut store, "bench")?;
        store.commit()?;
        done += 1;
    }
    let took = micros() - begun;
    drop(store);
    std::fs::remove_dir_all(own)?;
    Ok(done * SECOND / took)
}
