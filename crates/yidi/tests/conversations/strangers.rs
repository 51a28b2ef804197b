//! 他家软件: what software that we have never seen sends and expects, beyond the table's own words.

use super::care::{self, CONSULTATION, CT, INSULIN};
use super::network::{Desk, Network, fen, network, refusal};
use platform::protocol::codes::{INPATIENT_KINDS, OUTPATIENT_KINDS};
use platform::protocol::tables::{self, Field, Form, Mark, Node};
use serde_json::{Map, Value, json};

fn stranger(network: &Network) -> Desk<'_> {
    let person = network.person("220100", &["resident", "adult", "referral", "clean_year"]);
    network.desk(&network.hospital("31", "02"), &person)
}

/// Every value as a text, absent ones as "", keys the other way round.
fn as_texts(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let turned: Map<String, Value> =
                fields.iter().rev().map(|(name, value)| (name.clone(), as_texts(value))).collect();
            Value::Object(turned)
        }
        Value::Array(rows) => rows.iter().map(as_texts).collect(),
        Value::Null => json!(""),
        Value::String(text) => json!(text),
        other => json!(other.to_string()),
    }
}

/// Every field of the table that is not there yet, as "".
fn with_blanks(infno: &str, mut input: Value) -> Value {
    for node in &tables::transaction(infno).expect("a table").input {
        let rows = match input.get_mut(&node.name) {
            Some(Value::Array(rows)) => rows.iter_mut().collect(),
            Some(row) => vec![row],
            None => Vec::new(),
        };
        for row in rows.into_iter().filter_map(Value::as_object_mut) {
            for field in &node.fields {
                row.entry(field.name.clone()).or_insert_with(|| json!(""));
            }
        }
    }
    input
}

/// Reads an answer as a strictly typed client does: the envelope, then every field of the table in its own type.
#[track_caller]
fn read_strictly(infno: &str, answer: &Value) {
    assert_eq!(answer["infcode"], json!(0), "{infno}: {answer}");
    for (name, digits) in [("inf_refmsgid", 30), ("refmsg_time", 17), ("respond_time", 17)] {
        let text = answer[name].as_str().unwrap_or_else(|| panic!("{infno}: {name}"));
        assert!(
            text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit()),
            "{infno}: {name} {text}"
        );
    }
    let output = &tables::transaction(infno).expect("a table").output;
    for node in output {
        let place =
            if node.name == "output" { &answer["output"] } else { &answer["output"][node.name.as_str()] };
        assert_eq!(place.is_array(), node.many, "{infno}: {} is a list or an object", node.name);
        let rows = place.as_array().cloned().unwrap_or_else(|| vec![place.clone()]);
        for row in &rows {
            for field in node.fields.iter().filter(|field| field.mark != Mark::Local) {
                let value = row.get(&field.name).unwrap_or_else(|| panic!("{infno}: no {}", field.name));
                assert!(fits(infno, node, field, value), "{infno}: {}.{} is {value}", node.name, field.name);
            }
        }
    }
}

fn fits(infno: &str, node: &Node, field: &Field, value: &Value) -> bool {
    // Live platforms have no payable limit to tell, and a quote has no time of settlement: clients take null there.
    let known_absent = field.name == "crt_payb_lmt_amt"
        || (field.name == "setl_time" && (infno.starts_with("2206") || infno.starts_with("2303")));
    match (value, field.form) {
        (Value::Null, _) => field.mark != Mark::Required || known_absent,
        (Value::Number(_), Form::Number(..)) => true,
        (Value::String(text), Form::Text(longest)) => text.chars().count() <= longest,
        (Value::String(text), Form::Date) => text.len() == 10,
        (Value::String(text), Form::Time) => text.len() == 19,
        _ => panic!("{infno}: {}.{} is {value}", node.name, field.name),
    }
}

