//! The eight demo provinces: their pools, districts with hospitals, and the amounts near which people stand.

use insurance::calendar::{PolicyYear, PolicyYearStart, ServiceDate};
use insurance::identity::Region;
use insurance::money::Fen;
use insurance::person::Insurance;

/// One demo province.
pub struct Place {
    /// The pool whose people are made.
    pub pool: &'static str,
    /// The province as it stands in the names of hospitals.
    pub province_zh: &'static str,
    /// The pool as it stands in the names of people.
    pub city_zh: &'static str,
    /// Three districts that have hospitals (GB/T 2260).
    pub districts: [&'static str; 3],
    /// Yearly cap of the employees' pool, yuan. These amounts only decide how much people have used before the
    /// story begins; what is paid is decided by `policies/` alone.
    pub employee_cap: i64,
    /// Yearly cap of the layer above it, yuan; 0 where there is none.
    pub large_amount_cap: i64,
    /// Yearly cap of the residents' pool, yuan.
    pub resident_cap: i64,
    /// Yearly cap of the employees' outpatient pool, yuan.
    pub outpatient_cap: i64,
    /// Yearly cap of the residents' second layer, yuan.
    pub second_layer_cap: i64,
}

const fn place(
    pool: &'static str,
    [province_zh, city_zh]: [&'static str; 2],
    districts: [&'static str; 3],
    [employee_cap, large_amount_cap, resident_cap, outpatient_cap, second_layer_cap]: [i64; 5],
) -> Place {
    Place {
        pool,
        province_zh,
        city_zh,
        districts,
        employee_cap,
        large_amount_cap,
        resident_cap,
        outpatient_cap,
        second_layer_cap,
    }
}

/// The eight, in the order of their codes. Caps in yuan: employees, layer above, residents, outpatient, second layer.
pub const PLACES: [Place; 8] = [
    place(
        "110000",
        ["北京", "北京"],
        ["110101", "110105", "110108"],
        [100_000, 400_000, 250_000, 20_000, 500_000],
    ),
    place(
        "220100",
        ["吉林", "长春"],
        ["220102", "220103", "220104"],
        [150_000, 350_000, 150_000, 2_000, 350_000],
    ),
    place("310000", ["上海", "上海"], ["310101", "310104", "310115"], [650_000, 0, 300_000, 10_000, 300_000]),
    place(
        "340100",
        ["安徽", "合肥"],
        ["340102", "340103", "340104"],
        [300_000, 200_000, 300_000, 4_000, 300_000],
    ),
    place(
        "370200",
        ["山东", "青岛"],
        ["370202", "370203", "370212"],
        [600_000, 500_000, 250_000, 4_000, 300_000],
    ),
    place(
        "440100",
        ["广东", "广州"],
        ["440103", "440104", "440106"],
        [1_000_000, 0, 350_000, 8_000, 450_000],
    ),
    place(
        "460000",
        ["海南", "海口"],
        ["460105", "460106", "460107"],
        [260_000, 340_000, 150_000, 1_500, 300_000],
    ),
    place(
        "510100",
        ["四川", "成都"],
        ["510104", "510105", "510107"],
        [450_000, 400_000, 240_000, 2_000, 400_000],
    ),
];

/// The demo pools in the order in which people are filed to them: the places that most people travel to first.
const TRAVELLED: [&str; 8] = ["310000", "440100", "110000", "510100", "460000", "370200", "340100", "220100"];

impl Place {
    /// The pool as a region.
    pub fn pool(&self) -> Region {
        Region::new(self.pool).expect("a region")
    }

    /// The other seven pools, in the order in which people are filed to them.
    pub fn elsewhere(&self) -> Vec<Region> {
        let others = TRAVELLED.iter().filter(|pool| **pool != self.pool);
        others.map(|pool| Region::new(pool).expect("a region")).collect()
    }

    /// The policy year that a day falls in here: the employees of Shanghai count from July.
    pub fn policy_year(&self, insurance: Insurance, day: ServiceDate) -> PolicyYear {
        let start = match (self.pool, insurance) {
            ("310000", Insurance::Employee) => PolicyYearStart::July,
            _ => PolicyYearStart::January,
        };
        PolicyYear::of(day, start)
    }

    /// The yearly cap of the pool.
    pub fn pool_cap(&self, insurance: Insurance) -> Fen {
        match insurance {
            Insurance::Employee => Fen::yuan(self.employee_cap),
            Insurance::Resident => Fen::yuan(self.resident_cap),
        }
    }
}
