//! 盘片: the medium below the engine, in memory: files that know which of their sectors were flushed. A power cut keeps
//! some of the others, loses some and tears some; a write or a flush can fail, the medium can be full, a bit can turn.

/// At which level disks are simulated.
mod level;
/// The files of a platter, as the engine opens them.
mod engine;

pub use engine::Mount;
pub use level::Level;

use crate::seed::Seed;
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result};
use std::sync::{Arc, Mutex, MutexGuard};

/// What a medium writes as one (bytes).
pub const SECTOR: usize = 512;

/// The bytes of one sector that were written since it was last flushed, one bit a byte.
type Written = [u64; SECTOR / 64];

/// One file.
#[derive(Clone, Debug, Default)]
struct Body {
    /// What whoever reads it sees.
    now: Vec<u8>,
    /// What is flushed.
    kept: Vec<u8>,
    /// What is not, by sector.
    written: BTreeMap<usize, Written>,
    /// Whether its name is flushed: a file that was never flushed may be gone after a power cut.
    named: bool,
}

/// What can be made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// A write, or a change of a file's length.
    Write,
    /// A flush.
    Flush,
}

/// A failure that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Of what.
    pub of: Touch,
    /// After so many of them that succeed.
    pub after: u64,
    /// Whether all that follow fail too, until the medium is repaired.
    pub lasts: bool,
}

/// Something that was done to a medium, in order.
#[derive(Clone, Debug)]
pub enum Done {
    /// Bytes were written at this place of a file.
    Write(String, usize, Vec<u8>),
    /// A file was given this length (bytes).
    Length(String, usize),
    /// A file was flushed.
    Flush(String),
    /// A file was deleted.
    Delete(String),
    /// Whoever uses the medium was told that this much is durable, or is about to ask for it.
    Mark(Mark),
}

/// How far whoever uses a medium has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// This commit was asked for, counted from 1.
    Asked(usize),
    /// This commit was confirmed.
    Confirmed(usize),
}

/// How a medium lies about flushes: only a planted bug makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// The files whose name ends so are never flushed, and this is not told.
    NeverFlushes(&'static str),
    /// A flush that fails is told as one that succeeds.
    HidesFailures,
}

#[derive(Debug)]
struct Medium {
    files: BTreeMap<String, Body>,
    seed: Seed,
    failure: Option<Failure>,
    /// Writes and flushes until the power is cut, where it is to be.
    cut_after: Option<u64>,
    dead: bool,
    full: bool,
    lie: Option<Lie>,
    diary: Option<Vec<Done>>,
    counts: Counts,
}

/// What a medium has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Writes.
    pub writes: u64,
    /// Flushes.
    pub flushes: u64,
    /// Writes and flushes that failed.
    pub failures: u64,
    /// Power cuts.
    pub cuts: u64,
    /// Sectors that were not flushed when the power was cut, and did not come through whole.
    pub sectors_hurt: u64,
}

impl Counts {
    /// Adds what another medium has seen.
    pub fn add(&mut self, other: Counts) {
        self.writes += other.writes;
        self.flushes += other.flushes;
        self.failures += other.failures;
        self.cuts += other.cuts;
        self.sectors_hurt += other.sectors_hurt;
    }
}

/// A medium; its clones are the same medium.
#[derive(Clone, Debug)]
pub struct Platter {
    medium: Arc<Mutex<Medium>>,
}

fn failed(why: &'static str) -> Error {
    Error::other(why)
}

impl Body {
    fn write(&mut self, offset: usize, bytes: &[u8]) {
        let end = offset + bytes.len();
        if self.now.len() < end {
            self.now.resize(end, 0);
        }
        self.now[offset..end].copy_from_slice(bytes);
        for sector in offset / SECTOR..end.div_ceil(SECTOR) {
            let written = self.written.entry(sector).or_insert([0; SECTOR / 64]);
            let first = offset.saturating_sub(sector * SECTOR);
            let last = (end - sector * SECTOR).min(SECTOR);
            if (first, last) == (0, SECTOR) {
                *written = [u64::MAX; SECTOR / 64];
            } else {
                (first..last).for_each(|byte| written[byte / 64] |= 1 << (byte % 64));
            }
        }
    }

    fn set_length(&mut self, length: usize) {
        self.now.resize(length, 0);
        self.written.split_off(&length.div_ceil(SECTOR));
    }

    fn flush(&mut self) {
        self.kept.resize(self.now.len(), 0);
        for sector in std::mem::take(&mut self.written).into_keys() {
            let (from, to) = (sector * SECTOR, ((sector + 1) * SECTOR).min(self.now.len()));
            self.kept[from..to].copy_from_slice(&self.now[from..to]);
        }
        self.named = true;
    }