#[test]
fn a_client_that_sends_everything_as_text_is_read_and_a_typed_one_can_read_every_answer() {
    let network = network();
    let desk = stranger(&network);
    let ask = |infno: &str, input: Value| {
        let mut envelope = desk.envelope(infno, as_texts(&with_blanks(infno, input)));
        envelope["infver"] = json!("1.0");
        envelope["sign_no"] = Value::Null;
        envelope["fixmedins_soft_fcty"] = json!("示例厂商");
        let answer = desk.send(&envelope);
        read_strictly(infno, &answer);
        answer["output"].clone()
    };
    ask("9001", json!({"signIn": {"opter_no": "1", "mac": "", "ip": ""}}));
    ask("1101", care::who(&desk));
    let charges = [CONSULTATION, CT, INSULIN];
    let visit =
        ask("2201", care::registration(&desk))["data"]["mdtrt_id"].as_str().expect("a visit").to_owned();
    ask("2203", care::description(&desk, &visit, "11"));
    ask("2204", json!({ "feedetail": care::rows(&desk, &visit, Some("B1"), &charges) }));
    let quoted = ask("2206", care::bill(&desk, &visit, Some("B1"), &charges));
    let settled = ask("2207", care::bill(&desk, &visit, Some("B1"), &charges));
    assert_eq!(quoted["setldetail"], settled["setldetail"]);
    let setl_id = settled["setlinfo"]["setl_id"].as_str().expect("a settlement").to_owned();
    ask("5203", care::settlement(&desk, &visit, &setl_id));
    ask("5204", care::settlement(&desk, &visit, &setl_id));
    ask("2208", care::settlement(&desk, &visit, &setl_id));

    let stay =
        ask("2401", care::admission(&desk, -3))["result"]["mdtrt_id"].as_str().expect("a stay").to_owned();
    ask("2301", json!({ "feedetail": care::rows(&desk, &stay, None, &charges) }));
    ask("2402", care::discharge(&desk, &stay));
    ask("2303", care::bill(&desk, &stay, None, &charges));
    let settled = ask("2304", care::bill(&desk, &stay, None, &charges));
    let setl_id = settled["setlinfo"]["setl_id"].as_str().expect("a settlement").to_owned();
    ask("2305", care::settlement(&desk, &stay, &setl_id));
    network.books_are_even();
}

#[test]
fn every_kind_of_care_is_served_or_refused_in_clear_words() {
    let network = network();
    let desk = stranger(&network);
    let visit = care::register(&desk);
    let listed = &tables::dictionary("med_type").expect("a list").codes;
    for (code, ..) in listed {
        let described = desk.ask("2203", {
            let mut input = care::description(&desk, &visit, code);
            input["mdtrtinfo"]["dise_codg"] = json!("M01600");
            input
        });
        let admitted = desk.ask("2401", {
            let mut input = care::admission(&desk, -1);
            input["mdtrtinfo"]["med_type"] = json!(code);
            input
        });
        let code = code.as_str();
        match (OUTPATIENT_KINDS.contains(&code), INPATIENT_KINDS.contains(&code)) {
            (true, _) => {
                assert_eq!(described["infcode"], json!(0), "{code}: {described}");
                let text = refusal(&admitted, 1012);
                assert!(text.contains("mdtrtinfo.med_type") && text.contains("21、22"), "{text}");
            }
            (_, true) => {
                assert_eq!(admitted["infcode"], json!(0), "{code}: {admitted}");
                let stay = admitted["output"]["result"]["mdtrt_id"].clone();
                desk.call("2404", json!({"data": {"mdtrt_id": stay, "psn_no": desk.person.person_no}}));
                let text = refusal(&described, 1012);
                assert!(text.contains("mdtrtinfo.med_type") && text.contains("11、12"), "{text}");
            }
            _ => {
                let text = refusal(&described, 7006);
                assert!(
                    text.contains(code) && text.contains("门诊11、12") && text.contains("住院21-28"),
                    "{text}"
                );
                assert!(text.chars().count() <= 200, "{text}");
                refusal(&admitted, 7006);
            }
        }
    }
    let mut local = care::description(&desk, &visit, "9903");
    let text = desk.refused("2203", local.clone(), 1013);
    assert!(text.contains("9903"), "{text}");
    // A local extension of a national kind is that kind.
    local["mdtrtinfo"]["med_type"] = json!("140104");
    let text = desk.refused("2203", local.clone(), 1010);
    assert!(text.contains("mdtrtinfo.dise_codg"), "{text}");
    local["mdtrtinfo"]["dise_codg"] = json!("M01600");
    desk.call("2203", local);
}

#[test]
fn an_outpatient_accident_with_third_party_liability_is_not_paid() {
    let network = network();
    let desk = stranger(&network);
    let visit = care::register(&desk);
    let mut description = care::description(&desk, &visit, "19");
    description["mdtrtinfo"]["rel_ttp_flag"] = json!("1");
    desk.call("2203", description);
    care::upload(&desk, &visit, Some("B1"), &[CT]);
    desk.refused("2206", care::bill(&desk, &visit, Some("B1"), &[CT]), 7005);
}

