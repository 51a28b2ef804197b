//! 密钥: the SM2 key pair of a node, and the public keys by which others know it.

use crate::doors::NodeId;
use sm2::SecretKey;
use sm2::dsa::signature::{Signer, Verifier};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::sec1::ToSec1Point;
use sm2::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey, LineEnding};
use sm3::{Digest, Sm3};
use std::fmt::{self, Write};
use std::str::FromStr;

/// The identity that signers of GB/T 35276 share, and that OpenSSL calls `distid`.
pub const SIGNER: &str = "1234567812345678";

/// 公钥: by which others know a node.
#[derive(Clone)]
pub struct NodeKey {
    public: sm2::PublicKey,
    verifying: VerifyingKey,
    id: String,
}

impl NodeKey {
    fn of(public: sm2::PublicKey) -> Option<NodeKey> {
        let verifying = VerifyingKey::new(SIGNER, public).ok()?;
        let id = hex(&Sm3::digest(public.to_sec1_point(true).as_bytes())[..8]);
        Some(NodeKey { public, verifying, id })
    }

    /// 16 hexadecimal digits that name the key: the beginning of its SM3.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key as X.509 (SPKI) PEM, as other programs read it.
    pub fn pem(&self) -> String {
        self.public.to_public_key_pem(LineEnding::LF).expect("a key has a text")
    }

    /// Whether a signature (r and s, 64 bytes) is this key's over a text. r or s of 0, or of n and above, is none.
    pub fn has_signed(&self, text: &str, signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.verifying.verify(text.as_bytes(), &signature).is_ok())
    }
}

impl PartialEq for NodeKey {
    fn eq(&self, other: &NodeKey) -> bool {
        self.public == other.public
    }
}
impl Eq for NodeKey {}

impl fmt::Display for NodeKey {
    /// 66 hexadecimal digits: the compressed point.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(self.public.to_sec1_point(true).as_bytes()))
    }
}
impl fmt::Debug for NodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeKey({})", self.id)
    }
}
impl FromStr for NodeKey {
    type Err = String;
    /// Reads the compressed point (66 digits), or the whole one (130 digits).
    fn from_str(text: &str) -> Result<NodeKey, String> {
        let point = unhex(text).and_then(|bytes| sm2::PublicKey::from_sec1_bytes(&bytes).ok());
        point.and_then(NodeKey::of).ok_or_else(|| {
            let shown: String = text.chars().take(20).collect();
            format!("failed to read {shown:?}... as an SM2 public key: copy the 66 digits of `yidi key show`")
        })
    }
}
impl<'de> serde::Deserialize<'de> for NodeKey {
    fn deserialize<D: serde::Deserializer<'de>>(reader: D) -> Result<NodeKey, D::Error> {
        String::deserialize(reader)?.parse().map_err(serde::de::Error::custom)
    }
}

/// 密钥对: shows only its public half, in any text.
#[derive(Clone)]
pub struct KeyPair {
    secret: SecretKey,
    signing: SigningKey,
    public: NodeKey,
}

impl KeyPair {
    /// The pair of a secret number; `None` where it is 0 or not below n.
    pub fn of_secret(secret: &[u8; 32]) -> Option<KeyPair> {
        KeyPair::of(SecretKey::from_slice(secret).ok()?)
    }

    fn of(secret: SecretKey) -> Option<KeyPair> {
        let signing = SigningKey::new(SIGNER, &secret).ok()?;
        let public = NodeKey::of(secret.public_key())?;
        Some(KeyPair { secret, signing, public })
    }

    /// The pair of a node of a sandbox: known to whoever knows the seed, and worth nothing elsewhere.
    pub fn of_seed(seed: u64, node: NodeId) -> KeyPair {
        (0_u8..)
            .find_map(|turn| {
                let text = format!("yidi sandbox key {seed} {node} {turn}");
                KeyPair::of_secret(&Sm3::digest(text).into())
            })
            .expect("nearly every number is a key")
    }

    /// Reads a PKCS#8 PEM.
    pub fn of_pem(pem: &str) -> Option<KeyPair> {
        KeyPair::of(SecretKey::from_pkcs8_pem(pem).ok()?)
    }

    /// The pair as PKCS#8 PEM: for its file, and for nobody's eyes.
    pub fn pem(&self) -> impl std::ops::Deref<Target = String> + use<> {
        self.secret.to_pkcs8_pem(LineEnding::LF).expect("a key has a text")
    }

    /// The public half.
    pub fn public(&self) -> &NodeKey {
        &self.public
    }

    /// Signs a text: r and s, 64 bytes.
    pub fn sign(&self, text: &str) -> [u8; 64] {
        let signature: Signature = self.signing.sign(text.as_bytes());
        signature.to_bytes().into()
    }

    /// What this pair and the other's secret half have in common, and nobody else knows.
    pub(super) fn shared_with(&self, other: &NodeKey) -> [u8; 32] {
        let shared = self.secret.diffie_hellman(&other.public);
        (*shared.raw_secret_bytes()).into()
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair({})", self.public.id)
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Reads hexadecimal digits in lower case.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let nibble = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.as_bytes().chunks(2).map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_file_and_shows_only_its_public_half() {
        let pair = KeyPair::of_seed(1, NodeId::Hub);
        let again = KeyPair::of_pem(&pair.pem()).expect("a pair");
        assert_eq!(again.public(), pair.public());
        assert_eq!(pair.public().to_string().parse(), Ok(pair.public().clone()));
        assert_eq!(pair.public().to_string().len(), 66);
        let shown = format!("{pair:?}");
        assert_eq!(shown, format!("KeyPair({})", pair.public().id()));
        assert!(!pair.pem().contains(pair.public().id()));
        for wrong in ["", "02", &"0".repeat(66), &pair.public().to_string()[..64]] {
            assert!(wrong.parse::<NodeKey>().expect_err("no key").contains("yidi key show"), "{wrong}");
        }
    }

    #[test]
    fn what_two_pairs_share_is_the_same_from_both_sides() {
        let (one, other) = (KeyPair::of_seed(1, NodeId::Hub), KeyPair::of_seed(2, NodeId::Hub));
        assert_eq!(one.shared_with(other.public()), other.shared_with(one.public()));
        assert_ne!(one.shared_with(other.public()), one.shared_with(one.public()));
    }

    #[test]
    fn only_a_whole_signature_in_range_counts() {
        let pair = KeyPair::of_seed(1, NodeId::Hub);
        let signature = pair.sign("text");
        assert!(pair.public().has_signed("text", &signature));
        assert!(!pair.public().has_signed("texT", &signature));
        assert!(!KeyPair::of_seed(2, NodeId::Hub).public().has_signed("text", &signature));
        let n = unhex("fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123").expect("n");
        for half in [0..32, 32..64] {
            for value in [vec![0; 32], n.clone(), vec![0xff; 32]] {
                let mut forged = signature;
                forged[half.clone()].copy_from_slice(&value);
                assert!(!pair.public().has_signed("text", &forged));
            }
        }
        for length in [0, 63] {
            assert!(!pair.public().has_signed("text", &signature[..length]));
        }
    }
}
