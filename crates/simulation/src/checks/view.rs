//! What the checks look at: every node's records, read past the faults of its disk.

use crate::counter::Counter;
use crate::disk::Disk;
use crate::population::Population;
use insurance::accumulators::Accumulators;
use insurance::money::Fen;
use insurance::settlement::State;
use platform::doors::{NodeId, StoreError};
use platform::records::SettlementRecord;
use platform::store::events::{self, Happened};
use platform::store::survey::{self, InsuredSide, Journaled};
use platform::store::{books, mail, resolving};
use std::collections::BTreeMap;
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
}

/// The whole country as it stands.
pub struct View<'a> {
    /// Every node.
    pub nodes: Vec<NodeView>,
    /// Every counter.
    pub counters: &'a [Counter],
    /// Who was enrolled, with what.
    pub population: &'a Population,
    /// Whether all is healed and quiet.
    pub at_rest: bool,
}

impl<'a> View<'a> {
    /// Looks at every disk.
    pub fn take<'d>(
        disks: impl Iterator<Item = (NodeId, &'d Disk)>,
        counters: &'a [Counter],
        population: &'a Population,
        at_rest: bool,
    ) -> Result<View<'a>, StoreError> {
        let nodes = disks
            .map(|(id, disk)| {
                disk.look(|store| {
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
                        balances: books::balances(store)?.into_iter().collect(),
                        used: survey::accumulators(store)?,
                        wallets: survey::wallets(store)?,
                        waiting: (mail::outbox_waiting(store)?.0, mail::question_open_count(store)?),
                        open_messages: survey::messages_open(store)?,
                    })
                })
            })
            .collect::<Result<_, StoreError>>()?;
        Ok(View { nodes, counters, population, at_rest })
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

    /// The insured side of a settlement.
    pub fn insured_side(&self, settlement: &str) -> Option<&InsuredSide> {
        self.nodes.iter().flat_map(|node| &node.insured).find(|side| side.settlement == settlement)
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
