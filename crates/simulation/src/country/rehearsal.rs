//! A country in which nothing fails comes to rest; then somebody changes what its nodes hold, and days pass.

use super::{Country, Order};
use crate::checks::View;
use platform::doors::{NodeId, Store, StoreError};

/// A country at rest.
pub struct Rehearsal {
    country: Country,
}

impl Rehearsal {
    /// Lets the visits of this seed happen without any fault.
    pub fn at_rest(seed: u64) -> Result<Rehearsal, StoreError> {
        let order = Order { faults: Default::default(), ..Order::of_seed(seed) };
        let mut country = Country::found(&order, false)?;
        country.live_until_quiet()?;
        Ok(Rehearsal { country })
    }

    /// Looks at, or changes, what a node holds.
    pub fn look<T>(&self, node: NodeId, look: impl FnOnce(&mut dyn Store) -> T) -> T {
        self.country.sites[&node].disk.look(look)
    }

    /// Midnight passes, and everything that follows from it.
    pub fn next_day(&mut self) -> Result<(), StoreError> {
        self.country.next_day()
    }

    /// Every node as it stands.
    pub fn view(&self) -> Result<View<'_>, StoreError> {
        self.country.view()
    }
}
