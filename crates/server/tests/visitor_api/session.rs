//! Sessions: created, resynchronised by old clients, deleted.

use crate::server::{TestRequest, TestServer, seconds};

#[tokio::test(start_paused = true)]
async fn a_session_is_answered_flat_with_a_whole_number_for_the_time_out() {
    let server = TestServer::new().await;
    for request in [
        TestRequest::get("System/SessionId").header("x-liveagent-affinity", "null"),
        TestRequest::get("System/SessionId"),
        TestRequest::get("System/SessionId?SessionId.ClientType=chasitor&pc=1"),
    ] {
        let answer = server.stranger().request(request).await.status(200);
        let session = answer.json();
        let mut names: Vec<_> = session.as_object().unwrap().keys().collect();
        names.sort();
        assert_eq!(names, ["affinityToken", "clientPollTimeout", "id", "key"]);
        assert_eq!(session["clientPollTimeout"].as_i64(), Some(40));
        assert!(session["key"].as_str().unwrap().contains('!'));
        assert_eq!(answer.latest_offset(), 0);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test(start_paused = true)]
async fn calls_without_a_known_key_are_refused() {
    let server = TestServer::new().await;
    let visitor = server.waiting_visitor().await;
    for request in [
        TestRequest::get("System/Messages?ack=-1"),
        TestRequest::get("System/ReconnectSession?ReconnectSession.offset=0"),
        TestRequest::get("System/ResyncSession"),
        TestRequest::post("Chasitor/ChasitorInit", visitor.init_body().to_string()),
        TestRequest::post("Chasitor/ChatMessage", r#"{"text":"hi"}"#),
        TestRequest::post("Chasitor/ChatEnd", "{}"),
        TestRequest::post("Chasitor/ChasitorTyping", ""),
        TestRequest::post("System/MultiNoun", r#"{"nouns":[]}"#),
    ] {
        server.stranger().request(request.clone()).await.status(403);
        for key in ["", "null", "not!a=key", &visitor.id] {
            let request = request.clone().header("x-liveagent-session-key", key);
            let answer = server.stranger().request(request).await.status(403);
            assert!(key.is_empty() || key == "null" || !answer.text.contains(key));
        }
    }
    server
        .stranger()
        .request(TestRequest::new("DELETE", "System/SessionId/not!a=key"))
        .await
        .status(403);
}

#[tokio::test(start_paused = true)]
async fn deleting_a_session_ends_its_chat() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    for key in [visitor.key.clone(), visitor.key.replace('!', "%21")] {
        let path = format!("System/SessionId/{key}");
        let deleted = server
            .stranger()
            .request(TestRequest::new("DELETE", &path))
            .await
            .ok();
        assert!(deleted.latest_offset() > 0);
    }
    assert_eq!(agent.thread(&chat).await["active"], false);
    let last = visitor.poll().await;
    assert_eq!(last.message("ChatEnded")["reason"], "client");
    visitor.poll().await.status(403);
}

#[tokio::test(start_paused = true)]
async fn old_versions_resync_the_session_by_another_name() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    agent.say(&chat, "hello").await;
    let later = server.another_process(2).await;
    visitor.router = later.router.clone();
    visitor.poll().await.status(503);
    let answer = visitor.get("System/ResyncSession").await.status(200);
    let resynced = answer.message("ResyncSession");
    assert_eq!(resynced["isValid"], true);
    assert_eq!(resynced["key"], visitor.key.as_str());
    visitor.affinity = resynced["affinityToken"].as_str().unwrap().to_owned();
    let batch = visitor.poll().await;
    // Without an offset, unacknowledged messages are sent again.
    let expected = ["ChasitorSessionData", "ChatEstablished", "ChatMessage"];
    assert_eq!(batch.kinds(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_waited_too_long_for_its_init_is_over() {
    let server = TestServer::new().await;
    let mut visitor = server.visitor().await;
    seconds(121).await;
    server.app.run_maintenance().await.unwrap();
    visitor.init().await.status(403);
    assert!(server.agent().waiting().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn init_comes_first() {
    let server = TestServer::new().await;
    let mut visitor = server.visitor().await;
    let answer = visitor.say("hi").await.status(400);
    assert!(answer.text.contains("ChasitorInit"), "{}", answer.text);
    visitor.init().await.ok();
}

#[tokio::test(start_paused = true)]
async fn a_second_init_changes_nothing() {
    let server = TestServer::new().await;
    let mut visitor = server.waiting_visitor().await;
    visitor.init().await.ok();
    assert_eq!(server.agent().waiting().await.len(), 1);
    visitor.poll().await.empty();
}

#[tokio::test(start_paused = true)]
async fn ids_of_a_site_that_is_not_ours_are_refused() {
    let server = TestServer::new().await;
    for member in ["organizationId", "deploymentId"] {
        let mut visitor = server.visitor().await;
        let other = serde_json::json!({ member: "00Dxxxxxxxxxxxx" });
        let answer = visitor.init_with(other).await.status(400);
        assert!(answer.text.contains(member));
        assert!(!answer.text.contains("00Dxx"));
    }
    // 18 characters name the same organisation.
    let mut visitor = server.visitor().await;
    let long = format!("{}AAA", server.site.organization_id);
    let other = serde_json::json!({ "organizationId": long });
    visitor.init_with(other).await.ok();
}
