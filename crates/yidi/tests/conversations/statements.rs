//! 对账单: an institution reconciles by totals, by lines and by day; every planted difference is found and typed, and
//! what is right is never marked wrong.

use super::accidents::{calm, money_is, settlements, while_asked};
use super::care::{self, CONSULTATION, COURSE, CT};
use super::ledgers::{
    Own, compared, details, download, file, number, read, settle, take_back, totals, upload, zip,
};
use super::network::{Desk, Network, network, network_with, refusal};
use platform::treatment_node::Settings;
use serde_json::{Value, json};

/// A hospital in Shanghai with a resident of Changchun, a resident of Shanghai, and an employee with an account.
fn desks(network: &Network) -> [Desk<'_>; 3] {
    let hospital = network.hospital("31", "02");
    let people = [
        network.person("220100", &["resident", "adult", "referral", "clean_year"]),
        network.person("310000", &["resident", "adult", "clean_year"]),
        network.person("310000", &["employee", "active", "account_rich"]),
    ];
    people.map(|person| network.desk(&hospital, &person))
}

fn settle_by_account(desk: &Desk<'_>) -> Own {
    let visit = care::outpatient(desk, &[CT]);
    let mut bill = care::bill(desk, &visit, Some("B1"), &[CT]);
    bill["data"]["acct_used_flag"] = json!("1");
    Own::of(&desk.ask("2207", bill))
}

fn told(answer: &Value) -> (String, String) {
    assert_eq!(answer["infcode"], json!(0), "other totals are no error: {answer}");
    let info = &answer["output"]["stmtinfo"];
    let text = |name: &str| info[name].as_str().unwrap_or_default().to_owned();
    assert!(text("stmt_rslt_dscr").chars().count() <= 200, "{info}");
    (text("stmt_rslt"), text("stmt_rslt_dscr"))
}

#[test]
fn totals_agree_for_local_and_cross_province_care_alike_and_name_what_differs() {
    let network = network();
    let [away, home, worker] = desks(&network);
    let today = network.today().to_string();
    let mut residents = vec![settle(&away, COURSE), settle(&home, CT), settle(&home, CONSULTATION)];
    let employees = vec![settle_by_account(&worker)];
    assert!(employees[0].account > 0, "the account pays: {employees:?}");
    let back = take_back(&home, &residents[1]);
    residents.push(back.clone());

    // What 2207, 2208 and 5203 answer as clr_optins is what 3201 wants, whoever the person is.
    for (desk, own) in [(&away, &residents[0]), (&home, &residents[2]), (&worker, &employees[0])] {
        let shown = desk.call("5203", care::settlement(desk, &own.mdtrt_id, &own.setl_id));
        assert_eq!(shown["setlinfo"]["clr_optins"], json!(desk.institution.region));
        assert_eq!(shown["setlinfo"]["clr_type"], json!("11"));
    }
    for (insutype, own) in [("390", &residents), ("310", &employees)] {
        let (result, text) = told(&home.ask("3201", totals(&home, insutype, &today, &today, own)));
        assert_eq!(result, "0", "{text}");
        assert!(text.contains(&format!("agrees, {}", own.len())), "{text}");
    }
    home.call("3201", totals(&home, "390", &today, &today, &residents));

    // Without takings back: the settlement that was taken back still counts, its negative record does not.
    let mut positive = totals(&home, "390", &today, &today, &residents[..3]);
    assert_eq!(told(&home.ask("3201", positive.clone())).0, "1");
    positive["data"]["REFD_SETL_FLAG"] = json!("0");
    assert_eq!(told(&home.ask("3201", positive)).0, "0");

    let mut wrong = totals(&home, "310", &today, &today, &employees);
    wrong["data"]["medfee_sumamt"] = json!("200.00");
    wrong["data"]["acct_pay"] = json!(0);
    wrong["data"]["fixmedins_setl_cnt"] = json!(3);
    let (result, text) = told(&home.ask("3201", wrong));
    assert_eq!(result, "1");
    let account = insurance::money::Fen(employees[0].account);
    for part in
        ["fee 220.00-(200.00)=20.00", &format!("account {account}-(0.00)={account}"), "count 1-(3)=-2"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("fund"), "the funds agree: {text}");
    for data in [("clr_type", "41"), ("clr_type", "21"), ("insutype", "340")] {
        let mut nothing = totals(&home, "390", &today, &today, &[]);
        nothing["data"][data.0] = json!(data.1);
        assert_eq!(told(&home.ask("3201", nothing)).0, "0", "{data:?}");
    }

    let mut place = totals(&home, "390", &today, &today, &residents);
    place["data"]["setl_optins"] = json!("220100");
    let text = home.refused("3201", place, 1037);
    assert!(text.contains(home.institution.region.as_str()) && text.contains("220100"), "{text}");
    let backwards = totals(&home, "390", &today, "2026-01-01", &residents);
    assert!(home.refused("3201", backwards, 1036).contains(&today));
    home.refused("3201", totals(&home, "390", "2020-01-01", &today, &residents), 1036);
}

