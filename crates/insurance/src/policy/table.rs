//! Dated values with their document and their mark, and the rule by which one of several rows is chosen:
//! the row in force that says most exactly who is meant.

use crate::calendar::ServiceDate;
use crate::claim::{HospitalLevel, Service};
use crate::filing::Standing;
use crate::identity::DiseaseCode;
use crate::person::{Needy, PersonClass};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// The document that a value stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its name inside its file.
    pub id: String,
    /// Its number or title.
    pub title: String,
    /// Where it was seen.
    pub source: String,
    /// Its day, as far as it is known.
    pub day: String,
}

/// How sure we are of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// `S`: seen in a source
    Seen,
    /// `S-`: seen only in a weak source
    SeenWeakly,
    /// `K`: known to us, the text was not seen
    Known,
    /// `?`: the best guess
    Unsure,
    /// `D`: derived by arithmetic from other marked values
    Derived,
    /// `P`: a choice of this design
    Proposed,
}

impl Mark {
    /// All marks.
    pub const ALL: [Mark; 6] =
        [Mark::Seen, Mark::SeenWeakly, Mark::Known, Mark::Unsure, Mark::Derived, Mark::Proposed];

    /// As it is written in a policy file.
    pub fn as_str(self) -> &'static str {
        match self {
            Mark::Seen => "S",
            Mark::SeenWeakly => "S-",
            Mark::Known => "K",
            Mark::Unsure => "?",
            Mark::Derived => "D",
            Mark::Proposed => "P",
        }
    }

    /// The mark that is written so.
    pub fn of_str(text: &str) -> Option<Mark> {
        Mark::ALL.into_iter().find(|mark| mark.as_str() == text)
    }
}

/// A kind of care, as a row tells it apart; the disease of chronic care stands beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceKind {
    /// 住院
    Inpatient,
    /// 普通门诊
    Outpatient,
    /// 急诊
    EmergencyOutpatient,
    /// 门诊慢特病
    Chronic,
}

impl From<&Service> for ServiceKind {
    fn from(service: &Service) -> ServiceKind {
        match service {
            Service::Inpatient => ServiceKind::Inpatient,
            Service::Outpatient => ServiceKind::Outpatient,
            Service::EmergencyOutpatient => ServiceKind::EmergencyOutpatient,
            Service::Chronic(_) => ServiceKind::Chronic,
        }
    }
}

impl ServiceKind {
    /// As people write it.
    pub fn as_str(self) -> &'static str {
        match self {
            ServiceKind::Inpatient => "inpatient",
            ServiceKind::Outpatient => "outpatient",
            ServiceKind::EmergencyOutpatient => "emergency_outpatient",
            ServiceKind::Chronic => "chronic",
        }
    }
}

/// Whom a row means. What is not said means everyone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// Kinds of care.
    pub services: Option<BTreeSet<ServiceKind>>,
    /// Chronic diseases.
    pub diseases: Option<BTreeSet<DiseaseCode>>,
    /// Levels, after the level map.
    pub levels: Option<BTreeSet<HospitalLevel>>,
    /// Classes of person.
    pub classes: Option<BTreeSet<PersonClass>>,
    /// Terms on which care is settled.
    pub standings: Option<BTreeSet<Standing>>,
    /// Classes of need.
    pub needy: Option<BTreeSet<Needy>>,
    /// Whether the hospital lies in another province.
    pub away: Option<bool>,
    /// From this age in completed years.
    pub age_from: Option<u8>,
    /// To this age in completed years, included.
    pub age_to: Option<u8>,
    /// Retired on this day or later.
    pub retired_from: Option<ServiceDate>,
    /// Retired before this day.
    pub retired_before: Option<ServiceDate>,
}

/// What is asked of a table: one person, one kind of care, one place, one day.
#[derive(Clone, Debug)]
pub struct Query<'a> {
    /// Kind of care.
    pub service: &'a Service,
    /// Level, after the level map.
    pub level: HospitalLevel,
    /// Class of person.
    pub class: PersonClass,
    /// Terms.
    pub standing: Standing,
    /// Class of need.
    pub needy: Option<Needy>,
    /// Whether the hospital lies in another province.
    pub away: bool,
    /// Age in completed years on the day.
    pub age: u8,
    /// Day of retirement, where it is known.
    pub retired_on: Option<ServiceDate>,
    /// The day whose policy applies.
    pub day: ServiceDate,
}

fn admits<T: Ord>(set: Option<&BTreeSet<T>>, value: &T) -> bool {
    set.is_none_or(|set| set.contains(value))
}
fn within<T: Ord>(inner: Option<&BTreeSet<T>>, outer: Option<&BTreeSet<T>>) -> bool {
    match (inner, outer) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(inner), Some(outer)) => inner.is_subset(outer),
    }
}
fn meets<T: Ord>(one: Option<&BTreeSet<T>>, other: Option<&BTreeSet<T>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => !one.is_disjoint(other),
        _ => true,
    }
}

