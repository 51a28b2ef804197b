//! Conversations: a whole network in one process, spoken to over HTTP as a hospital would.

// An amount is written yuan_fen: 12_850_00 is 12,850.00.
#![allow(clippy::inconsistent_digit_grouping)]

mod care;
mod identities;
mod network;
mod table;

/// 人员与机构: sign-in, people, institutions, benefit checks.
mod people;
/// 门诊: visits from registration to settlement and back.
mod outpatient;
/// 备案: filings made at the counter and by an agency.
mod filing;
/// 查询: what can be asked afterwards, and the pages of the sandbox.
mod queries;
/// 住院: a stay from admission to settlement and back.
mod stays;
/// 他家软件: what software that we have never seen sends and expects.
mod strangers;
