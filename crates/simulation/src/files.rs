//! The files of `catalogues/`, read as they were when the program was built.

use rust_embed::RustEmbed;
use serde::de::DeserializeOwned;

#[derive(RustEmbed)]
#[folder = "../../catalogues"]
struct Catalogues;

/// Every file name, in order.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = Catalogues::iter().map(|name| name.into_owned()).collect();
    names.sort();
    names
}

/// The text of one file.
///
/// # Panics
/// Where there is no such file: it is part of the program.
pub fn text(name: &str) -> String {
    let file = Catalogues::get(name).unwrap_or_else(|| panic!("catalogues/{name} is part of the program"));
    String::from_utf8(file.data.into_owned()).unwrap_or_else(|_| panic!("catalogues/{name} is UTF-8"))
}

/// One TOML file. Days are written bare (`2024-01-01`) and read as the text that `ServiceDate` takes.
///
/// # Panics
/// Where the file does not read, with the reason.
pub fn toml<T: DeserializeOwned>(name: &str) -> T {
    let table: toml::Table = text(name).parse().unwrap_or_else(|error| panic!("catalogues/{name}: {error}"));
    let value = days_as_text(toml::Value::Table(table));
    value.try_into().unwrap_or_else(|error| panic!("catalogues/{name}: {error}"))
}

fn days_as_text(value: toml::Value) -> toml::Value {
    match value {
        toml::Value::Datetime(day) => toml::Value::String(day.to_string()),
        toml::Value::Array(values) => toml::Value::Array(values.into_iter().map(days_as_text).collect()),
        toml::Value::Table(table) => {
            toml::Value::Table(table.into_iter().map(|(key, value)| (key, days_as_text(value))).collect())
        }
        other => other,
    }
}
