//! The amounts that a counter was told are the amounts that stand, fen by fen.

use super::View;
use insurance::money::Fen;
use platform::records::SettlementRecord;
use std::collections::BTreeMap;

pub(super) fn check(view: &View<'_>) -> Vec<String> {
    let records: BTreeMap<&str, &SettlementRecord> =
        view.settlements().map(|(_, record)| (record.id.as_str(), record)).collect();
    let mut found = Vec::new();
    for counter in view.counters {
        let (Some(settlement), Some(told)) = (&counter.standing, &counter.told) else { continue };
        // That it stands at all is another check.
        let Some(sheet) = records.get(settlement.as_str()).and_then(|record| record.sheet.as_ref()) else {
            continue;
        };
        let shares = &sheet.adjudication.shares;
        let stands = [sheet.adjudication.split.total(), shares.fund(), shares.personal(), shares.cash];
        let booked: Fen = sheet.funds.iter().map(|(_, amount)| *amount).sum();
        if *told != stands {
            found.push(format!(
                "{settlement}: counter {} was told {told:?}, booked is {stands:?}",
                counter.number
            ));
        }
        if stands[1] + stands[2] != stands[0] || booked + shares.cash != stands[0] {
            found.push(format!("{settlement}: {stands:?} and funds of {booked} do not add up"));
        }
    }
    found
}
