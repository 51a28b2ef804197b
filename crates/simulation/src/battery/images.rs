//! What power cuts leave: after every act of a node's disk, images of what could be left of it, each opened as a node
//! opens its database. What is there must be, table by table, what was there after the last commit that was confirmed,
//! or after the one that was being asked for.

use crate::country::{Order, Record};
use crate::disk::open;
use crate::platter::{Done, Mark, Platter};
use crate::seed::Seed;
use platform::doors::{NodeId, StoreError};

/// What came of the images.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imaged {
    /// Images.
    pub images: u64,
    /// Of them, those that held what the last confirmed commit left.
    pub confirmed: u64,
    /// Those that held also what was being asked for.
    pub asked: u64,
    /// Sectors that had not been flushed, and were lost or torn.
    pub sectors_hurt: u64,
    /// Those that the engine did not open, or found damaged, with its words.
    pub refused: Vec<String>,
    /// Those that opened and held something else: silent errors.
    pub wrong: Vec<String>,
}

impl Imaged {
    /// Adds what came of others.
    pub fn add(&mut self, other: Imaged) {
        self.images += other.images;
        self.confirmed += other.confirmed;
        self.asked += other.asked;
        self.sectors_hurt += other.sectors_hurt;
        self.refused.extend(other.refused);
        self.wrong.extend(other.wrong);
    }
}

/// Makes so many images of the disk of one node, spread over the acts of the scenario.
pub fn images(scenario: &Order, node: NodeId, count: u64) -> Result<Imaged, StoreError> {
    let record = Record::of(scenario, node)?;
    let mut seed = Seed::new(scenario.seed).for_purpose("images");
    let mut imaged = Imaged::default();
    let (mut confirmed, mut asked) = (0, 0);
    let platter = &record.first;
    let acts = record.diary.len() as u64;
    for (number, act) in (0_u64..).zip(&record.diary) {
        let wanted = count * (number + 1) / acts - count * number / acts;
        for _ in 0..wanted {
            let image = platter.twin(Seed::new(seed.next()));
            if seed.percent(50) {
                image.repeat_in_part(act);
            }
            let states = [confirmed, asked.max(confirmed)];
            judge(&image, &record, states, number, &mut imaged);
        }
        platter.repeat(act);
        match act {
            Done::Mark(Mark::Asked(commit)) => asked = *commit,
            Done::Mark(Mark::Confirmed(commit)) => confirmed = *commit,
            _ => {}
        }
    }
    Ok(imaged)
}

fn judge(image: &Platter, record: &Record, states: [usize; 2], number: u64, imaged: &mut Imaged) {
    image.power_cycle();
    imaged.images += 1;
    imaged.sectors_hurt += image.counts().sectors_hurt;
    let mount = image.mount();
    let read = open(&mount).and_then(|mut store| Ok((store.integrity()?, store.digests()?)));
    // Nobody reads it again.
    image.die();
    match read {
        Err(error) => imaged.refused.push(format!("in act {number}: {error}")),
        Ok((damage, _)) if !damage.is_empty() => {
            imaged.refused.push(format!("in act {number}: {}", damage[0]))
        }
        Ok((_, found)) if found == record.states[states[0]] => imaged.confirmed += 1,
        Ok((_, found)) if found == record.states[states[1]] => imaged.asked += 1,
        Ok(_) => imaged.wrong.push(format!(
            "in act {number}: what is there is neither commit {} nor commit {}",
            states[0], states[1]
        )),
    }
}
