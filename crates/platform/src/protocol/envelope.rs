//! The request envelope: eighteen fields around the input, read as leniently as hospital software needs.
//! What cannot be read still tells as much of its number and msgid as could be seen, so that it can be answered.

use super::body;
use super::files::{self, Attached};
use super::reading::{Moment, fold};
use crate::refusal::{Code, Refusal};
use insurance::calendar::Instant;
use insurance::identity::{InstitutionCode, Region};
use jiff::civil;
use serde_json::{Map, Value};
use sm3::{Digest, Sm3};

/// One request: who sends it, and what.
#[derive(Clone, Debug)]
pub struct Message {
    /// The envelope.
    pub envelope: Envelope,
    /// The input as JSON, whatever wrapping it came in.
    pub input: Value,
    /// Lower-case hex SM3 of the canonical input: equal content, equal digest, whatever the order of the keys.
    pub digest: String,
    /// The file of 9101; the input has its digest instead.
    pub file: Option<Vec<u8>>,
}

/// The fields of the envelope that mean something here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// 交易编号, letter in upper case.
    pub infno: String,
    /// 发送方报文ID, 1 to 30 printable characters.
    pub msgid: String,
    /// 就医地医保区划 `mdtrtarea_admvs`; from the institution's code where it is absent.
    pub treatment_region: Region,
    /// 参保地医保区划 `insuplc_admdvs`.
    pub insured_region: Option<Region>,
    /// 定点医药机构编号
    pub institution: InstitutionCode,
    /// 定点医药机构名称, or empty.
    pub institution_name: String,
    /// 经办人类别
    pub opter_type: String,
    /// 经办人
    pub opter: String,
    /// 经办人姓名, or empty.
    pub opter_name: String,
    /// 交易时间, as the sender's clock has it.
    pub sent: Instant,
    /// 接口版本号
    pub version: String,
    /// 签到流水号
    pub sign_no: Option<String>,
    /// 数字签名信息
    pub cainfo: Option<String>,
    /// 签名类型
    pub signtype: Option<String>,
}

/// A request that cannot be taken, with what could be seen of its number and msgid.
#[derive(Clone, Debug)]
pub struct Unreadable {
    /// Why.
    pub refusal: Refusal,
    /// The transaction, where it could be read.
    pub infno: Option<String>,
    /// The sender's number, where it could be read.
    pub msgid: Option<String>,
    /// The institution's code, where it could be read: it decides how the answer is written.
    pub institution: Option<String>,
}

impl From<Unreadable> for Refusal {
    fn from(unreadable: Unreadable) -> Refusal {
        unreadable.refusal
    }
}

/// Reads one request. `path_hint` is the path it came to: where its last part is a transaction number, it must agree.
pub fn read(bytes: &[u8], path_hint: Option<&str>) -> Result<Message, Unreadable> {
    read_beside(bytes, path_hint, None)
}

/// The same, with the file that came in a part beside the envelope.
pub fn read_beside(
    bytes: &[u8],
    path_hint: Option<&str>,
    attached: Option<Attached>,
) -> Result<Message, Unreadable> {
    let object = body::object(bytes).map_err(|why| Unreadable {
        refusal: Refusal::new(Code::BodyUnreadable).with("why", why),
        infno: body::glimpse(bytes, "infno"),
        msgid: body::glimpse(bytes, "msgid"),
        institution: body::glimpse(bytes, "fixmedins_code"),
    })?;
    let fields = Fields(&object);
    message(&fields, path_hint, attached).map_err(|refusal| Unreadable {
        refusal,
        infno: fields.infno(),
        msgid: fields.text("msgid").filter(|text| is_printable(text, 30)),
        institution: fields.text("fixmedins_code"),
    })
}

fn message(
    fields: &Fields<'_>,
    path_hint: Option<&str>,
    attached: Option<Attached>,
) -> Result<Message, Refusal> {
    let infno = fields.infno().ok_or_else(|| missing("infno", "交易编号"))?;
    if !(4..=6).contains(&infno.len()) || !infno.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(invalid("infno", &infno, "4至6位数字或字母 (4 to 6 digits or letters)"));
    }
    if let Some(path) = path_hint.and_then(infno_of_path).filter(|path| *path != infno) {
        return Err(Refusal::new(Code::TransactionDiffersFromPath).with("path", path).with("infno", infno));
    }
    let msgid = fields.required("msgid", "发送方报文ID", 30)?;
    if !is_printable(&msgid, 30) {
        return Err(invalid("msgid", &msgid, "1至30个可见字符 (1 to 30 printable characters)"));
    }
    let code = fields.required("fixmedins_code", "定点医药机构编号", 30)?;
    let institution = InstitutionCode::new(code.clone())
        .map_err(|_| invalid("fixmedins_code", &code, "1至30个可见字符 (1 to 30 printable characters)"))?;
    let treatment_region = match fields.region("mdtrtarea_admvs")? {
        Some(region) => region,
        None => code
            .get(1..7)
            .and_then(|digits| Region::new(digits).ok())
            .ok_or_else(|| missing("mdtrtarea_admvs", "就医地医保区划"))?,
    };
    let time = fields.required("inf_time", "交易时间", 40)?;
    let sent = Moment::read(&time)
        .and_then(instant)
        .ok_or_else(|| invalid("inf_time", &time, "yyyy-MM-dd HH:mm:ss"))?;
    let insured_region = match fields.region("insuplc_admdvs") {
        // Software fills it with whatever it has before 1101 has told it; nobody is looked for by it there.
        Err(_) if matches!(infno.as_str(), "9001" | "9002" | "1101" | "1201") => None,
        read => read?,
    };
    let envelope = Envelope {
        infno,
        msgid,
        treatment_region,
        insured_region,
        institution,
        institution_name: fields.optional("fixmedins_name", 200)?.unwrap_or_default(),
        opter_type: fields.required("opter_type", "经办人类别", 3)?,
        opter: fields.required("opter", "经办人", 30)?,
        opter_name: fields.optional("opter_name", 50)?.unwrap_or_default(),
        sent,
        version: fields.required("infver", "接口版本号", 6)?,
        sign_no: fields.optional("sign_no", 30)?,
        cainfo: fields.optional("cainfo", 4000)?,
        signtype: fields.optional("signtype", 10)?,
    };
    let mut input = fields.input()?;
    let file = match envelope.infno.as_str() {
        "9101" => files::taken_out(&mut input, attached)?,
        _ => None,
    };
    let digest = digest(&input);
    Ok(Message { envelope, input, digest, file })
}

