//! A hub and two provinces with books of several days on real files, their roots exchanged by the nodes themselves.

use insurance::calendar::Instant;
use insurance::identity::{BusinessKey, InstitutionCode, Province, Region};
use insurance::ledger::{Fund, Journal, JournalKind, Side, entries};
use insurance::money::Fen;
use platform::doors::{Delivery, NodeId, Store};
use platform::network::machine::{Input, Kept, Machine, Push};
use platform::node::Node;
use platform::store::migrations::migrate;
use platform::store::sqlite::Sqlite;
use platform::store::{books, roots};
use platform::treatment_node::Settings;
use simulation::catalogue::synthetic;
use std::path::Path;
use std::sync::Arc;

/// Every node of it.
pub const NODES: [&str; 3] = ["hub", "22", "31"];

/// Journals that every node books on a day.
pub const A_DAY: i64 = 7;

const HOUR_MS: i64 = 3_600_000;

pub struct Country {
    folder: tempfile::TempDir,
    yesterday: tempfile::TempDir,
    next: Instant,
    acts: u64,
}

fn id(node: &str) -> NodeId {
    NodeId::try_from(node.to_owned()).expect("a node")
}

fn members() -> Vec<Province> {
    ["22", "31"].iter().map(|code| Province::new(code).expect("a province")).collect()
}

fn first_instant(day: &str) -> Instant {
    let days: i32 =
        day.parse::<insurance::calendar::ServiceDate>().expect("a day").days_since(Instant(0).day());
    Instant(i64::from(days) * 24 * HOUR_MS - 8 * HOUR_MS)
}

fn machine(folder: &Path, node: &str) -> Machine {
    let mut store = Sqlite::open(&folder.join(format!("{node}.db"))).expect("a database");
    migrate(&mut store).expect("tables");
    let node = match id(node) {
        NodeId::Hub => Node::hub(members()),
        NodeId::Province(province) => {
            let policies = Arc::new(platform::policy_files::embedded().expect("policies"));
            let catalogue = Arc::new(synthetic(1));
            Node::province(&mut store, province, policies, catalogue, Settings::default()).expect("a node")
        }
    };
    Machine::start(node, Box::new(store)).expect("a machine")
}

fn side(node: &str) -> Side {
    let (pool, treatment) =
        (Region::new("220100").expect("a region"), Province::new("31").expect("a province"));
    match node {
        "hub" => Side::Hub { pool, treatment },
        "22" => Side::Insured { pool, treatment },
        _ => Side::Treatment { pool, institution: InstitutionCode::new("H31010190001").expect("a code") },
    }
}

fn journal(node: &str, act: u64, learned: Instant) -> Journal {
    let amount = Fen(1_000 + i64::try_from(act * 37 % 900).expect("a small number"));
    let funds = [(Fund::EmployeePool, amount), (Fund::LargeAmount, Fen(250 + amount.0 / 7))];
    let reversal = act % 5 == 4;
    let funds = funds.map(|(fund, amount)| (fund, if reversal { -amount } else { amount }));
    Journal {
        key: BusinessKey::new(format!("S{act:06}")).expect("a key"),
        kind: if reversal { JournalKind::Reversal } else { JournalKind::Settlement },
        happened: learned.day(),
        learned,
        entries: entries(&side(node), &funds[..1 + usize::from(act.is_multiple_of(3))]),
    }
}

impl Country {
    /// A country that has lived so many days from this one on, and closed them all.
    pub fn lived(first: &str, days: u32) -> Country {
        let folder = tempfile::tempdir().expect("a folder");
        let yesterday = tempfile::tempdir().expect("a folder");
        let mut country = Country { folder, yesterday, next: first_instant(first), acts: 0 };
        for _ in 0..days {
            country.live_one_day();
        }
        country
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Every database as it was a day before.
    pub fn yesterday(&self) -> &Path {
        self.yesterday.path()
    }

    /// Books a day, lets it end, and lets the nodes tell each other.
    pub fn live_one_day(&mut self) {
        for node in NODES {
            let file = format!("{node}.db");
            if self.folder().join(&file).exists() {
                std::fs::copy(self.folder().join(&file), self.yesterday().join(&file)).expect("copied");
            }
        }
        let mut machines: Vec<(NodeId, Machine)> =
            NODES.iter().map(|node| (id(node), machine(self.folder(), node))).collect();
        for number in 0..A_DAY {
            let learned = self.next.plus_ms(number * 3 * HOUR_MS);
            for (node, machine) in NODES.iter().zip(&mut machines) {
                let store = machine.1.store();
                store.begin().expect("begun");
                books::journal_add(store, &journal(node, self.acts, learned)).expect("booked");
                store.commit().expect("kept");
            }
            self.acts += 1;
        }
        self.next = self.next.plus_ms(24 * HOUR_MS);
        quiet(&mut machines, self.next.plus_ms(1_000));
    }

    /// Every alarm: the node that has it, and about whom.
    pub fn alarms(&self) -> Vec<(String, String)> {
        let of = |node: &&str| {
            let mut store =
                Sqlite::open_to_read(&self.folder().join(format!("{node}.db"))).expect("a database");
            let alarms = roots::alarms(&mut store).expect("read");
            alarms
                .into_iter()
                .map(|alarm| ((*node).to_owned(), alarm.told.owner.to_string()))
                .collect::<Vec<_>>()
        };
        NODES.iter().flat_map(of).collect()
    }
}

/// Turns the nodes until nothing is on its way.
fn quiet(machines: &mut [(NodeId, Machine)], mut now: Instant) {
    loop {
        let mut pushes: Vec<(NodeId, Push)> = Vec::new();
        for (id, machine) in machines.iter_mut() {
            pushes.extend(machine.turn(now, Vec::new(), false).pushes.into_iter().map(|push| (*id, push)));
        }
        if pushes.is_empty() {
            break;
        }
        while let Some((from, push)) = pushes.pop() {
            let mut turn = |of: NodeId, input: Input| {
                let (_, machine) = machines.iter_mut().find(|(id, _)| *id == of).expect("a node");
                machine.turn(now, vec![input], false)
            };
            let arrived = turn(push.to, Input::Letters(1, from, push.batch.clone()));
            assert_eq!(arrived.receipts, [(1, Kept::Committed)]);
            pushes.extend(arrived.pushes.into_iter().map(|more| (push.to, more)));
            let after = turn(from, Input::Delivered(push.to, push.last, Delivery::Committed));
            pushes.extend(after.pushes.into_iter().map(|more| (from, more)));
        }
        now = now.plus_ms(200);
    }
}

/// One node with so many journals.
pub fn long_chain(folder: &Path, journals: u64) {
    let mut store = Sqlite::open(&folder.join("22.db")).expect("a database");
    migrate(&mut store).expect("tables");
    let begins = first_instant("2026-01-01");
    for act in 0..journals {
        if act.is_multiple_of(10_000) {
            store.begin().expect("begun");
        }
        let learned = begins.plus_ms(i64::try_from(act).expect("a number") * 20_000);
        books::journal_add(&mut store, &journal("22", act, learned)).expect("booked");
        if act % 10_000 == 9_999 || act + 1 == journals {
            store.commit().expect("kept");
        }
    }
}
