//! One node: its offices, moved by events. A step takes an event and the store, and gives answers; letters to send
//! wait in the store's outbox. No waiting inside, no async: the simulation runs exactly this.

use crate::doors::{Delivery, NodeId, Store, StoreError};
use crate::hub::{self, HubOffice};
use crate::insured_node::InsuredOffice;
use crate::letters::{Content, Letter};
use crate::life::{Cause, Moment};
use crate::protocol::credentials::{CredentialKind, digest};
use crate::protocol::envelope::Message;
use crate::reconciliation::{self, Statements};
use crate::registry::{Institution, InsuredPerson};
use crate::roots;
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
    /// Letters arrive. They may have arrived before.
    Letters(Vec<Letter>),
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
    statements: Statements,
}

impl Node {
    /// The hub, with the provinces that are connected.
    pub fn hub(members: Vec<Province>) -> Node {
        let offices = Offices::Hub(HubOffice { members });
        Node { id: NodeId::Hub, offices, statements: Statements::default() }
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
        let offices = Offices::Province(Box::new(treatment), insured);
        Ok(Node { id: NodeId::Province(province), offices, statements: Statements::default() })
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
                Offices::Province(treatment, _) => treatment.receive(store, now, call, &message),
                Offices::Hub(_) => Ok(Vec::new()),
            },
            Event::Letters(letters) => {
                let mut answers = Vec::new();
                for letter in letters {
                    if mail::inbox_note(store, &letter.id, now)? {
                        answers.extend(self.letter(store, now, letter)?);
                    }
                }
                Ok(answers)
            }
            Event::Delivered(peer, last, delivery) => self.delivered(store, now, peer, last, delivery),
            Event::Tick => match &mut self.offices {
                Offices::Province(treatment, insured) => {
                    let answers = treatment.tick(store, now)?;
                    reconciliation::member_tick(&mut self.statements, store, now, treatment, insured)?;
                    let closed = roots::close_days(store, now, self.id)?;
                    if !closed.is_empty() {
                        hub::send_roots(store, now, self.id, NodeId::Hub, closed)?;
                    }
                    Ok(answers)
                }
                Offices::Hub(hub) => {
                    hub.tick(store, now)?;
                    reconciliation::hub_tick(hub, &mut self.statements, store, now)?;
                    Ok(Vec::new())
                }
            },
        }
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
            (Offices::Province(..), Content::Enrol(_)) => Ok(Vec::new()),
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
            Delivery::Committed => mail::outbox_delivered(store, peer, last).map(|()| Vec::new()),
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
