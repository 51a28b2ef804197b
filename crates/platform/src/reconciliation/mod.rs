//! 对账: every day that is over is laid side by side by its three offices. Each states how much it has and a digest of
//! it; where those differ, a docket goes round page by page, so that no office ever holds another's books. What differs
//! is typed by `insurance::reconciliation`, repaired where that is safe, and shown to a person where it is not.
//!
//! Nothing here waits: a day is read page by page, some pages a tick, and everything that was begun is found again in
//! the store after a restart.

/// The hub compares, follows both principals, and tells them what differs.
mod hub;
/// A principal states its days, fills dockets, says again, and carries out what a person decided.
mod member;

pub use hub::{hub_receive, hub_tick};
pub use member::{member_receive, member_tick};

use crate::doors::{NodeId, Store, StoreError};
use crate::hub::letter_id;
use crate::letters::{Content, Letter};
use crate::statements::{Head, Line, Pair, Paper};
use crate::store::reconciliation::{day_page, days_touched, mark, mark_set};
use crate::store::{chain, comparison, mail};
use insurance::calendar::{Instant, ServiceDate};
use insurance::reconciliation::Party;
use std::collections::BTreeMap;

/// Rows that are read of a day at once, and pages in one step.
const ROWS: i64 = 500;
const PAGES: usize = 8;
/// How often a node looks whether something is due (ms).
const LOOK_MS: i64 = 2_000;
/// Every journal up to this one is covered by a statement of its day.
const STATED: &str = "stated";

/// A day that is being stated.
struct Stating {
    day: ServiceDate,
    after: String,
    /// The last journal when it began: what is booked meanwhile is stated again.
    end: i64,
    heads: BTreeMap<(Pair, Party), Head>,
}

/// What a node remembers between two steps; all of it can be forgotten.
#[derive(Default)]
pub struct Statements {
    going: Option<Stating>,
    looked: Option<Instant>,
}

impl Statements {
    /// Whether it is time to look for what is due. A clock that was set back is noticed.
    fn time_to_look(&mut self, now: Instant) -> bool {
        let due = self.looked.is_none_or(|last| now.0 < last.0 || now.0 - last.0 >= LOOK_MS);
        if due {
            self.looked = Some(now);
        }
        due
    }

    /// Goes on stating the days that are due; gives one that is whole.
    fn go_on(
        &mut self,
        store: &mut dyn Store,
        now: Instant,
        here: NodeId,
    ) -> Result<Option<(ServiceDate, Vec<Head>)>, StoreError> {
        let mut stating = match self.going.take() {
            Some(stating) => stating,
            None => {
                let Some(day) = comparison::statement_due_first(store, now.day())? else { return Ok(None) };
                let end = chain::head(store)?.map_or(0, |(serial, _)| serial);
                Stating { day, after: String::new(), end, heads: BTreeMap::new() }
            }
        };
        for _ in 0..PAGES {
            let page = day_page(store, here, stating.day, &stating.after, ROWS)?;
            for (pair, party, line) in &page.lines {
                let head = stating.heads.entry((*pair, *party));
                head.or_insert_with(|| Head::empty(*pair, *party)).take(line);
            }
            match page.last {
                Some(last) => stating.after = last,
                None => return self.stated(store, now, stating).map(Some),
            }
        }
        self.going = Some(stating);
        Ok(None)
    }

    /// A day is whole. Days that got journals since they were stated are stated again.
    fn stated(
        &mut self,
        store: &mut dyn Store,
        now: Instant,
        stating: Stating,
    ) -> Result<(ServiceDate, Vec<Head>), StoreError> {
        comparison::statement_due_done(store, stating.day)?;
        let behind = mark(store, STATED)?.unwrap_or(0);
        for day in days_touched(store, behind, now.day())? {
            if day != stating.day {
                comparison::statement_due_add(store, day, now)?;
            }
        }
        mark_set(store, STATED, stating.end.max(behind))?;
        Ok((
            stating.day,
            stating.heads.into_values().filter(|head| head.booked + head.recorded > 0).collect(),
        ))
    }
}

/// The lines of one pair behind a settlement, and where the page ends if there is more.
fn lines_of(
    store: &mut dyn Store,
    here: NodeId,
    pair: &Pair,
    after: &str,
    up_to: Option<&str>,
) -> Result<(Vec<Line>, Option<String>), StoreError> {
    let (mut lines, mut from) = (Vec::new(), after.to_owned());
    for _ in 0..PAGES {
        let page = day_page(store, here, pair.day, &from, ROWS)?;
        lines.extend(page.lines.into_iter().filter(|(of, _, _)| of == pair).map(|(_, _, line)| line));
        let Some(last) = page.last else { return Ok((lines, None)) };
        if up_to.is_some_and(|end| last.as_str() >= end) {
            return Ok((lines, None));
        }
        from = last;
        if i64::try_from(lines.len()).is_ok_and(|found| found >= ROWS) {
            break;
        }
    }
    Ok((lines, Some(from)))
}

/// Puts a paper into the outbox.
fn send(
    store: &mut dyn Store,
    now: Instant,
    from: NodeId,
    to: NodeId,
    paper: Paper,
) -> Result<(), StoreError> {
    let content = Content::Compare(Box::new(paper));
    let letter = Letter { id: letter_id(store, from)?, from, written: now, content };
    mail::outbox_add(store, to, &letter, None)
}