#[test]
fn every_right_line_agrees_in_every_form_that_software_uploads() {
    let network = network();
    let [away, home, worker] = desks(&network);
    let today = network.today().to_string();
    let mut own = vec![settle(&away, COURSE), settle(&home, CT), settle_by_account(&worker)];
    own.push(take_back(&home, &own[1]));
    let published = file(&own);
    let results: Vec<String> = own.iter().map(Own::as_result).collect();
    let short: Vec<String> = own
        .iter()
        .map(|own| {
            let line = own.as_result();
            let columns: Vec<&str> = line.split('\t').collect();
            [&columns[..4], &columns[7..]].concat().join("\t")
        })
        .collect();
    let nameless: Vec<String> =
        own.iter().map(|own| Own { setl_id: String::new(), ..own.clone() }.as_result()).collect();
    let under_the_original = published.replace(&own[3].setl_id, &own[1].setl_id);
    let forms = [
        published.clone(),
        format!("\u{feff}{}\r\n", published.replace('\n', "\r\n")),
        format!("{published}\t\n\n"),
        results.join("\n"),
        results.join("\n").replace("\tnull\t", "\t\t"),
        short.join("\n"),
        nameless.join("\n"),
        under_the_original,
        published.replace(".00\t", "\t"),
    ];
    for text in forms {
        let found = compared(&network, &home, &text, &today, &today, &own);
        assert_eq!(found.len(), own.len(), "{text}\n{found:?}");
        for (found, own) in found.iter().zip(&own) {
            assert_eq!((found.side(), found.memo()), ("0", "null"), "{text}");
            assert_eq!((found.setl_id(), &found.columns[3]), (own.setl_id.as_str(), &own.msgid));
            assert_eq!(found.columns[7], insurance::money::Fen(own.fee).to_string());
        }
    }
    // Chinese remarks in the Windows code page, and a bare text.
    let mut bare = results.join("\n").replacen("\t\t\t", "\t\t?\t", 1).into_bytes();
    let place = bare.iter().position(|byte| *byte == b'?').expect("a remark");
    bare.splice(place..=place, [0xB1, 0xB8, 0xD7, 0xA2]);
    let uploaded = upload(&home, &bare);
    let answer = home.ask("3202", details(&home, &number(&uploaded, ""), &today, &today, &own));
    let found = read(&download(&network, &home, &number(&answer, "fileinfo")));
    assert!(found.iter().all(|found| found.side() == "0"), "{found:?}");
    assert!(answer["warn_msg"].as_str().is_some_and(|text| text.starts_with("平4")), "{answer}");
}

/// What was planted, and how it must be found: the number, 1 agency, 2 institution or 3 other data, and the kind.
type Planted = (String, &'static str, &'static str);

