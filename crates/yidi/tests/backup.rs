//! Copies made while a network is at work: each is whole, right, and good to go on with; and what is wrong is found.

#[path = "conversations/care.rs"]
#[allow(dead_code)] // the conversations use the rest
mod care;
mod command;
#[path = "../../../tests/postgres.rs"]
mod postgres_server;
/// Where the ways of care look for a desk.
mod network {
    pub use crate::command::Desk;
}

use command::{Desk, Process, complaint, run, world};
use platform::doors::Store;
use platform::store::sqlite::Sqlite;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

fn demo(folder: &Path) -> Process {
    Process::start(&["demo", "--lang", "en", "--port", "0", "--his-port", "0", "--data", text(folder)])
}

fn checked(folder: &Path) -> (Output, Value) {
    let output = run(&["check", "store", "--data", text(folder), "--json"]);
    let found = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output, found)
}

fn copied(from: &Path, to: &Path) -> Output {
    run(&["backup", "--data", text(from), "--to", text(to)])
}

fn number(settled: &Value) -> String {
    settled["setlinfo"]["setl_id"].as_str().expect("a number").to_owned()
}

const CHARGES: [care::Charge; 2] = [care::CONSULTATION, care::CT];

/// One visit and its settlement: both numbers.
fn visit_and_settle(desk: &Desk<'_>) -> (String, String) {
    let visit = care::outpatient(desk, &CHARGES);
    let settled = desk.call("2207", care::bill(desk, &visit, Some("B1"), &CHARGES));
    (visit, number(&settled))
}

#[test]
fn copies_made_under_load_are_right_and_a_demo_goes_on_with_the_newest() {
    let scratch = tempfile::tempdir().expect("a folder");
    let data = scratch.path().join("data");
    let world = world();
    let process = demo(&data);
    let away = world.person("110000", &["employee", "permanent_worker", "account_rich", "to_440100"]);
    let outpatient = world.desk(process.address, &world.hospital("44", "02"), &away);
    let adult = world.person("220100", &["resident", "adult", "referral", "clean_year"]);
    let inpatient = world.desk(process.address, &world.hospital("31", "02"), &adult);

    let stop = AtomicBool::new(false);
    let answered: Mutex<Vec<(String, String)>> = Mutex::default();
    let copies: Vec<PathBuf> = (1..=4).map(|round| scratch.path().join(format!("copy-{round}"))).collect();
    let mut known_at_last_copy = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let numbers = visit_and_settle(&outpatient);
                answered.lock().expect("one at a time").push(numbers);
            }
        });
        scope.spawn(|| {
            let charges = [care::COURSE];
            let visit = care::inpatient(&inpatient, &charges);
            while !stop.load(Ordering::Relaxed) {
                let settled = inpatient.call("2304", care::bill(&inpatient, &visit, None, &charges));
                inpatient.call("2305", care::settlement(&inpatient, &visit, &number(&settled)));
            }
        });
        for copy in &copies {
            std::thread::sleep(Duration::from_millis(300));
            known_at_last_copy = answered.lock().expect("one at a time").len();
            let output = copied(&data, copy);
            assert!(output.status.success(), "{}", complaint(&output));
        }
        // What is answered from here on is not in the newest copy.
        std::thread::sleep(Duration::from_millis(300));
        let (output, found) = checked(&data);
        assert!(output.status.success(), "while the network is at work: {found} {}", complaint(&output));
        stop.store(true, Ordering::Relaxed);
    });
    let answered = answered.into_inner().expect("nobody holds it");
    assert!(
        known_at_last_copy > 5 && answered.len() > known_at_last_copy,
        "{known_at_last_copy} {}",
        answered.len()
    );
    for copy in &copies {
        let (output, found) = checked(copy);
        assert!(output.status.success(), "{}: {found}", copy.display());
        assert_eq!(found["both_sides_here"], json!(true));
    }
    let settlements = |copy: &PathBuf| {
        let nodes = checked(copy).1["nodes"].as_array().expect("nodes").clone();
        nodes.iter().filter_map(|node| node["settlements"].as_u64()).sum::<u64>()
    };
    assert!(settlements(&copies[3]) > settlements(&copies[0]), "a later copy holds more");
    process.kill();

    // The disk is lost, and the newest copy takes its place.
    let restored = demo(&copies[3]);
    world.settles_down(&[restored.address]);
    let desk = world.desk(restored.address, &world.hospital("44", "02"), &away);
    for (visit, settlement) in &answered[..known_at_last_copy] {
        desk.call("5203", care::settlement(&desk, visit, settlement));
    }
    // Numbers that were given after the copy was made are given to nobody else.
    let given: BTreeSet<&String> =
        answered.iter().flat_map(|(visit, settlement)| [visit, settlement]).collect();
    for _ in 0..3 {
        let (visit, settlement) = visit_and_settle(&desk);
        assert!(!given.contains(&visit) && !given.contains(&settlement), "{visit} {settlement}");
    }
    world.settles_down(&[restored.address]);
    assert!(restored.end().success());
    let (output, found) = checked(&copies[3]);
    assert!(output.status.success(), "{found}");
    assert_eq!((&found["at_rest"], &found["wrong"]), (&json!(true), &json!([])));
}

