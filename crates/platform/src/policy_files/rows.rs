//! Rows of one insurance in one file: whom each means, from when, by which document. A value that is given by
//! level (`{ one = .., two = .., three = .. }`) becomes one row a level.

use super::fields::Fields;
use super::{Documents, PolicyFault, join, values};
use insurance::calendar::PolicyYearStart;
use insurance::claim::HospitalLevel;
use insurance::policy::{
    AccountUse, Assistance, CivilServant, CountsAs, Deductible, Ladder, LargeAmount, Mark, NeedyTerms,
    Package, PoolCap, Reduction, ReturnHome, Row, SecondLayer, Selector, ServiceKind, Supplement,
};
use std::collections::BTreeSet;
use toml::{Table, Value};

/// The words for kinds of care. `outpatient` alone also means emergency visits: see `services`.
pub(super) const SERVICES: [(&str, ServiceKind); 4] = [
    ("inpatient", ServiceKind::Inpatient),
    ("outpatient", ServiceKind::Outpatient),
    ("emergency_outpatient", ServiceKind::EmergencyOutpatient),
    ("chronic", ServiceKind::Chronic),
];

/// The words for levels, and the level whose value stands for one that is not named.
const LEVELS: [(&str, HospitalLevel, &str); 5] = [
    ("community", HospitalLevel::Community, "one"),
    ("one", HospitalLevel::One, "one"),
    ("two", HospitalLevel::Two, "two"),
    ("three", HospitalLevel::Three, "three"),
    ("three_provincial", HospitalLevel::ThreeProvincial, "three"),
];

/// All rows of one insurance.
#[derive(Default)]
pub(super) struct Section {
    pub policy_year: Vec<Row<PolicyYearStart>>,
    level_map: Vec<Row<CountsAs>>,
    return_home: Vec<Row<ReturnHome>>,
    reduction: Vec<Row<Reduction>>,
    deductible: Vec<Row<Deductible>>,
    rates: Vec<Row<Ladder>>,
    supplement: Vec<Row<Supplement>>,
    pool_cap: Vec<Row<PoolCap>>,
    large_amount: Vec<Row<LargeAmount>>,
    second_layer: Vec<Row<SecondLayer>>,
    second_layer_needy: Vec<Row<NeedyTerms>>,
    civil_servant: Vec<Row<CivilServant>>,
    assistance: Vec<Row<Assistance>>,
    account: Vec<Row<AccountUse>>,
}

impl Section {
    /// Reads one row into its table.
    pub fn add(&mut self, table: &str, row: Fields, documents: &Documents) -> Result<(), PolicyFault> {
        match table {
            "policy_year" => self.policy_year.extend(read_row(row, documents, values::policy_year)?),
            "level_map" => self.level_map.extend(read_row(row, documents, values::counts_as)?),
            "return_home" => self.return_home.extend(read_row(row, documents, values::return_home)?),
            "reduction" => self.reduction.extend(read_row(row, documents, values::reduction)?),
            "deductible" => self.deductible.extend(read_row(row, documents, values::deductible)?),
            "rates" => self.rates.extend(read_row(row, documents, values::ladder)?),
            "supplement" => self.supplement.extend(read_row(row, documents, values::supplement)?),
            "pool_cap" => self.pool_cap.extend(read_row(row, documents, values::pool_cap)?),
            "large_amount" => self.large_amount.extend(read_row(row, documents, values::large_amount)?),
            "second_layer" => self.second_layer.extend(read_row(row, documents, values::second_layer)?),
            "second_layer_needy" => self.second_layer_needy.extend(read_row(row, documents, values::needy)?),
            "civil_servant" => self.civil_servant.extend(read_row(row, documents, values::civil_servant)?),
            "assistance" => self.assistance.extend(read_row(row, documents, values::assistance)?),
            "account" => self.account.extend(read_row(row, documents, values::account)?),
            other => return Err(row.fault(other, "the table is not known", "a table of docs/policies.md")),
        }
        Ok(())
    }

    /// Fills a package with these rows, beside the rows of the national frame.
    pub fn fill(&self, package: &mut Package, frame: Option<&Section>) {
        macro_rules! fill {
            ($($table:ident),* $(,)?) => {
                $(join(&mut package.$table, &self.$table, frame.map(|frame| frame.$table.as_slice()));)*
            };
        }
        fill!(
            level_map,
            return_home,
            reduction,
            deductible,
            rates,
            supplement,
            pool_cap,
            large_amount,
            second_layer,
            second_layer_needy,
            civil_servant,
            assistance,
            account,
        );
    }
}

/// The rows of one table of a file.
pub(super) fn rows_of(file: &str, table: &str, rows: Value) -> Result<Vec<Fields>, PolicyFault> {
    let Value::Array(rows) = rows else {
        let fields = Fields::new(file, table, "the table", Table::new());
        return Err(fields.fault("rows", "it is not a list of rows", "`[[...]]` with two brackets"));
    };
    let read = |(number, row)| Fields::of_value(file, table, &format!("row {}", number + 1), row);
    rows.into_iter().enumerate().map(read).collect()
}

