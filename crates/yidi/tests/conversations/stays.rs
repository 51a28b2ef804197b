//! 住院: a stay from admission to settlement and back, in another province and at home.

use super::accidents::{business, calm, money_is};
use super::care::{self, COURSE, NURSING, OWN};
use super::network::{Desk, Network, fen, network};
use serde_json::{Value, json};

/// An adult of Changchun with a referral to Shanghai, and one of Shanghai: each at a hospital in Shanghai.
fn away_and_at_home(network: &Network) -> [Desk<'_>; 2] {
    let hospital = network.hospital("31", "02");
    let away = network.person("220100", &["resident", "adult", "referral", "clean_year"]);
    let home = network.person("310000", &["resident", "adult", "clean_year"]);
    [network.desk(&hospital, &away), network.desk(&hospital, &home)]
}

/// An adult of Changchun whom nobody has filed, at a hospital in Shanghai.
fn unfiled(network: &Network) -> Desk<'_> {
    let person = network.person("220100", &["resident", "adult", "unfiled", "clean_year"]);
    network.desk(&network.hospital("31", "02"), &person)
}

/// 2403 of a stay that began so many days ago.
fn change(desk: &Desk<'_>, visit: &str, begin_days: i32) -> Value {
    let mut input = care::admission(desk, begin_days);
    let mut info = input["mdtrtinfo"].take();
    info["mdtrt_id"] = json!(visit);
    info["ipt_otp_no"] = info["ipt_no"].take();
    json!({ "adminfo": info, "diseinfo": input["diseinfo"] })
}

fn of_visit(desk: &Desk<'_>, visit: &str) -> Value {
    json!({"data": {"mdtrt_id": visit, "psn_no": desk.person.person_no}})
}

/// 2302 of these lines, as a list.
fn away(desk: &Desk<'_>, visit: &str, lines: &[&str]) -> Value {
    let row = |line: &&str| json!({"feedetl_sn": line, "mdtrt_id": visit, "psn_no": desk.person.person_no});
    json!({"data": lines.iter().map(row).collect::<Value>()})
}

/// 5204: the numbers of the lines that the platform holds.
fn held(desk: &Desk<'_>, visit: &str) -> Vec<String> {
    let shown = desk.call("5204", of_visit(desk, visit));
    let rows = shown.as_array().expect("lines");
    rows.iter().map(|row| row["feedetl_sn"].as_str().expect("a number").to_owned()).collect()
}

/// 5303: the stays of this person that are open.
fn in_hospital(desk: &Desk<'_>) -> Vec<Value> {
    let asked = json!({"data": {
        "psn_no": desk.person.person_no, "begntime": desk.at(-30, "00:00:00"), "endtime": desk.at(0, "23:59:59"),
    }});
    desk.call("5303", asked)["data"].as_array().expect("rows").clone()
}

fn setl_id(settled: &Value) -> String {
    settled["setlinfo"]["setl_id"].as_str().expect("a settlement").to_owned()
}

#[test]
fn a_stay_in_another_province_is_settled_and_taken_back_to_the_fen() {
    let network = network();
    let [desk, _] = away_and_at_home(&network);
    desk.call("1101", care::who(&desk));
    let charges = [COURSE, OWN, NURSING];
    let visit = care::inpatient(&desk, &charges);
    let quoted = desk.call("2303", care::bill(&desk, &visit, None, &charges));
    let settled = desk.call("2304", care::bill(&desk, &visit, None, &charges));
    let info = &settled["setlinfo"];
    // 12,930 = 800 own + 12,130 in scope; (12,130 - 1,200) x 45 % = 4,918.50.
    assert_eq!(fen(&info["medfee_sumamt"]), 12_930_00);
    assert_eq!(fen(&info["hifp_pay"]), 4_918_50);
    assert_eq!(fen(&info["psn_cash_pay"]), 8_011_50);
    for field in ["fund_pay_sumamt", "psn_part_amt", "acct_pay", "psn_cash_pay", "act_pay_dedc"] {
        assert_eq!(quoted["setlinfo"][field], info[field], "{field}");
    }
    let setl_id = setl_id(&settled);
    let shown = desk.call("5203", care::settlement(&desk, &visit, &setl_id));
    assert_eq!(shown["setlinfo"]["fund_pay_sumamt"], info["fund_pay_sumamt"]);
    money_is(&network, "220100", 4_918_50);

    let back = desk.call("2305", care::settlement(&desk, &visit, &setl_id));
    assert_eq!(fen(&back["setlinfo"]["medfee_sumamt"]), -12_930_00);
    assert_eq!(fen(&back["setlinfo"]["hifp_pay"]), -4_918_50);
    assert_ne!(back["setlinfo"]["setl_id"], json!(setl_id));
    money_is(&network, "220100", 0);

    let again = desk.call("2304", care::bill(&desk, &visit, None, &charges));
    assert_eq!(
        again["setlinfo"]["hifp_pay"], info["hifp_pay"],
        "cancel and settle again gives the first amounts"
    );
}

