//! Conversations: a whole network in one process, spoken to over HTTP as a hospital would.

mod care;
mod network;

/// 住院: a stay from admission to settlement and back.
mod stays;
/// 他家软件: what software that we have never seen sends and expects.
mod strangers;
