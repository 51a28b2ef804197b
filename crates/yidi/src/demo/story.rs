//! The story: an inpatient and an outpatient settlement, played over the real interface as a hospital would, each
//! from its scenario file, so that what is told is what the tests expect.

use super::tale::{Book, Decision, Hospital, Layer, Line, Patient, Story, Tale, Transaction};
use crate::assembly::Running;
use crate::counter::{Counter, Said};
use crate::scenarios::{Scenario, scenario};
use anyhow::{Context, ensure};
use insurance::adjudication::{Bilingual, Step};
use insurance::calendar::ServiceDate;
use insurance::identity::{InstitutionCode, ItemCode, PersonNo, Region};
use insurance::money::Fen;
use platform::doors::Clock;
use platform::protocol::tables;
use platform::protocol::values::Amount;
use platform::regions;
use platform::registry::{Institution, InsuredPerson};
use serde_json::{Value, json};
use simulation::population;

const INPATIENT: &str = "changchun/referred-to-shanghai.toml";
const OUTPATIENT: &str = "beijing/worker-in-guangzhou.toml";
/// Days of the stay: the scenario charges so many days of bed.
const STAY_DAYS: i32 = 10;

/// Plays both settlements as of this day and tells them. Each message has the number that its institution, day and
/// transaction give, so that a story that was broken off is told to its end: what was done is answered, not done again.
pub async fn tell(running: &Running, day: ServiceDate) -> anyhow::Result<Story> {
    let who = population::story();
    let mut tales = Vec::new();
    for (file, person, hospital) in [
        (INPATIENT, &who.inpatient_person, &who.inpatient_hospital),
        (OUTPATIENT, &who.outpatient_person, &who.outpatient_hospital),
    ] {
        let play = Play::begin(running, day, file, person, hospital)?;
        tales.push(play.through().await.with_context(|| format!("failed to play scenarios/{file}"))?);
    }
    Ok(Story { told: running.clock.now().to_string(), tales })
}

/// Asks the platform for each settlement of an earlier story: whether all are still there, with the same amounts.
pub async fn still_there(running: &Running, story: &Story) -> anyhow::Result<bool> {
    let who = population::story();
    for (tale, hospital) in story.tales.iter().zip([&who.inpatient_hospital, &who.outpatient_hospital]) {
        let institution = institution(running, hospital)?;
        let counter =
            Counter::new(running.address, institution, &tale.person.insuplc_admdvs, running.clock.clone());
        let keys = json!({"psn_no": tale.person.psn_no, "setl_id": tale.setl_id, "mdtrt_id": tale.mdtrt_id});
        let said = counter.call("5203", json!({ "data": keys })).await?;
        if fen(&said.output["setlinfo"]["medfee_sumamt"])? != tale.total_fen {
            return Ok(false);
        }
    }
    Ok(true)
}

/// One settlement being played.
struct Play<'a> {
    running: &'a Running,
    day: ServiceDate,
    scenario: Scenario,
    person: &'a InsuredPerson,
    institution: &'a Institution,
    counter: Counter,
    steps: Vec<Transaction>,
}

