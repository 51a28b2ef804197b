//! What one node does in a turn, whoever turns it: its thread, or a simulation of the country. What has come goes in;
//! one step of each is made inside one transaction; after the flush the answers, the receipts for letters and the
//! letters to push come out. Nothing comes out that was not flushed before.

use crate::doors::{Delivery, NodeId, Store, StoreError};
use crate::letters::Batch;
use crate::node::{Event, Node};
use crate::protocol::answer::{self, Answer};
use crate::protocol::envelope::Message;
use crate::refusal::{Code, Refusal};
use crate::seals::SealRefused;
use crate::store::batch::{Batch as StoreBatch, Statements};
use crate::store::{mail, neighbours};
use crate::treatment_node::{Answered, CallId};
use insurance::calendar::Instant;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Something that looks at, or changes, a node's store between steps: queries of operators, commands. What it has to
/// tell is told after the flush, like every answer.
pub type Look = Box<dyn FnOnce(&mut dyn Store, Instant) -> Telling + Send>;
/// Tells what a look has found.
pub type Telling = Box<dyn FnOnce() + Send>;

/// The number of a batch of letters that waits for its receipt.
pub type ReceiptId = u64;

/// What has come.
pub enum Input {
    /// A call of an institution.
    Call(CallId, Box<Message>),
    /// A batch of encoded letters, and who hands it in.
    Letters(ReceiptId, NodeId, Vec<u8>),
    /// What became of a batch that was pushed.
    Delivered(NodeId, i64, Delivery),
    /// A look into the store, inside the batch's transaction.
    Look(Look),
}

/// A batch of encoded letters to push to a neighbour; `last` names it when its fate is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// The neighbour.
    pub to: NodeId,
    /// The letters.
    pub batch: Vec<u8>,
    /// The serial number of the last of them.
    pub last: i64,
}

/// What became of a batch of letters that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is committed.
    Committed,
    /// It is not, and may come again.
    Not,
    /// It is not, and may not come like this.
    Refused(SealRefused),
}

/// What comes out of a turn.
#[derive(Default)]
pub struct Turned {
    /// Answers for calls.
    pub answers: Vec<Answered>,
    /// What became of each batch of letters.
    pub receipts: Vec<(ReceiptId, Kept)>,
    /// Letters to push.
    pub pushes: Vec<Push>,
    /// What looks have found.
    pub found: Vec<Telling>,
    /// Whether it made work durable.
    pub flushed: bool,
    /// Why the store failed, where it did: nothing of the turn is kept then.
    pub failed: Option<StoreError>,
}

/// How often time passes for a node that has nothing else to do (ms).
pub const TICK_MS: i64 = 100;
/// How many letters go in one push.
const LETTERS: i64 = 128;
/// First and longest pause before a neighbour that could not be reached is tried again (ms).
const PAUSE_MS: (i64, i64) = (100, 2_000);

/// How it stands with a neighbour.
enum Pushed {
    /// A batch is on its way.
    InFlight,
    /// It could not be reached: not before this instant, and with this pause after the next failure.
    Resting(Instant, i64),
}

/// How long a greeting may take to be answered until it is said again (ms).
const GREETING_MS: i64 = 2_000;

/// Whether a neighbour has said, since this node came to life, how far it has come with its letters. Before that nothing
/// is pushed: a node that was put back to an earlier copy must hear of it first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Greeting {
    /// It has to be greeted.
    Due,
    /// It was greeted at this instant.
    Said(Instant),
    /// It has answered.
    Answered,
}