#[test]
fn what_is_wrong_in_a_store_is_found_named_and_the_exit_code_is_one() {
    let scratch = tempfile::tempdir().expect("a folder");
    let told = run(&["demo", "--once", "--port", "0", "--his-port", "0", "--data", text(scratch.path())]);
    assert!(told.status.success(), "{}", complaint(&told));
    assert!(checked(scratch.path()).0.status.success());
    // Each change is made, found, and undone.
    let changes: [(&str, &'static str, &'static str, &str); 5] = [
        (
            "22",
            "update balance set amount_fen = amount_fen + 1",
            "update balance set amount_fen = amount_fen - 1",
            "but its entries sum to",
        ),
        (
            "22",
            "update accumulator set amount = amount + 1 where measure = 'inpatient_pool'",
            "update accumulator set amount = amount - 1 where measure = 'inpatient_pool'",
            "has used",
        ),
        (
            "11",
            "update insured_person set own_account_fen = own_account_fen - 1",
            "update insured_person set own_account_fen = own_account_fen + 1",
            "the accounts of",
        ),
        (
            "22",
            "update insured_settlement set state = 'reversed'",
            "update insured_settlement set state = 'settled'",
            "at the insured place",
        ),
        (
            "hub",
            "update entry set amount_fen = amount_fen + 1 where line = 0",
            "update entry set amount_fen = amount_fen - 1 where line = 0",
            "is off by 0.01 yuan",
        ),
    ];
    for (node, change, back, words) in changes {
        let file = scratch.path().join(format!("{node}.db"));
        let apply = |sql: &'static str| {
            assert!(
                Sqlite::open(&file).expect("a database").execute(sql, &[]).expect("changed") > 0,
                "{sql}"
            );
        };
        apply(change);
        let (output, found) = checked(scratch.path());
        assert_eq!(output.status.code(), Some(1), "{change}: {found}");
        assert!(found["wrong"].to_string().contains(words), "{change}: {found}");
        apply(back);
    }
    let (output, found) = checked(scratch.path());
    assert!(output.status.success(), "{found}");
    // Damage below the tables.
    let file = scratch.path().join("22.db");
    let mut bytes = std::fs::read(&file).expect("a file");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8_192].fill(0x5a);
    std::fs::write(&file, bytes).expect("written");
    let (output, found) = checked(scratch.path());
    assert_eq!(output.status.code(), Some(1), "{found}");
    let copy = scratch.path().join("copy");
    assert_eq!(copied(scratch.path(), &copy).status.code(), Some(1), "a damaged copy is no backup");
    assert!(!copy.join("22.db").exists() && !copy.join("hub.db").exists(), "all or none");
}

