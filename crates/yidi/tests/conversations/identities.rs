//! The identities of money that hold in recorded settlements, and so in every answer of ours.

use super::network::fen;
use insurance::money::Fen;
use platform::protocol::values::{Count, Price};
use serde_json::Value;

/// The amounts of a bill that have to be the same before and after, here and there.
pub const AMOUNTS: [&str; 19] = [
    "medfee_sumamt",
    "fulamt_ownpay_amt",
    "overlmt_selfpay",
    "preselfpay_amt",
    "inscp_scp_amt",
    "act_pay_dedc",
    "hifp_pay",
    "cvlserv_pay",
    "hifes_pay",
    "hifmi_pay",
    "hifob_pay",
    "maf_pay",
    "oth_pay",
    "fund_pay_sumamt",
    "psn_part_amt",
    "acct_pay",
    "psn_cash_pay",
    "hosp_part_amt",
    "acct_mulaid_pay",
];

/// Sums that have to agree within one answer of 2206, 2207 or 2208: total by item, by payer, by fund, by detail.
#[track_caller]
pub fn hold(output: &Value) {
    let info = &output["setlinfo"];
    let sum = |names: &[&str]| -> i64 { names.iter().map(|name| fen(&info[name])).sum() };
    let total = fen(&info["medfee_sumamt"]);
    let by_item = sum(&["fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt"]);
    assert_eq!(by_item, total, "by item: {info}");
    assert_eq!(sum(&["fund_pay_sumamt", "psn_part_amt", "hosp_part_amt"]), total, "by payer: {info}");
    let by_person = sum(&["acct_pay", "acct_mulaid_pay", "psn_cash_pay"]);
    assert_eq!(by_person, fen(&info["psn_part_amt"]), "by person: {info}");
    let funds = ["hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "oth_pay"];
    assert_eq!(sum(&funds), fen(&info["fund_pay_sumamt"]), "by fund: {info}");
    let details = output["setldetail"].as_array().expect("details");
    let no_fund = ["310200", "310201", "999996", "999997"];
    let of_funds = details.iter().filter(|row| !no_fund.iter().any(|code| row["fund_pay_type"] == **code));
    let by_detail: i64 = of_funds.map(|row| fen(&row["fund_payamt"])).sum();
    assert_eq!(by_detail, fen(&info["fund_pay_sumamt"]), "by detail: {output}");
}

/// The amounts of two bills agree, times a sign.
#[track_caller]
pub fn agree(one: &Value, other: &Value, sign: i64) {
    for field in AMOUNTS {
        let (one, other) = (fen(&one["setlinfo"][field]), fen(&other["setlinfo"][field]));
        assert_eq!(one, sign * other, "{field}");
    }
}

/// A fee line adds up: price times quantity, and its four parts.
#[track_caller]
pub fn hold_for_line(row: &Value) {
    let amount = fen(&row["det_item_fee_sumamt"]);
    let exact = |field: &str| Value::from(row[field].to_string());
    let count: Count = serde_json::from_value(exact("cnt")).expect("a quantity");
    let price: Price = serde_json::from_value(exact("pric")).expect("a price");
    assert_eq!(price.0.times(count.0), Some(Fen(amount)), "{row}");
    let parts = ["fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt"];
    assert_eq!(parts.iter().map(|part| fen(&row[part])).sum::<i64>(), amount, "{row}");
}
