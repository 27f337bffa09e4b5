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

/// A scenario with its size, as on the command line: `waiting=1000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) kind: Kind,
    pub(crate) size: usize,
}

/// The scenarios.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// So many visitors wait in the queue, while the agent talks with fifty others.
    Waiting,
    /// So many visitors are in chats.
    Chats,
    /// So many visitors hold a poll, and a fifth of them wait in the queue.
    Held,
    /// So many visitors look at their window, and so poll every three seconds.
    LookedAt,
    /// So many visitors do not look at their window.
    Hidden,
    /// So many visitors write.
    Talking,
    /// So many consoles are told of fifty conversations.
    Agents,
    /// The endpoint is ended and started so many times.
    Restarts,
    /// So many wait, while others join, leave, are accepted and end.
    Queue,
    /// So many new sessions a second from one address.
    Flood,
    /// So many connections that send a byte a second.
    Slowloris,
}

impl Kind {
    /// Each with its name, what is measured, and its size in the standard set.
    pub(crate) const ALL: &'static [(Kind, &'static str, &'static str, Option<usize>)] = &[
        (
            Kind::Waiting,
            "waiting",
            "visitors idle in the queue, beside 50 who chat",
            Some(1_000),
        ),
        (Kind::Chats, "chats", "visitors idle in chats", None),
        (
            Kind::Held,
            "held",
            "visitors with a poll, a fifth of them in the queue",
            Some(10_000),
        ),
        (
            Kind::LookedAt,
            "looked-at",
            "visitors who look at their window (hold=3000)",
            Some(3_000),
        ),
        (
            Kind::Hidden,
            "hidden",
            "visitors who do not look, over a whole poll",
            None,
        ),
        (
            Kind::Talking,
            "talking",
            "visitors who write, beside a bare SQLite writer",
            Some(2_000),
        ),
        (
            Kind::Agents,
            "agents",
            "consoles that are told of 50 conversations; a tenth of them first",
            Some(100),
        ),
        (
            Kind::Restarts,
            "restarts",
            "ends by SIGTERM and SIGKILL under 100 conversations",
            Some(6),
        ),
        (
            Kind::Queue,
            "queue",
            "visitors who wait, while others join and end; a hundredth of them first",
            Some(10_000),
        ),
        (
            Kind::Flood,
            "flood",
            "new sessions a second from one address, while 500 chat",
            Some(2_000),
        ),
        (
            Kind::Slowloris,
            "slowloris",
            "connections that send a byte a second, while 500 chat",
            Some(5_000),
        ),
    ];

    fn name(self) -> &'static str {
        let entry = Self::ALL.iter().find(|(kind, ..)| *kind == self);
        entry.map_or("", |(_, name, ..)| name)
    }
}

/// The standard set: it takes some six minutes.
pub(crate) fn standard() -> Vec<Chosen> {
    let sized = Kind::ALL.iter().filter_map(|(kind, .., size)| {
        Some(Chosen {
            kind: *kind,
            size: (*size)?,
        })
    });
    sized.collect()
}

impl FromStr for Chosen {
    type Err = anyhow::Error;

    fn from_str(word: &str) -> Result<Self> {
        let (name, size) = word.split_once('=').unwrap_or((word, ""));
        let Some((kind, _, _, standard)) = Kind::ALL.iter().find(|(_, it, ..)| *it == name) else {
            bail!("there is no scenario `{name}`");
        };
        let size = match (size, standard) {
            ("", Some(size)) => *size,
            ("", None) => bail!("`{name}` wants a size, such as {name}=1000"),
            (size, _) => match size.parse() {
                Ok(size) if size > 0 => size,
                _ => bail!("`{size}` is not a size"),
            },
        };
        Ok(Self { kind: *kind, size })
    }
}

/// Runs one.
///
/// # Errors
/// When the endpoint cannot be started, or is gone before its time.
pub(crate) async fn run(setting: &Setting, chosen: &Chosen) -> Result<Report> {
    let Chosen { kind, size } = *chosen;
    let name = kind.name();
    match kind {
        Kind::Waiting => crowd::waiting(setting, name, size).await,
        Kind::Chats => crowd::chats(setting, name, size).await,
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
        for wrong in ["", "nobody=3", "hidden", "held=0", "held=-1", "held=many"] {
            assert!(wrong.parse::<Chosen>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_standard_set_names_each_scenario_at_most_once() {
        let mut kinds: Vec<_> = standard().iter().map(|it| it.kind.name()).collect();
        kinds.sort_unstable();
        let count = kinds.len();
        kinds.dedup();
        assert_eq!(kinds.len(), count);
    }
}
