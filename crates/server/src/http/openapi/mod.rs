//! The description of the whole endpoint (OpenAPI), made from the code. It is served at
//! `/api/openapi.json` and committed as `docs/openapi.json`. What a request is described
//! by stands at its handler.

pub(crate) mod answers;
pub(crate) mod post;

use std::sync::LazyLock;

use axum::{body::Bytes, http::header, response::IntoResponse};
use parlor_wire::{agent::ErrorReply, event::File};
use serde_json::{Value, json};
use utoipa::{
    OpenApi,
    openapi::{
        SecurityRequirement,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::{
    agent,
    archive::{self, ErrorBody},
    documents, files, operations, visitor,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Parlor",
        description = "The HTTP interfaces of a Parlor endpoint: what each request takes and what it is answered. Rules that go \
            beyond one request (numbers of POSTs, `ack`, hand-over between processes) are in `PROTOCOL.md`, sections 2 and 5; \
            the archive is explained in `ARCHIVE.md`.\n\n\
            Unknown members of a body and unknown query items are ignored everywhere. `Content-Type` of JSON bodies is ignored: \
            they may arrive as `text/plain`. Limits of texts are in bytes of UTF-8; `maxLength` counts characters and is \
            therefore only an upper bound. Numbers and booleans are also read from strings (`\"30\"`, `\"true\"`).\n\n\
            Agents also have a WebSocket with the same actions and with pushes: `GET /v3.6/agent/rtm/ws`. OpenAPI cannot describe \
            its frames. `GET /metrics` has a listener of its own (`--metrics-listen`).",
        license(name = "MIT", identifier = "MIT"),
    ),
    servers((url = "/")),
    tags(
        (name = "visitor", description = "Chat REST API, version 56. Errors are one line of text."),
        (name = "agent", description = "Agent Chat API, versions 3.4 to 3.6; the paths of 3.4 and 3.5 differ in the version alone."),
        (name = "sign-in", description = "The console's session. Pages of other sites are answered 403."),
        (name = "chats", description = "Chats API: conversations that are over, for back-office programs."),
        (name = "account", description = "Chats API: of whom conversations tell."),
        (name = "files", description = "Downloads of what people sent."),
        (name = "pages", description = "What browsers load."),
        (name = "operations", description = "For operators and load balancers."),
    ),
    paths(
        operations::healthz,
        operations::readyz,
        documents::loader,
        documents::chat,
        documents::console,
        files::file,
        serve,
    ),
    components(schemas(ErrorReply, ErrorBody, File), responses(
        answers::Text,
        answers::Page,
        answers::Stored,
        answers::AgentError,
        answers::ArchiveError,
        answers::Posted,
        answers::TooMany,
        answers::Unavailable,
    )),
)]
struct Endpoint;

/// The document, as it is served and committed.
fn document() -> utoipa::openapi::OpenApi {
    let mut document = Endpoint::openapi()
        .nest("/chat/rest", visitor::description())
        .nest("/api/v2/chat", archive::description())
        .merge_from(agent::description());
    let components = document.components.get_or_insert_default();
    for (name, scheme) in schemes() {
        components.add_security_scheme(name, scheme);
    }
    document
}

/// Makes plain words of the links between types in their comments.
fn without_links(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "description" || name == "summary" => {
                        *text = text.replace("[`", "`").replace("`]", "`");
                    }
                    member => without_links(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_links),
        _ => {}
    }
}

/// Made once.
static JSON: LazyLock<Bytes> = LazyLock::new(|| {
    let mut document = json!(document());
    without_links(&mut document);
    Bytes::from(document.to_string())
});

/// How requests are authenticated.
fn schemes() -> [(&'static str, SecurityScheme); 5] {
    let http = |scheme, description| {
        let http = HttpBuilder::new()
            .scheme(scheme)
            .description(Some(description));
        SecurityScheme::Http(http.build())
    };
    let header = |name, description| {
        SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
            name,
            description,
        )))
    };
    [
        (
            "SessionKey",
            header("X-LIVEAGENT-SESSION-KEY", "The `key` of `SessionId`."),
        ),
        (
            "AgentToken",
            http(
                HttpAuthScheme::Bearer,
                "The token that `parlor setup` or `parlor agent add` prints.",
            ),
        ),
        (
            "AccountAndToken",
            http(
                HttpAuthScheme::Basic,
                "Any account, with the token as the password.",
            ),
        ),
        (
            "ConsoleCookie",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
                "parlor_agent",
                "Over https its name is `__Host-parlor_agent`. Counts only on requests of the console's own page.",
            ))),
        ),
        (
            "ApiToken",
            http(HttpAuthScheme::Bearer, "A token of `parlor token add-api`."),
        ),
    ]
}

/// Gives requests that say nothing of it themselves the ways in which they are authenticated.
pub(crate) fn secure(part: &mut utoipa::openapi::OpenApi, ways: &[SecurityRequirement]) {
    for item in part.paths.paths.values_mut() {
        let methods = [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.delete,
        ];
        for operation in methods.into_iter().flatten() {
            operation.security.get_or_insert_with(|| ways.to_vec());
        }
    }
}

/// This document.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    operation_id = "description",
    tag = "operations",
    responses(
        (status = 200, description = "The document.", body = utoipa::openapi::Object),
        (status = 429, response = answers::TooMany),
    ),
)]
pub(crate) async fn serve() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], JSON.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name that stands for two types would describe only one of them.
    #[test]
    fn the_parts_describe_no_two_types_by_one_name() {
        let parts = [
            visitor::description(),
            agent::description(),
            archive::description(),
            Endpoint::openapi(),
        ];
        let whole = document().components.unwrap();
        for part in parts {
            for (name, schema) in part.components.unwrap().schemas {
                assert_eq!(json!(schema), json!(whole.schemas[&name]), "{name}");
            }
        }
    }
}
