//! What could go wrong: a country made from a seed, in one thread.
//!
//! The rooms stand in reading order, and a room uses only rooms above it.

/// One generator for everything that is drawn.
pub mod seed;
/// The files of `catalogues/`, embedded.
pub mod files;
/// 疾病: common diagnoses, operations and chronic diseases.
pub mod diseases;
/// 目录: a made-up catalogue in national structures, and the rules of every member province.
pub mod catalogue;
/// 人: the people and institutions of the country, and the people of the story.
pub mod population;
/// 盘片: the medium below the engine, sector by sector.
pub mod platter;
/// Deliberate bugs, to know that the net holds.
pub mod planted;
/// The disk of a simulated node.
pub mod disk;
/// 窗口: the counter of one hospital, as real software behaves.
pub mod counter;
/// The invariants, one a file.
pub mod checks;
/// 国家: the country in one thread.
pub mod country;
/// Many seeds, and the shortest story of one that breaks something.
pub mod sweep;
/// 磁盘考验: everything that a disk can do to one scenario.
pub mod battery;
