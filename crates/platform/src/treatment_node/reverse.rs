//! 2208, 2305, 2601: a settlement is taken back by a record of its own; 2601 undoes one message, may be repeated,
//! and tells the truth.

use super::TreatmentOffice;
use super::desk::{Context, Desk, Outcome, Trouble, nobody};
use crate::doors::{Store, StoreError};
use crate::letters::{Ask, SettlementRef, StayRef};
use crate::life::{self, Moment};
use crate::protocol::answer::Answer;
use crate::protocol::normalise::Input;
use crate::protocol::settle::{Reversal, TakingBack};
use crate::records::{SettlementRecord, Visit, VisitKind, VisitState};
use crate::refusal::{Code, Refusal};
use crate::store::received::{self, MessageKey, Received};
use crate::store::{mail, settlements, visits};
use insurance::calendar::Instant;
use insurance::catalogue::Split;
use insurance::identity::{SettlementId, VisitId};
use insurance::settlement::{Event, State};

const REVERSIBLE: [&str; 7] = ["2207", "2207A", "2208", "2304", "2304A", "2305", "2401"];

impl TreatmentOffice {
    /// 2208 and 2305.
    pub(super) fn take_back(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: TakingBack = input.one("data")?;
        let kind = if desk.key.infno == "2208" { VisitKind::Outpatient } else { VisitKind::Inpatient };
        let visit = desk.visit_of_kind(&asked.mdtrt_id, &asked.psn_no, kind)?;
        let unknown = || Refusal::new(Code::SettlementUnknown).with("settlement", &asked.setl_id);
        let original = settlements::settlement_find(desk.store, &asked.setl_id)?
            .filter(|record| record.visit == visit.id && record.takes_back.is_none())
            .ok_or_else(unknown)?;
        match original.state {
            State::Settled => self.reversal_intended(desk, &visit, original, None),
            State::Reversed | State::Reinstating => Err(Refusal::new(Code::SettlementAlreadyReversed)
                .with("settlement", &original.id)
                .with("reversal", original.taken_back_by.as_ref().map_or("-", |id| id.as_str()))
                .into()),
            open if open.is_open() => Err(Refusal::new(Code::SettlementUnresolved)
                .with("visit", &visit.id)
                .with_both("state", open.zh(), open.en())
                .into()),
            _ => Err(unknown().into()),
        }
    }

    /// Writes down that a settlement is about to be taken back, with the record that does it, and asks.
    fn reversal_intended(
        &self,
        desk: &mut Desk<'_>,
        visit: &Visit,
        original: SettlementRecord,
        undoes: Option<MessageKey>,
    ) -> Result<Outcome, Trouble> {
        let settlement = original.id.clone();
        let moment = desk.moment();
        let ask = self.reversal_written(desk.store, &moment, desk.key, visit, original)?;
        if let Ask::Reverse { reversal, .. } = &ask {
            received::received_made(desk.store, desk.key, Some(reversal.as_str()), Some(visit.id.as_str()))?;
        }
        Ok(Outcome::Ask { place: Some(visit.pool()), ask, context: Context::Reverse(settlement, undoes) })
    }

    /// Writes down that a settlement is about to be taken back, with the record that does it; gives the question.
    pub(super) fn reversal_written(
        &self,
        store: &mut dyn Store,
        moment: &Moment,
        key: &MessageKey,
        visit: &Visit,
        mut original: SettlementRecord,
    ) -> Result<Ask, StoreError> {
        let id = self.settlement_number(store, moment.at, visit.pool())?;
        original.taken_back_by = Some(id.clone());
        let mut record = SettlementRecord {
            id: id.clone(),
            visit: visit.id.clone(),
            infno: key.infno.clone(),
            msgid: key.msgid.clone(),
            institution: original.institution.clone(),
            state: State::Absent,
            batch: original.batch.clone(),
            asked: moment.at,
            settled: None,
            sheet: original.sheet.clone(),
            takes_back: Some(original.id.clone()),
            taken_back_by: None,
            written: original.written.clone(),
        };
        life::treatment_moves(store, moment, visit, &mut original, Event::ReversalIntended)?;
        life::treatment_moves(store, moment, visit, &mut record, Event::SettlementIntended)?;
        let settlement = self.settlement_ref(visit, &original.id);
        Ok(Ask::Reverse { settlement, reversal: id, day: moment.at.day() })
    }

