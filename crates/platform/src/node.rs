//! One node: its offices, moved by events. A step takes an event and the store, and gives answers; letters to send
//! wait in the store's outbox. No waiting inside, no async: the simulation runs exactly this.

use crate::behind;
use crate::doors::{Delivery, NodeId, Store, StoreError};
use crate::hub::{self, HubOffice};
use crate::insured_node::InsuredOffice;
use crate::letters::{Ask, Batch, Content, Letter, Reply};
use crate::life::{Cause, Moment};
use crate::protocol::credentials::{CredentialKind, digest};
use crate::protocol::envelope::Message;
use crate::reconciliation::{self, Statements};
use crate::refusal::Code;
use crate::registry::{Institution, InsuredPerson};
use crate::roots;
use crate::store::neighbours::{self, Aside};
use crate::store::{institutions, mail, people};
use crate::treatment_node::{Answered, CallId, Settings, TreatmentOffice};
use insurance::calendar::Instant;
use insurance::catalogue::Catalogue;
use insurance::identity::Province;
use insurance::policy::PolicyBook;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What moves a node.
#[derive(Debug)]
pub enum Event {
    /// An institution calls.
    Call(CallId, Box<Message>),
    /// Letters arrive from a neighbour. They may have arrived before.
    Letters(NodeId, Batch),
    /// What became of letters that were pushed to a neighbour.
    Delivered(NodeId, i64, Delivery),
    /// Time passes.
    Tick,
}

/// The offices of a node.
enum Offices {
    Hub(HubOffice),
    Province(Box<TreatmentOffice>, Arc<InsuredOffice>),
}

/// One node.
pub struct Node {
    /// Which.
    pub id: NodeId,
    offices: Offices,
    /// When it came to life, while no neighbour has said yet whether it knows everything that it should.
    unsure_since: Option<Instant>,
    /// How long delivered letters are kept (ms).
    letters_kept_ms: i64,
    /// When letters were last looked through for old ones.
    pruned: Instant,
    statements: Statements,
}

/// How long delivered letters are kept where nothing is said (ms): seven days, so that a copy of last week will do.
pub const LETTERS_KEPT_MS: i64 = 7 * 86_400_000;
/// How often old letters are forgotten (ms).
const PRUNE_MS: i64 = 600_000;

impl Node {
    /// The hub, with the provinces that are connected.
    pub fn hub(members: Vec<Province>) -> Node {
        Node::of(NodeId::Hub, Offices::Hub(HubOffice { members }))
    }

    /// The node of a province: treatment place and insured place in one.
    pub fn province(
        store: &mut dyn Store,
        province: Province,
        policies: Arc<PolicyBook>,
        catalogue: Arc<Catalogue>,
        settings: Settings,
    ) -> Result<Node, StoreError> {
        let insured = Arc::new(InsuredOffice { province, policies });
        let treatment = TreatmentOffice::open(store, insured.clone(), catalogue, settings)?;
        Ok(Node::of(NodeId::Province(province), Offices::Province(Box::new(treatment), insured)))
    }

    fn of(id: NodeId, offices: Offices) -> Node {
        Node {
            id,
            offices,
            unsure_since: None,
            letters_kept_ms: LETTERS_KEPT_MS,
            pruned: Instant(0),
            statements: Statements::default(),
        }
    }

    /// The same, keeping delivered letters for so long (ms).
    pub fn keeping_letters(self, letters_kept_ms: i64) -> Node {
        Node { letters_kept_ms, ..self }
    }

    /// The neighbours that it writes to.
    pub fn neighbours(&self) -> Vec<NodeId> {
        match &self.offices {
            Offices::Hub(hub) => hub.members.iter().copied().map(NodeId::Province).collect(),
            Offices::Province(..) => vec![NodeId::Hub],
        }
    }

    /// It has come to life: until a neighbour has said what it should know, nothing that was open before is given up.
    pub fn lives_since(&mut self, now: Instant) {
        if matches!(self.offices, Offices::Province(..)) {
            self.unsure_since = Some(now);
        }
    }

    /// A neighbour has answered its greeting.
    pub fn was_greeted(&mut self) {
        self.unsure_since = None;
    }

