//! 拒绝: what is wrong is answered with HTTP 200, an infcode below zero and a text that names the field, the rule and
//! the cure; nothing is booked. What is only written in another way is taken.

use super::accidents::{business, calm};
use super::care::{self, COURSE, NURSING};
use super::network::{Desk, Network, network, refusal};
use super::wire::{self, Reply, Wire};
use serde_json::{Value, json};

const SERVICE: &str = yidi::counter::SERVICE_PATH;

/// An adult of Changchun with a referral, at a hospital in Shanghai.
fn away(network: &Network) -> Desk<'_> {
    let person = network.person("220100", &["resident", "adult", "referral", "clean_year"]);
    network.desk(&network.hospital("31", "02"), &person)
}

/// Refused over HTTP 200 by this number, in both languages, with these words in the text.
#[track_caller]
fn is_refused(reply: &Reply, number: u16, words: &[&str]) {
    assert_eq!(reply.status, 200, "a business failure is HTTP 200");
    let kind = reply.headers.iter().find(|(name, _)| name == "content-type");
    assert!(kind.is_some_and(|(_, value)| value.starts_with("application/json")), "{:?}", reply.headers);
    let text = refusal(&reply.json(), number);
    assert!(text.contains(" | "), "both languages: {text}");
    for word in words {
        assert!(text.contains(word), "{word} is not named: {text}");
    }
    assert!(!text.contains('{') || words.contains(&"{"), "a place for a value was left open: {text}");
}

#[test]
fn a_body_that_is_no_envelope_is_told_what_to_send() {
    let network = network();
    let desk = away(&network);
    let before = business(&network);
    let whole = desk.envelope("2401", care::admission(&desk, 0)).to_string();
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let bodies: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b" \r\n ".to_vec(),
        b"\xef\xbb\xbf".to_vec(),
        b"hello".to_vec(),
        b"<Request/>".to_vec(),
        b"{".to_vec(),
        b"[1]".to_vec(),
        b"42".to_vec(),
        b"null".to_vec(),
        b"\"text\"".to_vec(),
        b"\xff\xff\xff".to_vec(),
        b"\x00\x01\x02".to_vec(),
        b"=".to_vec(),
        b"json=%7B".to_vec(),
        whole.as_bytes()[..whole.len() / 2].to_vec(),
        whole.replace(':', "=").into_bytes(),
        deep(30).into_bytes(),
        deep(100_000).into_bytes(),
        "{\"a\":".repeat(100_000).into_bytes(),
    ];
    for body in bodies {
        let reply = wire::call(&network, &body);
        is_refused(&reply, 1001, &["UTF-8", "JSON"]);
        assert_eq!(reply.json()["infcode"], json!(-2));
    }
    is_refused(&wire::call(&network, b"{}"), 1002, &["infno", "交易编号"]);
    calm(&network);
    assert_eq!(business(&network), before);
}

