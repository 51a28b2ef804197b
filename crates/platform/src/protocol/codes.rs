//! Codes of the wire beside the words of the field: one table each way.

use insurance::calendar::ServiceDate;
use insurance::claim::Service;
use insurance::identity::DiseaseCode;
use insurance::person::{Insurance, Needy};

/// 险种类型
pub fn insutype(insurance: Insurance) -> &'static str {
    match insurance {
        Insurance::Employee => "310",
        Insurance::Resident => "390",
    }
}

/// The insurance of an `insutype`. 320, 330, 340 and 350 are attached to the employee insurance; 392 to the
/// resident insurance.
pub fn insurance_of(insutype: &str) -> Option<Insurance> {
    match insutype {
        "310" | "320" | "330" | "340" | "350" | "370" => Some(Insurance::Employee),
        "390" | "391" | "392" => Some(Insurance::Resident),
        _ => None,
    }
}

/// 医疗类别 that are settled directly as outpatient care, by their first two digits.
pub const OUTPATIENT_KINDS: [&str; 6] = ["11", "12", "13", "14", "16", "19"];
/// 医疗类别 that are settled directly as a stay. A kind only says how the hospital calls it (26 单病种, 28 日间手术,
/// 23 转外诊治, 27 自主就医): on which terms the stay is paid is decided by filing and policy.
pub const INPATIENT_KINDS: [&str; 8] = ["21", "22", "23", "24", "25", "26", "27", "28"];

/// The kinds of a stay in short: they have no gap, and `err_msg` has 200 characters.
pub fn inpatient_range() -> String {
    let [first, .., last] = INPATIENT_KINDS;
    format!("{first}-{last}")
}

/// What a 医疗类别 asks for: the kind of care, and whether the institution calls it an emergency.
/// `None` for kinds that are not open for direct settlement: drugs bought (15, 41, 93), maternity (51, 52, 53), which
/// another fund pays, long-term care (61), and what only one place knows (91, 92).
pub fn service_of(med_type: &str, disease: Option<&DiseaseCode>) -> Option<(Service, bool)> {
    let kind = med_type.get(..2)?;
    match kind {
        "13" => Some((Service::EmergencyOutpatient, true)),
        "14" => Some((Service::Chronic(disease.cloned()?), false)),
        kind if OUTPATIENT_KINDS.contains(&kind) => Some((Service::Outpatient, false)),
        kind if INPATIENT_KINDS.contains(&kind) => Some((Service::Inpatient, kind == "24")),
        _ => None,
    }
}

/// Whether a 医疗类别 is by itself an injury: 意外伤害门诊, 外伤住院.
pub fn is_injury(med_type: &str) -> bool {
    matches!(med_type.get(..2), Some("19" | "22"))
}

/// 人员身份类别 of a class of need (the national simplified list of special persons).
pub fn needy(needy: Needy) -> &'static str {
    match needy {
        Needy::LowIncome => "1",
        Needy::ExtremePoverty => "2",
        Needy::BackInPoverty => "3",
        Needy::NearLowIncome => "9",
    }
}

/// Chinese name of a class of need.
pub fn needy_zh(needy: Needy) -> &'static str {
    match needy {
        Needy::LowIncome => "低保对象",
        Needy::ExtremePoverty => "特困人员",
        Needy::BackInPoverty => "返贫致贫人口",
        Needy::NearLowIncome => "低保边缘家庭成员",
    }
}

/// 累计类别代码: the national dictionary is not published; these are this network's, explained on the page of 5206.
pub fn cumulative(measure_code: &str) -> &'static str {
    match measure_code.split(':').next().unwrap_or_default() {
        "admissions" => "IPT_CNT",
        "inpatient_deductible" => "IPT_DEDC",
        "inpatient_in_scope" => "IPT_INSCP",
        "inpatient_pool" => "IPT_POOL",
        "outpatient_deductible" => "OTP_DEDC",
        "outpatient_in_scope" => "OTP_INSCP",
        "outpatient_pool" => "OTP_POOL",
        "chronic_deductible" => "OPSP_DEDC",
        "chronic_pool" => "OPSP_POOL",
        "large_amount" => "HIFOB",
        "second_layer_base" => "CRT_BASE",
        "second_layer" => "CRT_PAY",
        "civil_servant" => "CVLSERV",
        "assistance" => "MAF",
        _ => "OTHER",
    }
}

/// 支付地点类别: local, elsewhere in the province, another province.
pub fn pay_loc(pool: insurance::identity::Region, place: insurance::identity::Region) -> &'static str {
    if pool.crosses_province_to(place) {
        "4"
    } else if pool.prefecture() == place.prefecture() || pool.province().is_one_pool() {
        "2"
    } else {
        "3"
    }
}

/// The age with one decimal that the tables want: completed years.
pub fn age(birth: ServiceDate, on: ServiceDate) -> u8 {
    on.age_of_born(birth)
}
