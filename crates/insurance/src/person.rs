//! What the insured place knows of a person, as far as it decides money.

use crate::calendar::ServiceDate;
use crate::money::Fen;

/// 险种: the two basic insurances that settle across provinces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Insurance {
    /// 职工基本医疗保险 (310)
    Employee,
    /// 城乡居民基本医疗保险 (390)
    Resident,
}

/// 人员类别: the classes that the policies of employees and residents tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum PersonClass {
    /// 在职 employee, working
    Active,
    /// 退休 employee, retired
    Retired,
    /// 居民(成年) resident, adult
    Adult,
    /// 居民(老年) resident, 60 and above
    Senior,
    /// 居民(未成年、学生) resident, minor or student
    Minor,
}

impl PersonClass {
    /// 中文
    pub fn zh(self) -> &'static str {
        match self {
            PersonClass::Active => "在职职工",
            PersonClass::Retired => "退休职工",
            PersonClass::Adult => "成年居民",
            PersonClass::Senior => "老年居民",
            PersonClass::Minor => "未成年居民及学生",
        }
    }

    /// English.
    pub fn en(self) -> &'static str {
        match self {
            PersonClass::Active => "active employee",
            PersonClass::Retired => "retired employee",
            PersonClass::Adult => "adult resident",
            PersonClass::Senior => "senior resident",
            PersonClass::Minor => "minor resident",
        }
    }
}

/// 医疗救助对象: the classes that medical assistance tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Needy {
    /// 特困人员
    ExtremePoverty,
    /// 低保对象
    LowIncome,
    /// 返贫致贫人口
    BackInPoverty,
    /// 低保边缘家庭成员
    NearLowIncome,
}

/// The facts of a person that decide their benefit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Person {
    /// Employee or resident.
    pub insurance: Insurance,
    /// Working, retired, adult, senior, minor.
    pub class: PersonClass,
    /// The day of birth: age supplements count completed years.
    pub birth: ServiceDate,
    /// The day of retirement, where the policy tells older retired people apart.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub retired_on: Option<ServiceDate>,
    /// The class of need, where there is one.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub needy: Option<Needy>,
    /// 公务员标志
    #[cfg_attr(feature = "serde", serde(default))]
    pub civil_servant: bool,
}

/// 个人账户: what stands on the person's own account and in the family's shared quota (共济).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Wallet {
    /// Own account.
    #[cfg_attr(feature = "serde", serde(default, rename = "own_fen"))]
    pub own: Fen,
    /// What relatives have opened to this person.
    #[cfg_attr(feature = "serde", serde(default, rename = "family_fen"))]
    pub family: Fen,
}
