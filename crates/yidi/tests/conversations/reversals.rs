//! 冲正: 2601 of every transaction that it can undo, in every state that the original may be in, and the truth about
//! each.

use super::accidents::{business, calm, money_is, pause, settlements, while_asked};
use super::care::{self, CONSULTATION, COURSE};
use super::network::{Desk, Network, fen, network, network_with, refusal};
use platform::treatment_node::Settings;
use serde_json::{Value, json};

/// A hospital in Shanghai, with somebody insured in Changchun, and with somebody insured at home.
fn away_and_at_home(network: &Network) -> [Desk<'_>; 2] {
    let hospital = network.hospital("31", "02");
    let away = network.person("220100", &["resident", "adult", "referral", "clean_year"]);
    let home = network.person("310000", &["resident", "adult", "clean_year"]);
    [network.desk(&hospital, &away), network.desk(&hospital, &home)]
}

/// Sends it, and gives its msgid with the whole answer.
fn sent(desk: &Desk<'_>, infno: &str, input: Value) -> (Value, Value) {
    let envelope = desk.envelope(infno, input);
    let answer = desk.send(&envelope);
    (envelope, answer)
}

fn msgid(envelope: &Value) -> &str {
    envelope["msgid"].as_str().expect("a msgid")
}

/// 2601 that must succeed; gives its remark.
#[track_caller]
fn undone(desk: &Desk<'_>, infno: &str, msgid: &str) -> String {
    let answer = desk.ask("2601", care::reversal(desk, infno, msgid));
    assert_eq!(answer["infcode"], json!(0), "{infno} {answer}");
    assert_eq!(answer["err_msg"], Value::Null, "a success has no err_msg: {answer}");
    answer["warn_msg"].as_str().unwrap_or_default().to_owned()
}

fn money(network: &Network, desk: &Desk<'_>) -> i64 {
    calm(network);
    network.balance(&format!("fund_expense/{}", desk.person.pool))
}

/// One way to settle and to take back.
struct Way {
    settle: &'static str,
    back: &'static str,
    batch: Option<&'static str>,
}

const WAYS: [Way; 4] = [
    Way { settle: "2207", back: "2208", batch: Some("B1") },
    Way { settle: "2207A", back: "2208", batch: Some("B1") },
    Way { settle: "2304", back: "2305", batch: None },
    Way { settle: "2304A", back: "2305", batch: None },
];

impl Way {
    fn visit(&self, desk: &Desk<'_>) -> String {
        match self.batch {
            Some(_) => care::outpatient(desk, &[COURSE]),
            None => care::inpatient(desk, &[COURSE]),
        }
    }

    fn bill(&self, desk: &Desk<'_>, visit: &str) -> Value {
        care::bill(desk, visit, self.batch, &[COURSE])
    }

    /// A stay is left behind so that the next one does not overlap it.
    fn leave(&self, desk: &Desk<'_>, visit: &str) {
        if self.batch.is_none() {
            let data =
                json!({"data": {"mdtrt_id": visit, "psn_no": desk.person.person_no, "feedetl_sn": "0000"}});
            desk.call("2302", data.clone());
            desk.call("2404", data);
        }
    }
}

