//! 故障: a hub or an insured place that cannot be reached, or goes away at the worst moment. Whoever asks hears
//! within their time; when all is well again, no side has booked what the other has not.

use super::accidents::{Held, business, calm, money_is, pause, settlements, while_asked};
use super::care::{self, CONSULTATION, COURSE};
use super::network::{Desk, Network, fen, network, network_with, refusal};
use platform::store::migrations::Engine;
use platform::store::sqlite::Sqlite;
use platform::treatment_node::Settings;
use serde_json::{Value, json};

fn short() -> Network {
    network_with(Settings { answer_wait_ms: 700, ..Settings::default() })
}

/// An adult of Changchun with a referral, at a hospital in Shanghai.
fn away(network: &Network) -> Desk<'_> {
    let person = network.person("220100", &["resident", "adult", "referral", "clean_year"]);
    network.desk(&network.hospital("31", "02"), &person)
}

fn of_visit(desk: &Desk<'_>, visit: &str) -> Value {
    json!({"data": {"mdtrt_id": visit, "psn_no": desk.person.person_no}})
}

fn lines_of(desk: &Desk<'_>, visit: &str) -> Value {
    json!({"data": {"mdtrt_id": visit, "psn_no": desk.person.person_no, "feedetl_sn": "0000"}})
}

fn setl_id(settled: &Value) -> String {
    settled["setlinfo"]["setl_id"].as_str().expect("a settlement").to_owned()
}

#[test]
fn without_the_hub_everybody_hears_at_once_and_nothing_is_half_booked() {
    nothing_is_half_booked_without("hub", 9001);
}

#[test]
fn without_the_insured_place_everybody_hears_at_once_and_nothing_is_half_booked() {
    nothing_is_half_booked_without("22", 9002);
}

#[test]
fn without_its_own_link_everybody_hears_at_once_and_nothing_is_half_booked() {
    nothing_is_half_booked_without("31", 9001);
}

/// Each transaction that asks the insured place, while this node is cut off; then again, when all is well.
fn nothing_is_half_booked_without(down: &str, number: u16) {
    let network = network();
    let desk = away(&network);
    let stay = care::inpatient(&desk, &[COURSE]);
    let settle = desk.envelope("2304", care::bill(&desk, &stay, None, &[COURSE]));
    let settled = desk.send(&settle)["output"].clone();
    let earlier = care::outpatient(&desk, &[COURSE]);
    let before_it = desk.call("2207", care::bill(&desk, &earlier, Some("B1"), &[COURSE]));
    let paid: i64 = [&settled, &before_it].map(|said| fen(&said["setlinfo"]["fund_pay_sumamt"])).iter().sum();
    let visit = care::outpatient(&desk, &[CONSULTATION]);
    money_is(&network, "220100", paid);
    let before = business(&network);
    network.cut_off(down, true);

    let reversal_of_nothing = care::reversal(&desk, "2304", "NEVERSENT");
    let referral = json!({"refmedin": {
        "psn_no": desk.person.person_no, "insutype": desk.insutype(), "diag_code": "J18.900",
        "diag_name": "肺炎", "dise_cond_dscr": "-", "reflin_medins_no": "H44010690002",
        "reflin_medins_name": "-", "mdtrtarea_admdvs": "440100", "hosp_agre_refl_flag": "1",
        "refl_type": "3", "refl_date": network.today(), "refl_rea": "-", "refl_opnn": "-",
    }});
    let benefits = json!({"data": {
        "psn_no": desk.person.person_no, "insutype": desk.insutype(), "med_type": "21",
        "fixmedins_code": desk.institution.code, "begntime": desk.at(0, "00:00:30"),
    }});
    for (infno, input) in [
        ("1101", care::who(&desk)),
        ("2001", benefits),
        ("2201", care::registration(&desk)),
        ("2206", care::bill(&desk, &visit, Some("B1"), &[CONSULTATION])),
        ("2207", care::bill(&desk, &visit, Some("B1"), &[CONSULTATION])),
        ("2208", care::settlement(&desk, &earlier, &setl_id(&before_it))),
        ("2305", care::settlement(&desk, &stay, &setl_id(&settled))),
        ("2401", care::admission(&desk, 0)),
        ("2501", referral),
        ("2601", care::reversal(&desk, "2304", settle["msgid"].as_str().expect("a msgid"))),
        ("5301", json!({"data": {"psn_no": desk.person.person_no}})),
        ("5206", json!({"data": {"psn_no": desk.person.person_no}})),
    ] {
        let begun = network.now_ms();
        let answer = desk.ask(infno, input);
        let text = refusal(&answer, number);
        assert_eq!(answer["infcode"], json!(-1), "{infno} without {down}: {text}");
        assert!(network.now_ms() - begun < 8_000, "{infno} without {down} answers within its time");
    }
    // What the treatment place knows itself goes on.
    desk.call("5203", care::settlement(&desk, &stay, &setl_id(&settled)));
    desk.call("5204", of_visit(&desk, &stay));
    desk.call("2601", reversal_of_nothing);
    assert_eq!(business(&network), before, "without {down} nothing is booked");

    network.cut_off(down, false);
    money_is(&network, "220100", paid);
    assert_eq!(business(&network), before, "and nothing comes late");
    desk.call("2601", care::reversal(&desk, "2304", settle["msgid"].as_str().expect("a msgid")));
    desk.call("2208", care::settlement(&desk, &earlier, &setl_id(&before_it)));
    money_is(&network, "220100", 0);
    desk.call("2207", care::bill(&desk, &visit, Some("B1"), &[CONSULTATION]));
    desk.call("2302", lines_of(&desk, &stay));
    desk.call("2404", of_visit(&desk, &stay));
    care::admit(&desk, 0);
    calm(&network);
}

