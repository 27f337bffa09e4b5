//! Which agents are there: those with an open socket, and those of a program that
//! has set their routing status and used its token a short time ago. It is memory
//! of this process alone: after a start nobody is there until they come.
//!
//! It does not know messages or SQL. What follows when somebody comes or leaves is
//! up to `conversation::attendance`.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use parlor_wire::AgentId;
use tokio::time::Instant;

use crate::store::row::{Agent, RoutingStatus};

/// After how long an agent of whom nothing is heard is no longer there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grace {
    /// Since the last socket was closed. A reload of the page, another network or a
    /// train's tunnel take less; a visitor who waits for nobody notices soon after.
    pub socket: Duration,
    /// Since a program's token was used last. Programs that poll do so every few
    /// seconds, and those that are called by others every few minutes.
    pub program: Duration,
    /// After how long without anybody of a group the chats end that its agents have
    /// left, and become messages.
    pub chats: Duration,
}

impl Default for Grace {
    fn default() -> Self {
        Self {
            socket: Duration::from_secs(60),
            program: Duration::from_secs(300),
            chats: Duration::from_secs(900),
        }
    }
}

/// See the module. Holds at most one entry for each agent.
#[derive(Debug)]
pub(crate) struct Presence {
    grace: Grace,
    agents: Mutex<HashMap<AgentId, Attendance>>,
}

#[derive(Debug, Default)]
struct Attendance {
    open_sockets: usize,
    /// How many times the agent has come, so that a delayed task can tell whether
    /// they have come again.
    arrivals: u64,
    /// When the last socket was closed.
    closed_at: Option<Instant>,
    /// Whether a program has set the agent's routing status.
    program_set_status: bool,
    /// When a program's token was used last.
    token_used_at: Option<Instant>,
    /// Whether a task waits for the agent to be gone.
    is_watched: bool,
}

/// Whether an agent is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stay {
    /// As long as a socket is open.
    Connected,
    /// Until then, unless something is heard before.
    Until(Instant),
    /// Gone, or never come. The number of arrivals until now.
    Gone(u64),
}

impl Presence {
    pub(crate) fn new(grace: Grace) -> Self {
        Self {
            grace,
            agents: Mutex::default(),
        }
    }

    /// A socket has logged in. Returns whether the agent was not there before.
    pub(crate) fn socket_opened(&self, agent: &AgentId) -> bool {
        self.change(agent, |it, grace| {
            let has_come = !it.is_present(grace);
            it.open_sockets += 1;
            it.arrivals += 1;
            has_come
        })
    }

    /// `may_return`: the agent is still signed in there.
    pub(crate) fn socket_closed(&self, agent: &AgentId, may_return: bool) {
        self.change(agent, |it, _| {
            it.open_sockets = it.open_sockets.saturating_sub(1);
            it.closed_at = may_return.then(Instant::now);
        });
    }

    /// A program has used a token of the agent's. Returns whether the agent was not
    /// there before, and is now.
    pub(crate) fn token_used(&self, agent: &AgentId) -> bool {
        self.change(agent, |it, grace| {
            it.arrives(grace, |it| it.token_used_at = Some(Instant::now()))
        })
    }

    /// The agent has set their routing status. Returns whether they were not there
    /// before, and are now. Only a program's call makes them so: for people at the
    /// console the socket counts.
    pub(crate) fn status_set(&self, agent: &AgentId) -> bool {
        self.change(agent, |it, grace| {
            it.arrives(grace, |it| {
                it.program_set_status = it.token_used_at.is_some();
            })
        })
    }

    /// Whether the agent's token was used or a socket of theirs was open a short
    /// time ago, whatever their status is.
    pub(crate) fn was_heard(&self, agent: &AgentId) -> bool {
        let agents = self.lock();
        agents.get(agent).is_some_and(|it| {
            let used_until = it.token_used_at.map(|at| at + self.grace.program);
            it.is_present(self.grace) || used_until.is_some_and(|until| until > Instant::now())
        })
    }

    /// The agent's stay. Asked by the one task that watches the agent, which ends
    /// unless it is to wait.
    pub(crate) fn watched_stay(&self, agent: &AgentId) -> Stay {
        self.change(agent, |it, grace| {
            let stay = it.stay(grace);
            it.is_watched = matches!(stay, Stay::Until(_));
            stay
        })
    }

    /// Whether a task has to watch the agent, who has no open socket, and none does
    /// yet. The caller begins one.
    pub(crate) fn begin_watch(&self, agent: &AgentId) -> bool {
        self.change(agent, |it, grace| {
            let begins = !it.is_watched && it.stay(grace) != Stay::Connected;
            it.is_watched |= begins;
            begins
        })
    }

    /// How many times the agent has come.
    pub(crate) fn arrivals(&self, agent: &AgentId) -> u64 {
        self.lock().get(agent).map_or(0, |it| it.arrivals)
    }

