//! 结算: the life of one settlement. One table holds every change of state; nothing changes a state except
//! through it. Both offices use the same words: the treatment node walks the whole table, the insured node the
//! part that is its own.

/// Where a settlement stands. Operators see these; partners see [`Outer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum State {
    /// Nothing is known of the key.
    Absent,
    /// The intent is written and the insured place is asked.
    Asked,
    /// Booked: the money is owed.
    Settled,
    /// The insured place said no, or was never reached: nothing was booked anywhere.
    Refused,
    /// No answer came in time: the insured place is being told to forget or to reverse.
    Cancelling,
    /// Both sides know that there is no such settlement.
    Cancelled,
    /// The institution asked to cancel a settlement, and the insured place is told.
    Reversing,
    /// The settlement was taken back by a record of its own.
    Reversed,
    /// The taking back is itself being taken back.
    Reinstating,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Event {
    /// The treatment node wrote down what it is about to ask.
    SettlementIntended,
    /// The insured place booked it.
    SettlementBooked,
    /// The insured place refused it.
    SettlementRefused,
    /// The question never left: the next node could not be reached.
    QuestionNeverSent,
    /// The time for an answer ran out.
    AnswerOverdue,
    /// Cancelled by the institution (2601) before an answer came.
    CancelRequested,
    /// The insured place confirmed that the key will never be booked.
    CancelConfirmed,
    /// A cancel arrived at the insured place before, or instead of, the settlement.
    CancelledUnseen,
    /// The institution asked to take the settlement back.
    ReversalIntended,
    /// The reversal is booked.
    ReversalBooked,
    /// The reversal was refused.
    ReversalRefused,
    /// The institution asked to take the reversal back (2601 of 2208 or 2305).
    ReinstatementIntended,
    /// The settlement stands again.
    ReinstatementBooked,
    /// It cannot stand again.
    ReinstatementRefused,
}

impl Event {
    /// All of them.
    pub const ALL: [Event; 14] = [
        Event::SettlementIntended,
        Event::SettlementBooked,
        Event::SettlementRefused,
        Event::QuestionNeverSent,
        Event::AnswerOverdue,
        Event::CancelRequested,
        Event::CancelConfirmed,
        Event::CancelledUnseen,
        Event::ReversalIntended,
        Event::ReversalBooked,
        Event::ReversalRefused,
        Event::ReinstatementIntended,
        Event::ReinstatementBooked,
        Event::ReinstatementRefused,
    ];

    /// The word that stores keep, and one sentence in Chinese and in English.
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Event::SettlementIntended => (
                "settlement_intended",
                "就医地写下结算意图,随后询问参保地",
                "the treatment place wrote down what it is about to ask",
            ),
            Event::SettlementBooked => ("settlement_booked", "结算已记账", "the settlement was booked"),
            Event::SettlementRefused => (
                "settlement_refused",
                "参保地不予结算,未记账",
                "the insured place refused it; nothing was booked",
            ),
            Event::QuestionNeverSent => (
                "question_never_sent",
                "问题确未发出,如同没有问过",
                "the question certainly never left; it is as if nobody had asked",
            ),
            Event::AnswerOverdue => (
                "answer_overdue",
                "应答逾期,就医地不猜测,要求参保地取消",
                "no answer came in time; nobody guesses, the insured place is told to cancel",
            ),
            Event::CancelRequested => (
                "cancel_requested",
                "应答之前被要求取消,告知参保地",
                "it was to be cancelled before an answer came; the insured place is told",
            ),
            Event::CancelConfirmed => (
                "cancel_confirmed",
                "参保地确认:这笔结算不会记账",
                "the insured place confirmed that it will never be booked",
            ),
            Event::CancelledUnseen => (
                "cancelled_unseen",
                "取消先于结算到达,迟到的结算不再受理",
                "the cancellation came before the settlement, which is refused should it still come",
            ),
            Event::ReversalIntended => (
                "reversal_intended",
                "机构要求撤销,告知参保地",
                "the institution asked to take it back; the insured place is told",
            ),
            Event::ReversalBooked => (
                "reversal_booked",
                "撤销已记账,待遇累计原样退回",
                "the reversal was booked; what had been used was given back exactly",
            ),
            Event::ReversalRefused => (
                "reversal_refused",
                "参保地不予撤销,结算仍然有效",
                "the reversal was refused; the settlement stands",
            ),
            Event::ReinstatementIntended => (
                "reinstatement_intended",
                "机构要求取消撤销,告知参保地",
                "the institution asked to undo the reversal; the insured place is told",
            ),
            Event::ReinstatementBooked => {
                ("reinstatement_booked", "撤销已取消,结算重新有效", "the settlement stands again")
            }
            Event::ReinstatementRefused => {
                ("reinstatement_refused", "不能恢复,维持撤销", "it cannot stand again; it stays taken back")
            }
        }
    }

    /// The word that stores keep.
    pub fn code(self) -> &'static str {
        self.words().0
    }

    /// One sentence in Chinese.
    pub fn zh(self) -> &'static str {
        self.words().1
    }

    /// One sentence in English.
    pub fn en(self) -> &'static str {
        self.words().2
    }

    /// The event with this word.
    pub fn of_code(code: &str) -> Option<Event> {
        Event::ALL.into_iter().find(|event| event.code() == code)
    }
}

