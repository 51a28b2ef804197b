//! 9001, 9002, 1101, 1201, 2001: who sits at the counter, who stands before it, and whether the fund pays here.

use super::care;
use super::network::{Desk, network};
use serde_json::{Value, json};

/// `data` of 1101 with one credential.
fn shown(kind: &str, number: &str) -> Value {
    json!({"data": {"mdtrt_cert_type": kind, "mdtrt_cert_no": number, "psn_cert_type": "01", "certno": ""}})
}

#[test]
fn an_operator_signs_in_and_out() {
    let network = network();
    let person = network.person("310000", &["employee", "unfiled"]);
    let desk = network.desk(&network.hospital("31", "02"), &person);
    let sign_in = json!({"signIn": {"opter_no": "001", "mac": "00:00:00:00:00:00", "ip": "127.0.0.1"}});
    let first = desk.call("9001", sign_in.clone());
    let second = desk.call("9001", sign_in);
    let (one, two) = (&first["signinoutb"]["sign_no"], &second["signinoutb"]["sign_no"]);
    assert_ne!(one, two, "each session has its own number");
    let sign_out = json!({"signOut": {"sign_no": one, "opter_no": "001"}});
    desk.call("9002", sign_out.clone());
    desk.call("9002", sign_out);
    // Some clients send the fields without their node, and nothing of the machine.
    desk.call("9001", json!({"opter_no": "002"}));
    desk.refused("9001", json!({"signIn": {"mac": "", "ip": ""}}), 1010);
}

#[test]
fn every_credential_finds_the_same_person_at_home_and_elsewhere() {
    let network = network();
    for pool in ["220100", "310000"] {
        let person = network.person(pool, &["employee", "active", "account_rich"]);
        let desk = network.desk(&network.hospital("31", "02"), &person);
        let by_certificate = desk.call("1101", care::who(&desk));
        let base = &by_certificate["baseinfo"];
        assert_eq!(base["psn_no"], json!(person.person_no));
        assert_eq!(base["psn_name"], json!(person.name));
        assert_eq!(base["certno"], json!(person.certificate_no));
        assert_eq!(base["brdy"], json!(person.facts.birth.to_string()));
        assert_eq!(base["age"], json!(person.facts.birth.year().abs_diff(network.today().year())));
        let insured = by_certificate["insuinfo"].as_array().expect("a list");
        assert_eq!(insured.len(), 1);
        assert_eq!(insured[0]["insuplc_admdvs"], json!(pool));
        assert_eq!(insured[0]["balc"], json!(8600));
        assert_eq!(insured[0]["insutype"], json!("310"));
        assert_eq!(insured[0]["psn_insu_stas"], json!("1"));
        assert_eq!(by_certificate["idetinfo"], json!([]));

        let reader = [
            pool,
            &person.certificate_no,
            &person.card_no,
            &person.card_sn,
            &person.name,
            "0081544C8686",
            "3.00",
            "20200101",
            "20300101",
            "000000000001",
            "00000001",
        ];
        let number = &person.certificate_no;
        let ways = [
            ("the social security card", shown("03", &person.card_no)),
            ("the card in small letters", shown("03", &person.card_no.to_lowercase())),
            ("the string of the card reader", shown("03", &reader.join("|"))),
            ("the voucher", shown("01", &person.voucher_token)),
            ("an identity number under another kind", shown("03", number)),
            (
                "the certificate type without its nought",
                json!({"data": {
                    "mdtrt_cert_type": "2", "mdtrt_cert_no": number, "psn_cert_type": "1", "certno": number,
                }}),
            ),
            (
                "the certificate alone",
                json!({"data": {
                    "mdtrt_cert_type": "02", "mdtrt_cert_no": "", "psn_cert_type": "01", "certno": number,
                    "psn_name": person.name,
                }}),
            ),
        ];
        for (way, input) in ways {
            assert_eq!(desk.call("1101", input), by_certificate, "{way}");
        }
    }
}

#[test]
fn a_wrong_name_and_an_unknown_number_are_told_apart() {
    let network = network();
    let person = network.person("220100", &["employee", "active", "unfiled"]);
    let desk = network.desk(&network.hospital("31", "02"), &person);
    let mut input = care::who(&desk);
    input["data"]["psn_name"] = json!("测试无名");
    let text = desk.refused("1101", input, 2002);
    assert!(text.contains("psn_name") && !text.contains(&person.name), "{text}");

    // 999999 is no place, and nobody was born on this day.
    let nobody = "99999919000101001X";
    let text = desk.refused("1101", shown("02", nobody), 2001);
    assert!(!text.contains(nobody), "numbers of people stay out of texts: {text}");
    desk.refused("1101", shown("01", "220100nosuchtoken"), 2001);
    desk.refused("1101", json!({"data": {"mdtrt_cert_type": "02"}}), 1010);
}

#[test]
fn what_a_person_is_stands_in_the_answer() {
    let network = network();
    let hospital = network.hospital("31", "02");
    let told = |tags: &[&str]| {
        let desk = network.desk(&hospital, &network.person("220100", tags));
        desk.call("1101", care::who(&desk))
    };
    let poor = told(&["needy_extreme_poverty"]);
    assert_eq!(poor["idetinfo"][0]["psn_idet_type"], json!("2"));
    assert_eq!(poor["idetinfo"][0]["memo"], json!("特困人员"));
    assert_eq!(poor["insuinfo"][0]["insutype"], json!("390"));
    assert_eq!(poor["insuinfo"][0]["balc"], json!(0));
    assert_eq!(poor["insuinfo"][0]["emp_name"], Value::Null);
    assert_eq!(told(&["retired", "clean_year"])["insuinfo"][0]["psn_type"], json!("1201"));
    let suspended = told(&["suspended"]);
    assert_eq!(suspended["insuinfo"][0]["psn_insu_stas"], json!("2"));
    assert!(suspended["insuinfo"][0]["paus_insu_date"].is_string());
    assert_eq!(told(&["ended"])["insuinfo"][0]["psn_insu_stas"], json!("4"));
    assert_eq!(told(&["civil_servant", "active"])["insuinfo"][0]["cvlserv_flag"], json!("1"));
    assert_eq!(told(&["newborn"])["baseinfo"]["age"], json!(0));
}

