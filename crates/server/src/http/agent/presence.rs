//! Who sits at a console. It counts sockets of people, not of programs, and
//! after the last one is gone for a while it lets visitors know by the agent's
//! status that nobody is there.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use parlor_wire::AgentId;
use tokio::time::{Instant, sleep_until};

use super::{Door, status};
use crate::{
    app::App,
    conversation::{Refusal, Result, UnitOfWork},
};

/// A page that is loaded anew, a change of network or a tunnel of a train take
/// less; a visitor who waits for nobody notices soon after.
const AWAY_AFTER: Duration = Duration::from_secs(60);

/// See the module. Holds an entry for each agent at most.
#[derive(Debug, Default)]
pub(super) struct Presence(Mutex<HashMap<AgentId, Consoles>>);

#[derive(Debug, Default)]
struct Consoles {
    open: usize,
    /// Counts who came, so that a departure knows whether somebody came since.
    comings: u64,
}

impl Presence {
    pub(super) fn came(&self, agent: &AgentId) {
        let mut all = self.lock();
        let consoles = all.entry(agent.clone()).or_default();
        consoles.open += 1;
        consoles.comings += 1;
    }

    /// Says, when it was the last one, how many came before it went.
    fn went(&self, agent: &AgentId) -> Option<u64> {
        let mut all = self.lock();
        let consoles = all.get_mut(agent)?;
        consoles.open = consoles.open.saturating_sub(1);
        (consoles.open == 0).then_some(consoles.comings)
    }

    fn came_back(&self, agent: &AgentId, comings: u64) -> bool {
        self.lock()
            .get(agent)
            .is_some_and(|consoles| consoles.comings != comings)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AgentId, Consoles>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A console's socket is closed. The time counts from this call on.
pub(super) fn went(app: &Arc<App>, door: &Arc<Door>, agent: AgentId) {
    let Some(comings) = door.presence.went(&agent) else {
        return;
    };
    let away_at = Instant::now() + AWAY_AFTER;
    let (tracked, app, door) = (app.tasks.clone(), app.clone(), door.clone());
    tracked.spawn(async move {
        tokio::select! {
            biased;
            // The next process sees them come back.
            () = app.shutdown.cancelled() => return,
            () = sleep_until(away_at) => {}
        }
        if door.presence.came_back(&agent, comings) {
            return;
        }
        match away(&app, &agent).await {
            Ok(()) => {}
            Err(Refusal::Store(error)) => tracing::error!(%error, "the store failed"),
            Err(error) => tracing::warn!(%error, "an agent who left stays as they were"),
        }
    });
}

async fn away(app: &App, agent: &AgentId) -> Result<()> {
    let mut work = UnitOfWork::begin(app).await?;
    status::departed(&mut work, agent).await?;
    work.commit().await
}
