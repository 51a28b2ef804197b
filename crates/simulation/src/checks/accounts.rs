//! An account holds what it held at enrolment, less what the settlements that stand took from it.

use super::View;
use insurance::money::Fen;
use insurance::settlement::State;

pub(super) fn check(view: &View<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for node in &view.nodes {
        for (person, (own, family)) in &node.wallets {
            let Some(enrolled) =
                view.population.people.iter().find(|known| known.person_no.as_str() == person)
            else {
                continue;
            };
            let mut expected = (enrolled.wallet.own, enrolled.wallet.family);
            let standing = node.insured.iter().filter(|side| side.state == State::Settled);
            for side in standing.filter(|side| side.person.as_str() == person) {
                if let Some(booked) = &side.booked {
                    expected.0 -= booked.sheet.adjudication.shares.account;
                    expected.1 -= booked.sheet.adjudication.shares.family_account;
                }
            }
            if (*own, *family) != expected || *own < Fen::ZERO || *family < Fen::ZERO {
                found.push(format!(
                    "node {}: the accounts of {person} hold {own} and {family}, expected {} and {}",
                    node.id, expected.0, expected.1
                ));
            }
        }
    }
    found
}
