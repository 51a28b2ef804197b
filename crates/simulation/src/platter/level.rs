//! At which level disks are simulated.

/// At which level a disk is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Whole transactions are kept or lost: fast.
    Transactions,
    /// Sectors below the engine are kept, lost or torn.
    Sectors,
}

impl Level {
    /// Both.
    pub const ALL: [Level; 2] = [Level::Transactions, Level::Sectors];

    /// The word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Level::Transactions => "transactions",
            Level::Sectors => "sectors",
        }
    }

    /// The level with this word.
    pub fn of_word(word: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.word() == word)
    }
}
