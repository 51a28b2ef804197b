//! 大病保险 of residents, second reimbursement of employees: pays of the in-scope burden of the year above a
//! start line, segment by segment.

use super::CannotAdjudicate;
use super::course::{Course, Source};
use super::explanation::words;
use super::reduction::Terms;
use super::segments::cut;
use crate::accumulators::Measure;
use crate::money::{Fen, Rate};
use crate::policy::{NeedyTerms, Row, SecondLayer, Segment};

pub(super) fn pay(course: &mut Course<'_>, terms: &Terms<'_>, burden: Fen) -> Result<Fen, CannotAdjudicate> {
    let Some(row) = course.find(&course.package.second_layer)? else { return Ok(Fen::ZERO) };
    let upfront = if row.value.counts_upfront { course.claim.split.upfront } else { Fen::ZERO };
    let added = burden + upfront;
    let before = course.used.fen(&Measure::SecondLayerBase);
    course.accrued.add_fen(Measure::SecondLayerBase, added);

    let needy = lean(course, row)?;
    let start = needy.map_or(row.value.start, |needy| row.value.start.share(needy.start));
    explain_base(course, row.into(), before, added, start);

    let pieces = cut(&segments(&row.value, start), before.max(start), (before + added).max(start));
    let mut wanted = Fen::ZERO;
    for (from, to, policy_rate) in pieces {
        let raised = Rate(policy_rate.0 + needy.map_or(0, |needy| needy.points.0)).within_whole();
        let rate = if row.value.is_reduced { terms.reduce(raised) } else { raised };
        wanted += piece(course, row.into(), (from, to, policy_rate), rate);
    }
    let cap = row.value.cap.filter(|_| !needy.is_some_and(|needy| needy.uncapped));
    let paid = cap.map_or(wanted, |cap| hold(course, row.into(), wanted, cap));
    course.accrued.add_fen(Measure::SecondLayer, paid);
    Ok(paid)
}

fn segments(layer: &SecondLayer, start: Fen) -> Vec<Segment> {
    let shift = if layer.borders_from_start { start } else { Fen::ZERO };
    let shifted = |segment: &Segment| Segment { to: segment.to.map(|to| to + shift), rate: segment.rate };
    layer.segments.iter().map(shifted).collect()
}

fn lean(course: &mut Course<'_>, layer: &Row<SecondLayer>) -> Result<Option<NeedyTerms>, CannotAdjudicate> {
    if course.person.needy.is_none() {
        return Ok(None);
    }
    let Some(row) = course.find(&course.package.second_layer_needy)? else { return Ok(None) };
    let NeedyTerms { start, points, uncapped } = row.value;
    let line = layer.value.start.share(start);
    let inputs = [
        ("start_fen", layer.value.start.0),
        ("start_bp", i64::from(start.0)),
        ("points_bp", i64::from(points.0)),
        ("uncapped", i64::from(uncapped)),
    ];
    let words = words!(
        "{name_zh}困难群众倾斜:起付线按{start}计为{line}元,各段比例提高{higher}个百分点{cap_zh}",
        "{name_en}, person in need: {start} of the start line, {line} yuan, and every rate {higher} points higher{cap_en}",
        (name_zh, name_en) = course.second_layer_name(),
        higher = points.points(),
        cap_zh = if uncapped { ",取消封顶线" } else { "" },
        cap_en = if uncapped { ", no cap" } else { "" },
    );
    course.explain("second_layer_needy", row.into(), &inputs, line, words);
    Ok(Some(row.value))
}

fn explain_base(course: &mut Course<'_>, source: Source<'_>, before: Fen, added: Fen, start: Fen) {
    let above = ((before + added).max(start)) - before.max(start);
    let inputs = [("before_fen", before.0), ("added_fen", added.0), ("start_fen", start.0)];
    let words = words!(
        "{name_zh}:本年度政策范围内个人负担此前{before}元,本次{added}元;起付线{start}元以上{above}元",
        "{name_en}: in-scope burden of the year, {before} yuan before, {added} now; {above} lie above the start line \
         of {start} yuan",
        (name_zh, name_en) = course.second_layer_name(),
    );
    course.explain("second_layer_base", source, &inputs, above, words);
}

fn piece(course: &mut Course<'_>, source: Source<'_>, piece: (Fen, Fen, Rate), rate: Rate) -> Fen {
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
        "{name_zh}:{from}元至{to}元部分,{amount} × {rate} = {paid}元",
        "{name_en}: from {from} to {to} yuan, {amount} x {rate} = {paid} yuan",
        (name_zh, name_en) = course.second_layer_name(),
    );
    course.explain("second_layer", source, &inputs, paid, words);
    paid
}

fn hold(course: &mut Course<'_>, source: Source<'_>, wanted: Fen, cap: Fen) -> Fen {
    let used = course.used.fen(&Measure::SecondLayer);
    let paid = wanted.at_most((cap - used).not_below_zero());
    if paid < wanted {
        let inputs = [("wanted_fen", wanted.0), ("cap_fen", cap.0), ("used_fen", used.0)];
        let words = words!(
            "{name_zh}:年度封顶线{cap}元,已用{used}元:应付{wanted}元,实付{paid}元",
            "{name_en}: of a cap of {cap} yuan a year {used} are used: of {wanted} wanted, {paid} are paid",
            (name_zh, name_en) = course.second_layer_name(),
        );
        course.explain("second_layer_cap", source, &inputs, paid, words);
    }
    paid
}
