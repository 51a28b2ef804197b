//! A demo that is killed and started again on its data folder, and folders that are not to be had.

#[path = "conversations/care.rs"]
#[allow(dead_code)] // the conversations use the rest
mod care;
mod command;
/// Where the ways of care look for a desk.
mod network {
    pub use crate::command::Desk;
}

use command::{Process, bytes_of, complaint, fen, run, world};
use platform::doors::{Clock, MachineClock};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

fn demo_on(folder: &Path) -> Vec<String> {
    let folder = folder.to_str().expect("a path");
    ["demo", "--lang", "en", "--port", "0", "--his-port", "0", "--data", folder].map(str::to_owned).to_vec()
}

fn start(folder: &Path) -> Process {
    let words = demo_on(folder);
    Process::start(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

fn run_demo(folder: &Path, more: &[&str]) -> std::process::Output {
    let words = demo_on(folder);
    run(&words.iter().map(String::as_str).chain(more.iter().copied()).collect::<Vec<_>>())
}

/// What each file of a folder holds.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| entry.expect("an entry"))
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, std::fs::read(entry.path()).unwrap_or_default())
        })
        .collect()
}

#[test]
fn a_killed_demo_comes_back_with_everything_it_has_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let world = world();
    let person = world.person("110000", &["employee", "permanent_worker", "account_rich", "to_440100"]);
    let hospital = world.hospital("44", "02");
    let process = start(folder.path());

    let desk = world.desk(process.address, &hospital, &person);
    let charges = [care::CONSULTATION, care::CT, care::INSULIN];
    let visit = care::outpatient(&desk, &charges);
    let mut bill = care::bill(&desk, &visit, Some("B1"), &charges);
    bill["data"]["acct_used_flag"] = json!("1");
    let envelope = desk.envelope("2207", bill);
    let answer = bytes_of(process.address, &envelope);
    let settled: Value = serde_json::from_slice(&answer).expect("an answer");
    assert_eq!(settled["infcode"], json!(0), "{settled}");
    let info = settled["output"]["setlinfo"].clone();
    assert!(fen(&info["acct_pay"]) > 0, "{info}");
    let balances = |address| {
        let page = world.get(address, "/sandbox/personas").expect("a page");
        let people = page["people"].as_array().expect("people").clone();
        people
            .into_iter()
            .map(|row| (row["psn_no"].clone(), row["balc"].clone(), row["filing"].clone()))
            .collect::<Vec<_>>()
    };
    let before = balances(process.address);
    let ours = before.iter().find(|(number, ..)| *number == json!(person.person_no)).expect("the person");
    assert_eq!(ours.1, info["balc"], "the account as the settlement left it");
    process.kill();

    let process = start(folder.path());
    let desk = world.desk(process.address, &hospital, &person);
    let setl_id = info["setl_id"].as_str().expect("a settlement");
    let shown = desk.call("5203", care::settlement(&desk, &visit, setl_id));
    for field in ["medfee_sumamt", "fund_pay_sumamt", "acct_pay", "balc", "medins_setl_id"] {
        assert_eq!(shown["setlinfo"][field], info[field], "{field}");
    }
    assert_eq!(bytes_of(process.address, &envelope), answer, "the same message, the same bytes");
    assert_eq!(balances(process.address), before);
    // A hub and eight provinces: about 25 MiB.
    assert!(process.peak_memory_mib().is_none_or(|mib| mib < 200), "{:?} MiB", process.peak_memory_mib());
    world.settles_down(&[process.address]);
    assert_eq!(process.end().code(), Some(0));
}

#[test]
fn a_story_is_told_once_a_folder_and_is_the_same_ever_after() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = run_demo(folder.path(), &["--once", "--json"]);
    assert_eq!(first.status.code(), Some(0), "{}", complaint(&first));
    let story: Value = serde_json::from_slice(&first.stdout).expect("nothing but JSON");
    let tales = story["tales"].as_array().expect("tales");
    assert_eq!(tales.len(), 2);
    assert!(tales.iter().all(|tale| tale["as_expected"] == json!(true)));
    let again = run_demo(folder.path(), &["--once", "--json"]);
    assert_eq!(again.status.code(), Some(0), "{}", complaint(&again));
    assert_eq!(again.stdout, first.stdout);
    let text = run_demo(folder.path(), &["--once"]);
    assert_eq!(text.status.code(), Some(0));
    for tale in tales {
        let setl_id = tale["setl_id"].as_str().expect("a settlement");
        assert!(String::from_utf8_lossy(&text.stdout).contains(setl_id), "{setl_id}");
    }
}

