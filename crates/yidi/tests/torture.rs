//! The command that kills: a short run of it, and a short held load; each verifies everything itself.

mod command;

use serde_json::Value;

/// Runs the command to its end and reads what it tells.
fn told(words: &[&str]) -> Value {
    let output = command::run(words);
    let complaint = command::complaint(&output);
    let told: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {complaint}"));
    assert!(output.status.success(), "{told:#}\n{complaint}");
    told
}

#[test]
fn twenty_kills_lose_nothing_that_was_answered_and_book_nothing_twice() {
    let told =
        told(&["torture", "--kills", "20", "--check-every", "10", "--rate", "6", "--seed", "7", "--json"]);
    assert_eq!(told["kills"], 20);
    assert_eq!(told["violations"], Value::Array(Vec::new()), "{told:#}");
    assert!(told["settlements_answered"].as_u64() > Some(20), "{told:#}");
    // Where no small file system can be had, that is said.
    eprintln!("{:#}", told["disk"]);
}

#[test]
fn a_load_that_is_held_leaves_nothing_failed_and_nothing_unresolved() {
    let told = told(&["load", "--rate", "3", "--seconds", "10", "--json"]);
    assert_eq!(told["load"]["failed"], 0, "{told:#}");
    assert_eq!(told["unresolved"], 0, "{told:#}");
    assert!(told["load"]["settlements"].as_u64() >= Some(25), "{told:#}");
}
