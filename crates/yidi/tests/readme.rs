//! The story on the front page is what the program prints, and its first call is answered.

mod command;

use serde_json::{Value, json};

const README: &str = include_str!("../../../README.md");

/// What does not change from one day to the next: everything but the days of a filing.
fn must_be_printed(line: &str) -> bool {
    !line.is_empty() && !line.contains("filing")
}

#[test]
fn the_story_of_the_front_page_is_what_the_program_prints() {
    let block = README.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a story");
    let output = command::run(&["demo", "--once", "--lang", "en", "--port", "0", "--his-port", "0"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
    let shown: Vec<&str> = block.lines().map(str::trim_end).filter(|line| must_be_printed(line)).collect();
    assert!(shown.len() > 25, "the story is there: {block}");
    let mut rest = printed.iter();
    for line in shown {
        assert!(rest.any(|found| *found == line), "not printed, or not in this order: {line}");
    }
}

#[test]
fn the_first_call_of_the_front_page_finds_a_person() {
    let (_, call) = README.split_once("curl -s http://127.0.0.1:8097").expect("a call");
    let (path, rest) = call.split_once(" -H ").expect("a path");
    let body = rest.split_once("-d '").and_then(|(_, rest)| rest.split_once("'\n```")).expect("a body").0;
    let body: Value = serde_json::from_str(body).expect("the body is JSON");
    let world = command::world();
    let process = command::Process::start(&["demo", "--port", "0", "--his-port", "0", "--lang", "en"]);
    let answer = world.post(process.address, path, &body);
    assert_eq!(answer["infcode"], json!(0), "{answer}");
    assert_eq!(answer["output"]["insuinfo"][0]["insuplc_admdvs"], json!("110000"), "{answer}");
}
