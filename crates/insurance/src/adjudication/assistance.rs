//! 医疗救助: a share of the in-scope burden that every layer before it leaves, for people in need, above a start
//! line of the year.

use super::CannotAdjudicate;
use super::course::Course;
use super::explanation::words;
use crate::accumulators::Measure;
use crate::money::Fen;

pub(super) fn pay(course: &mut Course<'_>, burden: Fen) -> Result<Fen, CannotAdjudicate> {
    if course.person.needy.is_none() {
        return Ok(Fen::ZERO);
    }
    let Some(row) = course.find(&course.package.assistance)? else { return Ok(Fen::ZERO) };
    let (start, rate) = (row.value.start, row.value.rate);
    let before = course.used.fen(&Measure::AssistanceBase);
    let used = course.used.fen(&Measure::Assistance);
    let open = (before + burden).max(start) - before.max(start);
    let wanted = open.share(rate);
    let paid = row.value.cap.map_or(wanted, |cap| wanted.at_most((cap - used).not_below_zero()));
    course.accrued.add_fen(Measure::AssistanceBase, burden);
    course.accrued.add_fen(Measure::Assistance, paid);
    let mut inputs = vec![
        ("burden_fen", burden.0),
        ("before_fen", before.0),
        ("start_fen", start.0),
        ("open_fen", open.0),
        ("rate_bp", i64::from(rate.0)),
        ("used_fen", used.0),
    ];
    inputs.extend(row.value.cap.map(|cap| ("cap_fen", cap.0)));
    let words = words!(
        "医疗救助:起付线{start}元以上的政策范围内个人负担{open}元 × {rate},救助{paid}元",
        "medical assistance: in-scope burden above the start line of {start} yuan, {open} yuan x {rate}: {paid} yuan",
    );
    course.explain("assistance", row.into(), &inputs, paid, words);
    Ok(paid)
}
