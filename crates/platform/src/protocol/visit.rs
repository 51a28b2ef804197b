//! 2201 to 2203, 2401 to 2405, 5201, 5303: registration, admission, discharge, and the queries that show them.

use super::answer;
use super::codes;
use super::values::{Day, Time};
use crate::records::{Visit, VisitKind, VisitState, Written};
use insurance::calendar::ServiceDate;
use insurance::identity::{PersonNo, VisitId};
use serde::Deserialize;
use serde_json::{Value, json};

/// 2201 `data`
#[derive(Debug, Deserialize)]
pub struct Registration {
    /// 人员编号
    pub psn_no: PersonNo,
    /// 险种类型
    pub insutype: String,
    /// 开始时间
    pub begntime: Time,
}

/// 2202, 2404, 2405 `data`
#[derive(Debug, Deserialize)]
pub struct VisitKey {
    /// 就诊ID
    pub mdtrt_id: VisitId,
    /// 人员编号
    pub psn_no: PersonNo,
}

/// 2203 `mdtrtinfo`
#[derive(Debug, Deserialize)]
pub struct OutpatientVisit {
    /// 就诊ID
    pub mdtrt_id: VisitId,
    /// 人员编号
    pub psn_no: PersonNo,
    /// 医疗类别
    pub med_type: String,
    /// 开始时间
    pub begntime: Time,
    /// 病种编码
    pub dise_codg: Option<String>,
    /// 外伤标志
    pub trum_flag: Option<String>,
    /// 涉及第三方标志
    pub rel_ttp_flag: Option<String>,
}

/// 2401 `mdtrtinfo`
#[derive(Debug, Deserialize)]
pub struct Admission {
    /// 人员编号
    pub psn_no: PersonNo,
    /// 险种类型
    pub insutype: String,
    /// 开始时间
    pub begntime: Time,
    /// 医疗类别
    pub med_type: String,
    /// 病种编码
    pub dise_codg: Option<String>,
    /// 外伤标志
    pub trum_flag: Option<String>,
    /// 涉及第三方标志
    pub rel_ttp_flag: Option<String>,
    /// 急诊标志
    pub er_flag: Option<String>,
    /// 门诊急诊转诊标志
    pub otp_er_refl_flag: Option<String>,
}

/// 2402 `dscginfo`
#[derive(Debug, Deserialize)]
pub struct Discharge {
    /// 就诊ID
    pub mdtrt_id: VisitId,
    /// 人员编号
    pub psn_no: PersonNo,
    /// 险种类型
    pub insutype: String,
    /// 结束时间
    pub endtime: Time,
}

/// 2403 `adminfo`
#[derive(Debug, Deserialize)]
pub struct AdmissionChange {
    /// 就诊ID
    pub mdtrt_id: VisitId,
    /// 人员编号
    pub psn_no: PersonNo,
    /// 开始时间
    pub begntime: Time,
    /// 医疗类别
    pub med_type: String,
    /// 病种编码
    pub dise_codg: Option<String>,
    /// 外伤标志
    pub trum_flag: Option<String>,
    /// 涉及第三方标志
    pub rel_ttp_flag: Option<String>,
}

/// The answer of 2201.
pub fn registered(visit: &Visit) -> Value {
    json!({"data": {
        "mdtrt_id": visit.id,
        "psn_no": visit.person.person_no,
        "ipt_otp_no": visit.written.get("ipt_otp_no"),
    }})
}

/// The answer of 2401.
pub fn admitted(visit: &Visit) -> Value {
    json!({"result": {"mdtrt_id": visit.id}})
}

/// 5201 `data`
#[derive(Debug, Deserialize)]
pub struct VisitQuery {
    /// 人员编号
    pub psn_no: PersonNo,
    /// 开始时间
    pub begntime: Time,
    /// 结束时间
    pub endtime: Time,
    /// 医疗类别
    pub med_type: String,
    /// 就诊ID
    pub mdtrt_id: Option<VisitId>,
}

