//! Steps and batches, durability read back, one process a database, and a server that goes away.

use crate::engines::on_each_engine;
use crate::postgres_server;
use platform::doors::{Cell, Store};
use platform::store::migrations::migrate;
use platform::store::postgres::Postgres;
use platform::store::sqlite::Sqlite;
use platform::store::{counter_next, mail};

fn note(store: &mut dyn Store, letter: &str) -> bool {
    let noted = mail::inbox_note(store, [letter].into_iter(), insurance::calendar::Instant(1));
    noted.expect("noted") == [true]
}

fn noted(store: &mut dyn Store) -> Vec<String> {
    let rows = store.query("select letter_id from inbox order by letter_id", &[]).expect("read");
    rows.iter().map(|row| format!("{:?}", row[0])).collect()
}

#[test]
fn a_forgotten_step_is_forgotten_alone() {
    on_each_engine(|engine, store| {
        migrate(store).expect("migrated");
        store.begin().expect("begun");
        for (letter, kept) in [("1", true), ("2", false), ("3", true)] {
            store.step_begin().expect("a step");
            assert!(note(store, letter));
            if kept { store.step_keep() } else { store.step_forget() }.expect("the step ends");
        }
        store.commit().expect("kept");
        assert_eq!(noted(store), ["Text(\"1\")", "Text(\"3\")"], "{engine}");
        store.begin().expect("begun");
        assert!(note(store, "4"));
        store.rollback().expect("forgotten");
        assert_eq!(noted(store).len(), 2, "{engine}");
    });
}

#[test]
fn a_batch_in_which_a_statement_failed_and_nobody_looked_is_not_committed_in_silence() {
    let wrong = "insert into inbox (letter_id, received_at) values ($1, $2)";
    let Some(place) = postgres_server::place() else { return };
    let mut store = Postgres::open(&place).expect("a database");
    migrate(&mut store).expect("migrated");
    store.begin().expect("begun");
    assert!(note(&mut store, "1"));
    let again: [Cell; 2] = ["1".into(), 1.into()];
    store.execute(wrong, &again).expect_err("the key is taken");
    let refused = store.commit().expect_err("nothing to keep").to_string();
    assert!(refused.contains("cannot be kept"), "{refused}");
    store.rollback().expect("forgotten");
    assert_eq!(noted(&mut store), Vec::<String>::new());
    // A step that fails is forgotten alone, and the rest of its batch is kept.
    store.begin().expect("begun");
    assert!(note(&mut store, "2"));
    store.step_begin().expect("a step");
    store.execute(wrong, &["2".into(), 1.into()]).expect_err("the key is taken");
    store.step_forget().expect("forgotten");
    assert!(note(&mut store, "3"));
    store.commit().expect("kept");
    assert_eq!(noted(&mut store).len(), 2);
}

#[test]
fn every_commit_is_flushed_on_both_engines() {
    let folder = tempfile::tempdir().expect("a folder");
    let sqlite = Sqlite::open(&folder.path().join("22.db")).expect("a database");
    assert_eq!(sqlite.synchronous().expect("read back"), 2, "synchronous=full");
    let Some(place) = postgres_server::place() else { return };
    let mut store = Postgres::open(&place).expect("a database");
    assert_eq!(store.synchronous().expect("read back"), "on");
    // Also where the server, the database or the address says otherwise.
    drop(store);
    let off = place.replace("options=", "options=-c%20synchronous_commit%3Doff%20");
    assert_eq!(Postgres::open(&off).expect("a database").synchronous().expect("read back"), "on");
}

#[test]
fn a_database_belongs_to_one_process() {
    let Some(place) = postgres_server::place() else { return };
    let first = Postgres::open(&place).expect("a database");
    let refused = Postgres::open(&place).err().expect("taken").to_string();
    assert!(refused.contains("another yidi works on it"), "{refused}");
    drop(first);
    Postgres::open(&place).expect("free again");
}

#[test]
fn a_server_that_cut_the_session_is_called_anew_between_batches_and_never_inside_one() {
    let Some(place) = postgres_server::place() else { return };
    let mut store = Postgres::open(&place).expect("a database");
    migrate(&mut store).expect("migrated");
    assert_eq!(counter_next(&mut store, "x").expect("counted"), 1);
    let me = |store: &mut Postgres| {
        let rows = store.query("select pg_backend_pid()", &[]).expect("read");
        match rows[0][0] {
            Cell::Int(pid) => pid,
            ref other => panic!("{other:?}"),
        }
    };
    let cut = |pid: i64| postgres_server::run(&format!("select pg_terminate_backend({pid}, 5000)"));
    cut(me(&mut store));
    assert_eq!(counter_next(&mut store, "x").expect("counted on a new session"), 2);
    cut(me(&mut store));
    store.begin().expect("a new session");
    assert_eq!(counter_next(&mut store, "x").expect("counted"), 3);
    cut(me(&mut store));
    counter_next(&mut store, "x").expect_err("inside a batch nothing is repeated");
    store.commit().expect_err("the batch is lost");
    store.rollback().expect("and forgotten");
    store.begin().expect("a new session");
    assert_eq!(counter_next(&mut store, "x").expect("counted"), 3);
    store.commit().expect("kept");
}

#[test]
fn an_address_that_leads_nowhere_says_what_to_do_and_not_the_password() {
    for (address, cure) in [
        ("postgresql://yidi:geheim@127.0.0.1:1/yidi_22?connect_timeout=2", "is the server running"),
        ("postgresql://yidi:geheim@%2Fnowhere/yidi_22", "is the server running"),
        ("yidi_22", "write postgresql://"),
    ] {
        let refused = Postgres::open(address).err().expect("nobody there").to_string();
        assert!(refused.contains(cure), "{refused}");
        assert!(!refused.contains("geheim"), "{refused}");
    }
    if let Some(server) = postgres_server::server() {
        let refused = Postgres::open(&format!("{server}?options=-c%20search_path%3Dnone")).err();
        assert!(refused.expect("no schema").to_string().contains("create it"));
        let refused =
            Postgres::open(&format!("{server}?options=-c%20search_path%3Dnone&sslmode=require")).err();
        assert!(refused.is_some(), "no TLS");
    }
}

#[test]
fn a_text_that_no_server_stores_is_stored_with_its_picture_and_found_again() {
    let Some(place) = postgres_server::place() else { return };
    let mut store = Postgres::open(&place).expect("a database");
    migrate(&mut store).expect("migrated");
    assert!(note(&mut store, "a\0b"));
    assert!(!note(&mut store, "a\0b"), "known again");
    assert_eq!(noted(&mut store), ["Text(\"a\u{2400}b\")"]);
}