#[test]
fn a_settlement_is_undone_once_and_stays_undone() {
    let network = network();
    for desk in away_and_at_home(&network) {
        for way in &WAYS {
            let visit = way.visit(&desk);
            let (settle, settled) = sent(&desk, way.settle, way.bill(&desk, &visit));
            let setl_id = settled["output"]["setlinfo"]["setl_id"].as_str().expect("settled").to_owned();
            assert_eq!(settled["output"]["setlinfo"]["medins_setl_id"], settle["msgid"]);
            let booked = money(&network, &desk);
            assert_eq!(booked, fen(&settled["output"]["setlinfo"]["fund_pay_sumamt"]));

            // Somebody else, another number, another transaction: each tells what it is.
            let mut other = care::reversal(&desk, way.settle, msgid(&settle));
            other["data"]["psn_no"] = json!("22010090000000000099");
            let text = desk.refused("2601", other, 6008);
            assert!(text.contains(msgid(&settle)), "{text}");
            assert_eq!(money(&network, &desk), booked);

            let reversal = desk.envelope("2601", care::reversal(&desk, way.settle, msgid(&settle)));
            let answer = desk.send(&reversal);
            assert_eq!(answer["infcode"], json!(0), "{answer}");
            assert_eq!(answer["output"], json!({}), "{answer}");
            assert_eq!(money(&network, &desk), 0, "{}: given back to the fen", way.settle);
            assert_eq!(desk.send(&reversal), answer, "the same message has the same answer");
            assert!(undone(&desk, way.settle, msgid(&settle)).contains("reversed before"));
            assert_eq!(money(&network, &desk), 0);

            refusal(&desk.send(&settle), 1021);
            desk.refused(way.back, care::settlement(&desk, &visit, &setl_id), 6002);
            let again = desk.call(way.settle, way.bill(&desk, &visit));
            assert_eq!(
                again["setlinfo"]["fund_pay_sumamt"],
                settled["output"]["setlinfo"]["fund_pay_sumamt"]
            );
            let second = again["setlinfo"]["setl_id"].as_str().expect("settled").to_owned();
            desk.call(way.back, care::settlement(&desk, &visit, &second));
            assert_eq!(money(&network, &desk), 0);
            way.leave(&desk, &visit);
        }
    }
    money_is(&network, "220100", 0);
}

#[test]
fn a_taking_back_is_undone_and_the_settlement_stands_again() {
    let network = network();
    for desk in away_and_at_home(&network) {
        for way in [&WAYS[0], &WAYS[2]] {
            let visit = way.visit(&desk);
            let (settle, settled) = sent(&desk, way.settle, way.bill(&desk, &visit));
            let setl_id = settled["output"]["setlinfo"]["setl_id"].as_str().expect("settled").to_owned();
            let booked = money(&network, &desk);
            let (back, _) = sent(&desk, way.back, care::settlement(&desk, &visit, &setl_id));
            assert_eq!(money(&network, &desk), 0);
            undone(&desk, way.back, msgid(&back));
            assert_eq!(money(&network, &desk), booked, "{}: it stands again, to the fen", way.back);
            assert!(undone(&desk, way.back, msgid(&back)).contains("reversed before"));
            assert_eq!(money(&network, &desk), booked);
            refusal(&desk.send(&back), 1021);
            let text = desk.refused(way.settle, way.bill(&desk, &visit), 6003);
            assert!(text.contains(&setl_id), "{text}");

            // Taken back again, then the settling message itself is undone: both are undone, and nothing stands.
            let (second, answer) = sent(&desk, way.back, care::settlement(&desk, &visit, &setl_id));
            assert_eq!(answer["infcode"], json!(0), "{answer}");
            assert!(undone(&desk, way.settle, msgid(&settle)).contains("已撤销"));
            undone(&desk, way.back, msgid(&second));
            assert_eq!(money(&network, &desk), 0, "what 2601 has undone never comes to stand again");
            way.leave(&desk, &visit);

            // Where something was settled since, the old settlement cannot come back.
            let visit = way.visit(&desk);
            let first = desk.call(way.settle, way.bill(&desk, &visit));
            let first = first["setlinfo"]["setl_id"].as_str().expect("settled").to_owned();
            let (back, _) = sent(&desk, way.back, care::settlement(&desk, &visit, &first));
            let later = desk.call(way.settle, way.bill(&desk, &visit));
            let later = later["setlinfo"]["setl_id"].as_str().expect("settled").to_owned();
            let text = desk.refused("2601", care::reversal(&desk, way.back, msgid(&back)), 6005);
            assert!(text.contains(&later), "{text}");
            assert_eq!(money(&network, &desk), booked, "the later one stands, once");
            desk.call(way.back, care::settlement(&desk, &visit, &later));
            way.leave(&desk, &visit);
        }
    }
    money_is(&network, "220100", 0);
}