/// The answer of 5201.
pub fn visits(found: &[Visit], today: ServiceDate) -> Value {
    json!({"mdtrtinfo": found.iter().map(|visit| visit_row(visit, today)).collect::<Vec<_>>()})
}

/// What the hospital wrote, under the platform's own knowledge of person and state.
fn visit_row(visit: &Visit, today: ServiceDate) -> Value {
    let mut row = answer::echoed("5201", "mdtrtinfo", &visit.written);
    if let Some(number) = visit.written.get("ipt_no") {
        row.insert("ipt_otp_no".into(), number.clone().into());
    }
    let person = &visit.person;
    // An outpatient visit ends as it begins; a stay has no end while it lasts.
    let end = visit.end.or((visit.kind == VisitKind::Outpatient).then_some(visit.begin));
    let in_hospital = visit.kind == VisitKind::Inpatient && visit.state == VisitState::Open;
    let known = json!({
        "mdtrt_id": visit.id,
        "psn_no": person.person_no,
        "psn_cert_type": person.certificate_type,
        "certno": person.certificate_no,
        "psn_name": person.name,
        "gend": person.gender,
        "naty": person.ethnic_group,
        "brdy": Day(person.birth),
        "age": codes::age(person.birth, today),
        "insutype": codes::insutype(person.insurance),
        "psn_type": person.person_type,
        "maf_psn_flag": flag(person.needy.is_some()),
        "cvlserv_flag": flag(person.civil_servant),
        "insu_optins": person.pool,
        "emp_name": person.employer,
        "begntime": Time(visit.begin),
        "endtime": end.map(Time),
        "med_type": visit.med_type,
        "ars_year_ipt_flag": flag(visit.end.is_some_and(|end| end.day().year() != visit.begin.day().year())),
        "inhosp_stas": flag(in_hospital),
        "ipt_days": (visit.kind == VisitKind::Inpatient).then(|| {
            let end = visit.end.map_or(today, |end| end.day());
            end.days_since(visit.begin.day()).max(1)
        }),
        "memo": (visit.state == VisitState::Cancelled).then_some("已撤销 cancelled"),
    });
    if let Value::Object(known) = known {
        row.extend(known);
    }
    Value::Object(row)
}

/// `1` or `0`.
pub fn flag(on: bool) -> &'static str {
    if on { "1" } else { "0" }
}

/// Whether a flag that came is set.
pub fn is_set(flag: Option<&String>) -> bool {
    flag.is_some_and(|flag| flag == "1")
}

/// 5303 `data`
#[derive(Debug, Deserialize)]
pub struct InHospitalQuery {
    /// 人员编号
    pub psn_no: Option<PersonNo>,
    /// 开始时间
    pub begntime: Time,
    /// 结束时间
    pub endtime: Time,
}

/// The answer of 5303.
pub fn in_hospital(found: &[Visit], today: ServiceDate, province: insurance::identity::Province) -> Value {
    let rows: Vec<Value> = found
        .iter()
        .map(|visit| {
            let person = &visit.person;
            json!({
                "mdtrt_id": visit.id,
                "psn_no": person.person_no,
                "psn_cert_type": person.certificate_type,
                "certno": person.certificate_no,
                "psn_name": person.name,
                "gend": person.gender,
                "brdy": Day(person.birth),
                "age": codes::age(person.birth, today),
                "insutype": codes::insutype(person.insurance),
                "begndate": Day(visit.begin.day()),
                "med_type": visit.med_type,
                "ipt_otp_no": visit.written.get("ipt_no").or_else(|| visit.written.get("ipt_otp_no")),
                "out_flag": flag(person.pool.province() != province),
            })
        })
        .collect();
    json!({ "data": rows })
}

/// What is kept of a node: every field as written, but for what the platform keeps itself.
pub fn keep(written: Written) -> Written {
    const KNOWN: [&str; 8] =
        ["mdtrt_id", "psn_no", "insutype", "begntime", "endtime", "med_type", "psn_name", "certno"];
    written.into_iter().filter(|(name, _)| !KNOWN.contains(&name.as_str())).collect()
}
