//! What a seed decides before anything runs: places, visits, and which faults happen when.

use crate::planted::Bug;
use crate::seed::Seed;
use insurance::calendar::Instant;
use insurance::identity::Province;
use platform::doors::NodeId;
use std::collections::BTreeSet;

/// A kind of fault; a run may be narrowed to some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Letters, receipts, calls and answers are lost.
    Loss,
    /// Letters and calls arrive twice.
    Duplicate,
    /// Some take much longer, so that later ones overtake them.
    Delay,
    /// Two nodes cannot reach each other for a while, with or without knowing it.
    Partition,
    /// A node dies between any two statements, and comes back.
    Crash,
    /// A disk is full for a while.
    FullDisk,
    /// A clock jumps, by up to 15 minutes either way.
    ClockJump,
    /// A letter about a settlement is lost for good, as by a node that was restored: only the resolver finds it out.
    LostLetter,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 8] = [
        Fault::Loss,
        Fault::Duplicate,
        Fault::Delay,
        Fault::Partition,
        Fault::Crash,
        Fault::FullDisk,
        Fault::ClockJump,
        Fault::LostLetter,
    ];

    /// The word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Fault::Loss => "loss",
            Fault::Duplicate => "duplicate",
            Fault::Delay => "delay",
            Fault::Partition => "partition",
            Fault::Crash => "crash",
            Fault::FullDisk => "full-disk",
            Fault::ClockJump => "clock-jump",
            Fault::LostLetter => "lost-letter",
        }
    }

    /// The fault with this word.
    pub fn of_word(word: &str) -> Option<Fault> {
        Fault::ALL.into_iter().find(|fault| fault.word() == word)
    }
}

/// What is asked of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The seed.
    pub seed: u64,
    /// At most so many visits; the seed decides where nothing is said.
    pub visits: Option<usize>,
    /// Only these faults.
    pub faults: BTreeSet<Fault>,
    /// A deliberate bug.
    pub bug: Option<Bug>,
}

impl Order {
    /// Everything that the seed decides, with every fault.
    pub fn of_seed(seed: u64) -> Order {
        Order { seed, visits: None, faults: Fault::ALL.into(), bug: None }
    }

    /// The command that shows this run again.
    pub fn command(&self) -> String {
        let mut command = format!("yidi simulate --seed {}", self.seed);
        if let Some(visits) = self.visits {
            command.push_str(&format!(" --visits {visits}"));
        }
        if self.faults.len() < Fault::ALL.len() {
            let words: Vec<&str> = self.faults.iter().map(|fault| fault.word()).collect();
            command.push_str(&format!(
                " --faults {}",
                if words.is_empty() { "none".into() } else { words.join(",") }
            ));
        }
        if let Some(bug) = self.bug {
            command.push_str(&format!(" --bug {}", bug.word()));
        }
        command
    }
}

/// Something that is done to the country at a time (ms from the start).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blow {
    /// The node dies after so many further statements, and comes back after so long (ms).
    Crash(NodeId, u32, i64),
    /// The node's disk is full for so long (ms).
    FullDisk(NodeId, i64),
    /// The node's clock moves by so much (ms) for good, until all is healed.
    ClockJump(NodeId, i64),
    /// Two nodes cannot reach each other for so long (ms); where `silent`, they are not told.
    Partition(NodeId, NodeId, i64, bool),
}

/// The decisions of one seed.
#[derive(Clone, Debug)]
pub struct Plan {
    /// When it begins.
    pub begins: Instant,
    /// The provinces.
    pub provinces: Vec<Province>,
    /// How many visits, and when each begins (ms from the start).
    pub visits: Vec<i64>,
    /// Loss and duplication of each message, in percent.
    pub loss: u64,
    /// Duplication, in percent.
    pub duplicates: u64,
    /// Messages that take long, in percent.
    pub slow: u64,
    /// Every so manyth letter about a settlement is lost for good; 0 for none.
    pub lost_letters: u32,
    /// Blows, by time (ms from the start).
    pub blows: Vec<(i64, Blow)>,
    /// When the faults end (ms from the start).
    pub heals: i64,
}

/// The day on which every simulated country stands: 2026-06-15 00:00 official time, in milliseconds.
const FIRST_DAY_MS: i64 = 1_781_452_800_000;

/// Decides everything that can be decided beforehand.
pub fn plan(order: &Order) -> Plan {
    let mut seed = Seed::new(order.seed).for_purpose("plan");
    let all: Vec<Province> = crate::population::PLACES.iter().map(|place| place.pool().province()).collect();
    let count = 2 + seed.below(3);
    let mut provinces: Vec<Province> = Vec::new();
    while (provinces.len() as u64) < count {
        let province = *seed.one_of(&all);
        if !provinces.contains(&province) {
            provinces.push(province);
        }
    }
    provinces.sort();
    // One run in eight crosses midnight.
    let time_of_day = if seed.percent(12) { 86_280_000 } else { seed.between(0, 80_000_000) };
    let heals = seed.between(60_000, 150_000);
    let drawn = 2 + usize::try_from(seed.below(6)).expect("a small number");
    let mut visits: Vec<i64> = (0..drawn).map(|_| seed.between(0, 60_000)).collect();
    visits.truncate(order.visits.unwrap_or(drawn));
    let mut rate = |fault: Fault, most: u64| {
        let drawn = seed.below(most + 1);
        if order.faults.contains(&fault) { drawn } else { 0 }
    };
    let (loss, duplicates, slow) =
        (rate(Fault::Loss, 10), rate(Fault::Duplicate, 10), rate(Fault::Delay, 15));
    let nodes: Vec<NodeId> =
        std::iter::once(NodeId::Hub).chain(provinces.iter().copied().map(NodeId::Province)).collect();
    let mut blows = Vec::new();
    for _ in 0..seed.below(7) {
        let at = seed.between(0, heals - 5_000);
        let (fault, blow) = blow(&mut seed, &nodes);
        if order.faults.contains(&fault) {
            blows.push((at, blow));
        }
    }
    // One country in three loses letters for good.
    let lost_letters =
        if seed.percent(33) { 2 + u32::try_from(seed.below(5)).expect("a small number") } else { 0 };
    let lost_letters = if order.faults.contains(&Fault::LostLetter) { lost_letters } else { 0 };
    Plan {
        begins: Instant(FIRST_DAY_MS + time_of_day),
        provinces,
        visits,
        loss,
        duplicates,
        slow,
        lost_letters,
        blows,
        heals,
    }
}

fn blow(seed: &mut Seed, nodes: &[NodeId]) -> (Fault, Blow) {
    let node = *seed.one_of(nodes);
    match seed.below(6) {
        0..=2 => {
            // One in three dies between two turns: before the next statement, whatever it had promised by then.
            let statements = if seed.percent(33) { 0 } else { seed.below(120) };
            let statements = u32::try_from(statements).expect("a small number");
            (Fault::Crash, Blow::Crash(node, statements, seed.between(200, 20_000)))
        }
        3 => (Fault::FullDisk, Blow::FullDisk(node, seed.between(500, 15_000))),
        4 => (Fault::ClockJump, Blow::ClockJump(node, seed.between(-900_000, 900_000))),
        _ => {
            let other = *seed.one_of(nodes);
            (Fault::Partition, Blow::Partition(node, other, seed.between(1_000, 25_000), seed.percent(50)))
        }
    }
}
