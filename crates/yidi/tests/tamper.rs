//! Hundreds of random edits of the books behind the back of the program: every one is found, its place is named, and
//! books that nobody touched raise no alarm.

#[path = "tamper/country.rs"]
mod country;
#[path = "tamper/edits.rs"]
mod edits;
#[path = "../../../tests/postgres.rs"]
mod postgres_server;
#[path = "tamper/shelf.rs"]
mod shelf;

use country::{Country, NODES};
use edits::{EDITS, Edit, Named};
use platform::doors::Store;
use platform::store::sqlite::Sqlite;
use shelf::Shelf;
use simulation::seed::Seed;
use std::path::Path;
use yidi::check::chain::{Found, check, in_folders};

fn checked(folder: &Path) -> Found {
    check(&in_folders(&[folder.to_owned()]).expect("databases"), |_, _| {}).expect("databases")
}

/// Whether the right place is named.
fn names(found: &Found, named: &Named) -> bool {
    let at = |node: &str| {
        found.nodes.iter().find(|checked| checked.node.to_string() == node).expect("a node that was checked")
    };
    match named {
        Named::Journal(node, serial) => {
            at(node).faults.first().is_some_and(|first| first.serial == Some(*serial))
        }
        // A chain that was forged from here on: the place is known as well as the roots of others know it.
        Named::Between(node, serial) => at(node).faults.first().is_some_and(|first| {
            let ends = first.place.strip_prefix("journals ").and_then(|rest| rest.split_once(" to "));
            ends.is_some_and(|(from, to)| {
                let number = |text: &str| text.parse::<i64>().expect("a number");
                (number(from)..=number(to)).contains(serial)
            })
        }),
        Named::Place(node, words) => at(node).faults.iter().any(|fault| fault.place.contains(words)),
    }
}