impl<'a> Play<'a> {
    fn begin(
        running: &'a Running,
        day: ServiceDate,
        file: &str,
        person: &PersonNo,
        hospital: &InstitutionCode,
    ) -> anyhow::Result<Play<'a>> {
        let population = running.population.as_ref().context("a story needs the people of the sandbox")?;
        let person = population.person(person).context("failed to find the person of the story")?;
        let institution = institution(running, hospital)?;
        let counter = Counter::new(running.address, institution, person.pool.as_str(), running.clock.clone());
        Ok(Play { running, day, scenario: scenario(file)?, person, institution, counter, steps: Vec::new() })
    }

    async fn through(mut self) -> anyhow::Result<Tale> {
        let inpatient = self.scenario.case["service"] == "inpatient";
        let found = self.say("1101", json!({"data": {
            "mdtrt_cert_type": "02", "mdtrt_cert_no": self.person.certificate_no, "psn_cert_type": "01",
            "certno": self.person.certificate_no, "psn_name": self.person.name,
        }})).await?;
        ensure!(
            found.output["baseinfo"]["psn_no"] == json!(self.person.person_no),
            "1101 found somebody else"
        );
        let (mdtrt_id, settled) = if inpatient { self.stay().await? } else { self.visit().await? };
        self.told(&mdtrt_id, &settled).await
    }

    async fn stay(&mut self) -> anyhow::Result<(String, Value)> {
        let (begin, end) = (self.at(-STAY_DAYS, "08:30:00"), self.at(0, "00:20:00"));
        let person = self.person.person_no.as_str();
        let diagnosis = json!({
            "psn_no": person, "diag_type": "1", "maindiag_flag": "1", "diag_srt_no": 1, "diag_code": "I25.103",
            "diag_name": "冠状动脉粥样硬化性心脏病", "diag_dept": "心内科", "dise_dor_no": "D310104900001",
            "dise_dor_name": "示例医师", "diag_time": begin, "inhosp_diag_type": "1",
        });
        let insutype = self.insutype();
        let admitted = self
            .say(
                "2401",
                json!({
                    "mdtrtinfo": {
                        "psn_no": person, "insutype": insutype, "begntime": begin, "mdtrt_cert_type": "02",
                        "mdtrt_cert_no": self.person.certificate_no, "med_type": "21", "ipt_no": "ZY000001",
                        "atddr_no": "D310104900001", "chfpdr_name": "示例医师", "adm_diag_dscr": "冠心病",
                        "adm_dept_codg": "A03.01", "adm_dept_name": "心内科", "adm_bed": "12",
                        "dscg_maindiag_code": "I25.103", "dscg_maindiag_name": "冠状动脉粥样硬化性心脏病",
                        "trum_flag": "0", "rel_ttp_flag": "0",
                    },
                    "diseinfo": [diagnosis.clone()],
                }),
            )
            .await?;
        let visit = text(&admitted.output["result"]["mdtrt_id"])?;
        let lines = self.fee_lines(&visit, &self.at(-1, "09:00:00"));
        self.say("2301", json!({ "feedetail": lines })).await?;
        self.say(
            "2402",
            json!({
                "dscginfo": {
                    "mdtrt_id": visit, "psn_no": person, "insutype": insutype, "endtime": end,
                    "dscg_dept_codg": "A03.01", "dscg_dept_name": "心内科", "dscg_bed": "12", "dscg_way": "1",
                },
                "diseinfo": [with(&diagnosis, "mdtrt_id", &visit)],
            }),
        )
        .await?;
        self.settle("2303", "2304", &visit, None).await
    }

    async fn visit(&mut self) -> anyhow::Result<(String, Value)> {
        let begin = self.at(0, "00:05:00");
        let (person, insutype) = (self.person.person_no.as_str(), self.insutype());
        let registered = self.say("2201", json!({"data": {
            "psn_no": person, "insutype": insutype, "begntime": begin, "mdtrt_cert_type": "02",
            "mdtrt_cert_no": self.person.certificate_no, "ipt_otp_no": "MZ000001", "atddr_no": "D440104900001",
            "dr_name": "示例医师", "dept_code": "A03.05", "dept_name": "血液内科", "caty": "A03.05",
        }})).await?;
        let visit = text(&registered.output["data"]["mdtrt_id"])?;
        self.say(
            "2203",
            json!({
                "mdtrtinfo": {
                    "mdtrt_id": visit, "psn_no": person, "med_type": "11", "begntime": begin,
                    "main_cond_dscr": "复诊",
                },
                "diseinfo": [{
                    "diag_type": "1", "diag_srt_no": 1, "diag_code": "C92.100", "diag_name": "慢性髓系白血病",
                    "diag_dept": "血液内科", "dise_dor_no": "D440104900001", "dise_dor_name": "示例医师",
                    "diag_time": begin, "vali_flag": "1",
                }],
            }),
        )
        .await?;
        let batch = format!("B{visit}");
        let lines: Vec<Value> = self
            .fee_lines(&visit, &self.at(0, "00:10:00"))
            .iter()
            .map(|line| with(line, "chrg_bchno", &batch))
            .collect();
        self.say("2204", json!({ "feedetail": lines })).await?;
        self.settle("2206", "2207", &visit, Some(&batch)).await
    }

    /// Quotes, settles, and holds both to be the same amounts.
    async fn settle(
        &mut self,
        quote: &str,
        settle: &str,
        visit: &str,
        batch: Option<&str>,
    ) -> anyhow::Result<(String, Value)> {
        let account = self.scenario.case["account_used"] == json!(true);
        let mut bill = json!({
            "psn_no": self.person.person_no, "mdtrt_cert_type": "02",
            "mdtrt_cert_no": self.person.certificate_no, "medfee_sumamt": Amount(self.total()),
            "psn_setlway": "01", "mdtrt_id": visit, "insutype": self.insutype(),
            "acct_used_flag": if account { "1" } else { "0" }, "mid_setl_flag": "0", "invono": "00000001",
        });
        if let Some(batch) = batch {
            bill = with(&with(&bill, "chrg_bchno", batch), "med_type", "11");
        }
        let quoted = self.say(quote, json!({ "data": bill.clone() })).await?;
        let settled = self.say(settle, json!({ "data": bill })).await?;
        for field in ["fund_pay_sumamt", "psn_part_amt", "acct_pay", "psn_cash_pay"] {
            ensure!(
                quoted.output["setlinfo"][field] == settled.output["setlinfo"][field],
                "{field} differs between {quote} and {settle}"
            );
        }
        Ok((visit.to_owned(), settled.output["setlinfo"].clone()))
    }

    /// Sends one transaction and remembers it.
    async fn say(&mut self, infno: &str, input: Value) -> anyhow::Result<Said> {
        let said = self.counter.call_as(&self.msgid(infno), infno, input).await?;
        let name = tables::transaction(infno).map(|table| &table.name);
        self.steps.push(Transaction {
            infno: infno.to_owned(),
            name: name.map_or_else(Bilingual::default, |name| Bilingual {
                zh: name.zh.clone(),
                en: name.en.clone(),
            }),
            took_ms: said.took_ms,
            warning: said.warning.clone(),
        });
        Ok(said)
    }

    /// What was settled, as the offices have it.
    async fn told(self, mdtrt_id: &str, settled: &Value) -> anyhow::Result<Tale> {
        let setl_id = text(&settled["setl_id"])?;
        let shown = self.counter.get(&format!("/sandbox/settlements/{setl_id}")).await?;
        let sheet = &shown["settlement"]["sheet"];
        let fees = self
            .counter
            .call_as(
                &self.msgid("5204"),
                "5204",
                json!({"data": {"psn_no": self.person.person_no, "setl_id": setl_id, "mdtrt_id": mdtrt_id}}),
            )
            .await?;
        let place = place_of(self.institution.region);
        let insured = place_of(self.person.pool);
        let explanation: Vec<Step> = serde_json::from_value(sheet["adjudication"]["explanation"].clone())?;
        let ground: Bilingual = serde_json::from_value(sheet["ground"].clone())?;
        let lines = lines_of(&fees.output, &self.running.catalogue)?;
        Ok(Tale {
            title: self.scenario.title.clone(),
            scenario: self.scenario.name.clone(),
            person: Patient {
                name: self.person.name.clone(),
                psn_no: self.person.person_no.to_string(),
                insured_place: insured.clone(),
                insuplc_admdvs: self.person.pool.to_string(),
            },
            hospital: Hospital {
                name: self.institution.name.clone(),
                fixmedins_code: self.institution.code.to_string(),
                place: place.clone(),
            },
            mdtrt_id: mdtrt_id.to_owned(),
            setl_id,
            decisions: decisions(&place, &insured, ground, &self.scenario),
            layers: layers(settled)?,
            total_fen: fen(&settled["medfee_sumamt"])?,
            as_expected: as_expected(&self.scenario, &sheet["adjudication"]),
            books: books(&shown["books"], self.institution.region, self.person.pool)?,
            steps: self.steps,
            lines,
            explanation,
        })
    }

    /// The number of a message: one of each transaction a day.
    fn msgid(&self, infno: &str) -> String {
        let day: String = self.day.to_string().chars().filter(char::is_ascii_digit).collect();
        format!("{}{day}{infno}", self.institution.code)
    }

    fn insutype(&self) -> &'static str {
        platform::protocol::codes::insutype(self.person.insurance())
    }

    /// So many days from the day of the story, at this time of day.
    fn at(&self, days: i32, time: &str) -> String {
        format!("{} {time}", self.day.plus_days(days))
    }

    /// The lines of the scenario as the hospital sends them, all at one time.
    fn fee_lines(&self, visit: &str, at: &str) -> Vec<Value> {
        let lines = self.scenario.case["lines"].as_array().map(Vec::as_slice).unwrap_or_default();
        lines
            .iter()
            .enumerate()
            .map(|(place, line)| {
                let item = line["item"].as_str().and_then(|code| ItemCode::new(code).ok());
                let item = item.and_then(|code| self.running.catalogue.item(&code));
                json!({
                    "feedetl_sn": format!("L{:03}", place + 1),
                    "mdtrt_id": visit,
                    "psn_no": self.person.person_no,
                    "med_type": if self.scenario.case["service"] == "inpatient" { "21" } else { "11" },
                    "fee_ocur_time": at,
                    "med_list_codg": line["item"],
                    "medins_list_codg": format!("LOCAL{:03}", place + 1),
                    "medins_list_name": item.map(|item| item.name.as_str()),
                    "cnt": line["quantity"],
                    "pric": line["price"],
                    "det_item_fee_sumamt": Amount(line_total(line)),
                    "bilg_dept_codg": "A03", "bilg_dept_name": "内科",
                    "bilg_dr_codg": "D310104900001", "bilg_dr_name": "示例医师",
                    "hosp_appr_flag": "1", "rx_circ_flag": "0",
                })
            })
            .collect()
    }

    fn total(&self) -> Fen {
        self.scenario.case["lines"].as_array().into_iter().flatten().map(line_total).sum()
    }
}

