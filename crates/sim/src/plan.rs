//! The plan of a world: what happens, and when. It is generated from a seed, and short enough to read
//! if the world fails.

use std::fmt;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::network::Conditions;

/// How long both sides send messages, and faults happen.
const TALK_MS: u64 = 40_000;

/// If a tab is visible, a world has settled after this time: a dead poll is noticed after five seconds
/// and replaced after eleven, and a hand-over may follow.
pub(crate) const SETTLES_VISIBLE_MS: u64 = 25_000;

/// The same if no tab is visible: a dead poll is aborted after 40 s, and pauses grow to 30 s.
pub(crate) const SETTLES_HIDDEN_MS: u64 = 110_000;

/// The agents of a world in which they come and go.
pub(crate) const AGENTS: usize = 2;

/// One of so many worlds runs to the end of that time even if it has settled, to find worlds that do
/// not stay settled.
const FULL_RUN_ONE_IN: u64 = 8;

/// One world.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub seed: u64,
    /// Each act with its time, in milliseconds from the beginning, in order.
    pub acts: Vec<(u64, Act)>,
    /// How long both sides send messages, and faults happen.
    pub talk_ms: u64,
    /// Whether the browser has no locks, so that a lease decides which tab leads.
    pub lease: bool,
    /// Whether a tab is visible after the faults.
    pub visible_at_end: bool,
    /// Whether no agent accepts chats, so that the visitor leaves each text as a message.
    pub nobody: bool,
    /// Whether agents come and go, and the visitor asks for callbacks and leaves messages too.
    pub departures: bool,
}

/// One thing that happens. `tab` counts the tabs that are open at that time.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// The visitor sends a message.
    Send {
        tab: usize,
        n: usize,
    },
    /// The visitor types a draft.
    Draft {
        tab: usize,
    },
    OpenTab,
    /// The visitor closes a tab: `pagehide` still runs.
    CloseTab {
        tab: usize,
    },
    /// A tab's process is killed.
    KillTab {
        tab: usize,
    },
    Reload {
        tab: usize,
    },
    Freeze {
        tab: usize,
        ms: u64,
    },
    SetVisible {
        tab: usize,
        visible: bool,
    },
    /// The whole device sleeps.
    Sleep {
        ms: u64,
    },
    /// The device's clock is set forward or back.
    Clock {
        by_ms: i64,
    },
    /// The device refuses all writes to its storage for a while.
    RefuseStorage {
        ms: u64,
    },
    /// The agent sends a message.
    AgentSends {
        n: usize,
    },
    /// An agent is gone for a while: nothing is heard of them. If they say so, they accept no chats
    /// before they go.
    AgentGoes {
        agent: usize,
        ms: u64,
        says_so: bool,
    },
    /// The visitor wants to be called back.
    AskCallback {
        tab: usize,
        n: usize,
    },
    /// The server's process is killed (`kill -9`), and a new one starts after a while.
    Restart {
        down_ms: u64,
    },
    /// Another process takes over, and the old one stops gracefully.
    HandOver,
    /// The other of two server processes gets all requests from now on. Neither stops.
    MoveOver,
    /// The server's process is killed between the commit and the answer of the next POST.
    CrashAfterCommit,
    Network {
        ms: u64,
        conditions: Conditions,
    },
}

impl Plan {
    /// The plan of this seed.
    pub fn of(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut acts = Vec::new();
        let at = |rng: &mut ChaCha8Rng| rng.random_range(0..TALK_MS);
        for n in 0..rng.random_range(2..7) {
            let tab = rng.random_range(0..3);
            acts.push((at(&mut rng), Act::Send { tab, n }));
        }
        for n in 0..rng.random_range(1..6) {
            acts.push((at(&mut rng), Act::AgentSends { n }));
        }
        for _ in 0..rng.random_range(0..3) {
            acts.push((at(&mut rng), Act::OpenTab));
        }
        for _ in 0..rng.random_range(0..7) {
            acts.push((at(&mut rng), fault(&mut rng)));
        }
        acts.sort_by_key(|(at, _)| *at);
        // Numbered in order, so that the order can be checked.
        let (mut visitor_texts, mut agent_texts) = (0, 0);
        for (_, act) in &mut acts {
            match act {
                Act::Send { n, .. } => {
                    *n = visitor_texts;
                    visitor_texts += 1;
                }
                Act::AgentSends { n } => {
                    *n = agent_texts;
                    agent_texts += 1;
                }
                _ => {}
            }
        }
        Self {
            seed,
            acts,
            talk_ms: TALK_MS,
            lease: rng.random_bool(0.3),
            visible_at_end: rng.random_bool(0.7),
            nobody: false,
            departures: false,
        }
    }

