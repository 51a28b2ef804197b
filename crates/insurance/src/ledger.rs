//! 基金账: accounts, entries, journals that sum to zero. A journal is never changed; a correction is a new one.

use crate::adjudication::Shares;
use crate::calendar::{Instant, ServiceDate};
use crate::identity::{BusinessKey, InstitutionCode, Province, Region};
use crate::money::Fen;
use crate::person::Insurance;
use std::fmt;

/// 基金: who pays, by the six-digit fund codes (`fund_pay_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Fund {
    /// 310100 职工基本医疗保险统筹基金
    EmployeePool,
    /// 310200 职工基本医疗保险个人账户
    PersonalAccount,
    /// 310201 个人账户共济
    FamilyAccount,
    /// 320100 公务员医疗补助
    CivilServant,
    /// 330100 大额医疗费用补助
    LargeAmount,
    /// 370100 企业补充医疗保险
    Enterprise,
    /// 390100 城乡居民基本医疗保险基金
    ResidentPool,
    /// 390200 城乡居民大病保险
    CriticalIllness,
    /// 610100 医疗救助
    Assistance,
}

impl Fund {
    /// The fund code.
    pub fn code(self) -> &'static str {
        match self {
            Fund::EmployeePool => "310100",
            Fund::PersonalAccount => "310200",
            Fund::FamilyAccount => "310201",
            Fund::CivilServant => "320100",
            Fund::LargeAmount => "330100",
            Fund::Enterprise => "370100",
            Fund::ResidentPool => "390100",
            Fund::CriticalIllness => "390200",
            Fund::Assistance => "610100",
        }
    }

    /// The fund with this code.
    pub fn of_code(code: &str) -> Option<Fund> {
        [
            Fund::EmployeePool,
            Fund::PersonalAccount,
            Fund::FamilyAccount,
            Fund::CivilServant,
            Fund::LargeAmount,
            Fund::Enterprise,
            Fund::ResidentPool,
            Fund::CriticalIllness,
            Fund::Assistance,
        ]
        .into_iter()
        .find(|fund| fund.code() == code)
    }

    /// Chinese name.
    pub fn zh(self) -> &'static str {
        match self {
            Fund::EmployeePool => "职工基本医疗保险统筹基金",
            Fund::PersonalAccount => "职工基本医疗保险个人账户",
            Fund::FamilyAccount => "个人账户家庭共济",
            Fund::CivilServant => "公务员医疗补助",
            Fund::LargeAmount => "大额医疗费用补助",
            Fund::Enterprise => "企业补充医疗保险",
            Fund::ResidentPool => "城乡居民基本医疗保险基金",
            Fund::CriticalIllness => "城乡居民大病保险",
            Fund::Assistance => "医疗救助",
        }
    }

    /// English name.
    pub fn en(self) -> &'static str {
        match self {
            Fund::EmployeePool => "employee pool",
            Fund::PersonalAccount => "personal account",
            Fund::FamilyAccount => "family-shared account",
            Fund::CivilServant => "civil-servant supplement",
            Fund::LargeAmount => "large-amount supplement",
            Fund::Enterprise => "enterprise supplement",
            Fund::ResidentPool => "resident pool",
            Fund::CriticalIllness => "resident critical-illness insurance",
            Fund::Assistance => "medical assistance",
        }
    }

    /// The fund under which the amount leaves the insured province: critical illness travels as 330100, everything
    /// else of this list keeps its code (one province's published practice).
    pub fn national(self) -> Fund {
        match self {
            Fund::CriticalIllness => Fund::LargeAmount,
            other => other,
        }
    }

    /// Whether the amount counts as paid by a fund, not by the person (identity I5).
    pub fn is_fund_payment(self) -> bool {
        !matches!(self, Fund::PersonalAccount | Fund::FamilyAccount)
    }
}

/// What each fund pays of these shares, nothing left out but cash; only amounts that are not zero.
pub fn fund_shares(insurance: Insurance, shares: &Shares) -> Vec<(Fund, Fen)> {
    let pool = match insurance {
        Insurance::Employee => Fund::EmployeePool,
        Insurance::Resident => Fund::ResidentPool,
    };
    let all = [
        (pool, shares.pool),
        (Fund::LargeAmount, shares.large_amount),
        (Fund::CriticalIllness, shares.critical_illness),
        (Fund::CivilServant, shares.civil_servant),
        (Fund::Enterprise, shares.enterprise),
        (Fund::Assistance, shares.assistance),
        (Fund::PersonalAccount, shares.account),
        (Fund::FamilyAccount, shares.family_account),
    ];
    all.into_iter().filter(|(_, amount)| !amount.is_zero()).collect()
}

/// An account of the books. Debits are above zero, credits below.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// Insured node: what a fund of a pool has paid for care (expense).
    FundExpense(Region, Fund),
    /// Insured node: what is owed to a treatment province for a fund (liability).
    OwedToProvince(Province, Fund),
    /// Treatment node: what an insured pool owes for a fund (asset).
    DueFromPool(Region, Fund),
    /// Treatment node, and the insured node for care at home: what is owed to an institution (liability).
    OwedToInstitution(InstitutionCode),
    /// Hub: what the treatment province is to receive from a pool for a fund (credit side).
    ClaimOfProvince(Province, Region, Fund),
    /// Hub: what the pool is to pay to a treatment province for a fund (debit side).
    DebtOfPool(Region, Province, Fund),
}

