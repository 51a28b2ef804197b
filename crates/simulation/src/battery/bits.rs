//! Bits that turn in what was flushed: each must be harmless, or refused by the engine, or found by its own check of
//! the file, or by the checks over the country (`yidi check store`, the chain).

use crate::country::{Order, Record};
use crate::disk::open;
use crate::seed::Seed;
use platform::doors::{NodeId, StoreError};
use std::collections::{BTreeMap, BTreeSet};

/// What came of the bits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turned {
    /// Bits.
    pub bits: u64,
    /// Of them, those that changed nothing that is read.
    pub harmless: u64,
    /// Those with which the engine did not open the database, or not read it.
    pub refused: u64,
    /// Those that its own check of the file found.
    pub found_by_the_engine: u64,
    /// Those that the checks over the country found.
    pub found_by_the_checks: u64,
    /// Those that cut the log short, so that an earlier commit stands whole, and were not found.
    pub cut_back: u64,
    /// Those that changed something and were not found, by the tables that were changed.
    pub silent: BTreeMap<String, u64>,
}

impl Turned {
    /// Adds what came of others.
    pub fn add(&mut self, other: Turned) {
        self.bits += other.bits;
        self.harmless += other.harmless;
        self.refused += other.refused;
        self.found_by_the_engine += other.found_by_the_engine;
        self.found_by_the_checks += other.found_by_the_checks;
        self.cut_back += other.cut_back;
        for (tables, times) in other.silent {
            *self.silent.entry(tables).or_default() += times;
        }
    }
}

/// Turns so many bits of the disk of one node at the end of a scenario, one at a time.
pub fn turned_bits(scenario: &Order, node: NodeId, count: u64) -> Result<Turned, StoreError> {
    let mut record = Record::of(scenario, node)?;
    let whole = record.states.last().cloned().expect("a first state");
    let mut seed = Seed::new(scenario.seed).for_purpose("bits");
    let files: Vec<(String, usize)> =
        record.last.files().into_iter().map(|(name, bytes)| (name, bytes.len())).collect();
    let bytes: u64 = files.iter().map(|(_, length)| *length as u64).sum();
    let mut turned = Turned::default();
    for _ in 0..count {
        let image = record.last.twin(Seed::new(seed.next()));
        let mut place = usize::try_from(seed.below(bytes)).expect("a place");
        for (name, length) in &files {
            if place < *length {
                image.turn_bit(name, place, u32::try_from(seed.below(8)).expect("a bit"));
                break;
            }
            place -= length;
        }
        turned.bits += 1;
        let mount = image.mount();
        match open(&mount).and_then(|mut store| Ok((store.integrity()?, store.digests()?, store))) {
            Err(_) => turned.refused += 1,
            Ok((damage, ..)) if !damage.is_empty() => turned.found_by_the_engine += 1,
            Ok((_, found, _)) if found == whole => turned.harmless += 1,
            Ok((_, found, mut store)) => match record.judge(&mut store) {
                Ok(wrong) if wrong.is_empty() && record.states.contains(&found) => turned.cut_back += 1,
                Ok(wrong) if wrong.is_empty() => {
                    let tables = found.keys().chain(whole.keys()).collect::<BTreeSet<_>>().into_iter();
                    let differ = tables.filter(|table| found.get(*table) != whole.get(*table));
                    let tables: Vec<&str> = differ.map(String::as_str).collect();
                    *turned.silent.entry(tables.join(", ")).or_default() += 1;
                }
                _ => turned.found_by_the_checks += 1,
            },
        }
        image.die();
    }
    Ok(turned)
}