fn institution<'a>(running: &'a Running, code: &InstitutionCode) -> anyhow::Result<&'a Institution> {
    let population = running.population.as_ref().context("a story needs the institutions of the sandbox")?;
    population.institution(code).with_context(|| format!("failed to find institution {code}"))
}

/// A story charges whole fen: price times quantity of a line.
fn line_total(line: &Value) -> Fen {
    let price = line["price"].as_str().and_then(|text| text.split_once('.'));
    let (yuan, cents) = price.unwrap_or(("0", "0"));
    let fen = format!("{yuan}{cents:0<2}").parse::<i64>().unwrap_or(0);
    let quantity = line["quantity"].as_str().and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
    Fen(fen * quantity)
}

fn with(object: &Value, field: &str, value: &str) -> Value {
    let mut object = object.clone();
    object[field] = Value::from(value);
    object
}

fn text(value: &Value) -> anyhow::Result<String> {
    value.as_str().map(str::to_owned).with_context(|| format!("expected a text, found {value}"))
}

/// An amount of the wire as fen.
fn fen(value: &Value) -> anyhow::Result<i64> {
    let amount: Amount = serde_json::from_value(Value::from(value.to_string()))?;
    Ok(amount.0.0)
}

fn place_of(region: Region) -> Bilingual {
    let name = regions::full_name(region).or_else(|| regions::full_name(region.prefecture()));
    name.map_or_else(
        || Bilingual { zh: region.to_string(), en: region.to_string() },
        |name| Bilingual { zh: name.zh, en: name.en },
    )
}

