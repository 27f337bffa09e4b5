//! What follows when an agent comes or leaves. Colleagues are told their routing
//! status, and the chats of an agent who has left go back to the queue, so that
//! colleagues can take them. Who is there is up to `presence`.

use std::{sync::Arc, time::Duration};

use parlor_wire::{
    AgentId,
    agent::{PushBody, RoutingStatusSet},
};
use tokio::time::{sleep, sleep_until};

use super::{Refusal, Result, UnitOfWork, departure};
use crate::{
    app::App,
    presence::Stay,
    presenter,
    store::row::{Agent, Audience, RoutingStatus},
};

/// After a failure of the store, which may be over by then.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// A socket has logged in.
pub(crate) async fn socket_opened(app: &App, agent: &AgentId) {
    if app.presence.socket_opened(agent) {
        came(app, agent).await;
    }
}

/// A socket was closed. `may_return`: the agent is still signed in there. The time
/// until they count as gone begins with this call.
pub(crate) fn socket_closed(app: &Arc<App>, agent: &AgentId, may_return: bool) {
    app.presence.socket_closed(agent, may_return);
    watch(app, agent);
}

/// A program has used a token of the agent's.
pub(crate) async fn token_used(app: &App, agent: &AgentId) -> Result<()> {
    if app.presence.token_used(agent) {
        came(app, agent).await;
        watch(&app.shared()?, agent);
    }
    Ok(())
}

/// The agent has left by their own will: they have signed out of the last console.
/// Consoles, which are about to close, no longer count.
pub(crate) fn signed_out(app: &Arc<App>, agent: AgentId) {
    let arrivals = app.presence.arrivals(&agent);
    let (tracked, app) = (app.tasks.clone(), app.clone());
    tracked.spawn(async move { leave(&app, &agent, arrivals).await });
}

/// The agent signs in at the console: one who was offline accepts chats. One who
/// accepts none stays so.
pub(crate) async fn signs_in(work: &mut UnitOfWork<'_>, agent: &Agent) -> Result<()> {
    match agent.routing_status {
        RoutingStatus::Offline => set_status(work, agent, RoutingStatus::AcceptingChats).await,
        RoutingStatus::AcceptingChats | RoutingStatus::NotAcceptingChats => Ok(()),
    }
}

/// Sets an agent's routing status, which counts as long as they are there.
pub(crate) async fn set_status(
    work: &mut UnitOfWork<'_>,
    agent: &Agent,
    status: RoutingStatus,
) -> Result<()> {
    if agent.routing_status == status {
        return Ok(());
    }
    let agent = Agent {
        routing_status: status,
        ..agent.clone()
    };
    work.tx.put_agent(&agent).await?;
    push_status(work, &agent).await
}

/// The agent has set their own routing status.
pub(crate) async fn status_set(app: &App, agent: &AgentId) -> Result<()> {
    if app.presence.status_set(agent) {
        came(app, agent).await;
        watch(&app.shared()?, agent);
    }
    Ok(())
}

impl App {
    /// Releases the chats of agents who do not come back after a start of the process. Call it
    /// once, when the process starts.
    pub fn watch_after_start(self: &Arc<Self>) {
        let app = self.clone();
        self.tasks.spawn(async move {
            if !waits(&app, app.config.grace.socket).await {
                return;
            }
            while let Err(error) = release_chats_of_absent(&app).await {
                tracing::error!(%error, "the chats of agents who are gone stay theirs");
                if !waits(&app, RETRY_AFTER).await {
                    return;
                }
            }
        });
    }
}

async fn release_chats_of_absent(app: &App) -> Result<()> {
    let agents = app.store.read().await?.agents().await?;
    for agent in agents {
        if !app.presence.was_heard(&agent.id) {
            departure::release_chats(app, &agent.id).await?;
        }
    }
    Ok(())
}

/// Begins the task that waits until the agent is gone, unless there is one.
fn watch(app: &Arc<App>, agent: &AgentId) {
    if !app.presence.begin_watch(agent) {
        return;
    }
    let (tracked, app, agent) = (app.tasks.clone(), app.clone(), agent.clone());
    tracked.spawn(async move {
        loop {
            match app.presence.watched_stay(&agent) {
                Stay::Connected => return,
                Stay::Gone(arrivals) => return leave(&app, &agent, arrivals).await,
                Stay::Until(until) => tokio::select! {
                    biased;
                    // The next process will see the agent come.
                    () = app.shutdown.cancelled() => return,
                    () = sleep_until(until) => {}
                },
            }
        }
    });
}

/// An agent has come, and colleagues are told.
async fn came(app: &App, agent: &AgentId) {
    if let Err(error) = tell_status(app, agent).await {
        tracing::error!(%error, "colleagues were not told that an agent has come");
    }
}

/// The agent is gone, unless they have come since: repeats what follows from it
/// until it succeeds or the process stops. The status that they had set stays, for
/// when they return.
async fn leave(app: &App, agent: &AgentId, arrivals: u64) {
    // Of those who are heard by another process this one does not know.
    if app.config.shares_store {
        return;
    }
    while app.presence.arrivals(agent) == arrivals {
        let left = async {
            tell_status(app, agent).await?;
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
        if !waits(app, RETRY_AFTER).await {
            return;
        }
    }
}

/// Tells colleagues the status that changes because the agent comes or leaves. One
/// who has set "offline" is offline in either case.
async fn tell_status(app: &App, agent: &AgentId) -> Result<()> {
    let mut work = UnitOfWork::begin(app).await?;
    if let Some(agent) = work.tx.agent(agent).await?
        && (agent.routing_status != RoutingStatus::Offline || agent.removed_at.is_some())
    {
        push_status(&mut work, &agent).await?;
        work.commit().await?;
    }
    Ok(())
}

/// Pushes the status by which visitors are routed.
async fn push_status(work: &mut UnitOfWork<'_>, agent: &Agent) -> Result<()> {
    let status = work.app.presence.status(agent);
    work.push(
        Audience::everybody(),
        &PushBody::RoutingStatusSet(RoutingStatusSet {
            agent_id: agent.id.clone(),
            status: presenter::agent::status(status),
        }),
    )
    .await
}

/// Returns whether the process still runs after the time.
async fn waits(app: &App, time: Duration) -> bool {
    tokio::select! {
        biased;
        () = app.shutdown.cancelled() => false,
        () = sleep(time) => true,
    }
}
