//! Hospitals, community centres and pharmacies of the demo provinces: samples by name and by number.

use super::numbers::credit_code;
use super::places::{PLACES, Place};
use insurance::identity::{InstitutionCode, Region};
use platform::registry::{Institution, InstitutionKind};

/// One row for every province: district, what stands after 示例 in the name, kind, grade, run by the province,
/// suspended. The serial is 90001 for the first row.
const ROWS: [(usize, &str, InstitutionKind, &str, bool, bool); 9] = {
    use InstitutionKind::{Community, Hospital, Pharmacy};
    [
        (0, "第一医院", Hospital, "02", true, false),
        (1, "中心医院", Hospital, "02", false, false),
        (2, "第二中心医院", Hospital, "03", false, false),
        (1, "区医院", Hospital, "05", false, false),
        (2, "街道医院", Hospital, "08", false, false),
        (0, "社区卫生服务中心", Community, "10", false, false),
        (0, "大药房", Pharmacy, "11", false, false),
        (2, "第二药房", Pharmacy, "11", false, false),
        (0, "停诊医院", Hospital, "05", false, true),
    ]
};

/// The row of the city's tertiary hospital, which the story uses.
pub const CITY_TERTIARY: usize = 1;

/// The code of one row in one province.
pub fn code_of(place: &Place, row: usize) -> InstitutionCode {
    let (district, _, kind, ..) = ROWS[row];
    let letter = if kind == InstitutionKind::Pharmacy { 'P' } else { 'H' };
    InstitutionCode::new(format!("{letter}{}{}", place.districts[district], 90_001 + row)).expect("a code")
}

/// Every institution of the eight provinces.
pub fn institutions() -> Vec<Institution> {
    let rows = |place: &'static Place| (0..ROWS.len()).map(move |row| institution(place, row));
    PLACES.iter().flat_map(rows).collect()
}

fn institution(place: &'static Place, row: usize) -> Institution {
    let (district, name, kind, grade, provincial, suspended) = ROWS[row];
    let whose = if provincial { place.province_zh } else { place.city_zh };
    let number = PLACES.iter().position(|other| other.pool == place.pool).expect("one of the eight");
    Institution {
        code: code_of(place, row),
        name: format!("{whose}示例{name}"),
        region: Region::new(place.districts[district]).expect("a region"),
        kind,
        grade: grade.to_owned(),
        provincial,
        credit_code: credit_code(kind == InstitutionKind::Pharmacy, number * 100 + row + 1),
        suspended,
    }
}