impl Selector {
    /// Whether the row means this case.
    pub fn matches(&self, query: &Query<'_>) -> bool {
        let disease_admitted = match (&self.diseases, query.service) {
            (None, _) => true,
            (Some(diseases), Service::Chronic(disease)) => diseases.contains(disease),
            (Some(_), _) => false,
        };
        disease_admitted
            && admits(self.services.as_ref(), &ServiceKind::from(query.service))
            && admits(self.levels.as_ref(), &query.level)
            && admits(self.classes.as_ref(), &query.class)
            && admits(self.standings.as_ref(), &query.standing)
            && self.needy.as_ref().is_none_or(|set| query.needy.is_some_and(|needy| set.contains(&needy)))
            && self.away.is_none_or(|away| away == query.away)
            && self.age_from.is_none_or(|from| query.age >= from)
            && self.age_to.is_none_or(|to| query.age <= to)
            && self.retired_from.is_none_or(|from| query.retired_on.is_some_and(|day| day >= from))
            && self.retired_before.is_none_or(|before| query.retired_on.is_some_and(|day| day < before))
    }

    /// Whether every case that this row means is also meant by the other.
    pub fn is_within(&self, other: &Selector) -> bool {
        let ages = |who: &Selector| (who.age_from.unwrap_or(0), who.age_to.unwrap_or(u8::MAX));
        let (inner, outer) = (ages(self), ages(other));
        within(self.services.as_ref(), other.services.as_ref())
            && within(self.diseases.as_ref(), other.diseases.as_ref())
            && within(self.levels.as_ref(), other.levels.as_ref())
            && within(self.classes.as_ref(), other.classes.as_ref())
            && within(self.standings.as_ref(), other.standings.as_ref())
            && within(self.needy.as_ref(), other.needy.as_ref())
            && (other.away.is_none() || self.away == other.away)
            && inner.0 >= outer.0
            && inner.1 <= outer.1
            && other.retired_from.is_none_or(|outer| self.retired_from.is_some_and(|inner| inner >= outer))
            && other
                .retired_before
                .is_none_or(|outer| self.retired_before.is_some_and(|inner| inner <= outer))
    }

    /// Whether some case is meant by both.
    pub fn overlaps(&self, other: &Selector) -> bool {
        let ages_meet = self.age_from.unwrap_or(0) <= other.age_to.unwrap_or(u8::MAX)
            && other.age_from.unwrap_or(0) <= self.age_to.unwrap_or(u8::MAX);
        let apart = |from: Option<ServiceDate>, before: Option<ServiceDate>| matches!((from, before), (Some(from), Some(before)) if from >= before);
        meets(self.services.as_ref(), other.services.as_ref())
            && meets(self.diseases.as_ref(), other.diseases.as_ref())
            && meets(self.levels.as_ref(), other.levels.as_ref())
            && meets(self.classes.as_ref(), other.classes.as_ref())
            && meets(self.standings.as_ref(), other.standings.as_ref())
            && meets(self.needy.as_ref(), other.needy.as_ref())
            && !matches!((self.away, other.away), (Some(one), Some(two)) if one != two)
            && ages_meet
            && !apart(self.retired_from, other.retired_before)
            && !apart(other.retired_from, self.retired_before)
    }
}

impl fmt::Display for Selector {
    /// What the row says of whom it means, in the order of its fields; `everyone` where it says nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn names<T: fmt::Debug>(set: Option<&BTreeSet<T>>) -> Option<String> {
            set.map(|set| set.iter().map(|one| format!("{one:?}")).collect::<Vec<_>>().join("/"))
        }
        let parts = [
            names(self.services.as_ref()),
            names(self.diseases.as_ref()),
            names(self.levels.as_ref()),
            names(self.classes.as_ref()),
            names(self.standings.as_ref()),
            names(self.needy.as_ref()),
            self.away.map(|away| if away { "away".into() } else { "at home".into() }),
            self.age_from.map(|age| format!("from age {age}")),
            self.age_to.map(|age| format!("to age {age}")),
            self.retired_from.map(|day| format!("retired from {day}")),
            self.retired_before.map(|day| format!("retired before {day}")),
        ];
        let said: Vec<String> = parts.into_iter().flatten().collect();
        if said.is_empty() { f.write_str("everyone") } else { f.write_str(&said.join(", ")) }
    }
}

/// One value, from one day on, by one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<T> {
    /// Whom it means.
    pub who: Selector,
    /// First service day.
    pub from: ServiceDate,
    /// Last service day, where the document ends by itself.
    pub until: Option<ServiceDate>,
    /// From when we knew it, where that is later than its first day.
    pub known_from: Option<ServiceDate>,
    /// The value.
    pub value: T,
    /// Its document.
    pub document: Arc<Document>,
    /// How sure we are.
    pub mark: Mark,
}

impl<T> Row<T> {
    fn in_force_on(&self, day: ServiceDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

/// A day for which no value is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotKnown {
    /// The table that was asked.
    pub table: &'static str,
    /// The day.
    pub day: ServiceDate,
    /// The first day that is known.
    pub first: ServiceDate,
    /// The last day that is known, where the values end.
    pub last: Option<ServiceDate>,
}

impl fmt::Display for NotKnown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no value of `{}` is known for {}; the first known day is {}",
            self.table, self.day, self.first
        )?;
        self.last.map_or(Ok(()), |last| write!(f, ", the last known day is {last}"))
    }
}

