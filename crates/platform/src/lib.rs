//! Who carries it: the three offices (treatment node, hub, insured node), their words, their books on disk,
//! and the door to the street.
//!
//! The rooms stand in reading order, and a room uses only rooms above it.

/// The three doors: time, the other nodes, the disk.
pub mod doors;
/// 账链: journals chained with SM3, daily roots, and who reads them with suspicion.
pub mod chain;
/// 医保区划: names of places, pools, members of direct settlement.
pub mod regions;
/// 拒绝: why something is not done, in the words of both languages.
pub mod refusal;
/// 签封: which node a batch of letters comes from, proved with SM2 keys.
pub mod seals;
/// 登记簿: institutions and insured people as the nodes keep them.
pub mod registry;
/// 待遇政策: the files of `policies/`, read into one book.
pub mod policy_files;
/// 对账函: what nodes say when they lay a day side by side.
pub mod statements;
/// 信件: what nodes say to one another.
pub mod letters;
/// 档案: visits, fee lines and settlements as the treatment node keeps them.
pub mod records;
/// 交易: the JSON of each transaction number; the only room that knows wire names.
pub mod protocol;
/// 存储: all SQL.
pub mod store;
/// 查账: reads the books of a node from the first journal to the last, and names what is wrong.
pub mod audit;
/// 日终根: closes days, keeps the roots of others, raises alarms.
pub mod roots;
/// 经过: the one way in which a settlement changes its state, written down as it happens.
pub mod life;
/// 参保地: decides who may, on which terms, and what is paid.
pub mod insured_node;
/// 国家平台: passes on, keeps books between both sides, knows no benefit rule.
pub mod hub;
/// 落后: a node that was put back to an earlier copy, and how it catches up.
pub mod behind;
/// 就医地: serves institutions, splits fees, asks, answers.
pub mod treatment_node;
/// 对账: the three offices' books of each day, compared, typed, repaired.
pub mod reconciliation;
/// 节点: one node with its offices, moved by events, step by step.
pub mod node;
/// 网络: nodes on threads, letters between them, each batch of steps one flush of the disk.
pub mod network;
/// 前门: routes, status codes, and nothing else.
pub mod http;