#[test]
fn a_stay_at_home_is_settled_and_taken_back_to_the_fen() {
    let network = network();
    let [_, desk] = away_and_at_home(&network);
    let charges = [COURSE, OWN, NURSING];
    let visit = care::inpatient(&desk, &charges);
    let quoted = desk.call("2303A", care::bill(&desk, &visit, None, &charges));
    let settled = desk.call("2304A", care::bill(&desk, &visit, None, &charges));
    let info = &settled["setlinfo"];
    for field in ["fund_pay_sumamt", "psn_part_amt", "acct_pay", "psn_cash_pay", "act_pay_dedc"] {
        assert_eq!(quoted["setlinfo"][field], info[field], "{field}");
    }
    let paid = fen(&info["fund_pay_sumamt"]);
    assert!(paid > 0, "{settled}");
    assert_eq!(paid + fen(&info["psn_part_amt"]), 12_930_00);
    assert_eq!(network.balance("fund_expense/310000"), paid);
    assert_eq!(network.balance("owed_to_institution"), -paid, "booked once, and owed to the hospital");
    assert_eq!(network.balance("debt_of_pool"), 0, "the hub has no part in care at home");

    let back = desk.call("2305", care::settlement(&desk, &visit, &setl_id(&settled)));
    for (field, amount) in info.as_object().expect("fields") {
        let is_sum = field.ends_with("_pay") || field.ends_with("amt") || field == "act_pay_dedc";
        if is_sum && amount.is_number() {
            assert_eq!(
                fen(&back["setlinfo"][field]),
                -fen(amount),
                "{field}: the reversal is the original x -1"
            );
        }
    }
    assert_eq!(network.balance("fund_expense/310000"), 0);
    assert_eq!(network.balance("owed_to_institution"), 0);
    let again = desk.call("2304", care::bill(&desk, &visit, None, &charges));
    assert_eq!(again["setlinfo"]["fund_pay_sumamt"], info["fund_pay_sumamt"]);
    network.books_are_even();
}

#[test]
fn nobody_settles_twice_or_cancels_what_is_cancelled() {
    let network = network();
    for desk in away_and_at_home(&network) {
        let charges = [COURSE];
        let visit = care::admit(&desk, -5);
        desk.refused("2304", care::bill(&desk, &visit, None, &charges), 5011);
        desk.call("2402", care::discharge(&desk, &visit));
        desk.refused("2304", care::bill(&desk, &visit, None, &charges), 5027);
        care::upload(&desk, &visit, None, &charges);
        let text = desk.refused("2304", care::bill(&desk, &visit, None, &[OWN]), 5028);
        assert!(text.contains("medfee_sumamt") && text.contains("5204"), "{text}");
        let settled = desk.call("2304", care::bill(&desk, &visit, None, &charges));
        let first = setl_id(&settled);
        let before = business(&network);
        for infno in ["2303", "2303A", "2304", "2304A"] {
            let text = desk.refused(infno, care::bill(&desk, &visit, None, &charges), 6003);
            assert!(text.contains(&first), "{text}");
        }
        for infno in ["2401", "2402", "2403", "2404", "2405"] {
            let (input, number) = match infno {
                "2401" => (care::admission(&desk, -5), None),
                "2402" => (care::discharge(&desk, &visit), Some(5012)),
                "2403" => (change(&desk, &visit, -5), Some(5008)),
                "2404" => (of_visit(&desk, &visit), Some(5008)),
                _ => (of_visit(&desk, &visit), Some(5008)),
            };
            match number {
                Some(number) => drop(desk.refused(infno, input, number)),
                None => assert!(desk.refused(infno, input, 5010).contains("begntime")),
            }
        }
        desk.refused("2305", care::settlement(&desk, &visit, "A000"), 6001);
        desk.refused("2208", care::settlement(&desk, &visit, &first), 5004);
        calm(&network);
        assert_eq!(business(&network), before, "nothing of this is booked");

        let back = desk.call("2305", care::settlement(&desk, &visit, &first));
        let text = desk.refused("2305", care::settlement(&desk, &visit, &first), 6002);
        assert!(text.contains(&setl_id(&back)), "it names what took it back: {text}");
        desk.refused("2305", care::settlement(&desk, &visit, &setl_id(&back)), 6001);
        let shown = desk.call("5203", care::settlement(&desk, &visit, &setl_id(&back)));
        assert_eq!(shown["setlinfo"]["refd_setl_flag"], json!("1"));
    }
    money_is(&network, "220100", 0);
    assert_eq!(network.balance("fund_expense/310000"), 0);
}

