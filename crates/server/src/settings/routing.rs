//! The `[routing]` table of the settings file.

use std::time::Duration;

use super::read::{Result, Table};

/// How visitors come to agents, where nothing else is said of a button or an
/// agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutingRules {
    /// The most chats that an agent is given at a time. Agents may take more
    /// themselves.
    pub concurrent_chats: i64,
    /// How long an agent is asked whether they take a chat, before the next one is.
    pub offer_timeout: Duration,
}

impl Default for RoutingRules {
    /// Six chats: somebody who types to more people at a time keeps each of them
    /// waiting for longer than it takes to read an answer. And half a minute: enough
    /// to finish a sentence elsewhere, while a visitor who waits is still there.
    fn default() -> Self {
        Self {
            concurrent_chats: 6,
            offer_timeout: Duration::from_secs(30),
        }
    }
}

/// More would be no limit.
const CONCURRENT_CHATS_MAX: i64 = 1_000;

/// An hour: nobody waits for longer.
const OFFER_SECONDS_MAX: i64 = 3_600;

/// Parses the rules. What the file leaves out has its default.
pub(super) fn routing(table: Table<'_>) -> Result<RoutingRules> {
    let mut rules = RoutingRules::default();
    if let Some(value) = table.value("concurrent_chats") {
        rules.concurrent_chats = value.integer(1..=CONCURRENT_CHATS_MAX)?;
    }
    if let Some(value) = table.value("offer_seconds") {
        let seconds = value.integer(1..=OFFER_SECONDS_MAX)?;
        rules.offer_timeout = Duration::from_secs(seconds.unsigned_abs());
    }
    table.finish()?;
    Ok(rules)
}
