//! Receives a multipart body with a file, for both APIs. It knows the parts of
//! the body. What the file is for is decided by the use cases.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{DefaultBodyLimit, Multipart, multipart::MultipartRejection},
    http::{HeaderMap, HeaderName, header},
};
use futures_util::{Stream, StreamExt as _};
use parlor_wire::{event::File as WireFile, limits::FILE_NAME_MAX_BYTES};
use utoipa::ToSchema;

use crate::{
    app::App,
    conversation::{
        Refusal, Result,
        file::{self, UploadTarget},
        invalid,
    },
    files::{FILE_MAX_BYTES, FileError},
    origin,
    presenter::file_address,
};

/// What a multipart body contains besides its file: boundaries, headers, a few
/// short fields.
const MULTIPART_OVERHEAD_MAX_BYTES: u64 = 64 * 1024;

static X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// How much of a refused file is still read, so that its sender can read the
/// response before the connection closes.
const DRAIN_MAX_BYTES: usize = 1024 * 1024;

/// The body of an upload.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is sent")]
pub(super) struct Upload {
    /// The bytes, with the file's name.
    #[schema(value_type = String, format = Binary)]
    file: Bytes,
}

/// The limit of the whole body. The limit of the file itself is enforced while
/// it is received.
pub(super) fn body_limit() -> DefaultBodyLimit {
    let limit = FILE_MAX_BYTES + MULTIPART_OVERHEAD_MAX_BYTES;
    DefaultBodyLimit::max(usize::try_from(limit).unwrap_or(usize::MAX))
}

/// This endpoint's address as the client sees it, without a slash at its end:
/// `--public-url` if it is set, otherwise from the request. What a client makes up
/// is shown to this client only. Under a path only `--public-url` is right.
pub(super) fn own_origin(app: &App, headers: &HeaderMap) -> String {
    if let Some(public_url) = &app.config.public_url {
        return public_url.clone();
    }
    let text = |name| headers.get(name)?.to_str().ok();
    let host = text(header::HOST);
    // The `Origin` header of our own pages contains the scheme, which `Host`
    // does not.
    let page = text(header::ORIGIN)
        .and_then(origin::normal)
        .filter(|page| origin::is_own(page, host, None));
    // A page's GETs have no `Origin`; proxies say by which scheme they came.
    let scheme = match headers.get(&X_FORWARDED_PROTO) {
        Some(scheme) if scheme.as_bytes().eq_ignore_ascii_case(b"https") => "https",
        Some(_) | None => "http",
    };
    page.or_else(|| Some(format!("{scheme}://{}", host.and_then(origin::plain_host)?)))
        .unwrap_or_default()
}

/// Receives the field `file` and stores it. Returns its description as the client
/// sees it.
///
/// # Errors
/// [`Refusal::Invalid`] for a body that is broken or lacks the field, and the
/// errors of `Files::receive`.
pub(super) async fn receive(
    app: &Arc<App>,
    target: UploadTarget,
    headers: &HeaderMap,
    body: std::result::Result<Multipart, MultipartRejection>,
) -> Result<WireFile> {
    let own_origin = own_origin(app, headers);
    let mut body = body.map_err(|_| invalid("expected a multipart body with a field file"))?;
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let max = target.policy.max_bytes;
    if length.is_some_and(|length| length > max.saturating_add(MULTIPART_OVERHEAD_MAX_BYTES)) {
        return Err(FileError::TooLarge(max).into());
    }
    // Without a length it may be as large as is allowed.
    target.count(&app.limiter, length.unwrap_or(max).min(max))?;
    loop {
        let field = body.next_field().await.map_err(|_| FileError::Broken)?;
        let Some(mut field) = field else {
            return Err(invalid("the field file is missing"));
        };
        if field.name() != Some("file") {
            continue;
        }
        // Only the end of a long name is used, so that only so much is copied.
        let name = field.file_name().unwrap_or_default();
        let cut = name.len().saturating_sub(4 * FILE_NAME_MAX_BYTES);
        let cut = (cut..name.len()).find(|at| name.is_char_boundary(*at));
        let name = name.get(cut.unwrap_or(0)..).unwrap_or_default().to_owned();
        let key = app.entropy.token();
        let received = app
            .config
            .files
            .receive(&key, &target.policy, &mut field)
            .await;
        let received = match received {
            Ok(received) => received,
            Err(error) => {
                drain(&mut field).await;
                return Err(error.into());
            }
        };
        let app = app.clone();
        // The whole file has arrived. If the client disconnects now, the file
        // is still stored completely.
        let kept = app
            .tasks
            .clone()
            .spawn(async move { file::store_upload(&app, &target, received, key, &name).await });
        let mut file = kept.await.map_err(|_| {
            Refusal::Store(crate::store::StoreError::Files(
                "a file was not kept".to_owned(),
            ))
        })??;
        file_address::make_absolute(&mut file, &own_origin);
        return Ok(file);
    }
}

async fn drain<E>(rest: &mut (impl Stream<Item = std::result::Result<Bytes, E>> + Unpin)) {
    let mut read = 0;
    while let Some(Ok(chunk)) = rest.next().await {
        read += chunk.len();
        if read > DRAIN_MAX_BYTES {
            return;
        }
    }
}
