//! 对账单: the settlements of one institution as statements compare them, and the statements that were compared.

use super::people::insurance_code;
use super::{damaged, decode, integer, optional_text, text};
use crate::doors::{Cell, Row, Store, StoreError};
use crate::records::{SettlementRecord, Visit, VisitKind};
use insurance::calendar::{Instant, ServiceDate};
use insurance::identity::{InstitutionCode, PersonNo, Region, SettlementId, VisitId};
use insurance::money::Fen;
use insurance::person::Insurance;
use insurance::reconciliation::Kind;
use insurance::settlement::State;
use insurance::statement::{Amounts, Entry, Half};

/// What stands beside a record, in the order of the columns from `kind` on.
pub(super) fn columns(visit: &Visit, record: &SettlementRecord) -> [Cell; 9] {
    let amounts = record.amounts();
    let fen = |amount: fn(&Amounts) -> Fen| Cell::from(amounts.as_ref().map(|amounts| amount(amounts).0));
    let number = |id: &Option<SettlementId>| Cell::from(id.as_ref().map(|id| id.as_str().to_owned()));
    [
        visit.kind.code().into(),
        insurance_code(visit.person.insurance).into(),
        fen(|amounts| amounts.fee),
        fen(|amounts| amounts.fund),
        fen(|amounts| amounts.account),
        fen(|amounts| amounts.cash),
        number(&record.takes_back),
        number(&record.taken_back_by),
        record.settled.map(|settled| settled.0).into(),
    ]
}

/// How many records are read at once.
const PAGE: i64 = 1_000;

/// Fills the columns of what was written before there were any.
pub(super) fn fill_the_old(store: &mut dyn Store) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let rows = store.query(
            "select s.data, v.data, s.settlement from settlement s join visit v on v.pool = s.pool \
             and v.person = s.person and v.visit = s.visit where s.settlement > $1 order by s.settlement limit $2",
            &[after.into(), PAGE.into()],
        )?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = text(last.get(2), "settlement")?;
        for row in rows {
            let record: SettlementRecord = decode(row.first(), "settlement")?;
            let visit: Visit = decode(row.get(1), "visit")?;
            let mut values = columns(&visit, &record).to_vec();
            values.extend([
                visit.pool().to_string().into(),
                visit.person.person_no.as_str().into(),
                visit.id.as_str().into(),
                record.id.as_str().into(),
            ]);
            store.execute(
                "update settlement set kind = $1, insurance = $2, fee_fen = $3, fund_fen = $4, account_fen = $5, \
                 cash_fen = $6, takes_back = $7, taken_back_by = $8, settled_at = $9 \
                 where pool = $10 and person = $11 and visit = $12 and settlement = $13",
                &values,
            )?;
        }
    }
}

macro_rules! entries {
    ($which:literal) => {
        concat!(
            "select s.settlement, s.visit, s.pool, s.person, s.msgid, s.infno, s.state, s.settled_at, s.kind, \
             s.insurance, s.fee_fen, s.fund_fen, s.account_fen, s.cash_fen, s.takes_back, o.settlement, o.state, \
             o.settled_at, o.msgid, o.infno from settlement s left join settlement o on o.pool = s.pool \
             and o.person = s.person and o.visit = s.visit \
             and o.settlement = coalesce(s.takes_back, s.taken_back_by) ",
            $which
        )
    };
}

/// The transaction that undoes a message: its answer names no number, so the institution never hears of one.
const UNDOES: &str = "2601";

