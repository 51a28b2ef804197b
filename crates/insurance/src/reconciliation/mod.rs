//! 对账: what each office has of one act is laid side by side, and what differs gets a type and a proposed repair.
//! Pure: who asks whom, when, and who carries a repair out is decided elsewhere.
//!
//! The two principals, treatment place and insured place, decide; the hub only keeps what both have told it. So a
//! repair is automatic in two cases alone: the hub's books follow where both principals agree, and what a treatment
//! place has told its institution not to be settled, or to be taken back, is said again to an insured place where it
//! still stands. Everything else is one decision for a person. (Daily three-way comparison, next day: the national
//! handling rules of direct settlement; the kinds of difference and their repairs are this project's own, mark P.)

use crate::calendar::ServiceDate;
use crate::ledger::{Fund, JournalKind};
use crate::money::Fen;
use crate::settlement::State;
use std::collections::{BTreeMap, BTreeSet};

#[cfg(test)]
mod tables;

/// What kind of difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Kind {
    /// 时间差: still on its way, or booked under another day.
    Timing,
    /// 单边: one side has it, another knows nothing of it.
    Missing,
    /// 金额不符: the same act, other amounts.
    Amount,
    /// 状态不符: it stands at one side, and was taken back, cancelled or refused at another.
    State,
    /// 重复: the same act stands twice.
    Duplicate,
    /// 版本不符: computed by another version of the policy.
    Version,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 6] =
        [Kind::Timing, Kind::Missing, Kind::Amount, Kind::State, Kind::Duplicate, Kind::Version];

    /// The word that stores keep.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Timing => "timing",
            Kind::Missing => "missing",
            Kind::Amount => "amount",
            Kind::State => "state",
            Kind::Duplicate => "duplicate",
            Kind::Version => "version",
        }
    }

    /// Chinese name.
    pub fn zh(self) -> &'static str {
        match self {
            Kind::Timing => "时间差",
            Kind::Missing => "单边账",
            Kind::Amount => "金额不符",
            Kind::State => "状态不符",
            Kind::Duplicate => "重复记账",
            Kind::Version => "政策版本不符",
        }
    }

    /// English name.
    pub fn en(self) -> &'static str {
        match self {
            Kind::Timing => "timing",
            Kind::Missing => "missing at one side",
            Kind::Amount => "other amounts",
            Kind::State => "other states",
            Kind::Duplicate => "booked twice",
            Kind::Version => "other policy versions",
        }
    }

    /// The kind with this word.
    pub fn of_code(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// 三方: the offices that each keep books of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Party {
    /// 就医地: a principal; it has told the institution.
    Treatment,
    /// 国家平台: keeps what both principals have told it.
    Hub,
    /// 参保地: a principal; its funds pay, and it keeps what the person has used.
    Insured,
}

impl Party {
    /// The word that stores keep.
    pub fn code(self) -> &'static str {
        match self {
            Party::Treatment => "treatment",
            Party::Hub => "hub",
            Party::Insured => "insured",
        }
    }

    /// Chinese name.
    pub fn zh(self) -> &'static str {
        match self {
            Party::Treatment => "就医地",
            Party::Hub => "国家平台",
            Party::Insured => "参保地",
        }
    }

    /// English name.
    pub fn en(self) -> &'static str {
        match self {
            Party::Treatment => "treatment place",
            Party::Hub => "hub",
            Party::Insured => "insured place",
        }
    }
}

/// What is paid, by national fund code; nothing that is zero.
pub type Funds = BTreeMap<Fund, Fen>;

/// One act as an office's books have it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Posting {
    /// The number of the journal.
    pub serial: i64,
    /// What it books.
    pub kind: JournalKind,
    /// The day of the act.
    pub day: ServiceDate,
    /// What the funds of the pool owe by it, below zero where it takes back.
    #[cfg_attr(feature = "serde", serde(rename = "funds_fen"))]
    pub funds: Funds,
}

/// What a principal has on record, beside its books.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Recorded {
    /// Where it stands.
    pub state: State,
    /// The day of the act.
    pub day: ServiceDate,
    /// The whole bill.
    #[cfg_attr(feature = "serde", serde(rename = "fee_fen"))]
    pub fee: Fen,
    /// What the funds pay where it stands.
    #[cfg_attr(feature = "serde", serde(rename = "funds_fen"))]
    pub funds: Funds,
    /// The version of the policy that it was computed by.
    pub version: String,
}

/// Everything that one office has of one settlement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Held {
    /// Its record; the hub has none, and a principal that was never asked has none.
    pub recorded: Option<Recorded>,
    /// Its journals, oldest first.
    pub postings: Vec<Posting>,
}

impl Held {
    fn state(&self) -> State {
        self.recorded.as_ref().map_or(State::Absent, |recorded| recorded.state)
    }

    /// Whether the funds owe by the record. What is being taken back still stands, until it is.
    fn stands(&self) -> bool {
        matches!(self.state(), State::Settled | State::Reversing)
    }

    /// What the books should hold by the record.
    fn owed(&self) -> Funds {
        match &self.recorded {
            Some(recorded) if self.stands() => less(&recorded.funds, &Funds::new()),
            _ => Funds::new(),
        }
    }

