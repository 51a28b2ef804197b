//! 起付标准: the part of the in-scope amount that the person bears before the pool pays.

use super::CannotAdjudicate;
use super::course::Course;
use super::explanation::words;
use super::reduction::Terms;
use crate::accumulators::Measure;
use crate::claim::Service;
use crate::money::{Fen, Rate};
use crate::policy::{Deductible, Reduction};

pub(super) fn take(course: &mut Course<'_>, terms: &Terms<'_>, scope: Fen) -> Result<Fen, CannotAdjudicate> {
    match (terms.rule, terms.row) {
        (Reduction::FixedRate { deductible, .. }, Some(row)) => {
            let taken = scope.at_most(deductible);
            let words = words!(
                "起付标准{deductible}元,本次计入{taken}元",
                "deductible {deductible} yuan, taken {taken} yuan"
            );
            let inputs = [("amount_fen", deductible.0), ("scope_fen", scope.0)];
            course.explain("deductible", row.into(), &inputs, taken, words);
            return Ok(taken);
        }
        (Reduction::BillDeductible { share, least, most, .. }, Some(row)) => {
            return Ok(share_of_bill(course, row.into(), (share, least, most), scope));
        }
        _ => {}
    }
    let row = course.need(&course.package.deductible)?;
    Ok(match &row.value {
        Deductible::PerCase { amounts, again_after_days } => {
            per_case(course, row.into(), amounts, *again_after_days, scope)
        }
        Deductible::PerYear(amount) => per_year(course, row.into(), *amount, scope),
        Deductible::BillShare { rate, least, most } => {
            share_of_bill(course, row.into(), (*rate, *least, *most), scope)
        }
    })
}

fn per_case(
    course: &mut Course<'_>,
    source: super::course::Source<'_>,
    amounts: &[Fen],
    again_after_days: Option<i32>,
    scope: Fen,
) -> Fen {
    // Only stays are numbered: a visit always meets the first amount.
    let number = match course.claim.service {
        Service::Inpatient => course.used.count(&Measure::Admissions) + 1,
        _ => 1,
    };
    let last = amounts.len() - 1;
    let amount = amounts[usize::try_from(number - 1).unwrap_or(last).min(last)];
    let days = course.claim.end.days_since(course.claim.begin).max(1);
    let periods = again_after_days.map_or(1, |period| 1 + (days - 1) / period);
    let due = Fen(amount.0 * i64::from(periods));
    let taken = scope.at_most(due);
    let inputs = [
        ("number", number),
        ("amount_fen", amount.0),
        ("periods", i64::from(periods)),
        ("scope_fen", scope.0),
    ];
    let times = if periods > 1 { format!(" × {periods}") } else { String::new() };
    let words = match course.claim.service {
        Service::Inpatient => words!(
            "本年度第{number}次住院,起付标准{amount}元{times},本次计入{taken}元",
            "stay number {number} of the year: a deductible of {amount} yuan{times}, taken {taken} yuan",
        ),
        _ => words!(
            "每次就诊起付标准{amount}元,本次计入{taken}元",
            "a deductible of {amount} yuan a visit, taken {taken} yuan",
        ),
    };
    course.explain("deductible", source, &inputs, taken, words);
    taken
}

fn per_year(course: &mut Course<'_>, source: super::course::Source<'_>, amount: Fen, scope: Fen) -> Fen {
    let used = course.used.fen(&course.measure_deductible());
    let remaining = (amount - used).not_below_zero();
    let taken = scope.at_most(remaining);
    let inputs = [("amount_fen", amount.0), ("used_fen", used.0), ("scope_fen", scope.0)];
    let words = words!(
        "年度起付标准{amount}元,已计{used}元,本次计入{taken}元",
        "a deductible of {amount} yuan a year, {used} used before, taken {taken} yuan",
    );
    course.explain("deductible", source, &inputs, taken, words);
    taken
}

fn share_of_bill(
    course: &mut Course<'_>,
    source: super::course::Source<'_>,
    (rate, least, most): (Rate, Fen, Fen),
    scope: Fen,
) -> Fen {
    let total = course.claim.split.total();
    let due = total.share(rate).clamp(least, most);
    let taken = scope.at_most(due);
    let inputs = [
        ("total_fen", total.0),
        ("rate_bp", i64::from(rate.0)),
        ("least_fen", least.0),
        ("most_fen", most.0),
        ("scope_fen", scope.0),
    ];
    let words = words!(
        "起付标准为总费用{total}元的{rate}(最低{least}元,最高{most}元),本次计入{taken}元",
        "a deductible of {rate} of the bill of {total} yuan (from {least} to {most}), taken {taken} yuan",
    );
    course.explain("deductible", source, &inputs, taken, words);
    taken
}
