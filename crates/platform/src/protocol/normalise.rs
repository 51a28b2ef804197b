//! The input of one transaction, checked against its table and brought to one form: every value a text, every number
//! exact, every day `yyyy-MM-dd`. Conditional rules belong to the offices; here is only what the table itself says.

use super::body;
use super::envelope::Message;
use super::reading::{Decimal, Moment, fold};
use super::tables::{self, Field, Form, Mark, Node, Transaction};
use crate::refusal::{Code, Refusal};
use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;
use serde_json::{Map, Value};
use std::cell::Cell;
use std::collections::BTreeMap;

/// The checked input. Absent fields are absent; what the table does not know is dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    infno: String,
    nodes: BTreeMap<String, Vec<Map<String, Value>>>,
}

impl Input {
    /// The node as one struct whose fields are texts or the types of `values`.
    pub fn one<T: DeserializeOwned>(&self, node: &str) -> Result<T, Refusal> {
        let row = self.nodes.get(node).and_then(|rows| rows.first());
        self.typed(node, row.ok_or_else(|| node_missing(&self.infno, node))?)
    }

    /// Every row of the node; none where an optional node is absent.
    pub fn many<T: DeserializeOwned>(&self, node: &str) -> Result<Vec<T>, Refusal> {
        self.nodes.get(node).into_iter().flatten().map(|row| self.typed(node, row)).collect()
    }

    /// Whether the node has anything.
    pub fn has(&self, node: &str) -> bool {
        self.nodes.get(node).is_some_and(|rows| !rows.is_empty())
    }

    fn typed<T: DeserializeOwned>(&self, node: &str, row: &Map<String, Value>) -> Result<T, Refusal> {
        let last = Cell::new("");
        let pairs = row.iter().map(|(key, value)| {
            last.set(key);
            (key.as_str(), value)
        });
        T::deserialize(MapDeserializer::<_, serde_json::Error>::new(pairs)).map_err(|error| {
            let why = error.to_string();
            let wanted = why.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
            let name = wanted.unwrap_or(last.get());
            let label = tables::transaction(&self.infno)
                .and_then(|table| table.input.iter().find(|known| known.name == node))
                .and_then(|known| known.fields.iter().find(|field| field.name == name))
                .map_or("", |field| field.label.zh.as_str());
            let code = if wanted.is_some() { Code::FieldMissing } else { Code::FieldInvalid };
            let found = row.get(name).and_then(Value::as_str).unwrap_or_default();
            place(code, &self.infno, node, name, label).with("found", found).with("expected", why)
        })
    }
}

/// Checks the input of a message against its table.
pub fn normalise(transaction: &Transaction, message: &Message) -> Result<Input, Refusal> {
    let infno = message.envelope.infno.as_str();
    let mut nodes = BTreeMap::new();
    for node in &transaction.input {
        let alone = transaction.input.len() == 1;
        let rows = match node_value(&message.input, node, alone) {
            Some(value) => rows(infno, node, value)?,
            None => Vec::new(),
        };
        if rows.is_empty() && !node.optional {
            return Err(node_missing(infno, &node.name));
        }
        let several = rows.len() > 1;
        if several && !node.many {
            let found = format!("{} objects", rows.len());
            return Err(place(Code::FieldInvalid, infno, "input", &node.name, "节点")
                .with("found", found)
                .with("expected", "一个对象 (one object)"));
        }
        let mut read = Vec::with_capacity(rows.len());
        for (number, row) in rows.iter().enumerate() {
            let shown = if several { format!("{}[{}]", node.name, number + 1) } else { node.name.clone() };
            read.push(Row { transaction, infno, node, shown: &shown, values: row }.checked()?);
        }
        // An optional node with nothing but blanks is a node that was not sent.
        read.retain(|row| !node.optional || !row.is_empty());
        nodes.insert(node.name.clone(), read);
    }
    Ok(Input { infno: infno.to_owned(), nodes })
}

fn node_missing(infno: &str, node: &str) -> Refusal {
    Refusal::new(Code::NodeMissing).with("infno", infno).with("node", node)
}

fn place(code: Code, infno: &str, node: &str, field: &str, label: &str) -> Refusal {
    Refusal::new(code).with("infno", infno).with("node", node).with("field", field).with("label", label)
}

/// "", blanks, "null" and null are the same as missing.
fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => matches!(text.trim_matches(['\u{3000}', ' ', '\t', '\r', '\n']), "" | "null"),
        _ => false,
    }
}

/// The node by its name or another spelling; where it is the only one, its fields may lie directly under input.
fn node_value<'a>(input: &'a Value, node: &Node, alone: bool) -> Option<&'a Value> {
    let Value::Object(object) = input else { return (alone && node.many).then_some(input) };
    let present = |name: &str| object.get(name).filter(|value| !is_absent(value));
    let others = tables::aliases().of_node(&node.name);
    present(&node.name)
        .or_else(|| others.iter().filter(|_| alone).find_map(|name| present(name)))
        .or_else(|| {
            let renamed = node.name == "dscginfo" || node.name == "adminfo";
            others.iter().filter(|_| renamed).find_map(|name| present(name))
        })
        .or_else(|| {
            let flat = alone && node.fields.iter().any(|field| present(&field.name).is_some());
            flat.then_some(input)
        })
}

