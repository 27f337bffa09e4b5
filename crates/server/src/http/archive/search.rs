//! `GET /chats/search?q=`: at most 10,000 results, 40 a page.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{OriginalUri, Query, State, rejection::QueryRejection},
    http::HeaderMap,
};
use parlor_wire::{
    ThreadId,
    archive::{SearchPage, SearchResult},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    address,
    caller::Program,
    error::{ApiError, Result},
};
use crate::{
    app::App,
    conversation::archive::previews,
    http::openapi::answers::ArchiveErrors,
    presenter::archive::{kind, seconds},
    search::parse,
    store::archive::{ArchivePage, ArchiveQuery},
};

/// How many results a page has, by the documentation.
const PAGE: i64 = 40;

/// The most pages, by the documentation.
const PAGES_MAX: i64 = 250;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchQuery {
    /// What to search for: see `docs/ARCHIVE.md`.
    q: String,
    /// From 1 to 250.
    page: Option<i64>,
}

/// Search chats
#[utoipa::path(
    get,
    path = "/chats/search",
    tag = "chats",
    params(SearchQuery),
    responses(
        (status = 200, description = "A page of what was found.", body = SearchPage),
        ArchiveErrors,
    ),
)]
pub(super) async fn search(
    State(app): State<Arc<App>>,
    program: Program,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    query: std::result::Result<Query<SearchQuery>, QueryRejection>,
) -> Result<Json<SearchPage>> {
    program.require_administrator()?;
    let Query(query) =
        query.map_err(|_| ApiError::invalid("q: expected a query; page: a number"))?;
    if query.q.trim().is_empty() {
        return Err(ApiError::invalid("q: expected something to search for"));
    }
    let page = query.page.unwrap_or(1);
    if !(1..=PAGES_MAX).contains(&page) {
        return Err(ApiError::invalid(format!(
            "page: expected 1 to {PAGES_MAX}: search in parts, as by timestamp"
        )));
    }
    let filter = parse(&query.q, &app.config.archive.time_zone)?;
    let wanted = ArchiveQuery {
        filter,
        searches_private: program.reads_private,
        page: ArchivePage::Newest {
            without: (page - 1) * PAGE,
        },
        limit: PAGE,
    };
    let mut tx = app.store.read().await?;
    let found = tx.search_archive(&wanted).await?;
    let most = ArchiveQuery {
        limit: PAGE * PAGES_MAX,
        ..wanted
    };
    let count = tx.count_archive(&most).await?;
    let ids: Vec<ThreadId> = found.iter().map(|it| it.thread.thread_id.clone()).collect();
    let previews: BTreeMap<ThreadId, String> = previews(tx.as_mut(), &ids).await?;
    let address = address(&app, &headers, &uri);
    let results = found.into_iter().map(|entry| {
        let id = entry.thread.thread_id;
        SearchResult {
            kind: kind(entry.thread.kind),
            timestamp: seconds(entry.thread.created_at),
            preview: previews.get(&id).cloned().unwrap_or_default(),
            url: format!("{address}/chats/{id}"),
            id,
        }
    });
    let results: Vec<SearchResult> = results.collect();
    let q = utf8_percent_encode(&query.q, NON_ALPHANUMERIC).to_string();
    let url = |page: i64| format!("{address}/chats/search?q={q}&page={page}");
    Ok(Json(SearchPage {
        count,
        next_url: (count > page * PAGE && page < PAGES_MAX).then(|| url(page + 1)),
        prev_url: (page > 1).then(|| url(page - 1)),
        results,
    }))
}
