//! Why a claim could not be split, in the words of a counter: both languages, whole clauses, names of the field.

use super::course::{level_en, level_zh};
use super::{Bilingual, CannotAdjudicate};
use crate::claim::Service;
use crate::money::Fen;
use crate::person::Insurance;

/// Who can cure it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The bill or its days, by the institution.
    Bill,
    /// What the insured place holds of the person.
    Person,
    /// The policy of the insured place.
    Policy,
}

impl CannotAdjudicate {
    /// What has to be cured.
    pub fn cause(&self) -> Cause {
        match self {
            CannotAdjudicate::BelowZero { field, .. } | CannotAdjudicate::TooLarge { field, .. } => {
                if field.starts_with("split.") { Cause::Bill } else { Cause::Person }
            }
            CannotAdjudicate::EndsBeforeItBegins { .. } => Cause::Bill,
            CannotAdjudicate::BornAfterTheCase { .. }
            | CannotAdjudicate::OtherInsurance { .. }
            | CannotAdjudicate::OtherClass { .. } => Cause::Person,
            CannotAdjudicate::NotKnown { .. } | CannotAdjudicate::NoValue { .. } => Cause::Policy,
        }
    }

    /// The reason, as a clause without its end mark.
    pub fn says(&self) -> Bilingual {
        let (zh, en) = match self {
            CannotAdjudicate::BelowZero { field, fen } => {
                let (zh, en) = amount(field);
                (format!("{zh}{}元,小于零", Fen(*fen)), format!("{en} of {} yuan is below zero", Fen(*fen)))
            }
            CannotAdjudicate::TooLarge { field, fen, largest } => {
                let ((zh, en), fen, largest) = (amount(field), Fen(*fen), Fen(*largest));
                (
                    format!("{zh}{fen}元,超过上限{largest}元"),
                    format!("{en} of {fen} yuan is above the largest that is taken, {largest} yuan"),
                )
            }
            CannotAdjudicate::EndsBeforeItBegins { begin, end } => (
                format!("就诊结束日期{end}早于开始日期{begin}"),
                format!("the care ends on {end}, before it begins on {begin}"),
            ),
            CannotAdjudicate::BornAfterTheCase { birth, end } => (
                format!("出生日期{birth}晚于就诊结束日期{end}"),
                format!("the birth on {birth} is after the end of the care on {end}"),
            ),
            CannotAdjudicate::OtherInsurance { .. } => (
                "险种与待遇政策的险种不一致".into(),
                "the insurance is not the one of the policy that was asked".into(),
            ),
            CannotAdjudicate::OtherClass { class, insurance } => (
                format!("人员类别“{}”不属于{}", class.zh(), insurance_zh(*insurance)),
                format!("the class \"{}\" does not occur among {}", class.en(), insurance_en(*insurance)),
            ),
            CannotAdjudicate::NotKnown { what, .. } => {
                let (zh, en) = table(what.table);
                let last_zh = what.last.map_or(String::new(), |last| format!(",止于{last}"));
                let last_en = what.last.map_or(String::new(), |last| format!(" and end on {last}"));
                (
                    format!("{}没有{zh}的规定,已知规定始于{}{last_zh}", what.day, what.first),
                    format!(
                        "no {en} is known for {}; the known values begin on {}{last_en}",
                        what.day, what.first
                    ),
                )
            }
            CannotAdjudicate::NoValue { table: name, insurance, service, level, class, standing, .. } => {
                let ((zh, en), (service_zh, service_en)) = (table(name), care(service));
                (
                    format!(
                        "没有文件规定{}({}){service_zh}、{}、{}的{zh}",
                        insurance_zh(*insurance),
                        class.zh(),
                        level_zh(*level),
                        standing.zh()
                    ),
                    format!(
                        "no document says a {en} for {} ({}), {service_en}, {}, {}",
                        insurance_en(*insurance),
                        class.en(),
                        level_en(*level),
                        standing.en()
                    ),
                )
            }
        };
        Bilingual { zh, en }
    }
}

