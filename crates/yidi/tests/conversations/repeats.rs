//! 重发: the same message again is the same transaction, whatever became of the first sending.

use super::accidents::{business, calm, money_is, pause, while_asked};
use super::care::{self, COURSE};
use super::network::{Network, fen, network, network_with, refusal};
use super::wire;
use platform::treatment_node::Settings;
use serde_json::{Value, json};
use std::thread;

/// The text of an envelope with the keys of every object in the other order: the test's JSON keeps them sorted, so
/// they are written by hand.
fn backwards(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let parts: Vec<String> = fields
                .iter()
                .rev()
                .map(|(key, value)| format!("{} : {}", Value::from(key.as_str()), backwards(value)))
                .collect();
            format!("{{ {} }}", parts.join(" ,\r\n"))
        }
        Value::Array(values) => {
            format!("[{}]", values.iter().map(backwards).collect::<Vec<_>>().join(","))
        }
        plain => plain.to_string(),
    }
}

/// Sends a text.
fn answer_to(network: &Network, text: &str) -> Vec<u8> {
    let reply = wire::call(network, text.as_bytes());
    assert_eq!(reply.status, 200);
    reply.body
}

#[test]
fn the_same_message_has_the_same_bytes_and_is_booked_once() {
    let network = network();
    let hospital = network.hospital("31", "02");
    let away = network.person("220100", &["resident", "adult", "referral", "clean_year"]);
    let home = network.person("310000", &["resident", "adult", "clean_year"]);
    for desk in [network.desk(&hospital, &away), network.desk(&hospital, &home)] {
        let spent = format!("fund_expense/{}", desk.person.pool);
        let mut visit = String::new();
        let mut setl_id = String::new();
        for infno in ["2401", "2301", "2402", "2303", "2304", "2305"] {
            let input = match infno {
                "2401" => care::admission(&desk, -5),
                "2301" => json!({"feedetail": care::rows(&desk, &visit, None, &[COURSE])}),
                "2402" => care::discharge(&desk, &visit),
                "2305" => care::settlement(&desk, &visit, &setl_id),
                _ => care::bill(&desk, &visit, None, &[COURSE]),
            };
            let envelope = desk.envelope(infno, input);
            let first = answer_to(&network, &envelope.to_string());
            calm(&network);
            let booked = business(&network);
            for again in [envelope.to_string(), backwards(&envelope), envelope.to_string()] {
                let again = answer_to(&network, &again);
                assert_eq!(
                    String::from_utf8_lossy(&again),
                    String::from_utf8_lossy(&first),
                    "{infno}: the same bytes"
                );
            }
            calm(&network);
            assert_eq!(business(&network), booked, "{infno}: booked once");

            let mut other = envelope.clone();
            other["input"]["spare"] = json!("x");
            let text = refusal(&desk.send(&other), 1020);
            assert!(text.contains(envelope["msgid"].as_str().expect("a msgid")), "{text}");
            assert_eq!(answer_to(&network, &envelope.to_string()), first, "the first keeps its answer");
            assert_eq!(business(&network), booked, "{infno}: nothing of the other is booked");

            let answer: Value = serde_json::from_slice(&first).expect("JSON");
            assert_eq!(answer["infcode"], json!(0), "{infno}: {answer}");
            match infno {
                "2401" => visit = answer["output"]["result"]["mdtrt_id"].as_str().expect("a stay").to_owned(),
                "2304" => {
                    setl_id = answer["output"]["setlinfo"]["setl_id"].as_str().expect("settled").to_owned();
                    let paid = fen(&answer["output"]["setlinfo"]["fund_pay_sumamt"]);
                    assert_eq!(network.balance(&spent), paid);
                }
                _ => {}
            }
        }
        assert_eq!(network.balance(&spent), 0);
    }
}

#[test]
fn a_refusal_is_an_answer_that_stays_the_same() {
    let network = network();
    let person = network.person("220100", &["resident", "adult", "referral", "clean_year"]);
    let desk = network.desk(&network.hospital("31", "02"), &person);
    let visit = care::admit(&desk, -5);
    let envelope = desk.envelope("2304", care::bill(&desk, &visit, None, &[COURSE]));
    let first = answer_to(&network, &envelope.to_string());
    refusal(&serde_json::from_slice(&first).expect("JSON"), 5011);
    // What it was refused for is cured: a new message is served, the old one is answered as before.
    care::upload(&desk, &visit, None, &[COURSE]);
    desk.call("2402", care::discharge(&desk, &visit));
    assert_eq!(answer_to(&network, &envelope.to_string()), first);
    money_is(&network, "220100", 0);
    desk.call("2304", care::bill(&desk, &visit, None, &[COURSE]));
}

#[test]
fn the_same_message_waits_while_the_first_still_runs() {
    let network = network();
    let person = network.person("220100", &["resident", "adult", "referral", "clean_year"]);
    let desk = network.desk(&network.hospital("31", "02"), &person);
    let visit = care::inpatient(&desk, &[COURSE]);
    let envelope = desk.envelope("2304", care::bill(&desk, &visit, None, &[COURSE]));
    let (text, turned) = (envelope.to_string(), backwards(&envelope));
    let mut repeats = Vec::new();
    let first = while_asked(
        &network,
        "22",
        || answer_to(&network, &text),
        |held| {
            let mut other = envelope.clone();
            other["input"]["data"]["invono"] = json!("2");
            refusal(&desk.send(&other), 1020);
            thread::scope(|scope| {
                let waiting: Vec<_> = [&text, &turned, &text]
                    .into_iter()
                    .map(|text| scope.spawn(|| answer_to(&network, text)))
                    .collect();
                pause(200);
                drop(held);
                repeats.extend(waiting.into_iter().map(|thread| thread.join().expect("an answer")));
            });
        },
    );
    let answer: Value = serde_json::from_slice(&first).expect("JSON");
    assert_eq!(answer["infcode"], json!(0), "{answer}");
    for repeat in repeats {
        assert_eq!(repeat, first);
    }
    assert_eq!(answer_to(&network, &turned), first);
    money_is(&network, "220100", fen(&answer["output"]["setlinfo"]["fund_pay_sumamt"]));
}

#[test]
fn the_same_message_after_the_wait_is_over_is_told_how_it_ended() {
    let network = network_with(Settings { answer_wait_ms: 500, ..Settings::default() });
    let person = network.person("220100", &["resident", "adult", "referral", "clean_year"]);
    let desk = network.desk(&network.hospital("31", "02"), &person);
    let visit = care::inpatient(&desk, &[COURSE]);
    let envelope = desk.envelope("2304", care::bill(&desk, &visit, None, &[COURSE]));
    let first = while_asked(
        &network,
        "22",
        || desk.send(&envelope),
        |held| {
            pause(900);
            drop(held);
        },
    );
    let text = refusal(&first, 9003);
    assert_eq!(first["infcode"], json!(-1), "{text}");
    assert_eq!(desk.send(&envelope), first);
    money_is(&network, "220100", 0);
    assert_eq!(desk.send(&envelope), first);
    let again = desk.call("2304", care::bill(&desk, &visit, None, &[COURSE]));
    money_is(&network, "220100", fen(&again["setlinfo"]["fund_pay_sumamt"]));
}