    /// A plan in which agents go in the middle of a conversation, for a moment or for long, alone or
    /// all at once, and the visitor asks for callbacks.
    pub fn departures(seed: u64) -> Self {
        let mut plan = Self::of(seed);
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x9e37_79b9);
        // Two processes that share a store do not know whom the other hears.
        plan.acts
            .retain(|(_, act)| !matches!(act, Act::Draft { .. } | Act::MoveOver));
        for (_, act) in &mut plan.acts {
            if *act == Act::HandOver {
                *act = Act::Restart { down_ms: 0 };
            }
        }
        for n in 0..rng.random_range(0..3) {
            let at = rng.random_range(0..plan.talk_ms);
            let tab = rng.random_range(0..3);
            plan.acts.push((at, Act::AskCallback { tab, n }));
        }
        let mut goes = |at: u64, agent: usize, ms: u64| {
            let says_so = rng.random_bool(0.3);
            plan.acts.push((at, Act::AgentGoes { agent, ms, says_so }));
            rng.random_range(0..plan.talk_ms)
        };
        let mut at = goes(seed % plan.talk_ms, 0, 1_000 + seed % 39_000);
        for n in 0..seed % 4 {
            at = goes(at, usize::from(n % 2 == 1), 1_000 + at % 39_000);
        }
        if seed.is_multiple_of(2) {
            // All at once, for so long that a conversation becomes a message.
            for agent in 0..AGENTS {
                goes(at / 2, agent, 20_000 + at);
            }
        }
        plan.acts.sort_by_key(|(at, _)| *at);
        plan.departures = true;
        plan
    }

    /// A short plan in which nobody is there: the agent only answers messages that were left.
    pub fn nobody(seed: u64) -> Self {
        let mut plan = Self::short(seed);
        plan.acts
            .retain(|(_, act)| !matches!(act, Act::AgentSends { .. } | Act::Draft { .. }));
        plan.nobody = true;
        plan
    }

    /// A plan for one tab, in which a tenth of all requests and a tenth of all answers are lost, and
    /// nothing else happens.
    pub fn lossy(seed: u64) -> Self {
        let mut plan = Self::of(seed);
        let is_message = |act: &Act| matches!(act, Act::Send { .. } | Act::AgentSends { .. });
        plan.acts.retain(|(_, act)| is_message(act));
        let tenth = Conditions {
            lose_request: 0.1,
            lose_reply: 0.1,
            delay_ms: 200,
            ..Conditions::GOOD
        };
        let all = Act::Network {
            ms: plan.talk_ms,
            conditions: tenth,
        };
        plan.acts.insert(0, (0, all));
        plan
    }

    /// The plan of this seed in a quarter of the time.
    pub fn short(seed: u64) -> Self {
        let mut plan = Self::of(seed);
        for (at, act) in &mut plan.acts {
            *at /= 4;
            act.shorten();
        }
        plan.talk_ms /= 4;
        plan
    }

    pub(crate) fn runs_to_the_end(&self) -> bool {
        self.seed.is_multiple_of(FULL_RUN_ONE_IN)
    }

    pub(crate) fn settles_ms(&self) -> u64 {
        if self.departures {
            SETTLES_HIDDEN_MS
        } else if self.visible_at_end {
            SETTLES_VISIBLE_MS
        } else {
            SETTLES_HIDDEN_MS
        }
    }
}

impl Act {
    /// Shortens its duration to a quarter.
    fn shorten(&mut self) {
        match self {
            Self::Freeze { ms, .. }
            | Self::Sleep { ms }
            | Self::RefuseStorage { ms }
            | Self::Network { ms, .. }
            | Self::Restart { down_ms: ms } => *ms /= 4,
            _ => {}
        }
    }
}

fn fault(rng: &mut ChaCha8Rng) -> Act {
    let tab = rng.random_range(0..3);
    let ms = rng.random_range(100..12_000);
    match rng.random_range(0..20) {
        0 => Act::CloseTab { tab },
        1 => Act::KillTab { tab },
        2 => Act::Reload { tab },
        3 => Act::Freeze { tab, ms },
        4 => Act::SetVisible {
            tab,
            visible: rng.random(),
        },
        5 => Act::Sleep {
            // Some devices sleep for longer than the endpoint keeps a session.
            ms: if rng.random_bool(0.1) { 200_000 } else { ms },
        },
        6 => Act::Clock {
            by_ms: rng.random_range(-3_600_000..3_600_000),
        },
        7 => Act::RefuseStorage { ms },
        8 => Act::Restart {
            down_ms: rng.random_range(0..5_000),
        },
        9 => Act::HandOver,
        10 => Act::MoveOver,
        11 | 12 => Act::CrashAfterCommit,
        13 => Act::Draft { tab },
        _ => Act::Network {
            ms,
            conditions: conditions(rng),
        },
    }
}

fn conditions(rng: &mut ChaCha8Rng) -> Conditions {
    let share = |rng: &mut ChaCha8Rng| rng.random_range(0..5) as f64 / 10.0;
    match rng.random_range(0..6) {
        0 => Conditions {
            drop_answers: true,
            ..Conditions::GOOD
        },
        1 => Conditions {
            drop_requests: true,
            ..Conditions::GOOD
        },
        2 => Conditions {
            offline: true,
            ..Conditions::GOOD
        },
        3 => Conditions {
            broken: share(rng),
            truncated: share(rng),
            ..Conditions::GOOD
        },
        _ => Conditions {
            lose_request: share(rng),
            lose_reply: share(rng),
            duplicated: share(rng),
            delay_ms: rng.random_range(20..2_000),
            ..Conditions::GOOD
        },
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = if self.lease { "a lease" } else { "locks" };
        let visible = if self.visible_at_end { "a" } else { "no" };
        writeln!(
            f,
            "seed {}: tabs by {by}; at the end {visible} tab is visible",
            self.seed
        )?;
        for (at, act) in &self.acts {
            writeln!(f, "  {:>6.1} s  {act:?}", *at as f64 / 1000.0)?;
        }
        Ok(())
    }
}
