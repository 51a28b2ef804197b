//! The case as it comes in: who, where, on which terms, which bill.

use super::reader::{CaseError, Reader};
use insurance::accumulators::{Accumulators, Measure};
use insurance::calendar::ServiceDate;
use insurance::catalogue::{
    Catalogue, CatalogueGap, Gender, ItemClass, PatientContext, Split, Terms, split_line,
};
use insurance::claim::{CarePlace, Claim, Service};
use insurance::identity::{DiseaseCode, ItemCode, Region};
use insurance::money::{Fen, Quantity, Rate, UnitPrice};
use insurance::person::{Person, Wallet};
use serde_json::Value;

/// The catalogue of the treatment place and the patient before it, for lines that carry only an item code.
struct Shelf<'a> {
    catalogue: &'a Catalogue,
    place: &'a CarePlace,
    inpatient: bool,
    gender: Gender,
    birth: ServiceDate,
}

impl Shelf<'_> {
    fn terms(&self, item: &ItemCode, day: ServiceDate) -> Result<Terms, CatalogueGap> {
        let patient = PatientContext {
            inpatient: self.inpatient,
            level: self.place.level,
            gender: self.gender,
            age: day.age_of_born(self.birth),
        };
        self.catalogue.terms(self.place.region.province(), item, day, &patient)
    }
}

/// A line is at most 100 million yuan, so this many lines cannot leave the range of an amount.
const MOST_LINES: usize = 100_000;

/// One case, read.
#[derive(Clone, Debug)]
pub struct Case {
    /// Where the person is insured.
    pub pool: Region,
    /// The person.
    pub person: Person,
    /// Accounts.
    pub wallet: Wallet,
    /// What is used this policy year.
    pub used: Accumulators,
    /// The split of each line, where the bill came in lines.
    pub lines: Vec<Split>,
    /// The claim.
    pub claim: Claim,
}

impl Case {
    /// Reads a case; fields that are not known are refused by name. The catalogue gives the terms of lines that
    /// carry only an item code.
    pub fn read(case: Value, catalogue: &Catalogue) -> Result<Case, CaseError> {
        let mut fields = Reader::new("", case)?;
        let pool = fields.region("pool")?;
        let insurance = fields.word("insurance", "send employee or resident")?;
        let (person, gender) =
            person(Reader::new("person", fields.need("person", "send the person")?)?, insurance)?;
        let service = service(&mut fields)?;
        let hospital = fields.need("hospital", "send { region, level }")?;
        let place = hospital_of(Reader::new("hospital", hospital)?)?;
        let standing = fields
            .word("standing", "send home, long_term, referral, emergency, other_temporary or return_home")?;
        let (begin, end) = (fields.day("begin")?, fields.day("end")?);
        let account_used = fields.flag("account_used")?;
        let wallet = match fields.optional("wallet") {
            Some(value) => wallet(Reader::new("wallet", value)?)?,
            None => Wallet::default(),
        };
        let used = match fields.optional("used") {
            Some(value) => used(Reader::new("used", value)?)?,
            None => Accumulators::new(),
        };
        let inpatient = service == Service::Inpatient;
        let shelf = Shelf { catalogue, place: &place, inpatient, gender, birth: person.birth };
        let lines = lines(&mut fields, end, &shelf)?;
        let split = match (&lines, fields.optional("split")) {
            (Some(_), Some(_)) | (None, None) => {
                let message = "failed to read the bill: send either `split` or `lines`";
                return Err(CaseError::new("split", message, "send one of the two"));
            }
            (None, Some(value)) => split(Reader::new("split", value)?)?,
            (Some(lines), None) => sum(lines)?,
        };
        fields.finish()?;
        let claim = Claim { service, begin, end, place, standing, split, account_used };
        Ok(Case { pool, person, wallet, used, lines: lines.unwrap_or_default(), claim })
    }
}

fn person(
    mut fields: Reader,
    insurance: insurance::person::Insurance,
) -> Result<(Person, Gender), CaseError> {
    let gender = fields.optional_word("gender", "send male or female, or leave it out")?;
    let person = Person {
        insurance,
        class: fields.word("class", "send active, retired, adult, senior or minor")?,
        birth: fields.day("birth")?,
        retired_on: fields.optional_day("retired_on")?,
        needy: fields.optional_word(
            "needy",
            "send extreme_poverty, low_income, back_in_poverty or near_low_income, or leave it out",
        )?,
        civil_servant: fields.flag("civil_servant")?,
    };
    fields.finish()?;
    Ok((person, gender.unwrap_or(Gender::Unknown)))
}

fn service(fields: &mut Reader) -> Result<Service, CaseError> {
    const CURE: &str = "send inpatient, outpatient, emergency_outpatient or chronic";
    let word: String = fields.word("service", CURE)?;
    Ok(match word.as_str() {
        "inpatient" => Service::Inpatient,
        "outpatient" => Service::Outpatient,
        "emergency_outpatient" => Service::EmergencyOutpatient,
        "chronic" => {
            let disease: DiseaseCode = fields.word("disease", "send the disease code, as \"M03900\"")?;
            Service::Chronic(disease)
        }
        other => {
            return Err(fields.fault("service", format!("failed to read \"{other}\" in `service`"), CURE));
        }
    })
}

fn hospital_of(mut fields: Reader) -> Result<CarePlace, CaseError> {
    let place = CarePlace {
        region: fields.region("region")?,
        level: fields.word("level", "send community, one, two, three or three_provincial")?,
    };
    fields.finish()?;
    Ok(place)
}

