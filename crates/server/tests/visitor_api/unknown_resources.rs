//! Unknown resources, and wrong methods.

use crate::server::{SHOP, TestRequest, TestServer};

const GETS: [&str; 8] = [
    "System/SessionId",
    "System/Messages",
    "System/ReconnectSession",
    "System/ResyncSession",
    "Visitor/Settings",
    "Visitor/Availability",
    "Visitor/VisitorId",
    "Visitor/History",
];

const POSTS: [&str; 11] = [
    "System/MultiNoun",
    "Visitor/Breadcrumb",
    "Chasitor/ChasitorInit",
    "Chasitor/ChasitorResyncState",
    "Chasitor/ChasitorTyping",
    "Chasitor/ChasitorNotTyping",
    "Chasitor/ChasitorSneakPeek",
    "Chasitor/ChasitorIdleTimeoutWarningEvent",
    "Chasitor/ChatEnd",
    "Chasitor/ChatMessage",
    "Chasitor/CustomEvent",
];

#[tokio::test(start_paused = true)]
async fn a_wrong_method_is_405_and_the_right_ones_are_named() {
    let server = TestServer::new().await;
    let wrong = |methods: &'static [&str], paths: &'static [&str]| {
        methods
            .iter()
            .flat_map(move |m| paths.iter().map(move |p| (*m, *p)))
    };
    let all = wrong(&["POST", "PUT", "DELETE", "PATCH", "BREW"], &GETS)
        .chain(wrong(&["GET", "PUT", "DELETE", "PATCH", "BREW"], &POSTS))
        .chain(wrong(&["GET", "POST"], &["System/SessionId/x"]))
        .chain(wrong(&["PUT", "DELETE"], &["Visitor/History/K600PKZON8"]));
    for (method, path) in all {
        let answer = server
            .stranger()
            .request(TestRequest::new(method, path))
            .await
            .status(405);
        assert!(answer.header("allow").is_some(), "{method} {path}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_resource_is_404() {
    let server = TestServer::new().await;
    for path in [
        "System",
        "System/",
        "System/Nothing",
        "system/SessionId",
        "Chasitor/SessionId",
        "System/ChatMessage",
        "Chasitor/ChatMessage/x",
        "System/SessionId/x/y",
        "Visitor/Settings/",
        "../index.html",
        "Nothing?key=secret",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            let request = TestRequest::new(method, path).header("origin", SHOP);
            let answer = server.stranger().request(request).await.status(404);
            assert!(!answer.text.contains("secret"));
        }
    }
}
