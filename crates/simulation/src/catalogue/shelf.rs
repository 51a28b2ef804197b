//! The shelf: some fifty fixed items that every province has terms for, so that tests, the demo and the load
//! can name what they buy. Read from `catalogues/shelf.tsv`.

use super::first_day;
use crate::files;
use insurance::catalogue::{Catalogue, ChargeCategory, Item, Limit, ListType};
use insurance::identity::ItemCode;
use insurance::money::UnitPrice;

/// The five lines of worked example 4.1. Their terms in Shanghai (31) are fixed by its rules.
pub mod worked {
    /// Class A drug, 1,200.00.
    pub const CLASS_A_DRUG: &str = "XJ01DDA901B901010199001";
    /// Class B drug, 3,000.00, upfront 10 %.
    pub const CLASS_B_DRUG: &str = "XL04AAA902A901010199001";
    /// Class B consumable, 12,000.00, ceiling 10,000.00, upfront 20 %.
    pub const CONSUMABLE: &str = "C0202030400100199001";
    /// Class C item, 800.00.
    pub const CLASS_C: &str = "001499000019900";
    /// Bed, 80.00 a day, ceiling 50.00.
    pub const BED: &str = "001109000019900";
    /// The five with their quantities, in the order of the example.
    pub const LINES: [(&str, i64); 5] =
        [(CLASS_A_DRUG, 1), (CLASS_B_DRUG, 1), (CONSUMABLE, 1), (CLASS_C, 1), (BED, 10)];
}

/// The items of the shelf, in the order of the file: the five of the worked example first.
pub fn shelf(catalogue: &Catalogue) -> Vec<&Item> {
    rows().iter().filter_map(|item| catalogue.item(&item.code)).collect()
}

/// The items of the shelf as the file has them.
///
/// # Panics
/// Where a row does not read.
pub(super) fn rows() -> Vec<Item> {
    let text = files::text("shelf.tsv");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| read(line).unwrap_or_else(|| panic!("a shelf row: {line:?}"))).collect()
}

fn read(line: &str) -> Option<Item> {
    let cells: Vec<&str> = line.split('\t').collect();
    let [code, name, kind, category, unit, specification, form, maker, price, standard, flags, group, limits] =
        cells[..]
    else {
        return None;
    };
    let word = |text: &str| if text == "-" { String::new() } else { text.to_owned() };
    let has = |flag| flags.split(',').any(|given| given == flag);
    Some(Item {
        code: ItemCode::new(code).ok()?,
        name: name.to_owned(),
        kind: by_name(kind, &ListType::ALL)?,
        category: by_name(category, &ChargeCategory::ALL)?,
        unit: unit.to_owned(),
        specification: word(specification),
        dosage_form: word(form),
        maker: word(maker),
        reference_price: UnitPrice::fen(price.parse().ok()?),
        national_standard: match standard {
            "-" => None,
            fen => Some(UnitPrice::fen(fen.parse().ok()?)),
        },
        basic: has("basic"),
        negotiated: has("negotiated"),
        children: has("children"),
        group: group.parse().ok()?,
        limits: match limits {
            "-" => vec![],
            names => names.split(',').map(|limit| by_name(limit, &LIMITS)).collect::<Option<_>>()?,
        },
        from: first_day(),
        until: None,
    })
}

const LIMITS: [Limit; 6] = [
    Limit::InpatientOnly,
    Limit::LevelTwoAndAbove,
    Limit::LevelThreeOnly,
    Limit::ChildrenOnly,
    Limit::WomenOnly,
    Limit::MenOnly,
];

/// The value whose serialised name this is: the file uses the words of the rules.
fn by_name<T: serde::Serialize + Copy>(name: &str, all: &[T]) -> Option<T> {
    all.iter().copied().find(|value| serde_json::to_value(value).is_ok_and(|found| found == name))
}
