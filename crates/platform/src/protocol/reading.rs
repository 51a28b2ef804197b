//! Decimals, days and instants as the wire writes them: many spellings in, one exact text out.
//! Nothing here rounds but the noise that a sender's floats left, and no number passes through a float.

use insurance::calendar::ServiceDate;
use std::fmt;

/// An exact decimal: sign, whole part and fraction, without needless zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    whole: String,
    fraction: String,
}

/// No table has a number of more digits than this, exponents counted in.
const LONGEST_NUMBER: usize = 60;

impl Decimal {
    /// Reads `12.50`, `-0`, `1e2`, `.5`, and full-width digits; refuses `1,200.00` and `NaN`.
    pub fn read(text: &str) -> Option<Decimal> {
        let text = fold(text);
        if text.len() > LONGEST_NUMBER {
            return None;
        }
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(&text)),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let limit = LONGEST_NUMBER as i32;
        if !(-limit..=limit).contains(&exponent) {
            return None;
        }
        let digits = format!("{whole}{fraction}");
        let point = whole.len() as i32 + exponent;
        let (whole, fraction) = if point <= 0 {
            (String::new(), format!("{}{digits}", "0".repeat(point.unsigned_abs() as usize)))
        } else if point as usize >= digits.len() {
            (format!("{digits}{}", "0".repeat(point as usize - digits.len())), String::new())
        } else {
            let (whole, fraction) = digits.split_at(point as usize);
            (whole.to_owned(), fraction.to_owned())
        };
        let whole = whole.trim_start_matches('0').to_owned();
        let fraction = fraction.trim_end_matches('0').to_owned();
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Decimal { negative: negative && !zero, whole, fraction })
    }

    /// Whether it fits a column of so many digits, so many of them decimals.
    pub fn fits(&self, digits: usize, scale: usize) -> bool {
        self.fraction.len() <= scale && self.whole.len() <= digits.saturating_sub(scale)
    }

    /// Without the noise of binary floats: software that sums doubles sends 35.300000000000004 for 35.30. A double
    /// means fifteen digits: where those beyond the column's last decimal are all 0, or all 9, the rest is dropped.
    pub fn without_noise(self, scale: usize) -> Decimal {
        let rest = self.fraction.get(scale..).unwrap_or_default();
        let run = |digit| rest.bytes().take_while(|byte| *byte == digit).count();
        let (zeros, nines) = (run(b'0'), run(b'9'));
        let meant = self.whole.len() + scale + zeros.max(nines);
        if zeros.max(nines) < 2 || meant < 15 {
            return self;
        }
        let kept = self.fraction.get(..scale).unwrap_or_default();
        match format!("0{}{kept}", self.whole).parse::<i64>() {
            Ok(units) => {
                let sign = if self.negative { -1 } else { 1 };
                Decimal::of_scaled(sign * (units + i64::from(nines > 0)), scale)
            }
            Err(_) => self,
        }
    }

    /// The number in units of the last of `scale` decimals, where it has no more decimals and fits.
    pub fn scaled(&self, scale: usize) -> Option<i64> {
        if self.fraction.len() > scale {
            return None;
        }
        let text = format!("{}{:0<scale$}", self.whole, self.fraction);
        let magnitude: i64 = if text.is_empty() { 0 } else { text.parse().ok()? };
        Some(if self.negative { -magnitude } else { magnitude })
    }

    /// The decimal of so many units of the last of `scale` decimals.
    pub fn of_scaled(units: i64, scale: usize) -> Decimal {
        let digits = format!("{:0>width$}", units.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        Decimal {
            negative: units < 0,
            whole: whole.trim_start_matches('0').to_owned(),
            fraction: fraction.trim_end_matches('0').to_owned(),
        }
    }
}

impl fmt::Display for Decimal {
    /// Without padding: `0`, `4.52`, `-62400`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        let whole = if self.whole.is_empty() { "0" } else { &self.whole };
        let point = if self.fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{}", self.fraction)
    }
}

/// Folds full-width letters, digits and signs to ASCII and drops surrounding blanks.
pub fn fold(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    };
    text.trim().chars().map(narrow).collect::<String>().trim().to_owned()
}

/// A day and, where one was written, a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The day.
    pub day: ServiceDate,
    /// Hour, minute, second; midnight where none was written.
    pub time: (u8, u8, u8),
}

impl Moment {
    /// Reads `yyyy-MM-dd`, with `/` or `.` between, `yyyyMMdd`, each with or without a time after a blank or a `T`.
    /// A time zone other than +08:00 is refused: its local day could be another.
    pub fn read(text: &str) -> Option<Moment> {
        let text = fold(text);
        if text.len() > 40 || !text.is_ascii() {
            return None;
        }
        if text.len() >= 14 && text.bytes().take(14).all(|byte| byte.is_ascii_digit()) {
            let rest = &text[14..];
            let fraction = rest.len() <= 3 && rest.bytes().all(|byte| byte.is_ascii_digit());
            return fraction.then(|| Moment::of(&text[..8], &text[8..14])).flatten();
        }
        match text.split_once([' ', 'T']) {
            Some((day, time)) => Moment::of(day, time.trim()),
            None => Moment::of(&text, ""),
        }
    }

    fn of(day: &str, time: &str) -> Option<Moment> {
        let day = read_day(day)?;
        let time = if time.is_empty() { (0, 0, 0) } else { read_time(time)? };
        Some(Moment { day, time })
    }
}

