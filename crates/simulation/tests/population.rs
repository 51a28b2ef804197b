//! The people and institutions of the made-up country: numbers that check, tags that are true, cases in every pool.

use insurance::accumulators::Measure;
use insurance::calendar::ServiceDate;
use insurance::claim::HospitalLevel;
use insurance::filing::FilingCategory;
use insurance::identity::{Region, identity_number};
use insurance::money::Fen;
use platform::regions;
use platform::registry::{EnrolmentStatus, InsuredPerson};
use simulation::diseases::diseases;
use simulation::population::{PLACES, Population, credit_check_character, population, story};
use std::collections::BTreeSet;

fn today() -> ServiceDate {
    "2026-11-22".parse().expect("a day")
}

fn people() -> Population {
    population(1, today())
}

fn all_different<'a>(what: &str, population: &'a Population, of: impl Fn(&'a InsuredPerson) -> &'a str) {
    let different: BTreeSet<&str> = population.people.iter().map(of).collect();
    assert_eq!(different.len(), population.people.len(), "every {what} stands once");
}

#[test]
fn the_same_seed_and_day_give_the_same_bytes() {
    let bytes = |seed, day| serde_json::to_vec(&population(seed, day)).expect("a population serialises");
    assert_eq!(bytes(1, today()), bytes(1, today()));
    assert_ne!(bytes(1, today()), bytes(2, today()));
    let numbers = |seed, day| -> Vec<_> {
        population(seed, day).people.into_iter().map(|person| (person.person_no, person.name)).collect()
    };
    assert_eq!(numbers(1, today()), numbers(9, today().plus_days(400)), "numbers and names never change");
}

#[test]
fn every_identity_stands_once_and_checks() {
    // With a crowd in every pool: nobody of it is mistaken for another.
    let pools: Vec<Region> = PLACES.iter().map(|place| place.pool()).collect();
    let population = people().with_crowd(&pools, 300, 1, today());
    all_different("person number", &population, |person| person.person_no.as_str());
    all_different("certificate", &population, |person| &person.certificate_no);
    all_different("card", &population, |person| &person.card_no);
    all_different("card identifier", &population, |person| &person.card_sn);
    all_different("token", &population, |person| &person.voucher_token);
    all_different("name", &population, |person| &person.name);
    for person in &population.people {
        let certificate = &person.certificate_no;
        assert_eq!(identity_number(certificate).as_ref(), Some(certificate));
        assert!(certificate.starts_with("999999"), "an area that no place has");
        let birth = person.facts.birth.to_string().replace('-', "");
        assert_eq!(&certificate[6..14], birth, "{}", person.name);
        let male = certificate[16..17].parse::<u32>().expect("a digit") % 2 == 1;
        assert_eq!(person.gender, if male { "1" } else { "2" });
        assert_eq!(person.person_no.as_str().len(), 20);
        assert!(person.person_no.as_str().starts_with(person.pool.as_str()));
        let lengths = [&person.card_no, &person.card_sn, &person.voucher_token].map(String::len);
        assert_eq!(lengths, [9, 32, 38]);
        assert!(person.name.contains("测试"), "{} is plainly a sample", person.name);
    }
    let ids: Vec<&str> = population
        .people
        .iter()
        .flat_map(|person| &person.filings)
        .map(|filing| filing.id.as_str())
        .collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "every filing number stands once");
}

#[test]
fn institutions_are_samples_of_every_level_in_every_province() {
    let population = people();
    let codes: BTreeSet<&str> = population.institutions.iter().map(|place| place.code.as_str()).collect();
    assert_eq!(codes.len(), population.institutions.len());
    for institution in &population.institutions {
        let code = institution.code.as_str();
        assert!(code.len() == 12 && &code[1..7] == institution.region.as_str(), "{code}");
        assert!(code[7..].parse::<u32>().expect("a serial") > 90_000, "{code}");
        assert!(institution.name.contains("示例"), "{} is plainly a sample", institution.name);
        let (body, check) = institution.credit_code.split_at(17);
        assert_eq!(credit_check_character(body).map(String::from).as_deref(), Some(check), "{code}");
    }
    for place in &PLACES {
        let here = || {
            population
                .institutions
                .iter()
                .filter(|found| regions::pool_of(found.region) == Some(place.pool()))
        };
        let levels: BTreeSet<HospitalLevel> = here().map(|institution| institution.level()).collect();
        assert_eq!(levels.len(), 5, "{}: {levels:?}", place.pool);
        assert_eq!(here().filter(|institution| institution.suspended).count(), 1, "{}", place.pool);
        assert!(here().any(|institution| institution.code.as_str().starts_with('P')));
    }
}

