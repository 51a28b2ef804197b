//! The promises of ARCHITECTURE.md that are absences: what must not stand in a room.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A source file: its path below `crates/`, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The lines that are neither comments nor, in files with a test module at the end, tests.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let end = self.text.find("#[cfg(test)]\nmod tests").unwrap_or(self.text.len());
        self.text[..end]
            .lines()
            .enumerate()
            .map(|(number, line)| (number + 1, line))
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every Rust file of a crate's `src`, or of a folder in it.
fn sources(below: &str) -> Vec<Source> {
    let crates = root().join("crates");
    let mut waiting = vec![crates.join(below)];
    let mut found = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting
                .extend(fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).expect("a source file");
            let path = path.strip_prefix(&crates).expect("below crates").to_string_lossy().into_owned();
            found.push(Source { path, text });
        }
    }
    assert!(!found.is_empty(), "no sources below crates/{below}: has the room moved?");
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// Every line of these sources that holds one of the words.
fn lines_with<'a>(sources: &'a [Source], words: &'a [&str]) -> Vec<String> {
    sources
        .iter()
        .flat_map(|source| source.code().map(move |(number, line)| (source, number, line)))
        .filter(|(_, _, line)| words.iter().any(|word| line.contains(word)))
        .map(|(source, number, line)| format!("crates/{}:{number}: {}", source.path, line.trim()))
        .collect()
}

#[track_caller]
fn none(found: Vec<String>, promise: &str) {
    assert!(found.is_empty(), "{promise}\n{}", found.join("\n"));
}

const CRATES: [&str; 4] = ["insurance/src", "platform/src", "simulation/src", "yidi/src"];

#[test]
fn insurance_has_no_io_no_clock_no_async_and_no_json() {
    let words = [
        "std::fs",
        "std::net",
        "std::io",
        "std::time",
        "std::thread",
        "std::env",
        "async ",
        "tokio",
        "serde_json",
        "Timestamp::now",
        "rusqlite",
    ];
    none(lines_with(&sources("insurance/src"), &words), "insurance is pure");
}

#[test]
fn there_is_no_float_in_money_nor_anywhere_else() {
    for room in CRATES {
        let found: Vec<String> = sources(room)
            .iter()
            .flat_map(|source| {
                source
                    .code()
                    .filter(|(_, line)| {
                        line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                            .any(|word| word == "f32" || word == "f64")
                    })
                    .map(|(number, line)| format!("crates/{}:{number}: {}", source.path, line.trim()))
                    .collect::<Vec<_>>()
            })
            .collect();
        none(found, "amounts are fen and rates are basis points");
    }
}

#[test]
fn only_the_store_knows_sql() {
    let words = ["\"select ", "\"insert into ", "\"delete from ", "\"update ", "\"create table "];
    for room in CRATES {
        let elsewhere: Vec<Source> = sources(room)
            .into_iter()
            .filter(|source| !source.path.starts_with("platform/src/store/"))
            // The deliberate bugs know the statements that they spoil by how they begin; they make none.
            .filter(|source| source.path != "simulation/src/planted.rs")
            .collect();
        none(lines_with(&elsewhere, &words), "all SQL stands in store");
    }
}

#[test]
fn no_statement_changes_or_deletes_a_journal() {
    let words = ["update journal", "update entry", "delete from journal", "delete from entry", "or replace"];
    none(lines_with(&sources("platform/src/store"), &words), "a correction is a new journal");
}

#[test]
fn only_the_front_door_knows_status_codes() {
    for room in ["insurance/src", "platform/src", "simulation/src"] {
        let elsewhere: Vec<Source> = sources(room)
            .into_iter()
            .filter(|source| !source.path.starts_with("platform/src/http/"))
            .collect();
        none(lines_with(&elsewhere, &["StatusCode"]), "status codes stand in http");
    }
}