fn entry(row: &Row) -> Result<Entry, StoreError> {
    let column = |place: usize, name: &str| text(row.get(place), name);
    let state = |place: usize| {
        let word = column(place, "settlement.state")?;
        State::of_code(&word).ok_or_else(|| damaged("settlement.state", word))
    };
    let booked = |place: usize| match row.get(place) {
        Some(Cell::Int(at)) => Some(Instant(*at)),
        _ => None,
    };
    let number = |place: usize| {
        SettlementId::new(column(place, "settlement")?).map_err(|why| damaged("settlement", why))
    };
    let fen = |place: usize| match row.get(place) {
        Some(Cell::Int(amount)) => Fen(*amount),
        _ => Fen::ZERO,
    };
    let other = match optional_text(row.get(15)) {
        Some(_) => Some(Half {
            settlement: number(15)?,
            state: state(16)?,
            day: booked(17).map(Instant::day),
            message: column(18, "settlement.msgid")?,
            undoes: column(19, "settlement.infno")? == UNDOES,
        }),
        None => None,
    };
    Ok(Entry {
        settlement: number(0)?,
        visit: VisitId::new(column(1, "settlement.visit")?)
            .map_err(|why| damaged("settlement.visit", why))?,
        pool: Region::new(&column(2, "settlement.pool")?).map_err(|why| damaged("settlement.pool", why))?,
        person: PersonNo::new(column(3, "settlement.person")?)
            .map_err(|why| damaged("settlement.person", why))?,
        message: column(4, "settlement.msgid")?,
        transaction: column(5, "settlement.infno")?,
        undoes: column(5, "settlement.infno")? == UNDOES,
        takes_back: optional_text(row.get(14)).is_some(),
        state: state(6)?,
        booked: booked(7),
        inpatient: column(8, "settlement.kind")? == VisitKind::Inpatient.code(),
        insurance: match column(9, "settlement.insurance")? == insurance_code(Insurance::Employee) {
            true => Insurance::Employee,
            false => Insurance::Resident,
        },
        amounts: Amounts { fee: fen(10), fund: fen(11), account: fen(12), cash: fen(13) },
        other,
    })
}

/// Goes through what an institution has had booked between two days of settlement, by time, a page at a time.
pub fn statement_entries<E: From<StoreError>>(
    store: &mut dyn Store,
    institution: &InstitutionCode,
    from: ServiceDate,
    to: ServiceDate,
    mut each: impl FnMut(&mut dyn Store, Entry) -> Result<(), E>,
) -> Result<(), E> {
    let end = to.plus_days(1).begins();
    let mut after = (from.begins(), String::new());
    loop {
        let rows = store.query(
            entries!(
                "where s.institution = $1 and (s.settled_at, s.settlement) > ($2, $3) and s.settled_at < $4 \
                 order by s.settled_at, s.settlement limit $5"
            ),
            &[
                institution.as_str().into(),
                after.0.0.into(),
                after.1.as_str().into(),
                end.0.into(),
                PAGE.into(),
            ],
        )?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = (Instant(integer(last.get(7), "settlement.settled_at")?), text(last.first(), "settlement")?);
        let whole = rows.len() as i64 == PAGE;
        for row in &rows {
            each(store, entry(row)?)?;
        }
        if !whole {
            return Ok(());
        }
    }
}

/// What this institution has under a number.
pub fn statement_entry(
    store: &mut dyn Store,
    institution: &InstitutionCode,
    settlement: &str,
) -> Result<Option<Entry>, StoreError> {
    let rows = store.query(
        entries!("where s.settlement = $1 and s.institution = $2"),
        &[settlement.into(), institution.as_str().into()],
    )?;
    rows.first().map(entry).transpose()
}

/// What this institution has made by a message: the newest, where several transactions carried its number.
pub fn statement_entry_of_message(
    store: &mut dyn Store,
    institution: &InstitutionCode,
    msgid: &str,
) -> Result<Option<Entry>, StoreError> {
    let rows = store.query(
        entries!("where s.institution = $1 and s.msgid = $2 order by s.settlement desc limit 1"),
        &[institution.as_str().into(), msgid.into()],
    )?;
    rows.first().map(entry).transpose()
}

/// How many settlements of an institution are being resolved: outpatient or inpatient.
pub fn statement_open_count(
    store: &mut dyn Store,
    institution: &InstitutionCode,
    kind: VisitKind,
) -> Result<i64, StoreError> {
    let rows = store.query(
        "select count(*) from resolving r join settlement s on s.pool = r.pool and s.person = r.person \
         and s.settlement = r.settlement where s.institution = $1 and s.kind = $2",
        &[institution.as_str().into(), kind.code().into()],
    )?;
    integer(super::first(rows, "resolving")?.first(), "resolving")
}

/// A statement that was compared line by line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The number of its result file.
    pub number: String,
    /// Whose.
    pub institution: InstitutionCode,
    /// Outpatient or inpatient.
    pub kind: VisitKind,
    /// First day of settlement.
    pub from: ServiceDate,
    /// Last day of settlement.
    pub to: ServiceDate,
    /// Whether takings back were compared.
    pub refunds: bool,
    /// When.
    pub made: Instant,
}

