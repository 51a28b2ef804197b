//! 9101, 9102: the bytes of a file, whichever way they come, and what is answered of them.

use super::body;
use super::values::Time;
use crate::records::KeptFile;
use crate::refusal::{Code, Refusal};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sm3::{Digest, Sm3};

/// The largest file that is taken, in bytes.
pub const FILE_LARGEST_BYTES: usize = 10 * 1024 * 1024;
/// How many bytes of files one institution may have here at a time.
pub const FILES_TOGETHER_BYTES: usize = 256 * 1024 * 1024;

/// Base64 as software writes it: with or without the padding at the end.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A file that came beside the envelope, in a part of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// The file name that the part has.
    pub name: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// 9101 `fsUploadIn`: `bytes` is the digest of what was sent.
#[derive(Debug, Deserialize)]
pub struct Upload {
    /// Lower-case hex SM3 of the file.
    #[serde(rename = "in")]
    pub digest: String,
    /// 文件名
    pub filename: Option<String>,
    /// 医药机构编号
    pub fixmedins_code: Option<String>,
}

/// 9102 `fsDownloadIn`
#[derive(Debug, Deserialize)]
pub struct Download {
    /// 文件查询号
    pub file_qury_no: String,
    /// 医药机构编号
    pub fixmedins_code: Option<String>,
}

/// Takes the bytes of 9101 out of its input and leaves their digest there, so that the same file is the same content
/// whichever way it came. None where the input has no file: its table refuses that.
pub(super) fn taken_out(input: &mut Value, attached: Option<Attached>) -> Result<Option<Vec<u8>>, Refusal> {
    if !input.is_object() && attached.is_some() {
        *input = json!({});
    }
    let Value::Object(object) = input else { return Ok(None) };
    let Some(node) = node(object, attached.is_some()) else { return Ok(None) };
    let bytes = match attached {
        Some(attached) => {
            if !node.get("filename").is_some_and(is_given)
                && let Some(name) = attached.name
            {
                node.insert("filename".into(), Value::String(name));
            }
            attached.bytes
        }
        None => match node.get("in") {
            Some(given) if is_given(given) => read(given)?,
            _ => return Ok(None),
        },
    };
    if bytes.is_empty() {
        return Err(unreadable("文件为空", "the file is empty"));
    }
    if bytes.len() > FILE_LARGEST_BYTES {
        return Err(too_large(bytes.len()));
    }
    let digest: String = Sm3::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    node.insert("in".into(), Value::String(digest));
    Ok(Some(bytes))
}

/// The refusal of a file of so many bytes.
pub fn too_large(bytes: usize) -> Refusal {
    Refusal::new(Code::FileTooLarge).with("found", bytes).with("limit", FILE_LARGEST_BYTES)
}

/// The refusal of a file that cannot be read, in both languages.
pub fn unreadable(zh: &str, en: &str) -> Refusal {
    Refusal::new(Code::FileUnreadable).with_both("why", zh, en)
}

fn is_given(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !matches!(text.trim(), "" | "null"),
        _ => true,
    }
}

/// The node of the upload; where there is none, the input itself, or a new one for a file that came beside it.
fn node(input: &mut Map<String, Value>, beside: bool) -> Option<&mut Map<String, Value>> {
    const NODE: &str = "fsUploadIn";
    let named = [NODE, "data"].into_iter().find(|name| input.get(*name).is_some_and(is_given));
    let Some(name) = named else {
        if beside && !input.contains_key("filename") {
            input.insert(NODE.into(), json!({}));
            return input.get_mut(NODE).and_then(Value::as_object_mut);
        }
        return Some(input);
    };
    let value = input.get_mut(name)?;
    if let Value::String(text) = value
        && let Ok(read) = body::json(text)
    {
        *value = read;
    }
    match value {
        Value::Object(node) => Some(node),
        Value::Array(rows) => rows.first_mut().and_then(Value::as_object_mut),
        _ => None,
    }
}

fn read(given: &Value) -> Result<Vec<u8>, Refusal> {
    match given {
        Value::Array(numbers) => listed(numbers),
        Value::String(text) if text.trim_start().starts_with('[') => match body::json(text) {
            Ok(Value::Array(numbers)) => listed(&numbers),
            _ => Err(unreadable("in既非字节数组也非base64", "in is neither a list of bytes nor base64")),
        },
        Value::String(text) => {
            let text: String = text.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
            BASE64.decode(text).map_err(|why| {
                unreadable(&format!("in不是合法的base64({why})"), &format!("in is no base64: {why}"))
            })
        }
        _ => Err(unreadable("in既非字节数组也非base64", "in is neither a list of bytes nor base64")),
    }
}

