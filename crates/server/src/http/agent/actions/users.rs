//! Actions on the users of a chat: agents join, supervise, or leave; customers
//! are looked up.

use parlor_wire::{
    UserId,
    agent::{
        AddUserToChat, DeclineChat, Done, EraseCustomer, Erased, ExportCustomer, GetCustomer,
        PushBody, RemoveUserFromChat, UserAddedToChat, UserRemovedFromChat,
    },
    event::Visibility,
    user::{Customer, User, UserKind},
};

use serde_json::Value;

use super::{
    super::error::{ApiError, Result},
    find,
};
use crate::{
    app::App,
    clock::Timestamp,
    conversation::{
        self, UnitOfWork, accept, accept::require_access, customer, erase, export, offers,
    },
    presenter,
    store::row::{Agent, Thread},
};

pub(super) async fn add(app: &App, requester: &Agent, request: AddUserToChat) -> Result<Done> {
    require_agent(&request.user_type)?;
    let mut work = UnitOfWork::begin(app).await?;
    let agent = find::agent(work.tx.as_mut(), request.user_id.as_str()).await?;
    let mut thread = find::open_thread(work.tx.as_mut(), requester, &request.chat_id).await?;
    match request.visibility {
        None | Some(Visibility::All) => {
            accept::accept(&mut work, &mut thread, &agent, requester).await?;
        }
        Some(Visibility::Agents) => supervise(&mut work, &mut thread, &agent, requester).await?,
        Some(_) => return Err(ApiError::validation("visibility: expected all or agents")),
    }
    work.commit().await?;
    Ok(Done {})
}

/// Declines a chat that is offered to the agent.
pub(super) async fn decline(app: &App, requester: &Agent, request: DeclineChat) -> Result<Done> {
    let mut work = UnitOfWork::begin(app).await?;
    let mut thread = find::open_thread(work.tx.as_mut(), requester, &request.chat_id).await?;
    offers::decline(&mut work, &mut thread, requester).await?;
    work.commit().await?;
    Ok(Done {})
}

pub(super) async fn remove(
    app: &App,
    requester: &Agent,
    request: RemoveUserFromChat,
) -> Result<Done> {
    require_agent(&request.user_type)?;
    let mut work = UnitOfWork::begin(app).await?;
    let agent = find::agent(work.tx.as_mut(), request.user_id.as_str()).await?;
    let mut thread = find::open_thread(work.tx.as_mut(), requester, &request.chat_id).await?;
    if thread.agent_id.as_ref() != Some(&agent.id) && took_part(&thread, &agent) {
        stop_supervising(&mut work, &thread, &agent, requester).await?;
    } else {
        accept::leave(&mut work, &mut thread, &agent, Some(requester)).await?;
    }
    work.commit().await?;
    Ok(Done {})
}

pub(super) async fn customer(app: &App, agent: &Agent, request: GetCustomer) -> Result<Customer> {
    Ok(customer::load(app, agent, &request.id).await?)
}

/// Owners and administrators alone: see [`erase::require_right`].
pub(super) async fn export(app: &App, agent: &Agent, request: ExportCustomer) -> Result<Value> {
    let mut tx = app
        .store
        .read()
        .await
        .map_err(conversation::Refusal::from)?;
    erase::require_right(tx.as_mut(), agent, &request.id).await?;
    let export = export::customer(tx.as_mut(), &request.id, app.clock.now()).await?;
    export.to_json().map_err(Into::into)
}

pub(super) async fn erase(app: &App, agent: &Agent, request: EraseCustomer) -> Result<Erased> {
    let row = erase::by_agent(app, agent, &request.id).await?;
    Ok(Erased {
        customer_id: row.customer_id,
        requested_at: row.requested_at.to_rfc3339(),
        agent_id: row.agent_id,
        erased_at: row.erased_at.map(Timestamp::to_rfc3339),
        conversations: row.conversations,
        files: row.files,
    })
}

fn require_agent(kind: &UserKind) -> Result<()> {
    match kind {
        UserKind::Agent => Ok(()),
        UserKind::Customer | UserKind::Other(_) => {
            Err(ApiError::validation("user_type: expected agent"))
        }
    }
}

fn took_part(thread: &Thread, agent: &Agent) -> bool {
    let id = agent.id.as_str();
    thread.user_ids.iter().any(|user| user.as_str() == id)
}

/// Adds an agent to the thread whom the visitor does not see. Does nothing when
/// the agent is in the thread already.
pub(super) async fn supervise(
    work: &mut UnitOfWork<'_>,
    thread: &mut Thread,
    agent: &Agent,
    requester: &Agent,
) -> conversation::Result<()> {
    if took_part(thread, agent) {
        return Ok(());
    }
    require_access(agent, thread)?;
    thread.user_ids.push(UserId::from(agent.id.clone()));
    work.put_thread(thread).await?;
    let mut user = presenter::agent::agent(agent, false, None);
    if let User::Agent(agent) = &mut user {
        agent.visibility = Some(Visibility::Agents);
    }
    work.push(
        thread.audience(),
        &PushBody::UserAddedToChat(Box::new(UserAddedToChat {
            chat_id: thread.chat_id.clone(),
            thread_id: Some(thread.id.clone()),
            user,
            reason: Some("manual".to_owned()),
            requester_id: Some(requester.id.clone().into()),
        })),
    )
    .await
}

/// Pushes that a supervisor has left. The thread's list of users keeps
/// everybody who ever took part.
async fn stop_supervising(
    work: &mut UnitOfWork<'_>,
    thread: &Thread,
    agent: &Agent,
    requester: &Agent,
) -> conversation::Result<()> {
    work.push(
        thread.audience(),
        &PushBody::UserRemovedFromChat(UserRemovedFromChat {
            chat_id: thread.chat_id.clone(),
            thread_id: Some(thread.id.clone()),
            user_id: agent.id.clone().into(),
            reason: Some("manual".to_owned()),
            requester_id: Some(requester.id.clone().into()),
        }),
    )
    .await
}
