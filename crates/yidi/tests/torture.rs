//! The command that kills: a short run of it, a short held load, and short measurements; each verifies everything itself.

mod command;
#[path = "../../../tests/postgres.rs"]
#[allow(dead_code)] // it is only asked whether there is one
mod postgres_server;

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
fn nodes_on_postgresql_lose_nothing_when_they_and_their_server_are_killed() {
    // The server of the tests is asked for so that what is missing is installed, or said to be missing.
    if postgres_server::server().is_none() {
        return;
    }
    let told = told(&[
        "torture",
        "--postgres",
        "--kills",
        "6",
        "--check-every",
        "3",
        "--rate",
        "3",
        "--seed",
        "4",
        "--json",
    ]);
    assert_eq!(told["violations"], Value::Array(Vec::new()), "{told:#}");
    assert!(told["settlements_answered"].as_u64() > Some(1), "{told:#}");
    let killed = told["kills_by_process"].as_array().expect("kills").iter();
    let of_server: u64 =
        killed.filter(|kill| kill[0] == "postgresql").filter_map(|kill| kill[1].as_u64()).sum();
    assert!(of_server > 0, "the seed kills the server too: {told:#}");
}

#[test]
fn database_servers_that_lose_their_disks_are_put_back_and_nothing_is_wrong() {
    if postgres_server::server().is_none() {
        return;
    }
    let told = told(&["drill", "restore", "--seconds", "3", "--rate", "3", "--json"]);
    let parts = told["parts"].as_array().expect("parts");
    assert_eq!(parts.len(), 2);
    for part in parts {
        assert_eq!(part["violations"], Value::Array(Vec::new()), "{told:#}");
        assert!(part["settlements_answered"].as_u64() > Some(1), "{told:#}");
    }
}

#[test]
fn a_load_that_is_held_leaves_nothing_failed_and_nothing_unresolved() {
    let told = told(&["load", "--rate", "3", "--seconds", "10", "--json"]);
    assert_eq!(told["load"]["failed"], 0, "{told:#}");
    assert_eq!(told["unresolved"], 0, "{told:#}");
    assert!(told["load"]["settlements"].as_u64() >= Some(25), "{told:#}");
}

/// A figure with two decimals, in hundredths.
fn hundredths(figure: &Value) -> u64 {
    let text = figure.to_string();
    text.replace('.', "").parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn a_bench_on_postgresql_stands_beside_pgbench_and_breaks_nothing() {
    let Some(server) = postgres_server::server() else { return };
    let told = told(&["bench", "settle", "--postgres", server, "--seconds", "2", "--clients", "4", "--json"]);
    assert_eq!(told["violations"], Value::Array(Vec::new()), "{told:#}");
    assert_eq!(told["most"]["failed"], 0, "{told:#}");
    assert!(told["most"]["settlements"].as_u64() > Some(0), "{told:#}");
    assert!(hundredths(&told["machine"]["pgbench"]["per_s"]) > 0, "{told:#}");
    assert!(told["most"]["server"]["log_bytes_per_settlement"].as_u64() > Some(1_000), "{told:#}");
    // A server is waited for less often than statements are made: changes travel together.
    let of_one = |what: &str| hundredths(&told["most"][what]);
    assert!(of_one("awaited_per_settlement") * 4 < of_one("statements_per_settlement") * 3, "{told:#}");
}

#[test]
fn what_a_settlement_asks_of_its_stores_does_not_grow_with_them() {
    let told = told(&["bench", "grow", "--sizes", "1000,8000", "--seconds", "2", "--clients", "4", "--json"]);
    assert_eq!(told["violations"], Value::Array(Vec::new()), "{told:#}");
    let sizes = told["sizes"].as_array().expect("sizes");
    assert!(sizes[1]["stored"].as_u64() >= Some(7_000), "{told:#}");
    let made: Vec<u64> =
        sizes.iter().map(|size| hundredths(&size["phase"]["statements_per_settlement"])).collect();
    assert!(made[1] * 10 < made[0] * 13, "{made:?} hundredths of a statement: {told:#}");
}