#[test]
fn another_person_or_another_hospital_reaches_nothing_of_a_stay() {
    let network = network();
    let [desk, stranger] = away_and_at_home(&network);
    let charges = [COURSE];
    let visit = care::inpatient(&desk, &charges);
    let next_door = network.desk(&network.hospital("31", "05"), &desk.person);
    let before = business(&network);
    for (infno, input) in [
        ("2301", json!({"feedetail": care::rows(&stranger, &visit, None, &charges)})),
        ("2302", away(&stranger, &visit, &["0000"])),
        ("2303", care::bill(&stranger, &visit, None, &charges)),
        ("2304", care::bill(&stranger, &visit, None, &charges)),
        ("2402", care::discharge(&stranger, &visit)),
        ("2403", change(&stranger, &visit, -5)),
        ("2404", of_visit(&stranger, &visit)),
        ("2405", of_visit(&stranger, &visit)),
        ("5204", of_visit(&stranger, &visit)),
    ] {
        stranger.refused(infno, input, 5002);
    }
    next_door.refused("2304", care::bill(&next_door, &visit, None, &charges), 5003);
    next_door.refused("2405", of_visit(&next_door, &visit), 5003);
    let mixed = json!({"data": [
        {"feedetl_sn": "L1", "mdtrt_id": visit, "psn_no": desk.person.person_no},
        {"feedetl_sn": "L1", "mdtrt_id": visit, "psn_no": stranger.person.person_no},
    ]});
    desk.refused("2302", mixed, 5002);
    calm(&network);
    assert_eq!(business(&network), before);
    assert_eq!(held(&desk, &visit), ["L1"]);
}

#[test]
fn an_admission_is_changed_shown_and_cancelled() {
    let network = network();
    for desk in away_and_at_home(&network) {
        let visit = care::admit(&desk, -5);
        let crosses = desk.person.pool.as_str() != "310000";
        let shown = in_hospital(&desk);
        assert_eq!(shown.len(), 1, "{shown:?}");
        assert_eq!(shown[0]["mdtrt_id"], json!(visit));
        assert_eq!(shown[0]["out_flag"], json!(if crosses { "1" } else { "0" }));
        assert_eq!(shown[0]["begndate"], json!(network.today().plus_days(-5).to_string()));

        desk.call("2403", change(&desk, &visit, -7));
        assert_eq!(in_hospital(&desk)[0]["begndate"], json!(network.today().plus_days(-7).to_string()));
        desk.refused("2403", change(&desk, &visit, 1), 5030);
        care::upload(&desk, &visit, None, &[NURSING]);
        desk.call("2403", change(&desk, &visit, 0));
        desk.call("2403", change(&desk, &visit, -3));
        let mut early = care::rows(&desk, &visit, None, &[NURSING]);
        early[0]["feedetl_sn"] = json!("EARLY");
        early[0]["fee_ocur_time"] = json!(desk.at(-3, "08:00:00"));
        desk.call("2301", json!({ "feedetail": early }));
        let text = desk.refused("2403", change(&desk, &visit, -2), 5024);
        assert!(text.contains("EARLY"), "a line may not fall out of the stay: {text}");

        let text = desk.refused("2404", of_visit(&desk, &visit), 5007);
        assert!(text.contains("2302"), "{text}");
        desk.call("2302", away(&desk, &visit, &["0000"]));
        desk.call("2404", of_visit(&desk, &visit));
        desk.refused("2404", of_visit(&desk, &visit), 5006);
        desk.refused("2402", care::discharge(&desk, &visit), 5006);
        desk.refused("2301", json!({"feedetail": care::rows(&desk, &visit, None, &[NURSING])}), 5006);
        assert_eq!(in_hospital(&desk), Vec::<Value>::new());
        let next = care::admit(&desk, -5);
        assert_ne!(next, visit, "the place of a cancelled stay is free");
    }
    network.books_are_even();
}

