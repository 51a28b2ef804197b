//! 账链: every journal is chained to the one before it with SM3, so that whoever changes one has to change all that
//! follow, and the roots that other nodes hold. Pure: the text of a journal, the step of the chain, and a reader that
//! takes the books journal by journal and names the place of every fault.

use crate::doors::NodeId;
use insurance::calendar::ServiceDate;
use insurance::ledger::Journal;
use serde::{Deserialize, Serialize};
use sm3::Sm3;
use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Write};

/// A value of the chain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// What the first journal follows.
    pub const START: Digest = Digest([0; 32]);

    /// The value of a journal with this text that follows the journal with this value.
    pub fn then(self, text: &str) -> Digest {
        use sm3::Digest as _;
        Digest(Sm3::new().chain_update(self.0).chain_update(text).finalize().into())
    }
}

impl fmt::Display for Digest {
    /// 64 hexadecimal digits in lower case.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
impl std::str::FromStr for Digest {
    type Err = String;
    /// Reads 64 hexadecimal digits in lower case and nothing else: one value has one text.
    fn from_str(text: &str) -> Result<Digest, String> {
        let wrong = || format!("failed to read {:?} as a digest", text.chars().take(80).collect::<String>());
        let nibble = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        if text.len() != 64 {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte =
                nibble(pair[0]).zip(nibble(pair[1])).map(|(high, low)| high << 4 | low).ok_or_else(wrong)?;
        }
        Ok(Digest(bytes))
    }
}
impl TryFrom<String> for Digest {
    type Error = String;
    fn try_from(text: String) -> Result<Digest, String> {
        text.parse()
    }
}
impl From<Digest> for String {
    fn from(digest: Digest) -> String {
        digest.to_string()
    }
}

/// 日终根: how far a node's chain had come when a day was closed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Root {
    /// Whose chain.
    pub owner: NodeId,
    /// The official day that was closed.
    pub day: ServiceDate,
    /// The last journal.
    pub serial: i64,
    /// Its value.
    pub digest: Digest,
}

/// A journal as text, as it is chained and as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chained {
    /// Counts from 1, without a gap.
    pub serial: i64,
    /// The business act.
    pub key: String,
    /// `settlement`, `reversal`, `reinstatement`.
    pub kind: String,
    /// The day of the act.
    pub happened: String,
    /// When the node learnt of it (ms).
    pub learned: i64,
    /// Line, account, amount in fen.
    pub entries: Vec<(i64, String, i64)>,
}

impl Chained {
    /// A journal that is to be the one with this number.
    pub fn of(serial: i64, journal: &Journal) -> Chained {
        let entries = (0..)
            .zip(&journal.entries)
            .map(|(line, entry)| (line, entry.account.to_string(), entry.amount.0))
            .collect();
        Chained {
            serial,
            key: journal.key.as_str().to_owned(),
            kind: journal.kind.code().to_owned(),
            happened: journal.happened.to_string(),
            learned: journal.learned.0,
            entries,
        }
    }

    /// The text that is chained. Texts stand behind their length, so that two journals never have the same.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(128 + 64 * self.entries.len());
        let Chained { serial, key, kind, happened, learned, entries } = self;
        let parts = [key, kind, happened];
        // Writing into a text never fails.
        let _ = write!(text, "yidi journal 1\n{serial}\n");
        for part in parts {
            let _ = writeln!(text, "{} {part}", part.len());
        }
        let _ = write!(text, "{learned}\n{}\n", entries.len());
        for (line, account, amount) in entries {
            let _ = writeln!(text, "{line} {} {account} {amount}", account.len());
        }
        text
    }

    /// The month in which the act happened, `yyyy-MM`.
    pub fn month(&self) -> &str {
        self.happened.get(..7).unwrap_or(&self.happened)
    }
}

/// Where something is wrong with the books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The journal, where it is known which.
    pub serial: Option<i64>,
    /// The place in words: `journal 17`, `account ...`.
    pub place: String,
    /// What is wrong with it.
    pub what: String,
}

/// So many faults are told one by one; the others are counted.
const FAULTS_TOLD: usize = 100;

/// Takes the books of one node journal by journal, in order, and notes what is wrong.
#[derive(Debug)]
pub struct Reader {
    /// The number and the value of the last journal taken; no value where it could not be read.
    last: (i64, Option<Digest>),
    /// Roots that speak of this chain, by journal: the root, and who holds it.
    roots: BTreeMap<i64, Vec<(NodeId, Root)>>,
    /// The last journal up to which a root has agreed.
    agreed: i64,
    sums: HashMap<String, BTreeMap<String, i128>>,
    /// What is wrong, in the order in which it was met; at most the first hundred.
    pub faults: Vec<Fault>,
    /// How much is wrong.
    pub fault_count: usize,
    /// Journals taken.
    pub journals: u64,
    /// Entries taken.
    pub entries: u64,
    /// Bytes chained.
    pub bytes: u64,
    /// Roots compared.
    pub roots_compared: u64,
}

