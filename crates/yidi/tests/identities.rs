//! The identities of money, on generated visits through a whole network: any person, any institution, any items at
//! any price. `YIDI_VISITS` sets their number, `YIDI_SEED` the first seed.

#[path = "conversations/care.rs"]
#[allow(dead_code)] // the conversations use the rest
mod care;
mod command;
/// Where the ways of care look for a desk.
mod network {
    pub use crate::command::{Desk, fen};
}
/// The sums of one answer, as the conversations hold them.
#[path = "conversations/identities.rs"]
mod sums;
/// 随机就诊: one generated visit.
#[path = "identities/draw.rs"]
mod draw;
/// 金额恒等式: I1 to I10, one check each.
#[path = "identities/checks.rs"]
mod checks;

use checks::{
    bill_is_the_sum_of_its_lines, every_line_adds_up, every_sum_adds_up, is_the_opposite, names_the_message,
    same_amounts,
};
use command::{Desk, Process, World, fen, world};
use draw::{Drawn, Way};
use platform::protocol::values::Amount;
use serde_json::{Value, json};
use simulation::catalogue::{shelf, synthetic};
use simulation::seed::Seed;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use sums::AMOUNTS;

/// Visits of a run where `YIDI_VISITS` says nothing else.
const VISITS: u64 = 60;

/// The hub and all provinces in one process, and the world around it.
struct Network {
    process: Process,
    world: World,
}

fn everywhere(folder: &Path) -> Process {
    let provinces = yidi::demo::PROVINCES.map(|code| format!("\"{code}\"")).join(", ");
    let (file, data) = (folder.join("yidi.toml"), folder.join("data"));
    let text = format!(
        "nodes = [\"hub\", {provinces}]\nmembers = [{provinces}]\ndata = {data:?}\nlisten = \"127.0.0.1:0\"\n\
         sandbox = true\n"
    );
    std::fs::write(&file, text).expect("written");
    Process::start(&["serve", "--config", file.to_str().expect("a path")])
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().expect("a number"))
}

#[test]
fn the_identities_of_money_hold_on_every_visit() {
    let (first, visits) = (setting("YIDI_SEED", 1), setting("YIDI_VISITS", VISITS));
    let folder = tempfile::tempdir().expect("a folder");
    let network = Network { process: everywhere(folder.path()), world: world() };
    let catalogue = synthetic(1);
    let items = shelf(&catalogue);
    let mut ends: BTreeMap<String, u64> = BTreeMap::new();
    let mut paid: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in first..first + visits {
        let drawn = Drawn::new(&mut Seed::new(seed).for_purpose("visit"), network.world.population(), &items);
        match catch_unwind(AssertUnwindSafe(|| walk(&network, &drawn, &mut paid))) {
            Ok(end) => *ends.entry(end).or_default() += 1,
            Err(_) => panic!(
                "visit {seed} broke an identity: {drawn}\nsee it again: YIDI_SEED={seed} YIDI_VISITS=1 cargo test \
                 -p yidi --test identities\nwith all that came before: YIDI_SEED={first} YIDI_VISITS={} ...",
                seed + 1 - first
            ),
        }
    }
    network.world.settles_down(&[network.process.address]);
    eprintln!("{visits} visits from seed {first}: {ends:?}\nsettlements with something in {paid:?}");
    let settled = ends.get("settled").copied().unwrap_or(0) + ends.get("taken back").copied().unwrap_or(0);
    assert!(settled * 3 >= visits || visits < 20, "too few were settled to mean anything: {ends:?}");
}