#[test]
fn every_edit_of_the_books_is_found_and_its_place_is_named() {
    let country = Country::lived("2026-05-28", 6);
    let pristine = checked(country.folder());
    assert!(pristine.is_right(), "no false alarm: {pristine:?}");
    assert!(pristine.nodes.iter().all(|node| node.roots_compared >= 12), "{pristine:?}");

    let rounds = std::env::var("YIDI_TAMPER_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(8_u64);
    let mut made = 0;
    for round in 0..rounds {
        for (number, (what, edit)) in EDITS.iter().enumerate() {
            let shelf = Shelf::of_files(country.folder());
            is_found_and_named(&country, &shelf, round * 1_000 + number as u64, what, *edit);
            made += 1;
        }
    }
    println!("{made} edits of {} kinds, every one found and named", EDITS.len());
    assert!(made >= 200 || rounds < 8, "{made} edits");
    assert!(checked(country.folder()).is_right());
}

fn is_found_and_named(country: &Country, shelf: &Shelf, seed: u64, what: &str, edit: Edit) {
    let named = edit(country, shelf, &mut Seed::new(seed));
    let found = check(&shelf.places(), |_, _| {}).expect("databases");
    assert!(!found.is_right(), "seed {seed}, {what}: not found ({named:?})");
    assert!(names(&found, &named), "seed {seed}, {what}: {named:?} is not named in {found:#?}");
}

/// What a server refuses to store: an amount is a whole number there.
const REFUSED_BY_A_SERVER: [&str; 2] = ["an amount becomes a word", "an amount becomes a fraction"];

#[test]
fn every_edit_of_books_on_a_server_is_found_and_its_place_is_named() {
    let country = Country::lived("2026-05-28", 6);
    let Some(shelf) = Shelf::on_a_server(country.folder()) else { return };
    let pristine = check(&shelf.places(), |_, _| {}).expect("databases");
    assert!(pristine.is_right(), "no false alarm: {pristine:?}");
    let mut made = 0;
    // Every second kind: to put three databases back takes longer here than to copy three files.
    for (number, (what, edit)) in EDITS.iter().enumerate().filter(|(number, _)| number % 2 == 1) {
        if REFUSED_BY_A_SERVER.contains(what) {
            continue;
        }
        is_found_and_named(&country, &shelf, number as u64, what, *edit);
        NODES.iter().for_each(|node| shelf.put_back(country.folder(), node));
        made += 1;
    }
    assert!(made > 15, "{made} edits");
    println!("{made} edits of books on PostgreSQL, every one found and named");
    assert!(check(&shelf.places(), |_, _| {}).expect("databases").is_right());
}

#[test]
fn books_that_nobody_touched_raise_no_alarm_on_any_day() {
    // Every folder ends one day later; the month changes on the way.
    for days in 1..=6 {
        let country = Country::lived("2026-05-28", days);
        let found = checked(country.folder());
        assert!(found.is_right(), "after {days} days: {found:#?}");
        assert_eq!(found.nodes.len(), NODES.len());
    }
}

#[test]
fn a_node_that_was_rolled_back_and_goes_on_hears_it_at_the_next_close() {
    let mut country = Country::lived("2026-05-28", 4);
    let file = "31.db";
    std::fs::copy(country.yesterday().join(file), country.folder().join(file)).expect("rolled back");
    country.live_one_day();
    let alarms = country.alarms();
    assert!(alarms.iter().any(|(node, _)| node == "31"), "the node itself hears it: {alarms:?}");
    assert!(alarms.iter().any(|(node, _)| node == "hub"), "and so does the hub: {alarms:?}");
    assert!(!checked(country.folder()).is_right());
}

#[test]
fn the_command_says_where_and_ends_with_one() {
    let country = Country::lived("2026-05-30", 3);
    let folder = country.folder().to_str().expect("a path");
    let yidi = |words: &[&str]| {
        let output =
            std::process::Command::new(env!("CARGO_BIN_EXE_yidi")).args(words).output().expect("run");
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).expect("text"))
    };
    let (code, text) = yidi(&["check", "chain", "--data", folder]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("node 31   21 journals, 56 entries, 9 roots compared"), "{text}");
    assert!(text.ends_with("the books are whole\n"), "{text}");

    // Only what is there is compared, and what is not is said.
    let alone = tempfile::tempdir().expect("a folder");
    std::fs::copy(country.folder().join("31.db"), alone.path().join("31.db")).expect("copied");
    let (code, text) = yidi(&["check", "chain", "--data", alone.path().to_str().expect("a path")]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("node hub  not here: 3 roots that others hold were not compared"), "{text}");

    let mut store = Sqlite::open(&country.folder().join("31.db")).expect("a database");
    store.execute("update balance set amount_fen = 0", &[]).expect("changed");
    drop(store);
    let (code, text) = yidi(&["check", "chain", "--data", folder]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("BROKEN  balance of due_from_pool/220100/310100: it is 0 fen"), "{text}");
    let (code, text) = yidi(&["check", "chain", "--data", folder, "--rebuild-balances", "--json"]);
    assert_eq!(code, Some(0), "{text}");
    let found: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(found["nodes"][2]["fault_count"], serde_json::json!(0));

    let mut store = Sqlite::open(&country.folder().join("22.db")).expect("a database");
    store.execute("update entry set amount_fen = amount_fen + 1 where journal = 17", &[]).expect("changed");
    drop(store);
    let (code, text) = yidi(&["check", "chain", "--data", folder]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("BROKEN  journal 17: its digest does not follow"), "{text}");

    let (code, text) = yidi(&["check", "chain", "--data", "/nowhere"]);
    assert_eq!((code, text.as_str()), (Some(1), "yidi: failed to check /nowhere: there is no such folder\n"));
}

/// `YIDI_JOURNALS=1000000 cargo test --release -p yidi --test tamper -- verifying --nocapture`
#[test]
fn verifying_is_fast_enough_to_be_done_daily() {
    let journals =
        std::env::var("YIDI_JOURNALS").ok().and_then(|text| text.parse().ok()).unwrap_or(5_000_u64);
    let folder = tempfile::tempdir().expect("a folder");
    country::long_chain(folder.path(), journals);
    let found = checked(folder.path());
    assert!(found.is_right(), "{found:?}");
    let node = &found.nodes[0];
    assert_eq!(node.journals, journals);
    let took = node.took_ms.max(1).unsigned_abs();
    println!(
        "{journals} journals, {} entries in {took} ms: {} journals a second, {} KB digested a second",
        node.entries,
        journals * 1000 / took,
        node.bytes / took
    );
    // A debug build on a busy machine: only what is plainly wrong is refused here.
    assert!(took < 60_000.max(journals / 2), "{took} ms");
}
