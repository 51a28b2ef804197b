//! Load and kills: counters call as hospitals do while processes die under them; then quiet, and the whole truth.

use super::{Args, Report};
use crate::arrivals::Arrivals;
use crate::rig::Rig;
use crate::server::Server;
use crate::visitors::{Attended, Visitors, becomes_quiet};
use insurance::settlement::State;
use platform::doors::{Clock, micros};
use simulation::checks::{self, View};
use simulation::counter::Counter;
use simulation::population::Population;
use simulation::seed::Seed;
use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Between two kills (ms).
const BETWEEN_KILLS_MS: (i64, i64) = (200, 3_000);
/// How long a killed process stays down (ms).
const DOWN_MS: (i64, i64) = (0, 400);
/// How long counters may take to finish, and how long the nodes until they are quiet.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a counter waits for an answer at most (ms).
const COUNTER_PATIENCE_MS: u64 = 4_000;

/// A network under attack.
pub(crate) struct Storm {
    pub(crate) rig: Rig,
    /// The server of its databases, where it is ours to kill.
    server: Option<Server>,
    pub(crate) visitors: Arc<Visitors>,
    runtime: tokio::runtime::Handle,
    population: Arc<Population>,
    seed: Seed,
    arrivals: Option<Arrivals>,
    begun: u64,
    rate: u64,
    rounds: u64,
    counters: Vec<Counter>,
    /// How many counters there were of which nothing is remembered.
    forgotten: usize,
    stop: Arc<AtomicBool>,
    report: Report,
}

impl Storm {
    /// Starts every process and waits until the hub knows everybody; `seed` of the visits and `rate` a second.
    pub(crate) fn gather(
        mut rig: Rig,
        server: Option<Server>,
        runtime: tokio::runtime::Handle,
        (seed, rate): (u64, u64),
        stop: Arc<AtomicBool>,
    ) -> anyhow::Result<Storm> {
        rig.start()?;
        let visitors = Visitors::of(&rig, COUNTER_PATIENCE_MS);
        let population = Arc::new(rig.population(visitors.clock.now().day())?);
        let names = rig.processes.iter().map(|process| process.name.clone());
        let kills =
            names.chain(server.iter().map(|_| "postgresql".to_owned())).map(|name| (name, 0)).collect();
        let mut storm = Storm {
            rig,
            server,
            visitors,
            runtime,
            population,
            seed: Seed::new(seed).for_purpose("torture"),
            arrivals: None,
            begun: micros(),
            rate,
            rounds: 0,
            counters: Vec::new(),
            forgotten: 0,
            stop,
            report: Report { kills, ..Report::default() },
        };
        storm.becomes_quiet();
        Ok(storm)
    }

    /// Kills as often as ordered, and verifies after every so many.
    pub(crate) fn rage(&mut self, args: &Args) -> anyhow::Result<()> {
        while self.report.kills() < args.kills && !self.stopped() {
            self.load_on();
            let round = args.check_every.min(args.kills - self.report.kills());
            for _ in 0..round {
                if self.stopped() {
                    break;
                }
                self.pause(BETWEEN_KILLS_MS);
                let victim =
                    usize::try_from(self.seed.below(self.report.kills.len() as u64)).expect("an index");
                self.kill(victim)?;
                self.progress(args.kills);
            }
            self.load_off_and_verify()?;
            self.progress(args.kills);
            if !self.report.violations.is_empty() {
                break;
            }
        }
        eprintln!();
        Ok(())
    }

