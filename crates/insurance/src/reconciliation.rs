//! 对账: what each office has of one act is laid side by side, and what differs gets a type and a proposed repair.
//! Pure: who asks whom, when, and who carries a repair out is decided elsewhere.

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
