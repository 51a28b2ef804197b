//! 服务器库: the same conversation with every node on PostgreSQL, whole and with a server that cuts every session.

use super::accidents::money_is;
use super::care::{self, COURSE, NURSING, OWN};
use super::network::{Desk, Network, fen, network_on};
use super::postgres_server;
use platform::treatment_node::Settings;
use serde_json::Value;

/// A network without a single database file; `None` where PostgreSQL is left out on purpose.
fn network_of_servers() -> Option<Network> {
    postgres_server::server()?;
    Some(network_on(Settings::default(), |_| postgres_server::place()))
}

fn away(network: &Network) -> Desk<'_> {
    let person = network.person("220100", &["resident", "adult", "referral", "clean_year"]);
    network.desk(&network.hospital("31", "02"), &person)
}

fn settled(desk: &Desk<'_>) -> (String, Value) {
    let charges = [COURSE, OWN, NURSING];
    let visit = care::inpatient(desk, &charges);
    let settled = desk.call("2304", care::bill(desk, &visit, None, &charges));
    (visit, settled)
}

fn of_settlement(desk: &Desk<'_>, visit: &str, settled: &Value) -> Value {
    care::settlement(desk, visit, settled["setlinfo"]["setl_id"].as_str().expect("a settlement"))
}

#[test]
fn a_stay_in_another_province_is_settled_and_taken_back_with_every_node_on_postgresql() {
    let Some(network) = network_of_servers() else { return };
    let desk = away(&network);
    desk.call("1101", care::who(&desk));
    let (visit, settled) = settled(&desk);
    // As on SQLite: (12,130 - 1,200) x 45 % = 4,918.50.
    assert_eq!(fen(&settled["setlinfo"]["hifp_pay"]), 4_918_50, "{settled}");
    money_is(&network, "220100", 4_918_50);
    desk.call("2305", of_settlement(&desk, &visit, &settled));
    money_is(&network, "220100", 0);
    assert!(network.database_files().is_empty(), "every node is on PostgreSQL");
}

#[test]
fn a_server_that_cuts_every_session_loses_nothing_that_was_answered() {
    let Some(network) = network_of_servers() else { return };
    let desk = away(&network);
    let (visit, settled) = settled(&desk);
    postgres_server::run(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'yidi'",
    );
    let again = desk.call("5203", of_settlement(&desk, &visit, &settled));
    assert_eq!(fen(&again["setlinfo"]["hifp_pay"]), 4_918_50, "{again}");
    desk.call("2305", of_settlement(&desk, &visit, &settled));
    money_is(&network, "220100", 0);
}
