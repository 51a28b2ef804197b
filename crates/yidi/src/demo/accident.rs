//! `yidi demo --accident`: a settlement whose insured place is cut off with the question in its hands. It books, its
//! answer cannot leave, the hospital hears -1, the resolver asks, the place comes back, and everything heals. Told as
//! it happens, with the books of every side at each stage.

use super::Language;
use crate::assembly::Running;
use crate::counter::Counter;
use anyhow::{Context, ensure};
use insurance::adjudication::Bilingual;
use insurance::money::Fen;
use platform::doors::{Clock, NodeId};
use platform::protocol::values::Amount;
use platform::store::relay;
use serde::Serialize;
use serde_json::{Value, json};
use simulation::population;
use std::sync::mpsc;
use std::time::Duration;

/// How long the hospital waits for an answer in this story (ms).
pub const ANSWER_WAIT_MS: i64 = 2_000;
/// How long the insured place stays cut off after the hospital heard -1.
const CUT_OFF: Duration = Duration::from_millis(4_000);
/// How long the healing may take until the story gives up.
const HEALING_TURNS: u32 = 600;
const TURN: Duration = Duration::from_millis(100);
/// 示例甲类注射剂, 1,200.00 x 2.
const ITEM: (&str, i64, i64) = ("XJ01DDA901B901010199001", 1_200_00, 2);

/// One step of the story.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// Since the story began (ms).
    pub at_ms: i64,
    /// What happened.
    pub says: Bilingual,
    /// What each side has on its books of this settlement, where it is worth a look: fund money in fen.
    pub books: Vec<Side>,
}

/// What one side has booked of this settlement.
#[derive(Clone, Debug, Serialize)]
pub struct Side {
    /// The node.
    pub node: String,
    /// Fund money that it has booked, in fen; 0 where nothing stands.
    pub funds_fen: i64,
    /// Entries it has written.
    pub entries: usize,
}

/// The whole story.
#[derive(Clone, Debug, Serialize)]
pub struct Accident {
    /// The settlement that was caught in the middle.
    pub setl_id: String,
    /// Its steps.
    pub steps: Vec<Step>,
    /// What happened to it at either side, as `GET /sandbox/settlements/{setl_id}` tells it.
    pub events: Value,
    /// The settlement made afterwards.
    pub settled_again: String,
    /// Whether all sides agree at the end.
    pub agree: bool,
}

/// A story being played.
struct Play<'a> {
    running: &'a Running,
    counter: Counter,
    person: Value,
    begun: i64,
    setl_id: Option<String>,
    steps: Vec<Step>,
}

