//! One claim on its way through the layers: what is asked, what was counted, what was explained so far.

use super::explanation::Words;
use super::{CannotAdjudicate, Shares, Step};
use crate::accumulators::{Accumulators, Measure};
use crate::claim::{Claim, HospitalLevel, Service};
use crate::money::Fen;
use crate::person::{Insurance, Person};
use crate::policy::{Package, Query, Row, Table};

pub(super) struct Course<'a> {
    pub package: &'a Package,
    pub person: &'a Person,
    pub claim: &'a Claim,
    pub used: &'a Accumulators,
    pub query: Query<'a>,
    pub steps: Vec<Step>,
    pub accrued: Accumulators,
}

/// Where a step's value stands: the document and its mark.
pub(super) struct Source<'a> {
    pub document: &'a str,
    pub mark: &'a str,
}

impl<'a, T> From<&'a Row<T>> for Source<'a> {
    fn from(row: &'a Row<T>) -> Source<'a> {
        Source { document: &row.document.title, mark: row.mark.as_str() }
    }
}

impl<'a> Course<'a> {
    /// Finds out what will be asked of the tables: the level after the level map, the standing after the rule
    /// for people who come home.
    pub fn open(
        package: &'a Package,
        person: &'a Person,
        claim: &'a Claim,
        used: &'a Accumulators,
    ) -> Result<Course<'a>, CannotAdjudicate> {
        let query = Query {
            service: &claim.service,
            level: claim.place.level,
            class: person.class,
            standing: claim.standing,
            needy: person.needy,
            away: claim.place.region.crosses_province_to(package.pool.region),
            age: claim.end.age_of_born(person.birth),
            retired_on: person.retired_on,
            day: claim.end,
        };
        let mut course =
            Course { package, person, claim, used, query, steps: Vec::new(), accrued: Accumulators::new() };
        course.map_level()?;
        Ok(course)
    }

    fn map_level(&mut self) -> Result<(), CannotAdjudicate> {
        let Some(row) = self.find(&self.package.level_map)? else { return Ok(()) };
        let (given, counted) = (self.query.level, row.value.0);
        self.query.level = counted;
        let words = Words {
            zh: format!("就医地{}在参保地按{}计算", level_zh(given), level_zh(counted)),
            en: format!("a {} counts as a {} in the insured place", level_en(given), level_en(counted)),
        };
        self.explain("level_map", row.into(), &[], Fen::ZERO, words);
        Ok(())
    }

    /// The row that decides, where the table says anything about the case.
    pub fn find<T>(&self, table: &'a Table<T>) -> Result<Option<&'a Row<T>>, CannotAdjudicate> {
        table.find(&self.query).map_err(|what| self.not_known(what))
    }

    /// The row that decides; without one the claim is refused, never guessed.
    pub fn need<T>(&self, table: &'a Table<T>) -> Result<&'a Row<T>, CannotAdjudicate> {
        self.find(table)?.ok_or_else(|| CannotAdjudicate::NoValue {
            table: table.name,
            pool: self.package.pool.region,
            insurance: self.package.insurance,
            service: self.claim.service.clone(),
            level: self.query.level,
            class: self.query.class,
            standing: self.query.standing,
        })
    }

    fn not_known(&self, what: crate::policy::NotKnown) -> CannotAdjudicate {
        CannotAdjudicate::NotKnown { pool: self.package.pool.region, insurance: self.package.insurance, what }
    }

    /// Adds one step to the explanation.
    pub fn explain(
        &mut self,
        layer: &str,
        source: Source<'_>,
        inputs: &[(&str, i64)],
        result: Fen,
        words: Words,
    ) {
        self.steps.push(Step {
            layer: layer.to_owned(),
            document: source.document.to_owned(),
            mark: source.mark.to_owned(),
            inputs: inputs.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(),
            result,
            says: words.into(),
        });
    }

    /// The measures of this kind of care: deductible used, in-scope amount, paid by the pool.
    pub fn measure_deductible(&self) -> Measure {
        match &self.claim.service {
            Service::Inpatient => Measure::InpatientDeductible,
            Service::Chronic(disease) => Measure::ChronicDeductible(disease.clone()),
            Service::Outpatient | Service::EmergencyOutpatient => Measure::OutpatientDeductible,
        }
    }

    /// The in-scope amount of the year, for the kinds of care that count one.
    pub fn measure_in_scope(&self) -> Option<Measure> {
        match &self.claim.service {
            Service::Inpatient => Some(Measure::InpatientInScope),
            Service::Chronic(_) => None,
            Service::Outpatient | Service::EmergencyOutpatient => Some(Measure::OutpatientInScope),
        }
    }

    fn measure_pool(&self) -> Measure {
        match &self.claim.service {
            Service::Inpatient => Measure::InpatientPool,
            Service::Chronic(disease) => Measure::ChronicPool(disease.clone()),
            Service::Outpatient | Service::EmergencyOutpatient => Measure::OutpatientPool,
        }
    }

    /// Counts what this case adds to the year: the stay itself, its deductible, its scope, the pool's part.
    pub fn count_case(&mut self, scope: Fen, deductible: Fen, pool: Fen) {
        if self.claim.service == Service::Inpatient {
            self.accrued.add(Measure::Admissions, 1);
        }
        self.accrued.add_fen(self.measure_deductible(), deductible);
        if let Some(measure) = self.measure_in_scope() {
            self.accrued.add_fen(measure, scope);
        }
        self.accrued.add_fen(self.measure_pool(), pool);
    }

    /// What the second layer is called: 大病保险 of residents, 二次报销 of employees.
    pub fn second_layer_name(&self) -> (&'static str, &'static str) {
        match self.package.insurance {
            Insurance::Resident => ("大病保险", "critical illness"),
            Insurance::Employee => ("二次报销", "second reimbursement"),
        }
    }

    /// Residents' second layer is critical-illness insurance; employees' is paid with the large-amount fund.
    pub fn place_second_layer(&self, shares: &mut Shares, second: Fen) {
        match self.package.insurance {
            Insurance::Resident => shares.critical_illness += second,
            Insurance::Employee => shares.large_amount += second,
        }
    }
}

pub(super) fn level_zh(level: HospitalLevel) -> &'static str {
    match level {
        HospitalLevel::Community => "社区卫生服务机构",
        HospitalLevel::One => "一级及以下医院",
        HospitalLevel::Two => "二级医院",
        HospitalLevel::Three => "三级医院",
        HospitalLevel::ThreeProvincial => "省级三级医院",
    }
}

pub(super) fn level_en(level: HospitalLevel) -> &'static str {
    match level {
        HospitalLevel::Community => "community health centre",
        HospitalLevel::One => "level-one hospital",
        HospitalLevel::Two => "level-two hospital",
        HospitalLevel::Three => "level-three hospital",
        HospitalLevel::ThreeProvincial => "provincial level-three hospital",
    }
}
