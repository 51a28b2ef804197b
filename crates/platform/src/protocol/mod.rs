//! 交易: what hospitals send and expect. The only room that knows wire names.

/// Why a message is refused, in the words of both languages.
pub mod refusal;
