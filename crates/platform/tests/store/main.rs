//! The store on both engines: every function, every migration over full tables, and what each engine promises of its
//! own. The same test text runs on SQLite and on PostgreSQL.

/// Each engine, empty or full.
mod engines;
/// Every function of the store, one row each.
mod functions;
/// Keys of what belongs to a person.
mod keys;
/// Copies of what was settled, for those who measure.
mod fill;
/// From every released version to the newest.
mod migrations;
/// How each engine carries out each statement.
mod plans;
/// Servers that go away.
mod servers;
/// Steps, batches, durability, a server that goes away.
mod transactions;

#[path = "../../../../tests/postgres.rs"]
mod postgres_server;
