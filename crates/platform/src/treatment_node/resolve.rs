//! 核实: for every settlement whose end is not known on both sides, the insured place is asked how it stands, with
//! growing pauses, and told again what it was told, until both agree. After a stated time a person is called as well.
//! Nothing here guesses: a settlement ends by an answer of the insured place, or because its question never left.

use super::conclude::reply_word;
use super::desk::{Context, nobody};
use super::{Answered, TreatmentOffice, key_of};
use crate::doors::{Store, StoreError};
use crate::letters::{Ask, Reply};
use crate::life::{Cause, Moment, event_key};
use crate::records::{SettlementRecord, Visit};
use crate::refusal::Code;
use crate::store::received::MessageKey;
use crate::store::resolving::{self, Order, Resolving};
use crate::store::{events, mail, settlements};
use insurance::calendar::Instant;
use insurance::identity::SettlementId;
use insurance::settlement::{Event, State};

/// First and longest pause between two questions about the same key (ms): 1 s, 2 s, 4 s ... 60 s.
pub(super) const PAUSE_MS: (i64, i64) = (1_000, 60_000);

impl TreatmentOffice {
    /// Looks after every key whose time has come.
    pub(super) fn resolve(
        &mut self,
        store: &mut dyn Store,
        now: Instant,
        unsure_since: Option<Instant>,
    ) -> Result<(), StoreError> {
        let furthest = PAUSE_MS.1 + self.settings.answer_wait_ms;
        for due in resolving::resolving_due(store, now, furthest)? {
            if unsure_since.is_some_and(|since| due.since < since) {
                continue;
            }
            let (visit, record) = self.recorded(store, &due.key.settlement)?;
            if let Some((Order::Cancel, by)) = &due.ordered
                && record.state == State::Asked
            {
                let moment = Moment::new(now, Cause::Operator(by.clone()));
                self.cancel_safely(store, &moment, &visit, record)?;
                continue;
            }
            if due.handed_over.is_none() && now.0 - due.since.0 >= self.settings.hand_over_ms {
                resolving::resolving_handed_over(store, &due.key, now)?;
                tracing::warn!(
                    node = %self.home.province, settlement.serial = %record.id, state = record.state.code(),
                    "a settlement waits for a person: see GET /operator/unresolved"
                );
            }
            // While the last question still lies here, another would only lie behind it.
            let waits = match &due.probe {
                Some(probe) => mail::outbox_holds(store, probe)?,
                None => false,
            };
            let probe = if waits { None } else { Some(self.probe(store, now, &visit, &record)?) };
            let doubled = PAUSE_MS.0.checked_shl(u32::try_from(due.asked.clamp(0, 10)).unwrap_or(0));
            let pause = doubled.unwrap_or(PAUSE_MS.1).min(PAUSE_MS.1);
            resolving::resolving_asked(store, &due.key, probe.as_deref(), now.plus_ms(pause))?;
        }
        Ok(())
    }

    /// Asks how it stands.
    fn probe(
        &self,
        store: &mut dyn Store,
        now: Instant,
        visit: &Visit,
        record: &SettlementRecord,
    ) -> Result<String, StoreError> {
        let ask = Ask::Status(self.settlement_ref(visit, &record.id));
        let deadline = now.plus_ms(self.settings.answer_wait_ms);
        let waits = Some((Context::Probe(record.id.clone()), deadline));
        self.post(store, now, &nobody(), Some(visit.pool()), ask, waits)
    }

    /// It was told how it stands at the insured place, or that nobody can be reached there.
    pub(super) fn probed(
        &mut self,
        store: &mut dyn Store,
        moment: &Moment,
        id: &SettlementId,
        reply: Reply,
    ) -> Result<Vec<Answered>, StoreError> {
        let Some((visit, record, clock)) = self.heard(store, moment, id, &reply)? else {
            return Ok(Vec::new());
        };
        match (record.state, reply) {
            // The answer itself was lost, and whoever waits for it gets it now.
            (State::Asked, settled @ Reply::Settled(_)) => self.ends(store, moment, &clock, id, settled),
            // It may still be on its way: the time that runs out decides.
            (State::Asked, _) | (_, Reply::Refused(_)) => Ok(Vec::new()),
            // Letters arrive in order: what was said before was heard, or is lost. It is safe to say it again.
            (_, _) => self.say_again(store, moment.at, &visit, &record, &clock).map(|()| Vec::new()),
        }
    }