/// A node with its store, to be turned.
pub struct Machine {
    /// The node.
    pub node: Node,
    store: StoreBatch,
    pushed: BTreeMap<NodeId, Pushed>,
    /// Letters that a neighbour has committed, up to this number, and that still stand in the outbox. They go with the
    /// next flush, which is not worth making for them alone: should they not go, the neighbour knows what it has seen.
    committed: BTreeMap<NodeId, i64>,
    /// Pushes whose end was told in a turn that the disk did not keep: they may have arrived.
    untold: BTreeMap<NodeId, i64>,
    /// Calls that have no answer yet.
    open: BTreeSet<CallId>,
    last_tick: Instant,
    /// When the node came to life: its first turn.
    life: Option<Instant>,
    greetings: BTreeMap<NodeId, Greeting>,
    /// Greetings of neighbours that are to be answered.
    owed: BTreeMap<NodeId, i64>,
    /// The answers that are on their way.
    answering: BTreeMap<NodeId, i64>,
    /// Neighbours whose answer came in this turn.
    answered: Vec<NodeId>,
}

impl Machine {
    /// A node that comes to life. What lies in its outbox may have been on its way when it last stopped: nobody can
    /// say of it that it never left.
    pub fn start(node: Node, store: Box<dyn Store>) -> Result<Machine, StoreError> {
        let mut store = StoreBatch::over(store);
        mail::outbox_all_attempted(&mut store)?;
        let greetings = node.neighbours().into_iter().map(|peer| (peer, Greeting::Due)).collect();
        Ok(Machine {
            node,
            life: None,
            greetings,
            owed: BTreeMap::new(),
            answering: BTreeMap::new(),
            answered: Vec::new(),
            store,
            pushed: BTreeMap::new(),
            committed: BTreeMap::new(),
            untold: BTreeMap::new(),
            open: BTreeSet::new(),
            last_tick: Instant(0),
        })
    }

    /// The store, for whoever looks between turns.
    pub fn store(&mut self) -> &mut dyn Store {
        &mut self.store
    }

    /// The statements that the node makes; goes on counting.
    pub fn statements(&self) -> Arc<Statements> {
        self.store.statements()
    }

    /// Gives the store back: the node ends here, and what it held in memory is gone.
    pub fn into_store(self) -> Box<dyn Store> {
        self.store.into_engine()
    }

    /// One turn. A node that is `cut_off` pushes nothing, and its own questions hear at once that they never left.
    pub fn turn(&mut self, now: Instant, inputs: Vec<Input>, cut_off: bool) -> Turned {
        if self.life.is_none() {
            self.life = Some(now);
            self.node.lives_since(now);
        }
        let mut turned = Turned::default();
        self.answered.clear();
        let calls: BTreeSet<CallId> = inputs
            .iter()
            .filter_map(|input| match input {
                Input::Call(call, _) => Some(*call),
                _ => None,
            })
            .collect();
        let told: Vec<(NodeId, i64, Delivery)> = inputs
            .iter()
            .filter_map(|input| match input {
                Input::Delivered(peer, last, delivery) => Some((*peer, *last, *delivery)),
                _ => None,
            })
            .collect();
        self.open.extend(&calls);
        if let Err(error) = self.steps(now, inputs, &mut turned) {
            // The pushes have ended all the same, whatever the disk kept of it: each neighbour is pushed to again.
            for (peer, last, delivery) in told {
                self.delivered(now, peer, last, delivery);
                if delivery != Delivery::NeverLeft {
                    let untold = self.untold.entry(peer).or_insert(last);
                    *untold = last.max(*untold);
                }
            }
            // The batch is lost: every call of it hears so, and letters come again.
            let _ = self.store.rollback();
            turned.answers = self.lost(now, &calls);
            turned.receipts.iter_mut().for_each(|(_, kept)| *kept = Kept::Not);
            turned.found.clear();
            turned.failed = Some(error);
            return turned;
        }
        for peer in std::mem::take(&mut self.answered) {
            self.greetings.insert(peer, Greeting::Answered);
            self.node.was_greeted();
        }
        let mut answers = self.first_answers(&mut turned);
        let pumped = self.pump(now, cut_off, &mut turned);
        answers.extend(self.first_answers(&mut turned));
        if let Err(error) = pumped {
            let _ = self.store.rollback();
            answers.extend(self.lost(now, &BTreeSet::new()));
            turned.failed = Some(error);
        }
        turned.answers = answers;
        turned
    }

