//! Forgeries of every kind: none is taken in; and a genuine seal is, as long as it may be.

use super::*;
use insurance::identity::Province;

const BODY: &[u8] = b"{\"letters\":[]}";
const NOW: Instant = Instant(1_795_561_507_380);

fn node(code: &str) -> NodeId {
    NodeId::Province(Province::new(code).expect("a province"))
}

fn pair(seed: u64, node: NodeId) -> KeyPair {
    KeyPair::of_seed(seed, node)
}

fn trusted(pair: &KeyPair) -> Trusted {
    Trusted { key: pair.public().clone(), until: None }
}

/// The ring of a node that knows the others: hub, 22, 31, 44.
fn ring(here: NodeId, every_push: bool) -> Keyring {
    let mut ring = Keyring::new(every_push);
    ring.add_own(here, pair(1, here));
    for other in [NodeId::Hub, node("22"), node("31"), node("44")].into_iter().filter(|other| *other != here)
    {
        ring.trust(other, trusted(&pair(1, other)));
    }
    ring
}

fn sealed(every_push: bool) -> String {
    ring(node("31"), every_push).seal(node("31"), NodeId::Hub, NOW, 7, BODY).expect("sealed").to_string()
}

fn opened(seal: &str, now: Instant, body: &[u8]) -> Result<Seal, SealRefused> {
    ring(NodeId::Hub, false).open(Some(seal), NodeId::Hub, now, body)
}

/// The seal with one of its parts replaced.
fn with(seal: &str, part: usize, value: &str) -> String {
    let mut parts: Vec<&str> = seal.split(' ').collect();
    parts[part] = value;
    parts.join(" ")
}

#[test]
fn a_genuine_seal_opens_in_the_window_and_a_second_time_as_well() {
    for every_push in [false, true] {
        let seal = sealed(every_push);
        for apart in [-CLOCK_WINDOW_MS, 0, CLOCK_WINDOW_MS] {
            assert_eq!(opened(&seal, NOW.plus_ms(apart), BODY).map(|seal| seal.from()), Ok(node("31")));
        }
        for apart in [-CLOCK_WINDOW_MS - 1_000, CLOCK_WINDOW_MS + 1_000] {
            let refused = opened(&seal, NOW.plus_ms(apart), BODY);
            assert!(matches!(refused, Err(SealRefused::ClocksApart { .. })), "{refused:?}");
        }
        // The same ring meets it twice: letters are known by their numbers, the seal is good.
        let hub = ring(NodeId::Hub, every_push);
        for _ in 0..2 {
            assert!(hub.open(Some(&seal), NodeId::Hub, NOW, BODY).is_ok());
        }
    }
}

