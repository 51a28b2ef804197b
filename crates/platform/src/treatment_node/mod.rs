//! 就医地: takes the messages of its institutions, splits fee lines by its own catalogue, asks the insured place,
//! and answers. Every message is written down before it is acted on; the same message gets the same answer.

/// What one transaction works with, and how a question leaves the office.
mod desk;
/// Numbers that this office gives.
mod numbers;
/// 9001, 9002, 1101, 1201, 2001, 2501, 5206, 5301.
mod people;
/// 2201, 2202, 2203.
mod outpatient;
/// 2401 to 2405, 5201, 5303.
mod stays;
/// 2204, 2205, 2301, 2302, 5204.
mod fees;
/// 2206, 2207, 2303, 2304, 5203.
mod settle;
/// 2208, 2305, 2601.
mod reverse;
/// What happens when an answer comes, or does not.
mod conclude;
/// 9101, 9102: files of institutions.
mod files;
/// 3201, 3202, 13203: statements of institutions.
mod statement;
/// 补记: what comes again after this node was put back to an earlier copy.
mod restored;
/// 核实: asks after every key whose end is not known, until both sides agree.
mod resolve;
/// 对账之后: what a comparison with the other offices asks this office to do.
mod repair;

pub use desk::{Context, Profile, Settings};

use crate::doors::{Store, StoreError};
use crate::insured_node::InsuredOffice;
use crate::letters::Reply;
use crate::life::{Cause, Moment};
use crate::protocol::answer::{self, Answer};
use crate::protocol::envelope::Message;
use crate::protocol::normalise::{Input, normalise};
use crate::protocol::tables;
use crate::refusal::{Code, Refusal};
use crate::registry::Institution;
use crate::store::received::{self, MessageKey, Received};
use crate::store::{counter_next, institutions, mail};
use desk::{Desk, Outcome, Trouble};
use insurance::calendar::Instant;
use insurance::catalogue::Catalogue;
use insurance::identity::InstitutionCode;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A call of an institution that waits for its answer at the edge.
pub type CallId = u64;

/// An answer for a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Which call.
    pub call: CallId,
    /// The whole answer as it goes on the wire.
    pub body: Arc<Vec<u8>>,
    /// Whether it is a file instead of an envelope.
    pub is_file: bool,
}

impl Answered {
    /// An envelope.
    pub fn envelope(call: CallId, body: Arc<Vec<u8>>) -> Answered {
        Answered { call, body, is_file: false }
    }
}

/// The office of one province that serves its institutions.
pub struct TreatmentOffice {
    /// The office next door, for people insured in this province.
    pub home: Arc<InsuredOffice>,
    /// What this province covers.
    pub catalogue: Arc<Catalogue>,
    /// Time-outs and the like.
    pub settings: Settings,
    institutions: BTreeMap<InstitutionCode, Institution>,
    waiting: BTreeMap<MessageKey, Vec<CallId>>,
    /// Answers for calls whose message was undone within this step.
    hung_up: Vec<Answered>,
    /// The serial number of the last letter that is on its way to the hub; 0 where none is.
    pub on_its_way: i64,
    /// When files that have expired were last removed.
    swept: Instant,
}

impl TreatmentOffice {
    /// Opens the office with the institutions that its store knows.
    pub fn open(
        store: &mut dyn Store,
        home: Arc<InsuredOffice>,
        catalogue: Arc<Catalogue>,
        settings: Settings,
    ) -> Result<TreatmentOffice, StoreError> {
        let known = institutions::institutions(store)?;
        let institutions = known.into_iter().map(|known| (known.code.clone(), known)).collect();
        Ok(TreatmentOffice {
            home,
            catalogue,
            settings,
            institutions,
            waiting: BTreeMap::new(),
            hung_up: Vec::new(),
            on_its_way: 0,
            swept: Instant(0),
        })
    }

    /// The calls that wait for an answer of the insured place.
    pub fn calls_waiting(&self) -> impl Iterator<Item = CallId> {
        self.waiting.values().flatten().copied()
    }

    /// Takes one message: answered now, or when the insured place has answered.
    pub fn receive(
        &mut self,
        store: &mut dyn Store,
        now: Instant,
        call: CallId,
        message: &Message,
    ) -> Result<Vec<Answered>, StoreError> {
        match self.take(store, now, call, message) {
            Ok(answers) => Ok(answers),
            Err(Trouble::Refused(refusal)) => {
                let body = self.body(store, now, message.envelope.institution.as_str(), refused(&refusal))?;
                Ok(vec![Answered::envelope(call, Arc::new(body))])
            }
            Err(Trouble::Store(error)) => Err(error),
        }
    }

    /// Turns a message away without writing it down: it may come again as it is.
    pub fn turn_away(
        &self,
        store: &mut dyn Store,
        now: Instant,
        call: CallId,
        message: &Message,
        code: Code,
    ) -> Result<Vec<Answered>, StoreError> {
        let institution = message.envelope.institution.as_str();
        let body = self.body(store, now, institution, refused(&Refusal::new(code)))?;
        Ok(vec![Answered::envelope(call, Arc::new(body))])
    }

