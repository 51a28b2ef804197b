//! A corpus generated from the tables: every required field missing, every length, type and code exceeded, for every
//! transaction. Each gives a refusal that names the field, and nothing panics.

use super::super::envelope::read;
use super::super::normalise::{Input, normalise};
use super::super::tables::{self, Field, Form, Mark, Node, Transaction};
use super::{envelope, input, sample};
use crate::refusal::{Code, Refusal};
use proptest::prelude::*;
use serde_json::{Value, json};

fn sent(transaction: &Transaction, input: &Value) -> Result<Input, Refusal> {
    let bytes = envelope(&transaction.infno, input).to_string().into_bytes();
    let message = read(&bytes, None).map_err(Refusal::from)?;
    normalise(transaction, &message)
}

fn with(transaction: &Transaction, node: &Node, field: &Field, value: Option<Value>) -> Value {
    let mut changed = input(transaction);
    let place = &mut changed[&node.name];
    let row = if node.many { &mut place[0] } else { place };
    let row = row.as_object_mut().expect("a row");
    // Another value keeps the node from being empty.
    let other = node.fields.iter().find(|other| other.name != field.name);
    if let Some(other) = other.filter(|_| row.is_empty() || row.len() == 1 && row.contains_key(&field.name)) {
        row.insert(other.name.clone(), sample(other));
    }
    match value {
        Some(value) => row.insert(field.name.clone(), value),
        None => row.remove(&field.name),
    };
    changed
}

fn each_input_field(mut visit: impl FnMut(&Transaction, &Node, &Field)) {
    for transaction in tables::transactions() {
        for node in &transaction.input {
            for field in &node.fields {
                visit(transaction, node, field);
            }
        }
    }
}

fn refused(transaction: &Transaction, node: &Node, field: &Field, value: Option<Value>, code: Code) {
    let shown = format!("{} {}.{} {value:?}", transaction.infno, node.name, field.name);
    let refusal = sent(transaction, &with(transaction, node, field, value)).expect_err(&shown);
    assert_eq!(refusal.code, code, "{shown}: {refusal}");
    assert_eq!(refusal.values["field"], field.name, "{shown}");
    assert_eq!(refusal.values["node"], node.name, "{shown}");
    assert_eq!(refusal.values["infno"], transaction.infno, "{shown}");
    assert!(!refusal.text().contains('{'), "{shown}: every word is filled: {refusal}");
}

#[test]
fn the_smallest_input_of_every_table_is_taken() {
    for transaction in tables::transactions() {
        let input = sent(transaction, &input(transaction)).unwrap_or_else(|why| panic!("{why}"));
        for node in transaction.input.iter().filter(|node| !node.optional) {
            assert!(input.has(&node.name), "{} {}", transaction.infno, node.name);
        }
    }
}

#[test]
fn a_missing_required_field_is_named() {
    each_input_field(|transaction, node, field| {
        let absents = [None, Some(json!("")), Some(Value::Null), Some(json!("null")), Some(json!("　"))];
        for absent in absents {
            match field.mark {
                Mark::Required => refused(transaction, node, field, absent, Code::FieldMissing),
                _ => drop(sent(transaction, &with(transaction, node, field, absent)).expect("not demanded")),
            }
        }
    });
}

#[test]
fn a_value_of_the_wrong_form_is_named() {
    each_input_field(|transaction, node, field| match field.form {
        Form::Text(longest) => {
            let long = "长".repeat(longest + 1);
            refused(transaction, node, field, Some(json!(long)), Code::FieldTooLong);
            if !field.name.starts_with("exp") {
                refused(transaction, node, field, Some(json!([1])), Code::FieldInvalid);
            }
            if field.dictionary.as_deref().and_then(tables::dictionary).is_some_and(|list| list.closed) {
                refused(transaction, node, field, Some(json!("~")), Code::CodeUnknown);
            }
        }
        Form::Number(digits, scale) => {
            let long = "9".repeat(digits - scale + 1);
            let fine = format!("0.{}1", "0".repeat(scale));
            for wrong in [json!("NaN"), json!("1,200.00"), json!(long), json!(fine), json!(true), json!([1])]
            {
                refused(transaction, node, field, Some(wrong), Code::FieldInvalid);
            }
        }
        Form::Bytes => {
            for wrong in [json!({"a": 1}), json!(true), json!([256]), json!("*")] {
                let changed = with(transaction, node, field, Some(wrong));
                let refusal = sent(transaction, &changed).expect_err("no bytes");
                assert_eq!(refusal.code, Code::FileUnreadable, "{} {changed}", transaction.infno);
            }
        }
        Form::Date | Form::Time => {
            for wrong in [json!("2026-02-30"), json!("2026-11-22 25:00:00"), json!("明天"), json!(20261301)]
            {
                refused(transaction, node, field, Some(wrong), Code::FieldInvalid);
            }
        }
    });
}

#[test]
fn a_missing_node_is_named() {
    for transaction in tables::transactions() {
        for node in transaction.input.iter().filter(|node| !node.optional) {
            for absent in [None, Some(Value::Null), Some(json!([])), Some(json!(""))] {
                let mut changed = input(transaction);
                let object = changed.as_object_mut().expect("an object");
                match absent {
                    Some(value) => object.insert(node.name.clone(), value),
                    None => object.remove(&node.name),
                };
                let refusal = sent(transaction, &changed).expect_err(&node.name);
                assert_eq!(refusal.code, Code::NodeMissing, "{} {}", transaction.infno, node.name);
                assert_eq!(refusal.values["node"], node.name);
            }
        }
    }
}

#[test]
fn every_coded_field_has_a_list_or_is_known_to_have_none() {
    for (infno, text) in tables::SOURCES {
        for list in text.split_whitespace().filter_map(|word| word.strip_prefix('@')) {
            assert!(tables::dictionary(list).is_some(), "{infno}: {list}");
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[0-9eE+.-]{0,12}".prop_map(Value::from),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}.{0,9}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,8}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), path in ".{0,20}") {
        if let Ok(message) = read(&bytes, Some(&path)) {
            for transaction in tables::transactions() {
                let _ = normalise(transaction, &message);
            }
        }
    }

    #[test]
    fn arbitrary_values_in_any_field_never_panic(place in any::<prop::sample::Index>(), value in any_json()) {
        let mut all = Vec::new();
        each_input_field(|transaction, node, field| {
            all.push((transaction.infno.clone(), node.name.clone(), field.name.clone()));
        });
        let (infno, node, field) = &all[place.index(all.len())];
        let transaction = tables::transaction(infno).expect("a table");
        let node = transaction.input.iter().find(|known| known.name == *node).expect("a node");
        let field = node.fields.iter().find(|known| known.name == *field).expect("a field");
        let _ = sent(transaction, &with(transaction, node, field, Some(value.clone())));
        let _ = sent(transaction, &value);
    }

    #[test]
    fn a_cut_or_broken_message_never_panics(cut in 0usize..900, broken in any::<u8>()) {
        let transaction = tables::transaction("2207").expect("a table");
        let mut bytes = envelope("2207", &input(transaction)).to_string().into_bytes();
        let at = cut % bytes.len();
        bytes[at] = broken;
        let _ = read(&bytes, None).map(|message| normalise(transaction, &message));
        let _ = read(&bytes[..at], None);
    }
}
