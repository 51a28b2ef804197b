//! 对账单: what an institution has of its settlements, laid beside what the agency has, line by line. Pure: lines and
//! entries go in, each comes out with one verdict: who has it, what kind of difference, and why.

use crate::calendar::{Instant, ServiceDate};
use crate::identity::{PersonNo, Region, SettlementId, VisitId};
use crate::money::Fen;
use crate::person::Insurance;
use crate::reconciliation::Kind;
use crate::settlement::State;
use std::collections::BTreeMap;
use std::iter::Sum;
use std::ops::Add;

#[cfg(test)]
mod tables;

/// The amounts that are compared; below zero for a taking back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// 医疗费总额
    pub fee: Fen,
    /// 基金支付总额
    pub fund: Fen,
    /// 个人账户支付金额
    pub account: Fen,
    /// 现金支付金额
    pub cash: Fen,
}

impl Add for Amounts {
    type Output = Amounts;
    fn add(self, other: Amounts) -> Amounts {
        Amounts {
            fee: self.fee + other.fee,
            fund: self.fund + other.fund,
            account: self.account + other.account,
            cash: self.cash + other.cash,
        }
    }
}
impl Sum for Amounts {
    fn sum<I: Iterator<Item = Amounts>>(amounts: I) -> Amounts {
        amounts.fold(Amounts::default(), Add::add)
    }
}

/// 总账: how many, and how much together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// 结算笔数
    pub count: i64,
    /// The sums.
    pub amounts: Amounts,
}

impl Totals {
    /// With one more.
    pub fn with(self, amounts: Amounts) -> Totals {
        Totals { count: self.count + 1, amounts: self.amounts + amounts }
    }
}

/// The other half of a settlement that was taken back, or of the record that took one back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Half {
    /// Its number.
    pub settlement: SettlementId,
    /// Where it stands.
    pub state: State,
    /// The day on which it was booked.
    pub day: Option<ServiceDate>,
    /// The message that made it.
    pub message: String,
    /// Whether that message undid another message (2601), so that the institution never heard of this half.
    pub undoes: bool,
}

/// A settlement, or the record that takes one back, as the agency has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// 结算ID
    pub settlement: SettlementId,
    /// 就诊ID
    pub visit: VisitId,
    /// Where the person is insured.
    pub pool: Region,
    /// 人员编号
    pub person: PersonNo,
    /// 发送方报文ID of the message that made it.
    pub message: String,
    /// The transaction of that message.
    pub transaction: String,
    /// Whether that message undid another message (2601).
    pub undoes: bool,
    /// Whether it takes another settlement back.
    pub takes_back: bool,
    /// Where it stands.
    pub state: State,
    /// 结算时间: when it was booked; none where it never was.
    pub booked: Option<Instant>,
    /// Outpatient or inpatient.
    pub inpatient: bool,
    /// 险种
    pub insurance: Insurance,
    /// What was booked.
    pub amounts: Amounts,
    /// What it takes back, or by what it is taken back.
    pub other: Option<Half>,
}

impl Entry {
    /// 结算日期: the official day of its settlement.
    pub fn day(&self) -> Option<ServiceDate> {
        self.booked.map(Instant::day)
    }

    /// Whether it is part of what is compared: booked, and not made good again.
    pub fn counts(&self) -> bool {
        let booked = match self.takes_back {
            false => {
                matches!(self.state, State::Settled | State::Reversing | State::Reversed | State::Reinstating)
            }
            true => self.state == State::Settled,
        };
        booked && self.booked.is_some() && !self.undone_within_the_day() && !self.ended_by_decision()
    }

    /// A message that was undone (2601) on the day of its settlement is as if it had never been; days that are over
    /// stay as they were, so an undoing on a later day counts there.
    fn undone_within_the_day(&self) -> bool {
        let Some(other) = &self.other else { return false };
        let undone = match self.takes_back {
            true => self.undoes,
            false => other.undoes && other.state == State::Settled,
        };
        undone && other.day == self.day()
    }

    /// Taken back without a record of its own: after a comparison between offices a person decided so.
    fn ended_by_decision(&self) -> bool {
        !self.takes_back && self.state == State::Reversed && self.other.is_none()
    }