    /// One step.
    pub fn step(
        &mut self,
        store: &mut dyn Store,
        now: Instant,
        event: Event,
    ) -> Result<Vec<Answered>, StoreError> {
        match event {
            Event::Call(call, message) => match &mut self.offices {
                Offices::Province(treatment, _) if behind::is_behind(store, None)? => {
                    treatment.turn_away(store, now, call, &message, Code::NodeCatchingUp)
                }
                Offices::Province(treatment, _) => treatment.receive(store, now, call, &message),
                Offices::Hub(_) => Ok(Vec::new()),
            },
            Event::Letters(from, batch) => self.letters(store, now, from, batch),
            Event::Delivered(peer, last, delivery) => self.delivered(store, now, peer, last, delivery),
            Event::Tick => {
                self.forget_old_letters(store, now)?;
                self.tick(store, now)
            }
        }
    }

    fn tick(&mut self, store: &mut dyn Store, now: Instant) -> Result<Vec<Answered>, StoreError> {
        // What a node that is behind does not know yet, it neither gives up nor closes.
        let behind = behind::is_behind(store, None)?;
        let unsure_since = if behind { Some(now) } else { self.unsure_since };
        match &mut self.offices {
            Offices::Province(treatment, insured) => {
                let answers = treatment.tick(store, now, unsure_since)?;
                if behind {
                    return Ok(answers);
                }
                reconciliation::member_tick(&mut self.statements, store, now, treatment, insured)?;
                let closed = roots::close_days(store, now, self.id)?;
                if !closed.is_empty() {
                    hub::send_roots(store, now, self.id, NodeId::Hub, closed)?;
                }
                Ok(answers)
            }
            Offices::Hub(_) if behind => Ok(Vec::new()),
            Offices::Hub(hub) => {
                hub.tick(store, now)?;
                reconciliation::hub_tick(hub, &mut self.statements, store, now)?;
                Ok(Vec::new())
            }
        }
    }

    fn forget_old_letters(&mut self, store: &mut dyn Store, now: Instant) -> Result<(), StoreError> {
        if (now.0 - self.pruned.0).abs() < PRUNE_MS {
            return Ok(());
        }
        self.pruned = now;
        for peer in self.neighbours() {
            neighbours::outbox_prune(store, peer, now.plus_ms(-self.letters_kept_ms))?;
        }
        Ok(())
    }

    /// Letters of a neighbour: taken in order; where this node is behind it, first what it lacks.
    fn letters(
        &mut self,
        store: &mut dyn Store,
        now: Instant,
        from: NodeId,
        batch: Batch,
    ) -> Result<Vec<Answered>, StoreError> {
        let behind = behind::notice(store, now, self.id, from, &batch)?;
        let mut answers = Vec::new();
        let new = mail::inbox_note(store, batch.letters.iter().map(|letter| letter.id.as_str()), now)?;
        for (letter, _) in batch.letters.into_iter().zip(new).filter(|(_, is_new)| *is_new) {
            match letter.content {
                Content::Again { own, letters, ends } => {
                    answers.extend(self.told_again(store, now, from, own, letters, ends)?);
                }
                Content::Behind { heard, own, since } => {
                    behind::tell_again(store, now, self.id, from, (heard, own, since))?;
                }
                _ if behind => neighbours::aside_add(store, from, Aside::Later, &letter.id, &letter)?,
                _ => answers.extend(self.letter(store, now, letter)?),
            }
        }
        if batch.last > 0 {
            neighbours::neighbour_heard(store, from, batch.last)?;
        }
        Ok(answers)
    }

    /// What this node lacks, in the order in which it had come; at the end what has come since.
    fn told_again(
        &mut self,
        store: &mut dyn Store,
        now: Instant,
        from: NodeId,
        own: Vec<Letter>,
        letters: Vec<Letter>,
        ends: Option<bool>,
    ) -> Result<Vec<Answered>, StoreError> {
        behind::keep_own(store, self.id, from, &own)?;
        let mut answers = Vec::new();
        let letters: Vec<Letter> = letters.into_iter().filter(|letter| letter.may_come_from(from)).collect();
        let new = mail::inbox_note(store, letters.iter().map(|letter| letter.id.as_str()), now)?;
        for (letter, _) in letters.into_iter().zip(new).filter(|(_, is_new)| *is_new) {
            answers.extend(self.letter_again(store, now, from, letter)?);
        }
        if let Some(complete) = ends {
            for letter in neighbours::aside_all(store, from, Aside::Later)? {
                answers.extend(self.letter(store, now, letter)?);
            }
            if let Offices::Province(treatment, _) = &mut self.offices {
                treatment.name_what_is_lost(store, from)?;
            }
            behind::caught_up(store, now, self.id, from, complete)?;
            neighbours::aside_end(store, from)?;
        }
        Ok(answers)
    }

