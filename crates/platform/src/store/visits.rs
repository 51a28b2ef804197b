//! Visits and their fee lines.

use super::{decode, decode_all, encode, integer, optional_text};
use crate::doors::{Cell, Row, Store, StoreError};
use crate::records::{FeeLine, Visit};
use insurance::calendar::Instant;
use insurance::identity::{FeeLineNo, InstitutionCode, PersonNo, Region, SettlementId, VisitId};

/// Saves a visit, new or changed.
pub fn visit_save(store: &mut dyn Store, visit: &Visit) -> Result<(), StoreError> {
    store
        .change(
            "insert into visit (pool, person, visit, institution, kind, state, begin_at, end_at, data) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             on conflict (pool, person, visit) do update set state = excluded.state, begin_at = excluded.begin_at, \
             end_at = excluded.end_at, data = excluded.data",
            &[
                visit.pool().to_string().into(),
                visit.person.person_no.as_str().into(),
                visit.id.as_str().into(),
                visit.institution.as_str().into(),
                visit.kind.code().into(),
                visit.state.code().into(),
                visit.begin.0.into(),
                visit.end.map(|end| end.0).into(),
                encode(visit),
            ],
        )
}

/// Finds a visit by its number.
pub fn visit_find(store: &mut dyn Store, visit: &VisitId) -> Result<Option<Visit>, StoreError> {
    let rows = store.query("select data from visit where visit = $1", &[visit.as_str().into()])?;
    rows.first().map(|row| decode(row.first(), "visit")).transpose()
}

/// The visits of one person at one institution that began between two instants.
pub fn visits_of_person(
    store: &mut dyn Store,
    institution: &InstitutionCode,
    person: &PersonNo,
    from: Instant,
    to: Instant,
) -> Result<Vec<Visit>, StoreError> {
    let rows = store.query(
        "select data from visit where institution = $1 and person = $2 and begin_at >= $3 and begin_at <= $4 \
         order by begin_at, visit",
        &[institution.as_str().into(), person.as_str().into(), from.0.into(), to.0.into()],
    )?;
    decode_all(rows, "visit")
}

/// The people in hospital at one institution who were admitted between two instants.
pub fn visits_in_hospital(
    store: &mut dyn Store,
    institution: &InstitutionCode,
    from: Instant,
    to: Instant,
) -> Result<Vec<Visit>, StoreError> {
    let rows = store.query(
        "select data from visit where institution = $1 and kind = 'inpatient' and begin_at >= $2 and begin_at <= $3 \
         and state = 'open' order by begin_at, visit",
        &[institution.as_str().into(), from.0.into(), to.0.into()],
    )?;
    decode_all(rows, "visit")
}

/// Lines that one statement adds.
const LINES_AT_ONCE: usize = 5;

/// Adds fee lines, in this order. The visit has none of their numbers yet: the caller has looked.
pub fn fee_lines_add(store: &mut dyn Store, visit: &Visit, lines: &[FeeLine]) -> Result<(), StoreError> {
    let (fives, rest) = lines.as_chunks::<LINES_AT_ONCE>();
    for five in fives {
        let mut values = Vec::with_capacity(7 * LINES_AT_ONCE);
        for line in five {
            values.extend(fee_line_values(store, visit, line)?);
        }
        store.change(
            "insert into fee_line (pool, person, visit, line, place, batch, data) values \
             ($1, $2, $3, $4, $5, $6, $7), ($8, $9, $10, $11, $12, $13, $14), ($15, $16, $17, $18, $19, $20, $21), \
             ($22, $23, $24, $25, $26, $27, $28), ($29, $30, $31, $32, $33, $34, $35)",
            &values,
        )?;
    }
    for line in rest {
        let values = fee_line_values(store, visit, line)?;
        store.change(
            "insert into fee_line (pool, person, visit, line, place, batch, data) \
             values ($1, $2, $3, $4, $5, $6, $7)",
            &values,
        )?;
    }
    Ok(())
}

fn fee_line_values(store: &mut dyn Store, visit: &Visit, line: &FeeLine) -> Result<[Cell; 7], StoreError> {
    let place = super::counter_next(store, "fee_line")?;
    Ok([
        visit.pool().to_string().into(),
        visit.person.person_no.as_str().into(),
        visit.id.as_str().into(),
        line.line.as_str().into(),
        place.into(),
        line.batch.clone().into(),
        encode(line),
    ])
}

/// All fee lines of a visit, in the order in which they came.
pub fn fee_lines(
    store: &mut dyn Store,
    pool: Region,
    person: &PersonNo,
    visit: &VisitId,
) -> Result<Vec<FeeLine>, StoreError> {
    let rows = store.query(
        "select data, settlement from fee_line where pool = $1 and person = $2 and visit = $3 order by place",
        &[pool.to_string().into(), person.as_str().into(), visit.as_str().into()],
    )?;
    rows.iter().map(fee_line).collect()
}

fn fee_line(row: &Row) -> Result<FeeLine, StoreError> {
    let mut line: FeeLine = decode(row.first(), "fee_line")?;
    line.settlement = optional_text(row.get(1))
        .map(|id| SettlementId::new(id).map_err(|why| super::damaged("fee_line.settlement", why)))
        .transpose()?;
    Ok(line)
}

/// Deletes one unsettled fee line.
pub fn fee_line_delete(store: &mut dyn Store, visit: &Visit, line: &FeeLineNo) -> Result<usize, StoreError> {
    store.execute(
        "delete from fee_line where pool = $1 and person = $2 and visit = $3 and line = $4 and settlement is null",
        &[
            visit.pool().to_string().into(),
            visit.person.person_no.as_str().into(),
            visit.id.as_str().into(),
            line.as_str().into(),
        ],
    )
}

/// Binds unsettled fee lines of a visit, or of one batch of it, to a settlement.
pub fn fee_lines_bind(
    store: &mut dyn Store,
    visit: &Visit,
    batch: Option<&str>,
    settlement: &SettlementId,
) -> Result<(), StoreError> {
    store.change(
        "update fee_line set settlement = $1 where pool = $2 and person = $3 and visit = $4 and settlement is null \
         and (cast($5 as text) is null or batch = $6)",
        &[
            settlement.as_str().into(),
            visit.pool().to_string().into(),
            visit.person.person_no.as_str().into(),
            visit.id.as_str().into(),
            batch.map(str::to_owned).into(),
            batch.map(str::to_owned).into(),
        ],
    )
}

/// Frees the fee lines of a settlement that does not stand.
pub fn fee_lines_free(
    store: &mut dyn Store,
    visit: &Visit,
    settlement: &SettlementId,
) -> Result<(), StoreError> {
    store.change(
        "update fee_line set settlement = null \
         where pool = $1 and person = $2 and visit = $3 and settlement = $4",
        &[
            visit.pool().to_string().into(),
            visit.person.person_no.as_str().into(),
            visit.id.as_str().into(),
            settlement.as_str().into(),
        ],
    )
}

/// How many visits are open, for the overview.
pub fn visit_open_count(store: &mut dyn Store) -> Result<i64, StoreError> {
    let rows = store.query("select count(*) from visit where state = 'open'", &[])?;
    integer(super::first(rows, "visit")?.first(), "visit")
}
