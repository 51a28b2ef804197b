//! Reads policy files, from a directory or from the copy inside the program, into one checked book.
//! A file that cannot be trusted whole is refused, naming file, table, value and what was expected.

mod fields;
mod rows;
mod values;

use fields::Fields;
use insurance::calendar::{PolicyYearStart, ServiceDate};
use insurance::identity::{Province, Region};
use insurance::person::Insurance;
use insurance::policy::{Document, Package, PolicyBook, Pool, Row, Selector, Table, Waiver};
use rows::Section;
use sm3::{Digest, Sm3};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// The policy files as they were when the program was built.
#[derive(rust_embed::Embed)]
#[folder = "../../policies"]
struct Embedded;

/// Why a policy file was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("failed to load policy file {file}: table `{table}`, {value}: {found}; expected {expected}")]
pub struct PolicyFault {
    /// The file.
    pub file: String,
    /// The table in it.
    pub table: String,
    /// The row and the value in it.
    pub value: String,
    /// What is there.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

/// Every fault that was found; none of the files was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFaults(pub Vec<PolicyFault>);

impl std::fmt::Display for PolicyFaults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lines: Vec<String> = self.0.iter().map(PolicyFault::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}
impl std::error::Error for PolicyFaults {}

/// The book of the embedded files.
///
/// # Errors
/// Never in a released program: the tests load the same files.
pub fn embedded() -> Result<PolicyBook, PolicyFaults> {
    let read = |name: std::borrow::Cow<'static, str>| {
        let file = Embedded::get(&name).filter(|_| name.ends_with(".toml"))?;
        Some((name.into_owned(), String::from_utf8_lossy(&file.data).into_owned()))
    };
    from_texts(&Embedded::iter().filter_map(read).collect())
}

/// The book of the `*.toml` files of a directory.
///
/// # Errors
/// The directory or a file cannot be read, or a file is refused.
pub fn from_directory(directory: &Path) -> Result<PolicyBook, PolicyFaults> {
    let unreadable = |path: &Path, error: &std::io::Error| {
        PolicyFaults(vec![PolicyFault {
            file: path.display().to_string(),
            table: "(file)".into(),
            value: "whole".into(),
            found: error.to_string(),
            expected: "a readable directory of policy files".into(),
        }])
    };
    let mut texts = BTreeMap::new();
    for entry in std::fs::read_dir(directory).map_err(|error| unreadable(directory, &error))? {
        let path = entry.map_err(|error| unreadable(directory, &error))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
            let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            texts.insert(name, text);
        }
    }
    from_texts(&texts)
}

