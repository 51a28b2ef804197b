//! What a policy file must and must not say.

use super::*;
use insurance::claim::Service;
use insurance::policy::Mark;

fn embedded_texts() -> BTreeMap<String, String> {
    let read = |name: std::borrow::Cow<'static, str>| {
        let file = Embedded::get(&name).filter(|_| name.ends_with(".toml"))?;
        Some((name.into_owned(), String::from_utf8(file.data.into_owned()).expect("a text file")))
    };
    Embedded::iter().filter_map(read).collect()
}

fn region(code: &str) -> Region {
    Region::new(code).expect("a region")
}

#[test]
fn every_embedded_policy_file_loads() {
    let book = embedded().unwrap_or_else(|faults| panic!("{faults}"));
    let pools: BTreeSet<String> = book.packages().map(|package| package.pool.region.to_string()).collect();
    let expected =
        ["110000", "220100", "310000", "340100", "370200", "440100", "440300", "460000", "510100", "611000"];
    assert_eq!(pools, expected.map(String::from).into());
    assert_eq!(book.packages().count(), 20);
    assert!(book.version().starts_with("2026.1+"), "{}", book.version());
}

#[test]
fn districts_and_counties_find_the_package_of_their_pool() {
    let book = embedded().unwrap_or_else(|faults| panic!("{faults}"));
    for (code, expected) in [
        ("110105", Some("110000")),
        ("469001", Some("460000")),
        ("220103", Some("220100")),
        ("220200", None),
        ("440303", Some("440300")),
    ] {
        let found = book.package(region(code), Insurance::Resident);
        assert_eq!(found.map(|package| package.pool.region.as_str()), expected, "{code}");
    }
}

#[test]
fn a_zone_waives_the_filing_from_its_first_day() {
    let book = embedded().unwrap_or_else(|faults| panic!("{faults}"));
    let day = |text: &str| text.parse::<ServiceDate>().expect("a day");
    let waiver = |insured, treatment, service: Service, on| {
        book.waiver(region(insured), region(treatment), &service, day(on)).map(|waiver| waiver.en.clone())
    };
    assert_eq!(
        waiver("130100", "110105", Service::Inpatient, "2025-01-01").as_deref(),
        Some("Beijing-Tianjin-Hebei")
    );
    assert_eq!(waiver("130100", "110105", Service::Inpatient, "2023-03-31"), None);
    assert_eq!(waiver("340100", "310000", Service::Inpatient, "2025-01-01"), None);
    assert_eq!(
        waiver("340100", "310000", Service::Outpatient, "2025-01-01").as_deref(),
        Some("Yangtze delta")
    );
    assert_eq!(waiver("340100", "340200", Service::Outpatient, "2025-01-01"), None);
}

#[test]
fn no_cut_is_deeper_than_the_national_ceiling() {
    use insurance::filing::Standing;
    use insurance::money::Rate;
    use insurance::policy::Reduction;
    let book = embedded().unwrap_or_else(|faults| panic!("{faults}"));
    for row in
        book.packages().flat_map(|package| package.reduction.own.iter().chain(&package.reduction.frame))
    {
        let others_only = row.who.standings == Some(BTreeSet::from([Standing::OtherTemporary]));
        let ceiling = if others_only { Rate::percent(20) } else { Rate::percent(10) };
        if let Reduction::MinusPoints(points) = row.value {
            assert!(points <= ceiling, "{points} by {}", row.document.title);
        }
        assert_ne!(row.mark, Mark::Derived);
    }
}

/// Each row breaks one embedded file in one way: file, text, replaced by, what the error must say.
#[test]
fn a_broken_file_is_refused_with_file_table_value_and_what_was_expected() {
    let dated = "from = 2024-01-01\nby = \"sheet\"\nmark = \"S-\"\n";
    let more = |row: &str| format!("\n[[employee.{row}\n{dated}\n# ---------- 居民");
    let table = [
        ("rate = \"92%\"", "rate = \"192%\"".to_owned(), "value `rate`: found \"192%\""),
        ("rate = \"92%\"", "rate = 0.92".to_owned(), "expected a rate from \"0%\" to \"100%\""),
        ("rate = \"92%\"", "rate = \"92%\"\nrat = \"92%\"".to_owned(), "value `rat`"),
        ("by = \"sheet\"", "by = \"nowhere\"".to_owned(), "a document declared in the same file"),
        ("mark = \"K\"", "mark = \"X\"".to_owned(), "one of S, S-, K, ?, D, P"),
        ("fen = 630_000_00", "fen = -1".to_owned(), "value `fen`: found -1"),
        ("from = 2024-07-01", "from = 2024-07-32".to_owned(), "expected a TOML file of dated values"),
        (
            "from = 2024-07-01",
            "from = 2024-07-01\nuntil = 2025-06-01".to_owned(),
            "there is a gap before 2025-07-01",
        ),
        (
            "from = 2024-07-01",
            "from = 2024-07-01\nuntil = 2025-08-01".to_owned(),
            "it overlaps the row for Inpatient",
        ),
        ("from = 2024-07-01", "from = 2025-07-01".to_owned(), "it overlaps the row for Inpatient"),
        (
            "class = \"retired\"\nrate = \"92%\"",
            "class = \"adult\"\nrate = \"92%\"".to_owned(),
            "no row means this case",
        ),
        ("service = \"inpatient\"", "service = \"hotel\"".to_owned(), "value `service`: found \"hotel\""),
        ("begins = \"july\"", "begins = \"may\"".to_owned(), "expected january or july"),
        ("per = \"year\"", "per = \"moon\"".to_owned(), "case, year or bill"),
        (
            "\n# ---------- 居民",
            more("rates]]\nservice = \"inpatient\"\nlevel = \"three\"\nrate = \"1%\""),
            "it is ambiguous beside the row for Inpatient, Retired",
        ),
        (
            "\n# ---------- 居民",
            more("rates]]\nservice = \"chronic\"\nsegments = [{ to_fen = 5, rate = \"1%\" }]"),
            "which leaves a gap above it",
        ),
        (
            "\n# ---------- 居民",
            more("rates]]\nservice = \"chronic\"\nrate = { one = \"1%\" }"),
            "a value for level `two`",
        ),
        ("\n# ---------- 居民", more("wishes]]\nrate = \"1%\""), "the table is not known"),
        ("region = \"310000\"", "region = \"110000\"".to_owned(), "already holds this pool"),
    ];
    for (text, replaced, expected) in table {
        let mut texts = embedded_texts();
        let file = texts.get_mut("shanghai.toml").expect("the file");
        assert!(file.contains(text), "the file no longer contains {text:?}");
        *file = file.replacen(text, &replaced, 1);
        let faults = from_texts(&texts).expect_err(expected).to_string();
        assert!(faults.contains(expected), "expected {expected:?} in:\n{faults}");
        assert!(faults.contains("shanghai.toml"), "the file is not named in:\n{faults}");
    }
}
