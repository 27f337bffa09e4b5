//! The archive (Chats API): conversations that are over, for back-office programs. It
//! reads requests and writes answers. Nothing that anybody wrote is logged here.

mod account;
mod caller;
mod change;
mod description;
mod error;
mod export;
mod list;
mod search;
mod show;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderMap, HeaderValue, Uri, header},
    middleware,
    response::Response,
    routing::get,
};

use crate::{app::App, http::upload::own_origin, presenter::archive::Archive, store::Tx};
use caller::Program;
pub(crate) use description::description;
use error::Result;
pub(crate) use error::{ApiError, ErrorBody};

/// The largest body: that of a message of the largest size, in JSON.
const BODY_MAX_BYTES: usize = 128 * 1024;

/// The path, and the older one, which is the same.
const PATHS: [&str; 2] = ["/api/v2/chat", "/api/v2"];

pub(crate) fn router() -> Router<Arc<App>> {
    let [path, older_path] = PATHS;
    Router::new()
        .nest(path, routes())
        .nest(older_path, routes())
        .layer((
            DefaultBodyLimit::max(BODY_MAX_BYTES),
            middleware::map_response(forbid_caching),
        ))
}

fn routes() -> Router<Arc<App>> {
    Router::new()
        .route(
            "/chats",
            get(list::list)
                .post(change::create)
                .put(change::update_many)
                .delete(change::delete_many),
        )
        .route("/chats/search", get(search::search))
        .route(
            "/chats/{id}",
            get(show::show).put(change::update).delete(change::delete),
        )
        .route("/incremental/chats", get(export::export))
        .route("/account", get(account::account))
        .route("/agents", get(account::agents))
        .route("/departments", get(account::departments))
        .route("/goals", get(account::goals))
}

/// Responses contain people's messages: no cache may store them.
async fn forbid_caching(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, no_store);
    response
}

/// The address of this API as the caller reaches it, without a slash at its end.
fn address(app: &App, headers: &HeaderMap, uri: &Uri) -> String {
    let path = PATHS.into_iter().find(|path| {
        let rest = uri.path().strip_prefix(path);
        rest.is_some_and(|rest| rest.starts_with('/'))
    });
    format!("{}{}", own_origin(app, headers), path.unwrap_or(PATHS[1]))
}

/// What the records of an answer have in common.
async fn archive(
    app: &App,
    tx: &mut dyn Tx,
    headers: &HeaderMap,
    program: &Program,
) -> Result<Archive> {
    let (agents, groups) = (tx.agents().await?, tx.groups().await?);
    let base = own_origin(app, headers);
    Ok(Archive::new(agents, groups, base, program.reads_private))
}
