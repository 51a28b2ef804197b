//! What the checks look at: every node's records, read past the faults of its disk.

use crate::counter::Counter;
use crate::disk::Disk;
use insurance::accumulators::Accumulators;
use insurance::calendar::{Instant, ServiceDate};
use insurance::money::Fen;
use insurance::settlement::State;
use platform::audit::audit;
use platform::chain::Root;
use platform::doors::{NodeId, Store, StoreError};
use platform::records::SettlementRecord;
use platform::registry::InsuredPerson;
use platform::statements::Pair;
use platform::store::comparison::{self, Comparison, Kept};
use platform::store::events::{self, Happened};
use platform::store::insured::Booked;
use platform::store::survey::{self, InsuredSide, Journaled};
use platform::store::{books, chain, mail, neighbours, reconciliation, resolving, roots};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// One node as it stands.
pub struct NodeView {
    /// Which.
    pub id: NodeId,
    /// Its treatment office.
    pub settlements: Vec<SettlementRecord>,
    /// Its insured office.
    pub insured: Vec<InsuredSide>,
    /// What happened to each settlement, office by office.
    pub events: Vec<(String, Happened)>,
    /// Settlements that have a clock, because their end is not known.
    pub clocks: Vec<String>,
    /// Its journals.
    pub journals: Vec<Journaled>,
    /// What is wrong with its books.
    pub book_faults: Vec<String>,
    /// What is wrong with the chain of its books.
    pub chain_faults: Vec<String>,
    /// The values of its chain, by journal.
    pub chain: BTreeMap<i64, String>,
    /// The roots that it holds.
    pub roots: Vec<Root>,
    /// Its own roots that nobody has confirmed.
    pub roots_unconfirmed: i64,
    /// Roots that did not agree with what it held.
    pub root_alarms: Vec<String>,
    /// Its balances.
    pub balances: BTreeMap<String, Fen>,
    /// What its insured people have used.
    pub used: BTreeMap<String, Accumulators>,
    /// What stands on their accounts.
    pub wallets: BTreeMap<String, (Fen, Fen)>,
    /// Letters that wait, and questions that are open.
    pub waiting: (i64, i64),
    /// Messages without an answer.
    pub open_messages: Vec<String>,
    /// Every time that it, or a neighbour, was found to be behind.
    pub behind: Vec<neighbours::Behind>,
    /// How the comparison of each pair stands.
    pub comparisons: Vec<Comparison>,
    /// What differs.
    pub differences: Vec<Kept>,
    /// Pairs that the books of days that are over do not sum to zero for, by settlement.
    pub booked_pairs: BTreeSet<Pair>,
}

impl NodeView {
    /// Reads a node's whole store.
    pub fn take(id: NodeId, store: &mut dyn Store) -> Result<NodeView, StoreError> {
        let faults = audit(store, [], |_| {}).faults;
        let alarms = roots::alarms(store)?;
        let comparisons = comparison::comparisons_since(store, Instant(0).day())?;
        Ok(NodeView {
            id,
            settlements: survey::settlements(store)?,
            insured: survey::insured_settlements(store)?,
            events: events::events_all(store)?,
            clocks: resolving::resolving_all(store)?
                .into_iter()
                .map(|clock| clock.key.settlement.to_string())
                .collect(),
            journals: survey::journals(store)?,
            book_faults: books::faults(store)?,
            chain_faults: faults.iter().map(|fault| format!("{}: {}", fault.place, fault.what)).collect(),
            chain: chain::values(store)?,
            roots: roots::roots(store)?,
            roots_unconfirmed: roots::root_counts(store, id)?.1,
            root_alarms: alarms
                .iter()
                .map(|alarm| format!("{:?}, held {}", alarm.told, alarm.held))
                .collect(),
            balances: books::balances(store)?.into_iter().collect(),
            used: survey::accumulators(store)?,
            wallets: survey::wallets(store)?,
            waiting: (mail::outbox_waiting(store)?.0, mail::question_open_count(store)?),
            open_messages: survey::messages_open(store)?,
            behind: neighbours::behind_all(store)?,
            differences: {
                let mut differences = Vec::new();
                for compared in &comparisons {
                    differences.extend(comparison::differences_of(store, &compared.pair)?);
                }
                differences
            },
            booked_pairs: booked_pairs(id, store)?,
            comparisons,
        })
    }