    /// A letter that this node had taken in before it was put back: it comes to the same, and nobody waits for it.
    fn letter_again(
        &mut self,
        store: &mut dyn Store,
        now: Instant,
        from: NodeId,
        letter: Letter,
    ) -> Result<Vec<Answered>, StoreError> {
        match (&mut self.offices, &letter.content) {
            (_, Content::Compare(_)) => self.letter(store, now, letter),
            (Offices::Hub(hub), _) => hub.receive_again(store, now, letter).map(|()| Vec::new()),
            (Offices::Province(_, insured), Content::Ask { ask, .. }) => {
                let said = neighbours::aside_about(store, from, Aside::Own, &letter.id)?.pop();
                let said = said.and_then(|said| match said.content {
                    Content::Reply { reply, .. } => Some(*reply),
                    _ => None,
                });
                let Some(said) = said else { return self.letter(store, now, letter) };
                let moment = Moment::new(now, Cause::Letter(letter.id.clone()));
                match (ask.as_ref(), said) {
                    (_, Reply::Refused(_)) => {}
                    (Ask::Settle(claim), Reply::Settled(sheet)) => {
                        insured.settle_as_said(store, &moment, claim, *sheet)?;
                    }
                    (ask, _) => {
                        insured.answer(store, &moment, ask.clone())?;
                    }
                }
                Ok(Vec::new())
            }
            (Offices::Province(treatment, _), Content::Reply { question, reply, .. }) => {
                if mail::question_known(store, question)? {
                    return treatment.replied(store, now, question, reply.as_ref().clone());
                }
                let own = neighbours::aside_about(store, from, Aside::Own, question)?.pop();
                if let Some(Letter { content: Content::Ask { ask, .. }, written, .. }) = own {
                    let moment = Moment::new(now, Cause::Answer(question.clone()));
                    treatment.take_over(store, &moment, from, &ask, reply, written)?;
                }
                Ok(Vec::new())
            }
            _ => self.letter(store, now, letter),
        }
    }

    /// The one neighbour that a province writes to; the hub writes to many.
    pub fn only_neighbour(&self) -> Option<NodeId> {
        matches!(self.offices, Offices::Province(..)).then_some(NodeId::Hub)
    }

    /// The calls that wait for another node's answer.
    pub fn calls_waiting(&self) -> BTreeSet<CallId> {
        match &self.offices {
            Offices::Province(treatment, _) => treatment.calls_waiting().collect(),
            Offices::Hub(_) => BTreeSet::new(),
        }
    }

    /// Letters up to this one are on their way to a neighbour: what lies behind it has not left.
    pub fn on_its_way(&mut self, peer: NodeId, last: i64) {
        if let (Offices::Province(treatment, _), NodeId::Hub) = (&mut self.offices, peer) {
            treatment.on_its_way = treatment.on_its_way.max(last);
        }
    }

    /// What became of letters up to this one is known. A later push may still be on its way.
    pub fn landed(&mut self, peer: NodeId, last: i64) {
        if let (Offices::Province(treatment, _), NodeId::Hub) = (&mut self.offices, peer)
            && last >= treatment.on_its_way
        {
            treatment.on_its_way = 0;
        }
    }

