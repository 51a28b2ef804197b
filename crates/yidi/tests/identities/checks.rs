//! The identities I1 to I10, one check each, on answers as they come over the wire.

use crate::draw::Line;
use crate::network::fen;
use crate::sums::{self, AMOUNTS};
use platform::protocol::values::{Count, Price};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// I1 to I5, and no amount on the wrong side of zero.
#[track_caller]
pub fn every_sum_adds_up(output: &Value) {
    sums::hold(output);
    assert!(output["setldetail"].as_array().is_some_and(|rows| !rows.is_empty()), "I5 {output}");
    let info = &output["setlinfo"];
    let side = fen(&info["medfee_sumamt"]).signum();
    for field in AMOUNTS {
        assert!(fen(&info[field]) * side >= 0, "{field} is on the wrong side of zero: {info}");
    }
    assert!(fen(&info["balc"]) >= 0, "an account below zero: {info}");
}

/// I6, also fund by fund.
#[track_caller]
pub fn is_the_opposite(settled: &Value, back: &Value) {
    sums::agree(settled, back, -1);
    let opposite = |(code, amount): (String, i64)| (code, -amount);
    assert_eq!(by_fund(settled), by_fund(back).into_iter().map(opposite).collect(), "I6 setldetail");
}

/// I7 and I10: the same amounts, the account after it, and fund by fund.
#[track_caller]
pub fn same_amounts(one: &Value, other: &Value) {
    for field in AMOUNTS.iter().chain(&["balc", "pool_prop_selfpay"]) {
        assert_eq!(one["setlinfo"][*field], other["setlinfo"][*field], "I7, I10 {field}");
    }
    assert_eq!(by_fund(one), by_fund(other), "I7, I10 setldetail");
}

fn by_fund(output: &Value) -> BTreeMap<String, i64> {
    let rows = output["setldetail"].as_array().expect("funds");
    rows.iter()
        .map(|row| (row["fund_pay_type"].as_str().expect("a fund").to_owned(), fen(&row["fund_payamt"])))
        .collect()
}

/// I8: the line that came back is the line that was sent, and its parts are its sum.
#[track_caller]
pub fn every_line_adds_up(line: &Value, sent: &Line) {
    assert_eq!(line["pric"], json!(Price(sent.price)), "I8 {line}");
    assert_eq!(line["cnt"], json!(Count(sent.quantity)), "I8 {line}");
    let total = fen(&line["det_item_fee_sumamt"]);
    assert_eq!(total, half_up(sent.price.0, sent.quantity.0), "I8 {line}");
    sums::hold_for_line(line);
    for part in ["fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt"] {
        assert!(fen(&line[part]) * total.signum() >= 0, "I8 {part} is on the wrong side of zero: {line}");
    }
}

/// Millionths of a yuan times ten-thousandths of a unit, in fen; worked out here again, apart from the platform.
fn half_up(price: i64, quantity: i64) -> i64 {
    let exact = i128::from(price) * i128::from(quantity);
    let fen = (exact.abs() + 50_000_000) / 100_000_000;
    i64::try_from(fen * exact.signum()).expect("a bill")
}

/// The bill's four parts are those of its lines.
#[track_caller]
pub fn bill_is_the_sum_of_its_lines(info: &Value, lines: &[Value]) {
    let names = [
        ("medfee_sumamt", "det_item_fee_sumamt"),
        ("fulamt_ownpay_amt", "fulamt_ownpay_amt"),
        ("overlmt_selfpay", "overlmt_amt"),
        ("preselfpay_amt", "preselfpay_amt"),
        ("inscp_scp_amt", "inscp_scp_amt"),
    ];
    for (of_bill, of_line) in names {
        let sum: i64 = lines.iter().map(|line| fen(&line[of_line])).sum();
        assert_eq!(fen(&info[of_bill]), sum, "{of_bill}");
    }
}

/// I9
#[track_caller]
pub fn names_the_message(output: &Value, asked: &Value) {
    assert_eq!(output["setlinfo"]["medins_setl_id"], asked["msgid"], "I9");
}