#[test]
fn an_admission_is_undone_until_something_hangs_on_it() {
    let network = network();
    for desk in away_and_at_home(&network) {
        let (admission, answer) = sent(&desk, "2401", care::admission(&desk, -5));
        let visit = answer["output"]["result"]["mdtrt_id"].as_str().expect("a stay").to_owned();
        care::upload(&desk, &visit, None, &[CONSULTATION]);
        let reversal = care::reversal(&desk, "2401", msgid(&admission));
        let text = desk.refused("2601", reversal, 5007);
        assert!(text.contains("2302"), "{text}");
        let all = json!({"data": {"mdtrt_id": visit, "psn_no": desk.person.person_no, "feedetl_sn": "0000"}});
        desk.call("2302", all);
        let mut other = care::reversal(&desk, "2401", msgid(&admission));
        other["data"]["psn_no"] = json!("22010090000000000099");
        desk.refused("2601", other, 6008);
        undone(&desk, "2401", msgid(&admission));
        undone(&desk, "2401", msgid(&admission));
        refusal(&desk.send(&admission), 1021);
        desk.refused("2402", care::discharge(&desk, &visit), 5006);

        // The place is free; 2601 after 2404 finds that nothing is left to undo.
        let (next, answer) = sent(&desk, "2401", care::admission(&desk, -5));
        let visit = answer["output"]["result"]["mdtrt_id"].as_str().expect("a stay").to_owned();
        desk.call("2404", json!({"data": {"mdtrt_id": visit, "psn_no": desk.person.person_no}}));
        undone(&desk, "2401", msgid(&next));

        // A refused admission left nothing.
        let mut refused = care::admission(&desk, -5);
        refused["mdtrtinfo"]["rel_ttp_flag"] = json!("1");
        let (hurt, answer) = sent(&desk, "2401", refused);
        refusal(&answer, 7005);
        undone(&desk, "2401", msgid(&hurt));
        care::admit(&desk, -5);
    }
    network.books_are_even();
}

#[test]
fn what_never_arrived_is_done_with_and_refused_when_it_comes_late() {
    let network = network();
    for desk in away_and_at_home(&network) {
        let visit = care::inpatient(&desk, &[COURSE]);
        let outpatient = care::outpatient(&desk, &[CONSULTATION]);
        calm(&network);
        let before = business(&network);
        let unknown = care::settlement(&desk, &visit, "A1");
        let late = [
            ("2207", care::bill(&desk, &outpatient, Some("B1"), &[CONSULTATION])),
            ("2207A", care::bill(&desk, &outpatient, Some("B1"), &[CONSULTATION])),
            ("2208", care::settlement(&desk, &outpatient, "A1")),
            ("2304", care::bill(&desk, &visit, None, &[COURSE])),
            ("2304A", care::bill(&desk, &visit, None, &[COURSE])),
            ("2305", unknown),
            ("2401", care::admission(&desk, 0)),
        ];
        for (infno, input) in late {
            let envelope = desk.envelope(infno, input);
            let remark = undone(&desk, infno, msgid(&envelope));
            assert!(remark.contains("未收到") && remark.contains("never arrived"), "{infno}: {remark}");
            assert!(undone(&desk, infno, msgid(&envelope)).contains("reversed before"));
            let text = refusal(&desk.send(&envelope), 1021);
            assert!(text.contains("2601") && text.contains(msgid(&envelope)), "{text}");
        }
        for infno in ["2201", "2204", "2301", "2302", "2402", "2601", "1101"] {
            let text = desk.refused("2601", care::reversal(&desk, infno, "M1"), 6006);
            assert!(text.contains(infno) && text.contains("2304"), "{text}");
        }
        calm(&network);
        assert_eq!(business(&network), before, "nothing came of it");
        let data =
            json!({"data": {"mdtrt_id": visit, "psn_no": desk.person.person_no, "feedetl_sn": "0000"}});
        desk.call("2302", data);
    }
}

#[test]
fn a_settlement_that_was_refused_is_undone_as_nothing() {
    let network = network();
    for desk in away_and_at_home(&network) {
        let visit = care::inpatient(&desk, &[COURSE]);
        let (wrong, answer) = sent(&desk, "2304", care::bill(&desk, &visit, None, &[CONSULTATION]));
        refusal(&answer, 5028);
        assert!(undone(&desk, "2304", msgid(&wrong)).contains("booked nothing"));
        let (back, answer) = sent(&desk, "2305", care::settlement(&desk, &visit, "A1"));
        refusal(&answer, 6001);
        assert!(undone(&desk, "2305", msgid(&back)).contains("booked nothing"));
        desk.call("2304", care::bill(&desk, &visit, None, &[COURSE]));
    }
    network.books_are_even();
}

