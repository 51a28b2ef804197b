//! 日终根: closes the days of this node's chain, and keeps what other nodes tell of theirs. A root that does not agree
//! with what is held raises an alarm and changes nothing.

use crate::chain::{Digest, Root};
use crate::doors::{NodeId, Store, StoreError};
use crate::store::{balance_check, chain, roots};
use insurance::calendar::{Instant, ServiceDate};
use std::str::FromStr;

/// Closes every day that is over and has journals that no root covers yet; gives the new roots. What was learnt late
/// for a closed day (a clock went back) belongs to the next one.
pub fn close_days(store: &mut dyn Store, now: Instant, here: NodeId) -> Result<Vec<Root>, StoreError> {
    let mut closed = Vec::new();
    while let Some(first) = roots::first_uncovered(store, here)? {
        if first.day() >= now.day() {
            break;
        }
        let last = roots::root_last(store, here)?;
        let day = match &last {
            Some(last) => first.day().max(last.day.plus_days(1)),
            None => first.day(),
        };
        if day >= now.day() {
            break;
        }
        let after = last.map_or(0, |last| last.serial);
        let Some(serial) = roots::last_learned_before(store, after, start_of(day.plus_days(1)))? else {
            break;
        };
        let Some(digest) = own_digest(store, serial)? else { break };
        let root = Root { owner: here, day, serial, digest };
        roots::root_add(store, &root, now)?;
        closed.push(root);
    }
    if !closed.is_empty() {
        check_balances(store, now, here)?;
    }
    Ok(closed)
}

/// The daily check of the balances, with the close of a day: one that is not the sum of its entries is an alarm.
fn check_balances(store: &mut dyn Store, now: Instant, here: NodeId) -> Result<(), StoreError> {
    let found = balance_check::balances_check(store)?;
    for alarm in &found {
        tracing::error!(
            node = %here, account = %alarm.account, month = %alarm.month, stored = %alarm.stored,
            summed = %alarm.summed, "a balance is not the sum of its entries: run `yidi check store`"
        );
    }
    balance_check::balance_alarms_keep(store, &found, now)
}

/// The first instant of an official day.
fn start_of(day: ServiceDate) -> Instant {
    // Official time has no summer time: every day has 24 hours, and day 0 begins at 1970-01-01 00:00 (UTC+8).
    Instant(i64::from(day.days_since(Instant(0).day())) * 86_400_000 - 8 * 3_600_000)
}

fn own_digest(store: &mut dyn Store, serial: i64) -> Result<Option<Digest>, StoreError> {
    Ok(chain::digest_of(store, serial)?.and_then(|text| Digest::from_str(&text).ok()))
}

/// What became of a root that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is held now, or was already.
    Held,
    /// It does not agree with this one, which is held and stays.
    Against(Option<Root>),
}

/// Keeps what a node tells of another's chain.
pub fn keep(store: &mut dyn Store, now: Instant, by: NodeId, told: &Root) -> Result<Kept, StoreError> {
    let against = match roots::root_of_day(store, told.owner, told.day)? {
        Some(held) if held == *told => return Ok(Kept::Held),
        Some(held) => Some(held),
        None => roots::root_against(store, told)?,
    };
    if let Some(held) = against {
        let words = format!("root of {} at journal {} with {}", held.day, held.serial, held.digest);
        alarm(store, now, by, told, words)?;
        return Ok(Kept::Against(Some(held)));
    }
    roots::root_add(store, told, now)?;
    Ok(Kept::Held)
}

/// Compares what the hub holds of this node's own chain with the chain itself.
pub fn compare_own(store: &mut dyn Store, now: Instant, by: NodeId, told: &Root) -> Result<Kept, StoreError> {
    match chain::digest_of(store, told.serial)? {
        Some(value) if value == told.digest.to_string() => {
            roots::root_confirmed(store, told, now)?;
            Ok(Kept::Held)
        }
        Some(value) => {
            alarm(store, now, by, told, format!("journal {} of this node with {value}", told.serial))?;
            Ok(Kept::Against(None))
        }
        None => {
            let end = chain::head(store)?.map_or(0, |(serial, _)| serial);
            alarm(store, now, by, told, format!("the chain of this node, which ends at journal {end}"))?;
            Ok(Kept::Against(None))
        }
    }
}

