//! Which days are to be stated, what each office states, how the comparison of each pair stands, what differs and what
//! a person decided about it.

use super::{decode, encode, integer, optional_text, text};
use crate::doors::{Cell, NodeId, Row, Store, StoreError};
use crate::statements::{Decided, Found, Head, Pair};
use insurance::calendar::{Instant, ServiceDate};
use insurance::identity::{Province, Region, SettlementId};
use insurance::reconciliation::{Decision, Kind, Party};

fn day(cell: Option<&Cell>) -> Result<ServiceDate, StoreError> {
    text(cell, "a day")?.parse().map_err(|why| super::damaged("a day", why))
}

fn pair(row: &Row) -> Result<Pair, StoreError> {
    Ok(Pair {
        day: day(row.first())?,
        pool: Region::new(&text(row.get(1), "pool")?).map_err(|why| super::damaged("pool", why))?,
        treatment: Province::new(&text(row.get(2), "treatment")?)
            .map_err(|why| super::damaged("treatment", why))?,
    })
}

fn named(pair: &Pair) -> [Cell; 3] {
    [pair.day.to_string().into(), pair.pool.to_string().into(), pair.treatment.to_string().into()]
}

/// This day is to be stated once it is over.
pub fn statement_due_add(store: &mut dyn Store, day: ServiceDate, now: Instant) -> Result<(), StoreError> {
    store.change(
        "insert into statement_due (day, asked_at) values ($1, $2) on conflict (day) do nothing",
        &[day.to_string().into(), now.0.into()],
    )
}

/// The first day before this one that is to be stated.
pub fn statement_due_first(
    store: &mut dyn Store,
    before: ServiceDate,
) -> Result<Option<ServiceDate>, StoreError> {
    let rows = store.query(
        "select day from statement_due where day < $1 order by day limit 1",
        &[before.to_string().into()],
    )?;
    rows.first().map(|row| day(row.first())).transpose()
}

/// It was stated.
pub fn statement_due_done(store: &mut dyn Store, day: ServiceDate) -> Result<(), StoreError> {
    store.change("delete from statement_due where day = $1", &[day.to_string().into()])
}

/// A member, or the hub itself, has stated a day: what it stated before is forgotten.
pub fn statement_told(
    store: &mut dyn Store,
    day: ServiceDate,
    member: NodeId,
    heads: &[Head],
    now: Instant,
) -> Result<(), StoreError> {
    let (on, of) = (day.to_string(), member.to_string());
    store.change(
        "insert into statement_told (day, member, told_at) values ($1, $2, $3) \
         on conflict (day, member) do update set told_at = excluded.told_at",
        &[on.as_str().into(), of.as_str().into(), now.0.into()],
    )?;
    for head in heads_of_day(store, day)? {
        if stated_by(&head) == member {
            let [day, pool, treatment] = named(&head.pair);
            store.change(
                "delete from statement_head where day = $1 and pool = $2 and treatment = $3 and party = $4",
                &[day, pool, treatment, head.party.code().into()],
            )?;
        }
    }
    for head in heads {
        let [day, pool, treatment] = named(&head.pair);
        store.change(
            "insert into statement_head (day, pool, treatment, party, booked, booked_digest, recorded, \
             recorded_digest, funds) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             on conflict (day, pool, treatment, party) do nothing",
            &[
                day,
                pool,
                treatment,
                head.party.code().into(),
                head.booked.into(),
                head.booked_digest.to_string().into(),
                head.recorded.into(),
                head.recorded_digest.to_string().into(),
                encode(&head.funds),
            ],
        )?;
    }
    Ok(())
}

/// The node that states for this office of this pair.
pub fn stated_by(head: &Head) -> NodeId {
    match head.party {
        Party::Hub => NodeId::Hub,
        Party::Treatment => NodeId::Province(head.pair.treatment),
        Party::Insured => NodeId::Province(head.pair.pool.province()),
    }
}

/// Whether a node has stated a day.
pub fn has_told(store: &mut dyn Store, day: ServiceDate, member: NodeId) -> Result<bool, StoreError> {
    let rows = store.query(
        "select told_at from statement_told where day = $1 and member = $2",
        &[day.to_string().into(), member.to_string().into()],
    )?;
    Ok(!rows.is_empty())
}

