//! Actions on agents' routing status.

use parlor_wire::agent::{AgentStatus, Done, SetRoutingStatus};
use serde_json::Value;

use super::{
    super::error::{ApiError, Result},
    find, require_known_filters,
};
use crate::{
    app::App,
    conversation::{UnitOfWork, attendance},
    presenter,
    store::row::{Agent, RoutingStatus},
};

pub(super) async fn set(app: &App, requester: &Agent, request: SetRoutingStatus) -> Result<Done> {
    let wanted = RoutingStatus::parse(request.status.as_str()).ok_or_else(|| {
        ApiError::validation("status: expected accepting_chats, not_accepting_chats or offline")
    })?;
    let mut work = UnitOfWork::begin(app).await?;
    let id = request.agent_id.as_ref().unwrap_or(&requester.id);
    let agent = find::agent(work.tx.as_mut(), id.as_str()).await?;
    attendance::set_status(&mut work, &agent, wanted).await?;
    work.commit().await?;
    if agent.id == requester.id {
        attendance::status_set(app, &agent.id).await?;
    }
    Ok(Done {})
}

/// Agents have no groups of their own yet, so that there is nothing to filter
/// by.
pub(super) async fn list(app: &App, payload: &Value) -> Result<Vec<AgentStatus>> {
    require_known_filters(payload, &[])?;
    let agents = app
        .presence
        .with_status(app.store.read().await?.agents().await?);
    Ok(agents
        .into_iter()
        .filter(|agent| agent.removed_at.is_none())
        .map(|agent| AgentStatus {
            status: presenter::agent::status(agent.routing_status),
            agent_id: agent.id,
        })
        .collect())
}
