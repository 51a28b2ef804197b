//! What can be wrong with a package before any claim meets it: rates outside 0 to 100 %, ladders that do not
//! rise, amounts below zero, rows between which the choice is a guess, cases for which nothing is said.

use super::rules::{Deductible, Ladder, Reduction, Segment};
use super::table::{Fault, Query, Row, Table};
use super::{Counted, Package, ServiceKind};
use crate::claim::{HospitalLevel, Service};
use crate::filing::Standing;
use crate::money::{Fen, Rate};
use crate::person::{Insurance, PersonClass};
use std::collections::BTreeSet;

const LEVELS: [HospitalLevel; 5] = [
    HospitalLevel::Community,
    HospitalLevel::One,
    HospitalLevel::Two,
    HospitalLevel::Three,
    HospitalLevel::ThreeProvincial,
];

impl Insurance {
    /// The classes of person that this insurance has.
    pub fn classes(self) -> &'static [PersonClass] {
        match self {
            Insurance::Employee => &[PersonClass::Active, PersonClass::Retired],
            Insurance::Resident => &[PersonClass::Adult, PersonClass::Senior, PersonClass::Minor],
        }
    }
}

impl Package {
    /// Everything that is wrong with the package; empty where it may be used.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = self.faults_of_choice();
        self.faults_of_values(&mut faults);
        self.faults_of_coverage(&mut faults);
        faults
    }

    fn faults_of_choice(&self) -> Vec<Fault> {
        let mut faults = self.level_map.faults();
        faults.extend(self.return_home.faults());
        faults.extend(self.reduction.faults());
        faults.extend(self.deductible.faults());
        faults.extend(self.rates.faults());
        faults.extend(self.supplement.faults());
        faults.extend(self.pool_cap.faults());
        faults.extend(self.large_amount.faults());
        faults.extend(self.second_layer.faults());
        faults.extend(self.second_layer_needy.faults());
        faults.extend(self.civil_servant.faults());
        faults.extend(self.assistance.faults());
        faults.extend(self.account.faults());
        faults
    }

    fn faults_of_values(&self, faults: &mut Vec<Fault>) {
        each(&self.reduction, faults, |row| match row.value {
            Reduction::None => Ok(()),
            Reduction::MinusPoints(rate) | Reduction::Multiply(rate) => rate_in_whole(rate),
            Reduction::ExtraUpfront { rate, .. } => rate_in_whole(rate),
            Reduction::FixedRate { rate, deductible } => rate_in_whole(rate).and(amount(deductible)),
            Reduction::BillDeductible { share, least, most, rate } => {
                rate_in_whole(rate).and(rate_in_whole(share)).and(between(least, most))
            }
        });
        each(&self.deductible, faults, deductible);
        each(&self.rates, faults, ladder_of_row);
        each(&self.supplement, faults, |row| {
            rate_in_whole(row.value.points).and(rate_in_whole(row.value.ceiling))
        });
        each(&self.pool_cap, faults, |row| {
            row.value.limit.map_or(Ok(()), amount)?;
            let disease = row.value.counts.contains(&Counted::Disease);
            if disease && row.who.services.as_ref() != Some(&BTreeSet::from([ServiceKind::Chronic])) {
                return Err(("counts the disease outside chronic care".into(), "`service = \"chronic\"`"));
            }
            match (row.value.limit.is_some(), row.value.counts.is_empty()) {
                (true, true) => Err(("counts nothing against the cap".into(), "at least one measure")),
                _ => Ok(()),
            }
        });
        each(&self.large_amount, faults, |row| {
            rate_in_whole(row.value.rate).and(row.value.cap.map_or(Ok(()), amount))
        });
        each(&self.second_layer, faults, |row| {
            amount(row.value.start)?;
            row.value.cap.map_or(Ok(()), amount)?;
            segments(&row.value.segments)
        });
        each(&self.second_layer_needy, faults, |row| {
            rate_in_whole(row.value.start).and(rate_in_whole(row.value.points))
        });
        each(&self.civil_servant, faults, |row| rate_in_whole(row.value.rate));
        each(&self.assistance, faults, |row| {
            amount(row.value.start)?;
            row.value.cap.map_or(Ok(()), amount)?;
            rate_in_whole(row.value.rate)
        });
    }

    /// Inpatient and outpatient care must be decided for every level and class of person once values begin.
    fn faults_of_coverage(&self, faults: &mut Vec<Fault>) {
        for service in [Service::Inpatient, Service::Outpatient, Service::EmergencyOutpatient] {
            for (&class, level) in
                self.insurance.classes().iter().flat_map(|class| LEVELS.map(|l| (class, l)))
            {
                let query = Query {
                    service: &service,
                    level,
                    class,
                    standing: Standing::Home,
                    needy: None,
                    away: false,
                    age: 45,
                    retired_on: None,
                    day: super::ServiceDate::of(9999, 1, 1).expect("a day"),
                };
                uncovered(&self.deductible, &query, faults);
                uncovered(&self.rates, &query, faults);
                uncovered(&self.pool_cap, &query, faults);
            }
        }
    }
}

