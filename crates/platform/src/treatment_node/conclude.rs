//! What happens when an answer comes, or does not come in time.

use super::desk::{Context, Draft};
use super::{Answered, TreatmentOffice, key_of, refused};
use crate::doors::{Store, StoreError};
use crate::letters::{Ask, EligibilitySheet, Reply, SettledSheet, StayRef};
use crate::life::{self, Cause, Moment};
use crate::protocol::answer::Answer;
use crate::protocol::settle::{Shown, Sign, quoted, settled};
use crate::protocol::{filing, person, visit};
use crate::records::{SettlementRecord, Visit};
use crate::refusal::{Code, Refusal};
use crate::store::received::{self, MessageKey};
use crate::store::{books, mail, settlements, visits};
use insurance::calendar::{Instant, ServiceDate};
use insurance::identity::{BusinessKey, PersonNo, SettlementId};
use insurance::ledger::{self, Fund, Journal, JournalKind, Side};
use insurance::money::Fen;
use insurance::reconciliation::{Funds, less};
use insurance::settlement::{Event, State};
use serde_json::Value;

impl TreatmentOffice {
    /// Goes on with what was being done, now that the insured place has answered.
    pub(super) fn concluded(
        &mut self,
        store: &mut dyn Store,
        moment: &Moment,
        key: &MessageKey,
        context: Context,
        reply: Reply,
    ) -> Result<Vec<Answered>, StoreError> {
        let now = moment.at;
        let success = |output: Value| Answer::success(&key.infno, output);
        let answer = match (context, reply) {
            (Context::Find, Reply::Person(sheet)) => success(person::person(&sheet, now.day())),
            (Context::Check, Reply::Eligibility(sheet)) => success(person::benefits(&sheet)),
            (Context::Register(draft), Reply::Eligibility(sheet)) => {
                self.registered(store, key, *draft, &sheet)?
            }
            (Context::Admit(draft), Reply::Eligibility(sheet)) => {
                self.admitted(store, key, *draft, &sheet)?
            }
            (Context::Quote(visit, record, warning), Reply::Quoted(sheet)) => {
                match visits::visit_find(store, &visit)? {
                    Some(visit) => {
                        warned(success(self.show(&visit, &record, &sheet, Sign::Plus, quoted)), warning)
                    }
                    None => refused(&Refusal::new(Code::VisitUnknown).with("visit", visit)),
                }
            }
            (Context::Settle(id, warning), Reply::Settled(sheet)) => {
                self.booked(store, moment, key, &id, *sheet, warning)?
            }
            (Context::Settle(id, _), Reply::Refused(sheet)) => {
                let refusal = Refusal::from(sheet);
                self.not_booked(store, moment, &id, &refusal)?;
                refused(&refusal)
            }
            (Context::Reverse(id, undoes), Reply::Reversed { account, funds, day, later, .. }) => {
                let answer = self.taken_back(store, moment, key, &id, undoes, account, &funds, day)?;
                warned(answer, not_computed_again(later))
            }
            (Context::Reverse(id, _), Reply::Refused(sheet)) => {
                let refusal = Refusal::from(sheet);
                self.not_taken_back(store, moment, &id, &refusal)?;
                refused(&refusal)
            }
            (Context::Reinstate(id, original), Reply::Reinstated { funds, day, .. }) => {
                self.stands_again(store, moment, &id, &funds, day)?;
                received::received_reversed(store, &original)?;
                success(Value::Null)
            }
            (Context::Reinstate(id, _), Reply::Refused(sheet)) => {
                let refusal = Refusal::from(sheet);
                self.does_not_stand_again(store, moment, &id, &refusal)?;
                refused(&refusal)
            }
            (Context::Cancel(id), Reply::Cancelled { .. }) => {
                // It may be told twice, because it may have been asked again.
                if self.recorded(store, &id)?.1.state == State::Cancelling {
                    self.step(store, moment, &id, Event::CancelConfirmed)?;
                }
                return Ok(Vec::new());
            }
            // The resolver goes on.
            (Context::Cancel(_), _) => return Ok(Vec::new()),
            (Context::Probe(id), reply) => return self.probed(store, moment, &id, reply),
            (Context::Again(id, question), reply) => {
                return self.answered_again(store, moment, &id, &question, reply);
            }
            (Context::File, Reply::Filed { filing }) => success(filing::filed(&filing)),
            (Context::Used(month), Reply::Used(years)) => {
                success(filing::used(&years, month.as_deref(), now.day()))
            }
            (Context::Chronic, Reply::Qualifications(held)) => success(filing::qualifications(&held)),
            (_, Reply::Refused(sheet)) => refused(&Refusal::from(sheet)),
            (context, reply) => {
                tracing::error!(?context, answer = reply_word(&reply), "an answer that fits no question");
                refused(&Refusal::new(Code::InternalFault).with("id", &key.msgid))
            }
        };
        self.finish(store, now, key, answer)
    }

