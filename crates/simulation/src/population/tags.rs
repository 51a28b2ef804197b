//! Tags that are read off the facts, so that a tag never says what is not so.

use insurance::calendar::ServiceDate;
use insurance::filing::{Filing, FilingCategory};
use insurance::money::Fen;
use insurance::person::{Insurance, Needy, PersonClass};
use platform::registry::{EnrolmentStatus, InsuredPerson};

/// Every tag that the facts of a person give on this day.
pub fn of_facts(person: &InsuredPerson, today: ServiceDate) -> Vec<String> {
    let facts = &person.facts;
    let mut tags = vec![
        match facts.insurance {
            Insurance::Employee => "employee",
            Insurance::Resident => "resident",
        },
        match facts.class {
            PersonClass::Active => "active",
            PersonClass::Retired => "retired",
            PersonClass::Adult => "adult",
            PersonClass::Senior => "senior",
            PersonClass::Minor => "minor",
        },
    ];
    tags.extend(match person.status {
        EnrolmentStatus::Normal => None,
        EnrolmentStatus::Suspended => Some("suspended"),
        EnrolmentStatus::Ended => Some("ended"),
    });
    tags.extend(facts.civil_servant.then_some("civil_servant"));
    tags.extend(facts.needy.iter().flat_map(|needy| ["needy", needy_tag(*needy)]));
    tags.extend((!person.chronic.is_empty()).then_some("chronic"));
    tags.extend(account_tag(person));
    tags.extend((person.wallet.family > Fen::ZERO).then_some("family_account"));
    // The story has been told before anybody looks.
    let told = person.tags.iter().any(|tag| tag == "story");
    tags.extend((person.used.is_empty() && !told).then_some("clean_year"));
    tags.extend(filing_tags(&person.filings, today));
    let mut tags: Vec<String> = tags.into_iter().map(str::to_owned).collect();
    tags.extend(person.chronic.iter().map(|qualification| format!("chronic_{}", qualification.disease)));
    let in_force = person.filings.iter().filter(|filing| filing.in_force_on(today));
    tags.extend(in_force.flat_map(|filing| &filing.places).map(|place| format!("to_{place}")));
    tags
}

fn needy_tag(needy: Needy) -> &'static str {
    match needy {
        Needy::ExtremePoverty => "needy_extreme_poverty",
        Needy::LowIncome => "needy_low_income",
        Needy::BackInPoverty => "needy_back_in_poverty",
        Needy::NearLowIncome => "needy_near_low_income",
    }
}

/// Rich from 5,000 yuan, poor below 200; residents have no account.
fn account_tag(person: &InsuredPerson) -> Option<&'static str> {
    match person.wallet.own {
        _ if person.facts.insurance == Insurance::Resident => None,
        Fen::ZERO => Some("account_empty"),
        own if own >= Fen::yuan(5_000) => Some("account_rich"),
        own if own < Fen::yuan(200) => Some("account_poor"),
        _ => None,
    }
}

fn filing_tags(filings: &[Filing], today: ServiceDate) -> Vec<&'static str> {
    let mut tags = vec![];
    for filing in filings {
        if filing.in_force_on(today) {
            tags.push(match filing.category {
                FilingCategory::ResettledRetired => "resettled_retired",
                FilingCategory::LongTermResident => "long_term_resident",
                FilingCategory::PermanentWorker => "permanent_worker",
                FilingCategory::Referral => "referral",
                FilingCategory::Emergency => "emergency_filed",
                FilingCategory::OtherTemporary => "other_temporary",
            });
            tags.extend(filing.category.is_long_term().then_some("long_term"));
        } else if filing.from > today {
            tags.push("filing_future");
        } else if filing.cancelled.is_none() {
            tags.push("filing_expired");
        }
    }
    tags.extend(filings.is_empty().then_some("unfiled"));
    tags.extend((filings.len() > 1).then_some("filings_several"));
    tags
}