    pub(super) fn settlement_ref(&self, visit: &Visit, settlement: &SettlementId) -> SettlementRef {
        SettlementRef {
            pool: visit.pool(),
            person: visit.person.person_no.clone(),
            visit: visit.id.clone(),
            settlement: settlement.clone(),
            treatment: self.home.province,
        }
    }

    /// 2601. Clients take only infcode 0 for done, so "nothing was booked" is a success with a remark.
    pub(super) fn reverse_message(&mut self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: Reversal = input.one("data")?;
        let infno = asked.oinfno.to_ascii_uppercase();
        if !REVERSIBLE.contains(&infno.as_str()) {
            return Err(Refusal::new(Code::NotReversible).with("found", infno).into());
        }
        let mut original =
            MessageKey { institution: desk.key.institution.clone(), infno, msgid: asked.omsgid.clone() };
        if let Some(meant) = self.message_meant(desk.store, &original)? {
            original = meant;
        }
        let Some(known) = received::received_find(desk.store, &original)? else {
            // It may still be on its way: when it arrives it must not be acted on.
            let person = Some(asked.psn_no.to_string());
            received::received_add(desk.store, &original, "", person, desk.now, "reversed")?;
            return remark(
                desk,
                "平台未收到该交易,未记账;迟到的原交易将不再受理 | it never arrived; nothing was booked, and a late arrival is refused",
            );
        };
        if known.person.as_deref().is_some_and(|person| person != asked.psn_no.as_str()) {
            return Err(Refusal::new(Code::OriginalOfAnotherPerson)
                .with("msgid", &asked.omsgid)
                .with("person", &asked.psn_no)
                .into());
        }
        if known.state == "reversed" {
            return remark(desk, "该交易已冲正,无需重复 | it was reversed before");
        }
        match original.infno.as_str() {
            "2401" => self.undo_admission(desk, &original, &known),
            "2208" | "2305" => self.undo_taking_back(desk, &original, &known),
            _ => self.undo_settlement(desk, &original, &known),
        }
    }

    /// The message that 2601 names, where it is known by another name: 2207 for 2207A and the reverse, or the
    /// receiver's `inf_refmsgid` for the sender's msgid. To answer "it never arrived" of these would be untrue.
    fn message_meant(
        &self,
        store: &mut dyn Store,
        named: &MessageKey,
    ) -> Result<Option<MessageKey>, StoreError> {
        let sibling = match named.infno.strip_suffix('A') {
            Some(plain) => plain.to_owned(),
            None => format!("{}A", named.infno),
        };
        let is_refmsgid = named.msgid.len() == 30 && named.msgid.bytes().all(|byte| byte.is_ascii_digit());
        for infno in [&named.infno, &sibling] {
            let key = MessageKey { infno: infno.clone(), ..named.clone() };
            if received::received_find(store, &key)?.is_some() {
                return Ok(Some(key));
            }
            if is_refmsgid
                && let Some(msgid) =
                    received::received_find_answered(store, &key.institution, infno, &named.msgid)?
            {
                return Ok(Some(MessageKey { msgid, ..key }));
            }
        }
        Ok(None)
    }

    fn undo_admission(
        &mut self,
        desk: &mut Desk<'_>,
        original: &MessageKey,
        known: &Received,
    ) -> Result<Outcome, Trouble> {
        let visit = match known.visit.as_deref().map(VisitId::new) {
            Some(Ok(id)) => visits::visit_find(desk.store, &id)?,
            _ => None,
        };
        match visit {
            Some(visit) if visit.state != VisitState::Cancelled => {
                self.nothing_hangs_on(desk, &visit, "2302")?;
                self.stay_never_was(desk, visit)?;
            }
            Some(_) => {}
            None => self.forget_admission(desk.store, desk.now, original)?,
        }
        self.hang_up(desk.store, desk.now, original)?;
        remark(desk, "入院登记已冲正 | the admission is reversed")
    }

