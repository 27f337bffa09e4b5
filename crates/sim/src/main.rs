//! `parlor-sim --seeds N [--from S|random] [--minutes M] [--short|--lossy|--nobody|--departures]` runs worlds, prints
//! statistics, and shortens and prints the plan of the first that fails. `--sqlite N` runs N worlds at
//! the same time in real time, each over a database of its own.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program prints its results"
)]

use std::{
    collections::BTreeMap,
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use parlor_sim::{Outcome, Plan, run, run_over_sqlite, shrink};

#[derive(Default)]
struct Total {
    worlds: u64,
    calls: u64,
    messages: u64,
    faults: BTreeMap<&'static str, u64>,
    take_overs: Vec<u64>,
    failed: Vec<u64>,
    last_progress: Option<Instant>,
}

/// A kind of worlds: its option, and the plan of a seed.
type Kind = (&'static str, fn(u64) -> Plan);

/// The time between two progress messages.
const PROGRESS_EVERY: Duration = Duration::from_secs(20);

/// The run stops after so many failures: one is enough to work on.
const FAILURES_MAX: usize = 5;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let has = |name: &str| arguments.iter().position(|argument| argument == name);
    let argument = |name: &str| arguments.get(has(name)? + 1);
    let number = |name: &str| -> Option<u64> { argument(name)?.parse().ok() };
    let from = match argument("--from").map(String::as_str) {
        // Small enough to type it.
        Some("random") => u64::from(rand::random::<u32>()) * 1_000,
        _ => number("--from").unwrap_or(0),
    };
    let seeds = number("--seeds").unwrap_or(1_000);
    let threads = number("--threads").unwrap_or_else(cores);
    let until = number("--minutes").map(|m| Instant::now() + Duration::from_secs(60 * m));
    if let Some(worlds) = number("--sqlite") {
        return over_sqlite(from, worlds);
    }
    let kinds: [Kind; 4] = [
        ("--lossy", Plan::lossy),
        ("--nobody", Plan::nobody),
        ("--departures", Plan::departures),
        ("--short", Plan::short),
    ];
    let wanted = kinds.into_iter().find(|(name, _)| has(name).is_some());
    let plan = wanted.map_or(Plan::of as fn(u64) -> Plan, |(_, plan)| plan);
    println!("from seed {from}");
    let started = Instant::now();
    let next = AtomicU64::new(from);
    let total = Mutex::new(Total::default());
    let work = || work(plan, &next, from.saturating_add(seeds), until, &total);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let mut total = total.into_inner().unwrap_or_else(PoisonError::into_inner);
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "seeds {from} to {}: {} worlds in {seconds:.1} s, {:.0} a second on {threads} threads",
        from + total.worlds,
        total.worlds,
        total.worlds as f64 / seconds,
    );
    println!(
        "{} messages, {} requests by visitors; faults by kind:",
        total.messages, total.calls
    );
    for (kind, times) in &total.faults {
        println!("  {times:>9} {kind}");
    }
    total.take_overs.sort_unstable();
    let times = &total.take_overs;
    if let (Some(median), Some(worst)) = (times.get(times.len() / 2), times.last()) {
        let many = times.len();
        println!("{many} tabs took over the lead: {median} ms in the median, {worst} ms at worst");
    }
    let Some(seed) = total.failed.iter().min() else {
        println!("no message lost, duplicated or out of order; all worlds settled");
        return ExitCode::SUCCESS;
    };
    eprintln!(
        "failed: seeds {:?}; the shortened plan of {seed}:",
        total.failed
    );
    let short = shrink(plan(*seed), |plan| !run(plan).violations.is_empty());
    eprint!("{short}");
    for violation in run(&short).violations {
        eprintln!("  {violation}");
    }
    ExitCode::FAILURE
}

/// Runs worlds at the same time in real time, each over a database of its own.
fn over_sqlite(from: u64, worlds: u64) -> ExitCode {
    let folder = std::env::temp_dir().join(format!("parlor-sim-{}", std::process::id()));
    let plans: Vec<Plan> = (from..from + worlds)
        .map(|seed| Plan {
            visible_at_end: true,
            ..Plan::short(seed)
        })
        .collect();
    let outcomes = run_over_sqlite(&plans, &folder);
    // Databases that cannot be removed do no harm.
    let _ = std::fs::remove_dir_all(&folder);
    let mut total = Total::default();
    for outcome in outcomes {
        for violation in &outcome.violations {
            eprintln!("seed {}: {violation}", outcome.seed);
        }
        total.add(outcome);
    }
    println!(
        "{} worlds over SQLite in real time, {} messages, {} requests by visitors",
        total.worlds, total.messages, total.calls
    );
    if total.failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn cores() -> u64 {
    thread::available_parallelism().map_or(1, |cores| cores.get() as u64)
}

fn work(
    plan: fn(u64) -> Plan,
    next: &AtomicU64,
    to: u64,
    until: Option<Instant>,
    total: &Mutex<Total>,
) {
    loop {
        let enough = until.is_some_and(|until| Instant::now() >= until);
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if enough || seed >= to {
            return;
        }
        let outcome = run(&plan(seed));
        let mut total = total.lock().unwrap_or_else(PoisonError::into_inner);
        total.add(outcome);
        total.print_progress();
        if total.failed.len() >= FAILURES_MAX {
            return;
        }
    }
}

impl Total {
    /// Prints the progress, if the last message is old enough.
    fn print_progress(&mut self) {
        let last = *self.last_progress.get_or_insert_with(Instant::now);
        if last.elapsed() >= PROGRESS_EVERY {
            self.last_progress = Some(Instant::now());
            println!("{} worlds; failed: {:?}", self.worlds, self.failed);
        }
    }

    fn add(&mut self, outcome: Outcome) {
        self.worlds += 1;
        self.calls += outcome.calls;
        self.messages += outcome.messages;
        for (kind, times) in outcome.faults {
            *self.faults.entry(kind).or_default() += times;
        }
        self.take_overs.extend(outcome.take_overs);
        if !outcome.violations.is_empty() {
            self.failed.push(outcome.seed);
        }
    }
}
