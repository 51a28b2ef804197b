//! 信件: what nodes say to one another. Letters are encoded even inside one process, wait in the outbox of the
//! sender's database, arrive at least once and in order, and are known by their number, so that a second arrival
//! changes nothing.

use crate::chain::Root;
use crate::doors::NodeId;
use crate::refusal::Refusal;
use crate::registry::{ChronicQualification, EnrolmentStatus};
use crate::statements::Paper;
use insurance::accumulators::Accumulators;
use insurance::adjudication::{Adjudication, Bilingual};
use insurance::calendar::{Instant, PolicyYear, ServiceDate};
use insurance::catalogue::Split;
use insurance::claim::{HospitalLevel, Service};
use insurance::filing::{Evidence, FilingCategory, Standing};
use insurance::identity::{FilingId, InstitutionCode, PersonNo, Province, Region, SettlementId, VisitId};
use insurance::ledger::Fund;
use insurance::money::Fen;
use insurance::person::{Insurance, Needy, PersonClass};
use insurance::settlement::State;
use serde::{Deserialize, Serialize};

/// One letter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Letter {
    /// Sender and serial number: unique in the network, for ever.
    pub id: String,
    /// The office that wrote it.
    pub from: NodeId,
    /// When it was written.
    pub written: Instant,
    /// What it says.
    pub content: Content,
}

impl Letter {
    /// Whether this node may hand the letter in: a province only what it has written, under a number of its own; the
    /// hub passes on what others have written.
    pub fn may_come_from(&self, sender: NodeId) -> bool {
        let numbered = self.id.strip_prefix(self.from.to_string().as_str());
        numbered.is_some_and(|rest| rest.starts_with('-')) && (sender == NodeId::Hub || sender == self.from)
    }
}

/// What a letter says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// A question for an insured place. The place is not known yet where a person is to be found.
    Ask {
        /// The insured place.
        place: Option<Region>,
        /// The question.
        ask: Box<Ask>,
    },
    /// An answer.
    Reply {
        /// The node that asked.
        to: NodeId,
        /// The number of the letter that asked.
        question: String,
        /// The insured place that answers, where it was reached.
        place: Option<Region>,
        /// The answer.
        reply: Box<Reply>,
    },
    /// To the hub: who is insured here. Digests only; the hub knows no names.
    Enrol(Vec<DirectoryEntry>),
    /// Daily roots: to the hub a province's own; from the hub to every member its own and those of all members. What
    /// comes back to its owner confirms it.
    Roots(Vec<Root>),
    /// The sender was put back to an earlier copy: it is to be told again what it lacks.
    Behind {
        /// The number up to which it has the receiver's letters.
        heard: i64,
        /// The number up to which it knows its own letters, and the one up to which the receiver has them.
        own: (i64, i64),
        /// When it wrote the last letter of which it knows that the receiver has it.
        since: Instant,
    },
    /// To a node that is behind.
    Again {
        /// What it had written itself, as it was passed on.
        own: Vec<Letter>,
        /// What it had been told.
        letters: Vec<Letter>,
        /// At the end: whether everything that it lacks was still kept.
        ends: Option<bool>,
    },
    /// The books of a day are compared.
    Compare(Box<Paper>),
}

impl Content {
    /// Whether a node speaks for itself here: it asks about care in its own province, and answers for its own pools.
    pub fn is_of(&self, node: NodeId) -> bool {
        let province = match self {
            Content::Ask { ask, .. } => ask.treatment(),
            Content::Reply { reply, .. } => reply.pool().map(Region::province),
            _ => None,
        };
        province.is_none_or(|province| node == NodeId::Province(province))
    }
}

impl Ask {
    /// The treatment province that it names, where it names one.
    fn treatment(&self) -> Option<Province> {
        match self {
            Ask::Quote(claim) | Ask::Settle(claim) => Some(claim.treatment),
            Ask::Reverse { settlement, .. }
            | Ask::Reinstate { settlement, .. }
            | Ask::Cancel(settlement)
            | Ask::Status(settlement) => Some(settlement.treatment),
            _ => None,
        }
    }
}

impl Reply {
    /// The pool that it names, where it names one.
    fn pool(&self) -> Option<Region> {
        match self {
            Reply::Quoted(sheet) | Reply::Settled(sheet) => Some(sheet.pool),
            Reply::Reversed { pool, .. } | Reply::Cancelled { pool, .. } | Reply::Reinstated { pool, .. } => {
                Some(*pool)
            }
            _ => None,
        }
    }
}

/// A batch of letters on its way to a neighbour, with what its sender knows of both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// The number of the last letter in the sender's outbox; 0 where there is none.
    pub last: i64,
    /// The receiver has acknowledged the sender's letters up to this number.
    pub after: i64,
    /// The sender has the receiver's letters up to this number.
    pub heard: i64,
    /// A sender that has just come to life, by its instant: it pushes letters once this is answered.
    pub greets: Option<i64>,
    /// The greeting that this answers.
    pub answers: Option<i64>,
    /// The letters, in order.
    pub letters: Vec<Letter>,
}

