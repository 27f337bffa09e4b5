//! The long poll: held, answered once, empty after a while.

use std::time::Duration;

use tokio::time::Instant;

use crate::server::{TestServer, pass, seconds};

#[tokio::test(start_paused = true)]
async fn a_poll_is_held_for_25_seconds_and_then_empty() {
    let server = TestServer::new().await;
    let mut visitor = server.waiting_visitor().await;
    let asked = Instant::now();
    let answer = visitor.poll().await.empty();
    assert_eq!(asked.elapsed().as_secs(), 25);
    assert_eq!(answer.header("content-type"), None);
    assert_eq!(answer.latest_offset(), visitor.offset.unwrap());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test(start_paused = true)]
async fn queued_messages_come_at_once_in_one_payload() {
    let server = TestServer::new().await;
    let mut visitor = server.visitor().await;
    visitor.init().await.ok();
    seconds(1).await;
    let agent = server.agent();
    let chat = agent.accept().await;
    agent.say(&chat, "one").await;
    let asked = Instant::now();
    let first = visitor.poll().await;
    assert_eq!(
        first.kinds(),
        ["ChatRequestSuccess", "ChatEstablished", "ChatMessage"]
    );
    assert_eq!(first.sequence(), 1);
    assert_eq!(first.offset(), first.latest_offset());
    assert_eq!(asked.elapsed(), Duration::ZERO);
    agent.say(&chat, "two").await;
    let second = visitor.poll().await;
    assert_eq!(
        (second.sequence(), second.texts()),
        (2, vec!["two".to_owned()])
    );
    assert!(second.offset() > first.offset());
}

#[tokio::test(start_paused = true)]
async fn a_held_poll_ends_with_the_first_message() {
    let server = TestServer::new().await;
    let (visitor, agent, chat) = server.visitor_with_agent().await;
    let asked = Instant::now();
    let poll = visitor.poll_in_background();
    seconds(7).await;
    agent.say(&chat, "one").await;
    let answer = poll.await.unwrap();
    assert_eq!(asked.elapsed().as_secs(), 7);
    assert_eq!(answer.texts(), ["one"]);
}

#[tokio::test(start_paused = true)]
async fn a_stopping_process_ends_its_polls_at_once() {
    let server = TestServer::new().await;
    let visitor = server.waiting_visitor().await;
    let asked = Instant::now();
    let poll = visitor.poll_in_background();
    pass(Duration::from_millis(10)).await;
    server.app.shutdown.cancel();
    poll.await.unwrap().empty();
    assert!(asked.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_poll_before_init_waits_for_it() {
    let server = TestServer::new().await;
    let mut visitor = server.visitor().await;
    let poll = visitor.poll_in_background();
    seconds(3).await;
    visitor.init().await.ok();
    assert_eq!(poll.await.unwrap().kinds(), ["ChatRequestSuccess"]);
}

#[tokio::test(start_paused = true)]
async fn more_than_a_batch_comes_in_order_over_several() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let mut said = Vec::new();
    for n in 0..250 {
        agent.say(&chat, &n.to_string()).await;
        said.push(n.to_string());
    }
    let first = visitor.poll().await;
    assert!(first.offset() < first.latest_offset());
    let mut seen = first.texts();
    while seen.len() < said.len() {
        seen.extend(visitor.poll().await.texts());
    }
    assert_eq!(seen, said);
}

#[tokio::test(start_paused = true)]
async fn post_headers_show_that_a_poll_is_behind() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    agent.say(&chat, "unheard").await;
    let posted = visitor.say("hello?").await.ok();
    assert!(posted.latest_offset() > visitor.offset.unwrap());
    let polled = visitor.poll().await;
    assert_eq!(polled.offset(), posted.latest_offset());
}

#[tokio::test(start_paused = true)]
async fn unknown_query_items_are_ignored() {
    let server = TestServer::new().await;
    let visitor = server.waiting_visitor().await;
    let answer = visitor
        .get("System/Messages?pc=17&Messages.x=%5B&ack=-1&ack=9")
        .await;
    assert_eq!(answer.kinds(), ["ChatRequestSuccess"]);
}