fn decisions(
    place: &Bilingual,
    insured: &Bilingual,
    ground: Bilingual,
    scenario: &Scenario,
) -> Vec<Decision> {
    let office = |zh: String, en: String| Bilingual { zh, en };
    let count = scenario.case["lines"].as_array().map_or(0, Vec::len);
    vec![
        Decision {
            office: office(format!("就医地 {}", place.zh), format!("treatment place, {}", place.en)),
            what: Bilingual {
                zh: format!("按本省目录拆分{count}行费用:甲乙丙类、限价、先行自付"),
                en: format!("split {count} fee lines by its own catalogue: class, ceiling, upfront share"),
            },
        },
        Decision {
            office: office("国家平台".into(), "the national hub".into()),
            what: Bilingual {
                zh: "找到参保地,双方均未暂停,转发并记账;不作任何待遇判断".into(),
                en: "found the insured place, neither side suspended; passed on and booked, decided no benefit"
                    .into(),
            },
        },
        Decision {
            office: office(format!("参保地 {}", insured.zh), format!("insured place, {}", insured.en)),
            what: Bilingual {
                zh: format!("认可资格:{};按本地政策计算各基金支付", ground.zh),
                en: format!("accepted the person by {}; computed each fund by its own policy", ground.en),
            },
        },
    ]
}

