//! One node of three is put back to a copy that was made under load: its neighbours tell it again what they have kept.
//! What was answered is still there, or is named.

#[path = "conversations/care.rs"]
#[allow(dead_code)] // the conversations use the rest
mod care;
mod command;
/// Where the ways of care look for a desk.
mod network {
    pub use crate::command::Desk;
}

use command::{Desk, Process, World, complaint, eventually, fen, free_port, run, world};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const CHARGES: [care::Charge; 2] = [care::CONSULTATION, care::CT];
const NODES: [&str; 3] = ["hub", "31", "22"];

struct Country {
    folder: tempfile::TempDir,
    processes: BTreeMap<&'static str, Process>,
}

impl Country {
    fn new() -> Country {
        let folder = tempfile::tempdir().expect("a folder");
        let ports: BTreeMap<&str, u16> = NODES.iter().map(|node| (*node, free_port())).collect();
        let mut country = Country { folder, processes: BTreeMap::new() };
        let known: BTreeMap<&str, String> = NODES
            .iter()
            .map(|node| {
                let data = country.data(node);
                let made = run(&["key", "new", "--data", text(&data), "--node", node]);
                let words = String::from_utf8(made.stdout).expect("a text");
                let key = words.split_whitespace().last().expect("a key");
                let port = ports[node];
                (*node, format!("[[peer_keys]]\nnode = \"{node}\"\nkey = \"{key}\"\n@{node} = \"http://127.0.0.1:{port}\"\n"))
            })
            .collect();
        for node in NODES {
            let others = if node == "hub" { vec!["31", "22"] } else { vec!["hub"] };
            let part = |at: usize| -> String {
                others.iter().map(|other| known[other].split('@').nth(at).expect("both").to_owned()).collect()
            };
            let config = format!(
                "nodes = [\"{node}\"]\nmembers = [\"22\", \"31\"]\ndata = {:?}\nlisten = \"127.0.0.1:{}\"\n\
                 sandbox = true\n{}[peers]\n{}[treatment]\nanswer_wait_ms = 4000\n",
                country.data(node),
                ports[node],
                part(0),
                part(1)
            );
            std::fs::write(country.folder.path().join(format!("{node}.toml")), config).expect("written");
        }
        for node in NODES {
            country.start(node);
        }
        country
    }

    fn data(&self, node: &str) -> PathBuf {
        self.folder.path().join(format!("data-{node}"))
    }

    fn start(&mut self, node: &'static str) {
        let file = self.folder.path().join(format!("{node}.toml"));
        self.processes.insert(node, Process::start(&["serve", "--config", text(&file)]));
    }

    fn state(&self, world: &World, node: &str) -> Value {
        world.get(self.processes[node].address, "/sandbox/network").expect("a page")["nodes"][0].clone()
    }

    fn settles_down(&self, world: &World) {
        world.settles_down(&self.processes.values().map(|process| process.address).collect::<Vec<_>>());
    }

