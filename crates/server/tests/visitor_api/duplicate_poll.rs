//! A second poll while one is open, and how the poll numbers of our own client
//! keep it from being fatal.

use std::time::Duration;

use crate::server::{TestServer, pass, seconds};

#[tokio::test(start_paused = true)]
async fn two_polls_end_the_chat() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let first = visitor.poll_in_background();
    seconds(1).await;
    visitor.poll_acking(visitor.ack).await.status(409);
    let last = first.await.unwrap();
    assert_eq!(last.message("ChatEnded")["reason"], "client");
    visitor.record_poll(&last);
    assert_eq!(agent.thread(&chat).await["active"], false);
    visitor.poll().await.status(403);
    visitor.say("hello?").await.status(403);
}

#[tokio::test(start_paused = true)]
async fn a_poll_whose_connection_is_gone_is_not_open() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    for _ in 0..3 {
        let gone = visitor.poll_in_background();
        seconds(1).await;
        gone.abort();
        agent.say(&chat, "one").await;
        assert_eq!(visitor.poll().await.texts(), ["one"]);
    }
}

/// The server may notice a closed connection a little later than the client.
#[tokio::test(start_paused = true)]
async fn a_connection_that_closes_late_is_waited_for() {
    let server = TestServer::new().await;
    let (visitor, agent, chat) = server.visitor_with_agent().await;
    let gone = visitor.poll_in_background();
    seconds(1).await;
    let next = visitor.poll_in_background();
    pass(Duration::from_millis(300)).await;
    gone.abort();
    pass(Duration::from_millis(400)).await;
    agent.say(&chat, "one").await;
    assert_eq!(next.await.unwrap().texts(), ["one"]);
}

#[tokio::test(start_paused = true)]
async fn a_greater_poll_number_supersedes_the_poll_before() {
    let server = TestServer::new().await;
    let (visitor, agent, chat) = server.visitor_with_agent().await;
    let poll = |number: u64| {
        let visitor = visitor.clone();
        let path = format!("System/Messages?ack={}&poll={number}", visitor.ack);
        tokio::spawn(async move { visitor.get(&path).await })
    };
    let first = poll(10);
    seconds(1).await;
    let second = poll(11);
    first.await.unwrap().empty();
    // Delayed copies of polls that are over.
    for late in [10, 11, 3] {
        let answer = poll(late).await.unwrap().empty();
        assert_eq!(answer.latest_offset(), visitor.offset.unwrap());
    }
    agent.say(&chat, "one").await;
    assert_eq!(second.await.unwrap().texts(), ["one"]);
    assert_eq!(poll(12).await.unwrap().texts(), ["one"]);
}

/// A reloaded page, or one whose clock was set back, may start from any number
/// after the hand-over.
#[tokio::test(start_paused = true)]
async fn poll_numbers_begin_anew_after_a_hand_over() {
    let server = TestServer::new().await;
    let (mut visitor, _agent, _chat) = server.visitor_with_agent().await;
    let path = format!("System/Messages?ack={}&poll=1000", visitor.ack);
    visitor.get(&path).await.empty();
    visitor.reconnect(&server).await;
    let answer = visitor.get("System/Messages?ack=-1&poll=1").await;
    assert_eq!(answer.kinds(), ["ChasitorSessionData"]);
}
