//! One node's disk while a country lives, written down act by act: from it every power cut can be made that could have
//! happened, and what is left can be judged.

use super::{Country, Order, given};
use crate::checks::{self, NodeView, View};
use crate::disk::Digests;
use crate::platter::{Done, Platter};
use platform::doors::{NodeId, Store, StoreError};

/// What was written down.
pub struct Record {
    country: Country,
    place: usize,
    /// The platter before the first act, and after the last.
    pub first: Platter,
    /// The same after the last.
    pub last: Platter,
    /// The acts.
    pub diary: Vec<Done>,
    /// What every table held before the first commit, and after each.
    pub states: Vec<Digests>,
    nodes: Vec<NodeView>,
}

impl Record {
    /// Lets a country live whose disks are platters, and writes down that of one node.
    ///
    /// # Panics
    /// Where the node is not of this country, its disk no platter, or an invariant does not hold though nothing befell it.
    pub fn of(order: &Order, id: NodeId) -> Result<Record, StoreError> {
        let mut country = Country::found(order, false)?;
        let disk = country.sites[&id].disk.clone();
        let platter = disk.platter().expect("a platter");
        let first = platter.twin(country.seed.for_purpose("first"));
        disk.witness()?;
        platter.keep_diary();
        country.live()?;
        assert_eq!(country.outcome.violations, Vec::<String>::new(), "nothing befalls this country");
        let (diary, states) = (platter.diary(), disk.witnessed());
        let last = platter.twin(country.seed.for_purpose("last"));
        let seen = country.sites.iter().map(|(id, site)| (*id, &site.disk));
        let nodes = View::take(seen, &[], &[], true)?.nodes;
        let place = nodes.iter().position(|node| node.id == id).expect("one of them");
        Ok(Record { country, place, first, last, diary, states, nodes })
    }

    /// Everything that is wrong with the country where this is the node's store.
    pub fn judge(&mut self, store: &mut dyn Store) -> Result<Vec<String>, StoreError> {
        let node = NodeView::take(self.nodes[self.place].id, store)?;
        let whole = std::mem::replace(&mut self.nodes[self.place], node);
        let view = View {
            nodes: std::mem::take(&mut self.nodes),
            counters: &self.country.counters,
            enrolled: &given().population.people,
            at_rest: true,
        };
        let found = checks::all(&view);
        self.nodes = view.nodes;
        self.nodes[self.place] = whole;
        Ok(found)
    }
}
