//! 参保地: decides who may, on which terms, and what is paid; keeps filings, accumulators, accounts and the
//! insured side of the books. It never asks which hospital software is calling.

/// 待遇资格: may this person, here, now.
mod terms;
/// 住院登记: stays, so that no two overlap.
mod stays;
/// 结算: quote, book, take back, let stand again, cancel.
mod settle;
/// 备案与查询: filings, accumulators, qualifications.
mod files;

use crate::doors::{Store, StoreError};
use crate::letters::{Ask, Credential, PersonSheet, RefusalSheet, Reply};
use crate::life::Moment;
use crate::refusal::{Code, Refusal};
use crate::registry::InsuredPerson;
use crate::store::people;
use insurance::identity::{PersonNo, Province, Region};
use insurance::policy::PolicyBook;
use std::sync::Arc;

/// The office of one province that answers for its insured people.
pub struct InsuredOffice {
    /// The province.
    pub province: Province,
    /// The policies in force, with their version.
    pub policies: Arc<PolicyBook>,
}

/// A step of this office: an answer, a refusal, or the disk's failure.
pub type Said<T> = Result<Result<T, Refusal>, StoreError>;

/// Goes on with what was said, or hands the refusal up.
macro_rules! said {
    ($answer:expr) => {
        match $answer? {
            Ok(value) => value,
            Err(refusal) => return Ok(Err(refusal)),
        }
    };
}
use said;

/// 对账之后: what a comparison with the other offices asks this office to do.
mod repair;

pub use files::{file, place_filed};

impl InsuredOffice {
    /// Answers one question. The same question may come again: booking twice changes nothing.
    pub fn answer(&self, store: &mut dyn Store, moment: &Moment, ask: Ask) -> Result<Reply, StoreError> {
        let now = moment.at;
        let said = match ask {
            Ask::FindPerson(credential) => self.find_person(store, &credential),
            Ask::CheckEligibility(care) => self.eligibility(store, &care),
            Ask::OpenStay(care) => self.stay_open(store, &care),
            Ask::ChangeStay { stay, version, begin, end } => {
                self.stay_change(store, &stay, version, begin, end)
            }
            Ask::CloseStay(stay) => self.stay_close(store, &stay),
            Ask::Quote(claim) => self.quote(store, &claim),
            Ask::Settle(claim) => self.settle(store, moment, &claim),
            Ask::Reverse { settlement, day, .. } => self.reverse(store, moment, &settlement, day),
            Ask::Reinstate { settlement, day } => self.reinstate(store, moment, &settlement, day),
            Ask::Cancel(settlement) => self.cancel(store, moment, &settlement),
            Ask::Status(settlement) => self.status(store, &settlement),
            Ask::File(filing) => files::file(store, now, &filing),
            Ask::Accumulators { person, pool, on } => self.used(store, pool, &person, on),
            Ask::Chronic { person, pool } => self.chronic(store, pool, &person),
        };
        Ok(said?.unwrap_or_else(|refusal| Reply::Refused(RefusalSheet::from(refusal))))
    }

    fn find_person(&self, store: &mut dyn Store, credential: &Credential) -> Said<Reply> {
        for digest in &credential.digests {
            let Some((pool, number)) = people::credential_find(store, digest)? else { continue };
            let person = said!(person_of(store, pool, &number));
            if credential.name.as_ref().is_some_and(|name| *name != person.name) {
                return Ok(Err(Refusal::new(Code::PersonNameDiffers).with("field", "psn_name")));
            }
            return Ok(Ok(Reply::Person(Box::new(sheet(&person)))));
        }
        Ok(Err(Refusal::new(Code::PersonUnknown).with("field", &credential.field)))
    }
}

/// The person of this pool, or a refusal that names both.
fn person_of(store: &mut dyn Store, pool: Region, number: &PersonNo) -> Said<InsuredPerson> {
    let found = people::person_find(store, pool, number)?;
    Ok(found.ok_or_else(|| {
        Refusal::new(Code::PersonNotInThisPlace).with_place("place", pool).with("person", number)
    }))
}

/// What the treatment node needs to know of a person.
pub(crate) fn sheet(person: &InsuredPerson) -> PersonSheet {
    PersonSheet {
        person_no: person.person_no.clone(),
        pool: person.pool,
        name: person.name.clone(),
        certificate_type: person.certificate_type.clone(),
        certificate_no: person.certificate_no.clone(),
        gender: person.gender.clone(),
        ethnic_group: person.ethnic_group.clone(),
        birth: person.facts.birth,
        insurance: person.facts.insurance,
        class: person.facts.class,
        person_type: person.person_type.clone(),
        civil_servant: person.facts.civil_servant,
        status: person.status,
        insured_since: person.insured_since,
        suspended_on: person.suspended_on,
        employer: person.employer.clone(),
        needy: person.facts.needy.map(|needy| (needy, person.needy_since)),
        account: person.wallet.own,
    }
}
