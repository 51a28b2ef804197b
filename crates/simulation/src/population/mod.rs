//! The people and institutions of the made-up country: who can be treated, where, and what stands in the way.
//! Identity numbers lie in area 999999, institution serials from 90001: nobody alive and no real hospital.

mod crowd;
mod draft;
mod institutions;
mod numbers;
mod people;
mod places;
mod tags;

pub use numbers::{credit_check_character, credit_code};
pub use places::{PLACES, Place};

use crate::seed::Seed;
use draft::Board;
use insurance::calendar::ServiceDate;
use insurance::identity::{InstitutionCode, PersonNo};
use platform::registry::{Institution, InsuredPerson};
use serde::Serialize;

/// Everybody and every institution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Population {
    /// 定点医药机构, province by province.
    pub institutions: Vec<Institution>,
    /// 参保人, pool by pool.
    pub people: Vec<InsuredPerson>,
}

/// The people and hospitals of the demo story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// An adult resident of Changchun, referred to Shanghai, with nothing used this year.
    pub inpatient_person: PersonNo,
    /// A tertiary hospital of Shanghai, not run by the province.
    pub inpatient_hospital: InstitutionCode,
    /// A working employee of Beijing, filed for long-term work in Guangzhou, with 8,600 yuan on the account.
    pub outpatient_person: PersonNo,
    /// A tertiary hospital of Guangzhou.
    pub outpatient_hospital: InstitutionCode,
}

/// Makes the population of this seed, with filings and qualifications that stand as tagged on `today`.
///
/// Person numbers, names and institutions are the same for every seed and day; the seed draws birthdays, tokens
/// and card identifiers.
pub fn population(seed: u64, today: ServiceDate) -> Population {
    let seed = Seed::new(seed).for_purpose("population");
    let mut people = vec![];
    for (place_index, place) in PLACES.iter().enumerate() {
        let seed = seed.for_purpose(place.pool);
        let mut board = Board { place, place_index, today, seed, drawn: 0 };
        for draft in people::people(&mut board) {
            let mut person = draft.person;
            person.tags.extend(tags::of_facts(&person, today));
            person.tags.sort();
            person.tags.dedup();
            people.push(person);
        }
    }
    Population { institutions: institutions::institutions(), people }
}

/// The people and hospitals of the demo story; they exist for every seed.
pub fn story() -> Story {
    let place = |pool: &str| PLACES.iter().find(|place| place.pool == pool).expect("a demo pool");
    let person = |pool: &str, number| draft::person_no(place(pool).pool(), number);
    let hospital = |pool: &str| institutions::code_of(place(pool), institutions::CITY_TERTIARY);
    Story {
        inpatient_person: person("220100", people::STORY_RESIDENT),
        inpatient_hospital: hospital("310000"),
        outpatient_person: person("110000", people::STORY_WORKER),
        outpatient_hospital: hospital("440100"),
    }
}

impl Population {
    /// The person with this number.
    pub fn person(&self, number: &PersonNo) -> Option<&InsuredPerson> {
        self.people.iter().find(|person| person.person_no == *number)
    }

    /// The institution with this code.
    pub fn institution(&self, code: &InstitutionCode) -> Option<&Institution> {
        self.institutions.iter().find(|institution| institution.code == *code)
    }

    /// Everybody who carries all of these tags.
    pub fn tagged<'a>(&'a self, tags: &'a [&'a str]) -> impl Iterator<Item = &'a InsuredPerson> {
        let carries = |person: &InsuredPerson, tag: &str| person.tags.iter().any(|own| own == tag);
        self.people.iter().filter(move |person| tags.iter().all(|tag| carries(person, tag)))
    }
}
