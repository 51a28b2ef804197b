//! `yidi demo --accident`: the story of a settlement caught in the middle ends with both sides agreeing.

mod command;

use command::run;
use serde_json::{Value, json};

#[test]
fn a_settlement_caught_in_the_middle_heals_and_the_story_says_so() {
    let told = run(&["demo", "--accident", "--once", "--json", "--port", "0", "--his-port", "0"]);
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let story: Value = serde_json::from_slice(&told.stdout).expect("a story");
    assert_eq!(story["agree"], json!(true), "{story}");
    let steps = story["steps"].as_array().expect("steps");
    let one_sided = |step: &&Value| step["books"].as_array().is_some_and(|sides| sides.len() == 1);
    assert!(steps.iter().any(|step| one_sided(&step)), "one side had booked and the others had not: {story}");
    let happened: Vec<&str> = story["events"]
        .as_array()
        .expect("events")
        .iter()
        .filter_map(|event| event["event"].as_str())
        .collect();
    assert!(happened.contains(&"answer_overdue") && happened.contains(&"cancel_confirmed"), "{happened:?}");
    assert!(steps.iter().all(|step| step["says"]["zh"] != json!("") && step["says"]["en"] != json!("")));
}
