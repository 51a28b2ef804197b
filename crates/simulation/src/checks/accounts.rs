//! An account holds what it held at enrolment, less what the settlements that stand took from it.

use super::View;
use insurance::money::Fen;

pub(super) fn check(view: &View<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let enrolled = view.enrolled_by_number();
    for node in &view.nodes {
        let standing = node.standing_by_person();
        for (person, (own, family)) in &node.wallets {
            let Some(enrolled) = enrolled.get(person.as_str()) else { continue };
            let mut expected = (enrolled.wallet.own, enrolled.wallet.family);
            for booked in standing.get(person.as_str()).into_iter().flatten() {
                expected.0 -= booked.sheet.adjudication.shares.account;
                expected.1 -= booked.sheet.adjudication.shares.family_account;
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