#[test]
fn care_at_home_needs_no_other_place() {
    let network = network();
    let person = network.person("310000", &["resident", "adult", "clean_year"]);
    let desk = network.desk(&network.hospital("31", "02"), &person);
    network.cut_off("hub", true);
    network.cut_off("31", true);
    desk.call("1101", care::who(&desk));
    let stay = care::inpatient(&desk, &[COURSE]);
    let settled = desk.call("2304", care::bill(&desk, &stay, None, &[COURSE]));
    desk.call("2305", care::settlement(&desk, &stay, &setl_id(&settled)));
    assert_eq!(network.balance("fund_expense/310000"), 0);
}

#[test]
fn a_stay_goes_on_without_the_hub_and_is_told_later() {
    for down in ["hub", "22"] {
        let network = network();
        let desk = away(&network);
        let stay = care::admit(&desk, -5);
        calm(&network);
        network.cut_off(down, true);
        care::upload(&desk, &stay, None, &[COURSE]);
        desk.call("2402", care::discharge(&desk, &stay));
        desk.call("2405", of_visit(&desk, &stay));
        desk.call("2402", care::discharge(&desk, &stay));
        let answer = desk.ask("2304", care::bill(&desk, &stay, None, &[COURSE]));
        assert_eq!(answer["infcode"], json!(-1), "{answer}");
        desk.call("2405", of_visit(&desk, &stay));
        desk.call("2402", care::discharge(&desk, &stay));
        network.cut_off(down, false);
        calm(&network);
        // The insured place knows the discharge: a stay elsewhere may begin on that day, not before.
        let elsewhere = network.desk(&network.hospital("11", "02"), &desk.person);
        elsewhere.refused("2401", care::admission(&elsewhere, -2), 5010);
        care::admit(&elsewhere, 0);
        let settled = desk.call("2304", care::bill(&desk, &stay, None, &[COURSE]));
        money_is(&network, "220100", fen(&settled["setlinfo"]["fund_pay_sumamt"]));
    }
}

/// The insured place takes the question, books, and is cut off before its answer leaves.
fn books_and_falls_silent(network: &Network, held: Held) {
    network.cut_off("22", true);
    drop(held);
}