impl Reader {
    /// A reader at the start of a chain, with the roots that anybody holds of it.
    pub fn new(held: impl IntoIterator<Item = (NodeId, Root)>) -> Reader {
        let mut roots: BTreeMap<i64, Vec<(NodeId, Root)>> = BTreeMap::new();
        for (holder, root) in held {
            roots.entry(root.serial).or_default().push((holder, root));
        }
        Reader {
            last: (0, Some(Digest::START)),
            roots,
            agreed: 0,
            sums: HashMap::new(),
            faults: Vec::new(),
            fault_count: 0,
            journals: 0,
            entries: 0,
            bytes: 0,
            roots_compared: 0,
        }
    }

    fn fault(&mut self, serial: Option<i64>, place: impl Into<String>, what: impl Into<String>) {
        self.fault_count += 1;
        if self.faults.len() < FAULTS_TOLD {
            self.faults.push(Fault { serial, place: place.into(), what: what.into() });
        }
    }

    fn of_journal(&mut self, serial: i64, what: impl Into<String>) {
        self.fault(Some(serial), format!("journal {serial}"), what);
    }

    /// The next journal, with the value that the store keeps.
    pub fn take(&mut self, journal: &Chained, stored: &str) {
        let serial = journal.serial;
        self.expect(serial);
        let text = journal.text();
        let digest = stored.parse::<Digest>().ok();
        match (self.last.1, digest) {
            (_, None) => self.of_journal(serial, "its digest cannot be read"),
            (Some(previous), Some(digest)) if previous.then(&text) != digest => self.of_journal(
                serial,
                "its digest does not follow from what it says and from the journal before it",
            ),
            _ => {}
        }
        if journal.entries.iter().map(|(_, _, amount)| i128::from(*amount)).sum::<i128>() != 0 {
            self.of_journal(serial, "its entries do not sum to zero");
        }
        if journal.entries.is_empty() {
            self.of_journal(serial, "it has no entries");
        }
        for (_, account, amount) in &journal.entries {
            let months = match self.sums.get_mut(account) {
                Some(months) => months,
                None => self.sums.entry(account.clone()).or_default(),
            };
            match months.get_mut(journal.month()) {
                Some(sum) => *sum += i128::from(*amount),
                None => drop(months.insert(journal.month().to_owned(), i128::from(*amount))),
            }
        }
        self.journals += 1;
        self.entries += journal.entries.len() as u64;
        self.bytes += text.len() as u64 + 32;
        self.last = (serial, digest);
        self.compare(serial, digest);
    }

    /// A journal that is there and cannot be read.
    pub fn unreadable(&mut self, serial: i64, why: &str) {
        self.expect(serial);
        self.of_journal(serial, format!("it cannot be read: {why}"));
        self.last = (serial, None);
    }

    /// Entries whose journal is not there.
    pub fn stray(&mut self, journal: i64) {
        self.of_journal(journal, "it is missing, and its entries are there");
    }

    /// Something that cannot be read and has no number of its own.
    pub fn beyond(&mut self, why: &str) {
        let after = self.last.0;
        self.fault(None, format!("after journal {after}"), format!("what is there cannot be read: {why}"));
    }

    /// Something other than a journal that cannot be read, or that does not agree.
    pub fn other(&mut self, place: &str, what: impl Into<String>) {
        self.fault(None, place, what);
    }

    /// The journal that comes has the next number.
    fn expect(&mut self, serial: i64) {
        let expected = self.last.0.saturating_add(1);
        if serial > expected {
            let what = if serial - 1 == expected {
                String::new()
            } else {
                format!(", and all up to {}", serial - 1)
            };
            self.of_journal(expected, format!("it is missing{what}"));
            // The journal that follows a gap cannot follow; that is not a second fault.
            self.last.1 = None;
        } else if serial < expected {
            self.of_journal(serial, "its number stands twice, or comes before the first");
        }
    }

    fn compare(&mut self, serial: i64, digest: Option<Digest>) {
        let Some(roots) = self.roots.remove(&serial) else { return };
        self.roots_compared += roots.len() as u64;
        let (from, mut all_agree) = (self.agreed + 1, true);
        for (holder, root) in roots.into_iter().filter(|(_, root)| digest != Some(root.digest)) {
            all_agree = false;
            let what = format!(
                "the root of {} that {holder} holds is not the value of journal {serial}: \
                 something from journal {from} to {serial} was changed, or the root was",
                root.day
            );
            self.fault(Some(from), format!("journals {from} to {serial}"), what);
        }
        // A forger can make the node's own roots fit: only what all holders agree on is safe ground.
        if all_agree {
            self.agreed = serial;
        }
    }

