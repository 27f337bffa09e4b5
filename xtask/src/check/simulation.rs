//! The simulation, optimised, for it is to see many worlds: a thousand conversations of which each
//! way loses a tenth, twenty thousand short schedules of all faults, and two thousand in which agents
//! come and go (`docs/DELIVERY.md`). A run counts as one test, however many worlds it is made of.

use anyhow::Result;

use crate::check::tally::Tally;
use crate::sim;

const RUNS: [&[&str]; 3] = [
    &["--lossy", "--seeds", "1000"],
    &["--short", "--seeds", "20000"],
    &["--departures", "--seeds", "2000"],
];

pub(crate) fn check() -> Result<Tally> {
    let mut tally = Tally::default();
    for arguments in RUNS {
        let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        match sim::run(&arguments) {
            Ok(()) => tally.passed += 1,
            Err(error) => {
                println!("{error:#}");
                tally.failed += 1;
            }
        }
    }
    Ok(tally)
}
