//! `list_offline_messages` and `update_offline_message`, which are ours
//! (`docs/PROTOCOL.md`, 5, Messages).

use std::collections::BTreeSet;

use parlor_wire::{
    ThreadId,
    agent::{Done, OfflineMessages, UpdateOfflineMessage},
};

use super::super::error::Result;
use crate::{
    app::App,
    conversation::{UnitOfWork, access, offline_message},
    store::row::Agent,
};

/// The most messages in one list: agents answer the oldest first.
const LISTED_MAX: usize = 100;

/// The most messages that are counted. So many take a team days.
const COUNTED_MAX: i64 = 1_000;

pub(super) async fn list(app: &App, agent: &Agent) -> Result<OfflineMessages> {
    let mut tx = app.store.read().await?;
    let mut rows = tx.open_offline_messages(COUNTED_MAX).await?;
    let ids: Vec<ThreadId> = rows.iter().map(|row| row.thread_id.clone()).collect();
    let mut threads = tx.threads_by_id(&ids).await?;
    threads.retain(|thread| agent.sees(thread.group_id));
    let seen: BTreeSet<&ThreadId> = threads.iter().map(|thread| &thread.id).collect();
    rows.retain(|row| seen.contains(&row.thread_id));
    let total = rows.len() as u64;
    rows.truncate(LISTED_MAX);
    let messages = offline_message::summaries(tx.as_mut(), &rows, &threads).await?;
    Ok(OfflineMessages { messages, total })
}

pub(super) async fn update(
    app: &App,
    agent: &Agent,
    request: UpdateOfflineMessage,
) -> Result<Done> {
    let mut work = UnitOfWork::begin(app).await?;
    let thread = access::thread(
        work.tx.as_mut(),
        agent,
        &request.chat_id,
        &request.thread_id,
    )
    .await?;
    offline_message::set_open(&mut work, &thread, request.is_open).await?;
    work.commit().await?;
    Ok(Done {})
}
