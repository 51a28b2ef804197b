//! 统筹基金最高支付限额: what the pool pays of the segments before its cap of the year is reached, and the
//! in-scope amount that lies beyond.

use super::CannotAdjudicate;
use super::course::Course;
use super::explanation::words;
use super::segments::Slice;
use crate::accumulators::Measure;
use crate::claim::Service;
use crate::money::{Fen, Rate, round_half_up};
use crate::policy::{Counted, PoolCap};

/// What the pool pays, and the in-scope amount beyond its cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pool {
    pub paid: Fen,
    pub beyond: Fen,
}

pub(super) fn hold(course: &mut Course<'_>, slices: &[Slice]) -> Result<Pool, CannotAdjudicate> {
    let row = course.need(&course.package.pool_cap)?;
    let wanted: Fen = slices.iter().map(|slice| slice.paid).sum();
    let Some(limit) = row.value.limit else {
        let words =
            words!("统筹基金支付{wanted}元,不设最高支付限额", "the pool pays {wanted} yuan; there is no cap");
        course.explain("pool_cap", row.into(), &[("wanted_fen", wanted.0)], wanted, words);
        return Ok(Pool { paid: wanted, beyond: Fen::ZERO });
    };
    let used = counted(course, &row.value);
    let room = (limit - used).not_below_zero();
    let pool = Pool { paid: wanted.at_most(room), beyond: beyond(slices, room) };
    let Pool { paid, beyond } = pool;
    let inputs =
        [("wanted_fen", wanted.0), ("cap_fen", limit.0), ("used_fen", used.0), ("beyond_fen", beyond.0)];
    let words = words!(
        "年度最高支付限额{limit}元,已用{used}元:应付{wanted}元,实付{paid}元,限额以上费用{beyond}元",
        "of a cap of {limit} yuan a year {used} are used: of {wanted} wanted the pool pays {paid}; \
         {beyond} yuan of the in-scope amount lie beyond",
    );
    course.explain("pool_cap", row.into(), &inputs, paid, words);
    Ok(pool)
}

fn counted(course: &Course<'_>, cap: &PoolCap) -> Fen {
    let fen = |counted: &Counted| match (counted, &course.claim.service) {
        (Counted::Inpatient, _) => course.used.fen(&Measure::InpatientPool),
        (Counted::Outpatient, _) => course.used.fen(&Measure::OutpatientPool),
        (Counted::Disease, Service::Chronic(disease)) => {
            course.used.fen(&Measure::ChronicPool(disease.clone()))
        }
        (Counted::Disease, _) => Fen::ZERO,
    };
    cap.counts.iter().map(fen).sum()
}

/// The in-scope amount beyond the cap. In the segment in which the cap is reached, the amount that the room
/// still covers is room / rate, rounded half up to the fen; the segments after it lie beyond as a whole.
fn beyond(slices: &[Slice], room: Fen) -> Fen {
    let mut left = room;
    let mut beyond = Fen::ZERO;
    for slice in slices {
        if slice.paid <= left {
            left -= slice.paid;
            continue;
        }
        let covered = round_half_up(i128::from(left.0) * 10_000, i128::from(slice.rate.0));
        beyond += (slice.amount - Fen(covered)).not_below_zero();
        left = Fen::ZERO;
    }
    beyond
}

/// 统筹基金支付比例: the segment's own rate where one segment decided, else what was paid of what was open.
pub(super) fn rate_paid(slices: &[Slice], pool: &Pool, open: Fen) -> Rate {
    match slices {
        [] => Rate::NONE,
        [one] if one.paid == pool.paid => one.rate,
        _ => {
            let rate = round_half_up(i128::from(pool.paid.0) * 10_000, i128::from(open.0.max(1)));
            Rate(i32::try_from(rate).expect("the pool pays no more than is open"))
        }
    }
}
