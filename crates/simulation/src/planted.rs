//! Deliberate bugs, switched on one at a time behind the doors, so that the net is known to hold: each must be caught.
//! The shipped code has no switch for them.

use crate::platter::{Level, Lie};
use platform::doors::Cell;
use std::borrow::Cow;

macro_rules! bugs {
    ($($name:ident $word:literal $says:literal;)*) => {
        /// One deliberate bug.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Bug { $(#[doc = $says] $name),* }

        impl Bug {
            /// All of them.
            pub const ALL: &[Bug] = &[$(Bug::$name),*];

            /// The word on the command line.
            pub fn word(self) -> &'static str {
                match self { $(Bug::$name => $word),* }
            }

            /// What it does.
            pub fn says(self) -> &'static str {
                match self { $(Bug::$name => $says),* }
            }
        }
    };
}

bugs! {
    LettersActTwice "letters-act-twice" "a letter that arrives again is acted on as if it were new";
    MessagesActTwice "messages-act-twice" "a message that comes again is not recognised";
    AnswersBeforeTheFlush "answers-before-the-flush" "answers leave before the disk has flushed";
    ForgetsTheOutbox "forgets-the-outbox" "every seventh letter is not written into the outbox";
    ForgetsDeliveries "forgets-deliveries" "a delivered letter is deleted although it was not committed by the peer";
    AccumulatorsTwice "accumulators-twice" "every fifth accumulator step is added twice";
    AccumulatorsNever "accumulators-never" "every fifth accumulator step is forgotten";
    AccountNever "account-never" "what the personal account pays is not taken from it";
    BalanceDrifts "balance-drifts" "every ninth entry does not reach its balance";
    EntryMissing "entry-missing" "every ninth entry of the books is not written";
    BookedStateForgotten "booked-state-forgotten" "the insured place books and forgets that it did";
    SettlementStateForgotten "settlement-state-forgotten" "the treatment place forgets every fourth change of a settlement";
    CancelWithoutReversal "cancel-without-reversal" "a settlement is taken back in the books and still stands where it is insured";
    AnswerForgotten "answer-forgotten" "every fifth answer is given and not kept";
    QuestionsForgotten "questions-forgotten" "every fifth question is asked and not noted";
    LinesFreed "lines-freed" "fee lines are never bound to their settlement";
    ReversalWithoutMark "reversal-without-mark" "2601 undoes a message and does not mark it";
    ChainSkipped "chain-skipped" "every third journal is stored without moving the head of the chain";
    JournalRetouched "journal-retouched" "a journal is stored with another instant than it was chained with";
    MonthDrifts "month-drifts" "every ninth amount does not reach the balance of its month";
    RootsForgotten "roots-forgotten" "every third root that is told is not kept";
    RootsRetouched "roots-retouched" "a root is kept with the number of the journal before it";
    ResolverSleeps "resolver-sleeps" "questions whose answer is lost are never asked again";
    StateMovesUnseen "state-moves-unseen" "every sixth change of a state is not written down as an event";
    ClockNeverStarts "clock-never-starts" "every fourth settlement whose end is not known has no clock";
    DirectoryLost "directory-lost" "the hub hears who is insured and forgets it";
    NothingFlushed "nothing-flushed" "the engine is set up to answer before anything is flushed";
    LogFlushedLate "log-flushed-late" "the engine is set up to flush its log before it is emptied, not at every commit";
    LogNeverFlushed "log-never-flushed" "a flush of the log is told and never done";
    FileNeverFlushed "file-never-flushed" "a flush of the database file is told and never done";
    FlushErrorHidden "flush-error-hidden" "a flush that fails is told as one that succeeds";
    CommitErrorIgnored "commit-error-ignored" "a commit that fails is taken for done";
}

impl Bug {
    /// The level of disk on which it can be seen: most on the fast one, what concerns flushes on the other.
    pub fn seen_on(self) -> Level {
        match self {
            Bug::NothingFlushed
            | Bug::LogFlushedLate
            | Bug::LogNeverFlushed
            | Bug::FileNeverFlushed
            | Bug::FlushErrorHidden
            | Bug::CommitErrorIgnored => Level::Sectors,
            _ => Level::Transactions,
        }
    }

    /// The bug with this word.
    pub fn of_word(word: &str) -> Option<Bug> {
        Bug::ALL.iter().copied().find(|bug| bug.word() == word)
    }
}

/// A bug at work behind one disk.
#[derive(Clone, Debug)]
pub struct Planted {
    bug: Bug,
    seen: u32,
}

impl Planted {
    /// The bug, not yet at work.
    pub fn new(bug: Bug) -> Planted {
        Planted { bug, seen: 0 }
    }

    /// Every so many times.
    fn every(&mut self, so_many: u32) -> bool {
        self.seen += 1;
        self.seen.is_multiple_of(so_many)
    }

