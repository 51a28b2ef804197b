//! One object of a case, taken apart field by field: an error names the whole path and the cure.

use insurance::adjudication::CannotAdjudicate;
use insurance::calendar::ServiceDate;
use insurance::identity::Region;
use insurance::money::Fen;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// Why a case was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseError {
    /// The field, with its path: `person.class`, `lines[2].price`.
    pub field: String,
    /// What was tried, on what.
    pub message: String,
    /// What to do.
    pub cure: String,
}

impl CaseError {
    /// A fault of one field, and what to do.
    pub fn new(field: &str, message: impl Into<String>, cure: &str) -> CaseError {
        CaseError { field: field.to_owned(), message: message.into(), cure: cure.to_owned() }
    }

    /// A case that could be read but not be adjudicated.
    pub fn of_refusal(refusal: &CannotAdjudicate) -> CaseError {
        let message = refusal.to_string();
        match refusal {
            CannotAdjudicate::BelowZero { field, .. } => {
                CaseError::new(&suffixed(field), message, "send an amount of zero or more")
            }
            CannotAdjudicate::TooLarge { field, largest, .. } => {
                CaseError::new(&suffixed(field), message, &format!("send at most {largest}"))
            }
            CannotAdjudicate::EndsBeforeItBegins { .. } => {
                CaseError::new("end", message, "send an end on or after begin")
            }
            CannotAdjudicate::BornAfterTheCase { .. } => {
                CaseError::new("person.birth", message, "send a birth on or before end")
            }
            CannotAdjudicate::OtherInsurance { .. } => {
                CaseError::new("insurance", message, "name the person's own insurance")
            }
            CannotAdjudicate::OtherClass { .. } => CaseError::new(
                "person.class",
                message,
                "send active or retired for employee; adult, senior or minor for resident",
            ),
            CannotAdjudicate::NotKnown { what, .. } => {
                CaseError::new("end", message, &format!("send a day from {} on", what.first))
            }
            CannotAdjudicate::NoValue { table, .. } => CaseError::new(
                "service",
                message,
                &format!("add a row to the table `{table}` of the pool, with its document"),
            ),
        }
    }

    /// One object, as it goes to standard error.
    pub fn to_json(&self) -> Value {
        json!({ "error": { "field": self.field, "message": self.message, "cure": self.cure } })
    }
}

/// The names inside are without unit; in a case, amounts end in `_fen`.
fn suffixed(field: &str) -> String {
    match field.split_once(':') {
        _ if field == "used.admissions" => field.to_owned(),
        Some((name, disease)) => format!("{name}_fen:{disease}"),
        None => format!("{field}_fen"),
    }
}

/// The fields of one object that nobody has asked for yet.
pub struct Reader {
    path: String,
    fields: Map<String, Value>,
}

impl Reader {
    pub fn new(path: &str, value: Value) -> Result<Reader, CaseError> {
        match value {
            Value::Object(fields) => Ok(Reader { path: path.to_owned(), fields }),
            other => {
                let field = if path.is_empty() { "(case)" } else { path };
                Err(CaseError::new(
                    field,
                    format!("failed to read {other} as an object"),
                    "send a JSON object",
                ))
            }
        }
    }

