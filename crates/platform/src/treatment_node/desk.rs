//! What one transaction works with: the store, the hour, who is asking; and how a question leaves the office.

use super::{Answered, TreatmentOffice};
use crate::doors::{NodeId, Store, StoreError};
use crate::letters::{Ask, Content, Letter, PersonSheet, PlaceSheet};
use crate::life::{Cause, Moment};
use crate::protocol::answer::Answer;
use crate::protocol::codes;
use crate::protocol::envelope::Envelope;
use crate::records::{KeptFile, SettlementRecord, Visit, VisitKind, VisitState, Written};
use crate::refusal::{Code, Refusal};
use crate::registry::Institution;
use crate::store::events::EventKey;
use crate::store::received::MessageKey;
use crate::store::{counter_next, mail, resolving, visits};
use insurance::calendar::Instant;
use insurance::identity::{DiseaseCode, InstitutionCode, PersonNo, Region, SettlementId, VisitId};
use insurance::person::Insurance;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// How one institution's software is spoken to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// `infcode` as text (`"0"`) instead of a number.
    pub infcode_as_text: bool,
    /// Refuses split amounts that differ from the platform's instead of warning.
    pub strict: bool,
}

/// Settings of a treatment office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How long an institution waits for the insured place before the transaction is cancelled (ms).
    /// Real clients give up after 10 s at the earliest.
    pub answer_wait_ms: i64,
    /// How long the resolver works alone at a settlement until a person is called as well (ms).
    pub hand_over_ms: i64,
    /// For how many days a file of an institution is kept, uploaded by it or made for it.
    pub file_keep_days: i64,
    /// Profiles by institution code; others have the default.
    pub profiles: BTreeMap<String, Profile>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            answer_wait_ms: 8_000,
            hand_over_ms: 600_000,
            file_keep_days: 7,
            profiles: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// The profile of an institution.
    pub fn profile(&self, institution: &str) -> Profile {
        self.profiles.get(institution).cloned().unwrap_or_default()
    }
}

/// What the office was doing when it asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Context {
    /// 1101
    Find,
    /// 2001
    Check,
    /// 2201: the visit comes to be when the person is known.
    Register(Box<Draft>),
    /// 2401: likewise, and the insured place keeps the stay.
    Admit(Box<Draft>),
    /// 2206, 2303
    Quote(VisitId, Box<SettlementRecord>, Option<String>),
    /// 2207, 2304
    Settle(SettlementId, Option<String>),
    /// 2208, 2305, or 2601 of a settlement (then with the message that is undone).
    Reverse(SettlementId, Option<MessageKey>),
    /// 2601 of a reversal.
    Reinstate(SettlementId, MessageKey),
    /// Nobody waits: the insured place is told to forget.
    Cancel(SettlementId),
    /// Nobody waits: the resolver asks how it stands.
    Probe(SettlementId),
    /// Nobody waits: the resolver says again what this earlier letter said.
    Again(SettlementId, String),
    /// 2501
    File,
    /// 5206, with the month that was asked
    Used(Option<String>),
    /// 5301
    Chronic,
}

/// A visit before the insured place has told who the person is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Its number.
    pub id: VisitId,
    /// Outpatient or inpatient.
    pub kind: VisitKind,
    /// Where.
    pub institution: InstitutionCode,
    /// 医疗类别
    pub med_type: String,
    /// 开始时间
    pub begin: Instant,
    /// Disease code.
    pub disease: Option<DiseaseCode>,
    /// 急诊
    pub emergency: bool,
    /// 外伤标志
    pub injury: bool,
    /// 涉及第三方标志
    pub third_party: bool,
    /// The rest.
    pub written: Written,
    /// Diagnoses.
    pub diagnoses: Vec<Written>,
}

impl Draft {
    /// The visit of this person.
    pub fn visit(self, person: PersonSheet) -> Visit {
        Visit {
            id: self.id,
            kind: self.kind,
            state: VisitState::Open,
            institution: self.institution,
            person,
            med_type: self.med_type,
            begin: self.begin,
            end: None,
            disease: self.disease,
            emergency: self.emergency,
            injury: self.injury,
            third_party: self.third_party,
            version: 0,
            written: self.written,
            diagnoses: self.diagnoses,
        }
    }
}

/// What an office makes of a message.
#[allow(clippy::large_enum_variant)] // one a message, taken apart at once
pub(super) enum Outcome {
    /// Answered at once.
    Answer(Answer),
    /// Answered with the bytes of a file.
    File(KeptFile),
    /// The insured place has to be asked.
    Ask {
        /// Where, or nowhere yet.
        place: Option<Region>,
        /// What.
        ask: Ask,
        /// How to go on.
        context: Context,
    },
}

