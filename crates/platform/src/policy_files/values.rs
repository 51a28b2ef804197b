//! The value of a row, one function a table; the keys are those of docs/policies.md.

use super::PolicyFault;
use super::fields::Fields;
use insurance::calendar::PolicyYearStart;
use insurance::money::Fen;
use insurance::policy::{
    AccountUse, Assistance, CivilServant, Counted, CountsAs, Deductible, Ladder, LadderBase, LargeAmount,
    NeedyTerms, PoolCap, Reduction, ReturnHome, SecondLayer, Segment, Supplement,
};
use toml::Value;

const LEVEL_WORDS: &str = "community, one, two, three, three_provincial";

pub(super) fn policy_year(fields: &mut Fields) -> Result<PolicyYearStart, PolicyFault> {
    fields.need_word("begins", "january or july")
}

pub(super) fn counts_as(fields: &mut Fields) -> Result<CountsAs, PolicyFault> {
    Ok(CountsAs(fields.need_word("counts_as", LEVEL_WORDS)?))
}

pub(super) fn return_home(fields: &mut Fields) -> Result<ReturnHome, PolicyFault> {
    Ok(ReturnHome(fields.need_word("as", "home, referral or other_temporary")?))
}

pub(super) fn reduction(fields: &mut Fields) -> Result<Reduction, PolicyFault> {
    const EXPECTED: &str = "none, minus_points, multiply, extra_upfront, fixed_rate, bill_deductible";
    let kind = fields.need_text("kind")?;
    Ok(match kind.as_str() {
        "none" => Reduction::None,
        "minus_points" => Reduction::MinusPoints(fields.need_rate("points")?),
        "multiply" => Reduction::Multiply(fields.need_rate("factor")?),
        "extra_upfront" => Reduction::ExtraUpfront {
            rate: fields.need_rate("rate")?,
            as_level: fields.list("as_level", LEVEL_WORDS)?.and_then(|levels| levels.into_iter().next()),
        },
        "fixed_rate" => Reduction::FixedRate {
            rate: fields.need_rate("rate")?,
            deductible: fields.need_money("deductible_fen")?,
        },
        "bill_deductible" => Reduction::BillDeductible {
            share: fields.need_rate("share")?,
            least: fields.need_money("least_fen")?,
            most: fields.need_money("most_fen")?,
            rate: fields.need_rate("rate")?,
        },
        other => return Err(fields.fault("kind", format!("found \"{other}\""), EXPECTED)),
    })
}

pub(super) fn deductible(fields: &mut Fields) -> Result<Deductible, PolicyFault> {
    let per = fields.need_text("per")?;
    Ok(match per.as_str() {
        "case" => Deductible::PerCase {
            amounts: amounts(fields)?,
            again_after_days: match fields.whole("again_after_days")? {
                None => None,
                Some(days) => Some(i32::try_from(days).map_err(|_| {
                    fields.fault("again_after_days", format!("found {days}"), "a number of days")
                })?),
            },
        },
        "year" => Deductible::PerYear(fields.need_money("fen")?),
        "bill" => Deductible::BillShare {
            rate: fields.need_rate("share")?,
            least: fields.need_money("least_fen")?,
            most: fields.need_money("most_fen")?,
        },
        other => return Err(fields.fault("per", format!("found \"{other}\""), "case, year or bill")),
    })
}

/// One amount, or a list by number of admission whose last entry repeats.
fn amounts(fields: &mut Fields) -> Result<Vec<Fen>, PolicyFault> {
    match fields.need("fen", "an amount in fen, or a list of them by admission")? {
        Value::Array(list) if !list.is_empty() => {
            list.iter().map(|one| fields.money_of("fen", one)).collect()
        }
        one => Ok(vec![fields.money_of("fen", &one)?]),
    }
}

pub(super) fn ladder(fields: &mut Fields) -> Result<Ladder, PolicyFault> {
    let base = match fields.text("counts")?.as_deref() {
        None | Some("case") => LadderBase::Case,
        Some("case_after_deductible") => LadderBase::CaseAfterDeductible,
        Some("year") => LadderBase::Year,
        Some(other) => {
            let expected = "case, case_after_deductible or year";
            return Err(fields.fault("counts", format!("found \"{other}\""), expected));
        }
    };
    let segments = match fields.optional("rate") {
        Some(rate) => vec![Segment { to: None, rate: fields.rate_of("rate", &rate)? }],
        None => segments(fields)?,
    };
    Ok(Ladder { base, segments })
}

