//! Everything that a disk can do to one scenario: one settlement across provinces, through treatment node, hub and
//! insured node. `yidi simulate --battery` does more of it.

use platform::doors::NodeId;
use simulation::battery::{Imaged, SCENARIO, Stroke, Turned, every, images, scenario, turned_bits, writers};
use simulation::country::run;

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// A step that stops at an assertion is told by the checks; its backtrace would drown them.
fn quietly() {
    std::panic::set_hook(Box::new(|_| {}));
}

/// The nodes of the scenario that write, and the one that writes most: where the person is treated.
fn nodes() -> (Vec<NodeId>, NodeId) {
    let order = scenario(SCENARIO, 1);
    let outcome = run(&order, false).expect("a country");
    assert_eq!(outcome.standing, 1, "the scenario is a settlement");
    let nodes = writers(&order).expect("a country");
    assert_eq!(nodes.len(), 3, "treatment node, hub, insured node");
    let most = nodes.iter().max_by_key(|node| outcome.platters[node].writes).expect("three");
    (nodes.clone(), *most)
}

#[test]
fn the_nth_write_the_nth_flush_and_a_cut_at_either_break_nothing_for_every_n() {
    quietly();
    let (nodes, treats) = nodes();
    let mut runs = 0;
    for node in nodes {
        for stroke in Stroke::ALL {
            // The command strikes every node in every way.
            if node != treats && !matches!(stroke, Stroke::Flush | Stroke::Flushes) {
                continue;
            }
            let struck = every(&scenario(SCENARIO, 1), node, stroke, threads()).expect("countries");
            assert_eq!(struck.broken, Vec::new(), "{node}: {}", stroke.says());
            assert!(struck.runs >= 5, "{node}: {} only {} times", stroke.says(), struck.runs);
            runs += struck.runs;
        }
    }
    assert!(runs > 400, "{runs} runs");
}

#[test]
fn what_a_power_cut_leaves_is_a_whole_number_of_commits_and_none_that_was_confirmed_is_missing() {
    let mut all = Imaged::default();
    for node in nodes().0 {
        all.add(images(&scenario(SCENARIO, 1), node, 120).expect("a country"));
    }
    assert_eq!((&all.wrong, &all.refused), (&Vec::new(), &Vec::new()));
    assert_eq!(all.confirmed + all.asked, 360);
    assert!(all.asked > 5 && all.sectors_hurt > 500, "{all:?}");
}

#[test]
fn a_bit_that_turns_in_the_books_never_goes_unnoticed() {
    quietly();
    let mut all = Turned::default();
    for node in nodes().0 {
        all.add(turned_bits(&scenario(SCENARIO, 1), node, 150).expect("a country"));
    }
    let books = ["journal", "entry", "balance", "month_balance", "chain_head", "accumulator"];
    let silent = all.silent.keys().filter(|tables| tables.split(", ").any(|table| books.contains(&table)));
    assert_eq!(silent.collect::<Vec<_>>(), Vec::<&String>::new());
    assert!(all.found_by_the_checks > 10 && all.harmless > 100, "{all:?}");
}
