//! The store on both engines: every function, every migration over full tables, and what each engine promises of its
//! own. The same test text runs on SQLite and on PostgreSQL.

/// Each engine, empty or full.
mod engines;
/// Every function of the store, one row each.
mod functions;
/// Keys of what belongs to a person.
mod keys;
/// From every released version to the newest.
mod migrations;
/// Servers that go away.
mod servers;
/// Steps, batches, durability, a server that goes away.
mod transactions;

#[path = "../../../../tests/postgres.rs"]
mod postgres_server;
