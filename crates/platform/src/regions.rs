//! 医保区划: the names of places, which place insures whom together, and who takes part in direct settlement.
//! Facts of GB/T 2260 with the insurance codes beyond it; membership of a pool is data, not a rule on digits.

use insurance::identity::{Province, Region};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A place in two languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Names {
    /// Chinese, as the standard writes it: `长春市`.
    pub zh: &'static str,
    /// English: `Changchun`.
    pub en: &'static str,
}

/// A place with its province in two languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullName {
    /// `吉林省长春市`
    pub zh: String,
    /// `Changchun, Jilin`
    pub en: String,
}

/// What a row of the table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A provincial unit that takes part in direct settlement.
    Member,
    /// A provincial unit that is shown but insures nobody here (71, 81, 82).
    Outside,
    /// A prefecture: city, region, league, autonomous prefecture.
    Prefecture,
    /// A county-level place that has a row of its own.
    County,
    /// An insurance code beyond the standard (`PP9900`, `PP99NN`, `PPCC99`). For most provinces `PP9900` is
    /// written by its pattern; the table says which were seen in public material.
    Special,
}

/// One row of the table.
struct Row {
    names: Names,
    kind: Kind,
    pool: Option<Region>,
}

fn rows() -> &'static BTreeMap<Region, Row> {
    static ROWS: OnceLock<BTreeMap<Region, Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let lines = include_str!("regions.tsv").lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| read(line).unwrap_or_else(|| panic!("a region row: {line:?}"))).collect()
    })
}

fn read(line: &'static str) -> Option<(Region, Row)> {
    let mut cells = line.split('\t');
    let region = Region::new(cells.next()?).ok()?;
    let names = Names { zh: cells.next()?, en: cells.next()? };
    let kind = match cells.next()? {
        "member" => Kind::Member,
        "none" => Kind::Outside,
        "prefecture" => Kind::Prefecture,
        "county" => Kind::County,
        "seen" | "pattern" => Kind::Special,
        _ => return None,
    };
    let pool = match cells.next()? {
        "-" => None,
        code => Some(Region::new(code).ok()?),
    };
    Some((region, Row { names, kind, pool }))
}

/// The row of a place: its own, else its prefecture's, else its province's where the province has no
/// prefectures (districts of a municipality, everything of the Corps).
fn row(region: Region) -> Option<&'static Row> {
    let province = region.province();
    let without_prefectures = matches!(province.as_str(), "11" | "12" | "31" | "50" | "66");
    rows()
        .get(&region)
        .or_else(|| rows().get(&region.prefecture()))
        .or_else(|| if without_prefectures { rows().get(&province.region()) } else { None })
}

/// The names of a place. A county has the names of its prefecture, a district of a municipality those of the
/// municipality; `None` for a code that no place carries.
pub fn name(region: Region) -> Option<Names> {
    row(region).map(|row| row.names)
}

/// The names of a place with its province: 吉林省长春市, "Changchun, Jilin".
pub fn full_name(region: Region) -> Option<FullName> {
    let place = name(region)?;
    let province = name(region.province().region())?;
    if place.zh.starts_with(province.zh) {
        return Some(FullName { zh: place.zh.to_owned(), en: place.en.to_owned() });
    }
    Some(FullName {
        zh: format!("{}{}", province.zh, place.zh),
        en: format!("{}, {}", place.en, province.en),
    })
}

/// A place as texts show it: 吉林省长春市(220100), "Changchun, Jilin (220100)"; the bare code where it has no name.
pub fn shown(region: Region) -> FullName {
    match full_name(region) {
        Some(FullName { zh, en }) => {
            FullName { zh: format!("{zh}({region})"), en: format!("{en} ({region})") }
        }
        None => FullName { zh: region.to_string(), en: region.to_string() },
    }
}

/// Whether the province of this place takes part in direct settlement: 31 provinces and the Corps.
pub fn is_member(region: Region) -> bool {
    rows().get(&region.province().region()).is_some_and(|row| row.kind == Kind::Member)
}

/// The pool that insures the people of this place. `None` for places outside direct settlement, for unknown
/// codes, and for a province that is no pool itself (its cities are).
pub fn pool_of(region: Region) -> Option<Region> {
    if !is_member(region) {
        return None;
    }
    let province = region.province();
    if province.is_one_pool() {
        return Some(province.region());
    }
    let own = rows().get(&region);
    if let Some(pool) = own.and_then(|row| row.pool) {
        return Some(pool);
    }
    if region == province.region() {
        return None;
    }
    // 99 in the second pair is a pool of the province's own; 99 in the third is an agency inside its prefecture.
    if &region.as_str()[2..4] == "99" {
        return rows().contains_key(&region.prefecture()).then_some(region);
    }
    rows().contains_key(&region.prefecture()).then_some(region.prefecture())
}

