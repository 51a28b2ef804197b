//! 文件: 9101 both ways in, 9102, and what is refused.

use super::care::CT;
use super::ledgers::{UPLOAD, download, file, multipart, number, settle, unzip, upload, zip};
use super::network::{Desk, Network, network, network_with, refusal};
use super::{table, wire};
use platform::treatment_node::Settings;
use serde_json::{Value, json};

fn home(network: &Network) -> Desk<'_> {
    let person = network.person("310000", &["resident", "adult", "clean_year"]);
    network.desk(&network.hospital("31", "02"), &person)
}

/// An upload whose `in` is this.
fn json_way(desk: &Desk<'_>, bytes: Value) -> Value {
    json!({"fsUploadIn": {"in": bytes, "filename": "detail.zip", "fixmedins_code": desk.institution.code}})
}

#[test]
fn a_file_comes_back_as_it_was_whichever_way_it_came() {
    let network = network();
    let desk = home(&network);
    let bytes = zip(&[("detail.txt", file(&[settle(&desk, CT)]).as_bytes())]);
    let unsigned: Value = bytes.iter().map(|byte| json!(byte)).collect();
    let signed: Value = bytes.iter().map(|byte| json!(byte.cast_signed())).collect();
    let mut numbers = Vec::new();
    for list in [unsigned, signed] {
        let output = desk.call("9101", json_way(&desk, list));
        assert_eq!(output["filename"], json!("detail.zip"));
        assert_eq!(output["fixmedins_code"], json!(desk.institution.code));
        let week = format!("{} ", network.today().plus_days(7));
        assert!(output["dld_endtime"].as_str().is_some_and(|end| end.starts_with(&week)), "{output}");
        numbers.push(output["file_qury_no"].as_str().expect("a number").to_owned());
    }
    numbers.push(number(&upload(&desk, &bytes), ""));
    for part in ["file", "in", "File"] {
        let input = json!({"fsUploadIn": {"filename": "", "fixmedins_code": desk.institution.code}});
        let (form, body) = multipart(&desk.envelope("9101", input), part, "对账.zip", &bytes);
        let answer = wire::post(&network, UPLOAD, &form, &body).json();
        numbers.push(number(&answer, ""));
        table::fits("9101", &answer["output"]);
        assert_eq!(answer["output"]["filename"], json!("对账.zip"));
    }
    for number in &numbers {
        let reply = download(&network, &desk, number);
        assert_eq!(reply.body, bytes, "{number}");
        assert_eq!(unzip(&reply.body).0, "detail.txt");
    }
    let unlike: std::collections::BTreeSet<&String> = numbers.iter().collect();
    assert_eq!(unlike.len(), numbers.len(), "each has a number of its own");
}

#[test]
fn the_same_upload_again_is_the_same_file_the_other_way_too() {
    let network = network();
    let desk = home(&network);
    let bytes = zip(&[("a.txt", b"x")]);
    let list: Value = bytes.iter().map(|byte| json!(byte)).collect();
    let envelope = desk.envelope("9101", json_way(&desk, list));
    let first = desk.send(&envelope);
    assert_eq!(desk.send(&envelope), first);
    let mut beside = envelope.clone();
    beside["input"]["fsUploadIn"].as_object_mut().expect("a node").remove("in");
    let (form, body) = multipart(&beside, "file", "other.zip", &bytes);
    assert_eq!(wire::post(&network, UPLOAD, &form, &body).json(), first);
    let (form, body) = multipart(&beside, "file", "other.zip", b"other bytes");
    refusal(&wire::post(&network, UPLOAD, &form, &body).json(), 1020);

    let input = json!({"fsDownloadIn": {"file_qury_no": number(&first, ""), "filename": "x"}});
    let envelope = desk.envelope("9102", input).to_string();
    for _ in 0..2 {
        let reply = wire::call(&network, envelope.as_bytes());
        assert_eq!(reply.body, bytes, "the same question again has the same bytes");
    }
}