/// The book of these texts by file name: `national.toml` (version and frame), `zones.toml`, and one file a place.
///
/// # Errors
/// Every fault of every file.
pub fn from_texts(texts: &BTreeMap<String, String>) -> Result<PolicyBook, PolicyFaults> {
    let mut faults = Vec::new();
    let mut files = BTreeMap::new();
    for (name, text) in texts {
        match PolicyFile::parse(name, text) {
            Ok(file) => drop(files.insert(name.as_str(), file)),
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return Err(PolicyFaults(faults));
    }
    let national = files.get("national.toml");
    let declared = national.and_then(|file| file.version.clone()).unwrap_or_else(|| "undated".into());
    let version = format!("{declared}+{}", digest(texts));
    let mut packages = Vec::new();
    let mut origin = BTreeMap::new();
    for (name, file) in &files {
        for package in file.packages(national, &version) {
            let key = (package.pool.region, package.insurance);
            if let Some(first) = origin.insert(key, *name) {
                faults.push(PolicyFault {
                    file: (*name).to_owned(),
                    table: "pool".into(),
                    value: format!("region {}", package.pool.region),
                    found: format!("{first} already holds this pool"),
                    expected: "one file a pool".into(),
                });
            }
            packages.push(package);
        }
    }
    let waivers = files.values().flat_map(|file| file.zones.clone()).collect();
    let book = PolicyBook::new(version, packages, waivers).map_err(|found| {
        PolicyFaults(
            found
                .into_iter()
                .map(|(pool, insurance, fault)| PolicyFault {
                    file: origin.get(&(pool, insurance)).copied().unwrap_or("national.toml").to_owned(),
                    table: format!("{}.{}", insurance_name(insurance), fault.table),
                    value: fault.at,
                    found: fault.found,
                    expected: fault.expected,
                })
                .collect(),
        )
    })?;
    if faults.is_empty() { Ok(book) } else { Err(PolicyFaults(faults)) }
}

/// The first eight digits of the SM3 of all names and texts: two books with one version say the same.
fn digest(texts: &BTreeMap<String, String>) -> String {
    let mut hasher = Sm3::new();
    for (name, text) in texts {
        hasher.update(name.as_bytes());
        hasher.update([0]);
        hasher.update(text.as_bytes());
        hasher.update([0]);
    }
    hasher.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

fn insurance_name(insurance: Insurance) -> &'static str {
    match insurance {
        Insurance::Employee => "employee",
        Insurance::Resident => "resident",
    }
}

/// One file, read and not yet joined with the national frame.
struct PolicyFile {
    version: Option<String>,
    pool: Option<Pool>,
    employee: Section,
    resident: Section,
    zones: Vec<Waiver>,
}

impl PolicyFile {
    fn parse(name: &str, text: &str) -> Result<PolicyFile, PolicyFault> {
        let fault = |found: String| PolicyFault {
            file: name.to_owned(),
            table: "(file)".into(),
            value: "whole".into(),
            found,
            expected: "a TOML file of dated values".into(),
        };
        let table: toml::Table = toml::from_str(text).map_err(|error| fault(error.to_string()))?;
        let mut fields = Fields::new(name, "(file)", "top level", table);
        let documents = documents(&mut fields)?;
        let pool = fields.table("pool")?.map(|table| pool(Fields::new(name, "pool", "the pool", table)));
        let (mut employee, mut resident) = (Section::default(), Section::default());
        for (key, targets) in
            [("employee", [true, false]), ("resident", [false, true]), ("both", [true, true])]
        {
            let Some(section) = fields.table(key)? else { continue };
            for (table, rows) in section {
                for row in rows::rows_of(name, &format!("{key}.{table}"), rows)? {
                    if targets[0] {
                        employee.add(&table, row.clone(), &documents)?;
                    }
                    if targets[1] {
                        resident.add(&table, row, &documents)?;
                    }
                }
            }
        }
        let zones = match fields.optional("zone") {
            Some(rows) => rows::rows_of(name, "zone", rows)?,
            None => Vec::new(),
        };
        let file = PolicyFile {
            version: fields.text("version")?,
            pool: pool.transpose()?,
            employee,
            resident,
            zones: zones.into_iter().map(|row| zone(row, &documents)).collect::<Result<_, _>>()?,
        };
        fields.finish()?;
        Ok(file)
    }

    /// The packages of this place; none for a file that names no pool.
    fn packages(&self, national: Option<&PolicyFile>, version: &str) -> Vec<Package> {
        let Some(pool) = &self.pool else { return Vec::new() };
        let both = [
            (Insurance::Employee, &self.employee, national.map(|file| &file.employee)),
            (Insurance::Resident, &self.resident, national.map(|file| &file.resident)),
        ];
        let mut packages = Vec::new();
        for (insurance, own, frame) in both {
            let version = format!("{}-{} {version}", pool.region, insurance_name(insurance));
            let year = own.policy_year.first().or(frame.and_then(|frame| frame.policy_year.first()));
            let year = year.cloned().unwrap_or_else(calendar_year);
            let mut package = Package::empty(pool.clone(), insurance, version, year);
            own.fill(&mut package, frame);
            packages.push(package);
        }
        packages
    }
}

/// Where nobody says otherwise, the policy year is the calendar year.
fn calendar_year() -> Row<PolicyYearStart> {
    let document = Document {
        id: "calendar-year".into(),
        title: "自然年度".into(),
        source: "default".into(),
        day: String::new(),
    };
    Row {
        who: Selector::default(),
        from: ServiceDate::of(2024, 1, 1).expect("a day"),
        until: None,
        known_from: None,
        value: PolicyYearStart::January,
        document: Arc::new(document),
        mark: insurance::policy::Mark::Known,
    }
}

type Documents = BTreeMap<String, Arc<Document>>;

fn documents(fields: &mut Fields) -> Result<Documents, PolicyFault> {
    let mut documents = BTreeMap::new();
    for (id, value) in fields.table("documents")?.unwrap_or_default() {
        let table = format!("documents.{id}");
        let mut entry = Fields::of_value(fields.file(), &table, "the document", value)?;
        let document = Document {
            id: id.clone(),
            title: entry.need_text("title")?,
            source: entry.need_text("source")?,
            day: entry.need_text("day")?,
        };
        entry.finish()?;
        documents.insert(id, Arc::new(document));
    }
    Ok(documents)
}

fn pool(mut fields: Fields) -> Result<Pool, PolicyFault> {
    let code = fields.need_text("region")?;
    let region =
        Region::new(&code).map_err(|error| fields.fault("region", error.to_string(), "six digits"))?;
    let pool = Pool { region, zh: fields.need_text("zh")?, en: fields.need_text("en")? };
    fields.finish()?;
    Ok(pool)
}

fn zone(mut fields: Fields, documents: &Documents) -> Result<Waiver, PolicyFault> {
    let mut provinces = |key: &str| -> Result<BTreeSet<Province>, PolicyFault> {
        let codes: Vec<String> = fields.list(key, "two-digit province codes")?.unwrap_or_default();
        let read = |code: &String| Province::new(code);
        codes
            .iter()
            .map(read)
            .collect::<Result<_, _>>()
            .map_err(|error| fields.fault(key, error.to_string(), "two-digit province codes"))
    };
    let (insured, treatment) = (provinces("insured")?, provinces("treatment")?);
    let (zh, en) = (fields.need_text("zh")?, fields.need_text("en")?);
    let row = rows::read_row(fields, documents, |_| Ok(()))?.remove(0);
    let everything = || BTreeSet::from(rows::SERVICES.map(|(_, kind)| kind));
    Ok(Waiver {
        zh,
        en,
        insured,
        treatment,
        services: row.who.services.unwrap_or_else(everything),
        from: row.from,
        until: row.until,
        document: row.document,
        mark: row.mark,
    })
}

/// Joins a place's rows with the frame's.
fn join<T: Clone>(table: &mut Table<T>, own: &[Row<T>], frame: Option<&[Row<T>]>) {
    table.own = own.to_vec();
    table.frame = frame.map(<[Row<T>]>::to_vec).unwrap_or_default();
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
