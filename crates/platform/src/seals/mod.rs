//! 签封: which node a batch of letters comes from, and that nobody has changed it. A node signs with SM2 that it opens
//! a line to another; every push on the line, and every receipt, carries an SM3 code under a key that only these two
//! nodes can derive and that hangs on that signature. So the two costly operations are shared by all letters of five
//! minutes. Where each push is to be signed by itself, it is (`every_push`).

/// Key pairs and public keys.
mod keys;
/// Why a seal is refused.
mod refused;

pub use keys::{KeyPair, NodeKey, SIGNER};
pub use refused::SealRefused;

use crate::doors::NodeId;
use hmac::{Hmac, KeyInit, Mac};
use insurance::calendar::{Instant, ServiceDate};
use keys::{hex, unhex};
use sm3::{Digest, Sm3};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard};

/// How far the clocks of two nodes may be apart (ms).
pub const CLOCK_WINDOW_MS: i64 = 300_000;
/// How long a node pushes on a line that it has opened (ms), and how long the other takes letters on it.
const LINE_MS: (i64, i64) = (300_000, 300_000 + 2 * CLOCK_WINDOW_MS);

/// A public key of another node, with its last day where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// The key.
    pub key: NodeKey,
    /// The last official day on which it counts.
    pub until: Option<ServiceDate>,
}

/// The keys of the nodes of this process, and the keys by which it knows others.
#[derive(Default)]
pub struct Keyring {
    /// By node, the one in use first: letters may still be sealed for the others.
    own: BTreeMap<NodeId, Vec<KeyPair>>,
    trusted: BTreeMap<NodeId, Vec<Trusted>>,
    every_push: bool,
    memory: Mutex<Memory>,
}

/// What was worked out before.
#[derive(Default)]
struct Memory {
    /// What two keys share, by the names of both.
    shared: BTreeMap<(String, String), [u8; 32]>,
    /// Lines that nodes of this process have opened.
    opened: BTreeMap<(NodeId, NodeId), Line>,
    /// Openings of others that were verified, and until when they count.
    verified: BTreeMap<String, Instant>,
}

/// A line that is open from one node to another.
#[derive(Clone)]
struct Line {
    at: Instant,
    signature: String,
    keys: (String, String),
}

/// What stands on a push: who, to whom, when, which batch, and the proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    from: NodeId,
    to: NodeId,
    /// The names of the sender's key and the receiver's.
    keys: (String, String),
    at: Instant,
    last: i64,
    /// When the line was opened, and the SM2 signature of that; none where the push itself is signed.
    opening: Option<(Instant, String)>,
    proof: String,
}

impl fmt::Display for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.head(), self.proof)
    }
}

impl Seal {
    /// Everything but the proof.
    fn head(&self) -> String {
        let Seal { from, to, keys: (of, of_other), at: Instant(at), last, .. } = self;
        match &self.opening {
            Some((Instant(opened), signature)) => {
                format!("1 {from} {to} {of} {of_other} {at} {last} {opened} {signature}")
            }
            None => format!("1 {from} {to} {of} {of_other} {at} {last} - -"),
        }
    }

    /// What is proved: the head, and the letters by their SM3.
    fn text(&self, body: &[u8]) -> String {
        format!("yidi letters {}\n{}", self.head(), hex(&Sm3::digest(body)))
    }

    fn read(text: &str) -> Option<Seal> {
        let parts: Vec<&str> = text.split(' ').collect();
        let &["1", from, to, of, of_other, at, last, opened, signature, proof] = parts.as_slice() else {
            return None;
        };
        let seal = Seal {
            from: NodeId::try_from(from.to_owned()).ok()?,
            to: NodeId::try_from(to.to_owned()).ok()?,
            keys: (of.to_owned(), of_other.to_owned()),
            at: Instant(at.parse().ok()?),
            last: last.parse().ok()?,
            opening: match opened {
                "-" => None,
                opened => Some((Instant(opened.parse().ok()?), signature.to_owned())),
            },
            proof: proof.to_owned(),
        };
        // One seal has one text: what is read is what was proved.
        (seal.to_string() == text).then_some(seal)
    }

    /// The sender.
    pub fn from(&self) -> NodeId {
        self.from
    }
}

/// What a receiver says of a push, bound to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// It is committed.
    Committed,
    /// Nobody has read it.
    Unread,
}

