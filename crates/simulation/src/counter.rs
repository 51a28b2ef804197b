//! 窗口: the counter of one hospital with one visit, as real software behaves: it repeats a message that got no
//! answer, undoes what it cannot learn by 2601, gives up, takes back, settles again. It remembers every answer.

use crate::seed::Seed;
use insurance::calendar::Instant;
use insurance::money::Fen;
use platform::protocol::codes;
use platform::protocol::values::Amount;
use platform::registry::{Institution, InsuredPerson};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a counter does next in its visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// 1101: everybody who is insured is found.
    Who,
    /// 2201 or 2401
    Begin,
    /// 2203
    Describe,
    /// 2204 or 2301
    Fees,
    /// 2402
    Discharge,
    /// 2206 or 2303
    Quote,
    /// 2207 or 2304
    Settle,
    /// 2208 or 2305
    TakeBack,
    /// Repeat the message that settled, though it was answered.
    Repeat,
    /// Settle what is settled, under a new number: it must be refused.
    SettleTwice,
}

/// What came of a message.
#[derive(Clone, Debug)]
pub enum Heard {
    /// An answer, as its bytes.
    Answer(Vec<u8>),
    /// Nothing, for as long as the counter waits.
    Silence,
}

/// A message on its way.
#[derive(Clone, Debug)]
struct Sent {
    infno: &'static str,
    msgid: String,
    body: Vec<u8>,
    tries: u32,
    why: Purpose,
}

/// Why a message was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Act(Act),
    /// 2601 of the message whose end is not known.
    Undo,
    /// 2205 or 2302, so that the lines can be uploaded again.
    ClearFees,
}

/// How a counter behaves.
#[derive(Clone, Debug)]
pub struct Manners {
    /// How often the same message is sent before the counter does something else.
    pub tries: u32,
    /// How long it waits for an answer (ms).
    pub patience_ms: i64,
    /// Walks away where the end of a settlement is not known, without 2601.
    pub walks_away: bool,
    /// Settles again after it has undone a settlement whose end was not known.
    pub settles_again: bool,
}

/// One counter.
pub struct Counter {
    /// Its number.
    pub number: usize,
    /// The institution.
    pub institution: Institution,
    /// The person before it.
    pub person: InsuredPerson,
    /// Outpatient or inpatient.
    pub inpatient: bool,
    manners: Manners,
    plan: Vec<Act>,
    at: usize,
    serial: u32,
    visit: Option<String>,
    sent: Option<Sent>,
    charges: Vec<(&'static str, i64, i64)>,
    account: bool,
    /// The settlement that stands, as the counter was told.
    pub standing: Option<String>,
    /// What its answer said: the fee, what the funds pay, what the person pays, and what of it in cash.
    pub told: Option<[Fen; 4]>,
    /// The message that made it.
    settled_by: Option<(String, Vec<u8>)>,
    /// Messages that settle and were refused or undone: none of them may stand.
    pub not_standing: Vec<String>,
    /// Answers that were given with infcode 0, by message.
    answers: BTreeMap<String, Vec<u8>>,
    /// What must never be seen.
    pub violations: Vec<String>,
    /// How often it was told that something before is still being resolved.
    asked_to_wait: u32,
    /// Whether it left without learning the end.
    pub left: bool,
    /// Messages sent.
    pub messages: u64,
}

/// How often a counter is asked to wait before it closes for the day.
const MOST_WAITS: u32 = 60;

/// Items that every province prices: code, unit price in fen.
const ITEMS: [(&str, i64); 8] = [
    ("001102000019900", 50_00),
    ("002103000019900", 220_00),
    ("XA10AEA914B001010199001", 72_00),
    ("001201000019900", 26_00),
    ("XJ01DDA901B901010199001", 1_200_00),
    ("001499000019900", 800_00),
    ("C0202030400100199001", 12_000_00),
    ("XL01EAA919A001010199001", 890_00),
];

impl Counter {
    /// A counter with its plan, drawn.
    pub fn draw(number: usize, institution: Institution, person: InsuredPerson, seed: &mut Seed) -> Counter {
        let inpatient = seed.percent(40);
        let mut plan = if seed.percent(50) { vec![Act::Who, Act::Begin] } else { vec![Act::Begin] };
        if !inpatient {
            plan.push(Act::Describe);
        }
        plan.push(Act::Fees);
        if inpatient {
            plan.push(Act::Discharge);
        }
        if seed.percent(60) {
            plan.push(Act::Quote);
        }
        plan.push(Act::Settle);
        if seed.percent(30) {
            plan.push(Act::Repeat);
        }
        if seed.percent(20) {
            plan.push(Act::SettleTwice);
        }
        if seed.percent(40) {
            plan.push(Act::TakeBack);
            if seed.percent(50) {
                plan.push(Act::Settle);
            }
        }
        let lines = 1 + seed.below(4);
        let charges = (0..lines)
            .map(|_| {
                let (item, price) = *seed.one_of(&ITEMS);
                (item, price, seed.between(1, 6))
            })
            .collect();
        let manners = Manners {
            tries: 1 + u32::try_from(seed.below(3)).expect("a small number"),
            patience_ms: *seed.one_of(&[10_000, 20_000, 30_000]),
            walks_away: seed.percent(10),
            settles_again: seed.percent(60),
        };
        Counter {
            number,
            institution,
            person,
            inpatient,
            manners,
            plan,
            at: 0,
            serial: 0,
            visit: None,
            sent: None,
            charges,
            account: seed.percent(50),
            standing: None,
            told: None,
            settled_by: None,
            not_standing: Vec::new(),
            answers: BTreeMap::new(),
            violations: Vec::new(),
            asked_to_wait: 0,
            left: false,
            messages: 0,
        }
    }

