//! What one hospital has of its settlements, and the ways in which its software uploads, compares and downloads.

use super::network::{Desk, Network, fen};
use super::wire;
use super::{care, table};
use base64::Engine as _;
use insurance::money::Fen;
use platform::protocol::values::Amount;
use serde_json::{Value, json};
use std::io::{Cursor, Read, Write};

/// One settlement, or one taking back, as the hospital keeps it.
#[derive(Clone, Debug)]
pub struct Own {
    /// 结算ID, or empty.
    pub setl_id: String,
    /// 就诊ID
    pub mdtrt_id: String,
    /// 人员编号
    pub psn_no: String,
    /// The message that made it.
    pub msgid: String,
    /// The amounts of the answer in fen.
    pub fee: i64,
    /// `fund_pay_sumamt`
    pub fund: i64,
    /// `acct_pay`
    pub account: i64,
    /// Whether it takes back.
    pub refund: bool,
}

impl Own {
    /// From the answer to a settling message, or to one that takes back.
    pub fn of(answer: &Value) -> Own {
        let info = &answer["output"]["setlinfo"];
        assert_eq!(answer["infcode"], json!(0), "{answer}");
        let text = |name: &str| info[name].as_str().expect(name).to_owned();
        let fee = fen(&info["medfee_sumamt"]);
        Own {
            setl_id: text("setl_id"),
            mdtrt_id: text("mdtrt_id"),
            psn_no: text("psn_no"),
            msgid: text("medins_setl_id"),
            fee,
            fund: fen(&info["fund_pay_sumamt"]),
            account: fen(&info["acct_pay"]),
            refund: fee < 0,
        }
    }

    /// The seven columns of the published table.
    pub fn published(&self) -> String {
        let [fee, fund, account] = [self.fee, self.fund, self.account].map(|amount| Fen(amount).to_string());
        let flag = if self.refund { "1" } else { "0" };
        [&self.setl_id, &self.mdtrt_id, &self.psn_no, &fee, &fund, &account, flag].join("\t")
    }

    /// The ten columns that a result has, with nothing where an upload has nothing to say.
    pub fn as_result(&self) -> String {
        let [fee, fund, account] = [self.fee, self.fund, self.account].map(|amount| Fen(amount).to_string());
        let flag = if self.refund { "1" } else { "" };
        let (setl_id, nothing) = (&self.setl_id, "null");
        [&self.psn_no, &self.mdtrt_id, setl_id, &self.msgid, nothing, flag, "", &fee, &fund, &account]
            .join("\t")
    }
}

/// The lines of a file.
pub fn file(own: &[Own]) -> String {
    own.iter().map(Own::published).collect::<Vec<_>>().join("\n")
}

/// An outpatient settlement of this charge; what the hospital keeps of it.
#[track_caller]
pub fn settle(desk: &Desk<'_>, charge: care::Charge) -> Own {
    let visit = care::outpatient(desk, &[charge]);
    Own::of(&desk.ask("2207", care::bill(desk, &visit, Some("B1"), &[charge])))
}

/// 2208 of it.
#[track_caller]
pub fn take_back(desk: &Desk<'_>, own: &Own) -> Own {
    Own::of(&desk.ask("2208", care::settlement(desk, &own.mdtrt_id, &own.setl_id)))
}

/// A zip with these entries.
pub fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a name");
        writer.write_all(bytes).expect("written");
    }
    writer.finish().expect("written").into_inner()
}

/// The text of the only entry of a zip, and its name.
pub fn unzip(bytes: &[u8]) -> (String, String) {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    assert_eq!(archive.len(), 1);
    let mut entry = archive.by_index(0).expect("an entry");
    let name = entry.name().expect("a name").into_owned();
    let mut text = String::new();
    entry.read_to_string(&mut text).expect("UTF-8");
    (name, text)
}