/// Reads a row, or one row a level where its value is given by level.
pub(super) fn read_row<T>(
    mut fields: Fields,
    documents: &Documents,
    value: impl Fn(&mut Fields) -> Result<T, PolicyFault>,
) -> Result<Vec<Row<T>>, PolicyFault> {
    let named: BTreeSet<String> = fields.values().values().flat_map(levels_named).collect();
    if named.is_empty() {
        return Ok(vec![read_one(fields, documents, None, &value)?]);
    }
    if fields.values().contains_key("level") {
        return Err(fields.fault("level", "the value is already given by level", "one of the two"));
    }
    let mut rows = Vec::new();
    for (word, level, instead) in LEVELS {
        let word = if named.contains(word) { word } else { instead };
        let values = fields.values().clone();
        let at_level = |(key, value): (String, Value)| match at_level(value, word) {
            Some(value) => Ok((key, value)),
            None => Err(fields.fault(&key, "a level has no value", &format!("a value for level `{word}`"))),
        };
        let values = values.into_iter().map(at_level).collect::<Result<Table, _>>()?;
        rows.push(read_one(fields.with(values), documents, Some(level), &value)?);
    }
    Ok(rows)
}

fn is_by_level(table: &Table) -> bool {
    !table.is_empty() && table.keys().all(|key| LEVELS.iter().any(|(word, ..)| word == key))
}

/// The levels that a value names anywhere inside.
fn levels_named(value: &Value) -> Vec<String> {
    match value {
        Value::Table(table) if is_by_level(table) => table.keys().cloned().collect(),
        Value::Table(table) => table.values().flat_map(levels_named).collect(),
        Value::Array(values) => values.iter().flat_map(levels_named).collect(),
        _ => Vec::new(),
    }
}

/// The value as it stands for one level.
fn at_level(value: Value, word: &str) -> Option<Value> {
    match value {
        Value::Table(mut table) if is_by_level(&table) => table.remove(word),
        Value::Table(table) => {
            let inner = |(key, value)| at_level(value, word).map(|value| (key, value));
            table.into_iter().map(inner).collect::<Option<Table>>().map(Value::Table)
        }
        Value::Array(values) => values
            .into_iter()
            .map(|value| at_level(value, word))
            .collect::<Option<Vec<_>>>()
            .map(Value::Array),
        plain => Some(plain),
    }
}

fn read_one<T>(
    mut fields: Fields,
    documents: &Documents,
    level: Option<HospitalLevel>,
    value: &impl Fn(&mut Fields) -> Result<T, PolicyFault>,
) -> Result<Row<T>, PolicyFault> {
    let mut who = selector(&mut fields)?;
    if let Some(level) = level {
        who.levels = Some(BTreeSet::from([level]));
    }
    let from =
        fields.day("from")?.ok_or_else(|| fields.fault("from", "it is missing", "the first service day"))?;
    let by = fields.need_text("by")?;
    let document = documents.get(&by).cloned();
    let document = document.ok_or_else(|| {
        fields.fault(
            "by",
            format!("found \"{by}\""),
            "a document declared in the same file under [documents]",
        )
    })?;
    let mark = fields.need_text("mark")?;
    let mark = Mark::of_str(&mark)
        .ok_or_else(|| fields.fault("mark", format!("found \"{mark}\""), "one of S, S-, K, ?, D, P"))?;
    let row = Row {
        who,
        from,
        until: fields.day("until")?,
        known_from: fields.day("known_from")?,
        value: value(&mut fields)?,
        document,
        mark,
    };
    fields.finish()?;
    Ok(row)
}

fn selector(fields: &mut Fields) -> Result<Selector, PolicyFault> {
    const LEVEL_WORDS: &str = "community, one, two, three, three_provincial";
    const CLASS_WORDS: &str = "active, retired, adult, senior, minor";
    const STANDING_WORDS: &str = "home, long_term, referral, emergency, other_temporary, return_home";
    const NEEDY_WORDS: &str = "extreme_poverty, low_income, back_in_poverty, near_low_income";
    let set = |list: Option<Vec<_>>| list.map(BTreeSet::from_iter);
    Ok(Selector {
        services: services(fields)?,
        diseases: fields.list("disease", "disease codes")?.map(BTreeSet::from_iter),
        levels: set(fields.list("level", LEVEL_WORDS)?),
        classes: fields.list("class", CLASS_WORDS)?.map(BTreeSet::from_iter),
        standings: fields.list("standing", STANDING_WORDS)?.map(BTreeSet::from_iter),
        needy: fields.list("needy", NEEDY_WORDS)?.map(BTreeSet::from_iter),
        away: fields.flag("away")?,
        age_from: fields.age("age_from")?,
        age_to: fields.age("age_to")?,
        retired_from: fields.day("retired_from")?,
        retired_before: fields.day("retired_before")?,
    })
}

/// `outpatient` without `emergency_outpatient` beside it means both; a row for emergency visits alone is narrower.
fn services(fields: &mut Fields) -> Result<Option<BTreeSet<ServiceKind>>, PolicyFault> {
    const EXPECTED: &str = "inpatient, outpatient, emergency_outpatient, chronic";
    let Some(words) = fields.list::<String>("service", EXPECTED)? else { return Ok(None) };
    let mut kinds = BTreeSet::new();
    for word in words {
        let found = SERVICES.iter().find(|(name, _)| *name == word);
        let (_, kind) =
            found.ok_or_else(|| fields.fault("service", format!("found \"{word}\""), EXPECTED))?;
        kinds.insert(*kind);
        if *kind == ServiceKind::Outpatient {
            kinds.insert(ServiceKind::EmergencyOutpatient);
        }
    }
    Ok(Some(kinds))
}