#[test]
fn a_discharge_is_checked_against_the_stay_and_may_be_undone() {
    let network = network();
    for desk in away_and_at_home(&network) {
        let visit = care::admit(&desk, -5);
        care::upload(&desk, &visit, None, &[NURSING]);
        desk.refused("2405", of_visit(&desk, &visit), 5011);
        let ending = |at: String| {
            let mut input = care::discharge(&desk, &visit);
            input["dscginfo"]["endtime"] = json!(at);
            input
        };
        desk.refused("2402", ending(desk.at(-6, "08:00:00")), 5013);
        desk.refused("2402", ending(desk.at(1, "08:00:00")), 5030);
        desk.refused("2402", ending(desk.at(-1, "08:00:00")), 5024);
        let mut other = care::discharge(&desk, &visit);
        other["dscginfo"]["insutype"] = json!("310");
        desk.refused("2402", other, 2006);
        desk.call("2402", care::discharge(&desk, &visit));
        assert_eq!(in_hospital(&desk), Vec::<Value>::new(), "discharged is not in hospital");
        desk.refused("2402", care::discharge(&desk, &visit), 5012);
        desk.call("2405", of_visit(&desk, &visit));
        assert_eq!(in_hospital(&desk).len(), 1, "the discharge is undone");
        desk.refused("2405", of_visit(&desk, &visit), 5011);
        desk.call("2402", care::discharge(&desk, &visit));
        desk.call("2304", care::bill(&desk, &visit, None, &[NURSING]));
    }
    network.books_are_even();
}

#[test]
fn fee_lines_come_go_and_leave_their_numbers_free() {
    let network = network();
    for desk in away_and_at_home(&network) {
        let visit = care::admit(&desk, -5);
        let split = care::upload(&desk, &visit, None, &[COURSE, OWN]);
        for row in split["result"].as_array().expect("rows") {
            let parts = ["fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt"];
            let sum: i64 = parts.iter().map(|part| fen(&row[part])).sum();
            assert_eq!(sum, fen(&row["det_item_fee_sumamt"]), "a line is split without rest");
        }
        let again = json!({"feedetail": care::rows(&desk, &visit, None, &[NURSING, OWN])});
        assert!(desk.refused("2301", again, 5020).contains("L1"));
        let mut twice = care::rows(&desk, &visit, None, &[NURSING, OWN]);
        twice[0]["feedetl_sn"] = json!("N");
        twice[1]["feedetl_sn"] = json!("N");
        desk.refused("2301", json!({ "feedetail": twice }), 5020);
        assert_eq!(held(&desk, &visit), ["L1", "L2"], "an upload is kept whole or not at all");

        // One object, a list, everything, everything again.
        let one = json!({"data": {"feedetl_sn": "L1", "mdtrt_id": visit, "psn_no": desk.person.person_no}});
        desk.call("2302", one.clone());
        desk.refused("2302", one, 5021);
        desk.refused("2302", away(&desk, &visit, &["L2", "L9"]), 5021);
        assert_eq!(held(&desk, &visit), ["L2"], "a deletion is done whole or not at all");
        desk.call("2302", away(&desk, &visit, &["L2"]));
        care::upload(&desk, &visit, None, &[COURSE, OWN]);
        for _ in 0..2 {
            desk.call("2302", away(&desk, &visit, &["0000"]));
            assert_eq!(held(&desk, &visit), Vec::<String>::new());
        }
        let object =
            json!({"data": {"feedetl_sn": "0000", "mdtrt_id": visit, "psn_no": desk.person.person_no}});
        care::upload(&desk, &visit, None, &[COURSE, OWN]);
        for expected in [false, true] {
            let answer = desk.ask("2302", object.clone());
            assert_eq!(answer["infcode"], json!(0), "{answer}");
            assert_eq!(answer["warn_msg"].is_string(), expected, "a repetition is remarked: {answer}");
        }
        care::upload(&desk, &visit, None, &[COURSE, OWN]);
        desk.call("2402", care::discharge(&desk, &visit));
        let settled = desk.call("2304", care::bill(&desk, &visit, None, &[COURSE, OWN]));
        desk.refused("2301", json!({"feedetail": care::rows(&desk, &visit, None, &[NURSING])}), 5005);
        assert!(desk.refused("2302", away(&desk, &visit, &["L1"]), 5022).contains(&setl_id(&settled)));
        desk.call("2302", away(&desk, &visit, &["0000"]));
        assert_eq!(held(&desk, &visit), ["L1", "L2"], "what is settled stays");
        // 部分退费: cancel all, delete lines, settle the rest.
        desk.call("2305", care::settlement(&desk, &visit, &setl_id(&settled)));
        desk.call("2302", away(&desk, &visit, &["L2"]));
        desk.call("2304", care::bill(&desk, &visit, None, &[COURSE]));
    }
    network.books_are_even();
}

