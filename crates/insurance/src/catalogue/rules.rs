//! The rules of one treatment place: dated rows that give a class, a ceiling or a limit to the items they select.
//! Of the rows in force that fit an item, the last one in the file decides: the general stands above, the
//! particular and the newer below.

use super::{ChargeCategory, Item, ItemClass, Limit, ListType};
use crate::calendar::ServiceDate;
use crate::identity::ItemCode;
use crate::money::{Fen, Rate, UnitPrice};

/// Which items a row speaks of. Every condition that is given must hold; none given means every item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields, default))]
pub struct Selector {
    /// One of these list types.
    pub kinds: Vec<ListType>,
    /// Under one of these headings of the bill.
    pub categories: Vec<ChargeCategory>,
    /// One of these very items.
    pub items: Vec<ItemCode>,
    /// 国家基本药物, or not.
    pub basic: Option<bool>,
    /// 谈判药品, or not.
    pub negotiated: Option<bool>,
    /// 儿童用药, or not.
    pub children: Option<bool>,
    /// Groups from the first to the second number, both included.
    pub groups: Option<[u8; 2]>,
    /// Reference price of this many fen or more.
    pub price_from_fen: Option<i64>,
    /// Reference price below this many fen.
    pub price_below_fen: Option<i64>,
}

impl Selector {
    /// Whether the row speaks of this item.
    pub fn fits(&self, item: &Item) -> bool {
        let price = item.reference_price;
        (self.kinds.is_empty() || self.kinds.contains(&item.kind))
            && (self.categories.is_empty() || self.categories.contains(&item.category))
            && (self.items.is_empty() || self.items.contains(&item.code))
            && self.basic.is_none_or(|basic| basic == item.basic)
            && self.negotiated.is_none_or(|negotiated| negotiated == item.negotiated)
            && self.children.is_none_or(|children| children == item.children)
            && self.groups.is_none_or(|[first, last]| (first..=last).contains(&item.group))
            && self.price_from_fen.is_none_or(|fen| price >= UnitPrice::fen(fen))
            && self.price_below_fen.is_none_or(|fen| price < UnitPrice::fen(fen))
    }
}

macro_rules! rows {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
        pub struct $name {
            /// First day.
            pub from: ServiceDate,
            /// Last day, where there is one.
            #[cfg_attr(feature = "serde", serde(default))]
            pub until: Option<ServiceDate>,
            /// Which items.
            #[cfg_attr(feature = "serde", serde(default, rename = "of"))]
            pub selector: Selector,
            /// The document.
            pub by: String,
            /// Mark of confidence: `P` made by the project, fictitious.
            pub mark: String,
            $($(#[$field_doc])* pub $field: $kind,)*
        }

        impl $name {
            fn speaks_of(&self, item: &Item, day: ServiceDate) -> bool {
                self.from <= day && self.until.is_none_or(|until| day <= until) && self.selector.fits(item)
            }
        }
    )*};
}

rows! {
    /// 甲乙丙类与先行自付比例
    ClassRule {
        /// Class.
        class: ItemClass,
        /// 先行自付比例 in basis points; 0 for class A, 10,000 for class C.
        upfront_bp: i32,
    }
    /// 限价: one of the two ways to say it.
    CeilingRule {
        #[cfg_attr(feature = "serde", serde(default))]
        /// Ceiling of one unit in fen.
        fen: Option<i64>,
        #[cfg_attr(feature = "serde", serde(default))]
        /// Ceiling as a share of the reference price, in basis points, where no amount is given.
        of_reference_bp: Option<i32>,
    }
    /// 限定支付范围
    Limited {
        /// The limit that must be met.
        limit: Limit,
    }
}

/// All rules of one treatment place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct CatalogueRules {
    /// Whether the rules are made up. They are, as long as no licensed open catalogue exists.
    pub fictitious: bool,
    /// What a reader should know first.
    pub note: String,
    /// Classes.
    pub class: Vec<ClassRule>,
    /// Ceilings.
    #[cfg_attr(feature = "serde", serde(default))]
    pub ceiling: Vec<CeilingRule>,
    /// Limits.
    #[cfg_attr(feature = "serde", serde(default))]
    pub limit: Vec<Limited>,
}

impl CatalogueRules {
    /// Class and upfront share of an item, by the last row that speaks of it on this day.
    pub fn class_of(&self, item: &Item, day: ServiceDate) -> Option<(ItemClass, Rate)> {
        let row = self.class.iter().rev().find(|row| row.speaks_of(item, day))?;
        Some((row.class, Rate(row.upfront_bp)))
    }

    /// Price ceiling of an item, by the last row that speaks of it on this day.
    pub fn ceiling_of(&self, item: &Item, day: ServiceDate) -> Option<UnitPrice> {
        let row = self.ceiling.iter().rev().find(|row| row.speaks_of(item, day))?;
        match (row.fen, row.of_reference_bp) {
            (Some(fen), _) => Some(UnitPrice::fen(fen)),
            // A ceiling is an amount on a price list: it is rounded to the fen like one.
            (None, Some(bp)) => {
                let reference = Fen(item.reference_price.0 / UnitPrice::fen(1).0);
                Some(UnitPrice::fen(reference.share(Rate(bp)).0))
            }
            (None, None) => None,
        }
    }

