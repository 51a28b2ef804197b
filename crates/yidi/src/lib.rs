//! The command's rooms, as a library, so that tests stand where the command stands.
//!
//! The rooms stand in reading order, and a room uses only rooms above it.

/// 故事: people's stories with the expected answer.
pub mod scenarios;
/// 数据目录: one folder, one process.
pub mod data_folder;
/// 密钥: SM2 keys of nodes, in files.
pub mod keys;
/// 装配: puts a process together.
pub mod assembly;
/// 窗口: a hospital's side of the conversation.
pub mod counter;
/// 待遇计算: one case, no server.
pub mod adjudicate;
/// 运行: nodes of a configuration.
pub mod serve;
/// 备案: a filing by an agency's clerk.
pub mod file;
/// 演示: a whole network, a story, a sandbox.
pub mod demo;
/// 仿真: seeded countries with faults, and every invariant checked.
pub mod simulate;
/// 备份: copies of one moment.
pub mod backup;
/// 恢复后: databases that were put back count on.
pub mod restored;
/// 检查: whether what lies on disk is right.
pub mod check;
/// 指标: percentiles, fractions, what a process has used.
pub mod figures;
/// 服务器: a PostgreSQL of our own, made, killed, put back.
pub mod server;
/// 试验台: processes of this very program, started, killed and looked at.
pub mod rig;
/// 就诊者: many counters at once over HTTP.
pub mod visitors;
/// 到达: counters that come at a rate.
pub mod arrivals;
/// 折磨: processes killed under load, and everything verified.
pub mod torture;
/// 演练: failovers and restores under load.
pub mod drill;
/// 测速: whole settlements, as fast as it goes and at half of that.
pub mod bench;
/// 持续负载: visits at a rate, then every invariant.
pub mod load;
