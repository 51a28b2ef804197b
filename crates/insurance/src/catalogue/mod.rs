//! What a treatment place covers, and how one fee line is split by it.
//! Rule: treatment-place catalogue, insured-place policy (就医地目录、参保地政策), article 6 of the 2022 procedure.

mod items;
mod rules;

pub use items::{ChargeCategory, Item, ListType};
pub use rules::{CatalogueRules, CeilingRule, ClassRule, Limited, Selector};

use crate::calendar::ServiceDate;
use crate::identity::{ItemCode, Province};
use crate::money::{Fen, Quantity, Rate, UnitPrice};
use std::collections::BTreeMap;

/// 收费项目等级
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ItemClass {
    /// 甲类: wholly in scope
    A,
    /// 乙类: a share is paid first by the person
    B,
    /// 丙类(自费): paid by the person
    C,
}

/// The terms of one item in one treatment place on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Terms {
    /// Class.
    pub class: ItemClass,
    /// 先行自付比例: paid by the person before the policy's ratio applies.
    pub upfront: Rate,
    /// 限价: the price above which the person pays, where there is one.
    pub ceiling: Option<UnitPrice>,
    /// Why the item is not payable for this person or place, where a limit is not met.
    pub not_payable: Option<Limit>,
}

/// A limit of the payment scope that was not met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Limit {
    /// 限住院
    InpatientOnly,
    /// 限二级及以上医疗机构
    LevelTwoAndAbove,
    /// 限三级医疗机构
    LevelThreeOnly,
    /// 限儿童
    ChildrenOnly,
    /// 限女性
    WomenOnly,
    /// 限男性
    MenOnly,
}

/// 医院等级, as far as benefit and catalogue tell it apart, from the lowest to the highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum HospitalLevel {
    /// 社区卫生服务机构: primary care, whatever grade it carries
    Community,
    /// 一级及以下 (and ungraded)
    One,
    /// 二级
    Two,
    /// 三级
    Three,
    /// 三级, run by the province; some places give it a row of its own
    ThreeProvincial,
}

/// 性别, as on the wire: `1` male, `2` female, anything else unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Gender {
    /// 男
    Male,
    /// 女
    Female,
    /// 未知: no limit by gender is met.
    Unknown,
}

impl Gender {
    /// The gender with this wire code.
    pub fn of_code(code: &str) -> Gender {
        match code {
            "1" => Gender::Male,
            "2" => Gender::Female,
            _ => Gender::Unknown,
        }
    }
}

/// What the catalogue asks about the patient and the place: whether limits of the payment scope are met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PatientContext {
    /// Whether the fee arose in a stay.
    pub inpatient: bool,
    /// Level of the institution.
    pub level: HospitalLevel,
    /// Gender of the patient.
    pub gender: Gender,
    /// Completed years on the day of the fee.
    pub age: u8,
}

impl PatientContext {
    /// 儿童: below this age in completed years. Mark P: the national list does not define it for every item.
    pub const CHILD_BELOW: u8 = 18;
}

impl Limit {
    /// Whether this patient in this place meets the limit.
    pub fn is_met(self, patient: &PatientContext) -> bool {
        match self {
            Limit::InpatientOnly => patient.inpatient,
            Limit::LevelTwoAndAbove => patient.level >= HospitalLevel::Two,
            Limit::LevelThreeOnly => patient.level >= HospitalLevel::Three,
            Limit::ChildrenOnly => patient.age < PatientContext::CHILD_BELOW,
            Limit::WomenOnly => patient.gender == Gender::Female,
            Limit::MenOnly => patient.gender == Gender::Male,
        }
    }
}

/// Why the catalogue of a treatment place gives no terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueGap {
    /// No item carries this code.
    #[error("failed to find the item in the catalogue: look up the national code, provincial suffixes apart")]
    UnknownItem,
    /// The item, or every rule of the province for it, is outside its days.
    #[error("failed to find terms of the item in this province on this day: the day of the fee decides")]
    NotInForce,
}

/// An edition of the catalogue: the items of the whole country, and the rules of each province.
/// The terms of an item in a province are derived on demand, so that an edition stays small.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// The edition (`ver`).
    pub version: String,
    /// Every item, by code.
    pub items: BTreeMap<ItemCode, Item>,
    /// The rules of each treatment place.
    pub provinces: BTreeMap<Province, CatalogueRules>,
}

impl Catalogue {
    /// The item with this code. A provincial suffix after a hyphen is passed over.
    pub fn item(&self, code: &ItemCode) -> Option<&Item> {
        self.items.get(code).or_else(|| {
            let (national, _) = code.as_str().split_once('-')?;
            self.items.get(&ItemCode::new(national).ok()?)
        })
    }

    /// The terms of one item in one province on the day of the fee, for this patient.
    ///
    /// The class comes from the province's last rule that fits; the ceiling from the item's national payment
    /// standard (谈判药品、集采药品) or, without one, from the province's last rule that fits. The first limit
    /// that is not met, the item's own before the province's, makes the line not payable.
    pub fn terms(
        &self,
        province: Province,
        item: &ItemCode,
        day: ServiceDate,
        patient: &PatientContext,
    ) -> Result<Terms, CatalogueGap> {
        let item = self.item(item).ok_or(CatalogueGap::UnknownItem)?;
        let rules = self.provinces.get(&province).ok_or(CatalogueGap::NotInForce)?;
        if !item.in_force_on(day) {
            return Err(CatalogueGap::NotInForce);
        }
        let (class, upfront) = rules.class_of(item, day).ok_or(CatalogueGap::NotInForce)?;
        let ceiling = item.national_standard.or_else(|| rules.ceiling_of(item, day));
        let mut limits = item.limits.iter().copied().chain(rules.limits_of(item, day));
        let not_payable = limits.find(|limit| !limit.is_met(patient));
        Ok(Terms { class, upfront, ceiling, not_payable })
    }
}

