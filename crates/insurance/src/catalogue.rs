//! What a treatment place covers, and how one fee line is split by it.
//! Rule: treatment-place catalogue, insured-place policy (就医地目录、参保地政策), article 6 of the 2022 procedure.

use crate::calendar::ServiceDate;
use crate::identity::ItemCode;
use crate::money::{Fen, Quantity, Rate, UnitPrice};

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
