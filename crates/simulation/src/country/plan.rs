//! What a seed decides before anything runs: places, visits, and which faults happen when.

use crate::planted::Bug;
use crate::platter::{Failure, Level, Touch};
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
    /// A write or a flush fails, once or for a while: on platters only.
    FailingDisk,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 9] = [
        Fault::Loss,
        Fault::Duplicate,
        Fault::Delay,
        Fault::Partition,
        Fault::Crash,
        Fault::FullDisk,
        Fault::ClockJump,
        Fault::LostLetter,
        Fault::FailingDisk,
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
            Fault::FailingDisk => "failing-disk",
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
    /// At which level the disks are simulated; the bug, or the seed, decides where nothing is said.
    pub disk: Option<Level>,
    /// Beside what the seed draws: something that fails, or a power cut, on the platter of one node.
    pub also: Option<Blow>,
}

/// So many seeds in a hundred have platters.
const ON_PLATTERS_PERCENT: u64 = 2;

impl Order {
    /// Everything that the seed decides, with every fault.
    pub fn of_seed(seed: u64) -> Order {
        Order { seed, visits: None, faults: Fault::ALL.into(), bug: None, disk: None, also: None }
    }

    /// At which level its disks are simulated.
    pub fn level(&self) -> Level {
        let drawn = if Seed::new(self.seed).for_purpose("disk").percent(ON_PLATTERS_PERCENT) {
            Level::Sectors
        } else {
            Level::Transactions
        };
        self.disk.or(self.bug.map(Bug::seen_on)).unwrap_or(drawn)
    }

    /// The command that shows this run again.
    pub fn command(&self) -> String {
        let mut command = format!("yidi simulate --seed {} --disk {}", self.seed, self.level().word());
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
        if let Some(also) = self.also.as_ref().and_then(Blow::word) {
            command.push_str(&format!(" --also {also}"));
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
    /// The power of the node is cut after so many further writes and flushes, and comes back after so long (ms).
    PowerCut(NodeId, u64, i64),
    /// Something of the node's platter fails, and is repaired after so long (ms).
    Fails(NodeId, Failure, i64),
    /// The node's disk is full for so long (ms).
    FullDisk(NodeId, i64),
    /// The node's clock moves by so much (ms) for good, until all is healed.
    ClockJump(NodeId, i64),
    /// Two nodes cannot reach each other for so long (ms); where `silent`, they are not told.
    Partition(NodeId, NodeId, i64, bool),
}

impl Blow {
    /// The words of a blow to a platter: node, what, after how many of them; `None` for other blows.
    pub fn word(&self) -> Option<String> {
        match self {
            Blow::PowerCut(node, touches, _) => Some(format!("{node}:cut:{touches}")),
            Blow::Fails(node, Failure { of, after, lasts }, _) => {
                let lasts = if *lasts { "s" } else { "" };
                Some(match of {
                    Touch::Write => format!("{node}:write{lasts}:{after}"),
                    Touch::Flush => format!("{node}:flush{lasts}:{after}"),
                })
            }
            _ => None,
        }
    }

    /// The blow of these words.
    pub fn of_word(word: &str) -> Option<Blow> {
        let parts: Vec<&str> = word.split(':').collect();
        let [node, what, number] = parts[..] else { return None };
        let node = NodeId::try_from(node.to_owned()).ok()?;
        let after: u64 = number.parse().ok()?;
        let (of, lasts) = match what {
            "cut" => return Some(Blow::PowerCut(node, after, BACK_AFTER_MS)),
            "write" => (Touch::Write, false),
            "writes" => (Touch::Write, true),
            "flush" => (Touch::Flush, false),
            "flushes" => (Touch::Flush, true),
            _ => return None,
        };
        Some(Blow::Fails(node, Failure { of, after, lasts }, UNTIL_HEALED_MS))
    }
}

/// How long a node is away whose power cut was ordered (ms).
const BACK_AFTER_MS: i64 = 3_000;
/// How long a failure lasts that was ordered (ms): longer than any country before it is healed.
const UNTIL_HEALED_MS: i64 = 200_000;

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
    if order.level() == Level::Sectors {
        blows.extend(blows_to_platters(order, heals, &nodes));
    }
    blows.extend(order.also.iter().map(|blow| (0, blow.clone())));
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

/// What only a platter can suffer: drawn apart, so that the rest of a seed is the same on either level.
fn blows_to_platters(order: &Order, heals: i64, nodes: &[NodeId]) -> Vec<(i64, Blow)> {
    let mut seed = Seed::new(order.seed).for_purpose("platters");
    let mut blows = Vec::new();
    for _ in 0..2 + seed.below(5) {
        // While there are visits: a disk that is not written to does not fail.
        let at = seed.between(0, heals.min(75_000) - 5_000);
        let node = *seed.one_of(nodes);
        let (cuts, lasts) = (seed.percent(60), seed.between(200, 20_000));
        let of = if seed.percent(50) { Touch::Write } else { Touch::Flush };
        let touches = seed.below(if of == Touch::Write { 80 } else { 5 });
        let failure = Failure { of, after: touches, lasts: seed.percent(40) };
        let (fault, blow) = if cuts {
            (Fault::Crash, Blow::PowerCut(node, touches, lasts))
        } else {
            (Fault::FailingDisk, Blow::Fails(node, failure, lasts))
        };
        if order.faults.contains(&fault) {
            blows.push((at, blow));
        }
        // A disk on which something fails is often about to fail for good.
        if !cuts && seed.percent(50) && order.faults.contains(&Fault::Crash) {
            let soon = at + seed.between(0, 4_000);
            blows.push((soon, Blow::PowerCut(node, seed.below(20), lasts)));
        }
    }
    blows
}