fn alarm(
    store: &mut dyn Store,
    now: Instant,
    by: NodeId,
    told: &Root,
    held: String,
) -> Result<(), StoreError> {
    let alarm = roots::RootAlarm { told: told.clone(), told_by: by, held, at: now };
    if roots::alarm_add(store, &alarm)? {
        tracing::error!(
            root.owner = %told.owner,
            root.day = %told.day,
            root.serial = told.serial,
            root.digest = %told.digest,
            told_by = %by,
            held = %alarm.held,
            "a daily root does not agree with what is held: run `yidi check chain` on both sides"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::books::{self, journal_add};
    use crate::store::migrations::migrate;
    use crate::store::sqlite::Sqlite;
    use insurance::identity::{BusinessKey, InstitutionCode, Province, Region};
    use insurance::ledger::{Fund, Journal, JournalKind, Side, entries};
    use insurance::money::Fen;

    fn store() -> Sqlite {
        let mut store = Sqlite::in_memory().expect("a database");
        migrate(&mut store).expect("tables");
        store
    }

    fn at(day: &str, hour: i64) -> Instant {
        start_of(day.parse().expect("a day")).plus_ms(hour * 3_600_000)
    }

    fn book(store: &mut Sqlite, key: &str, learned: Instant) {
        let side = Side::Treatment {
            pool: Region::new("220100").expect("a region"),
            institution: InstitutionCode::new("H31010190001").expect("a code"),
        };
        let journal = Journal {
            key: BusinessKey::new(key).expect("a key"),
            kind: JournalKind::Settlement,
            happened: learned.day(),
            learned,
            entries: entries(&side, &[(Fund::EmployeePool, Fen(100))]),
        };
        journal_add(store, &journal).expect("booked");
    }

    fn here() -> NodeId {
        NodeId::Province(Province::new("31").expect("a province"))
    }

    fn closed(store: &mut Sqlite, now: Instant) -> Vec<(String, i64)> {
        let roots = close_days(store, now, here()).expect("closed");
        roots.into_iter().map(|root| (root.day.to_string(), root.serial)).collect()
    }

    #[test]
    fn a_day_is_closed_once_it_is_over_and_only_where_something_was_booked() {
        let mut store = store();
        assert_eq!(closed(&mut store, at("2026-05-31", 9)), []);
        book(&mut store, "k1", at("2026-05-30", 23));
        book(&mut store, "k2", at("2026-05-31", 0));
        book(&mut store, "k3", at("2026-05-31", 23));
        assert_eq!(closed(&mut store, at("2026-05-31", 23)), [("2026-05-30".into(), 1)]);
        assert_eq!(closed(&mut store, at("2026-05-31", 23)), []);
        // Four days pass; only one of them has journals, and a month has ended.
        assert_eq!(closed(&mut store, at("2026-06-04", 0)), [("2026-05-31".into(), 3)]);
        book(&mut store, "k4", at("2026-06-04", 1));
        assert_eq!(closed(&mut store, at("2026-06-04", 2)), []);
    }

    #[test]
    fn with_the_close_of_a_day_every_balance_is_checked_against_its_entries() {
        let mut store = store();
        book(&mut store, "k1", at("2026-05-31", 9));
        book(&mut store, "k2", at("2026-06-01", 9));
        assert_eq!(closed(&mut store, at("2026-06-01", 10)).len(), 1);
        assert_eq!(balance_check::balance_alarms(&mut store).expect("read"), []);
        // A month is changed behind the back of the books, and a whole balance in the other direction.
        let change = |store: &mut Sqlite, sql| assert!(store.execute(sql, &[]).expect("changed") > 0);
        change(
            &mut store,
            "update month_balance set amount_fen = amount_fen + 7 where month = '2026-05' and amount_fen > 0",
        );
        change(&mut store, "update balance set amount_fen = amount_fen - 3 where amount_fen < 0");
        assert_eq!(closed(&mut store, at("2026-06-02", 0)).len(), 1);
        let alarms = balance_check::balance_alarms(&mut store).expect("read");
        let seen: Vec<_> =
            alarms.iter().map(|alarm| (alarm.month.as_str(), alarm.stored.0, alarm.summed.0)).collect();
        assert_eq!(seen, [("2026-05", 107, 100), ("", -203, -200)]);
        // Put right again, it is forgotten with the next close.
        books::balances_rebuild(&mut store).expect("rebuilt");
        book(&mut store, "k3", at("2026-06-02", 9));
        assert_eq!(closed(&mut store, at("2026-06-03", 0)).len(), 1);
        assert_eq!(balance_check::balance_alarms(&mut store).expect("read"), []);
    }

    #[test]
    fn what_a_clock_that_went_back_learns_for_a_closed_day_belongs_to_the_next() {
        let mut store = store();
        book(&mut store, "k1", at("2026-05-30", 23));
        assert_eq!(closed(&mut store, at("2026-05-31", 0)), [("2026-05-30".into(), 1)]);
        book(&mut store, "k2", at("2026-05-30", 23));
        assert_eq!(closed(&mut store, at("2026-05-31", 1)), []);
        book(&mut store, "k3", at("2026-05-31", 5));
        assert_eq!(closed(&mut store, at("2026-06-01", 0)), [("2026-05-31".into(), 3)]);
    }

    #[test]
    fn a_root_that_is_held_is_never_overwritten_and_another_raises_an_alarm_once() {
        let (mut store, now) = (store(), at("2026-06-01", 0));
        let digest = |text: &str| Digest::START.then(text);
        let root = |day: &str, serial, text| Root {
            owner: here(),
            day: day.parse().expect("a day"),
            serial,
            digest: digest(text),
        };
        let mut told = |root: &Root| keep(&mut store, now, NodeId::Hub, root).expect("kept");
        let first = root("2026-05-30", 10, "a");
        assert_eq!(told(&first), Kept::Held);
        assert_eq!(told(&first), Kept::Held);
        let against = |held: &Root| Kept::Against(Some(held.clone()));
        assert_eq!(told(&root("2026-05-30", 10, "b")), against(&first));
        assert_eq!(told(&root("2026-05-30", 10, "b")), against(&first));
        // A chain that went back: a later day that ends before an earlier one.
        assert_eq!(told(&root("2026-05-31", 9, "c")), against(&first));
        assert_eq!(told(&root("2026-05-31", 12, "d")), Kept::Held);
        let held: Vec<i64> = roots::roots(&mut store).expect("read").iter().map(|root| root.serial).collect();
        assert_eq!(held, [10, 12]);
        assert_eq!(roots::alarms(&mut store).expect("read").len(), 2);
    }

    #[test]
    fn a_node_that_was_rolled_back_hears_it_from_what_the_hub_holds() {
        let (mut store, now) = (store(), at("2026-06-01", 0));
        book(&mut store, "k1", at("2026-05-30", 1));
        let mine = close_days(&mut store, now, here()).expect("closed").remove(0);
        assert_eq!(compare_own(&mut store, now, NodeId::Hub, &mine).expect("compared"), Kept::Held);
        assert_eq!(roots::root_counts(&mut store, here()).expect("read"), (1, 0));
        let lost = Root { serial: 7, day: mine.day.plus_days(1), ..mine };
        assert_eq!(compare_own(&mut store, now, NodeId::Hub, &lost).expect("compared"), Kept::Against(None));
        let alarms = roots::alarms(&mut store).expect("read");
        assert_eq!(alarms[0].held, "the chain of this node, which ends at journal 1");
    }
}