type Values = Map<String, Value>;

fn rows(infno: &str, node: &Node, value: &Value) -> Result<Vec<Values>, Refusal> {
    let wrong = |found: &Value| {
        place(Code::FieldInvalid, infno, "input", &node.name, "节点")
            .with("found", found)
            .with("expected", if node.many { "对象数组 (a list of objects)" } else { "对象 (an object)" })
    };
    let object = |value: &Value| match value {
        Value::Object(object) => Ok(object.clone()),
        other => Err(wrong(other)),
    };
    match value {
        Value::Array(values) => values.iter().filter(|value| !is_absent(value)).map(object).collect(),
        Value::String(text) => match body::json(text) {
            Ok(Value::Array(values)) => values.iter().map(object).collect(),
            Ok(Value::Object(object)) => Ok(vec![object]),
            _ => Err(wrong(value)),
        },
        other => object(other).map(|object| vec![object]),
    }
}

/// One object of the input beside its table.
struct Row<'a> {
    transaction: &'a Transaction,
    infno: &'a str,
    node: &'a Node,
    shown: &'a str,
    values: &'a Values,
}

impl Row<'_> {
    fn checked(&self) -> Result<Values, Refusal> {
        let mut checked = Values::new();
        for field in &self.node.fields {
            match self.value(&field.name) {
                Some(value) => {
                    checked.insert(field.name.clone(), Value::String(self.text(field, value)?));
                }
                None if field.mark == Mark::Required && !self.is_given_otherwise(&field.name) => {
                    return Err(self.refusal(Code::FieldMissing, field));
                }
                None => {}
            }
        }
        Ok(checked)
    }

    /// The field by its name or another spelling that is not itself a field here.
    fn value(&self, name: &str) -> Option<&Value> {
        let present = |name: &str| self.values.get(name).filter(|value| !is_absent(value));
        let is_field = |name: &str| self.node.fields.iter().any(|field| field.name == name);
        present(name)
            .or_else(|| tables::aliases().of_field(name).filter(|other| !is_field(other)).find_map(present))
    }

    fn is_given_otherwise(&self, name: &str) -> bool {
        let given = |others: &[String]| others.iter().all(|other| self.value(other).is_some());
        self.transaction.instead.iter().any(|(field, others)| field == name && given(others))
    }

    fn refusal(&self, code: Code, field: &Field) -> Refusal {
        place(code, self.infno, self.shown, &field.name, &field.label.zh)
    }

    fn text(&self, field: &Field, value: &Value) -> Result<String, Refusal> {
        let raw = match value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Object(_) | Value::Array(_) if is_extension(&field.name) => value.to_string(),
            other => return Err(self.invalid(field, &other.to_string())),
        };
        match field.form {
            Form::Text(longest) => self.plain(field, &raw, longest),
            Form::Bytes => Ok(raw),
            Form::Number(digits, scale) => Decimal::read(&raw)
                .map(|number| number.without_noise(scale))
                .filter(|number| number.fits(digits, scale))
                .map(|number| number.to_string())
                .ok_or_else(|| self.invalid(field, &raw)),
            Form::Date => {
                Moment::read(&raw).map(|at| at.day.to_string()).ok_or_else(|| self.invalid(field, &raw))
            }
            Form::Time => {
                Moment::read(&raw).map(|at| at.to_string()).ok_or_else(|| self.invalid(field, &raw))
            }
        }
    }

    fn plain(&self, field: &Field, raw: &str, longest: usize) -> Result<String, Refusal> {
        if raw.chars().count() > longest {
            return Err(self.refusal(Code::FieldTooLong, field).with("limit", longest));
        }
        let list = field.dictionary.as_deref().and_then(|name| Some((name, tables::dictionary(name)?)));
        let Some((name, dictionary)) = list.filter(|(_, dictionary)| dictionary.closed) else {
            return Ok(raw.to_owned());
        };
        dictionary
            .meaning(&fold(raw))
            .map(str::to_owned)
            .ok_or_else(|| self.refusal(Code::CodeUnknown, field).with("found", raw).with("dictionary", name))
    }

    fn invalid(&self, field: &Field, found: &str) -> Refusal {
        let expected = match field.form {
            Form::Text(longest) => format!("文本,最长{longest} (text, at most {longest})"),
            Form::Number(digits, 0) => format!("整数,最多{digits}位 (whole number, {digits} digits at most)"),
            Form::Number(digits, scale) => {
                format!("数字,如12.50,最多{digits}位、{scale}位小数 (number {digits},{scale})")
            }
            Form::Date => "真实日期yyyy-MM-dd (a real day)".to_owned(),
            Form::Time => "真实时间yyyy-MM-dd HH:mm:ss (a real time)".to_owned(),
            Form::Bytes => "文件字节数组或其base64 (bytes as a list of numbers, or base64)".to_owned(),
        };
        self.refusal(Code::FieldInvalid, field).with("found", found).with("expected", expected)
    }
}

fn is_extension(name: &str) -> bool {
    matches!(name, "expContent" | "exp_content")
}