    /// The status by which visitors are routed: the one that the agent has set,
    /// as long as they are there.
    pub(crate) fn status(&self, agent: &Agent) -> RoutingStatus {
        let agents = self.lock();
        let attendance = agents.get(&agent.id);
        match attendance.is_some_and(|it| it.is_present(self.grace)) {
            true => agent.routing_status,
            false => RoutingStatus::Offline,
        }
    }

    /// The agents with the status by which visitors are routed.
    pub(crate) fn with_status(&self, mut agents: Vec<Agent>) -> Vec<Agent> {
        for agent in &mut agents {
            agent.routing_status = self.status(agent);
        }
        agents
    }

    fn change<T>(&self, agent: &AgentId, change: impl FnOnce(&mut Attendance, Grace) -> T) -> T {
        change(self.lock().entry(agent.clone()).or_default(), self.grace)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AgentId, Attendance>> {
        self.agents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attendance {
    /// Returns whether the change has made the agent come.
    fn arrives(&mut self, grace: Grace, change: impl FnOnce(&mut Self)) -> bool {
        let was_present = self.is_present(grace);
        change(self);
        let has_come = !was_present && self.is_present(grace);
        self.arrivals += u64::from(has_come);
        has_come
    }

    fn is_present(&self, grace: Grace) -> bool {
        !matches!(self.stay(grace), Stay::Gone(_))
    }

    fn stay(&self, grace: Grace) -> Stay {
        if self.open_sockets > 0 {
            return Stay::Connected;
        }
        let by_socket = self.closed_at.map(|at| at + grace.socket);
        let by_program = self.token_used_at.filter(|_| self.program_set_status);
        let until = by_socket.max(by_program.map(|at| at + grace.program));
        match until.filter(|until| *until > Instant::now()) {
            Some(until) => Stay::Until(until),
            None => Stay::Gone(self.arrivals),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn ada() -> AgentId {
        "005A".into()
    }

    fn is_there(presence: &Presence) -> bool {
        presence.change(&ada(), |it, grace| it.is_present(grace))
    }

    #[tokio::test(start_paused = true)]
    async fn a_socket_counts_until_a_minute_after_it_was_closed() {
        let presence = Presence::new(Grace::default());
        assert!(!is_there(&presence));
        assert!(presence.socket_opened(&ada()));
        assert!(!presence.socket_opened(&ada()));
        presence.socket_closed(&ada(), true);
        advance(seconds(3_600)).await;
        assert!(is_there(&presence));
        presence.socket_closed(&ada(), true);
        advance(seconds(59)).await;
        assert!(is_there(&presence));
        assert!(!presence.socket_opened(&ada()));
        presence.socket_closed(&ada(), true);
        advance(seconds(60)).await;
        assert!(!is_there(&presence));
        assert!(presence.socket_opened(&ada()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_counts_once_it_has_set_the_status() {
        let presence = Presence::new(Grace::default());
        assert!(!presence.token_used(&ada()));
        assert!(!is_there(&presence));
        assert!(presence.was_heard(&ada()));
        assert!(presence.status_set(&ada()));
        advance(seconds(299)).await;
        assert!(!presence.token_used(&ada()));
        advance(seconds(299)).await;
        assert!(is_there(&presence));
        advance(seconds(1)).await;
        assert!(!is_there(&presence));
        // It need not set it again: it is back where it was.
        assert!(presence.token_used(&ada()));
        assert!(is_there(&presence));
    }

    #[tokio::test(start_paused = true)]
    async fn a_status_set_at_the_console_is_not_a_program() {
        let presence = Presence::new(Grace::default());
        assert!(presence.socket_opened(&ada()));
        assert!(!presence.status_set(&ada()));
        presence.socket_closed(&ada(), true);
        advance(seconds(60)).await;
        assert!(!is_there(&presence));
    }

    #[tokio::test(start_paused = true)]
    async fn who_signs_out_is_gone_at_once() {
        let presence = Presence::new(Grace::default());
        presence.socket_opened(&ada());
        presence.socket_closed(&ada(), false);
        assert!(!is_there(&presence));
    }

    #[tokio::test(start_paused = true)]
    async fn one_task_watches() {
        let presence = Presence::new(Grace::default());
        presence.socket_opened(&ada());
        assert!(!presence.begin_watch(&ada()));
        presence.socket_closed(&ada(), true);
        assert!(presence.begin_watch(&ada()));
        assert!(!presence.begin_watch(&ada()));
        presence.socket_opened(&ada());
        assert_eq!(presence.watched_stay(&ada()), Stay::Connected);
        presence.socket_closed(&ada(), true);
        assert!(presence.begin_watch(&ada()));
        advance(seconds(60)).await;
        assert_eq!(presence.watched_stay(&ada()), Stay::Gone(2));
    }
}
