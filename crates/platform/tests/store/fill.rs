//! Copies of what was settled: as many rows as ordered, under numbers of their own, and the books go on over them.

use crate::engines::{fill_to, on_each_engine};
use platform::audit::audit;
use platform::doors::{Cell, Store};
use platform::store::books;
use platform::store::fill::{copies_make, template_keep};

fn count(store: &mut dyn Store, sql: &'static str) -> i64 {
    match store.query(sql, &[]).expect("counted")[0][0] {
        Cell::Int(count) => count,
        ref other => panic!("{other:?}"),
    }
}

#[test]
fn copies_stand_beside_what_was_copied_and_the_books_hold_them() {
    on_each_engine(|engine, store| {
        fill_to(store, i64::MAX);
        // The sample's own journals are no chain: only what the copies add is looked at.
        let before = audit(store, [], |_| {}).faults.len();
        let faults = books::faults(store).expect("read");
        let tables: [(&'static str, &'static str); 4] = [
            ("select count(*) from fee_line", "select count(distinct visit) from fee_line"),
            ("select count(*) from received", "select count(distinct msgid) from received"),
            (
                "select count(*) from settlement_event",
                "select count(distinct settlement) from settlement_event",
            ),
            ("select count(*) from journal", "select count(distinct business_key) from journal"),
        ];
        let held: Vec<(i64, i64)> =
            tables.iter().map(|(rows, keys)| (count(store, rows), count(store, keys))).collect();
        let people = count(store, "select count(*) from insured_person");
        let journals = template_keep(store).expect("kept");
        assert_eq!(journals, held[3].0, "{engine}");
        for range in [(20, 60), (60, 80)] {
            assert_eq!(template_keep(store).expect("kept once"), journals, "{engine}");
            copies_make(store, range.0, range.1).expect("copied");
        }
        for ((rows, keys), (had_rows, had_keys)) in tables.iter().zip(held) {
            assert_eq!(count(store, rows), had_rows * 61, "{engine}: {rows}");
            assert_eq!(count(store, keys), had_keys * 61, "{engine}: {keys}");
        }
        assert_eq!(count(store, "select count(*) from insured_person"), people * 4, "{engine}");
        assert_eq!(
            audit(store, [], |_| {}).faults.len(),
            before,
            "{engine}: the chain goes on over the copies"
        );
        assert_eq!(books::faults(store).expect("read"), faults, "{engine}: balances hold the copies");
    });
}
