//! The shapes of the values that an insured place decides. Each shape is one way in which documents speak.

use crate::claim::HospitalLevel;
use crate::filing::Standing;
use crate::money::{Fen, Rate};

/// 起付标准
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deductible {
    /// For each stay or visit: the first entry for the first admission of the year, and so on; the last repeats.
    PerCase {
        /// By number of admission: covers falling, halved, minus-with-floor and zero-from-the-third.
        amounts: Vec<Fen>,
        /// Charged again for each further period of so many days of one stay (广州: 90 days).
        again_after_days: Option<i32>,
    },
    /// Once a policy year, whatever the number of cases.
    PerYear(Fen),
    /// A share of the whole bill, between a least and a most amount.
    BillShare {
        /// The share.
        rate: Rate,
        /// Not less than this.
        least: Fen,
        /// Not more than this.
        most: Fen,
    },
}

/// What the borders of a ladder count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LadderBase {
    /// The in-scope amount of this case, the deductible included (the assumption of the worked examples).
    Case,
    /// The in-scope amount of this case after the deductible.
    CaseAfterDeductible,
    /// The in-scope amount of the policy year, the deductible included.
    Year,
}

/// One segment of a ladder: up to a border (the last has none), this rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The border, included; none on the last segment.
    pub to: Option<Fen>,
    /// What is paid of the amount in it.
    pub rate: Rate,
}

/// 分段支付比例
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// What the borders count.
    pub base: LadderBase,
    /// Rising borders, the last open.
    pub segments: Vec<Segment>,
}

/// 年龄增付: points added to every segment, up to a ceiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supplement {
    /// Points.
    pub points: Rate,
    /// The sum goes no higher.
    pub ceiling: Rate,
}

/// What counts against a cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Paid by the pool for stays.
    Inpatient,
    /// Paid by the pool for outpatient visits.
    Outpatient,
    /// Paid by the pool for the chronic disease of the case.
    Disease,
}

/// 年度最高支付限额 of the pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolCap {
    /// The cap; none where the document says that there is none.
    pub limit: Option<Fen>,
    /// What counts against it.
    pub counts: Vec<Counted>,
}

/// 大额医疗费用补助: pays of the in-scope amount that lies beyond the pool's cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LargeAmount {
    /// The rate.
    pub rate: Rate,
    /// The cap of the year, where there is one.
    pub cap: Option<Fen>,
}

/// 大病保险 of residents, second reimbursement of employees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondLayer {
    /// 起付线, counted over the policy year.
    pub start: Fen,
    /// Whether the borders count from the start line (else they count the whole burden of the year).
    pub borders_from_start: bool,
    /// Rising borders, the last open.
    pub segments: Vec<Segment>,
    /// The cap of the year, where there is one.
    pub cap: Option<Fen>,
    /// Whether the upfront share counts into the burden.
    pub counts_upfront: bool,
    /// Whether a percentage-point cut of the standing lowers these rates too.
    pub is_reduced: bool,
}

/// How the second layer leans towards people in need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeedyTerms {
    /// What is left of the start line.
    pub start: Rate,
    /// Points added to every segment.
    pub points: Rate,
    /// Whether the cap falls away.
    pub uncapped: bool,
}

/// 公务员医疗补助: a share of the in-scope burden that the layers before it leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CivilServant {
    /// The share.
    pub rate: Rate,
}

/// 医疗救助: a share of the in-scope burden that the layers before it leave, above a start line of the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assistance {
    /// Start line.
    pub start: Fen,
    /// The share.
    pub rate: Rate,
    /// The cap of the year, where there is one.
    pub cap: Option<Fen>,
}

/// 个人账户支付范围: which parts of the person's burden the account may pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountUse {
    /// The in-scope share, the deductible included.
    pub in_scope: bool,
    /// The upfront share.
    pub upfront: bool,
    /// What lies above price ceilings.
    pub over_ceiling: bool,
    /// Class C and what is not payable.
    pub own: bool,
    /// Whether the family's shared quota may follow the own account.
    pub family: bool,
}

/// How a standing lowers benefit: the five real styles, and none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// As at home.
    None,
    /// (a) minus so many points on every segment of the pool.
    MinusPoints(Rate),
    /// (b) every rate of the pool times this share.
    Multiply(Rate),
    /// (c) this share of the in-scope amount first, then the rule of this level.
    ExtraUpfront {
        /// The share the person pays first.
        rate: Rate,
        /// The level whose deductible and rates then apply.
        as_level: Option<HospitalLevel>,
    },
    /// (d) one rate in place of the ladder, with a deductible of its own.
    FixedRate {
        /// The rate.
        rate: Rate,
        /// The deductible of the case.
        deductible: Fen,
    },
    /// (e) a deductible as a share of the bill, and one rate in place of the ladder.
    BillDeductible {
        /// The share of the whole bill.
        share: Rate,
        /// Not less than this.
        least: Fen,
        /// Not more than this.
        most: Fen,
        /// The rate.
        rate: Rate,
    },
}

/// As which level a hospital counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountsAs(pub HospitalLevel);

/// On which terms a long-term person is settled who comes back to the insured place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReturnHome(pub Standing);
