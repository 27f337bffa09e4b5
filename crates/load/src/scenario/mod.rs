//! What can be measured. A scenario has a name, a size, and a file.

mod abuse;
mod agents;
mod crowd;
mod queue;
mod restarts;
mod talking;

use std::str::FromStr;

use anyhow::{Result, bail};

use crate::{Setting, report::Report};

/// The scenarios.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Waiting,
    Held,
    LookedAt,
    Hidden,
    Talking,
    Agents,
    Restarts,
    Queue,
    Flood,
    Slowloris,
}

/// A scenario's entry in the list.
#[derive(Debug)]
pub(crate) struct Scenario {
    kind: Kind,
    pub(crate) name: &'static str,
    /// What its size counts, and what happens beside.
    pub(crate) purpose: &'static str,
    /// Unless another is asked for.
    pub(crate) size: usize,
    /// Short, when all are run to see whether they work.
    short_size: usize,
}

const fn scenario(
    kind: Kind,
    name: &'static str,
    [short_size, size]: [usize; 2],
    purpose: &'static str,
) -> Scenario {
    Scenario {
        kind,
        name,
        purpose,
        size,
        short_size,
    }
}

pub(crate) const ALL: &[Scenario] = &[
    scenario(
        Kind::Waiting,
        "waiting",
        [100, 1_000],
        "visitors in the queue, of whom one is accepted each second, beside 50 who chat",
    ),
    scenario(
        Kind::Held,
        "held",
        [200, 10_000],
        "visitors with a poll, a fifth of them in the queue",
    ),
    scenario(
        Kind::LookedAt,
        "looked-at",
        [100, 3_000],
        "visitors in chats who look at their window, and so poll with hold=3000",
    ),
    scenario(
        Kind::Hidden,
        "hidden",
        [200, 10_000],
        "visitors in chats who do not look",
    ),
    scenario(
        Kind::Talking,
        "talking",
        [100, 2_000],
        "visitors who write, beside a bare SQLite writer",
    ),
    scenario(
        Kind::Agents,
        "agents",
        [10, 100],
        "consoles that are told of 50 conversations; a tenth of them first",
    ),
    scenario(
        Kind::Restarts,
        "restarts",
        [2, 10],
        "ends by SIGTERM and SIGKILL in turn, under 100 conversations",
    ),
    scenario(
        Kind::Queue,
        "queue",
        [200, 10_000],
        "visitors who wait, while others join and end; a hundredth of them first",
    ),
    scenario(
        Kind::Flood,
        "flood",
        [500, 2_000],
        "new sessions a second from one address, while 500 chat",
    ),
    scenario(
        Kind::Slowloris,
        "slowloris",
        [500, 5_000],
        "connections that send a byte a second, while 500 chat",
    ),
];

/// A scenario with its size, as on the command line: `waiting=1000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chosen {
    kind: Kind,
    name: &'static str,
    size: usize,
}

/// All scenarios, in their own sizes.
pub(crate) fn all(short: bool) -> Vec<Chosen> {
    let sized = |it: &Scenario| Chosen {
        kind: it.kind,
        name: it.name,
        size: if short { it.short_size } else { it.size },
    };
    ALL.iter().map(sized).collect()
}

impl FromStr for Chosen {
    type Err = anyhow::Error;

    fn from_str(word: &str) -> Result<Self> {
        let (name, size) = match word.split_once('=') {
            Some((name, size)) => (name, Some(size)),
            None => (word, None),
        };
        let Some(scenario) = ALL.iter().find(|it| it.name == name) else {
            bail!("there is no scenario `{name}`");
        };
        let size = match size.map(str::parse) {
            None => scenario.size,
            Some(Ok(size)) if size > 0 => size,
            Some(_) => bail!(
                "write a size after the `=`, such as {name}={}",
                scenario.size
            ),
        };
        Ok(Self {
            kind: scenario.kind,
            name: scenario.name,
            size,
        })
    }
}

/// Runs one.
///
/// # Errors
/// When the endpoint cannot be started, or is gone before its time.
pub(crate) async fn run(setting: &Setting, chosen: &Chosen) -> Result<Report> {
    let Chosen { kind, name, size } = *chosen;
    match kind {
        Kind::Waiting => crowd::waiting(setting, name, size).await,
        Kind::Held => crowd::held(setting, name, size).await,
        Kind::LookedAt => crowd::looked_at(setting, name, size).await,
        Kind::Hidden => crowd::hidden(setting, name, size).await,
        Kind::Talking => talking::run(setting, name, size).await,
        Kind::Agents => agents::run(setting, name, size).await,
        Kind::Restarts => restarts::run(setting, name, size).await,
        Kind::Queue => queue::run(setting, name, size).await,
        Kind::Flood => abuse::flood(setting, name, size).await,
        Kind::Slowloris => abuse::slowloris(setting, name, size).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_are_chosen_by_name_and_size() {
        let chosen: Chosen = "looked-at=20".parse().unwrap();
        assert_eq!((chosen.kind, chosen.size), (Kind::LookedAt, 20));
        assert_eq!("held".parse::<Chosen>().unwrap().size, 10_000);
        for wrong in ["", "nobody=3", "hidden=", "held=0", "held=-1", "held=many"] {
            assert!(wrong.parse::<Chosen>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn each_scenario_is_found_by_its_name() {
        for chosen in all(false) {
            assert_eq!(chosen.name.parse::<Chosen>().unwrap(), chosen);
        }
    }
}
