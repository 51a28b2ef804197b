//! Letters that reach the port of a node: what is sealed by who may send it is taken in once; everything else is refused
//! in words that say who must act.

use super::network::{Network, network};
use insurance::calendar::Instant;
use insurance::identity::{PersonNo, Province, Region, SettlementId, VisitId};
use platform::doors::NodeId;
use platform::letters::{Ask, Batch, Content, Letter, SettlementRef};
use platform::seals::{KeyPair, Keyring, Receipt, Trusted};
use serde_json::json;
use std::io::{Read, Write};

fn node(code: &str) -> NodeId {
    NodeId::try_from(code.to_owned()).expect("a node")
}

/// The ring of a node of the sandbox, which whoever knows its seed can make.
fn ring(code: &str, seed: u64) -> Keyring {
    let mut ring = Keyring::new(false);
    ring.add_own(node(code), KeyPair::of_seed(seed, node(code)));
    for other in ["hub", "22", "31", "44"].into_iter().filter(|other| *other != code) {
        let key = KeyPair::of_seed(1, node(other)).public().clone();
        ring.trust(node(other), Trusted { key, until: None });
    }
    ring
}

/// A question of a province, encoded as a batch.
fn batch(from: &str, number: u64, now: Instant) -> Vec<u8> {
    let settlement = SettlementRef {
        pool: Region::new("220100").expect("a region"),
        person: PersonNo::new("22010090000000000035").expect("a number"),
        visit: VisitId::new("S2201002611253100001").expect("a number"),
        settlement: SettlementId::new("A2201002611253100001").expect("a number"),
        treatment: Province::new("31").expect("a province"),
    };
    let (place, ask) = (Some(settlement.pool), Box::new(Ask::Status(settlement)));
    let content = Content::Ask { place, ask };
    let letter = Letter { id: format!("{from}-{number}"), from: node(from), written: now, content };
    let batch = Batch { last: 0, after: 0, heard: 0, greets: None, answers: None, letters: vec![letter] };
    serde_json::to_vec(&batch).expect("a text")
}

/// Status, receipt and words.
fn pushed(network: &Network, to: &str, seal: Option<&str>, body: &[u8]) -> (u16, Option<String>, String) {
    let mut head =
        format!("POST /node/letters HTTP/1.1\r\nhost: here\r\nx-yidi-to: {to}\r\nx-yidi-from: 31\r\n");
    if let Some(seal) = seal {
        head.push_str(&format!("x-yidi-seal: {seal}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len()));
    let mut stream = std::net::TcpStream::connect(network.address()).expect("a connection");
    stream.write_all(&[head.as_bytes(), body].concat()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, words) = answer.split_once("\r\n\r\n").expect("a head");
    let receipt = head.lines().find_map(|line| line.strip_prefix("x-yidi-receipt: ")).map(str::to_owned);
    (head[9..12].parse().expect("a status"), receipt, words.to_owned())
}

fn relayed(network: &Network) -> i64 {
    network.books_are_even();
    let state = network.get("/sandbox/network");
    let hub =
        state["nodes"].as_array().expect("nodes").iter().find(|node| node["node"] == json!("hub")).cloned();
    hub.expect("the hub")["relayed"].as_i64().expect("a number")
}

#[test]
fn a_sealed_letter_acts_once_and_its_receipt_counts() {
    let network = network();
    let now = Instant(network.now_ms());
    let before = relayed(&network);
    let (ring, body) = (ring("31", 1), batch("31", 1, now));
    let seal = ring.seal(node("31"), node("hub"), now, 1, &body).expect("sealed");
    for _ in 0..3 {
        let (status, receipt, words) = pushed(&network, "hub", Some(&seal.to_string()), &body);
        assert_eq!(status, 204, "{words}");
        assert_eq!(ring.receipt_read(&seal, &receipt.expect("a receipt")), Some(Receipt::Committed));
        // The question and its answer, once.
        assert_eq!(relayed(&network), before + 2);
    }
    // The same letter under a new seal is still the same letter.
    let again = ring.seal(node("31"), node("hub"), now.plus_ms(1), 1, &body).expect("sealed").to_string();
    assert_eq!(pushed(&network, "hub", Some(&again), &body).0, 204);
    assert_eq!(relayed(&network), before + 2);
}

#[test]
fn a_province_asks_for_itself_only() {
    let network = network();
    let now = Instant(network.now_ms());
    let before = relayed(&network);
    // Province 44 asks about a settlement of province 31, under its own name and seal.
    let (ring, body) = (ring("44", 1), batch("44", 3, now));
    let seal = ring.seal(node("44"), node("hub"), now, 1, &body).expect("sealed").to_string();
    assert_eq!(pushed(&network, "hub", Some(&seal), &body).0, 204);
    assert_eq!(relayed(&network), before, "it is taken in and goes nowhere");
}

#[test]
fn what_nobody_may_send_is_refused_in_words() {
    let network = network();
    let now = Instant(network.now_ms());
    let before = relayed(&network);
    let (mine, of_31) = (batch("44", 1, now), batch("31", 2, now));
    let seal = |ring: &Keyring, from: &str, to: &str, at: Instant, body: &[u8]| {
        ring.seal(node(from), node(to), at, 1, body).expect("sealed").to_string()
    };
    let (good, stranger) = (ring("44", 1), ring("44", 7));
    let early = now.plus_ms(-600_000);
    // what, receiver, seal, body, words
    let table = [
        ("no seal", "hub", None, &of_31, "carry no seal"),
        ("no such seal", "hub", Some("1 44 hub".to_owned()), &mine, "cannot read the seal"),
        ("another receiver", "22", Some(seal(&good, "44", "hub", now, &mine)), &mine, "sealed for node hub"),
        (
            "a key that is not known",
            "hub",
            Some(seal(&stranger, "44", "hub", now, &mine)),
            &mine,
            "does not know key",
        ),
        ("ten minutes ago", "hub", Some(seal(&good, "44", "hub", early, &mine)), &mine, "clock of node 44"),
        ("another body", "hub", Some(seal(&good, "44", "hub", now, b"[]")), &mine, "changed or forged"),
        (
            "somebody else's letter",
            "hub",
            Some(seal(&good, "44", "hub", now, &of_31)),
            &of_31,
            "letter of node 31",
        ),
    ];
    for (what, to, seal, body, words) in table {
        let (status, receipt, said) = pushed(&network, to, seal.as_deref(), body);
        assert_eq!((status, receipt), (403, None), "{what}: {said}");
        assert!(said.contains(words) && said.contains("must act") && said.contains("请"), "{what}: {said}");
    }
    assert_eq!(relayed(&network), before, "nothing of it was acted on");
    // Nobody is there: no receipt, so that nobody can be made to believe that nothing was read.
    let (status, receipt, _) = pushed(&network, "99", Some("1"), b"[]");
    assert_eq!((status, receipt), (404, None));
}