    /// Takes one sector over into what is kept, whole or not; `true` where it did not come through whole.
    fn land(&mut self, sector: usize, written: &Written, fate: Fate) -> bool {
        let (from, to) = (sector * SECTOR, ((sector + 1) * SECTOR).min(self.now.len()));
        let Fate::Lands(first, last, instead) = fate else { return true };
        if self.kept.len() < to {
            self.kept.resize(to, 0);
        }
        for place in from..to {
            let byte = place - from;
            // A byte that nobody wrote stays as it was: the engine is promised so much, here as on real disks.
            if written[byte / 64] >> (byte % 64) & 1 == 1 {
                match instead {
                    _ if (first..last).contains(&byte) => self.kept[place] = self.now[place],
                    Instead::Old => {}
                    Instead::Zero => self.kept[place] = 0,
                    Instead::Noise => self.kept[place] ^= 0xA5 ^ u8::try_from(byte % 251).expect("a byte"),
                }
            }
        }
        (first, last) != (0, SECTOR)
    }
}

/// What stands where a torn sector was not written.
#[derive(Clone, Copy, Debug)]
enum Instead {
    Old,
    Zero,
    Noise,
}

/// What becomes of a sector that was not flushed.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// Nothing of it reaches the medium.
    Lost,
    /// These of its bytes reach the medium, and this stands in the place of the others.
    Lands(usize, usize, Instead),
}

impl Fate {
    fn draw(seed: &mut Seed, keeps: u64) -> Fate {
        let place = |seed: &mut Seed| usize::try_from(seed.below(SECTOR as u64 + 1)).expect("in a sector");
        if seed.percent(keeps) {
            return Fate::Lands(0, SECTOR, Instead::Old);
        }
        let instead = *seed.one_of(&[Instead::Old, Instead::Zero, Instead::Noise]);
        match seed.below(6) {
            0..=2 => Fate::Lost,
            3 => Fate::Lands(0, place(seed), instead),
            4 => Fate::Lands(place(seed), SECTOR, instead),
            _ => Fate::Lands(0, 0, instead),
        }
    }
}

impl Medium {
    /// One write or flush is about to be done; `Err` where the power goes.
    fn touch(&mut self) -> Result<()> {
        if self.dead {
            return Err(failed("the power is gone"));
        }
        if let Some(left) = &mut self.cut_after {
            if *left == 0 {
                self.dead = true;
                return Err(failed("the power goes"));
            }
            *left -= 1;
        }
        Ok(())
    }

    /// Whether this one fails.
    fn fails(&mut self, of: Touch) -> bool {
        match &mut self.failure {
            Some(failure) if failure.of == of && failure.after > 0 => {
                failure.after -= 1;
                false
            }
            Some(failure) if failure.of == of => {
                if !failure.lasts {
                    self.failure = None;
                }
                self.counts.failures += 1;
                true
            }
            _ => false,
        }
    }

    fn note(&mut self, done: impl FnOnce() -> Done) {
        if let Some(diary) = &mut self.diary {
            diary.push(done());
        }
    }

    fn body(&mut self, file: &str) -> &mut Body {
        self.files.entry(file.to_owned()).or_default()
    }

    /// Part of what was to be written, up to a place that is drawn: what a failure leaves behind.
    fn write_in_part(&mut self, file: &str, offset: usize, bytes: &[u8]) {
        let part = usize::try_from(self.seed.below(bytes.len() as u64 + 1)).expect("a part");
        self.body(file).write(offset, &bytes[..part]);
    }

    fn write(&mut self, file: &str, offset: usize, bytes: &[u8]) -> Result<()> {
        let was_alive = !self.dead;
        if let Err(error) = self.touch() {
            if was_alive {
                self.write_in_part(file, offset, bytes);
            }
            return Err(error);
        }
        self.counts.writes += 1;
        if self.full && offset + bytes.len() > self.body(file).now.len() {
            return Err(Error::new(ErrorKind::WriteZero, "no room is left"));
        }
        if self.fails(Touch::Write) {
            self.write_in_part(file, offset, bytes);
            return Err(failed("a write fails"));
        }
        self.note(|| Done::Write(file.to_owned(), offset, bytes.to_vec()));
        self.body(file).write(offset, bytes);
        Ok(())
    }

    fn set_length(&mut self, file: &str, length: usize) -> Result<()> {
        self.touch()?;
        self.counts.writes += 1;
        if self.full && length > self.body(file).now.len() {
            return Err(Error::new(ErrorKind::WriteZero, "no room is left"));
        }
        if self.fails(Touch::Write) {
            return Err(failed("a change of length fails"));
        }
        self.note(|| Done::Length(file.to_owned(), length));
        self.body(file).set_length(length);
        Ok(())
    }

