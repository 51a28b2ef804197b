//! A thousand seeds without a violation, and every deliberate bug caught: the net holds.
//!
//! `YIDI_SEEDS` runs more of them; `yidi simulate` shows a seed with its story.

use simulation::country::{Order, run};
use simulation::planted::Bug;
use simulation::platter::Level;
use simulation::sweep::{catch, sweep};
use std::sync::atomic::AtomicBool;

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// A step that stops at an assertion is told by the checks; its backtrace would drown them.
fn quietly() {
    std::panic::set_hook(Box::new(|_| {}));
}

#[test]
fn no_seed_breaks_an_invariant() {
    let seeds: u64 = std::env::var("YIDI_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000);
    let swept =
        sweep(0..seeds, threads(), Order::of_seed, |_| {}, &AtomicBool::new(false)).expect("countries");
    assert_eq!(swept.broken, None, "see it again: yidi simulate --seed N");
    assert_eq!(swept.seeds, seeds);
    // Something was simulated: faults happened, and settlements stood all the same.
    assert!(swept.faults > seeds * 5 && swept.standing > seeds / 2, "{swept:?}");
    assert_eq!(swept.repeated, seeds.div_ceil(100));
}

#[test]
fn no_seed_breaks_an_invariant_where_power_cuts_tear_sectors_and_flushes_fail() {
    let on_platters = |seed| Order { disk: Some(Level::Sectors), ..Order::of_seed(seed) };
    let swept = sweep(0..60, threads(), on_platters, |_| {}, &AtomicBool::new(false)).expect("countries");
    assert_eq!(swept.broken, None, "see it again: yidi simulate --disk sectors --seed N");
    assert_eq!((swept.seeds, swept.on_platters), (60, 60));
    let seen = swept.platters;
    assert!(seen.cuts > 60 && seen.failures > 10 && seen.sectors_hurt > 300, "{seen:?}");
}

#[test]
fn two_seeds_in_a_hundred_have_platters_and_each_says_so() {
    let on_platters = (0..10_000).filter(|seed| Order::of_seed(*seed).level() == Level::Sectors).count();
    assert!((150..250).contains(&on_platters), "{on_platters} of 10000");
    let order = Order { disk: Some(Level::Sectors), ..Order::of_seed(7) };
    assert!(order.command().contains("--disk sectors"), "{}", order.command());
}

#[test]
fn every_deliberate_bug_is_caught_within_two_thousand_seeds() {
    quietly();
    let missed: Vec<&str> = Bug::ALL
        .iter()
        .filter(|bug| catch(**bug, 0..2_000, threads()).expect("countries").is_none())
        .map(|bug| bug.word())
        .collect();
    assert_eq!(missed, Vec::<&str>::new(), "of {} bugs", Bug::ALL.len());
    assert!(Bug::ALL.len() >= 15);
}

#[test]
fn the_same_seed_gives_the_same_country() {
    let order = Order::of_seed(77);
    let (one, other) = (run(&order, true).expect("a country"), run(&order, true).expect("a country"));
    assert_eq!(one, other);
    assert_ne!(one.digest, run(&Order::of_seed(78), false).expect("a country").digest);
}
