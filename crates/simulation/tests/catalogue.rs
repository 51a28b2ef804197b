//! The catalogue of the made-up country: structure of codes, terms in every province, the worked example.

use insurance::calendar::ServiceDate;
use insurance::catalogue::{
    Catalogue, CatalogueGap, Gender, HospitalLevel, Item, ItemClass, Limit, ListType, PatientContext, Split,
    Terms, split_line,
};
use insurance::identity::{ItemCode, Province};
use insurance::money::{Fen, Quantity, Rate, UnitPrice};
use platform::regions;
use simulation::catalogue::{shelf, synthetic, worked};
use std::collections::BTreeSet;

const ADULT: PatientContext =
    PatientContext { inpatient: true, level: HospitalLevel::Three, gender: Gender::Female, age: 40 };

fn day(text: &str) -> ServiceDate {
    text.parse().expect("a day")
}

fn province(code: &str) -> Province {
    Province::new(code).expect("a province")
}

fn terms(
    catalogue: &Catalogue,
    place: &str,
    code: &str,
    patient: &PatientContext,
) -> Result<Terms, CatalogueGap> {
    let item = ItemCode::new(code).expect("a code");
    catalogue.terms(province(place), &item, day("2026-05-06"), patient)
}

#[test]
fn the_same_seed_gives_the_same_catalogue() {
    let text = |seed| serde_json::to_string(&synthetic(seed).items).expect("items serialise");
    assert_eq!(text(1), text(1));
    assert_ne!(text(1), text(2));
    assert_eq!(shelf(&synthetic(1)), shelf(&synthetic(2)), "the shelf is the same for every seed");
}

#[test]
fn about_three_thousand_items_in_national_structures() {
    let catalogue = synthetic(1);
    assert!((2_800..3_600).contains(&catalogue.items.len()), "{} items", catalogue.items.len());
    for item in catalogue.items.values() {
        let code = item.code.as_str();
        let (length, company) = match (item.kind, code.as_bytes()[0]) {
            (ListType::Drug, b'X') => (23, Some(&code[18..])),
            (ListType::Drug, b'Z') => (20, Some(&code[15..])),
            (ListType::Consumable, b'C') => (20, Some(&code[15..])),
            (ListType::Service, b'0') => (15, None),
            (ListType::HerbalPiece, b'T') | (ListType::Granule, b'G') => (10, None),
            other => panic!("{code}: {other:?}"),
        };
        assert_eq!(code.len(), length, "{code} {}", item.name);
        assert!(company.is_none_or(|company| company.starts_with("99")), "{code}: a synthetic company");
        assert!(item.reference_price > UnitPrice(0) && item.group < 10, "{code}");
    }
}

#[test]
fn the_worked_example_stands_in_shanghai() {
    use ItemClass::{A, B, C};
    let catalogue = synthetic(1);
    let yuan = |yuan: i64| UnitPrice::fen(yuan * 100);
    // price, class, upfront percent, ceiling
    let table = [
        (1_200, A, 0, None),
        (3_000, B, 10, None),
        (12_000, B, 20, Some(10_000)),
        (800, C, 100, None),
        (80, A, 0, Some(50)),
    ];
    let mut sum = Split::default();
    for ((code, quantity), (price, class, upfront, ceiling)) in worked::LINES.into_iter().zip(table) {
        let item = catalogue.item(&ItemCode::new(code).expect("a code")).expect("a fixed item");
        assert_eq!(item.reference_price, yuan(price), "{code}");
        let found = terms(&catalogue, "31", code, &ADULT).expect("terms");
        let expected =
            Terms { class, upfront: Rate::percent(upfront), ceiling: ceiling.map(yuan), not_payable: None };
        assert_eq!(found, expected, "{code}");
        sum = sum + split_line(item.reference_price, Quantity::units(quantity), &found).expect("a bill");
    }
    let expected = [800, 2_300, 2_300, 12_400].map(Fen::yuan);
    assert_eq!([sum.own, sum.over_ceiling, sum.upfront, sum.in_scope], expected);
}

#[test]
fn every_member_province_has_terms_for_every_item_in_force() {
    let catalogue = synthetic(1);
    assert_eq!(catalogue.provinces.len(), 32);
    for place in regions::members() {
        assert_eq!(catalogue.provinces[&place].contradictions(), Vec::<String>::new(), "{place}");
        assert!(catalogue.provinces[&place].fictitious, "{place} says what it is");
        for item in catalogue.items.values().filter(|item| item.in_force_on(day("2026-05-06"))) {
            let found = catalogue.terms(place, &item.code, day("2026-05-06"), &ADULT);
            assert!(found.is_ok(), "{place} {} {found:?}", item.code);
        }
    }
}

#[test]
fn the_shelf_has_every_kind_and_provinces_differ_on_it() {
    let catalogue = synthetic(1);
    let items = shelf(&catalogue);
    assert!(items.len() >= 40);
    let headings: BTreeSet<&str> = items.iter().map(|item| item.category.code()).collect();
    assert_eq!(headings.len(), 14, "one item at least under every heading: {headings:?}");
    let split = |place: &str| -> Split {
        let line = |item: &&Item| {
            let found = terms(&catalogue, place, item.code.as_str(), &ADULT).expect("terms");
            split_line(item.reference_price, Quantity::units(1), &found).expect("a bill")
        };
        items.iter().map(line).sum()
    };
    let shares: BTreeSet<Fen> =
        ["11", "31", "22", "37", "34", "44", "51", "46"].iter().map(|place| split(place).in_scope).collect();
    assert_eq!(shares.len(), 8, "the same basket is in scope differently in each of the eight: {shares:?}");
}

#[test]
fn limits_and_days_are_kept() {
    let catalogue = synthetic(1);
    let child = PatientContext { age: 6, ..ADULT };
    let outpatient = PatientContext { inpatient: false, ..ADULT };
    let named = |name: &str| {
        let found = shelf(&catalogue).into_iter().find(|item| item.name == name);
        found.unwrap_or_else(|| panic!("{name} is on the shelf")).code.as_str().to_owned()
    };
    // item, patient, limit
    let table = [
        ("阿奇霉素颗粒", &ADULT, Some(Limit::ChildrenOnly)),
        ("阿奇霉素颗粒", &child, None),
        ("非那雄胺片", &ADULT, Some(Limit::MenOnly)),
        ("黄体酮胶囊", &ADULT, None),
        ("注射用哌拉西林他唑巴坦", &outpatient, Some(Limit::InpatientOnly)),
    ];
    for (name, patient, expected) in table {
        let found = terms(&catalogue, "22", &named(name), patient).expect("terms");
        assert_eq!(found.not_payable, expected, "{name}");
    }
    let monoclonal = ItemCode::new(named("示例单抗注射液")).expect("a code");
    let upfront =
        |on| catalogue.terms(province("22"), &monoclonal, day(on), &ADULT).map(|found| found.upfront);
    assert_eq!(upfront("2024-12-31"), Ok(Rate(2_500)));
    assert_eq!(upfront("2025-01-01"), Ok(Rate(1_500)));
    assert_eq!(upfront("2022-12-31"), Err(CatalogueGap::NotInForce));

    let left_the_list =
        catalogue.items.values().find(|item| item.until.is_some()).expect("an item that left");
    let (last, place) = (left_the_list.until.expect("its last day"), province("22"));
    assert!(catalogue.terms(place, &left_the_list.code, last, &ADULT).is_ok());
    let day_after = catalogue.terms(place, &left_the_list.code, last.plus_days(1), &ADULT);
    assert_eq!(day_after, Err(CatalogueGap::NotInForce));
}