/// One visit from the counter to its end: settled, taken back, or refused in clear words with nothing booked.
fn walk(network: &Network, drawn: &Drawn, paid: &mut BTreeMap<&'static str, u64>) -> String {
    let desk = network.world.desk(network.process.address, &drawn.hospital, &drawn.person);
    let before = Standing::of(network, &desk);
    let begun = match drawn.way {
        Way::Inpatient { days } => desk.ask("2401", drawn.admission(&desk, days)),
        Way::Outpatient { .. } => desk.ask("2201", care::registration(&desk)),
    };
    if begun["infcode"] != json!(0) {
        return refused(network, &desk, drawn, &before, &begun);
    }
    let node = if drawn.is_inpatient() { "result" } else { "data" };
    let visit = begun["output"][node]["mdtrt_id"].as_str().expect("a visit").to_owned();
    if let Way::Outpatient { med_type, disease } = &drawn.way {
        let mut description = care::description(&desk, &visit, med_type);
        description["mdtrtinfo"]["dise_codg"] = json!(disease);
        desk.call("2203", description);
    }
    let end = priced(network, &desk, drawn, &visit, &before, paid);
    // What was not settled leaves nothing behind.
    if end != "settled" {
        if drawn.is_inpatient() {
            let everything =
                json!({"data": [{"feedetl_sn": "0000", "mdtrt_id": visit, "psn_no": desk.person.person_no}]});
            desk.call("2302", everything);
            let whose = json!({"data": {"mdtrt_id": visit, "psn_no": desk.person.person_no}});
            desk.call("2405", whose.clone());
            desk.call("2404", whose);
        } else {
            let whose =
                json!({"data": {"mdtrt_id": visit, "psn_no": desk.person.person_no, "chrg_bchno": "0000"}});
            desk.call("2205", whose);
        }
        assert_eq!(Standing::of(network, &desk), before, "{end}: all is as it was");
    }
    end
}

/// From the lines to the end.
fn priced(
    network: &Network,
    desk: &Desk<'_>,
    drawn: &Drawn,
    visit: &str,
    before: &Standing,
    paid: &mut BTreeMap<&'static str, u64>,
) -> String {
    let batch = (!drawn.is_inpatient()).then_some("B1");
    let upload =
        desk.call(if drawn.is_inpatient() { "2301" } else { "2204" }, drawn.rows(desk, visit, batch));
    let lines = upload["result"].as_array().expect("lines");
    assert_eq!(lines.len(), drawn.lines.len());
    for (line, sent) in lines.iter().zip(&drawn.lines) {
        every_line_adds_up(line, sent);
    }
    if drawn.is_inpatient() {
        desk.call("2402", care::discharge(desk, visit));
    }
    let mut bill = care::bill(desk, visit, batch, &[]);
    bill["data"]["medfee_sumamt"] = json!(Amount(drawn.total()));
    bill["data"]["acct_used_flag"] = json!(if drawn.account { "1" } else { "0" });
    if let Way::Outpatient { med_type, .. } = &drawn.way {
        bill["data"]["med_type"] = json!(med_type);
    }
    let [quote, settle, take_back] =
        if drawn.is_inpatient() { ["2303", "2304", "2305"] } else { ["2206", "2207", "2208"] };

    let asked = desk.envelope(quote, bill.clone());
    let quoted = desk.send(&asked);
    if quoted["infcode"] != json!(0) {
        let again = desk.ask(settle, bill);
        assert_eq!(code(&again), code(&quoted), "what is not quoted is not settled: {again}");
        return refused(network, desk, drawn, before, &quoted);
    }
    let quoted = output(&asked, quoted);
    bill_is_the_sum_of_its_lines(&quoted["setlinfo"], lines);
    assert_eq!(&Standing::of(network, desk), before, "a quote books nothing");

    let asked = desk.envelope(settle, bill.clone());
    let settled = output(&asked, desk.send(&asked));
    same_amounts(&quoted, &settled);
    let info = &settled["setlinfo"];
    for field in AMOUNTS.into_iter().filter(|field| fen(&info[*field]) != 0) {
        *paid.entry(field).or_default() += 1;
    }
    let after = Standing::of(network, desk);
    assert_eq!(
        before.account - fen(&info["acct_pay"]),
        after.account,
        "the account pays what it is said to pay"
    );
    let setl_id = info["setl_id"].as_str().expect("a settlement").to_owned();
    let shown = desk.call("5203", care::settlement(desk, visit, &setl_id));
    assert_eq!(shown["setlinfo"]["fund_pay_sumamt"], info["fund_pay_sumamt"]);
    assert_eq!(shown["setlinfo"]["psn_pay"], info["psn_part_amt"]);

    let asked = desk.envelope(take_back, care::settlement(desk, visit, &setl_id));
    let back = output(&asked, desk.send(&asked));
    is_the_opposite(&settled, &back);
    assert_eq!(&Standing::of(network, desk), before, "taken back, all is as it was");

    let asked = desk.envelope(settle, bill);
    let again = output(&asked, desk.send(&asked));
    same_amounts(&settled, &again);
    assert_eq!(Standing::of(network, desk), after);
    if drawn.stands {
        return "settled".into();
    }
    // The other way back: 2601 of the message that settled.
    let reversal = care::reversal(desk, settle, asked["msgid"].as_str().expect("a number"));
    desk.call("2601", reversal);
    "taken back".into()
}

