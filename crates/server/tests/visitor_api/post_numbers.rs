//! `X-LIVEAGENT-SEQUENCE`: each POST is carried out once, whatever is repeated.

use serde_json::json;

use crate::server::{TestRequest, TestServer};

#[tokio::test(start_paused = true)]
async fn a_repeat_is_done_once_and_answered_the_same() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let first = visitor.say("one").await.ok();
    assert_eq!(first.header("x-chat-position"), Some("2"));
    let id = first.header("x-chat-event-id").unwrap().to_owned();
    assert!(id.ends_with("_2"));
    assert!(first.header("x-chat-created-at").unwrap().ends_with('Z'));
    for _ in 0..3 {
        let again = visitor
            .post_numbered(visitor.number, "ChatMessage", json!({ "text": "one" }))
            .await
            .ok();
        for name in ["x-chat-event-id", "x-chat-position", "x-chat-created-at"] {
            assert_eq!(again.header(name), first.header(name));
        }
    }
    visitor.say("two").await.ok();
    assert_eq!(agent.log(&chat).await, ["one", "two"]);
}

#[tokio::test(start_paused = true)]
async fn a_repeat_at_another_process_is_done_once() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let first = visitor.say("one").await.ok();
    let later = server.another_process(2).await;
    visitor.reconnect(&later).await;
    let again = visitor
        .post_numbered(visitor.number, "ChatMessage", json!({ "text": "one" }))
        .await
        .ok();
    assert_eq!(
        again.header("x-chat-event-id"),
        first.header("x-chat-event-id")
    );
    // Numbers that continue after the hand-over.
    visitor.say("two").await.ok();
    visitor.say("three").await.ok();
    assert_eq!(agent.log(&chat).await, ["one", "two", "three"]);
}

/// `resetSequence` says so, on each hand-over.
#[tokio::test(start_paused = true)]
async fn numbers_begin_anew_after_each_hand_over() {
    let mut server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let mut said = Vec::new();
    for seed in 2..6 {
        server = server.another_process(seed).await;
        visitor.reconnect(&server).await;
        visitor.number = 0;
        let organization = json!({ "organizationId": visitor.site.organization_id });
        visitor.post("ChasitorResyncState", organization).await.ok();
        for n in 0..3 {
            let text = format!("{seed} {n}");
            let answer = visitor.say(&text).await.ok();
            // And its repeat.
            let again = visitor
                .post_numbered(visitor.number, "ChatMessage", json!({ "text": text }))
                .await
                .ok();
            let id =
                |a: &crate::server::TestResponse| a.header("x-chat-event-id").map(str::to_owned);
            assert_eq!(id(&again), id(&answer));
            said.push(text);
        }
    }
    assert_eq!(agent.at(&server.router).log(&chat).await, said);
}

#[tokio::test(start_paused = true)]
async fn numbers_that_begin_anew_need_no_resync_first() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    visitor.say("one").await.ok();
    visitor.say("two").await.ok();
    visitor.reconnect(&server).await;
    visitor.number = 0;
    visitor.say("three").await.ok();
    visitor.say("four").await.ok();
    assert_eq!(agent.log(&chat).await, ["one", "two", "three", "four"]);
}

/// The response to an init was lost, and then the process.
#[tokio::test(start_paused = true)]
async fn an_init_repeated_over_a_hand_over_asks_once() {
    let server = TestServer::new().await;
    let mut visitor = server.visitor().await;
    visitor.init().await.ok();
    let later = server.another_process(2).await;
    visitor.reconnect(&later).await;
    let init = visitor.init_body();
    visitor.post_numbered(1, "ChasitorInit", init).await.ok();
    visitor.say("hello").await.ok();
    let waiting = later.agent().waiting().await;
    assert_eq!(waiting.len(), 1);
    assert_eq!(later.agent().log(&waiting[0]).await, ["hello"]);
}

