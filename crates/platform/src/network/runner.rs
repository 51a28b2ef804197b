//! The thread of one node: takes what has come, turns the node once, then answers and posts.

use super::machine::{Input, Kept, Look, Machine, TICK_MS, Turned};
use crate::doors::{Clock, Delivery, Link, NodeId, Store, micros};
use crate::node::Node;
use crate::protocol::envelope::Message;
use crate::store::batch::Statements;
use crate::treatment_node::{Answered, CallId};
use insurance::calendar::Instant;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::time::Duration;

/// An answer on its way to the edge.
type ToEdge = tokio::sync::oneshot::Sender<Answered>;
/// Told what became of letters.
type Done = Box<dyn FnOnce(Kept) + Send>;

/// What a node's thread is given.
pub enum Work {
    /// A call of an institution.
    Call(Box<Message>, ToEdge),
    /// A batch of encoded letters, and who hands it in.
    Letters(NodeId, Vec<u8>, Done),
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
    flushes: Arc<AtomicU64>,
    statements: Arc<OnceLock<Arc<Statements>>>,
}

impl NodeHandle {
    /// A handle and the queue behind it.
    pub fn new() -> (NodeHandle, mpsc::Receiver<Work>) {
        let (queue, work) = mpsc::channel();
        let handle = NodeHandle {
            queue,
            cut_off: Arc::default(),
            flushes: Arc::default(),
            statements: Arc::default(),
        };
        (handle, work)
    }

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

    /// How many batches of work it has made durable, each with one flush.
    pub fn flushes(&self) -> u64 {
        self.flushes.load(Ordering::Relaxed)
    }

    /// How many statements it has made of its store, and for how many of them it had to wait; beginnings and ends of
    /// batches and steps left out.
    pub fn statements(&self) -> (u64, u64) {
        self.statements.get().map_or((0, 0), |statements| {
            (statements.made.load(Ordering::Relaxed), statements.awaited.load(Ordering::Relaxed))
        })
    }

    /// Looks into the store between steps; `None` where the node has ended.
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut dyn Store, Instant) -> T + Send + 'static,
    ) -> Option<T> {
        let (give, take) = tokio::sync::oneshot::channel();
        self.send(Work::Look(Box::new(move |store, now| {
            let found = look(store, now);
            Box::new(move || {
                let _ = give.send(found);
            })
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
            let found = look(store, now);
            Box::new(move || {
                let _ = give.send(found);
            })
        })));
        take.blocking_recv().ok()
    }
}

/// How much work shares one flush: at most, and at least where a turn takes long.
const BATCH: usize = 256;
const BATCH_LEAST: usize = 8;
/// A turn that takes longer than this (microseconds) is too long: everybody in it waits for its end. Half of it is short.
const LONG_TURN: u64 = 500_000;

/// Starts the thread of a node.
pub fn start(
    node: Node,
    store: Box<dyn Store>,
    clock: Arc<dyn Clock>,
    link: Box<dyn Link>,
    handle: NodeHandle,
    work: mpsc::Receiver<Work>,
) -> std::io::Result<std::thread::JoinHandle<()>> {
    let name = format!("node-{}", node.id);
    let machine = Machine::start(node, store).map_err(std::io::Error::other)?;
    let _ = handle.statements.set(machine.statements());
    let mut runner = Runner {
        machine,
        clock,
        link,
        handle,
        calls: BTreeMap::new(),
        letters: BTreeMap::new(),
        next: 1,
        most: BATCH,
        failing: None,
    };
    std::thread::Builder::new().name(name).spawn(move || while runner.turn(&work) {})
}

struct Runner {
    machine: Machine,
    clock: Arc<dyn Clock>,
    link: Box<dyn Link>,
    handle: NodeHandle,
    calls: BTreeMap<CallId, ToEdge>,
    letters: BTreeMap<u64, Done>,
    next: u64,
    /// How much work the next turn takes at most.
    most: usize,
    /// Why the store failed at the last turn.
    failing: Option<String>,
}

impl Runner {
    /// One turn; `false` at the end.
    fn turn(&mut self, work: &mpsc::Receiver<Work>) -> bool {
        let mut batch = Vec::new();
        match work.recv_timeout(Duration::from_millis(TICK_MS.unsigned_abs())) {
            Ok(first) => batch.push(first),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return false,
        }
        while batch.len() < self.most {
            let Ok(next) = work.try_recv() else { break };
            batch.push(next);
        }
        let goes_on = !batch.iter().any(|work| matches!(work, Work::Stop));
        let inputs: Vec<Input> = batch.into_iter().filter_map(|work| self.input(work)).collect();
        let begun = micros();
        let turned = self.machine.turn(self.clock.now(), inputs, self.handle.is_cut_off());
        let took = micros() - begun;
        if took > LONG_TURN {
            self.most = (self.most / 2).max(BATCH_LEAST);
        } else if took < LONG_TURN / 2 {
            self.most = (self.most * 2).min(BATCH);
        }
        if turned.flushed && turned.failed.is_none() {
            self.handle.flushes.fetch_add(1, Ordering::Relaxed);
        }
        self.release(turned);
        goes_on
    }

    /// Tells once that the store fails, and once that it works again: a server that is away fails every turn.
    fn tell(&mut self, failed: Option<String>) {
        if failed == self.failing {
            return;
        }
        let node = self.machine.node.id;
        match &failed {
            Some(error) => tracing::error!(%node, error, "the store failed: nothing of this batch is kept"),
            None => tracing::warn!(%node, "the store works again"),
        }
        self.failing = failed;
    }

    fn input(&mut self, work: Work) -> Option<Input> {
        let number = self.next;
        self.next += 1;
        Some(match work {
            // Whoever hung up before anything was begun sends it again; a store that was away is not kept busy with
            // the calls of everybody who has tried meanwhile.
            Work::Call(_, to_edge) if to_edge.is_closed() => return None,
            Work::Call(message, to_edge) => {
                self.calls.insert(number, to_edge);
                Input::Call(number, message)
            }
            Work::Letters(from, bytes, done) => {
                self.letters.insert(number, done);
                Input::Letters(number, from, bytes)
            }
            Work::Delivered(peer, last, delivery) => Input::Delivered(peer, last, delivery),
            Work::Look(look) => Input::Look(look),
            Work::Stop => return None,
        })
    }

    fn release(&mut self, turned: Turned) {
        self.tell(turned.failed.map(|error| error.to_string()));
        for answered in turned.answers {
            if let Some(to_edge) = self.calls.remove(&answered.call) {
                let _ = to_edge.send(answered);
            }
        }
        for (receipt, kept) in turned.receipts {
            if let Some(done) = self.letters.remove(&receipt) {
                done(kept);
            }
        }
        for tell in turned.found {
            tell();
        }
        for push in turned.pushes {
            self.link.push(push.to, push.batch, push.last);
        }
    }
}
