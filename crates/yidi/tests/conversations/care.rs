//! The usual ways of care, one way to build each: a registered visit, an admitted stay, lines uploaded, a bill settled.
//! A test changes the input that matters to it before it is sent.

use super::network::Desk;
use insurance::money::Fen;
use platform::protocol::values::Amount;
use serde_json::{Value, json};

/// A fee line: item, unit price in fen, quantity.
pub type Charge = (&'static str, i64, i64);

/// 主任医师诊察费, 50.00: class A everywhere.
pub const CONSULTATION: Charge = ("001102000019900", 50_00, 1);
/// 胸部CT平扫, 220.00.
pub const CT: Charge = ("002103000019900", 220_00, 1);
/// 甘精胰岛素注射液, 72.00 x 10: class B.
pub const INSULIN: Charge = ("XA10AEA914B001010199001", 72_00, 10);
/// 一级护理, 26.00 x 5.
pub const NURSING: Charge = ("001201000019900", 26_00, 5);
/// 示例甲类注射剂, 1,200.00 x 10: class A in Shanghai.
pub const COURSE: Charge = ("XJ01DDA901B901010199001", 1_200_00, 10);
/// 示例自费服务, 800.00: class C in Shanghai.
pub const OWN: Charge = ("001499000019900", 800_00, 1);

/// `data` of 1101 by identity number.
pub fn who(desk: &Desk<'_>) -> Value {
    json!({"data": {
        "mdtrt_cert_type": "02", "mdtrt_cert_no": desk.person.certificate_no,
        "psn_cert_type": "01", "certno": desk.person.certificate_no, "psn_name": desk.person.name,
    }})
}

/// 2201 for today.
pub fn registration(desk: &Desk<'_>) -> Value {
    json!({"data": {
        "psn_no": desk.person.person_no, "insutype": desk.insutype(), "begntime": desk.at(0, "00:01:00"),
        "mdtrt_cert_type": "02", "mdtrt_cert_no": desk.person.certificate_no, "ipt_otp_no": "MZ1",
        "atddr_no": "D900001", "dr_name": "示例医师", "dept_code": "A03", "dept_name": "内科", "caty": "A03",
    }})
}

/// A registered visit: its `mdtrt_id`.
#[track_caller]
pub fn register(desk: &Desk<'_>) -> String {
    let output = desk.call("2201", registration(desk));
    output["data"]["mdtrt_id"].as_str().expect("a visit").to_owned()
}

/// 2203 with this kind of care.
pub fn description(desk: &Desk<'_>, visit: &str, med_type: &str) -> Value {
    json!({
        "mdtrtinfo": {
            "mdtrt_id": visit, "psn_no": desk.person.person_no, "med_type": med_type,
            "begntime": desk.at(0, "00:01:00"), "main_cond_dscr": "复诊",
        },
        "diseinfo": [{
            "diag_type": "1", "diag_srt_no": 1, "diag_code": "E11.900", "diag_name": "2型糖尿病",
            "diag_dept": "内科", "dise_dor_no": "D900001", "dise_dor_name": "示例医师",
            "diag_time": desk.at(0, "00:01:00"), "vali_flag": "1",
        }],
    })
}

/// 2401 for a stay that began so many days ago (0 or below).
pub fn admission(desk: &Desk<'_>, begin_days: i32) -> Value {
    json!({
        "mdtrtinfo": {
            "psn_no": desk.person.person_no, "insutype": desk.insutype(),
            "begntime": desk.at(begin_days, "00:00:30"), "mdtrt_cert_type": "02",
            "mdtrt_cert_no": desk.person.certificate_no, "med_type": "21", "ipt_no": "ZY1",
            "atddr_no": "D900001", "chfpdr_name": "示例医师", "adm_diag_dscr": "肺炎",
            "adm_dept_codg": "A03", "adm_dept_name": "内科", "adm_bed": "1",
            "dscg_maindiag_code": "J18.900", "dscg_maindiag_name": "肺炎",
        },
        "diseinfo": [diagnosis(desk, begin_days)],
    })
}

fn diagnosis(desk: &Desk<'_>, days: i32) -> Value {
    json!({
        "psn_no": desk.person.person_no, "diag_type": "1", "maindiag_flag": "1", "diag_srt_no": 1,
        "diag_code": "J18.900", "diag_name": "肺炎", "diag_dept": "内科", "dise_dor_no": "D900001",
        "dise_dor_name": "示例医师", "diag_time": desk.at(days, "00:01:00"),
    })
}

/// A stay that began so many days ago: its `mdtrt_id`.
#[track_caller]
pub fn admit(desk: &Desk<'_>, begin_days: i32) -> String {
    let output = desk.call("2401", admission(desk, begin_days));
    output["result"]["mdtrt_id"].as_str().expect("a stay").to_owned()
}

/// 2402 today.
pub fn discharge(desk: &Desk<'_>, visit: &str) -> Value {
    let mut diagnosis = diagnosis(desk, 0);
    diagnosis["mdtrt_id"] = json!(visit);
    json!({
        "dscginfo": {
            "mdtrt_id": visit, "psn_no": desk.person.person_no, "insutype": desk.insutype(),
            "endtime": desk.at(0, "00:02:00"), "dscg_dept_codg": "A03", "dscg_dept_name": "内科",
            "dscg_bed": "1", "dscg_way": "1",
        },
        "diseinfo": [diagnosis],
    })
}

/// The rows of 2204 (with a batch) or 2301 (without), numbered from `L1`.
pub fn rows(desk: &Desk<'_>, visit: &str, batch: Option<&str>, charges: &[Charge]) -> Value {
    let row = |(place, (item, price, quantity)): (usize, &Charge)| {
        json!({
            "feedetl_sn": format!("L{}", place + 1), "mdtrt_id": visit, "psn_no": desk.person.person_no,
            "chrg_bchno": batch, "med_type": if batch.is_some() { "11" } else { "21" },
            "fee_ocur_time": desk.at(0, "00:01:30"), "med_list_codg": item, "medins_list_codg": format!("M{place}"),
            "det_item_fee_sumamt": Amount(Fen(price * quantity)), "cnt": quantity, "pric": Amount(Fen(*price)),
            "bilg_dept_codg": "A03", "bilg_dept_name": "内科", "bilg_dr_codg": "D900001",
            "bilg_dr_name": "示例医师", "hosp_appr_flag": "1", "rx_circ_flag": "0",
        })
    };
    charges.iter().enumerate().map(row).collect()
}

/// Uploads lines: 2204 with a batch, 2301 without.
#[track_caller]
pub fn upload(desk: &Desk<'_>, visit: &str, batch: Option<&str>, charges: &[Charge]) -> Value {
    let infno = if batch.is_some() { "2204" } else { "2301" };
    desk.call(infno, json!({ "feedetail": rows(desk, visit, batch, charges) }))
}

/// The input of 2206, 2207 (with a batch), 2303 and 2304 (without).
pub fn bill(desk: &Desk<'_>, visit: &str, batch: Option<&str>, charges: &[Charge]) -> Value {
    let total: i64 = charges.iter().map(|(_, price, quantity)| price * quantity).sum();
    json!({"data": {
        "psn_no": desk.person.person_no, "mdtrt_cert_type": "02", "mdtrt_cert_no": desk.person.certificate_no,
        "med_type": if batch.is_some() { "11" } else { "21" }, "medfee_sumamt": Amount(Fen(total)),
        "psn_setlway": "01", "mdtrt_id": visit, "chrg_bchno": batch, "insutype": desk.insutype(),
        "acct_used_flag": "0", "mid_setl_flag": "0", "invono": "1",
    }})
}

/// An outpatient visit up to its uploaded lines, in batch `B1`: its `mdtrt_id`.
#[track_caller]
pub fn outpatient(desk: &Desk<'_>, charges: &[Charge]) -> String {
    let visit = register(desk);
    desk.call("2203", description(desk, &visit, "11"));
    upload(desk, &visit, Some("B1"), charges);
    visit
}

/// A stay up to its discharge: its `mdtrt_id`.
#[track_caller]
pub fn inpatient(desk: &Desk<'_>, charges: &[Charge]) -> String {
    let visit = admit(desk, -5);
    upload(desk, &visit, None, charges);
    desk.call("2402", discharge(desk, &visit));
    visit
}

/// `data` of 2208, 2305 and 5203.
pub fn settlement(desk: &Desk<'_>, visit: &str, setl_id: &str) -> Value {
    json!({"data": {"psn_no": desk.person.person_no, "mdtrt_id": visit, "setl_id": setl_id}})
}

/// 2601 of a message.
pub fn reversal(desk: &Desk<'_>, oinfno: &str, omsgid: &str) -> Value {
    json!({"data": {"psn_no": desk.person.person_no, "oinfno": oinfno, "omsgid": omsgid}})
}