    /// What the insured place answers to what it was told again.
    pub(super) fn answered_again(
        &mut self,
        store: &mut dyn Store,
        moment: &Moment,
        id: &SettlementId,
        question: &str,
        reply: Reply,
    ) -> Result<Vec<Answered>, StoreError> {
        let Some((_, record, clock)) = self.heard(store, moment, id, &reply)? else {
            return Ok(Vec::new());
        };
        // By now it may be about another question.
        if clock.question != question {
            return Ok(Vec::new());
        }
        let final_refusal = |reply: &Reply| match reply {
            Reply::Refused(sheet) => matches!(
                Code::of_name(&sheet.code),
                Some(Code::SettlementUnknown | Code::LaterSettlementStands | Code::PersonUnknown)
            ),
            _ => false,
        };
        match (record.state, &reply) {
            (State::Cancelling, Reply::Cancelled { .. })
            | (State::Reversing, Reply::Reversed { .. })
            | (State::Reinstating, Reply::Reinstated { .. }) => self.ends(store, moment, &clock, id, reply),
            (State::Reversing | State::Reinstating, refused) if final_refusal(refused) => {
                self.ends(store, moment, &clock, id, reply)
            }
            // Nobody could be reached this time, which says nothing of the times before.
            _ => Ok(Vec::new()),
        }
    }

    /// Notes what was heard of a key; nothing where its end is known.
    #[allow(clippy::type_complexity)] // a visit, its settlement and the clock: used here alone
    fn heard(
        &self,
        store: &mut dyn Store,
        moment: &Moment,
        id: &SettlementId,
        reply: &Reply,
    ) -> Result<Option<(Visit, SettlementRecord, Resolving)>, StoreError> {
        let (visit, record) = self.recorded(store, id)?;
        let key = event_key(&visit, &record);
        let Some(clock) = resolving::resolving_find(store, &key)? else { return Ok(None) };
        let word = match reply {
            Reply::Standing { state, .. } => state.code(),
            Reply::Refused(sheet) => sheet.code.as_str(),
            other => reply_word(other),
        };
        resolving::resolving_heard(store, &key, word, moment.at)?;
        Ok(Some((visit, record, clock)))
    }

    /// Goes on where the first question would have gone on with this answer.
    fn ends(
        &mut self,
        store: &mut dyn Store,
        moment: &Moment,
        clock: &Resolving,
        id: &SettlementId,
        reply: Reply,
    ) -> Result<Vec<Answered>, StoreError> {
        let (key, context) = match mail::question_find::<Context>(store, &clock.question)? {
            Some((waiting, _)) => (key_of(&waiting), waiting.context),
            // A cancellation that the hub could not pass on was answered, and so ended, by its refusal.
            None => (nobody(), Context::Cancel(id.clone())),
        };
        mail::question_mark(store, &clock.question, "ended")?;
        self.concluded(store, moment, &key, context, reply)
    }

    /// Says again what this state asks for, as of the same day.
    fn say_again(
        &self,
        store: &mut dyn Store,
        now: Instant,
        visit: &Visit,
        record: &SettlementRecord,
        clock: &Resolving,
    ) -> Result<(), StoreError> {
        let settlement = self.settlement_ref(visit, &record.id);
        let ask = match record.state {
            State::Cancelling => Ask::Cancel(settlement),
            State::Reversing => {
                let Some(by) = record.taken_back_by.clone() else { return Ok(()) };
                let intended = settlements::settlement_find(store, &by)?;
                let day = intended.map_or(now, |reversal| reversal.asked).day();
                Ask::Reverse { settlement, reversal: by, day }
            }
            State::Reinstating => {
                let happened = events::events_of(store, &record.id)?;
                let intended =
                    happened.iter().rev().find(|happened| happened.event == Event::ReinstatementIntended);
                Ask::Reinstate { settlement, day: intended.map_or(now, |intended| intended.at).day() }
            }
            _ => return Ok(()),
        };
        let context = Context::Again(record.id.clone(), clock.question.clone());
        let deadline = now.plus_ms(self.settings.answer_wait_ms);
        self.post(store, now, &nobody(), Some(visit.pool()), ask, Some((context, deadline))).map(drop)
    }

    /// A person ordered that it shall not be booked. Who still waits for it hears that it was undone.
    fn cancel_safely(
        &mut self,
        store: &mut dyn Store,
        moment: &Moment,
        visit: &Visit,
        record: SettlementRecord,
    ) -> Result<(), StoreError> {
        let message = MessageKey {
            institution: record.institution.to_string(),
            infno: record.infno.clone(),
            msgid: record.msgid.clone(),
        };
        for waiting in mail::question_of_message::<Context>(store, &message)? {
            mail::question_mark(store, &waiting.question, "ended")?;
        }
        self.give_up(store, moment, visit, record, Event::CancelRequested)?;
        self.hang_up(store, moment.at, &message)
    }
}
