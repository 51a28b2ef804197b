//! The field table of each transaction, read once from the text files in `tables/`, and the code lists.
//! The files are the source: a field that changes, changes there.
//!
//! Form of a file: `infno 中文 | English`, `kind`, `for`, `note`, `like` and `instead` lines, then nodes
//! (`in data one`, `out setldetail many`, `optional` after it where the node may be absent), then one line a field:
//! name, mark, form, code list, `中文 | English | remark`. Marks: `!` required, `-` optional, `+` local edition (taken,
//! never demanded), `~` required in the published table but never demanded here. A list written `?name` is not ours.
//! `answers file` where a success is a file and no envelope.

mod parse;

use crate::refusal::{Code, Refusal};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

macro_rules! sources {
    ($($infno:literal)*) => { &[$(($infno, include_str!(concat!("tables/", $infno, ".txt")))),*] };
}

pub(super) const SOURCES: &[(&str, &str)] = sources![
    "9001" "9002" "1101" "1201" "2001" "2201" "2202" "2203" "2203A" "2204" "2205" "2206" "2206A" "2207" "2207A"
    "2208" "2301" "2302" "2303" "2303A" "2304" "2304A" "2305" "2401" "2402" "2403" "2404" "2405" "2501" "2601"
    "3201" "3202" "13203" "5201" "5203" "5204" "5206" "5301" "5303" "9101" "9102"
];

macro_rules! examples {
    ($($infno:literal)*) => { &[$(($infno, include_str!(concat!("tables/examples/", $infno, ".md")))),*] };
}

/// A question and its answer, as they were on the wire.
const EXAMPLES: &[(&str, &str)] = examples!["3201" "3202" "13203" "9101" "9102"];

static TRANSACTIONS: LazyLock<BTreeMap<String, Transaction>> = LazyLock::new(|| {
    let mut all = BTreeMap::new();
    for (infno, text) in SOURCES {
        let read = parse::transaction(text).unwrap_or_else(|why| panic!("tables/{infno}.txt: {why}"));
        all.insert((*infno).to_owned(), read);
    }
    let likes: Vec<(String, String)> = all
        .values()
        .filter_map(|read: &Transaction| Some((read.infno.clone(), read.like.clone()?)))
        .collect();
    for (infno, like) in likes {
        let original =
            all.get(&like).unwrap_or_else(|| panic!("{infno} is like {like}, which has no table")).clone();
        if let Some(edition) = all.get_mut(&infno) {
            edition.notes = original.notes;
            edition.instead = original.instead;
            edition.input = original.input;
            edition.output = original.output;
        }
    }
    all
});

static DICTIONARIES: LazyLock<BTreeMap<String, Dictionary>> = LazyLock::new(|| {
    toml::from_str(include_str!("tables/dictionaries.toml")).expect("dictionaries.toml is well formed")
});

static ALIASES: LazyLock<Aliases> = LazyLock::new(|| Aliases::parse(include_str!("tables/aliases.txt")));

/// The table of this transaction, where there is one.
pub fn transaction(infno: &str) -> Option<&'static Transaction> {
    TRANSACTIONS.get(infno)
}

/// The table of this transaction, or the refusal to answer.
pub fn known(infno: &str) -> Result<&'static Transaction, Refusal> {
    transaction(infno).ok_or_else(|| Refusal::new(Code::TransactionUnknown).with("infno", infno))
}

/// Every table, by number.
pub fn transactions() -> impl Iterator<Item = &'static Transaction> {
    TRANSACTIONS.values()
}

/// The code list with this name, where it is ours.
pub fn dictionary(name: &str) -> Option<&'static Dictionary> {
    DICTIONARIES.get(name)
}

/// Every code list, by name.
pub fn dictionaries() -> impl Iterator<Item = (&'static str, &'static Dictionary)> {
    DICTIONARIES.iter().map(|(name, list)| (name.as_str(), list))
}

/// Other spellings of nodes and fields.
pub fn aliases() -> &'static Aliases {
    &ALIASES
}

/// The same words in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Both {
    /// 中文
    pub zh: String,
    /// English
    pub en: String,
}

