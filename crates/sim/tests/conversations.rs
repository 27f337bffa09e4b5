//! Some of the worlds that `cargo xtask sim` runs: no message is lost, duplicated or out of order, all
//! tabs display the same, and everything settles.
//!
//! `cargo xtask sim --from <seed> --seeds 1` runs one of them again. `cargo xtask test` runs many more,
//! optimised.

#![allow(clippy::panic, reason = "a failed test prints its plan")]

use parlor_sim::{Plan, run, shrink};

/// An unoptimised build runs so many in some seconds.
const SEEDS: u64 = 150;

fn check(plan: Plan) {
    if run(&plan).violations.is_empty() {
        return;
    }
    let short = shrink(plan, |plan| !run(plan).violations.is_empty());
    panic!("{short}{:#?}", run(&short).violations);
}

#[test]
fn no_message_is_lost_duplicated_or_out_of_order() {
    for seed in 0..SEEDS {
        check(Plan::of(seed));
    }
}

#[test]
fn no_message_that_is_left_is_lost_or_left_twice() {
    for seed in 0..SEEDS {
        check(Plan::nobody(seed));
    }
}

#[test]
fn nothing_that_a_visitor_wants_is_lost_while_agents_come_and_go() {
    for seed in 0..SEEDS {
        check(Plan::departures(seed));
    }
}

/// Worlds that failed once. `docs/DELIVERY.md` describes what each of them found, and the tests of
/// `parlor-session` have a story for it.
const FAILED_ONCE: [u64; 7] = [1048, 1276, 5069, 5253, 5873, 6684, 6791];

/// Short worlds that failed once.
const SHORT_FAILED_ONCE: [u64; 17] = [
    4938,
    7428,
    14_735_844,
    192_973_271_203,
    192_973_365_372,
    192_973_411_164,
    507_521_517_953,
    507_521_536_769,
    2_417_365_313_468,
    2_571_893_352_607,
    2_571_893_355_005,
    2_571_893_359_833,
    2_781_513_251_486,
    4_219_593_354_821,
    4_219_593_428_214,
    4_262_580_707_016,
    4_262_580_754_833,
];

#[test]
fn worlds_that_failed_once_pass() {
    FAILED_ONCE.into_iter().map(Plan::of).for_each(check);
}

#[test]
fn short_worlds_that_failed_once_pass() {
    SHORT_FAILED_ONCE
        .into_iter()
        .map(Plan::short)
        .for_each(check);
}

#[test]
fn the_same_seed_gives_the_same_world() {
    for seed in [3, 77] {
        let (first, second) = (run(&Plan::of(seed)), run(&Plan::of(seed)));
        assert_eq!(first.calls, second.calls, "seed {seed}");
        assert_eq!(first.faults, second.faults, "seed {seed}");
    }
}