    /// What stands between both provinces, as the hub, the treatment place and the insured place have it, in fen.
    fn between(&self, world: &World) -> [i64; 3] {
        let sum = |node: &str, account: &str| -> i64 {
            let state = self.state(world, node);
            let rows = state["balances"].as_array().expect("balances").clone();
            let of = |row: &Value| row["account"].as_str().is_some_and(|name| name.starts_with(account));
            rows.iter().filter(|row| of(row)).filter_map(|row| row["amount_fen"].as_i64()).sum()
        };
        [
            sum("hub", "debt_of_pool/220100/"),
            sum("31", "due_from_pool/220100/"),
            sum("22", "fund_expense/220100/"),
        ]
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

/// One settlement that was answered: visit, number, what the funds pay; and whether it was taken back since.
type Answered = (String, String, i64, bool);

fn treat(desk: &Desk<'_>, taken_back: bool) -> Answered {
    let visit = care::outpatient(desk, &CHARGES);
    let settled = desk.call("2207", care::bill(desk, &visit, Some("B1"), &CHARGES));
    let id = settled["setlinfo"]["setl_id"].as_str().expect("a number").to_owned();
    if taken_back {
        desk.call("2208", care::settlement(desk, &visit, &id));
    }
    (visit, id, fen(&settled["setlinfo"]["fund_pay_sumamt"]), taken_back)
}

fn put_back(victim: &'static str) {
    let world = world();
    let mut country = Country::new();
    let person = world.person("220100", &["employee", "referral", "account_empty"]);
    let desk = world.desk(country.processes["31"].address, &world.hospital("31", "02"), &person);
    eventually("the hub knows the person", || desk.ask("1101", care::who(&desk))["infcode"] == json!(0));

    // A copy of one node under load, and on.
    let (stop, answered) = (AtomicBool::new(false), Mutex::new(Vec::<Answered>::new()));
    let copy = country.folder.path().join("copy");
    let mut before = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut number = 0;
            while !stop.load(Ordering::Relaxed) {
                number += 1;
                let one = treat(&desk, number % 4 == 0);
                answered.lock().expect("one at a time").push(one);
            }
        });
        eventually("some are settled", || answered.lock().expect("one at a time").len() >= 5);
        before = answered.lock().expect("one at a time").len();
        let output = run(&["backup", "--data", text(&country.data(victim)), "--to", text(&copy)]);
        assert!(output.status.success(), "{}", complaint(&output));
        eventually("more are settled", || answered.lock().expect("one at a time").len() >= before + 8);
        stop.store(true, Ordering::Relaxed);
    });
    let answered = answered.into_inner().expect("nobody holds it");
    country.settles_down(&world);
    let stands: i64 = answered.iter().filter(|one| !one.3).map(|one| one.2).sum();
    assert_eq!(country.between(&world), [stands; 3]);

    // Its disk is gone, and the copy takes its place.
    country.processes.remove(victim).expect("running").kill();
    std::fs::remove_dir_all(country.data(victim)).expect("gone");
    std::fs::rename(&copy, country.data(victim)).expect("put in place");
    country.start(victim);
    let caught_up = |country: &Country, node: &str, side: &str| {
        let state = country.state(&world, node);
        let all = state["behind"].as_array().expect("a list").clone();
        let of = |one: &&Value| one["side"] == json!(side);
        let here: Vec<&Value> = all.iter().filter(of).collect();
        !here.is_empty()
            && here.iter().all(|one| !one["caught_up"].is_null() && one["complete"] == json!(true))
    };
    eventually("it has noticed and caught up", || caught_up(&country, victim, "here"));
    let neighbour = if victim == "hub" { "31" } else { "hub" };
    assert!(caught_up(&country, neighbour, "there"), "its neighbour has noticed as well");
    country.settles_down(&world);

    // Every amount that was answered stands on three sides, and no other.
    eventually("three sides agree", || country.between(&world) == [stands; 3]);
    let desk = world.desk(country.processes["31"].address, &world.hospital("31", "02"), &person);
    let told = run(&["check", "behind", "--data", text(&country.data(victim))]);
    let words = String::from_utf8(told.stdout).expect("a text");
    for (visit, id, amount, taken_back) in &answered {
        let shown = desk.ask("5203", care::settlement(&desk, visit, id));
        let whole =
            shown["infcode"] == json!(0) && fen(&shown["output"]["setlinfo"]["fund_pay_sumamt"]) == *amount;
        let named = victim == "31" && words.contains(id.as_str());
        assert!(whole || named, "{id} ({taken_back}): {shown}\n{words}");
    }
    // Life goes on, under numbers that nobody has had.
    let (visit, id, amount, _) = treat(&desk, false);
    assert!(answered.iter().all(|one| one.0 != visit && one.1 != id), "{visit} {id}");
    country.settles_down(&world);
    assert_eq!(country.between(&world), [stands + amount; 3]);
    for node in NODES {
        let checked = run(&["check", "store", "--data", text(&country.data(node))]);
        let words = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert!(checked.status.success(), "{node}: {words}");
    }
    std::thread::sleep(Duration::from_millis(50));
    for node in NODES {
        country.processes.remove(node).expect("running").kill();
    }
    let mut folders = vec!["check", "chain"];
    let data: Vec<PathBuf> = NODES.iter().map(|node| country.data(node)).collect();
    data.iter().for_each(|data| folders.extend(["--data", text(data)]));
    let checked = run(&folders);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
}

#[test]
fn an_insured_node_that_was_put_back_books_again_what_it_had_said() {
    put_back("22");
}

#[test]
fn a_hub_that_was_put_back_books_again_what_it_had_passed_on() {
    put_back("hub");
}

#[test]
fn a_treatment_node_that_was_put_back_has_its_books_again_and_names_what_letters_do_not_tell() {
    put_back("31");
}