    /// An outpatient visit of six messages and so many lines, by patient software: nothing is drawn, and nothing is
    /// taken back. For measuring.
    pub fn straight(number: usize, institution: Institution, person: InsuredPerson, lines: usize) -> Counter {
        let mut counter = Counter::draw(number, institution, person, &mut Seed::new(0));
        counter.inpatient = false;
        counter.plan = vec![Act::Who, Act::Begin, Act::Describe, Act::Fees, Act::Quote, Act::Settle];
        let affordable = ITEMS.iter().filter(|(_, price)| *price < 100_00).cycle();
        counter.charges = affordable.take(lines).map(|(item, price)| (*item, *price, 1)).collect();
        counter.manners = Manners { tries: 3, patience_ms: 30_000, walks_away: false, settles_again: true };
        counter.account = false;
        counter
    }

    /// The transaction that waits for its answer.
    pub fn asks(&self) -> Option<&'static str> {
        self.sent.as_ref().map(|sent| sent.infno)
    }

    /// The visit, once it has begun.
    pub fn visit(&self) -> Option<&str> {
        self.visit.as_deref()
    }

    /// Whether there is nothing left to do.
    pub fn is_done(&self) -> bool {
        self.sent.is_none() && (self.left || self.at >= self.plan.len())
    }

    /// How long it waits for an answer (ms).
    pub fn patience_ms(&self) -> i64 {
        self.manners.patience_ms
    }

    /// The next message, where there is one: its bytes.
    pub fn next_message(&mut self, now: Instant) -> Option<Vec<u8>> {
        if let Some(sent) = &mut self.sent {
            sent.tries += 1;
            self.messages += 1;
            return Some(sent.body.clone());
        }
        if self.is_done() {
            return None;
        }
        let act = self.plan[self.at];
        if act == Act::Repeat {
            let (msgid, body) = self.settled_by.clone()?;
            let infno = if self.inpatient { "2304" } else { "2207" };
            self.sent = Some(Sent { infno, msgid, body: body.clone(), tries: 1, why: Purpose::Act(act) });
            self.messages += 1;
            return Some(body);
        }
        let (infno, input) = self.input(act, now);
        Some(self.post(infno, input, Purpose::Act(act), now))
    }

    fn post(&mut self, infno: &'static str, input: Value, why: Purpose, now: Instant) -> Vec<u8> {
        self.serial += 1;
        let stamp: String = now.to_string().chars().filter(char::is_ascii_digit).collect();
        let (number, serial) = (two_characters(self.number), two_characters(self.serial as usize));
        let msgid = format!("{}{stamp}{number}{serial}", self.institution.code);
        let envelope = json!({
            "infno": infno, "msgid": msgid, "mdtrtarea_admvs": self.institution.region,
            "insuplc_admdvs": self.person.pool, "recer_sys_code": "YBXT", "infver": "V1.0", "opter_type": "1",
            "opter": "sim", "opter_name": "sim", "inf_time": now.to_string(),
            "fixmedins_code": self.institution.code, "fixmedins_name": self.institution.name, "input": input,
        });
        let body = envelope.to_string().into_bytes();
        self.sent = Some(Sent { infno, msgid, body: body.clone(), tries: 1, why });
        self.messages += 1;
        body
    }

