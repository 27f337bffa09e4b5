//! A thousand conversations over a network that loses a tenth each way and
//! doubles a tenth: nothing is lost, nothing comes twice, the order is kept.
//!
//! `PARLOR_SIM_SEED=<seed>` replays one.

#![allow(
    clippy::panic,
    clippy::print_stdout,
    reason = "a test says what it found"
)]

use parlor_sim::{Outcome, Plan, run};

const SEEDS: u64 = 1_000;

fn check(outcome: &Outcome) {
    assert!(
        outcome.wrong.is_empty(),
        "PARLOR_SIM_SEED={} replays this: {:#?}",
        outcome.seed,
        outcome.wrong
    );
}

#[test]
fn a_thousand_conversations_over_a_lossy_network() {
    if let Ok(seed) = std::env::var("PARLOR_SIM_SEED") {
        let Ok(seed) = seed.parse() else {
            panic!("PARLOR_SIM_SEED is not a number");
        };
        println!("{:#?}", run(seed, Plan::TENTH));
        return check(&run(seed, Plan::TENTH));
    }
    println!("seeds 0 to {SEEDS}");
    let mut calls = 0;
    for seed in 0..SEEDS {
        let outcome = run(seed, Plan::TENTH);
        check(&outcome);
        calls += outcome.calls;
    }
    println!("{calls} requests by visitors");
}

#[test]
fn the_same_seed_is_the_same_story() {
    for seed in [3, 77] {
        let (first, second) = (run(seed, Plan::TENTH), run(seed, Plan::TENTH));
        assert_eq!(first.calls, second.calls, "seed {seed}");
    }
}
