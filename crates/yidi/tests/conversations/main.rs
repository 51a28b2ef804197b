//! Conversations: a whole network in one process, spoken to over HTTP as a hospital would.

// Amounts are written as yuan_fen: 4_918_50 is 4,918.50.
#![allow(clippy::inconsistent_digit_grouping)]

/// Accidents on order, and the look at the whole network.
mod accidents;
mod care;
mod network;
/// Bytes on a socket.
mod wire;

/// 住院: a stay from admission to settlement and back.
mod stays;
/// 冲正: 2601 in every state of the original.
mod reversals;
/// 重发: the same message again.
mod repeats;
/// 故障: places that cannot be reached.
mod outages;
/// 拒绝: bad input, and the same content in other spellings.
mod refusals;
