//! The real engine on a platter.

use platform::doors::Store;
use platform::store::migrations::migrate;
use platform::store::sqlite::Sqlite;
use simulation::platter::Platter;
use simulation::seed::Seed;

#[test]
fn the_engine_keeps_its_settings_on_a_platter() {
    let platter = Platter::with([], Seed::new(1));
    let mount = platter.mount();
    let mut store = Sqlite::open_on(mount.file_system(), &mount.path("node.db")).expect("opened");
    migrate(&mut store).expect("migrated");
    assert_eq!(store.synchronous().expect("read back"), 2);
    let mode = store.query("pragma journal_mode", &[]).expect("read back");
    assert_eq!(mode, [["wal".into()]]);
    let flushes = platter.counts().flushes;
    store.begin().expect("begun");
    store.execute("insert into counter (name, value) values ('a', 7)", &[]).expect("written");
    assert_eq!(platter.counts().flushes, flushes, "nothing is flushed before the commit");
    store.commit().expect("committed");
    assert_eq!(platter.counts().flushes, flushes + 1, "a commit is one flush");
    assert_eq!(store.integrity().expect("checked"), Vec::<String>::new());
}