#[test]
fn nothing_forged_opens() {
    let n = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";
    let zero = "0".repeat(64);
    let (good, signed) = (sealed(false), sealed(true));
    let key_of = |code: &str| pair(1, node(code)).public().id().to_owned();
    let parts = |seal: &str| seal.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let (half, proof) = (parts(&good)[8].clone(), parts(&signed)[9].clone());
    let other =
        ring(node("31"), false).seal(node("31"), NodeId::Hub, NOW, 8, b"[]").expect("sealed").to_string();
    let to_22 =
        ring(node("31"), false).seal(node("31"), node("22"), NOW, 7, BODY).expect("sealed").to_string();
    let by_44 =
        ring(node("44"), false).seal(node("44"), NodeId::Hub, NOW, 7, BODY).expect("sealed").to_string();
    let mut stranger = ring(node("31"), false);
    stranger.own.clear();
    stranger.own.insert(node("31"), vec![pair(9, node("31"))]);
    let stranger = stranger.seal(node("31"), NodeId::Hub, NOW, 7, BODY).expect("sealed").to_string();
    // what was done, the seal, the body
    let table: Vec<(&str, String, &[u8])> = vec![
        ("body changed", good.clone(), b"{\"letters\":[1]}"),
        ("body changed, signed", signed.clone(), b"{\"letters\":[1]}"),
        ("body re-encoded", good.clone(), b"{ \"letters\":[]}"),
        ("body empty", good.clone(), b""),
        ("the seal of another push", other, BODY),
        ("another batch number", with(&good, 6, "8"), BODY),
        ("another time", with(&good, 5, &(NOW.0 + 1).to_string()), BODY),
        ("another time, signed", with(&signed, 5, &(NOW.0 + 1).to_string()), BODY),
        ("another sender, its key named", with(&with(&good, 1, "44"), 3, &key_of("44")), BODY),
        ("another sender, its key named, signed", with(&with(&signed, 1, "44"), 3, &key_of("44")), BODY),
        ("another sender with this key", with(&good, 1, "44"), BODY),
        ("the key of another node", with(&good, 3, &key_of("44")), BODY),
        ("another sender's seal under this name", with(&with(&by_44, 1, "31"), 3, &key_of("31")), BODY),
        ("sealed for another", to_22.clone(), BODY),
        ("sealed for another, readdressed", with(&to_22, 2, "hub"), BODY),
        ("sealed for another key", with(&good, 4, &key_of("22")), BODY),
        ("a key that nobody knows", stranger, BODY),
        ("the line opened at another time", with(&good, 7, &(NOW.0 - 1).to_string()), BODY),
        ("the line of another", with(&good, 8, &parts(&by_44)[8]), BODY),
        ("no opening", with(&with(&good, 7, "-"), 8, "-"), BODY),
        ("a code where a signature belongs", with(&signed, 9, &parts(&good)[9]), BODY),
        ("a signature where a code belongs", with(&good, 9, &proof), BODY),
        ("r = 0", with(&signed, 9, &format!("{zero}{}", &proof[64..])), BODY),
        ("s = 0", with(&signed, 9, &format!("{}{zero}", &proof[..64])), BODY),
        ("r = n", with(&signed, 9, &format!("{n}{}", &proof[64..])), BODY),
        ("s = n", with(&signed, 9, &format!("{}{n}", &proof[..64])), BODY),
        ("r = s = 0", with(&signed, 9, &format!("{zero}{zero}")), BODY),
        ("r and s swapped", with(&signed, 9, &format!("{}{}", &proof[64..], &proof[..64])), BODY),
        ("the opening with r = 0", with(&good, 8, &format!("{zero}{}", &half[64..])), BODY),
        ("the opening with s = n", with(&good, 8, &format!("{}{n}", &half[..64])), BODY),
        ("a proof of zeros", with(&good, 9, &zero), BODY),
        ("no proof", with(&good, 9, ""), BODY),
        ("a shorter proof", with(&good, 9, &parts(&good)[9][..62]), BODY),
        ("capital digits", with(&good, 9, &parts(&good)[9].to_uppercase()), BODY),
        ("another version", with(&good, 0, "2"), BODY),
        ("a plus before the time", with(&good, 5, &format!("+{}", NOW.0)), BODY),
        ("nothing", String::new(), BODY),
        ("more than a seal", format!("{good} 1"), BODY),
        ("a blank behind it", format!("{good} "), BODY),
    ];
    for (what, seal, body) in table {
        let refused = opened(&seal, NOW, body).expect_err(what);
        let says = refused.says();
        assert!(says.zh.contains("请") || says.zh.contains("不予"), "{what}: {}", says.zh);
        assert!(says.en.contains("must act"), "{what}: {}", says.en);
    }
    let hub = ring(NodeId::Hub, false);
    assert_eq!(hub.open(None, NodeId::Hub, NOW, BODY), Err(SealRefused::Unsealed { here: NodeId::Hub }));
}

#[test]
fn every_single_changed_character_is_found() {
    for seal in [sealed(false), sealed(true)] {
        let hub = ring(NodeId::Hub, false);
        for place in 0..seal.len() {
            for digit in ["0", "7", "a", " "] {
                let mut forged = seal.clone();
                forged.replace_range(place..=place, digit);
                let opened = hub.open(Some(&forged), NodeId::Hub, NOW, BODY);
                assert!(forged == seal || opened.is_err(), "{place} {digit}");
            }
        }
    }
}

#[test]
fn a_line_is_opened_anew_after_five_minutes_and_ends() {
    let (here, hub) = (ring(node("31"), false), ring(NodeId::Hub, false));
    let at = |ms: i64| here.seal(node("31"), NodeId::Hub, NOW.plus_ms(ms), 1, BODY).expect("sealed");
    let first = at(0);
    assert_eq!(at(299_999).opening, first.opening);
    assert_ne!(at(300_000).opening, first.opening);
    // A clock that is set back opens anew as well: nothing was opened in the future.
    assert_ne!(at(-1).opening, first.opening);
    let late = NOW.plus_ms(LINE_MS.1 + 1_000);
    let mut old = first.clone();
    old.at = late;
    let (own, other) = (pair(1, node("31")), pair(1, NodeId::Hub));
    let line_key = here.line_key(&own, other.public(), &old.opening.clone().expect("a line").1);
    old.proof = code(&line_key, &old.text(BODY));
    let refused = hub.open(Some(&old.to_string()), NodeId::Hub, late, BODY);
    assert!(matches!(refused, Err(SealRefused::Forged { .. })), "the line is too old: {refused:?}");
}

