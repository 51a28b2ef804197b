//! 5201, 5203, 5204, 5206, 5301: what can be asked afterwards; and the pages that a sandbox shows.

use super::care::{self, CONSULTATION, COURSE, CT, INSULIN};
use super::network::{Desk, fen, network, refusal};
use platform::protocol::tables;
use serde_json::{Value, json};

/// Settles this batch of a visit and gives `setlinfo`.
#[track_caller]
fn settle(desk: &Desk<'_>, visit: &str, charges: &[care::Charge], account: bool) -> Value {
    let mut bill = care::bill(desk, visit, Some("B1"), charges);
    bill["data"]["acct_used_flag"] = json!(if account { "1" } else { "0" });
    desk.call("2207", bill)["setlinfo"].clone()
}

/// What 5206 shows of one kind, in fen or as a count; nothing where it shows none.
fn used(desk: &Desk<'_>, month: &str, kind: &str) -> Option<i64> {
    let query = json!({"data": {"psn_no": desk.person.person_no, "cum_ym": month}});
    let output = desk.call("5206", query);
    let rows = output["cuminfo"].as_array().expect("a list").clone();
    rows.iter().find(|row| row["cum_type_code"] == json!(kind)).map(|row| fen(&row["cum"]))
}

#[test]
fn what_is_used_moves_with_a_settlement_and_back_with_its_reversal() {
    let network = network();
    for (pool, tags, province) in
        [("310000", ["active", "unfiled"], "31"), ("220100", ["permanent_worker", "account_rich"], "44")]
    {
        let person = network.person(pool, &tags);
        let desk = network.desk(&network.hospital(province, "02"), &person);
        assert_eq!(used(&desk, "", "OTP_POOL"), None);
        let visit = care::outpatient(&desk, &[COURSE]);
        let info = settle(&desk, &visit, &[COURSE], false);
        let expected = |field: &str| Some(fen(&info[field]));
        assert_eq!(used(&desk, "", "OTP_POOL"), expected("hifp_pay"));
        assert_eq!(used(&desk, "", "OTP_INSCP"), expected("inscp_scp_amt"));
        assert_eq!(used(&desk, "", "OTP_DEDC"), expected("act_pay_dedc"));
        desk.call("2208", care::settlement(&desk, &visit, info["setl_id"].as_str().expect("a number")));
        for kind in ["OTP_POOL", "OTP_INSCP", "OTP_DEDC"] {
            assert!(matches!(used(&desk, "", kind), None | Some(0)), "{kind}");
        }
    }
}

#[test]
fn a_month_is_asked_in_its_policy_year_not_in_its_calendar_year() {
    let network = network();
    // The employees of Shanghai count from July to June.
    let person = network.person("310000", &["active", "unfiled"]);
    let desk = network.desk(&network.hospital("31", "02"), &person);
    let visit = care::outpatient(&desk, &[COURSE]);
    let paid = fen(&settle(&desk, &visit, &[COURSE], false)["hifp_pay"]);
    let today = network.today();
    let year = if today.month() < 7 { today.year() - 1 } else { today.year() };
    assert_eq!(
        used(&desk, &format!("{}02", year + 1), "OTP_POOL"),
        Some(paid),
        "February is of the same year"
    );
    assert_eq!(used(&desk, &format!("{year}08"), "OTP_POOL"), Some(paid));
    assert_eq!(used(&desk, &format!("{year}05"), "OTP_POOL"), None, "May is of the year before");
    let no_month = json!({"data": {"psn_no": person.person_no, "cum_ym": "202613"}});
    desk.refused("5206", no_month, 1012);
}

