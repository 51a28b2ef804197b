//! 国家: a hub, some provinces and their hospitals in one thread, in virtual time, everything from a seed. The nodes
//! are the ones that ship; time, the links and the disks are simulated.

/// The words of a story.
mod story;
/// What a seed decides.
mod plan;
/// Things that happen, in order of time.
mod agenda;
/// The links between nodes.
mod links;
/// The calls of counters.
mod calls;
/// One node's disk, written down act by act.
mod record;
/// The day after, when the days that are over are compared.
mod day_after;
/// A country at rest, for those who change something behind the backs of its nodes.
mod rehearsal;

pub use plan::{Blow, Fault, Order};
pub use record::Record;
pub use rehearsal::Rehearsal;

use crate::catalogue::synthetic;
use crate::checks::{self, View};
use crate::counter::{Counter, Heard};
use crate::disk::Disk;
use crate::planted::Planted;
use crate::platter::{Counts, Level};
use crate::population::{Population, population};
use crate::seed::Seed;
use agenda::{Agenda, Happening};
use insurance::calendar::Instant;
use insurance::catalogue::Catalogue;
use insurance::policy::PolicyBook;
use plan::{Plan, plan};
use platform::doors::{NodeId, StoreError};
use platform::network::machine::{Input, Kept, Machine};
use platform::node::{Node, enrol};
use platform::store::{mail, resolving};
use platform::treatment_node::{CallId, Settings};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use story::Seconds;

/// What every country shares: made once, never changed.
struct Given {
    policies: Arc<PolicyBook>,
    catalogue: Arc<Catalogue>,
    population: Population,
}

fn given() -> &'static Given {
    static GIVEN: OnceLock<Given> = OnceLock::new();
    GIVEN.get_or_init(|| Given {
        policies: Arc::new(platform::policy_files::embedded().expect("the policies of the program")),
        catalogue: Arc::new(synthetic(1)),
        population: population(1, "2026-06-15".parse().expect("a day")),
    })
}

/// What one run did and found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What was broken; empty where nothing was.
    pub violations: Vec<String>,
    /// What happened to the visits, told in order; kept only where a story was asked for.
    pub story: Vec<String>,
    /// Nodes.
    pub nodes: u64,
    /// Visits.
    pub visits: u64,
    /// Messages of hospitals.
    pub messages: u64,
    /// Batches of letters that were pushed.
    pub pushes: u64,
    /// Faults that happened.
    pub faults: u64,
    /// Virtual time (ms).
    pub virtual_ms: i64,
    /// Statements of all disks.
    pub statements: u64,
    /// What each platter saw since its node was opened; empty where the disks lie in memory.
    pub platters: BTreeMap<NodeId, Counts>,
    /// Settlements that stand at the end.
    pub standing: u64,
    /// A digest of every store at the end: the same seed gives the same.
    pub digest: u64,
}

/// Where a push that arrived came from.
type Origin = (NodeId, u32, i64);

struct Site {
    machine: Option<Machine>,
    disk: Disk,
    /// Counts the lives of the node.
    life: u32,
    skew_ms: i64,
    inbox: Vec<Input>,
    receipts: BTreeMap<u64, Origin>,
    calls: BTreeMap<CallId, (usize, u32)>,
    /// When the node has its next turn.
    turn_at: Option<Instant>,
    back_after_ms: i64,
}

/// One country being run.
pub struct Country {
    plan: Plan,
    seed: Seed,
    sites: BTreeMap<NodeId, Site>,
    counters: Vec<Counter>,
    attempts: Vec<u32>,
    agenda: Agenda,
    now: Instant,
    healed: bool,
    parted: BTreeMap<(NodeId, NodeId), bool>,
    planted: Option<Planted>,
    next: u64,
    telling: bool,
    /// Whether it has long been healed and is not quiet.
    sleepy: bool,
    /// Whether nothing can go on: a database does not open.
    stopped: bool,
    outcome: Outcome,
}

