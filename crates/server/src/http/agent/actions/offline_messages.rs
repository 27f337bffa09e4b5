//! `list_offline_messages` and `update_offline_message`, which are ours
//! (`docs/PROTOCOL.md`, 5, Messages).

use parlor_wire::{
    ThreadId,
    agent::{Done, ListOfflineMessages, OfflineMessages, UpdateOfflineMessage},
};

use super::super::error::Result;
use crate::{
    app::App,
    conversation::{UnitOfWork, access, callback, offline_message},
    store::row::{Agent, OfflineKind},
};

/// The most messages in one list: agents answer the oldest first.
const LISTED_MAX: usize = 100;

/// The most messages that are counted. So many take a team days.
const COUNTED_MAX: i64 = 1_000;

pub(super) async fn list(
    app: &App,
    agent: &Agent,
    request: ListOfflineMessages,
) -> Result<OfflineMessages> {
    let kind = match request.callbacks {
        true => OfflineKind::Callback,
        false => OfflineKind::Message,
    };
    let mut tx = app.store.read().await?;
    let groups = agent.visible_groups();
    let mut rows = tx.open_offline_messages(kind, &groups, COUNTED_MAX).await?;
    let total = rows.len() as u64;
    rows.truncate(LISTED_MAX);
    let ids: Vec<ThreadId> = rows.iter().map(|row| row.thread_id.clone()).collect();
    let threads = tx.threads_by_id(&ids).await?;
    let messages = offline_message::summaries(tx.as_mut(), &rows, &threads).await?;
    Ok(OfflineMessages { messages, total })
}

pub(super) async fn update(
    app: &App,
    agent: &Agent,
    request: UpdateOfflineMessage,
) -> Result<Done> {
    let mut work = UnitOfWork::begin(app).await?;
    let (chat, thread) = (&request.chat_id, &request.thread_id);
    let mut thread = access::thread(work.tx.as_mut(), agent, chat, thread).await?;
    let row = work.tx.offline_message(&thread.id).await?;
    match row.filter(|row| row.callback.is_some()) {
        Some(row) => callback::update(&mut work, agent, &mut thread, row, &request).await?,
        None => offline_message::set_open(&mut work, &thread, request.is_open).await?,
    }
    work.commit().await?;
    Ok(Done {})
}
