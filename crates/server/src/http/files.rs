//! `/chat/files/<key>/<variant>`: downloads of files that people sent, for
//! whoever knows the URL.
//!
//! What must stay true: no file is ever executed by a browser. The content type
//! comes from the bytes alone and browsers must not sniff another; a document
//! may do nothing (CSP `sandbox`); only images that were decoded here are shown
//! in a page, everything else is a download.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    app::App,
    files::{FileError, FileVariant, is_raster},
    http::{
        openapi::answers::{Text, TooMany, Unavailable},
        store_failure,
    },
    store::{StoreError, row::File},
};

/// The content of a key never changes, and shared caches must not store it.
const CACHE_CONTROL: &str = "private, max-age=31536000, immutable";

/// Of a file that was deleted nothing is known, not even that it was there.
const GONE: &str = "there is no such file: it never was, or it was deleted, as files are after the \
    time for which this site keeps them";

/// What is encoded in `filename*` (RFC 8187, which would leave a few more).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new().route("/chat/files/{key}/{variant}", get(file))
}

/// A file that somebody sent, for whoever has its address.
#[utoipa::path(
    get,
    path = "/chat/files/{key}/{variant}",
    operation_id = "downloadFile",
    tag = "files",
    params(
        ("key" = String, Path, description = "256 random bits."),
        (
            "variant" = String,
            Path,
            description = "`file`; of images also `thumbnail` and `thumbnail2x`.",
            pattern = "^(file|thumbnail|thumbnail2x)$",
        ),
    ),
    responses(
        (status = 200, description = "The bytes.", body = Vec<u8>, content_type = "*/*"),
        (status = 404, response = Text),
        (status = 429, response = TooMany),
        (status = 503, response = Unavailable),
    ),
)]
pub(super) async fn file(
    State(app): State<Arc<App>>,
    Path((key, variant)): Path<(String, String)>,
) -> Response {
    match load(&app, &key, &variant).await {
        Ok(Some(response)) => response,
        Ok(None) => (StatusCode::NOT_FOUND, GONE).into_response(),
        Err(error) => {
            store_failure::record(&error, "a file could not be read");
            match error.retry_after() {
                Some(after) => (
                    StatusCode::SERVICE_UNAVAILABLE,
                    [(header::RETRY_AFTER, after.as_secs().to_string())],
                    "the file cannot be read at present: try again later",
                )
                    .into_response(),
                None => (StatusCode::INTERNAL_SERVER_ERROR, "the server failed").into_response(),
            }
        }
    }
}

async fn load(app: &App, key: &str, variant: &str) -> Result<Option<Response>, StoreError> {
    let Some(variant) = FileVariant::parse(variant) else {
        return Ok(None);
    };
    let Some(row) = app.store.read().await?.file(key).await? else {
        return Ok(None);
    };
    let read = app.config.files.read(&row.key, variant).await;
    let read = read.map_err(FileError::into_store_error)?;
    let Some((size, bytes)) = read else {
        return Ok(None);
    };
    let mut headers = response_headers(&row, variant);
    headers.insert(header::CONTENT_LENGTH, size.into());
    Ok(Some((headers, Body::from_stream(bytes)).into_response()))
}

fn response_headers(row: &File, variant: FileVariant) -> HeaderMap {
    let shown = row.image.is_some() && is_raster(&row.content_type);
    let kind = match (variant, &row.image) {
        (FileVariant::Thumbnail | FileVariant::Thumbnail2x, Some(image)) => &image.thumbnail_type,
        _ => &row.content_type,
    };
    let text = match kind.as_str() {
        "text/plain" => "text/plain; charset=utf-8",
        other => other,
    };
    let disposition = match shown {
        true => "inline",
        false => "attachment",
    };
    let name = utf8_percent_encode(&row.name.0, ENCODED);
    let disposition = format!("{disposition}; filename*=UTF-8''{name}");
    let mut headers = HeaderMap::new();
    for (name, value) in [
        (header::CONTENT_TYPE, text),
        (header::CONTENT_DISPOSITION, &disposition),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "cross-origin",
        ),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, CACHE_CONTROL),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    headers
}
