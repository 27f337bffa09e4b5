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
};

pub(super) async fn update_chat(app: &App, request: UpdateChatProperties) -> Result<Done> {
    chat(app, &request.chat_id, Change::Set(request.properties)).await
}

pub(super) async fn delete_chat(app: &App, request: DeleteChatProperties) -> Result<Done> {
    chat(app, &request.chat_id, Change::Delete(request.properties)).await
}

async fn chat(app: &App, id: &ChatId, change: Change) -> Result<Done> {
    let mut work = UnitOfWork::begin(app).await?;
    properties::of_chat(&mut work, id, change).await?;
    work.commit().await?;
    Ok(Done {})
}

pub(super) async fn update_thread(app: &App, request: UpdateThreadProperties) -> Result<Done> {
    let change = Change::Set(request.properties);
    thread(app, &request.chat_id, &request.thread_id, change).await
}

pub(super) async fn delete_thread(app: &App, request: DeleteThreadProperties) -> Result<Done> {
    let change = Change::Delete(request.properties);
    thread(app, &request.chat_id, &request.thread_id, change).await
}

async fn thread(app: &App, chat: &ChatId, id: &ThreadId, change: Change) -> Result<Done> {
    let mut work = UnitOfWork::begin(app).await?;
    properties::of_thread(&mut work, chat, id, change).await?;
    work.commit().await?;
    Ok(Done {})
}

pub(super) async fn update_event(app: &App, request: UpdateEventProperties) -> Result<Done> {
    let names = (&request.chat_id, &request.thread_id, &request.event_id);
    event(app, names, Change::Set(request.properties)).await
}

pub(super) async fn delete_event(app: &App, request: DeleteEventProperties) -> Result<Done> {
    let names = (&request.chat_id, &request.thread_id, &request.event_id);
    event(app, names, Change::Delete(request.properties)).await
}

async fn event(
    app: &App,
    (chat, thread, id): (&ChatId, &ThreadId, &EventId),
    change: Change,
) -> Result<Done> {
    let mut work = UnitOfWork::begin(app).await?;
    properties::of_event(&mut work, chat, thread, id, change).await?;
    work.commit().await?;
    Ok(Done {})
}

pub(super) async fn tag(app: &App, request: TagThread) -> Result<Done> {
    let mut work = UnitOfWork::begin(app).await?;
    tags::tag(
        &mut work,
        &request.chat_id,
        &request.thread_id,
        &request.tag,
    )
    .await?;
    work.commit().await?;
    Ok(Done {})
}

pub(super) async fn untag(app: &App, request: UntagThread) -> Result<Done> {
    let mut work = UnitOfWork::begin(app).await?;
    tags::untag(
        &mut work,
        &request.chat_id,
        &request.thread_id,
        &request.tag,
    )
    .await?;
    work.commit().await?;
    Ok(Done {})
}