/// To say "it never arrived" of a message that is booked under its other name would be untrue.
#[test]
fn a_message_is_undone_by_its_other_name_as_well() {
    let network = network();
    let desk = stranger(&network);
    let visit = care::outpatient(&desk, &[CT]);
    let bill = care::bill(&desk, &visit, Some("B1"), &[CT]);
    let gone = |answer: &Value| {
        let setl_id = answer["output"]["setlinfo"]["setl_id"].as_str().expect("a settlement");
        desk.refused("2208", care::settlement(&desk, &visit, setl_id), 6002);
    };

    let first = desk.envelope("2207A", bill.clone());
    let settled = desk.send(&first);
    desk.call("2601", care::reversal(&desk, "2207", first["msgid"].as_str().expect("a number")));
    gone(&settled);

    let settled = desk.ask("2207", bill.clone());
    let refmsgid = settled["inf_refmsgid"].as_str().expect("the receiver's number").to_owned();
    desk.call("2601", care::reversal(&desk, "2207A", &refmsgid));
    gone(&settled);
    network.books_are_even();
}

#[test]
fn sums_of_doubles_are_read_without_their_noise() {
    let network = network();
    let desk = stranger(&network);
    let visit = care::register(&desk);
    let charges = [CONSULTATION, CT];
    let mut rows = care::rows(&desk, &visit, Some("B1"), &charges);
    rows[0]["det_item_fee_sumamt"] = json!(50.00000000000001);
    rows[1]["cnt"] = json!(0.9999999999999999);
    let output = desk.call("2204", json!({ "feedetail": rows }));
    assert_eq!(fen(&output["result"][0]["det_item_fee_sumamt"]), 50_00);
    assert_eq!(output["result"][1]["cnt"], json!(1));
    let mut bill = care::bill(&desk, &visit, Some("B1"), &charges);
    bill["data"]["medfee_sumamt"] = json!(270.00000000000006);
    desk.call("2206", bill.clone());
    bill["data"]["medfee_sumamt"] = json!(270.004);
    desk.refused("2206", bill, 1012);
}

#[test]
fn an_address_may_end_in_a_number_and_1101_does_not_mind_an_odd_insured_place() {
    let network = network();
    let desk = stranger(&network);
    for path in
        ["/base/8097", "/fsi/2026", "/hsa/hgs/1101", "/fsi/api/fsiPsnInfoService/queryPsnInfo/", "/CSB"]
    {
        let answer = desk.send_to(path, &desk.envelope("1101", care::who(&desk)));
        assert_eq!(answer["infcode"], json!(0), "{path}: {answer}");
    }
    refusal(&desk.send_to("/hsa/hgs/2207", &desk.envelope("1101", care::who(&desk))), 1005);
    for place in ["", "0", "2201", "000000", "220102"] {
        let mut envelope = desk.envelope("1101", care::who(&desk));
        envelope["insuplc_admdvs"] = json!(place);
        read_strictly("1101", &desk.send(&envelope));
    }
    let mut registration = desk.envelope("2201", care::registration(&desk));
    registration["insuplc_admdvs"] = json!("2201");
    refusal(&desk.send(&registration), 1003);
}

#[test]
fn a_query_may_name_a_day_alone_and_a_settlement_without_its_visit() {
    let network = network();
    let desk = stranger(&network);
    let visit = care::outpatient(&desk, &[CT]);
    let settled = desk.call("2207", care::bill(&desk, &visit, Some("B1"), &[CT]));
    let today = network.today().to_string();
    let found = desk.call(
        "5201",
        json!({"data": {
            "psn_no": desk.person.person_no, "begntime": today, "endtime": today, "med_type": "11",
        }}),
    );
    assert_eq!(found["mdtrtinfo"].as_array().map(Vec::len), Some(1), "{found}");
    let setl_id = &settled["setlinfo"]["setl_id"];
    let shown = desk.call(
        "5203",
        json!({"data": {
            "psn_no": desk.person.person_no, "setl_id": setl_id, "mdtrt_id": "",
        }}),
    );
    assert_eq!(shown["setlinfo"]["mdtrt_id"], json!(visit));
}

#[test]
fn a_settlement_that_was_taken_back_is_shown_as_such() {
    let network = network();
    let desk = stranger(&network);
    let visit = care::outpatient(&desk, &[CT]);
    let settled = desk.call("2207", care::bill(&desk, &visit, Some("B1"), &[CT]));
    let setl_id = settled["setlinfo"]["setl_id"].as_str().expect("a settlement");
    let key = care::settlement(&desk, &visit, setl_id);
    assert_eq!(desk.ask("5203", key.clone())["warn_msg"], Value::Null);
    let reversal = desk.call("2208", key.clone());
    let remark = desk.ask("5203", key)["warn_msg"].as_str().expect("a remark").to_owned();
    let by = reversal["setlinfo"]["setl_id"].as_str().expect("a reversal");
    assert!(remark.contains("已撤销") && remark.contains(by), "{remark}");
    let shown = desk.ask("5203", care::settlement(&desk, &visit, by));
    assert_eq!(
        (&shown["warn_msg"], &shown["output"]["setlinfo"]["refd_setl_flag"]),
        (&Value::Null, &json!("1"))
    );
}
