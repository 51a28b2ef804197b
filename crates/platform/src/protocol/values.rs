//! Amounts, days and flags between the wire and the rooms of insurance: read from the normalised text,
//! written as JSON numbers without padding.

use super::envelope::instant;
use super::reading::{Decimal, Moment};
use insurance::calendar::{Instant, ServiceDate};
use insurance::money::{Fen, Quantity, Rate, UnitPrice};
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

fn units<'de, D: Deserializer<'de>>(deserializer: D, scale: usize) -> Result<i64, D::Error> {
    let text = String::deserialize(deserializer)?;
    Decimal::read(&text).and_then(|decimal| decimal.scaled(scale)).ok_or_else(|| {
        D::Error::custom(format!("数字,最多{scale}位小数 (a number, at most {scale} decimals)"))
    })
}

fn number<S: Serializer>(serializer: S, units: i64, scale: usize) -> Result<S::Ok, S::Error> {
    let text = Decimal::of_scaled(units, scale).to_string();
    text.parse::<serde_json::Number>().map_err(S::Error::custom)?.serialize(serializer)
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident($inner:ty), $scale:literal, $whole:ty;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub $inner);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let units = units(deserializer, $scale)?;
                <$whole>::try_from(units).map(|units| $name(units.into_inner())).map_err(D::Error::custom)
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                number(serializer, i64::from(self.0.0), $scale)
            }
        }
        impl From<$inner> for $name {
            fn from(inner: $inner) -> $name {
                $name(inner)
            }
        }
        impl From<$name> for $inner {
            fn from(outer: $name) -> $inner {
                outer.0
            }
        }
    )*};
}

/// Turns the integer that was read into the type of the room.
trait IntoInner<T> {
    fn into_inner(self) -> T;
}
impl IntoInner<Fen> for i64 {
    fn into_inner(self) -> Fen {
        Fen(self)
    }
}
impl IntoInner<UnitPrice> for i64 {
    fn into_inner(self) -> UnitPrice {
        UnitPrice(self)
    }
}
impl IntoInner<Quantity> for i64 {
    fn into_inner(self) -> Quantity {
        Quantity(self)
    }
}
impl IntoInner<Rate> for i32 {
    fn into_inner(self) -> Rate {
        Rate(self)
    }
}

numbers! {
    /// An amount of money: two decimals on the wire.
    Amount(Fen), 2, i64;
    /// A unit price: six decimals on the wire.
    Price(UnitPrice), 6, i64;
    /// A quantity: four decimals on the wire.
    Count(Quantity), 4, i64;
    /// A rate: a fraction with four decimals on the wire, 0.55 for 55 %.
    Ratio(Rate), 4, i32;
}

/// A day, `yyyy-MM-dd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub ServiceDate);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Moment::read(&text).map(|at| Day(at.day)).ok_or_else(|| D::Error::custom("yyyy-MM-dd"))
    }
}
impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// An instant, `yyyy-MM-dd HH:mm:ss` in official time (UTC+8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub Instant);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let read = Moment::read(&text).and_then(instant);
        read.map(Time).ok_or_else(|| D::Error::custom("yyyy-MM-dd HH:mm:ss"))
    }
}
impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A flag, "1" for yes and "0" for no.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flag(pub bool);

impl Flag {
    /// As on the wire.
    pub fn text(self) -> &'static str {
        if self.0 { "1" } else { "0" }
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "1" => Ok(Flag(true)),
            "0" => Ok(Flag(false)),
            _ => Err(D::Error::custom("0或1 (0 or 1)")),
        }
    }
}
impl Serialize for Flag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}
