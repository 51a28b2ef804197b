//! What the checks look at: every node's records, read past the faults of its disk.

use crate::counter::Counter;
use crate::disk::Disk;
use crate::population::Population;
use insurance::accumulators::Accumulators;
use insurance::money::Fen;
use insurance::settlement::State;
use platform::audit::audit;
use platform::chain::Root;
use platform::doors::{NodeId, StoreError};
use platform::records::SettlementRecord;
use platform::store::survey::{self, InsuredSide, Journaled};
use platform::store::{books, mail, roots};
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
    /// Its journals.
    pub journals: Vec<Journaled>,
    /// What is wrong with its books.
    pub book_faults: Vec<String>,
    /// What is wrong with the chain of its books, or with the roots that anybody holds of it.
    pub chain_faults: Vec<String>,
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
        let disks: Vec<(NodeId, &Disk)> = disks.collect();
        let mut held: BTreeMap<NodeId, Vec<Root>> = BTreeMap::new();
        for (id, disk) in &disks {
            held.insert(*id, disk.look(roots::roots)?);
        }
        let of = |owner: NodeId| -> Vec<(NodeId, Root)> {
            let all =
                held.iter().flat_map(|(holder, roots)| roots.iter().map(|root| (*holder, root.clone())));
            all.filter(|(_, root)| root.owner == owner).collect()
        };
        let nodes = disks
            .into_iter()
            .map(|(id, disk)| {
                disk.look(|store| {
                    let audited = audit(store, of(id), |_| {});
                    Ok(NodeView {
                        id,
                        settlements: survey::settlements(store)?,
                        insured: survey::insured_settlements(store)?,
                        journals: survey::journals(store)?,
                        book_faults: books::faults(store)?,
                        chain_faults: audited
                            .faults
                            .iter()
                            .map(|fault| format!("{}: {}", fault.place, fault.what))
                            .collect(),
                        roots: held.get(&id).cloned().unwrap_or_default(),
                        roots_unconfirmed: roots::root_counts(store, id)?.1,
                        root_alarms: roots::alarms(store)?
                            .into_iter()
                            .map(|alarm| format!("{:?}, held {}", alarm.told, alarm.held))
                            .collect(),
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