    /// Every limit that the province puts on an item on this day, in the order of the file.
    pub fn limits_of(&self, item: &Item, day: ServiceDate) -> impl Iterator<Item = Limit> {
        self.limit.iter().filter(move |row| row.speaks_of(item, day)).map(|row| row.limit)
    }

    /// Rows that contradict themselves: a class A with an upfront share, a ceiling without an amount.
    pub fn contradictions(&self) -> Vec<String> {
        let classes = self.class.iter().filter(|row| match row.class {
            ItemClass::A => row.upfront_bp != 0,
            ItemClass::B => !(1..10_000).contains(&row.upfront_bp),
            ItemClass::C => row.upfront_bp != 10_000,
        });
        let ceilings = self.ceiling.iter().filter(|row| row.fen.is_some() == row.of_reference_bp.is_some());
        let classes =
            classes.map(|row| format!("class {:?} with {} bp, by {}", row.class, row.upfront_bp, row.by));
        classes.chain(ceilings.map(|row| format!("a ceiling needs one amount, by {}", row.by))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Catalogue, CatalogueGap, Gender, HospitalLevel, PatientContext, Terms};
    use super::*;
    use crate::identity::Province;

    fn day(text: &str) -> ServiceDate {
        text.parse().expect("a day")
    }

    fn item(code: &str, price_yuan: i64) -> Item {
        Item {
            code: ItemCode::new(code).expect("a code"),
            name: "示例".into(),
            kind: ListType::Drug,
            category: ChargeCategory::WesternDrugs,
            unit: "盒".into(),
            specification: String::new(),
            dosage_form: String::new(),
            maker: String::new(),
            reference_price: UnitPrice::fen(price_yuan * 100),
            national_standard: None,
            basic: false,
            negotiated: false,
            children: false,
            group: 3,
            limits: vec![],
            from: day("2020-01-01"),
            until: None,
        }
    }

    fn class(from: &str, class: ItemClass, upfront_bp: i32, selector: Selector) -> ClassRule {
        ClassRule {
            from: day(from),
            until: None,
            selector,
            by: "P".into(),
            mark: "P".into(),
            class,
            upfront_bp,
        }
    }

    fn catalogue() -> Catalogue {
        let mut women = item("X2", 10);
        women.limits = vec![Limit::WomenOnly];
        let mut standard = item("X3", 900);
        standard.national_standard = Some(UnitPrice::fen(70_000));
        let rules = CatalogueRules {
            class: vec![
                class("2024-01-01", ItemClass::B, 1_000, Selector::default()),
                class(
                    "2025-01-01",
                    ItemClass::B,
                    2_000,
                    Selector { groups: Some([2, 4]), ..Default::default() },
                ),
            ],
            ceiling: vec![CeilingRule {
                from: day("2024-01-01"),
                until: None,
                selector: Selector { price_from_fen: Some(50_000), ..Default::default() },
                by: "P".into(),
                mark: "P".into(),
                fen: None,
                of_reference_bp: Some(9_000),
            }],
            ..Default::default()
        };
        let items = [item("X1", 1_000), women, standard];
        Catalogue {
            version: "test".into(),
            items: items.into_iter().map(|item| (item.code.clone(), item)).collect(),
            provinces: [(Province::new("31").expect("a province"), rules)].into(),
        }
    }

    fn terms(code: &str, on: &str, province: &str) -> Result<Terms, CatalogueGap> {
        let patient =
            PatientContext { inpatient: true, level: HospitalLevel::Three, gender: Gender::Male, age: 40 };
        let province = Province::new(province).expect("a province");
        catalogue().terms(province, &ItemCode::new(code).expect("a code"), day(on), &patient)
    }

    #[test]
    fn the_last_row_in_force_decides() {
        assert_eq!(terms("X1", "2024-12-31", "31").map(|terms| terms.upfront), Ok(Rate(1_000)));
        assert_eq!(terms("X1", "2025-01-01", "31").map(|terms| terms.upfront), Ok(Rate(2_000)));
        assert_eq!(terms("X1-31.a", "2025-01-01", "31").map(|terms| terms.upfront), Ok(Rate(2_000)));
    }

    #[test]
    fn gaps_are_answers() {
        assert_eq!(terms("X9", "2025-01-01", "31"), Err(CatalogueGap::UnknownItem));
        assert_eq!(terms("X1", "2023-12-31", "31"), Err(CatalogueGap::NotInForce));
        assert_eq!(terms("X1", "2019-12-31", "31"), Err(CatalogueGap::NotInForce));
        assert_eq!(terms("X1", "2025-01-01", "81"), Err(CatalogueGap::NotInForce));
    }

    #[test]
    fn a_national_standard_stands_before_the_ceiling_of_the_province() {
        let ceiling = |code| terms(code, "2025-01-01", "31").expect("terms").ceiling;
        assert_eq!(ceiling("X1"), Some(UnitPrice::fen(90_000)));
        assert_eq!(ceiling("X3"), Some(UnitPrice::fen(70_000)));
        assert_eq!(ceiling("X2"), None);
    }

    #[test]
    fn a_limit_that_is_not_met_is_named() {
        assert_eq!(terms("X2", "2025-01-01", "31").expect("terms").not_payable, Some(Limit::WomenOnly));
    }
}