/// The output of an answer that must be a success, with the sums of I1 to I5 and I9 checked.
fn output(asked: &Value, answer: Value) -> Value {
    assert_eq!(answer["infcode"], json!(0), "{answer}");
    let output = answer["output"].clone();
    every_sum_adds_up(&output);
    names_the_message(&output, asked);
    output
}

fn code(answer: &Value) -> u16 {
    let text = answer["err_msg"].as_str().unwrap_or_default();
    text.get(1..5).and_then(|digits| digits.parse().ok()).unwrap_or_else(|| panic!("no code: {answer}"))
}

/// A refusal is about the person, the institution, the filing or the policy; in both languages; and books nothing.
fn refused(network: &Network, desk: &Desk<'_>, drawn: &Drawn, before: &Standing, answer: &Value) -> String {
    let text = answer["err_msg"].as_str().unwrap_or_default();
    let code = code(answer);
    let clear = matches!(code, 2004 | 2005 | 3002 | 5010 | 7001..=7004 | 7006);
    assert!(clear, "not a clear refusal: {text}");
    assert_eq!(answer["infcode"], json!(-2), "somebody can cure it: {text}");
    assert_eq!(answer["output"], Value::Null);
    assert!(text.contains(" | ") && !text.contains('{'), "both languages, every value: {text}");
    assert!(
        !drawn.must_be_settled(network.world.today()) || code == 5010,
        "refused without a ground: {text}"
    );
    assert_eq!(&Standing::of(network, desk), before, "nothing is booked: {text}");
    if std::env::var_os("YIDI_SHOW_REFUSALS").is_some() {
        eprintln!("{text}\n  {drawn}");
    }
    format!("refused {code}")
}

/// What the insured place has of a person: accumulators that are not zero, and the account.
#[derive(Debug, PartialEq)]
struct Standing {
    used: BTreeMap<String, Value>,
    account: i64,
}

impl Standing {
    fn of(network: &Network, desk: &Desk<'_>) -> Standing {
        // Any institution of the place may ask, also one that may open nothing.
        let found = desk.call("1101", care::who(desk));
        let insured = found["insuinfo"].as_array().expect("insurances");
        let account = insured.iter().map(|row| fen(&row["balc"])).sum();
        let year = network.world.today().year();
        let used = [year, year - 1]
            .into_iter()
            .flat_map(|year| {
                let asked = json!({"data": {"psn_no": desk.person.person_no, "cum_ym": format!("{year}12")}});
                let shown = desk.call("5206", asked);
                shown["cuminfo"].as_array().expect("totals").clone()
            })
            .filter(|row| fen(&row["cum"]) != 0)
            .map(|row| {
                (format!("{} {} {}", row["insutype"], row["year"], row["cum_type_code"]), row["cum"].clone())
            })
            .collect();
        Standing { used, account }
    }
}
