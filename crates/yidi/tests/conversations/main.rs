//! Conversations: a whole network in one process, spoken to over HTTP as a hospital would.

/// Accidents on order, and the look at the whole network.
mod accidents;
mod care;
mod identities;
/// What a hospital has of its own.
mod ledgers;
mod network;
mod table;
/// Bytes on a socket.
mod wire;

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
/// 冲正: 2601 in every state of the original.
mod reversals;
/// 核实: settlements whose end is not known.
mod resolver;
/// 重发: the same message again.
mod repeats;
/// 故障: places that cannot be reached.
mod outages;
/// 拒绝: bad input, and the same content in other spellings.
mod refusals;
/// 文件: files of institutions.
mod files;
/// 对账单: totals, lines and days compared.
mod statements;
/// 签封: letters that reach the port.
mod seals;
/// 日终根: the close of a day.
mod roots;
/// 对账: the day after.
mod reconciliation;
/// 服务器库: every node on PostgreSQL.
mod on_postgres;

#[path = "../../../../tests/postgres.rs"]
mod postgres_server;
