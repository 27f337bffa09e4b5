//! The WebSocket: login, requests, pushes, and closing.

use std::time::Duration;

use axum::body::Body;
use parlor_server::store::row::TokenKind;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::actors::{Console, TestServer, Visitor, request};

#[tokio::test]
async fn login_returns_profile_position_and_open_chats() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut ended = Visitor::waits(&server, "Gone").await;
    ended.end().await;
    let _visitor = Visitor::waits(&server, "Jon").await;
    let (mut console, welcome) = Console::since(address, &server.ada.token, None).await;
    assert_eq!(welcome["my_profile"]["id"], server.ada.id.as_str());
    assert_eq!(
        welcome["license"]["id"],
        server.site.organization_id.as_str()
    );
    assert_eq!(welcome["fresh"], true);
    assert!(welcome["position"].as_i64().unwrap() > 0);
    let open = welcome["chats_summary"].as_array().unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0]["users"][0]["name"], "Jon");
    assert!(console.so_far().await.is_empty());
}

#[tokio::test]
async fn all_actions_work_over_the_socket() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    let mut console = Console::of(address, &server.ada.token).await;
    assert_eq!(console.act("ping", json!({})).await, json!({}));
    let list = console.act("list_chats", Value::Null).await;
    let id = list["chats_summary"][0]["id"].as_str().unwrap().to_owned();
    let who = json!({"chat_id": id, "user_id": server.ada.id, "user_type": "agent"});
    assert_eq!(console.act("add_user_to_chat", who).await, json!({}));
    let event = json!({"type": "message", "text": "Hi"});
    let said = json!({"chat_id": id, "event": event});
    let sent = console.act("send_event", said).await;
    let push = loop {
        let push = console.next("incoming_event").await;
        if push["payload"]["event"]["type"] == "message" {
            break push;
        }
    };
    assert_eq!(push["payload"]["event"]["id"], sent["event_id"]);
    assert_eq!(push["payload"]["chat_id"], id.as_str());
    assert!(visitor.kinds().await.contains(&"ChatMessage".to_owned()));

    assert_eq!(console.fails("get_chat", json!({})).await, "validation");
    assert_eq!(console.fails("dance", json!({})).await, "not_found");
    assert_eq!(console.fails("tag_thread", json!({})).await, "validation");
    assert_eq!(console.fails("login", json!({})).await, "validation");
}

#[tokio::test]
async fn a_frame_that_is_no_request_gets_an_error() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut console = Console::of(address, &server.ada.token).await;
    console.say("nonsense").await;
    let response = console.frame().await.unwrap();
    assert_eq!(response["type"], "response");
    assert_eq!(response["success"], false);
    assert_eq!(response["payload"]["error"]["type"], "validation");
    console.say(r#"{"request_id":"7","payload":{}}"#).await;
    let response = console.frame().await.unwrap();
    assert_eq!(response["request_id"], "7");
    console
        .say(br#"{"request_id":8,"action":"ping"}"#.to_vec())
        .await;
    let response = console.frame().await.unwrap();
    assert_eq!(
        (&response["request_id"], &response["success"]),
        (&json!(8), &json!(true))
    );
}

#[tokio::test]
async fn connections_without_login_are_closed() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    for (action, payload) in [
        ("login", json!({})),
        ("login", json!({"token": "Bearer nonsense"})),
        ("login", json!({"token": server.ada.token})),
        (
            "login",
            json!({"token": format!("Bearer {}", server.site.api_token.expose_secret())}),
        ),
        ("list_chats", json!({})),
    ] {
        let request = Console::request(address, &[]);
        let mut console = Console::open(request).await.unwrap();
        let kind = console.fails(action, payload.clone()).await;
        assert_eq!(kind, "authentication", "{payload}");
        assert_eq!(console.closed().await, 1008);
    }
    let mut console = Console::open(Console::request(address, &[])).await.unwrap();
    console.say("nonsense").await;
    assert_eq!(console.closed().await, 1008);
}

#[tokio::test]
async fn a_cookie_counts_on_our_own_page_only() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let token = server.token(TokenKind::Console, &server.ada).await;
    let cookie = ("cookie", format!("parlor_agent={token}"));
    for origin in [None, Some("https://evil.example".to_owned())] {
        let mut headers = vec![cookie.clone()];
        headers.extend(origin.map(|origin| ("origin", origin)));
        let refused = Console::open(Console::request(address, &headers)).await;
        assert_eq!(refused.err(), Some(403));
    }
    let own = ("origin", format!("http://{address}"));
    let request = Console::request(address, &[cookie, own]);
    let mut console = Console::open(request).await.unwrap();
    let welcome = console.act("login", json!({})).await;
    assert_eq!(welcome["my_profile"]["id"], server.ada.id.as_str());
}

