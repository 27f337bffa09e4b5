//! `list_archives`: threads of all chats, filtered by time and agents.

use parlor_wire::{
    AgentId, ThreadId,
    agent::{Action as _, ArchiveFilters, ArchiveList, ListArchives, Match},
    limits::PAGE_LIMIT_DEFAULT,
};
use serde_json::Value;

use super::{
    super::error::{ApiError, Result},
    find,
    page::{Key, Page, PageQuery, PageRequest},
    require_known_filters,
    threads::TimeRange,
};
use crate::{
    app::App,
    clock::Timestamp,
    conversation::{Refusal, chat_snapshot::ChatSnapshot},
    store::{
        Tx,
        row::{Agent, Thread, ThreadQuery},
    },
};

/// The most threads that one request searches: half a year of a busy site, read
/// in a fraction of a second. Longer times have to be searched in parts.
const SEARCHED_MAX: usize = 10_000;

/// Rows read per query while searching.
const BATCH: i64 = 500;

/// Agents in one filter: enough for a large team.
const NAMED_MAX: usize = 100;

pub(super) async fn list(
    app: &App,
    agent: &Agent,
    payload: &Value,
    request: ListArchives,
) -> Result<ArchiveList> {
    require_known_filters(payload, &["from", "to", "agents"])?;
    let page_query = PageRequest::<ArchiveFilters> {
        list: ListArchives::NAME,
        page_id: request.page_id,
        sort_order: request.sort_order,
        filters: request.filters,
        limit: request.limit,
        limit_default: PAGE_LIMIT_DEFAULT,
    }
    .resolve()?;
    let mut tx = app.store.read().await?;
    let (page, found) = if page_query.filters == ArchiveFilters::default() {
        (
            all(tx.as_mut(), &page_query).await?,
            tx.count_threads().await?,
        )
    } else {
        let found = search(tx.as_mut(), &page_query.filters).await?;
        let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
        (page_query.slice(found, key)?, count)
    };
    let mut chats = Vec::with_capacity(page.rows.len());
    for thread in &page.rows {
        let snapshot = ChatSnapshot::load(tx.as_mut(), app, &thread.chat_id)
            .await?
            .for_agent(agent);
        chats.push(snapshot.chat(tx.as_mut(), thread).await?);
    }
    Ok(ArchiveList {
        chats,
        found_chats: u64::try_from(found).unwrap_or(0),
        next_page_id: page.next,
        previous_page_id: page.previous,
    })
}

fn key(thread: &Thread) -> Key {
    (thread.created_at, thread.id.to_string())
}

async fn all(tx: &mut dyn Tx, page_query: &PageQuery<ArchiveFilters>) -> Result<Page<Thread>> {
    let query = ThreadQuery {
        ascending: page_query.reads_ascending(),
        after: page_query.after().map(|(at, id)| (at, id.into())),
        limit: i64::try_from(page_query.read_limit()).unwrap_or(i64::MAX),
    };
    page_query.page(tx.threads(&query).await?, key)
}

/// All threads that match the filters, oldest first.
async fn search(tx: &mut dyn Tx, filters: &ArchiveFilters) -> Result<Vec<Thread>> {
    let range = TimeRange::read(filters.from.as_deref(), filters.to.as_deref())?;
    let agents = match &filters.agents {
        Some(agents) => Some(AgentFilter::read(tx, agents).await?),
        None => None,
    };
    // The empty id sorts before every other: this cursor is just before the
    // first thread at that time.
    let first = |from: Timestamp| (from, ThreadId::from(""));
    let (mut after, mut found, mut searched) = (range.from.map(first), Vec::new(), 0);
    loop {
        let query = ThreadQuery {
            ascending: true,
            after,
            limit: BATCH,
        };
        let rows = tx.threads(&query).await?;
        let Some(last) = rows.last() else {
            return Ok(found);
        };
        after = Some((last.created_at, last.id.clone()));
        for thread in rows {
            if range.is_past(thread.created_at) {
                return Ok(found);
            }
            searched += 1;
            if searched > SEARCHED_MAX {
                return Err(ApiError::validation(format!(
                    "filters: more than {SEARCHED_MAX} threads to search: bring from and to closer together"
                )));
            }
            if agents.as_ref().is_none_or(|agents| agents.matches(&thread)) {
                found.push(thread);
            }
        }
    }
}

/// A filter by the agents who took part.
enum AgentFilter {
    AnyOf(Vec<AgentId>),
    NoneOf(Vec<AgentId>),
}

impl AgentFilter {
    async fn read(tx: &mut dyn Tx, filter: &Match) -> Result<Self> {
        match (filter.exists, &filter.values, &filter.exclude_values) {
            (Some(exists), None, None) => {
                let all = tx.agents().await?.into_iter().map(|agent| agent.id);
                Ok(if exists {
                    Self::AnyOf(all.collect())
                } else {
                    Self::NoneOf(all.collect())
                })
            }
            (None, Some(names), None) => Ok(Self::AnyOf(resolve_agents(tx, names).await?)),
            (None, None, Some(names)) => Ok(Self::NoneOf(resolve_agents(tx, names).await?)),
            _ => Err(ApiError::validation(
                "filters.agents: expected one of exists, values, exclude_values",
            )),
        }
    }

    fn matches(&self, thread: &Thread) -> bool {
        let took_part = |agents: &[AgentId]| {
            let of = |id: &AgentId| thread.user_ids.iter().any(|u| u.as_str() == id.as_str());
            agents.iter().any(of)
        };
        match self {
            Self::AnyOf(agents) => took_part(agents),
            Self::NoneOf(agents) => !took_part(agents),
        }
    }
}

/// Resolves ids and e-mail addresses to agents.
async fn resolve_agents(tx: &mut dyn Tx, names: &[Value]) -> Result<Vec<AgentId>> {
    if names.len() > NAMED_MAX {
        return Err(ApiError::validation(format!(
            "filters.agents: more than {NAMED_MAX} values"
        )));
    }
    let mut agents = Vec::new();
    for name in names {
        let name = name
            .as_str()
            .ok_or_else(|| ApiError::validation("filters.agents: expected strings"))?;
        match find::agent(tx, name).await {
            Ok(agent) => agents.push(agent.id),
            // Threads still name removed agents by their id.
            Err(Refusal::NotFound(_)) => agents.push(name.into()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(agents)
}