    fn take(
        &mut self,
        store: &mut dyn Store,
        now: Instant,
        call: CallId,
        message: &Message,
    ) -> Result<Vec<Answered>, Trouble> {
        let envelope = &message.envelope;
        let transaction = tables::known(&envelope.infno)?;
        let input = normalise(transaction, message)?;
        let institution = self.institution(message)?.clone();
        let key = MessageKey {
            institution: institution.code.to_string(),
            infno: envelope.infno.clone(),
            msgid: envelope.msgid.clone(),
        };
        let person = person_in(&message.input);
        let is_new = received::received_add(store, &key, &message.digest, person, now, "open")?;
        if !is_new && let Some(known) = received::received_find(store, &key)? {
            return self.take_again(store, now, call, message, &key, known);
        }
        self.waiting.insert(key.clone(), vec![call]);
        let outcome = {
            let file = message.file.as_deref();
            let mut desk = Desk { store, now, institution: &institution, envelope, file, key: &key };
            self.act(&mut desk, &input)
        };
        let mut answers = match outcome {
            Ok(Outcome::Answer(answer)) => self.finish(store, now, &key, answer)?,
            Ok(Outcome::File(file)) => {
                received::received_answered(store, &key, &files::answered(&file))?;
                let body = Arc::new(file.content);
                let calls = self.waiting.remove(&key).unwrap_or_default();
                let given = |call| Answered { call, body: body.clone(), is_file: true };
                calls.into_iter().map(given).collect()
            }
            Ok(Outcome::Ask { place, ask, context }) => self.ask(store, now, &key, place, ask, context)?,
            Err(Trouble::Refused(refusal)) => self.finish(store, now, &key, refused(&refusal))?,
            Err(store_failed) => {
                self.waiting.remove(&key);
                return Err(store_failed);
            }
        };
        answers.append(&mut self.hung_up);
        Ok(answers)
    }

    /// The same message again: the stored answer, or a place in the queue of those who wait for it.
    fn take_again(
        &mut self,
        store: &mut dyn Store,
        now: Instant,
        call: CallId,
        message: &Message,
        key: &MessageKey,
        known: Received,
    ) -> Result<Vec<Answered>, Trouble> {
        if known.state == "reversed" {
            return Err(Refusal::new(Code::MessageReversedBefore).with("msgid", &key.msgid).into());
        }
        if known.digest != message.digest {
            return Err(Refusal::new(Code::MessageReused)
                .with("msgid", &key.msgid)
                .with("infno", &key.infno)
                .into());
        }
        if let Some(answer) = known.answer {
            if let Some(number) = files::number_answered(&answer) {
                let file = files::own_file(store, &message.envelope.institution, number, now)?;
                return Ok(vec![Answered { call, body: Arc::new(file.content), is_file: true }]);
            }
            return Ok(vec![Answered::envelope(call, Arc::new(answer.into_bytes()))]);
        }
        if now > known.at.plus_ms(self.settings.answer_wait_ms) {
            return Err(Refusal::new(Code::TransactionInProgress).with("msgid", &key.msgid).into());
        }
        self.waiting.entry(key.clone()).or_default().push(call);
        Ok(Vec::new())
    }

    /// The one table of what this office does.
    fn act(&mut self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        match desk.envelope.infno.as_str() {
            "9001" => self.sign_in(desk, input),
            "9002" => self.sign_out(desk, input),
            "1101" => self.person(desk, input),
            "1201" => self.find_institutions(input),
            "2001" => self.benefit_check(desk, input),
            "2201" => self.register(desk, input),
            "2202" => self.register_cancel(desk, input),
            "2203" | "2203A" => self.describe_visit(desk, input),
            "2204" | "2301" => self.fees_upload(desk, input),
            "2205" => self.fees_delete_batch(desk, input),
            "2302" => self.fees_delete_lines(desk, input),
            "2206" | "2206A" | "2303" | "2303A" => self.quote(desk, input),
            "2207" | "2207A" | "2304" | "2304A" => self.settle(desk, input),
            "2208" | "2305" => self.take_back(desk, input),
            "2401" => self.admit(desk, input),
            "2402" => self.discharge(desk, input),
            "2403" => self.change_admission(desk, input),
            "2404" => self.cancel_admission(desk, input),
            "2405" => self.undo_discharge(desk, input),
            "2501" => self.file_referral(desk, input),
            "2601" => self.reverse_message(desk, input),
            "3201" => self.compare_totals(desk, input),
            "3202" => self.compare_details(desk, input),
            "13203" => self.show_day_compared(desk, input),
            "5201" => self.show_visits(desk, input),
            "5203" => self.show_settlement(desk, input),
            "5204" => self.show_fees(desk, input),
            "5206" => self.show_used(desk, input),
            "5301" => self.show_qualifications(desk, input),
            "5303" => self.show_in_hospital(desk, input),
            "9101" => self.take_file(desk, input),
            "9102" => self.give_file(desk, input),
            other => Err(Refusal::new(Code::TransactionUnknown).with("infno", other).into()),
        }
    }