    /// Takes out the answers of calls that have none yet: each is answered once.
    fn first_answers(&mut self, turned: &mut Turned) -> Vec<Answered> {
        turned.answers.drain(..).filter(|answered| self.open.remove(&answered.call)).collect()
    }

    /// What calls hear whose work or whose answer was lost with a batch: the ones of the batch, and those who had waited
    /// for an answer that was in it, and that is not waited for any more.
    fn lost(&mut self, now: Instant, of_batch: &BTreeSet<CallId>) -> Vec<Answered> {
        let waiting = self.node.calls_waiting();
        let lost: Vec<CallId> = self
            .open
            .iter()
            .filter(|call| of_batch.contains(call) || !waiting.contains(call))
            .copied()
            .collect();
        self.open.retain(|call| !lost.contains(call));
        lost.into_iter().map(|call| self.fault(call, Code::StoreFailed, now)).collect()
    }

    fn steps(&mut self, now: Instant, inputs: Vec<Input>, turned: &mut Turned) -> Result<(), StoreError> {
        let ticks = now.0 - self.last_tick.0 >= TICK_MS || now < self.last_tick;
        let inputs = self.noted(now, inputs);
        if inputs.is_empty() && !ticks {
            return Ok(());
        }
        let works = inputs.iter().any(|input| !matches!(input, Input::Look(_)));
        turned.flushed = works || !self.committed.is_empty();
        // Every receipt is owed before the store is touched, so that it is given also where the store fails.
        let receipts = inputs.iter().filter_map(|input| match input {
            Input::Letters(receipt, ..) => Some((*receipt, Kept::Not)),
            _ => None,
        });
        turned.receipts = receipts.collect();
        let mut looks = Vec::new();
        self.store.begin()?;
        self.forget_committed(now, turned)?;
        for (peer, last) in &self.untold {
            mail::outbox_attempted(&mut self.store, *peer, *last)?;
        }
        for input in inputs {
            match input {
                Input::Call(call, message) => {
                    if !self.step(now, Event::Call(call, message), turned)? {
                        turned.answers.push(self.fault(call, Code::InternalFault, now));
                    }
                }
                Input::Letters(receipt, from, bytes) => {
                    let kept = self.letters(now, from, &bytes, turned)?;
                    let owed = turned.receipts.iter_mut().find(|(id, _)| *id == receipt);
                    owed.expect("noted above").1 = kept;
                }
                Input::Delivered(peer, last, delivery) => {
                    // Where not even a greeting left, nothing behind it did.
                    let unheard = delivery == Delivery::NeverLeft && self.awaits_greeting(peer);
                    let last = if unheard { i64::MAX } else { last };
                    self.delivered(now, peer, last, delivery);
                    self.step(now, Event::Delivered(peer, last, delivery), turned)?;
                }
                Input::Look(look) => looks.push(look),
            }
        }
        if ticks {
            self.last_tick = now;
            self.step(now, Event::Tick, turned)?;
        }
        for look in looks {
            turned.found.push(look(&mut self.store, now));
        }
        self.store.commit()?;
        self.committed.clear();
        self.untold.clear();
        Ok(())
    }

    /// Takes in a batch of letters: all of them or none.
    fn letters(
        &mut self,
        now: Instant,
        from: NodeId,
        bytes: &[u8],
        turned: &mut Turned,
    ) -> Result<Kept, StoreError> {
        let batch = match serde_json::from_slice::<Batch>(bytes) {
            Ok(batch) => batch,
            Err(error) => {
                tracing::error!(node = %self.node.id, %from, %error, "letters that cannot be read");
                return Ok(Kept::Not);
            }
        };
        if let Some(foreign) = batch.letters.iter().find(|letter| !letter.may_come_from(from)) {
            return Ok(Kept::Refused(SealRefused::NotItsOwn { from, written_by: foreign.from }));
        }
        let (greets, answers) = (batch.greets, batch.answers);
        let kept = self.step(now, Event::Letters(from, batch), turned)?;
        if kept {
            if let Some(greeting) = greets {
                self.owed.insert(from, greeting);
            }
            if answers.is_some() && answers == self.life.map(|life| life.0) {
                self.answered.push(from);
            }
        }
        Ok(if kept { Kept::Committed } else { Kept::Not })
    }