/// Why a message is not done.
pub(super) enum Trouble {
    /// Somebody can cure it.
    Refused(Refusal),
    /// The disk failed.
    Store(StoreError),
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Trouble {
        Trouble::Refused(refusal)
    }
}
impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Trouble {
        Trouble::Store(error)
    }
}

/// What one transaction works with.
pub(super) struct Desk<'a> {
    pub store: &'a mut dyn Store,
    pub now: Instant,
    pub institution: &'a Institution,
    pub envelope: &'a Envelope,
    /// The file that came with the message.
    pub file: Option<&'a [u8]>,
    pub key: &'a MessageKey,
}

/// The message of letters that no institution waits for.
pub(super) fn nobody() -> MessageKey {
    MessageKey { institution: String::new(), infno: String::new(), msgid: String::new() }
}

/// The message that is being done, as a cause.
pub(super) fn cause_of(key: &MessageKey) -> Cause {
    Cause::Message(key.infno.clone(), key.msgid.clone())
}

impl Desk<'_> {
    /// Now, because of this message.
    pub fn moment(&self) -> Moment {
        Moment::new(self.now, cause_of(self.key))
    }

    /// A success with this output.
    pub fn success(&self, output: Value) -> Result<Outcome, Trouble> {
        Ok(Outcome::Answer(Answer::success(&self.key.infno, output)))
    }

    /// A success without output.
    pub fn done(&self) -> Result<Outcome, Trouble> {
        self.success(Value::Null)
    }

    /// The insured place that the envelope names.
    pub fn insured_place(&self) -> Result<Region, Refusal> {
        self.envelope.insured_region.ok_or_else(|| Refusal::new(Code::InsuredPlaceMissing))
    }

    /// The visit with this number, of this person and this institution.
    pub fn visit(&mut self, id: &VisitId, person: &PersonNo) -> Result<Visit, Trouble> {
        let visit = visits::visit_find(self.store, id)?
            .ok_or_else(|| Refusal::new(Code::VisitUnknown).with("visit", id))?;
        if visit.institution != self.institution.code {
            return Err(Refusal::new(Code::VisitOfAnotherInstitution).with("visit", id).into());
        }
        if visit.person.person_no != *person {
            return Err(Refusal::new(Code::VisitOfAnotherPerson)
                .with("visit", id)
                .with("person", person)
                .into());
        }
        let place = self.envelope.insured_region;
        if place.is_some_and(|place| place.crosses_province_to(visit.pool())) {
            return Err(Refusal::new(Code::PersonNotInThisPlace)
                .with_place("place", place)
                .with("person", person)
                .into());
        }
        Ok(visit)
    }

    /// That visit, of this kind and not cancelled.
    pub fn visit_of_kind(
        &mut self,
        id: &VisitId,
        person: &PersonNo,
        kind: VisitKind,
    ) -> Result<Visit, Trouble> {
        let visit = self.visit(id, person)?;
        if visit.kind != kind {
            let found = match visit.kind {
                VisitKind::Outpatient => ("门诊", "outpatient"),
                VisitKind::Inpatient => ("住院", "inpatient"),
            };
            return Err(Refusal::new(Code::VisitKindWrong)
                .with("visit", id)
                .with_both("kind", found.0, found.1)
                .with("infno", &self.key.infno)
                .into());
        }
        if visit.state == VisitState::Cancelled {
            return Err(Refusal::new(Code::VisitCancelled).with("visit", id).into());
        }
        Ok(visit)
    }

    /// This institution as the insured place sees it.
    pub fn place(&self) -> PlaceSheet {
        PlaceSheet {
            institution: self.institution.code.clone(),
            name: self.institution.name.clone(),
            region: self.institution.region,
            level: self.institution.level(),
        }
    }

    /// Refuses an instant on a day that has not come yet.
    pub fn not_in_future(&self, field: &str, at: Instant) -> Result<(), Refusal> {
        if at.day() > self.now.day() {
            return Err(Refusal::new(Code::DateInFuture)
                .with("field", field)
                .with("found", at)
                .with("today", self.now.day()));
        }
        Ok(())
    }
}

/// The insurance that an `insutype` names.
pub(super) fn insurance_of(insutype: &str) -> Result<Insurance, Refusal> {
    codes::insurance_of(insutype).ok_or_else(|| {
        Refusal::new(Code::InsuranceDiffers).with("found", insutype).with("expected", "310 / 390")
    })
}