#[test]
fn a_receipt_counts_for_its_push_and_from_its_receiver_only() {
    for every_push in [false, true] {
        let (here, hub) = (ring(node("31"), every_push), ring(NodeId::Hub, every_push));
        let seal = here.seal(node("31"), NodeId::Hub, NOW, 7, BODY).expect("sealed");
        let next = here.seal(node("31"), NodeId::Hub, NOW, 8, BODY).expect("sealed");
        let got = hub.open(Some(&seal.to_string()), NodeId::Hub, NOW, BODY).expect("opened");
        let receipt = hub.receipt(&got, Receipt::Committed).expect("a receipt");
        assert_eq!(here.receipt_read(&seal, &receipt), Some(Receipt::Committed));
        assert_eq!(here.receipt_read(&next, &receipt), None, "of another push");
        assert_eq!(here.receipt_read(&seal, &receipt.replace("committed", "unread")), None);
        let unread = hub.receipt(&got, Receipt::Unread).expect("a receipt");
        assert_eq!(here.receipt_read(&seal, &unread), Some(Receipt::Unread));
        assert_eq!(here.receipt_read(&seal, &unread.replace("unread", "committed")), None);
        for forged in
            ["", "committed", "committed ", "committed 00", &format!("committed {}", "0".repeat(64))]
        {
            assert_eq!(here.receipt_read(&seal, forged), None, "{forged}");
        }
        // Another member has keys of its own and knows everybody's public key.
        let other = ring(node("44"), every_push);
        assert_eq!(other.receipt(&got, Receipt::Committed), None);
        let own = pair(1, node("44"));
        let shared = other.shared(&own, pair(1, node("31")).public());
        let forged = format!("committed {}", code(&shared, &receipt_text(&got, Receipt::Committed)));
        assert_eq!(here.receipt_read(&seal, &forged), None);
    }
}

#[test]
fn two_keys_count_side_by_side_until_the_last_day_of_the_old_one() {
    let (old, new) = (pair(1, node("31")), pair(2, node("31")));
    let mut hub = Keyring::new(false);
    hub.add_own(NodeId::Hub, pair(1, NodeId::Hub));
    hub.trust(node("31"), Trusted { until: Some(NOW.day()), ..trusted(&old) });
    hub.trust(node("31"), trusted(&new));
    let province = |first: &KeyPair, second: &KeyPair| {
        let mut ring = Keyring::new(false);
        ring.add_own(node("31"), first.clone());
        ring.add_own(node("31"), second.clone());
        ring.trust(NodeId::Hub, trusted(&pair(1, NodeId::Hub)));
        ring
    };
    let tomorrow = NOW.plus_ms(86_400_000);
    for (with, now, counts) in [
        (province(&old, &new), NOW, true),
        (province(&new, &old), NOW, true),
        (province(&old, &new), tomorrow, false),
        (province(&new, &old), tomorrow, true),
    ] {
        let seal = with.seal(node("31"), NodeId::Hub, now, 1, BODY).expect("sealed");
        let opened = hub.open(Some(&seal.to_string()), NodeId::Hub, now, BODY);
        assert_eq!(opened.is_ok(), counts, "{opened:?}");
        if let Err(refused) = &opened {
            assert!(matches!(refused, SealRefused::KeyEnded { .. }), "{refused:?}");
        }
        // What the hub seals is opened by whichever of both keys it knows first.
        let back = hub.seal(NodeId::Hub, node("31"), now, 1, BODY).expect("sealed");
        assert!(with.open(Some(&back.to_string()), node("31"), now, BODY).is_ok());
    }
}

#[test]
fn without_keys_nothing_is_sealed() {
    let none = Keyring::new(false);
    assert_eq!(none.seal(node("31"), NodeId::Hub, NOW, 1, BODY), None);
    let mut no_other = Keyring::new(false);
    no_other.add_own(node("31"), pair(1, node("31")));
    assert_eq!(no_other.seal(node("31"), NodeId::Hub, NOW, 1, BODY), None);
}