#[test]
fn booked_there_and_the_answer_lost_ends_as_not_settled_on_all_sides() {
    for (settle, back, batch) in [("2207", "2208", Some("B1")), ("2304", "2305", None)] {
        let network = short();
        let desk = away(&network);
        let visit = match batch {
            Some(_) => care::outpatient(&desk, &[COURSE]),
            None => care::inpatient(&desk, &[COURSE]),
        };
        let bill = care::bill(&desk, &visit, batch, &[COURSE]);
        let trial = if batch.is_some() { "2206" } else { "2303" };
        let quoted = desk.call(trial, bill.clone());
        let paid = fen(&quoted["setlinfo"]["fund_pay_sumamt"]);
        assert!(paid > 0);
        let envelope = desk.envelope(settle, bill.clone());
        let begun = network.now_ms();
        let answer = while_asked(
            &network,
            "22",
            || desk.send(&envelope),
            |held| books_and_falls_silent(&network, held),
        );
        let text = refusal(&answer, 9003);
        assert_eq!(answer["infcode"], json!(-1), "{text}");
        assert!(network.now_ms() - begun < 5_000);
        // One side has booked and the other has not: now everybody says that it is being resolved.
        assert_eq!(network.balance("fund_expense/220100"), paid);
        assert_eq!(network.balance("due_from_pool/220100"), 0);
        let answer = desk.ask(settle, bill.clone());
        let text = refusal(&answer, 6004);
        assert_eq!(answer["infcode"], json!(-2), "this message did nothing: {answer}");
        assert!(text.contains("(取消中)") && text.contains("(being cancelled)"), "{text}");
        assert_eq!(settlements(&network, "31", "cancelling"), 1);
        let undo = care::reversal(&desk, settle, envelope["msgid"].as_str().expect("a msgid"));
        desk.call("2601", undo.clone());

        network.cut_off("22", false);
        money_is(&network, "220100", 0);
        assert_eq!(network.balance("fund_expense"), 0);
        assert_eq!(network.balance("claim_of_province"), 0);
        assert_eq!(settlements(&network, "31", "cancelled"), 1);
        desk.call("2601", undo);
        refusal(&desk.send(&envelope), 1021);
        money_is(&network, "220100", 0);
        let settled = desk.call(settle, bill);
        assert_eq!(fen(&settled["setlinfo"]["fund_pay_sumamt"]), paid, "what is used was given back too");
        money_is(&network, "220100", paid);
        desk.call(back, care::settlement(&desk, &visit, &setl_id(&settled)));
        money_is(&network, "220100", 0);
    }
}

#[test]
fn a_reversal_after_the_time_ran_out_tells_the_truth() {
    let network = short();
    let desk = away(&network);
    let visit = care::inpatient(&desk, &[COURSE]);
    let envelope = desk.envelope("2304", care::bill(&desk, &visit, None, &[COURSE]));
    let answer =
        while_asked(&network, "22", || desk.send(&envelope), |held| books_and_falls_silent(&network, held));
    refusal(&answer, 9003);
    network.cut_off("22", false);
    money_is(&network, "220100", 0);
    assert_eq!(desk.send(&envelope), answer, "the same message has the same answer");
    let undo = care::reversal(&desk, "2304", envelope["msgid"].as_str().expect("a msgid"));
    let told = desk.ask("2601", undo);
    assert_eq!(told["infcode"], json!(0), "{told}");
    let remark = told["warn_msg"].as_str().expect("a remark");
    assert!(remark.contains("未结算") && remark.contains("not settled"), "{remark}");
    desk.call("2304", care::bill(&desk, &visit, None, &[COURSE]));
    network.books_are_even();
}

#[test]
fn a_hub_that_is_cut_off_with_a_question_on_its_way_does_not_say_that_nothing_was_asked() {
    let network = network();
    let desk = away(&network);
    let visit = care::inpatient(&desk, &[COURSE]);
    let answer = while_asked(
        &network,
        "22",
        || desk.ask("2304", care::bill(&desk, &visit, None, &[COURSE])),
        |held| {
            network.cut_off("hub", true);
            pause(400);
            network.cut_off("hub", false);
            pause(400);
            drop(held);
        },
    );
    calm(&network);
    let booked = network.balance("fund_expense/220100");
    let settled = answer["infcode"] == json!(0);
    assert_eq!(settled, booked > 0, "the answer and the books agree: {answer}");
    money_is(&network, "220100", booked);
}

#[test]
fn a_treatment_place_that_is_cut_off_with_a_question_on_its_way_does_not_say_that_nothing_was_asked() {
    let network = network();
    let desk = away(&network);
    let visit = care::inpatient(&desk, &[COURSE]);
    calm(&network);
    // The hub stands still with the question in its queue; only then the link of the treatment place breaks.
    let held = super::accidents::hold(&network, "hub");
    let answer = std::thread::scope(|scope| {
        let answer = scope.spawn(|| desk.ask("2304", care::bill(&desk, &visit, None, &[COURSE])));
        pause(400);
        network.cut_off("31", true);
        pause(400);
        network.cut_off("31", false);
        drop(held);
        answer.join().expect("an answer")
    });
    calm(&network);
    let booked = network.balance("fund_expense/220100");
    assert_eq!(answer["infcode"] == json!(0), booked > 0, "the answer and the books agree: {answer}");
    money_is(&network, "220100", booked);
}

