//! One generated visit: who, where, how, and what is on the bill.

use crate::care;
use crate::network::Desk;
use insurance::calendar::ServiceDate;
use insurance::catalogue::Item;
use insurance::identity::ItemCode;
use insurance::money::{Fen, Quantity, UnitPrice};
use platform::protocol::values::{Amount, Count, Price};
use platform::registry::{EnrolmentStatus, Institution, InsuredPerson};
use serde_json::{Value, json};
use simulation::population::Population;
use simulation::seed::Seed;
use std::fmt;

/// How one is treated.
#[derive(Clone, Debug)]
pub enum Way {
    /// A visit of this kind, for a chronic disease where one is named.
    Outpatient { med_type: &'static str, disease: Option<String> },
    /// A stay that began so many days ago.
    Inpatient { days: i32 },
}

/// One line of a bill.
#[derive(Clone, Debug)]
pub struct Line {
    /// 医疗目录编码
    pub item: ItemCode,
    /// 单价
    pub price: UnitPrice,
    /// 数量
    pub quantity: Quantity,
    /// The place of the charge that it refunds.
    pub refunds: Option<usize>,
}

impl Line {
    /// Price times quantity, half up to the fen.
    pub fn total(&self) -> Fen {
        self.price.times(self.quantity).expect("a bill")
    }
}

/// One visit.
pub struct Drawn {
    /// 参保人
    pub person: InsuredPerson,
    /// 就医机构
    pub hospital: Institution,
    /// 门诊、住院
    pub way: Way,
    /// 费用明细
    pub lines: Vec<Line>,
    /// 个人账户使用标志
    pub account: bool,
    /// Whether the settlement stands at the end, so that later visits of the person begin with something used.
    pub stands: bool,
}

impl fmt::Display for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (person, hospital) = (&self.person, &self.hospital);
        writeln!(f, "{} of {} {:?}", person.person_no, person.pool, person.tags)?;
        writeln!(
            f,
            "at {} (grade {}), {:?}, account {}",
            hospital.code, hospital.grade, self.way, self.account
        )?;
        for line in &self.lines {
            let refunds = line.refunds.map_or(String::new(), |charge| format!(" refunds L{charge}"));
            writeln!(f, "{} {}e-6 x {}e-4{refunds}", line.item, line.price.0, line.quantity.0)?;
        }
        Ok(())
    }
}

impl Drawn {
    /// Draws one.
    pub fn new(seed: &mut Seed, country: &Population, items: &[&Item]) -> Drawn {
        let person = seed.one_of(&country.people).clone();
        let hospital = hospital(seed, country, &person);
        let way = way(seed, &person);
        let lines = lines(seed, items, matches!(way, Way::Inpatient { .. }));
        Drawn { person, hospital, way, lines, account: seed.percent(50), stands: seed.percent(40) }
    }

    /// Whether it is a stay.
    pub fn is_inpatient(&self) -> bool {
        matches!(self.way, Way::Inpatient { .. })
    }

    /// 医疗费总额
    pub fn total(&self) -> Fen {
        self.lines.iter().map(Line::total).sum()
    }

    /// Whether nothing at all stands in the way: insured for long, an institution with an agreement, at home or filed
    /// for the place on every day of the visit, and no qualification needed.
    pub fn must_be_settled(&self, today: ServiceDate) -> bool {
        let days = match self.way {
            Way::Inpatient { days } => days,
            Way::Outpatient { .. } => 0,
        };
        let begin = today.plus_days(-days);
        let place = self.hospital.region;
        let in_good_standing =
            self.person.status == EnrolmentStatus::Normal && self.person.insured_since <= begin;
        let at_home = place.province() == self.person.pool.province();
        let filed = self.person.filings.iter().any(|filing| {
            let there = |named: &insurance::identity::Region| {
                *named == place.prefecture() || *named == place.province().region()
            };
            filing.in_force_on(begin) && filing.in_force_on(today) && filing.places.iter().any(there)
        });
        let needs_nothing =
            matches!(&self.way, Way::Inpatient { .. } | Way::Outpatient { disease: None, .. });
        let returned = at_home && self.person.filings.iter().any(|filing| filing.in_force_on(begin));
        in_good_standing && !self.hospital.suspended && needs_nothing && (at_home && !returned || filed)
    }

    /// 2401 for the stay.
    pub fn admission(&self, desk: &Desk<'_>, days: i32) -> Value {
        care::admission(desk, -days)
    }

