//! 充填: a store made as large as years of work would make it, so that the cost of a step can be measured against its
//! size. What one network has really settled is copied, table by table, under other numbers of people, visits and
//! settlements; the chain of the books goes on over the copies, and balances hold them. Never used by a node.

use super::books::balances_add;
use super::chain::{Page, end, journal_insert, page};
use super::integer;
use super::migrations::Engine;
use crate::chain::Chained;
use crate::doors::{Store, StoreError};
use std::collections::BTreeMap;

/// Copies of a settlement that fall on one made-up person: as many visits as somebody ill makes in a year.
pub const COPIES_OF_ONE_PERSON: i64 = 20;
/// The most copies that have numbers of their own.
pub const COPIES_AT_MOST: i64 = 150_000;
/// So many copies of everything are one transaction.
const AT_ONCE: i64 = 100;

/// A table to be copied: its name, its columns, and what stands in each column of a copy. `t` is the row that is
/// copied, `k.n` the number of the copy.
type Table = (&'static str, &'static [(&'static str, &'static str)]);

/// Characters 7 to 10 of a person's number tell copies apart.
const PERSON: &str = "substr(t.person, 1, 6) || cast(1000 + k.n / 20 as text) || substr(t.person, 11)";
/// The day inside the number of a visit or a settlement tells copies apart.
const VISIT: &str = "substr(t.visit, 1, 7) || substr(cast(1000000 + k.n as text), 2) || substr(t.visit, 14)";
const SETTLEMENT: &str =
    "substr(t.settlement, 1, 7) || substr(cast(1000000 + k.n as text), 2) || substr(t.settlement, 14)";

/// One row for each copy.
const OF_EACH: [Table; 10] = [
    (
        "received",
        &[
            ("institution", "t.institution"),
            ("infno", "t.infno"),
            ("msgid", "t.msgid || '-' || k.n"),
            ("digest", "t.digest"),
            ("person", "PERSON"),
            ("received_at", "t.received_at"),
            ("state", "t.state"),
            ("answer", "replace(t.answer, coalesce(t.visit, '~'), coalesce(VISIT, '~'))"),
            ("settlement", "SETTLEMENT"),
            ("visit", "VISIT"),
        ],
    ),
    (
        "visit",
        &[
            ("pool", "t.pool"),
            ("person", "PERSON"),
            ("visit", "VISIT"),
            ("institution", "t.institution"),
            ("kind", "t.kind"),
            ("state", "t.state"),
            ("begin_at", "t.begin_at"),
            ("end_at", "t.end_at"),
            ("data", "replace(replace(t.data, t.visit, VISIT), t.person, PERSON)"),
        ],
    ),
    (
        "fee_line",
        &[
            ("pool", "t.pool"),
            ("person", "PERSON"),
            ("visit", "VISIT"),
            ("line", "t.line"),
            ("place", "t.place"),
            ("batch", "t.batch"),
            ("settlement", "SETTLEMENT"),
            ("data", "t.data"),
        ],
    ),
    (
        "settlement",
        &[
            ("pool", "t.pool"),
            ("person", "PERSON"),
            ("visit", "VISIT"),
            ("settlement", "SETTLEMENT"),
            ("institution", "t.institution"),
            ("infno", "t.infno"),
            ("msgid", "t.msgid"),
            ("state", "t.state"),
            ("settled_day", "t.settled_day"),
            (
                "data",
                "replace(replace(replace(t.data, t.settlement, SETTLEMENT), t.visit, VISIT), t.person, PERSON)",
            ),
        ],
    ),
    (
        "settlement_event",
        &[
            ("pool", "t.pool"),
            ("person", "PERSON"),
            ("settlement", "SETTLEMENT"),
            ("office", "t.office"),
            ("place", "t.place"),
            ("event", "t.event"),
            ("from_state", "t.from_state"),
            ("to_state", "t.to_state"),
            ("happened_at", "t.happened_at"),
            ("cause", "t.cause"),
        ],
    ),
    (
        "question",
        &[
            ("letter_id", "t.letter_id || '-' || k.n"),
            ("state", "t.state"),
            ("place", "t.place"),
            ("institution", "t.institution"),
            ("infno", "t.infno"),
            ("msgid", "t.msgid || '-' || k.n"),
            ("asked_at", "t.asked_at"),
            ("deadline_at", "t.deadline_at"),
            ("context", "t.context"),
        ],
    ),
    ("inbox", &[("letter_id", "t.letter_id || '-' || k.n"), ("received_at", "t.received_at")]),
    (
        "relayed",
        &[
            ("letter_id", "t.letter_id || '-' || k.n"),
            ("sender", "t.sender"),
            ("receiver", "t.receiver"),
            ("what", "t.what"),
            ("relayed_at", "t.relayed_at"),
        ],
    ),
    (
        "insured_settlement",
        &[
            ("pool", "t.pool"),
            ("person", "PERSON"),
            ("settlement", "SETTLEMENT"),
            ("visit", "VISIT"),
            ("treatment", "t.treatment"),
            ("state", "t.state"),
            ("settled_day", "t.settled_day"),
            ("data", "replace(t.data, t.settlement, SETTLEMENT)"),
        ],
    ),
    (
        "stay",
        &[
            ("pool", "t.pool"),
            ("person", "PERSON"),
            ("visit", "VISIT"),
            ("institution", "t.institution"),
            ("institution_name", "t.institution_name"),
            ("region", "t.region"),
            ("version", "t.version"),
            ("begin_day", "t.begin_day"),
            ("end_day", "t.end_day"),
            ("state", "t.state"),
        ],
    ),
];

