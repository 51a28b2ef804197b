//! What a comparison with the other offices asks the insured office to do: take back a settlement that is unknown
//! where it was made, because a person decided so.

use super::InsuredOffice;
use crate::doors::{Store, StoreError};
use crate::life::Moment;
use crate::store::insured;
use insurance::identity::SettlementId;
use insurance::settlement::State;

impl InsuredOffice {
    /// Gives back exactly what was taken, under the day of the settlement. Gives whether it stood.
    pub(crate) fn take_back_as_decided(
        &self,
        store: &mut dyn Store,
        moment: &Moment,
        id: &SettlementId,
    ) -> Result<bool, StoreError> {
        let Some(key) = insured::insured_settlement_key(store, id)? else { return Ok(false) };
        if !matches!(insured::insured_settlement_find(store, &key)?, Some((State::Settled, Some(_)))) {
            return Ok(false);
        }
        self.cancel(store, moment, &key).map(|_| true)
    }
}