/// The body of a multipart upload: the envelope in `jsonStr`, the file in a part of this name.
pub fn multipart(envelope: &Value, part: &str, name: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    let boundary = "----7e1f0b3c";
    let mut body = Vec::new();
    let json = "Content-Disposition: form-data; name=\"jsonStr\"\r\nContent-Type: text/plain; charset=utf-8";
    let head = format!(
        "Content-Disposition: form-data; name=\"{part}\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream"
    );
    for (head, content) in [(json, envelope.to_string().as_bytes()), (head.as_str(), bytes)] {
        body.extend(format!("--{boundary}\r\n{head}\r\n\r\n").bytes());
        body.extend(content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{boundary}--\r\n").bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}

/// The path of uploads in existing software.
pub const UPLOAD: &str = "/fsi/api/fileupload/upload";

/// 9101 of these bytes as base64; the whole answer.
pub fn upload(desk: &Desk<'_>, bytes: &[u8]) -> Value {
    let text = base64::engine::general_purpose::STANDARD.encode(bytes);
    let code = &desk.institution.code;
    desk.ask("9101", json!({"fsUploadIn": {"in": text, "filename": "detail.zip", "fixmedins_code": code}}))
}

/// The number of an uploaded or made file.
#[track_caller]
pub fn number(answer: &Value, node: &str) -> String {
    assert_eq!(answer["infcode"], json!(0), "{answer}");
    let output = if node.is_empty() { &answer["output"] } else { &answer["output"][node] };
    output["file_qury_no"].as_str().expect("a number").to_owned()
}

/// 9102 of a file, as it comes over the wire.
pub fn download(network: &Network, desk: &Desk<'_>, number: &str) -> wire::Reply {
    let input = json!({"fsDownloadIn": {
        "file_qury_no": number, "filename": "result.zip", "fixmedins_code": desk.institution.code,
    }});
    let envelope = desk.envelope("9102", input);
    wire::post(network, "/fsi/api/fileupload/download", "text/plain", envelope.to_string().as_bytes())
}

/// `data` of 3202 for outpatient care of these days, with the sums of the file where they can be read.
pub fn details(desk: &Desk<'_>, file: &str, from: &str, to: &str, own: &[Own]) -> Value {
    let sum = |of: fn(&Own) -> i64| Amount(Fen(own.iter().map(of).sum()));
    json!({"data": {
        "setl_optins": desk.institution.region, "file_qury_no": file, "stmt_begndate": from,
        "stmt_enddate": to, "medfee_sumamt": sum(|own| own.fee), "fund_pay_sumamt": sum(|own| own.fund),
        "cash_payamt": 0, "fixmedins_setl_cnt": own.len(), "clr_type": "11",
    }})
}

/// `data` of 3201 for outpatient care of residents on these days.
pub fn totals(desk: &Desk<'_>, insutype: &str, from: &str, to: &str, own: &[Own]) -> Value {
    let mut data = details(desk, "", from, to, own);
    let account = Amount(Fen(own.iter().map(|own| own.account).sum()));
    data["data"]["insutype"] = json!(insutype);
    data["data"]["acct_pay"] = json!(account);
    data
}

/// A line of a result file.
#[derive(Debug)]
pub struct Found {
    /// Its ten columns.
    pub columns: Vec<String>,
}

impl Found {
    /// `setl_id`
    pub fn setl_id(&self) -> &str {
        &self.columns[2]
    }

    /// `stmt_rslt`
    pub fn side(&self) -> &str {
        &self.columns[4]
    }

    /// `memo`
    pub fn memo(&self) -> &str {
        &self.columns[6]
    }
}

/// Uploads a text, compares it with the outpatient care of these days, downloads the result and reads it.
#[track_caller]
pub fn compared(
    network: &Network,
    desk: &Desk<'_>,
    text: &str,
    from: &str,
    to: &str,
    own: &[Own],
) -> Vec<Found> {
    let uploaded = upload(desk, &zip(&[("detail.txt", text.as_bytes())]));
    table::fits("9101", &uploaded["output"]);
    let answer = desk.ask("3202", details(desk, &number(&uploaded, ""), from, to, own));
    let result = number(&answer, "fileinfo");
    table::fits("3202", &answer["output"]);
    let reply = download(network, desk, &result);
    read(&reply)
}

/// The lines of a downloaded result.
#[track_caller]
pub fn read(reply: &wire::Reply) -> Vec<Found> {
    let form = reply.headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_str());
    assert_eq!((reply.status, form), (200, Some("application/octet-stream")));
    let (name, text) = unzip(&reply.body);
    assert_eq!(name, "result.txt");
    let rows: Vec<Found> =
        text.lines().map(|line| Found { columns: line.split('\t').map(str::to_owned).collect() }).collect();
    for row in &rows {
        assert_eq!(row.columns.len(), 10, "{row:?}");
        assert!(row.columns.iter().all(|column| !column.is_empty()), "{row:?}");
        assert!(row.memo().chars().count() <= 500, "{row:?}");
        let agrees = row.side() == "0";
        assert_eq!(row.memo() == "null" || row.memo().starts_with("相符"), agrees, "{row:?}");
        assert!(agrees || row.memo().contains(" | ") && row.memo().contains("Repair: "), "{row:?}");
    }
    rows
}
