//! 2501, and filings by an agency: made before, beside or during a visit, and what they change.

use super::care::{self, COURSE};
use super::identities::hold;
use super::network::{Desk, fen, network};
use serde_json::{Value, json};

/// 2501 for a referral to this place, from today on.
fn referral(desk: &Desk<'_>, kind: &str, place: &str) -> Value {
    let today = desk.at(0, "");
    json!({"refmedin": {
        "psn_no": desk.person.person_no, "insutype": desk.insutype(), "tel": "", "addr": "",
        "insu_optins": desk.person.pool, "diag_code": "J18.900", "diag_name": "肺炎", "dise_cond_dscr": "",
        "reflin_medins_no": desk.institution.code, "reflin_medins_name": desk.institution.name,
        "mdtrtarea_admdvs": place, "hosp_agre_refl_flag": "1", "refl_type": kind, "refl_date": today.trim(),
        "refl_rea": "病情需要", "refl_opnn": "同意转诊", "begndate": today.trim(), "enddate": "",
    }})
}

/// A filing by a clerk of the insured place.
fn filed(desk: &Desk<'_>, category: &str, place: &str, from_days: i32) -> Value {
    json!({
        "psn_no": desk.person.person_no, "insuplc_admdvs": desk.person.pool, "category": category,
        "mdtrtarea_admdvs": place, "begndate": desk.at(from_days, "").trim(), "enddate": null,
    })
}

#[test]
fn a_referral_made_during_the_visit_is_picked_up_at_settlement() {
    let network = network();
    let person = network.person("220100", &["active", "unfiled"]);
    let desk = network.desk(&network.hospital("31", "02"), &person);
    let visit = care::outpatient(&desk, &[COURSE]);
    let bill = || care::bill(&desk, &visit, Some("B1"), &[COURSE]);
    desk.refused("2206", bill(), 7001);
    desk.refused("2207", bill(), 7001);

    // The hospital at home sends it, to a district: the filing names the whole city.
    let home = network.desk(&network.hospital("22", "02"), &person);
    let made = home.call("2501", referral(&home, "3", "310115"));
    assert!(made["result"]["trt_dcla_detl_sn"].as_str().is_some_and(|number| !number.is_empty()));
    let settled = desk.call("2207", bill());
    hold(&settled);
    // Changchun, third level: 300 a visit, then 50 % less 10 points for a referral; 2,000 a year at most.
    assert_eq!(fen(&settled["setlinfo"]["act_pay_dedc"]), 300_00);
    assert_eq!(fen(&settled["setlinfo"]["hifp_pay"]), 2_000_00);
    let process = settled["setldetail"][0]["setl_proc_info"].as_str().expect("how it came");
    assert!(process.contains("异地转诊") && process.contains("40%"), "{process}");

    // It ends after six months, and it is not for another place.
    let shown = network.get("/sandbox/personas");
    let people = shown["people"].as_array().expect("people");
    let me = people.iter().find(|shown| shown["psn_no"] == json!(person.person_no)).expect("me");
    assert_eq!(me["filing"]["category"], json!("21"));
    assert_eq!(me["filing"]["mdtrtarea_admdvs"], json!("310000"));
    assert_eq!(me["filing"]["enddate"], json!(network.today().plus_months(6).to_string()));
    let elsewhere = network.desk(&network.hospital("44", "02"), &person);
    let other = care::outpatient(&elsewhere, &[COURSE]);
    elsewhere.refused("2206", care::bill(&elsewhere, &other, Some("B1"), &[COURSE]), 7002);
}

#[test]
fn a_better_filing_beside_the_visit_gives_the_better_terms() {
    let network = network();
    let person = network.person("370200", &["active", "unfiled"]);
    let desk = network.desk(&network.hospital("31", "02"), &person);
    let paid = |med_type: &str| {
        let visit = care::register(&desk);
        desk.call("2203", care::description(&desk, &visit, med_type));
        care::upload(&desk, &visit, Some("B1"), &[care::CT, care::INSULIN]);
        let mut bill = care::bill(&desk, &visit, Some("B1"), &[care::CT, care::INSULIN]);
        bill["data"]["med_type"] = json!(med_type);
        let quoted = desk.call("2206", bill);
        hold(&quoted);
        fen(&quoted["setlinfo"]["hifp_pay"])
    };
    let emergency = paid("13");
    assert!(emergency > 0);
    for (category, place) in [("23", "310000"), ("12", "310104")] {
        let answer = network.post("/sandbox/filings", &filed(&desk, category, place, -1));
        assert!(answer["trt_dcla_detl_sn"].is_string(), "{answer}");
        // Other temporary care is paid less than an emergency, long-term residents get what they get at home.
        let now = paid("11");
        match category {
            "23" => assert!(now < emergency, "{now} {emergency}"),
            _ => assert!(now > emergency, "{now} {emergency}"),
        }
    }
}

#[test]
fn a_filing_that_cannot_be_made_is_refused_with_its_cure() {
    let network = network();
    let person = network.person("220100", &["active", "unfiled"]);
    let desk = network.desk(&network.hospital("31", "02"), &person);
    for (kind, place) in [("1", "310101"), ("2", "310101"), ("3", "220200"), ("3", "99")] {
        desk.refused("2501", referral(&desk, kind, place), 7008);
    }
    let mut backwards = referral(&desk, "3", "310000");
    backwards["refmedin"]["enddate"] = json!(desk.at(-1, "").trim());
    desk.refused("2501", backwards, 7009);
    let mut stranger = referral(&desk, "3", "310000");
    stranger["refmedin"]["psn_no"] = json!("22010090000000009999");
    desk.refused("2501", stranger, 2003);

    let mut forms = vec![filed(&desk, "31", "310000", 0)];
    let change = |field: &str, value: &str| {
        let mut form = filed(&desk, "12", "310000", 0);
        form[field] = json!(value);
        form
    };
    forms.push(change("insuplc_admdvs", "320100"));
    forms.push(change("psn_no", "22010090000000009999"));
    forms.push(change("enddate", desk.at(-1, "").trim()));
    forms.push(change("mdtrtarea_admdvs", "220200"));
    for form in forms {
        let answer = network.post("/sandbox/filings", &form);
        assert!(answer["error"].as_str().is_some_and(|text| text.len() > 10), "{form}: {answer}");
    }
    // Nothing was filed by all that.
    let visit = care::outpatient(&desk, &[COURSE]);
    desk.refused("2206", care::bill(&desk, &visit, Some("B1"), &[COURSE]), 7001);
}
