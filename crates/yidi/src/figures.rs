//! 指标: what a measured set of times looks like, what a process has used so far, and fractions without floats.

use serde_json::{Value, json};
use std::fmt;

/// Percentiles of a set of times, in their own unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// How many there are.
    pub count: usize,
    /// Half are not above this.
    pub p50: u64,
    /// 95 of 100 are not above this.
    pub p95: u64,
    /// 99 of 100 are not above this.
    pub p99: u64,
    /// The longest.
    pub most: u64,
}

impl Spread {
    /// Of these times.
    pub fn of(times: &[u64]) -> Spread {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        // The smallest time that so many percent do not exceed.
        let at = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100).max(1);
            sorted.get(rank - 1).copied().unwrap_or(0)
        };
        Spread { count: sorted.len(), p50: at(50), p95: at(95), p99: at(99), most: at(100) }
    }

    /// As JSON, in the same unit.
    pub fn as_json(&self) -> Value {
        json!({"count": self.count, "p50": self.p50, "p95": self.p95, "p99": self.p99, "max": self.most})
    }
}

/// Times in microseconds, shown in milliseconds.
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |micros: u64| Hundredths::of(micros, 1000);
        write!(
            f,
            "p50 {} ms, p95 {} ms, p99 {} ms, longest {} ms",
            ms(self.p50),
            ms(self.p95),
            ms(self.p99),
            ms(self.most)
        )
    }
}

/// A fraction in hundredths, shown with two decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hundredths(pub u64);

impl Hundredths {
    /// `above / below`, rounded down; nothing of nothing is nothing.
    pub fn of(above: u64, below: u64) -> Hundredths {
        Hundredths((above * 100).checked_div(below).unwrap_or(0))
    }
}

impl fmt::Display for Hundredths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl serde::Serialize for Hundredths {
    /// A number of the same digits: the JSON writer keeps them as they are.
    fn serialize<S: serde::Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        let number: serde_json::Number = serde_json::from_str(&self.to_string()).expect("digits and a point");
        number.serialize(writer)
    }
}

/// What a process has used since it began, as the system tells.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    /// Processor time in hundredths of a second.
    pub cpu: u64,
    /// Bytes that it caused to be written to the disk.
    pub written: u64,
    /// Memory now, in KiB.
    pub memory: u64,
    /// The most memory so far, in KiB.
    pub memory_peak: u64,
}

impl Used {
    /// Of this process; zeros where the system does not tell.
    pub fn by(process: u32) -> Used {
        let read =
            |file: &str| std::fs::read_to_string(format!("/proc/{process}/{file}")).unwrap_or_default();
        let field = |text: &str, name: &str| -> u64 {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
        };
        let (status, io, stat) = (read("status"), read("io"), read("stat"));
        // After the name, which may hold anything: state is the third field, utime the 14th, stime the 15th.
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks = after_name.split_whitespace().skip(11).take(2);
        Used {
            cpu: ticks.filter_map(|field| field.parse::<u64>().ok()).sum(),
            written: field(&io, "write_bytes:"),
            memory: field(&status, "VmRSS:"),
            memory_peak: field(&status, "VmHWM:"),
        }
    }

    /// Of these processes together.
    pub fn by_all(processes: impl Iterator<Item = u32>) -> Used {
        processes.map(Used::by).fold(Used::default(), |sum, one| Used {
            cpu: sum.cpu + one.cpu,
            written: sum.written + one.written,
            memory: sum.memory + one.memory,
            memory_peak: sum.memory_peak + one.memory_peak,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let times: Vec<u64> = (1..=200).rev().collect();
        let spread = Spread::of(&times);
        assert_eq!([spread.p50, spread.p95, spread.p99, spread.most], [100, 190, 198, 200]);
        assert_eq!(Spread::of(&[]), Spread::default());
        assert_eq!(Spread::of(&[7]).p99, 7);
    }

    #[test]
    fn fractions_have_two_decimals() {
        assert_eq!(Hundredths::of(1, 3).to_string(), "0.33");
        assert_eq!(Hundredths::of(1234, 100).to_string(), "12.34");
        assert_eq!(Hundredths::of(1, 0).to_string(), "0.00");
    }
}
