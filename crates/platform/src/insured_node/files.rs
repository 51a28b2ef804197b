//! Filings, accumulators, qualifications: what the insured place keeps and is asked for.

use super::{InsuredOffice, Said, person_of, said};
use crate::doors::Store;
use crate::letters::{FilingSheet, Reply};
use crate::refusal::{Code, Refusal};
use crate::regions;
use crate::store::people;
use insurance::calendar::{Instant, ServiceDate};
use insurance::filing::Filing;
use insurance::identity::{PersonNo, Region};

/// Temporary filings last at least six months (national procedure; registry key `filing.temp_min_months`).
const TEMPORARY_MONTHS: i32 = 6;

/// 2501 with refl_type 3, or the command. The same number twice is one filing.
pub fn file(store: &mut dyn Store, now: Instant, asked: &FilingSheet) -> Said<Reply> {
    said!(person_of(store, asked.pool, &asked.person));
    let until = asked
        .until
        .or_else(|| (!asked.category.is_long_term()).then(|| asked.from.plus_months(TEMPORARY_MONTHS)));
    if until.is_some_and(|until| until < asked.from) {
        return Ok(Err(Refusal::new(Code::FilingDatesWrong)
            .with("found", format!("{} > {}", asked.from, until.unwrap_or(asked.from)))));
    }
    let filing = Filing {
        id: asked.filing.clone(),
        category: asked.category,
        places: asked.places.clone(),
        from: asked.from,
        until,
        evidence: asked.evidence,
        made: now,
        cancelled: None,
    };
    let known = people::filings_of(store, asked.pool, &asked.person)?;
    if known.iter().all(|known| known.id != filing.id) {
        people::filing_save(store, asked.pool, &asked.person, &filing)?;
    }
    Ok(Ok(Reply::Filed { filing: filing.id }))
}

/// What a filing from this pool to this place names: the prefecture, or the province where it is one pool or was
/// named whole. Nothing where the place is at home or outside direct settlement.
pub fn place_filed(pool: Region, place: Region) -> Option<Region> {
    let open = place.crosses_province_to(pool) && regions::is_member(place);
    let one_pool = place.province().is_one_pool();
    open.then(|| if one_pool { place.province().region() } else { place.prefecture() })
}

impl InsuredOffice {
    /// 5206: the policy year in which this day lies, which need not be the calendar year.
    pub(super) fn used(
        &self,
        store: &mut dyn Store,
        pool: Region,
        person: &PersonNo,
        on: ServiceDate,
    ) -> Said<Reply> {
        said!(person_of(store, pool, person));
        let mut used = people::accumulators_all(store, pool, person)?;
        used.retain(|(insurance, year, _)| {
            let package = self.policies.package(pool, *insurance);
            package.is_none_or(|package| package.policy_year(on) == *year)
        });
        Ok(Ok(Reply::Used(used)))
    }

    /// 5301.
    pub(super) fn chronic(&self, store: &mut dyn Store, pool: Region, person: &PersonNo) -> Said<Reply> {
        let person = said!(person_of(store, pool, person));
        Ok(Ok(Reply::Qualifications(person.chronic)))
    }
}