#[test]
fn every_planted_difference_is_found_and_typed_and_nothing_else_is() {
    let network = network_with(Settings { answer_wait_ms: 900, ..Settings::default() });
    let [away, home, worker] = desks(&network);
    let yesterday = network.today().to_string();
    let of_yesterday = settle(&home, CONSULTATION);
    network.days_pass(1);
    let today = network.today().to_string();
    let other_hospital = network.hospital("31", "05");
    let elsewhere = settle(&network.desk(&other_hospital, &home.person), CT);

    let right = vec![settle(&home, CT), settle(&away, COURSE), settle_by_account(&worker)];
    let mut listed = right.clone();
    let mut planted: Vec<Planted> = Vec::new();
    let mut plant = |listed: &mut Vec<Own>, own: Own, planted_as: (&'static str, &'static str)| {
        planted.push((own.setl_id.clone(), planted_as.0, planted_as.1));
        listed.push(own);
    };

    // One side only.
    let left_out = settle(&home, CONSULTATION);
    let invented = Own { setl_id: "23126112599".into(), msgid: "NEVER".into(), ..left_out.clone() };
    plant(&mut listed, invented, ("2", "单边账"));
    plant(&mut listed, elsewhere, ("2", "单边账"));
    // Other amounts: one of each.
    let (fee, fund, account) = (settle(&home, CT), settle(&away, CT), settle_by_account(&worker));
    plant(&mut listed, Own { fee: fee.fee + 1, ..fee }, ("3", "金额不符"));
    plant(&mut listed, Own { fund: fund.fund - 100, ..fund }, ("3", "金额不符"));
    plant(&mut listed, Own { account: 0, ..account }, ("3", "金额不符"));
    // Another person's number.
    let mistaken = settle(&home, CT);
    plant(&mut listed, Own { psn_no: away.person.person_no.to_string(), ..mistaken }, ("3", "状态不符"));
    // Taken back on one side.
    let taken_back = settle(&home, CT);
    let back = take_back(&home, &taken_back);
    listed.push(taken_back.clone());
    let stands = settle(&home, CT);
    listed.push(stands.clone());
    let refund = Own { fee: -stands.fee, fund: -stands.fund, refund: true, ..stands.clone() };
    plant(&mut listed, refund, ("2", "状态不符"));
    // Undone by 2601, and a taking back that was undone.
    let undone = settle(&home, CT);
    home.call("2601", care::reversal(&home, "2207", &undone.msgid));
    plant(&mut listed, undone, ("2", "状态不符"));
    let again = settle(&home, CT);
    let not_back = take_back(&home, &again);
    home.call("2601", care::reversal(&home, "2208", &not_back.msgid));
    listed.push(again.clone());
    plant(&mut listed, not_back, ("2", "状态不符"));
    // Twice, and under another day.
    let twice = settle(&home, CT);
    listed.push(twice.clone());
    plant(&mut listed, twice.clone(), ("2", "重复记账"));
    plant(&mut listed, of_yesterday.clone(), ("3", "时间差"));
    // Still being resolved: no answer came, and the hospital lists it by its message.
    let visit = care::outpatient(&away, &[COURSE]);
    let envelope = away.envelope("2207", care::bill(&away, &visit, Some("B1"), &[COURSE]));
    let answer = while_asked(
        &network,
        "22",
        || away.send(&envelope),
        |held| {
            network.cut_off("22", true);
            drop(held);
        },
    );
    refusal(&answer, 9003);
    let open = Own {
        setl_id: String::new(),
        mdtrt_id: visit,
        msgid: envelope["msgid"].as_str().expect("a msgid").to_owned(),
        ..right[1].clone()
    };
    listed.push(open.clone());

    let text: Vec<String> = listed.iter().map(Own::as_result).collect();
    let found = compared(&network, &home, &text.join("\n"), &today, &today, &listed);
    assert_eq!(found.len(), listed.len() + 2, "and two that only the agency has: {found:?}");
    let of = |own: &Own, refund: bool| {
        let refund = if refund { "1" } else { "0" };
        let mine =
            |found: &&super::ledgers::Found| found.setl_id() == own.setl_id && found.columns[5] == refund;
        found.iter().filter(mine).map(|found| (found.side(), found.memo())).collect::<Vec<_>>()
    };
    for own in right.iter().chain([&taken_back, &stands, &again]) {
        assert_eq!(of(own, false), [("0", "null")], "{own:?}");
    }
    for (number, side, kind) in &planted {
        let hit = found.iter().any(|found| {
            found.setl_id() == number && found.side() == *side && found.memo().starts_with(*kind)
        });
        assert!(hit, "{number} {side} {kind} in {found:#?}");
    }
    // Of the two lines one is right.
    let sides: Vec<&str> = of(&twice, false).iter().map(|found| found.0).collect();
    assert_eq!(sides, ["0", "2"]);
    // The same file is right where it is right: what only the agency has comes last.
    let [only @ .., last] = &found[listed.len()..] else { panic!("two rows") };
    let only: Vec<(&str, &str)> = only.iter().chain([last]).map(|row| (row.setl_id(), row.side())).collect();
    let expected = vec![(left_out.setl_id.as_str(), "1"), (back.setl_id.as_str(), "1")];
    assert_eq!(only, expected);
    assert!(of(&left_out, false)[0].1.starts_with("单边账"), "{found:#?}");
    assert!(of(&back, true)[0].1.starts_with("状态不符"), "{found:#?}");
    let row = found.iter().find(|row| row.columns[3] == open.msgid).expect("by its message");
    assert_eq!(row.side(), "3", "{row:?}");
    assert!(row.memo().starts_with("时间差") && row.memo().contains("wait"), "{row:?}");
    let differing = found.iter().filter(|row| row.side() != "0").count();
    assert_eq!(differing, planted.len() + 3, "nothing else is marked: {found:#?}");

    // When its end is known it is no matter of time any more: nothing was booked.
    network.cut_off("22", false);
    calm(&network);
    assert_eq!(settlements(&network, "31", "cancelled"), 1);
    let found = compared(&network, &home, &open.as_result(), &today, &today, &[open]);
    assert_eq!(found[0].side(), "2");
    assert!(
        found[0].memo().starts_with("状态不符") && found[0].memo().contains("nothing was booked"),
        "{found:?}"
    );
    // Yesterday is right under its own day.
    let found = compared(&network, &home, &of_yesterday.published(), &yesterday, &yesterday, &[of_yesterday]);
    assert_eq!(found.iter().map(|found| found.side()).collect::<Vec<_>>(), ["0"]);
}

