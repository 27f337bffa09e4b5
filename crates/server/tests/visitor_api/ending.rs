//! How a chat ends, and what the last poll returns.

use serde_json::json;

use crate::server::{TestRequest, TestServer, seconds};

#[tokio::test(start_paused = true)]
async fn the_visitor_ends_it_in_any_of_the_ways_there_are() {
    for body in [
        r#"{"reason":"client"}"#,
        r#"{"type":"ChatEndReason","reason":"client"}"#,
        r#"{"ChatEndReason":{"reason":"client"}}"#,
        "{}",
        "",
    ] {
        let server = TestServer::new().await;
        let (mut visitor, agent, chat) = server.visitor_with_agent().await;
        let request = visitor.signed(TestRequest::post("Chasitor/ChatEnd", body));
        request.send_to(&server.router).await.ok();
        let last = visitor.poll().await;
        assert_eq!(last.kinds(), ["ChatEnded"]);
        let ended = last.message("ChatEnded");
        assert_eq!(ended["reason"], "client");
        assert!(ended.get("attachedRecords").is_some());
        visitor.poll().await.status(403);
        assert_eq!(agent.thread(&chat).await["active"], false);
    }
}

/// A client may say that the visitor does not answer, and cannot speak for the agent.
#[tokio::test(start_paused = true)]
async fn the_reason_is_what_a_visitors_client_can_know() {
    for (reason, expected) in [
        ("client", "client"),
        ("clientTimeout", "clientTimeout"),
        ("clientIdleTimeout", "clientTimeout"),
        ("agent", "client"),
        ("agentTimeout", "client"),
        ("", "client"),
    ] {
        let server = TestServer::new().await;
        let (mut visitor, _, _) = server.visitor_with_agent().await;
        visitor
            .post("ChatEnd", json!({ "reason": reason }))
            .await
            .ok();
        let ended = visitor.poll().await.message("ChatEnded");
        assert_eq!(ended["reason"], expected, "{reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn ending_twice_is_ending_once() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    for _ in 0..2 {
        visitor.post("ChatEnd", json!({})).await.ok();
    }
    let notes = agent.notes(&chat).await;
    let ends = notes.iter().filter(|n| *n == "manual_archived_customer");
    assert_eq!(ends.count(), 1);
    visitor.say("too late").await.status(403);
    visitor.post("ChasitorTyping", json!({})).await.status(403);
}

#[tokio::test(start_paused = true)]
async fn the_agent_ends_it() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    agent.say(&chat, "goodbye").await;
    agent.end(&chat).await;
    let last = visitor.poll().await;
    assert_eq!(last.kinds(), ["ChatMessage", "ChatEnded"]);
    assert_eq!(last.message("ChatEnded")["reason"], "agent");
}

#[tokio::test(start_paused = true)]
async fn the_last_poll_too_is_served_again_when_it_was_lost() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    agent.end(&chat).await;
    for _ in 0..3 {
        let last = visitor.poll_acking(visitor.ack).await;
        assert_eq!(last.kinds(), ["ChatEnded"]);
    }
    visitor.poll().await;
    visitor.poll().await.status(403);
}

#[tokio::test(start_paused = true)]
async fn a_visitor_who_waits_may_give_up() {
    let server = TestServer::new().await;
    let mut visitor = server.waiting_visitor().await;
    visitor.post("ChatEnd", json!({})).await.ok();
    assert_eq!(visitor.poll().await.kinds(), ["ChatEnded"]);
    assert!(server.agent().waiting().await.is_empty());
}

/// Also when there was no chat yet.
#[tokio::test(start_paused = true)]
async fn an_end_before_init_is_answered_by_an_end() {
    let server = TestServer::new().await;
    let mut visitor = server.visitor().await;
    let held = visitor.poll_in_background();
    seconds(1).await;
    visitor.post("ChatEnd", json!({})).await.ok();
    let last = held.await.unwrap();
    assert_eq!(last.message("ChatEnded")["reason"], "client");
    visitor.record_poll(&last);
    visitor.poll().await.status(403);
}
