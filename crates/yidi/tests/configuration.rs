//! The example configuration: it loads, and it has every key there is.

use yidi::assembly::Config;

const EXAMPLE: &str = include_str!("../../../config.example.toml");

/// The example with its keys at rest awake.
fn awake() -> String {
    EXAMPLE.lines().map(|line| line.strip_prefix("#: ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

fn understood(text: &str) -> Config {
    toml::from_str(text).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_example_loads_as_it_stands_and_with_every_key() {
    understood(EXAMPLE).check().expect("letters find their way");
    let everything = understood(&awake());
    everything.check().expect("letters find their way");
    assert!(
        everything.policies.is_some() && !everything.peers.is_empty() && !everything.databases.is_empty()
    );
}

#[test]
fn the_example_has_every_key_there_is() {
    let example: toml::Table = awake().parse().expect("a table");
    let treatment = example["treatment"].as_table().expect("a table");
    let profile = treatment["profiles"].as_table().expect("profiles").values().next().expect("a profile");
    // An unknown key is refused with the names of all that are known.
    let tables = [
        ("", &example),
        ("[treatment]\n", treatment),
        ("[treatment.profiles.H31010490002]\n", profile.as_table().expect("a table")),
    ];
    for (head, table) in tables {
        let start = "nodes = []\nmembers = []\ndata = \"\"\nlisten = \"127.0.0.1:0\"\n";
        let refused = toml::from_str::<Config>(&format!("{start}{head}nothing_of_this_name = 1"));
        let words = refused.expect_err("unknown").to_string();
        let (_, known) = words.split_once("expected").expect("the known keys");
        let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
        assert!(!known.is_empty(), "{words}");
        for key in known {
            assert!(table.contains_key(key), "config.example.toml does not explain {key} {head}");
        }
    }
}

#[test]
fn a_node_has_a_database_of_its_own() {
    let with = |databases: &str| {
        let text = format!(
            "nodes = [\"hub\", \"22\"]\nmembers = [\"22\"]\ndata = \"d\"\nlisten = \"127.0.0.1:0\"\n[databases]\n{databases}"
        );
        understood(&text).check().map_err(|error| error.to_string())
    };
    assert_eq!(with("22 = \"postgresql://a/b\""), Ok(()));
    let same = with("22 = \"postgresql://a/b\"\nhub = \"postgresql://a/b\"").expect_err("one for two");
    assert!(same.contains("a database of its own"), "{same}");
    let stranger = with("31 = \"postgresql://a/b\"").expect_err("not here");
    assert!(stranger.contains("not in nodes"), "{stranger}");
}
