//! 核实: a settlement whose end is not known: what people see, the two buttons, and how it ends.

use super::accidents::{calm, hold, money_is, pause, settlements, while_asked};
use super::care::{self, COURSE};
use super::network::{Desk, Network, fen, network_with, refusal};
use platform::treatment_node::Settings;
use serde_json::{Value, json};

fn impatient() -> Network {
    network_with(Settings { answer_wait_ms: 700, hand_over_ms: 1_500, ..Settings::default() })
}

fn away(network: &Network) -> Desk<'_> {
    let person = network.person("220100", &["resident", "adult", "referral", "clean_year"]);
    network.desk(&network.hospital("31", "02"), &person)
}

fn only_unresolved(network: &Network) -> Value {
    let open = network.get("/operator/unresolved");
    let rows = open["unresolved"].as_array().expect("rows");
    assert_eq!(rows.len(), 1, "{open}");
    rows[0].clone()
}

fn events(whole: &Value) -> Vec<&str> {
    whole["events"].as_array().expect("events").iter().filter_map(|event| event["event"].as_str()).collect()
}

#[test]
fn a_settlement_whose_answer_is_lost_has_a_clock_a_story_and_an_end() {
    let network = impatient();
    let desk = away(&network);
    let visit = care::outpatient(&desk, &[COURSE]);
    let envelope = desk.envelope("2207", care::bill(&desk, &visit, Some("B1"), &[COURSE]));
    let answer = while_asked(
        &network,
        "22",
        || desk.send(&envelope),
        |held| {
            network.cut_off("22", true);
            drop(held);
        },
    );
    refusal(&answer, 9003);
    let row = only_unresolved(&network);
    let number = row["setl_id"].as_str().expect("a number").to_owned();
    assert_eq!((&row["state"], &row["msgid"]), (&json!("cancelling"), &envelope["msgid"]), "{row}");
    let path = format!("/operator/settlements/{number}");
    assert_eq!(network.get(&path)["agree"], json!(false), "one side has booked");
    // The hub says that nobody is there, which proves nothing; a person is called after the stated time.
    pause(2_500);
    let row = only_unresolved(&network);
    assert_eq!(row["waits_for_a_person"], json!(true), "{row}");
    assert_eq!(row["ball"]["heard"]["said"], json!("InsuredPlaceUnreachable"), "{row}");
    assert!(row["ball"]["asked_times"].as_i64().is_some_and(|times| times >= 1), "{row}");
    let pressed = network.post(&format!("{path}/cancel-safely"), &json!({"by": "test"}));
    assert!(pressed["error"].as_str().is_some_and(|text| text.contains("already")), "{pressed}");
    let pressed = network.post(&format!("{path}/ask-again"), &json!({"by": ""}));
    assert!(pressed["error"].is_string(), "who presses is written down: {pressed}");

    network.cut_off("22", false);
    let pressed = network.post(&format!("{path}/ask-again"), &json!({"by": "test"}));
    assert_eq!(pressed["setl_id"], json!(number), "{pressed}");
    money_is(&network, "220100", 0);
    let whole = network.get(&path);
    assert_eq!(whole["agree"], json!(true), "{whole}");
    assert_eq!(whole["settlement"]["state"], json!("cancelled"));
    let happened = events(&whole);
    for event in ["settlement_intended", "settlement_booked", "answer_overdue", "cancel_confirmed"] {
        assert!(happened.contains(&event), "{event} in {happened:?}");
    }
    assert_eq!(network.get("/sandbox/unresolved"), json!({"unresolved": []}));
    let (institution, msgid) = (&desk.institution.code, envelope["msgid"].as_str().expect("a msgid"));
    assert_eq!(network.get(&format!("/sandbox/messages/{institution}/{msgid}")), whole, "by its message");
    let unknown = network.get(&format!("/sandbox/messages/{institution}/NEVER"));
    assert!(unknown["error"].is_string(), "{unknown}");
}

