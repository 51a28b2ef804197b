//! A refusal: who must act, on which field, by which rule, and how to cure it, in Chinese and English.
//! The codes are here, the words in `messages.toml`; a test holds that every code has all its words.

use crate::regions;
use insurance::identity::Region;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// Everything this platform may answer instead of success.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs)] // the words stand in messages.toml
        pub enum Code { $($(#[$doc])* $name),* }

        impl Code {
            /// All of them.
            pub const ALL: &[Code] = &[$(Code::$name),*];

            /// The name, as `messages.toml` has it.
            pub fn name(self) -> &'static str {
                match self { $(Code::$name => stringify!($name)),* }
            }

            /// The code with this name.
            pub fn of_name(name: &str) -> Option<Code> {
                Code::ALL.iter().copied().find(|code| code.name() == name)
            }
        }
    };
}

codes! {
    // 1xxx envelope
    BodyUnreadable, EnvelopeFieldMissing, EnvelopeFieldInvalid, TransactionUnknown, TransactionDiffersFromPath,
    FieldMissing, FieldTooLong, FieldInvalid, CodeUnknown, NodeMissing, MessageReused, MessageReversedBefore,
    TransactionInProgress, FileUnreadable, FileTooLarge, FilesTooMany, FileUnknown, FileOfAnother,
    StatementLineWrong, StatementDatesWrong, StatementAgencyWrong, StatementClassWrong, PageWrong,
    // 2xxx person and enrolment
    PersonUnknown, PersonNameDiffers, PersonNotInThisPlace, EnrolmentSuspended, EnrolmentNotYet, InsuranceDiffers,
    InsuredPlaceMissing, InsuredPlaceUnknown, PersonRecordWrong,
    // 3xxx institution and agreement
    InstitutionUnknown, InstitutionSuspended, TreatmentPlaceDiffers,
    // 4xxx catalogue
    ItemUnknown, ItemNotInForce,
    // 5xxx visit and fee
    VisitUnknown, VisitOfAnotherPerson, VisitOfAnotherInstitution, VisitKindWrong, VisitEnded, VisitCancelled,
    VisitHasFees, VisitHasSettlement, StayOverlaps, StayNotDischarged, StayAlreadyDischarged, DischargeBeforeAdmission,
    FeeLineRepeated, FeeLineUnknown, FeeLineSettled, FeeLineSumWrong, FeeLineDayOutside, FeeLineTooLarge, RefundWithoutCharge,
    NoFeeLines, BillSumDiffers, SplitDiffers, DateInFuture, BillCannotBe,
    // 6xxx settlement and reversal
    SettlementUnknown, SettlementAlreadyReversed, SettlementAlreadyDone, SettlementUnresolved, LaterSettlementStands,
    NotReversible, MidStaySettlementRefused, OriginalOfAnotherPerson, OriginalUnresolved, FeesChangedSince,
    AccountTooLow, SettlementCancelledBefore,
    // 7xxx filing and eligibility
    NotFiled, FilingPlaceDiffers, FilingExpired, ChronicQualificationMissing, InjuryWithThirdParty, ServiceNotOpen,
    PolicyUnknownForDay, ReferralKindUnsupported, FilingDatesWrong, FilingUnknown,
    // 8xxx suspension between provinces
    ProvinceSuspended,
    // 9xxx system and upstream
    HubUnreachable, InsuredPlaceUnreachable, AnswerTimedOut, StoreFailed, Overloaded, NodeCatchingUp, InternalFault,
}

/// The words and the standing of one code.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Four digits, shown in brackets at the start of the text.
    pub number: u16,
    /// Who must act: `institution`, `vendor`, `person`, `insured_place`, `treatment_place`, `platform`.
    pub who: String,
    /// `true` where the outcome is unknown or the system is at fault: answered with infcode -1, so that clients
    /// run 2601; everything else is -2.
    #[serde(default)]
    pub system: bool,
    /// 中文, with `{names}` of values.
    pub zh: String,
    /// English, with the same `{names}`.
    pub en: String,
}

static WORDS: LazyLock<BTreeMap<String, Words>> =
    LazyLock::new(|| toml::from_str(include_str!("messages.toml")).expect("messages.toml is well formed"));

impl Code {
    /// Its words.
    pub fn words(self) -> &'static Words {
        WORDS.get(self.name()).unwrap_or_else(|| panic!("{} has words in messages.toml", self.name()))
    }
}

/// The most characters of a value that are shown: a reason of ours fits, a text from outside does not flood.
const LONGEST_VALUE: usize = 160;

/// One refusal with its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which.
    pub code: Code,
    /// Named values for the words, such as `field`, `found`, `expected`; one that differs between the languages
    /// stands twice, as `place.zh` and `place.en`.
    pub values: BTreeMap<String, String>,
}

impl Refusal {
    /// A refusal with this code and no values yet.
    pub fn new(code: Code) -> Refusal {
        Refusal { code, values: BTreeMap::new() }
    }