/// One difference of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where the person is insured; none where the agency knows nothing of it.
    pub pool: Option<Region>,
    /// 人员编号, as it is booked, or as the institution wrote it.
    pub person: String,
    /// 结算ID
    pub settlement: String,
    /// 就诊ID
    pub visit: String,
    /// 发送方报文ID
    pub message: String,
    /// 1 agency, 2 institution, 3 both and they differ.
    pub side: i64,
    /// What kind.
    pub kind: Kind,
    /// Whether it is a taking back.
    pub refund: bool,
    /// 医疗费总额
    pub fee: Fen,
    /// Whether the institution lists it.
    pub listed: bool,
}

/// Keeps a statement.
pub fn statement_add(store: &mut dyn Store, statement: &Statement) -> Result<(), StoreError> {
    store
        .execute(
            "insert into institution_statement (statement, institution, kind, from_day, to_day, refunds, made_at) \
             values ($1, $2, $3, $4, $5, $6, $7)",
            &[
                statement.number.as_str().into(),
                statement.institution.as_str().into(),
                statement.kind.code().into(),
                statement.from.to_string().into(),
                statement.to.to_string().into(),
                i64::from(statement.refunds).into(),
                statement.made.0.into(),
            ],
        )
        .map(drop)
}

/// Keeps one difference of a statement, at its place.
pub fn statement_difference_add(
    store: &mut dyn Store,
    statement: &str,
    place: i64,
    found: &Difference,
) -> Result<(), StoreError> {
    store
        .execute(
            "insert into institution_difference (pool, person, statement, place, settlement, visit, msgid, side, \
             difference, refund, fee_fen, listed) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            &[
                found.pool.map(|pool| pool.to_string()).unwrap_or_default().into(),
                found.person.as_str().into(),
                statement.into(),
                place.into(),
                found.settlement.as_str().into(),
                found.visit.as_str().into(),
                found.message.as_str().into(),
                found.side.into(),
                found.kind.code().into(),
                i64::from(found.refund).into(),
                found.fee.0.into(),
                i64::from(found.listed).into(),
            ],
        )
        .map(drop)
}

/// The newest statement of an institution that covers a day, of one kind of care.
pub fn statement_of_day(
    store: &mut dyn Store,
    institution: &InstitutionCode,
    kind: VisitKind,
    day: ServiceDate,
) -> Result<Option<Statement>, StoreError> {
    let rows = store.query(
        "select statement, from_day, to_day, refunds, made_at from institution_statement where institution = $1 and kind = $2 \
         and to_day >= $3 and from_day <= $4 order by made_at desc, statement desc limit 1",
        &[
            institution.as_str().into(),
            kind.code().into(),
            day.to_string().into(),
            day.to_string().into(),
        ],
    )?;
    rows.first()
        .map(|row| {
            let day = |place: usize| {
                text(row.get(place), "institution_statement")?
                    .parse()
                    .map_err(|why| damaged("institution_statement", why))
            };
            Ok(Statement {
                number: text(row.first(), "institution_statement")?,
                institution: institution.clone(),
                kind,
                from: day(1)?,
                to: day(2)?,
                refunds: integer(row.get(3), "institution_statement.refunds")? == 1,
                made: Instant(integer(row.get(4), "institution_statement.made_at")?),
            })
        })
        .transpose()
}

/// Every difference of a statement, in order.
pub fn statement_differences(store: &mut dyn Store, statement: &str) -> Result<Vec<Difference>, StoreError> {
    let rows = store.query(
        "select pool, person, settlement, visit, msgid, side, difference, refund, fee_fen, listed \
         from institution_difference where statement = $1 order by place",
        &[statement.into()],
    )?;
    rows.iter()
        .map(|row| {
            let column = |place: usize| text(row.get(place), "institution_difference");
            let number = |place: usize| integer(row.get(place), "institution_difference");
            let (pool, word) = (column(0)?, column(6)?);
            Ok(Difference {
                pool: (!pool.is_empty())
                    .then(|| Region::new(&pool).map_err(|why| damaged("institution_difference.pool", why)))
                    .transpose()?,
                person: column(1)?,
                settlement: column(2)?,
                visit: column(3)?,
                message: column(4)?,
                side: number(5)?,
                kind: Kind::of_code(&word)
                    .ok_or_else(|| damaged("institution_difference.difference", word))?,
                refund: number(7)? == 1,
                fee: Fen(number(8)?),
                listed: number(9)? == 1,
            })
        })
        .collect()
}