    fn letter(
        &mut self,
        store: &mut dyn Store,
        now: Instant,
        letter: Letter,
    ) -> Result<Vec<Answered>, StoreError> {
        match (&mut self.offices, letter.content) {
            (Offices::Hub(hub), Content::Compare(paper)) => {
                reconciliation::hub_receive(hub, store, now, letter.from, *paper)?;
                Ok(Vec::new())
            }
            (Offices::Province(treatment, _), Content::Compare(paper)) => {
                reconciliation::member_receive(store, now, treatment, *paper)?;
                Ok(Vec::new())
            }
            (Offices::Hub(hub), content) => {
                hub.receive(store, now, Letter { content, ..letter })?;
                Ok(Vec::new())
            }
            (Offices::Province(_, insured), Content::Ask { place, ask }) => {
                let moment = Moment::new(now, Cause::Letter(letter.id.clone()));
                let reply = insured.answer(store, &moment, *ask)?;
                let content =
                    Content::Reply { to: letter.from, question: letter.id, place, reply: Box::new(reply) };
                let reply =
                    Letter { id: hub::letter_id(store, self.id)?, from: self.id, written: now, content };
                mail::outbox_add(store, NodeId::Hub, &reply, None)?;
                Ok(Vec::new())
            }
            (Offices::Province(treatment, _), Content::Reply { question, reply, .. }) => {
                treatment.replied(store, now, &question, *reply)
            }
            // Who is behind is told before anything is acted on; a province hears of nobody's enrolment.
            (Offices::Province(..), Content::Enrol(_) | Content::Behind { .. } | Content::Again { .. }) => {
                Ok(Vec::new())
            }
            (Offices::Province(..), Content::Roots(told)) => {
                for root in &told {
                    if root.owner == self.id {
                        roots::compare_own(store, now, letter.from, root)?;
                    } else {
                        roots::keep(store, now, letter.from, root)?;
                    }
                }
                Ok(Vec::new())
            }
        }
    }

    fn delivered(
        &mut self,
        store: &mut dyn Store,
        now: Instant,
        peer: NodeId,
        last: i64,
        delivery: Delivery,
    ) -> Result<Vec<Answered>, StoreError> {
        match delivery {
            Delivery::Committed => neighbours::neighbour_delivered(store, peer, last).map(|()| Vec::new()),
            Delivery::Unknown => mail::outbox_attempted(store, peer, last).map(|()| Vec::new()),
            Delivery::NeverLeft => {
                let mut answers = Vec::new();
                for (question, letter) in mail::outbox_never_left(store, peer, last)? {
                    mail::outbox_withdraw(store, &question)?;
                    match &mut self.offices {
                        Offices::Hub(hub) => hub.never_left(store, now, &letter)?,
                        Offices::Province(treatment, _) => {
                            answers.extend(treatment.never_left(store, now, &question)?);
                        }
                    }
                }
                Ok(answers)
            }
        }
    }
}

/// Puts institutions and people into a province's store, and tells the hub where they are insured. What is there
/// already stays as it is, so that a restart changes nothing.
pub fn enrol(
    store: &mut dyn Store,
    now: Instant,
    province: Province,
    institutions: &[Institution],
    people: &[InsuredPerson],
) -> Result<usize, StoreError> {
    let ours = |region: insurance::identity::Region| region.province() == province;
    for institution in institutions.iter().filter(|institution| ours(institution.region)) {
        institutions::institution_save(store, institution)?;
    }
    let mut entries = Vec::new();
    let mut added = 0;
    for person in people.iter().filter(|person| ours(person.pool)) {
        if !people::person_add(store, person)? {
            continue;
        }
        added += 1;
        for credential in credentials(person) {
            people::credential_add(store, &credential, person.pool, &person.person_no)?;
            entries.push(crate::letters::DirectoryEntry { credential, pool: person.pool });
        }
        for filing in &person.filings {
            people::filing_save(store, person.pool, &person.person_no, filing)?;
        }
        for (year, used) in &person.used {
            let insurance = person.insurance();
            people::accumulators_add(store, person.pool, &person.person_no, insurance, *year, used)?;
        }
    }
    if !entries.is_empty() {
        let from = NodeId::Province(province);
        let id = hub::letter_id(store, from)?;
        let letter = Letter { id, from, written: now, content: Content::Enrol(entries) };
        mail::outbox_add(store, NodeId::Hub, &letter, None)?;
    }
    Ok(added)
}

fn credentials(person: &InsuredPerson) -> [String; 3] {
    [
        digest(CredentialKind::Certificate, &person.certificate_no),
        digest(CredentialKind::Card, &person.card_no),
        digest(CredentialKind::Voucher, &person.voucher_token),
    ]
}