#[test]
fn every_case_is_found_in_every_pool() {
    const TAGS: &str = "employee resident active retired adult senior minor student newborn retired_before_2001 \
        flexible_employment civil_servant needy needy_extreme_poverty needy_low_income needy_back_in_poverty \
        needy_near_low_income chronic chronic_M03900 chronic_M01600 chronic_M00500 chronic_M07801 \
        account_rich account_poor account_empty family_account suspended ended insured_since_last_month \
        long_term resettled_retired long_term_resident permanent_worker referral emergency_filed other_temporary \
        unfiled filing_expired filing_future filing_cancelled filing_elsewhere filing_commitment filings_several \
        near_pool_cap near_outpatient_cap near_second_layer_cap clean_year";
    let population = people();
    for place in &PLACES {
        let pool = place.pool();
        for tag in TAGS.split_whitespace() {
            assert!(population.tagged(&[tag]).any(|person| person.pool == pool), "{pool} has {tag}");
        }
        for tags in [["resident", "referral"], ["civil_servant", "active"], ["civil_servant", "retired"]] {
            assert!(population.tagged(&tags).any(|person| person.pool == pool), "{pool} has {tags:?}");
        }
        for insurance in ["employee", "resident"] {
            let tags = [insurance, "near_pool_cap"];
            assert!(population.tagged(&tags).any(|person| person.pool == pool), "{pool} has {tags:?}");
        }
        let large = population.tagged(&["near_large_amount_cap"]).any(|person| person.pool == pool);
        assert_eq!(large, place.large_amount_cap > 0, "{pool}");
    }
}

#[test]
fn facts_agree_with_one_another_on_any_day() {
    let lists = diseases();
    for day in ["2026-01-01", "2026-03-31", "2026-11-22", "2028-02-29"] {
        let day: ServiceDate = day.parse().expect("a day");
        let population = population(1, day);
        for person in &population.people {
            let name = &person.name;
            assert_eq!(regions::pool_of(person.pool), Some(person.pool), "{name}");
            assert!(person.insured_since <= day && person.facts.birth <= day, "{name}");
            assert_eq!(person.status == EnrolmentStatus::Normal, person.suspended_on.is_none(), "{name}");
            for filing in &person.filings {
                for place in &filing.places {
                    assert!(regions::name(*place).is_some() && regions::is_member(*place), "{name}: {place}");
                    assert!(place.crosses_province_to(person.pool), "{name}: {place}");
                }
                assert!(filing.until.is_none_or(|until| filing.from <= until), "{name}");
                assert!(filing.made.day() < day, "{name}: made before today");
            }
            for qualification in &person.chronic {
                assert!(lists.chronic_of(&qualification.disease).is_some(), "{name}");
                assert!(qualification.from <= day, "{name}");
            }
            for (_, used) in &person.used {
                let paid = used.fen(&Measure::InpatientPool) + used.fen(&Measure::LargeAmount);
                assert!(paid <= used.fen(&Measure::InpatientInScope), "{name}");
                assert!(used.iter().all(|(_, amount)| amount > 0), "{name}");
            }
        }
    }
}

#[test]
fn the_people_of_the_story_are_there() {
    let (population, story) = (people(), story());
    let inpatient = population.person(&story.inpatient_person).expect("the referred resident");
    let hospital = population.institution(&story.inpatient_hospital).expect("a hospital of Shanghai");
    assert_eq!(inpatient.pool, Region::new("220100").expect("a region"));
    for tag in ["resident", "adult", "referral", "story", "to_310000"] {
        assert!(inpatient.tags.iter().any(|own| own == tag), "{tag}");
    }
    assert_eq!(hospital.level(), HospitalLevel::Three);
    assert!(inpatient.filings[0].covers(hospital.region) && inpatient.filings[0].in_force_on(today()));
    assert_eq!(inpatient.filings[0].category, FilingCategory::Referral);

    let outpatient = population.person(&story.outpatient_person).expect("the worker elsewhere");
    let clinic = population.institution(&story.outpatient_hospital).expect("a hospital of Guangzhou");
    assert_eq!(outpatient.pool, Region::new("110000").expect("a region"));
    assert!(outpatient.filings[0].covers(clinic.region) && outpatient.filings[0].category.is_long_term());
    assert!(outpatient.wallet.own > Fen::yuan(1_000) && !clinic.suspended);
}