    /// Notes what neighbours have committed; what else has come remains.
    fn noted(&mut self, now: Instant, inputs: Vec<Input>) -> Vec<Input> {
        let mut rest = Vec::with_capacity(inputs.len());
        for input in inputs {
            if let Input::Delivered(peer, last, Delivery::Committed) = input {
                self.delivered(now, peer, last, Delivery::Committed);
                self.committed.insert(peer, last.max(self.committed_by(peer)));
            } else {
                rest.push(input);
            }
        }
        rest
    }

    /// Takes out of the outbox what neighbours have committed. It is noted still, in case this is not flushed.
    fn forget_committed(&mut self, now: Instant, turned: &mut Turned) -> Result<(), StoreError> {
        for (peer, last) in self.committed.clone() {
            self.step(now, Event::Delivered(peer, last, Delivery::Committed), turned)?;
        }
        Ok(())
    }

    /// One step inside the batch; `false` where it was forgotten because of a bug.
    fn step(&mut self, now: Instant, event: Event, turned: &mut Turned) -> Result<bool, StoreError> {
        self.store.step_begin()?;
        let (node, store) = (&mut self.node, &mut self.store);
        match catch_unwind(AssertUnwindSafe(|| node.step(store, now, event))) {
            Ok(Ok(answers)) => {
                self.store.step_keep()?;
                turned.answers.extend(answers);
                Ok(true)
            }
            Ok(Err(error)) => Err(error),
            Err(_) => {
                tracing::error!(node = %self.node.id, "a step stopped at a bug and is forgotten");
                self.store.step_forget()?;
                Ok(false)
            }
        }
    }

    fn fault(&self, call: CallId, code: Code, now: Instant) -> Answered {
        let refusal = Refusal::new(code).with("id", format!("{}-{call}", self.node.id));
        let region = match self.node.id {
            NodeId::Province(province) => province.region().to_string(),
            NodeId::Hub => "000000".into(),
        };
        let body = answer::write(Answer::refused(&refusal), &region, now, call, false);
        Answered::envelope(call, Arc::new(body))
    }

    fn delivered(&mut self, now: Instant, peer: NodeId, last: i64, delivery: Delivery) {
        self.node.landed(peer, last);
        if let Some(answer) = self.answering.remove(&peer)
            && delivery == Delivery::Committed
            && self.owed.get(&peer) == Some(&answer)
        {
            self.owed.remove(&peer);
        }
        if delivery != Delivery::Committed && self.awaits_greeting(peer) {
            self.greetings.insert(peer, Greeting::Due);
        }
        let next = match (delivery, self.pushed.get(&peer)) {
            (Delivery::Committed, _) => None,
            (_, Some(Pushed::Resting(_, pause))) => Some((*pause * 2).min(PAUSE_MS.1)),
            _ => Some(PAUSE_MS.0),
        };
        match next {
            None => self.pushed.remove(&peer),
            Some(pause) => self.pushed.insert(peer, Pushed::Resting(now.plus_ms(pause), pause)),
        };
    }

