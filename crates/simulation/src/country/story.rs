//! The words of a story.

/// Milliseconds, shown as seconds with three decimals.
pub(super) struct Seconds(pub(super) i64);

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:>6}.{:03}", self.0 / 1000, self.0 % 1000)
    }
}

/// What a message is, for the story: transaction, number, visit, and how it was answered.
pub(super) fn glimpse(body: &[u8]) -> String {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(body) else { return "?".into() };
    match (value["infno"].as_str(), value["infcode"].as_i64()) {
        (Some(infno), _) => format!("{infno} {}", value["msgid"].as_str().unwrap_or_default()),
        (None, Some(0)) => {
            let setl = value["output"]["setlinfo"]["setl_id"].as_str().unwrap_or_default();
            format!("success {setl}")
        }
        (None, code) => format!("{} {}", code.unwrap_or(0), value["err_msg"].as_str().unwrap_or_default()),
    }
}
