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
    let mut work = UnitOfWork::begin_read(app).await?;
    let rows = work.tx.open_offline_messages(COUNTED_MAX).await?;
    let ids: Vec<ThreadId> = rows.iter().map(|row| row.thread_id.clone()).collect();
    let mut seen: BTreeSet<ThreadId> = BTreeSet::new();
    for thread in work.tx.threads_by_id(&ids).await? {
        if agent.sees(thread.group_id) {
            seen.insert(thread.id);
        }
    }
    let rows = rows.iter().filter(|row| seen.contains(&row.thread_id));
    let mut messages = Vec::new();
    for row in rows.take(LISTED_MAX) {
        messages.push(offline_message::summary(&mut work, row).await?);
    }
    Ok(OfflineMessages {
        messages,
        total: seen.len() as u64,
    })
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
