//! The day after: midnight passes, and the three offices lay the days that are over side by side.

use super::{Country, QUIET_MS};
use insurance::calendar::Instant;
use platform::doors::StoreError;

/// When the day after begins for the country, behind midnight (ms).
const MORNING_MS: i64 = 60_000;
/// How long the comparison of the days may take at least before it is looked at (ms).
const SETTLED_MS: i64 = 60_000;

impl Country {
    /// The day after: the three offices lay the days that are over side by side, until nobody has anything to say.
    pub(super) fn next_day(&mut self) -> Result<(), StoreError> {
        let start = Instant(0).day();
        let days = i64::from(self.now.day().plus_days(1).days_since(start));
        // Official days begin at midnight of UTC+8.
        self.now = Instant(days * 86_400_000 - 8 * 3_600_000 + MORNING_MS);
        self.sleepy = false;
        let (settled, last) = (self.now.plus_ms(SETTLED_MS), self.now.plus_ms(QUIET_MS));
        for id in self.sites.keys().copied().collect::<Vec<_>>() {
            // A turn that was called for the evening before would never come.
            self.sites.get_mut(&id).expect("a site").turn_at = None;
            self.call_turn(id, 1);
        }
        while let Some((at, happening)) = self.agenda.next() {
            self.now = self.now.max(at);
            self.happen(happening)?;
            if self.now > last {
                self.outcome.violations.push("a day after the last one the days are still compared".into());
                break;
            }
            if self.now > settled && self.is_quiet()? {
                break;
            }
        }
        Ok(())
    }
}