    fn registered(
        &self,
        store: &mut dyn Store,
        key: &MessageKey,
        draft: Draft,
        sheet: &EligibilitySheet,
    ) -> Result<Answer, StoreError> {
        let warning = match &sheet.standing {
            Ok(_) => None,
            Err(why) => {
                let refusal = Refusal::from(why.clone());
                // Without a filing the visit may still turn out to be an emergency, or be filed before it is settled.
                if !matches!(refusal.code, Code::NotFiled | Code::FilingPlaceDiffers | Code::FilingExpired) {
                    return Ok(refused(&refusal));
                }
                Some(refusal.text())
            }
        };
        let visit = draft.visit(sheet.person.clone());
        visits::visit_save(store, &visit)?;
        received::received_made(store, key, None, Some(visit.id.as_str()))?;
        Ok(warned(Answer::success(&key.infno, visit::registered(&visit)), warning))
    }

    fn admitted(
        &self,
        store: &mut dyn Store,
        key: &MessageKey,
        draft: Draft,
        sheet: &EligibilitySheet,
    ) -> Result<Answer, StoreError> {
        let visit = draft.visit(sheet.person.clone());
        visits::visit_save(store, &visit)?;
        received::received_made(store, key, None, Some(visit.id.as_str()))?;
        let warning = sheet.standing.as_ref().err().map(|why| Refusal::from(why.clone()).text());
        Ok(warned(Answer::success(&key.infno, visit::admitted(&visit)), warning))
    }