#[test]
fn a_story_that_was_broken_off_is_told_to_its_end() {
    let ids = |output: &std::process::Output| -> Vec<Value> {
        assert_eq!(output.status.code(), Some(0), "{}", complaint(output));
        let story: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let tales = story["tales"].as_array().expect("tales");
        assert!(tales.iter().all(|tale| tale["as_expected"] == json!(true)));
        tales.iter().map(|tale| tale["setl_id"].clone()).collect()
    };
    // Killed after the last answer, before the story was written down.
    let folder = tempfile::tempdir().expect("a folder");
    let first = ids(&run_demo(folder.path(), &["--once", "--json"]));
    std::fs::remove_file(folder.path().join("story.json")).expect("removed");
    assert_eq!(ids(&run_demo(folder.path(), &["--once", "--json"])), first);
    // Killed a little later each time.
    let clock = MachineClock::default();
    let begun = clock.now();
    let whole = tempfile::tempdir().expect("a folder");
    ids(&run_demo(whole.path(), &["--once", "--json"]));
    let took_ms = u64::try_from(clock.now().0 - begun.0).expect("time goes on");
    for eighths in 3..8 {
        let folder = tempfile::tempdir().expect("a folder");
        let words = demo_on(folder.path());
        let mut begun = command::yidi(&words.iter().map(String::as_str).collect::<Vec<_>>())
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("the command starts");
        std::thread::sleep(Duration::from_millis(took_ms * eighths / 8));
        begun.kill().expect("killed");
        begun.wait().expect("ended");
        let told = ids(&run_demo(folder.path(), &["--once", "--json"]));
        assert_eq!(told.len(), 2, "killed after {eighths}/8 of {took_ms} ms");
    }
}

#[test]
fn a_taken_port_is_told_in_one_sentence_and_touches_nothing() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let output = run(&[
        "demo",
        "--once",
        "--port",
        &port,
        "--his-port",
        "0",
        "--data",
        data.to_str().expect("a path"),
    ]);
    assert_eq!(output.status.code(), Some(1));
    let complaint = complaint(&output);
    assert!(
        complaint.contains(&format!("failed to listen on 127.0.0.1:{port}: is it taken?")),
        "{complaint}"
    );
    assert_eq!(complaint.trim_end().lines().count(), 1, "{complaint}");
    assert!(output.stdout.is_empty());
    assert!(!data.exists());
}

#[test]
fn two_processes_never_work_on_one_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let process = start(folder.path());
    let output = run_demo(folder.path(), &["--once"]);
    assert_eq!(output.status.code(), Some(1));
    let words = complaint(&output);
    assert!(words.contains("another yidi works on it"), "{words}");
    assert_eq!(words.trim_end().lines().count(), 1, "{words}");
    let world = world();
    assert!(
        world.get(process.address, "/sandbox/network").expect("a page")["nodes"].is_array(),
        "the first goes on"
    );
    // A killed process leaves no lock.
    process.kill();
    assert_eq!(run_demo(folder.path(), &["--once"]).status.code(), Some(0));
}

#[test]
fn a_folder_that_cannot_be_written_is_told_in_one_sentence() {
    let outer = tempfile::tempdir().expect("a folder");
    let file = outer.path().join("a-file");
    std::fs::write(&file, "not a folder").expect("written");
    let output = run_demo(&file, &["--once"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(complaint(&output).contains("failed to make the data folder"), "{}", complaint(&output));
    assert_eq!(std::fs::read_to_string(&file).expect("still there"), "not a folder");

    let folder = outer.path().join("read-only");
    assert_eq!(run_demo(&folder, &["--once"]).status.code(), Some(0));
    let before = contents(&folder);
    let read_only = |on: bool| {
        let mut permissions = std::fs::metadata(&folder).expect("a folder").permissions();
        permissions.set_readonly(on);
        std::fs::set_permissions(&folder, permissions).expect("permissions");
    };
    read_only(true);
    let writable_all_the_same = std::fs::write(folder.join("probe"), "").is_ok();
    if !writable_all_the_same {
        let output = run_demo(&folder, &["--once"]);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(complaint(&output).trim_end().lines().count(), 1, "{}", complaint(&output));
        assert_eq!(contents(&folder), before, "no damage");
    }
    #[allow(clippy::permissions_set_readonly_false)] // a folder of this test, gone in a moment
    read_only(false);
    let _ = std::fs::remove_file(folder.join("probe"));
    assert_eq!(run_demo(&folder, &["--once"]).status.code(), Some(0), "and it goes on where it stood");
}

#[test]
fn a_database_that_cannot_be_opened_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("hub.db")).expect("a folder in the way");
    let output = run_demo(folder.path(), &["--once"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(complaint(&output).contains("hub.db"), "{}", complaint(&output));

    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(
        folder.path().join("31.db"),
        "these are not the pages of a database, and never were".repeat(99),
    )
    .expect("written");
    let output = run_demo(folder.path(), &["--once"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(complaint(&output).contains("31"), "{}", complaint(&output));
    assert!(
        std::fs::read_to_string(folder.path().join("31.db"))
            .expect("left as it was")
            .starts_with("these are")
    );
}