/// Every change that is allowed: from, event, to.
pub const TABLE: &[(State, Event, State)] = &[
    (State::Absent, Event::SettlementIntended, State::Asked),
    (State::Absent, Event::SettlementBooked, State::Settled),
    (State::Absent, Event::CancelledUnseen, State::Cancelled),
    (State::Asked, Event::SettlementBooked, State::Settled),
    (State::Asked, Event::SettlementRefused, State::Refused),
    (State::Asked, Event::QuestionNeverSent, State::Refused),
    (State::Asked, Event::AnswerOverdue, State::Cancelling),
    (State::Asked, Event::CancelRequested, State::Cancelling),
    (State::Cancelling, Event::CancelConfirmed, State::Cancelled),
    (State::Settled, Event::ReversalIntended, State::Reversing),
    (State::Settled, Event::ReversalBooked, State::Reversed),
    (State::Reversing, Event::ReversalBooked, State::Reversed),
    (State::Reversing, Event::ReversalRefused, State::Settled),
    (State::Reversing, Event::QuestionNeverSent, State::Settled),
    (State::Reversed, Event::ReinstatementIntended, State::Reinstating),
    (State::Reversed, Event::ReinstatementBooked, State::Settled),
    (State::Reinstating, Event::ReinstatementBooked, State::Settled),
    (State::Reinstating, Event::ReinstatementRefused, State::Reversed),
    (State::Reinstating, Event::QuestionNeverSent, State::Reversed),
];

/// A change that the table does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("failed to change a settlement: {event:?} cannot follow {from:?}")]
pub struct NoSuchChange {
    /// Where it stood.
    pub from: State,
    /// What happened.
    pub event: Event,
}

impl State {
    /// Where the settlement stands after this event.
    pub fn after(self, event: Event) -> Result<State, NoSuchChange> {
        TABLE
            .iter()
            .find(|(from, by, _)| *from == self && *by == event)
            .map(|(_, _, to)| *to)
            .ok_or(NoSuchChange { from: self, event })
    }

