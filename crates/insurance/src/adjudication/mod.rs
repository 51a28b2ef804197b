//! One claim, one policy, what is used this year: the shares, and the reason for each, in the order money is split.
//! Pure: the same claim, person, policy and accumulators always give the same shares.

mod account;
mod assistance;
mod cash;
mod civil_servant;
mod course;
mod deductible;
mod explanation;
mod in_scope;
mod large_amount;
mod pool_cap;
mod reduction;
mod refusal;
mod refusal_words;
mod second_layer;
mod segments;
mod supplement;

#[cfg(test)]
mod desk;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tables;

pub use refusal::CannotAdjudicate;
pub use refusal_words::Cause;

use crate::accumulators::Accumulators;
use crate::calendar::PolicyYear;
use crate::catalogue::Split;
use crate::claim::Claim;
use crate::money::{Fen, Rate};
use crate::person::{Person, Wallet};
use crate::policy::Package;
use course::Course;

/// Splits one claim between the funds and the person, by the package of the insured place and by what the
/// person has used this policy year.
///
/// # Errors
/// The claim is absurd, does not fit the package, or falls on a day for which no value is known.
pub fn adjudicate(
    package: &Package,
    person: &Person,
    wallet: Wallet,
    claim: &Claim,
    used: &Accumulators,
) -> Result<Adjudication, CannotAdjudicate> {
    refusal::refuse_the_absurd(package, person, wallet, claim, used)?;
    let mut course = Course::open(package, person, claim, used)?;

    let in_scope = in_scope::take(&mut course);
    let terms = reduction::find(&mut course)?;
    let scope = reduction::pay_extra_upfront(&mut course, &terms, in_scope);
    let deductible = deductible::take(&mut course, &terms, scope)?;
    let supplement = supplement::find(&mut course)?;
    let slices = segments::pay(&mut course, &terms, supplement, scope, deductible)?;
    let pool = pool_cap::hold(&mut course, &slices)?;
    course.count_case(scope, deductible, pool.paid);
    let large_amount = large_amount::pay(&mut course, pool.beyond)?;

    // From here on the layers pay of the in-scope burden that the layers before them leave.
    let mut burden = scope - pool.paid - large_amount;
    let second = second_layer::pay(&mut course, &terms, burden)?;
    burden -= second;
    let civil_servant = civil_servant::pay(&mut course, burden.not_below_zero())?;
    burden -= civil_servant;
    let assistance = assistance::pay(&mut course, burden.not_below_zero())?;
    burden -= assistance;

    let mut shares = Shares { pool: pool.paid, large_amount, civil_servant, assistance, ..Shares::default() };
    course.place_second_layer(&mut shares, second);
    let left = account::Burden { in_scope: burden, extra_upfront: in_scope - scope };
    account::pay(&mut course, wallet, &left, &mut shares)?;
    cash::take(&mut course, &mut shares);

    Ok(Adjudication {
        split: claim.split,
        deductible,
        pool_rate: pool_cap::rate_paid(&slices, &pool, scope - deductible),
        shares,
        accrued: course.accrued,
        policy_year: package.policy_year(claim.end),
        policy_version: package.version.clone(),
        explanation: course.steps,
    })
}

/// Who pays what of one settlement. Every amount is zero or above; together they are the fee.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Shares {
    /// 基本医疗保险统筹基金 (hifp_pay)
    #[cfg_attr(feature = "serde", serde(rename = "pool_fen"))]
    pub pool: Fen,
    /// 职工大额医疗费用补助 (hifob_pay)
    #[cfg_attr(feature = "serde", serde(rename = "large_amount_fen"))]
    pub large_amount: Fen,
    /// 居民大病保险 (hifmi_pay)
    #[cfg_attr(feature = "serde", serde(rename = "critical_illness_fen"))]
    pub critical_illness: Fen,
    /// 公务员医疗补助 (cvlserv_pay)
    #[cfg_attr(feature = "serde", serde(rename = "civil_servant_fen"))]
    pub civil_servant: Fen,
    /// 企业补充医疗保险 (hifes_pay)
    #[cfg_attr(feature = "serde", serde(rename = "enterprise_fen"))]
    pub enterprise: Fen,
    /// 医疗救助 (maf_pay)
    #[cfg_attr(feature = "serde", serde(rename = "assistance_fen"))]
    pub assistance: Fen,
    /// 个人账户 (acct_pay)
    #[cfg_attr(feature = "serde", serde(rename = "account_fen"))]
    pub account: Fen,
    /// 个人账户共济 (acct_mulaid_pay)
    #[cfg_attr(feature = "serde", serde(rename = "family_account_fen"))]
    pub family_account: Fen,
    /// 现金 (psn_cash_pay): the remainder
    #[cfg_attr(feature = "serde", serde(rename = "cash_fen"))]
    pub cash: Fen,
}

impl Shares {
    /// 基金支付总额 (fund_pay_sumamt): everything but the person's own accounts and cash.
    pub fn fund(&self) -> Fen {
        self.pool
            + self.large_amount
            + self.critical_illness
            + self.civil_servant
            + self.enterprise
            + self.assistance
    }

    /// 个人负担总金额 (psn_part_amt): accounts and cash.
    pub fn personal(&self) -> Fen {
        self.account + self.family_account + self.cash
    }

    /// The fee.
    pub fn total(&self) -> Fen {
        self.fund() + self.personal()
    }
}

/// The answer of adjudication.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Adjudication {
    /// The bill as it came.
    pub split: Split,
    /// 实际支付起付线 (act_pay_dedc): the part of the in-scope amount that the deductible took.
    pub deductible: Fen,
    /// 基本医疗保险统筹基金支付比例 (pool_prop_selfpay): what the pool paid of the in-scope amount after the
    /// deductible, in basis points, half up; the segment's own rate where one segment decided.
    pub pool_rate: Rate,
    /// Who pays what.
    pub shares: Shares,
    /// What this settlement adds to the person's accumulators.
    pub accrued: Accumulators,
    /// The year in which it counts.
    pub policy_year: PolicyYear,
    /// The policy package that decided, with its version.
    pub policy_version: String,
    /// Why, step by step.
    pub explanation: Vec<Step>,
}

/// A sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Bilingual {
    /// 中文
    pub zh: String,
    /// English
    pub en: String,
}

/// One step of the explanation: which rule of which document, with which values, gave which amount.
/// The steps alone are enough for an independent calculator to reach the same fen.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Step {
    /// The layer: `in_scope`, `deductible`, `segment`, `pool_cap`, `large_amount`, `second_layer`, `civil_servant`,
    /// `assistance`, `account`, `family_account`, `cash` ...
    pub layer: String,
    /// The document the value stands in: its number or title, as the policy package names it.
    pub document: String,
    /// The mark of confidence of the value: `S`, `S-`, `K`, `?`, `P` or `D`.
    pub mark: String,
    /// Named values that went in: fen, basis points and counts as whole numbers.
    pub inputs: Vec<(String, i64)>,
    /// What came out, in fen.
    #[cfg_attr(feature = "serde", serde(rename = "result_fen"))]
    pub result: Fen,
    /// The step in words.
    pub says: Bilingual,
}