    /// The admission is still being asked: its answer will find nobody, and the insured place forgets the stay.
    fn forget_admission(
        &mut self,
        store: &mut dyn Store,
        now: Instant,
        original: &MessageKey,
    ) -> Result<(), StoreError> {
        for waiting in mail::question_of_message::<Context>(store, original)? {
            mail::question_mark(store, &waiting.question, "ended")?;
            if let (Context::Admit(draft), Some(pool), Some(person)) = (
                &waiting.context,
                waiting.place,
                received::received_find(store, original)?.and_then(|r| r.person),
            ) && let Ok(person) = insurance::identity::PersonNo::new(person)
            {
                let stay = StayRef { pool, person, visit: draft.id.clone() };
                self.tell(store, now, pool, Ask::CloseStay(stay))?;
            }
        }
        Ok(())
    }

    fn undo_settlement(
        &mut self,
        desk: &mut Desk<'_>,
        original: &MessageKey,
        known: &Received,
    ) -> Result<Outcome, Trouble> {
        let Some((visit, record)) = self.settlement_made(desk, known)? else {
            received::received_reversed(desk.store, original)?;
            return remark(desk, "该交易未记账 | that transaction booked nothing");
        };
        match record.state {
            State::Settled => self.reversal_intended(desk, &visit, record, Some(original.clone())),
            State::Asked => {
                let moment = desk.moment();
                self.give_up(desk.store, &moment, &visit, record, Event::CancelRequested)?;
                for waiting in mail::question_of_message::<Context>(desk.store, original)? {
                    if matches!(waiting.context, Context::Settle(..)) {
                        mail::question_mark(desk.store, &waiting.question, "ended")?;
                    }
                }
                self.hang_up(desk.store, desk.now, original)?;
                remark(
                    desk,
                    "原交易尚无结果,已撤销,不会记账 | it had no result yet and is cancelled; it will not be booked",
                )
            }
            State::Reversing | State::Reinstating => Err(Refusal::new(Code::OriginalUnresolved)
                .with("visit", &visit.id)
                .with_both("state", record.state.zh(), record.state.en())
                .into()),
            _ => {
                received::received_reversed(desk.store, original)?;
                remark_state(desk, record.state)
            }
        }
    }

    /// The message is undone while somebody still waits for its answer: they hear so now, because no other answer comes.
    pub(super) fn hang_up(
        &mut self,
        store: &mut dyn Store,
        now: Instant,
        original: &MessageKey,
    ) -> Result<(), StoreError> {
        received::received_reversed(store, original)?;
        let undone = Refusal::new(Code::MessageReversedBefore).with("msgid", &original.msgid);
        let body = self.body(store, now, &original.institution, Answer::refused(&undone))?;
        let answers = self.release(original, body);
        self.hung_up.extend(answers);
        Ok(())
    }

    /// 2601 of 2208 or 2305: the settlement that was taken back stands again, if nothing has changed since.
    fn undo_taking_back(
        &mut self,
        desk: &mut Desk<'_>,
        original: &MessageKey,
        known: &Received,
    ) -> Result<Outcome, Trouble> {
        let Some((visit, reversal)) = self.settlement_made(desk, known)? else {
            received::received_reversed(desk.store, original)?;
            return remark(desk, "该交易未记账 | that transaction booked nothing");
        };
        let taken_back = match &reversal.takes_back {
            Some(id) => settlements::settlement_find(desk.store, id)?,
            None => None,
        };
        let Some(mut settled) = taken_back else {
            return Err(Refusal::new(Code::SettlementUnknown).with("settlement", &reversal.id).into());
        };
        let settling = MessageKey {
            institution: settled.institution.to_string(),
            infno: settled.infno.clone(),
            msgid: settled.msgid.clone(),
        };
        let settling_undone = received::received_find(desk.store, &settling)?
            .is_some_and(|message| message.state == "reversed");
        if settled.state == State::Reversed && settling_undone {
            // Both messages are undone: the settlement was promised never to be, and stays taken back.
            received::received_reversed(desk.store, original)?;
            return remark(
                desk,
                "原结算也已冲正,维持撤销 | the settlement itself was reversed as well: it stays taken back",
            );
        }
        match settled.state {
            State::Reversed if settled.taken_back_by.as_ref() == Some(&reversal.id) => {}
            State::Settled => {
                received::received_reversed(desk.store, original)?;
                return remark_state(desk, settled.state);
            }
            state => {
                return Err(Refusal::new(Code::OriginalUnresolved)
                    .with("visit", &visit.id)
                    .with_both("state", state.zh(), state.en())
                    .into());
            }
        }
        self.can_stand_again(desk, &visit, &settled)?;
        let moment = desk.moment();
        life::treatment_moves(desk.store, &moment, &visit, &mut settled, Event::ReinstatementIntended)?;
        visits::fee_lines_bind(desk.store, &visit, settled.batch.as_deref(), &settled.id)?;
        let ask =
            Ask::Reinstate { settlement: self.settlement_ref(&visit, &settled.id), day: desk.now.day() };
        Ok(Outcome::Ask {
            place: Some(visit.pool()),
            ask,
            context: Context::Reinstate(settled.id, original.clone()),
        })
    }

