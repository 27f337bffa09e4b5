//! Counts of what was answered, and a list of what must not happen.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::http::{Fault, Reply};

/// So many violations are printed; the rest is counted.
const SHOWN_MAX: usize = 10;

/// What happened in one scenario.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<Counts>);

#[derive(Debug, Default, Clone)]
struct Counts {
    statuses: BTreeMap<u16, u64>,
    faults: BTreeMap<&'static str, u64>,
    violations: Vec<String>,
    more_violations: u64,
}

impl Tally {
    /// Counts an answer; one with a status that is not `expected` is a violation.
    pub(crate) fn count(&self, what: &str, result: &Result<Reply, Fault>, expected: &[u16]) {
        self.observe(result);
        match result {
            Ok(reply) if expected.contains(&reply.status) => {}
            Ok(reply) => self.violation(format!("{what} was answered {}", reply.status)),
            Err(fault) => self.violation(format!("{what}: {}", word(*fault))),
        }
    }

    /// Counts an answer, whatever it is.
    pub(crate) fn observe(&self, result: &Result<Reply, Fault>) {
        let mut counts = self.lock();
        match result {
            Ok(reply) => *counts.statuses.entry(reply.status).or_default() += 1,
            Err(fault) => *counts.faults.entry(word(*fault)).or_default() += 1,
        }
    }

    pub(crate) fn violation(&self, text: String) {
        let mut counts = self.lock();
        if counts.violations.len() < SHOWN_MAX {
            counts.violations.push(text);
        } else {
            counts.more_violations += 1;
        }
    }

    /// How many answers had this status.
    pub(crate) fn answered(&self, status: u16) -> u64 {
        self.lock().statuses.get(&status).copied().unwrap_or(0)
    }

    /// For the report: `200 12,345 · 204 4,000`.
    pub(crate) fn statuses(&self) -> String {
        let counts = self.lock();
        let statuses = counts.statuses.iter().map(|(it, n)| (it.to_string(), n));
        let faults = counts.faults.iter().map(|(it, n)| ((*it).to_owned(), n));
        let all = statuses.chain(faults).map(|(it, n)| format!("{it} × {n}"));
        all.collect::<Vec<_>>().join(", ")
    }

    /// What must not have happened, at most [`SHOWN_MAX`] and how many more.
    pub(crate) fn violations(&self) -> Vec<String> {
        let counts = self.lock();
        let mut all = counts.violations.clone();
        if counts.more_violations > 0 {
            all.push(format!("and {} more", counts.more_violations));
        }
        all
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn word(fault: Fault) -> &'static str {
    match fault {
        Fault::Closed => "no answer",
        Fault::Late => "late",
        Fault::Malformed => "unreadable",
    }
}