/// Refuses an `insutype` that is not the person's.
pub(super) fn same_insurance(insutype: &str, visit: &Visit) -> Result<(), Refusal> {
    if insurance_of(insutype)? != visit.person.insurance {
        return Err(Refusal::new(Code::InsuranceDiffers)
            .with("found", insutype)
            .with("expected", codes::insutype(visit.person.insurance)));
    }
    Ok(())
}

/// The disease code of a field that may hold anything.
pub(super) fn disease_of(code: Option<String>) -> Option<DiseaseCode> {
    code.and_then(|code| DiseaseCode::new(code).ok())
}

impl TreatmentOffice {
    /// Asks the insured place: next door within this step, elsewhere by letter.
    pub(super) fn ask(
        &mut self,
        store: &mut dyn Store,
        now: Instant,
        key: &MessageKey,
        place: Option<Region>,
        ask: Ask,
        context: Context,
    ) -> Result<Vec<Answered>, StoreError> {
        if place.is_some_and(|place| place.province() == self.home.province) {
            let moment = Moment::new(now, cause_of(key));
            let reply = self.home.answer(store, &moment, ask)?;
            return self.concluded(store, &moment, key, context, reply);
        }
        let deadline = match context {
            Context::Cancel(_) => Instant(i64::MAX),
            _ => now.plus_ms(self.settings.answer_wait_ms),
        };
        self.post(store, now, key, place, ask, Some((context, deadline)))?;
        Ok(Vec::new())
    }

    /// Tells the insured place something that needs no answer.
    pub(super) fn tell(
        &self,
        store: &mut dyn Store,
        now: Instant,
        place: Region,
        ask: Ask,
    ) -> Result<(), StoreError> {
        if place.province() == self.home.province {
            return self.home.answer(store, &Moment::new(now, Cause::Clock), ask).map(drop);
        }
        self.post(store, now, &nobody(), Some(place), ask, None).map(drop)
    }

    /// Puts a letter into the outbox; gives its number.
    pub(super) fn post(
        &self,
        store: &mut dyn Store,
        now: Instant,
        key: &MessageKey,
        place: Option<Region>,
        ask: Ask,
        waits: Option<(Context, Instant)>,
    ) -> Result<String, StoreError> {
        let from = NodeId::Province(self.home.province);
        let id = format!("{from}-{}", counter_next(store, "letter")?);
        // A cancellation must arrive, however long it takes: it is never withdrawn.
        let may_be_withdrawn = matches!(&waits, Some((context, _)) if !matches!(context, Context::Cancel(_)));
        let question = may_be_withdrawn.then(|| id.clone());
        if let Some((context, deadline)) = waits {
            if let Some((key, next)) = self.clock_of(&ask, &context, now) {
                resolving::resolving_begin(store, &key, &id, now, next)?;
            }
            let waiting = mail::Waiting {
                question: id.clone(),
                place,
                institution: key.institution.clone(),
                infno: key.infno.clone(),
                msgid: key.msgid.clone(),
                deadline,
                context,
            };
            mail::question_add(store, &waiting, now)?;
        }
        let content = Content::Ask { place, ask: Box::new(ask) };
        let letter = Letter { id: id.clone(), from, written: now, content };
        mail::outbox_add(store, NodeId::Hub, &letter, question.as_deref())?;
        Ok(id)
    }

    /// The key whose end is asked for, and when the resolver first looks after it.
    fn clock_of(&self, ask: &Ask, context: &Context, now: Instant) -> Option<(EventKey, Instant)> {
        let key = match ask {
            Ask::Settle(claim) => EventKey {
                pool: claim.care.pool,
                person: claim.care.person.clone(),
                settlement: claim.settlement.clone()?,
            },
            Ask::Reverse { settlement, .. } | Ask::Reinstate { settlement, .. } | Ask::Cancel(settlement) => {
                EventKey {
                    pool: settlement.pool,
                    person: settlement.person.clone(),
                    settlement: settlement.settlement.clone(),
                }
            }
            _ => return None,
        };
        match context {
            // An answer that takes half of the time that the institution waits is late, not lost.
            Context::Settle(..) => Some((key, now.plus_ms(self.settings.answer_wait_ms / 2))),
            Context::Reverse(..) | Context::Reinstate(..) | Context::Cancel(_) => {
                Some((key, now.plus_ms(super::resolve::PAUSE_MS.0)))
            }
            _ => None,
        }
    }
}