#[test]
fn the_proposed_repairs_make_both_sides_agree() {
    let network = network();
    let [away, home, _] = desks(&network);
    let today = network.today().to_string();
    let [kept, lost, refunded] = [CT, COURSE, CONSULTATION].map(|charge| settle(&away, charge));
    let refund = Own { fee: -refunded.fee, fund: -refunded.fund, refund: true, ..refunded.clone() };
    let own = vec![kept.clone(), refunded.clone(), refund];
    let found = compared(&network, &home, &file(&own), &today, &today, &own);
    let sides: Vec<&str> = found.iter().map(|row| row.side()).collect();
    assert_eq!(sides, ["0", "0", "2", "1"], "{found:#?}");
    let (there, here) = (&found[2], &found[3]);
    assert!(there.memo().contains("take it back with 2208"), "{there:?}");
    let undo = format!("2601 (oinfno 2207, omsgid {})", lost.msgid);
    assert!(here.memo().contains(&undo), "{undo} in {here:?}");

    let back = take_back(&away, &refunded);
    away.call("2601", care::reversal(&away, "2207", &here.columns[3]));
    let own = vec![kept.clone(), refunded, back];
    let found = compared(&network, &home, &file(&own), &today, &today, &own);
    assert!(found.len() == 3 && found.iter().all(|row| row.side() == "0"), "{found:#?}");
    let (result, text) = told(&home.ask("3201", totals(&home, "390", &today, &today, &own)));
    assert_eq!(result, "0", "{text}");
    money_is(&network, "220100", kept.fund);
}

