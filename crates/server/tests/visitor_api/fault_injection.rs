//! Fault injection in front of the real router: a client that repeats its
//! requests under the same number loses and doubles nothing.

use std::time::Duration;

use parlor_server::fault_injection::{FaultInjector, inject_into};
use serde_json::json;
use tokio::time::{Instant, timeout};

use crate::{
    actors::{Agent, Visitor},
    server::TestServer,
};

/// A conversation whose visitor is behind these rules from then on.
async fn visitor_with_agent_behind(rules: &str) -> (TestServer, Visitor, Agent, String) {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    visitor.router = inject_into(server.router.clone(), FaultInjector::parse(rules).unwrap());
    (server, visitor, agent, chat)
}

/// Sends like a client: gives up after a while, and repeats under the same
/// number.
async fn say(visitor: &mut Visitor, text: &str) -> u32 {
    visitor.number += 1;
    for tries in 1.. {
        let body = json!({ "text": text });
        let post = visitor.post_numbered(visitor.number, "ChatMessage", body);
        if let Ok(answer) = timeout(Duration::from_secs(15), post).await
            && answer.status == 200
        {
            return tries;
        }
    }
    unreachable!()
}

#[tokio::test(start_paused = true)]
async fn with_every_second_answer_lost_each_message_arrives_once_in_order() {
    let (_world, mut visitor, agent, chat) = visitor_with_agent_behind(
        r#"[[rule]]
           method = "POST"
           resource = "ChatMessage"
           every = 2
           action = "lose_answer""#,
    )
    .await;
    let texts: Vec<String> = (0..200).map(|n| format!("message {n}")).collect();
    let mut tries = 0;
    for text in &texts {
        tries += say(&mut visitor, text).await;
    }
    assert!(tries > 300, "{tries}");
    assert_eq!(agent.log(&chat).await, texts);
}

#[tokio::test(start_paused = true)]
async fn a_lost_request_is_not_done() {
    let (_world, visitor, agent, chat) = visitor_with_agent_behind(
        "[[rule]]\nresource = \"Chasitor/ChatMessage\"\naction = \"lose_request\"",
    )
    .await;
    let began = Instant::now();
    let answer = visitor
        .post_numbered(9, "ChatMessage", json!({"text": "Hello"}))
        .await;
    answer.status(504);
    assert_eq!(began.elapsed(), Duration::from_secs(60));
    assert!(agent.log(&chat).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn statuses_delays_and_cuts() {
    let (_world, mut visitor, agent, chat) = visitor_with_agent_behind(
        r#"seed = 4
           [[rule]]
           resource = "ChatMessage"
           times = 1
           action = "status"
           status = 503
           retry_after_s = 7
           [[rule]]
           resource = "ChatMessage"
           times = 1
           action = "delay"
           ms = 3000
           [[rule]]
           resource = "Messages"
           times = 1
           action = "cut"
           keep_bytes = 12"#,
    )
    .await;
    let refused = visitor.say("one").await.status(503);
    assert_eq!(refused.headers["retry-after"], "7");
    let began = Instant::now();
    visitor.say("two").await.ok();
    assert!(began.elapsed() >= Duration::from_secs(3));
    assert_eq!(agent.log(&chat).await, ["two"]);

    agent.say(&chat, "three").await;
    let cut = visitor.poll_acking(visitor.ack).await.status(200);
    assert_eq!(cut.text.len(), 12);
    assert_eq!(
        visitor.poll().await.texts(),
        ["three"],
        "the batch was kept"
    );
}

#[tokio::test(start_paused = true)]
async fn other_apis_are_left_alone() {
    let (_world, visitor, agent, chat) =
        visitor_with_agent_behind("[[rule]]\naction = \"status\"\nstatus = 500").await;
    visitor.poll_acking(-1).await.status(500);
    agent.say(&chat, "Hello").await;
    assert_eq!(agent.log(&chat).await, ["Hello"]);
}