/// How long a neighbour waits for a receipt (ms), as the link between processes does.
const RECEIPT_WAIT_MS: i64 = 10_000;
/// How long the country has before its first visit and its first fault (ms).
const OPENING_MS: i64 = 2_000;
/// How often a node gets a turn though nothing came (ms).
const IDLE_TURN_MS: i64 = 700;
/// The same once all is healed: nothing hurries any more (ms).
const CALM_TURN_MS: i64 = 5_000;
/// The same where a country is still not quiet so long after (ms): what goes on by then goes on for ever.
const SLEEPY_TURN_MS: i64 = 60_000;
const SLEEPY_AFTER_MS: i64 = 3_600_000;
/// How long after healing whatever has a clock is waited for (ms): its letters may all have been lost until then, and
/// its next turn is up to a minute away.
const CLOCKS_MS: i64 = 1_800_000;
/// How long a country may take to become quiet once all is healed (ms): 24 hours.
const QUIET_MS: i64 = 86_400_000;
/// Runs what is ordered and checks it.
pub fn run(order: &Order, telling: bool) -> Result<Outcome, StoreError> {
    let mut country = Country::found(order, telling)?;
    if let Err(error) = country.live() {
        // What a node cannot read back it would have refused with an alarm, and so would `yidi check`.
        country.outcome.violations.push(format!("a store cannot be read: {error}"));
    }
    country.close();
    Ok(country.outcome)
}

impl Country {
    fn found(order: &Order, telling: bool) -> Result<Country, StoreError> {
        let plan = plan(order);
        let mut seed = Seed::new(order.seed).for_purpose("country");
        let planted = order.bug.map(Planted::new);
        let people: Vec<_> = given()
            .population
            .people
            .iter()
            .filter(|person| plan.provinces.contains(&person.pool.province()))
            .collect();
        let hospitals: Vec<_> = given()
            .population
            .institutions
            .iter()
            .filter(|institution| plan.provinces.contains(&institution.region.province()))
            .filter(|institution| institution.code.as_str().starts_with('H') && !institution.suspended)
            .collect();
        let counters: Vec<Counter> = (0..plan.visits.len())
            .map(|number| {
                let person = (*seed.one_of(&people)).clone();
                Counter::draw(number, (*seed.one_of(&hospitals)).clone(), person, &mut seed)
            })
            .collect();
        let mut country = Country {
            now: plan.begins,
            attempts: vec![0; counters.len()],
            sites: BTreeMap::new(),
            agenda: Agenda::default(),
            healed: false,
            parted: BTreeMap::new(),
            next: 1,
            telling,
            sleepy: false,
            stopped: false,
            outcome: Outcome::default(),
            plan,
            seed,
            counters,
            planted,
        };
        country.open_sites(order)?;
        country.write_agenda();
        Ok(country)
    }

    fn open_sites(&mut self, order: &Order) -> Result<(), StoreError> {
        if order.level() == Level::Sectors {
            self.tell(|| "the disks are platters: a power cut keeps, loses and tears sectors".into());
        }
        let nodes =
            std::iter::once(NodeId::Hub).chain(self.plan.provinces.iter().copied().map(NodeId::Province));
        let treated: BTreeSet<_> =
            self.counters.iter().map(|counter| counter.person.person_no.clone()).collect();
        for id in nodes.collect::<Vec<_>>() {
            let platter_seed = Seed::new(order.seed).for_purpose(&id.to_string());
            let disk = Disk::new(order.level(), &platter_seed, self.planted.clone())?;
            disk.lose_letters(self.plan.lost_letters);
            if let NodeId::Province(province) = id {
                let people: Vec<_> = given()
                    .population
                    .people
                    .iter()
                    .filter(|person| treated.contains(&person.person_no))
                    .cloned()
                    .collect();
                let now = self.now;
                disk.look(|store| {
                    store.begin()?;
                    enrol(store, now, province, &given().population.institutions, &people)?;
                    store.commit()
                })?;
            }
            let site = Site {
                machine: None,
                disk,
                life: 0,
                skew_ms: 0,
                inbox: Vec::new(),
                receipts: BTreeMap::new(),
                calls: BTreeMap::new(),
                turn_at: None,
                back_after_ms: 0,
            };
            self.sites.insert(id, site);
            self.start(id)?;
            if let Some(platter) = self.sites[&id].disk.platter() {
                platter.count_anew();
            }
        }
        Ok(())
    }

