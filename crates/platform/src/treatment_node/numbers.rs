//! Numbers that this office gives. What crosses provinces begins with `S` (visit) or `A` (settlement), the insured
//! prefecture and the day, so that it sorts by both; local numbers are digits. All are unique in the network.

use super::TreatmentOffice;
use crate::doors::{Store, StoreError};
use crate::store::counter_next;
use insurance::calendar::Instant;
use insurance::identity::{FilingId, Region, SettlementId, VisitId};

impl TreatmentOffice {
    pub(super) fn visit_number(
        &self,
        store: &mut dyn Store,
        now: Instant,
        pool: Region,
    ) -> Result<VisitId, StoreError> {
        let number = self.number(store, now, pool, "visit", ('S', '1'))?;
        Ok(VisitId::new(number).expect("a number is an identity"))
    }

    pub(super) fn settlement_number(
        &self,
        store: &mut dyn Store,
        now: Instant,
        pool: Region,
    ) -> Result<SettlementId, StoreError> {
        let number = self.number(store, now, pool, "settlement", ('A', '2'))?;
        Ok(SettlementId::new(number).expect("a number is an identity"))
    }

    pub(super) fn filing_number(
        &self,
        store: &mut dyn Store,
        now: Instant,
        pool: Region,
    ) -> Result<FilingId, StoreError> {
        let number = self.number(store, now, pool, "filing", ('F', '3'))?;
        Ok(FilingId::new(number).expect("a number is an identity"))
    }

    /// The number of a file: always local, because files stay where they are.
    pub(super) fn file_number(&self, store: &mut dyn Store, now: Instant) -> Result<String, StoreError> {
        self.number(store, now, self.home.province.region(), "file", ('W', '4'))
    }

    /// Crossing: letter, insured prefecture (6), yyMMdd (6), treatment province (2), serial (5, base 36).
    /// Local: kind digit, province (2), yyMMdd (6), serial (7).
    fn number(
        &self,
        store: &mut dyn Store,
        now: Instant,
        pool: Region,
        kind: &str,
        (crossing, local): (char, char),
    ) -> Result<String, StoreError> {
        let day = now.day();
        let short = format!("{:02}{:02}{:02}", day.year() % 100, day.month(), day.day());
        let here = self.home.province;
        if pool.province() == here {
            let serial = counter_next(store, &format!("{kind}/local/{short}"))?;
            return Ok(format!("{local}{here}{short}{serial:07}"));
        }
        let prefecture = pool.prefecture();
        let serial = counter_next(store, &format!("{kind}/{prefecture}/{short}"))?;
        Ok(format!("{crossing}{prefecture}{short}{here}{}", base36(serial)))
    }
}

/// Five characters of base 36: sixty million a day for one pair of places.
fn base36(serial: i64) -> String {
    const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut rest = usize::try_from(serial).unwrap_or_default();
    let mut text = Vec::new();
    while rest > 0 || text.len() < 5 {
        text.push(DIGITS[rest % 36]);
        rest /= 36;
    }
    text.reverse();
    String::from_utf8(text).expect("digits and letters")
}

#[cfg(test)]
mod tests {
    use super::base36;

    #[test]
    fn serials_keep_their_width_and_differ() {
        assert_eq!(base36(1), "00001");
        assert_eq!(base36(36), "00010");
        assert_eq!(base36(60_466_176), "100000");
    }
}