    /// Whether its taking back, or its making good, is under way.
    fn is_moving(&self) -> bool {
        self.state.is_open()
    }
}

/// What one statement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// First day of settlement.
    pub from: ServiceDate,
    /// Last day of settlement.
    pub to: ServiceDate,
    /// Outpatient or inpatient; both where it is not told.
    pub inpatient: Option<bool>,
    /// Whether takings back count.
    pub refunds: bool,
}

impl Scope {
    /// Whether an entry that counts belongs to it.
    pub fn holds(&self, entry: &Entry) -> bool {
        entry.counts()
            && entry.day().is_some_and(|day| (self.from..=self.to).contains(&day))
            && self.inpatient.is_none_or(|inpatient| inpatient == entry.inpatient)
            && (self.refunds || !entry.takes_back)
    }
}

/// One line of the institution's file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Its number in the file, beginning at 1.
    pub number: usize,
    /// 结算ID; empty where the institution has none and names its message.
    pub settlement: String,
    /// 就诊ID
    pub visit: String,
    /// 人员编号
    pub person: String,
    /// 发送方报文ID, or empty.
    pub message: String,
    /// What the institution has; no cash.
    pub amounts: Amounts,
    /// 退费结算标志, where it is told.
    pub refund: Option<bool>,
}

impl Line {
    /// Whether it takes back: as flagged, else by its sign.
    pub fn is_refund(&self) -> bool {
        self.refund.unwrap_or(self.amounts.fee < Fen::ZERO)
    }
}

/// Who has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// 平
    Both,
    /// 中心多
    Agency,
    /// 医药机构多
    Institution,
    /// 数据不一致
    Differ,
}

/// A figure that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// 医疗费总额
    Fee,
    /// 基金支付总额
    Fund,
    /// 个人账户支付金额
    Account,
}

/// Why a line or an entry is judged so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The same on both sides.
    Same,
    /// The same on both sides, while its taking back, or making good, is under way.
    SameForNow(State),
    /// Other amounts: which, the agency's, the institution's.
    OtherAmounts(Vec<(Figure, Fen, Fen)>),
    /// The number is that of another person or visit.
    OtherPerson,
    /// The agency has booked it, and the institution does not list it.
    NotListed,
    /// The agency has taken it back, and the institution does not list that: what was taken back.
    TakenBackHere(Option<SettlementId>),
    /// The institution has taken it back, and here it stands.
    TakenBackThere,
    /// Nothing of this number is known here.
    Unknown,
    /// It was refused or cancelled: nothing is booked.
    NotBooked(State),
    /// Its end is not known yet.
    BeingResolved(State),
    /// It is booked under another day.
    OtherDay(ServiceDate),
    /// It is an outpatient settlement on an inpatient statement, or the reverse.
    OtherClass,
    /// Its message was undone (2601), on this day where it was another than that of the settlement.
    Undone(Option<ServiceDate>),
    /// The taking back was itself undone (2601): the settlement stands.
    StandsAgain,
    /// It was taken back because a person decided so, after the offices had compared their books.
    EndedByDecision,
    /// This line stands twice in the file; the other is this.
    Twice(usize),
}

impl Why {
    /// Who has it, and what kind of difference that is.
    pub fn verdict(&self, listed: bool) -> (Side, Option<Kind>) {
        let only = if listed { Side::Institution } else { Side::Agency };
        match self {
            Why::Same | Why::SameForNow(_) => (Side::Both, None),
            Why::OtherAmounts(_) => (Side::Differ, Some(Kind::Amount)),
            Why::OtherPerson | Why::OtherClass => (Side::Differ, Some(Kind::State)),
            Why::OtherDay(_) => (Side::Differ, Some(Kind::Timing)),
            Why::BeingResolved(_) if listed => (Side::Differ, Some(Kind::Timing)),
            Why::BeingResolved(_) => (Side::Agency, Some(Kind::Timing)),
            Why::NotListed | Why::Unknown => (only, Some(Kind::Missing)),
            Why::TakenBackHere(_)
            | Why::TakenBackThere
            | Why::NotBooked(_)
            | Why::Undone(_)
            | Why::EndedByDecision
            | Why::StandsAgain => (only, Some(Kind::State)),
            Why::Twice(_) => (Side::Institution, Some(Kind::Duplicate)),
        }
    }
}

