//! `list_threads`: threads of one chat with their events.

use parlor_wire::agent::{Action as _, ListThreads, ThreadFilters, ThreadList};
use parlor_wire::limits::PAGE_LIMIT_MAX;
use serde_json::Value;

use super::{
    super::error::{ApiError, Result},
    page::{PageQuery, PageRequest},
    require_known_filters,
};
use crate::{
    app::App,
    clock::Timestamp,
    conversation::{access, chat_snapshot::ChatSnapshot},
    store::row::{Agent, Thread},
};

/// The default page size, as in the Agent Chat API.
const LIMIT_DEFAULT: u64 = 3;

pub(super) async fn list(
    app: &App,
    agent: &Agent,
    payload: &Value,
    request: ListThreads,
) -> Result<ThreadList> {
    require_known_filters(payload, &["from", "to"])?;
    if request.min_events_count.is_some() && request.limit.is_some() {
        return Err(ApiError::validation(
            "min_events_count and limit exclude each other",
        ));
    }
    let mut page_query = PageRequest::<ThreadFilters> {
        list: ListThreads::NAME,
        page_id: request.page_id,
        sort_order: request.sort_order,
        filters: request.filters,
        limit: request.limit,
        limit_default: LIMIT_DEFAULT,
    }
    .resolve()?;
    let range = TimeRange::read(
        page_query.filters.from.as_deref(),
        page_query.filters.to.as_deref(),
    )?;
    let mut tx = app.store.read().await?;
    let snapshot = ChatSnapshot::load(tx.as_mut(), app, &request.chat_id).await?;
    let visible: Vec<&Thread> = snapshot
        .threads
        .iter()
        .filter(|thread| agent.sees(thread.group_id))
        .collect();
    if visible.is_empty() {
        access::require(agent, snapshot.chat.group_id)?;
    }
    let found: Vec<&Thread> = visible
        .into_iter()
        .filter(|thread| range.contains(thread.created_at))
        .collect();
    let found_threads = u64::try_from(found.len()).unwrap_or(u64::MAX);
    if let Some(wanted) = request.min_events_count {
        page_query.limit = threads_needed(&page_query, &found, wanted)?;
    }
    let key = |thread: &&Thread| (thread.created_at, thread.id.to_string());
    let mut page = page_query.slice(found, key)?;
    let shown = page_query.as_read(page.rows.clone());
    let threads = snapshot.threads(tx.as_mut(), &shown).await?;
    page_query.shorten(&mut page, threads.len(), key)?;
    Ok(ThreadList {
        threads: page_query.as_read(threads),
        found_threads,
        next_page_id: page.next,
        previous_page_id: page.previous,
    })
}

/// How many threads contain `wanted` events together.
fn threads_needed(
    page_query: &PageQuery<ThreadFilters>,
    found: &[&Thread],
    wanted: u64,
) -> Result<usize> {
    if !(1..=PAGE_LIMIT_MAX).contains(&wanted) {
        return Err(ApiError::validation(format!(
            "min_events_count: expected 1 to {PAGE_LIMIT_MAX}"
        )));
    }
    let wanted = i64::try_from(wanted).unwrap_or(i64::MAX);
    let cursor = page_query.after();
    let key = |thread: &Thread| (thread.created_at, thread.id.to_string());
    let mut in_order: Vec<&Thread> = found.to_vec();
    if page_query.reads_ascending() {
        in_order.retain(|thread| cursor.as_ref().is_none_or(|cursor| key(thread) > *cursor));
    } else {
        in_order.retain(|thread| cursor.as_ref().is_none_or(|cursor| key(thread) < *cursor));
        in_order.reverse();
    }
    let mut events = 0;
    let short = in_order.iter().take_while(|thread| {
        let short = events < wanted;
        events += thread.last_event;
        short
    });
    let most = usize::try_from(PAGE_LIMIT_MAX).unwrap_or(1);
    Ok(short.count().clamp(1, most))
}

/// A time range; both ends are included.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimeRange {
    pub(super) from: Option<Timestamp>,
    pub(super) to: Option<Timestamp>,
}

impl TimeRange {
    pub(super) fn read(from: Option<&str>, to: Option<&str>) -> Result<Self> {
        let moment = |field: &str, text: Option<&str>| match text {
            None => Ok(None),
            Some(text) => Timestamp::parse(text).map(Some).ok_or_else(|| {
                ApiError::validation(format!("filters.{field}: expected a time of RFC 3339"))
            }),
        };
        Ok(Self {
            from: moment("from", from)?,
            to: moment("to", to)?,
        })
    }

    pub(super) fn contains(self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at <= to)
    }
}
