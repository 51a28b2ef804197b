//! People's stories with the expected answer, line by line: tests, the demo and `yidi adjudicate` read the same files.

use insurance::adjudication::Bilingual;
use rust_embed::RustEmbed;
use serde_json::Value;

#[derive(RustEmbed)]
#[folder = "../../scenarios"]
struct Files;

/// One story.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its file below `scenarios/`.
    pub name: String,
    /// Its title in both languages.
    pub title: Bilingual,
    /// The case, as `yidi adjudicate` takes it.
    pub case: Value,
    /// What the answer must hold; fields that are not named may be anything.
    pub expect: Value,
}

/// The names of all stories, in order.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = Files::iter().map(|name| name.into_owned()).collect();
    names.sort();
    names
}

/// One story.
///
/// # Errors
/// There is no such file, or it does not read; the error names the file and the place.
pub fn scenario(name: &str) -> anyhow::Result<Scenario> {
    let file = Files::get(name).ok_or_else(|| anyhow::anyhow!("failed to find scenarios/{name}"))?;
    let text = std::str::from_utf8(&file.data)?;
    let table: toml::Table = text.parse().map_err(|error| anyhow::anyhow!("scenarios/{name}: {error}"))?;
    let mut fields = match as_json(toml::Value::Table(table)) {
        Value::Object(fields) => fields,
        _ => anyhow::bail!("scenarios/{name} is not a table"),
    };
    let mut take = |field: &str| {
        fields.remove(field).ok_or_else(|| anyhow::anyhow!("scenarios/{name}: `{field}` is missing"))
    };
    let title = serde_json::from_value(take("title")?)?;
    Ok(Scenario { name: name.to_owned(), title, case: take("case")?, expect: take("expect")? })
}

/// Days are written bare (`2026-05-14`) and read as text. There is no float in a story.
fn as_json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Boolean(flag) => Value::Bool(flag),
        toml::Value::Datetime(day) => Value::String(day.to_string()),
        toml::Value::Array(values) => values.into_iter().map(as_json).collect(),
        toml::Value::Table(table) => table
            .into_iter()
            .map(|(key, value)| (key, as_json(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        // Text never equals an amount, so that a float in a story fails its test.
        toml::Value::Float(number) => Value::String(number.to_string()),
    }
}
