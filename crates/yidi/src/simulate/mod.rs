//! `yidi simulate`: the real nodes behind simulated doors, seed after seed; what was simulated, how fast, and for a
//! seed that breaks something the shortest story and the command to see it again.

/// Everything that a disk can do to one scenario.
mod battery;

use anyhow::Context;
use platform::doors::{Clock, MachineClock};
use simulation::country::{Blow, Fault, Order, run as run_country};
use simulation::planted::Bug;
use simulation::platter::Level;
use simulation::sweep::{Swept, catch, shrink, sweep};
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// Runs seeded countries with faults and checks every invariant.
#[derive(clap::Args)]
pub struct Args {
    /// 种子范围: from A to before B, as 0..1000
    #[arg(long, value_name = "A..B", value_parser = range, default_value = "0..1000")]
    seeds: std::ops::Range<u64>,
    /// 单个种子: one seed, with its story
    #[arg(long)]
    seed: Option<u64>,
    /// 就诊数上限: at most so many visits in a country
    #[arg(long)]
    visits: Option<usize>,
    /// 故障种类: loss, duplicate, delay, partition, crash, full-disk, clock-jump, lost-letter, failing-disk, or none; all where nothing is said
    #[arg(long, value_delimiter = ',', value_parser = fault)]
    faults: Option<Vec<Option<Fault>>>,
    /// 磁盘层级: transactions (a crash loses whole transactions) or sectors (below the engine: it loses and tears sectors); 2 seeds in 100 are on sectors where nothing is said
    #[arg(long, value_parser = level)]
    disk: Option<Level>,
    /// 磁盘一击: something that also befalls the disk of one node, as 22:cut:40, 22:write:40, 22:flushes:3 (the s: and all that follow, for 20 s); takes --disk sectors
    #[arg(long, value_parser = blow)]
    also: Option<Blow>,
    /// 植入缺陷: one deliberate bug at work
    #[arg(long, value_parser = bug)]
    bug: Option<Bug>,
    /// 逐一植入全部缺陷: switches on every deliberate bug in turn; each must be caught within the seeds
    #[arg(long)]
    planted: bool,
    /// 磁盘考验: every write and every flush that fails, power cuts everywhere, turned bits, for the scenario of --seed
    #[arg(long)]
    battery: bool,
    /// 断电映像数: with --battery, how many images of what power cuts leave are opened
    #[arg(long, default_value_t = 10_000)]
    images: u64,
    /// 位翻转数: with --battery, how many bits are turned, one at a time
    #[arg(long, default_value_t = 10_000)]
    bits: u64,
    /// 线程数: 0 takes all cores
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// 以JSON输出
    #[arg(long)]
    json: bool,
}

fn range(text: &str) -> Result<std::ops::Range<u64>, String> {
    let (from, to) = text.split_once("..").ok_or("write two numbers with two points between, as 0..1000")?;
    let number = |text: &str| text.trim().parse::<u64>().map_err(|_| format!("{text:?} is no number"));
    Ok(number(from)?..number(to)?)
}

fn fault(word: &str) -> Result<Option<Fault>, String> {
    if word == "none" {
        return Ok(None);
    }
    let words = || Fault::ALL.map(Fault::word).join(", ");
    Fault::of_word(word).map(Some).ok_or_else(|| format!("write some of {}, or none", words()))
}

fn level(word: &str) -> Result<Level, String> {
    Level::of_word(word).ok_or_else(|| format!("write {}", Level::ALL.map(Level::word).join(" or ")))
}

fn blow(words: &str) -> Result<Blow, String> {
    Blow::of_word(words).ok_or_else(|| {
        "write NODE:WHAT:AFTER, as hub:cut:40; WHAT is one of cut, write, writes, flush, flushes".into()
    })
}

fn bug(word: &str) -> Result<Bug, String> {
    let words = || Bug::ALL.iter().map(|bug| bug.word()).collect::<Vec<_>>().join(", ");
    Bug::of_word(word).ok_or_else(|| format!("write one of {}", words()))
}

impl Args {
    fn order(&self, seed: u64) -> Order {
        let mut order = Order {
            visits: self.visits,
            bug: self.bug,
            disk: self.disk.or(self.also.as_ref().map(|_| Level::Sectors)),
            also: self.also.clone(),
            ..Order::of_seed(seed)
        };
        if let Some(faults) = &self.faults {
            order.faults = faults.iter().flatten().copied().collect();
        }
        order
    }

    fn threads(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            threads => threads,
        }
    }
}

