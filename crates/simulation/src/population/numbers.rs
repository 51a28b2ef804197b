//! Numbers that can belong to nobody: identity numbers in area 999999, credit codes of area 999999, cards, tokens.

use crate::seed::Seed;
use insurance::calendar::ServiceDate;
use insurance::identity::{Region, identity_check_character};

/// A resident identity number (GB 11643) in area 999999, which no place has.
/// The sequence is odd for men and even for women.
pub fn identity_number(birth: ServiceDate, sequence: usize) -> String {
    let body = format!("999999{:04}{:02}{:02}{sequence:03}", birth.year(), birth.month(), birth.day());
    let check = identity_check_character(&body).expect("17 digits");
    format!("{body}{check}")
}

/// The 31 characters of GB 32100: digits and capital letters without I, O, S, V, Z.
const CREDIT_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// The check character of a unified social credit code (GB 32100) for its first 17 characters.
pub fn credit_check_character(first_17: &str) -> Option<char> {
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    if first_17.len() != 17 {
        return None;
    }
    let mut sum = 0;
    for (byte, weight) in first_17.bytes().zip(WEIGHTS) {
        sum += CREDIT_ALPHABET.iter().position(|letter| *letter == byte)? * weight;
    }
    Some(char::from(CREDIT_ALPHABET[(31 - sum % 31) % 31]))
}

/// A unified social credit code of area 999999: `12` for a public institution, `91` for a company.
/// Its nine characters of the body end with a check of their own (GB 11714).
pub fn credit_code(company: bool, serial: usize) -> String {
    const WEIGHTS: [usize; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let body = format!("9{serial:07}");
    let digits = body.bytes().map(|byte| usize::from(byte - b'0'));
    let sum: usize = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let body_check = match 11 - sum % 11 {
        10 => "X".to_owned(),
        11 => "0".to_owned(),
        digit => digit.to_string(),
    };
    let first_17 = format!("{}999999{body}{body_check}", if company { "91" } else { "12" });
    let check = credit_check_character(&first_17).expect("17 characters of the alphabet");
    format!("{first_17}{check}")
}

/// 社会保障卡号: a letter and eight digits.
pub fn card_no(serial: usize) -> String {
    format!("Z{:08}", 99_000_000 + serial)
}

/// 卡识别码: issuing area, issuing body, sixteen hexadecimal digits.
pub fn card_sn(seed: &mut Seed, pool: Region) -> String {
    format!("{pool}D156000009{:016X}", seed.next())
}

/// 医保电子凭证 token: area and 32 lower-case letters and digits.
pub fn voucher_token(seed: &mut Seed, pool: Region) -> String {
    const LETTERS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let token: String = (0..32).map(|_| char::from(*seed.one_of(LETTERS))).collect();
    format!("{pool}{token}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_characters_follow_the_standards() {
        let birth = ServiceDate::of(1985, 1, 1).expect("a day");
        assert!(identity_number(birth, 123).starts_with("99999919850101123"));
        // A published example of GB 32100.
        assert_eq!(credit_check_character("91350100M000100Y4"), Some('3'));
        assert_eq!(credit_check_character("91350100I000100Y4"), None);
        assert_eq!(credit_code(false, 7).len(), 18);
    }
}
