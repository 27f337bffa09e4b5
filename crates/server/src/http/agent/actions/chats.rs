//! Actions on chats: list, get, start, resume, follow, deactivate.

use parlor_wire::{
    ChatSummary, CustomerId, EventId, User,
    agent::{
        Action as _, ChatFilters, ChatList, ChatResumed, ChatStarted, DeactivateChat, Done,
        FollowChat, GetChat, InitialChat, ListChats, ResumeChat, StartChat, UnfollowChat,
    },
    chat::Chat as WireChat,
    limits::{PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX},
};
use serde_json::Value;

use super::{
    super::error::{ApiError, Result},
    find,
    page::PageRequest,
    require_known_filters,
};
use crate::{
    app::App,
    conversation::{
        Refusal, UnitOfWork, access,
        chat_snapshot::ChatSnapshot,
        end, event_number, follow,
        start::{self, InitialThread},
    },
    store::{
        Tx,
        row::{Agent, Chat, ChatQuery, Thread},
    },
};

pub(super) async fn list(
    app: &App,
    agent: &Agent,
    payload: &Value,
    request: ListChats,
) -> Result<ChatList> {
    require_known_filters(
        payload,
        &[
            "include_active",
            "include_chats_without_threads",
            "group_ids",
        ],
    )?;
    let page_query = PageRequest::<ChatFilters> {
        list: ListChats::NAME,
        page_id: request.page_id,
        sort_order: request.sort_order,
        filters: request.filters,
        limit: request.limit,
        limit_default: PAGE_LIMIT_DEFAULT,
    }
    .resolve()?;
    let active = match page_query.filters.include_active {
        Some(false) => Some(false),
        Some(true) | None => None,
    };
    let groups = access::visible_of(agent, page_query.filters.group_ids.as_ref());
    let mut tx = app.store.read().await?;
    let query = ChatQuery {
        active,
        groups: groups.clone(),
        ascending: page_query.reads_ascending(),
        after: page_query.after().map(|(at, id)| (at, id.into())),
        limit: i64::try_from(page_query.read_limit()).unwrap_or(i64::MAX),
    };
    let rows = tx.chats(&query).await?;
    let key = |chat: &Chat| (chat.last_thread_at, chat.id.to_string());
    let mut page = page_query.page(rows, key)?;
    let chats = page_query.as_read(page.rows.clone());
    let snapshots = ChatSnapshot::load_all(tx.as_mut(), app, chats, Some(agent)).await?;
    page.rows
        .retain(|row| snapshots.iter().any(|it| it.chat.id == row.id));
    let summaries = ChatSnapshot::summaries(tx.as_mut(), &snapshots).await?;
    page_query.shorten(&mut page, summaries.len(), key)?;
    Ok(ChatList {
        chats_summary: page_query.as_read(summaries),
        found_chats: u64::try_from(tx.count_chats(active, &groups).await?).unwrap_or(0),
        next_page_id: page.next,
        previous_page_id: page.previous,
    })
}

/// The open chats that an agent is sent at login: newest first, at most one
/// page.
pub(in super::super) async fn active_summaries(
    app: &App,
    tx: &mut dyn Tx,
    agent: &Agent,
) -> Result<Vec<ChatSummary>> {
    let query = ChatQuery {
        active: Some(true),
        groups: agent.visible_groups(),
        ascending: false,
        after: None,
        limit: i64::try_from(PAGE_LIMIT_MAX).unwrap_or(i64::MAX),
    };
    let chats = tx.chats(&query).await?;
    let snapshots = ChatSnapshot::load_all(tx, app, chats, Some(agent)).await?;
    Ok(ChatSnapshot::summaries_at_login(tx, &snapshots).await?)
}

pub(super) async fn get(app: &App, agent: &Agent, request: GetChat) -> Result<WireChat> {
    let mut tx = app.store.read().await?;
    let snapshot = ChatSnapshot::load_for(tx.as_mut(), app, &request.chat_id, agent).await?;
    let thread = match &request.thread_id {
        Some(id) => snapshot.threads.iter().find(|thread| &thread.id == id),
        None => snapshot.current_thread(),
    };
    let Some(thread) = thread else {
        access::require(agent, snapshot.chat.group_id)?;
        return Err(Refusal::NotFound("thread").into());
    };
    access::require(agent, thread.group_id)?;
    let before = match &request.events_before {
        Some(id) => Some(event_number_of(tx.as_mut(), thread, id).await?),
        None => None,
    };
    Ok(snapshot.chat(tx.as_mut(), thread, before).await?)
}