/// The table of one transaction.
#[derive(Clone, Debug)]
pub struct Transaction {
    /// Number, with its letter where it has one.
    pub infno: String,
    /// Name.
    pub name: Both,
    /// `session`, `query`, `check`, `visit`, `fees`, `trial`, `settlement`, `cancellation`, `filing`, `reversal`,
    /// `reconciliation`, `file`.
    pub kind: String,
    /// What it is for.
    pub purpose: Both,
    /// What a caller should know.
    pub notes: Vec<Both>,
    /// The transaction whose table this one shares.
    pub like: Option<String>,
    /// A field that may be absent when the fields after it are given.
    pub instead: Vec<(String, Vec<String>)>,
    /// Nodes of the input.
    pub input: Vec<Node>,
    /// Nodes of the output; none where it answers `{}`.
    pub output: Vec<Node>,
    /// Whether a success is the bytes of a file instead of an envelope.
    pub answers_file: bool,
}

impl Transaction {
    /// A question and its answer, where its page shows one.
    pub fn example(&self) -> Option<&'static str> {
        EXAMPLES.iter().find(|(infno, _)| *infno == self.infno).map(|(_, text)| *text)
    }
}

/// One node of an input or output.
#[derive(Clone, Debug)]
pub struct Node {
    /// Name on the wire.
    pub name: String,
    /// A list (`many`) or an object (`one`).
    pub many: bool,
    /// Whether it may be absent.
    pub optional: bool,
    /// Its fields in the order of the table.
    pub fields: Vec<Field>,
}

/// Whether a field has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Must have a value.
    Required,
    /// May be absent.
    Optional,
    /// Of local editions: taken, never demanded, answered only when given.
    Local,
    /// Required in the published table, never demanded here.
    Undemanded,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// So many characters at most.
    Text(usize),
    /// So many digits, so many of them decimals.
    Number(usize, usize),
    /// A day.
    Date,
    /// A day and a time of day.
    Time,
    /// The bytes of a file.
    Bytes,
}

/// One field.
#[derive(Clone, Debug)]
pub struct Field {
    /// Name on the wire.
    pub name: String,
    /// Required, optional, local.
    pub mark: Mark,
    /// Type and length.
    pub form: Form,
    /// Name of the code list.
    pub dictionary: Option<String>,
    /// Label.
    pub label: Both,
    /// Remark, or empty.
    pub remark: Both,
}

/// A code list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dictionary {
    /// 中文
    pub zh: String,
    /// English
    pub en: String,
    /// Whether an unknown value is refused.
    #[serde(default)]
    pub closed: bool,
    /// Shorter values get zeros in front up to this length.
    #[serde(default)]
    pub pad: usize,
    /// Longer local values are read as so many first characters.
    #[serde(default)]
    pub base: usize,
    /// Code, Chinese, English.
    pub codes: Vec<(String, String, String)>,
}

impl Dictionary {
    /// The listed code that this value means, where there is one.
    pub fn meaning(&self, value: &str) -> Option<&str> {
        let listed = |code: &str| self.codes.iter().map(|row| row.0.as_str()).find(|known| *known == code);
        let padded = format!("{value:0>width$}", width = self.pad);
        listed(&padded).or_else(|| {
            let longer = self.base > 0 && value.len() > self.base;
            longer.then(|| value.get(..self.base).and_then(listed)).flatten()
        })
    }
}

/// Other spellings.
#[derive(Debug, Default)]
pub struct Aliases {
    fields: Vec<Vec<String>>,
    nodes: BTreeMap<String, Vec<String>>,
}

impl Aliases {
    fn parse(text: &str) -> Aliases {
        let mut aliases = Aliases::default();
        for line in text.lines() {
            let mut words = line.split_whitespace().map(str::to_owned);
            match (words.next().as_deref(), words.next()) {
                (Some("field"), Some(name)) => aliases.fields.push([name].into_iter().chain(words).collect()),
                (Some("node"), Some(name)) => {
                    aliases.nodes.insert(name, words.collect());
                }
                _ => {}
            }
        }
        aliases
    }

    /// The spellings of a field besides its own.
    pub fn of_field<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let groups = self.fields.iter().filter(move |group| group.iter().any(|known| known == name));
        groups.flatten().map(String::as_str).filter(move |known| *known != name)
    }

    /// The spellings of an input node besides its own.
    pub fn of_node(&self, name: &str) -> &[String] {
        self.nodes.get(name).map_or(&[], Vec::as_slice)
    }
}
