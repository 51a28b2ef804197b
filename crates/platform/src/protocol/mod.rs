//! 交易: what hospitals send and expect. The only room that knows wire names.

/// Why a message is refused, in the words of both languages.
pub mod refusal;

/// Decimals, days and instants as the wire writes them.
pub mod reading;

/// The field table of each transaction, and the code lists.
pub mod tables;

/// Amounts, days and flags between the wire and the rooms of insurance.
pub mod values;

/// Raw bytes to one JSON object, whatever wrapping a client used.
mod body;

/// The request envelope.
pub mod envelope;

/// The input of one transaction, checked against its table and brought to one form.
pub mod normalise;

/// The answer envelope and the shape of each output.
pub mod answer;

/// One Markdown page a transaction, from its table.
pub mod pages;

#[cfg(test)]
mod tests;