/// A line with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The line.
    pub line: Line,
    /// Why.
    pub why: Why,
    /// What the agency has under its number, where it has something.
    pub entry: Option<Entry>,
}

/// How a line is looked up: by number, or by message where it has none, and whether it takes back.
type Key = (String, bool);

/// The lines of one file, waiting for the entries of the agency.
pub struct Comparison {
    scope: Scope,
    lines: Vec<Line>,
    judged: Vec<Option<(Why, Option<Entry>)>>,
    by_number: BTreeMap<Key, Vec<usize>>,
    by_message: BTreeMap<Key, Vec<usize>>,
}

impl Comparison {
    /// Begins with every line of the file.
    pub fn new(scope: Scope, lines: Vec<Line>) -> Comparison {
        let mut by_number: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
        let mut by_message: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
        for (place, line) in lines.iter().enumerate() {
            let (index, name) = match line.settlement.is_empty() {
                true => (&mut by_message, &line.message),
                false => (&mut by_number, &line.settlement),
            };
            index.entry((name.clone(), line.is_refund())).or_default().push(place);
        }
        let judged = vec![None; lines.len()];
        Comparison { scope, lines, judged, by_number, by_message }
    }

    /// Lays one entry of the scope beside the lines. Gives why, where the institution does not list it.
    pub fn entry(&mut self, entry: &Entry) -> Option<Why> {
        let places = self.lines_of(entry);
        let same = places.iter().copied().find(|place| difference(entry, &self.lines[*place]).is_none());
        let Some(chosen) = same.or(places.first().copied()) else { return Some(not_listed(entry)) };
        let why = difference(entry, &self.lines[chosen]).unwrap_or(match entry.is_moving() {
            true => Why::SameForNow(entry.state),
            false => Why::Same,
        });
        self.judged[chosen] = Some((why, Some(entry.clone())));
        for other in places.into_iter().filter(|place| *place != chosen) {
            self.judged[other] = Some((Why::Twice(self.lines[chosen].number), Some(entry.clone())));
        }
        None
    }

    /// The lines that name this entry and are not judged yet.
    fn lines_of(&self, entry: &Entry) -> Vec<usize> {
        let number = entry.settlement.as_str();
        let mut keys = vec![(&self.by_number, number, entry.takes_back)];
        if entry.takes_back {
            // Some software lists a taking back without the flag, or under the number of what it takes back.
            keys.push((&self.by_number, number, false));
            keys.extend(entry.other.iter().map(|other| (&self.by_number, other.settlement.as_str(), true)));
        }
        keys.push((&self.by_message, entry.message.as_str(), entry.takes_back));
        let found = keys.into_iter().find_map(|(index, name, refund)| {
            let places = index.get(&(name.to_owned(), refund))?;
            let free = places.iter().copied().filter(|place| self.judged[*place].is_none());
            Some(free.collect::<Vec<_>>()).filter(|free| !free.is_empty())
        });
        found.unwrap_or_default()
    }

    /// The next line that no entry of the scope explains, after this place; the first where none is given.
    pub fn unexplained(&self, after: Option<usize>) -> Option<(usize, &Line)> {
        let from = after.map_or(0, |place| place + 1);
        (from..self.lines.len())
            .find(|place| self.judged[*place].is_none())
            .map(|place| (place, &self.lines[place]))
    }

    /// Judges such a line by what the agency has under its number, or by its message, anywhere outside the scope.
    pub fn explain(&mut self, place: usize, found: Option<Entry>) {
        let line = &self.lines[place];
        let key = (line.settlement.clone(), line.is_refund());
        let same = if line.settlement.is_empty() {
            self.by_message.get(&(line.message.clone(), line.is_refund()))
        } else {
            self.by_number.get(&key)
        };
        let first = same.and_then(|places| places.first()).copied().filter(|first| *first < place);
        let why = match (first, &found) {
            (Some(first), _) => Why::Twice(self.lines[first].number),
            (None, None) => Why::Unknown,
            (None, Some(entry)) => self.outside(line, entry),
        };
        self.judged[place] = Some((why, found));
    }