#[test]
fn an_envelope_that_lacks_something_is_told_which_field() {
    let network = network();
    let desk = away(&network);
    let before = business(&network);
    let long = "M".repeat(31);
    let table: &[(&str, Value, u16, &[&str])] = &[
        ("infno", json!(""), 1002, &["infno"]),
        ("infno", json!("99"), 1003, &["infno", "4至6位"]),
        ("infno", json!("9998"), 1004, &["infno", "9998"]),
        ("infno", json!("24 01"), 1003, &["infno"]),
        ("infno", json!({}), 1002, &["infno"]),
        ("msgid", Value::Null, 1002, &["msgid"]),
        ("msgid", json!(long), 1003, &["msgid", "30"]),
        ("msgid", json!("a\u{0}b"), 1003, &["msgid"]),
        ("mdtrtarea_admvs", json!("31"), 1003, &["mdtrtarea_admvs", "六位"]),
        ("mdtrtarea_admvs", json!("440100"), 3003, &["mdtrtarea_admvs", "440100"]),
        ("insuplc_admdvs", json!(""), 2007, &["insuplc_admdvs", "1101"]),
        ("insuplc_admdvs", json!("22010"), 1003, &["insuplc_admdvs"]),
        ("insuplc_admdvs", json!("650100"), 2008, &["insuplc_admdvs", "650100"]),
        ("insuplc_admdvs", json!("440100"), 2003, &["psn_no", "1101"]),
        ("fixmedins_code", json!(""), 1002, &["fixmedins_code"]),
        ("fixmedins_code", json!("H31010499999"), 3001, &["fixmedins_code", "H31010499999"]),
        ("fixmedins_code", json!("H99999999999"), 3001, &["fixmedins_code", "H99999999999"]),
        ("fixmedins_code", json!("医院"), 3001, &["fixmedins_code"]),
        ("inf_time", json!("2026-02-30 00:00:00"), 1003, &["inf_time", "yyyy-MM-dd"]),
        ("inf_time", json!("yesterday"), 1003, &["inf_time", "yyyy-MM-dd"]),
        ("opter_type", json!(""), 1002, &["opter_type"]),
        ("opter", json!("x".repeat(31)), 1003, &["opter", "30"]),
        ("infver", Value::Null, 1002, &["infver"]),
        ("input", json!("{"), 1003, &["input", "JSON", "{"]),
        ("input", json!(7), 1003, &["input"]),
        ("input", json!({}), 1014, &["mdtrtinfo"]),
        ("input", json!([]), 1014, &["mdtrtinfo"]),
        ("input", json!({"mdtrtinfo": 1}), 1012, &["mdtrtinfo", "对象"]),
        ("input", json!({"mdtrtinfo": [[]]}), 1012, &["mdtrtinfo"]),
    ];
    for (field, value, number, words) in table {
        let mut envelope = desk.envelope("2401", care::admission(&desk, 0));
        envelope[field] = value.clone();
        let reply = wire::call(&network, envelope.to_string().as_bytes());
        is_refused(&reply, *number, words);
    }
    // The path is only a hint, but it may not say something else.
    let envelope = desk.envelope("2401", care::admission(&desk, 0)).to_string();
    for path in ["/hsa/hgs/2304", "/fsi/api/2303A"] {
        let reply = wire::post(&network, path, "application/json", envelope.as_bytes());
        is_refused(&reply, 1005, &[path.rsplit('/').next().expect("a part"), "2401"]);
    }
    calm(&network);
    assert_eq!(business(&network), before);
    let reply = wire::post(&network, "/hsa/hgs/2401", "application/json", envelope.as_bytes());
    assert_eq!(reply.json()["infcode"], json!(0), "{}", reply.json());
}

