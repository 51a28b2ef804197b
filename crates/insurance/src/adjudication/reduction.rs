//! 备案类型降比: how the terms on which care is settled lower benefit, in the five styles that places use.

use super::CannotAdjudicate;
use super::course::Course;
use super::explanation::words;
use crate::filing::Standing;
use crate::money::{Fen, Rate, round_half_up};
use crate::policy::{Reduction, Row};

/// The reduction that applies, with its row where a row says so.
pub(super) struct Terms<'a> {
    pub rule: Reduction,
    pub row: Option<&'a Row<Reduction>>,
}

impl Terms<'_> {
    /// What is left of a rate of the pool; the rate is already the local one, supplement included.
    pub fn reduce(&self, rate: Rate) -> Rate {
        match self.rule {
            Reduction::MinusPoints(points) => Rate(rate.0 - points.0).within_whole(),
            Reduction::Multiply(factor) => {
                let product = round_half_up(i128::from(rate.0) * i128::from(factor.0), 10_000);
                Rate(i32::try_from(product).expect("a rate within the whole"))
            }
            _ => rate,
        }
    }
}

pub(super) fn find<'a>(course: &mut Course<'a>) -> Result<Terms<'a>, CannotAdjudicate> {
    if course.query.standing == Standing::ReturnHome {
        come_home(course)?;
    }
    let as_at_home = matches!(course.query.standing, Standing::Home | Standing::LongTerm);
    let row = match course.find(&course.package.reduction)? {
        None if as_at_home => return Ok(Terms { rule: Reduction::None, row: None }),
        None => course.need(&course.package.reduction)?,
        Some(row) => row,
    };
    explain(course, row);
    if let Reduction::ExtraUpfront { as_level: Some(level), .. } = row.value {
        course.query.level = level;
    }
    Ok(Terms { rule: row.value, row: Some(row) })
}

fn come_home(course: &mut Course<'_>) -> Result<(), CannotAdjudicate> {
    let row = course.need(&course.package.return_home)?;
    let standing = row.value.0;
    course.query.standing = standing;
    let words = words!(
        "长期备案人员回参保地就医,按“{zh}”标准",
        "a long-term person back in the insured place is settled as: {en}",
        zh = standing.zh(),
        en = standing.en(),
    );
    course.explain("return_home", row.into(), &[], Fen::ZERO, words);
    Ok(())
}

fn explain<'a>(course: &mut Course<'a>, row: &'a Row<Reduction>) {
    let standing = course.query.standing;
    let (zh, en) = (standing.zh(), standing.en());
    let (inputs, words) = match row.value {
        // What changes nothing needs no step; the level of a later step says what applied.
        Reduction::None => return,
        // The extra share has a step of its own, with its amounts.
        Reduction::ExtraUpfront { .. } => return,
        Reduction::MinusPoints(points) => (
            vec![("points_bp", i64::from(points.0))],
            words!(
                "{zh}:统筹基金各段支付比例降低{lower}个百分点",
                "{en}: every rate of the pool is {lower} points lower",
                lower = points.points(),
            ),
        ),
        Reduction::Multiply(factor) => (
            vec![("factor_bp", i64::from(factor.0))],
            words!(
                "{zh}:统筹基金支付比例按原比例的{factor}计算",
                "{en}: every rate of the pool is multiplied by {factor}"
            ),
        ),
        Reduction::FixedRate { rate, deductible } => (
            vec![("rate_bp", i64::from(rate.0)), ("deductible_fen", deductible.0)],
            words!(
                "{zh}:固定支付比例{rate},起付标准{deductible}元",
                "{en}: one rate of {rate} and a deductible of {deductible} yuan"
            ),
        ),
        Reduction::BillDeductible { share, least, most, rate } => (
            vec![
                ("share_bp", i64::from(share.0)),
                ("least_fen", least.0),
                ("most_fen", most.0),
                ("rate_bp", i64::from(rate.0)),
            ],
            words!(
                "{zh}:起付标准为总费用的{share}(最低{least}元,最高{most}元),支付比例{rate}",
                "{en}: a deductible of {share} of the bill (from {least} to {most} yuan) and one rate of {rate}"
            ),
        ),
    };
    course.explain("reduction", row.into(), &inputs, Fen::ZERO, words);
}

/// Style (c): a share of the in-scope amount is the person's before anything else; what is left is in scope.
pub(super) fn pay_extra_upfront<'a>(course: &mut Course<'a>, terms: &Terms<'a>, in_scope: Fen) -> Fen {
    let (Reduction::ExtraUpfront { rate, .. }, Some(row)) = (terms.rule, terms.row) else { return in_scope };
    let extra = in_scope.share(rate);
    let words = words!(
        "{zh}:先由个人自付{rate},{in_scope} × {rate} = {extra}元",
        "{en}: the person first pays {rate}, {in_scope} x {rate} = {extra} yuan",
        zh = course.query.standing.zh(),
        en = course.query.standing.en(),
    );
    let inputs = [("in_scope_fen", in_scope.0), ("rate_bp", i64::from(rate.0))];
    course.explain("extra_upfront", row.into(), &inputs, extra, words);
    in_scope - extra
}