/// What is wrong with a table, found when it is loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("table `{table}`, {at}: {found}; expected {expected}")]
pub struct Fault {
    /// The table.
    pub table: String,
    /// The row, by whom it means and its first day.
    pub at: String,
    /// What is there.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

/// Every row of one subject: the place's own rows, and the national frame for what the place does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table<T> {
    /// Its name, as in the file.
    pub name: &'static str,
    /// Rows of the place.
    pub own: Vec<Row<T>>,
    /// Rows of the national frame, asked where no row of the place means the case.
    pub frame: Vec<Row<T>>,
}

impl<T> Table<T> {
    /// A table without rows.
    pub fn named(name: &'static str) -> Table<T> {
        Table { name, own: Vec::new(), frame: Vec::new() }
    }

    /// The row that decides this case; `None` where no row means it at all.
    ///
    /// # Errors
    /// Rows mean the case, but none is in force on the day.
    pub fn find(&self, query: &Query<'_>) -> Result<Option<&Row<T>>, NotKnown> {
        match self.pick(&self.own, query)? {
            Some(row) => Ok(Some(row)),
            None => self.pick(&self.frame, query),
        }
    }

    fn pick<'a>(&self, rows: &'a [Row<T>], query: &Query<'_>) -> Result<Option<&'a Row<T>>, NotKnown> {
        let meant = || rows.iter().filter(|row| row.who.matches(query));
        let chosen = meant().filter(|row| row.in_force_on(query.day)).reduce(narrower_or_later);
        match (chosen, meant().map(|row| row.from).min()) {
            (None, Some(first)) => {
                let last = meant().filter_map(|row| row.until).max().filter(|_| query.day > first);
                Err(NotKnown { table: self.name, day: query.day, first, last })
            }
            (chosen, _) => Ok(chosen),
        }
    }

    /// Forgets what was learned after this day, so that an old answer can be computed again as it was given.
    pub fn forget_after(&mut self, day: ServiceDate) {
        for rows in [&mut self.own, &mut self.frame] {
            rows.retain(|row| row.known_from.is_none_or(|known| known <= day));
        }
    }

    /// Every pair of rows between which the choice would be a guess, and every gap and overlap in time.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for rows in [&self.own, &self.frame] {
            for (number, row) in rows.iter().enumerate() {
                self.faults_of_row(row, &mut faults);
                for earlier in &rows[..number] {
                    self.faults_of_pair(earlier, row, &mut faults);
                }
            }
            for row in rows {
                self.gap_after(rows, row, &mut faults);
            }
        }
        faults
    }

    fn fault(&self, row: &Row<T>, found: String, expected: &str) -> Fault {
        let at = format!("the row for {} (from {})", row.who, row.from);
        Fault { table: self.name.to_owned(), at, found, expected: expected.to_owned() }
    }

    fn faults_of_row(&self, row: &Row<T>, faults: &mut Vec<Fault>) {
        if let Some(until) = row.until.filter(|until| *until < row.from) {
            let found = format!("until = {until} lies before from = {}", row.from);
            faults.push(self.fault(row, found, "a last day on or after the first"));
        }
    }

    fn faults_of_pair(&self, first: &Row<T>, row: &Row<T>, faults: &mut Vec<Fault>) {
        if first.who == row.who {
            let (earlier, later) = if first.from <= row.from { (first, row) } else { (row, first) };
            let same_start = earlier.from == later.from && earlier.known_from == later.known_from;
            if same_start || earlier.until.is_some_and(|until| until >= later.from) {
                let found = format!("it overlaps the row for {} (from {})", first.who, first.from);
                faults.push(self.fault(row, found, "one value for each day, or another known_from"));
            }
        } else if first.who.overlaps(&row.who)
            && !first.who.is_within(&row.who)
            && !row.who.is_within(&first.who)
        {
            let found = format!("it is ambiguous beside the row for {} (from {})", first.who, first.from);
            faults.push(self.fault(row, found, "that one of two rows which meet is the narrower one"));
        }
    }

    fn gap_after(&self, rows: &[Row<T>], row: &Row<T>, faults: &mut Vec<Fault>) {
        let Some(until) = row.until else { return };
        let later = rows.iter().filter(|other| other.who == row.who && other.from > until);
        if let Some(next) = later.map(|other| other.from).min().filter(|next| *next > until.plus_days(1)) {
            let found = format!("after until = {until} there is a gap before {next}");
            faults.push(self.fault(row, found, "the next value on the day after"));
        }
    }
}

/// Of two rows that mean the same case on the same day: the narrower; of equally narrow ones the later.
fn narrower_or_later<'a, T>(chosen: &'a Row<T>, row: &'a Row<T>) -> &'a Row<T> {
    if chosen.who == row.who {
        let later = (row.from, row.known_from) > (chosen.from, chosen.known_from);
        return if later { row } else { chosen };
    }
    if row.who.is_within(&chosen.who) { row } else { chosen }
}
