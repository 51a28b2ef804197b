//! What this machine can do at most, in the folder where the databases lie, and what PostgreSQL's own measure makes of the
//! server of the nodes.

use super::server::program;
use crate::figures::Hundredths;
use anyhow::{Context, ensure};
use insurance::calendar::Instant;
use platform::doors::{Store, micros};
use platform::store::sqlite::Sqlite;
use platform::store::{counter_next, mail, migrations};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;

/// A second, in microseconds.
const SECOND: u64 = 1_000_000;

/// Limits of the machine, a second.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Writes of 4 KiB to a small file, each flushed before the next.
    pub flushes: u64,
    /// Transactions of SQLite that change one row, each durable before the next.
    pub transactions: u64,
    /// `pgbench` at the server of the nodes, where they have one and the program is installed.
    pub pgbench: Option<Pgbench>,
}

/// Transactions like those of TPC-B, as `pgbench` makes them: three updates, one reading, one insert.
#[derive(Clone, Copy, Debug)]
pub struct Pgbench {
    /// Transactions a second.
    pub rate: Hundredths,
    /// The mean of how long one takes, in microseconds.
    pub latency_us: u64,
}

/// What `pgbench` is to do.
pub struct Order<'a> {
    /// The address of a database.
    pub address: &'a str,
    /// Clients at once.
    pub clients: u64,
    /// How long, in seconds.
    pub seconds: u64,
}

/// Branches of `pgbench`: one for each client, so that clients do not wait for each other's row, up to so many.
const BRANCHES_AT_MOST: u64 = 50;

impl Limits {
    /// Measures each for a second, and `pgbench` as it is ordered.
    pub fn measure(folder: &Path, order: Option<&Order<'_>>) -> anyhow::Result<Limits> {
        let pgbench = match order {
            Some(order) => order.run()?,
            None => None,
        };
        Ok(Limits { flushes: flushes(folder)?, transactions: transactions(folder)?, pgbench })
    }

    /// Between a measurement before and one after.
    pub fn mean(self, other: Limits) -> Limits {
        Limits {
            flushes: self.flushes.midpoint(other.flushes),
            transactions: self.transactions.midpoint(other.transactions),
            pgbench: self.pgbench.zip(other.pgbench).map(|(before, after)| Pgbench {
                rate: Hundredths(before.rate.0.midpoint(after.rate.0)),
                latency_us: before.latency_us.midpoint(after.latency_us),
            }),
        }
    }
}

impl Order<'_> {
    /// Makes the tables of `pgbench`.
    pub fn prepare(&self) -> anyhow::Result<()> {
        let branches = self.clients.min(BRANCHES_AT_MOST).to_string();
        self.pgbench(&["-i", "-q", "-s", &branches]).map(drop)
    }

    fn run(&self) -> anyhow::Result<Option<Pgbench>> {
        let (clients, seconds) = (self.clients.to_string(), self.seconds.to_string());
        let Some(told) = self.pgbench(&["-n", "-c", &clients, "-j", "2", "-T", &seconds])? else {
            return Ok(None);
        };
        let figure = |before: &str| {
            let rest = told.lines().find_map(|line| line.strip_prefix(before));
            rest.and_then(hundredths).with_context(|| format!("failed to find {before:?} in {told}"))
        };
        let latency_us = figure("latency average = ")?.0 * 10;
        Ok(Some(Pgbench { rate: figure("tps = ")?, latency_us }))
    }

    /// What it prints; nothing where it is not installed.
    fn pgbench(&self, words: &[&str]) -> anyhow::Result<Option<String>> {
        let Some(program) = program("pgbench") else { return Ok(None) };
        let output =
            Command::new(program).args(words).arg(self.address).output().context("failed to run pgbench")?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "failed to measure with pgbench: {}", complaint.trim());
        Ok(Some(String::from_utf8_lossy(&output.stdout).into_owned()))
    }
}

/// `989.706674 (without ...)` as hundredths, what follows cut off.
fn hundredths(text: &str) -> Option<Hundredths> {
    let number = text.split_whitespace().next()?;
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let part: String = part.chars().chain("00".chars()).take(2).collect();
    Some(Hundredths(whole.parse::<u64>().ok()? * 100 + part.parse::<u64>().ok()?))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_pgbench_are_read_to_the_hundredth() {
        let table =
            [("989.706674 (without initial)", 98_970), ("0.5 ms", 50), ("32.333 ms", 3_233), ("7", 700)];
        for (text, expected) in table {
            assert_eq!(hundredths(text), Some(Hundredths(expected)), "{text}");
        }
        assert_eq!(hundredths("none"), None);
    }
}
