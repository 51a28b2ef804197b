//! Our SM2 and OpenSSL's take each other's keys and signatures. Where `openssl` has no SM2, this says so and passes.

use platform::doors::NodeId;
use platform::seals::{KeyPair, SIGNER};
use std::path::Path;
use std::process::{Command, Output};

fn openssl(folder: &Path, words: &[&str]) -> Output {
    Command::new("openssl").args(words).current_dir(folder).output().expect("openssl runs")
}

/// Whether there is an openssl that knows the curve.
fn has_sm2() -> bool {
    Command::new("openssl")
        .args(["ecparam", "-list_curves"])
        .output()
        .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("SM2"))
}

/// r and s out of the DER of a signature.
fn plain(der: &[u8]) -> Vec<u8> {
    let half = |from: usize| {
        let length = usize::from(der[from + 1]);
        let digits = &der[from + 2..from + 2 + length];
        let digits = &digits[digits.len().saturating_sub(32)..];
        ([vec![0; 32 - digits.len()], digits.to_vec()].concat(), from + 2 + length)
    };
    let (r, next) = half(2);
    let (s, _) = half(next);
    [r, s].concat()
}

/// The DER of r and s.
fn der(signature: &[u8]) -> Vec<u8> {
    let number = |half: &[u8]| {
        let digits: Vec<u8> = half.iter().copied().skip_while(|byte| *byte == 0).collect();
        let sign = digits.first().is_some_and(|byte| *byte >= 0x80);
        let digits = if sign { [vec![0], digits].concat() } else { digits };
        [vec![0x02, u8::try_from(digits.len()).expect("short")], digits].concat()
    };
    let both = [number(&signature[..32]), number(&signature[32..])].concat();
    [vec![0x30, u8::try_from(both.len()).expect("short")], both].concat()
}

#[test]
fn openssl_takes_our_signatures_and_we_take_its() {
    if !has_sm2() {
        eprintln!("SKIPPED: there is no openssl with SM2 here");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let write = |name: &str, bytes: &[u8]| std::fs::write(at.join(name), bytes).expect("written");
    let distid = format!("distid:{SIGNER}");
    for seed in 0..20 {
        let pair = KeyPair::of_seed(seed, NodeId::Hub);
        let text = format!("yidi letters {seed}");
        write("text", text.as_bytes());
        write("ours.pem", pair.pem().as_bytes());
        write("ours.pub", pair.public().pem().as_bytes());
        write("ours.sig", &der(&pair.sign(&text)));
        let verify =
            ["pkeyutl", "-verify", "-pubin", "-inkey", "ours.pub", "-rawin", "-digest", "sm3", "-in", "text"];
        let taken = openssl(at, &[&verify[..], &["-sigfile", "ours.sig", "-pkeyopt", &distid]].concat());
        assert!(taken.status.success(), "{seed}: {}", String::from_utf8_lossy(&taken.stderr));

        let sign = ["pkeyutl", "-sign", "-inkey", "ours.pem", "-rawin", "-digest", "sm3", "-in", "text"];
        let signed = openssl(at, &[&sign[..], &["-out", "its.sig", "-pkeyopt", &distid]].concat());
        assert!(signed.status.success(), "{seed}: {}", String::from_utf8_lossy(&signed.stderr));
        let its = plain(&std::fs::read(at.join("its.sig")).expect("a signature"));
        assert!(pair.public().has_signed(&text, &its), "{seed}");
        assert!(!pair.public().has_signed("another text", &its), "{seed}");
    }
    // A key that OpenSSL has made.
    let made = openssl(at, &["genpkey", "-algorithm", "SM2", "-out", "its.pem"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let its = KeyPair::of_pem(&std::fs::read_to_string(at.join("its.pem")).expect("a key")).expect("a pair");
    assert!(its.public().has_signed("text", &its.sign("text")));
}
