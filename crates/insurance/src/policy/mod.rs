//! What an insured place decides, as data: packages of dated values, one for each pool and insurance,
//! and the zones in which no filing is needed.

mod check;
mod rules;
mod table;

pub use rules::{
    AccountUse, Assistance, CivilServant, Counted, CountsAs, Deductible, Ladder, LadderBase, LargeAmount,
    NeedyTerms, PoolCap, Reduction, ReturnHome, SecondLayer, Segment, Supplement,
};
pub use table::{Document, Fault, Mark, NotKnown, Query, Row, Selector, ServiceKind, Table};

use crate::calendar::{PolicyYear, PolicyYearStart, ServiceDate};
use crate::claim::Service;
use crate::identity::{Province, Region};
use crate::person::Insurance;
use std::collections::BTreeSet;
use std::sync::Arc;

/// 统筹地区: where people are insured together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Its division code.
    pub region: Region,
    /// 中文名
    pub zh: String,
    /// English name.
    pub en: String,
}

impl Pool {
    /// Whether a region's insured people belong to this pool: the same code, the same prefecture, or any
    /// region of a province that is one pool.
    pub fn holds(&self, region: Region) -> bool {
        self.region == region
            || self.region == region.prefecture()
            || (self.region.province().is_one_pool() && self.region.province() == region.province())
    }
}

/// 待遇政策包: everything that one pool decides for one insurance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The pool.
    pub pool: Pool,
    /// The insurance.
    pub insurance: Insurance,
    /// The version of the book it came in, with pool and insurance.
    pub version: String,
    /// When the policy year begins. One row; its first day does not limit the counting of years.
    pub year_start: Row<PolicyYearStart>,
    /// As which level a hospital counts; a level without a row counts as itself.
    pub level_map: Table<CountsAs>,
    /// Terms of a long-term person back home.
    pub return_home: Table<ReturnHome>,
    /// How a standing lowers benefit.
    pub reduction: Table<Reduction>,
    /// Deductibles.
    pub deductible: Table<Deductible>,
    /// Ladders of the pool.
    pub rates: Table<Ladder>,
    /// Age supplements.
    pub supplement: Table<Supplement>,
    /// Caps of the pool.
    pub pool_cap: Table<PoolCap>,
    /// The layer above the cap.
    pub large_amount: Table<LargeAmount>,
    /// Critical illness, second reimbursement.
    pub second_layer: Table<SecondLayer>,
    /// Its leaning towards people in need.
    pub second_layer_needy: Table<NeedyTerms>,
    /// Civil servants.
    pub civil_servant: Table<CivilServant>,
    /// Medical assistance.
    pub assistance: Table<Assistance>,
    /// What the personal account may pay.
    pub account: Table<AccountUse>,
}

impl Package {
    /// A package that decides nothing yet.
    pub fn empty(pool: Pool, insurance: Insurance, version: String, year: Row<PolicyYearStart>) -> Package {
        Package {
            pool,
            insurance,
            version,
            year_start: year,
            level_map: Table::named("level_map"),
            return_home: Table::named("return_home"),
            reduction: Table::named("reduction"),
            deductible: Table::named("deductible"),
            rates: Table::named("rates"),
            supplement: Table::named("supplement"),
            pool_cap: Table::named("pool_cap"),
            large_amount: Table::named("large_amount"),
            second_layer: Table::named("second_layer"),
            second_layer_needy: Table::named("second_layer_needy"),
            civil_servant: Table::named("civil_servant"),
            assistance: Table::named("assistance"),
            account: Table::named("account"),
        }
    }

    /// The policy year that a day of care falls in.
    pub fn policy_year(&self, day: ServiceDate) -> PolicyYear {
        PolicyYear::of(day, self.year_start.value)
    }

    /// The package as it was known at the end of this day: values learned later are forgotten.
    #[must_use]
    pub fn as_known_on(&self, day: ServiceDate) -> Package {
        let mut known = self.clone();
        known.level_map.forget_after(day);
        known.return_home.forget_after(day);
        known.reduction.forget_after(day);
        known.deductible.forget_after(day);
        known.rates.forget_after(day);
        known.supplement.forget_after(day);
        known.pool_cap.forget_after(day);
        known.large_amount.forget_after(day);
        known.second_layer.forget_after(day);
        known.second_layer_needy.forget_after(day);
        known.civil_servant.forget_after(day);
        known.assistance.forget_after(day);
        known.account.forget_after(day);
        known
    }
}

/// 免备案: between these provinces, for these kinds of care, no filing is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The zone's names.
    pub zh: String,
    /// English.
    pub en: String,
    /// Insured in one of these provinces ...
    pub insured: BTreeSet<Province>,
    /// ... and treated in one of these.
    pub treatment: BTreeSet<Province>,
    /// Kinds of care.
    pub services: BTreeSet<ServiceKind>,
    /// First day of care.
    pub from: ServiceDate,
    /// Last day of care, where it ends.
    pub until: Option<ServiceDate>,
    /// Its document.
    pub document: Arc<Document>,
    /// How sure we are.
    pub mark: Mark,
}

/// All packages and zones, under one version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyBook {
    version: String,
    packages: Vec<Package>,
    waivers: Vec<Waiver>,
}

impl PolicyBook {
    /// A book of checked packages.
    ///
    /// # Errors
    /// Every fault of every package, each with the pool and insurance it was found in.
    pub fn new(
        version: String,
        packages: Vec<Package>,
        waivers: Vec<Waiver>,
    ) -> Result<PolicyBook, Vec<(Region, Insurance, Fault)>> {
        let mut faults = Vec::new();
        for package in &packages {
            let found = package.faults();
            faults.extend(found.into_iter().map(|fault| (package.pool.region, package.insurance, fault)));
        }
        if faults.is_empty() { Ok(PolicyBook { version, packages, waivers }) } else { Err(faults) }
    }

    /// The version of the whole book.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The package of the pool that this region belongs to: the region itself, its prefecture, or its province
    /// where that is one pool.
    pub fn package(&self, pool: Region, insurance: Insurance) -> Option<&Package> {
        self.packages.iter().find(|package| package.insurance == insurance && package.pool.holds(pool))
    }

    /// Every package.
    pub fn packages(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter()
    }

    /// Every zone.
    pub fn waivers(&self) -> impl Iterator<Item = &Waiver> {
        self.waivers.iter()
    }

    /// The zone that makes a filing needless for this care, with its document.
    pub fn waiver(
        &self,
        insured: Region,
        treatment: Region,
        service: &Service,
        day: ServiceDate,
    ) -> Option<&Waiver> {
        self.waivers.iter().find(|waiver| {
            insured.crosses_province_to(treatment)
                && waiver.insured.contains(&insured.province())
                && waiver.treatment.contains(&treatment.province())
                && waiver.services.contains(&service.into())
                && waiver.from <= day
                && waiver.until.is_none_or(|until| day <= until)
        })
    }
}
