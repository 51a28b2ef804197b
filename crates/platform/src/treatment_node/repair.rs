//! What a comparison with the other offices asks the treatment office to do: say again what it has told its
//! institution, or take a settlement back because a person decided so.

use super::TreatmentOffice;
use super::desk::{Context, nobody};
use crate::doors::{NodeId, Store, StoreError};
use crate::letters::Ask;
use crate::life::{self, Moment};
use crate::store::received::MessageKey;
use crate::store::{reconciliation, settlements, visits};
use insurance::calendar::Instant;
use insurance::identity::SettlementId;
use insurance::reconciliation::{Held, Party, follow};
use insurance::settlement::{Event, State};

impl TreatmentOffice {
    /// Tells the insured place again that a settlement is not to stand, where this office has told its institution so.
    /// Gives whether anything was said.
    pub(crate) fn say_ended_again(
        &self,
        store: &mut dyn Store,
        now: Instant,
        id: &SettlementId,
    ) -> Result<bool, StoreError> {
        if settlements::settlement_find(store, id)?.is_none() {
            return Ok(false);
        }
        let (visit, record) = self.recorded(store, id)?;
        let settlement = self.settlement_ref(&visit, id);
        let ask = match record.state {
            State::Refused | State::Cancelled => Ask::Cancel(settlement),
            // Taken back without a record of its own: a person decided so.
            State::Reversed => match &record.taken_back_by {
                None => Ask::Cancel(settlement),
                Some(by) => {
                    let intended = settlements::settlement_find(store, by)?;
                    let day = intended.map_or(now, |reversal| reversal.asked).day();
                    Ask::Reverse { settlement, reversal: by.clone(), day }
                }
            },
            _ => return Ok(false),
        };
        self.tell(store, now, visit.pool(), ask)?;
        Ok(true)
    }

    /// A person decided that a settlement is taken back. Where the insured place has it too, both take it back as of
    /// today; where it has not, this office brings its books, day by day, to what the insured place holds.
    pub(crate) fn take_back_as_decided(
        &mut self,
        store: &mut dyn Store,
        moment: &Moment,
        id: &SettlementId,
        insured: &Held,
    ) -> Result<bool, StoreError> {
        if settlements::settlement_find(store, id)?.is_none() {
            return Ok(false);
        }
        let (visit, mut record) = self.recorded(store, id)?;
        if record.state != State::Settled {
            return Ok(false);
        }
        if insured.recorded.as_ref().is_some_and(|there| there.state == State::Settled) {
            let infno = if record.infno.starts_with("22") { "2208" } else { "2305" };
            let key = MessageKey {
                institution: record.institution.to_string(),
                infno: infno.to_owned(),
                msgid: format!("decided {id}"),
            };
            let ask = self.reversal_written(store, moment, &key, &visit, record)?;
            let context = Context::Reverse(id.clone(), None);
            self.ask(store, moment.at, &nobody(), Some(visit.pool()), ask, context)?;
            return Ok(true);
        }
        life::treatment_moves(store, moment, &visit, &mut record, Event::ReversalBooked)?;
        visits::fee_lines_free(store, &visit, id)?;
        let here = NodeId::Province(self.home.province);
        let held = reconciliation::held_of(store, here, Party::Treatment, id)?;
        for (kind, day, funds) in follow(&held, insured) {
            let funds: Vec<_> = funds.into_iter().collect();
            self.journal(store, moment.at, &visit, id, kind, &funds, day)?;
        }
        Ok(true)
    }
}