/// Bytes as numbers: 0 to 255, or -128 to 127 as Java writes them.
fn listed(numbers: &[Value]) -> Result<Vec<u8>, Refusal> {
    let byte = |(place, number): (usize, &Value)| {
        let found = number.as_i64().filter(|found| (-128..=255).contains(found));
        found.map(|found| found.rem_euclid(256) as u8).ok_or_else(|| {
            let number: String = number.to_string().chars().take(20).collect();
            unreadable(
                &format!("in的第{}个值{number}不在-128至255之间", place + 1),
                &format!("value {} of in is {number}; expected -128 to 255", place + 1),
            )
        })
    };
    numbers.iter().enumerate().map(byte).collect()
}

/// The answer of 9101.
pub fn uploaded(file: &KeptFile) -> Value {
    json!({
        "file_qury_no": file.number,
        "filename": file.name,
        "fixmedins_code": file.institution,
        "dld_endtime": Time(file.expires),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(mut input: Value, attached: Option<Attached>) -> (Result<Option<Vec<u8>>, String>, Value) {
        let taken = taken_out(&mut input, attached).map_err(|refusal| refusal.text());
        (taken, input)
    }

    #[test]
    fn every_way_gives_the_same_bytes_and_the_same_digest() {
        let bytes = vec![0x50, 0x4b, 0xff, 0x00];
        let ways = [
            json!({"fsUploadIn": {"in": [0x50, 0x4b, 255, 0], "filename": "a"}}),
            json!({"fsUploadIn": {"in": [0x50, 0x4b, -1, 0], "filename": "a"}}),
            json!({"fsUploadIn": {"in": "UEv/AA==", "filename": "a"}}),
            json!({"fsUploadIn": {"in": "UEv/\nAA", "filename": "a"}}),
            json!({"fsUploadIn": {"in": "[80, 75, -1, 0]", "filename": "a"}}),
            json!({"fsUploadIn": "{\"in\": \"UEv/AA==\", \"filename\": \"a\"}"}),
        ];
        let (first, told) = taken(ways[0].clone(), None);
        assert_eq!(first, Ok(Some(bytes.clone())));
        assert_eq!(told["fsUploadIn"]["in"].as_str().map(str::len), Some(64), "{told}");
        for way in ways {
            assert_eq!(taken(way.clone(), None), (Ok(Some(bytes.clone())), told.clone()), "{way}");
        }
        let attached = Attached { name: Some("a".into()), bytes: bytes.clone() };
        for beside in [json!({}), json!({"fsUploadIn": {"in": ""}}), json!({"fsUploadIn": {"filename": "a"}})]
        {
            let found = taken(beside.clone(), Some(attached.clone()));
            assert_eq!(found, (Ok(Some(bytes.clone())), told.clone()), "{beside}");
        }
        let (flat, told) = taken(json!({"in": "UEv/AA==", "filename": "a"}), None);
        assert_eq!((flat, told["in"].as_str().map(str::len)), (Ok(Some(bytes)), Some(64)));
    }

    #[test]
    fn what_is_no_file_is_refused_with_its_place() {
        for (given, expected) in [
            (json!([80, 256]), "value 2 of in is 256"),
            (json!(["x"]), "value 1 of in is \"x\""),
            (json!([1.5]), "value 1 of in is 1.5"),
            (json!("*"), "no base64"),
            (json!({"a": 1}), "neither a list"),
            (json!([]), "is empty"),
        ] {
            let (found, _) = taken(json!({"fsUploadIn": {"in": given}}), None);
            let text = found.expect_err("refused");
            assert!(text.contains(expected), "{given}: {text}");
        }
        let large = Attached { name: None, bytes: vec![1; FILE_LARGEST_BYTES + 1] };
        let (found, _) = taken(json!({}), Some(large));
        assert!(found.expect_err("refused").contains("10485761"));
        assert_eq!(taken(json!({"fsUploadIn": {"filename": "a"}}), None).0, Ok(None));
    }
}