    fn write_agenda(&mut self) {
        for (counter, begins) in self.plan.visits.clone().into_iter().enumerate() {
            self.agenda.add(self.plan.begins.plus_ms(OPENING_MS + begins), Happening::Counter(counter, 0));
        }
        for (at, blow) in self.plan.blows.clone() {
            self.agenda.add(self.plan.begins.plus_ms(OPENING_MS + at), Happening::Blow(blow));
        }
        self.agenda.add(self.healed_at(), Happening::Heal);
    }

    /// Brings a node to life from what its disk holds.
    fn start(&mut self, id: NodeId) -> Result<(), StoreError> {
        let members = self.plan.provinces.clone();
        let site = self.sites.get_mut(&id).expect("a site of this country");
        let node = match id {
            NodeId::Hub => Node::hub(members),
            NodeId::Province(province) => site.disk.look(|store| {
                let (policies, catalogue) = (given().policies.clone(), given().catalogue.clone());
                Node::province(store, province, policies, catalogue, Settings::default())
            })?,
        };
        // Coming to life is not struck: a death waits for the first turn.
        let mut ordered = site.disk.clone();
        site.machine = Some(ordered.unharmed(|disk| Machine::start(node, Box::new(disk)))?);
        site.life += 1;
        site.turn_at = None;
        self.call_turn(id, 1);
        Ok(())
    }

    /// A node has a turn in so many milliseconds, or sooner where one was called sooner.
    fn call_turn(&mut self, id: NodeId, after_ms: i64) {
        let Some(site) = self.sites.get_mut(&id) else { return };
        let at = self.now.plus_ms(after_ms);
        if site.turn_at.is_none_or(|called| at < called) {
            site.turn_at = Some(at);
            self.agenda.add(at, Happening::Turn(id, site.life));
        }
    }

    /// First nothing wrong while things fail, then all is healed and everything must end.
    fn live(&mut self) -> Result<(), StoreError> {
        if self.live_until_quiet()? && self.check(true)? && self.outcome.violations.is_empty() {
            self.next_day()?;
            let found = checks::the_day_after(&self.view()?);
            self.outcome.violations.extend(found);
        }
        Ok(())
    }

    /// The same, until everything has ended; `false` where something broke on the way.
    fn live_until_quiet(&mut self) -> Result<bool, StoreError> {
        let last = self.healed_at().plus_ms(QUIET_MS);
        let mut events = 0_u64;
        while let Some((at, happening)) = self.agenda.next() {
            self.now = self.now.max(at);
            if self.now > last {
                self.outcome.violations.push("24 hours after healing something still goes on".into());
                break;
            }
            self.happen(happening)?;
            if self.stopped {
                return Ok(false);
            }
            self.sleepy = self.healed && self.now > self.healed_at().plus_ms(SLEEPY_AFTER_MS);
            events += 1;
            if events.is_multiple_of(400) && !self.check(false)? {
                return Ok(false);
            }
            if self.healed && self.counters.iter().all(Counter::is_done) && self.is_quiet()? {
                break;
            }
        }
        Ok(true)
    }

