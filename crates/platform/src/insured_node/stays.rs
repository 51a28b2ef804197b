//! Stays as the insured place knows them, wherever they are: one person cannot lie in two hospitals.

use super::terms::{eligibility_sheet, refusal_of};
use super::{InsuredOffice, Said, said};
use crate::doors::{Store, StoreError};
use crate::letters::{CareSheet, Reply, StayRef};
use crate::refusal::{Code, Refusal};
use crate::store::insured::{self, Stay};
use insurance::calendar::ServiceDate;
use insurance::eligibility::NotEligible;
use insurance::identity::Region;

impl InsuredOffice {
    /// 2401. A missing filing does not stop an admission: it can still be made before the settlement.
    pub(super) fn stay_open(&self, store: &mut dyn Store, care: &CareSheet) -> Said<Reply> {
        let person = said!(self.person_for(store, care));
        let terms = self.terms(store, &person, care)?;
        let can_be_filed_later = matches!(
            terms,
            Ok(_) | Err(NotEligible::NotFiled | NotEligible::FiledElsewhere(_) | NotEligible::FilingEnded(_))
        );
        if let (Err(not), false) = (&terms, can_be_filed_later) {
            return Ok(Err(refusal_of(not, care)));
        }
        let Some(visit) = care.visit.clone() else {
            return Ok(Err(Refusal::new(Code::VisitUnknown).with("visit", "")));
        };
        let stay = StayRef { pool: care.pool, person: care.person.clone(), visit };
        if let Some(other) = self.overlapping(store, &stay, care.begin, care.end)? {
            return Ok(Err(Refusal::new(Code::StayOverlaps)
                .with("begin", other.begin)
                .with_place("place", Region::new(&other.region).ok())
                .with("institution", &other.institution_name)));
        }
        if !insured::stay_open(store, &stay, care)? {
            let known = insured::stays_of(store, stay.pool, &stay.person)?;
            if known.iter().any(|known| known.visit == stay.visit.as_str() && known.state != "open") {
                // It was closed before its beginning arrived.
                return Ok(Err(Refusal::new(Code::VisitCancelled).with("visit", &stay.visit)));
            }
        }
        Ok(Ok(Reply::Eligibility(Box::new(eligibility_sheet(&person, care, terms)))))
    }

    fn overlapping(
        &self,
        store: &mut dyn Store,
        stay: &StayRef,
        begin: ServiceDate,
        end: Option<ServiceDate>,
    ) -> Result<Option<Stay>, StoreError> {
        let others = insured::stays_of(store, stay.pool, &stay.person)?;
        Ok(others.into_iter().filter(|other| other.state == "open").find(|other| {
            // A transfer on one day is no overlap: one stay ends on the day on which the other begins.
            let other_ends_before = other.end.is_some_and(|other_end| other_end <= begin);
            let ends_before_other = end.is_some_and(|end| end <= other.begin);
            other.visit != stay.visit.as_str() && !other_ends_before && !ends_before_other
        }))
    }

    /// 2402, 2403, 2405.
    pub(super) fn stay_change(
        &self,
        store: &mut dyn Store,
        stay: &StayRef,
        version: i64,
        begin: ServiceDate,
        end: Option<ServiceDate>,
    ) -> Said<Reply> {
        insured::stay_change(store, stay, version, begin, end)?;
        Ok(Ok(Reply::Done))
    }

    /// 2404 and 2601 of 2401. May come before the beginning has arrived.
    pub(super) fn stay_close(&self, store: &mut dyn Store, stay: &StayRef) -> Said<Reply> {
        if let Some(settlement) = insured::insured_settlement_standing(store, stay)? {
            return Ok(Err(Refusal::new(Code::VisitHasSettlement)
                .with("visit", &stay.visit)
                .with("settlement", settlement)));
        }
        insured::stay_close(store, stay)?;
        Ok(Ok(Reply::Done))
    }
}