    /// What is wrong so far.
    pub(crate) fn violations(&self) -> &[String] {
        &self.report.violations
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn pause(&mut self, (least, most): (i64, i64)) {
        let ms = self.seed.between(least, most).unsigned_abs();
        std::thread::sleep(Duration::from_millis(ms));
    }

    fn kill(&mut self, victim: usize) -> anyhow::Result<()> {
        self.ended_alone();
        self.report.kills[victim].1 += 1;
        if let Some(process) = self.rig.processes.get_mut(victim) {
            process.kill();
            self.pause(DOWN_MS);
            let begun = micros();
            self.rig.processes[victim].start()?;
            self.report.restart_ms.push((micros() - begun) / 1000);
        } else if let Some(server) = &mut self.server {
            server.kill();
            let ms = self.seed.between(DOWN_MS.0, DOWN_MS.1).unsigned_abs();
            std::thread::sleep(Duration::from_millis(ms));
            let begun = micros();
            server.start()?;
            self.report.server_ms.push((micros() - begun) / 1000);
        }
        Ok(())
    }

    /// A process that ended without being killed is a finding.
    fn ended_alone(&mut self) {
        for process in &mut self.rig.processes {
            if process.has_ended() {
                let words = process.last_words().unwrap_or_default();
                self.report.violations.push(format!("process {} ended by itself: {words}", process.name));
            }
        }
    }

    /// Counters arrive from now on.
    pub(crate) fn load_on(&mut self) {
        self.rounds += 1;
        let (population, first) = (self.population.clone(), self.counters.len() + self.forgotten);
        let mut seed = self.seed.for_purpose("visits").for_purpose(&self.rounds.to_string());
        let draw = move |number: usize| {
            let institution = seed.one_of(&population.institutions).clone();
            let person = seed.one_of(&population.people).clone();
            Counter::draw(first + number, institution, person, &mut seed)
        };
        self.arrivals =
            Some(Arrivals::begin(&self.runtime, self.visitors.clone(), self.rate, Box::new(draw)));
    }

    /// No counter arrives any more, those that are there go home as they are, and nothing of them is remembered: what
    /// they were told is given back.
    pub(crate) fn load_off_and_forget(&mut self) -> Vec<Counter> {
        let Some(arrivals) = self.arrivals.take() else { return Vec::new() };
        self.visitors.go_home.store(true, Ordering::Relaxed);
        let visitors = self.visitors.clone();
        let attended = self.runtime.block_on(arrivals.end(&visitors, Duration::ZERO));
        self.visitors.go_home.store(false, Ordering::Relaxed);
        self.forgotten += attended.len();
        attended.into_iter().map(|Attended { counter, .. }| counter).collect()
    }

    /// The numbers of all settlements that treatment places know.
    pub(crate) fn settlements_known(&self) -> anyhow::Result<BTreeSet<String>> {
        let nodes = self.rig.views()?;
        let records = nodes.iter().flat_map(|node| &node.settlements);
        Ok(records.map(|record| record.id.as_str().to_owned()).collect())
    }

    /// The numbers of settlements that counters were told and that stand.
    pub(crate) fn numbers_told(&self) -> impl Iterator<Item = String> {
        self.counters.iter().filter_map(|counter| counter.standing.clone())
    }

    /// No counter arrives any more; those that are there finish, the nodes become quiet, and everything is verified.
    pub(crate) fn load_off_and_verify(&mut self) -> anyhow::Result<()> {
        if let Some(arrivals) = self.arrivals.take() {
            let visitors = self.visitors.clone();
            let attended = self.runtime.block_on(arrivals.end(&visitors, PATIENCE));
            self.counters.extend(attended.into_iter().map(|Attended { counter, .. }| counter));
        }
        self.ended_alone();
        if !self.becomes_quiet() {
            self.report.violations.push(format!("not quiet after {} s", PATIENCE.as_secs()));
        }
        let view = View {
            nodes: self.rig.views()?,
            counters: &self.counters,
            enrolled: &self.population.people,
            at_rest: true,
        };
        self.report.violations.extend(checks::all(&view));
        self.report.standing = view.standing_count();
        // What was ever settled, standing or taken back since: the insured side keeps both.
        let ended = |state: State| matches!(state, State::Settled | State::Reversed);
        self.report.settled = view.settlements().filter(|(_, record)| ended(record.state)).count() as u64;
        self.report.journals = view.nodes.iter().map(|node| node.journals.len()).sum();
        for counter in &mut self.counters {
            self.report.violations.append(&mut counter.violations);
        }
        self.report.checks += 1;
        Ok(())
    }

    /// Waits until nothing is under way.
    fn becomes_quiet(&mut self) -> bool {
        let begun = micros();
        let quiet = self.runtime.block_on(becomes_quiet(&self.visitors, &self.rig, PATIENCE));
        self.report.quiet_ms = self.report.quiet_ms.max((micros() - begun) / 1000);
        quiet
    }

    fn progress(&self, of: u32) {
        let messages = self.visitors.messages.load(Ordering::Relaxed);
        eprint!(
            "\r{} / {of} kills, {} visits done, {messages} messages, {} settlements, verified {} times ",
            self.report.kills(),
            self.counters.len(),
            self.report.settled,
            self.report.checks
        );
        let _ = std::io::stderr().flush();
    }

    /// What was done and found.
    pub(crate) fn report(mut self) -> Report {
        let count = |number: &std::sync::atomic::AtomicU64| number.load(Ordering::Relaxed);
        self.report.visits = self.counters.len();
        self.report.messages = count(&self.visitors.messages);
        self.report.unanswered = count(&self.visitors.unanswered);
        self.report.undecided = count(&self.visitors.undecided);
        self.report.not_kept = count(&self.visitors.store_failed);
        self.report.took_s = (micros() - self.begun) / 1_000_000;
        self.report
    }
}
