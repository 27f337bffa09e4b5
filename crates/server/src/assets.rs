//! Static files for browsers: embedded in the binary, compressed by the build
//! script, or read from a folder during development. It knows names and bytes.
//! Which pages exist is up to `http::documents`.
//!
//! memory-serve is not used: it provides a router and not the bytes, which
//! pages with placeholders need, and reads its folder at run time in debug
//! builds.

mod encoding;

use std::{
    borrow::Cow,
    path::{Component, Path},
    sync::Arc,
};

use axum::{
    body::{Body, Bytes},
    extract::FromRequestParts,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use axum_extra::headers::{ETag, HeaderMapExt as _, IfNoneMatch};

use encoding::Encoding;

/// One file, as the build script embedded it.
struct Embedded {
    /// Path from the top of the folder, for example `chat/style.css`.
    name: &'static str,
    /// Hash of the content, hex.
    hash: &'static str,
    bytes: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

// Defines `EMBEDDED`, sorted by name.
include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Where files come from. An extractor: `parlor serve --assets` adds a folder
/// to the request's extensions; without one the embedded files are served.
#[derive(Debug, Clone, Default)]
pub enum Assets {
    #[default]
    Embedded,
    Folder(Arc<Path>),
}

/// One file, ready to be sent.
#[derive(Debug, Clone)]
pub struct Asset {
    pub content_type: HeaderValue,
    pub bytes: Cow<'static, [u8]>,
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
    /// Hash of the content; `None` for files that may change at any time.
    hash: Option<&'static str>,
}

impl Assets {
    /// The file of this name, for example `chat/style.css`.
    pub async fn find(&self, name: &str) -> Option<Asset> {
        match self {
            Self::Embedded => find(name),
            Self::Folder(folder) => {
                if !is_relative_inside(name) {
                    return None;
                }
                Some(Asset {
                    content_type: content_type(name),
                    bytes: Cow::Owned(tokio::fs::read(folder.join(name)).await.ok()?),
                    brotli: None,
                    gzip: None,
                    hash: None,
                })
            }
        }
    }

    /// The response for a file, or 404.
    pub async fn serve(&self, name: &str, request: &HeaderMap) -> Response {
        match self.find(name).await {
            Some(asset) => asset.into_response(request),
            None => StatusCode::NOT_FOUND.into_response(),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Assets {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// The embedded file of this name.
pub fn find(name: &str) -> Option<Asset> {
    let at = EMBEDDED.binary_search_by(|file| file.name.cmp(name)).ok()?;
    let file = EMBEDDED.get(at)?;
    Some(Asset {
        content_type: content_type(name),
        bytes: Cow::Borrowed(file.bytes),
        brotli: file.brotli,
        gzip: file.gzip,
        hash: Some(file.hash),
    })
}

impl Asset {
    /// The whole response: the best compressed form that the client accepts, or
    /// 304 when the client has this content already.
    pub fn into_response(self, request: &HeaderMap) -> Response {
        let encoding = encoding::choose(request, self.brotli.is_some(), self.gzip.is_some());
        let mut headers = HeaderMap::new();
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        // Names do not change with their content: browsers revalidate each
        // time, and get 304.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Some(hash) = self.hash {
            if let Some(tag) = etag(hash, encoding) {
                headers.typed_insert(tag);
            }
            if has_current(request, hash) {
                return (StatusCode::NOT_MODIFIED, headers).into_response();
            }
        }
        headers.insert(CONTENT_TYPE, self.content_type);
        let body = match (encoding, self.brotli, self.gzip, self.bytes) {
            (Encoding::Brotli, Some(brotli), _, _) => Bytes::from_static(brotli),
            (Encoding::Gzip, _, Some(gzip), _) => Bytes::from_static(gzip),
            (_, _, _, Cow::Borrowed(bytes)) => Bytes::from_static(bytes),
            (_, _, _, Cow::Owned(bytes)) => Bytes::from(bytes),
        };
        if let Some(name) = encoding.name() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        (headers, Body::from(body)).into_response()
    }
}

/// Each form of a content has a tag of its own.
fn etag(hash: &str, encoding: Encoding) -> Option<ETag> {
    format!("\"{hash}{}\"", encoding.suffix()).parse().ok()
}

/// Whether the client has this content, in any compressed form.
fn has_current(request: &HeaderMap, hash: &str) -> bool {
    let Some(wanted) = request.typed_get::<IfNoneMatch>() else {
        return false;
    };
    let forms = [Encoding::Brotli, Encoding::Gzip, Encoding::Identity];
    let mut tags = forms.into_iter().filter_map(|form| etag(hash, form));
    tags.any(|tag| !wanted.precondition_passes(&tag))
}

fn is_relative_inside(name: &str) -> bool {
    Path::new(name)
        .components()
        .all(|part| matches!(part, Component::Normal(_)))
}

fn content_type(name: &str) -> HeaderValue {
    let kind = match name.ends_with(".ts") {
        // As a film it would be downloaded.
        true => "text/plain",
        false => mime_guess::from_path(name)
            .first_raw()
            .unwrap_or("application/octet-stream"),
    };
    match HeaderValue::try_from(format!("{kind}; charset=utf-8")) {
        Ok(with_charset) if kind.starts_with("text/") => with_charset,
        Ok(_) | Err(_) => HeaderValue::from_static(kind),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::ETAG;

    use super::*;

    fn asset() -> Asset {
        Asset {
            content_type: content_type("chat/parlor_bg.wasm"),
            bytes: Cow::Borrowed(b"whole"),
            brotli: Some(b"br"),
            gzip: Some(b"gz"),
            hash: Some("abc"),
        }
    }

    fn request(name: &str, value: &str) -> HeaderMap {
        let name: axum::http::HeaderName = name.parse().unwrap();
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[tokio::test]
    async fn the_best_encoding_is_sent_with_its_own_etag() {
        for (accept, encoding, tag, body) in [
            ("gzip, br", Some("br"), "\"abc-br\"", "br"),
            ("gzip", Some("gzip"), "\"abc-gz\"", "gz"),
            ("identity", None, "\"abc\"", "whole"),
        ] {
            let answer = asset().into_response(&request("accept-encoding", accept));
            let headers = answer.headers();
            assert_eq!(headers[CONTENT_TYPE], "application/wasm");
            assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
            assert_eq!(headers[CACHE_CONTROL], "no-cache");
            assert_eq!(headers[VARY], "accept-encoding");
            assert_eq!(headers[ETAG], tag);
            let told = headers.get(CONTENT_ENCODING).map(|v| v.to_str().unwrap());
            assert_eq!(told, encoding);
            let bytes = axum::body::to_bytes(answer.into_body(), 99).await.unwrap();
            assert_eq!(bytes, body);
        }
    }

    #[test]
    fn types_are_known_by_the_ending() {
        for (name, expected) in [
            ("chat/index.html", "text/html; charset=utf-8"),
            ("embed/parlor.js", "text/javascript; charset=utf-8"),
            ("embed/parlor.d.ts", "text/plain; charset=utf-8"),
            ("demo/shop.css", "text/css; charset=utf-8"),
            ("chat/parlor_bg.wasm", "application/wasm"),
            ("chat/icon.svg", "image/svg+xml"),
            ("chat/icon.woff2", "font/woff2"),
            ("chat/en.json", "application/json"),
            ("LICENSE", "application/octet-stream"),
        ] {
            assert_eq!(content_type(name), expected, "{name}");
        }
    }

    #[test]
    fn unchanged_content_is_304() {
        for tags in ["\"abc\"", "\"abc-br\"", "\"x\", W/\"abc-gz\"", "*"] {
            let answer = asset().into_response(&request("if-none-match", tags));
            assert_eq!(answer.status(), StatusCode::NOT_MODIFIED, "{tags}");
            assert_eq!(answer.headers()[ETAG], "\"abc\"");
        }
        let answer = asset().into_response(&request("if-none-match", "\"abcd\""));
        assert_eq!(answer.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn a_folder_serves_its_own_files_only() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("top")).unwrap();
        std::fs::write(folder.path().join("top/a.css"), "a").unwrap();
        std::fs::write(folder.path().join("secret"), "s").unwrap();
        let assets = Assets::Folder(folder.path().join("top").into());
        let found = assets.find("a.css").await.unwrap();
        assert_eq!(&*found.bytes, b"a");
        assert_eq!(found.content_type, "text/css; charset=utf-8");
        for name in [
            "../secret",
            "/etc/passwd",
            "b.css",
            "",
            "./../secret",
            "a.css/..",
        ] {
            assert!(assets.find(name).await.is_none(), "{name}");
        }
    }

    #[test]
    fn the_embedded_table_is_sorted() {
        assert!(EMBEDDED.is_sorted_by_key(|file| file.name));
        assert!(find("no/such/file").is_none());
    }
}
