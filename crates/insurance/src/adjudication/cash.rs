//! 现金: the remainder of the fee, so that the shares always add up.

use super::Shares;
use super::course::{Course, Source};
use super::explanation::words;

pub(super) fn take(course: &mut Course<'_>, shares: &mut Shares) {
    let total = course.claim.split.total();
    let (fund, accounts) = (shares.fund(), shares.account + shares.family_account);
    shares.cash = total - fund - accounts;
    assert!(shares.cash.0 >= 0, "funds and accounts paid more than the fee");
    let inputs = [("total_fen", total.0), ("fund_fen", fund.0), ("accounts_fen", accounts.0)];
    let source = Source { document: "个人现金支付为余数", mark: "P" };
    let words = words!(
        "总费用{total}元 − 基金{fund}元 − 账户{accounts}元 = 现金{cash}元",
        "fee {total} - funds {fund} - accounts {accounts} = {cash} yuan in cash",
        cash = shares.cash,
    );
    course.explain("cash", source, &inputs, shares.cash, words);
}
