//! `transfer_chat` and `list_agents_for_transfer`.

use std::collections::BTreeMap;

use parlor_wire::{
    AgentId, Loose,
    agent::{AgentForTransfer, Done, ListAgentsForTransfer, TargetKind, TransferChat},
    limits::NAMED_AGENTS_MAX,
};

use super::{
    super::error::{ApiError, Result},
    find,
};
use crate::{
    app::App,
    conversation::{self, UnitOfWork, invalid, transfer as use_case},
    routing,
    store::{
        Tx,
        row::{Agent, Thread},
    },
};

pub(super) async fn transfer(app: &App, agent: &Agent, request: TransferChat) -> Result<Done> {
    let ignore_availability = request.ignore_agents_availability == Some(true);
    let named = request.target.as_ref().map_or(0, |target| target.ids.len());
    if named > NAMED_AGENTS_MAX {
        return Err(ApiError::validation(format!(
            "target.ids has more than {NAMED_AGENTS_MAX} elements"
        )));
    }
    let mut work = UnitOfWork::begin(app).await?;
    let mut thread = find::open_thread(work.tx.as_mut(), &request.chat_id).await?;
    match request.target.map(|target| (target.kind, target.ids)) {
        Some((TargetKind::Agent, ids)) => {
            let to = first_available(work.tx.as_mut(), &ids, ignore_availability).await?;
            use_case::to_agent(&mut work, &mut thread, &to, agent, ignore_availability).await?;
        }
        Some((TargetKind::Group, ids)) => {
            let id = ids.first().and_then(Loose::integer);
            let id = id.ok_or_else(|| invalid("target.ids: expected the number of a group"))?;
            to_group(&mut work, &mut thread, id, agent, ignore_availability).await?;
        }
        Some((TargetKind::Other(_), _)) => {
            return Err(ApiError::validation("target.type: expected agent or group"));
        }
        None => {
            let id = group_of(work.tx.as_mut(), &thread).await?;
            to_group(&mut work, &mut thread, id, agent, ignore_availability).await?;
        }
    }
    work.commit().await?;
    Ok(Done {})
}

/// The first of the agents who accepts chats, or else the first.
async fn first_available(
    tx: &mut dyn Tx,
    ids: &[Loose],
    ignore_availability: bool,
) -> conversation::Result<Agent> {
    let mut first = None;
    for id in ids {
        let agent = find::agent(tx, &id.text()).await?;
        if ignore_availability || routing::accepts(&agent) {
            return Ok(agent);
        }
        first.get_or_insert(agent);
    }
    first.ok_or_else(|| invalid("target.ids: expected at least one"))
}

async fn to_group(
    work: &mut UnitOfWork<'_>,
    thread: &mut Thread,
    group: i64,
    requester: &Agent,
    ignore_availability: bool,
) -> conversation::Result<()> {
    if !ignore_availability && !routing::somebody_accepts(&work.agents().await?) {
        return Err(invalid("target.ids: nobody there accepts chats"));
    }
    use_case::to_group(work, thread, group, requester).await
}

async fn group_of(tx: &mut dyn Tx, thread: &Thread) -> conversation::Result<i64> {
    let button = match &thread.button_id {
        Some(id) => tx.button(id).await?,
        None => None,
    };
    button
        .map(|button| button.group_id)
        .ok_or_else(|| invalid("target: the chat has no group to stay in"))
}

pub(super) async fn targets(
    app: &App,
    request: ListAgentsForTransfer,
) -> Result<Vec<AgentForTransfer>> {
    let mut tx = app.store.read().await?;
    let thread = find::open_thread(tx.as_mut(), &request.chat_id).await?;
    let agents = app.presence.with_status(tx.agents().await?);
    let open: BTreeMap<AgentId, i64> = tx
        .count_open_threads_by_agent()
        .await?
        .into_iter()
        .collect();
    let mut targets: Vec<AgentForTransfer> = routing::transfer_targets(&agents, &thread)
        .map(|agent| AgentForTransfer {
            agent_id: agent.id.clone(),
            total_active_chats: open
                .get(&agent.id)
                .map_or(0, |count| u64::try_from(*count).unwrap_or(0)),
            name: Some(agent.name.clone()),
        })
        .collect();
    targets.sort_by_key(|target| target.total_active_chats);
    Ok(targets)
}
