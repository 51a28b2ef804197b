//! The answer envelope and the shape of each output: every node and field of the table in the table's spelling.

use super::tables::{self, Form, Mark, Node, Transaction};
use crate::records::Written;
use crate::refusal::Refusal;
use insurance::calendar::Instant;
use serde_json::{Map, Number, Value, json};

/// What is answered to one request.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// 0 is success; below zero is failure.
    pub infcode: i32,
    /// Only on failure: some clients take any text here for one.
    pub err_msg: Option<String>,
    /// Remarks, also with success.
    pub warn_msg: Option<String>,
    /// The output, shaped as its table has it.
    pub output: Option<Value>,
}

impl Answer {
    /// A success with this output, shaped by the table of the transaction where there is one.
    pub fn success(infno: &str, output: Value) -> Answer {
        let output = match tables::transaction(infno) {
            Some(transaction) => shape(transaction, output),
            None => output,
        };
        Answer { infcode: 0, err_msg: None, warn_msg: None, output: Some(output) }
    }

    /// A refusal in both languages, without output.
    pub fn refused(refusal: &Refusal) -> Answer {
        Answer { infcode: refusal.infcode(), err_msg: Some(refusal.text()), warn_msg: None, output: None }
    }

    /// With a remark.
    pub fn with_warning(mut self, text: impl Into<String>) -> Answer {
        self.warn_msg = Some(text.into());
        self
    }
}

/// The output as the table has it: absent values null, absent lists `[]`, unknown keys kept. Where the table has one
/// node called `output`, the answer's output is that list or object itself; without output nodes it is `{}`.
pub fn shape(transaction: &Transaction, output: Value) -> Value {
    if let [node] = transaction.output.as_slice()
        && node.name == "output"
    {
        let inner = match output {
            Value::Object(mut object) if object.contains_key("output") => object.remove("output"),
            other => Some(other),
        };
        return shape_node(node, inner);
    }
    let mut given = match output {
        Value::Object(object) => object,
        _ => Map::new(),
    };
    for node in &transaction.output {
        let shaped = shape_node(node, given.remove(&node.name));
        given.insert(node.name.clone(), shaped);
    }
    Value::Object(given)
}

/// What a hospital wrote, shown again in a node of an answer: the fields that its table has, numbers as JSON numbers.
pub fn echoed(infno: &str, node: &str, written: &Written) -> Map<String, Value> {
    let table = tables::transaction(infno).into_iter().flat_map(|table| &table.output);
    let fields = table.filter(|known| known.name == node).flat_map(|known| &known.fields);
    let shown = |field: &tables::Field| {
        let text = written.get(&field.name)?;
        Some(match field.form {
            Form::Number(..) => text.parse::<Number>().map_or(Value::Null, Value::Number),
            _ => Value::String(text.clone()),
        })
    };
    fields.filter_map(|field| Some((field.name.clone(), shown(field)?))).collect()
}

fn shape_node(node: &Node, given: Option<Value>) -> Value {
    let rows: Vec<Map<String, Value>> = match given {
        Some(Value::Object(row)) => vec![shape_row(node, row)],
        Some(Value::Array(rows)) => rows
            .into_iter()
            .filter_map(|row| match row {
                Value::Object(row) => Some(shape_row(node, row)),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    let mut rows = rows.into_iter().map(Value::Object);
    if node.many { rows.collect() } else { rows.next().unwrap_or(Value::Null) }
}

fn shape_row(node: &Node, mut row: Map<String, Value>) -> Map<String, Value> {
    for field in &node.fields {
        if row.contains_key(&field.name) {
            continue;
        }
        // The cash of 2208 is answered under two spellings; the office gives one.
        let other = tables::aliases().of_field(&field.name).find_map(|other| row.get(other)).cloned();
        if other.is_some() || field.mark != Mark::Local {
            row.insert(field.name.clone(), other.unwrap_or(Value::Null));
        }
    }
    row
}

/// The bytes of an answer. `region` is the receiver's, `serial` its running number; `infcode_as_text` for the
/// institutions whose software wants "0".
pub fn write(answer: Answer, region: &str, now: Instant, serial: u64, infcode_as_text: bool) -> Vec<u8> {
    let time = compact(now);
    let seconds = time.get(..14).unwrap_or_default();
    let region: String =
        region.chars().filter(char::is_ascii_digit).chain("000000".chars()).take(6).collect();
    let infcode = if infcode_as_text { json!(answer.infcode.to_string()) } else { json!(answer.infcode) };
    let envelope = json!({
        "infcode": infcode,
        "inf_refmsgid": format!("{region}{seconds}{:010}", serial % 10_000_000_000),
        "refmsg_time": time,
        "respond_time": time,
        "err_msg": answer.err_msg,
        "warn_msg": answer.warn_msg,
        "output": answer.output,
        "cainfo": null,
        "signtype": null,
        "enctype": null,
    });
    envelope.to_string().into_bytes()
}

/// What the gateway answers where a request does not reach the platform: a bad signature, an unknown application.
pub fn gateway_failure(code: i32, message: &str) -> Vec<u8> {
    json!({ "code": code, "type": "error", "message": message, "data": null }).to_string().into_bytes()
}

/// `yyyyMMddHHmmssSSS` in official time.
fn compact(now: Instant) -> String {
    let digits: String = now.to_string().chars().filter(char::is_ascii_digit).collect();
    format!("{digits}{:03}", now.0.rem_euclid(1000))
}