#[test]
fn chronic_qualifications_are_shown_with_their_days() {
    let network = network();
    let person = network.person("220100", &["long_term_resident", "chronic_M03900"]);
    let desk = network.desk(&network.hospital("44", "02"), &person);
    let held = desk.call("5301", json!({"data": {"psn_no": person.person_no}}));
    let rows = held["feedetail"].as_array().expect("a list");
    let codes: Vec<&Value> = rows.iter().map(|row| &row["opsp_dise_code"]).collect();
    assert_eq!(codes, [&json!("M03900"), &json!("M01600")]);
    assert_eq!(rows[0]["begndate"], json!(network.today().plus_months(-14).to_string()));
    let nobody =
        network.desk(&network.hospital("44", "02"), &network.person("220100", &["active", "unfiled"]));
    let none = nobody.call("5301", json!({"data": {"psn_no": nobody.person.person_no}}));
    assert_eq!(none["feedetail"], json!([]));
    let mut nowhere = desk.envelope("5301", json!({"data": {"psn_no": person.person_no}}));
    nowhere["insuplc_admdvs"] = Value::Null;
    refusal(&desk.send(&nowhere), 2007);
}

/// 5201 between two days from today.
fn between(desk: &Desk<'_>, from: i32, to: i32, med_type: &str) -> Vec<Value> {
    let output = desk.call(
        "5201",
        json!({"data": {
            "psn_no": desk.person.person_no, "begntime": desk.at(from, "00:00:00"),
            "endtime": desk.at(to, "23:59:59"), "med_type": med_type,
        }}),
    );
    output["mdtrtinfo"].as_array().expect("a list").clone()
}

#[test]
fn visits_and_lines_are_shown_as_the_tables_have_them() {
    let network = network();
    let person = network.person("220100", &["permanent_worker", "account_rich"]);
    let desk = network.desk(&network.hospital("44", "02"), &person);
    let visit = care::register(&desk);
    let mut described = care::description(&desk, &visit, "11");
    described["mdtrtinfo"]["geso_val"] = json!("12");
    described["mdtrtinfo"]["dise_codg"] = json!("E11.900");
    desk.call("2203A", described);
    let mut rows = care::rows(&desk, &visit, Some("B1"), &[INSULIN]);
    rows[0]["prd_days"] = json!("7.5");
    rows[0]["rxno"] = json!("RX1");
    desk.call("2204", json!({ "feedetail": rows }));

    let shown = between(&desk, -1, 0, "11");
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["mdtrt_id"], json!(visit));
    assert_eq!(shown[0]["geso_val"], json!(12), "a number is a number again");
    assert_eq!(shown[0]["ipt_otp_no"], json!("MZ1"));
    assert_eq!(shown[0]["endtime"], shown[0]["begntime"], "an outpatient visit ends as it begins");
    assert_eq!(shown[0]["insu_optins"], json!("220100"));
    assert!(between(&desk, -9, -2, "11").is_empty());
    assert!(between(&desk, -1, 0, "21").is_empty());
    let other = network.desk(&network.hospital("44", "05"), &person);
    assert!(between(&other, -1, 0, "11").is_empty(), "another institution's visits are its own");

    let query = json!({"data": {"psn_no": person.person_no, "mdtrt_id": visit}});
    let lines = desk.call("5204", query.clone());
    assert_eq!(lines[0]["prd_days"], json!(7.5));
    assert_eq!(lines[0]["rx_drord_no"], json!("RX1"));
    assert_eq!(lines[0]["setl_id"], json!(""));
    assert_eq!(lines[0]["hilist_name"], json!("甘精胰岛素注射液"));
    assert_eq!(lines[0]["chrgitm_lv"], json!("02"));
    other.refused("5204", query, 5003);

    // A cancelled visit says so.
    let clear = json!({"data": {"mdtrt_id": visit, "chrg_bchno": "0000", "psn_no": person.person_no}});
    desk.call("2205", clear);
    desk.call("2202", json!({"data": {"psn_no": person.person_no, "mdtrt_id": visit, "ipt_otp_no": "MZ1"}}));
    assert!(between(&desk, -1, 0, "11")[0]["memo"].as_str().is_some_and(|memo| memo.contains("已撤销")));
}