/// Exit code 0 where nothing is broken (and, with `--planted`, every bug is caught), else 1.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    // A step that stops at an assertion is a finding, told by the checks; its backtrace would drown them.
    std::panic::set_hook(Box::new(|_| {}));
    let right = match (args.seed, args.planted) {
        _ if args.battery => battery::run(args)?,
        (Some(seed), _) => one(args, seed)?,
        (None, true) => planted(args)?,
        (None, false) => many(args)?,
    };
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn one(args: &Args, seed: u64) -> anyhow::Result<bool> {
    let order = args.order(seed);
    let outcome = run_country(&order, true).context("failed to run the country")?;
    println!("{}", order.command());
    for line in &outcome.story {
        println!("{line}");
    }
    println!(
        "\n{} nodes, {} visits, {} messages, {} batches of letters, {} faults, {} s of virtual time",
        outcome.nodes,
        outcome.visits,
        outcome.messages,
        outcome.pushes,
        outcome.faults,
        outcome.virtual_ms / 1000
    );
    if outcome.violations.is_empty() {
        println!("every invariant holds");
    }
    for violation in &outcome.violations {
        println!("BROKEN: {violation}");
    }
    Ok(outcome.violations.is_empty())
}

fn many(args: &Args) -> anyhow::Result<bool> {
    let clock = MachineClock::default();
    let begun = clock.now();
    let stop = Arc::new(AtomicBool::new(false));
    let total = args.seeds.end.saturating_sub(args.seeds.start);
    let shown = AtomicI64::new(begun.0);
    let progress = |done: u64| {
        let now = clock.now().0;
        let last = shown.load(Ordering::Relaxed);
        if !args.json
            && now - last >= 1_000
            && shown.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            eprint!("\r{done} / {total} seeds ");
            let _ = std::io::stderr().flush();
        }
    };
    let swept = sweep(args.seeds.clone(), args.threads(), |seed| args.order(seed), progress, &stop)
        .context("failed to run a country")?;
    let took = (clock.now().0 - begun.0).max(1);
    if args.json {
        println!("{}", serde_json::to_string_pretty(&as_json(&swept, took, args.threads()))?);
    } else {
        eprint!("\r");
        print_swept(&swept, took, args.threads());
    }
    let Some((seed, violations)) = &swept.broken else { return Ok(true) };
    for violation in violations {
        println!("BROKEN (seed {seed}): {violation}");
    }
    println!("\nlooking for the shortest story ...");
    let shortest = shrink(&args.order(*seed))?;
    let outcome = run_country(&shortest, true)?;
    for line in outcome.story.iter().rev().take(60).rev() {
        println!("{line}");
    }
    for violation in &outcome.violations {
        println!("BROKEN: {violation}");
    }
    println!("\nto see it again: {}", shortest.command());
    Ok(false)
}

fn print_swept(swept: &Swept, took_ms: i64, threads: usize) {
    let per_second = swept.seeds * 1000 / took_ms.unsigned_abs();
    println!(
        "{} seeds in {}.{} s on {threads} threads: {per_second} a second, {} a second and core",
        swept.seeds,
        took_ms / 1000,
        took_ms % 1000 / 100,
        per_second / threads.max(1) as u64
    );
    println!(
        "simulated: {} nodes, {} visits, {} messages of hospitals, {} batches of letters, {} faults, {} statements, \
         {} h of virtual time ({} times real time)",
        swept.nodes,
        swept.visits,
        swept.messages,
        swept.pushes,
        swept.faults,
        swept.statements,
        swept.virtual_ms / 3_600_000,
        swept.virtual_ms / took_ms
    );
    println!(
        "below the engine: {} seeds on sectors, {} writes, {} flushes, {} power cuts, {} sectors lost or torn",
        swept.on_platters,
        swept.platters.writes,
        swept.platters.flushes,
        swept.platters.cuts,
        swept.platters.sectors_hurt
    );
    println!(
        "{} settlements stood at the end; {} seeds were run twice and gave the same",
        swept.standing, swept.repeated
    );
    if swept.broken.is_none() {
        println!("0 violations");
    }
}

fn as_json(swept: &Swept, took_ms: i64, threads: usize) -> serde_json::Value {
    serde_json::json!({
        "seeds": swept.seeds, "took_ms": took_ms, "threads": threads, "nodes": swept.nodes, "visits": swept.visits,
        "messages": swept.messages, "letter_batches": swept.pushes, "faults": swept.faults,
        "statements": swept.statements, "virtual_ms": swept.virtual_ms, "standing": swept.standing,
        "repeated": swept.repeated, "seeds_on_sectors": swept.on_platters, "disk_writes": swept.platters.writes,
        "disk_flushes": swept.platters.flushes, "power_cuts": swept.platters.cuts,
        "sectors_lost_or_torn": swept.platters.sectors_hurt,
        "broken": swept.broken.as_ref().map(|(seed, violations)| serde_json::json!({"seed": seed, "violations": violations})),
    })
}

fn planted(args: &Args) -> anyhow::Result<bool> {
    let mut all_caught = true;
    for bug in Bug::ALL {
        match catch(*bug, args.seeds.clone(), args.threads())? {
            Some((seed, violations)) => {
                println!("caught by seed {seed:>5}  {:<26} {}", bug.word(), bug.says());
                println!("                       {}", violations.first().map_or("", String::as_str));
            }
            None => {
                all_caught = false;
                println!("NOT CAUGHT           {:<26} {}", bug.word(), bug.says());
            }
        }
    }
    Ok(all_caught)
}
