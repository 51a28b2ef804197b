//! Draws the drugs, pieces and consumables. Codes follow the national structures; the company part 99001 to 99020
//! marks a synthetic product.

use super::goods_words::{CONSUMABLES, HERBS, PATENT, PROCESSED, WESTERN};
use super::{draft, first_day, round_price};
use crate::seed::Seed;
use insurance::catalogue::{ChargeCategory, Item, Limit, ListType};
use insurance::money::UnitPrice;

const MAKERS: [&str; 20] = [
    "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三", "十四", "十五",
    "十六", "十七", "十八", "十九", "二十",
];

/// The company part of a code and the maker's name.
fn maker(seed: &mut Seed, trade: &str) -> (String, String) {
    let index = usize::try_from(seed.below(MAKERS.len() as u64)).expect("an index");
    (format!("{:05}", 99_001 + index), format!("示例{trade}{}厂", MAKERS[index]))
}

/// Dosage forms: code letter and digits, form, unit, what stands after the generic name, specifications.
const FORMS: [(&str, &str, &str, &str, [&str; 3]); 4] = [
    ("A001", "片剂", "盒", "片", ["5mg×14片", "10mg×28片", "25mg×30片"]),
    ("A004", "胶囊剂", "盒", "胶囊", ["50mg×12粒", "100mg×20粒", "150mg×24粒"]),
    ("B001", "注射剂", "支", "注射液", ["2ml", "5ml", "10ml"]),
    ("A002", "颗粒剂", "盒", "颗粒", ["1g×10袋", "3g×12袋", "5g×18袋"]),
];

/// About 1,300 western drugs: every generic name in several forms and specifications.
pub(super) fn western(seed: &mut Seed) -> Vec<Item> {
    let mut items = vec![];
    for (class, names) in WESTERN {
        for (index, name) in names.iter().enumerate() {
            let basic = seed.percent(35);
            let negotiated = !basic && seed.percent(12);
            let group = u8::try_from(seed.below(10)).expect("a digit");
            let base = if negotiated { seed.between(40_000, 900_000) } else { seed.between(600, 24_000) };
            let first = usize::try_from(seed.below(4)).expect("an index");
            for step in 0..3 {
                let (form_code, form, unit, ending, specifications) = FORMS[(first + step) % 4];
                for (spec, specification) in specifications.iter().enumerate() {
                    if seed.percent(10) {
                        continue;
                    }
                    let (company, maker) = maker(seed, "制药");
                    let code = format!("X{class}A{:03}{form_code}{:02}01{company}", index + 1, spec + 1);
                    let price = round_price(base * (10 + i64::try_from(spec).expect("small") * 7) / 10);
                    let drug =
                        draft(code, format!("{name}{ending}"), ListType::Drug, ChargeCategory::WesternDrugs);
                    items.push(Item {
                        unit: unit.into(),
                        specification: (*specification).into(),
                        dosage_form: form.into(),
                        maker,
                        reference_price: UnitPrice::fen(price),
                        national_standard: negotiated.then_some(UnitPrice::fen(price)),
                        basic,
                        negotiated,
                        children: form == "颗粒剂" && seed.percent(40),
                        group,
                        limits: drug_limits(form, negotiated, group),
                        ..drug
                    });
                }
            }
        }
    }
    items
}

/// Limits of the national payment scope: a few kinds of drugs only.
fn drug_limits(form: &str, negotiated: bool, group: u8) -> Vec<Limit> {
    match (form, group) {
        _ if negotiated => vec![Limit::LevelTwoAndAbove],
        ("注射剂", 4) => vec![Limit::InpatientOnly],
        _ => vec![],
    }
}

/// About 400 Chinese patent drugs.
pub(super) fn patent(seed: &mut Seed) -> Vec<Item> {
    let forms =
        [("丸剂", "丸", "盒"), ("片剂", "片", "盒"), ("颗粒剂", "颗粒", "盒"), ("口服液", "口服液", "盒")];
    let mut items = vec![];
    for (class, names) in PATENT {
        for (index, name) in names.iter().enumerate() {
            let (basic, group) = (seed.percent(30), u8::try_from(seed.below(10)).expect("a digit"));
            for (form_index, (form, ending, unit)) in forms.iter().enumerate() {
                for spec in 1..=3 {
                    if seed.percent(5) {
                        continue;
                    }
                    let (company, maker) = maker(seed, "制药");
                    let number = index * 10 + form_index + 1;
                    let code = format!("Z{class}A{number:04}{spec:02}01{company}");
                    let kind =
                        draft(code, format!("{name}{ending}"), ListType::Drug, ChargeCategory::PatentDrugs);
                    items.push(Item {
                        unit: (*unit).into(),
                        specification: format!("{}袋（瓶、板）/盒", spec * 6),
                        dosage_form: (*form).into(),
                        maker,
                        reference_price: UnitPrice::fen(round_price(seed.between(900, 6_800))),
                        basic,
                        children: name.starts_with("小儿"),
                        group,
                        ..kind
                    });
                }
            }
        }
    }
    items
}

/// Herbal pieces, and a granule for every second of them. Their codes carry no company part: 999 marks a sample.
pub(super) fn herbal(seed: &mut Seed) -> Vec<Item> {
    let mut items = vec![];
    for (index, herb) in HERBS.iter().enumerate() {
        for (step, processed) in PROCESSED.iter().enumerate() {
            let number = index * 10 + step + 1;
            let code = format!("T9991{number:05}");
            let piece = draft(
                code,
                format!("{processed}{herb}"),
                ListType::HerbalPiece,
                ChargeCategory::HerbalPieces,
            );
            items.push(Item {
                unit: "克".into(),
                specification: "统货".into(),
                dosage_form: "饮片".into(),
                reference_price: UnitPrice(seed.between(30_000, 450_000)),
                group: u8::try_from(seed.below(10)).expect("a digit"),
                ..piece
            });
        }
        if index % 2 == 0 {
            let code = format!("G9991{:05}", index + 1);
            let name = format!("{herb}配方颗粒");
            let (_, maker) = maker(seed, "制药");
            items.push(Item {
                unit: "克".into(),
                specification: "1g相当于饮片5g".into(),
                dosage_form: "颗粒".into(),
                maker,
                reference_price: UnitPrice(seed.between(400_000, 1_800_000)),
                ..draft(code, name, ListType::Granule, ChargeCategory::HerbalPieces)
            });
        }
    }
    items
}

/// About 360 consumables: every kind in ten specifications.
pub(super) fn consumables(seed: &mut Seed) -> Vec<Item> {
    let mut items = vec![];
    for (index, (name, unit, usual)) in CONSUMABLES.iter().enumerate() {
        let group = u8::try_from(seed.below(10)).expect("a digit");
        for spec in 1..=10_i64 {
            let (company, maker) = maker(seed, "器械");
            let (chapter, section) = (index / 10 + 1, index % 10 + 1);
            let code = format!("C{chapter:02}{section:02}99{index:03}01{spec:03}{company}");
            let material = draft(code, (*name).into(), ListType::Consumable, ChargeCategory::Materials);
            items.push(Item {
                unit: (*unit).into(),
                specification: format!("{spec}号"),
                maker,
                reference_price: UnitPrice::fen(round_price(usual * seed.between(70, 140) / 100).max(10)),
                group,
                // A product that left the list: its last day is known.
                until: (spec == 10).then(|| first_day().plus_months(30)),
                ..material
            });
        }
    }
    items
}
