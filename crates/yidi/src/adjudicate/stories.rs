//! Every scenario comes out to the fen: each value that its file names stands in the answer.

use crate::scenarios::{names, scenario};
use serde_json::Value;
use simulation::catalogue::synthetic;

/// Where `found` does not hold what `expected` names; the path of each difference.
fn differences(path: &str, expected: &Value, found: &Value, into: &mut Vec<String>) {
    match expected {
        Value::Object(fields) => {
            for (name, value) in fields {
                differences(&format!("{path}.{name}"), value, &found[name], into);
            }
        }
        _ if expected == found => {}
        _ => into.push(format!("{path}: expected {expected}, found {found}")),
    }
}

/// `[[expect.steps]]` are found among the steps of the explanation, in their order.
fn missing_step(expected: &[Value], found: &Value) -> Option<Value> {
    let mut steps = found.as_array().map(Vec::as_slice).unwrap_or_default().iter();
    expected
        .iter()
        .find(|wanted| {
            !steps.any(|step| {
                let mut off = Vec::new();
                differences("step", wanted, step, &mut off);
                off.is_empty()
            })
        })
        .cloned()
}

#[test]
fn every_story_comes_out_to_the_fen() {
    let book = platform::policy_files::embedded().expect("policies");
    let catalogue = synthetic(1);
    let mut faults = Vec::new();
    for name in names() {
        let story = scenario(&name).unwrap_or_else(|error| panic!("{error:#}"));
        let answer = match super::answer(&book, &catalogue, story.case.clone()) {
            Ok(answer) => answer,
            Err(refused) => refused.to_json(),
        };
        let mut expect = story.expect.clone();
        let steps = expect.as_object_mut().and_then(|fields| fields.remove("steps"));
        assert!(
            steps.is_some() || expect.as_object().is_some_and(|fields| !fields.is_empty()),
            "{name} expects nothing"
        );
        let mut found = Vec::new();
        differences("answer", &expect, &answer, &mut found);
        if let Some(Value::Array(steps)) = steps {
            let missing = missing_step(&steps, &answer["explanation"]);
            found.extend(missing.map(|step| format!("no such step, or not in this order: {step}")));
        }
        faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Every pool of the book is told of, so that a change of its values meets a story.
#[test]
fn each_place_has_its_stories() {
    let names = names();
    let places = [
        ("beijing", 3),
        ("shanghai", 3),
        ("changchun", 3),
        ("qingdao", 3),
        ("hefei", 3),
        ("guangzhou", 3),
        ("chengdu", 3),
        ("hainan", 3),
        ("shangluo", 2),
        ("shenzhen", 2),
    ];
    for (place, least) in places {
        let told = names.iter().filter(|name| name.starts_with(&format!("{place}/"))).count();
        assert!(told >= least, "{place}: {told} stories, expected {least} or more");
    }
}

/// The page for people outside shows a case and its answer: they are what the program says today.
#[test]
fn the_example_of_the_docs_is_what_comes_out() {
    let page = include_str!("../../../../docs/adjudicate.md");
    let blocks: Vec<Value> = page
        .split("```json\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .map(|block| serde_json::from_str(block).expect("a block of JSON"))
        .collect();
    let [case, expected] = blocks.as_slice() else { panic!("the page shows {} blocks", blocks.len()) };
    let book = platform::policy_files::embedded().expect("policies");
    let mut answer = super::answer(&book, &synthetic(1), case.clone()).expect("an answer");
    // The page leaves the digest open, which changes with every policy file.
    answer["policy_version"] = expected["policy_version"].clone();
    assert_eq!(answer, *expected);
}
