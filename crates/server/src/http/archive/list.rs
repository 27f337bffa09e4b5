//! `GET /chats`: pages of all conversations, the newest first, or those with the ids
//! that are asked for.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{OriginalUri, Query, State, rejection::QueryRejection},
    http::HeaderMap,
    response::{IntoResponse as _, Response},
};
use parlor_wire::{
    ThreadId,
    archive::{ArchivedChat, ChatPage},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    address, archive,
    caller::Program,
    error::{ApiError, Result},
};
use crate::{
    answer_size::Room,
    app::App,
    conversation::archive::ArchivedConversation,
    http::openapi::answers::ArchiveErrors,
    presenter::archive::Archive,
    store::{
        Tx,
        archive::{ArchiveEntry, ArchiveFilter, ArchivePage, ArchiveQuery},
    },
};

/// The most conversations of a page, and how many it has if nothing else is asked for.
const LIMIT_MAX: u16 = 100;
const LIMIT: u16 = 40;

/// The most ids in one request, by the documentation.
const IDS_MAX: usize = 50;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Ids with commas between them, at most 50: these conversations alone.
    ids: Option<String>,
    /// The page, as in `next_url` and `prev_url`.
    cursor: Option<String>,
    /// How many conversations a page has at most: 1 to 100, and 40 by default.
    limit: Option<u16>,
}

/// The conversations that were asked for by their ids.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Docs {
    pub(super) count: usize,
    pub(super) docs: BTreeMap<String, ArchivedChat>,
}

/// List chats
#[utoipa::path(
    get,
    path = "/chats",
    tag = "chats",
    params(ListQuery),
    responses(
        (status = 200, description = "A page, or with `ids`: `docs`, an object of chats by id", body = ListAnswer),
        ArchiveErrors,
    ),
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    program: Program,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    query: std::result::Result<Query<ListQuery>, QueryRejection>,
) -> Result<Response> {
    program.require_administrator()?;
    let Query(query) = query?;
    let mut tx = app.store.read().await?;
    let archive = archive(&app, tx.as_mut(), &headers, &program).await?;
    if let Some(ids) = &query.ids {
        let docs = docs(tx.as_mut(), &archive, &read_ids(ids)?).await?;
        return Ok(Json(docs).into_response());
    }
    let limit = query.limit.unwrap_or(LIMIT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(ApiError::invalid(format!(
            "limit: expected 1 to {LIMIT_MAX}"
        )));
    }
    let place = query.cursor.as_deref().map(read_cursor).transpose()?;
    let page = page(tx.as_mut(), &archive, place, usize::from(limit)).await?;
    let address = address(&app, &headers, &uri);
    let url = |cursor: String| format!("{address}/chats?cursor={cursor}&limit={limit}");
    Ok(Json(ChatPage {
        chats: page.chats,
        count: page.count,
        next_url: page.next.map(|number| url(format!("b{number}"))),
        prev_url: page.previous.map(|number| url(format!("a{number}"))),
    })
    .into_response())
}

/// A page of the list, or [`Docs`].
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what is answered")]
pub(super) enum ListAnswer {
    Page(ChatPage),
    Docs(Docs),
}

/// The ids in a parameter.
///
/// # Errors
/// 400 for none, and for more than are allowed.
pub(super) fn read_ids(ids: &str) -> Result<Vec<ThreadId>> {
    let mut read: Vec<ThreadId> = Vec::new();
    for id in ids.split(',').map(str::trim).filter(|id| !id.is_empty()) {
        let id = ThreadId::from(id);
        if !read.contains(&id) {
            read.push(id);
        }
    }
    match read.len() {
        1..=IDS_MAX => Ok(read),
        _ => Err(ApiError::invalid(format!(
            "ids: expected 1 to {IDS_MAX} ids"
        ))),
    }
}

/// The page below a number (`b12`), or above it (`a12`).
fn read_cursor(cursor: &str) -> Result<ArchivePage> {
    let number = |text: &str| text.parse::<i64>().ok().filter(|number| *number >= 0);
    let page = match (cursor.strip_prefix('b'), cursor.strip_prefix('a')) {
        (Some(text), _) => number(text).map(ArchivePage::Below),
        (_, Some(text)) => number(text).map(ArchivePage::Above),
        (None, None) => None,
    };
    page.ok_or_else(|| ApiError::invalid("cursor: expected one of next_url or prev_url"))
}