    /// How often a statement is really made: once, unless the bug forgets or repeats it.
    pub(crate) fn times(&mut self, sql: &str, values: &[Cell]) -> u32 {
        let is = |start: &str| sql.starts_with(start);
        let says = |word: &str| values.iter().any(|cell| matches!(cell, Cell::Text(text) if text == word));
        let forgotten = match self.bug {
            Bug::MessagesActTwice => is("insert into received") && !says("reversed"),
            Bug::ForgetsTheOutbox => is("insert into outbox") && self.every(7),
            Bug::AccumulatorsNever => is("insert into accumulator") && self.every(5),
            Bug::AccountNever => is("update insured_person"),
            Bug::BalanceDrifts => is("insert into balance") && self.every(9),
            Bug::EntryMissing => is("insert into entry") && self.every(9),
            Bug::BookedStateForgotten => is("insert into insured_settlement") && says("settled"),
            Bug::SettlementStateForgotten => is("insert into settlement") && self.every(4),
            Bug::CancelWithoutReversal => is("insert into insured_settlement") && says("reversed"),
            Bug::AnswerForgotten => is("update received set state = case") && self.every(5),
            Bug::QuestionsForgotten => is("insert into question") && self.every(5),
            Bug::LinesFreed => is("update fee_line set settlement = $1"),
            Bug::ReversalWithoutMark => is("update received set state = 'reversed'"),
            Bug::ChainSkipped => is("update chain_head") && self.every(3),
            Bug::MonthDrifts => is("insert into month_balance") && self.every(9),
            Bug::RootsForgotten => is("insert into root ") && self.every(3),
            Bug::StateMovesUnseen => is("insert into settlement_event") && self.every(6),
            Bug::ClockNeverStarts => is("insert into resolving") && self.every(4),
            Bug::DirectoryLost => is("insert into directory") && self.every(2),
            _ => false,
        };
        let repeated = self.bug == Bug::AccumulatorsTwice && is("insert into accumulator") && self.every(5);
        match (forgotten, repeated) {
            (true, _) => 0,
            (_, true) => 2,
            _ => 1,
        }
    }

    /// The values that really reach the disk.
    pub(crate) fn values<'a>(&mut self, sql: &str, values: &'a [Cell]) -> Cow<'a, [Cell]> {
        let retouched = match self.bug {
            Bug::JournalRetouched if sql.starts_with("insert into journal") => Some(4),
            Bug::RootsRetouched if sql.starts_with("insert into root ") => Some(2),
            _ => None,
        };
        let mut values = Cow::Borrowed(values);
        if let Some(place) = retouched
            && let Some(Cell::Int(amount)) = values.to_mut().get_mut(place)
        {
            *amount -= amount.signum();
        }
        values
    }

    /// What the disk claims to have changed, where it lies.
    pub(crate) fn claims(&self, sql: &str) -> Option<usize> {
        (self.bug == Bug::LettersActTwice && sql.starts_with("insert into inbox")).then_some(1)
    }

    /// Whether a query finds nothing.
    pub(crate) fn blind(&self, sql: &str) -> bool {
        match self.bug {
            Bug::MessagesActTwice => sql.contains("from received") && sql.contains("digest"),
            Bug::ResolverSleeps => sql.contains("from resolving where next_at"),
            Bug::LettersActTwice => {
                sql.contains("from insured_settlement") && sql.contains("settlement = $3")
            }
            _ => false,
        }
    }

    /// Whether answers leave before the flush.
    pub(crate) fn answers_before_the_flush(&self) -> bool {
        self.bug == Bug::AnswersBeforeTheFlush
    }

    /// How the engine is set up, where it is set up wrongly.
    pub(crate) fn setting(&self) -> Option<&'static str> {
        match self.bug {
            Bug::NothingFlushed => Some("pragma synchronous=off"),
            Bug::LogFlushedLate => Some("pragma synchronous=normal"),
            _ => None,
        }
    }

    /// How the medium lies.
    pub(crate) fn lie(&self) -> Option<Lie> {
        match self.bug {
            Bug::LogNeverFlushed => Some(Lie::NeverFlushes("-wal")),
            Bug::FileNeverFlushed => Some(Lie::NeverFlushes(".db")),
            Bug::FlushErrorHidden => Some(Lie::HidesFailures),
            _ => None,
        }
    }

    /// Whether a commit that fails is taken for done.
    pub(crate) fn ignores_a_failed_commit(&self) -> bool {
        self.bug == Bug::CommitErrorIgnored
    }

    /// Whether a push that nobody knows the fate of is taken for delivered.
    pub fn believes_every_push(&self) -> bool {
        self.bug == Bug::ForgetsDeliveries
    }
}