impl fmt::Display for Account {
    /// The account's number as the store keeps it: kind, parties, fund.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Account::FundExpense(pool, fund) => write!(f, "fund_expense/{pool}/{}", fund.code()),
            Account::OwedToProvince(province, fund) => {
                write!(f, "owed_to_province/{province}/{}", fund.code())
            }
            Account::DueFromPool(pool, fund) => write!(f, "due_from_pool/{pool}/{}", fund.code()),
            Account::OwedToInstitution(code) => write!(f, "owed_to_institution/{code}"),
            Account::ClaimOfProvince(province, pool, fund) => {
                write!(f, "claim_of_province/{province}/{pool}/{}", fund.code())
            }
            Account::DebtOfPool(pool, province, fund) => {
                write!(f, "debt_of_pool/{pool}/{province}/{}", fund.code())
            }
        }
    }
}

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The account.
    pub account: Account,
    /// Debit above zero, credit below.
    pub amount: Fen,
}

/// Why a journal was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum JournalKind {
    /// 结算
    Settlement,
    /// 撤销
    Reversal,
    /// 恢复: a reversal that was itself reversed
    Reinstatement,
    /// 更正: brings the books to what is on record, after a comparison
    Correction,
}

impl JournalKind {
    /// The word that the store keeps.
    pub fn code(self) -> &'static str {
        match self {
            JournalKind::Settlement => "settlement",
            JournalKind::Reversal => "reversal",
            JournalKind::Reinstatement => "reinstatement",
            JournalKind::Correction => "correction",
        }
    }

    /// The kind with this word.
    pub fn of_code(code: &str) -> Option<JournalKind> {
        [JournalKind::Settlement, JournalKind::Reversal, JournalKind::Reinstatement, JournalKind::Correction]
            .into_iter()
            .find(|kind| kind.code() == code)
    }
}

/// One balanced set of entries with both of its dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    /// The business act that it books.
    pub key: BusinessKey,
    /// Why.
    pub kind: JournalKind,
    /// The day of the act.
    pub happened: ServiceDate,
    /// When this node learnt of it.
    pub learned: Instant,
    /// The entries.
    pub entries: Vec<Entry>,
}

impl Journal {
    /// Whether debits equal credits.
    pub fn sums_to_zero(&self) -> bool {
        self.entries.iter().map(|entry| entry.amount).sum::<Fen>().is_zero()
    }
}

/// From whose side a settlement is booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Side {
    /// The insured pool, for care in another province.
    Insured {
        /// The pool that pays.
        pool: Region,
        /// The province it owes.
        treatment: Province,
    },
    /// The treatment province, for a person of another province.
    Treatment {
        /// The pool that owes.
        pool: Region,
        /// The institution that is owed.
        institution: InstitutionCode,
    },
    /// The hub, between both.
    Hub {
        /// The pool that owes.
        pool: Region,
        /// The province that claims.
        treatment: Province,
    },
    /// Care in the insured province: one set of books pays the institution.
    Home {
        /// The pool that pays.
        pool: Region,
        /// The institution that is owed.
        institution: InstitutionCode,
    },
}

/// The entries of one settlement from one side. `funds` holds what each fund pays (below zero for a reversal).
/// Across provinces the amounts stand under their national fund codes on all three sides, so that they compare.
pub fn entries(side: &Side, funds: &[(Fund, Fen)]) -> Vec<Entry> {
    let pair = |fund: Fund, amount: Fen| -> [(Account, Fen); 2] {
        match side.clone() {
            Side::Insured { pool, treatment } => [
                (Account::FundExpense(pool, fund), amount),
                (Account::OwedToProvince(treatment, fund.national()), -amount),
            ],
            Side::Treatment { pool, institution } => [
                (Account::DueFromPool(pool, fund.national()), amount),
                (Account::OwedToInstitution(institution), -amount),
            ],
            Side::Hub { pool, treatment } => [
                (Account::DebtOfPool(pool, treatment, fund.national()), amount),
                (Account::ClaimOfProvince(treatment, pool, fund.national()), -amount),
            ],
            Side::Home { pool, institution } => [
                (Account::FundExpense(pool, fund), amount),
                (Account::OwedToInstitution(institution), -amount),
            ],
        }
    };
    funds
        .iter()
        .filter(|(_, amount)| !amount.is_zero())
        .flat_map(|(fund, amount)| pair(*fund, *amount))
        .map(|(account, amount)| Entry { account, amount })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_of_one_settlement_balances_and_all_name_the_same_funds() {
        let shares = Shares {
            pool: Fen(2_376_000),
            critical_illness: Fen(1_034_400),
            cash: Fen(2_829_600),
            ..Shares::default()
        };
        let funds = fund_shares(Insurance::Resident, &shares);
        let pool = Region::new("220100").expect("a region");
        let treatment = Province::new("31").expect("a province");
        let institution = InstitutionCode::new("H31010190001").expect("a code");
        let sides = [
            Side::Insured { pool, treatment },
            Side::Treatment { pool, institution: institution.clone() },
            Side::Hub { pool, treatment },
            Side::Home { pool, institution },
        ];
        for side in sides {
            let journal = Journal {
                key: BusinessKey::new("k").expect("a key"),
                kind: JournalKind::Settlement,
                happened: "2026-05-01".parse().expect("a day"),
                learned: Instant(0),
                entries: entries(&side, &funds),
            };
            assert!(journal.sums_to_zero(), "{side:?}");
            let debits: Fen = journal.entries.iter().map(|entry| entry.amount.not_below_zero()).sum();
            assert_eq!(debits, shares.fund(), "{side:?}");
        }
    }
}