    fn flush(&mut self, file: &str) -> Result<()> {
        self.touch()?;
        self.counts.flushes += 1;
        if matches!(self.lie, Some(Lie::NeverFlushes(ending)) if file.ends_with(ending)) {
            return Ok(());
        }
        if self.fails(Touch::Flush) {
            self.flush_badly(file);
            return if self.lie == Some(Lie::HidesFailures) { Ok(()) } else { Err(failed("a flush fails")) };
        }
        self.note(|| Done::Flush(file.to_owned()));
        self.body(file).flush();
        Ok(())
    }

    /// What real systems do when a flush fails: some of it has reached the medium, the rest is taken for written, still
    /// read back as if it were, and never written again.
    fn flush_badly(&mut self, file: &str) {
        let mut seed = self.seed.clone();
        let keeps = *seed.one_of(&[0, 50, 100]);
        let body = self.body(file);
        for (sector, written) in std::mem::take(&mut body.written) {
            body.land(sector, &written, Fate::draw(&mut seed, keeps));
        }
        self.seed = seed;
    }

    fn delete(&mut self, file: &str) -> Result<()> {
        self.touch()?;
        self.note(|| Done::Delete(file.to_owned()));
        self.files.remove(file).map(drop).ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn cut(&mut self) {
        self.counts.cuts += 1;
        // Now and then everything that was written has reached the medium, or nothing.
        let keeps = *self.seed.one_of(&[0, 20, 50, 80, 100]);
        let mut gone = Vec::new();
        for (name, body) in &mut self.files {
            if !body.named && self.seed.percent(50) {
                gone.push(name.clone());
                self.counts.sectors_hurt += body.written.len() as u64;
                continue;
            }
            let (length, flushed) = (body.now.len(), body.kept.len());
            for (sector, written) in std::mem::take(&mut body.written) {
                let hurt = body.land(sector, &written, Fate::draw(&mut self.seed, keeps));
                self.counts.sectors_hurt += u64::from(hurt);
            }
            if (length < flushed || length > body.kept.len()) && self.seed.percent(50) {
                body.kept.resize(length, 0);
            }
            body.now = body.kept.clone();
            body.named = true;
        }
        gone.iter().for_each(|name| drop(self.files.remove(name)));
        (self.dead, self.cut_after, self.failure) = (false, None, None);
    }
}

impl Platter {
    /// A medium on which these files are flushed.
    pub fn with(files: impl IntoIterator<Item = (String, Vec<u8>)>, seed: Seed) -> Platter {
        let files = files.into_iter().map(|(name, kept)| {
            (name, Body { now: kept.clone(), kept, written: BTreeMap::new(), named: true })
        });
        let medium = Medium {
            files: files.collect(),
            seed,
            failure: None,
            cut_after: None,
            dead: false,
            full: false,
            lie: None,
            diary: None,
            counts: Counts::default(),
        };
        Platter { medium: Arc::new(Mutex::new(medium)) }
    }

    fn medium(&self) -> MutexGuard<'_, Medium> {
        self.medium.lock().expect("nobody panics with a medium in their hands")
    }

    /// Cuts the power after so many further writes and flushes.
    pub fn cut_after(&self, touches: u64) {
        self.medium().cut_after = Some(touches);
    }

    /// Lets something fail.
    pub fn fail(&self, failure: Failure) {
        self.medium().failure = Some(failure);
    }

    /// Takes back an ordered cut.
    pub fn cut_never(&self) {
        self.medium().cut_after = None;
    }

    /// Nothing fails any more.
    pub fn repair(&self) {
        self.medium().failure = None;
    }

    /// Does something during which nothing is struck.
    pub fn unharmed<T>(&self, act: impl FnOnce() -> T) -> T {
        let waiting = {
            let mut medium = self.medium();
            (medium.failure.take(), medium.cut_after.take(), std::mem::take(&mut medium.full))
        };
        let done = act();
        let mut medium = self.medium();
        (medium.failure, medium.cut_after, medium.full) = waiting;
        drop(medium);
        done
    }

    /// Lets it lie, or be honest again.
    pub fn lie(&self, lie: Option<Lie>) {
        self.medium().lie = lie;
    }

    /// Fills it, or makes room again. What lies in its files may still be overwritten.
    pub fn fill(&self, full: bool) {
        self.medium().full = full;
    }

    /// Whether the power is gone.
    pub fn is_dead(&self) -> bool {
        self.medium().dead
    }

    /// The power goes: nothing can be read or written any more.
    pub fn die(&self) {
        self.medium().dead = true;
    }

    /// The power comes back: what was flushed is there, and of the rest what the seed leaves.
    pub fn power_cycle(&self) {
        self.medium().cut();
    }

