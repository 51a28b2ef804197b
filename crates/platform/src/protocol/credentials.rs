//! Credentials leave a node as digests only: the hub finds the insured place without knowing a number.

use insurance::identity::identity_number;
use sm3::{Digest, Sm3};

/// 就诊凭证
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// An identity certificate of whatever type.
    Certificate,
    /// 社会保障卡
    Card,
    /// 医保电子凭证
    Voucher,
}

/// Lower-case hex SM3 of kind and number. Identity numbers are folded to upper case; of a reader string of a card
/// (eleven fields with bars) the card number counts.
pub fn digest(kind: CredentialKind, number: &str) -> String {
    let folded = match kind {
        CredentialKind::Certificate => {
            identity_number(number).unwrap_or_else(|| number.trim().to_ascii_uppercase())
        }
        CredentialKind::Card => {
            let mut fields = number.split('|');
            let reader_string = fields.clone().count() >= 3;
            let card = if reader_string { fields.nth(2) } else { None };
            card.unwrap_or(number).trim().to_ascii_uppercase()
        }
        CredentialKind::Voucher => number.trim().to_owned(),
    };
    let word = match kind {
        CredentialKind::Certificate => "certificate",
        CredentialKind::Card => "card",
        CredentialKind::Voucher => "voucher",
    };
    let digest = Sm3::new().chain_update(word).chain_update(b"\0").chain_update(folded).finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_string_and_its_card_number_are_one_credential() {
        let reader = "220100|99999919850101123X|A12345678|0123|||1.0|20200101|20300101|1|2";
        assert_eq!(digest(CredentialKind::Card, reader), digest(CredentialKind::Card, "a12345678"));
        assert_eq!(
            digest(CredentialKind::Certificate, "99999919850101123x"),
            digest(CredentialKind::Certificate, "99999919850101123X")
        );
        assert_ne!(
            digest(CredentialKind::Certificate, "A12345678"),
            digest(CredentialKind::Card, "A12345678")
        );
    }
}