#[test]
fn an_admission_whose_answer_is_lost_leaves_no_stay_behind() {
    let network = short();
    let desk = away(&network);
    let envelope = desk.envelope("2401", care::admission(&desk, -5));
    let answer =
        while_asked(&network, "22", || desk.send(&envelope), |held| books_and_falls_silent(&network, held));
    refusal(&answer, 9003);
    assert_eq!(answer["infcode"], json!(-1), "{answer}");
    let undo = care::reversal(&desk, "2401", envelope["msgid"].as_str().expect("a msgid"));
    desk.call("2601", undo);
    network.cut_off("22", false);
    calm(&network);
    let elsewhere = network.desk(&network.hospital("11", "02"), &desk.person);
    let stay = care::admit(&elsewhere, -5);
    elsewhere.call("2404", of_visit(&elsewhere, &stay));
    care::admit(&desk, -5);
}

#[test]
fn a_taking_back_whose_answer_is_lost_is_finished_when_the_place_is_back() {
    let network = short();
    let desk = away(&network);
    let visit = care::inpatient(&desk, &[COURSE]);
    let settle = desk.envelope("2304", care::bill(&desk, &visit, None, &[COURSE]));
    let settled = desk.send(&settle);
    let paid = fen(&settled["output"]["setlinfo"]["fund_pay_sumamt"]);
    let id = setl_id(&settled["output"]);
    let back = desk.envelope("2305", care::settlement(&desk, &visit, &id));
    let answer =
        while_asked(&network, "22", || desk.send(&back), |held| books_and_falls_silent(&network, held));
    refusal(&answer, 1022);
    assert_eq!(answer["infcode"], json!(-1), "{answer}");
    refusal(&desk.ask("2304", care::bill(&desk, &visit, None, &[COURSE])), 6004);
    network.cut_off("22", false);
    money_is(&network, "220100", 0);
    let done = desk.send(&back);
    assert_eq!(done["infcode"], json!(0), "{done}");

    // The same with the taking back of the taking back.
    let undo = desk.envelope("2601", care::reversal(&desk, "2305", back["msgid"].as_str().expect("a msgid")));
    let answer =
        while_asked(&network, "22", || desk.send(&undo), |held| books_and_falls_silent(&network, held));
    refusal(&answer, 1022);
    refusal(&desk.ask("2304", care::bill(&desk, &visit, None, &[COURSE])), 6004);
    network.cut_off("22", false);
    money_is(&network, "220100", paid);
    assert_eq!(desk.send(&undo)["infcode"], json!(0));

    // And with the 2601 of the settlement itself.
    let undo =
        desk.envelope("2601", care::reversal(&desk, "2304", settle["msgid"].as_str().expect("a msgid")));
    let answer =
        while_asked(&network, "22", || desk.send(&undo), |held| books_and_falls_silent(&network, held));
    refusal(&answer, 1022);
    network.cut_off("22", false);
    money_is(&network, "220100", 0);
    assert_eq!(desk.send(&undo)["infcode"], json!(0));
    desk.call("2304", care::bill(&desk, &visit, None, &[COURSE]));
    money_is(&network, "220100", paid);
}

#[test]
fn a_call_whose_answer_is_lost_with_its_batch_hears_so_at_once() {
    let network = network();
    let desk = away(&network);
    let visit = care::inpatient(&desk, &[COURSE]);
    let envelope = desk.envelope("2304", care::bill(&desk, &visit, None, &[COURSE]));
    let file = network.database_files().into_iter().find(|file| file.ends_with("31.db")).expect("a file");
    let disk = |sql: &str| Sqlite::open(&file).expect("a database").script(sql).expect("a script");
    let begun = network.now_ms();
    let answer = while_asked(
        &network,
        "22",
        || desk.send(&envelope),
        |held| {
            // The call waits since an earlier batch; the one that brings its answer fails when it is to be kept.
            disk(
                "create table nobody (id integer primary key);
                 create table orphan (id integer references nobody deferrable initially deferred);
                 create trigger fails after insert on journal begin insert into orphan values (1); end",
            );
            drop(held);
        },
    );
    refusal(&answer, 9004);
    assert_eq!(answer["infcode"], json!(-1), "{answer}");
    assert!(network.now_ms() - begun < 5_000, "and not when its time is over");
    disk("drop trigger fails");
    calm(&network);
    let settled = desk.send(&envelope);
    assert_eq!(settled["infcode"], json!(0), "the same message has its answer: {settled}");
    money_is(&network, "220100", fen(&settled["output"]["setlinfo"]["fund_pay_sumamt"]));
}
