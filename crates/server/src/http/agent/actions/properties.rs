//! Actions on properties of chats, threads and events, and on tags of threads.

use parlor_wire::agent::{
    DeleteChatProperties, DeleteEventProperties, DeleteThreadProperties, Done, TagThread,
    UntagThread, UpdateChatProperties, UpdateEventProperties, UpdateThreadProperties,
};
use parlor_wire::{ChatId, EventId, ThreadId};

use super::super::error::Result;
use crate::{
    app::App,
    conversation::{
        UnitOfWork,
        properties::{self, Change},
        tags,
    },
    store::row::Agent,
};

pub(super) async fn update_chat(
    app: &App,
    agent: &Agent,
    request: UpdateChatProperties,
) -> Result<Done> {
    chat(
        app,
        agent,
        &request.chat_id,
        Change::Set(request.properties),
    )
    .await
}

pub(super) async fn delete_chat(
    app: &App,
    agent: &Agent,
    request: DeleteChatProperties,
) -> Result<Done> {
    chat(
        app,
        agent,
        &request.chat_id,
        Change::Delete(request.properties),
    )
    .await
}

async fn chat(app: &App, agent: &Agent, id: &ChatId, change: Change) -> Result<Done> {
    let mut work = UnitOfWork::begin(app).await?;
    properties::of_chat(&mut work, agent, id, change).await?;
    work.commit().await?;
    Ok(Done {})
}

pub(super) async fn update_thread(
    app: &App,
    agent: &Agent,
    request: UpdateThreadProperties,
) -> Result<Done> {
    let change = Change::Set(request.properties);
    thread(app, agent, (&request.chat_id, &request.thread_id), change).await
}

pub(super) async fn delete_thread(
    app: &App,
    agent: &Agent,
    request: DeleteThreadProperties,
) -> Result<Done> {
    let change = Change::Delete(request.properties);
    thread(app, agent, (&request.chat_id, &request.thread_id), change).await
}

async fn thread(
    app: &App,
    agent: &Agent,
    names: (&ChatId, &ThreadId),
    change: Change,
) -> Result<Done> {
    let mut work = UnitOfWork::begin(app).await?;
    properties::of_thread(&mut work, agent, names, change).await?;
    work.commit().await?;
    Ok(Done {})
}

pub(super) async fn update_event(
    app: &App,
    agent: &Agent,
    request: UpdateEventProperties,
) -> Result<Done> {
    let names = (&request.chat_id, &request.thread_id, &request.event_id);
    event(app, agent, names, Change::Set(request.properties)).await
}

pub(super) async fn delete_event(
    app: &App,
    agent: &Agent,
    request: DeleteEventProperties,
) -> Result<Done> {
    let names = (&request.chat_id, &request.thread_id, &request.event_id);
    event(app, agent, names, Change::Delete(request.properties)).await
}

async fn event(
    app: &App,
    agent: &Agent,
    names: (&ChatId, &ThreadId, &EventId),
    change: Change,
) -> Result<Done> {
    let mut work = UnitOfWork::begin(app).await?;
    properties::of_event(&mut work, agent, names, change).await?;
    work.commit().await?;
    Ok(Done {})
}

pub(super) async fn tag(app: &App, agent: &Agent, request: TagThread) -> Result<Done> {
    let mut work = UnitOfWork::begin(app).await?;
    let names = (&request.chat_id, &request.thread_id);
    tags::tag(&mut work, agent, names, &request.tag).await?;
    work.commit().await?;
    Ok(Done {})
}

pub(super) async fn untag(app: &App, agent: &Agent, request: UntagThread) -> Result<Done> {
    let mut work = UnitOfWork::begin(app).await?;
    let names = (&request.chat_id, &request.thread_id);
    tags::untag(&mut work, agent, names, &request.tag).await?;
    work.commit().await?;
    Ok(Done {})
}
