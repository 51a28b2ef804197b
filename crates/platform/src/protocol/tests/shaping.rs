//! Every output in the shape of its table, and the envelope around it.

use super::super::answer::{Answer, gateway_failure, shape, write};
use super::super::tables::{self, Mark};
use super::sample;
use crate::refusal::{Code, Refusal};
use insurance::calendar::Instant;
use serde_json::{Map, Value, json};

#[test]
fn a_full_output_passes_unchanged_and_an_empty_one_has_every_field() {
    for transaction in tables::transactions() {
        let mut full = Map::new();
        for node in &transaction.output {
            let row: Map<String, Value> =
                node.fields.iter().map(|field| (field.name.clone(), sample(field))).collect();
            let row = Value::Object(row);
            full.insert(node.name.clone(), if node.many { json!([row]) } else { row });
        }
        let bare = transaction.output.iter().any(|node| node.name == "output");
        let expected = if bare { full["output"].clone() } else { Value::Object(full.clone()) };
        assert_eq!(shape(transaction, Value::Object(full)), expected, "{}", transaction.infno);

        let rows = transaction.output.iter().map(|node| (node.name.clone(), json!({"own": 1})));
        let shaped = shape(transaction, Value::Object(rows.collect()));
        for node in &transaction.output {
            let place = if bare { &shaped } else { &shaped[&node.name] };
            assert_eq!(place.is_array(), node.many, "{} {}", transaction.infno, node.name);
            let row = if node.many { &place[0] } else { place };
            assert_eq!(row["own"], 1, "unknown keys are kept");
            for field in &node.fields {
                assert_eq!(row.get(&field.name).is_some(), field.mark != Mark::Local, "{}", field.name);
            }
        }
        let absent = shape(transaction, Value::Null);
        match transaction.output.first() {
            None => assert_eq!(absent, json!({})),
            Some(node) => {
                let place = if bare { &absent } else { &absent[&node.name] };
                assert_eq!(*place, if node.many { json!([]) } else { Value::Null }, "{}", transaction.infno);
            }
        }
    }
}

#[test]
fn the_cash_of_a_cancellation_is_answered_under_both_spellings() {
    let answer = Answer::success("2208", json!({ "setlinfo": { "psn_cash_pay": -5 } }));
    let setlinfo = &answer.output.expect("an output")["setlinfo"];
    assert_eq!((&setlinfo["psn_cash_pay"], &setlinfo["pdn_cash_pay"]), (&json!(-5), &json!(-5)));
}

#[test]
fn the_envelope_of_an_answer_is_complete() {
    let now = Instant(1_790_000_000_007);
    let answer = Answer::success("5204", json!([])).with_warning("见说明");
    let text = String::from_utf8(write(answer, "220100", now, 12_345_678_901, false)).expect("UTF-8");
    let read: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(read["infcode"], json!(0));
    assert_eq!(read["inf_refmsgid"].as_str().map(str::len), Some(30));
    assert!(
        read["inf_refmsgid"]
            .as_str()
            .is_some_and(|id| id.starts_with("22010020260921") && id.ends_with("2345678901"))
    );
    assert!(read["respond_time"].as_str().is_some_and(|time| time.len() == 17 && time.ends_with("007")));
    assert_eq!(
        (&read["err_msg"], &read["output"], &read["warn_msg"]),
        (&Value::Null, &json!([]), &json!("见说明"))
    );
    assert_eq!(
        (&read["cainfo"], &read["signtype"], &read["enctype"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );

    let refused = Answer::refused(&Refusal::new(Code::TransactionUnknown).with("infno", "2299"));
    let read: Value = serde_json::from_slice(&write(refused, "2201", now, 1, true)).expect("JSON");
    assert_eq!((&read["infcode"], &read["output"]), (&json!("-2"), &Value::Null));
    assert!(read["err_msg"].as_str().is_some_and(|text| text.starts_with("[1004]")));
    assert_eq!(gateway_failure(401, "x"), br#"{"code":401,"data":null,"message":"x","type":"error"}"#);
}
