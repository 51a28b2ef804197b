//! The thread of one node: takes what has come, makes one step of each, flushes once, then answers and posts.

use crate::doors::{Clock, Delivery, Link, NodeId, Store, StoreError};
use crate::letters::Letter;
use crate::node::{Event, Node};
use crate::protocol::answer::{self, Answer};
use crate::protocol::envelope::Message;
use crate::refusal::{Code, Refusal};
use crate::store::mail;
use crate::treatment_node::{Answered, CallId};
use insurance::calendar::Instant;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// An answer's bytes on their way to the edge.
type ToEdge = tokio::sync::oneshot::Sender<Arc<Vec<u8>>>;
/// Told whether letters were committed.
type Done = Box<dyn FnOnce(bool) + Send>;
/// Something that looks at, or changes, a node's store between steps: queries of operators, commands.
type Look = Box<dyn FnOnce(&mut dyn Store, Instant) + Send>;

/// What a node's thread is given.
pub enum Work {
    /// A call of an institution.
    Call(Box<Message>, ToEdge),
    /// A batch of encoded letters.
    Letters(Vec<u8>, Done),
    /// What became of a batch that was pushed.
    Delivered(NodeId, i64, Delivery),
    /// A look into the store, inside the batch's transaction.
    Look(Look),
    /// The end.
    Stop,
}

/// Where a node's work is handed in.
#[derive(Clone)]
pub struct NodeHandle {
    queue: mpsc::Sender<Work>,
    cut_off: Arc<AtomicBool>,
}

impl NodeHandle {
    /// Hands in work; `false` where the node has ended.
    pub fn send(&self, work: Work) -> bool {
        self.queue.send(work).is_ok()
    }

    /// Cuts the node off from its neighbours, or joins it again: for a sandbox's accidents.
    pub fn cut_off(&self, cut: bool) {
        self.cut_off.store(cut, Ordering::Relaxed);
    }

    /// Whether it is cut off.
    pub fn is_cut_off(&self) -> bool {
        self.cut_off.load(Ordering::Relaxed)
    }

    /// Looks into the store between steps; `None` where the node has ended.
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut dyn Store, Instant) -> T + Send + 'static,
    ) -> Option<T> {
        let (give, take) = tokio::sync::oneshot::channel();
        self.send(Work::Look(Box::new(move |store, now| {
            let _ = give.send(look(store, now));
        })));
        take.await.ok()
    }

    /// The same, waiting on a thread.
    pub fn look_now<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut dyn Store, Instant) -> T + Send + 'static,
    ) -> Option<T> {
        let (give, take) = tokio::sync::oneshot::channel();
        self.send(Work::Look(Box::new(move |store, now| {
            let _ = give.send(look(store, now));
        })));
        take.blocking_recv().ok()
    }
}

/// How often time passes for a node that has nothing else to do.
const TICK: Duration = Duration::from_millis(100);
/// How much work shares one flush.
const BATCH: usize = 256;
/// How many letters go in one push.
const LETTERS: i64 = 128;
/// First and longest pause before a neighbour that could not be reached is tried again (ms).
const PAUSE_MS: (i64, i64) = (100, 2_000);

/// Makes the queue of a node; the thread starts with [`start`].
impl NodeHandle {
    /// A handle and the queue behind it.
    pub fn new() -> (NodeHandle, mpsc::Receiver<Work>) {
        let (queue, work) = mpsc::channel();
        (NodeHandle { queue, cut_off: Arc::default() }, work)
    }
}

/// Starts the thread of a node.
pub fn start(
    node: Node,
    store: Box<dyn Store>,
    clock: Arc<dyn Clock>,
    link: Box<dyn Link>,
    handle: NodeHandle,
    work: mpsc::Receiver<Work>,
) -> std::io::Result<std::thread::JoinHandle<()>> {
    let mut runner = Runner {
        node,
        store,
        clock,
        link,
        handle,
        calls: BTreeMap::new(),
        next_call: 1,
        pushed: BTreeMap::new(),
        last_tick: Instant(0),
    };
    // What lies in the outbox may have been on its way when the node stopped: nobody can say that it never left.
    mail::outbox_all_attempted(runner.store.as_mut()).map_err(std::io::Error::other)?;
    std::thread::Builder::new()
        .name(format!("node-{}", runner.node.id))
        .spawn(move || while runner.turn(&work) {})
}

