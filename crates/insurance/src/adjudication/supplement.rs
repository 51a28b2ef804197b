//! 年龄增付: points that older people get on every segment of the pool.

use super::CannotAdjudicate;
use super::course::Course;
use super::explanation::words;
use crate::money::{Fen, Rate};
use crate::policy::Supplement;

pub(super) fn find(course: &mut Course<'_>) -> Result<Option<Supplement>, CannotAdjudicate> {
    let Some(row) = course.find(&course.package.supplement)? else { return Ok(None) };
    let Supplement { points, ceiling } = row.value;
    let age = course.query.age;
    let inputs =
        [("age", i64::from(age)), ("points_bp", i64::from(points.0)), ("ceiling_bp", i64::from(ceiling.0))];
    let words = words!(
        "年满{age}周岁,各段支付比例提高{higher}个百分点,最高{ceiling}",
        "aged {age}: every rate of the pool is {higher} points higher, up to {ceiling}",
        higher = points.points(),
    );
    course.explain("supplement", row.into(), &inputs, Fen::ZERO, words);
    Ok(Some(row.value))
}

/// The rate with the supplement. The ceiling holds the sum, it never lowers the segment's own rate.
pub(super) fn raise(rate: Rate, supplement: Option<Supplement>) -> Rate {
    match supplement {
        Some(Supplement { points, ceiling }) => Rate(rate.0 + points.0).min(ceiling).max(rate),
        None => rate,
    }
}
