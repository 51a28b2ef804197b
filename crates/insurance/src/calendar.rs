//! Days of care, policy years and instants: three types that cannot be mistaken for one another.

use jiff::civil;
use std::fmt;

/// A civil day: when care was given, from when a value applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct ServiceDate(civil::Date);

impl ServiceDate {
    /// The day with this year, month and day of month, where there is one.
    pub fn of(year: i16, month: i8, day: i8) -> Option<ServiceDate> {
        civil::Date::new(year, month, day).ok().map(ServiceDate)
    }

    /// The calendar year.
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// The month of the year, 1 to 12.
    pub fn month(self) -> i8 {
        self.0.month()
    }

    /// The day of the month, 1 to 31.
    pub fn day(self) -> i8 {
        self.0.day()
    }

    /// The day that lies this many days later (or earlier, below zero).
    pub fn plus_days(self, days: i32) -> ServiceDate {
        ServiceDate(self.0.saturating_add(jiff::Span::new().days(days)))
    }

    /// The same day of the month so many months later; the last day of a shorter month.
    pub fn plus_months(self, months: i32) -> ServiceDate {
        ServiceDate(self.0.saturating_add(jiff::Span::new().months(months)))
    }

    /// Whole days from `earlier` to this day.
    pub fn days_since(self, earlier: ServiceDate) -> i32 {
        self.0.since(earlier.0).map_or(0, |span| span.get_days())
    }

    /// The instant at which this day begins in official time.
    pub fn begins(self) -> Instant {
        Instant::of_official(self.0.at(0, 0, 0, 0))
    }

    /// Completed years of age of a person born on `birth`.
    pub fn age_of_born(self, birth: ServiceDate) -> u8 {
        let mut years = i32::from(self.year()) - i32::from(birth.year());
        if (self.month(), self.day()) < (birth.month(), birth.day()) {
            years -= 1;
        }
        u8::try_from(years.max(0)).unwrap_or(u8::MAX)
    }
}

impl fmt::Display for ServiceDate {
    /// `yyyy-MM-dd`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year(), self.month(), self.day())
    }
}

/// A text that is not a day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("failed to read {0:?} as a day: write yyyy-MM-dd")]
pub struct NotADay(pub String);

impl std::str::FromStr for ServiceDate {
    type Err = NotADay;
    /// Reads `yyyy-MM-dd` and nothing else.
    fn from_str(text: &str) -> Result<Self, NotADay> {
        let not_a_day = || NotADay(text.chars().take(40).collect());
        let digits = |range: std::ops::Range<usize>| {
            text.get(range).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
        };
        if text.len() != 10 || text.as_bytes()[4] != b'-' || text.as_bytes()[7] != b'-' {
            return Err(not_a_day());
        }
        let (year, month, day) = (digits(0..4), digits(5..7), digits(8..10));
        match (year, month, day) {
            (Some(year), Some(month), Some(day)) => {
                let day_found = ServiceDate::of(
                    year.parse().map_err(|_| not_a_day())?,
                    month.parse().map_err(|_| not_a_day())?,
                    day.parse().map_err(|_| not_a_day())?,
                );
                day_found.ok_or_else(not_a_day)
            }
            _ => Err(not_a_day()),
        }
    }
}

impl TryFrom<String> for ServiceDate {
    type Error = NotADay;
    fn try_from(text: String) -> Result<Self, NotADay> {
        text.parse()
    }
}
impl From<ServiceDate> for String {
    fn from(day: ServiceDate) -> String {
        day.to_string()
    }
}

/// The month in which a policy year begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum PolicyYearStart {
    /// 1 January to 31 December.
    #[default]
    January,
    /// 1 July to 30 June, as the employees of Shanghai count.
    July,
}

/// The year in which accumulators count, named by the calendar year in which it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PolicyYear(pub i16);

impl PolicyYear {
    /// The policy year that a day of care falls in.
    pub fn of(day: ServiceDate, start: PolicyYearStart) -> PolicyYear {
        match start {
            PolicyYearStart::July if day.month() < 7 => PolicyYear(day.year() - 1),
            _ => PolicyYear(day.year()),
        }
    }
}

impl fmt::Display for PolicyYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// An instant: milliseconds since 1970-01-01 UTC. When we learned something, as against the day it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Instant(pub i64);

/// The offset of Chinese official time, in milliseconds: UTC+8, without summer time.
const OFFICIAL_OFFSET_MS: i64 = 8 * 3_600_000;

impl Instant {
    /// The instant so many milliseconds later.
    pub fn plus_ms(self, ms: i64) -> Instant {
        Instant(self.0.saturating_add(ms))
    }

    /// The civil day and time of day in official time (UTC+8).
    pub fn official(self) -> civil::DateTime {
        let shifted = jiff::Timestamp::from_millisecond(self.0.saturating_add(OFFICIAL_OFFSET_MS))
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        jiff::tz::Offset::UTC.to_datetime(shifted)
    }

    /// The instant of a civil time in official time (UTC+8).
    pub fn of_official(time: civil::DateTime) -> Instant {
        let as_utc = jiff::tz::Offset::UTC.to_timestamp(time).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        Instant(as_utc.as_millisecond() - OFFICIAL_OFFSET_MS)
    }

    /// The official day on which this instant lies.
    pub fn day(self) -> ServiceDate {
        ServiceDate(self.official().date())
    }
}

impl fmt::Display for Instant {
    /// `yyyy-MM-dd HH:mm:ss` in official time.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.official();
        write!(
            f,
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
            time.year(),
            time.month(),
            time.day(),
            time.hour(),
            time.minute(),
            time.second()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> ServiceDate {
        text.parse().expect("a day")
    }

    #[test]
    fn only_real_days_are_days() {
        for wrong in ["2026-02-30", "2026-2-3", "20260203", "2026-02-03 ", "", "２０２６-02-03", "+026-02-03"]
        {
            assert!(wrong.parse::<ServiceDate>().is_err(), "{wrong:?}");
        }
        assert_eq!(day("2024-02-29").to_string(), "2024-02-29");
    }

    #[test]
    fn the_medical_year_of_shanghai_employees_turns_in_july() {
        assert_eq!(PolicyYear::of(day("2026-06-30"), PolicyYearStart::July), PolicyYear(2025));
        assert_eq!(PolicyYear::of(day("2026-07-01"), PolicyYearStart::July), PolicyYear(2026));
        assert_eq!(PolicyYear::of(day("2026-06-30"), PolicyYearStart::January), PolicyYear(2026));
    }

    #[test]
    fn age_changes_on_the_birthday() {
        let birth = day("1956-11-22");
        assert_eq!(day("2026-11-21").age_of_born(birth), 69);
        assert_eq!(day("2026-11-22").age_of_born(birth), 70);
    }

    #[test]
    fn an_instant_shows_official_time() {
        assert_eq!(Instant(0).to_string(), "1970-01-01 08:00:00");
        assert_eq!(Instant::of_official(Instant(1_790_000_000_000).official()), Instant(1_790_000_000_000));
        assert_eq!(day("1970-01-02").begins(), Instant(57_600_000));
        assert_eq!(day("2026-03-01").days_since(day("2026-02-27")), 2);
        assert_eq!(day("2026-01-31").plus_months(1).to_string(), "2026-02-28");
    }
}
