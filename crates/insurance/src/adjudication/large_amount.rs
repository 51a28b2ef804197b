//! 大额医疗费用补助: pays of the in-scope amount that lies beyond the pool's cap.

use super::CannotAdjudicate;
use super::course::Course;
use super::explanation::words;
use crate::accumulators::Measure;
use crate::money::Fen;

pub(super) fn pay(course: &mut Course<'_>, beyond: Fen) -> Result<Fen, CannotAdjudicate> {
    if beyond.is_zero() {
        return Ok(Fen::ZERO);
    }
    let Some(row) = course.find(&course.package.large_amount)? else { return Ok(Fen::ZERO) };
    let rate = row.value.rate;
    let used = course.used.fen(&Measure::LargeAmount);
    let wanted = beyond.share(rate);
    let paid = row.value.cap.map_or(wanted, |cap| wanted.at_most((cap - used).not_below_zero()));
    course.accrued.add_fen(Measure::LargeAmount, paid);
    let mut inputs = vec![("beyond_fen", beyond.0), ("rate_bp", i64::from(rate.0)), ("used_fen", used.0)];
    inputs.extend(row.value.cap.map(|cap| ("cap_fen", cap.0)));
    let words = words!(
        "统筹限额以上费用{beyond}元 × {rate},大额补助支付{paid}元",
        "beyond the pool's cap: {beyond} yuan x {rate}, the large-amount supplement pays {paid} yuan",
    );
    course.explain("large_amount", row.into(), &inputs, paid, words);
    Ok(paid)
}