/// One fee line as charged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargedLine {
    /// The item.
    pub item: ItemCode,
    /// The day of the fee: the catalogue of that day decides, not of the settlement.
    pub day: ServiceDate,
    /// Unit price.
    pub price: UnitPrice,
    /// Quantity; below zero on a refund line.
    pub quantity: Quantity,
}

/// A fee, or a sum of fees, split by the treatment place's catalogue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Split {
    /// 全自费金额: class C and what is not payable.
    #[cfg_attr(feature = "serde", serde(default, rename = "own_fen"))]
    pub own: Fen,
    /// 超限价金额: above the price ceiling.
    #[cfg_attr(feature = "serde", serde(default, rename = "over_ceiling_fen"))]
    pub over_ceiling: Fen,
    /// 先行自付金额: the upfront share of class B.
    #[cfg_attr(feature = "serde", serde(default, rename = "upfront_fen"))]
    pub upfront: Fen,
    /// 符合政策范围金额: what the insured place's policy is applied to.
    #[cfg_attr(feature = "serde", serde(default, rename = "in_scope_fen"))]
    pub in_scope: Fen,
}

impl Split {
    /// The fee: the sum of its four parts, by construction.
    pub fn total(&self) -> Fen {
        self.own + self.over_ceiling + self.upfront + self.in_scope
    }
}

impl std::ops::Add for Split {
    type Output = Split;
    fn add(self, other: Split) -> Split {
        Split {
            own: self.own + other.own,
            over_ceiling: self.over_ceiling + other.over_ceiling,
            upfront: self.upfront + other.upfront,
            in_scope: self.in_scope + other.in_scope,
        }
    }
}
impl std::ops::Neg for Split {
    type Output = Split;
    fn neg(self) -> Split {
        Split {
            own: -self.own,
            over_ceiling: -self.over_ceiling,
            upfront: -self.upfront,
            in_scope: -self.in_scope,
        }
    }
}
impl std::iter::Sum for Split {
    fn sum<I: Iterator<Item = Split>>(parts: I) -> Split {
        parts.fold(Split::default(), std::ops::Add::add)
    }
}

/// Splits one fee line. `None` where price times quantity is larger than any bill may be.
///
/// The excess over the ceiling and the upfront share are each rounded half up to the fen; what is in scope is
/// the remainder, so that the four parts always add up to the fee.
pub fn split_line(price: UnitPrice, quantity: Quantity, terms: &Terms) -> Option<Split> {
    let total = price.times(quantity)?;
    if terms.class == ItemClass::C || terms.not_payable.is_some() {
        return Some(Split { own: total, ..Split::default() });
    }
    let excess = match terms.ceiling {
        Some(ceiling) if price > ceiling => UnitPrice(price.0 - ceiling.0),
        _ => UnitPrice(0),
    };
    let over_ceiling = excess.times(quantity)?;
    let upfront = (total - over_ceiling).share(terms.upfront);
    Some(Split { own: Fen::ZERO, over_ceiling, upfront, in_scope: total - over_ceiling - upfront })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(class: ItemClass, upfront: i32, ceiling_yuan: Option<i64>) -> Terms {
        Terms {
            class,
            upfront: Rate::percent(upfront),
            ceiling: ceiling_yuan.map(|yuan| UnitPrice::fen(yuan * 100)),
            not_payable: None,
        }
    }

    #[test]
    fn the_five_lines_of_the_worked_example_split_to_the_fen() {
        use ItemClass::{A, B, C};
        // price yuan, quantity, terms -> own, over, upfront, in scope (yuan)
        let table = [
            (1_200, 1, terms(A, 0, None), [0, 0, 0, 1_200]),
            (3_000, 1, terms(B, 10, None), [0, 0, 300, 2_700]),
            (12_000, 1, terms(B, 20, Some(10_000)), [0, 2_000, 2_000, 8_000]),
            (800, 1, terms(C, 100, None), [800, 0, 0, 0]),
            (80, 10, terms(A, 0, Some(50)), [0, 300, 0, 500]),
        ];
        let mut sum = Split::default();
        for (price, quantity, terms, expected) in table {
            let split =
                split_line(UnitPrice::fen(price * 100), Quantity::units(quantity), &terms).expect("a bill");
            let found = [split.own, split.over_ceiling, split.upfront, split.in_scope];
            assert_eq!(found, expected.map(Fen::yuan), "{price} x {quantity}");
            sum = sum + split;
        }
        assert_eq!(sum.total(), Fen::yuan(17_800));
        assert_eq!(sum.in_scope, Fen::yuan(12_400));
    }

    #[test]
    fn a_limit_that_is_not_met_makes_the_line_self_paid() {
        let mut limited = terms(ItemClass::A, 0, None);
        limited.not_payable = Some(Limit::InpatientOnly);
        let split = split_line(UnitPrice::fen(100), Quantity::units(1), &limited).expect("a bill");
        assert_eq!(split.own, Fen(100));
    }
}
