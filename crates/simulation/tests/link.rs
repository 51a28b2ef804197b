//! What holds up a link and what does not: a disk that is full for a moment, a clock that is set back.

use insurance::calendar::Instant;
use insurance::identity::Province;
use platform::doors::{Delivery, NodeId};
use platform::letters::{Batch, Content, Letter};
use platform::network::machine::{Input, Kept, Machine};
use platform::node::Node;
use platform::store::mail;
use simulation::disk::Disk;
use simulation::platter::Level;
use simulation::seed::Seed;

fn letter(id: &str) -> Letter {
    let (from, _) = id.split_once('-').expect("who wrote it");
    let from = NodeId::try_from(from.to_owned()).expect("a node");
    Letter { id: id.into(), from, written: Instant(0), content: Content::Enrol(Vec::new()) }
}

/// Lets the neighbour answer the greeting of a machine that has just come to life.
fn greeted(machine: &mut Machine, peer: NodeId) {
    let greeting = machine.turn(Instant(500), Vec::new(), false).pushes.remove(0);
    let said: Batch = serde_json::from_slice(&greeting.batch).expect("a batch");
    assert_eq!(said.letters, [], "no letter leaves before the neighbour has said how far it has come");
    let answer = Batch { greets: None, answers: said.greets, ..said };
    let answer = serde_json::to_vec(&answer).expect("a batch");
    let inputs = vec![Input::Delivered(peer, 0, Delivery::Committed), Input::Letters(1, peer, answer)];
    assert_eq!(machine.turn(Instant(510), inputs, false).receipts, [(1, Kept::Committed)]);
}

/// A hub with one letter for one province, and its disk.
fn hub() -> (Machine, Disk, NodeId) {
    let province = Province::new("22").expect("a province");
    let peer = NodeId::Province(province);
    let disk = Disk::new(Level::Transactions, &Seed::new(1), None).expect("a disk");
    let mut machine = Machine::start(Node::hub(vec![province]), Box::new(disk.clone())).expect("a machine");
    greeted(&mut machine, peer);
    disk.look(|store| mail::outbox_add(store, peer, &letter("hub-1"), Some("hub-1"))).expect("a letter");
    (machine, disk, peer)
}

#[test]
fn a_rest_ends_though_the_clock_is_set_back() {
    let (mut machine, _, peer) = hub();
    let last = machine.turn(Instant(900_000), Vec::new(), false).pushes.first().expect("a push").last;
    let ended = vec![Input::Delivered(peer, last, Delivery::Unknown)];
    assert_eq!(machine.turn(Instant(900_010), ended, false).pushes, [], "it rests for a moment");
    assert_eq!(
        machine.turn(Instant(1_000), Vec::new(), false).pushes.len(),
        1,
        "a quarter of an hour earlier"
    );
}

#[test]
fn a_push_that_ends_while_the_disk_is_full_is_pushed_again_and_counts_as_an_attempt() {
    let (mut machine, disk, peer) = hub();
    let pushed = machine.turn(Instant(1_000), Vec::new(), false).pushes;
    let last = pushed.first().expect("a push").last;

    // Another letter comes first and cannot be written: the turn is lost, and with it what became of the push.
    disk.fill(true);
    let letters = vec![letter("22-1")];
    let comes = Batch { last: 1, after: 0, heard: 0, greets: None, answers: None, letters };
    let comes = serde_json::to_vec(&comes).expect("a batch");
    let inputs = vec![Input::Letters(1, peer, comes), Input::Delivered(peer, last, Delivery::Unknown)];
    assert!(machine.turn(Instant(2_000), inputs, false).failed.is_some());
    disk.fill(false);

    let again = machine.turn(Instant(10_000), Vec::new(), false).pushes;
    assert_eq!(again.len(), 1, "the link is not held up for ever");
    let never_left = disk.look(|store| mail::outbox_never_left(store, peer, last)).expect("read");
    assert_eq!(never_left, [], "it may have arrived: nobody says that it never left");
}