/// One credential of one person, for the hub's directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryEntry {
    /// Digest of the kind and number of the credential.
    pub credential: String,
    /// The pool that insures the person.
    pub pool: Region,
}

/// How a person shows who they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Digests to look for, the most trusted first.
    pub digests: Vec<String>,
    /// The name that was shown, where it was: it has to agree.
    pub name: Option<String>,
    /// The wire field that the caller filled, for the refusal.
    pub field: String,
}

/// A question to an insured place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Who is this? (1101)
    FindPerson(Credential),
    /// May they, and on which terms? (2001, 2201)
    CheckEligibility(CareSheet),
    /// A stay begins: keep it, unless it overlaps another. (2401)
    OpenStay(CareSheet),
    /// The stay's days changed (2402, 2403, 2405); the newest version counts.
    ChangeStay {
        /// Whose and which.
        stay: StayRef,
        /// Counts up with each change.
        version: i64,
        /// First day.
        begin: ServiceDate,
        /// Last day, where discharged.
        end: Option<ServiceDate>,
    },
    /// The stay never was. (2404, 2601 of 2401)
    CloseStay(StayRef),
    /// What would be paid? Nothing is booked. (2206, 2303)
    Quote(ClaimSheet),
    /// Book it. (2207, 2304)
    Settle(ClaimSheet),
    /// Take it back. (2208, 2305, 2601)
    Reverse {
        /// Whose and which.
        settlement: SettlementRef,
        /// The record that takes it back.
        reversal: SettlementId,
        /// The day of the reversal.
        day: ServiceDate,
    },
    /// Let it stand again. (2601 of 2208 or 2305)
    Reinstate {
        /// Whose and which.
        settlement: SettlementRef,
        /// The day.
        day: ServiceDate,
    },
    /// Forget it, or take it back if it was booked; it must never be booked later.
    Cancel(SettlementRef),
    /// How does it stand? Changes nothing.
    Status(SettlementRef),
    /// A referral to another province. (2501)
    File(FilingSheet),
    /// What is used. (5206)
    Accumulators {
        /// Whose.
        person: PersonNo,
        /// Where insured.
        pool: Region,
        /// A day of the policy year that is asked.
        on: ServiceDate,
    },
    /// Chronic qualifications. (5301)
    Chronic {
        /// Whose.
        person: PersonNo,
        /// Where insured.
        pool: Region,
    },
}

/// An answer of an insured place, or of the hub where the place cannot be reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The person.
    Person(Box<PersonSheet>),
    /// Terms.
    Eligibility(Box<EligibilitySheet>),
    /// Done, nothing more to say.
    Done,
    /// What would be paid.
    Quoted(Box<SettledSheet>),
    /// Booked.
    Settled(Box<SettledSheet>),
    /// Taken back; what now stands on the person's account.
    Reversed {
        /// Which.
        settlement: SettlementId,
        /// Own account after it.
        account: Fen,
        /// What each fund got back, below zero.
        funds: Vec<(Fund, Fen)>,
        /// The pool.
        pool: Region,
        /// The treatment province.
        treatment: Province,
        /// The day of the reversal.
        day: ServiceDate,
        /// How many standing settlements of the person were made later: they are not computed again.
        #[serde(default)]
        later: i64,
    },
    /// Stands again.
    Reinstated {
        /// Which.
        settlement: SettlementId,
        /// Own account after it.
        account: Fen,
        /// What each fund pays again.
        funds: Vec<(Fund, Fen)>,
        /// The pool.
        pool: Region,
        /// The treatment province.
        treatment: Province,
        /// The day.
        day: ServiceDate,
    },
    /// Will never be booked; where it had been, what was taken back.
    Cancelled {
        /// Which.
        settlement: SettlementId,
        /// What each fund got back, below zero; empty where nothing had been booked.
        funds: Vec<(Fund, Fen)>,
        /// The pool.
        pool: Region,
        /// The treatment province.
        treatment: Province,
        /// The day.
        day: ServiceDate,
    },
    /// How it stands, where it is not booked; what is booked is answered with what was booked.
    Standing {
        /// Which.
        settlement: SettlementId,
        /// Where it stands at the insured place.
        state: State,
    },
    /// Filed.
    Filed {
        /// The number of the filing.
        filing: FilingId,
    },
    /// What is used, by policy year.
    Used(Vec<(Insurance, PolicyYear, Accumulators)>),
    /// Chronic qualifications.
    Qualifications(Vec<ChronicQualification>),
    /// No.
    Refused(RefusalSheet),
}

/// A refusal between nodes: the code's name and its values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalSheet {
    /// The name of the code.
    pub code: String,
    /// The values for its words.
    pub values: std::collections::BTreeMap<String, String>,
}

impl From<Refusal> for RefusalSheet {
    fn from(refusal: Refusal) -> RefusalSheet {
        RefusalSheet { code: refusal.code.name().to_owned(), values: refusal.values }
    }
}
impl From<RefusalSheet> for Refusal {
    fn from(sheet: RefusalSheet) -> Refusal {
        use crate::refusal::Code;
        match Code::of_name(&sheet.code) {
            Some(code) => Refusal { code, values: sheet.values },
            // A neighbour of another version may know a code that we do not: its name is all we can tell.
            None => Refusal::new(Code::InternalFault).with("id", sheet.code),
        }
    }
}