    /// The end of the chain: where its head stands, the balances by account, and by account and month.
    pub fn end(
        mut self,
        head: Option<(i64, String)>,
        balances: Vec<(String, i64)>,
        months: Vec<(String, String, i64)>,
    ) -> Reader {
        let (last, digest) = self.last;
        match head {
            None => self.fault(None, "head of the chain", "it is missing, or cannot be read"),
            Some((serial, _)) if serial > last => self.of_journal(
                last.saturating_add(1),
                format!(
                    "it is missing: the head of the chain stands at {serial}, the last journal is {last}"
                ),
            ),
            Some((serial, _)) if serial < last => {
                self.of_journal(
                    serial.saturating_add(1),
                    format!("it lies beyond the head of the chain at {serial}"),
                );
            }
            Some((_, value)) if digest.is_some_and(|digest| digest.to_string() != value) => {
                self.fault(Some(last), "head of the chain", "it is not the value of the last journal");
            }
            Some(_) => {}
        }
        for (serial, roots) in std::mem::take(&mut self.roots) {
            for (holder, root) in roots {
                self.roots_compared += 1;
                let at = last.min(serial).saturating_add(i64::from(serial > last));
                let what = format!(
                    "it is missing: {holder} holds a root of {} at journal {serial}, the chain has no such journal \
                     and ends at {last}",
                    root.day
                );
                self.of_journal(at, what);
            }
        }
        let sums = std::mem::take(&mut self.sums);
        let mut expected: BTreeMap<(String, Option<String>), i128> = BTreeMap::new();
        for (account, months) in sums {
            expected.insert((account.clone(), None), months.values().sum());
            expected.extend(months.into_iter().map(|(month, sum)| ((account.clone(), Some(month)), sum)));
        }
        let stored = balances
            .into_iter()
            .map(|(account, amount)| ((account, None), amount))
            .chain(months.into_iter().map(|(account, month, amount)| ((account, Some(month)), amount)));
        let mut wrong: Vec<(String, String)> = Vec::new();
        let place = |account: &str, month: &Option<String>| match month {
            None => format!("balance of {account}"),
            Some(month) => format!("balance of {account} in {month}"),
        };
        for (key, amount) in stored {
            let sum = expected.remove(&key).unwrap_or(0);
            if sum != i128::from(amount) {
                wrong.push((
                    place(&key.0, &key.1),
                    format!("it is {amount} fen, and its entries sum to {sum} fen"),
                ));
            }
        }
        for ((account, month), sum) in expected {
            if sum != 0 {
                wrong.push((
                    place(&account, &month),
                    format!("it is missing, and its entries sum to {sum} fen"),
                ));
            }
        }
        for (place, what) in wrong {
            self.fault(None, place, what);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal(serial: i64, amount: i64) -> Chained {
        Chained {
            serial,
            key: format!("k{serial}"),
            kind: "settlement".into(),
            happened: "2026-05-31".into(),
            learned: serial * 1000,
            entries: vec![(0, "a/1".into(), amount), (1, "b/2".into(), -amount)],
        }
    }

    #[test]
    fn the_value_of_a_journal_is_sm3_of_the_value_before_it_and_its_text() {
        let first = journal(1, 100);
        let text =
            "yidi journal 1\n1\n2 k1\n10 settlement\n10 2026-05-31\n1000\n2\n0 3 a/1 100\n1 3 b/2 -100\n";
        assert_eq!(first.text(), text);
        let by_hand = {
            use sm3::Digest as _;
            Sm3::digest([&[0; 32], text.as_bytes()].concat())
        };
        let digest = Digest::START.then(text);
        assert_eq!(digest.0.as_slice(), by_hand.as_slice());
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert!(digest.to_string().to_uppercase().parse::<Digest>().is_err());
    }

    #[test]
    fn a_text_that_looks_like_two_fields_is_still_one() {
        let mut one = journal(1, 5);
        one.key = "a\n10 settlement".into();
        let mut other = journal(1, 5);
        (other.key, other.kind) = ("a".into(), "settlement\n10 settlement".into());
        assert_ne!(one.text(), other.text());
    }

    /// A chain of so many journals, read with one of them changed, by position.
    fn read(changed: Option<i64>) -> Reader {
        let mut reader = Reader::new([]);
        let mut digest = Digest::START;
        for serial in 1..=5 {
            digest = digest.then(&journal(serial, 100).text());
            let amount = if changed == Some(serial) { 101 } else { 100 };
            reader.take(&journal(serial, amount), &digest.to_string());
        }
        let months =
            |sum: i64| vec![("a/1".into(), "2026-05".into(), sum), ("b/2".into(), "2026-05".into(), -sum)];
        let sum = 500 + i64::from(changed.is_some());
        let head = Some((5, digest.to_string()));
        reader.end(head, vec![("a/1".into(), sum), ("b/2".into(), -sum)], months(sum))
    }

    #[test]
    fn a_changed_journal_is_named_by_its_number() {
        assert_eq!(read(None).faults, []);
        for serial in 1..=5 {
            let faults = read(Some(serial)).faults;
            assert_eq!(faults.len(), 1, "{faults:?}");
            assert_eq!(faults[0].serial, Some(serial));
        }
    }
}