    /// Why a line has no entry in the scope, although its number is known.
    fn outside(&self, line: &Line, entry: &Entry) -> Why {
        if line.is_refund() && !entry.takes_back {
            return self.refund_of(entry);
        }
        match entry.state {
            _ if entry.undone_within_the_day() => Why::Undone(None),
            _ if entry.ended_by_decision() => Why::EndedByDecision,
            State::Reversed if entry.takes_back => Why::StandsAgain,
            State::Refused | State::Cancelled | State::Absent => Why::NotBooked(entry.state),
            State::Asked | State::Cancelling => Why::BeingResolved(entry.state),
            _ => match entry.day() {
                Some(day) if !(self.scope.from..=self.scope.to).contains(&day) => Why::OtherDay(day),
                _ if self.scope.inpatient.is_some_and(|inpatient| inpatient != entry.inpatient) => {
                    Why::OtherClass
                }
                // It was matched by another line.
                _ => Why::Twice(self.line_of(entry).unwrap_or(line.number)),
            },
        }
    }

    fn refund_of(&self, entry: &Entry) -> Why {
        match (entry.state, &entry.other) {
            (State::Settled, _) => Why::TakenBackThere,
            (state, _) if state.is_open() => Why::BeingResolved(state),
            (State::Reversed, Some(back)) => match back.day {
                _ if entry.undone_within_the_day() => Why::Undone(None),
                Some(day) if !(self.scope.from..=self.scope.to).contains(&day) => Why::OtherDay(day),
                _ => Why::Twice(self.line_numbered(back.settlement.as_str()).unwrap_or_default()),
            },
            (state, _) => Why::NotBooked(state),
        }
    }

    fn line_of(&self, entry: &Entry) -> Option<usize> {
        self.line_numbered(entry.settlement.as_str())
    }

    /// The number of the line that was judged by this entry.
    fn line_numbered(&self, settlement: &str) -> Option<usize> {
        let by = |judged: &Option<(Why, Option<Entry>)>| {
            let entry = judged.as_ref().and_then(|(_, entry)| entry.as_ref());
            entry.is_some_and(|entry| entry.settlement.as_str() == settlement)
        };
        self.judged.iter().position(by).map(|place| self.lines[place].number)
    }

    /// Every line with its verdict, in the order of the file.
    ///
    /// # Panics
    /// Where a line was left unexplained: that can only be a bug.
    pub fn judged(self) -> impl Iterator<Item = Judged> {
        self.lines.into_iter().zip(self.judged).map(|(line, judged)| {
            let (why, entry) = judged.expect("every line was explained");
            Judged { line, why, entry }
        })
    }
}

/// In what a line differs from the entry that it names.
fn difference(entry: &Entry, line: &Line) -> Option<Why> {
    let (ours, theirs) = (entry.amounts, line.amounts);
    let figures = [
        (Figure::Fee, ours.fee, theirs.fee),
        (Figure::Fund, ours.fund, theirs.fund),
        (Figure::Account, ours.account, theirs.account),
    ];
    let other: Vec<_> = figures.into_iter().filter(|(_, ours, theirs)| ours != theirs).collect();
    let names = |told: &str, ours: &str| told.is_empty() || told == ours;
    if !other.is_empty() {
        Some(Why::OtherAmounts(other))
    } else if !names(&line.person, entry.person.as_str()) || !names(&line.visit, entry.visit.as_str()) {
        Some(Why::OtherPerson)
    } else {
        None
    }
}

/// Why an entry that the institution does not list is here.
fn not_listed(entry: &Entry) -> Why {
    match &entry.other {
        _ if entry.is_moving() => Why::BeingResolved(entry.state),
        Some(_) if entry.undoes => Why::Undone(entry.day()),
        Some(other) if entry.takes_back => Why::TakenBackHere(Some(other.settlement.clone())),
        Some(other) if other.undoes && other.state == State::Settled => Why::Undone(other.day),
        None if entry.takes_back => Why::TakenBackHere(None),
        _ => Why::NotListed,
    }
}