/// How it stands with a neighbour.
enum Pushed {
    /// A batch is on its way.
    InFlight,
    /// It could not be reached: not before this instant, and with this pause after the next failure.
    Resting(Instant, i64),
}

struct Runner {
    node: Node,
    store: Box<dyn Store>,
    clock: Arc<dyn Clock>,
    link: Box<dyn Link>,
    handle: NodeHandle,
    calls: BTreeMap<CallId, ToEdge>,
    next_call: CallId,
    pushed: BTreeMap<NodeId, Pushed>,
    last_tick: Instant,
}

/// What is released after the flush.
#[derive(Default)]
struct Released {
    answers: Vec<Answered>,
    letters: Vec<(Done, bool)>,
    calls: Vec<CallId>,
}

impl Runner {
    /// One turn; `false` at the end.
    fn turn(&mut self, work: &mpsc::Receiver<Work>) -> bool {
        let mut batch = Vec::new();
        match work.recv_timeout(TICK) {
            Ok(first) => batch.push(first),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return false,
        }
        while batch.len() < BATCH {
            let Ok(next) = work.try_recv() else { break };
            batch.push(next);
        }
        let goes_on = !batch.iter().any(|work| matches!(work, Work::Stop));
        let now = self.clock.now();
        let mut released = Released::default();
        if let Err(error) = self.steps(now, batch, &mut released) {
            tracing::error!(node = %self.node.id, %error, "the store failed: nothing of this batch is kept");
            let _ = self.store.rollback();
            self.fail(released, now);
            return goes_on;
        }
        self.release(released);
        if let Err(error) = self.pump(now) {
            tracing::error!(node = %self.node.id, %error, "failed to read the outbox");
        }
        goes_on
    }

    fn steps(&mut self, now: Instant, batch: Vec<Work>, released: &mut Released) -> Result<(), StoreError> {
        let ticks = now.0 - self.last_tick.0 >= i64::try_from(TICK.as_millis()).unwrap_or(i64::MAX)
            || now < self.last_tick;
        if batch.is_empty() && !ticks {
            return Ok(());
        }
        // Calls are known before the store is touched, so that they are answered also where it fails.
        let mut events = Vec::with_capacity(batch.len() + 1);
        let mut looks = Vec::new();
        for work in batch {
            match work {
                Work::Call(message, to_edge) => {
                    let call = self.next_call;
                    self.next_call += 1;
                    self.calls.insert(call, to_edge);
                    released.calls.push(call);
                    events.push((Event::Call(call, message), None));
                }
                Work::Letters(bytes, done) => match serde_json::from_slice::<Vec<Letter>>(&bytes) {
                    Ok(letters) => events.push((Event::Letters(letters), Some(done))),
                    Err(error) => {
                        tracing::error!(node = %self.node.id, %error, "letters that cannot be read");
                        released.letters.push((done, false));
                    }
                },
                Work::Delivered(peer, last, delivery) => {
                    self.delivered(now, peer, delivery);
                    events.push((Event::Delivered(peer, last, delivery), None));
                }
                Work::Look(look) => looks.push(look),
                Work::Stop => {}
            }
        }
        if ticks {
            self.last_tick = now;
            events.push((Event::Tick, None));
        }
        self.store.begin()?;
        for (event, done) in events {
            let call = match &event {
                Event::Call(call, _) => Some(*call),
                _ => None,
            };
            let kept = self.step(now, event, released)?;
            if let (false, Some(call)) = (kept, call) {
                released.answers.push(self.fault(call, Code::InternalFault, now));
            }
            if let Some(done) = done {
                released.letters.push((done, kept));
            }
        }
        for look in looks {
            look(self.store.as_mut(), now);
        }
        self.store.commit()
    }

