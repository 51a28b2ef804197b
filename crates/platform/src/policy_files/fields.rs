//! One table of a policy file, taken apart key by key: what is missing, misspelled or left over is told by name.

use super::PolicyFault;
use insurance::calendar::ServiceDate;
use insurance::money::{Fen, Rate};
use serde::de::DeserializeOwned;
use toml::{Table, Value};

#[derive(Clone)]
pub(super) struct Fields {
    file: String,
    table: String,
    at: String,
    values: Table,
}

impl Fields {
    pub fn new(file: &str, table: &str, at: &str, values: Table) -> Fields {
        Fields { file: file.to_owned(), table: table.to_owned(), at: at.to_owned(), values }
    }

    pub fn of_value(file: &str, table: &str, at: &str, value: Value) -> Result<Fields, PolicyFault> {
        let empty = Fields::new(file, table, at, Table::new());
        match value {
            Value::Table(values) => Ok(Fields { values, ..empty }),
            other => Err(empty.fault("row", format!("found {other}"), "a table of keys and values")),
        }
    }

    pub fn file(&self) -> &str {
        &self.file
    }

    /// The values, to be looked at or changed as a whole.
    pub fn values(&mut self) -> &mut Table {
        &mut self.values
    }

    /// The same row with other values.
    pub fn with(&self, values: Table) -> Fields {
        Fields { values, ..self.clone() }
    }

    pub fn fault(&self, value: &str, found: impl Into<String>, expected: &str) -> PolicyFault {
        PolicyFault {
            file: self.file.clone(),
            table: self.table.clone(),
            value: format!("{}, value `{value}`", self.at),
            found: found.into(),
            expected: expected.to_owned(),
        }
    }

    /// Refuses what nobody asked for.
    pub fn finish(self) -> Result<(), PolicyFault> {
        match self.values.keys().next() {
            Some(key) => Err(self.fault(key, "the key is not known here", "a key of docs/policies.md")),
            None => Ok(()),
        }
    }

    pub fn optional(&mut self, key: &str) -> Option<Value> {
        self.values.remove(key)
    }

    pub fn need(&mut self, key: &str, expected: &str) -> Result<Value, PolicyFault> {
        self.values.remove(key).ok_or_else(|| self.fault(key, "it is missing", expected))
    }

    pub fn table(&mut self, key: &str) -> Result<Option<Table>, PolicyFault> {
        match self.optional(key) {
            None => Ok(None),
            Some(Value::Table(table)) => Ok(Some(table)),
            Some(other) => Err(self.fault(key, format!("found {other}"), "a table")),
        }
    }

    pub fn text(&mut self, key: &str) -> Result<Option<String>, PolicyFault> {
        match self.optional(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.fault(key, format!("found {other}"), "a text")),
        }
    }

    pub fn need_text(&mut self, key: &str) -> Result<String, PolicyFault> {
        self.text(key)?.ok_or_else(|| self.fault(key, "it is missing", "a text"))
    }

    pub fn flag(&mut self, key: &str) -> Result<Option<bool>, PolicyFault> {
        match self.optional(key) {
            None => Ok(None),
            Some(Value::Boolean(flag)) => Ok(Some(flag)),
            Some(other) => Err(self.fault(key, format!("found {other}"), "true or false")),
        }
    }

    pub fn whole(&mut self, key: &str) -> Result<Option<i64>, PolicyFault> {
        match self.optional(key) {
            None => Ok(None),
            Some(Value::Integer(number)) => Ok(Some(number)),
            Some(other) => Err(self.fault(key, format!("found {other}"), "a whole number")),
        }
    }

    pub fn age(&mut self, key: &str) -> Result<Option<u8>, PolicyFault> {
        let Some(number) = self.whole(key)? else { return Ok(None) };
        let age = u8::try_from(number).ok().filter(|age| *age <= 150);
        age.map(Some).ok_or_else(|| self.fault(key, format!("found {number}"), "an age in years, 0 to 150"))
    }

    pub fn day(&mut self, key: &str) -> Result<Option<ServiceDate>, PolicyFault> {
        let Some(value) = self.optional(key) else { return Ok(None) };
        let text = match &value {
            Value::Datetime(day) => day.to_string(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let day =
            text.parse().map_err(|_| self.fault(key, format!("found {text}"), "a day, as 2024-01-01"))?;
        Ok(Some(day))
    }

    pub fn money(&mut self, key: &str) -> Result<Option<Fen>, PolicyFault> {
        self.optional(key).map(|value| self.money_of(key, &value)).transpose()
    }

    pub fn need_money(&mut self, key: &str) -> Result<Fen, PolicyFault> {
        let value = self.need(key, "an amount in fen, as 1_300_00")?;
        self.money_of(key, &value)
    }

    pub fn money_of(&self, key: &str, value: &Value) -> Result<Fen, PolicyFault> {
        match value {
            Value::Integer(fen) if (0..=Fen::LARGEST_BILL.0).contains(fen) => Ok(Fen(*fen)),
            other => {
                Err(self.fault(key, format!("found {other}"), "an amount in fen from zero, as 1_300_00"))
            }
        }
    }

    pub fn need_rate(&mut self, key: &str) -> Result<Rate, PolicyFault> {
        let value = self.need(key, "a rate, as \"85%\"")?;
        self.rate_of(key, &value)
    }

    pub fn rate_of(&self, key: &str, value: &Value) -> Result<Rate, PolicyFault> {
        const EXPECTED: &str = "a rate from \"0%\" to \"100%\" with at most two decimals, as \"89.5%\"";
        let rate = value.as_str().and_then(percent);
        rate.ok_or_else(|| self.fault(key, format!("found {value}"), EXPECTED))
    }

    /// One word or a list of words, each one of a closed set.
    pub fn list<T: DeserializeOwned>(
        &mut self,
        key: &str,
        expected: &str,
    ) -> Result<Option<Vec<T>>, PolicyFault> {
        let Some(value) = self.optional(key) else { return Ok(None) };
        let words = match value {
            Value::Array(words) if !words.is_empty() => words,
            Value::Array(_) => return Err(self.fault(key, "found an empty list", expected)),
            word => vec![word],
        };
        let read = |word: Value| {
            let found = format!("found {word}");
            word.try_into().map_err(|_| self.fault(key, found, expected))
        };
        words.into_iter().map(read).collect::<Result<_, _>>().map(Some)
    }

    pub fn need_word<T: DeserializeOwned>(&mut self, key: &str, expected: &str) -> Result<T, PolicyFault> {
        let value = self.need(key, expected)?;
        let found = format!("found {value}");
        value.try_into().map_err(|_| self.fault(key, found, expected))
    }
}

/// `85%`, `89.5%`, `92.25%` in basis points; exact, by text.
fn percent(text: &str) -> Option<Rate> {
    let number = text.strip_suffix('%')?;
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let digits =
        |text: &str, most| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole, 3) || !digits(part, 2) {
        return None;
    }
    let hundredths: i32 = format!("{part:0<2}").parse().ok()?;
    let rate = Rate(whole.parse::<i32>().ok()? * 100 + hundredths);
    (rate <= Rate::WHOLE).then_some(rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents_are_read_exactly() {
        for (text, expected) in [
            ("85%", Some(8_500)),
            ("89.5%", Some(8_950)),
            ("92.25%", Some(9_225)),
            ("100%", Some(10_000)),
            ("100.01%", None),
            ("-5%", None),
            ("85", None),
            (".5%", None),
            ("1.%", None),
        ] {
            assert_eq!(percent(text), expected.map(Rate), "{text}");
        }
    }
}