/// One row for each made-up person.
const OF_EACH_PERSON: [Table; 5] = [
    (
        "insured_person",
        &[
            ("pool", "t.pool"),
            ("person", "PERSON"),
            ("own_account_fen", "t.own_account_fen"),
            ("family_quota_fen", "t.family_quota_fen"),
            ("data", "replace(t.data, t.person, PERSON)"),
        ],
    ),
    (
        "credential",
        &[
            ("pool", "t.pool"),
            ("person", "PERSON"),
            ("digest", "substr(t.digest, 1, 56) || cast(10000000 + k.n as text)"),
        ],
    ),
    (
        "filing",
        &[
            ("pool", "t.pool"),
            ("person", "PERSON"),
            ("filing", "t.filing"),
            ("data", "replace(t.data, t.person, PERSON)"),
        ],
    ),
    (
        "accumulator",
        &[
            ("pool", "t.pool"),
            ("person", "PERSON"),
            ("insurance", "t.insurance"),
            ("policy_year", "t.policy_year"),
            ("measure", "t.measure"),
            ("amount", "t.amount * 20"),
        ],
    ),
    (
        "directory",
        &[("credential", "substr(t.credential, 1, 56) || cast(10000000 + k.n as text)"), ("pool", "t.pool")],
    ),
];

/// Tables that are copied in code, because the books are a chain.
const BOOKS: [&str; 2] = ["journal", "entry"];

/// Sets aside what is there as the rows to be copied, once. Gives how many journals they hold: as many as the settlements
/// that this node has booked.
pub fn template_keep(store: &mut dyn Engine) -> Result<i64, StoreError> {
    let copied = OF_EACH.iter().chain(&OF_EACH_PERSON).map(|(table, _)| *table).chain(BOOKS);
    let script: Vec<String> = copied
        .map(|table| format!("create table if not exists template_{table} as select * from {table};"))
        .collect();
    store.script(&script.join("\n"))?;
    template_journals(store)
}

fn template_journals(store: &mut dyn Store) -> Result<i64, StoreError> {
    let rows = store.query("select count(*) from template_journal", &[])?;
    integer(super::first(rows, "template_journal")?.first(), "template_journal")
}

/// Makes the copies with these numbers, from `first` and below `end_before`; both are multiples of
/// [`COPIES_OF_ONE_PERSON`], and `first` is not zero. Durable when it returns.
///
/// # Panics
/// Where the numbers are others: that can only be a bug.
pub fn copies_make(store: &mut dyn Engine, first: i64, end_before: i64) -> Result<(), StoreError> {
    let is_whole = |number: i64| number > 0 && number % COPIES_OF_ONE_PERSON == 0;
    assert!(is_whole(first) && is_whole(end_before) && end_before <= COPIES_AT_MOST, "{first}..{end_before}");
    let template = template_books(store)?;
    let mut from = first;
    while from < end_before {
        let to = (from + AT_ONCE).min(end_before);
        store.begin()?;
        for table in &OF_EACH {
            store.script(&copy(table, from, to, ""))?;
        }
        for table in &OF_EACH_PERSON {
            store.script(&copy(table, from, to, " where k.n % 20 = 0"))?;
        }
        book(store, &template, from, to)?;
        store.commit()?;
        from = to;
    }
    Ok(())
}

fn copy((table, columns): &Table, from: i64, to: i64, of: &str) -> String {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let values: Vec<String> = columns
        .iter()
        .map(|(_, value)| {
            let value = value.replace("SETTLEMENT", SETTLEMENT);
            value.replace("VISIT", VISIT).replace("PERSON", PERSON)
        })
        .collect();
    format!(
        "with recursive k (n) as (select {from} union all select n + 1 from k where n + 1 < {to}) \
         insert into {table} ({}) select {} from template_{table} t cross join k{of}",
        names.join(", "),
        values.join(", ")
    )
}

fn template_books(store: &mut dyn Store) -> Result<Vec<Chained>, StoreError> {
    let last = template_journals(store)?;
    let Page { journals, .. } = page(store, 0, last)?;
    Ok(journals.into_iter().map(|(journal, _)| journal).collect())
}

/// The copies of the journals, behind one another, and their balances.
fn book(store: &mut dyn Store, template: &[Chained], from: i64, to: i64) -> Result<(), StoreError> {
    let (mut serial, mut digest) = end(store)?;
    let mut moved: BTreeMap<(String, String), i64> = BTreeMap::new();
    for copy in from..to {
        for journal in template {
            serial += 1;
            let mut journal = Chained { serial, ..journal.clone() };
            journal.key.replace_range(7..13, &format!("{copy:06}"));
            digest = digest.then(&journal.text());
            journal_insert(store, &journal, digest)?;
            super::books::entries_insert(store, &journal)?;
            for (_, account, amount) in &journal.entries {
                *moved.entry((account.clone(), journal.month().to_owned())).or_default() += amount;
            }
        }
    }
    for ((account, month), amount) in &moved {
        balances_add(store, account, month, *amount)?;
    }
    Ok(())
}