fn lines_of(output: &Value, catalogue: &insurance::catalogue::Catalogue) -> anyhow::Result<Vec<Line>> {
    output
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| {
            let code = text(&row["med_list_codg"])?;
            let item = ItemCode::new(code.clone()).ok().and_then(|code| catalogue.item(&code));
            Ok(Line {
                name: item.map_or(code, |item| item.name.clone()),
                class: match row["chrgitm_lv"].as_str() {
                    Some("01") => "甲 A",
                    Some("02") => "乙 B",
                    _ => "丙 C",
                }
                .into(),
                total_fen: fen(&row["det_item_fee_sumamt"])?,
                own_fen: fen(&row["fulamt_ownpay_amt"])?,
                over_ceiling_fen: fen(&row["overlmt_amt"])?,
                upfront_fen: fen(&row["preselfpay_amt"])?,
                in_scope_fen: fen(&row["inscp_scp_amt"])?,
            })
        })
        .collect()
}

/// The fields of the answer that carry layers: name, Chinese, English, paid by a fund.
const LAYERS: [(&str, &str, &str, bool); 10] = [
    ("hifp_pay", "基本医疗保险统筹基金", "basic pool", true),
    ("hifob_pay", "职工大额医疗费用补助", "large-amount supplement (employees)", true),
    ("hifmi_pay", "居民大病保险", "critical-illness insurance (residents)", true),
    ("cvlserv_pay", "公务员医疗补助", "civil-servant supplement", true),
    ("hifes_pay", "企业补充医疗保险", "enterprise supplement", true),
    ("maf_pay", "医疗救助", "medical assistance", true),
    ("oth_pay", "其他", "other", true),
    ("acct_pay", "个人账户", "personal account", false),
    ("acct_mulaid_pay", "个人账户家庭共济", "family-shared account", false),
    ("psn_cash_pay", "现金", "cash", false),
];

fn layers(settled: &Value) -> anyhow::Result<Vec<Layer>> {
    let mut layers = Vec::new();
    for (field, zh, en, fund) in LAYERS {
        let amount_fen = fen(&settled[field])?;
        if amount_fen != 0 {
            let name = Bilingual { zh: zh.into(), en: en.into() };
            layers.push(Layer { field: field.into(), name, fund, amount_fen });
        }
    }
    Ok(layers)
}

fn books(shown: &Value, treatment: Region, pool: Region) -> anyhow::Result<Vec<Book>> {
    let (at, from) = (treatment.province().to_string(), pool.province().to_string());
    let offices = [
        (at.as_str(), format!("就医地 {}", place_of(treatment.province().region()).zh), "treatment place"),
        ("hub", "国家平台".to_owned(), "hub"),
        (from.as_str(), format!("参保地 {}", place_of(pool.province().region()).zh), "insured place"),
    ];
    let mut books = Vec::new();
    for (node, zh, en) in offices {
        let found = shown.as_array().into_iter().flatten().find(|book| book["node"] == json!(node));
        let Some(found) = found else { continue };
        let entries = found["entries"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|entry| Ok((text(&entry["account"])?, entry["amount_fen"].as_i64().context("an amount")?)))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let sum_fen = entries.iter().map(|(_, amount)| amount).sum();
        books.push(Book { office: Bilingual { zh, en: en.into() }, entries, sum_fen });
    }
    Ok(books)
}

/// Whether the shares and the split are those that the scenario names.
fn as_expected(scenario: &Scenario, adjudication: &Value) -> bool {
    let holds = |expected: &Value, found: &Value| {
        expected.as_object().into_iter().flatten().all(|(name, amount)| {
            // Sums stand in the answer of `yidi adjudicate` alone.
            found.get(name).is_none_or(|found| found == amount)
        })
    };
    holds(&scenario.expect["shares"], &adjudication["shares"])
        && holds(&scenario.expect["split"], &adjudication["split"])
}

/// The curl command of a first 1101, for whoever reads this.
pub fn first_call(running: &Running) -> anyhow::Result<String> {
    let population = running.population.as_ref().context("a first call needs the people of the sandbox")?;
    let person = population.tagged(&["referral", "clean_year"]).next().context("nobody is referred")?;
    let hospital = institution(running, &population::story().inpatient_hospital)?;
    let counter = Counter::new(running.address, hospital, "", running.clock.clone());
    let envelope = counter.envelope(
        "1101",
        json!({"data": {
            "mdtrt_cert_type": "02", "mdtrt_cert_no": person.certificate_no, "psn_cert_type": "01",
        }}),
    );
    Ok(format!(
        "curl -s http://{}/fsi/api/fsiPsnInfoService/queryPsnInfo -H 'content-type: application/json' -d '{envelope}'",
        running.institutions_address.unwrap_or(running.address)
    ))
}
