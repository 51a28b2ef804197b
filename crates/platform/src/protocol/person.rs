//! 1101, 1201, 2001, 9001, 9002: who, where, may they.

use super::codes;
use super::values::{Amount, Day, Time};
use crate::letters::{EligibilitySheet, PersonSheet};
use crate::refusal::Refusal;
use crate::registry::{EnrolmentStatus, Institution, InstitutionKind};
use insurance::calendar::{Instant, ServiceDate};
use insurance::identity::PersonNo;
use insurance::ledger::Fund;
use insurance::person::Insurance;
use serde::Deserialize;
use serde_json::{Value, json};

/// 9001 `signIn`
#[derive(Debug, Deserialize)]
pub struct SignIn {
    /// 操作员编号
    pub opter_no: String,
}

/// 9002 `signOut`
#[derive(Debug, Deserialize)]
pub struct SignOut {
    /// 签到编号
    pub sign_no: String,
}

/// The answer of 9001 (`signinoutb`) with its number.
pub fn signed_in(sign_no: &str, at: Instant) -> Value {
    json!({"signinoutb": {"sign_time": Time(at), "sign_no": sign_no}})
}

/// The answer of 9002.
pub fn signed_out(at: Instant) -> Value {
    json!({"signoutoutb": {"sign_time": Time(at)}})
}

/// 1101 `data`
#[derive(Debug, Deserialize)]
pub struct PersonQuery {
    /// 就诊凭证类型
    pub mdtrt_cert_type: Option<String>,
    /// 就诊凭证编号
    pub mdtrt_cert_no: Option<String>,
    /// 人员证件类型
    pub psn_cert_type: Option<String>,
    /// 证件号码
    pub certno: Option<String>,
    /// 人员姓名
    pub psn_name: Option<String>,
}

/// The answer of 1101.
pub fn person(sheet: &PersonSheet, today: ServiceDate) -> Value {
    let status = match sheet.status {
        EnrolmentStatus::Normal => "1",
        EnrolmentStatus::Suspended => "2",
        EnrolmentStatus::Ended => "4",
    };
    let needs: Vec<Value> = sheet
        .needy
        .iter()
        .map(|(needy, since)| {
            let since = since.unwrap_or(sheet.insured_since);
            json!({
                "psn_idet_type": codes::needy(*needy),
                "memo": codes::needy_zh(*needy),
                "begntime": format!("{since} 00:00:00"),
            })
        })
        .collect();
    json!({
        "baseinfo": {
            "psn_no": sheet.person_no,
            "psn_cert_type": sheet.certificate_type,
            "certno": sheet.certificate_no,
            "psn_name": sheet.name,
            "gend": sheet.gender,
            "naty": sheet.ethnic_group,
            "brdy": Day(sheet.birth),
            "age": codes::age(sheet.birth, today),
        },
        "insuinfo": [{
            "balc": Amount(sheet.account),
            "insutype": codes::insutype(sheet.insurance),
            "psn_type": sheet.person_type,
            "psn_insu_stas": status,
            "psn_insu_date": Day(sheet.insured_since),
            "paus_insu_date": sheet.suspended_on.map(Day),
            "cvlserv_flag": if sheet.civil_servant { "1" } else { "0" },
            "insuplc_admdvs": sheet.pool,
            "emp_name": sheet.employer,
        }],
        "idetinfo": needs,
    })
}

/// 1201 `medinsinfo`
#[derive(Debug, Deserialize)]
pub struct InstitutionQuery {
    /// 定点医疗服务机构类型
    pub fixmedins_type: String,
    /// 定点医药机构名称: part of it
    pub fixmedins_name: Option<String>,
    /// 定点医药机构编号
    pub fixmedins_code: Option<String>,
}

impl InstitutionQuery {
    /// Whether an institution answers the query.
    pub fn fits(&self, institution: &Institution) -> bool {
        self.fixmedins_type == institution_type(institution)
            && self.fixmedins_name.as_ref().is_none_or(|part| institution.name.contains(part.as_str()))
            && self.fixmedins_code.as_ref().is_none_or(|code| code == institution.code.as_str())
    }
}

fn institution_type(institution: &Institution) -> &'static str {
    match institution.kind {
        InstitutionKind::Pharmacy => "2",
        InstitutionKind::Hospital | InstitutionKind::Community => "1",
    }
}

/// The answer of 1201.
pub fn institutions<'a>(found: impl Iterator<Item = &'a Institution>) -> Value {
    let rows: Vec<Value> = found
        .map(|institution| {
            json!({
                "fixmedins_code": institution.code,
                "fixmedins_name": institution.name,
                "uscc": institution.credit_code,
                "fixmedins_type": institution_type(institution),
                "hosp_lv": institution.grade,
            })
        })
        .collect();
    json!({ "medinsinfo": rows })
}

/// 2001 `data`
#[derive(Debug, Deserialize)]
pub struct BenefitQuery {
    /// 人员编号
    pub psn_no: PersonNo,
    /// 险种类型
    pub insutype: String,
    /// 医疗类别
    pub med_type: String,
    /// 开始时间
    pub begntime: Time,
    /// 病种编码
    pub dise_codg: Option<String>,
}

/// The answer of 2001: one row for the pool and one for the layer above it; the reason where there is no benefit.
pub fn benefits(sheet: &EligibilitySheet) -> Value {
    let funds = match sheet.person.insurance {
        Insurance::Employee => [Fund::EmployeePool, Fund::LargeAmount],
        Insurance::Resident => [Fund::ResidentPool, Fund::CriticalIllness],
    };
    let (flag, reason) = match &sheet.standing {
        Ok(standing) => ("1", format!("{}:{}", standing.zh(), sheet.ground.zh)),
        Err(refusal) => ("0", Refusal::from(refusal.clone()).text()),
    };
    let rows: Vec<Value> = funds
        .iter()
        .map(|fund| {
            json!({
                "psn_no": sheet.person.person_no,
                "trt_chk_type": "1",
                "fund_pay_type": fund.code(),
                "trt_enjymnt_flag": flag,
                "begndate": Day(sheet.from),
                "enddate": sheet.until.map(Day),
                "trt_chk_rslt": reason,
            })
        })
        .collect();
    json!({ "trtinfo": rows })
}