#[test]
fn a_field_that_is_wrong_is_named_with_its_rule() {
    let network = network();
    let desk = away(&network);
    let visit = care::admit(&desk, -5);
    calm(&network);
    let before = business(&network);
    let nest = |levels: usize| -> Value {
        serde_json::from_str(&format!("{}1{}", "[".repeat(levels), "]".repeat(levels))).expect("JSON")
    };
    let number = |text: &str| -> Value { serde_json::from_str(text).expect("a number") };
    let table: &[(&str, Value, u16, &[&str])] = &[
        ("feedetl_sn", Value::Null, 1010, &["feedetail.feedetl_sn", "费用明细流水号"]),
        ("feedetl_sn", json!("   "), 1010, &["feedetl_sn"]),
        ("feedetl_sn", json!("L".repeat(31)), 1011, &["feedetl_sn", "30"]),
        ("mdtrt_id", json!("S0"), 5001, &["mdtrt_id", "S0", "2401"]),
        ("psn_no", json!("99"), 5002, &["psn_no"]),
        ("psn_no", json!({"a": 1}), 1012, &["psn_no", "{"]),
        ("psn_no", json!({"{found}": 1}), 1012, &["psn_no", "{\"{found}\":1}", "{"]),
        ("psn_no", nest(30), 1012, &["psn_no"]),
        ("psn_no", json!(true), 1012, &["psn_no"]),
        ("cnt", json!("abc"), 1012, &["cnt", "数量", "abc"]),
        ("cnt", number("1e30"), 1012, &["cnt"]),
        ("cnt", number("1e999999999"), 1012, &["cnt"]),
        ("cnt", number("123456789012345678901234567890"), 1012, &["cnt"]),
        ("cnt", json!("1.00001"), 1012, &["cnt", "4位小数"]),
        ("cnt", json!("NaN"), 1012, &["cnt"]),
        ("cnt", json!("1,000"), 1012, &["cnt"]),
        ("cnt", number("999999999999"), 5025, &["L1"]),
        ("cnt", json!(-5), 5023, &["det_item_fee_sumamt", "-130.00"]),
        ("pric", json!("一百"), 1012, &["pric"]),
        ("det_item_fee_sumamt", number("130.005"), 1012, &["det_item_fee_sumamt", "2位小数"]),
        ("det_item_fee_sumamt", number("1.005"), 1012, &["det_item_fee_sumamt", "1.005"]),
        ("det_item_fee_sumamt", json!(129.99), 5023, &["det_item_fee_sumamt", "129.99", "130"]),
        ("det_item_fee_sumamt", json!(0), 5023, &["det_item_fee_sumamt"]),
        ("fee_ocur_time", json!("2026-02-30"), 1012, &["fee_ocur_time", "yyyy-MM-dd"]),
        ("fee_ocur_time", json!("1999-01-01"), 5024, &["fee_ocur_time", "L1"]),
        ("fee_ocur_time", json!("2999-01-01"), 5024, &["fee_ocur_time"]),
        ("med_list_codg", json!("NOTHING"), 4001, &["med_list_codg", "NOTHING"]),
        ("med_list_codg", json!("X".repeat(51)), 1011, &["med_list_codg", "50"]),
    ];
    for (field, value, number, words) in table {
        let mut rows = care::rows(&desk, &visit, None, &[NURSING]);
        rows[0][field] = value.clone();
        let envelope = desk.envelope("2301", json!({ "feedetail": rows }));
        is_refused(&wire::call(&network, envelope.to_string().as_bytes()), *number, words);
    }
    let mut given_back = care::rows(&desk, &visit, None, &[(NURSING.0, NURSING.1, -5)]);
    let text = desk.refused("2301", json!({ "feedetail": given_back }), 5026);
    assert!(text.contains("L1") && text.contains("init_feedetl_sn"), "{text}");
    given_back[0]["init_feedetl_sn"] = json!("L1");
    desk.refused("2301", json!({ "feedetail": given_back }), 5026);
    // In a list the row is told.
    let mut rows = care::rows(&desk, &visit, None, &[NURSING, COURSE]);
    rows[1]["pric"] = Value::Null;
    let text = desk.refused("2301", json!({ "feedetail": rows }), 1010);
    assert!(text.contains("feedetail[2].pric"), "{text}");
    for wrong in [json!([]), json!("x"), json!([1]), json!(7)] {
        let answer = desk.ask("2301", json!({ "feedetail": wrong }));
        let text = answer["err_msg"].as_str().expect("a text");
        assert!(text.contains("feedetail"), "{text}");
        assert_eq!(answer["infcode"], json!(-2), "{text}");
    }
    // Codes.
    for (field, value) in
        [("insutype", "999"), ("med_type", "99"), ("med_type", "11"), ("mdtrt_cert_type", "77")]
    {
        let mut admission = care::admission(&desk, 0);
        admission["mdtrtinfo"][field] = json!(value);
        let answer = desk.ask("2401", admission);
        let text = answer["err_msg"].as_str().unwrap_or_default();
        assert!(text.contains(field) && text.contains(value), "{field} {value}: {answer}");
        assert_eq!(answer["infcode"], json!(-2), "{text}");
    }
    calm(&network);
    assert_eq!(business(&network), before);
    assert_eq!(
        desk.call("5204", json!({"data": {"mdtrt_id": visit, "psn_no": desk.person.person_no}})),
        json!([])
    );
}

