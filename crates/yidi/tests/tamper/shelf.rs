//! Where the books of a country lie: in files, or on a server.

use super::country::NODES;
use super::postgres_server;
use platform::doors::{Cell, NodeId, Store};
use platform::store::migrations::migrate;
use platform::store::postgres::Postgres;
use platform::store::sqlite::Sqlite;
use std::collections::BTreeMap;
use std::path::Path;
use yidi::check::chain::{Place, Places};

/// The books of three nodes, to be edited and checked.
pub enum Shelf {
    /// In files of a folder.
    Files(tempfile::TempDir),
    /// In schemas of the tests' own server: address by node.
    Server(BTreeMap<&'static str, String>),
}

impl Shelf {
    /// A folder with copies of these files.
    pub fn of_files(from: &Path) -> Shelf {
        let shelf = Shelf::Files(tempfile::tempdir().expect("a folder"));
        NODES.iter().for_each(|node| shelf.put_back(from, node));
        shelf
    }

    /// A schema for each node, with all rows of these files; `None` where PostgreSQL is not to be had.
    pub fn on_a_server(from: &Path) -> Option<Shelf> {
        let mut places = BTreeMap::new();
        for node in NODES {
            let place = postgres_server::place()?;
            migrate(&mut Postgres::open(&place).expect("a database")).expect("tables");
            places.insert(node, place);
        }
        let shelf = Shelf::Server(places);
        NODES.iter().for_each(|node| shelf.put_back(from, node));
        Some(shelf)
    }

    /// Makes a node's database what it is in this folder.
    pub fn put_back(&self, from: &Path, node: &str) {
        let file = from.join(format!("{node}.db"));
        match self {
            Shelf::Files(folder) => {
                let to = folder.path().join(format!("{node}.db"));
                std::fs::copy(file, to).expect("copied");
            }
            Shelf::Server(places) => {
                let schema = places[node].rsplit("%3D").next().expect("a schema");
                postgres_server::run(&script(&file, schema));
            }
        }
    }

    /// The books of one node, to be changed.
    pub fn open(&self, node: &str) -> Box<dyn Store> {
        match self {
            Shelf::Files(folder) => {
                Box::new(Sqlite::open(&folder.path().join(format!("{node}.db"))).expect("a database"))
            }
            Shelf::Server(places) => Box::new(Postgres::open(&places[node]).expect("a database")),
        }
    }

    /// Where the check finds them.
    pub fn places(&self) -> Places {
        let id = |node: &str| NodeId::try_from(node.to_owned()).expect("a node");
        match self {
            Shelf::Files(folder) => {
                let file = |node: &str| Place::File(folder.path().join(format!("{node}.db")));
                NODES.iter().map(|node| (id(node), file(node))).collect()
            }
            Shelf::Server(places) => {
                places.iter().map(|(node, place)| (id(node), Place::Server(place.clone()))).collect()
            }
        }
    }
}

/// Every row of a file as a script for a schema that has the same tables.
fn script(file: &Path, schema: &str) -> String {
    let mut store = Sqlite::open_to_read(file).expect("a database");
    let tables = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'";
    let tables = store.query(tables, &[]).expect("read");
    // Rows come back table by table, whoever refers to whom.
    let mut script = format!("set search_path = {schema}; set session_replication_role = replica;\n");
    for table in tables {
        let [Cell::Text(table)] = table.as_slice() else { panic!("a name") };
        script.push_str(&format!("delete from {table};\n"));
        let all: &'static str = Box::leak(format!("select * from {table}").into_boxed_str());
        for row in store.query(all, &[]).expect("read") {
            let values: Vec<String> = row.iter().map(literal).collect();
            script.push_str(&format!("insert into {table} values ({});\n", values.join(", ")));
        }
    }
    script
}

fn literal(cell: &Cell) -> String {
    match cell {
        Cell::Int(value) => value.to_string(),
        Cell::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Cell::Null => "null".to_owned(),
    }
}