#[test]
fn a_person_cancels_safely_and_it_is_never_booked() {
    let network = network_with(Settings::default());
    let desk = away(&network);
    let visit = care::outpatient(&desk, &[COURSE]);
    let envelope = desk.envelope("2207", care::bill(&desk, &visit, Some("B1"), &[COURSE]));
    let answer = while_asked(
        &network,
        "22",
        || desk.send(&envelope),
        |held| {
            let row = only_unresolved(&network);
            assert_eq!(row["state"], json!("asked"), "{row}");
            let button = row["buttons"][1]["post"].as_str().expect("a second button").to_owned();
            network.post(&button, &json!({"by": "test"}));
            pause(600);
            drop(held);
        },
    );
    refusal(&answer, 1021);
    money_is(&network, "220100", 0);
    assert_eq!(settlements(&network, "31", "cancelled"), 1);
    refusal(&desk.send(&envelope), 1021);
    desk.call("2207", care::bill(&desk, &visit, Some("B1"), &[COURSE]));
    calm(&network);
}

#[test]
fn a_question_that_never_left_is_taken_back_when_its_time_runs_out() {
    let network = impatient();
    let desk = away(&network);
    let visit = care::outpatient(&desk, &[COURSE]);
    calm(&network);
    let held = hold(&network, "hub");
    let answer = std::thread::scope(|scope| {
        // The first letter is on its way and nobody knows more; what lies behind it has certainly not left.
        scope.spawn(|| desk.ask("1101", care::who(&desk)));
        pause(200);
        let answer = desk.ask("2207", care::bill(&desk, &visit, Some("B1"), &[COURSE]));
        drop(held);
        answer
    });
    refusal(&answer, 9001);
    assert_eq!(settlements(&network, "31", "refused"), 1, "nothing has to be cancelled");
    money_is(&network, "220100", 0);
    let settled = desk.call("2207", care::bill(&desk, &visit, Some("B1"), &[COURSE]));
    money_is(&network, "220100", fen(&settled["setlinfo"]["fund_pay_sumamt"]));
}

#[test]
fn operators_stand_at_the_machine_itself() {
    use std::io::{Read, Write};
    let network = impatient();
    let status = |header: &str| {
        let mut socket = std::net::TcpStream::connect(network.address()).expect("a door");
        let request =
            format!("GET /operator/unresolved HTTP/1.1\r\nhost: x\r\n{header}connection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).expect("an answer");
        answer.lines().next().unwrap_or_default().to_owned()
    };
    assert!(status("").contains("200"), "{}", status(""));
    let proxied = status("x-forwarded-for: 203.0.113.9\r\n");
    assert!(proxied.contains("403"), "{proxied}");
}

#[test]
fn a_taking_back_after_a_later_settlement_gives_back_exactly_and_says_so() {
    let network = network_with(Settings::default());
    let desk = away(&network);
    let settle = |visit: &str| {
        let settled = desk.call("2207", care::bill(&desk, visit, Some("B1"), &[COURSE]));
        let id = settled["setlinfo"]["setl_id"].as_str().expect("settled").to_owned();
        (id, fen(&settled["setlinfo"]["fund_pay_sumamt"]))
    };
    let first_visit = care::outpatient(&desk, &[COURSE]);
    let (first, first_paid) = settle(&first_visit);
    let later_visit = care::outpatient(&desk, &[COURSE]);
    let (later, later_paid) = settle(&later_visit);
    money_is(&network, "220100", first_paid + later_paid);

    let answer = desk.ask("2208", care::settlement(&desk, &first_visit, &first));
    assert_eq!(answer["infcode"], json!(0), "{answer}");
    let remark = answer["warn_msg"].as_str().expect("a remark");
    assert!(remark.contains("不因本次撤销而重新计算") && remark.contains("not computed again"), "{remark}");
    money_is(&network, "220100", later_paid);
    // The next day the later one is taken back as well, and nothing of either is left.
    network.days_pass(1);
    let answer = desk.ask("2208", care::settlement(&desk, &later_visit, &later));
    assert_eq!(answer["infcode"], json!(0), "{answer}");
    assert!(answer["warn_msg"].as_str().is_none_or(|text| !text.contains("not computed again")), "{answer}");
    money_is(&network, "220100", 0);
    let clean = care::outpatient(&desk, &[COURSE]);
    assert_eq!(settle(&clean).1, first_paid, "what was used was given back exactly");
}