#[test]
fn an_outpatient_refund_line_is_refused_because_2204_names_no_charge() {
    let network = network();
    let desk = away(&network);
    let visit = care::outpatient(&desk, &[COURSE]);
    calm(&network);
    let before = business(&network);
    let mut refund = care::rows(&desk, &visit, Some("B2"), &[(COURSE.0, COURSE.1, -1)]);
    refund[0]["feedetl_sn"] = json!("R1");
    refund[0]["init_feedetl_sn"] = json!("L1");
    let text = desk.refused("2204", json!({ "feedetail": refund }), 5026);
    assert!(text.contains("R1"), "{text}");
    calm(&network);
    assert_eq!(business(&network), before);
}

#[test]
fn nobody_and_nowhere_are_told_apart() {
    let network = network();
    let desk = away(&network);
    let before = business(&network);
    let mut nobody = care::who(&desk);
    for field in ["mdtrt_cert_no", "certno"] {
        nobody["data"][field] = json!("99999919000101001X");
    }
    let text = desk.refused("1101", nobody, 2001);
    assert!(text.contains("mdtrt_cert_no") && text.contains("参保地"), "{text}");
    let mut misnamed = care::who(&desk);
    misnamed["data"]["psn_name"] = json!("别人");
    desk.refused("1101", misnamed, 2002);
    for infno in ["2401", "2201"] {
        let mut input = if infno == "2401" { care::admission(&desk, 0) } else { care::registration(&desk) };
        let node = if infno == "2401" { "mdtrtinfo" } else { "data" };
        input[node]["psn_no"] = json!("22010090000000009999");
        let text = desk.refused(infno, input, 2003);
        assert!(text.contains("1101"), "the cure is named: {text}");
    }
    let suspended = network
        .institutions()
        .iter()
        .find(|found| found.suspended && found.region.province().as_str() == "31");
    let closed = network.desk(suspended.expect("a suspended hospital"), &desk.person);
    for (infno, input) in [("2401", care::admission(&closed, 0)), ("2201", care::registration(&closed))] {
        let text = closed.refused(infno, input, 3002);
        assert!(text.contains("协议"), "{text}");
    }
    calm(&network);
    assert_eq!(business(&network), before);
}

#[test]
fn other_spellings_of_the_same_content_are_taken() {
    let network = network();
    let desk = away(&network);
    let visit = care::admit(&desk, -5);
    let mut number = 0;
    let mut upload = |from: &str, to: &str| -> Value {
        number += 1;
        let mut rows = care::rows(&desk, &visit, None, &[(NURSING.0, NURSING.1, 10)]);
        rows[0]["feedetl_sn"] = json!(format!("S{number}"));
        let text = wire::respelled(&desk, "2301", json!({ "feedetail": rows }), from, to);
        wire::call(&network, text.as_bytes()).json()
    };
    // 26.00 x 10 = 260.00 in many hands.
    for (from, to) in [
        ("\"cnt\":10", "\"cnt\":1e1"),
        ("\"cnt\":10", "\"cnt\":\"10.0000\""),
        ("\"cnt\":10", "\"cnt\":\"１０\""),
        ("\"pric\":26", "\"pric\":2.6E1"),
        ("\"pric\":26", "\"pric\":\" 26.000000 \""),
        ("\"det_item_fee_sumamt\":260", "\"det_item_fee_sumamt\":\"２６０．００\""),
        ("\"det_item_fee_sumamt\":260", "\"det_item_fee_sumamt\":260.0000000"),
        // A key that stands twice: the last counts, as in every reader of JSON.
        ("\"cnt\":10", "\"cnt\":99,\"cnt\":10"),
        ("\"cnt\":10", "\"deep\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]],\"cnt\":10"),
    ] {
        let answer = upload(from, to);
        assert_eq!(answer["infcode"], json!(0), "{to}: {answer}");
        let row = &answer["output"]["result"][0];
        assert_eq!(super::network::fen(&row["det_item_fee_sumamt"]), 260_00, "{to}");
    }
    refusal(&upload("\"cnt\":10", "\"cnt\":10,\"cnt\":99"), 5023);
    let nothing =
        upload("\"cnt\":10,\"det_item_fee_sumamt\":260", "\"cnt\":\"-0\",\"det_item_fee_sumamt\":-0.00");
    assert_eq!(nothing["infcode"], json!(0), "{nothing}");
    assert_eq!(super::network::fen(&nothing["output"]["result"][0]["det_item_fee_sumamt"]), 0);
    network.books_are_even();
}

