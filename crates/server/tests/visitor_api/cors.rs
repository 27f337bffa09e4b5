//! CORS: which pages may call the API.

use crate::server::{SHOP, TestRequest, TestResponse, TestServer};

#[track_caller]
fn allows(answer: &TestResponse, origin: &str) {
    assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
    assert_eq!(
        answer.header("access-control-allow-credentials"),
        Some("true")
    );
    let vary = answer.header("vary").unwrap().to_lowercase();
    assert!(vary.contains("origin"));
    let exposed = answer.header("access-control-expose-headers").unwrap();
    for name in ["EVENT-ID", "POSITION", "CREATED-AT", "LATEST-OFFSET"] {
        assert!(exposed.contains(&format!("X-CHAT-{name}")), "{exposed}");
    }
}

/// All calls, with bodies that need not be valid.
fn every_call() -> Vec<TestRequest> {
    let mut calls: Vec<TestRequest> = [
        "System/SessionId",
        "System/Messages",
        "System/ReconnectSession",
        "System/ResyncSession",
        "Visitor/Settings",
        "Visitor/Availability",
        "Visitor/VisitorId",
        "Visitor/History",
        "Visitor/History/K600PKZON8",
        "System/Nothing",
        "Nothing",
    ]
    .into_iter()
    .map(TestRequest::get)
    .collect();
    calls.extend(
        [
            "System/MultiNoun",
            "Visitor/Breadcrumb",
            "Chasitor/ChasitorInit",
            "Chasitor/ChatMessage",
            "Chasitor/ChatEnd",
            "System/SessionId",
        ]
        .into_iter()
        .map(|path| TestRequest::post(path, "{}")),
    );
    calls.push(TestRequest::new("DELETE", "System/SessionId/x"));
    calls
}

#[tokio::test(start_paused = true)]
async fn an_allowed_origin_is_echoed_whatever_the_answer() {
    let server = TestServer::new().await;
    let shop = server.stranger().on(SHOP);
    for request in every_call() {
        allows(&shop.request(request).await, SHOP);
    }
}

#[tokio::test(start_paused = true)]
async fn any_other_origin_is_403_on_every_call() {
    let server = TestServer::new().await;
    for origin in [
        "https://evil.example",
        "http://shop.example",
        "https://shop.example:8443",
        "https://shop.example.evil.example",
        "null",
    ] {
        let evil = server.stranger().on(origin);
        for request in every_call() {
            let answer = evil.request(request).await.status(403);
            assert_eq!(answer.header("access-control-allow-origin"), None);
        }
        evil.preflight("Chasitor/ChatMessage", "POST")
            .await
            .status(403);
    }
}

#[tokio::test(start_paused = true)]
async fn a_preflight_names_methods_and_headers() {
    let server = TestServer::new().await;
    let shop = server.stranger().on(SHOP);
    for (path, method) in [
        ("System/SessionId", "GET"),
        ("System/Messages", "GET"),
        ("Chasitor/ChatMessage", "POST"),
        ("System/SessionId/x", "DELETE"),
    ] {
        let answer = shop.preflight(path, method).await.empty();
        allows(&answer, SHOP);
        let methods = answer.header("access-control-allow-methods").unwrap();
        assert!(methods.contains(method));
        let headers = answer
            .header("access-control-allow-headers")
            .unwrap()
            .to_lowercase();
        for name in [
            "x-liveagent-api-version",
            "x-liveagent-affinity",
            "x-liveagent-session-key",
            "x-liveagent-sequence",
            "content-type",
        ] {
            assert!(headers.contains(name), "{headers}");
        }
        assert!(answer.header("access-control-max-age").is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn the_endpoints_own_page_and_no_page_are_allowed() {
    let server = TestServer::new().await;
    for origin in [
        "https://chat.example",
        "http://chat.example",
        "https://chat.example:443",
    ] {
        let own = server.stranger().on(origin);
        own.get("System/SessionId").await.status(200);
    }
    server.stranger().get("System/SessionId").await.status(200);
}

/// Behind a proxy, the request's host is not the one that the browser knows.
#[tokio::test(start_paused = true)]
async fn the_public_url_counts_as_the_own_origin() {
    let server = TestServer::new().await;
    let config = parlor_server::app::Config {
        public_url: Some("https://public.example".to_owned()),
        ..Default::default()
    };
    let proxied = server.process_with(2, config).await;
    let own = proxied.stranger().on("https://public.example");
    let session = TestRequest::get("System/SessionId").header("host", "public.example");
    let session = own.request(session).await.status(200).json();
    let visitor = server.visitor().await;
    let init = TestRequest::post("Chasitor/ChasitorInit", visitor.init_body().to_string())
        .header("host", "public.example")
        .header("x-liveagent-session-key", session["key"].as_str().unwrap());
    own.request(init).await.ok();
    let other = server.stranger().on("https://public.example");
    other.get("System/SessionId").await.status(403);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_allowed_holds_a_conversation() {
    let server = TestServer::new().await;
    let shop = server.stranger().on(SHOP);
    let session = shop.get("System/SessionId").await.json();
    let key = session["key"].as_str().unwrap();
    let visitor = server.visitor().await;
    let init = TestRequest::post("Chasitor/ChasitorInit", visitor.init_body().to_string())
        .header("x-liveagent-session-key", key);
    shop.request(init).await.ok();
    let poll = TestRequest::get("System/Messages?ack=-1").header("x-liveagent-session-key", key);
    assert_eq!(shop.request(poll).await.kinds(), ["ChatRequestSuccess"]);
}
