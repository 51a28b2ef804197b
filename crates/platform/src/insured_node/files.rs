//! Filings, accumulators, qualifications: what the insured place keeps and is asked for.

use super::{InsuredOffice, Said, person_of, said};
use crate::doors::Store;
use crate::letters::{FilingSheet, Reply};
use crate::refusal::{Code, Refusal};
use crate::store::people;
use insurance::calendar::Instant;
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

impl InsuredOffice {
    /// 5206.
    pub(super) fn used(&self, store: &mut dyn Store, pool: Region, person: &PersonNo) -> Said<Reply> {
        said!(person_of(store, pool, person));
        Ok(Ok(Reply::Used(people::accumulators_all(store, pool, person)?)))
    }

    /// 5301.
    pub(super) fn chronic(&self, store: &mut dyn Store, pool: Region, person: &PersonNo) -> Said<Reply> {
        let person = said!(person_of(store, pool, person));
        Ok(Ok(Reply::Qualifications(person.chronic)))
    }
}