impl Receipt {
    const ALL: [Receipt; 2] = [Receipt::Committed, Receipt::Unread];

    fn word(self) -> &'static str {
        match self {
            Receipt::Committed => "committed",
            Receipt::Unread => "unread",
        }
    }
}

impl Keyring {
    /// A ring without keys. With `every_push` the nodes of this process sign each push by itself.
    pub fn new(every_push: bool) -> Keyring {
        Keyring { every_push, ..Keyring::default() }
    }

    /// Adds a key of a node of this process: the one in use first. The other nodes of the process know it by it.
    pub fn add_own(&mut self, node: NodeId, pair: KeyPair) {
        self.trust(node, Trusted { key: pair.public().clone(), until: None });
        self.own.entry(node).or_default().push(pair);
    }

    /// Adds a key by which another node is known.
    pub fn trust(&mut self, node: NodeId, trusted: Trusted) {
        self.trusted.entry(node).or_default().push(trusted);
    }

    /// The key with which a node of this process signs.
    pub fn public(&self, node: NodeId) -> Option<&NodeKey> {
        self.own.get(&node)?.first().map(KeyPair::public)
    }

    /// Seals letters from a node of this process; `None` where either has no key that counts today.
    pub fn seal(&self, from: NodeId, to: NodeId, now: Instant, last: i64, body: &[u8]) -> Option<Seal> {
        let own = self.own.get(&from)?.first()?;
        let counts = |trusted: &&Trusted| trusted.until.is_none_or(|until| now.day() <= until);
        let other = &self.trusted.get(&to)?.iter().find(counts)?.key;
        let keys = (own.public().id().to_owned(), other.id().to_owned());
        let opening = (!self.every_push).then(|| self.opening(own, (from, to), &keys, now));
        let mut seal = Seal { from, to, keys, at: now, last, opening, proof: String::new() };
        let text = seal.text(body);
        seal.proof = match &seal.opening {
            Some((_, signature)) => code(&self.line_key(own, other, signature), &text),
            None => hex(&own.sign(&text)),
        };
        Some(seal)
    }

    /// The line that is open, or a new one.
    fn opening(
        &self,
        own: &KeyPair,
        (from, to): (NodeId, NodeId),
        keys: &(String, String),
        now: Instant,
    ) -> (Instant, String) {
        let fresh = |line: &&Line| line.keys == *keys && now >= line.at && now < line.at.plus_ms(LINE_MS.0);
        if let Some(line) = self.memory().opened.get(&(from, to)).filter(fresh) {
            return (line.at, line.signature.clone());
        }
        let signature = hex(&own.sign(&opening_text(from, to, keys, now)));
        let line = Line { at: now, signature: signature.clone(), keys: keys.clone() };
        self.memory().opened.insert((from, to), line);
        (now, signature)
    }

    /// Reads the seal of letters that have come for a node of this process, and refuses what is not proved.
    pub fn open(
        &self,
        seal: Option<&str>,
        here: NodeId,
        now: Instant,
        body: &[u8],
    ) -> Result<Seal, SealRefused> {
        let text = seal.ok_or(SealRefused::Unsealed { here })?;
        let seal = Seal::read(text).ok_or(SealRefused::Unreadable { here })?;
        let (from, key) = (seal.from, seal.keys.0.clone());
        if seal.to != here {
            return Err(SealRefused::ForAnother { meant: seal.to, here });
        }
        let known = self.trusted.get(&from).into_iter().flatten().find(|trusted| trusted.key.id() == key);
        let Some(trusted) = known else { return Err(SealRefused::KeyUnknown { from, key, here }) };
        if let Some(until) = trusted.until.filter(|until| now.day() > *until) {
            return Err(SealRefused::KeyEnded { from, key, until });
        }
        if (seal.at.0 - now.0).abs() > CLOCK_WINDOW_MS {
            return Err(SealRefused::ClocksApart { from, seconds: (seal.at.0 - now.0) / 1_000 });
        }
        let Some(own) = self.own_key(here, &seal.keys.1) else {
            return Err(SealRefused::ForAnotherKey { from, key: seal.keys.1, here });
        };
        if self.is_proved(&seal, own, &trusted.key, now, body) {
            Ok(seal)
        } else {
            Err(SealRefused::Forged { from, key })
        }
    }

