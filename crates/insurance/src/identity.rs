//! Identities: each has its own type. Codes issued by others are kept as text, with a length and nothing more;
//! structure is checked only where the national standards fix it.

use std::fmt;

/// A text that cannot be this identity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("failed to read {what}: {why}")]
pub struct NotAnIdentity {
    /// Which identity was expected.
    pub what: &'static str,
    /// What is wrong with the text.
    pub why: &'static str,
}

macro_rules! identities {
    ($($(#[$doc:meta])* $name:ident, $most:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
        pub struct $name(String);

        impl $name {
            /// The identity with this text: not empty, printable, not longer than its column.
            pub fn new(text: impl Into<String>) -> Result<Self, NotAnIdentity> {
                let text = text.into();
                let why = if text.is_empty() {
                    "it is empty"
                } else if text.chars().count() > $most {
                    "it is too long"
                } else if text.chars().any(char::is_control) {
                    "it holds a control character"
                } else {
                    return Ok($name(text));
                };
                Err(NotAnIdentity { what: stringify!($name), why })
            }

            /// The identity as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAnIdentity;
            fn try_from(text: String) -> Result<Self, NotAnIdentity> {
                $name::new(text)
            }
        }
        impl From<$name> for String {
            fn from(identity: $name) -> String {
                identity.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    )*};
}

identities! {
    /// 人员编号 `psn_no`: one insurance relation of one person in one pool.
    PersonNo, 30;
    /// 定点医药机构编号 `fixmedins_code`.
    InstitutionCode, 30;
    /// 就诊ID `mdtrt_id`: one visit or stay, given by the treatment node.
    VisitId, 30;
    /// 结算ID `setl_id`: one settlement or its reversal.
    SettlementId, 30;
    /// 待遇申报明细流水号 `trt_dcla_detl_sn`: one filing or qualification.
    FilingId, 30;
    /// 费用明细流水号 `feedetl_sn`: one fee line, given by the institution, unique in its visit.
    FeeLineNo, 30;
    /// 医疗目录编码 `med_list_codg`: one item of the national catalogue.
    ItemCode, 50;
    /// 门诊慢特病病种编码 or any disease code.
    DiseaseCode, 30;
    /// The key of one business act between nodes: the same key is the same act, however often it arrives.
    BusinessKey, 120;
}

/// 医保区划 `admdvs`: six digits, of a place of insurance or of treatment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Region([u8; 6]);

impl Region {
    /// The region with this code.
    pub fn new(code: &str) -> Result<Region, NotAnIdentity> {
        let bytes: [u8; 6] = code.as_bytes().try_into().map_err(|_| Region::NOT)?;
        if bytes.iter().all(u8::is_ascii_digit) { Ok(Region(bytes)) } else { Err(Region::NOT) }
    }

    const NOT: NotAnIdentity = NotAnIdentity { what: "Region", why: "a region code has six digits" };

    /// The code as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("digits")
    }

    /// The province, by the first two digits. The Corps (66) is a province of its own.
    pub fn province(self) -> Province {
        Province([self.0[0], self.0[1]])
    }

    /// Whether care here of a person insured there crosses a province line.
    pub fn crosses_province_to(self, other: Region) -> bool {
        self.province() != other.province()
    }

    /// The code with its last two digits cleared: the prefecture.
    pub fn prefecture(self) -> Region {
        Region([self.0[0], self.0[1], self.0[2], self.0[3], b'0', b'0'])
    }
}

impl TryFrom<String> for Region {
    type Error = NotAnIdentity;
    fn try_from(text: String) -> Result<Self, NotAnIdentity> {
        Region::new(&text)
    }
}
impl From<Region> for String {
    fn from(region: Region) -> String {
        region.as_str().to_owned()
    }
}
impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Region({self})")
    }
}

/// A province, by the first two digits of its regions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Province([u8; 2]);

impl Province {
    /// The province whose code begins so; takes two digits or a whole region code.
    pub fn new(code: &str) -> Result<Province, NotAnIdentity> {
        match code.as_bytes() {
            [a, b, rest @ ..]
                if (rest.is_empty() || rest.len() == 4) && code.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                Ok(Province([*a, *b]))
            }
            _ => Err(NotAnIdentity { what: "Province", why: "a province code has two digits" }),
        }
    }

    /// The two digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("digits")
    }

    /// The code of the province as a region: two digits and four zeros.
    pub fn region(self) -> Region {
        Region([self.0[0], self.0[1], b'0', b'0', b'0', b'0'])
    }

    /// Whether the province is one pool, so that filings name the province and not a city
    /// (Beijing, Tianjin, Shanghai, Chongqing, Hainan, Tibet, the Corps).
    pub fn is_one_pool(self) -> bool {
        matches!(&self.0, b"11" | b"12" | b"31" | b"50" | b"46" | b"54" | b"66")
    }
}

impl TryFrom<String> for Province {
    type Error = NotAnIdentity;
    fn try_from(text: String) -> Result<Self, NotAnIdentity> {
        Province::new(&text)
    }
}
impl From<Province> for String {
    fn from(province: Province) -> String {
        province.as_str().to_owned()
    }
}
impl fmt::Display for Province {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
impl fmt::Debug for Province {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Province({self})")
    }
}

/// The check character of a resident identity number (GB 11643, ISO 7064 MOD 11-2) for its first 17 digits.
pub fn identity_check_character(first_17: &str) -> Option<char> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    if first_17.len() != 17 {
        return None;
    }
    let mut sum = 0;
    for (digit, weight) in first_17.chars().zip(WEIGHTS) {
        sum += digit.to_digit(10)? * weight;
    }
    Some(CHECKS[(sum % 11) as usize])
}

/// A resident identity number in its stored form (upper-case X) where the check character is right.
pub fn identity_number(text: &str) -> Option<String> {
    let upper = text.trim().to_ascii_uppercase();
    let (body, check) = upper.is_ascii().then(|| upper.split_at_checked(17)).flatten()?;
    (check.len() == 1 && identity_check_character(body)? == check.chars().next()?).then_some(upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_character_follows_the_standard() {
        assert_eq!(identity_check_character("99999919850101123"), Some('X'));
        assert_eq!(identity_number("99999919850101123x").as_deref(), Some("99999919850101123X"));
        assert_eq!(identity_number("999999198501011231"), None);
        assert_eq!(identity_number("身份证"), None);
    }

    #[test]
    fn provinces_are_told_apart_by_two_digits() {
        let region = |code| Region::new(code).expect("a region");
        assert!(region("220100").crosses_province_to(region("310000")));
        assert!(!region("220100").crosses_province_to(region("229900")));
        assert!(region("660000").crosses_province_to(region("650000")));
        assert!(Region::new("22010").is_err() && Region::new("22010X").is_err());
        assert_eq!(region("220103").prefecture().as_str(), "220100");
    }
}
