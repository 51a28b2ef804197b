//! 分段支付: the in-scope amount above the deductible, cut at the borders of the ladder, each piece at its rate.

use super::CannotAdjudicate;
use super::course::{Course, Source};
use super::explanation::words;
use super::reduction::Terms;
use super::supplement::raise;
use crate::money::{Fen, Rate};
use crate::policy::{Ladder, LadderBase, Reduction, Segment, Supplement};

/// A piece of the in-scope amount, and what the pool would pay of it were there no cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slice {
    pub amount: Fen,
    pub rate: Rate,
    pub paid: Fen,
}

/// Cuts the interval from `from` to `to` at the borders: pieces with a start, an end and the segment's rate.
pub(super) fn cut(segments: &[Segment], from: Fen, to: Fen) -> Vec<(Fen, Fen, Rate)> {
    let mut below = from;
    let mut pieces = Vec::new();
    for segment in segments {
        let above = segment.to.map_or(to, |border| border.min(to));
        if above > below {
            pieces.push((below, above, segment.rate));
            below = above;
        }
    }
    pieces
}

pub(super) fn pay(
    course: &mut Course<'_>,
    terms: &Terms<'_>,
    supplement: Option<Supplement>,
    scope: Fen,
    deductible: Fen,
) -> Result<Vec<Slice>, CannotAdjudicate> {
    // A fixed rate takes the place of the whole ladder, supplement included.
    if let (Reduction::FixedRate { rate, .. } | Reduction::BillDeductible { rate, .. }, Some(row)) =
        (terms.rule, terms.row)
    {
        let whole = [(deductible, scope, rate)];
        let pieces = whole.into_iter().filter(|(from, to, _)| to > from);
        return Ok(pieces.map(|piece| slice(course, row.into(), piece, piece.2)).collect());
    }
    let row = course.need(&course.package.rates)?;
    let (from, to) = interval(course, &row.value, scope, deductible);
    let pieces = cut(&row.value.segments, from, to);
    Ok(pieces
        .into_iter()
        .map(|piece| slice(course, row.into(), piece, terms.reduce(raise(piece.2, supplement))))
        .collect())
}

fn interval(course: &Course<'_>, ladder: &Ladder, scope: Fen, deductible: Fen) -> (Fen, Fen) {
    match ladder.base {
        LadderBase::Case => (deductible, scope),
        LadderBase::CaseAfterDeductible => (Fen::ZERO, scope - deductible),
        LadderBase::Year => {
            let before = course.measure_in_scope().map_or(Fen::ZERO, |measure| course.used.fen(&measure));
            (before + deductible, before + scope)
        }
    }
}

fn slice(course: &mut Course<'_>, source: Source<'_>, piece: (Fen, Fen, Rate), rate: Rate) -> Slice {
    let (from, to, policy_rate) = piece;
    let amount = to - from;
    let paid = amount.share(rate);
    let inputs = [
        ("from_fen", from.0),
        ("to_fen", to.0),
        ("amount_fen", amount.0),
        ("policy_rate_bp", i64::from(policy_rate.0)),
        ("rate_bp", i64::from(rate.0)),
    ];
    let words = words!(
        "{from}元至{to}元:{amount} × {rate} = {paid}元(政策比例{policy_rate})",
        "from {from} to {to} yuan: {amount} x {rate} = {paid} yuan (policy rate {policy_rate})",
    );
    course.explain("segment", source, &inputs, paid, words);
    Slice { amount, rate, paid }
}
