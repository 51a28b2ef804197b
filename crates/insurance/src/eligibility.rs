//! 待遇资格: may this person settle here on this day, and on which terms. Decided at admission and decided again
//! at settlement; the answer at settlement wins. The order of questions is this project's, the order in
//! which a cashier can act on the answers: insurance, suspension, third party, filing, qualification.

use crate::calendar::ServiceDate;
use crate::claim::Service;
use crate::filing::{Filing, FilingCategory, Standing};
use crate::identity::{DiseaseCode, Region};

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// Where the care is given.
    pub place: Region,
    /// The pool where the person is insured.
    pub pool: Region,
    /// The kind of care.
    pub service: Service,
    /// First day of care: the insurance must be in force on it.
    pub begin: ServiceDate,
    /// The day on which it is decided: filings made until then count.
    pub day: ServiceDate,
    /// The institution says that this is an emergency (医疗类别 13 or 24, or the emergency flag).
    pub emergency: bool,
    /// 外伤标志
    pub injury: bool,
    /// 涉及第三方标志
    pub third_party: bool,
}

/// What is known of the person.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    /// First day insured.
    pub insured_since: ServiceDate,
    /// Suspended or ended since, where so.
    pub suspended_on: Option<ServiceDate>,
    /// All filings of the person.
    pub filings: &'a [Filing],
    /// Chronic qualifications: disease, first and last day.
    pub qualifications: &'a [(DiseaseCode, ServiceDate, Option<ServiceDate>)],
    /// Whether a filing-free zone covers this pair of places, this service and this day.
    pub filing_waived: bool,
}

/// On which terms, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eligible {
    /// The benefit class.
    pub standing: Standing,
    /// Why.
    pub ground: Ground,
}

/// What gave the standing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Treated in the insured province.
    AtHome,
    /// A long-term filing elsewhere, and the person came back.
    ReturnedHome(Filing),
    /// An effective filing that covers the place.
    Filed(Filing),
    /// A filing-free zone.
    Zone,
    /// 视同备案: an emergency is deemed filed (articles 8 and 34).
    DeemedEmergency,
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotEligible {
    /// Not insured yet on the first day of care.
    NotYetInsured(ServiceDate),
    /// Insurance suspended or ended.
    Suspended(ServiceDate),
    /// Third-party liability: Social Insurance Law, article 30.
    ThirdParty,
    /// Never filed.
    NotFiled,
    /// A filing in force names another place.
    FiledElsewhere(Filing),
    /// The filing for this place has ended.
    FilingEnded(Filing),
    /// No qualification for the disease.
    NotQualified(DiseaseCode),
}

/// Decides. Who the person is, and whether the two provinces settle at all, the offices have answered before.
pub fn decide(question: &Question, known: &Known<'_>) -> Result<Eligible, NotEligible> {
    if question.begin < known.insured_since {
        return Err(NotEligible::NotYetInsured(known.insured_since));
    }
    if let Some(since) = known.suspended_on.filter(|since| *since <= question.begin) {
        return Err(NotEligible::Suspended(since));
    }
    if question.third_party {
        return Err(NotEligible::ThirdParty);
    }
    let eligible = standing(question, known)?;
    if let Service::Chronic(disease) = &question.service {
        qualified(disease, question.begin, known)?;
    }
    Ok(eligible)
}

fn standing(question: &Question, known: &Known<'_>) -> Result<Eligible, NotEligible> {
    let in_force = |filing: &&Filing| in_force(filing, question);
    if !question.place.crosses_province_to(question.pool) {
        let away = known.filings.iter().filter(in_force).find(|filing| filing.category.is_long_term());
        return Ok(match away {
            Some(filing) => {
                Eligible { standing: Standing::ReturnHome, ground: Ground::ReturnedHome(filing.clone()) }
            }
            None => Eligible { standing: Standing::Home, ground: Ground::AtHome },
        });
    }
    if let Some(filing) = best_filing(question, known) {
        return Ok(Eligible { standing: filing.category.standing(), ground: Ground::Filed(filing.clone()) });
    }
    if known.filing_waived {
        return Ok(Eligible { standing: Standing::LongTerm, ground: Ground::Zone });
    }
    if question.emergency {
        return Ok(Eligible { standing: Standing::Emergency, ground: Ground::DeemedEmergency });
    }
    Err(why_not_filed(question, known))
}

/// The filing that serves the person best: long-term before referral before emergency before other.
fn best_filing<'a>(question: &Question, known: &Known<'a>) -> Option<&'a Filing> {
    known
        .filings
        .iter()
        .filter(|filing| in_force(filing, question) && filing.covers(question.place))
        .min_by_key(|filing| rank(filing.category))
}

