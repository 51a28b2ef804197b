//! 交易: what hospitals send and expect. The only room that knows wire names.

/// Codes of the wire beside the words of the field.
pub mod codes;
/// Decimals, days and instants as the wire writes them.
pub mod reading;
/// The field table of each transaction, and the code lists.
pub mod tables;
/// Amounts, days and flags between the wire and the rooms of insurance.
pub mod values;
/// Raw bytes to one JSON object, whatever wrapping a client used.
mod body;
/// 9101, 9102.
pub mod files;
/// The request envelope.
pub mod envelope;
/// The input of one transaction, checked against its table and brought to one form.
pub mod normalise;
/// The answer envelope and the shape of each output.
pub mod answer;
/// One Markdown page a transaction, from its table.
pub mod pages;
/// Credentials as digests.
pub mod credentials;
/// 9001, 9002, 1101, 1201, 2001.
pub mod person;
/// 2201 to 2203, 2401 to 2405, 5201, 5303.
pub mod visit;
/// 2204, 2205, 2301, 2302, 5204.
pub mod fees;
/// 2206, 2207, 2208, 2303, 2304, 2305, 2601, 5203.
pub mod settle;
/// The text of an uploaded file, and the zip around a text of ours.
pub mod archive;
/// 3201, 3202, 13203.
pub mod statement;
/// The words of a difference.
mod statement_words;
/// People, institutions and items of the sandbox.
pub mod sandbox;
/// 2501, 5206, 5301.
pub mod filing;

#[cfg(test)]
mod tests;