#[test]
fn a_refund_line_gives_back_at_most_what_was_charged() {
    let network = network();
    for desk in away_and_at_home(&network) {
        let visit = care::admit(&desk, -5);
        care::upload(&desk, &visit, None, &[COURSE, NURSING]);
        let refund = |line: &str, of: Option<&str>, price: i64, quantity: i64| {
            let mut rows = care::rows(&desk, &visit, None, &[(COURSE.0, price, quantity)]);
            rows[0]["feedetl_sn"] = json!(line);
            rows[0]["init_feedetl_sn"] = json!(of);
            json!({ "feedetail": rows })
        };
        for wrong in [
            refund("R1", None, COURSE.1, -1),
            refund("R1", Some("L9"), COURSE.1, -1),
            refund("R1", Some("L1"), COURSE.1, -11),
            refund("R1", Some("L1"), 1_00, -1),
            refund("R1", Some("L2"), COURSE.1, -1),
            refund("R1", Some("L1"), -COURSE.1, 1),
            refund("R1", Some("R1"), COURSE.1, -1),
        ] {
            desk.refused("2301", wrong, 5026);
        }
        desk.call("2301", refund("R1", Some("L1"), COURSE.1, -4));
        desk.refused("2301", refund("R2", Some("L1"), COURSE.1, -7), 5026);
        desk.refused("2301", refund("R2", Some("R1"), COURSE.1, -1), 5026);
        desk.call("2301", refund("R2", Some("L1"), COURSE.1, -2));
        let text = desk.refused("2302", away(&desk, &visit, &["L1"]), 5026);
        assert!(text.contains("R1"), "a refund is not left without its charge: {text}");
        desk.call("2302", away(&desk, &visit, &["R2"]));
        desk.call("2402", care::discharge(&desk, &visit));
        let left = [(COURSE.0, COURSE.1, 6), NURSING];
        let settled = desk.call("2304", care::bill(&desk, &visit, None, &left));
        assert_eq!(fen(&settled["setlinfo"]["medfee_sumamt"]), 7_200_00 + 130_00);
        desk.call("2305", care::settlement(&desk, &visit, &setl_id(&settled)));
        desk.call("2302", away(&desk, &visit, &["L1", "R1"]));
        assert_eq!(held(&desk, &visit), ["L2"]);
        desk.call("2304", care::bill(&desk, &visit, None, &[NURSING]));
    }
    network.books_are_even();
}

#[test]
fn a_filing_made_during_the_stay_is_picked_up_at_settlement() {
    let network = network();
    let desk = unfiled(&network);
    let charges = [COURSE];
    let admitted = desk.ask("2401", care::admission(&desk, -5));
    assert_eq!(admitted["infcode"], json!(0), "an admission does not wait for a filing: {admitted}");
    assert!(admitted["warn_msg"].as_str().is_some_and(|text| text.starts_with("[7001]")), "{admitted}");
    let visit = admitted["output"]["result"]["mdtrt_id"].as_str().expect("a stay").to_owned();
    care::upload(&desk, &visit, None, &charges);
    desk.call("2402", care::discharge(&desk, &visit));
    desk.refused("2303", care::bill(&desk, &visit, None, &charges), 7001);
    let text = desk.refused("2304", care::bill(&desk, &visit, None, &charges), 7001);
    assert!(text.contains("备案"), "{text}");
    money_is(&network, "220100", 0);

    // What was refused holds nothing: the discharge may be undone, and the stay goes on.
    desk.call("2405", of_visit(&desk, &visit));
    let mut more = care::rows(&desk, &visit, None, &[NURSING]);
    more[0]["feedetl_sn"] = json!("N1");
    desk.call("2301", json!({ "feedetail": more }));
    desk.call("2402", care::discharge(&desk, &visit));

    let made = network.post(
        "/sandbox/filings",
        &json!({
            "psn_no": desk.person.person_no, "insuplc_admdvs": "220100", "category": "21",
            "mdtrtarea_admdvs": "310000", "begndate": network.today(),
        }),
    );
    assert!(made["trt_dcla_detl_sn"].is_string(), "{made}");
    let settled = desk.call("2304", care::bill(&desk, &visit, None, &[COURSE, NURSING]));
    let paid = fen(&settled["setlinfo"]["fund_pay_sumamt"]);
    assert!(paid > 0, "{settled}");
    money_is(&network, "220100", paid);
}

