//! 符合政策范围金额: the part of the bill that the policy is applied to, as the treatment place split it.

use super::course::{Course, Source};
use super::explanation::words;
use crate::money::Fen;

pub(super) fn take(course: &mut Course<'_>) -> Fen {
    let split = course.claim.split;
    let inputs = [
        ("total_fen", split.total().0),
        ("own_fen", split.own.0),
        ("over_ceiling_fen", split.over_ceiling.0),
        ("upfront_fen", split.upfront.0),
    ];
    let source =
        Source { document: "医保发〔2022〕22号 经办规程 第六条(就医地目录)", mark: "S" };
    let words = words!(
        "总费用{total}元,减全自费{own}元、超限价{over}元、先行自付{upfront}元,符合政策范围{scope}元",
        "of the fee of {total} yuan, {own} is self-paid, {over} above price ceilings and {upfront} upfront: \
         {scope} yuan are in scope",
        total = split.total(),
        own = split.own,
        over = split.over_ceiling,
        upfront = split.upfront,
        scope = split.in_scope,
    );
    course.explain("in_scope", source, &inputs, split.in_scope, words);
    split.in_scope
}