    /// What waits for every neighbour that is neither busy nor resting.
    fn pump(&mut self, now: Instant, cut_off: bool, turned: &mut Turned) -> Result<(), StoreError> {
        let waiting = match self.node.only_neighbour() {
            Some(peer) => vec![peer],
            None => mail::outbox_peers(&mut self.store)?,
        };
        let mut peers: BTreeSet<NodeId> = waiting.into_iter().collect();
        if !cut_off {
            peers.extend(
                self.greetings.iter().filter(|(_, said)| **said != Greeting::Answered).map(|(peer, _)| peer),
            );
            peers.extend(self.owed.keys());
        }
        for peer in peers {
            if cut_off {
                // Nothing leaves, and who waits for an answer hears at once that nothing was asked. A batch that is
                // on its way may still arrive: only its end tells.
                if !self.in_flight(peer) {
                    self.never_left(now, peer, turned)?;
                }
                continue;
            }
            // A rest longer than the longest pause was written down before the clock was set back: it is over.
            let rests = matches!(self.pushed.get(&peer),
                Some(Pushed::Resting(until, _)) if now < *until && *until <= now.plus_ms(PAUSE_MS.1));
            if rests || self.in_flight(peer) {
                continue;
            }
            let Some(push) = self.push(now, peer)? else { continue };
            turned.pushes.push(push);
            match self.pushed.get_mut(&peer) {
                // Keep the pause, so that it grows when this fails too; busy until the outcome is known.
                Some(Pushed::Resting(until, _)) => *until = Instant(i64::MAX),
                _ => {
                    self.pushed.insert(peer, Pushed::InFlight);
                }
            }
        }
        Ok(())
    }

    /// What is to be pushed to a neighbour now: a greeting, an answer to one, letters.
    fn push(&mut self, now: Instant, peer: NodeId) -> Result<Option<Push>, StoreError> {
        let said = self.greetings.get(&peer).copied().unwrap_or(Greeting::Answered);
        let greets = match said {
            Greeting::Answered => false,
            Greeting::Due => true,
            Greeting::Said(at) => (now.0 - at.0).abs() >= GREETING_MS,
        };
        let standing = neighbours::neighbour_find(&mut self.store, peer)?;
        let after = self.committed_by(peer).max(standing.delivered);
        let letters = match said {
            Greeting::Answered => mail::outbox_first(&mut self.store, peer, after, LETTERS)?,
            _ => Vec::new(),
        };
        let answers = self.owed.get(&peer).copied();
        if letters.is_empty() && answers.is_none() && !greets {
            return Ok(None);
        }
        let last = letters.last().map_or(0, |(last, _)| *last);
        if greets {
            self.greetings.insert(peer, Greeting::Said(now));
        }
        if let Some(answer) = answers {
            self.answering.insert(peer, answer);
        }
        if last > 0 {
            self.node.on_its_way(peer, last);
        }
        let head = Batch {
            last,
            after,
            heard: standing.heard.unwrap_or(0),
            greets: self.life.filter(|_| greets).map(|life| life.0),
            answers,
            letters: Vec::new(),
        };
        // Letters lie in the outbox as text already.
        let head = serde_json::to_string(&head).expect("our own values have a text form");
        let bodies: Vec<&str> = letters.iter().map(|(_, body)| body.as_str()).collect();
        let open = head.strip_suffix("]}").expect("the letters come last");
        Ok(Some(Push { to: peer, batch: format!("{open}{}]}}", bodies.join(",")).into_bytes(), last }))
    }

    fn awaits_greeting(&self, peer: NodeId) -> bool {
        self.greetings.get(&peer).is_some_and(|said| *said != Greeting::Answered)
    }

    fn committed_by(&self, peer: NodeId) -> i64 {
        self.committed.get(&peer).copied().unwrap_or(0)
    }

    fn in_flight(&self, peer: NodeId) -> bool {
        match self.pushed.get(&peer) {
            Some(Pushed::InFlight) => true,
            Some(Pushed::Resting(until, _)) => *until == Instant(i64::MAX),
            None => false,
        }
    }

    fn never_left(&mut self, now: Instant, peer: NodeId, turned: &mut Turned) -> Result<(), StoreError> {
        let standing = neighbours::neighbour_find(&mut self.store, peer)?;
        let after = self.committed_by(peer).max(standing.delivered);
        let letters = mail::outbox_first(&mut self.store, peer, after, LETTERS)?;
        let Some((last, _)) = letters.last() else { return Ok(()) };
        let mut more = Turned::default();
        self.store.begin()?;
        self.forget_committed(now, &mut more)?;
        self.step(now, Event::Delivered(peer, *last, Delivery::NeverLeft), &mut more)?;
        self.store.commit()?;
        turned.answers.extend(more.answers);
        Ok(())
    }
}