    /// One step inside the batch; `false` where it was forgotten because of a bug.
    fn step(&mut self, now: Instant, event: Event, released: &mut Released) -> Result<bool, StoreError> {
        self.store.step_begin()?;
        let (node, store) = (&mut self.node, self.store.as_mut());
        match catch_unwind(AssertUnwindSafe(|| node.step(store, now, event))) {
            Ok(Ok(answers)) => {
                self.store.step_keep()?;
                released.answers.extend(answers);
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

    fn release(&mut self, released: Released) {
        for answered in released.answers {
            if let Some(to_edge) = self.calls.remove(&answered.call) {
                let _ = to_edge.send(answered.body);
            }
        }
        for (done, kept) in released.letters {
            done(kept);
        }
    }

    /// The batch is lost: every call of it hears so, and letters come again.
    fn fail(&mut self, released: Released, now: Instant) {
        let answers = released.calls.iter().map(|call| self.fault(*call, Code::StoreFailed, now)).collect();
        let letters = released.letters.into_iter().map(|(done, _)| (done, false)).collect();
        self.release(Released { answers, letters, calls: Vec::new() });
    }

    fn fault(&self, call: CallId, code: Code, now: Instant) -> Answered {
        let refusal = Refusal::new(code).with("id", format!("{}-{call}", self.node.id));
        let region = match self.node.id {
            NodeId::Province(province) => province.region().to_string(),
            NodeId::Hub => "000000".into(),
        };
        let body = answer::write(Answer::refused(&refusal), &region, now, call, false);
        Answered { call, body: Arc::new(body) }
    }

    fn delivered(&mut self, now: Instant, peer: NodeId, delivery: Delivery) {
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

    /// Pushes what waits to every neighbour that is not busy or resting.
    fn pump(&mut self, now: Instant) -> Result<(), StoreError> {
        if self.handle.is_cut_off() {
            // Cut off: nothing leaves, and who waits for an answer hears at once that nothing was asked.
            // A batch that is on its way may still arrive: only its end tells.
            for peer in mail::outbox_peers(self.store.as_mut())? {
                if !self.in_flight(peer) {
                    self.never_left(now, peer)?;
                }
            }
            return Ok(());
        }
        for peer in mail::outbox_peers(self.store.as_mut())? {
            let ready = match self.pushed.get(&peer) {
                None => true,
                Some(Pushed::InFlight) => false,
                Some(Pushed::Resting(until, _)) => now >= *until,
            };
            if !ready {
                continue;
            }
            let letters = mail::outbox_first(self.store.as_mut(), peer, LETTERS)?;
            let Some((last, _)) = letters.last() else { continue };
            let bodies: Vec<&str> = letters.iter().map(|(_, body)| body.as_str()).collect();
            let batch = format!("[{}]", bodies.join(",")).into_bytes();
            if !matches!(self.pushed.get(&peer), Some(Pushed::Resting(..))) {
                self.pushed.insert(peer, Pushed::InFlight);
            } else if let Some(Pushed::Resting(until, _)) = self.pushed.get_mut(&peer) {
                // Keep the pause, so that it grows when this fails too; busy until the outcome is known.
                *until = Instant(i64::MAX);
            }
            self.link.push(peer, batch, *last);
        }
        Ok(())
    }

    fn in_flight(&self, peer: NodeId) -> bool {
        match self.pushed.get(&peer) {
            Some(Pushed::InFlight) => true,
            Some(Pushed::Resting(until, _)) => *until == Instant(i64::MAX),
            None => false,
        }
    }

    fn never_left(&mut self, now: Instant, peer: NodeId) -> Result<(), StoreError> {
        let letters = mail::outbox_first(self.store.as_mut(), peer, LETTERS)?;
        let Some((last, _)) = letters.last() else { return Ok(()) };
        let mut released = Released::default();
        self.store.begin()?;
        self.step(now, Event::Delivered(peer, *last, Delivery::NeverLeft), &mut released)?;
        self.store.commit()?;
        self.release(released);
        Ok(())
    }
}
