//! What a counter was told is so: the settlement that it believes to stand stands, and none that was refused, undone
//! or taken back does.

use super::View;
use insurance::settlement::State;

pub(super) fn check(view: &View<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for counter in view.counters {
        let stands = |record: &platform::records::SettlementRecord| record.state == State::Settled;
        let records: Vec<_> = view
            .settlements()
            .filter(|(_, record)| Some(record.visit.as_str()) == counter.visit() && stands(record))
            .map(|(_, record)| record)
            .collect();
        if let Some(told) = &counter.standing
            && !records.iter().any(|record| record.id.as_str() == told)
        {
            found.push(format!("counter {}: {told} was answered and does not stand", counter.number));
        }
        if counter.standing.is_none() && !counter.left {
            for record in &records {
                found.push(format!("counter {}: {} stands and nobody was told", counter.number, record.id));
            }
        }
        for (_, record) in view.settlements().filter(|(_, record)| stands(record)) {
            if counter.not_standing.contains(&record.msgid) {
                found.push(format!(
                    "counter {}: {} stands although message {} was refused or undone",
                    counter.number, record.id, record.msgid
                ));
            }
        }
    }
    found
}