impl fmt::Display for Moment {
    /// `yyyy-MM-dd HH:mm:ss`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second) = self.time;
        write!(f, "{} {hour:02}:{minute:02}:{second:02}", self.day)
    }
}

fn number<T: std::str::FromStr>(text: &str, shortest: usize, longest: usize) -> Option<T> {
    let right = (shortest..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    right.then(|| text.parse().ok()).flatten()
}

fn read_day(text: &str) -> Option<ServiceDate> {
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let (year, month, day) = match parts.as_slice() {
        [year, month, day] => (*year, *month, *day),
        [all] if all.len() == 8 => (all.get(..4)?, all.get(4..6)?, all.get(6..)?),
        _ => return None,
    };
    let year = number::<i16>(year, 4, 4).filter(|year| (1800..=2999).contains(year))?;
    ServiceDate::of(year, number(month, 1, 2)?, number(day, 1, 2)?)
}

fn read_time(text: &str) -> Option<(u8, u8, u8)> {
    let text = text.strip_suffix("+08:00").or_else(|| text.strip_suffix("+0800")).unwrap_or(text);
    let text = match text.split_once('.') {
        Some((time, fraction)) => number::<u64>(fraction, 1, 9).map(|_| time)?,
        None => text,
    };
    let parts: Vec<&str> = text.split(':').collect();
    let (hour, minute, second) = match parts.as_slice() {
        [hour, minute, second] => (*hour, *minute, *second),
        [hour, minute] => (*hour, *minute, "0"),
        [all] if all.len() == 6 => (all.get(..2)?, all.get(2..4)?, all.get(4..)?),
        _ => return None,
    };
    let time: (u8, u8, u8) = (number(hour, 1, 2)?, number(minute, 1, 2)?, number(second, 1, 2)?);
    (time.0 < 24 && time.1 < 60 && time.2 < 60).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_spelling_become_one_text() {
        let table = [
            ("12.50", "12.5"),
            ("1e2", "100"),
            ("1.5E-3", "0.0015"),
            ("-0", "0"),
            ("-0.00", "0"),
            (".5", "0.5"),
            ("5.", "5"),
            ("+7", "7"),
            ("１２．５０", "12.5"),
            ("　3 ", "3"),
            ("007", "7"),
            ("-62400.0", "-62400"),
        ];
        for (text, expected) in table {
            assert_eq!(
                Decimal::read(text).map(|found| found.to_string()).as_deref(),
                Some(expected),
                "{text}"
            );
        }
        for wrong in
            ["NaN", "1,200.00", "", "-", ".", "1e", "1e999999999", "0x10", "1.2.3", "一百", "1 2", "--1"]
        {
            assert_eq!(Decimal::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn scaling_is_exact_both_ways() {
        for (text, scale, units) in [("12.5", 2, 1250), ("-0.05", 2, -5), ("0", 4, 0), ("0.55", 4, 5500)] {
            let decimal = Decimal::read(text).expect("a decimal");
            assert_eq!(decimal.scaled(scale), Some(units), "{text}");
            assert_eq!(Decimal::of_scaled(units, scale), decimal, "{text}");
        }
        assert_eq!(Decimal::read("1.005").expect("a decimal").scaled(2), None);
        assert_eq!(Decimal::of_scaled(i64::MIN, 2).to_string(), "-92233720368547758.08");
    }

    #[test]
    fn the_noise_of_floats_is_dropped_and_nothing_else() {
        let table = [
            ("35.300000000000004", 2, "35.3"),
            ("0.8999999999999999", 2, "0.9"),
            ("1234.5599999999999", 2, "1234.56"),
            ("-0.30000000000000004", 2, "-0.3"),
            ("99.999999999999999", 2, "100"),
            ("0.9999999999999999", 4, "1"),
            ("12345678.10000000149", 6, "12345678.1"),
            ("123456789.12999999523", 2, "123456789.13"),
            ("98765432.100000001", 2, "98765432.1"),
            ("5e-17", 2, "0"),
            ("220.004", 2, "220.004"),
            ("10.005", 2, "10.005"),
            ("220.0000001", 2, "220.0000001"),
            ("0.123456789012345678", 2, "0.123456789012345678"),
            ("7", 0, "7"),
        ];
        for (text, scale, expected) in table {
            let read = Decimal::read(text).expect("a decimal").without_noise(scale);
            assert_eq!(read.to_string(), expected, "{text}");
        }
    }

    #[test]
    fn days_and_times_of_every_spelling_become_one_text() {
        let table = [
            ("2026-11-22 08:30:05", "2026-11-22 08:30:05"),
            ("2026-11-22T08:30:05", "2026-11-22 08:30:05"),
            ("20261122083005", "2026-11-22 08:30:05"),
            ("20261122083005123", "2026-11-22 08:30:05"),
            ("2026/11/22", "2026-11-22 00:00:00"),
            ("2026/1/2 8:03", "2026-01-02 08:03:00"),
            ("20261122", "2026-11-22 00:00:00"),
            ("2026-11-22T08:30:05.123+08:00", "2026-11-22 08:30:05"),
        ];
        for (text, expected) in table {
            assert_eq!(
                Moment::read(text).map(|found| found.to_string()).as_deref(),
                Some(expected),
                "{text}"
            );
        }
        let wrong = [
            "2026-02-30",
            "2026-13-01",
            "0001-01-01",
            "2026-11-22 25:00:00",
            "2026-11-22T00:00:00Z",
            "",
            "明天",
        ];
        for text in wrong {
            assert_eq!(Moment::read(text), None, "{text}");
        }
    }
}