    fn input(&self, act: Act, now: Instant) -> (&'static str, Value) {
        let visit = self.visit.as_deref().unwrap_or_default();
        let (person, insutype) = (&self.person.person_no, codes::insutype(self.person.insurance()));
        let today = now.to_string();
        let diagnosis = json!({
            "psn_no": person, "mdtrt_id": visit, "diag_type": "1", "maindiag_flag": "1", "diag_srt_no": 1,
            "diag_code": "J18.900", "diag_name": "肺炎", "diag_dept": "A", "dise_dor_no": "D1",
            "dise_dor_name": "D", "diag_time": today, "vali_flag": "1",
        });
        match (act, self.inpatient) {
            (Act::Who, _) => (
                "1101",
                json!({"data": {
                    "mdtrt_cert_type": "02", "mdtrt_cert_no": self.person.certificate_no, "psn_cert_type": "01",
                    "certno": self.person.certificate_no, "psn_name": self.person.name,
                }}),
            ),
            (Act::Begin, false) => (
                "2201",
                json!({"data": {
                    "psn_no": person, "insutype": insutype, "begntime": today, "mdtrt_cert_type": "02",
                    "mdtrt_cert_no": self.person.certificate_no, "ipt_otp_no": "1", "atddr_no": "D1", "dr_name": "D",
                    "dept_code": "A", "dept_name": "A", "caty": "A",
                }}),
            ),
            (Act::Begin, true) => (
                "2401",
                json!({
                    "mdtrtinfo": {
                        "psn_no": person, "insutype": insutype, "begntime": today, "mdtrt_cert_type": "02",
                        "mdtrt_cert_no": self.person.certificate_no, "med_type": "21", "ipt_no": "1", "atddr_no": "D1",
                        "chfpdr_name": "D", "adm_diag_dscr": "D", "adm_dept_codg": "A", "adm_dept_name": "A",
                        "adm_bed": "1", "dscg_maindiag_code": "J18.900", "dscg_maindiag_name": "肺炎",
                    },
                    "diseinfo": [diagnosis],
                }),
            ),
            (Act::Describe, _) => (
                "2203",
                json!({
                    "mdtrtinfo": {"mdtrt_id": visit, "psn_no": person, "med_type": "11", "begntime": today},
                    "diseinfo": [diagnosis],
                }),
            ),
            (Act::Fees, inpatient) => {
                (if inpatient { "2301" } else { "2204" }, json!({ "feedetail": self.rows(visit, &today) }))
            }
            (Act::Discharge, _) => (
                "2402",
                json!({
                    "dscginfo": {
                        "mdtrt_id": visit, "psn_no": person, "insutype": insutype, "endtime": today,
                        "dscg_dept_codg": "A", "dscg_dept_name": "A", "dscg_bed": "1", "dscg_way": "1",
                    },
                    "diseinfo": [diagnosis],
                }),
            ),
            (Act::Quote, inpatient) => (if inpatient { "2303" } else { "2206" }, self.bill(visit)),
            (Act::Settle | Act::Repeat | Act::SettleTwice, inpatient) => {
                (if inpatient { "2304" } else { "2207" }, self.bill(visit))
            }
            (Act::TakeBack, inpatient) => (
                if inpatient { "2305" } else { "2208" },
                json!({"data": {"psn_no": person, "mdtrt_id": visit, "setl_id": self.standing}}),
            ),
        }
    }

    fn rows(&self, visit: &str, at: &str) -> Value {
        let row = |(place, (item, price, quantity)): (usize, &(&str, i64, i64))| {
            json!({
                "feedetl_sn": format!("L{place}"), "mdtrt_id": visit, "psn_no": self.person.person_no,
                "chrg_bchno": (!self.inpatient).then_some("B1"), "fee_ocur_time": at, "med_list_codg": item,
                "medins_list_codg": "M", "det_item_fee_sumamt": Amount(Fen(price * quantity)), "cnt": quantity,
                "pric": Amount(Fen(*price)), "bilg_dept_codg": "A", "bilg_dept_name": "A", "bilg_dr_codg": "D1",
                "bilg_dr_name": "D", "hosp_appr_flag": "1", "rx_circ_flag": "0",
                "med_type": if self.inpatient { "21" } else { "11" },
            })
        };
        self.charges.iter().enumerate().map(row).collect()
    }