    fn is_proved(&self, seal: &Seal, own: &KeyPair, other: &NodeKey, now: Instant, body: &[u8]) -> bool {
        let text = seal.text(body);
        let Some((opened, signature)) = &seal.opening else {
            return unhex(&seal.proof).is_some_and(|proof| other.has_signed(&text, &proof));
        };
        let age = now.0 - opened.0;
        if age < -CLOCK_WINDOW_MS || age > LINE_MS.1 {
            return false;
        }
        // The code first: it costs a hundredth of the signature.
        if !is_code(&self.line_key(own, other, signature), &text, &seal.proof) {
            return false;
        }
        let opening = opening_text(seal.from, seal.to, &seal.keys, *opened);
        let known = format!("{opening} {signature}");
        if self.memory().verified.contains_key(&known) {
            return true;
        }
        let signed = unhex(signature).is_some_and(|signature| other.has_signed(&opening, &signature));
        if signed {
            let mut memory = self.memory();
            memory.verified.retain(|_, until| *until >= now);
            memory.verified.insert(known, opened.plus_ms(LINE_MS.1));
        }
        signed
    }

    /// Says what became of a push, so that only who can have received it can say it. `None` where either key is gone.
    pub fn receipt(&self, seal: &Seal, receipt: Receipt) -> Option<String> {
        let own = self.own_key(seal.to, &seal.keys.1)?;
        let other = self.known_key(seal.from, &seal.keys.0)?;
        let key = self.shared(own, other);
        Some(format!("{} {}", receipt.word(), code(&key, &receipt_text(seal, receipt))))
    }

    /// Reads what became of a push; `None` where nobody who can have received it says it.
    pub fn receipt_read(&self, seal: &Seal, said: &str) -> Option<Receipt> {
        let (word, proof) = said.split_once(' ')?;
        let receipt = Receipt::ALL.into_iter().find(|receipt| receipt.word() == word)?;
        let own = self.own_key(seal.from, &seal.keys.0)?;
        let other = self.known_key(seal.to, &seal.keys.1)?;
        is_code(&self.shared(own, other), &receipt_text(seal, receipt), proof).then_some(receipt)
    }

    fn own_key(&self, node: NodeId, id: &str) -> Option<&KeyPair> {
        self.own.get(&node)?.iter().find(|pair| pair.public().id() == id)
    }

    fn known_key(&self, node: NodeId, id: &str) -> Option<&NodeKey> {
        self.trusted.get(&node)?.iter().map(|trusted| &trusted.key).find(|key| key.id() == id)
    }

    /// The key of all pushes on a line.
    fn line_key(&self, own: &KeyPair, other: &NodeKey, opening: &str) -> [u8; 32] {
        code_bytes(&self.shared(own, other), &format!("yidi line 1\n{opening}"))
    }

    fn shared(&self, own: &KeyPair, other: &NodeKey) -> [u8; 32] {
        let names = (own.public().id().to_owned(), other.id().to_owned());
        if let Some(shared) = self.memory().shared.get(&names) {
            return *shared;
        }
        let shared = code_bytes(&own.shared_with(other), "yidi pair 1");
        self.memory().shared.insert(names, shared);
        shared
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("own", &self.own)
            .field("trusted", &self.trusted)
            .finish_non_exhaustive()
    }
}

fn opening_text(from: NodeId, to: NodeId, keys: &(String, String), at: Instant) -> String {
    format!("yidi line 1\n{from} {to} {} {} {}", keys.0, keys.1, at.0)
}

fn receipt_text(seal: &Seal, receipt: Receipt) -> String {
    format!("yidi receipt 1\n{}\n{seal}", receipt.word())
}

fn mac(key: &[u8; 32], text: &str) -> Hmac<Sm3> {
    let mut mac = Hmac::<Sm3>::new_from_slice(key).expect("a key of any length");
    mac.update(text.as_bytes());
    mac
}

fn code_bytes(key: &[u8; 32], text: &str) -> [u8; 32] {
    mac(key, text).finalize().into_bytes().into()
}

fn code(key: &[u8; 32], text: &str) -> String {
    hex(&code_bytes(key, text))
}

/// Compares in a time that tells nothing.
fn is_code(key: &[u8; 32], text: &str, told: &str) -> bool {
    unhex(told).is_some_and(|told| mac(key, text).verify_slice(&told).is_ok())
}

#[cfg(test)]
mod tests;
