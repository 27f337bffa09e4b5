//! Changes an agent's routing status and pushes it to all agents.

use parlor_wire::{
    AgentId,
    agent::{PushBody, RoutingStatusSet},
};

use crate::{
    conversation::{Refusal, Result, UnitOfWork},
    presenter,
    store::row::{Agent, RoutingStatus},
};

/// Does nothing when the status is the same.
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

/// The agent has opened the console: one who was offline accepts chats. One who
/// accepts none stays so.
pub(super) async fn set_available(work: &mut UnitOfWork<'_>, id: &AgentId) -> Result<()> {
    let agent = agent(work, id).await?;
    match agent.routing_status {
        RoutingStatus::Offline => set(work, &agent, RoutingStatus::AcceptingChats).await,
        RoutingStatus::AcceptingChats | RoutingStatus::NotAcceptingChats => Ok(()),
    }
}

/// The agent has left.
pub(super) async fn set_offline(work: &mut UnitOfWork<'_>, id: &AgentId) -> Result<()> {
    let agent = agent(work, id).await?;
    set(work, &agent, RoutingStatus::Offline).await
}

async fn agent(work: &mut UnitOfWork<'_>, id: &AgentId) -> Result<Agent> {
    let agent = work.tx.agent(id).await?;
    agent.ok_or(Refusal::NotFound("agent"))
}
