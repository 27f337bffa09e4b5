//! `list_archives`: threads of all chats of the agent's groups, filtered by time,
//! groups and agents.

use std::collections::{BTreeMap, BTreeSet};

use parlor_wire::{
    AgentId, ChatId,
    agent::{Action as _, ArchiveFilters, ArchiveList, ListArchives, Match},
    chat::Chat as WireChat,
    limits::{NAMED_AGENTS_MAX, PAGE_LIMIT_DEFAULT},
};
use serde_json::Value;

use super::{
    super::error::{ApiError, Result},
    page::{Key, PageRequest},
    require_known_filters,
    threads::TimeRange,
};
use crate::{
    app::App,
    conversation::{access, chat_snapshot::ChatSnapshot},
    store::{
        Tx, email_key,
        row::{Agent, AgentFilter, Thread, ThreadFilter, ThreadQuery},
    },
};

pub(super) async fn list(
    app: &App,
    agent: &Agent,
    payload: &Value,
    request: ListArchives,
) -> Result<ArchiveList> {
    require_known_filters(payload, &["from", "to", "agents", "group_ids"])?;
    let page_query = PageRequest::<ArchiveFilters> {
        list: ListArchives::NAME,
        page_id: request.page_id,
        sort_order: request.sort_order,
        filters: request.filters,
        limit: request.limit,
        limit_default: PAGE_LIMIT_DEFAULT,
    }
    .resolve()?;
    let groups = access::visible_of(agent, page_query.filters.group_ids.as_ref());
    let mut tx = app.store.read().await?;
    let filter = filter(tx.as_mut(), &page_query.filters, groups).await?;
    let found = tx.count_threads(&filter).await?;
    let query = ThreadQuery {
        filter,
        ascending: page_query.reads_ascending(),
        after: page_query.after().map(|(at, id)| (at, id.into())),
        limit: i64::try_from(page_query.read_limit()).unwrap_or(i64::MAX),
    };
    let mut page = page_query.page(tx.threads(&query).await?, key)?;
    let snapshots = snapshots(app, tx.as_mut(), agent, &page.rows).await?;
    page.rows
        .retain(|thread| snapshots.contains_key(&thread.chat_id));
    let threads = page_query.as_read(page.rows.clone());
    let chats = chats(tx.as_mut(), agent, &snapshots, &threads).await?;
    page_query.shorten(&mut page, chats.len(), key)?;
    Ok(ArchiveList {
        chats: page_query.as_read(chats),
        found_chats: u64::try_from(found).unwrap_or(0),
        next_page_id: page.next,
        previous_page_id: page.previous,
    })
}

fn key(thread: &Thread) -> Key {
    (thread.created_at, thread.id.to_string())
}

/// The chats of these threads. Those that cannot be read are left out.
async fn snapshots(
    app: &App,
    tx: &mut dyn Tx,
    agent: &Agent,
    threads: &[Thread],
) -> Result<BTreeMap<ChatId, ChatSnapshot>> {
    let ids: BTreeSet<ChatId> = threads.iter().map(|it| it.chat_id.clone()).collect();
    let ids: Vec<ChatId> = ids.into_iter().collect();
    let rows = tx.chats_by_id(&ids).await?;
    let snapshots = ChatSnapshot::load_all(tx, app, rows, Some(agent)).await?;
    let by_id = |snapshot: ChatSnapshot| (snapshot.chat.id.clone(), snapshot);
    Ok(snapshots.into_iter().map(by_id).collect())
}

/// As many of these threads as fit into an answer, as agents see them, each in
/// its chat.
async fn chats(
    tx: &mut dyn Tx,
    agent: &Agent,
    snapshots: &BTreeMap<ChatId, ChatSnapshot>,
    threads: &[Thread],
) -> Result<Vec<WireChat>> {
    let shown: Vec<(&ChatSnapshot, &Thread)> = threads
        .iter()
        .filter_map(|thread| Some((snapshots.get(&thread.chat_id)?, thread)))
        .collect();
    Ok(ChatSnapshot::chats(tx, &shown, None, Some(agent)).await?)
}

async fn filter(
    tx: &mut dyn Tx,
    filters: &ArchiveFilters,
    groups: Vec<i64>,
) -> Result<ThreadFilter> {
    let range = TimeRange::read(filters.from.as_deref(), filters.to.as_deref())?;
    let agents = match &filters.agents {
        Some(agents) => Some(agent_filter(tx, agents).await?),
        None => None,
    };
    Ok(ThreadFilter {
        groups,
        from: range.from,
        to: range.to,
        agents,
    })
}

/// A filter by the agents who took part.
async fn agent_filter(tx: &mut dyn Tx, filter: &Match) -> Result<AgentFilter> {
    match (filter.exists, &filter.values, &filter.exclude_values) {
        (Some(exists), None, None) => {
            let all = tx.agents().await?.into_iter().map(|agent| agent.id);
            Ok(if exists {
                AgentFilter::AnyOf(all.collect())
            } else {
                AgentFilter::NoneOf(all.collect())
            })
        }
        (None, Some(names), None) => Ok(AgentFilter::AnyOf(resolve_agents(tx, names).await?)),
        (None, None, Some(names)) => Ok(AgentFilter::NoneOf(resolve_agents(tx, names).await?)),
        _ => Err(ApiError::validation(
            "filters.agents: expected one of exists, values, exclude_values",
        )),
    }
}

/// Resolves ids and e-mail addresses to agents.
async fn resolve_agents(tx: &mut dyn Tx, names: &[Value]) -> Result<Vec<AgentId>> {
    if names.len() > NAMED_AGENTS_MAX {
        return Err(ApiError::validation(format!(
            "filters.agents: more than {NAMED_AGENTS_MAX} values"
        )));
    }
    let known = tx.agents().await?;
    let resolve = |name: &Value| {
        let name = name
            .as_str()
            .ok_or_else(|| ApiError::validation("filters.agents: expected strings"))?;
        let by_id = known.iter().find(|agent| agent.id.as_str() == name);
        let is_theirs = |agent: &&Agent| email_key(&agent.email.0) == email_key(name);
        let agent = by_id.or_else(|| known.iter().find(is_theirs));
        // Threads still name removed agents by their id.
        let agent = agent.filter(|agent| agent.removed_at.is_none());
        Ok(agent.map_or_else(|| name.into(), |agent| agent.id.clone()))
    };
    names.iter().map(resolve).collect()
}