#[test]
fn a_day_that_is_over_stays_as_it_was() {
    let network = network();
    let [away, home, _] = desks(&network);
    let first = network.today().to_string();
    let own = vec![settle(&home, CT), settle(&away, COURSE)];
    network.days_pass(1);
    let second = network.today().to_string();
    let back = take_back(&home, &own[0]);
    away.call("2601", care::reversal(&away, "2207", &own[1].msgid));
    assert_eq!(told(&home.ask("3201", totals(&home, "390", &first, &first, &own))).0, "0");
    let undone = Own { fee: -own[1].fee, fund: -own[1].fund, refund: true, ..own[1].clone() };
    let next = [back.clone(), undone];
    assert_eq!(told(&home.ask("3201", totals(&home, "390", &second, &second, &next))).0, "0");
    // The hospital never heard of a number for the negative record of 2601: it is told that nothing is to be done.
    let found = compared(&network, &home, &back.published(), &second, &second, &[back]);
    assert_eq!(found.iter().map(|row| row.side()).collect::<Vec<_>>(), ["0", "1"]);
    assert!(found[1].memo().contains("nothing to correct"), "{found:?}");
}

#[test]
fn a_day_is_shown_as_it_was_compared_last() {
    let network = network();
    let [away, home, worker] = desks(&network);
    let today = network.today().to_string();
    let day = |more: Value| {
        let mut data = json!({"stmt_date": today, "page_size": 100, "clr_optins": home.institution.region});
        data.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        json!({ "data": data })
    };
    let shown = |more: Value| {
        let output = home.call("13203", day(more));
        let rows = output["data"].as_array().expect("rows").clone();
        let row =
            |row: &Value| (row["setl_id"].clone(), row["stmt_rslt"].as_str().expect("a result").to_owned());
        rows.iter().map(row).collect::<Vec<_>>()
    };
    let [one, two, three] = [settle(&away, COURSE), settle(&home, CT), settle_by_account(&worker)];
    let answer = home.ask("13203", day(json!({})));
    assert_eq!(answer["output"]["data"], json!([]));
    assert!(answer["warn_msg"].as_str().is_some_and(|text| text.contains("clr_type 11、21")), "{answer}");

    let invented = Own { setl_id: "X1".into(), ..one.clone() };
    let wrong = Own { fee: two.fee + 5, ..two.clone() };
    let own = [one.clone(), wrong, invented];
    compared(&network, &home, &file(&own), &today, &today, &own);
    let later = settle(&home, CONSULTATION);
    let row = |own: &Own, side: &str| (json!(own.setl_id), side.to_owned());
    let mut all = vec![row(&one, "0"), row(&two, "3"), row(&three, "1")];
    all.push((json!("X1"), "2".to_owned()));
    assert_eq!(shown(json!({})), all, "and not {later:?}, which came after");
    assert_eq!(shown(json!({"stmt_rslt": "0"})), [row(&one, "0")]);
    assert_eq!(shown(json!({"stmt_rslt": "1"})).len(), 3);
    assert_eq!(shown(json!({"clr_pay_loc": "4"})), [row(&one, "0")]);
    assert_eq!(shown(json!({"clr_pay_loc": "2"})).len(), 2, "and not what nobody here knows");
    assert_eq!(shown(json!({"insutype": "310"})), [row(&three, "1")]);
    assert_eq!(shown(json!({"clr_type": "21"})), []);
    assert_eq!(shown(json!({"page_size": 3, "page_num": 2})), all[3..]);
    let named = home.call("13203", day(json!({"insutype": "310"})));
    assert_eq!(named["data"][0]["psn_name"], json!(worker.person.name));
    assert_eq!(named["data"][0]["msg_id"], json!(three.msgid));

    let own = [one.clone(), two.clone(), three.clone(), later.clone()];
    compared(&network, &home, &file(&own), &today, &today, &own);
    assert_eq!(shown(json!({"stmt_rslt": "1"})), [], "compared again, everything agrees");
    assert_eq!(shown(json!({})).len(), 4);
    home.refused("13203", day(json!({"page_size": 101})), 1039);
    home.refused("13203", day(json!({"clr_optins": "220100"})), 1037);
}

