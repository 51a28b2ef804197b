//! A crowd: employees of a pool by number, long-term filed to one place, for load. Their identity numbers, cards and
//! person numbers lie beyond those of the population.

use super::draft::{self, Board};
use super::places::PLACES;
use super::{Population, numbers, tags};
use crate::seed::Seed;
use insurance::calendar::ServiceDate;
use insurance::filing::FilingCategory;
use insurance::identity::Region;
use insurance::person::PersonClass;

/// The most people of one crowd: their birthdays fill the three years of their pool.
pub const CROWD_MOST: usize = 40_000;

/// The first person number, identity sequence and card of a crowd: the population ends before.
const FIRST_NUMBER: usize = 1_000;
const FIRST_SEQUENCE: usize = 962;
const FIRST_CARD: usize = 100_000;
/// Identity sequences that are left on each birthday.
const SEQUENCES: usize = 38;

impl Population {
    /// The same, with so many people more in each of these pools, filed for long-term work in the next of them.
    pub fn with_crowd(mut self, pools: &[Region], size: usize, seed: u64, today: ServiceDate) -> Population {
        let size = size.min(CROWD_MOST);
        let next = pools.iter().cycle().skip(1);
        for (pool, to) in pools.iter().zip(next) {
            let Some(index) = PLACES.iter().position(|place| place.pool() == *pool) else { continue };
            let place = &PLACES[index];
            let seed = Seed::new(seed).for_purpose("crowd").for_purpose(place.pool);
            let first_day = ServiceDate::of(1965, 1, 1)
                .expect("a day")
                .plus_months(36 * i32::try_from(index).expect("one of eight"));
            let mut board = Board { place, place_index: index, today, seed, drawn: 0 };
            for number in 0..size {
                board.drawn = 0;
                let filed = board.draw(PersonClass::Active, 40).filed(FilingCategory::PermanentWorker, *to);
                let mut person = filed.person;
                let birth = first_day.plus_days(i32::try_from(number / SEQUENCES).expect("a small number"));
                person.facts.birth = birth;
                person.person_no = draft::person_no(*pool, FIRST_NUMBER + number);
                person.certificate_no = numbers::identity_number(birth, FIRST_SEQUENCE + number % SEQUENCES);
                // Odd for men, even for women, as everywhere.
                person.gender =
                    if (FIRST_SEQUENCE + number % SEQUENCES) % 2 == 1 { "1" } else { "2" }.to_owned();
                person.card_no = numbers::card_no(FIRST_CARD * (index + 1) + number);
                person.name = format!("{}测试人群{number}", place.city_zh);
                for filing in &mut person.filings {
                    let id = format!("FC{pool}{number:06}01");
                    filing.id = insurance::identity::FilingId::new(id).expect("a filing number");
                }
                person.tags = tags::of_facts(&person, today);
                person.tags.push("crowd".to_owned());
                self.people.push(person);
            }
        }
        self
    }
}
