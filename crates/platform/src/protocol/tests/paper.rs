//! The pages in `docs/transactions` are those that the tables give.

use super::super::{pages, tables};
use std::path::PathBuf;

#[test]
fn pages_are_current() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/transactions");
    let mut wanted: Vec<(String, String)> =
        tables::transactions().map(|table| (format!("{}.md", table.infno), pages::page(table))).collect();
    wanted.push(("README.md".to_owned(), pages::index()));
    wanted.push(("dictionaries.md".to_owned(), pages::dictionaries()));
    let write = std::env::var("YIDI_WRITE").is_ok_and(|value| value == "1");
    if write {
        std::fs::create_dir_all(&folder).expect("failed to make docs/transactions");
    }
    for (name, text) in wanted {
        let path = folder.join(&name);
        if write {
            std::fs::write(&path, &text).unwrap_or_else(|why| panic!("failed to write {name}: {why}"));
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == text,
            "{name} is not current: run YIDI_WRITE=1 cargo test -p platform pages_are_current"
        );
    }
}