#[test]
fn an_emergency_admission_of_an_unfiled_person_is_deemed_filed() {
    for (field, value) in [("med_type", "24"), ("er_flag", "1")] {
        let network = network();
        let desk = unfiled(&network);
        let mut admission = care::admission(&desk, -5);
        admission["mdtrtinfo"][field] = json!(value);
        let admitted = desk.ask("2401", admission);
        assert_eq!(admitted["infcode"], json!(0), "{admitted}");
        assert_eq!(admitted["warn_msg"], Value::Null, "nothing is missing: {admitted}");
        let visit = admitted["output"]["result"]["mdtrt_id"].as_str().expect("a stay").to_owned();
        care::upload(&desk, &visit, None, &[COURSE]);
        desk.call("2402", care::discharge(&desk, &visit));
        let settled = desk.call("2304", care::bill(&desk, &visit, None, &[COURSE]));
        let paid = fen(&settled["setlinfo"]["fund_pay_sumamt"]);
        assert!(paid > 0, "{field}: {settled}");
        money_is(&network, "220100", paid);
    }
}

#[test]
fn an_injury_with_a_third_party_is_refused_at_admission_and_at_settlement() {
    let network = network();
    for desk in away_and_at_home(&network) {
        let mut hurt = care::admission(&desk, -5);
        hurt["mdtrtinfo"]["trum_flag"] = json!("1");
        hurt["mdtrtinfo"]["rel_ttp_flag"] = json!("1");
        let text = desk.refused("2401", hurt.clone(), 7005);
        assert!(text.contains("rel_ttp_flag"), "{text}");
        assert_eq!(in_hospital(&desk), Vec::<Value>::new());
        // An injury alone is no reason; a third party that turns up later is.
        hurt["mdtrtinfo"]["rel_ttp_flag"] = json!("0");
        let admitted = desk.call("2401", hurt);
        let visit = admitted["result"]["mdtrt_id"].as_str().expect("a stay").to_owned();
        care::upload(&desk, &visit, None, &[COURSE]);
        let mut found = change(&desk, &visit, -5);
        found["adminfo"]["rel_ttp_flag"] = json!("1");
        desk.call("2403", found);
        desk.call("2402", care::discharge(&desk, &visit));
        desk.refused("2303", care::bill(&desk, &visit, None, &[COURSE]), 7005);
        desk.refused("2304", care::bill(&desk, &visit, None, &[COURSE]), 7005);
        let mut mistaken = change(&desk, &visit, -5);
        mistaken["adminfo"]["rel_ttp_flag"] = json!("0");
        desk.call("2403", mistaken);
        desk.call("2304", care::bill(&desk, &visit, None, &[COURSE]));
    }
    network.books_are_even();
}

#[test]
fn one_person_cannot_lie_in_two_hospitals_wherever_they_are() {
    let network = network();
    let person = network.person("220100", &["resident", "adult", "referral", "clean_year"]);
    let shanghai = network.desk(&network.hospital("31", "02"), &person);
    let beijing = network.desk(&network.hospital("11", "02"), &person);
    let home = network.desk(&network.hospital("22", "02"), &person);
    let first = care::admit(&shanghai, -5);
    calm(&network);
    let before = business(&network);
    for desk in [&beijing, &home, &shanghai] {
        let text = desk.refused("2401", care::admission(desk, -3), 5010);
        assert!(text.contains("begntime") && text.contains("上海"), "{text}");
    }
    assert_eq!(business(&network), before);
    // A transfer on the day of discharge is no overlap.
    shanghai.call("2402", care::discharge(&shanghai, &first));
    calm(&network);
    home.refused("2401", care::admission(&home, -3), 5010);
    let second = care::admit(&home, 0);
    home.call("2404", of_visit(&home, &second));
    care::admit(&beijing, 0);
}