#[test]
fn every_wrapping_of_a_body_is_taken() {
    let network = network();
    let desk = away(&network);
    let plain = || desk.envelope("2201", care::registration(&desk)).to_string();
    let percent = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let form = "application/x-www-form-urlencoded";
    let wrapped: Vec<(&str, Vec<u8>)> = vec![
        ("application/json", plain().into_bytes()),
        ("application/json;charset=utf-8", format!("\u{feff}{}", plain()).into_bytes()),
        ("text/plain", plain().into_bytes()),
        ("application/json", Value::from(plain()).to_string().into_bytes()),
        (form, format!("={}", percent(&plain())).into_bytes()),
        (form, format!("{}=", percent(&plain())).into_bytes()),
        (form, format!("={}", plain()).into_bytes()),
        ("", plain().into_bytes()),
    ];
    for (kind, body) in wrapped {
        let answer = wire::post(&network, SERVICE, kind, &body).json();
        assert_eq!(answer["infcode"], json!(0), "{kind}: {answer}");
    }
    // 示例 in GBK: an envelope of another code page is read as it was meant.
    let mut envelope = desk.envelope("2201", care::registration(&desk));
    for field in ["fixmedins_name", "opter_name"] {
        envelope[field] = json!("x");
    }
    for field in ["dr_name", "dept_name"] {
        envelope["input"]["data"][field] = json!("x");
    }
    envelope["input"]["data"]["ipt_otp_no"] = json!("@@");
    let text = envelope.to_string();
    let (head, tail) = text.split_once("@@").expect("the place");
    let gbk = [head.as_bytes(), b"\xca\xbe\xc0\xfd", tail.as_bytes()].concat();
    let answer = wire::call(&network, &gbk).json();
    assert_eq!(answer["output"]["data"]["ipt_otp_no"], json!("示例"), "{answer}");
}

#[test]
fn the_ways_of_http_are_all_spoken() {
    let network = network();
    let desk = away(&network);
    let plain = || desk.envelope("2201", care::registration(&desk)).to_string();

    // Keep-alive: refusals leave the connection open.
    let mut wire = Wire::open(&network);
    for body in [plain(), "no".into(), plain(), String::new(), plain()] {
        let reply = wire.post(SERVICE, "Content-Type: text/plain\r\n", body.as_bytes());
        assert_eq!(reply.status, 200);
        let good = body.starts_with('{');
        assert_eq!(reply.json()["infcode"], json!(if good { 0 } else { -2 }), "{}", reply.json());
    }

    // Chunked, in the middle of a character too.
    let body = plain();
    let mut wire = Wire::open(&network);
    wire.send(format!("POST {SERVICE} HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n").as_bytes());
    for piece in body.as_bytes().chunks(97) {
        wire.send(format!("{:x}\r\n", piece.len()).as_bytes());
        wire.send(piece);
        wire.send(b"\r\n");
    }
    wire.send(b"0\r\n\r\n");
    assert_eq!(wire.reply().json()["infcode"], json!(0));

    // Expect: 100-continue, on the same connection.
    let body = plain();
    let length = body.len();
    let head = format!(
        "POST {SERVICE} HTTP/1.1\r\nHost: t\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
    );
    wire.send(head.as_bytes());
    assert_eq!(wire.reply().status, 100, "the client is asked to go on");
    wire.send(body.as_bytes());
    assert_eq!(wire.reply().json()["infcode"], json!(0));

    // What is no call of the interface at all is a matter of the gateway, in its own form.
    let mut wire = Wire::open(&network);
    wire.send(format!("GET {SERVICE} HTTP/1.1\r\nHost: t\r\n\r\n").as_bytes());
    let reply = wire.reply();
    assert_eq!(reply.status, 404);
    assert_eq!(reply.json()["type"], json!("error"));
    assert!(reply.json()["message"].as_str().is_some_and(|text| text.contains("POST")), "{}", reply.json());
}
