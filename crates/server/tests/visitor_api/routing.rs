//! Routing: button, agent, agent or else button, overrides.

use serde_json::{Value, json};

use crate::{actors::Agent, server::TestServer};

/// Andy accepts chats, Ryan does not.
async fn two_agents() -> (TestServer, Agent, Agent) {
    let server = TestServer::new().await;
    let andy = server.agent();
    let ryan = server.colleague("Ryan").await;
    ryan.status("not_accepting_chats").await;
    (server, andy, ryan)
}

async fn outcome(server: &TestServer, init: Value) -> String {
    let mut visitor = server.visitor().await;
    visitor.init_with(init).await.ok();
    let answer = visitor.poll().await;
    let kind = answer.kinds().remove(0);
    if kind == "ChatRequestFail" {
        let reason = answer.message("ChatRequestFail")["reason"].clone();
        // Its session has ended.
        visitor.poll().await.status(403);
        visitor.init().await.status(403);
        return reason.as_str().unwrap().to_owned();
    }
    kind
}

#[tokio::test(start_paused = true)]
async fn targets_are_tried_in_order() {
    let (server, andy, ryan) = two_agents().await;
    let button = server.site.button_id.to_string();
    let (yes, no) = ("ChatRequestSuccess", "Unavailable");
    for (init, expected) in [
        (json!({}), yes),
        (json!({ "buttonId": "573nobody" }), no),
        (json!({ "agentId": andy.id }), yes),
        (json!({ "agentId": ryan.id }), no),
        (json!({ "agentId": "005nobody" }), no),
        (json!({ "agentId": ryan.id, "doFallback": true }), yes),
        (
            json!({ "agentId": ryan.id, "doFallback": true, "buttonId": "" }),
            no,
        ),
        (json!({ "buttonOverrides": [ryan.id] }), no),
        (json!({ "buttonOverrides": [ryan.id, button] }), yes),
        (
            json!({ "buttonOverrides": [format!("{}_{button}", ryan.id)] }),
            yes,
        ),
        (json!({ "buttonOverrides": ["573nobody", andy.id] }), yes),
        (
            json!({ "buttonOverrides": ["573nobody"], "agentId": andy.id }),
            no,
        ),
    ] {
        assert_eq!(outcome(&server, init.clone()).await, expected, "{init}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_visitor_for_one_agent_waits_apart_from_the_others() {
    let server = TestServer::new().await;
    let agent = server.agent();
    let mut other = server.visitor().await;
    other.init().await.ok();
    let mut visitor = server.visitor().await;
    visitor.init_with(json!({ "agentId": agent.id })).await.ok();
    let success = visitor.poll().await.message("ChatRequestSuccess");
    assert_eq!(success["queuePosition"], 1);
}

#[tokio::test(start_paused = true)]
async fn when_nobody_accepts_the_request_fails() {
    let server = TestServer::new().await;
    let agent = server.agent();
    for status in ["not_accepting_chats", "offline"] {
        agent.status(status).await;
        assert_eq!(outcome(&server, json!({})).await, "Unavailable");
    }
    assert!(agent.waiting().await.is_empty());
    agent.status("accepting_chats").await;
    assert_eq!(outcome(&server, json!({})).await, "ChatRequestSuccess");
}