    /// What the insured office has booked and not taken back, by person.
    pub fn standing_by_person(&self) -> BTreeMap<&str, Vec<&Booked>> {
        let mut found: BTreeMap<&str, Vec<&Booked>> = BTreeMap::new();
        for side in self.insured.iter().filter(|side| side.state == State::Settled) {
            found.entry(side.person.as_str()).or_default().extend(&side.booked);
        }
        found
    }
}

/// Pairs with books, day by day, as the node reads them when it states a day.
fn booked_pairs(id: NodeId, store: &mut dyn Store) -> Result<BTreeSet<Pair>, StoreError> {
    let mut pairs = BTreeSet::new();
    let end_of_days = ServiceDate::of(9999, 12, 31).expect("a day");
    for day in reconciliation::days_touched(store, 0, end_of_days)? {
        let mut after = String::new();
        loop {
            let page = reconciliation::day_page(store, id, day, &after, 500)?;
            let booked = page.lines.iter().filter(|(_, _, line)| !line.funds.is_empty());
            pairs.extend(booked.map(|(pair, _, _)| *pair));
            match page.last {
                Some(last) => after = last,
                None => break,
            }
        }
    }
    Ok(pairs)
}

/// The whole country as it stands.
pub struct View<'a> {
    /// Every node.
    pub nodes: Vec<NodeView>,
    /// Every counter.
    pub counters: &'a [Counter],
    /// Who was enrolled, with what.
    pub enrolled: &'a [InsuredPerson],
    /// Whether all is healed and quiet.
    pub at_rest: bool,
}

impl<'a> View<'a> {
    /// Looks at every disk.
    pub fn take<'d>(
        disks: impl Iterator<Item = (NodeId, &'d Disk)>,
        counters: &'a [Counter],
        enrolled: &'a [InsuredPerson],
        at_rest: bool,
    ) -> Result<View<'a>, StoreError> {
        let nodes = disks
            .map(|(id, disk)| disk.look(|store| NodeView::take(id, store)))
            .collect::<Result<_, StoreError>>()?;
        Ok(View { nodes, counters, enrolled, at_rest })
    }

    /// Everybody who was enrolled, by number.
    pub fn enrolled_by_number(&self) -> BTreeMap<&str, &InsuredPerson> {
        self.enrolled.iter().map(|person| (person.person_no.as_str(), person)).collect()
    }

    /// Every settlement of every treatment office, taking-back records apart.
    pub fn settlements(&self) -> impl Iterator<Item = (&NodeView, &SettlementRecord)> {
        self.nodes.iter().flat_map(|node| {
            node.settlements
                .iter()
                .filter(|record| record.takes_back.is_none())
                .map(move |record| (node, record))
        })
    }

    /// The insured side of every settlement, by its number.
    pub fn insured_sides(&self) -> BTreeMap<&str, &InsuredSide> {
        let sides = self.nodes.iter().flat_map(|node| &node.insured);
        sides.map(|side| (side.settlement.as_str(), side)).collect()
    }

    /// How many settlements stand.
    pub fn standing_count(&self) -> u64 {
        self.settlements().filter(|(_, record)| record.state == State::Settled).count() as u64
    }

    /// A digest of everything that is seen.
    pub fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for node in &self.nodes {
            let settlements: Vec<_> =
                node.settlements.iter().map(|record| (record.id.as_str(), record.state.code())).collect();
            (settlements, node.waiting).hash(&mut hasher);
            for journal in &node.journals {
                (&journal.key, &journal.kind).hash(&mut hasher);
                for (account, amount) in &journal.entries {
                    (account, amount.0).hash(&mut hasher);
                }
            }
            for (person, (own, family)) in &node.wallets {
                (person, own.0, family.0).hash(&mut hasher);
            }
        }
        hasher.finish()
    }
}