fn segments(fields: &mut Fields) -> Result<Vec<Segment>, PolicyFault> {
    const EXPECTED: &str = "`rate`, or a list of { to_fen = .., rate = \"..%\" } whose last has no to_fen";
    let Value::Array(list) = fields.need("segments", EXPECTED)? else {
        return Err(fields.fault("segments", "it is not a list", EXPECTED));
    };
    let mut segments = Vec::new();
    for segment in list {
        let Value::Table(table) = segment else {
            return Err(fields.fault("segments", format!("found {segment}"), EXPECTED));
        };
        let mut inner = fields.with(table);
        segments.push(Segment { to: inner.money("to_fen")?, rate: inner.need_rate("rate")? });
        inner.finish()?;
    }
    Ok(segments)
}

pub(super) fn supplement(fields: &mut Fields) -> Result<Supplement, PolicyFault> {
    Ok(Supplement { points: fields.need_rate("points")?, ceiling: fields.need_rate("ceiling")? })
}

/// An amount under this key, or `unlimited = true`: silence is not the same as no limit.
fn limit(fields: &mut Fields, key: &str) -> Result<Option<Fen>, PolicyFault> {
    let amount = fields.money(key)?;
    match (amount, fields.flag("unlimited")?) {
        (Some(amount), None) => Ok(Some(amount)),
        (None, Some(true)) => Ok(None),
        _ => Err(fields.fault(key, "neither or both are given", "an amount in fen or `unlimited = true`")),
    }
}

pub(super) fn pool_cap(fields: &mut Fields) -> Result<PoolCap, PolicyFault> {
    const EXPECTED: &str = "inpatient, outpatient, disease";
    let limit = limit(fields, "fen")?;
    let words: Vec<String> = fields.list("counts", EXPECTED)?.unwrap_or_default();
    let read = |word: &String| match word.as_str() {
        "inpatient" => Ok(Counted::Inpatient),
        "outpatient" => Ok(Counted::Outpatient),
        "disease" => Ok(Counted::Disease),
        other => Err(fields.fault("counts", format!("found \"{other}\""), EXPECTED)),
    };
    Ok(PoolCap { limit, counts: words.iter().map(read).collect::<Result<_, _>>()? })
}

pub(super) fn large_amount(fields: &mut Fields) -> Result<LargeAmount, PolicyFault> {
    Ok(LargeAmount { rate: fields.need_rate("rate")?, cap: limit(fields, "cap_fen")? })
}

pub(super) fn second_layer(fields: &mut Fields) -> Result<SecondLayer, PolicyFault> {
    let borders = fields.need_text("borders")?;
    let borders_from_start = match borders.as_str() {
        "whole_burden" => false,
        "above_start" => true,
        other => {
            return Err(fields.fault("borders", format!("found \"{other}\""), "whole_burden or above_start"));
        }
    };
    Ok(SecondLayer {
        start: fields.need_money("start_fen")?,
        borders_from_start,
        segments: segments(fields)?,
        cap: limit(fields, "cap_fen")?,
        counts_upfront: fields.flag("counts_upfront")?.unwrap_or(false),
        is_reduced: fields.flag("reduced")?.unwrap_or(false),
    })
}

pub(super) fn needy(fields: &mut Fields) -> Result<NeedyTerms, PolicyFault> {
    Ok(NeedyTerms {
        start: fields.need_rate("start")?,
        points: fields.need_rate("points")?,
        uncapped: fields.flag("uncapped")?.unwrap_or(false),
    })
}

pub(super) fn civil_servant(fields: &mut Fields) -> Result<CivilServant, PolicyFault> {
    Ok(CivilServant { rate: fields.need_rate("rate")? })
}

pub(super) fn assistance(fields: &mut Fields) -> Result<Assistance, PolicyFault> {
    Ok(Assistance {
        start: fields.need_money("start_fen")?,
        rate: fields.need_rate("rate")?,
        cap: limit(fields, "cap_fen")?,
    })
}

pub(super) fn account(fields: &mut Fields) -> Result<AccountUse, PolicyFault> {
    const EXPECTED: &str = "in_scope, upfront, over_ceiling, own";
    let words: Vec<String> = fields.list("pays", EXPECTED)?.unwrap_or_default();
    if let Some(odd) = words.iter().find(|word| !EXPECTED.split(", ").any(|known| known == *word)) {
        return Err(fields.fault("pays", format!("found \"{odd}\""), EXPECTED));
    }
    let pays = |word: &str| words.iter().any(|found| found == word);
    Ok(AccountUse {
        in_scope: pays("in_scope"),
        upfront: pays("upfront"),
        over_ceiling: pays("over_ceiling"),
        own: pays("own"),
        family: fields.flag("family")?.unwrap_or(false),
    })
}