    /// What the books hold.
    pub fn net(&self) -> Funds {
        net(self.postings.iter())
    }

    /// What the books hold, by the day of the act; nothing that is zero.
    pub fn net_by_day(&self) -> BTreeMap<ServiceDate, Funds> {
        let days: BTreeSet<ServiceDate> = self.postings.iter().map(|act| act.day).collect();
        days.into_iter()
            .map(|day| (day, net(self.postings.iter().filter(|act| act.day == day))))
            .filter(|(_, funds)| !funds.is_empty())
            .collect()
    }

    /// Whether the last act, corrections apart, lets it stand.
    pub fn booked(&self) -> bool {
        let mut acts = self.postings.iter().rev().filter(|act| act.kind != JournalKind::Correction);
        acts.next().is_some_and(|act| act.kind != JournalKind::Reversal)
    }

    /// How often an act follows one of the same direction and no correction has made up for it.
    fn doubles(&self) -> bool {
        let (corrections, acts): (Vec<&Posting>, Vec<&Posting>) =
            self.postings.iter().partition(|act| act.kind == JournalKind::Correction);
        let backwards = |act: &Posting| act.kind == JournalKind::Reversal;
        let repeated = acts.windows(2).filter(|pair| backwards(pair[0]) == backwards(pair[1])).count();
        repeated > corrections.len()
    }
}

fn net<'a>(acts: impl Iterator<Item = &'a Posting>) -> Funds {
    let mut sum = Funds::new();
    for (fund, amount) in acts.flat_map(|act| &act.funds) {
        *sum.entry(*fund).or_default() += *amount;
    }
    sum.retain(|_, amount| !amount.is_zero());
    sum
}

/// What less what, fund by fund; nothing that is zero.
pub fn less(from: &Funds, what: &Funds) -> Funds {
    let mut left = from.clone();
    for (fund, amount) in what {
        *left.entry(*fund).or_default() -= *amount;
    }
    left.retain(|_, amount| !amount.is_zero());
    left
}

/// What a person is asked to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Decision {
    /// 撤销: the settlement is taken back wherever it stands; where care is to be paid it is settled again.
    TakeBack,
    /// 更正: this office's books are brought to what its own record says.
    Correct,
    /// 确认: it is right as it is; no money moves.
    Confirm,
}

impl Decision {
    /// The word that stores and buttons keep.
    pub fn code(self) -> &'static str {
        match self {
            Decision::TakeBack => "take_back",
            Decision::Correct => "correct",
            Decision::Confirm => "confirm",
        }
    }

    /// The decision with this word.
    pub fn of_code(code: &str) -> Option<Decision> {
        [Decision::TakeBack, Decision::Correct, Decision::Confirm].into_iter().find(|one| one.code() == code)
    }
}

/// How a difference is repaired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Repair {
    /// It is being resolved: compared again later.
    Wait,
    /// Both principals agree: the hub books what it lacks. Automatic.
    HubFollows,
    /// The treatment place says again what it has told its institution. Automatic.
    SayAgain,
    /// One decision for a person of this office.
    Decide(Decision, Party),
}

impl Repair {
    /// Who does what, in Chinese.
    pub fn zh(self) -> String {
        match self {
            Repair::Wait => "正在核实,稍后自动再对".to_owned(),
            Repair::HubFollows => "就医地与参保地一致,国家平台自动补记".to_owned(),
            Repair::SayAgain => "就医地已告知机构未结算或已撤销,自动再次通知参保地退回".to_owned(),
            Repair::Decide(Decision::TakeBack, party) => {
                format!("请{}决定:撤销该结算,需要支付的重新结算", party.zh())
            }
            Repair::Decide(Decision::Correct, party) => {
                format!("请{}决定:按本方结算记录更正账目", party.zh())
            }
            Repair::Decide(Decision::Confirm, party) => {
                format!("请{}决定:核对后确认无误,不动资金", party.zh())
            }
        }
    }

    /// Who does what, in English.
    pub fn en(self) -> String {
        match self {
            Repair::Wait => "it is being resolved; compared again by itself".to_owned(),
            Repair::HubFollows => {
                "treatment place and insured place agree; the hub books what it lacks, by itself".to_owned()
            }
            Repair::SayAgain => {
                "the institution was told that it is not settled, or taken back; the treatment place \
                                 tells the insured place again, by itself"
                    .to_owned()
            }
            Repair::Decide(Decision::TakeBack, party) => format!(
                "the {} decides: take the settlement back, and settle again what is to be paid",
                party.en()
            ),
            Repair::Decide(Decision::Correct, party) => {
                format!("the {} decides: bring its books to what its own record says", party.en())
            }
            Repair::Decide(Decision::Confirm, party) => {
                format!("the {} decides: look, and confirm that it is right; no money moves", party.en())
            }
        }
    }

    /// Whether it is carried out without a person.
    pub fn is_automatic(self) -> bool {
        matches!(self, Repair::HubFollows | Repair::SayAgain)
    }
}

