//! What is owed. Pure rules of basic medical insurance: no network, no SQL, no clock, no async, no float.
//!
//! The rooms stand in reading order, and a room uses only rooms above it.

/// 金额: fen, rates, prices, and rounding with a name.
pub mod money;
/// 日期: the day of care, the policy year, the instant of learning.
pub mod calendar;
/// 标识: one type for each identity, so that a hospital cannot stand where a person is meant.
pub mod identity;
/// 目录: what a treatment place covers, and how one fee line is split.
pub mod catalogue;
/// 人员: what the insured place knows of a person and what decides their benefit.
pub mod person;
/// 备案: who has registered to be treated elsewhere, from when to when.
pub mod filing;
/// 费用: what is brought to the counter of the insured place for one settlement.
pub mod claim;
/// 累计: what a person has used this policy year.
pub mod accumulators;
/// 待遇政策: dated values, each with its document and its mark of confidence.
pub mod policy;
/// 待遇资格: may this person settle here, now, and on which terms.
pub mod eligibility;
/// 待遇计算: one claim, one policy, what is used: the shares and the reason for each.
pub mod adjudication;
/// 基金账: accounts, entries, journals that sum to zero.
pub mod ledger;
/// 结算: the life of one settlement: states, events, one transition table.
pub mod settlement;
/// 对账: what differs between the offices, its type, and the repair.
pub mod reconciliation;
/// 对账单: what an institution has, beside what the agency has, line by line.
pub mod statement;