/// The number of an event of this thread.
async fn event_number_of(tx: &mut dyn Tx, thread: &Thread, id: &EventId) -> Result<i64> {
    let number = event_number::by_id(tx, thread, id).await?;
    number.ok_or_else(|| ApiError::validation("events_before: not an event of this thread"))
}

pub(super) async fn start(app: &App, agent: &Agent, request: StartChat) -> Result<ChatStarted> {
    let mut chat = request.chat.unwrap_or_default();
    if chat.id.take().is_some_and(|id| !id.as_str().is_empty()) {
        return Err(ApiError::validation(
            "chat.id: resume_chat opens a chat again",
        ));
    }
    let (customer, agents) = split_users(chat.users.take().unwrap_or_default())?;
    let initial = initial_thread(chat, agents, request.active)?;
    let mut work = UnitOfWork::begin(app).await?;
    let started = start::start(&mut work, agent, customer.as_ref(), initial).await?;
    work.commit().await?;
    Ok(ChatStarted {
        chat_id: started.thread.chat_id,
        thread_id: started.thread.id,
        event_ids: Some(started.event_ids).filter(|ids| !ids.is_empty()),
    })
}

pub(super) async fn resume(app: &App, agent: &Agent, request: ResumeChat) -> Result<ChatResumed> {
    let mut chat = request.chat;
    let id = chat
        .id
        .take()
        .ok_or_else(|| ApiError::validation("in `chat`, missing field `id`"))?;
    let (customer, agents) = split_users(chat.users.take().unwrap_or_default())?;
    if customer.is_some() {
        return Err(ApiError::validation(
            "chat.users: the chat has its customer",
        ));
    }
    let initial = initial_thread(chat, agents, request.active)?;
    let mut work = UnitOfWork::begin(app).await?;
    let started = start::resume(&mut work, agent, &id, initial).await?;
    work.commit().await?;
    Ok(ChatResumed {
        thread_id: started.thread.id,
        event_ids: Some(started.event_ids).filter(|ids| !ids.is_empty()),
    })
}

fn split_users(users: Vec<User>) -> Result<(Option<CustomerId>, Vec<String>)> {
    let (mut customer, mut agents) = (None, Vec::new());
    for user in users {
        match user {
            User::Customer(one) if customer.is_none() => customer = Some(one.id),
            User::Agent(agent) => agents.push(agent.id.to_string()),
            User::Customer(_) | User::Unknown { .. } => {
                return Err(ApiError::validation(
                    "chat.users: expected agents and at most one customer",
                ));
            }
        }
    }
    Ok((customer, agents))
}

fn initial_thread(
    chat: InitialChat,
    agents: Vec<String>,
    active: Option<bool>,
) -> Result<InitialThread> {
    let thread = chat.thread.unwrap_or_default();
    let group_id = match chat.access.map(|access| access.group_ids).as_deref() {
        None => None,
        Some([id]) => Some(*id),
        Some(_) => {
            return Err(ApiError::validation(
                "chat.access: a chat has one group here",
            ));
        }
    };
    Ok(InitialThread {
        group_id,
        agents,
        properties: chat.properties,
        thread_properties: thread.properties.unwrap_or_default(),
        tags: thread.tags.unwrap_or_default(),
        events: thread.events.unwrap_or_default(),
        active: active.unwrap_or(true),
    })
}

pub(super) async fn follow(app: &App, agent: &Agent, request: FollowChat) -> Result<Done> {
    let mut work = UnitOfWork::begin(app).await?;
    follow::follow(&mut work, agent, &request.chat_id).await?;
    work.commit().await?;
    Ok(Done {})
}

pub(super) async fn unfollow(app: &App, agent: &Agent, request: UnfollowChat) -> Result<Done> {
    let mut work = UnitOfWork::begin(app).await?;
    follow::unfollow(&mut work, agent, &request.chat_id).await?;
    work.commit().await?;
    Ok(Done {})
}

pub(super) async fn deactivate(app: &App, agent: &Agent, request: DeactivateChat) -> Result<Done> {
    let mut work = UnitOfWork::begin(app).await?;
    let mut thread = find::open_thread(work.tx.as_mut(), agent, &request.chat_id).await?;
    end::by_agent(&mut work, &mut thread, agent).await?;
    work.commit().await?;
    Ok(Done {})
}