    fn view(&self) -> Result<View<'_>, StoreError> {
        let disks = self.sites.iter().map(|(id, site)| (*id, &site.disk));
        View::take(disks, &self.counters, &given().population.people, true)
    }

    fn close(&mut self) {
        let outcome = &mut self.outcome;
        outcome.nodes = self.sites.len() as u64;
        outcome.visits = self.counters.len() as u64;
        outcome.messages = self.counters.iter().map(|counter| counter.messages).sum();
        outcome.virtual_ms = self.now.0 - self.plan.begins.0;
        outcome.statements = self.sites.values().map(|site| site.disk.counts().0).sum();
        let counts = self.sites.iter().filter_map(|(id, site)| Some((*id, site.disk.platter()?.counts())));
        outcome.platters = counts.collect();
        for counter in &mut self.counters {
            outcome.violations.append(&mut counter.violations);
        }
    }

    /// When every fault ends.
    fn healed_at(&self) -> Instant {
        self.plan.begins.plus_ms(OPENING_MS + self.plan.heals)
    }

    /// Whether nothing is on its way, nobody waits, and no clock runs.
    fn is_quiet(&mut self) -> Result<bool, StoreError> {
        let clocks_count = self.now < self.healed_at().plus_ms(CLOCKS_MS);
        for site in self.sites.values() {
            let open = site.disk.look(|store| {
                let (letters, _) = mail::outbox_waiting(store)?;
                let clocks = if clocks_count { resolving::resolving_all(store)?.len() } else { 0 };
                Ok::<_, StoreError>(letters > 0 || mail::question_open_count(store)? > 0 || clocks > 0)
            })?;
            if open || site.machine.is_none() || !site.inbox.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Checks the invariants; `false` where one is broken.
    fn check(&mut self, at_rest: bool) -> Result<bool, StoreError> {
        let disks = self.sites.iter().map(|(id, site)| (*id, &site.disk));
        let view = View::take(disks, &self.counters, &given().population.people, at_rest)?;
        let mut found = checks::all(&view);
        found.extend(checks::never_behind::check(&view));
        self.outcome.standing = view.standing_count();
        self.outcome.digest = view.digest();
        let right = found.is_empty();
        self.outcome.violations.extend(found);
        Ok(right && self.counters.iter().all(|counter| counter.violations.is_empty()))
    }

    fn tell(&mut self, words: impl FnOnce() -> String) {
        if self.telling {
            let since = self.now.0 - self.plan.begins.0;
            self.outcome.story.push(format!("{} s  {}", Seconds(since), words()));
        }
    }

    fn happen(&mut self, happening: Happening) -> Result<(), StoreError> {
        match happening {
            Happening::Turn(id, life) => self.turn(id, life),
            Happening::Letters { from, to, life, last, batch } => {
                self.letters_arrive(from, to, life, last, batch);
                Ok(())
            }
            Happening::Fate { of, life, peer, last, delivery } => {
                let site = self.sites.get_mut(&of).expect("a site");
                if site.life == life && site.machine.is_some() {
                    site.inbox.push(Input::Delivered(peer, last, delivery));
                    self.call_turn(of, 1);
                }
                Ok(())
            }
            Happening::Call { counter, attempt, body } => {
                self.call_arrives(counter, attempt, &body);
                Ok(())
            }
            Happening::Answer { counter, attempt, body } => {
                self.counter_hears(counter, attempt, Heard::Answer(body));
                Ok(())
            }
            Happening::Counter(counter, attempt) => {
                if attempt == 0 {
                    self.counter_speaks(counter);
                } else {
                    self.counter_hears(counter, attempt, Heard::Silence);
                }
                Ok(())
            }
            Happening::Blow(blow) => {
                self.strike(blow);
                Ok(())
            }
            Happening::Restart(id) => {
                if self.sites.get(&id).is_some_and(|site| site.machine.is_some()) {
                    return Ok(());
                }
                self.tell(|| format!("{id} comes back"));
                self.start(id)
            }
            Happening::DiskFree(id) => {
                self.sites.get_mut(&id).expect("a site").disk.fill(false);
                Ok(())
            }
            Happening::DiskRepaired(id) => {
                self.sites.get_mut(&id).expect("a site").disk.repair();
                Ok(())
            }
            Happening::Join(one, other) => {
                self.parted.remove(&(one, other));
                Ok(())
            }
            Happening::Heal => self.heal(),
        }
    }

    /// Every fault ends; what is dead comes back.
    fn heal(&mut self) -> Result<(), StoreError> {
        self.tell(|| "everything is healed".into());
        self.healed = true;
        self.parted.clear();
        for id in self.sites.keys().copied().collect::<Vec<_>>() {
            let site = self.sites.get_mut(&id).expect("a site");
            site.disk.fill(false);
            site.disk.lose_letters(0);
            site.disk.die_never();
            site.skew_ms = 0;
            if site.machine.is_none() {
                self.start(id)?;
            }
        }
        Ok(())
    }

    fn strike(&mut self, blow: Blow) {
        if self.healed {
            return;
        }
        self.outcome.faults += 1;
        self.tell(|| format!("{blow:?}"));
        match blow {
            Blow::Crash(id, statements, back_after) => {
                let site = self.sites.get_mut(&id).expect("a site");
                site.back_after_ms = back_after;
                site.disk.die_after(statements);
            }
            Blow::PowerCut(id, touches, back_after) => {
                let site = self.sites.get_mut(&id).expect("a site");
                site.back_after_ms = back_after;
                site.disk.cut_after(touches);
            }
            Blow::Fails(id, failure, lasts) => {
                self.sites.get_mut(&id).expect("a site").disk.fail(failure);
                self.agenda.add(self.now.plus_ms(lasts), Happening::DiskRepaired(id));
            }
            Blow::FullDisk(id, lasts) => {
                self.sites.get_mut(&id).expect("a site").disk.fill(true);
                self.agenda.add(self.now.plus_ms(lasts), Happening::DiskFree(id));
            }
            Blow::ClockJump(id, by) => self.sites.get_mut(&id).expect("a site").skew_ms += by,
            Blow::Partition(one, other, lasts, silent) => {
                self.parted.insert((one, other), silent);
                self.agenda.add(self.now.plus_ms(lasts), Happening::Join(one, other));
            }
        }
    }

    fn chance(&mut self, percent: u64) -> bool {
        // The hub hears who is insured where before the first fault, as `yidi demo` opens its doors only then.
        let opened = self.now >= self.plan.begins.plus_ms(OPENING_MS);
        let happens = opened && !self.healed && percent > 0 && self.seed.percent(percent);
        self.outcome.faults += u64::from(happens);
        happens
    }

    /// How long a message is on its way (ms).
    fn travel(&mut self) -> i64 {
        if self.chance(self.plan.slow) { self.seed.between(1_000, 30_000) } else { self.seed.between(1, 40) }
    }

    fn turn(&mut self, id: NodeId, life: u32) -> Result<(), StoreError> {
        let site = self.sites.get_mut(&id).expect("a site");
        // A turn that was called sooner has come in its place.
        if site.life != life || site.turn_at != Some(self.now) {
            return Ok(());
        }
        site.turn_at = None;
        let Some(machine) = &mut site.machine else { return Ok(()) };
        let inputs = std::mem::take(&mut site.inbox);
        let turned = machine.turn(self.now.plus_ms(site.skew_ms), inputs, false);
        if site.disk.is_dead() {
            self.bury(id);
            return Ok(());
        }
        for answered in turned.answers {
            let site = self.sites.get_mut(&id).expect("a site");
            if let Some((counter, attempt)) = site.calls.remove(&answered.call) {
                let body = answered.body.as_ref().clone();
                if !self.chance(self.plan.loss) {
                    let at = self.now.plus_ms(self.travel());
                    self.agenda.add(at, Happening::Answer { counter, attempt, body });
                }
            }
        }
        for (receipt, kept) in turned.receipts {
            let site = self.sites.get_mut(&id).expect("a site");
            if let Some(origin) = site.receipts.remove(&receipt) {
                self.receipt(id, origin, kept);
            }
        }
        for push in turned.pushes {
            self.push(id, life, push);
        }
        let after = match (self.healed, self.sleepy) {
            (false, _) => IDLE_TURN_MS,
            (_, false) => CALM_TURN_MS,
            (_, true) => SLEEPY_TURN_MS,
        };
        self.call_turn(id, after);
        Ok(())
    }

    /// A node died: what it held in memory and had not flushed is gone; those who wait for it hear nothing.
    fn bury(&mut self, id: NodeId) {
        self.tell(|| format!("{id} dies"));
        let site = self.sites.get_mut(&id).expect("a site");
        site.machine = None;
        let cycled = site.disk.power_cycle();
        site.inbox.clear();
        site.calls.clear();
        let orphans: Vec<Origin> = std::mem::take(&mut site.receipts).into_values().collect();
        let back = site.back_after_ms;
        if let Err(error) = cycled {
            self.outcome
                .violations
                .push(format!("{id} cannot use what a power cut left of its disk: {error}"));
            self.stopped = true;
        }
        for origin in orphans {
            self.receipt(id, origin, Kept::Not);
        }
        self.agenda.add(self.now.plus_ms(back), Happening::Restart(id));
    }
}