#[test]
fn a_backup_overwrites_nothing_and_says_what_it_cannot_find() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (data, copy) = (scratch.path().join("data"), scratch.path().join("copy"));
    let output = copied(&data, &copy);
    assert_eq!(output.status.code(), Some(1));
    assert!(complaint(&output).contains("failed to read the data folder"), "{}", complaint(&output));
    std::fs::create_dir_all(&data).expect("made");
    let output = copied(&data, &copy);
    assert!(complaint(&output).contains("failed to find a database"), "{}", complaint(&output));
    run(&["demo", "--once", "--port", "0", "--his-port", "0", "--data", text(&data)]);
    assert!(copied(&data, &copy).status.success());
    let output = copied(&data, &copy);
    assert_eq!(output.status.code(), Some(1));
    assert!(complaint(&output).contains("choose an empty folder"), "{}", complaint(&output));
}

#[test]
fn stores_on_postgresql_are_checked_while_their_nodes_are_at_work() {
    if postgres_server::server().is_none() {
        return;
    }
    let places: Vec<String> = (0..3).map(|_| postgres_server::place().expect("a place")).collect();
    let scratch = tempfile::tempdir().expect("a folder");
    let file = scratch.path().join("yidi.toml");
    let data = scratch.path().join("data");
    let config = format!(
        "nodes = [\"hub\", \"22\", \"31\"]\nmembers = [\"22\", \"31\"]\ndata = {:?}\nlisten = \"127.0.0.1:0\"\n\
         sandbox = true\n[databases]\nhub = {:?}\n22 = {:?}\n31 = {:?}\n",
        text(&data),
        places[0],
        places[1],
        places[2],
    );
    std::fs::write(&file, config).expect("written");
    let process = Process::start(&["serve", "--config", text(&file)]);
    let world = world();
    let adult = world.person("220100", &["resident", "adult", "referral", "clean_year"]);
    let desk = world.desk(process.address, &world.hospital("31", "02"), &adult);
    let visit = care::inpatient(&desk, &[care::COURSE]);
    desk.call("2304", care::bill(&desk, &visit, None, &[care::COURSE]));
    world.settles_down(&[process.address]);

    let check = || {
        let output = run(&["check", "store", "--config", text(&file), "--json"]);
        let found: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", complaint(&output)));
        (output.status.code(), found)
    };
    let (code, found) = check();
    assert_eq!((code, &found["wrong"]), (Some(0), &json!([])), "{found}");
    assert_eq!((&found["both_sides_here"], &found["at_rest"]), (&json!(true), &json!(true)), "{found}");
    let chain = run(&["check", "chain", "--config", text(&file)]);
    let words = String::from_utf8_lossy(&chain.stdout).into_owned();
    assert_eq!(chain.status.code(), Some(0), "{words} {}", complaint(&chain));
    assert!(words.contains("node 31   1 journals") && words.ends_with("the books are whole\n"), "{words}");
    // A database that its node works on cannot be told to count on.
    let restored = run(&["restored", "--config", text(&file)]);
    assert_eq!(restored.status.code(), Some(1));
    assert!(complaint(&restored).contains("another yidi works on it"), "{}", complaint(&restored));
    let schema = places[1].rsplit("%3D").next().expect("a schema");
    postgres_server::run(&format!(
        "update {schema}.accumulator set amount = amount + 1 where measure = 'admissions'"
    ));
    let (code, found) = check();
    assert_eq!(code, Some(1), "{found}");
    assert!(found["wrong"].to_string().contains("has used"), "{found}");
    assert!(process.end().success());
    postgres_server::run(&format!("update {schema}.entry set amount_fen = amount_fen + 1 where line = 0"));
    let chain = run(&["check", "chain", "--config", text(&file)]);
    let words = String::from_utf8_lossy(&chain.stdout).into_owned();
    assert_eq!(chain.status.code(), Some(1), "{words}");
    assert!(words.contains("BROKEN  journal 1: its digest does not follow"), "{words}");
    // Nobody works on it any more: put back, it counts on.
    let restored = run(&["restored", "--config", text(&file)]);
    assert!(restored.status.success(), "{}", complaint(&restored));
    let process = Process::start(&["serve", "--config", text(&file)]);
    let desk = world.desk(process.address, &world.hospital("31", "02"), &adult);
    let later = care::outpatient(&desk, &[care::CONSULTATION]);
    let number = i64::from_str_radix(&later[later.len() - 4..], 36).expect("a number to the base of 36");
    assert!(number > 1_000_000, "numbers go on a million above: {later} after {visit}");
}