/// What kind of place a code is, where it has a row of its own.
pub fn kind(region: Region) -> Option<Kind> {
    rows().get(&region).map(|row| row.kind)
}

/// The provinces that take part in direct settlement, in the order of their codes.
pub fn members() -> impl Iterator<Item = Province> {
    all().filter(|(_, _, kind)| *kind == Kind::Member).map(|(region, ..)| region.province())
}

/// Every place with a row of its own, in the order of the codes.
pub fn all() -> impl Iterator<Item = (Region, Names, Kind)> {
    rows().iter().map(|(region, row)| (*region, row.names, row.kind))
}

/// The pools of a province: the province itself where it is one pool, else its cities, the counties directly
/// under it and its province-level pools.
pub fn pools(province: Province) -> Vec<Region> {
    let mut pools: Vec<Region> = all()
        .filter(|(region, ..)| region.province() == province)
        .filter_map(|(region, ..)| pool_of(region))
        .collect();
    pools.retain(|pool| pool.province() == province);
    pools.sort();
    pools.dedup();
    pools
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(code: &str) -> Region {
        Region::new(code).expect("a region")
    }

    #[test]
    fn every_place_has_its_name_and_its_pool() {
        // code, Chinese, English, pool ("-": none)
        let table = [
            ("220100", "吉林省长春市", "Changchun, Jilin", "220100"),
            ("220103", "吉林省长春市", "Changchun, Jilin", "220100"),
            ("220200", "吉林省吉林市", "Jilin City, Jilin", "220200"),
            ("229900", "吉林省本级", "Jilin provincial organs", "229900"),
            ("220199", "吉林省长春市本级", "Changchun city agency, Jilin", "220100"),
            ("370299", "山东省青岛市", "Qingdao, Shandong", "370200"),
            ("139904", "河北省本级（特设统筹区04）", "Hebei special pool 04", "139904"),
            ("130181", "河北省辛集市", "Xinji, Hebei", "130181"),
            ("310101", "上海市", "Shanghai", "310000"),
            ("310000", "上海市", "Shanghai", "310000"),
            ("500000", "重庆市", "Chongqing", "500000"),
            ("460100", "海南省海口市", "Haikou, Hainan", "460000"),
            ("469005", "海南省文昌市", "Wenchang, Hainan", "460000"),
            ("540200", "西藏自治区日喀则市", "Xigaze, Xizang", "540000"),
            ("660100", "新疆生产建设兵团", "Xinjiang Production and Construction Corps", "660000"),
            ("659001", "新疆维吾尔自治区石河子市", "Shihezi, Xinjiang", "660000"),
            ("429004", "湖北省仙桃市", "Xiantao, Hubei", "429004"),
            ("441900", "广东省东莞市", "Dongguan, Guangdong", "441900"),
            ("220000", "吉林省", "Jilin", "-"),
            ("810000", "香港特别行政区", "Hong Kong SAR", "-"),
        ];
        for (code, zh, en, pool) in table {
            let full = full_name(region(code)).unwrap_or_else(|| panic!("{code} has a name"));
            assert_eq!((full.zh.as_str(), full.en.as_str()), (zh, en), "{code}");
            assert_eq!(pool_of(region(code)).map_or("-".to_owned(), String::from), pool, "{code}");
        }
        for unknown in ["000000", "999999", "228800", "100000", "910000"] {
            assert_eq!((name(region(unknown)), pool_of(region(unknown))), (None, None), "{unknown}");
        }
    }

    #[test]
    fn thirty_two_members_and_three_units_beside_them() {
        assert_eq!(members().count(), 32);
        assert!(is_member(region("660000")) && is_member(region("220103")));
        for outside in ["710000", "810000", "820000"] {
            assert!(!is_member(region(outside)) && kind(region(outside)) == Some(Kind::Outside));
        }
        let prefectures = all().filter(|(.., kind)| *kind == Kind::Prefecture).count();
        assert_eq!(prefectures, 333, "the prefecture-level regions of the mainland");
    }

    #[test]
    fn every_pool_is_its_own_pool() {
        for (place, ..) in all() {
            if let Some(pool) = pool_of(place) {
                assert_eq!(pool_of(pool), Some(pool), "{place}");
                assert!(name(pool).is_some(), "{pool} has a name");
            }
        }
        assert_eq!(pools(Province::new("31").expect("a province")), [region("310000")]);
        assert_eq!(pools(Province::new("22").expect("a province")).len(), 10);
    }
}