#[test]
fn a_settlement_that_still_runs_is_cancelled_and_never_booked() {
    let network = network();
    let [desk, _] = away_and_at_home(&network);
    for way in &WAYS {
        let visit = way.visit(&desk);
        let envelope = desk.envelope(way.settle, way.bill(&desk, &visit));
        let answer = while_asked(
            &network,
            "22",
            || desk.send(&envelope),
            |held| {
                let mut other = care::reversal(&desk, way.settle, msgid(&envelope));
                other["data"]["psn_no"] = json!("22010090000000000099");
                desk.refused("2601", other, 6008);
                let remark = undone(&desk, way.settle, msgid(&envelope));
                assert!(remark.contains("will not be booked"), "{remark}");
                let text = desk.refused(way.settle, way.bill(&desk, &visit), 6004);
                assert!(text.contains(&visit), "{text}");
                undone(&desk, way.settle, msgid(&envelope));
                drop(held);
            },
        );
        let text = refusal(&answer, 1021);
        assert!(text.contains(msgid(&envelope)), "who waited hears of it: {text}");
        money_is(&network, "220100", 0);
        refusal(&desk.send(&envelope), 1021);
        let again = desk.call(way.settle, way.bill(&desk, &visit));
        let setl_id = again["setlinfo"]["setl_id"].as_str().expect("settled");
        money_is(&network, "220100", fen(&again["setlinfo"]["fund_pay_sumamt"]));
        desk.call(way.back, care::settlement(&desk, &visit, setl_id));
        assert_eq!(money(&network, &desk), 0);
        way.leave(&desk, &visit);
        return_to_zero(&network);
    }
}

/// Nothing is left open at the treatment place.
fn return_to_zero(network: &Network) {
    for state in ["asked", "cancelling", "reversing", "reinstating"] {
        assert_eq!(settlements(network, "31", state), 0, "{state}");
    }
}

#[test]
fn an_admission_that_still_runs_is_cancelled_and_leaves_the_place_free() {
    let network = network();
    let [desk, _] = away_and_at_home(&network);
    let envelope = desk.envelope("2401", care::admission(&desk, -5));
    let answer = while_asked(
        &network,
        "22",
        || desk.send(&envelope),
        |held| {
            undone(&desk, "2401", msgid(&envelope));
            drop(held);
        },
    );
    refusal(&answer, 1021);
    calm(&network);
    refusal(&desk.send(&envelope), 1021);
    care::admit(&desk, -5);
}

#[test]
fn a_taking_back_that_still_runs_goes_on_and_tells_so() {
    let network = network_with(Settings { answer_wait_ms: 600, ..Settings::default() });
    let [desk, _] = away_and_at_home(&network);
    for way in [&WAYS[0], &WAYS[2]] {
        let visit = way.visit(&desk);
        let (settle, settled) = sent(&desk, way.settle, way.bill(&desk, &visit));
        let setl_id = settled["output"]["setlinfo"]["setl_id"].as_str().expect("settled").to_owned();
        let envelope = desk.envelope(way.back, care::settlement(&desk, &visit, &setl_id));
        let answer = while_asked(
            &network,
            "22",
            || desk.send(&envelope),
            |held| {
                for (infno, message) in [(way.settle, &settle), (way.back, &envelope)] {
                    let answer = desk.ask("2601", care::reversal(&desk, infno, msgid(message)));
                    refusal(&answer, 6009);
                    assert_eq!(answer["infcode"], json!(-1), "nobody knows yet: {answer}");
                }
                desk.refused(way.back, care::settlement(&desk, &visit, &setl_id), 6004);
                pause(900);
                drop(held);
            },
        );
        let text = refusal(&answer, 1022);
        assert!(text.contains(msgid(&envelope)), "{text}");
        assert_eq!(answer["infcode"], json!(-1), "{answer}");
        assert_eq!(money(&network, &desk), 0, "it went on by itself");
        let done = desk.send(&envelope);
        assert_eq!(done["infcode"], json!(0), "the same message tells the end: {done}");
        assert!(fen(&done["output"]["setlinfo"]["medfee_sumamt"]) < 0);
        undone(&desk, way.back, msgid(&envelope));
        money_is(&network, "220100", fen(&settled["output"]["setlinfo"]["fund_pay_sumamt"]));
        undone(&desk, way.settle, msgid(&settle));
        money_is(&network, "220100", 0);
        way.leave(&desk, &visit);
    }
}
