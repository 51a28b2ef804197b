//! 备案: a person's registration to be treated in another province: its category, places and days.
//! Rule: the national procedure of 2022 (医保发〔2022〕22号), articles 7 to 16.

use crate::calendar::{Instant, ServiceDate};
use crate::identity::{FilingId, Region};

/// The six categories of article 7. The wire codes are this network's choice: the official ones are not published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum FilingCategory {
    /// 11 异地安置退休人员
    ResettledRetired,
    /// 12 异地长期居住人员
    LongTermResident,
    /// 13 常驻异地工作人员
    PermanentWorker,
    /// 21 异地转诊人员
    Referral,
    /// 22 异地急诊抢救人员
    Emergency,
    /// 23 其他跨省临时外出就医人员
    OtherTemporary,
}

impl FilingCategory {
    /// All six, in the order of the procedure.
    pub const ALL: [FilingCategory; 6] = [
        FilingCategory::ResettledRetired,
        FilingCategory::LongTermResident,
        FilingCategory::PermanentWorker,
        FilingCategory::Referral,
        FilingCategory::Emergency,
        FilingCategory::OtherTemporary,
    ];

    /// The two-digit code of this network.
    pub fn code(self) -> &'static str {
        match self {
            FilingCategory::ResettledRetired => "11",
            FilingCategory::LongTermResident => "12",
            FilingCategory::PermanentWorker => "13",
            FilingCategory::Referral => "21",
            FilingCategory::Emergency => "22",
            FilingCategory::OtherTemporary => "23",
        }
    }

    /// The category with this code.
    pub fn of_code(code: &str) -> Option<FilingCategory> {
        FilingCategory::ALL.into_iter().find(|category| category.code() == code)
    }

    /// Chinese name.
    pub fn zh(self) -> &'static str {
        match self {
            FilingCategory::ResettledRetired => "异地安置退休人员",
            FilingCategory::LongTermResident => "异地长期居住人员",
            FilingCategory::PermanentWorker => "常驻异地工作人员",
            FilingCategory::Referral => "异地转诊人员",
            FilingCategory::Emergency => "异地急诊抢救人员",
            FilingCategory::OtherTemporary => "其他跨省临时外出就医人员",
        }
    }

    /// English name.
    pub fn en(self) -> &'static str {
        match self {
            FilingCategory::ResettledRetired => "resettled after retirement",
            FilingCategory::LongTermResident => "long-term resident elsewhere",
            FilingCategory::PermanentWorker => "permanently working elsewhere",
            FilingCategory::Referral => "referred to another province",
            FilingCategory::Emergency => "emergency in another province",
            FilingCategory::OtherTemporary => "other temporary care elsewhere",
        }
    }

    /// Whether the category is one of the three long-term ones.
    pub fn is_long_term(self) -> bool {
        self < FilingCategory::Referral
    }

    /// The terms that an effective filing of this category gives in its place.
    pub fn standing(self) -> Standing {
        match self {
            FilingCategory::Referral => Standing::Referral,
            FilingCategory::Emergency => Standing::Emergency,
            FilingCategory::OtherTemporary => Standing::OtherTemporary,
            _ => Standing::LongTerm,
        }
    }
}

/// The terms on which care is settled: the benefit class that adjudication takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Standing {
    /// 本地就医: treated in the pool, or in the province, where the person is insured.
    Home,
    /// 异地长期: as at home, in the filed place.
    LongTerm,
    /// 异地转诊
    Referral,
    /// 异地急诊抢救
    Emergency,
    /// 其他临时外出
    OtherTemporary,
    /// 双向享受待遇: a long-term person who comes back to the insured place for care.
    ReturnHome,
}

impl Standing {
    /// Chinese name.
    pub fn zh(self) -> &'static str {
        match self {
            Standing::Home => "本地就医",
            Standing::LongTerm => "异地长期",
            Standing::Referral => "异地转诊",
            Standing::Emergency => "异地急诊抢救",
            Standing::OtherTemporary => "其他临时外出就医",
            Standing::ReturnHome => "长期备案人员回参保地就医",
        }
    }

    /// English name.
    pub fn en(self) -> &'static str {
        match self {
            Standing::Home => "treated at home",
            Standing::LongTerm => "long-term elsewhere",
            Standing::Referral => "referred",
            Standing::Emergency => "emergency",
            Standing::OtherTemporary => "other temporary",
            Standing::ReturnHome => "long-term filing, back in the insured place",
        }
    }
}

/// What the category was proved with (articles 8 and 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Evidence {
    /// Household register, residence proof, posting proof.
    Documents,
    /// 个人承诺书: a signed commitment in place of the proof, for long-term people only.
    Commitment,
    /// A referral certificate of a designated institution.
    ReferralCertificate,
    /// Nothing beyond the form.
    None,
}

/// One filing. A change is a new filing that names the one it replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Filing {
    /// Its number.
    pub id: FilingId,
    /// Its category.
    pub category: FilingCategory,
    /// The places it names: prefecture cities, or whole provinces that are one pool.
    pub places: Vec<Region>,
    /// First day.
    pub from: ServiceDate,
    /// Last day; long-term filings may have none.
    pub until: Option<ServiceDate>,
    /// What it was proved with.
    pub evidence: Evidence,
    /// When it was entered: it may be dated back to the admission it supplements.
    pub made: Instant,
    /// When it was cancelled, where it was.
    pub cancelled: Option<Instant>,
}

impl Filing {
    /// Whether the filing is in force on this day.
    pub fn in_force_on(&self, day: ServiceDate) -> bool {
        self.cancelled.is_none() && self.from <= day && self.until.is_none_or(|until| day <= until)
    }

    /// Whether one of its places covers this region: the whole province where the province is one pool or the
    /// filing names a province, else the prefecture.
    pub fn covers(&self, region: Region) -> bool {
        self.places.iter().any(|place| {
            place.province() == region.province()
                && (place.province().is_one_pool()
                    || *place == place.province().region()
                    || place.prefecture() == region.prefecture())
        })
    }
}
