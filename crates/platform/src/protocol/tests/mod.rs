//! What the protocol room promises, by table, by corpus and by chance.

mod corpus;
mod paper;
mod shaping;
mod tolerance;

use serde_json::{Map, Value, json};

use super::tables::{self, Field, Form, Mark, Node, Transaction};

/// An envelope around an input.
pub(super) fn envelope(infno: &str, input: &Value) -> Value {
    json!({
        "infno": infno, "msgid": "H22010090001202611220830050001", "mdtrtarea_admvs": "220100",
        "insuplc_admdvs": "310000", "recer_sys_code": "YBXT", "infver": "V1.0", "opter_type": "1", "opter": "001",
        "opter_name": "收费员", "inf_time": "2026-11-22 08:30:05", "fixmedins_code": "H22010090001",
        "fixmedins_name": "测试医院", "sign_no": "", "input": input,
    })
}

/// A value that the table takes.
pub(super) fn sample(field: &Field) -> Value {
    match field.form {
        Form::Date => json!("2026-11-22"),
        Form::Time => json!("2026-11-22 08:30:05"),
        Form::Number(..) => json!("1"),
        Form::Bytes => json!("QQ=="),
        Form::Text(_) => match field.dictionary.as_deref().and_then(tables::dictionary) {
            Some(list) => json!(list.codes[0].0),
            None => json!("1"),
        },
    }
}

/// One row with every required field.
pub(super) fn row(node: &Node) -> Map<String, Value> {
    let required = node.fields.iter().filter(|field| field.mark == Mark::Required);
    required.map(|field| (field.name.clone(), sample(field))).collect()
}

/// The smallest input that the table takes, each node in its own cardinality.
pub(super) fn input(transaction: &Transaction) -> Value {
    let nodes = transaction.input.iter().map(|node| {
        let mut row = row(node);
        if row.is_empty() {
            row.extend(node.fields.first().map(|field| (field.name.clone(), sample(field))));
        }
        let row = Value::Object(row);
        (node.name.clone(), if node.many { json!([row]) } else { row })
    });
    Value::Object(nodes.collect())
}