#[test]
fn a_file_that_cannot_be_compared_is_refused_with_its_line() {
    let network = network();
    let [_, home, _] = desks(&network);
    let today = network.today().to_string();
    let own = settle(&home, CT);
    let line = own.published();
    let ask = |bytes: &[u8]| {
        let uploaded = upload(&home, bytes);
        home.ask("3202", details(&home, &number(&uploaded, ""), &today, &today, std::slice::from_ref(&own)))
    };
    let fee = insurance::money::Fen(own.fee).to_string();
    for (text, parts) in [
        (format!("{line}\n{line}\tX"), ["line 2 of the file", "7 or 10 columns"]),
        (format!("{line}\n\na\tb"), ["line 3 of the file", "2 columns"]),
        (line.replace(&fee, "22O.00"), ["line 1 of the file, medfee_sumamt", "22O.00"]),
        (format!("{line}\n{}", line.replace(&fee, "1.005")), ["line 2 of the file", "\"1.005\""]),
        (
            format!("{line}\n{}", line.replace(&own.setl_id, "null")),
            ["line 2 of the file, setl_id", "settlement number"],
        ),
        (
            format!("{line}\n{}", line.replace(&own.mdtrt_id, &"9".repeat(31))),
            ["line 2 of the file, mdtrt_id", "30"],
        ),
        (
            format!("{}2", line.strip_suffix('0').expect("a flag")),
            ["line 1 of the file, refd_setl_flag", "0 or 1"],
        ),
        (own.as_result().replace(&fee, "1e9999"), ["line 1 of the file, medfee_sumamt", "1e9999"]),
    ] {
        let refused = refusal(&ask(text.as_bytes()), 1035);
        assert!(parts.iter().all(|part| refused.contains(part)), "{parts:?}: {refused}");
    }
    for (bytes, part) in [
        (zip(&[("a.txt", b"x"), ("b.txt", b"x")]), "exactly one .txt"),
        (zip(&[("../../a.txt", line.as_bytes())]), "leads out of the zip"),
        (b"PK\x03\x04 and nothing more".to_vec(), "broken"),
        (zip(&[("a.txt", &vec![b'0'; 4 << 20])]), "32 MiB"),
    ] {
        let refused = refusal(&ask(&bytes), 1030);
        assert!(refused.contains(part), "{part}: {refused}");
    }
    let uploaded = number(&upload(&home, line.as_bytes()), "");
    let mut other = details(&home, &uploaded, &today, &today, &[]);
    other["data"]["clr_type"] = json!("41");
    home.refused("3202", other.clone(), 1038);
    other["data"]["clr_type"] = json!("11");
    other["data"]["file_qury_no"] = json!("931");
    assert!(home.refused("3202", other, 1033).contains("931"));
    // The sums of the request are not those of the file: told, and compared all the same.
    let answer = home.ask("3202", details(&home, &uploaded, &today, &today, &[]));
    let remark = answer["warn_msg"].as_str().expect("a remark");
    assert!(remark.starts_with("平1") && remark.contains("fixmedins_setl_cnt 0/1"), "{answer}");
}

#[test]
fn the_same_comparison_again_has_the_same_answer() {
    let network = network();
    let [_, home, _] = desks(&network);
    let today = network.today().to_string();
    let own = [settle(&home, CT)];
    let uploaded = number(&upload(&home, file(&own).as_bytes()), "");
    let envelope = home.envelope("3202", details(&home, &uploaded, &today, &today, &own));
    let answer = home.send(&envelope);
    assert_eq!(home.send(&envelope), answer, "one message, one result");
    let mut other = envelope.clone();
    other["input"]["data"]["stmt_enddate"] = json!("2026-12-31");
    refusal(&home.send(&other), 1020);
}