/// What differs, where, and how it is repaired.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Difference {
    /// What kind.
    pub kind: Kind,
    /// The office whose side is short, doubled or other.
    pub at: Party,
    /// The proposed repair.
    pub repair: Repair,
}

/// Lays what the three offices hold of one settlement side by side; nothing where they agree.
pub fn compare(treatment: &Held, hub: &Held, insured: &Held) -> Option<Difference> {
    let found = |kind, at, repair| Some(Difference { kind, at, repair });
    if treatment.state().is_open() {
        let even = treatment.net() == insured.net() && hub.net() == insured.net();
        return if even && treatment.stands() == insured.stands() {
            None
        } else {
            found(Kind::Timing, Party::Treatment, Repair::Wait)
        };
    }
    for (party, held) in [(Party::Treatment, treatment), (Party::Insured, insured)] {
        if held.net() != held.owed() {
            let kind = match () {
                () if held.doubles() => Kind::Duplicate,
                () if held.net().is_empty() => Kind::Missing,
                () if held.recorded.is_none() => Kind::Missing,
                () if held.owed().is_empty() => Kind::State,
                () => Kind::Amount,
            };
            return found(kind, party, Repair::Decide(Decision::Correct, party));
        }
    }
    match (treatment.stands(), insured.stands()) {
        (true, false) => {
            let kind = if insured.recorded.is_none() { Kind::Missing } else { Kind::State };
            return found(kind, Party::Insured, Repair::Decide(Decision::TakeBack, Party::Treatment));
        }
        (false, true) => {
            return match treatment.recorded {
                None => {
                    let take_back = Repair::Decide(Decision::TakeBack, Party::Insured);
                    found(Kind::Missing, Party::Treatment, take_back)
                }
                Some(_) => found(Kind::State, Party::Insured, Repair::SayAgain),
            };
        }
        (true, true) => {
            let (here, there) = (treatment.recorded.as_ref()?, insured.recorded.as_ref()?);
            let same_amounts = (here.fee, &here.funds) == (there.fee, &there.funds);
            let take_back = Repair::Decide(Decision::TakeBack, Party::Treatment);
            match (here.version == there.version, same_amounts) {
                (true, true) => {}
                (true, false) => return found(Kind::Amount, Party::Treatment, take_back),
                (false, false) => return found(Kind::Version, Party::Treatment, take_back),
                (false, true) => {
                    let confirm = Repair::Decide(Decision::Confirm, Party::Insured);
                    return found(Kind::Version, Party::Treatment, confirm);
                }
            }
        }
        (false, false) => {}
    }
    // From here on both principals agree; only days and the hub may differ.
    if treatment.net_by_day() != insured.net_by_day() {
        return found(Kind::Timing, Party::Treatment, Repair::Decide(Decision::Confirm, Party::Insured));
    }
    if hub.net_by_day() == insured.net_by_day() {
        return None;
    }
    let kind = match () {
        () if hub.doubles() => Kind::Duplicate,
        () if hub.net() == insured.net() => Kind::Timing,
        () if hub.postings.is_empty() => Kind::Missing,
        () if hub.booked() != insured.stands() => Kind::State,
        () => Kind::Amount,
    };
    found(kind, Party::Hub, Repair::HubFollows)
}

/// What an office that follows another books, day by day, to hold what the other holds: kind, day, amounts.
pub fn follow(behind: &Held, ahead: &Held) -> Vec<(JournalKind, ServiceDate, Funds)> {
    let (here, there) = (behind.net_by_day(), ahead.net_by_day());
    let nothing = Funds::new();
    let days: BTreeSet<ServiceDate> = here.keys().chain(there.keys()).copied().collect();
    let mut lacking: Vec<(JournalKind, ServiceDate, Funds)> = days
        .into_iter()
        .map(|day| {
            let lacks = less(there.get(&day).unwrap_or(&nothing), here.get(&day).unwrap_or(&nothing));
            (JournalKind::Correction, day, lacks)
        })
        .filter(|(_, _, funds)| !funds.is_empty())
        .collect();
    // The last one lets it stand, or takes it back, where it did not: what comes later is booked on top of that.
    if let Some(last) = lacking.last_mut() {
        last.0 = match (ahead.booked(), behind.booked()) {
            (true, false) if behind.postings.is_empty() => JournalKind::Settlement,
            (true, false) => JournalKind::Reinstatement,
            (false, true) => JournalKind::Reversal,
            _ => JournalKind::Correction,
        };
    }
    lacking
}

/// What an office books to bring its books to its own record, and under which day: amounts on either side of zero.
pub fn correction(held: &Held) -> Option<(ServiceDate, Funds)> {
    let funds = less(&held.owed(), &held.net());
    if funds.is_empty() {
        return None;
    }
    let backwards = |act: &Posting| act.kind == JournalKind::Reversal;
    let repeated = held.postings.windows(2).find(|pair| backwards(&pair[0]) == backwards(&pair[1]));
    let day = match (repeated, held.postings.last(), &held.recorded) {
        (Some(pair), _, _) => pair[1].day,
        (None, Some(last), _) => last.day,
        (None, None, Some(recorded)) => recorded.day,
        (None, None, None) => return None,
    };
    Some((day, funds))
}
