//! Reads an answer as a stranger's client does: every node and field that the table promises is there, in its
//! spelling, cardinality and type, and nothing else is.

use platform::protocol::tables::{self, Field, Form, Mark, Node};
use serde_json::Value;

/// Fails where an output is not what the table of its transaction promises.
#[track_caller]
pub fn fits(infno: &str, output: &Value) {
    let faults = faults(infno, output);
    assert!(faults.is_empty(), "{infno}: {faults:#?} in {output}");
}

fn faults(infno: &str, output: &Value) -> Vec<String> {
    let table = tables::transaction(infno).expect("a table");
    if let [node] = table.output.as_slice()
        && node.name == "output"
    {
        return of_node(infno, node, output);
    }
    let Some(object) = output.as_object() else { return vec!["output is no object".into()] };
    let known = |name: &String| table.output.iter().any(|node| node.name == *name);
    let mut faults: Vec<String> =
        object.keys().filter(|name| !known(name)).map(|name| format!("node {name} is not ours")).collect();
    for node in &table.output {
        faults.extend(of_node(infno, node, &output[&node.name]));
    }
    faults
}

fn of_node(infno: &str, node: &Node, value: &Value) -> Vec<String> {
    let rows: Vec<&Value> = match value {
        Value::Array(rows) if node.many => rows.iter().collect(),
        Value::Object(_) if !node.many => vec![value],
        other => return vec![format!("{}: found {other}, many is {}", node.name, node.many)],
    };
    let mut faults = Vec::new();
    for row in rows {
        let Some(row) = row.as_object() else { return vec![format!("{}: a row is no object", node.name)] };
        for field in &node.fields {
            let fault = match row.get(&field.name) {
                None if field.mark == Mark::Local => None,
                None => Some("is missing".to_owned()),
                Some(Value::Null) if field.mark == Mark::Required && !may_be_null(infno, field) => {
                    Some("is required and null".to_owned())
                }
                Some(Value::Null) => None,
                Some(value) => of_value(field, value),
            };
            faults.extend(fault.map(|fault| format!("{}.{} {fault}", node.name, field.name)));
        }
        let unknown = row.keys().filter(|name| !is_known(infno, node, name));
        faults.extend(unknown.map(|name| format!("{}.{name} is not in the table", node.name)));
    }
    faults
}

/// The tables say where a required value is null in life; a stay that lasts has no end.
fn may_be_null(infno: &str, field: &Field) -> bool {
    field.remark.en.contains("null") || (infno == "5201" && field.name == "endtime")
}

/// A cancellation answers all that its settlement answered.
fn is_known(infno: &str, node: &Node, name: &str) -> bool {
    let settled = match infno {
        "2208" => tables::transaction("2207"),
        "2305" => tables::transaction("2304"),
        _ => None,
    };
    let nodes = settled.iter().flat_map(|table| &table.output).chain([node]);
    nodes
        .filter(|other| other.name == node.name)
        .flat_map(|node| &node.fields)
        .any(|field| field.name == name)
}

fn of_value(field: &Field, value: &Value) -> Option<String> {
    let fits = match (field.form, value) {
        (Form::Number(digits, scale), Value::Number(number)) => {
            number_fits(&number.to_string(), digits, scale)
        }
        (Form::Text(longest), Value::String(text)) => {
            text.chars().count() <= longest && is_listed(field, text)
        }
        (Form::Date, Value::String(text)) => looks_like(text, "0000-00-00"),
        (Form::Time, Value::String(text)) => looks_like(text, "0000-00-00 00:00:00"),
        _ => false,
    };
    (!fits).then(|| format!("is {value}, expected {:?} of {:?}", field.form, field.dictionary))
}

fn number_fits(text: &str, digits: usize, scale: usize) -> bool {
    let (whole, fraction) = text.trim_start_matches('-').split_once('.').unwrap_or((text, ""));
    !text.contains(['e', 'E'])
        && fraction.len() <= scale
        && whole.trim_start_matches('-').len() <= digits - scale
}

fn is_listed(field: &Field, text: &str) -> bool {
    let list = field.dictionary.as_deref().and_then(tables::dictionary).filter(|list| list.closed);
    list.is_none_or(|list| list.codes.iter().any(|(code, ..)| code == text))
}

/// Digits where the pattern has a nought, the pattern's own characters elsewhere.
fn looks_like(text: &str, pattern: &str) -> bool {
    text.len() == pattern.len()
        && text.bytes().zip(pattern.bytes()).all(|(found, wanted)| match wanted {
            b'0' => found.is_ascii_digit(),
            other => found == other,
        })
}
