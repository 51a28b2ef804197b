//! Insured people: accounts, credentials, filings, accumulators. Held by the insured place alone.

use super::{decode, decode_all, encode, integer, text};
use crate::doors::{Store, StoreError};
use crate::registry::InsuredPerson;
use insurance::accumulators::{Accumulators, Measure};
use insurance::calendar::PolicyYear;
use insurance::filing::Filing;
use insurance::identity::{PersonNo, Region};
use insurance::money::Fen;
use insurance::person::{Insurance, Wallet};

/// Adds a person; `false` where the pool already has them.
pub fn person_add(store: &mut dyn Store, person: &InsuredPerson) -> Result<bool, StoreError> {
    let added = store.execute(
        "insert into insured_person (pool, person, own_account_fen, family_quota_fen, data) values ($1, $2, $3, $4, $5) \
         on conflict (pool, person) do nothing",
        &[
            person.pool.to_string().into(),
            person.person_no.as_str().into(),
            person.wallet.own.0.into(),
            person.wallet.family.0.into(),
            encode(person),
        ],
    )?;
    Ok(added == 1)
}

/// Finds a person of a pool, with what stands on the accounts now.
pub fn person_find(
    store: &mut dyn Store,
    pool: Region,
    person: &PersonNo,
) -> Result<Option<InsuredPerson>, StoreError> {
    let rows = store.query(
        "select data, own_account_fen, family_quota_fen from insured_person where pool = $1 and person = $2",
        &[pool.to_string().into(), person.as_str().into()],
    )?;
    rows.first()
        .map(|row| {
            let mut found: InsuredPerson = decode(row.first(), "insured_person")?;
            found.wallet = Wallet {
                own: Fen(integer(row.get(1), "own_account_fen")?),
                family: Fen(integer(row.get(2), "family_quota_fen")?),
            };
            Ok(found)
        })
        .transpose()
}

/// Changes the accounts of a person by these amounts.
pub fn wallet_add(
    store: &mut dyn Store,
    pool: Region,
    person: &PersonNo,
    own: Fen,
    family: Fen,
) -> Result<(), StoreError> {
    store.change(
        "update insured_person set own_account_fen = own_account_fen + $1, \
             family_quota_fen = family_quota_fen + $2 where pool = $3 and person = $4",
        &[own.0.into(), family.0.into(), pool.to_string().into(), person.as_str().into()],
    )
}

/// Notes a credential of a person, by its digest.
pub fn credential_add(
    store: &mut dyn Store,
    digest: &str,
    pool: Region,
    person: &PersonNo,
) -> Result<(), StoreError> {
    store.change(
        "insert into credential (pool, person, digest) values ($1, $2, $3) \
             on conflict (pool, person, digest) do nothing",
        &[pool.to_string().into(), person.as_str().into(), digest.into()],
    )
}

/// Who shows this credential.
pub fn credential_find(
    store: &mut dyn Store,
    digest: &str,
) -> Result<Option<(Region, PersonNo)>, StoreError> {
    let rows = store.query(
        "select pool, person from credential where digest = $1 order by pool, person limit 1",
        &[digest.into()],
    )?;
    rows.first()
        .map(|row| {
            let pool = Region::new(&text(row.first(), "credential")?);
            let person = PersonNo::new(text(row.get(1), "credential")?);
            match (pool, person) {
                (Ok(pool), Ok(person)) => Ok((pool, person)),
                _ => Err(super::damaged("credential", "pool or person")),
            }
        })
        .transpose()
}

/// Saves a filing, new or cancelled.
pub fn filing_save(
    store: &mut dyn Store,
    pool: Region,
    person: &PersonNo,
    filing: &Filing,
) -> Result<(), StoreError> {
    store.change(
        "insert into filing (pool, person, filing, data) values ($1, $2, $3, $4) \
             on conflict (pool, person, filing) do update set data = excluded.data",
        &[pool.to_string().into(), person.as_str().into(), filing.id.as_str().into(), encode(filing)],
    )
}

/// All filings of a person.
pub fn filings_of(store: &mut dyn Store, pool: Region, person: &PersonNo) -> Result<Vec<Filing>, StoreError> {
    let rows = store.query(
        "select data from filing where pool = $1 and person = $2 order by filing",
        &[pool.to_string().into(), person.as_str().into()],
    )?;
    decode_all(rows, "filing")
}

/// The word that the store keeps for an insurance.
pub fn insurance_code(insurance: Insurance) -> &'static str {
    match insurance {
        Insurance::Employee => "employee",
        Insurance::Resident => "resident",
    }
}

/// What a person has used in one policy year.
pub fn accumulators_of(
    store: &mut dyn Store,
    pool: Region,
    person: &PersonNo,
    insurance: Insurance,
    year: PolicyYear,
) -> Result<Accumulators, StoreError> {
    let rows = store.query(
        "select measure, amount from accumulator \
         where pool = $1 and person = $2 and insurance = $3 and policy_year = $4",
        &[
            pool.to_string().into(),
            person.as_str().into(),
            insurance_code(insurance).into(),
            i64::from(year.0).into(),
        ],
    )?;
    rows.iter()
        .map(|row| Ok((measure(&text(row.first(), "accumulator")?)?, integer(row.get(1), "accumulator")?)))
        .collect()
}

fn measure(code: &str) -> Result<Measure, StoreError> {
    Measure::of_code(code).ok_or_else(|| super::damaged("accumulator.measure", code))
}

/// All that a person has used, by year.
pub fn accumulators_all(
    store: &mut dyn Store,
    pool: Region,
    person: &PersonNo,
) -> Result<Vec<(Insurance, PolicyYear, Accumulators)>, StoreError> {
    let rows = store.query(
        "select insurance, policy_year, measure, amount from accumulator where pool = $1 and person = $2 \
         order by insurance, policy_year, measure",
        &[pool.to_string().into(), person.as_str().into()],
    )?;
    let mut found: Vec<(Insurance, PolicyYear, Accumulators)> = Vec::new();
    for row in &rows {
        let insurance = match text(row.first(), "accumulator")?.as_str() {
            "employee" => Insurance::Employee,
            _ => Insurance::Resident,
        };
        let year = i16::try_from(integer(row.get(1), "accumulator")?)
            .map(PolicyYear)
            .map_err(|why| super::damaged("accumulator.policy_year", why))?;
        let (measure, amount) =
            (measure(&text(row.get(2), "accumulator")?)?, integer(row.get(3), "accumulator")?);
        match found.last_mut() {
            Some((last, last_year, used)) if *last == insurance && *last_year == year => {
                used.add(measure, amount);
            }
            _ => found.push((insurance, year, [(measure, amount)].into_iter().collect())),
        }
    }
    Ok(found)
}

/// Adds a delta to what a person has used.
pub fn accumulators_add(
    store: &mut dyn Store,
    pool: Region,
    person: &PersonNo,
    insurance: Insurance,
    year: PolicyYear,
    delta: &Accumulators,
) -> Result<(), StoreError> {
    for (measure, amount) in delta.iter() {
        store.change(
            "insert into accumulator (pool, person, insurance, policy_year, measure, amount) \
             values ($1, $2, $3, $4, $5, $6) on conflict (pool, person, insurance, policy_year, measure) \
             do update set amount = accumulator.amount + excluded.amount",
            &[
                pool.to_string().into(),
                person.as_str().into(),
                insurance_code(insurance).into(),
                i64::from(year.0).into(),
                measure.code().into(),
                amount.into(),
            ],
        )?;
    }
    Ok(())
}
