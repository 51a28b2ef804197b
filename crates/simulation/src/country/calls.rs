//! The calls of counters: messages and answers that are lost, doubled or late.

use super::Country;
use super::agenda::Happening;
use super::story::glimpse;
use crate::counter::Heard;
use platform::doors::NodeId;
use platform::network::machine::Input;
use platform::protocol::envelope;

impl Country {
    pub(super) fn counter_speaks(&mut self, counter: usize) {
        let now = self.now;
        let Some(body) = self.counters[counter].next_message(now) else { return };
        self.attempts[counter] += 1;
        let attempt = self.attempts[counter];
        self.tell(|| format!("counter {counter} sends {}", glimpse(&body)));
        let patience = self.counters[counter].patience_ms();
        self.agenda.add(now.plus_ms(patience), Happening::Counter(counter, attempt));
        if self.chance(self.plan.loss) {
            return;
        }
        if self.chance(self.plan.duplicates) {
            let at = now.plus_ms(self.travel());
            self.agenda.add(at, Happening::Call { counter, attempt, body: body.clone() });
        }
        let at = now.plus_ms(self.travel());
        self.agenda.add(at, Happening::Call { counter, attempt, body });
    }

    pub(super) fn call_arrives(&mut self, counter: usize, attempt: u32, body: &[u8]) {
        let id = NodeId::Province(self.counters[counter].institution.region.province());
        let call = self.next;
        self.next += 1;
        let site = self.sites.get_mut(&id).expect("a site");
        if site.machine.is_none() {
            return;
        }
        match envelope::read(body, None) {
            Ok(message) => {
                site.calls.insert(call, (counter, attempt));
                site.inbox.push(Input::Call(call, Box::new(message)));
                let after = self.seed.between(1, 8);
                self.call_turn(id, after);
            }
            Err(unreadable) => {
                let fault = format!("a counter wrote what cannot be read: {}", unreadable.refusal);
                self.outcome.violations.push(fault);
            }
        }
    }

    pub(super) fn counter_hears(&mut self, counter: usize, attempt: u32, heard: Heard) {
        if self.attempts[counter] != attempt {
            return;
        }
        self.tell(|| match &heard {
            Heard::Answer(bytes) => format!("counter {counter} hears {}", glimpse(bytes)),
            Heard::Silence => format!("counter {counter} hears nothing"),
        });
        // What was waited for is settled; a later answer of the same attempt is not listened to.
        self.attempts[counter] += 1;
        self.counters[counter].heard(heard, self.now);
        if !self.counters[counter].is_done() {
            let pause = self.seed.between(50, 3_000);
            self.agenda.add(self.now.plus_ms(pause), Happening::Counter(counter, 0));
        }
    }
}