/// Everything that was stated for a day.
pub fn heads_of_day(store: &mut dyn Store, day: ServiceDate) -> Result<Vec<Head>, StoreError> {
    let rows = store.query(
        "select day, pool, treatment, party, booked, booked_digest, recorded, recorded_digest, funds \
         from statement_head where day = $1 order by pool, treatment, party",
        &[day.to_string().into()],
    )?;
    rows.iter()
        .map(|row| {
            let digest = |place: usize| {
                text(row.get(place), "statement_head")?
                    .parse()
                    .map_err(|why: String| super::damaged("statement_head", why))
            };
            let party = match text(row.get(3), "statement_head")?.as_str() {
                "treatment" => Party::Treatment,
                "insured" => Party::Insured,
                _ => Party::Hub,
            };
            Ok(Head {
                pair: pair(row)?,
                party,
                booked: integer(row.get(4), "statement_head")?,
                booked_digest: digest(5)?,
                recorded: integer(row.get(6), "statement_head")?,
                recorded_digest: digest(7)?,
                funds: decode(row.get(8), "statement_head")?,
            })
        })
        .collect()
}

/// How the comparison of a pair stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A docket is on its way.
    Running,
    /// Nothing differs, or a person has confirmed what does.
    Agrees,
    /// Something differs.
    Differs,
}

impl Stage {
    /// The word that the store keeps.
    pub fn code(self) -> &'static str {
        match self {
            Stage::Running => "running",
            Stage::Agrees => "agrees",
            Stage::Differs => "differs",
        }
    }
}

/// The comparison of one pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Which pair.
    pub pair: Pair,
    /// How it stands.
    pub stage: Stage,
    /// Counts the dockets that were sent out.
    pub run: i64,
    /// Dockets since it last agreed.
    pub tries: i64,
    /// When it is compared again, where it is.
    pub next: Option<Instant>,
    /// Since when it stands so.
    pub changed: Instant,
}

fn comparison(row: &Row) -> Result<Comparison, StoreError> {
    let what = "comparison";
    let next = match row.get(6) {
        Some(Cell::Int(at)) => Some(Instant(*at)),
        _ => None,
    };
    Ok(Comparison {
        pair: pair(row)?,
        stage: match text(row.get(3), what)?.as_str() {
            "running" => Stage::Running,
            "agrees" => Stage::Agrees,
            _ => Stage::Differs,
        },
        run: integer(row.get(4), what)?,
        tries: integer(row.get(5), what)?,
        next,
        changed: Instant(integer(row.get(7), what)?),
    })
}

/// The comparison of this pair, where there was one.
pub fn comparison_find(store: &mut dyn Store, pair: &Pair) -> Result<Option<Comparison>, StoreError> {
    let [day, pool, treatment] = named(pair);
    let rows = store.query(
        "select day, pool, treatment, state, run, tries, next_at, changed_at from comparison \
         where day = $1 and pool = $2 and treatment = $3",
        &[day, pool, treatment],
    )?;
    rows.first().map(comparison).transpose()
}

/// Saves how it stands.
pub fn comparison_save(store: &mut dyn Store, saved: &Comparison) -> Result<(), StoreError> {
    let [day, pool, treatment] = named(&saved.pair);
    store.change(
        "insert into comparison (day, pool, treatment, state, run, tries, next_at, changed_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (day, pool, treatment) do update set \
             state = excluded.state, run = excluded.run, tries = excluded.tries, next_at = excluded.next_at, \
             changed_at = excluded.changed_at",
        &[
            day,
            pool,
            treatment,
            saved.stage.code().into(),
            saved.run.into(),
            saved.tries.into(),
            saved.next.map(|next| next.0).into(),
            saved.changed.0.into(),
        ],
    )
}

/// Comparisons whose time has come.
pub fn comparisons_due(store: &mut dyn Store, now: Instant) -> Result<Vec<Comparison>, StoreError> {
    let rows = store.query(
        "select day, pool, treatment, state, run, tries, next_at, changed_at from comparison \
         where next_at <= $1 order by next_at, day, pool, treatment limit 100",
        &[now.0.into()],
    )?;
    rows.iter().map(comparison).collect()
}

/// Comparisons of days from this one on, for those who look; those that differ first.
pub fn comparisons_since(store: &mut dyn Store, from: ServiceDate) -> Result<Vec<Comparison>, StoreError> {
    let rows = store.query(
        "select day, pool, treatment, state, run, tries, next_at, changed_at from comparison \
         where day >= $1 order by case state when 'differs' then 0 when 'running' then 1 else 2 end, \
         day desc, pool, treatment limit 2000",
        &[from.to_string().into()],
    )?;
    rows.iter().map(comparison).collect()
}