    /// Counts from nothing again.
    pub fn count_anew(&self) {
        self.medium().counts = Counts::default();
    }

    /// What it has seen.
    pub fn counts(&self) -> Counts {
        self.medium().counts
    }

    /// Its files as whoever reads them sees them.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.medium().files.iter().map(|(name, body)| (name.clone(), body.now.clone())).collect()
    }

    /// Turns one bit of a file, flushed as it is.
    ///
    /// # Panics
    /// Where there is no such file or place.
    pub fn turn_bit(&self, file: &str, byte: usize, bit: u32) {
        let mut medium = self.medium();
        let body = medium.files.get_mut(file).expect("a file of this platter");
        body.now[byte] ^= 1 << bit;
        body.kept[byte] = body.now[byte];
    }

    /// Keeps a diary from now on.
    pub fn keep_diary(&self) {
        self.medium().diary = Some(Vec::new());
    }

    /// Writes into the diary how far whoever uses this has come.
    pub fn mark(&self, mark: Mark) {
        self.medium().note(|| Done::Mark(mark));
    }

    /// The diary so far; it is not kept any more.
    pub fn diary(&self) -> Vec<Done> {
        self.medium().diary.take().unwrap_or_default()
    }

    /// Does again part of what a diary says, up to a place that is drawn: what a power cut leaves in the middle of it.
    pub fn repeat_in_part(&self, done: &Done) {
        if let Done::Write(file, offset, bytes) = done {
            self.medium().write_in_part(file, *offset, bytes);
        }
    }

    /// Does again what a diary says.
    pub fn repeat(&self, done: &Done) {
        let mut medium = self.medium();
        match done {
            Done::Write(file, offset, bytes) => medium.body(file).write(*offset, bytes),
            Done::Length(file, length) => medium.body(file).set_length(*length),
            Done::Flush(file) => medium.body(file).flush(),
            Done::Delete(file) => drop(medium.files.remove(file)),
            Done::Mark(_) => {}
        }
    }

    /// A medium of its own that holds the same, flushed and not, with another seed.
    pub fn twin(&self, seed: Seed) -> Platter {
        let twin = Platter::with([], seed);
        twin.medium().files = self.medium().files.clone();
        twin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(bytes: &[u8], seed: u64) -> Platter {
        let platter = Platter::with([("f".to_owned(), vec![1; 2 * SECTOR])], Seed::new(seed));
        platter.medium().write("f", 100, bytes).expect("written");
        platter
    }

    #[test]
    fn what_is_flushed_survives_every_cut() {
        for seed in 0..200 {
            let platter = written(&[7; 3 * SECTOR], seed);
            platter.medium().flush("f").expect("flushed");
            platter.medium().write("f", 0, &[9; 50]).expect("written");
            platter.power_cycle();
            let file = &platter.files()["f"];
            assert_eq!(file[50..100], [1; 50]);
            assert_eq!(file[100..100 + 3 * SECTOR], [7; 3 * SECTOR]);
        }
    }

    #[test]
    fn what_is_not_flushed_is_kept_lost_or_torn_and_nothing_beside_it_is_touched() {
        let (mut kept, mut lost, mut torn) = (0, 0, 0);
        for seed in 0..200 {
            let platter = written(&[7; 200], seed);
            platter.power_cycle();
            let file = &platter.files()["f"];
            assert_eq!((&file[..100], &file[300..]), (&[1; 100][..], &[1; 2 * SECTOR - 300][..]));
            match &file[100..300] {
                whole if whole == [7; 200] => kept += 1,
                old if old == [1; 200] => lost += 1,
                _ => torn += 1,
            }
        }
        assert!(kept > 20 && lost > 20 && torn > 20, "{kept} {lost} {torn}");
    }

    #[test]
    fn a_flush_that_failed_is_not_made_good_by_the_next() {
        let lost = (0..100).filter(|seed| {
            let platter = written(&[7; SECTOR], *seed);
            platter.fail(Failure { of: Touch::Flush, after: 0, lasts: false });
            assert!(platter.medium().flush("f").is_err());
            assert_eq!(
                platter.files()["f"][100..100 + SECTOR],
                [7; SECTOR],
                "it reads as if it were written"
            );
            platter.medium().flush("f").expect("flushed");
            platter.power_cycle();
            platter.files()["f"][100..100 + SECTOR] != [7; SECTOR]
        });
        assert!(lost.count() > 20);
    }

    #[test]
    fn a_file_that_was_never_flushed_may_be_gone() {
        let gone = (0..100).filter(|seed| {
            let platter = Platter::with([], Seed::new(*seed));
            platter.medium().write("new", 0, &[1]).expect("written");
            platter.power_cycle();
            !platter.files().contains_key("new")
        });
        assert!((20..80).contains(&gone.count()));
    }
}