fn wallet(mut fields: Reader) -> Result<Wallet, CaseError> {
    let wallet = Wallet { own: fields.fen("own_fen")?, family: fields.fen("family_fen")? };
    fields.finish()?;
    Ok(wallet)
}

/// `admissions` is a count; every other name ends in `_fen`, before the disease where there is one.
fn used(mut fields: Reader) -> Result<Accumulators, CaseError> {
    let mut used = Accumulators::new();
    for (name, value) in fields.drain() {
        let amount = fields.whole_of(&name, &value)?;
        let measure = measure(&name).ok_or_else(|| {
            let message = format!("failed to read `{}`: the field is not known", fields.path_of(&name));
            fields.fault(&name, message, "use an accumulator of docs/adjudicate.md")
        })?;
        used.add(measure, amount);
    }
    Ok(used)
}

fn measure(name: &str) -> Option<Measure> {
    match name.split_once(':') {
        Some((kind, disease)) => Measure::of_code(&format!("{}:{disease}", kind.strip_suffix("_fen")?)),
        None if name == "admissions" => Some(Measure::Admissions),
        None => Measure::of_code(name.strip_suffix("_fen")?),
    }
}

fn split(mut fields: Reader) -> Result<Split, CaseError> {
    let split = Split {
        own: fields.fen("own_fen")?,
        over_ceiling: fields.fen("over_ceiling_fen")?,
        upfront: fields.fen("upfront_fen")?,
        in_scope: fields.fen("in_scope_fen")?,
    };
    fields.finish()?;
    Ok(split)
}

fn lines(fields: &mut Reader, end: ServiceDate, shelf: &Shelf<'_>) -> Result<Option<Vec<Split>>, CaseError> {
    let Some(value) = fields.optional("lines") else { return Ok(None) };
    let Value::Array(values) = value else {
        return Err(fields.fault("lines", "failed to read `lines` as a list", "send a list of lines"));
    };
    if values.is_empty() || values.len() > MOST_LINES {
        let message = format!("failed to take {} lines", values.len());
        return Err(fields.fault("lines", message, &format!("send 1 to {MOST_LINES} lines, or `split`")));
    }
    let read = |(number, value)| line(Reader::new(&format!("lines[{number}]"), value)?, end, shelf);
    values.into_iter().enumerate().map(read).collect::<Result<_, _>>().map(Some)
}

/// One line: either its terms stand in it, or an item code whose terms the catalogue gives.
fn line(mut fields: Reader, end: ServiceDate, shelf: &Shelf<'_>) -> Result<Split, CaseError> {
    let price = needed(&mut fields, "price", 6).map(UnitPrice)?;
    let quantity = needed(&mut fields, "quantity", 4).map(Quantity)?;
    if price.0 < 0 {
        return Err(fields.fault("price", "failed to take a price below zero", "send refunds by quantity"));
    }
    let day = fields.optional_day("day")?.unwrap_or(end);
    let item: Option<ItemCode> =
        fields.optional_word("item", "send an item code of at most 50 characters")?;
    let terms = match (fields.has("class"), item) {
        (false, Some(item)) => shelf.terms(&item, day).map_err(|gap| {
            let place = shelf.place.region;
            let message = format!("failed to find terms for item {item} on {day} in {place}: {gap}");
            fields.fault("item", message, "send class, upfront_bp and ceiling in the line")
        })?,
        _ => terms(&mut fields)?,
    };
    let Some(split) = split_line(price, quantity, &terms) else {
        let message = "failed to split the line: price times quantity is above 100 million yuan";
        return Err(fields.fault("quantity", message, "check price and quantity"));
    };
    fields.finish()?;
    Ok(split)
}

fn needed(fields: &mut Reader, field: &str, decimals: usize) -> Result<i64, CaseError> {
    match fields.optional_decimal(field, decimals)? {
        Some(number) => Ok(number),
        None => {
            let message = format!("failed to find `{}`: it is missing", fields.path_of(field));
            Err(fields.fault(field, message, "send a decimal in quotes, as \"12.50\""))
        }
    }
}

fn terms(fields: &mut Reader) -> Result<Terms, CaseError> {
    let class: ItemClass = fields.word("class", "send a, b or c")?;
    let upfront = fields.optional_whole("upfront_bp")?.unwrap_or(0);
    let upfront = i32::try_from(upfront).ok().filter(|bp| (0..=10_000).contains(bp)).ok_or_else(|| {
        fields.fault("upfront_bp", format!("failed to take {upfront} as a share"), "send 0 to 10000")
    })?;
    let ceiling = fields.optional_decimal("ceiling", 6)?;
    if ceiling.is_some_and(|ceiling| ceiling < 0) {
        return Err(fields.fault("ceiling", "failed to take a ceiling below zero", "send zero or more"));
    }
    Ok(Terms { class, upfront: Rate(upfront), ceiling: ceiling.map(UnitPrice), not_payable: None })
}

fn sum(lines: &[Split]) -> Result<Split, CaseError> {
    let sum: Split = lines.iter().copied().sum();
    for (part, fen) in [
        ("own", sum.own),
        ("over_ceiling", sum.over_ceiling),
        ("upfront", sum.upfront),
        ("in_scope", sum.in_scope),
    ] {
        if fen < Fen::ZERO {
            let message = format!("failed to add up the lines: `{part}` sums to {} fen, below zero", fen.0);
            return Err(CaseError::new("lines", message, "refund no more than was charged"));
        }
    }
    Ok(sum)
}
