//! Everything that a disk can do to one scenario.

use simulation::battery::{Stroke, every, images, nodes, scenario, turned_bits};
use std::time::Instant;

#[test]
#[allow(clippy::disallowed_methods)]
fn probe() {
    let order = scenario(3);
    let begun = Instant::now();
    let all = nodes(&order).expect("nodes");
    println!("{all:?} {:?}", begun.elapsed());
    for node in &all {
        for stroke in Stroke::ALL {
            let begun = Instant::now();
            let struck = every(&order, *node, stroke, 2).expect("struck");
            println!("{node} {stroke:?} {} {:?} {:?}", struck.runs, begun.elapsed(), struck.broken.first());
        }
    }
    for seed in 0..4 {
        let begun = Instant::now();
        let imaged = images(&scenario(seed), |ids| ids[1], 300).expect("images");
        println!("{imaged:?} {:?}", begun.elapsed());
        let turned = turned_bits(&scenario(seed), |ids| ids[1], 500).expect("bits");
        println!("{turned:?} {:?}", begun.elapsed());
    }
}
