//! What cannot be answered is refused by field, with words and a cure, and never with a panic.

use insurance::policy::PolicyBook;
use serde_json::{Value, json};
use simulation::catalogue::synthetic;

fn book() -> PolicyBook {
    platform::policy_files::embedded().expect("policies")
}

/// A case that is answered as it stands.
fn case() -> Value {
    json!({
        "pool": "110000",
        "insurance": "employee",
        "person": { "class": "active", "birth": "1980-01-01" },
        "service": "inpatient",
        "hospital": { "region": "310104", "level": "three" },
        "standing": "long_term",
        "begin": "2026-03-01",
        "end": "2026-03-11",
        "split": { "in_scope_fen": 5_000_000 },
    })
}

/// The case with one value put at a place: `/person/class`.
fn with(place: &str, value: Value) -> Value {
    let mut case = case();
    let (parent, field) = place.rsplit_once('/').expect("a place");
    let parent = case.pointer_mut(parent).expect("a parent").as_object_mut().expect("an object");
    parent.insert(field.to_owned(), value);
    case
}

fn lines(lines: Value) -> Value {
    let mut case = case();
    let fields = case.as_object_mut().expect("an object");
    fields.remove("split");
    fields.insert("lines".into(), lines);
    case
}

#[test]
fn each_fault_is_told_with_its_field_and_a_cure() {
    let (book, catalogue) = (book(), synthetic(1));
    let line = |more: Value| {
        let mut line = json!({ "class": "a", "price": "10.00", "quantity": "1" });
        line.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        lines(json!([line]))
    };
    let huge = 10_000_000_001_i64;
    // the case, the field that is named, a word of the message
    let table = [
        (json!([]), "(case)", "failed"),
        (json!("a text"), "(case)", "failed"),
        (json!({}), "pool", "missing"),
        (with("/pool", json!("990000")), "pool", "990000"),
        (with("/pool", json!("220200")), "pool", "failed to find a policy"),
        (with("/pool", json!(110000)), "pool", "failed to read"),
        (with("/insurance", json!("farmer")), "insurance", "farmer"),
        (with("/insurance", json!("resident")), "person.class", "Active"),
        (with("/person", json!(null)), "person", "missing"),
        (with("/person/class", json!("boss")), "person.class", "boss"),
        (with("/person/birth", json!("1980-02-30")), "person.birth", "1980-02-30"),
        (with("/person/birth", json!("2030-01-01")), "person.birth", "born"),
        (with("/person/needy", json!("rich")), "person.needy", "rich"),
        (with("/person/civil_servant", json!("yes")), "person.civil_servant", "yes"),
        (with("/person/age", json!(45)), "person.age", "not known"),
        (with("/service", json!("hotel")), "service", "hotel"),
        (with("/service", json!("chronic")), "disease", "missing"),
        (with("/hospital/level", json!("four")), "hospital.level", "four"),
        (with("/hospital/region", json!("31")), "hospital.region", "31"),
        (with("/standing", json!("tourist")), "standing", "tourist"),
        (with("/end", json!("2026-02-01")), "end", "before it begins"),
        (with("/end", json!("11.03.2026")), "end", "11.03.2026"),
        (with("/split/in_scope_fen", json!(-1)), "split.in_scope_fen", "below zero"),
        (with("/split/in_scope_fen", json!(huge)), "split.in_scope_fen", "above the largest"),
        (with("/split/own_fen", json!(9_999_000_000_i64)), "split.total_fen", "above the largest"),
        (with("/split/own_fen", json!(1.5)), "split.own_fen", "1.5"),
        (with("/split/own_fen", json!("100")), "split.own_fen", "100"),
        (with("/split/own_fen", json!(u64::MAX)), "split.own_fen", "failed"),
        (with("/split/pool_fen", json!(1)), "split.pool_fen", "not known"),
        (with("/split", json!(null)), "split", "either"),
        (with("/lines", json!([])), "lines", "0 lines"),
        (with("/used", json!({ "admissions": -1 })), "used.admissions", "below zero"),
        (with("/used", json!({ "inpatient_pool": 1 })), "used.inpatient_pool", "not known"),
        (with("/used", json!({ "chronic_pool_fen": 1 })), "used.chronic_pool_fen", "not known"),
        (with("/used", json!({ "inpatient_pool_fen": i64::MAX })), "used.inpatient_pool_fen", "above"),
        (with("/wallet", json!({ "own_fen": -5 })), "wallet.own_fen", "below zero"),
        (with("/colour", json!("red")), "colour", "not known"),
        (lines(json!([])), "lines", "0 lines"),
        (lines(json!([3])), "lines[0]", "failed"),
        (line(json!({ "price": 10.0 })), "lines[0].price", "10.0"),
        (line(json!({ "price": "-1" })), "lines[0].price", "below zero"),
        (line(json!({ "price": "99999999", "quantity": "99999999" })), "lines[0].quantity", "100 million"),
        (line(json!({ "quantity": null })), "lines[0].quantity", "missing"),
        (line(json!({ "upfront_bp": 10_001 })), "lines[0].upfront_bp", "10001"),
        (line(json!({ "ceiling": "-1" })), "lines[0].ceiling", "below zero"),
        (line(json!({ "class": "d" })), "lines[0].class", "d"),
        (line(json!({ "class": null, "item": "no such item" })), "lines[0].item", "no such item"),
        (line(json!({ "quantity": "-1" })), "lines", "below zero"),
    ];
    let mut faults = Vec::new();
    for (case, field, word) in table {
        let told = case.to_string();
        match super::answer(&book, &catalogue, case) {
            Ok(_) => faults.push(format!("{told}\n    expected a refusal of {field}")),
            Err(refused) if refused.field == field && refused.message.contains(word) => {
                assert!(!refused.cure.is_empty(), "{told}: no cure");
            }
            Err(refused) => faults.push(format!("{told}\n    expected {field}, {word:?}; found {refused:?}")),
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn the_day_before_the_first_document_is_refused_in_every_pool() {
    let (book, catalogue) = (book(), synthetic(1));
    for package in book.packages() {
        let mut case = with("/pool", json!(package.pool.region));
        case["insurance"] = json!(package.insurance);
        case["person"]["class"] = json!(package.insurance.classes()[0]);
        case["begin"] = json!("2023-12-20");
        case["end"] = json!("2023-12-31");
        let refused = super::answer(&book, &catalogue, case).expect_err("no document is known");
        assert_eq!(refused.field, "end", "{refused:?}");
        assert!(refused.cure.starts_with("send a day from 2024-"), "{refused:?}");
    }
}

#[test]
fn the_largest_bill_and_the_most_lines_are_answered() {
    let (book, catalogue) = (book(), synthetic(1));
    let answer = super::answer(&book, &catalogue, with("/split/in_scope_fen", json!(10_000_000_000_i64)));
    assert_eq!(answer.expect("an answer")["shares"]["total_fen"], json!(10_000_000_000_i64));
    let line = json!({ "class": "a", "price": "0.5", "quantity": "1" });
    let answer = super::answer(&book, &catalogue, lines(vec![line; 100_000].into()));
    assert_eq!(answer.expect("an answer")["split"]["in_scope_fen"], json!(5_000_000));
    let refused = super::answer(&book, &catalogue, lines(vec![Value::Null; 100_001].into()));
    assert_eq!(refused.expect_err("too many").field, "lines");
}

#[test]
fn a_list_is_answered_in_its_order_with_each_refusal_in_its_place() {
    let cases = vec![case(), with("/pool", json!("990000")), with("/split/own_fen", json!(100))];
    let (answers, whole) = super::answers(&book(), &synthetic(1), cases);
    assert!(!whole);
    assert_eq!(answers[0]["shares"]["pool_fen"], json!(4_289_500));
    assert_eq!(answers[1]["error"]["field"], json!("pool"));
    assert_eq!(answers[2]["shares"]["total_fen"], json!(5_000_100));
}