#[test]
fn the_hub_knows_no_benefit_rule() {
    let words =
        ["insurance::policy", "insurance::adjudication", "insurance::eligibility", "insurance::filing"];
    none(lines_with(&sources("platform/src/hub"), &words), "the hub passes on and keeps books");
}

#[test]
fn rooms_behind_the_protocol_know_no_wire_name() {
    let words = [
        "\"psn_no\"",
        "\"mdtrt_id\"",
        "\"setl_id\"",
        "\"insuplc_admdvs\"",
        "\"mdtrtarea_admvs\"",
        "\"fixmedins_code\"",
        "\"medfee_sumamt\"",
        "\"hifp_pay\"",
        "\"fund_pay_sumamt\"",
        "\"insutype\"",
        "\"feedetl_sn\"",
    ];
    for room in ["insurance/src", "platform/src/hub", "platform/src/insured_node", "platform/src/store"] {
        none(lines_with(&sources(room), &words), "wire names stand in protocol");
    }
}

#[test]
fn every_file_opens_with_what_it_is_for() {
    let silent: Vec<String> = CRATES
        .iter()
        .flat_map(|room| sources(room))
        .filter(|source| !source.text.starts_with("//!"))
        .map(|source| format!("crates/{}", source.path))
        .collect();
    none(silent, "the first lines of a file say what it is for");
}

#[test]
fn files_stay_readable() {
    let long: Vec<String> = CRATES
        .iter()
        .flat_map(|room| sources(room))
        .filter(|source| source.text.lines().count() > 600)
        .map(|source| format!("crates/{} has {} lines", source.path, source.text.lines().count()))
        .collect();
    none(long, "a file with two subjects wants a second room");
}

/// The rooms of a crate in the order in which its `lib.rs` lists them.
fn rooms(krate: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("crates").join(krate).join("src/lib.rs")).expect("lib.rs");
    let listed = text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    listed.map(str::to_owned).collect()
}

#[test]
fn a_room_uses_only_rooms_above_it() {
    let mut found = Vec::new();
    for krate in ["insurance", "platform", "simulation", "yidi"] {
        let order = rooms(krate);
        assert!(order.len() > 2, "lib.rs of {krate} lists its rooms");
        for (place, room) in order.iter().enumerate() {
            let below: BTreeSet<&str> = order[place + 1..].iter().map(String::as_str).collect();
            let single = format!("{krate}/src/{room}.rs");
            let files = sources(&format!("{krate}/src")).into_iter().filter(|source| {
                source.path == single || source.path.starts_with(&format!("{krate}/src/{room}/"))
            });
            for source in files {
                for (number, line) in source.code() {
                    let uses = line.split("crate::").skip(1).filter_map(|rest| {
                        rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()
                    });
                    for used in uses.filter(|used| below.contains(used)) {
                        found.push(format!(
                            "crates/{}:{number}: {room} uses {used}, which stands below it",
                            source.path
                        ));
                    }
                }
            }
        }
    }
    none(found, "the order of lib.rs is the order of knowledge");
}

#[test]
fn the_documents_of_the_house_are_there() {
    for name in
        ["README.md", "ARCHITECTURE.md", "GLOSSARY.md", "CHANGELOG.md", "LICENSE", "Makefile", ".ci/run"]
    {
        assert!(root().join(name).exists(), "{name}");
    }
}

#[test]
fn the_files_that_architecture_names_exist() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let named = text.split('`').skip(1).step_by(2).filter(|word| {
        word.contains('/')
            && !word.contains(' ')
            && !word.contains('{')
            && (word.ends_with(".rs") || word.ends_with('/'))
    });
    let missing: Vec<String> = named
        .filter(|path| {
            let here = [
                "",
                "crates/",
                "crates/platform/src/",
                "crates/insurance/src/",
                "crates/yidi/",
                "crates/yidi/src/",
            ];
            !here.iter().any(|prefix| root().join(format!("{prefix}{path}")).exists())
        })
        .map(str::to_owned)
        .collect();
    none(missing, "ARCHITECTURE.md names files that are not there");
}
