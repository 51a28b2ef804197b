//! Draws the service items: 15 digits, `00`, nine of a price item, and the extension 99xx that marks a sample.

use super::service_words::{
    ANALYTES, BEDS, BODY_PARTS, CONSULTATIONS, EXAMINATIONS, LABORATORY_METHODS, NURSING, OPERATIONS, ORGANS,
    TREATMENTS,
};
use super::{draft, round_price};
use crate::seed::Seed;
use insurance::catalogue::{ChargeCategory, Item, Limit, ListType};
use insurance::money::UnitPrice;

/// One service: chapter of the price list, number in it, name, unit, usual price in fen.
fn service(
    seed: &mut Seed,
    (chapter, category): (u32, ChargeCategory),
    number: usize,
    name: String,
    unit: &str,
    usual: i64,
) -> Item {
    let code = format!("00{chapter:02}8{number:06}9901");
    Item {
        unit: unit.into(),
        reference_price: UnitPrice::fen(round_price(usual * seed.between(80, 125) / 100)),
        group: u8::try_from(seed.below(10)).expect("a digit"),
        ..draft(code, name, ListType::Service, category)
    }
}

/// About 530 services of every heading.
pub(super) fn services(seed: &mut Seed) -> Vec<Item> {
    let mut items = vec![];
    let plain = [
        ((10, ChargeCategory::Bed), BEDS),
        ((11, ChargeCategory::Consultation), CONSULTATIONS),
        ((12, ChargeCategory::Nursing), NURSING),
    ];
    for (place, list) in plain {
        for (number, (name, unit, usual)) in list.iter().enumerate() {
            items.push(service(seed, place, number + 1, (*name).to_owned(), unit, *usual));
        }
    }
    for (part_no, part) in BODY_PARTS.iter().enumerate() {
        for (method_no, (method, usual)) in EXAMINATIONS.iter().enumerate() {
            let (place, number) = ((21, ChargeCategory::Examination), part_no * 10 + method_no + 1);
            items.push(service(seed, place, number, format!("{part}{method}"), "次", *usual));
        }
    }
    for (analyte_no, analyte) in ANALYTES.iter().enumerate() {
        for (method_no, method) in LABORATORY_METHODS.iter().enumerate() {
            let (place, number) = ((25, ChargeCategory::Laboratory), analyte_no * 10 + method_no + 1);
            let usual = seed.between(500, 9_000);
            items.push(service(seed, place, number, format!("{analyte}{method}"), "项", usual));
        }
    }
    for (number, treatment) in TREATMENTS.iter().enumerate() {
        let usual = seed.between(500, 38_000);
        let place = (31, ChargeCategory::Treatment);
        items.push(service(seed, place, number + 1, (*treatment).to_owned(), "次", usual));
    }
    for (organ_no, organ) in ORGANS.iter().enumerate() {
        for (operation_no, (operation, usual)) in OPERATIONS.iter().enumerate() {
            let (place, number) = ((33, ChargeCategory::Surgery), organ_no * 10 + operation_no + 1);
            let surgery = service(seed, place, number, format!("{organ}{operation}"), "次", *usual);
            items.push(Item { limits: organ_limits(organ), ..surgery });
        }
    }
    items
}

/// Organs that only one gender has.
fn organ_limits(organ: &str) -> Vec<Limit> {
    match organ {
        "子宫" | "卵巢" => vec![Limit::WomenOnly],
        "前列腺" => vec![Limit::MenOnly],
        _ => vec![],
    }
}