    pub fn path_of(&self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) }
    }

    pub fn fault(&self, field: &str, message: impl Into<String>, cure: &str) -> CaseError {
        CaseError::new(&self.path_of(field), message, cure)
    }

    fn unreadable(&self, field: &str, found: &Value, cure: &str) -> CaseError {
        let shown: String = found.to_string().chars().take(80).collect();
        self.fault(field, format!("failed to read {shown} in `{}`", self.path_of(field)), cure)
    }

    /// Refuses what nobody asked for, by name.
    pub fn finish(self) -> Result<(), CaseError> {
        match self.fields.keys().next() {
            None => Ok(()),
            Some(field) => {
                let message = format!("failed to read `{}`: the field is not known", self.path_of(field));
                Err(self.fault(field, message, "leave it out, or use a field of docs/adjudicate.md"))
            }
        }
    }

    /// Every field that is left, in order.
    pub fn drain(&mut self) -> Map<String, Value> {
        std::mem::take(&mut self.fields)
    }

    pub fn has(&self, field: &str) -> bool {
        self.fields.get(field).is_some_and(|value| !value.is_null())
    }

    /// A missing field and `null` are the same.
    pub fn optional(&mut self, field: &str) -> Option<Value> {
        self.fields.remove(field).filter(|value| !value.is_null())
    }

    pub fn need(&mut self, field: &str, cure: &str) -> Result<Value, CaseError> {
        self.optional(field).ok_or_else(|| {
            self.fault(field, format!("failed to find `{}`: it is missing", self.path_of(field)), cure)
        })
    }

    pub fn word<T: DeserializeOwned>(&mut self, field: &str, cure: &str) -> Result<T, CaseError> {
        let value = self.need(field, cure)?;
        serde_json::from_value(value.clone()).map_err(|_| self.unreadable(field, &value, cure))
    }

    pub fn optional_word<T: DeserializeOwned>(
        &mut self,
        field: &str,
        cure: &str,
    ) -> Result<Option<T>, CaseError> {
        if self.has(field) { self.word(field, cure).map(Some) } else { Ok(None) }
    }

    pub fn region(&mut self, field: &str) -> Result<Region, CaseError> {
        self.word(field, "send a division code of six digits, as \"310000\"")
    }

    pub fn day(&mut self, field: &str) -> Result<ServiceDate, CaseError> {
        self.word(field, "send a day, as \"2025-03-31\"")
    }

    pub fn optional_day(&mut self, field: &str) -> Result<Option<ServiceDate>, CaseError> {
        if self.has(field) { self.day(field).map(Some) } else { Ok(None) }
    }

    pub fn flag(&mut self, field: &str) -> Result<bool, CaseError> {
        match self.optional(field) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(other) => Err(self.unreadable(field, &other, "send true or false")),
        }
    }

    pub fn optional_whole(&mut self, field: &str) -> Result<Option<i64>, CaseError> {
        match self.optional(field) {
            None => Ok(None),
            Some(value) => self.whole_of(field, &value).map(Some),
        }
    }

    pub fn whole_of(&self, field: &str, value: &Value) -> Result<i64, CaseError> {
        value
            .as_i64()
            .ok_or_else(|| self.unreadable(field, value, "send a whole number, without point or quotes"))
    }

    /// An amount in whole fen; nothing where it is missing.
    pub fn fen(&mut self, field: &str) -> Result<Fen, CaseError> {
        self.optional_whole(field).map(|fen| Fen(fen.unwrap_or(0)))
    }

    /// A decimal as text, with at most so many decimals, as a whole number of its smallest unit.
    pub fn optional_decimal(&mut self, field: &str, decimals: usize) -> Result<Option<i64>, CaseError> {
        let Some(value) = self.optional(field) else { return Ok(None) };
        let cure = format!("send a decimal in quotes with at most {decimals} decimals, as \"12.50\"");
        let number = value.as_str().and_then(|text| decimal(text, decimals));
        number.map(Some).ok_or_else(|| self.unreadable(field, &value, &cure))
    }
}

/// `-12.5` with two decimals is -1,250. Exact, by text.
fn decimal(text: &str, decimals: usize) -> Option<i64> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let pointless = text.contains('.') && part.is_empty();
    if whole.is_empty() || pointless || part.len() > decimals || !all_digits(whole) || !all_digits(part) {
        return None;
    }
    let magnitude: i64 = format!("{whole}{part:0<decimals$}").parse().ok()?;
    Some(if negative { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly_or_not_at_all() {
        for (text, expected) in [
            ("12.5", Some(12_500_000)),
            ("-0.000001", Some(-1)),
            ("80", Some(80_000_000)),
            ("1.0000001", None),
            ("1e3", None),
            ("1.", None),
            (".5", None),
            ("", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(decimal(text, 6), expected, "{text:?}");
        }
    }
}
