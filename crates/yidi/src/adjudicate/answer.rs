//! The answer as it goes out: amounts in whole fen, rates in basis points, every step with its inputs.

use super::case::Case;
use insurance::accumulators::{Accumulators, Measure};
use insurance::adjudication::{Adjudication, Shares, Step};
use insurance::catalogue::Split;
use insurance::policy::Package;
use serde_json::{Map, Value, json};

pub fn to_json(package: &Package, case: &Case, adjudication: &Adjudication) -> Value {
    json!({
        "policy_version": adjudication.policy_version,
        "pool": { "region": package.pool.region, "zh": package.pool.zh, "en": package.pool.en },
        "insurance": package.insurance,
        "policy_year": adjudication.policy_year,
        "lines": case.lines.iter().map(split).collect::<Vec<_>>(),
        "split": split(&adjudication.split),
        "deductible_fen": adjudication.deductible,
        "pool_rate_bp": adjudication.pool_rate,
        "shares": shares(&adjudication.shares),
        "accrued": accrued(&adjudication.accrued),
        "explanation": adjudication.explanation.iter().map(step).collect::<Vec<_>>(),
    })
}

fn split(split: &Split) -> Value {
    json!({
        "own_fen": split.own,
        "over_ceiling_fen": split.over_ceiling,
        "upfront_fen": split.upfront,
        "in_scope_fen": split.in_scope,
        "total_fen": split.total(),
    })
}

fn shares(shares: &Shares) -> Value {
    json!({
        "pool_fen": shares.pool,
        "large_amount_fen": shares.large_amount,
        "critical_illness_fen": shares.critical_illness,
        "civil_servant_fen": shares.civil_servant,
        "enterprise_fen": shares.enterprise,
        "assistance_fen": shares.assistance,
        "account_fen": shares.account,
        "family_account_fen": shares.family_account,
        "cash_fen": shares.cash,
        "fund_fen": shares.fund(),
        "personal_fen": shares.personal(),
        "total_fen": shares.total(),
    })
}

fn accrued(accrued: &Accumulators) -> Value {
    accrued.iter().map(|(measure, amount)| (name(measure), Value::from(amount))).collect::<Map<_, _>>().into()
}

/// As in a case: `admissions` is a count, every other name ends in `_fen`, before the disease.
fn name(measure: &Measure) -> String {
    let code = measure.code();
    match code.split_once(':') {
        _ if *measure == Measure::Admissions => code,
        Some((kind, disease)) => format!("{kind}_fen:{disease}"),
        None => format!("{code}_fen"),
    }
}

fn step(step: &Step) -> Value {
    let inputs: Map<String, Value> =
        step.inputs.iter().map(|(name, value)| (name.clone(), Value::from(*value))).collect();
    json!({
        "layer": step.layer,
        "document": step.document,
        "mark": step.mark,
        "inputs": inputs,
        "result_fen": step.result,
        "says": { "zh": step.says.zh, "en": step.says.en },
    })
}
