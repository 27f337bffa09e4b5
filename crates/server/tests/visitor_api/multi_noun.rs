//! `MultiNoun`: several POSTs under one number, all or none.

use serde_json::{Value, json};

use crate::server::TestServer;

fn noun(name: &str, member: &str, body: Value) -> Value {
    json!({ "prefix": "Chasitor", "noun": name, member: body })
}

#[tokio::test(start_paused = true)]
async fn bodies_come_as_object_or_data_and_as_json_or_text() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let nouns = json!({ "nouns": [
        noun("ChatMessage", "object", json!({ "text": "one" })),
        noun("ChatMessage", "data", json!({ "text": "two" })),
        noun("ChatMessage", "object", json!("{\"text\":\"three\"}")),
        noun("ChatMessage", "data", json!("{\"text\":\"four\"}")),
        noun("ChasitorTyping", "object", json!({})),
        noun("ChasitorNotTyping", "data", json!("")),
        { "prefix": "Chasitor", "noun": "ChasitorTyping" },
        { "prefix": "Visitor", "noun": "Breadcrumb", "object": { "location": "https://shop.example/2" } },
    ] });
    let answer = visitor.post("MultiNoun", nouns).await.ok();
    assert_eq!(agent.log(&chat).await, ["one", "two", "three", "four"]);
    // The headers name the last event that was written.
    assert_eq!(answer.header("x-chat-position"), Some("5"));
}

#[tokio::test(start_paused = true)]
async fn the_apis_sample_says_goodbye_and_ends() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let nouns = json!({ "nouns": [
        noun("ChatMessage", "object", json!({ "text": "Goodbye" })),
        noun("ChatEnd", "object", json!({})),
    ] });
    visitor.post("MultiNoun", nouns).await.ok();
    assert_eq!(agent.log(&chat).await, ["Goodbye"]);
    assert_eq!(
        visitor.poll().await.message("ChatEnded")["reason"],
        "client"
    );
}

#[tokio::test(start_paused = true)]
async fn a_conversation_may_begin_in_one_request() {
    let server = TestServer::new().await;
    let mut visitor = server.visitor().await;
    let init = visitor.init_body();
    let nouns = json!({ "nouns": [
        noun("ChasitorInit", "object", init),
        noun("ChatMessage", "object", json!({ "text": "hello" })),
    ] });
    visitor.post("MultiNoun", nouns).await.ok();
    let agent = server.agent();
    let chat = agent.accept().await;
    assert_eq!(agent.log(&chat).await, ["hello"]);
}

#[tokio::test(start_paused = true)]
async fn one_invalid_element_undoes_all() {
    for (wrong, told) in [
        (noun("ChatMessage", "object", json!({})), "text"),
        (noun("ChatMessage", "data", json!("{text")), "nouns[1]"),
        (noun("Nonsense", "object", json!({})), "nouns[1]"),
        (
            json!({ "prefix": "System", "noun": "MultiNoun", "object": { "nouns": [] } }),
            "nouns[1]",
        ),
        (json!({ "noun": "ChatEnd" }), "prefix"),
        (json!(7), "nouns[1]"),
    ] {
        let server = TestServer::new().await;
        let (visitor, agent, chat) = server.visitor_with_agent().await;
        let right = noun("ChatMessage", "object", json!({ "text": "one" }));
        let nouns = json!({ "nouns": [right.clone(), wrong] });
        let answer = visitor
            .post_numbered(2, "MultiNoun", nouns)
            .await
            .status(400);
        assert!(answer.text.contains(told), "{told}: {}", answer.text);
        assert!(agent.log(&chat).await.is_empty());
        // The number is free for a valid request.
        let nouns = json!({ "nouns": [right] });
        visitor.post_numbered(2, "MultiNoun", nouns).await.ok();
        assert_eq!(agent.log(&chat).await, ["one"]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_after_the_end_undoes_the_end() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let nouns = json!({ "nouns": [
        noun("ChatEnd", "object", json!({})),
        noun("ChatMessage", "object", json!({ "text": "too late" })),
    ] });
    visitor.post("MultiNoun", nouns).await.status(403);
    assert_eq!(agent.thread(&chat).await["active"], true);
}

#[tokio::test(start_paused = true)]
async fn a_repeat_is_done_once() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let nouns = json!({ "nouns": [
        noun("ChatMessage", "object", json!({ "text": "one" })),
        noun("ChatMessage", "object", json!({ "text": "two" })),
    ] });
    let first = visitor.post("MultiNoun", nouns.clone()).await.ok();
    let again = visitor
        .post_numbered(visitor.number, "MultiNoun", nouns)
        .await
        .ok();
    assert_eq!(
        again.header("x-chat-event-id"),
        first.header("x-chat-event-id")
    );
    visitor.say("three").await.ok();
    assert_eq!(agent.log(&chat).await, ["one", "two", "three"]);
}

#[tokio::test(start_paused = true)]
async fn at_most_fifty_at_once() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let many = |n: usize| {
        let one = noun("ChatMessage", "object", json!({ "text": "x" }));
        json!({ "nouns": vec![one; n] })
    };
    visitor.post("MultiNoun", many(51)).await.status(400);
    visitor.post("MultiNoun", many(50)).await.ok();
    visitor.post("MultiNoun", many(0)).await.ok();
    assert_eq!(agent.log(&chat).await.len(), 50);
}
