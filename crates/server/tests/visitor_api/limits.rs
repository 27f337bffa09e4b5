//! What a client gets who does too much, and what all others notice: nothing.

use std::{convert::Infallible, net::SocketAddr};

use axum::{body::Body, extract::ConnectInfo, http::Request};
use futures_util::{StreamExt as _, stream};
use parlor_server::{
    app::Config,
    limits::{Limits, Rate},
};
use serde_json::json;
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

use crate::{
    actors::Visitor,
    files::{multipart, upload_body},
    server::{SHOP, TestRequest, TestResponse, TestServer, seconds},
};

const SESSION: &str = "System/SessionId";

async fn with_limits(change: impl FnOnce(&mut Limits)) -> TestServer {
    let mut limits = Limits::default();
    change(&mut limits);
    let config = Config {
        limits,
        ..Config::default()
    };
    TestServer::new().await.process_with(2, config).await
}

async fn new_session(server: &TestServer, request: TestRequest) -> TestResponse {
    request.send_to(&server.router).await
}

fn from(address: &str) -> TestRequest {
    TestRequest::get(SESSION).connecting_from(address)
}

#[track_caller]
fn retry_after_s(answer: TestResponse, status: u16) -> u64 {
    let answer = answer.status(status);
    answer.header("retry-after").unwrap().parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_sessions_from_one_address_is_stopped() {
    let server = TestServer::new().await;
    for _ in 0..Limits::default().sessions_per_address.burst.get() {
        new_session(&server, from("192.0.2.1")).await.status(200);
    }
    let refused = new_session(&server, from("192.0.2.1")).await;
    let wait = retry_after_s(refused, 429);
    assert_eq!(wait, 1);
    new_session(&server, from("192.0.2.2")).await.status(200);
    seconds(wait).await;
    new_session(&server, from("192.0.2.1")).await.status(200);
}

#[tokio::test(start_paused = true)]
async fn nobody_chooses_their_address_by_a_header() {
    let server = with_limits(|limits| limits.sessions_per_address = Rate::new(1, 60)).await;
    let forged = |n: u32| from("192.0.2.1").header("x-forwarded-for", &format!("198.51.100.{n}"));
    new_session(&server, forged(1)).await.status(200);
    assert_eq!(
        retry_after_s(new_session(&server, forged(2)).await, 429),
        60
    );
}

#[tokio::test(start_paused = true)]
async fn visitors_behind_a_proxy_are_told_apart() {
    let server = with_limits(|limits| limits.sessions_per_address = Rate::new(1, 60)).await;
    let proxied = |client: &str| from("127.0.0.1").header("x-forwarded-for", client);
    new_session(&server, proxied("198.51.100.1"))
        .await
        .status(200);
    new_session(&server, proxied("198.51.100.1"))
        .await
        .status(429);
    new_session(&server, proxied("198.51.100.2"))
        .await
        .status(200);
    // A proxy that sends no header stands for everybody, and is not counted.
    for _ in 0..10 {
        new_session(&server, from("127.0.0.1")).await.status(200);
    }
}

#[tokio::test(start_paused = true)]
async fn too_many_requests_of_an_address_are_refused_and_health_checks_are_not() {
    let server = with_limits(|limits| limits.requests_per_address = Rate::new(3, 30)).await;
    let request = |uri: &str| {
        let mut request = TestRequest::get("").connecting_from("192.0.2.1");
        request.uri = uri.to_owned();
        request
    };
    for uri in [
        "/chat/rest/Visitor/VisitorId",
        "/parlor.js",
        "/chat/files/x/file",
    ] {
        let answer = request(uri).send_to(&server.router).await;
        assert_ne!(answer.status.as_u16(), 429, "{uri}");
    }
    for uri in [
        "/chat/rest/Visitor/VisitorId",
        "/parlor.js",
        "/chat/files/x/file",
        "/agent/session",
    ] {
        let answer = request(uri).send_to(&server.router).await;
        assert_eq!(retry_after_s(answer, 429), 10, "{uri}");
    }
    let mut action = request("/v3.6/agent/action/list_chats");
    action.method = "POST".to_owned();
    let answer = action.send_to(&server.router).await.status(429);
    assert_eq!(answer.json()["error"]["type"], "too_many_requests");
    // Each API tells of it in its own form.
    let session = request("/agent/session").send_to(&server.router).await;
    assert_eq!(session.json()["error"]["type"], "too_many_requests");
    let archived = request("/api/v2/chat/chats").send_to(&server.router).await;
    assert_eq!(archived.json()["error"], "too_many_requests");
    let archived = request("/api/v2/chats").send_to(&server.router).await;
    assert_eq!(retry_after_s(archived, 429), 10);
    for uri in ["/healthz", "/readyz"] {
        request(uri).send_to(&server.router).await.status(200);
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_was_refused_is_sent_again_under_its_number() {
    let server = with_limits(|limits| limits.requests_per_session = Rate::new(10, 10)).await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    while visitor.say("more").await.status.as_u16() == 200 {}
    let number = visitor.number;
    let say = async |text: &str| {
        let body = json!({ "text": text });
        visitor.post_numbered(number, "ChatMessage", body).await
    };
    let refused = say("once").await;
    let wait = retry_after_s(refused, 429);
    seconds(wait).await;
    say("once").await.ok();
    let log = agent.log(&chat).await;
    assert_eq!(log.iter().filter(|text| *text == "once").count(), 1);
    // Another session is not affected.
    server.visitor().await.init().await.ok();
}

#[tokio::test(start_paused = true)]
async fn signals_are_limited_and_messages_pass() {
    let server = TestServer::new().await;
    let (mut visitor, _agent, _chat) = server.visitor_with_agent().await;
    for _ in 0..60 {
        visitor.post("ChasitorTyping", json!({})).await.ok();
    }
    retry_after_s(visitor.post("ChasitorTyping", json!({})).await, 429);
    retry_after_s(
        visitor
            .post("ChasitorSneakPeek", json!({"position": 1, "text": "a"}))
            .await,
        429,
    );
    visitor.say("hello").await.ok();
}

#[tokio::test(start_paused = true)]
async fn pages_and_fields_are_limited_together() {
    let server = with_limits(|limits| limits.pages_per_session = Rate::new(2, 60)).await;
    let (mut visitor, _agent, _chat) = server.visitor_with_agent().await;
    let page = |n: u32| json!({ "location": format!("https://shop.example/{n}") });
    let fields = json!({"session_fields": [{"plan": "gold"}]});
    let fields = json!({"type": "session_fields", "data": fields.to_string()});
    visitor.post("Breadcrumb", page(1)).await.ok();
    visitor.post("CustomEvent", fields.clone()).await.ok();
    assert_eq!(
        retry_after_s(visitor.post("Breadcrumb", page(2)).await, 429),
        30
    );
    assert_eq!(
        retry_after_s(visitor.post("CustomEvent", fields).await, 429),
        30
    );
}

async fn upload(visitor: &Visitor, bytes: usize) -> TestResponse {
    upload_body(visitor, multipart("file", "a.txt", &vec![b'a'; bytes])).await
}

#[tokio::test(start_paused = true)]
async fn uploads_are_limited_by_number_and_by_bytes() {
    let server = with_limits(|limits| limits.uploads_per_session = Rate::new(2, 60)).await;
    let (visitor, _agent, _chat) = server.visitor_with_agent().await;
    upload(&visitor, 10).await.status(200);
    upload(&visitor, 10).await.status(200);
    assert_eq!(retry_after_s(upload(&visitor, 10).await, 429), 30);

    let server = with_limits(|limits| limits.upload_kib_per_session = Rate::new(100, 100)).await;
    let (visitor, _agent, _chat) = server.visitor_with_agent().await;
    upload(&visitor, 80 * 1024).await.status(200);
    let wait = retry_after_s(upload(&visitor, 80 * 1024).await, 429);
    assert!((60..=65).contains(&wait), "{wait}");
    upload(&visitor, 1024).await.status(200);

    let change = |limits: &mut Limits| limits.upload_kib_per_deployment = Rate::new(100, 100);
    let server = with_limits(change).await;
    let (visitor, _agent, _chat) = server.visitor_with_agent().await;
    upload(&visitor, 80 * 1024).await.status(200);
    let (other, _agent, _chat) = server.visitor_with_agent().await;
    retry_after_s(upload(&other, 80 * 1024).await, 429);
}

#[tokio::test(start_paused = true)]
async fn a_full_endpoint_gives_no_new_sessions_until_some_end() {
    let server = with_limits(|limits| limits.open_sessions = 2).await;
    let mut first = server.visitor().await;
    first.init().await.ok();
    server.visitor().await;
    assert_eq!(
        retry_after_s(new_session(&server, TestRequest::get(SESSION)).await, 503),
        30
    );
    // Those who have a session go on.
    first.say("hello").await.ok();
    first
        .post("ChatEnd", json!({"reason": "client"}))
        .await
        .ok();
    server.app.refresh_limits().await.unwrap();
    server.visitor().await;
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_takes_nobody_until_somebody_leaves() {
    let server = with_limits(|limits| limits.waiting_chats = 1).await;
    let mut first = server.waiting_visitor().await;
    let mut second = server.visitor().await;
    // 503 would mean to a client that another server has its session.
    assert_eq!(retry_after_s(second.init().await, 429), 30);
    first
        .post("ChatEnd", json!({"reason": "client"}))
        .await
        .ok();
    server.app.refresh_limits().await.unwrap();
    let init = second.init_body();
    second.post_numbered(1, "ChasitorInit", init).await.ok();
}

/// Begins a request whose body stops arriving after so many bytes.
async fn begin_body(server: &TestServer, address: &str, bytes: usize) -> JoinHandle<()> {
    let arrived = stream::iter([Ok::<_, Infallible>(vec![b' '; bytes])]);
    let peer = SocketAddr::new(address.parse().unwrap(), 50_000);
    let request = Request::post("/chat/rest/Visitor/Breadcrumb")
        .extension(ConnectInfo(peer))
        .body(Body::from_stream(arrived.chain(stream::pending())))
        .unwrap();
    let router = server.router.clone();
    let asking = tokio::spawn(async move {
        let _ = router.oneshot(request).await;
    });
    seconds(1).await;
    asking
}

#[tokio::test(start_paused = true)]
async fn bodies_have_room_in_memory_which_one_address_cannot_fill() {
    let server = with_limits(|limits| limits.request_body_bytes = 40_000).await;
    let (visitor, _agent, _chat) = server.visitor_with_agent().await;
    let page = format!(
        r#"{{"location":"https://shop.example/{}"}}"#,
        "x".repeat(1500)
    );
    let ask = |address: &str| {
        let request = TestRequest::post("Visitor/Breadcrumb", page.clone());
        request.header("origin", SHOP).connecting_from(address)
    };
    let first = begin_body(&server, "192.0.2.1", 9_000).await;
    let refused = ask("192.0.2.1").send_to(&server.router).await;
    assert_eq!(refused.header("access-control-allow-origin"), Some(SHOP));
    assert_eq!(retry_after_s(refused, 429), 10);
    ask("192.0.2.2").send_to(&server.router).await.status(200);
    // What was answered is not held any more.
    for _ in 0..10 {
        ask("192.0.2.2").send_to(&server.router).await.status(200);
    }

    for n in 2..5 {
        begin_body(&server, &format!("192.0.2.{n}"), 10_000).await;
    }
    let full = ask("192.0.2.9").send_to(&server.router).await;
    assert_eq!(full.header("access-control-allow-origin"), Some(SHOP));
    assert_eq!(retry_after_s(full, 503), 10);
    // 503 would mean to a client that another server has its session.
    let in_session = visitor.signed(ask("192.0.2.9"));
    assert_eq!(
        retry_after_s(in_session.send_to(&server.router).await, 429),
        10
    );
    let action = TestRequest {
        uri: "/v3.6/agent/action/list_chats".to_owned(),
        ..ask("192.0.2.9")
    };
    let refused = action.without("origin").send_to(&server.router).await;
    assert_eq!(refused.status, 503, "{}", refused.text);
    // Polls have no body.
    let request = TestRequest::get("Visitor/VisitorId");
    request.send_to(&server.router).await.status(200);

    // The client hangs up.
    first.abort();
    seconds(1).await;
    ask("192.0.2.9").send_to(&server.router).await.status(200);
}