    /// The word that stores and logs keep.
    pub fn code(self) -> &'static str {
        match self {
            State::Absent => "absent",
            State::Asked => "asked",
            State::Settled => "settled",
            State::Refused => "refused",
            State::Cancelling => "cancelling",
            State::Cancelled => "cancelled",
            State::Reversing => "reversing",
            State::Reversed => "reversed",
            State::Reinstating => "reinstating",
        }
    }

    /// The state with this word.
    pub fn of_code(code: &str) -> Option<State> {
        [
            State::Absent,
            State::Asked,
            State::Settled,
            State::Refused,
            State::Cancelling,
            State::Cancelled,
            State::Reversing,
            State::Reversed,
            State::Reinstating,
        ]
        .into_iter()
        .find(|state| state.code() == code)
    }

    /// 中文, for texts.
    pub fn zh(self) -> &'static str {
        match self {
            State::Absent => "无此结算",
            State::Asked => "已提交",
            State::Settled => "已结算",
            State::Refused => "未受理",
            State::Cancelling => "取消中",
            State::Cancelled => "已取消",
            State::Reversing => "撤销中",
            State::Reversed => "已撤销",
            State::Reinstating => "恢复中",
        }
    }

    /// English, for texts.
    pub fn en(self) -> &'static str {
        match self {
            State::Absent => "absent",
            State::Asked => "asked",
            State::Settled => "settled",
            State::Refused => "refused",
            State::Cancelling => "being cancelled",
            State::Cancelled => "cancelled",
            State::Reversing => "being reversed",
            State::Reversed => "reversed",
            State::Reinstating => "being reinstated",
        }
    }

    /// What it means, who acts and what to do, for operators: Chinese and English.
    pub fn advice(self) -> (&'static str, &'static str) {
        match self {
            State::Absent => ("没有这笔结算,无需处理", "there is no such settlement; nothing to do"),
            State::Asked => (
                "就医地已问,等参保地应答;到时自动核实或取消,请等待",
                "the treatment place has asked and waits for the insured place; the clock decides, please wait",
            ),
            State::Settled => ("已结算,无需处理", "settled; nothing to do"),
            State::Refused => (
                "未受理,各方均未记账;按拒绝原因改正后重新结算",
                "not accepted, nothing is booked anywhere; cure the reason and settle again",
            ),
            State::Cancelling => (
                "就医地正要求参保地取消,直到对方确认;不会记账,机构无需重复操作,确认后可重新结算",
                "the insured place is being told to cancel until it confirms; it will not be booked; once confirmed, \
                 settle again",
            ),
            State::Cancelled => {
                ("已取消,各方均未记账;可重新结算", "cancelled, nothing is booked; settle again")
            }
            State::Reversing => (
                "就医地正要求参保地撤销,直到办成;机构以同一msgid再问即可得到结果",
                "the insured place is being told to take it back until it has; ask again with the same msgid",
            ),
            State::Reversed => (
                "已撤销,双方账目冲平;可重新结算",
                "taken back, the books are even; settle again where care is to be paid",
            ),
            State::Reinstating => (
                "就医地正要求参保地恢复结算,直到办成;机构以同一msgid再问即可得到结果",
                "the insured place is being told to let it stand again until it does; ask again with the same msgid",
            ),
        }
    }

    /// What partners see.
    pub fn outer(self) -> Outer {
        match self {
            State::Settled => Outer::Settled,
            State::Reversed => Outer::Reversed,
            State::Absent | State::Refused | State::Cancelled => Outer::NotSettled,
            State::Asked | State::Cancelling | State::Reversing | State::Reinstating => Outer::InProgress,
        }
    }

    /// Whether both sides may still move.
    pub fn is_open(self) -> bool {
        self.outer() == Outer::InProgress
    }
}

/// The few states that partners see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Outer {
    /// Being worked on; ask again.
    InProgress,
    /// Settled: the fund owes, the person has paid their share.
    Settled,
    /// Not settled: nothing was booked.
    NotSettled,
    /// Settled and taken back.
    Reversed,
}

impl Outer {
    /// One sentence in Chinese.
    pub fn zh(self) -> &'static str {
        match self {
            Outer::InProgress => "正在核实,请稍后查询,无需重复操作",
            Outer::Settled => "已结算,基金已记账",
            Outer::NotSettled => "未结算,任何一方均未记账",
            Outer::Reversed => "已结算并已撤销,双方账目已冲平",
        }
    }

    /// One sentence in English.
    pub fn en(self) -> &'static str {
        match self {
            Outer::InProgress => "being resolved; ask again, nothing to repeat",
            Outer::Settled => "settled and booked",
            Outer::NotSettled => "not settled; nothing was booked on any side",
            Outer::Reversed => "settled and taken back; the books are even",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_table_is_a_function_and_every_open_state_has_a_way_out() {
        let mut seen = BTreeSet::new();
        for (from, event, _) in TABLE {
            assert!(seen.insert((*from, *event)), "{from:?} by {event:?} stands twice");
        }
        for (_, _, state) in TABLE {
            let leads_on = TABLE.iter().any(|(from, _, to)| from == state && !to.is_open());
            assert!(!state.is_open() || leads_on, "{state:?} never ends");
            assert_eq!(State::of_code(state.code()), Some(*state));
        }
    }

    #[test]
    fn every_event_of_the_table_has_a_word_of_its_own() {
        for (_, event, _) in TABLE {
            assert_eq!(Event::of_code(event.code()), Some(*event));
        }
        let words: BTreeSet<&str> = Event::ALL.iter().map(|event| event.code()).collect();
        assert_eq!(words.len(), Event::ALL.len());
    }

    #[test]
    fn what_was_refused_or_cancelled_never_becomes_a_charge() {
        for end in [State::Refused, State::Cancelled] {
            assert!(TABLE.iter().all(|(from, _, _)| *from != end), "{end:?} is an end");
        }
        assert!(State::Cancelling.after(Event::SettlementBooked).is_err());
    }
}
