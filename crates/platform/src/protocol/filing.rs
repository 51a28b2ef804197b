//! 2501, 5206, 5301: a referral filed, what is used, what is qualified.

use super::codes;
use super::values::{Amount, Day};
use crate::refusal::{Code, Refusal};
use crate::registry::ChronicQualification;
use insurance::accumulators::Accumulators;
use insurance::calendar::{PolicyYear, ServiceDate};
use insurance::identity::{FilingId, PersonNo};
use insurance::money::Fen;
use insurance::person::Insurance;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// 2501 `refmedin`
#[derive(Debug, Deserialize)]
pub struct Referral {
    /// 人员编号
    pub psn_no: PersonNo,
    /// 就医地行政区划
    pub mdtrtarea_admdvs: String,
    /// 转院类型: 3 is out of the province
    pub refl_type: String,
    /// 转院日期
    pub refl_date: Day,
    /// 开始日期
    pub begndate: Option<Day>,
    /// 结束日期
    pub enddate: Option<Day>,
}

impl OfPerson {
    /// The first day of the month that 5206 asks for, today where it asks for none.
    pub fn day(&self, today: ServiceDate) -> Result<ServiceDate, Refusal> {
        let Some(month) = &self.cum_ym else { return Ok(today) };
        let digits: String = month.chars().filter(char::is_ascii_digit).collect();
        let number = |part: Option<&str>| part.and_then(|part| part.parse().ok());
        let first =
            number(digits.get(..4)).zip(number(digits.get(4..6)).and_then(|month| i8::try_from(month).ok()));
        first.and_then(|(year, month)| ServiceDate::of(year, month, 1)).ok_or_else(|| {
            Refusal::new(Code::FieldInvalid)
                .with("infno", "5206")
                .with("node", "data")
                .with("field", "cum_ym")
                .with("label", "累计年月")
                .with("found", month)
                .with("expected", "yyyyMM")
        })
    }
}

/// The answer of 2501.
pub fn filed(filing: &FilingId) -> Value {
    json!({"result": {"trt_dcla_detl_sn": filing}})
}

/// `data` of 5206 and 5301.
#[derive(Debug, Deserialize)]
pub struct OfPerson {
    /// 人员编号
    pub psn_no: PersonNo,
    /// 累计年月 (5206)
    pub cum_ym: Option<String>,
}

/// The answer of 5206. Admissions are a count; everything else is an amount.
pub fn used(
    years: &[(Insurance, PolicyYear, Accumulators)],
    month: Option<&str>,
    today: ServiceDate,
) -> Value {
    let this_month = format!("{:04}{:02}", today.year(), today.month());
    let month = month.unwrap_or(&this_month);
    let mut rows = Vec::new();
    for (insurance, year, used) in years {
        let mut sums: BTreeMap<&'static str, Value> = BTreeMap::new();
        let mut totals: BTreeMap<&'static str, i64> = BTreeMap::new();
        for (measure, amount) in used.iter() {
            let code = codes::cumulative(&measure.code());
            let total = totals.entry(code).or_default();
            *total += amount;
            let value = if code == "IPT_CNT" { json!(*total) } else { json!(Amount(Fen(*total))) };
            sums.insert(code, value);
        }
        rows.extend(sums.into_iter().map(|(code, value)| {
            json!({
                "insutype": codes::insutype(*insurance),
                "year": year.to_string(),
                "cum_ym": month,
                "cum_type_code": code,
                "cum": value,
            })
        }));
    }
    json!({ "cuminfo": rows })
}

/// The answer of 5301; the node really is called `feedetail`.
pub fn qualifications(held: &[ChronicQualification]) -> Value {
    let rows: Vec<Value> = held
        .iter()
        .map(|held| {
            json!({
                "opsp_dise_code": held.disease,
                "opsp_dise_name": held.name,
                "begndate": Day(held.from),
                "enddate": held.until.map(Day),
            })
        })
        .collect();
    json!({ "feedetail": rows })
}
