//! A counter to try cases at: one line says the package and the case in words, as the tables write it.
//! Amounts are in yuan. What a line does not say pays everything from the first fen, without a cap.

use super::{Adjudication, CannotAdjudicate, adjudicate};
use crate::accumulators::{Accumulators, Measure};
use crate::calendar::{PolicyYearStart, ServiceDate};
use crate::catalogue::Split;
use crate::claim::{CarePlace, Claim, HospitalLevel, Service};
use crate::filing::Standing;
use crate::identity::{DiseaseCode, Region};
use crate::money::{Fen, Rate};
use crate::person::{Insurance, Needy, Person, PersonClass, Wallet};
use crate::policy::{
    AccountUse, Assistance, CivilServant, Counted, Deductible, Document, Ladder, LadderBase, LargeAmount,
    Mark, NeedyTerms, Package, Pool, PoolCap, Reduction, ReturnHome, Row, SecondLayer, Segment, Selector,
    Supplement,
};
use std::sync::Arc;

/// Everything that one adjudication needs.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub package: Package,
    pub person: Person,
    pub wallet: Wallet,
    pub claim: Claim,
    pub used: Accumulators,
}

pub(super) fn day(text: &str) -> ServiceDate {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

/// A row for everyone, from 2024 on.
pub(super) fn row<T>(value: T) -> Row<T> {
    let document = Document {
        id: "table".into(),
        title: "a line of a table".into(),
        source: "here".into(),
        day: "today".into(),
    };
    Row {
        who: Selector::default(),
        from: day("2024-01-01"),
        until: None,
        known_from: None,
        value,
        document: Arc::new(document),
        mark: Mark::Proposed,
    }
}

/// A package that pays the whole in-scope amount, on which the lines lay their rules.
pub(super) fn package(insurance: Insurance) -> Package {
    let pool =
        Pool { region: Region::new("611000").expect("a region"), zh: "某地".into(), en: "a place".into() };
    let mut package = Package::empty(pool, insurance, "table".into(), row(PolicyYearStart::January));
    package.deductible.own = vec![row(Deductible::PerYear(Fen::ZERO))];
    package.rates.own = vec![row(ladder("case 100%"))];
    package.pool_cap.own = vec![row(PoolCap { limit: None, counts: Vec::new() })];
    package
}

/// A person of 45, ten days in a level-three hospital of another province, settled as at home.
pub(super) fn desk(insurance: Insurance) -> Desk {
    let class = insurance.classes()[0];
    let birth = day("1981-01-01");
    Desk {
        package: package(insurance),
        person: Person { insurance, class, birth, retired_on: None, needy: None, civil_servant: false },
        wallet: Wallet::default(),
        claim: Claim {
            service: Service::Inpatient,
            begin: day("2026-03-01"),
            end: day("2026-03-11"),
            place: CarePlace {
                region: Region::new("310104").expect("a region"),
                level: HospitalLevel::Three,
            },
            standing: Standing::LongTerm,
            split: Split::default(),
            account_used: false,
        },
        used: Accumulators::new(),
    }
}

impl Desk {
    pub fn answer(&self) -> Result<Adjudication, CannotAdjudicate> {
        adjudicate(&self.package, &self.person, self.wallet, &self.claim, &self.used)
    }

    /// Reads `resident; deductible case 500; rates case 70%; scope 80000`.
    pub fn of(line: &str) -> Desk {
        let insurance = if line.contains("resident") { Insurance::Resident } else { Insurance::Employee };
        let mut desk = desk(insurance);
        for said in line.split(';') {
            let words: Vec<&str> = said.split_whitespace().collect();
            let (first, rest) = words.split_first().unwrap_or_else(|| panic!("nothing said in {line:?}"));
            if !desk.package_word(first, rest) && !desk.case_word(first, rest) {
                panic!("failed to read {said:?} in {line:?}");
            }
        }
        desk
    }

    fn package_word(&mut self, first: &str, rest: &[&str]) -> bool {
        let package = &mut self.package;
        match first {
            "deductible" => package.deductible.own = vec![row(deductible(rest))],
            "rates" => package.rates.own = vec![row(ladder(&rest.join(" ")))],
            "reduction" => package.reduction.own = vec![row(reduction(rest))],
            "home_as" => package.return_home.own = vec![row(ReturnHome(standing(rest[0])))],
            "supplement" => {
                package.supplement.own =
                    vec![row(Supplement { points: rate(rest[0]), ceiling: rate(rest[1]) })];
            }
            "cap" => {
                let counts = vec![Counted::Inpatient, Counted::Outpatient, Counted::Disease];
                package.pool_cap.own = vec![row(PoolCap { limit: Some(fen(rest[0])), counts })];
            }
            "large" => {
                let cap = rest.get(1).map(|cap| fen(cap));
                package.large_amount.own = vec![row(LargeAmount { rate: rate(rest[0]), cap })];
            }
            "second" => package.second_layer.own = vec![row(second_layer(rest))],
            "leaning" => {
                let uncapped = rest.get(2) == Some(&"uncapped");
                package.second_layer_needy.own =
                    vec![row(NeedyTerms { start: rate(rest[0]), points: rate(rest[1]), uncapped })];
            }
            "civil" => package.civil_servant.own = vec![row(CivilServant { rate: rate(rest[0]) })],
            "assistance" => {
                let (start, rate, cap) = (fen(rest[0]), rate(rest[1]), rest.get(2).map(|cap| fen(cap)));
                package.assistance.own = vec![row(Assistance { start, rate, cap })];
            }
            "account" => package.account.own = vec![row(account(rest))],
            _ => return false,
        }
        true
    }

    fn case_word(&mut self, first: &str, rest: &[&str]) -> bool {
        let split = &mut self.claim.split;
        match first {
            "resident" => {}
            "scope" => split.in_scope = fen(rest[0]),
            "upfront" => split.upfront = fen(rest[0]),
            "over" => split.over_ceiling = fen(rest[0]),
            "own" => split.own = fen(rest[0]),
            "stays" => self.used.add(Measure::Admissions, rest[0].parse().expect("a number")),
            "used" => {
                let measure = Measure::of_code(rest[0]).unwrap_or_else(|| panic!("no measure {}", rest[0]));
                self.used.add_fen(measure, fen(rest[1]));
            }
            "days" => {
                self.claim.end = self.claim.begin.plus_days(rest[0].parse().expect("a number"));
            }
            "begin" => self.claim.begin = day(rest[0]),
            "end" => self.claim.end = day(rest[0]),
            "born" => self.person.birth = day(rest[0]),
            "class" => self.person.class = class(rest[0]),
            "standing" => self.claim.standing = standing(rest[0]),
            "outpatient" => self.claim.service = Service::Outpatient,
            "emergency_outpatient" => self.claim.service = Service::EmergencyOutpatient,
            "chronic" => {
                self.claim.service = Service::Chronic(DiseaseCode::new(rest[0]).expect("a disease"));
            }
            "in_need" => self.person.needy = Some(Needy::LowIncome),
            "civil_servant" => self.person.civil_servant = true,
            "wallet" => {
                self.claim.account_used = true;
                self.wallet = Wallet { own: fen(rest[0]), family: fen(rest[1]) };
            }
            "wallet_unused" => self.claim.account_used = false,
            _ => return false,
        }
        true
    }
}

/// `1300` or `95.50` yuan.
pub(super) fn fen(text: &str) -> Fen {
    let (yuan, part) = text.split_once('.').unwrap_or((text, "00"));
    let digits = format!("{}{part:0<2}", yuan.replace(',', ""));
    Fen(digits.parse().unwrap_or_else(|_| panic!("failed to read {text:?} as yuan")))
}

/// `85%` or `92.5%`.
pub(super) fn rate(text: &str) -> Rate {
    let number = text.strip_suffix('%').unwrap_or_else(|| panic!("failed to read {text:?} as a rate"));
    let (whole, part) = number.split_once('.').unwrap_or((number, "00"));
    Rate(format!("{whole}{part:0<2}").parse().expect("a rate"))
}

/// `case 1300 650`, `case 1000 again 90`, `year 1500`, `bill 20% 2000 10000`.
fn deductible(words: &[&str]) -> Deductible {
    match words {
        ["case", amount, "again", days] => Deductible::PerCase {
            amounts: vec![fen(amount)],
            again_after_days: Some(days.parse().expect("days")),
        },
        ["case", amounts @ ..] => Deductible::PerCase {
            amounts: amounts.iter().map(|amount| fen(amount)).collect(),
            again_after_days: None,
        },
        ["year", amount] => Deductible::PerYear(fen(amount)),
        ["bill", share, least, most] => {
            Deductible::BillShare { rate: rate(share), least: fen(least), most: fen(most) }
        }
        other => panic!("failed to read the deductible {other:?}"),
    }
}

/// `30000:85% 40000:90% 95%`: up to a border, a rate; the last has no border.
fn segments(words: &[&str]) -> Vec<Segment> {
    let one = |word: &&str| match word.split_once(':') {
        Some((to, of)) => Segment { to: Some(fen(to)), rate: rate(of) },
        None => Segment { to: None, rate: rate(word) },
    };
    words.iter().map(one).collect()
}

/// `case ..`, `after ..` (after the deductible) or `year ..`, then segments.
fn ladder(text: &str) -> Ladder {
    let words: Vec<&str> = text.split_whitespace().collect();
    let base = match words[0] {
        "case" => LadderBase::Case,
        "after" => LadderBase::CaseAfterDeductible,
        "year" => LadderBase::Year,
        other => panic!("failed to read {other:?} as what a ladder counts"),
    };
    Ladder { base, segments: segments(&words[1..]) }
}

fn reduction(words: &[&str]) -> Reduction {
    match words {
        ["points", points] => Reduction::MinusPoints(rate(points)),
        ["times", factor] => Reduction::Multiply(rate(factor)),
        ["upfront", share] => Reduction::ExtraUpfront { rate: rate(share), as_level: None },
        ["upfront", share, as_level] => {
            Reduction::ExtraUpfront { rate: rate(share), as_level: Some(level(as_level)) }
        }
        ["fixed", of, amount] => Reduction::FixedRate { rate: rate(of), deductible: fen(amount) },
        ["bill", share, least, most, of] => Reduction::BillDeductible {
            share: rate(share),
            least: fen(least),
            most: fen(most),
            rate: rate(of),
        },
        other => panic!("failed to read the reduction {other:?}"),
    }
}

/// `13000 [cap 350000] [from_start] [with_upfront] [reduced] 50000:60% 70%`
fn second_layer(words: &[&str]) -> SecondLayer {
    let has = |word: &str| words.contains(&word);
    let cap = words.iter().position(|word| *word == "cap").map(|at| fen(words[at + 1]));
    let ladder: Vec<&str> = words.iter().copied().filter(|word| word.ends_with('%')).collect();
    SecondLayer {
        start: fen(words[0]),
        borders_from_start: has("from_start"),
        segments: segments(&ladder),
        cap,
        counts_upfront: has("with_upfront"),
        is_reduced: has("reduced"),
    }
}

fn account(words: &[&str]) -> AccountUse {
    let has = |word: &str| words.contains(&word);
    AccountUse {
        in_scope: has("in_scope"),
        upfront: has("upfront"),
        over_ceiling: has("over_ceiling"),
        own: has("own"),
        family: has("family"),
    }
}

fn level(word: &str) -> HospitalLevel {
    match word {
        "community" => HospitalLevel::Community,
        "one" => HospitalLevel::One,
        "two" => HospitalLevel::Two,
        "three" => HospitalLevel::Three,
        "three_provincial" => HospitalLevel::ThreeProvincial,
        other => panic!("failed to read {other:?} as a level"),
    }
}

fn standing(word: &str) -> Standing {
    match word {
        "home" => Standing::Home,
        "long_term" => Standing::LongTerm,
        "referral" => Standing::Referral,
        "emergency" => Standing::Emergency,
        "other_temporary" => Standing::OtherTemporary,
        "return_home" => Standing::ReturnHome,
        other => panic!("failed to read {other:?} as a standing"),
    }
}

fn class(word: &str) -> PersonClass {
    match word {
        "active" => PersonClass::Active,
        "retired" => PersonClass::Retired,
        "adult" => PersonClass::Adult,
        "senior" => PersonClass::Senior,
        "minor" => PersonClass::Minor,
        other => panic!("failed to read {other:?} as a class"),
    }
}