/// A stay, and whose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StayRef {
    /// Where insured.
    pub pool: Region,
    /// Whose.
    pub person: PersonNo,
    /// The visit.
    pub visit: VisitId,
}

/// A settlement, and whose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementRef {
    /// Where insured.
    pub pool: Region,
    /// Whose.
    pub person: PersonNo,
    /// The visit.
    pub visit: VisitId,
    /// The settlement.
    pub settlement: SettlementId,
    /// The treatment province.
    pub treatment: Province,
}

/// The institution as the insured place sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceSheet {
    /// Code.
    pub institution: InstitutionCode,
    /// Name.
    pub name: String,
    /// Region.
    pub region: Region,
    /// Level.
    pub level: HospitalLevel,
}

/// What is asked about care.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CareSheet {
    /// Where insured.
    pub pool: Region,
    /// Whose.
    pub person: PersonNo,
    /// The insurance that the caller names.
    pub insurance: Insurance,
    /// The visit, where it has one already.
    pub visit: Option<VisitId>,
    /// Where.
    pub place: PlaceSheet,
    /// What kind.
    pub service: Service,
    /// From.
    pub begin: ServiceDate,
    /// To, where known.
    pub end: Option<ServiceDate>,
    /// The day on which it is decided.
    pub day: ServiceDate,
    /// The institution says: emergency.
    pub emergency: bool,
    /// 外伤标志
    pub injury: bool,
    /// 涉及第三方标志
    pub third_party: bool,
}

/// What is asked to be quoted or settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimSheet {
    /// The settlement's number; for a quote the one that it would get is not known, and the visit's number stands.
    pub settlement: Option<SettlementId>,
    /// The care.
    pub care: CareSheet,
    /// The treatment province.
    pub treatment: Province,
    /// The bill, split.
    pub split: Split,
    /// Whether the account may pay.
    pub account_used: bool,
}

/// The person as the treatment node needs them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonSheet {
    /// 人员编号
    pub person_no: PersonNo,
    /// Where insured.
    pub pool: Region,
    /// 姓名
    pub name: String,
    /// 证件类型
    pub certificate_type: String,
    /// 证件号码
    pub certificate_no: String,
    /// 性别
    pub gender: String,
    /// 民族
    pub ethnic_group: String,
    /// 出生日期
    pub birth: ServiceDate,
    /// Employee or resident.
    pub insurance: Insurance,
    /// Class.
    pub class: PersonClass,
    /// 人员类别
    pub person_type: String,
    /// 公务员标志
    pub civil_servant: bool,
    /// Status.
    pub status: EnrolmentStatus,
    /// Insured since.
    pub insured_since: ServiceDate,
    /// Suspended or ended since.
    pub suspended_on: Option<ServiceDate>,
    /// 单位名称
    pub employer: Option<String>,
    /// Class of need and from when.
    pub needy: Option<(Needy, Option<ServiceDate>)>,
    /// What stands on the own account.
    pub account: Fen,
}

/// The answer to an eligibility question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EligibilitySheet {
    /// The person.
    pub person: PersonSheet,
    /// The terms, or why there are none.
    pub standing: Result<Standing, RefusalSheet>,
    /// What gave it, in words.
    pub ground: Bilingual,
    /// From when to when the ground holds.
    pub from: ServiceDate,
    /// Last day, where there is one.
    pub until: Option<ServiceDate>,
}

/// What was quoted or booked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettledSheet {
    /// The settlement, where booked.
    pub settlement: Option<SettlementId>,
    /// Shares and reasons.
    pub adjudication: Adjudication,
    /// What each fund pays, by local fund.
    pub funds: Vec<(Fund, Fen)>,
    /// The terms.
    pub standing: Standing,
    /// What gave them.
    pub ground: Bilingual,
    /// Own account after it.
    pub account: Fen,
    /// The pool.
    pub pool: Region,
    /// The treatment province.
    pub treatment: Province,
    /// The day of the settlement.
    pub day: ServiceDate,
}

/// A filing to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilingSheet {
    /// Where insured.
    pub pool: Region,
    /// Whose.
    pub person: PersonNo,
    /// The number that the filing will have.
    pub filing: FilingId,
    /// Category.
    pub category: FilingCategory,
    /// Places.
    pub places: Vec<Region>,
    /// First day.
    pub from: ServiceDate,
    /// Last day; where none is given, temporary filings get the shortest time that the national rule allows.
    pub until: Option<ServiceDate>,
    /// What it is proved with.
    pub evidence: Evidence,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_another_version_is_told_by_its_name() {
        let sheet = RefusalSheet { code: "ReefUnknown".into(), values: Default::default() };
        let text = Refusal::from(sheet).text();
        assert!(text.starts_with("[9009]") && text.contains("(编号ReefUnknown)"), "{text}");
    }
}
