//! The close of a day: what was booked is on the chains of all three offices, and by the next morning everybody holds
//! everybody's root.

use super::care;
use super::network::{Network, network};
use serde_json::{Value, json};
use std::time::Duration;

fn nodes(network: &Network) -> Vec<Value> {
    network.get("/sandbox/network")["nodes"].as_array().expect("nodes").clone()
}

/// Waits until every node holds so many roots and every province knows that its own are held.
fn all_hold(network: &Network, roots: i64) -> Vec<Value> {
    for _ in 0..400 {
        let nodes = nodes(network);
        let confirmed = |node: &Value| node["node"] == json!("hub") || node["roots_unconfirmed"] == json!(0);
        if nodes.iter().all(|node| node["roots_held"] == json!(roots) && confirmed(node)) {
            return nodes;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("not everybody holds {roots} roots: {:#?}", nodes(network));
}

#[test]
fn after_the_close_of_a_day_every_node_holds_the_roots_of_all() {
    let network = network();
    let person = network.person("110000", &["employee", "permanent_worker", "account_rich", "to_440100"]);
    let desk = network.desk(&network.hospital("44", "02"), &person);
    let charges = [care::CONSULTATION, care::CT];
    let settle = || {
        let visit = care::outpatient(&desk, &charges);
        let mut bill = care::bill(&desk, &visit, Some("B1"), &charges);
        bill["data"]["acct_used_flag"] = json!("1");
        desk.call("2207", bill);
    };
    settle();
    network.books_are_even();
    for node in nodes(&network) {
        let booked = ["hub", "11", "44"].contains(&node["node"].as_str().expect("a node"));
        assert_eq!(node["chain"]["journals"], json!(i64::from(booked)), "{node}");
        assert_eq!(node["roots_held"], json!(0), "the day is not over: {node}");
    }
    // Treatment place, insured place and hub close the day; the other six had nothing to close.
    network.days_pass(1);
    for node in all_hold(&network, 3) {
        assert_eq!(node["root_alarms"], json!([]), "{node}");
        assert_eq!(node["book_faults"], json!([]), "{node}");
    }
    // A month without business has no roots of its own.
    network.days_pass(31);
    settle();
    network.days_pass(1);
    for node in all_hold(&network, 6) {
        assert_eq!(node["root_alarms"], json!([]), "{node}");
    }
}
