//! 公务员医疗补助: a share of the in-scope burden that pool, large-amount fund and second layer leave.

use super::CannotAdjudicate;
use super::course::Course;
use super::explanation::words;
use crate::accumulators::Measure;
use crate::money::Fen;

pub(super) fn pay(course: &mut Course<'_>, burden: Fen) -> Result<Fen, CannotAdjudicate> {
    if !course.person.civil_servant {
        return Ok(Fen::ZERO);
    }
    let Some(row) = course.find(&course.package.civil_servant)? else { return Ok(Fen::ZERO) };
    let rate = row.value.rate;
    let paid = burden.share(rate);
    course.accrued.add_fen(Measure::CivilServant, paid);
    let inputs = [("burden_fen", burden.0), ("rate_bp", i64::from(rate.0))];
    let words = words!(
        "公务员医疗补助:政策范围内个人负担{burden}元 × {rate} = {paid}元",
        "civil-servant supplement: in-scope burden {burden} yuan x {rate} = {paid} yuan",
    );
    course.explain("civil_servant", row.into(), &inputs, paid, words);
    Ok(paid)
}
