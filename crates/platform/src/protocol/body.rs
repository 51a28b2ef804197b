//! Raw bytes to one JSON object: byte-order marks, GB18030, form encoding, JSON inside a JSON string.

use serde_json::{Map, Value};
use std::borrow::Cow;

/// The object of a body, or why there is none.
pub(super) fn object(bytes: &[u8]) -> Result<Map<String, Value>, &'static str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii();
    if bytes.is_empty() {
        return Err("正文为空 (the body is empty)");
    }
    let text = text(bytes)?;
    let value = match json(&text) {
        Ok(value) => value,
        Err(why) => match form(bytes).and_then(|inner| json(&inner).ok()) {
            Some(value) => value,
            None => return Err(why),
        },
    };
    match value {
        Value::Object(object) => Ok(object),
        _ => Err("不是JSON对象 (not a JSON object)"),
    }
}

/// UTF-8, and GB18030 where it is not.
pub(super) fn text(bytes: &[u8]) -> Result<Cow<'_, str>, &'static str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Cow::Borrowed(text));
    }
    encoding_rs::GB18030
        .decode_without_bom_handling_and_without_replacement(bytes)
        .ok_or("既非UTF-8也非GB18030 (neither UTF-8 nor GB18030)")
}

/// Reads JSON; a JSON string that holds JSON is read once more. serde_json refuses a nesting above 128.
pub(super) fn json(text: &str) -> Result<Value, &'static str> {
    const NOT_JSON: &str = "不是合法的JSON,或嵌套超过128层 (not valid JSON, or nested deeper than 128)";
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0' || c == '\u{feff}');
    match serde_json::from_str(text).map_err(|_| NOT_JSON)? {
        Value::String(inner) => serde_json::from_str(inner.trim()).map_err(|_| NOT_JSON),
        value => Ok(value),
    }
}

/// The JSON of a form-encoded body: under an empty key, under the first key, or the first key itself.
fn form(bytes: &[u8]) -> Option<String> {
    let encoded = bytes.contains(&b'%');
    let first = if encoded { bytes.split(|byte| *byte == b'&').next()? } else { bytes };
    let starts = |part: &[u8]| matches!(part.first(), Some(b'{' | b'"' | b'%'));
    let part = if starts(first) {
        first.strip_suffix(b"=").unwrap_or(first)
    } else {
        let at = first.iter().position(|byte| *byte == b'=')?;
        first.get(at + 1..)?
    };
    let decoded = if encoded { percent_decode(part) } else { part.to_vec() };
    text(&decoded).ok().map(Cow::into_owned)
}

fn percent_decode(bytes: &[u8]) -> Vec<u8> {
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                at += 2;
            }
            (b'+', ..) => decoded.push(b' '),
            _ => decoded.push(*byte),
        }
        at += 1;
    }
    decoded
}

/// A text value that can be seen in a body that is not JSON as a whole, so that the answer can still name it.
pub(super) fn glimpse(bytes: &[u8], key: &str) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let (_, rest) = text.split_once(&format!("\"{key}\""))?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    let (value, _) = rest.split_once('"')?;
    let plain = !value.is_empty() && value.len() <= 40 && value.bytes().all(|byte| byte.is_ascii_graphic());
    plain.then(|| value.to_owned())
}
