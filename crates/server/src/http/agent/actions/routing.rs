//! Actions on agents' routing status.

use parlor_wire::agent::{AgentStatus, Done, ListRoutingStatuses, SetRoutingStatus};
use serde_json::Value;

use super::{
    super::error::{ApiError, Result},
    find, require_known_filters,
};
use crate::{
    app::App,
    conversation::{Refusal, UnitOfWork, attendance},
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
    if agent.id != requester.id && !requester.role.manages_others() {
        return Err(Refusal::Forbidden("only administrators change the status of others").into());
    }
    attendance::set_status(&mut work, &agent, wanted).await?;
    work.commit().await?;
    if agent.id == requester.id {
        attendance::status_set(app, &agent.id).await?;
    }
    Ok(Done {})
}

/// All agents, or those of some groups.
pub(super) async fn list(
    app: &App,
    payload: &Value,
    request: ListRoutingStatuses,
) -> Result<Vec<AgentStatus>> {
    require_known_filters(payload, &["group_ids"])?;
    let asked = request.filters.and_then(|filters| filters.group_ids);
    let is_asked = |agent: &Agent| match &asked {
        Some(groups) => groups.iter().any(|id| agent.sees(*id)),
        None => true,
    };
    let agents = app
        .presence
        .with_status(app.store.read().await?.agents().await?);
    Ok(agents
        .into_iter()
        .filter(|agent| agent.removed_at.is_none() && is_asked(agent))
        .map(|agent| AgentStatus {
            status: presenter::agent::status(agent.routing_status),
            agent_id: agent.id,
        })
        .collect())
}
