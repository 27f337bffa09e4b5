//! `transfer_chat` and `list_agents_for_transfer`.

use parlor_wire::{
    Event, Loose,
    agent::{AgentForTransfer, Done, ListAgentsForTransfer, TargetKind, TransferChat},
    event::{EventBody, Message, Visibility},
    limits::NAMED_AGENTS_MAX,
};

use super::{
    super::error::{ApiError, Result},
    find, users,
};
use crate::{
    app::App,
    conversation::{self, UnitOfWork, invalid, send_event, staff, transfer as use_case},
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
    let mut thread = find::open_thread(work.tx.as_mut(), agent, &request.chat_id).await?;
    if let Some(note) = request.note.filter(|note| !note.trim().is_empty()) {
        write_note(&mut work, &mut thread, agent, note).await?;
    }
    match request.target.map(|target| (target.kind, target.ids)) {
        Some((TargetKind::Agent, ids)) => {
            let to = first_available(&mut work, &ids, ignore_availability).await?;
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

/// Writes what only agents see.
async fn write_note(
    work: &mut UnitOfWork<'_>,
    thread: &mut Thread,
    agent: &Agent,
    text: String,
) -> conversation::Result<()> {
    users::supervise(work, thread, agent, agent).await?;
    let message = Message {
        text,
        postback: None,
    };
    let mut note = Event::new(EventBody::Message(message));
    note.visibility = Some(Visibility::Agents);
    send_event::send_agent_event(work, agent, thread, note).await?;
    Ok(())
}

/// The first of the agents who accepts chats and has room for one, or else the
/// first who accepts chats, or else the first.
async fn first_available(
    work: &mut UnitOfWork<'_>,
    ids: &[Loose],
    ignore_availability: bool,
) -> conversation::Result<Agent> {
    let staff = staff::load(work.tx.as_mut(), work.app).await?;
    let mut agents = Vec::new();
    for id in ids {
        let agent = find::agent(work.tx.as_mut(), &id.text()).await?;
        // With the status that they have now.
        let known = staff.agents().iter().find(|known| known.id == agent.id);
        agents.push(known.cloned().unwrap_or(agent));
    }
    let first = agents.first();
    let available = agents.iter().find(|agent| staff.can_take(agent));
    let available = available.or_else(|| agents.iter().find(|agent| routing::accepts(agent)));
    let chosen = if ignore_availability {
        first
    } else {
        available.or(first)
    };
    chosen
        .cloned()
        .ok_or_else(|| invalid("target.ids: expected at least one"))
}

async fn to_group(
    work: &mut UnitOfWork<'_>,
    thread: &mut Thread,
    group: i64,
    requester: &Agent,
    ignore_availability: bool,
) -> conversation::Result<()> {
    let staff = staff::load(work.tx.as_mut(), work.app).await?;
    if !ignore_availability && !staff.group_accepts(group) {
        return Err(invalid("target.ids: nobody there accepts chats"));
    }
    use_case::to_group(work, thread, group, Some(requester)).await
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
    agent: &Agent,
    request: ListAgentsForTransfer,
) -> Result<Vec<AgentForTransfer>> {
    let mut tx = app.store.read().await?;
    let thread = find::open_thread(tx.as_mut(), agent, &request.chat_id).await?;
    let staff = staff::load(tx.as_mut(), app).await?;
    let mut targets: Vec<AgentForTransfer> = routing::transfer_targets(staff.agents(), &thread)
        .map(|agent| AgentForTransfer {
            agent_id: agent.id.clone(),
            total_active_chats: u64::try_from(staff.open_chats(agent)).unwrap_or(0),
            name: Some(agent.name.clone()),
        })
        .collect();
    targets.sort_by_key(|target| target.total_active_chats);
    Ok(targets)
}