#[test]
fn a_file_belongs_to_its_institution_and_to_its_days() {
    let network = network_with(Settings { file_keep_days: 2, ..Settings::default() });
    let desk = home(&network);
    let stranger = network.desk(&network.hospital("31", "05"), &desk.person);
    let kept = number(&upload(&desk, b"a bare text"), "");
    assert_eq!(download(&network, &desk, &kept).body, b"a bare text");
    let refused = |desk: &Desk<'_>, number: &str| {
        let reply = download(&network, desk, number);
        let form = reply.headers.iter().find(|(name, _)| name == "content-type").expect("a form");
        assert!(form.1.starts_with("application/json"), "{form:?}");
        refusal(&reply.json(), 1033)
    };
    assert!(refused(&stranger, &kept).contains(&kept));
    refused(&desk, "0");
    for (infno, node) in [("9101", "fsUploadIn"), ("9102", "fsDownloadIn")] {
        for code in ["plc", stranger.institution.code.as_str()] {
            let input = json!({ node: {"in": "eA==", "file_qury_no": kept, "filename": "a", "fixmedins_code": code} });
            assert!(desk.refused(infno, input, 1034).contains(code));
        }
    }
    network.days_pass(1);
    assert_eq!(download(&network, &desk, &kept).body, b"a bare text");
    let envelope = desk.envelope("9102", json!({"fsDownloadIn": {"file_qury_no": kept, "filename": "a"}}));
    assert_eq!(wire::call(&network, envelope.to_string().as_bytes()).body, b"a bare text");
    network.days_pass(1);
    assert!(refused(&desk, &kept).contains("expired"));
    refusal(&wire::call(&network, envelope.to_string().as_bytes()).json(), 1033);
    let node = network.node("31");
    let code = desk.institution.code.clone();
    // What expired is removed, not only hidden.
    let left = (0..200).find_map(|_| {
        let code = code.clone();
        let look = move |store: &mut dyn platform::doors::Store, _| {
            platform::store::files::file_bytes_kept(store, &code, insurance::calendar::Instant(0))
        };
        let left = node.look_now(look).expect("a node").expect("read");
        super::accidents::pause(10);
        (left == 0).then_some(left)
    });
    assert_eq!(left, Some(0));
}

#[test]
fn what_is_no_upload_is_refused_by_name() {
    let network = network();
    let desk = home(&network);
    for (bytes, part) in [
        (json!([80, 300]), "value 2 of in is 300"),
        (json!("not base64!"), "no base64"),
        (json!([]), "empty"),
    ] {
        let text = desk.refused("9101", json_way(&desk, bytes), 1030);
        assert!(text.contains(part), "{text}");
    }
    let text = desk.refused("9101", json!({"fsUploadIn": {"filename": "a"}}), 1010);
    assert!(text.contains("fsUploadIn.in"), "{text}");
    let large = vec![7; platform::protocol::files::FILE_LARGEST_BYTES + 1];
    let (form, body) = multipart(&desk.envelope("9101", json!({})), "file", "a", &large);
    let text = refusal(&wire::post(&network, UPLOAD, &form, &body).json(), 1031);
    assert!(text.contains("10485761"), "{text}");

    let (form, body) = multipart(&desk.envelope("9101", json!({})), "file", "a", b"x");
    let cut = wire::post(&network, UPLOAD, &form, &body[..body.len() - 20]).json();
    assert!(refusal(&cut, 1001).contains("multipart"), "{cut}");
    let nothing = wire::post(&network, UPLOAD, "multipart/form-data", &body).json();
    refusal(&nothing, 1001);
    let lone = b"--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--B--\r\n";
    let lone = wire::post(&network, UPLOAD, "multipart/form-data; boundary=B", lone).json();
    assert!(refusal(&lone, 1001).contains("jsonStr"), "{lone}");
    // Any other transaction may come this way as well.
    let who = super::care::who(&desk);
    let (form, body) = multipart(&desk.envelope("1101", who), "file", "a", b"x");
    assert_eq!(wire::post(&network, UPLOAD, &form, &body).json()["infcode"], json!(0));
}