/// The keys of the envelope; absent, null, "" and "null" are one.
struct Fields<'a>(&'a Map<String, Value>);

impl Fields<'_> {
    fn text(&self, name: &str) -> Option<String> {
        let text = match self.0.get(name)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty() && text != "null").then_some(text)
    }

    fn infno(&self) -> Option<String> {
        self.text("infno").or_else(|| self.text("infon")).map(|infno| fold(&infno).to_ascii_uppercase())
    }

    fn required(&self, name: &str, label: &str, longest: usize) -> Result<String, Refusal> {
        self.optional(name, longest)?.ok_or_else(|| missing(name, label))
    }

    fn optional(&self, name: &str, longest: usize) -> Result<Option<String>, Refusal> {
        match self.text(name) {
            Some(text) if text.chars().count() > longest => {
                Err(invalid(name, &text, &format!("不超过{longest}个字符 (at most {longest} characters)")))
            }
            found => Ok(found),
        }
    }

    fn region(&self, name: &str) -> Result<Option<Region>, Refusal> {
        let other = super::tables::aliases().of_field(name).find_map(|other| self.text(other));
        let Some(text) = self.text(name).or(other).map(|text| fold(&text)) else { return Ok(None) };
        let region = Region::new(&text);
        region.map(Some).map_err(|_| invalid(name, &text, "六位数字的医保区划 (a region code of six digits)"))
    }

    fn input(&self) -> Result<Value, Refusal> {
        let not_readable =
            |found: &str| invalid("input", found, "JSON对象或其文本 (a JSON object or its text)");
        match self.0.get("input").filter(|input| !input.is_null()).or_else(|| self.0.get("Input")) {
            None | Some(Value::Null) => Ok(Value::Object(Map::new())),
            Some(Value::String(text)) if matches!(text.trim(), "" | "null") => Ok(Value::Object(Map::new())),
            Some(Value::String(text)) => match body::json(text) {
                Ok(value @ (Value::Object(_) | Value::Array(_))) => Ok(value),
                _ => Err(not_readable(text)),
            },
            Some(value @ (Value::Object(_) | Value::Array(_))) => Ok(value.clone()),
            Some(other) => Err(not_readable(&other.to_string())),
        }
    }
}

fn missing(field: &str, label: &str) -> Refusal {
    Refusal::new(Code::EnvelopeFieldMissing).with("field", field).with("label", label)
}

fn invalid(field: &str, found: &str, rule: &str) -> Refusal {
    Refusal::new(Code::EnvelopeFieldInvalid).with("field", field).with("found", found).with("rule", rule)
}

fn is_printable(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// The last part of a path where it looks like a transaction number.
fn infno_of_path(path: &str) -> Option<String> {
    let path = path.split(['?', '#']).next()?;
    let last = path.rsplit('/').find(|part| !part.is_empty())?.to_ascii_uppercase();
    let digits = last.strip_suffix(|c: char| c.is_ascii_uppercase()).unwrap_or(&last);
    let right = (4..=5).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    // A base address may end in a port or a year: only a transaction of this platform is a hint.
    (right && super::tables::transaction(&last).is_some()).then(|| last.clone())
}

/// The instant of a moment in official time (UTC+8).
pub(super) fn instant(moment: Moment) -> Option<Instant> {
    let (hour, minute, second) = moment.time;
    let day = moment.day;
    let narrow = |number: u8| i8::try_from(number).ok();
    civil::DateTime::new(
        day.year(),
        day.month(),
        day.day(),
        narrow(hour)?,
        narrow(minute)?,
        narrow(second)?,
        0,
    )
    .ok()
    .map(Instant::of_official)
}

/// Lower-case hex SM3 of the canonical JSON: keys sorted, no blanks, numbers as their text.
pub fn digest(input: &Value) -> String {
    let mut text = String::new();
    canonical(input, &mut text);
    Sm3::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(object) => {
            let mut keys: Vec<&String> = object.keys().collect();
            keys.sort();
            for (place, key) in keys.into_iter().enumerate() {
                text.push(if place == 0 { '{' } else { ',' });
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                canonical(&object[key], text);
            }
            text.push_str(if object.is_empty() { "{}" } else { "}" });
        }
        Value::Array(values) => {
            text.push('[');
            for (place, value) in values.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                canonical(value, text);
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}
