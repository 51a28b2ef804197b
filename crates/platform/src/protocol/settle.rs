//! 2206, 2207, 2208, 2303, 2304, 2305, 2601, 5203: the bill, settled, taken back, shown.

use super::codes;
use super::values::{Amount, Day, Ratio, Time};
use crate::records::{SettlementRecord, Visit, VisitKind};
use crate::registry::Institution;
use insurance::adjudication::Adjudication;
use insurance::identity::{PersonNo, SettlementId, VisitId};
use insurance::ledger::Fund;
use insurance::money::Fen;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// `data` of 2206, 2207, 2303 and 2304.
#[derive(Debug, Deserialize)]
pub struct Settling {
    /// 人员编号
    pub psn_no: PersonNo,
    /// 就诊ID
    pub mdtrt_id: VisitId,
    /// 险种类型
    pub insutype: String,
    /// 医疗类别
    pub med_type: Option<String>,
    /// 医疗费总额
    pub medfee_sumamt: Amount,
    /// 收费批次号
    pub chrg_bchno: Option<String>,
    /// 个人账户使用标志
    pub acct_used_flag: Option<String>,
    /// 中途结算标志
    pub mid_setl_flag: Option<String>,
    /// 出院时间
    #[serde(rename = "dscgTime")]
    pub discharged: Option<Day>,
    /// 全自费金额, as the caller believes
    pub fulamt_ownpay_amt: Option<Amount>,
    /// 超限价金额
    pub overlmt_selfpay: Option<Amount>,
    /// 先行自付金额
    pub preselfpay_amt: Option<Amount>,
    /// 符合政策范围金额
    pub inscp_scp_amt: Option<Amount>,
}

/// `data` of 2208 and 2305.
#[derive(Debug, Deserialize)]
pub struct TakingBack {
    /// 结算ID
    pub setl_id: SettlementId,
    /// 就诊ID
    pub mdtrt_id: VisitId,
    /// 人员编号
    pub psn_no: PersonNo,
}

/// 2601 `data`
#[derive(Debug, Deserialize)]
pub struct Reversal {
    /// 人员编号
    pub psn_no: PersonNo,
    /// 原发送方报文ID
    pub omsgid: String,
    /// 原交易编号
    pub oinfno: String,
}

/// 5203 `data`
#[derive(Debug, Deserialize)]
pub struct SettlementQuery {
    /// 人员编号
    pub psn_no: PersonNo,
    /// 结算ID
    pub setl_id: SettlementId,
    /// 就诊ID
    pub mdtrt_id: Option<VisitId>,
}

/// Forwards, or backwards for a record that takes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// As settled.
    Plus,
    /// Times -1.
    Minus,
}

impl Sign {
    fn of(self, amount: Fen) -> Amount {
        Amount(match self {
            Sign::Plus => amount,
            Sign::Minus => -amount,
        })
    }
}

/// What one answer shows.
pub struct Shown<'a> {
    /// The visit.
    pub visit: &'a Visit,
    /// The institution.
    pub institution: &'a Institution,
    /// The record: of the settlement, or of its taking back.
    pub record: &'a SettlementRecord,
    /// What was adjudicated.
    pub adjudication: &'a Adjudication,
    /// What each fund pays, by local fund.
    pub funds: &'a [(Fund, Fen)],
    /// Own account after it.
    pub account: Fen,
    /// Forwards or backwards.
    pub sign: Sign,
}

/// The amounts that 2206, 2207, 2303, 2304, 2208, 2305 and 5203 have in common.
fn amounts(shown: &Shown<'_>) -> Map<String, Value> {
    let (split, shares, sign) = (&shown.adjudication.split, &shown.adjudication.shares, shown.sign);
    let amounts = json!({
        "medfee_sumamt": sign.of(split.total()),
        "fulamt_ownpay_amt": sign.of(split.own),
        "overlmt_selfpay": sign.of(split.over_ceiling),
        "preselfpay_amt": sign.of(split.upfront),
        "inscp_scp_amt": sign.of(split.in_scope),
        "act_pay_dedc": sign.of(shown.adjudication.deductible),
        "hifp_pay": sign.of(shares.pool),
        "pool_prop_selfpay": Ratio(shown.adjudication.pool_rate),
        "cvlserv_pay": sign.of(shares.civil_servant),
        "hifes_pay": sign.of(shares.enterprise),
        "hifmi_pay": sign.of(shares.critical_illness),
        "hifob_pay": sign.of(shares.large_amount),
        "maf_pay": sign.of(shares.assistance),
        "oth_pay": Amount(Fen::ZERO),
        "fund_pay_sumamt": sign.of(shares.fund()),
        "psn_part_amt": sign.of(shares.personal()),
        "acct_pay": sign.of(shares.account),
        "psn_cash_pay": sign.of(shares.cash),
        "hosp_part_amt": Amount(Fen::ZERO),
        "acct_mulaid_pay": sign.of(shares.family_account),
        "balc": Amount(shown.account),
    });
    object(amounts)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn person_fields(shown: &Shown<'_>) -> Map<String, Value> {
    let person = &shown.visit.person;
    let day = shown.record.settled.unwrap_or(shown.record.asked).day();
    object(json!({
        "mdtrt_id": shown.visit.id,
        "psn_no": person.person_no,
        "psn_name": person.name,
        "psn_cert_type": person.certificate_type,
        "certno": person.certificate_no,
        "gend": person.gender,
        "naty": person.ethnic_group,
        "brdy": Day(person.birth),
        "age": codes::age(person.birth, day),
        "insutype": codes::insutype(person.insurance),
        "psn_type": person.person_type,
        "cvlserv_flag": super::visit::flag(person.civil_servant),
        "med_type": shown.record.written.get("med_type").unwrap_or(&shown.visit.med_type),
        "mdtrt_cert_type": shown.record.written.get("mdtrt_cert_type"),
        "medins_setl_id": shown.record.msgid,
        "clr_type": clr_type(shown.visit),
    }))
}

fn clr_type(visit: &Visit) -> &'static str {
    match visit.kind {
        VisitKind::Outpatient => "11",
        VisitKind::Inpatient => "21",
    }
}

