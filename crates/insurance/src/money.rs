//! Money in whole fen, rates in basis points, prices and quantities as the tables carry them.
//! Every rounding happens here, by name; nothing here knows a float.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

/// An amount of money in fen (1/100 yuan). Sums and differences stop the program rather than wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Fen(pub i64);

impl Fen {
    /// Nothing.
    pub const ZERO: Fen = Fen(0);
    /// The largest amount that any one message may carry: 100 million yuan.
    /// A bill above it is refused, so that sums of many stay far from the end of `i64`.
    pub const LARGEST_BILL: Fen = Fen(10_000_000_000);

    /// Whole yuan, for constants and tests.
    pub const fn yuan(yuan: i64) -> Fen {
        Fen(yuan * 100)
    }

    /// The part of this amount that `rate` gives, rounded half up to the fen.
    ///
    /// ```
    /// # use insurance::money::{Fen, Rate};
    /// assert_eq!(Fen(101).share(Rate::percent(50)), Fen(51)); // 50.5 fen becomes 51
    /// ```
    pub fn share(self, rate: Rate) -> Fen {
        Fen(round_half_up(i128::from(self.0) * i128::from(rate.0), 10_000))
    }

    /// The smaller of two amounts.
    pub fn at_most(self, limit: Fen) -> Fen {
        self.min(limit)
    }

    /// This amount, or nothing where it is below zero.
    pub fn not_below_zero(self) -> Fen {
        self.max(Fen::ZERO)
    }

    /// Whether there is nothing of it.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Fen {
    /// Yuan with two decimals, as on a bill: `1234.05`, `-0.50`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        f.pad(&format!("{sign}{}.{:02}", magnitude / 100, magnitude % 100))
    }
}

impl Add for Fen {
    type Output = Fen;
    fn add(self, other: Fen) -> Fen {
        Fen(self.0.checked_add(other.0).expect("an amount of money left the range of i64"))
    }
}
impl Sub for Fen {
    type Output = Fen;
    fn sub(self, other: Fen) -> Fen {
        Fen(self.0.checked_sub(other.0).expect("an amount of money left the range of i64"))
    }
}
impl Neg for Fen {
    type Output = Fen;
    fn neg(self) -> Fen {
        Fen(-self.0)
    }
}
impl AddAssign for Fen {
    fn add_assign(&mut self, other: Fen) {
        *self = *self + other;
    }
}
impl SubAssign for Fen {
    fn sub_assign(&mut self, other: Fen) {
        *self = *self - other;
    }
}
impl Sum for Fen {
    fn sum<I: Iterator<Item = Fen>>(amounts: I) -> Fen {
        amounts.fold(Fen::ZERO, Add::add)
    }
}

/// A rate in basis points: 10,000 is the whole, 8,550 is 85.5 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Rate(pub i32);

impl Rate {
    /// None of it.
    pub const NONE: Rate = Rate(0);
    /// The whole.
    pub const WHOLE: Rate = Rate(10_000);

    /// Whole percents, for constants and tests.
    pub const fn percent(percent: i32) -> Rate {
        Rate(percent * 100)
    }

    /// This rate kept between nothing and the whole.
    pub fn within_whole(self) -> Rate {
        Rate(self.0.clamp(0, 10_000))
    }

    /// The number of percentage points, without needless zeros: `10`, `2.5`.
    pub fn points(self) -> String {
        let percent = self.to_string();
        percent.trim_end_matches('%').to_owned()
    }

    /// What is left of the whole.
    pub fn rest(self) -> Rate {
        Rate(10_000 - self.0)
    }
}

impl fmt::Display for Rate {
    /// Percent without needless zeros: `85%`, `92.2%`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 100, (self.0 % 100).abs());
        let text = match part {
            0 => format!("{whole}%"),
            _ if part % 10 == 0 => format!("{whole}.{}%", part / 10),
            _ => format!("{whole}.{part:02}%"),
        };
        f.pad(&text)
    }
}

/// A unit price in millionths of a yuan: the tables give prices six decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UnitPrice(pub i64);

impl UnitPrice {
    /// A price of whole fen.
    pub const fn fen(fen: i64) -> UnitPrice {
        UnitPrice(fen * 10_000)
    }
}

/// A quantity in ten-thousandths of a unit: the tables give quantities four decimals. Below zero on refund lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Quantity(pub i64);

impl Quantity {
    /// Whole units.
    pub const fn units(units: i64) -> Quantity {
        Quantity(units * 10_000)
    }
}

impl UnitPrice {
    /// Price times quantity, rounded half up to the fen; `None` where no bill can be so large.
    pub fn times(self, quantity: Quantity) -> Option<Fen> {
        // Millionths of a yuan times ten-thousandths of a unit: 10^-10 yuan, and a fen is 10^-2 yuan.
        let exact = i128::from(self.0) * i128::from(quantity.0);
        let limit = i128::from(Fen::LARGEST_BILL.0) * 100_000_000;
        (exact.abs() <= limit).then(|| Fen(round_half_up(exact, 100_000_000)))
    }
}

/// Divides and rounds half up by magnitude: 0.5 becomes 1 and -0.5 becomes -1, so that a refund line is
/// the exact opposite of its charge. The remainder always goes to the share that is not named here.
///
/// # Panics
/// Where the quotient is outside `i64`, which no checked amount can reach.
pub fn round_half_up(numerator: i128, denominator: i128) -> i64 {
    assert!(denominator > 0, "a divisor above zero");
    let magnitude = (numerator.abs() * 2 + denominator) / (denominator * 2);
    let signed = if numerator < 0 { -magnitude } else { magnitude };
    i64::try_from(signed).expect("an amount of money left the range of i64")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_fen_becomes_one_and_its_refund_is_its_opposite() {
        for (numerator, expected) in [(5, 1), (4, 0), (14, 1), (15, 2), (-5, -1), (-4, 0), (-15, -2)] {
            assert_eq!(round_half_up(numerator, 10), expected, "{numerator}/10");
        }
    }

    #[test]
    fn price_times_quantity_is_rounded_once() {
        // 0.333333 yuan x 3 = 0.999999 yuan, which is 1.00 yuan.
        assert_eq!(UnitPrice(333_333).times(Quantity::units(3)), Some(Fen(100)));
        assert_eq!(UnitPrice(333_333).times(Quantity::units(-3)), Some(Fen(-100)));
        assert_eq!(UnitPrice(i64::MAX).times(Quantity(i64::MAX)), None);
    }

    #[test]
    fn amounts_and_rates_read_as_on_a_bill() {
        assert_eq!(Fen(123_405).to_string(), "1234.05");
        assert_eq!(Fen(-50).to_string(), "-0.50");
        assert_eq!(Rate(8_550).to_string(), "85.5%");
        assert_eq!(Rate(8_505).to_string(), "85.05%");
        assert_eq!(Rate::percent(85).to_string(), "85%");
    }
}