/// Plays it.
pub async fn tell(running: &Running) -> anyhow::Result<Accident> {
    let who = population::story();
    let people = running.population.as_ref().context("an accident needs the people of the sandbox")?;
    let person = people.person(&who.inpatient_person).context("failed to find the person")?;
    let hospital = people.institution(&who.inpatient_hospital).context("failed to find the hospital")?;
    let insured = NodeId::Province(person.pool.province());
    let mut play = Play {
        running,
        counter: Counter::new(running.address, hospital, person.pool.as_str(), running.clock.clone()),
        person: json!(person.person_no),
        begun: running.clock.now().0,
        setl_id: None,
        steps: Vec::new(),
    };
    let insutype = platform::protocol::codes::insutype(person.insurance());
    let bill = play.visit(&person.certificate_no, insutype).await?;
    play.say("医院登记就诊并上传明细,准备结算", "the hospital has registered a visit and uploaded its lines")
        .await?;

    let node = running.node(insured).context("the insured node is not of this process")?.clone();
    let hub = running.node(NodeId::Hub).context("the hub is not of this process")?.clone();
    let relayed = || async {
        let count = hub.look(|store, _| relay::relayed_count(store)).await;
        anyhow::Ok(count.context("the hub has ended")??)
    };
    // The insured node stands still, so that the question lies in its hands when the line is cut.
    let (release, released) = mpsc::channel::<()>();
    let (standing, stands) = tokio::sync::oneshot::channel();
    let held = node.clone();
    let holding = tokio::task::spawn_blocking(move || {
        held.look_now(move |_, _| {
            let _ = standing.send(());
            let _ = released.recv_timeout(Duration::from_secs(60));
        })
    });
    stands.await?;
    let before = relayed().await?;
    let envelope = play.counter.envelope("2207", bill.clone());
    let asking = play.counter.post(crate::counter::SERVICE_PATH, &envelope);
    let cutting = async {
        while relayed().await? == before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // One turn after the hub has noted the letter, it is on its way.
        relayed().await?;
        let asked_at = running.clock.now().0;
        node.cut_off(true);
        drop(release);
        anyhow::Ok(asked_at)
    };
    let (heard, asked_at) = tokio::join!(asking, cutting);
    let (heard, asked_at) = (heard?, asked_at?);
    holding.await?;
    ensure!(heard["infcode"] == json!(-1), "the hospital should hear -1, and heard {heard}");

    let open = play.counter.get("/sandbox/unresolved").await?;
    let row = open["unresolved"].get(0).context("the settlement should be unresolved")?.clone();
    play.setl_id = row["setl_id"].as_str().map(str::to_owned);
    play.say_at(
        asked_at,
        "医院发出2207结算;问题已到参保地手中,此时参保地的链路中断",
        "the hospital sends 2207; the question is in the hands of the insured place when its line is cut",
    );
    play.say(
        "参保地已记账,应答发不出去。医院等待期满,听到infcode -1:结果不明,不猜测。现在只有一方记账(单边账)",
        "the insured place has booked and its answer cannot leave. The hospital's time is up and it hears infcode -1: \
         nobody guesses. Right now one side has booked and the others have not",
    )
    .await?;
    let text = heard["err_msg"].as_str().unwrap_or_default().to_owned();
    play.say(&format!("医院收到:{text}"), &format!("what the hospital reads: {text}")).await?;

    tokio::time::sleep(CUT_OFF).await;
    let open = play.counter.get("/sandbox/unresolved").await?;
    let ball = open["unresolved"][0]["ball"].clone();
    let (asked, said) = (ball["asked_times"].as_i64().unwrap_or(0), ball["heard"]["said"].clone());
    play.say(
        &format!("就医地自动核实,已问{asked}次,得到的答复:{said};机构无需重复操作,未决清单可见"),
        &format!("the resolver has asked {asked} times and heard {said}; the list of unresolved shows it"),
    )
    .await?;

    node.cut_off(false);
    play.say("参保地恢复", "the insured place is back").await?;
    let whole = play.healed().await?;
    play.say(
        "愈合:参保地收到取消,原样冲回并确认;各方结果一致,账目冲平",
        "healed: the insured place heard the cancellation, took it back exactly and confirmed; every side tells the same",
    )
    .await?;
    let first = play.setl_id.clone().context("a settlement")?;
    let again = play.counter.call("2207", bill).await?;
    let settled_again = again.output["setlinfo"]["setl_id"].as_str().context("settled again")?.to_owned();
    play.setl_id = Some(settled_again.clone());
    let after = play.healed().await?;
    play.say(
        "医院重新结算,一次成功,三方各记一次",
        "the hospital settles again; it succeeds, booked once on each side",
    )
    .await?;
    let booked: Vec<i64> =
        play.books().await?.iter().map(|side| side.funds_fen).filter(|fen| *fen != 0).collect();
    let even = booked.len() == 3 && booked.windows(2).all(|pair| pair[0] == pair[1]);
    Ok(Accident {
        setl_id: first,
        events: whole["events"].clone(),
        agree: whole["agree"] == json!(true) && after["agree"] == json!(true) && even,
        settled_again,
        steps: play.steps,
    })
}