    /// The rows of 2204 or 2301.
    pub fn rows(&self, desk: &Desk<'_>, visit: &str, batch: Option<&str>) -> Value {
        let med_type = match &self.way {
            Way::Outpatient { med_type, .. } => med_type,
            Way::Inpatient { .. } => "21",
        };
        let row = |(place, line): (usize, &Line)| {
            json!({
                "feedetl_sn": format!("L{place}"), "mdtrt_id": visit, "psn_no": desk.person.person_no,
                "init_feedetl_sn": line.refunds.map(|charge| format!("L{charge}")),
                "chrg_bchno": batch, "med_type": med_type, "fee_ocur_time": desk.at(0, "00:01:30"),
                "med_list_codg": line.item, "medins_list_codg": format!("M{place}"),
                "det_item_fee_sumamt": Amount(line.total()), "cnt": Count(line.quantity), "pric": Price(line.price),
                "bilg_dept_codg": "A03", "bilg_dept_name": "内科", "bilg_dr_codg": "D900001",
                "bilg_dr_name": "示例医师", "hosp_appr_flag": "1", "rx_circ_flag": "0",
            })
        };
        json!({"feedetail": self.lines.iter().enumerate().map(row).collect::<Vec<_>>()})
    }
}

/// Where people go: mostly where they are filed or live, sometimes anywhere.
fn hospital(seed: &mut Seed, country: &Population, person: &InsuredPerson) -> Institution {
    let mut places: Vec<&str> =
        person.filings.iter().flat_map(|filing| &filing.places).map(|r| r.as_str()).collect();
    places.push(person.pool.as_str());
    let wanted = seed.one_of(&places).get(..2).unwrap_or_default().to_owned();
    let anywhere = seed.percent(20);
    let choices: Vec<&Institution> = country
        .institutions
        .iter()
        .filter(|institution| anywhere || institution.region.province().as_str() == wanted)
        .collect();
    match choices.as_slice() {
        [] => seed.one_of(&country.institutions).clone(),
        choices => (*seed.one_of(choices)).clone(),
    }
}

fn way(seed: &mut Seed, person: &InsuredPerson) -> Way {
    match seed.below(10) {
        0..=3 => Way::Inpatient { days: i32::try_from(seed.between(0, 20)).expect("days") },
        4 => Way::Outpatient { med_type: "13", disease: None },
        5 | 6 => {
            let held: Vec<String> = person.chronic.iter().map(|held| held.disease.to_string()).collect();
            match held.as_slice() {
                // Now and then somebody who is not qualified.
                [] if seed.percent(70) => Way::Outpatient { med_type: "11", disease: None },
                [] => Way::Outpatient { med_type: "14", disease: Some("M03900".to_owned()) },
                held => Way::Outpatient { med_type: "14", disease: Some(seed.one_of(held).clone()) },
            }
        }
        _ => Way::Outpatient { med_type: "11", disease: None },
    }
}

fn lines(seed: &mut Seed, items: &[&Item], inpatient: bool) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for _ in 0..seed.between(1, 12) {
        let charges: Vec<usize> = (0..lines.len()).filter(|place| can_be_refunded(&lines, *place)).collect();
        // Only 2301 knows refund lines.
        if inpatient && !charges.is_empty() && seed.percent(15) {
            let charge = *seed.one_of(&charges);
            let left = left(&lines, charge);
            let back = if seed.percent(50) { left } else { seed.between(1, left) };
            let original = lines[charge].clone();
            lines.push(Line { quantity: Quantity(-back), refunds: Some(charge), ..original });
        } else {
            let item = seed.one_of(items).code.clone();
            lines.push(Line { item, price: price(seed, inpatient), quantity: quantity(seed), refunds: None });
        }
    }
    lines
}

fn can_be_refunded(lines: &[Line], place: usize) -> bool {
    // A refund is known by being below zero: one that rounds to nothing is not a refund.
    lines[place].refunds.is_none() && left(lines, place) > 0 && lines[place].total() > Fen::ZERO
}

/// What is left of a charge after its refunds, in ten-thousandths of a unit.
fn left(lines: &[Line], charge: usize) -> i64 {
    let refunded: i64 =
        lines.iter().filter(|line| line.refunds == Some(charge)).map(|line| line.quantity.0).sum();
    lines[charge].quantity.0 + refunded
}

/// In millionths of a yuan: whole fen, or all six decimals; cheap, dear, and in a stay sometimes enough for a cap.
fn price(seed: &mut Seed, inpatient: bool) -> UnitPrice {
    let most_yuan = match seed.below(10) {
        0..=2 => 10,
        3..=6 => 300,
        7 | 8 => 5_000,
        _ if inpatient => 200_000,
        _ => 20_000,
    };
    if seed.percent(40) {
        UnitPrice::fen(seed.between(1, most_yuan * 100))
    } else {
        UnitPrice(seed.between(1, most_yuan * 1_000_000))
    }
}

fn quantity(seed: &mut Seed) -> Quantity {
    if seed.percent(50) { Quantity::units(seed.between(1, 10)) } else { Quantity(seed.between(1, 100_000)) }
}