    /// The lines are those that were settled, and nothing else was settled since.
    fn can_stand_again(
        &self,
        desk: &mut Desk<'_>,
        visit: &Visit,
        settled: &SettlementRecord,
    ) -> Result<(), Trouble> {
        let others = settlements::settlements_of_visit(desk.store, visit)?;
        let other = others
            .iter()
            .filter(|record| record.id != settled.id && super::settle::holds(record))
            .find(|record| visit.kind == VisitKind::Inpatient || record.batch == settled.batch);
        let lines = visits::fee_lines(desk.store, visit.pool(), &visit.person.person_no, &visit.id)?;
        let split: Split = lines
            .iter()
            .filter(|line| line.settlement.is_none())
            .filter(|line| visit.kind == VisitKind::Inpatient || line.batch == settled.batch)
            .map(|line| line.split)
            .sum();
        let same = settled.sheet.as_ref().is_some_and(|sheet| sheet.adjudication.split == split);
        if let Some(later) = other {
            return Err(Refusal::new(Code::LaterSettlementStands).with("settlement", &later.id).into());
        }
        if !same || visit.state == VisitState::Cancelled {
            return Err(Refusal::new(Code::FeesChangedSince).with("settlement", &settled.id).into());
        }
        Ok(())
    }

    fn settlement_made(
        &self,
        desk: &mut Desk<'_>,
        known: &Received,
    ) -> Result<Option<(Visit, SettlementRecord)>, StoreError> {
        let Some(Ok(id)) = known.settlement.as_deref().map(SettlementId::new) else { return Ok(None) };
        let Some(record) = settlements::settlement_find(desk.store, &id)? else { return Ok(None) };
        let visit = visits::visit_find(desk.store, &record.visit)?;
        Ok(visit.map(|visit| (visit, record)))
    }

    /// Stops waiting for a settlement: it is being cancelled until the insured place confirms.
    pub(super) fn give_up(
        &mut self,
        store: &mut dyn Store,
        moment: &Moment,
        visit: &Visit,
        mut record: SettlementRecord,
        why: Event,
    ) -> Result<(), StoreError> {
        life::treatment_moves(store, moment, visit, &mut record, why)?;
        visits::fee_lines_free(store, visit, &record.id)?;
        let ask = Ask::Cancel(self.settlement_ref(visit, &record.id));
        self.ask(store, moment.at, &nobody(), Some(visit.pool()), ask, Context::Cancel(record.id)).map(drop)
    }
}

/// Where the settlement stands, in both languages.
fn remark_state(desk: &Desk<'_>, state: State) -> Result<Outcome, Trouble> {
    let outer = state.outer();
    remark(desk, &format!("{} | {}", outer.zh(), outer.en()))
}

fn remark(desk: &Desk<'_>, text: &str) -> Result<Outcome, Trouble> {
    let answer = Answer::success(&desk.key.infno, serde_json::Value::Null);
    Ok(Outcome::Answer(answer.with_warning(text)))
}