impl Play<'_> {
    /// 2201, 2203, 2204; gives the input of 2207.
    async fn visit(&self, certificate: &str, insutype: &str) -> anyhow::Result<Value> {
        let at = format!("{} 00:01:00", self.running.clock.now().day());
        let (person, counter) = (&self.person, &self.counter);
        let registered = counter
            .call("2201", json!({"data": {
                "psn_no": person, "insutype": insutype, "begntime": at, "mdtrt_cert_type": "02",
                "mdtrt_cert_no": certificate, "ipt_otp_no": "MZ1", "atddr_no": "D1", "dr_name": "示例医师",
                "dept_code": "A03", "dept_name": "内科", "caty": "A03",
            }}))
            .await?;
        let visit = registered.output["data"]["mdtrt_id"].as_str().context("a visit")?.to_owned();
        counter
            .call(
                "2203",
                json!({
                    "mdtrtinfo": {"mdtrt_id": visit, "psn_no": person, "med_type": "11", "begntime": at},
                    "diseinfo": [{
                        "diag_type": "1", "diag_srt_no": 1, "diag_code": "E11.900", "diag_name": "2型糖尿病",
                        "diag_dept": "内科", "dise_dor_no": "D1", "dise_dor_name": "示例医师", "diag_time": at,
                        "vali_flag": "1",
                    }],
                }),
            )
            .await?;
        let (item, price, quantity) = ITEM;
        let total = Amount(Fen(price * quantity));
        counter
            .call("2204", json!({"feedetail": [{
                "feedetl_sn": "L1", "mdtrt_id": visit, "psn_no": person, "chrg_bchno": "B1", "med_type": "11",
                "fee_ocur_time": at, "med_list_codg": item, "medins_list_codg": "M1",
                "det_item_fee_sumamt": total, "cnt": quantity, "pric": Amount(Fen(price)),
                "bilg_dept_codg": "A03", "bilg_dept_name": "内科", "bilg_dr_codg": "D1", "bilg_dr_name": "示例医师",
                "hosp_appr_flag": "1", "rx_circ_flag": "0",
            }]}))
            .await?;
        Ok(json!({"data": {
            "psn_no": person, "mdtrt_cert_type": "02", "mdtrt_cert_no": certificate, "med_type": "11",
            "medfee_sumamt": total, "psn_setlway": "01", "mdtrt_id": visit, "chrg_bchno": "B1",
            "insutype": insutype, "acct_used_flag": "0", "mid_setl_flag": "0", "invono": "1",
        }}))
    }

    /// Waits until every side agrees and no letter waits; gives the whole story of the settlement.
    async fn healed(&self) -> anyhow::Result<Value> {
        let number = self.setl_id.as_deref().context("a settlement")?;
        for _ in 0..HEALING_TURNS {
            let whole = self.counter.get(&format!("/sandbox/settlements/{number}")).await?;
            let network = self.counter.get("/sandbox/network").await?;
            let quiet =
                |node: &Value| node["letters_waiting"] == json!(0) && node["questions_open"] == json!(0);
            if whole["agree"] == json!(true)
                && network["nodes"].as_array().is_some_and(|all| all.iter().all(quiet))
            {
                return Ok(whole);
            }
            tokio::time::sleep(TURN).await;
        }
        anyhow::bail!("failed to see {number} heal within {} s", HEALING_TURNS / 10)
    }

    async fn say(&mut self, zh: &str, en: &str) -> anyhow::Result<()> {
        let books = self.books().await?;
        self.say_at(self.running.clock.now().0, zh, en);
        if let Some(step) = self.steps.last_mut() {
            step.books = books;
        }
        Ok(())
    }

    fn say_at(&mut self, at: i64, zh: &str, en: &str) {
        let says = Bilingual { zh: zh.into(), en: en.into() };
        self.steps.push(Step { at_ms: at - self.begun, says, books: Vec::new() });
    }

    /// What each side has on its books of this settlement.
    async fn books(&self) -> anyhow::Result<Vec<Side>> {
        let Some(number) = &self.setl_id else { return Ok(Vec::new()) };
        let whole = self.counter.get(&format!("/sandbox/settlements/{number}")).await?;
        let rows = whole["books"].as_array().map(Vec::as_slice).unwrap_or_default();
        rows.iter()
            .map(|row| {
                let listed = row["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
                let mut standing: std::collections::BTreeMap<&str, i64> = std::collections::BTreeMap::new();
                for entry in listed {
                    *standing.entry(entry["account"].as_str().unwrap_or_default()).or_default() +=
                        entry["amount_fen"].as_i64().unwrap_or(0);
                }
                Ok(Side {
                    node: row["node"].as_str().context("a node")?.to_owned(),
                    funds_fen: standing.values().filter(|amount| **amount > 0).sum(),
                    entries: listed.len(),
                })
            })
            .collect()
    }
}

/// The story as text.
pub fn print(told: &Accident, language: Language) -> String {
    let pick = |both: &Bilingual| match language {
        Language::Zh => both.zh.clone(),
        Language::En => both.en.clone(),
    };
    let words = |zh: &str, en: &str| pick(&Bilingual { zh: zh.into(), en: en.into() });
    let seconds = |ms: i64| format!("+{}.{:03} s", ms / 1000, ms % 1000);
    let mut text = format!("\n━━ {} ━━\n\n", words("一笔中断的结算", "a settlement caught in the middle"));
    for step in &told.steps {
        text.push_str(&format!("  {:>10}  {}\n", seconds(step.at_ms), pick(&step.says)));
        for side in &step.books {
            let booked = Fen(side.funds_fen);
            text.push_str(&format!(
                "              {} {:<4} {} {booked:>10}  ({} {})\n",
                words("账簿", "books of"),
                side.node,
                words("基金", "funds"),
                side.entries,
                words("分录", "entries")
            ));
        }
    }
    text.push_str(&format!("\n▍{} {}\n", words("经过", "what happened to"), told.setl_id));
    for event in told.events.as_array().into_iter().flatten() {
        let field = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        let says = words(&field("zh"), &field("en"));
        text.push_str(&format!("  {}  {:<4} {:<9}  {says}\n", field("at"), field("node"), field("office")));
    }
    let end = if told.agree {
        words("各方一致", "every side agrees")
    } else {
        words("各方不一致!", "the sides do NOT agree!")
    };
    text.push_str(&format!("\n  {} {}: {end}\n", words("重新结算", "settled again as"), told.settled_again));
    text
}
