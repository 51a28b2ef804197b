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