/// The conversations with these ids. Those that do not exist are left out.
///
/// # Errors
/// When the store fails.
pub(super) async fn docs(tx: &mut dyn Tx, archive: &Archive, ids: &[ThreadId]) -> Result<Docs> {
    let entries = tx.archived(ids).await?;
    let mut docs = BTreeMap::new();
    let mut left = ids;
    while !left.is_empty() {
        let loaded = ArchivedConversation::load_all(tx, left).await?;
        left = left.get(loaded.looked_at.max(1)..).unwrap_or_default();
        for conversation in &loaded.conversations {
            let id = &conversation.thread.id;
            let entry = entries.iter().find(|it| it.thread.thread_id == *id);
            if let Some(entry) = entry {
                let chat = archive.chat(conversation, entry.changed_at);
                docs.insert(id.to_string(), chat);
            }
        }
    }
    Ok(Docs {
        count: docs.len(),
        docs,
    })
}

struct Page {
    /// The newest first.
    chats: Vec<ArchivedChat>,
    count: i64,
    /// The number below which the next page begins.
    next: Option<i64>,
    /// The number above which the page before ends.
    previous: Option<i64>,
}

async fn page(
    tx: &mut dyn Tx,
    archive: &Archive,
    place: Option<ArchivePage>,
    limit: usize,
) -> Result<Page> {
    let page = place.unwrap_or(ArchivePage::Newest { without: 0 });
    // One more shows whether there is another page.
    let one_more = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let query = ArchiveQuery {
        filter: ArchiveFilter::All(Vec::new()),
        searches_private: false,
        page,
        limit: one_more,
    };
    let found = tx.search_archive(&query).await?;
    let all = ArchiveQuery {
        limit: i64::MAX,
        ..query
    };
    let count = tx.count_archive(&all).await?;
    let in_page = found.get(..limit.min(found.len())).unwrap_or_default();
    let mut chats = chats_of(tx, archive, in_page).await?;
    // Fewer than were found where they are large, or damaged.
    let has_more = chats.looked_at < found.len();
    let edge = |at: Option<&ArchiveEntry>| at.map(|entry| entry.number);
    let first = edge(found.first());
    let last = edge(found.get(chats.looked_at.saturating_sub(1)));
    let (next, previous) = match page {
        ArchivePage::Above(_) => {
            chats.chats.reverse();
            (first.or(Some(0)), last.filter(|_| has_more))
        }
        ArchivePage::Below(number) => (last.filter(|_| has_more), first.or(Some(number - 1))),
        ArchivePage::Newest { .. } => (last.filter(|_| has_more), None),
    };
    Ok(Page {
        chats: chats.chats,
        count,
        next,
        previous,
    })
}

struct Chats {
    chats: Vec<ArchivedChat>,
    looked_at: usize,
}

/// As many of these as have room in one answer, and at least one.
async fn chats_of(tx: &mut dyn Tx, archive: &Archive, entries: &[ArchiveEntry]) -> Result<Chats> {
    let mut room = Room::in_answer();
    let mut page = Chats {
        chats: Vec::new(),
        looked_at: 0,
    };
    while page.looked_at < entries.len() {
        let left = entries.get(page.looked_at..).unwrap_or_default();
        let ids: Vec<ThreadId> = left.iter().map(|it| it.thread.thread_id.clone()).collect();
        let loaded = ArchivedConversation::load_all(tx, &ids).await?;
        let before = page.looked_at;
        for conversation in &loaded.conversations {
            let place = ids.iter().position(|id| *id == conversation.thread.id);
            let Some((place, entry)) = place.and_then(|it| Some((it, left.get(it)?))) else {
                continue;
            };
            let chat = archive.chat(conversation, entry.changed_at);
            if !room.take(&chat) && !page.chats.is_empty() {
                return Ok(page);
            }
            page.chats.push(chat);
            page.looked_at = before + place + 1;
        }
        page.looked_at = before + loaded.looked_at.max(1);
    }
    Ok(page)
}
