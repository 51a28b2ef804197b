//! Who carries it: the three offices (treatment node, hub, insured node), their words, their books on disk,
//! and the door to the street.
//!
//! The rooms stand in reading order, and a room uses only rooms above it.

/// 政策文件: reads the policy files of a directory, or the embedded ones, into one book.
pub mod policy_files;
/// 交易: the JSON of each transaction number; the only room that knows wire names.
pub mod protocol;
/// 医保区划: names of places, pools, members of direct settlement.
pub mod regions;
/// 登记簿: institutions and insured people as the nodes keep them.
pub mod registry;