#[test]
fn a_settlement_and_its_reversal_are_shown_with_their_signs() {
    let network = network();
    let person = network.person("310000", &["active", "unfiled"]);
    let desk = network.desk(&network.hospital("31", "02"), &person);
    let visit = care::outpatient(&desk, &[COURSE, CONSULTATION]);
    let settled = settle(&desk, &visit, &[COURSE, CONSULTATION], true);
    let setl_id = settled["setl_id"].as_str().expect("a number").to_owned();
    let back = desk.call("2208", care::settlement(&desk, &visit, &setl_id));
    let back_id = back["setlinfo"]["setl_id"].as_str().expect("a number").to_owned();
    for (number, told, flag) in [(&setl_id, &settled, "0"), (&back_id, &back["setlinfo"], "1")] {
        let shown = desk.call("5203", care::settlement(&desk, &visit, number));
        let info = &shown["setlinfo"];
        for field in
            ["medfee_sumamt", "inscp_scp_amt", "act_pay_dedc", "hifp_pay", "acct_pay", "balc", "setl_time"]
        {
            assert_eq!(info[field], told[field], "{number} {field}");
        }
        assert_eq!(info["psn_pay"], told["psn_part_amt"]);
        assert_eq!(info["cash_payamt"], told["psn_cash_pay"]);
        assert_eq!(info["medins_setl_id"], told["medins_setl_id"]);
        assert_eq!(info["refd_setl_flag"], json!(flag));
        assert_eq!((&info["pay_loc"], &info["fixmedins_poolarea"]), (&json!("2"), &json!("310000")));
    }
    desk.refused("5203", care::settlement(&desk, &visit, "23126112500099999"), 6001);
    let other = care::register(&desk);
    desk.refused("5203", care::settlement(&desk, &other, &setl_id), 6001);
    let elsewhere = network.desk(&network.hospital("31", "05"), &person);
    elsewhere.refused("5203", care::settlement(&elsewhere, &visit, &setl_id), 5003);
}

#[test]
fn the_sandbox_shows_people_as_they_are_now_and_a_page_for_every_transaction() {
    let network = network();
    let person = network.person("220100", &["permanent_worker", "account_rich"]);
    let desk = network.desk(&network.hospital("44", "02"), &person);
    let me = || {
        let shown = network.get("/sandbox/personas");
        let people = shown["people"].as_array().expect("people").clone();
        people.into_iter().find(|shown| shown["psn_no"] == json!(person.person_no)).expect("me")
    };
    let before = me();
    assert_eq!(before["balc"], json!(8600));
    assert!(before["tags"].as_array().expect("tags").contains(&json!("clean_year")));
    for field in ["psn_name", "certno", "card_no", "ec_token", "insuplc_admdvs", "insutype", "filing"] {
        assert!(!before[field].is_null(), "{field}");
    }
    let visit = care::outpatient(&desk, &[CT, INSULIN]);
    let info = settle(&desk, &visit, &[CT, INSULIN], true);
    assert!(fen(&info["acct_pay"]) > 0);
    let after = me();
    assert_eq!(after["balc"], info["balc"]);
    assert!(!after["tags"].as_array().expect("tags").contains(&json!("clean_year")));

    // One settlement as every office has it.
    let setl_id = info["setl_id"].as_str().expect("a number");
    network.books_are_even();
    let inside = network.get(&format!("/sandbox/settlements/{setl_id}"));
    assert_eq!(inside["settlement"]["state"], json!("settled"));
    let books = inside["books"].as_array().expect("books");
    let offices: Vec<&str> = books.iter().filter_map(|book| book["node"].as_str()).collect();
    assert_eq!(offices, ["hub", "22", "44"]);
    assert!(network.get("/sandbox/settlements/nosuchnumber")["error"].is_string());

    let shown = network.get("/sandbox/transactions");
    let listed = shown["transactions"].as_array().expect("transactions");
    assert_eq!(listed.len(), tables::transactions().count());
    let pages = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for row in listed {
        let page = row["page"].as_str().expect("a page");
        assert!(pages.join(page).is_file(), "{page}");
        assert!(!row["name"]["zh"].as_str().unwrap_or_default().is_empty(), "{row}");
        assert!(!row["name"]["en"].as_str().unwrap_or_default().is_empty(), "{row}");
    }
}