#[test]
fn institutions_are_found_by_kind_name_and_code() {
    let network = network();
    let hospital = network.hospital("31", "02");
    let desk = network.desk(&hospital, &network.person("310000", &["unfiled"]));
    let find = |query: Value| {
        let output = desk.call("1201", json!({ "medinsinfo": query }));
        output["medinsinfo"].as_array().expect("a list").clone()
    };
    let hospitals = find(json!({"fixmedins_type": "1"}));
    assert!(
        hospitals
            .iter()
            .all(|row| row["fixmedins_code"].as_str().is_some_and(|code| code.starts_with("H31")))
    );
    assert_eq!(hospitals.len(), 7);
    assert_eq!(find(json!({"fixmedins_type": "2", "fixmedins_name": "", "fixmedins_code": ""})).len(), 2);
    let named = find(json!({"fixmedins_type": "1", "fixmedins_name": "社区"}));
    assert_eq!((named.len(), &named[0]["hosp_lv"]), (1, &json!("10")));
    let coded = find(json!({"fixmedins_type": "1", "fixmedins_code": hospital.code}));
    assert_eq!((coded.len(), &coded[0]["uscc"]), (1, &json!(hospital.credit_code)));
    assert!(find(json!({"fixmedins_type": "1", "fixmedins_code": "H31010199999"})).is_empty());
}

/// 2001 for today.
fn check(desk: &Desk<'_>, med_type: &str, disease: Option<&str>) -> Value {
    json!({"data": {
        "psn_no": desk.person.person_no, "insutype": desk.insutype(), "fixmedins_code": desk.institution.code,
        "med_type": med_type, "begntime": desk.at(0, "08:00:00"), "dise_codg": disease,
    }})
}

#[test]
fn a_benefit_check_says_yes_or_names_the_reason() {
    let network = network();
    let hospital = network.hospital("31", "02");
    // Person, kind of care, disease; the flag, and a word of the reason.
    let table = [
        ("310000", ["employee", "unfiled"], "11", None, "1", "无需异地备案"),
        ("220100", ["employee", "referral"], "11", None, "1", "异地转诊"),
        ("220100", ["active", "unfiled"], "11", None, "0", "[7001]"),
        ("220100", ["active", "unfiled"], "13", None, "1", "视同已备案"),
        ("220100", ["retired", "filing_expired"], "21", None, "0", "[7003]"),
        ("220100", ["active", "filing_elsewhere"], "11", None, "0", "[7002]"),
        ("220100", ["active", "suspended"], "11", None, "0", "[2004]"),
        ("220100", ["active", "filing_future"], "11", None, "0", "[7001]"),
        ("220100", ["referral", "chronic_M00500"], "14", Some("M00501"), "1", "异地转诊"),
        ("220100", ["referral", "chronic_M00500"], "14", Some("M03900"), "0", "[7004]"),
        ("340100", ["active", "unfiled"], "11", None, "1", "免备案"),
        ("340100", ["active", "unfiled"], "21", None, "0", "[7001]"),
    ];
    for (pool, tags, med_type, disease, flag, reason) in table {
        let desk = network.desk(&hospital, &network.person(pool, &tags));
        let output = desk.call("2001", check(&desk, med_type, disease));
        let rows = output["trtinfo"].as_array().expect("a list");
        assert_eq!(rows.len(), 2, "the pool and the layer above it");
        for row in rows {
            assert_eq!(row["trt_enjymnt_flag"], json!(flag), "{tags:?} {med_type}: {row}");
            let text = row["trt_chk_rslt"].as_str().expect("a reason");
            assert!(text.contains(reason), "{tags:?} {med_type}: {text}");
        }
    }
}

#[test]
fn a_benefit_check_that_cannot_be_made_names_the_cure() {
    let network = network();
    let person = network.person("220100", &["employee", "referral"]);
    let desk = network.desk(&network.hospital("31", "02"), &person);
    let mut wrong_kind = check(&desk, "11", None);
    wrong_kind["data"]["insutype"] = json!("390");
    desk.refused("2001", wrong_kind, 2006);
    desk.refused("2001", check(&desk, "41", None), 7006);

    let mut nowhere = desk.envelope("2001", check(&desk, "11", None));
    nowhere["insuplc_admdvs"] = json!("");
    super::network::refusal(&desk.send(&nowhere), 2007);
    let mut elsewhere = desk.envelope("2001", check(&desk, "11", None));
    elsewhere["insuplc_admdvs"] = json!("370200");
    super::network::refusal(&desk.send(&elsewhere), 2003);
    // A county of the pool is as good as the pool.
    let mut county = desk.envelope("2001", check(&desk, "11", None));
    county["insuplc_admdvs"] = json!("220102");
    assert_eq!(desk.send(&county)["infcode"], json!(0));

    let suspended =
        network.institutions().iter().find(|known| known.suspended && known.code.as_str().starts_with("H31"));
    let closed = network.desk(suspended.expect("a suspended institution"), &person);
    closed.refused("2001", check(&closed, "11", None), 3002);
    closed.refused("2201", care::registration(&closed), 3002);
    closed.call("1101", care::who(&closed));
}