#[tokio::test(start_paused = true)]
async fn gaps_are_accepted() {
    let server = TestServer::new().await;
    let (visitor, agent, chat) = server.visitor_with_agent().await;
    for number in [5, 9, 1000] {
        let text = number.to_string();
        visitor
            .post_numbered(number, "ChatMessage", json!({ "text": text }))
            .await
            .ok();
    }
    assert_eq!(agent.log(&chat).await, ["5", "9", "1000"]);
}

/// Two connections: the second POST overtakes the first.
#[tokio::test(start_paused = true)]
async fn a_post_that_was_overtaken_is_done_all_the_same() {
    let server = TestServer::new().await;
    let (visitor, agent, chat) = server.visitor_with_agent().await;
    visitor
        .post_numbered(3, "ChasitorTyping", json!({}))
        .await
        .ok();
    for _ in 0..2 {
        let late = visitor
            .post_numbered(2, "ChatMessage", json!({ "text": "late" }))
            .await
            .ok();
        assert_eq!(late.header("x-chat-position"), Some("2"));
    }
    visitor
        .post_numbered(4, "ChatMessage", json!({ "text": "next" }))
        .await
        .ok();
    visitor
        .post_numbered(3, "ChasitorTyping", json!({}))
        .await
        .ok();
    assert_eq!(agent.log(&chat).await, ["late", "next"]);
}

#[tokio::test(start_paused = true)]
async fn without_a_number_every_post_is_done() {
    let server = TestServer::new().await;
    let (visitor, agent, chat) = server.visitor_with_agent().await;
    for number in [None, None, Some("0"), Some("-3"), Some("x"), Some("1.5")] {
        let mut request = visitor.signed(TestRequest::post(
            "Chasitor/ChatMessage",
            r#"{"text":"hi"}"#,
        ));
        if let Some(number) = number {
            request = request.header("x-liveagent-sequence", number);
        }
        request.send_to(&server.router).await.ok();
    }
    assert_eq!(agent.log(&chat).await, ["hi"; 6]);
}

#[tokio::test(start_paused = true)]
async fn on_a_get_the_number_is_ignored() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    agent.say(&chat, "one").await;
    let request = TestRequest::get(&format!("System/Messages?ack={}", visitor.ack));
    let request = visitor.signed(request).header("x-liveagent-sequence", "2");
    assert_eq!(request.send_to(&server.router).await.texts(), ["one"]);
    visitor.say("two").await.ok();
    assert_eq!(agent.log(&chat).await, ["one", "two"]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_post_does_not_use_up_its_number() {
    let server = TestServer::new().await;
    let (visitor, agent, chat) = server.visitor_with_agent().await;
    visitor
        .post_numbered(2, "ChatMessage", json!({}))
        .await
        .status(400);
    let message = json!({ "text": "one" });
    visitor.post_numbered(2, "ChatMessage", message).await.ok();
    assert_eq!(agent.log(&chat).await, ["one"]);
}

#[tokio::test(start_paused = true)]
async fn a_custom_id_is_written_once_whatever_the_number() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let message = json!({ "text": "one", "customId": "c1" });
    let first = visitor.post("ChatMessage", message.clone()).await.ok();
    let again = visitor.post("ChatMessage", message).await.ok();
    assert_eq!(
        again.header("x-chat-event-id"),
        first.header("x-chat-event-id")
    );
    assert_eq!(agent.log(&chat).await, ["one"]);
}

#[tokio::test(start_paused = true)]
async fn a_post_that_writes_nothing_names_no_event() {
    let server = TestServer::new().await;
    let (mut visitor, _agent, _chat) = server.visitor_with_agent().await;
    let answer = visitor.post("ChasitorTyping", json!({})).await.ok();
    for name in ["x-chat-event-id", "x-chat-position", "x-chat-created-at"] {
        assert_eq!(answer.header(name), None);
    }
    assert_eq!(answer.latest_offset(), visitor.offset.unwrap());
}
