//! The country's catalogue: about 3,000 made-up items in national code structures, and the rules of every member
//! province from `catalogues/`. Fictitious on purpose: no licensed open catalogue exists.

mod goods;
mod goods_words;
mod service_words;
mod services;
mod shelf;

pub use shelf::{shelf, worked};

use crate::files;
use crate::seed::Seed;
use insurance::calendar::ServiceDate;
use insurance::catalogue::{Catalogue, CatalogueRules, ChargeCategory, Item, ListType};
use insurance::identity::{ItemCode, Province};
use insurance::money::UnitPrice;
use platform::regions;
use std::collections::BTreeMap;

/// The catalogue of this seed. The shelf and the rules of the provinces are the same for every seed.
pub fn synthetic(seed: u64) -> Catalogue {
    let seed = Seed::new(seed).for_purpose("catalogue");
    let mut items = goods::western(&mut seed.for_purpose("western"));
    items.extend(goods::patent(&mut seed.for_purpose("patent")));
    items.extend(goods::herbal(&mut seed.for_purpose("herbal")));
    items.extend(goods::consumables(&mut seed.for_purpose("consumables")));
    items.extend(services::services(&mut seed.for_purpose("services")));
    items.extend(shelf::rows());
    Catalogue {
        version: "P20230101".to_owned(),
        items: items.into_iter().map(|item| (item.code.clone(), item)).collect(),
        provinces: provinces(),
    }
}

/// The rules of every member province: its own file where there is one, else the template.
pub fn provinces() -> BTreeMap<Province, CatalogueRules> {
    let own: BTreeMap<Province, CatalogueRules> = files::names()
        .iter()
        .filter_map(|name| Some((Province::new(name.split_once('-')?.0).ok()?, files::toml(name))))
        .collect();
    let template: CatalogueRules = files::toml("template.toml");
    let rules_of = |province| own.get(&province).unwrap_or(&template).clone();
    regions::members().map(|province| (province, rules_of(province))).collect()
}

/// The first day of every row.
fn first_day() -> ServiceDate {
    ServiceDate::of(2023, 1, 1).expect("a day")
}

/// An item with its identity and nothing else.
fn draft(code: String, name: String, kind: ListType, category: ChargeCategory) -> Item {
    Item {
        code: ItemCode::new(code).expect("a code"),
        name,
        kind,
        category,
        unit: "次".to_owned(),
        specification: String::new(),
        dosage_form: String::new(),
        maker: String::new(),
        reference_price: UnitPrice(0),
        national_standard: None,
        basic: false,
        negotiated: false,
        children: false,
        group: 0,
        limits: vec![],
        from: first_day(),
        until: None,
    }
}

/// Prices as lists print them: whole jiao above 10 yuan, whole yuan above 1,000.
fn round_price(fen: i64) -> i64 {
    match fen {
        ..1_000 => fen,
        1_000..100_000 => fen / 10 * 10,
        _ => fen / 100 * 100,
    }
}