    fn bill(&self, visit: &str) -> Value {
        let total: i64 = self.charges.iter().map(|(_, price, quantity)| price * quantity).sum();
        json!({"data": {
            "psn_no": self.person.person_no, "mdtrt_cert_type": "02", "mdtrt_cert_no": self.person.certificate_no,
            "med_type": if self.inpatient { "21" } else { "11" }, "medfee_sumamt": Amount(Fen(total)),
            "psn_setlway": "01", "mdtrt_id": visit, "chrg_bchno": (!self.inpatient).then_some("B1"),
            "insutype": codes::insutype(self.person.insurance()),
            "acct_used_flag": if self.account { "1" } else { "0" }, "mid_setl_flag": "0", "invono": "1",
        }})
    }

    /// Takes what came of the last message.
    pub fn heard(&mut self, heard: Heard, now: Instant) {
        let Some(sent) = self.sent.clone() else { return };
        let Heard::Answer(bytes) = heard else { return self.unknown(&sent, now) };
        let Ok(answer) = serde_json::from_slice::<Value>(&bytes) else {
            self.violations.push(format!("{} {} was answered by no JSON", sent.infno, sent.msgid));
            return self.unknown(&sent, now);
        };
        match answer["infcode"].as_i64() {
            Some(0) => self.succeeded(&sent, &answer, bytes),
            Some(-1) => self.unknown(&sent, now),
            _ => self.refused(&sent, &answer, now),
        }
    }

    fn succeeded(&mut self, sent: &Sent, answer: &Value, bytes: Vec<u8>) {
        match self.answers.get(&sent.msgid) {
            Some(first) if *first != bytes => self.violations.push(format!(
                "{} {} was answered twice, differently: {} and then {}",
                sent.infno,
                sent.msgid,
                String::from_utf8_lossy(first),
                String::from_utf8_lossy(&bytes)
            )),
            _ => {
                self.answers.insert(sent.msgid.clone(), bytes);
            }
        }
        self.sent = None;
        match sent.why {
            Purpose::Act(Act::Begin) => {
                let output = &answer["output"];
                let id =
                    if self.inpatient { &output["result"]["mdtrt_id"] } else { &output["data"]["mdtrt_id"] };
                self.visit = id.as_str().map(str::to_owned);
                self.at += 1;
            }
            Purpose::Act(Act::Settle) => {
                let said = &answer["output"]["setlinfo"];
                self.standing = said["setl_id"].as_str().map(str::to_owned);
                self.told = Some(
                    ["medfee_sumamt", "fund_pay_sumamt", "psn_part_amt", "psn_cash_pay"]
                        .map(|field| amount(&said[field])),
                );
                self.settled_by = Some((sent.msgid.clone(), sent.body.clone()));
                self.at += 1;
            }
            Purpose::Act(Act::TakeBack) => self.taken_back(),
            Purpose::Act(Act::SettleTwice) => {
                self.violations.push(format!("{} {} settled what is settled", sent.infno, sent.msgid));
                self.at += 1;
            }
            Purpose::Act(_) => self.at += 1,
            // The lines are gone: upload them again.
            Purpose::ClearFees => {}
            Purpose::Undo => self.undone(),
        }
    }

    fn taken_back(&mut self) {
        self.standing = None;
        self.told = None;
        if let Some((msgid, _)) = self.settled_by.take() {
            self.not_standing.push(msgid);
        }
        self.at += 1;
    }

    /// 2601 was done: the message that it undid stands for nothing.
    fn undone(&mut self) {
        match self.plan[self.at] {
            // The stay never was; it begins anew.
            Act::Begin => {}
            Act::Settle if !self.manners.settles_again => self.at = self.plan.len(),
            _ => {}
        }
    }