    /// With a value; cut where it is long, because values come from outside.
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Refusal {
        let text = value.to_string();
        let long = text.chars().count() > LONGEST_VALUE;
        let cut = if long { text.chars().take(LONGEST_VALUE - 1).chain(['…']).collect() } else { text };
        self.values.insert(name.to_owned(), cut);
        self
    }

    /// With a value that has its own words in each language.
    pub fn with_both(self, name: &str, zh: impl fmt::Display, en: impl fmt::Display) -> Refusal {
        self.with(&format!("{name}.zh"), zh).with(&format!("{name}.en"), en)
    }

    /// With a place, as every text shows one: 上海市(310000), Shanghai (310000).
    pub fn with_place(self, name: &str, place: impl Into<Option<Region>>) -> Refusal {
        self.with_places(name, &place.into().into_iter().collect::<Vec<_>>())
    }

    /// With several places.
    pub fn with_places(self, name: &str, places: &[Region]) -> Refusal {
        let shown: Vec<_> = places.iter().map(|place| regions::shown(*place)).collect();
        let zh = shown.iter().map(|place| place.zh.as_str()).collect::<Vec<_>>().join("、");
        let en = shown.iter().map(|place| place.en.as_str()).collect::<Vec<_>>().join(", ");
        if places.is_empty() { self } else { self.with_both(name, zh, en) }
    }

    /// -1 where the outcome is unknown or the system failed, -2 where somebody can cure it.
    pub fn infcode(&self) -> i32 {
        if self.code.words().system { -1 } else { -2 }
    }

    /// Chinese.
    pub fn zh(&self) -> String {
        fill(&self.code.words().zh, &self.values, "zh")
    }

    /// English.
    pub fn en(&self) -> String {
        fill(&self.code.words().en, &self.values, "en")
    }

    /// The text of `err_msg`: number, Chinese, English.
    pub fn text(&self) -> String {
        format!("[{}] {} | {}", self.code.words().number, self.zh(), self.en())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl std::error::Error for Refusal {}

impl From<Code> for Refusal {
    fn from(code: Code) -> Refusal {
        Refusal::new(code)
    }
}

/// Puts the values into the slots of a template, in one pass: a value that looks like a slot stays as it came. What
/// nobody gave is shown as a dash.
fn fill(template: &str, values: &BTreeMap<String, String>, language: &str) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (name, behind) = after.split_once('}').expect("the templates are ours, and tested");
        let value = values.get(&format!("{name}.{language}")).or_else(|| values.get(name));
        text.push_str(value.map_or("-", String::as_str));
        rest = behind;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn names_in(template: &str) -> BTreeSet<&str> {
        template.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name)).collect()
    }

    #[test]
    fn a_value_that_looks_like_a_slot_stays_as_it_came() {
        let text = Refusal::new(Code::BillSumDiffers)
            .with("found", "{expected}")
            .with("expected", "{count}")
            .with("count", 3)
            .en();
        assert!(text.contains("{expected} differs from") && text.contains("sum {count} (3 lines)"), "{text}");
    }

    #[test]
    fn no_text_shows_the_name_of_a_slot_whatever_values_are_given() {
        for code in Code::ALL {
            let text = Refusal::new(*code).text();
            assert!(!text.contains(['{', '}']), "{}: {text}", code.name());
        }
    }

    #[test]
    fn every_text_says_who_acts() {
        for code in Code::ALL {
            let words = code.words();
            let actor = match words.who.as_str() {
                "person" => "参保人",
                "insured_place" => "参保地经办机构",
                _ => "请",
            };
            assert!(words.zh.contains(actor), "{}: {actor} is not in {}", code.name(), words.zh);
        }
    }

    #[test]
    fn a_place_has_its_name_and_code_in_both_languages() {
        let place = Region::new("310104").expect("a region");
        let refusal = Refusal::new(Code::NotFiled).with_place("place", place);
        assert!(refusal.zh().contains("上海市(310104)"), "{}", refusal.zh());
        assert!(refusal.en().contains("Shanghai (310104)"), "{}", refusal.en());
        let nowhere = Refusal::new(Code::NotFiled).with_place("place", None);
        assert!(nowhere.en().contains("in -."), "{}", nowhere.en());
    }

    #[test]
    fn every_code_has_words_in_both_languages_and_a_number_of_its_own() {
        let mut numbers = BTreeSet::new();
        for code in Code::ALL {
            let words = code.words();
            assert!(!words.zh.is_empty() && !words.en.is_empty(), "{}", code.name());
            assert_eq!(names_in(&words.zh), names_in(&words.en), "{}: the same values in both", code.name());
            assert!(numbers.insert(words.number), "{}: {} is taken", code.name(), words.number);
            let known = ["institution", "vendor", "person", "insured_place", "treatment_place", "platform"];
            assert!(known.contains(&words.who.as_str()), "{}: {}", code.name(), words.who);
        }
        assert_eq!(WORDS.len(), Code::ALL.len(), "no words without a code");
    }
}