/// A difference as this node keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Which pair.
    pub pair: Pair,
    /// What differs.
    pub found: Found,
    /// Since when.
    pub since: Instant,
    /// When an automatic repair was carried out here.
    pub repaired: Option<Instant>,
    /// What a person decided, who, and why.
    pub decided: Option<Decided>,
    /// When that was carried out here.
    pub done: Option<Instant>,
}

fn kept(row: &Row) -> Result<Kept, StoreError> {
    let instant = |place: usize| match row.get(place) {
        Some(Cell::Int(at)) => Some(Instant(*at)),
        _ => None,
    };
    let decision = optional_text(row.get(6)).and_then(|word| Decision::of_code(&word));
    let decided = decision.map(|decision| Decided {
        decision,
        by: optional_text(row.get(7)).unwrap_or_default(),
        reason: optional_text(row.get(8)).unwrap_or_default(),
    });
    Ok(Kept {
        pair: pair(row)?,
        found: decode(row.get(3), "difference")?,
        since: Instant(integer(row.get(4), "difference")?),
        repaired: instant(5),
        decided,
        done: instant(9),
    })
}

/// Keeps a difference; what was decided about one of the same kind stays.
pub fn difference_keep(
    store: &mut dyn Store,
    pair: &Pair,
    found: &Found,
    now: Instant,
) -> Result<Kept, StoreError> {
    if let Some(known) = difference_find(store, pair, &found.settlement)?
        && known.found.difference != found.difference
    {
        difference_forget(store, pair, &found.settlement)?;
    }
    let [day, pool, treatment] = named(pair);
    store.change(
        "insert into difference (day, pool, treatment, settlement, kind, data, found_at) \
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (day, pool, treatment, settlement) \
         do update set data = excluded.data",
        &[
            day,
            pool,
            treatment,
            found.settlement.as_str().into(),
            found.difference.kind.code().into(),
            encode(found),
            now.0.into(),
        ],
    )?;
    difference_find(store, pair, &found.settlement)?
        .ok_or_else(|| super::damaged("difference", "the row is missing"))
}

/// One difference.
pub fn difference_find(
    store: &mut dyn Store,
    pair: &Pair,
    settlement: &SettlementId,
) -> Result<Option<Kept>, StoreError> {
    let [day, pool, treatment] = named(pair);
    let rows = store.query(
        "select day, pool, treatment, data, found_at, repaired_at, decision, decided_by, reason, done_at \
         from difference where day = $1 and pool = $2 and treatment = $3 and settlement = $4",
        &[day, pool, treatment, settlement.as_str().into()],
    )?;
    rows.first().map(kept).transpose()
}

/// It differs no longer.
pub fn difference_forget(
    store: &mut dyn Store,
    pair: &Pair,
    settlement: &SettlementId,
) -> Result<(), StoreError> {
    let [day, pool, treatment] = named(pair);
    store.change(
        "delete from difference where day = $1 and pool = $2 and treatment = $3 and settlement = $4",
        &[day, pool, treatment, settlement.as_str().into()],
    )
}

/// The differences of one pair.
pub fn differences_of(store: &mut dyn Store, pair: &Pair) -> Result<Vec<Kept>, StoreError> {
    let [day, pool, treatment] = named(pair);
    let rows = store.query(
        "select day, pool, treatment, data, found_at, repaired_at, decision, decided_by, reason, done_at \
         from difference where day = $1 and pool = $2 and treatment = $3 order by settlement",
        &[day, pool, treatment],
    )?;
    rows.iter().map(kept).collect()
}

/// The differences in which a settlement stands, by day.
pub fn differences_with(store: &mut dyn Store, settlement: &SettlementId) -> Result<Vec<Kept>, StoreError> {
    let rows = store.query(
        "select day, pool, treatment, data, found_at, repaired_at, decision, decided_by, reason, done_at \
         from difference where settlement = $1 order by day",
        &[settlement.as_str().into()],
    )?;
    rows.iter().map(kept).collect()
}