    /// An answer came for a question of this office.
    pub fn replied(
        &mut self,
        store: &mut dyn Store,
        now: Instant,
        question: &str,
        reply: Reply,
    ) -> Result<Vec<Answered>, StoreError> {
        let Some((waiting, _)) = mail::question_find::<Context>(store, question)? else {
            return Ok(Vec::new());
        };
        mail::question_mark(store, question, "ended")?;
        let key = key_of(&waiting);
        let moment = Moment::new(now, Cause::Answer(question.to_owned()));
        self.concluded(store, &moment, &key, waiting.context, reply)
    }

    /// A question could not leave: the hub cannot be reached, and nothing was asked.
    pub fn never_left(
        &mut self,
        store: &mut dyn Store,
        now: Instant,
        question: &str,
    ) -> Result<Vec<Answered>, StoreError> {
        let refusal = Refusal::new(Code::HubUnreachable);
        self.replied(store, now, question, Reply::Refused(refusal.into()))
    }

    /// Ends every wait whose time has run out, and asks after every key whose end is not known. A node that is unsure
    /// since it came to life lets everything rest that is older: its end may be known elsewhere.
    pub fn tick(
        &mut self,
        store: &mut dyn Store,
        now: Instant,
        unsure_since: Option<Instant>,
    ) -> Result<Vec<Answered>, StoreError> {
        let mut answers = Vec::new();
        for waiting in mail::question_overdue::<Context>(store, now)? {
            let asked = waiting.deadline.plus_ms(-self.settings.answer_wait_ms);
            if unsure_since.is_some_and(|since| asked < since) {
                continue;
            }
            answers.extend(self.overdue(store, now, waiting)?);
        }
        self.resolve(store, now, unsure_since)?;
        self.sweep_files(store, now)?;
        answers.append(&mut self.hung_up);
        Ok(answers)
    }

    fn institution(&self, message: &Message) -> Result<&Institution, Refusal> {
        let envelope = &message.envelope;
        let unknown = || {
            Refusal::new(Code::InstitutionUnknown)
                .with("found", &envelope.institution)
                .with_place("place", self.home.province.region())
        };
        let institution = self.institutions.get(&envelope.institution).ok_or_else(unknown)?;
        if envelope.treatment_region.province() != institution.region.province() {
            return Err(Refusal::new(Code::TreatmentPlaceDiffers)
                .with("found", envelope.treatment_region)
                .with_place("expected", institution.region));
        }
        let opens_business = matches!(envelope.infno.as_str(), "2001" | "2201" | "2401" | "2501");
        if institution.suspended && opens_business {
            return Err(Refusal::new(Code::InstitutionSuspended).with("found", &institution.code));
        }
        Ok(institution)
    }

    /// Keeps the answer and gives it to everybody who waits for it.
    fn finish(
        &mut self,
        store: &mut dyn Store,
        now: Instant,
        key: &MessageKey,
        answer: Answer,
    ) -> Result<Vec<Answered>, StoreError> {
        let body = self.body(store, now, &key.institution, answer)?;
        received::received_answered(store, key, &String::from_utf8_lossy(&body))?;
        Ok(self.release(key, body))
    }

    fn release(&mut self, key: &MessageKey, body: Vec<u8>) -> Vec<Answered> {
        let body = Arc::new(body);
        let calls = self.waiting.remove(key).unwrap_or_default();
        calls.into_iter().map(|call| Answered::envelope(call, body.clone())).collect()
    }

    fn body(
        &self,
        store: &mut dyn Store,
        now: Instant,
        institution: &str,
        answer: Answer,
    ) -> Result<Vec<u8>, StoreError> {
        let serial = counter_next(store, "answer")?;
        let profile = self.settings.profile(institution);
        let region = self.home.province.region();
        Ok(answer::write(answer, region.as_str(), now, serial.unsigned_abs(), profile.infcode_as_text))
    }

    /// The institutions of this office.
    pub fn institutions(&self) -> impl Iterator<Item = &Institution> {
        self.institutions.values()
    }
}

fn refused(refusal: &Refusal) -> Answer {
    Answer::refused(refusal)
}

fn key_of(waiting: &mail::Waiting<Context>) -> MessageKey {
    MessageKey {
        institution: waiting.institution.clone(),
        infno: waiting.infno.clone(),
        msgid: waiting.msgid.clone(),
    }
}

/// The `psn_no` that an input names anywhere, so that 2601 can be held to the same person.
fn person_in(input: &Value) -> Option<String> {
    match input {
        Value::Object(fields) => match fields.get("psn_no") {
            Some(Value::String(person)) if !person.is_empty() => Some(person.clone()),
            _ => fields.values().find_map(person_in),
        },
        Value::Array(rows) => rows.iter().find_map(person_in),
        _ => None,
    }
}
