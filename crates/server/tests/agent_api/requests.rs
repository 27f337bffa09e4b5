//! Versions, action names, credentials and bodies: everything that is checked
//! before an action runs.

use axum::{body::Body, http::request::Builder};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use parlor_server::store::row::TokenKind;
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::actors::{TestResponse, TestServer, request};

impl TestServer {
    async fn post(&self, request: Builder, body: &str) -> TestResponse {
        self.send(request.body(Body::from(body.to_owned())).unwrap())
            .await
    }
}

fn action(name: &str) -> Builder {
    request("POST", &format!("/v3.6/agent/action/{name}"))
}

#[tokio::test]
async fn three_versions_are_served_alike() {
    let server = TestServer::new().await;
    let bearer = format!("Bearer {}", server.ada.token);
    for (version, served) in [
        ("v3.4", true),
        ("v3.5", true),
        ("v3.6", true),
        ("v3.9", false),
        ("v2", false),
    ] {
        let path = format!("/{version}/agent/action/list_chats");
        let asked = request("POST", &path).header("authorization", &bearer);
        let answer = server.post(asked, "{}").await;
        if served {
            assert_eq!(answer.status, 200, "{version}");
        } else {
            assert_eq!(answer.failure(), (400, "unsupported_version"), "{version}");
        }
    }
    let asked = request("GET", "/v3.9/agent/rtm/ws");
    let answer = server.post(asked, "").await;
    assert_eq!(answer.failure(), (400, "unsupported_version"));
}

#[tokio::test]
async fn an_unknown_action_is_not_found_and_a_wrong_method_not_allowed() {
    let server = TestServer::new().await;
    assert_eq!(
        server.ada.fails("dance", json!({})).await,
        (404, "not_found".to_owned())
    );
    for method in ["GET", "PUT", "DELETE"] {
        let asked = request(method, "/v3.6/agent/action/list_chats");
        assert_eq!(server.post(asked, "").await.status, 405, "{method}");
    }
    let asked = request("PUT", "/agent/session");
    assert_eq!(server.post(asked, "").await.status, 405);
}

#[tokio::test]
async fn programs_authenticate_by_bearer_or_basic() {
    let server = TestServer::new().await;
    let token = &server.ada.token;
    let basic = |account: &str| STANDARD.encode(format!("{account}:{token}"));
    for value in [
        format!("Bearer {token}"),
        format!("bearer {token}"),
        format!("Basic {}", basic("ada@example.com")),
        format!("Basic {}", basic("")),
    ] {
        let asked = action("list_chats").header("authorization", value);
        // Programs for other systems send these headers, too.
        let asked = asked
            .header("x-region", "dal")
            .header("content-type", "text/plain");
        assert_eq!(server.post(asked, "{}").await.status, 200);
    }
}

#[tokio::test]
async fn requests_without_credentials_are_refused() {
    let server = TestServer::new().await;
    let link = server.token(TokenKind::SignIn, &server.ada).await;
    let api = server.site.api_token.expose_secret();
    for value in [
        None,
        Some("Bearer nonsense".to_owned()),
        Some("Bearer".to_owned()),
        Some("Digest abc".to_owned()),
        Some(format!("Basic {}", STANDARD.encode("no colon"))),
        Some(format!("Bearer {link}")),
        Some(format!("Bearer {api}")),
    ] {
        let mut asked = action("list_chats");
        if let Some(value) = &value {
            asked = asked.header("authorization", value);
        }
        let answer = server.post(asked, "{}").await;
        assert_eq!(answer.failure(), (401, "authentication"), "{value:?}");
    }
}

#[tokio::test]
async fn a_removed_agents_token_is_refused() {
    let server = TestServer::new().await;
    let mut ada = server.row(&server.ada).await;
    ada.removed_at = Some(server.now());
    let mut tx = server.write().await;
    tx.put_agent(&ada).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        server.ada.fails("list_chats", json!({})).await,
        (401, "authentication".to_owned())
    );
}

#[tokio::test]
async fn a_cookie_counts_on_our_own_page_only() {
    let server = TestServer::new().await;
    let token = server.token(TokenKind::Console, &server.ada).await;
    let cookie = format!("a=b; parlor_agent={token}");
    for (name, value, own) in [
        ("origin", "http://chat.example", true),
        ("origin", "https://chat.example", true),
        ("sec-fetch-site", "same-origin", true),
        ("origin", "https://evil.example", false),
        ("origin", "http://chat.example.evil.example", false),
        ("origin", "null", false),
        ("sec-fetch-site", "cross-site", false),
        ("sec-fetch-site", "same-site", false),
        ("x-nothing", "", false),
    ] {
        let asked = action("list_chats")
            .header("cookie", &cookie)
            .header(name, value);
        let answer = server.post(asked, "{}").await;
        if own {
            assert_eq!(answer.status, 200, "{name}: {value}");
        } else {
            assert_eq!(answer.failure(), (403, "authorization"), "{name}: {value}");
        }
    }
}

#[tokio::test]
async fn a_broken_body_is_refused_without_quoting_it() {
    let server = TestServer::new().await;
    let bearer = format!("Bearer {}", server.ada.token);
    for (body, told) in [
        (
            "{\"chat_id\": secret",
            "in `chat_id`, not JSON at line 1 column 13",
        ),
        (
            "{\"chat_id\":",
            "in `chat_id`, JSON that ends too early at line 1 column 11",
        ),
        ("{}", "missing field `chat_id`"),
        ("", "missing field `chat_id`"),
        (
            "{\"chat_id\": [\"secret\"]}",
            "in `chat_id`, expected a string",
        ),
    ] {
        let asked = action("get_chat").header("authorization", &bearer);
        let answer = server.post(asked, body).await;
        assert_eq!(answer.failure(), (400, "validation"), "{body}");
        assert_eq!(answer.body["error"]["message"], told, "{body}");
    }
    let asked = action("get_chat").header("authorization", &bearer);
    let answer = server.post(asked, "[1, 2]").await;
    assert_eq!(answer.failure(), (400, "validation"));
}

#[tokio::test]
async fn a_body_over_the_limit_is_too_large() {
    let server = TestServer::new().await;
    let bearer = format!("Bearer {}", server.ada.token);
    let asked = action("send_event").header("authorization", &bearer);
    let answer = server.post(asked, &" ".repeat(512 * 1024 + 1)).await;
    assert_eq!(answer.failure(), (413, "validation"));
    let asked = action("list_chats").header("authorization", &bearer);
    let answer = server.post(asked, &" ".repeat(512 * 1024)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["cache-control"], "no-store");
}