/// `setldetail`: what each fund pays, the accounts among them, with the steps that gave it.
fn fund_rows(shown: &Shown<'_>) -> Vec<Value> {
    let crosses = shown.visit.pool().province() != shown.institution.region.province();
    let mut rows: Vec<(&'static str, &'static str, Fen)> = Vec::new();
    for (fund, amount) in shown.funds {
        let fund = if crosses { fund.national() } else { *fund };
        match rows.iter_mut().find(|(code, _, _)| *code == fund.code()) {
            Some((_, _, sum)) => *sum += *amount,
            None => rows.push((fund.code(), fund.zh(), *amount)),
        }
    }
    if rows.is_empty() {
        let pool = match shown.visit.person.insurance {
            insurance::person::Insurance::Employee => Fund::EmployeePool,
            insurance::person::Insurance::Resident => Fund::ResidentPool,
        };
        rows.push((pool.code(), pool.zh(), Fen::ZERO));
    }
    let process: String = shown
        .adjudication
        .explanation
        .iter()
        .map(|step| step.says.zh.as_str())
        .collect::<Vec<_>>()
        .join(";")
        .chars()
        .take(4000)
        .collect();
    rows.into_iter()
        .enumerate()
        .map(|(place, (code, name, amount))| {
            json!({
                "fund_pay_type": code,
                "inscp_scp_amt": shown.sign.of(shown.adjudication.split.in_scope),
                "crt_payb_lmt_amt": Value::Null,
                "fund_payamt": shown.sign.of(amount),
                "fund_pay_type_name": name,
                "setl_proc_info": (place == 0).then_some(process.as_str()),
            })
        })
        .collect()
}

/// The answer of 2206 and 2303: no number, no time, nothing booked.
pub fn quoted(shown: &Shown<'_>) -> Value {
    let mut info = person_fields(shown);
    info.extend(amounts(shown));
    json!({"setlinfo": info, "setldetail": fund_rows(shown)})
}

/// The answer of 2207, 2304, 2208 and 2305.
pub fn settled(shown: &Shown<'_>) -> Value {
    let mut info = person_fields(shown);
    info.extend(amounts(shown));
    info.extend(object(json!({
        "setl_id": shown.record.id,
        "setl_time": shown.record.settled.map(Time),
        "clr_optins": shown.institution.region,
        "clr_way": "1",
    })));
    json!({"setlinfo": info, "setldetail": fund_rows(shown)})
}

/// The answer of 5203, with the names that this transaction has for the personal part.
pub fn settlement(shown: &Shown<'_>) -> Value {
    let mut info = person_fields(shown);
    let sums = amounts(shown);
    let rename = |name: &str| sums.get(name).cloned().unwrap_or(Value::Null);
    let (personal, cash) = (rename("psn_part_amt"), rename("psn_cash_pay"));
    const NOT_HERE: [&str; 3] = ["psn_part_amt", "psn_cash_pay", "hosp_part_amt"];
    info.extend(sums.into_iter().filter(|(name, _)| !NOT_HERE.contains(&name.as_str())));
    let visit = shown.visit;
    let settled = shown.record.settled.unwrap_or(shown.record.asked);
    info.extend(object(json!({
        "psn_pay": personal,
        "cash_payamt": cash,
        "setl_id": shown.record.id,
        "setl_time": Time(settled),
        "insu_optins": visit.pool(),
        "emp_name": visit.person.employer,
        "pay_loc": codes::pay_loc(visit.pool(), shown.institution.region),
        "fixmedins_code": shown.institution.code,
        "fixmedins_name": shown.institution.name,
        "hosp_lv": shown.institution.grade,
        "fixmedins_poolarea": crate::regions::pool_of(shown.institution.region).unwrap_or(shown.institution.region),
        "begndate": Day(visit.begin.day()),
        "enddate": Day(visit.end.unwrap_or(settled).day()),
        "clr_way": "1",
        "clr_optins": shown.institution.region,
        "refd_setl_flag": super::visit::flag(shown.sign == Sign::Minus),
        "year": shown.adjudication.policy_year.to_string(),
        "dise_codg": visit.written.get("dise_codg"),
        "dise_name": visit.written.get("dise_name"),
        "invono": shown.record.written.get("invono"),
        "opter_id": shown.record.written.get("opter"),
        "opter_name": shown.record.written.get("opter_name"),
        "opt_time": Time(settled),
    })));
    json!({"setlinfo": info, "setldetail": fund_rows(shown)})
}
