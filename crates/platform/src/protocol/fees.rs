//! 2204, 2205, 2301, 2302, 5204: fee lines up, away, and shown.

use super::answer;
use super::values::{Amount, Count, Price, Ratio, Time};
use crate::records::{FeeLine, Visit, Written};
use insurance::catalogue::{Item, ItemClass, Limit};
use insurance::identity::{FeeLineNo, ItemCode, PersonNo, SettlementId, VisitId};
use insurance::money::UnitPrice;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// One row of `feedetail` of 2204 or 2301.
#[derive(Debug, Deserialize)]
pub struct FeeRow {
    /// 费用明细流水号
    pub feedetl_sn: FeeLineNo,
    /// 原费用流水号
    pub init_feedetl_sn: Option<FeeLineNo>,
    /// 就诊ID
    pub mdtrt_id: VisitId,
    /// 人员编号
    pub psn_no: PersonNo,
    /// 收费批次号
    pub chrg_bchno: Option<String>,
    /// 费用发生时间
    pub fee_ocur_time: Time,
    /// 医疗目录编码
    pub med_list_codg: ItemCode,
    /// 明细项目费用总额
    pub det_item_fee_sumamt: Amount,
    /// 数量
    pub cnt: Count,
    /// 单价
    pub pric: Price,
}

/// 2205 `data`
#[derive(Debug, Deserialize)]
pub struct BatchDelete {
    /// 就诊ID
    pub mdtrt_id: VisitId,
    /// 收费批次号; `0000` is every unsettled line
    pub chrg_bchno: String,
    /// 人员编号
    pub psn_no: PersonNo,
}

/// One row of `data` of 2302.
#[derive(Debug, Deserialize)]
pub struct LineDelete {
    /// 费用明细流水号; `0000` is every line of the visit
    pub feedetl_sn: FeeLineNo,
    /// 就诊ID
    pub mdtrt_id: VisitId,
    /// 人员编号
    pub psn_no: PersonNo,
}

/// 5204 `data`
#[derive(Debug, Deserialize)]
pub struct FeeQuery {
    /// 人员编号
    pub psn_no: PersonNo,
    /// 结算ID
    pub setl_id: Option<SettlementId>,
    /// 就诊ID
    pub mdtrt_id: VisitId,
}

/// The word that clears everything unsettled.
pub const EVERYTHING: &str = "0000";

/// The ceiling that stands for "no limit" in the tables.
const NO_CEILING: UnitPrice = UnitPrice(999_999_000_000);

fn class_code(class: ItemClass) -> &'static str {
    match class {
        ItemClass::A => "01",
        ItemClass::B => "02",
        ItemClass::C => "03",
    }
}

fn limit_words(limit: Limit) -> &'static str {
    match limit {
        Limit::InpatientOnly => "限住院使用 inpatient only",
        Limit::LevelTwoAndAbove => "限二级及以上医疗机构 level two and above",
        Limit::LevelThreeOnly => "限三级医疗机构 level three only",
        Limit::ChildrenOnly => "限儿童 children only",
        Limit::WomenOnly => "限女性 women only",
        Limit::MenOnly => "限男性 men only",
    }
}

/// What the split of one line looks like on the wire, in 2204, 2301 and 5204 alike.
fn split_fields(line: &FeeLine, item: Option<&Item>) -> Map<String, Value> {
    let limited = line.not_payable.map(|limit| format!("不符合支付范围,全自费: {}", limit_words(limit)));
    let fields = json!({
        "feedetl_sn": line.line,
        "det_item_fee_sumamt": Amount(line.total),
        "cnt": Count(line.quantity),
        "pric": Price(line.price),
        "pric_uplmt_amt": Price(line.ceiling.unwrap_or(NO_CEILING)),
        "selfpay_prop": Ratio(if line.class == ItemClass::C || line.not_payable.is_some() {
            insurance::money::Rate::WHOLE
        } else {
            line.upfront
        }),
        "fulamt_ownpay_amt": Amount(line.split.own),
        "overlmt_amt": Amount(line.split.over_ceiling),
        "preselfpay_amt": Amount(line.split.upfront),
        "inscp_scp_amt": Amount(line.split.in_scope),
        "chrgitm_lv": class_code(line.class),
        "med_chrgitm_type": item.map_or("14", |item| item.category.code()),
        "bas_medn_flag": flag(item, |item| item.basic),
        "hi_nego_drug_flag": flag(item, |item| item.negotiated),
        "chld_medc_flag": flag(item, |item| item.children),
        "list_sp_item_flag": "0",
        "lmt_used_flag": if line.not_payable.is_some() { "1" } else { "0" },
        "drt_reim_flag": "0",
        "memo": limited,
    });
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn flag(item: Option<&Item>, of: impl Fn(&Item) -> bool) -> &'static str {
    if item.is_some_and(of) { "1" } else { "0" }
}

/// The answer of 2204 and 2301.
pub fn split_rows<'a>(lines: impl Iterator<Item = (&'a FeeLine, Option<&'a Item>)>) -> Value {
    let rows: Vec<Value> = lines.map(|(line, item)| Value::Object(split_fields(line, item))).collect();
    json!({ "result": rows })
}

/// The answer of 5204: the bare list.
pub fn fee_rows<'a>(visit: &Visit, lines: impl Iterator<Item = (&'a FeeLine, Option<&'a Item>)>) -> Value {
    let rows: Vec<Value> = lines
        .map(|(line, item)| {
            let mut row = answer::echoed("5204", "output", &line.written);
            if let Some(number) = line.written.get("drord_no").or_else(|| line.written.get("rxno")) {
                row.insert("rx_drord_no".into(), number.clone().into());
            }
            let known = json!({
                "mdtrt_id": visit.id,
                "setl_id": line.settlement.as_ref().map_or("", |settlement| settlement.as_str()),
                "med_type": visit.med_type,
                "fee_ocur_time": Time(line.at),
                "hilist_code": line.item,
                "hilist_name": item.map_or("", |item| item.name.as_str()),
                "list_type": item.map(|item| item.kind.code()),
                "med_list_codg": line.item,
                "medins_list_name": item.map_or("", |item| item.name.as_str()),
                "prodname": item.map_or("", |item| item.name.as_str()),
                "spec": item.map_or("", |item| item.specification.as_str()),
                "dosform_name": item.map_or("", |item| item.dosage_form.as_str()),
            });
            if let Value::Object(known) = known {
                row.extend(known);
            }
            row.extend(split_fields(line, item));
            Value::Object(row)
        })
        .collect();
    Value::Array(rows)
}

/// What is kept of a fee row beside what decides.
pub fn keep(written: Written) -> Written {
    const KNOWN: [&str; 8] = [
        "feedetl_sn",
        "mdtrt_id",
        "psn_no",
        "fee_ocur_time",
        "med_list_codg",
        "det_item_fee_sumamt",
        "cnt",
        "pric",
    ];
    written.into_iter().filter(|(name, _)| !KNOWN.contains(&name.as_str())).collect()
}
