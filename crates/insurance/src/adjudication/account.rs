//! 个人账户: the own account pays first, then what the family has opened (共济), each within its scope of use.

use super::course::Course;
use super::explanation::words;
use super::{CannotAdjudicate, Shares};
use crate::money::Fen;
use crate::person::Wallet;

/// What the funds have left of the in-scope amount, and the extra upfront share of a reduction.
pub(super) struct Burden {
    /// Below zero where the second layer also paid for the upfront share.
    pub in_scope: Fen,
    pub extra_upfront: Fen,
}

pub(super) fn pay(
    course: &mut Course<'_>,
    wallet: Wallet,
    left: &Burden,
    shares: &mut Shares,
) -> Result<(), CannotAdjudicate> {
    if !course.claim.account_used || wallet == Wallet::default() {
        return Ok(());
    }
    let Some(row) = course.find(&course.package.account)? else { return Ok(()) };
    let (split, scope) = (course.claim.split, row.value);
    let part = |counts: bool, amount: Fen| if counts { amount } else { Fen::ZERO };
    let open = part(scope.in_scope, left.in_scope)
        + part(scope.upfront, split.upfront + left.extra_upfront)
        + part(scope.over_ceiling, split.over_ceiling)
        + part(scope.own, split.own);
    let payable = open.not_below_zero().at_most(split.total() - shares.fund());
    shares.account = wallet.own.at_most(payable);
    let inputs = [("payable_fen", payable.0), ("balance_fen", wallet.own.0)];
    let words = words!(
        "个人账户可支付{payable}元,余额{balance}元,支付{paid}元",
        "the account may pay {payable} yuan and holds {balance}: it pays {paid} yuan",
        balance = wallet.own,
        paid = shares.account,
    );
    course.explain("account", row.into(), &inputs, shares.account, words);
    if scope.family && !wallet.family.is_zero() {
        let rest = payable - shares.account;
        shares.family_account = wallet.family.at_most(rest);
        let inputs = [("payable_fen", rest.0), ("balance_fen", wallet.family.0)];
        let words = words!(
            "家庭共济可支付{rest}元,额度{balance}元,支付{paid}元",
            "the family's quota may pay {rest} yuan and holds {balance}: it pays {paid} yuan",
            balance = wallet.family,
            paid = shares.family_account,
        );
        course.explain("family_account", row.into(), &inputs, shares.family_account, words);
    }
    Ok(())
}
