//! Daily roots: this node's own and those of the others, and the alarms where they do not agree.

use super::{damaged, integer, text};
use crate::chain::Root;
use crate::doors::{NodeId, Row, Store, StoreError};
use insurance::calendar::{Instant, ServiceDate};

fn root(row: &Row) -> Result<Root, StoreError> {
    let wrong = |why: String| damaged("root", why);
    Ok(Root {
        owner: NodeId::try_from(text(row.first(), "root.owner")?).map_err(wrong)?,
        day: text(row.get(1), "root.day")?.parse().map_err(|why| damaged("root.day", why))?,
        serial: integer(row.get(2), "root.serial")?,
        digest: text(row.get(3), "root.digest")?.parse().map_err(wrong)?,
    })
}

/// Keeps a root, unless one of that owner and day is there: a root that is held is never changed.
pub fn root_add(store: &mut dyn Store, root: &Root, at: Instant) -> Result<bool, StoreError> {
    let added = store.execute(
        "insert into root (owner, day, serial, digest, learned_at) values ($1, $2, $3, $4, $5) \
         on conflict (owner, day) do nothing",
        &[
            root.owner.to_string().into(),
            root.day.to_string().into(),
            root.serial.into(),
            root.digest.to_string().into(),
            at.0.into(),
        ],
    )?;
    Ok(added == 1)
}

/// The root of an owner for a day.
pub fn root_of_day(
    store: &mut dyn Store,
    owner: NodeId,
    day: ServiceDate,
) -> Result<Option<Root>, StoreError> {
    let rows = store.query(
        "select owner, day, serial, digest from root where owner = $1 and day = $2",
        &[owner.to_string().into(), day.to_string().into()],
    )?;
    rows.first().map(root).transpose()
}

/// A root of the same owner that cannot be true together with this one: an earlier day that ends at or behind it, or
/// a later day that ends at or before it.
pub fn root_against(store: &mut dyn Store, told: &Root) -> Result<Option<Root>, StoreError> {
    let rows = store.query(
        "select owner, day, serial, digest from root \
         where owner = $1 and ((day < $2 and serial >= $3) or (day > $4 and serial <= $5)) order by day limit 1",
        &[
            told.owner.to_string().into(),
            told.day.to_string().into(),
            told.serial.into(),
            told.day.to_string().into(),
            told.serial.into(),
        ],
    )?;
    rows.first().map(root).transpose()
}

/// The root of an owner for the newest day before this one.
pub fn root_before(
    store: &mut dyn Store,
    owner: NodeId,
    day: ServiceDate,
) -> Result<Option<Root>, StoreError> {
    let rows = store.query(
        "select owner, day, serial, digest from root where owner = $1 and day < $2 order by day desc limit 1",
        &[owner.to_string().into(), day.to_string().into()],
    )?;
    rows.first().map(root).transpose()
}

/// The newest root of an owner.
pub fn root_last(store: &mut dyn Store, owner: NodeId) -> Result<Option<Root>, StoreError> {
    let rows = store.query(
        "select owner, day, serial, digest from root where owner = $1 order by serial desc limit 1",
        &[owner.to_string().into()],
    )?;
    rows.first().map(root).transpose()
}

/// Every root that is held, by owner and day.
pub fn roots(store: &mut dyn Store) -> Result<Vec<Root>, StoreError> {
    let rows = store.query("select owner, day, serial, digest from root order by owner, day", &[])?;
    rows.iter().map(root).collect()
}

/// How many roots are held, and how many of this node's own nobody has confirmed.
pub fn root_counts(store: &mut dyn Store, here: NodeId) -> Result<(i64, i64), StoreError> {
    let held = store.query("select count(*) from root", &[])?;
    let waiting = store.query(
        "select count(*) from root where owner = $1 and confirmed_at is null",
        &[here.to_string().into()],
    )?;
    Ok((
        integer(super::first(held, "root")?.first(), "root")?,
        integer(super::first(waiting, "root")?.first(), "root")?,
    ))
}

/// The hub holds this root of ours.
pub fn root_confirmed(store: &mut dyn Store, root: &Root, at: Instant) -> Result<(), StoreError> {
    store.change(
        "update root set confirmed_at = $1 where owner = $2 and day = $3 and confirmed_at is null",
        &[at.0.into(), root.owner.to_string().into(), root.day.to_string().into()],
    )
}

/// The first journal that no root of this node covers: when it was learnt.
pub fn first_uncovered(store: &mut dyn Store, here: NodeId) -> Result<Option<Instant>, StoreError> {
    let rows = store.query(
        "select learned_at from journal \
         where serial > (select coalesce(max(serial), 0) from root where owner = $1) order by serial limit 1",
        &[here.to_string().into()],
    )?;
    rows.first().map(|row| integer(row.first(), "journal.learned_at").map(Instant)).transpose()
}

/// The last journal behind this number that was learnt before an instant.
pub fn last_learned_before(
    store: &mut dyn Store,
    after: i64,
    before: Instant,
) -> Result<Option<i64>, StoreError> {
    let rows = store.query(
        "select serial from journal where serial > $1 and learned_at < $2 order by serial desc limit 1",
        &[after.into(), before.0.into()],
    )?;
    rows.first().map(|row| integer(row.first(), "journal.serial")).transpose()
}

/// A root that does not agree with what is held here.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RootAlarm {
    /// The root that was told.
    pub told: Root,
    /// By whom.
    pub told_by: NodeId,
    /// What is held instead, in words.
    pub held: String,
    /// When.
    pub at: Instant,
}

/// Keeps an alarm; `false` where it was kept before.
pub fn alarm_add(store: &mut dyn Store, alarm: &RootAlarm) -> Result<bool, StoreError> {
    let added = store.execute(
        "insert into root_alarm (owner, day, serial, digest, told_by, held, learned_at) \
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (owner, day, serial, digest) do nothing",
        &[
            alarm.told.owner.to_string().into(),
            alarm.told.day.to_string().into(),
            alarm.told.serial.into(),
            alarm.told.digest.to_string().into(),
            alarm.told_by.to_string().into(),
            alarm.held.as_str().into(),
            alarm.at.0.into(),
        ],
    )?;
    Ok(added == 1)
}

/// Every alarm, oldest first.
pub fn alarms(store: &mut dyn Store) -> Result<Vec<RootAlarm>, StoreError> {
    let rows = store.query(
        "select owner, day, serial, digest, told_by, held, learned_at from root_alarm \
         order by learned_at, owner, day",
        &[],
    )?;
    rows.iter()
        .map(|row| {
            Ok(RootAlarm {
                told: root(row)?,
                told_by: NodeId::try_from(text(row.get(4), "root_alarm.told_by")?)
                    .map_err(|why| damaged("root_alarm.told_by", why))?,
                held: text(row.get(5), "root_alarm.held")?,
                at: Instant(integer(row.get(6), "root_alarm.learned_at")?),
            })
        })
        .collect()
}