/// A filing counts that was in force when care began, or is in force when it is decided: one that ends during
/// the stay still serves it, and one made during the stay is picked up.
fn in_force(filing: &Filing, question: &Question) -> bool {
    filing.in_force_on(question.begin) || filing.in_force_on(question.day)
}

fn rank(category: FilingCategory) -> u8 {
    match category.standing() {
        Standing::LongTerm => 0,
        Standing::Referral => 1,
        Standing::Emergency => 2,
        _ => 3,
    }
}

fn why_not_filed(question: &Question, known: &Known<'_>) -> NotEligible {
    let standing = || known.filings.iter().filter(|filing| filing.cancelled.is_none());
    let ended = standing()
        .filter(|filing| filing.covers(question.place))
        .filter(|filing| filing.until.is_some_and(|until| until < question.day))
        .max_by_key(|filing| filing.until);
    if let Some(filing) = ended {
        return NotEligible::FilingEnded(filing.clone());
    }
    match standing().find(|filing| filing.in_force_on(question.day)) {
        Some(filing) => NotEligible::FiledElsewhere(filing.clone()),
        None => NotEligible::NotFiled,
    }
}

/// Matches by the first four characters, because provinces use different detail codes of one disease.
fn qualified(disease: &DiseaseCode, day: ServiceDate, known: &Known<'_>) -> Result<(), NotEligible> {
    let family = |code: &DiseaseCode| code.as_str().chars().take(4).collect::<String>();
    let held = known.qualifications.iter().any(|(code, from, until)| {
        family(code) == family(disease) && *from <= day && until.is_none_or(|until| day <= until)
    });
    if held { Ok(()) } else { Err(NotEligible::NotQualified(disease.clone())) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Instant;
    use crate::filing::Evidence;
    use crate::identity::FilingId;

    fn day(text: &str) -> ServiceDate {
        text.parse().expect("a day")
    }

    fn filing(code: &str, place: &str, from: &str, until: Option<&str>) -> Filing {
        Filing {
            id: FilingId::new("F1").expect("an id"),
            category: FilingCategory::of_code(code).expect("a category"),
            places: vec![Region::new(place).expect("a region")],
            from: day(from),
            until: until.map(day),
            evidence: Evidence::None,
            made: Instant(0),
            cancelled: None,
        }
    }

    fn ask(place: &str, emergency: bool, filings: &[Filing]) -> Result<Standing, NotEligible> {
        let question = Question {
            place: Region::new(place).expect("a region"),
            pool: Region::new("220100").expect("a region"),
            service: Service::Inpatient,
            begin: day("2026-05-01"),
            day: day("2026-05-10"),
            emergency,
            injury: false,
            third_party: false,
        };
        let known = Known {
            insured_since: day("2020-01-01"),
            suspended_on: None,
            filings,
            qualifications: &[],
            filing_waived: false,
        };
        decide(&question, &known).map(|eligible| eligible.standing)
    }

    #[test]
    fn filings_decide_the_terms() {
        let referral = filing("21", "310000", "2026-04-01", Some("2026-10-01"));
        let long_term = filing("12", "310000", "2026-05-09", None);
        let elsewhere = filing("12", "440100", "2026-01-01", None);
        let ended = filing("21", "310000", "2025-04-01", Some("2025-10-01"));
        assert_eq!(ask("220100", false, &[]), Ok(Standing::Home));
        assert_eq!(ask("220200", false, std::slice::from_ref(&elsewhere)), Ok(Standing::ReturnHome));
        assert_eq!(ask("310101", false, std::slice::from_ref(&referral)), Ok(Standing::Referral));
        // Filed during the stay: picked up at settlement, and the better of two.
        assert_eq!(ask("310101", false, &[referral, long_term]), Ok(Standing::LongTerm));
        assert_eq!(ask("310101", true, &[]), Ok(Standing::Emergency));
        assert_eq!(ask("310101", false, &[]), Err(NotEligible::NotFiled));
        assert_eq!(
            ask("310101", false, std::slice::from_ref(&elsewhere)),
            Err(NotEligible::FiledElsewhere(elsewhere))
        );
        assert_eq!(ask("310101", false, std::slice::from_ref(&ended)), Err(NotEligible::FilingEnded(ended)));
        // A filing to one city does not cover another city of that province.
        let guangzhou = filing("12", "440100", "2026-01-01", None);
        assert_eq!(ask("440103", false, std::slice::from_ref(&guangzhou)), Ok(Standing::LongTerm));
        assert!(ask("440300", false, std::slice::from_ref(&guangzhou)).is_err());
    }
}
