//! Whether an agent takes chats: changed, kept, and told to all agents.

use parlor_wire::{
    AgentId,
    agent::{PushBody, RoutingStatusSet},
};

use crate::{
    conversation::{Refusal, Result, UnitOfWork},
    presenter,
    store::row::{Agent, RoutingStatus},
};

/// Nothing is told where nothing changes.
pub(super) async fn set(
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
    work.push(&PushBody::RoutingStatusSet(RoutingStatusSet {
        agent_id: agent.id,
        status: presenter::agent::status(status),
    }))
    .await
}

/// They sit at the console now: one who was away takes chats.
pub(super) async fn set_available(work: &mut UnitOfWork<'_>, id: &AgentId) -> Result<()> {
    let agent = agent(work, id).await?;
    match agent.routing_status {
        RoutingStatus::Offline => set(work, &agent, RoutingStatus::AcceptingChats).await,
        RoutingStatus::AcceptingChats | RoutingStatus::NotAcceptingChats => Ok(()),
    }
}

/// Nobody sits there any more.
pub(super) async fn set_offline(work: &mut UnitOfWork<'_>, id: &AgentId) -> Result<()> {
    let agent = agent(work, id).await?;
    set(work, &agent, RoutingStatus::Offline).await
}

async fn agent(work: &mut UnitOfWork<'_>, id: &AgentId) -> Result<Agent> {
    let agent = work.tx.agent(id).await?;
    agent.ok_or(Refusal::NotFound("agent"))
}
