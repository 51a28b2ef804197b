//! The same request in every wrapping that hospital software uses: the same digest and the same struct.

use super::super::envelope::{Message, read};
use super::super::normalise::normalise;
use super::super::tables::transaction;
use super::super::values::{Amount, Count, Day, Flag, Price, Ratio, Time};
use super::envelope;
use crate::refusal::{Code, Refusal};
use insurance::money::{Fen, Quantity, Rate, UnitPrice};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, PartialEq, Deserialize)]
struct Settling {
    psn_no: String,
    med_type: String,
    medfee_sumamt: Amount,
    acct_used_flag: Flag,
    psn_setlway: String,
    fulamt_ownpay_amt: Option<Amount>,
    invono: Option<String>,
}

fn settling() -> Value {
    json!({ "data": {
        "psn_no": "31000000000000000001", "mdtrt_cert_type": "02", "mdtrt_cert_no": "99999919850101123X",
        "med_type": "11", "medfee_sumamt": "1234.50", "psn_setlway": "01", "mdtrt_id": "S1", "chrg_bchno": "B1",
        "insutype": "310", "acct_used_flag": "1", "invono": "发票一",
    }})
}

fn typed(message: &Message) -> Result<Settling, Refusal> {
    normalise(transaction("2207").expect("a table"), message)?.one("data")
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[test]
fn every_wrapping_gives_the_same_message() {
    let plain = envelope("2207", &settling()).to_string();
    let as_text = |key: &str| {
        let mut changed = envelope("2207", &settling());
        let object = changed.as_object_mut().expect("an object");
        object.remove("input");
        object.insert(key.to_owned(), Value::from(settling().to_string()));
        changed.to_string()
    };
    let bom = [b"\xef\xbb\xbf".as_slice(), plain.as_bytes()].concat();
    let (gbk, ..) = encoding_rs::GB18030.encode(&plain);
    let variants: Vec<(&str, Vec<u8>)> = vec![
        ("plain", plain.clone().into_bytes()),
        ("byte-order mark", bom),
        ("GB18030", gbk.into_owned()),
        ("blanks around", format!(" \r\n{plain}\r\n ").into_bytes()),
        ("JSON in a JSON string", Value::from(plain.as_str()).to_string().into_bytes()),
        ("form, empty key", format!("={}", percent(&plain)).into_bytes()),
        ("form, first key", format!("{}=", percent(&plain)).into_bytes()),
        ("form, named key", format!("json={}", percent(&plain)).into_bytes()),
        ("form, not encoded", format!("={plain}").into_bytes()),
        ("input as text", as_text("input").into_bytes()),
        ("Input", as_text("Input").into_bytes()),
        ("Input beside null", as_text("Input").replacen('{', "{\"input\":null,", 1).into_bytes()),
        ("infon", plain.replace("\"infno\"", "\"infon\"").into_bytes()),
        ("infno as number", plain.replace("\"2207\"", "2207").into_bytes()),
        (
            "unknown keys",
            plain.replacen('{', "{\"fixmedins_soft_fcty\":\"x\",\"dev_no\":null,", 1).into_bytes(),
        ),
        (
            "no region",
            plain.replace("\"mdtrtarea_admvs\":\"220100\"", "\"mdtrtarea_admvs\":null").into_bytes(),
        ),
    ];
    let first = read(plain.as_bytes(), Some("/hsa/hgs/2207")).expect("readable");
    assert_eq!(first.digest.len(), 64);
    for (name, bytes) in variants {
        let message = read(&bytes, Some("/fsi/api/outpatientSettleService/saveSettletmentV2"))
            .unwrap_or_else(|why| panic!("{name}: {}", why.refusal));
        assert_eq!(message.digest, first.digest, "{name}");
        assert_eq!(message.envelope, first.envelope, "{name}");
        assert_eq!(typed(&message), typed(&first), "{name}");
    }
}

#[test]
fn every_spelling_of_a_value_gives_the_same_struct() {
    let expected =
        typed(&read(envelope("2207", &settling()).to_string().as_bytes(), None).expect("readable"));
    assert_eq!(expected.as_ref().map(|read| read.medfee_sumamt), Ok(Amount(Fen(123_450))));
    assert_eq!(expected.as_ref().map(|read| read.fulamt_ownpay_amt), Ok(None));
    let table = [
        ("medfee_sumamt", r#"1234.5"#),
        ("medfee_sumamt", r#"1234.50000"#),
        ("medfee_sumamt", r#""１２３４．５""#),
        ("medfee_sumamt", r#"12345e-1"#),
        ("medfee_sumamt", r#"" 1234.50 ""#),
        ("psn_setlway", r#""1""#),
        ("psn_setlway", r#"1"#),
        ("mdtrt_cert_type", r#""2""#),
        ("mdtrt_cert_no", r#""""#),
        ("med_type", r#"11"#),
        ("med_type", r#""1101""#),
        ("fulamt_ownpay_amt", r#""""#),
        ("fulamt_ownpay_amt", r#"null"#),
        ("fulamt_ownpay_amt", r#""null""#),
        ("acct_used_flag", r#"1"#),
        ("expContent", r#"{"a":1}"#),
        ("insutype", r#""31001""#),
        ("unknown", r#"[[[]]]"#),
    ];
    for (field, value) in table {
        let mut changed = settling();
        changed["data"][field] = serde_json::from_str(value).expect("a value");
        for node in ["data", "mdtrtinfo", "list", "flat"] {
            let data = changed["data"].clone();
            let input = match node {
                "list" => json!({ "data": [data] }),
                "flat" => data,
                name => json!({ name: data }),
            };
            let message = read(envelope("2207", &input).to_string().as_bytes(), None).expect("readable");
            assert_eq!(typed(&message), expected, "{field} {value} {node}");
        }
    }
}

#[test]
fn another_key_order_is_the_same_content_and_another_value_is_not() {
    let digest = |input: &str| {
        let input: Value = serde_json::from_str(input).expect("JSON");
        read(envelope("2207", &input).to_string().as_bytes(), None).expect("readable").digest
    };
    assert_eq!(digest(r#"{"data":{"a":1.50,"b":"x"}}"#), digest(r#"{ "data" : {"b":"x","a":1.50} }"#));
    assert_ne!(digest(r#"{"data":{"a":1.50,"b":"x"}}"#), digest(r#"{"data":{"a":1.51,"b":"x"}}"#));
    assert_ne!(digest(r#"{"a":[1,2]}"#), digest(r#"{"a":[2,1]}"#));
}

#[test]
fn what_cannot_be_read_says_why_and_which() {
    let change = |field: &str, value: Value| {
        let mut changed = envelope("2207", &settling());
        changed[field] = value;
        changed.to_string().into_bytes()
    };
    let deep = format!("{{\"infno\":\"2207\",\"msgid\":\"M1\",\"input\":{}", "[".repeat(100_000));
    type Case<'a> = (Vec<u8>, Option<&'a str>, Code, Option<&'a str>);
    let table: Vec<Case<'_>> = vec![
        (b"".to_vec(), None, Code::BodyUnreadable, None),
        (b"[1]".to_vec(), None, Code::BodyUnreadable, None),
        (deep.into_bytes(), None, Code::BodyUnreadable, Some("2207")),
        (b"{}".to_vec(), None, Code::EnvelopeFieldMissing, None),
        (change("msgid", json!("")), None, Code::EnvelopeFieldMissing, Some("2207")),
        (change("msgid", json!("x".repeat(31))), None, Code::EnvelopeFieldInvalid, Some("2207")),
        (change("fixmedins_code", json!("H".repeat(31))), None, Code::EnvelopeFieldInvalid, Some("2207")),
        (change("mdtrtarea_admvs", json!("22010")), None, Code::EnvelopeFieldInvalid, Some("2207")),
        (change("inf_time", json!("2026-02-30")), None, Code::EnvelopeFieldInvalid, Some("2207")),
        (change("input", json!("not JSON")), None, Code::EnvelopeFieldInvalid, Some("2207")),
        (change("infno", json!("22")), None, Code::EnvelopeFieldInvalid, Some("22")),
        (change("opter", Value::Null), None, Code::EnvelopeFieldMissing, Some("2207")),
        (change("opter_name", Value::Null), Some("/x/2206"), Code::TransactionDiffersFromPath, Some("2207")),
    ];
    for (bytes, path, code, infno) in table {
        let shown = String::from_utf8_lossy(&bytes).chars().take(80).collect::<String>();
        let unreadable = read(&bytes, path).expect_err(&shown);
        assert_eq!(unreadable.refusal.code, code, "{shown}: {}", unreadable.refusal);
        assert_eq!(unreadable.infno.as_deref(), infno, "{shown}");
        assert!(!unreadable.refusal.text().contains('{'), "{}", unreadable.refusal);
    }
    // A base address may end in a port or a year.
    for path in ["/x/8097", "/x/2026", "/x/v1/2207"] {
        assert!(read(&change("opter_name", Value::Null), Some(path)).is_ok(), "{path}");
    }
    let lenient = change("inf_time", json!("20261122083005"));
    assert!(read(&lenient, Some("/fsi/api/rsfComIfsService/callService/2207?x=1")).is_ok());
}

#[test]
fn nodes_under_other_names_and_conditions_are_taken() {
    let table = [
        ("9001", json!({"data": {"opter_no": "1"}})),
        ("9002", json!({"sign_no": "S1", "opter_no": "1"})),
        ("1101", json!({"data": {"mdtrt_cert_type": "02", "psn_cert_type": "1", "certno": "X"}})),
        ("1101", json!({"data": {"mdtrt_cert_type": "", "psn_cert_type": "01", "certno": "X"}})),
        ("2302", json!({"data": {"feedetl_sn": "0000", "mdtrt_id": "1", "psn_no": "1"}})),
        ("2601", json!({"data": {"psn_no": "1", "omsgid": "M1", "oinfno": "2207A"}})),
        ("2404", json!({"mdtrt_id": "1", "psn_no": "1"})),
    ];
    for (infno, input) in table {
        let message = read(envelope(infno, &input).to_string().as_bytes(), None).expect("readable");
        normalise(transaction(infno).expect("a table"), &message).unwrap_or_else(|why| panic!("{why}"));
    }
}

#[test]
fn an_optional_node_of_blanks_is_absent() {
    let table = transaction("2401").expect("a table");
    let mut input = super::input(table);
    input["agnterinfo"] = json!({ "agnter_name": "", "agnter_tel": null });
    let message = read(envelope("2401", &input).to_string().as_bytes(), None).expect("readable");
    let input = normalise(table, &message).expect("normal");
    assert!(input.has("mdtrtinfo") && !input.has("agnterinfo"));
}

#[test]
fn several_rows_where_one_is_wanted_are_refused_and_a_wrong_row_is_numbered() {
    let refusal = |infno: &str, input: Value| {
        let message = read(envelope(infno, &input).to_string().as_bytes(), None).expect("readable");
        normalise(transaction(infno).expect("a table"), &message).expect_err("refused")
    };
    let data = settling()["data"].clone();
    assert_eq!(refusal("2207", json!({ "data": [data, data] })).code, Code::FieldInvalid);
    let row = json!({"feedetl_sn": "1", "mdtrt_id": "1", "psn_no": "1"});
    let wrong = refusal("2302", json!({ "data": [row, {"feedetl_sn": "2", "mdtrt_id": "1"}] }));
    assert_eq!((wrong.values["node"].as_str(), wrong.values["field"].as_str()), ("data[2]", "psn_no"));
}

#[test]
fn a_struct_that_wants_more_than_the_table_names_the_field() {
    #[derive(Debug, Deserialize)]
    struct Wants {
        #[allow(dead_code)]
        fulamt_ownpay_amt: Amount,
    }
    #[derive(Debug, Deserialize)]
    struct Differs {
        #[allow(dead_code)]
        invono: Amount,
    }
    let message = read(envelope("2207", &settling()).to_string().as_bytes(), None).expect("readable");
    let input = normalise(transaction("2207").expect("a table"), &message).expect("normal");
    let wants = input.one::<Wants>("data").expect_err("absent");
    assert_eq!((wants.code, wants.values["field"].as_str()), (Code::FieldMissing, "fulamt_ownpay_amt"));
    let differs = input.one::<Differs>("data").expect_err("not a number");
    assert_eq!((differs.code, differs.values["field"].as_str()), (Code::FieldInvalid, "invono"));
    assert_eq!(input.one::<Wants>("elsewhere").expect_err("no node").code, Code::NodeMissing);
}

#[test]
fn values_are_written_without_padding() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Line {
        amount: Amount,
        price: Price,
        count: Count,
        rate: Ratio,
        day: Day,
        time: Time,
        flag: Flag,
    }
    let text = json!({
        "amount": "-62400.00", "price": "0.333333", "count": "-3", "rate": "0.5500", "day": "2026-11-22",
        "time": "2026-11-22 08:30:05", "flag": "1",
    });
    let line: Line = serde_json::from_value(text).expect("a line");
    assert_eq!((line.amount.0, line.price.0), (Fen(-6_240_000), UnitPrice(333_333)));
    assert_eq!((line.count.0, line.rate.0), (Quantity::units(-3), Rate::percent(55)));
    let expected = r#"{"amount":-62400,"price":0.333333,"count":-3,"rate":0.55,"day":"2026-11-22","time":"2026-11-22 08:30:05","flag":"1"}"#;
    assert_eq!(serde_json::to_string(&line).expect("written"), expected);
    assert_eq!(serde_json::to_value(Amount(Fen(452))).expect("written").to_string(), "4.52");
}