    fn show(
        &self,
        visit: &Visit,
        record: &SettlementRecord,
        sheet: &SettledSheet,
        sign: Sign,
        as_: impl Fn(&Shown<'_>) -> Value,
    ) -> Value {
        match self.institutions.get(&record.institution) {
            Some(institution) => as_(&Shown {
                visit,
                institution,
                record,
                adjudication: &sheet.adjudication,
                funds: &sheet.funds,
                account: sheet.account,
                sign,
            }),
            None => Value::Null,
        }
    }

    fn booked(
        &self,
        store: &mut dyn Store,
        moment: &Moment,
        key: &MessageKey,
        id: &SettlementId,
        sheet: SettledSheet,
        warning: Option<String>,
    ) -> Result<Answer, StoreError> {
        let (visit, mut record) = self.recorded(store, id)?;
        record.settled = Some(moment.at);
        record.sheet = Some(sheet);
        life::treatment_moves(store, moment, &visit, &mut record, Event::SettlementBooked)?;
        let sheet = record.sheet.as_ref().expect("set above");
        self.journal(store, moment.at, &visit, &record.id, JournalKind::Settlement, &sheet.funds, sheet.day)?;
        let output = self.show(&visit, &record, sheet, Sign::Plus, settled);
        Ok(warned(Answer::success(&key.infno, output), warning))
    }

    fn not_booked(
        &self,
        store: &mut dyn Store,
        moment: &Moment,
        id: &SettlementId,
        why: &Refusal,
    ) -> Result<(), StoreError> {
        let (visit, _) = self.recorded(store, id)?;
        visits::fee_lines_free(store, &visit, id)?;
        self.step(store, moment, id, no(why, Event::SettlementRefused))
    }

    #[allow(clippy::too_many_arguments)] // one taking back has that many sides
    fn taken_back(
        &self,
        store: &mut dyn Store,
        moment: &Moment,
        key: &MessageKey,
        id: &SettlementId,
        undoes: Option<MessageKey>,
        account: Fen,
        funds: &[(Fund, Fen)],
        day: ServiceDate,
    ) -> Result<Answer, StoreError> {
        let (visit, mut original) = self.recorded(store, id)?;
        life::treatment_moves(store, moment, &visit, &mut original, Event::ReversalBooked)?;
        visits::fee_lines_free(store, &visit, id)?;
        // Where the insured place had booked other amounts, this office's books follow it under the same days, and both
        // end at nothing.
        if let Some(sheet) = &original.sheet {
            let theirs: Funds = funds.iter().map(|(fund, amount)| (*fund, -*amount)).collect();
            let lacks: Vec<_> = less(&theirs, &sheet.funds.iter().copied().collect()).into_iter().collect();
            self.journal(store, moment.at, &visit, id, JournalKind::Correction, &lacks, sheet.day)?;
        }
        self.journal(store, moment.at, &visit, id, JournalKind::Reversal, funds, day)?;
        let by = original.taken_back_by.clone().unwrap_or_else(|| id.clone());
        let (_, mut record) = self.recorded(store, &by)?;
        record.settled = Some(moment.at);
        if let Some(sheet) = &mut record.sheet {
            sheet.account = account;
        }
        life::treatment_moves(store, moment, &visit, &mut record, Event::SettlementBooked)?;
        if let Some(undone) = undoes {
            received::received_reversed(store, &undone)?;
            return Ok(Answer::success(&key.infno, Value::Null));
        }
        let output = match &record.sheet {
            Some(sheet) => self.show(&visit, &record, sheet, Sign::Minus, settled),
            None => Value::Null,
        };
        Ok(Answer::success(&key.infno, output))
    }

    fn not_taken_back(
        &self,
        store: &mut dyn Store,
        moment: &Moment,
        id: &SettlementId,
        why: &Refusal,
    ) -> Result<(), StoreError> {
        let (visit, mut original) = self.recorded(store, id)?;
        let by = original.taken_back_by.take();
        life::treatment_moves(store, moment, &visit, &mut original, no(why, Event::ReversalRefused))?;
        match by {
            Some(by) => self.step(store, moment, &by, no(why, Event::SettlementRefused)),
            None => Ok(()),
        }
    }

    fn stands_again(
        &self,
        store: &mut dyn Store,
        moment: &Moment,
        id: &SettlementId,
        funds: &[(Fund, Fen)],
        day: ServiceDate,
    ) -> Result<(), StoreError> {
        let (visit, mut original) = self.recorded(store, id)?;
        let by = original.taken_back_by.take();
        life::treatment_moves(store, moment, &visit, &mut original, Event::ReinstatementBooked)?;
        self.journal(store, moment.at, &visit, id, JournalKind::Reinstatement, funds, day)?;
        match by {
            Some(by) => self.step(store, moment, &by, Event::ReversalBooked),
            None => Ok(()),
        }
    }

    fn does_not_stand_again(
        &self,
        store: &mut dyn Store,
        moment: &Moment,
        id: &SettlementId,
        why: &Refusal,
    ) -> Result<(), StoreError> {
        let (visit, _) = self.recorded(store, id)?;
        visits::fee_lines_free(store, &visit, id)?;
        self.step(store, moment, id, no(why, Event::ReinstatementRefused))
    }

    /// The time for an answer has run out.
    pub(super) fn overdue(
        &mut self,
        store: &mut dyn Store,
        now: Instant,
        waiting: mail::Waiting<Context>,
    ) -> Result<Vec<Answered>, StoreError> {
        if mail::outbox_withdraw_unsent(store, &waiting.question, self.on_its_way)? {
            // It still lies here and no attempt was made: then that is the truth, and nothing has to be cancelled.
            return self.never_left(store, now, &waiting.question);
        }
        let key = key_of(&waiting);
        let timed_out = Refusal::new(Code::AnswerTimedOut)
            .with("seconds", self.settings.answer_wait_ms / 1000)
            .with_place("place", waiting.place);
        match waiting.context {
            Context::Settle(id, _) => {
                mail::question_mark(store, &waiting.question, "ended")?;
                let (visit, record) = self.recorded(store, &id)?;
                let moment = Moment::new(now, Cause::Clock);
                self.give_up(store, &moment, &visit, record, Event::AnswerOverdue)?;
                self.finish(store, now, &key, refused(&timed_out))
            }
            Context::Admit(draft) => {
                mail::question_mark(store, &waiting.question, "ended")?;
                let person = received::received_find(store, &key)?.and_then(|known| known.person);
                if let (Some(pool), Some(Ok(person))) = (waiting.place, person.map(PersonNo::new)) {
                    let stay = StayRef { pool, person, visit: draft.id.clone() };
                    self.tell(store, now, pool, Ask::CloseStay(stay))?;
                }
                self.finish(store, now, &key, refused(&timed_out))
            }
            // Taking back goes on until it is done: the caller is told so, and asks again.
            Context::Reverse(..) | Context::Reinstate(..) => {
                mail::question_mark(store, &waiting.question, "overdue")?;
                let refusal = Refusal::new(Code::TransactionInProgress).with("msgid", &key.msgid);
                let body = self.body(store, now, &key.institution, refused(&refusal))?;
                Ok(self.release(&key, body))
            }
            // A late answer still helps.
            Context::Probe(_) | Context::Again(..) => {
                mail::question_mark(store, &waiting.question, "overdue")?;
                Ok(Vec::new())
            }
            _ => {
                mail::question_mark(store, &waiting.question, "ended")?;
                let refusal = Refusal::new(Code::InsuredPlaceUnreachable).with_place("place", waiting.place);
                self.finish(store, now, &key, refused(&refusal))
            }
        }
    }

    /// Moves one settlement along the table.
    fn step(
        &self,
        store: &mut dyn Store,
        moment: &Moment,
        id: &SettlementId,
        event: Event,
    ) -> Result<(), StoreError> {
        let (visit, mut record) = self.recorded(store, id)?;
        life::treatment_moves(store, moment, &visit, &mut record, event)
    }

    pub(super) fn recorded(
        &self,
        store: &mut dyn Store,
        id: &SettlementId,
    ) -> Result<(Visit, SettlementRecord), StoreError> {
        let missing =
            |what: &str| StoreError::Damaged { what: format!("{what} of {id}"), why: "it is missing".into() };
        let record = settlements::settlement_find(store, id)?.ok_or_else(|| missing("the record"))?;
        let visit = visits::visit_find(store, &record.visit)?.ok_or_else(|| missing("the visit"))?;
        Ok((visit, record))
    }

    /// This side's books. Care at home is booked once, by the insured office next door.
    #[allow(clippy::too_many_arguments)] // a journal has that many parts
    pub(super) fn journal(
        &self,
        store: &mut dyn Store,
        now: Instant,
        visit: &Visit,
        id: &SettlementId,
        kind: JournalKind,
        funds: &[(Fund, Fen)],
        day: ServiceDate,
    ) -> Result<(), StoreError> {
        if visit.pool().province() == self.home.province {
            return Ok(());
        }
        let side = Side::Treatment { pool: visit.pool(), institution: visit.institution.clone() };
        let journal = Journal {
            key: BusinessKey::new(id.as_str()).expect("a settlement number is a key"),
            kind,
            happened: day,
            learned: now,
            entries: ledger::entries(&side, funds),
        };
        books::journal_add(store, &journal)
    }
}

/// What a refusal says of the question: where the next office could not be reached, it is as if nobody had asked.
fn no(why: &Refusal, refused: Event) -> Event {
    match why.code {
        Code::HubUnreachable | Code::InsuredPlaceUnreachable => Event::QuestionNeverSent,
        _ => refused,
    }
}

/// A later settlement of the same person was computed with what was used then, and stays so.
fn not_computed_again(later: i64) -> Option<String> {
    (later > 0).then(|| {
        format!(
            "该人员其后另有{later}笔结算,按当时累计计算,不因本次撤销而重新计算 | {later} later settlement(s) of this \
             person were computed with what was used then and are not computed again"
        )
    })
}

fn warned(answer: Answer, warning: Option<String>) -> Answer {
    match warning {
        Some(text) => answer.with_warning(text),
        None => answer,
    }
}

/// The kind of an answer, for logs: never its content.
pub(super) fn reply_word(reply: &Reply) -> &'static str {
    match reply {
        Reply::Person(_) => "person",
        Reply::Eligibility(_) => "eligibility",
        Reply::Done => "done",
        Reply::Quoted(_) => "quoted",
        Reply::Settled(_) => "settled",
        Reply::Reversed { .. } => "reversed",
        Reply::Reinstated { .. } => "reinstated",
        Reply::Cancelled { .. } => "cancelled",
        Reply::Standing { .. } => "standing",
        Reply::Filed { .. } => "filed",
        Reply::Used(_) => "used",
        Reply::Qualifications(_) => "qualifications",
        Reply::Refused(_) => "refused",
    }
}
