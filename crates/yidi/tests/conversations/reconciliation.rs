//! The day after: the three offices lay the day side by side, agree, and say so; what differs waits for a person with
//! its evidence. A month that is over stays as it was: what is taken back later is a negative record of the later month.

use super::care;
use super::network::{Network, network};
use insurance::calendar::Instant;
use insurance::identity::BusinessKey;
use insurance::ledger::{Fund, Journal, JournalKind, Side, entries};
use insurance::money::Fen;
use platform::store::books;
use serde_json::{Value, json};
use std::time::Duration;

fn of_node(network: &Network, node: &str) -> Value {
    let shown = network.get("/sandbox/reconciliation");
    let nodes = shown["nodes"].as_array().expect("nodes");
    nodes.iter().find(|one| one["node"] == json!(node)).unwrap_or_else(|| panic!("{node}: {shown:#}")).clone()
}

/// Waits until all three offices say so of their one pair.
fn all_say(network: &Network, count: &str) -> Vec<Value> {
    for _ in 0..1_500 {
        let shown: Vec<Value> = ["hub", "11", "44"].iter().map(|node| of_node(network, node)).collect();
        if shown.iter().all(|node| node[count] == json!(1) && node["being_compared"] == json!(0)) {
            return shown;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("not everybody says {count}: {:#}", network.get("/sandbox/reconciliation"));
}

/// A Beijing worker is treated in Guangzhou; gives the visit and the answer.
fn settle(network: &Network) -> (super::network::Desk<'_>, Value) {
    let person = network.person("110000", &["employee", "permanent_worker", "account_rich", "to_440100"]);
    let desk = network.desk(&network.hospital("44", "02"), &person);
    let charges = [care::CONSULTATION, care::CT];
    let visit = care::outpatient(&desk, &charges);
    let mut bill = care::bill(&desk, &visit, Some("B1"), &charges);
    bill["data"]["acct_used_flag"] = json!("1");
    let answer = desk.call("2207", bill);
    (desk, answer["setlinfo"].clone())
}

#[test]
fn a_day_that_is_over_is_compared_and_agrees() {
    let network = network();
    settle(&network);
    network.books_are_even();
    assert_eq!(of_node(&network, "hub")["pairs"], json!([]), "the day is not over");
    network.days_pass(1);
    for node in all_say(&network, "agree") {
        let pair = &node["pairs"][0];
        assert_eq!(pair["differences"], json!([]));
        assert_eq!(pair["stands"]["zh"], json!("三方一致"));
        assert_eq!(pair["pool"]["code"], json!("110000"));
        assert_eq!(pair["treatment"]["zh"], json!("广东省(440000)"));
    }
}

#[test]
fn what_an_office_booked_twice_waits_for_a_person_and_ends_even() {
    let network = network();
    let (_, settled) = settle(&network);
    let number = settled["setl_id"].as_str().expect("a number").to_owned();
    let day = network.today();
    let key = BusinessKey::new(number.as_str()).expect("a key");
    let twice = Journal {
        key,
        kind: JournalKind::Settlement,
        happened: day,
        learned: Instant(network.now_ms()),
        entries: entries(
            &Side::Insured {
                pool: insurance::identity::Region::new("110000").expect("a region"),
                treatment: insurance::identity::Province::new("44").expect("a province"),
            },
            &[(Fund::EmployeePool, Fen(100))],
        ),
    };
    network.look("11", move |store| books::journal_add(store, &twice).expect("booked"));
    network.days_pass(1);
    let shown = all_say(&network, "differ");
    let different = &shown[1]["pairs"][0]["differences"][0];
    assert_eq!(different["setl_id"], json!(number));
    assert_eq!(different["kind"]["code"], json!("duplicate"));
    assert_eq!(different["at"]["code"], json!("insured"));
    let offices: Vec<&Value> = different["evidence"]
        .as_array()
        .expect("evidence")
        .iter()
        .map(|one| &one["office"]["code"])
        .collect();
    assert_eq!(offices, [&json!("treatment"), &json!("hub"), &json!("insured")]);
    // The button is the insured place's alone; a button that nobody proposed is refused.
    assert_eq!(shown[0]["pairs"][0]["differences"][0]["button"], Value::Null);
    let post = different["button"]["post"].as_str().expect("a button").to_owned();
    assert_eq!(post, format!("/sandbox/reconciliation/{number}/correct"));
    let with = json!({"by": "李伟", "reason": "同一结算记了两次"});
    let other = network.post(&post.replace("correct", "take_back"), &with);
    assert!(other["error"].as_str().expect("refused").contains("not what is proposed"), "{other}");
    let nobody = network.post(&post, &json!({"by": " ", "reason": ""}));
    assert!(nobody["error"].as_str().expect("refused").starts_with("by, reason"), "{nobody}");
    assert_eq!(network.post(&post, &with), json!({"setl_id": number, "decision": "correct"}));
    let agreed = all_say(&network, "agree");
    for node in &agreed {
        assert_eq!(node["pairs"][0]["differences"], json!([]));
    }
    // The difference is gone; who decided, and why, is not, seen here at the hub.
    for node in &agreed[..1] {
        let made = &node["decisions"][0];
        assert_eq!((&made["by"], &made["kind"]), (&json!("李伟"), &json!("duplicate")), "{node}");
    }
    network.books_are_even();
}

#[test]
fn a_month_that_is_over_stays_and_what_is_taken_back_is_a_negative_record_of_the_next() {
    let network = network();
    let (desk, settled) = settle(&network);
    let month = network.today().to_string()[..7].to_owned();
    let of_month = |node: &str, month: &str| {
        let month = month.to_owned();
        let found = network.look(node, move |store| books::month_balances(store, &month).expect("read"));
        let mut sum = Vec::new();
        for (account, amount) in found {
            let words = ["due_from_pool/", "debt_of_pool/", "owed_to_province/"];
            if words.iter().any(|word| account.starts_with(word)) {
                sum.push(if account.starts_with("owed") { -amount.0 } else { amount.0 });
            }
        }
        sum
    };
    let booked: Vec<Vec<i64>> = ["44", "hub", "11"].iter().map(|node| of_month(node, &month)).collect();
    assert!(!booked[0].is_empty() && booked[0] == booked[1] && booked[1] == booked[2], "{booked:?}");
    network.days_pass(35);
    let next = network.today().to_string()[..7].to_owned();
    let taken_back = desk.call(
        "2208",
        json!({"data": {
            "setl_id": settled["setl_id"], "mdtrt_id": settled["mdtrt_id"], "psn_no": settled["psn_no"],
        }}),
    );
    assert_eq!(
        super::network::fen(&taken_back["setlinfo"]["medfee_sumamt"]),
        -super::network::fen(&settled["medfee_sumamt"])
    );
    network.books_are_even();
    for (node, before) in ["44", "hub", "11"].iter().zip(&booked) {
        assert_eq!(of_month(node, &month), *before, "the month that is over, at {node}");
        let negative: Vec<i64> = before.iter().map(|amount| -amount).collect();
        assert_eq!(of_month(node, &next), negative, "the month of the taking back, at {node}");
    }
    network.days_pass(1);
    for _ in 0..1_500 {
        if ["hub", "11", "44"].iter().all(|node| {
            of_node(&network, node)["agree"] == json!(1) && of_node(&network, node)["differ"] == json!(0)
        }) {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("the day of the taking back does not agree: {:#}", network.get("/sandbox/reconciliation"));
}