fn uncovered<T>(table: &Table<T>, query: &Query<'_>, faults: &mut Vec<Fault>) {
    let case = format!("{}, {:?}, {:?}", ServiceKind::from(query.service).as_str(), query.level, query.class);
    if matches!(table.find(query), Ok(None)) {
        faults.push(Fault {
            table: table.name.to_owned(),
            at: case,
            found: "no row means this case".into(),
            expected: "a value for every level and class of person".into(),
        });
    }
}

type Verdict = Result<(), (String, &'static str)>;

fn each<T>(table: &Table<T>, faults: &mut Vec<Fault>, check: impl Fn(&Row<T>) -> Verdict) {
    for row in table.own.iter().chain(&table.frame) {
        if let Err((found, expected)) = check(row) {
            faults.push(Fault {
                table: table.name.to_owned(),
                at: format!("the row for {} (from {})", row.who, row.from),
                found,
                expected: expected.to_owned(),
            });
        }
    }
}

fn rate_in_whole(rate: Rate) -> Verdict {
    if (0..=10_000).contains(&rate.0) {
        return Ok(());
    }
    Err((format!("a rate of {rate}"), "a rate between 0% and 100%"))
}

fn amount(fen: Fen) -> Verdict {
    if (Fen::ZERO..=Fen::LARGEST_BILL).contains(&fen) {
        return Ok(());
    }
    Err((format!("an amount of {fen} yuan"), "an amount from zero to 100 million yuan"))
}

fn between(least: Fen, most: Fen) -> Verdict {
    amount(least)?;
    amount(most)?;
    if least <= most { Ok(()) } else { Err((format!("least {least} above most {most}"), "least <= most")) }
}

fn deductible(row: &Row<Deductible>) -> Verdict {
    match &row.value {
        Deductible::PerCase { amounts, again_after_days } => {
            if amounts.is_empty() || again_after_days.is_some_and(|days| days < 1) {
                return Err((
                    "an empty list or period".into(),
                    "at least one amount, periods of a day or more",
                ));
            }
            amounts.iter().try_for_each(|fen| amount(*fen))
        }
        Deductible::PerYear(fen) => amount(*fen),
        Deductible::BillShare { rate, least, most } => rate_in_whole(*rate).and(between(*least, *most)),
    }
}

fn ladder_of_row(row: &Row<Ladder>) -> Verdict {
    let chronic = row.who.services.as_ref().is_none_or(|set| set.contains(&ServiceKind::Chronic));
    if chronic && row.value.base == super::LadderBase::Year {
        return Err(("a ladder of the year for chronic care".into(), "a ladder of the case"));
    }
    segments(&row.value.segments)
}

fn segments(segments: &[Segment]) -> Verdict {
    const EXPECTED: &str = "rising borders above zero, only the last segment open";
    let Some((last, closed)) = segments.split_last() else {
        return Err(("no segment".into(), EXPECTED));
    };
    if last.to.is_some() {
        return Err(("a last segment with a border, which leaves a gap above it".into(), EXPECTED));
    }
    let mut below = Fen::ZERO;
    for segment in closed {
        match segment.to {
            Some(to) if to > below => below = to,
            Some(to) => return Err((format!("a border of {to} after {below}"), EXPECTED)),
            None => return Err(("an open segment before the last".into(), EXPECTED)),
        }
    }
    segments.iter().try_for_each(|segment| rate_in_whole(segment.rate))
}