    fn refused(&mut self, sent: &Sent, answer: &Value, now: Instant) {
        let text = answer["err_msg"].as_str().unwrap_or_default();
        if self.answers.contains_key(&sent.msgid) && sent.why != Purpose::Undo {
            self.violations
                .push(format!("{} {} succeeded and was then refused: {text}", sent.infno, sent.msgid));
        }
        let is = |number: &str| text.starts_with(&format!("[{number}]"));
        self.sent = None;
        match sent.why {
            // 1101 knows everybody; that it was asked of somebody unknown is a fault of the network.
            Purpose::Act(Act::Who) if is("2001") => {
                self.violations.push(format!("1101 did not find {}: {text}", self.person.person_no));
                self.at = self.plan.len();
            }
            // As it must be.
            Purpose::Act(Act::SettleTwice) => {
                self.not_standing.push(sent.msgid.clone());
                self.at += 1;
            }
            // Discharged before, by a message whose answer was lost.
            Purpose::Act(Act::Discharge) if is("5012") => self.at += 1,
            // Taken back before, likewise.
            Purpose::Act(Act::TakeBack) if is("6002") => self.taken_back(),
            // Uploaded before, likewise: clear and begin again.
            Purpose::Act(Act::Fees) if is("5020") => self.clear_fees(now),
            // What came before is not at its end yet: the same again, under a new number, with patience that ends.
            Purpose::Act(act @ (Act::Settle | Act::TakeBack | Act::Quote)) if is("6004") => {
                if act == Act::Settle {
                    self.not_standing.push(sent.msgid.clone());
                }
                self.asked_to_wait += 1;
                self.left = self.asked_to_wait >= MOST_WAITS;
                if self.left && act == Act::TakeBack {
                    // It leaves without knowing whether the settlement still stands.
                    self.standing = None;
                }
            }
            Purpose::Act(Act::Settle) => {
                self.not_standing.push(sent.msgid.clone());
                self.at = self.plan.len();
            }
            Purpose::Act(_) => self.at = self.plan.len(),
            Purpose::ClearFees => {}
            Purpose::Undo => {
                self.violations.push(format!("2601 was refused: {text}"));
                self.at = self.plan.len();
            }
        }
    }

    fn clear_fees(&mut self, now: Instant) {
        let visit = self.visit.clone().unwrap_or_default();
        let person = self.person.person_no.clone();
        let (infno, input) = if self.inpatient {
            ("2302", json!({"data": [{"psn_no": person, "mdtrt_id": visit, "feedetl_sn": "0000"}]}))
        } else {
            ("2205", json!({"data": {"psn_no": person, "mdtrt_id": visit, "chrg_bchno": "0000"}}))
        };
        self.post(infno, input, Purpose::ClearFees, now);
        self.unsend();
    }

    /// What was posted goes out with the next message, and counts then.
    fn unsend(&mut self) {
        self.messages -= 1;
        if let Some(sent) = &mut self.sent {
            sent.tries = 0;
        }
    }

    /// The end of the message is not known: send it again, or do what careful software does.
    fn unknown(&mut self, sent: &Sent, now: Instant) {
        if sent.tries < self.manners.tries {
            return;
        }
        self.sent = None;
        match sent.why {
            Purpose::Act(Act::Settle) if self.manners.walks_away => self.left = true,
            // The second one as well: late, it would settle anew what is taken back by then.
            Purpose::Act(Act::Settle | Act::SettleTwice) => {
                self.not_standing.push(sent.msgid.clone());
                self.undo(sent, now);
            }
            Purpose::Act(Act::Begin) if self.inpatient => self.undo(sent, now),
            Purpose::Act(Act::Fees) => self.clear_fees(now),
            // The settlement was answered before; nothing is learnt by waiting longer.
            Purpose::Act(Act::Repeat) => self.at += 1,
            // A new message with a new number says the same again.
            Purpose::Act(_) => {}
            // 2601 and clearing are repeated until they are answered.
            Purpose::Undo | Purpose::ClearFees => {
                self.sent = Some(Sent { tries: 0, ..self.renumbered(sent, now) });
            }
        }
    }

    fn undo(&mut self, sent: &Sent, now: Instant) {
        let input = json!({"data": {
            "psn_no": self.person.person_no, "omsgid": sent.msgid, "oinfno": sent.infno,
        }});
        self.post("2601", input, Purpose::Undo, now);
        self.unsend();
    }

    /// The same content under a new number.
    fn renumbered(&mut self, sent: &Sent, now: Instant) -> Sent {
        let envelope: Value = serde_json::from_slice(&sent.body).expect("our own envelope");
        self.post(sent.infno, envelope["input"].clone(), sent.why, now);
        self.messages -= 1;
        self.sent.take().expect("posted")
    }
}

/// A number as two characters of thirty-six: the last four of a msgid are for the counter and its serial.
fn two_characters(number: usize) -> String {
    const CHARACTERS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    [number / 36 % 36, number % 36].map(|place| char::from(CHARACTERS[place])).iter().collect()
}

/// An amount of the wire; what is none counts as less than nothing, so that it is found.
fn amount(value: &Value) -> Fen {
    serde_json::from_value::<Amount>(Value::from(value.to_string())).map_or(Fen(-1), |amount| amount.0)
}