/// How many differences there are, by kind.
pub fn difference_counts(store: &mut dyn Store) -> Result<Vec<(Kind, i64)>, StoreError> {
    let rows = store.query("select kind, count(*) from difference group by kind order by kind", &[])?;
    let mut counts = Vec::new();
    for row in &rows {
        if let Some(kind) = Kind::of_code(&text(row.first(), "difference")?) {
            counts.push((kind, integer(row.get(1), "difference")?));
        }
    }
    Ok(counts)
}

/// An automatic repair was carried out here.
pub fn difference_repaired(
    store: &mut dyn Store,
    pair: &Pair,
    settlement: &SettlementId,
    now: Instant,
) -> Result<(), StoreError> {
    let [day, pool, treatment] = named(pair);
    store.change(
        "update difference set repaired_at = $1 \
             where day = $2 and pool = $3 and treatment = $4 and settlement = $5",
        &[now.0.into(), day, pool, treatment, settlement.as_str().into()],
    )
}

/// A person decides; it is carried out at the next tick.
pub fn difference_decide(
    store: &mut dyn Store,
    pair: &Pair,
    settlement: &SettlementId,
    decided: &Decided,
    now: Instant,
) -> Result<(), StoreError> {
    let [day, pool, treatment] = named(pair);
    store.change(
        "update difference set decision = $1, decided_by = $2, reason = $3, decided_at = $4 \
             where day = $5 and pool = $6 and treatment = $7 and settlement = $8",
        &[
            decided.decision.code().into(),
            decided.by.as_str().into(),
            decided.reason.as_str().into(),
            now.0.into(),
            day,
            pool,
            treatment,
            settlement.as_str().into(),
        ],
    )
}

/// Decisions that are not carried out yet.
pub fn differences_to_do(store: &mut dyn Store) -> Result<Vec<Kept>, StoreError> {
    let rows = store.query(
        "select day, pool, treatment, data, found_at, repaired_at, decision, decided_by, reason, done_at \
         from difference where decision is not null and done_at is null order by day, settlement",
        &[],
    )?;
    rows.iter().map(kept).collect()
}

/// It was carried out.
pub fn difference_done(
    store: &mut dyn Store,
    pair: &Pair,
    settlement: &SettlementId,
    now: Instant,
) -> Result<(), StoreError> {
    let [day, pool, treatment] = named(pair);
    store.change(
        "update difference set done_at = $1 \
             where day = $2 and pool = $3 and treatment = $4 and settlement = $5",
        &[now.0.into(), day, pool, treatment, settlement.as_str().into()],
    )
}

/// A decision that was carried out, as it is kept for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Which pair.
    pub pair: Pair,
    /// Which settlement.
    pub settlement: String,
    /// What differed.
    pub kind: String,
    /// What was decided, by whom, why.
    pub decided: Decided,
    /// When it was carried out.
    pub at: Instant,
}

/// Keeps what was decided, for good.
pub fn decision_add(
    store: &mut dyn Store,
    kept: &Kept,
    decided: &Decided,
    now: Instant,
) -> Result<(), StoreError> {
    let [day, pool, treatment] = named(&kept.pair);
    store
        .change(
            "insert into decision (day, pool, treatment, settlement, decided_at, kind, decision, decided_by, reason) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             on conflict (day, pool, treatment, settlement, decided_at) do nothing",
            &[
                day,
                pool,
                treatment,
                kept.found.settlement.as_str().into(),
                now.0.into(),
                kept.found.difference.kind.code().into(),
                decided.decision.code().into(),
                decided.by.as_str().into(),
                decided.reason.as_str().into(),
            ],
        )
}

/// What was decided about days from this one on, the newest first.
pub fn decisions_since(store: &mut dyn Store, from: ServiceDate) -> Result<Vec<Made>, StoreError> {
    let rows = store.query(
        "select day, pool, treatment, settlement, kind, decision, decided_by, reason, decided_at \
         from decision where day >= $1 order by decided_at desc, settlement limit 2000",
        &[from.to_string().into()],
    )?;
    let what = "decision";
    rows.iter()
        .map(|row| {
            let word = text(row.get(5), what)?;
            let decision = Decision::of_code(&word).ok_or_else(|| super::damaged(what, &word))?;
            Ok(Made {
                pair: pair(row)?,
                settlement: text(row.get(3), what)?,
                kind: text(row.get(4), what)?,
                decided: Decided { decision, by: text(row.get(6), what)?, reason: text(row.get(7), what)? },
                at: Instant(integer(row.get(8), what)?),
            })
        })
        .collect()
}
