//! Presence of agents. It counts the open sockets of people at the console, not
//! those of programs. A while after an agent's last socket has closed, the
//! agent's routing status becomes offline, so that visitors no longer wait for
//! them, and their chats go back to the queue, so that colleagues can take them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use parlor_wire::AgentId;
use tokio::time::{Instant, sleep, sleep_until};

use super::{AgentState, status};
use crate::{
    app::App,
    conversation::{Refusal, Result, UnitOfWork, departure},
};

/// Reloading the page, changing the network, or a train's tunnel take less; a
/// visitor who waits for nobody notices soon after.
const OFFLINE_AFTER: Duration = Duration::from_secs(60);

/// After a failure of the store, which may be over by then.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// See the module. Holds at most one entry for each agent.
#[derive(Debug, Default)]
pub(super) struct Presence(Mutex<HashMap<AgentId, ConsoleSockets>>);

#[derive(Debug, Default)]
struct ConsoleSockets {
    open: usize,
    /// Counts all connections, so that a delayed task can tell whether the
    /// agent connected again.
    connections: u64,
}

impl Presence {
    pub(super) fn connect(&self, agent: &AgentId) {
        let mut sockets_by_agent = self.lock();
        let sockets = sockets_by_agent.entry(agent.clone()).or_default();
        sockets.open += 1;
        sockets.connections += 1;
    }

    /// Returns, when this was the last socket, the connection count at that
    /// time.
    fn disconnect(&self, agent: &AgentId) -> Option<u64> {
        let mut sockets_by_agent = self.lock();
        let sockets = sockets_by_agent.get_mut(agent)?;
        sockets.open = sockets.open.saturating_sub(1);
        (sockets.open == 0).then_some(sockets.connections)
    }

    /// How many times the agent has connected.
    fn connections(&self, agent: &AgentId) -> u64 {
        self.lock()
            .get(agent)
            .map_or(0, |sockets| sockets.connections)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AgentId, ConsoleSockets>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Call it when a console's socket has closed. The time counts from this call.
pub(super) fn console_closed(app: &Arc<App>, state: &Arc<AgentState>, agent: AgentId) {
    let Some(connections) = state.presence.disconnect(&agent) else {
        return;
    };
    let offline_at = Instant::now() + OFFLINE_AFTER;
    let (tracked, app, state) = (app.tasks.clone(), app.clone(), state.clone());
    tracked.spawn(async move {
        tokio::select! {
            biased;
            // The next process will see the agent connect.
            () = app.shutdown.cancelled() => return,
            () = sleep_until(offline_at) => {}
        }
        leave(&app, &state, &agent, connections).await;
    });
}

/// Call it when the agent has signed out for the last time. Their consoles, which
/// are about to close, no longer count.
pub(super) fn signed_out(app: &Arc<App>, state: &Arc<AgentState>, agent: AgentId) {
    let (tracked, app, state) = (app.tasks.clone(), app.clone(), state.clone());
    tracked.spawn(async move {
        let connections = state.presence.connections(&agent);
        leave(&app, &state, &agent, connections).await;
    });
}

/// The agent is gone, unless they have connected since: repeats what follows from
/// it until it succeeds or the process stops.
async fn leave(app: &App, state: &AgentState, agent: &AgentId, connections: u64) {
    while state.presence.connections(agent) == connections {
        let left = async {
            set_offline(app, agent).await?;
            departure::release_chats(app, agent).await
        };
        match left.await {
            Ok(()) => return,
            Err(Refusal::Store(error)) => tracing::error!(%error, "the store failed"),
            Err(error) => {
                tracing::warn!(%error, "an agent who left stays as they were");
                return;
            }
        }
        tokio::select! {
            biased;
            () = app.shutdown.cancelled() => return,
            () = sleep(RETRY_AFTER) => {}
        }
    }
}

async fn set_offline(app: &App, agent: &AgentId) -> Result<()> {
    let mut work = UnitOfWork::begin(app).await?;
    status::set_offline(&mut work, agent).await?;
    work.commit().await
}
