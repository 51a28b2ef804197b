//! May this person be treated there, and on which terms: the facts of the store put before the rule.

use super::{InsuredOffice, Said, person_of, said, sheet};
use crate::doors::{Store, StoreError};
use crate::letters::{CareSheet, EligibilitySheet, RefusalSheet, Reply};
use crate::protocol::codes;
use crate::refusal::{Code, Refusal};
use crate::regions;
use crate::registry::{EnrolmentStatus, InsuredPerson};
use crate::store::people;
use insurance::adjudication::Bilingual;
use insurance::calendar::ServiceDate;
use insurance::eligibility::{self, Eligible, Ground, Known, NotEligible, Question};
use insurance::filing::Filing;

impl InsuredOffice {
    /// 2001 and 2201: the terms, or the reason why there are none; the person in any case.
    pub(super) fn eligibility(&self, store: &mut dyn Store, care: &CareSheet) -> Said<Reply> {
        let person = said!(self.person_for(store, care));
        let terms = self.terms(store, &person, care)?;
        Ok(Ok(Reply::Eligibility(Box::new(eligibility_sheet(&person, care, terms)))))
    }

    /// The person that the care names, with the insurance that it names.
    pub(super) fn person_for(&self, store: &mut dyn Store, care: &CareSheet) -> Said<InsuredPerson> {
        let person = said!(person_of(store, care.pool, &care.person));
        if person.insurance() != care.insurance {
            return Ok(Err(Refusal::new(Code::InsuranceDiffers)
                .with("found", codes::insutype(care.insurance))
                .with("expected", codes::insutype(person.insurance()))));
        }
        Ok(Ok(person))
    }

    /// The terms on which this care is settled.
    pub(super) fn terms(
        &self,
        store: &mut dyn Store,
        person: &InsuredPerson,
        care: &CareSheet,
    ) -> Result<Result<Eligible, NotEligible>, StoreError> {
        let filings = people::filings_of(store, care.pool, &care.person)?;
        let qualifications: Vec<_> =
            person.chronic.iter().map(|held| (held.disease.clone(), held.from, held.until)).collect();
        let waiver = self.policies.waiver(care.pool, care.place.region, &care.service, care.begin);
        let question = Question {
            place: care.place.region,
            pool: care.pool,
            service: care.service.clone(),
            begin: care.begin,
            day: care.day,
            emergency: care.emergency,
            injury: care.injury,
            third_party: care.third_party,
        };
        let known = Known {
            insured_since: person.insured_since,
            suspended_on: (person.status != EnrolmentStatus::Normal)
                .then(|| person.suspended_on.unwrap_or(person.insured_since)),
            filings: &filings,
            qualifications: &qualifications,
            filing_waived: waiver.is_some(),
        };
        Ok(eligibility::decide(&question, &known))
    }
}

/// The answer to an eligibility question, with words for the ground.
pub(super) fn eligibility_sheet(
    person: &InsuredPerson,
    care: &CareSheet,
    terms: Result<Eligible, NotEligible>,
) -> EligibilitySheet {
    let (from, until) = match &terms {
        Ok(Eligible { ground: Ground::Filed(filing) | Ground::ReturnedHome(filing), .. }) => {
            (filing.from, filing.until)
        }
        _ => (person.insured_since, person.suspended_on),
    };
    let ground = match &terms {
        Ok(eligible) => ground_words(&eligible.ground, care),
        Err(not) => {
            let refusal = refusal_of(not, care);
            Bilingual { zh: refusal.zh(), en: refusal.en() }
        }
    };
    let standing =
        terms.map(|eligible| eligible.standing).map_err(|not| RefusalSheet::from(refusal_of(&not, care)));
    EligibilitySheet { person: sheet(person), standing, ground, from, until }
}

/// The refusal of a decision, with its values.
pub(super) fn refusal_of(not: &NotEligible, care: &CareSheet) -> Refusal {
    match not {
        NotEligible::NotYetInsured(since) => {
            Refusal::new(Code::EnrolmentNotYet).with("day", care.begin).with("since", since)
        }
        NotEligible::Suspended(since) => {
            Refusal::new(Code::EnrolmentSuspended).with("since", since).with_place("place", care.pool)
        }
        NotEligible::ThirdParty => Refusal::new(Code::InjuryWithThirdParty),
        NotEligible::NotFiled => Refusal::new(Code::NotFiled).with_place("place", care.place.region),
        NotEligible::FiledElsewhere(filing) => Refusal::new(Code::FilingPlaceDiffers)
            .with_places("filed", &filing.places)
            .with_place("place", care.place.region),
        NotEligible::FilingEnded(filing) => Refusal::new(Code::FilingExpired)
            .with_place("place", care.place.region)
            .with("until", filing.until.map_or_else(String::new, |until: ServiceDate| until.to_string())),
        NotEligible::NotQualified(disease) => {
            Refusal::new(Code::ChronicQualificationMissing).with("day", care.begin).with("disease", disease)
        }
    }
}

/// What gave the terms, in both languages.
pub(super) fn ground_words(ground: &Ground, care: &CareSheet) -> Bilingual {
    let place = regions::shown(care.place.region);
    let filing_words = |filing: &Filing| {
        let until = filing.until.map(|until| until.to_string());
        let zh_until = until.clone().unwrap_or_else(|| "长期".into());
        let en_until = until.unwrap_or_else(|| "open end".into());
        (
            format!("{}备案{}({}至{})", filing.category.zh(), filing.id, filing.from, zh_until),
            format!("filing {} ({}, {} to {})", filing.id, filing.category.en(), filing.from, en_until),
        )
    };
    let (zh, en) = match ground {
        Ground::AtHome => ("在参保省内就医,无需异地备案".into(), "treated in the insured province".into()),
        Ground::ReturnedHome(filing) => {
            let (zh, en) = filing_words(filing);
            (format!("持有异地长期备案的人员回参保地就医:{zh}"), format!("back home with a long-term {en}"))
        }
        Ground::Filed(filing) => filing_words(filing),
        Ground::Zone => (
            format!("参保地与{}之间免备案", place.zh),
            format!("no filing is needed between the insured place and {}", place.en),
        ),
        Ground::DeemedEmergency => ("急诊抢救视同已备案".into(), "an emergency is deemed filed".into()),
    };
    Bilingual { zh, en }
}