fn amount(field: &str) -> (&'static str, &'static str) {
    match field {
        "split.own" => ("全自费金额", "the self-paid amount"),
        "split.over_ceiling" => ("超限价金额", "the amount above price ceilings"),
        "split.upfront" => ("先行自付金额", "the upfront amount"),
        "split.in_scope" => ("符合政策范围金额", "the in-scope amount"),
        "split.total" => ("医疗费总额", "the bill"),
        "wallet.own" => ("个人账户余额", "the balance of the personal account"),
        "wallet.family" => ("家庭共济额度", "the family quota"),
        _ => ("年度累计", "an accumulator of the year"),
    }
}

fn insurance_zh(insurance: Insurance) -> &'static str {
    match insurance {
        Insurance::Employee => "职工医保",
        Insurance::Resident => "居民医保",
    }
}

fn insurance_en(insurance: Insurance) -> &'static str {
    match insurance {
        Insurance::Employee => "employees",
        Insurance::Resident => "residents",
    }
}

fn care(service: &Service) -> (String, String) {
    match service {
        Service::Inpatient => ("住院".into(), "inpatient care".into()),
        Service::Outpatient => ("普通门诊".into(), "outpatient care".into()),
        Service::EmergencyOutpatient => ("急诊".into(), "emergency outpatient care".into()),
        Service::Chronic(disease) => {
            (format!("门诊慢特病({disease})"), format!("chronic outpatient care ({disease})"))
        }
    }
}

fn table(name: &str) -> (&'static str, &'static str) {
    match name {
        "deductible" => ("起付标准", "deductible"),
        "rates" => ("支付比例", "payment rate"),
        "reduction" => ("异地就医降低比例", "reduction for care elsewhere"),
        "return_home" => ("回参保地就医待遇", "rule for people who come home"),
        "pool_cap" => ("最高支付限额", "cap of the pool"),
        "large_amount" => ("大额补助", "large-amount supplement"),
        "second_layer" | "second_layer_needy" => ("大病保险或二次报销", "second layer"),
        "civil_servant" => ("公务员医疗补助", "civil-servant supplement"),
        "assistance" => ("医疗救助", "medical assistance"),
        "account" => ("个人账户使用范围", "use of the personal account"),
        "level_map" => ("医院级别对应", "level map"),
        "supplement" => ("年龄加成", "supplement by age"),
        _ => ("待遇", "value"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adjudication::desk::Desk;
    use crate::policy::Table;

    #[test]
    fn each_reason_is_told_in_both_languages_and_names_who_can_cure_it() {
        // case, cause, Chinese, English
        let table = [
            (
                "resident; scope -1",
                Cause::Bill,
                "符合政策范围金额-0.01元,小于零",
                "the in-scope amount of -0.01 yuan is below zero",
            ),
            ("resident; scope 100000001", Cause::Bill, "超过上限100000000.00元", "above the largest"),
            (
                "resident; begin 2026-03-12; scope 1",
                Cause::Bill,
                "就诊结束日期2026-03-11早于",
                "before it begins",
            ),
            (
                "resident; born 2027-01-01; scope 1",
                Cause::Person,
                "出生日期2027-01-01晚于",
                "the birth on 2027-01-01",
            ),
            (
                "resident; class active; scope 1",
                Cause::Person,
                "人员类别“在职职工”不属于居民医保",
                "\"active employee\" does not occur among residents",
            ),
            (
                "resident; end 2023-12-31; begin 2023-12-30; scope 1",
                Cause::Policy,
                "2023-12-31没有起付标准的规定,已知规定始于2024-01-01",
                "no deductible is known for 2023-12-31",
            ),
        ];
        for (case, cause, zh, en) in table {
            let mut desk = Desk::of(&case.replace("scope -1", "scope 0"));
            if case.contains("scope -1") {
                desk.claim.split.in_scope = Fen(-1);
            }
            let cannot = desk.answer().expect_err(case);
            assert_eq!(cannot.cause(), cause, "{case}");
            let says = cannot.says();
            assert!(says.zh.contains(zh), "{case}: {}", says.zh);
            assert!(says.en.contains(en), "{case}: {}", says.en);
        }
        let mut desk = Desk::of("chronic M03900; scope 1");
        desk.package.rates = Table::named("rates");
        let says = desk.answer().expect_err("no rates").says();
        assert_eq!(says.zh, "没有文件规定职工医保(在职职工)门诊慢特病(M03900)、三级医院、异地长期的支付比例");
    }
}