#[tokio::test]
async fn signing_out_closes_the_socket() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let token = server.token(TokenKind::Console, &server.ada).await;
    let mut asks = Console::of(address, &token).await;
    let mut listens = Console::of(address, &token).await;
    let mut tx = server.write().await;
    tx.delete_tokens_of(&server.ada.id.as_str().into())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(asks.fails("list_chats", json!({})).await, "authentication");
    assert_eq!(asks.closed().await, 1008);
    advance(20).await;
    assert_eq!(listens.closed().await, 1008);
}

#[tokio::test]
async fn a_message_over_the_limit_closes_it() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut console = Console::of(address, &server.ada.token).await;
    console.say(" ".repeat(512 * 1024 + 1)).await;
    assert_eq!(console.closed().await, 1009);
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut nameless = Console::open(Console::request(address, &[])).await.unwrap();
    advance(30).await;
    assert_eq!(nameless.closed().await, 1008);

    // The test does not read, so that no ping is answered.
    let mut silent = Console::of(address, &server.ada.token).await;
    advance(60).await;
    assert_eq!(silent.closed().await, 1008);
}

#[tokio::test]
async fn a_close_frame_is_answered() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut console = Console::of(address, &server.ada.token).await;
    assert_eq!(console.goodbye(1000).await, Some(1000));
}

#[tokio::test]
async fn stopping_closes_sockets_at_once() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut signed_in = Console::of(address, &server.ada.token).await;
    let mut nameless = Console::open(Console::request(address, &[])).await.unwrap();
    server.app.shutdown.cancel();
    assert_eq!(signed_in.closed().await, 1001);
    assert_eq!(nameless.closed().await, 1001);
    drop((signed_in, nameless));
    server.app.tasks.close();
    server.app.tasks.wait().await;
    assert_eq!(server.status(&server.ada).await, "accepting_chats");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_disconnected() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut asleep = Console::of(address, &server.ada.token).await;
    let chat = server.bob.act("start_chat", json!({})).await["chat_id"].clone();
    let chat = chat.as_str().unwrap().to_owned();
    // More than the buffers of both ends hold.
    for _ in 0..1_000 {
        server.bob.note(&chat, &"x".repeat(16 * 1024)).await;
    }
    // Several times: the first frame may still fit into a buffer, and the last
    // close frame may not.
    for _ in 0..3 {
        advance(11).await;
    }
    let mut heard = 0;
    while asleep.frame().await.is_ok() {
        heard += 1;
    }
    assert!(heard < 1_000, "{heard}");
}

/// Advances time for all tasks.
pub(crate) async fn advance(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn files_are_shown_where_each_socket_finds_the_endpoint() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let _visitor = Visitor::waits(&server, "Jon").await;
    let chat = server.ada.only_chat().await;
    server.ada.accept(&chat).await;
    let body = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n\
                hello\r\n--x--\r\n";
    let upload = request("POST", "/v3.6/agent/action/upload_file")
        .header("authorization", format!("Bearer {}", server.ada.token))
        .header("content-type", "multipart/form-data; boundary=x")
        .body(Body::from(body))
        .unwrap();
    let told = server.send(upload).await.body;
    let path = told["url"]
        .as_str()
        .unwrap()
        .strip_prefix("http://chat.example");
    let path = path.unwrap();

    let mut sockets = Vec::new();
    for scheme in ["http", "https"] {
        let base = format!("{scheme}://{address}");
        let headers = [("origin", base.clone())];
        let mut console = Console::open(Console::request(address, &headers))
            .await
            .unwrap();
        let login = json!({"token": format!("Bearer {}", server.ada.token)});
        let before = console.act("login", login).await["position"].as_i64();
        sockets.push((console, format!("{base}{path}"), before));
    }
    server
        .ada
        .send(&chat, json!({"type": "file", "url": told["url"]}))
        .await;
    for (console, url, before) in &mut sockets {
        let push = console.next("incoming_event").await;
        assert_eq!(push["payload"]["event"]["url"], url.as_str());
        let shown = console.act("get_chat", json!({ "chat_id": chat })).await;
        let shown = shown["thread"]["events"]
            .as_array()
            .unwrap()
            .last()
            .unwrap();
        assert_eq!(shown["url"], url.as_str());
        // One that catches up.
        let (mut later, _) = Console::since(address, &server.ada.token, *before).await;
        let push = later.next("incoming_event").await;
        let url = format!("http://{address}{path}");
        assert_eq!(push["payload"]["event"]["url"], url.as_str());
    }
    let (_console, welcome) = Console::since(address, &server.ada.token, None).await;
    let last = &welcome["chats_summary"][0]["last_event_per_type"]["file"]["event"];
    assert_eq!(last["url"], format!("http://{address}{path}"));
}
