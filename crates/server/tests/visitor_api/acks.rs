//! A batch is kept until the client acknowledges it.

use crate::{
    actors::{Ack, OldClient},
    server::{TestServer, seconds},
};

#[tokio::test(start_paused = true)]
async fn a_repeated_ack_gets_the_same_batch_again() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    agent.say(&chat, "one").await;
    let lost = visitor.poll_acking(visitor.ack).await;
    agent.say(&chat, "two").await;
    let again = visitor.poll_acking(visitor.ack).await;
    assert_eq!(again.texts(), ["one"]);
    assert_eq!(again.sequence(), lost.sequence());
    assert_eq!(again.offset(), lost.offset());
    assert!(again.latest_offset() > again.offset());
    visitor.record_poll(&again);
    let next = visitor.poll().await;
    assert_eq!(next.texts(), ["two"]);
    assert_eq!(next.sequence(), lost.sequence() + 1);
}

#[tokio::test(start_paused = true)]
async fn the_first_batch_too_is_kept() {
    let server = TestServer::new().await;
    let mut visitor = server.visitor().await;
    visitor.init().await.ok();
    for first_ack in [-1, -1, -1] {
        let answer = visitor.poll_acking(first_ack).await;
        assert_eq!(answer.kinds(), ["ChatRequestSuccess"]);
        assert_eq!(answer.sequence(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_answer_keeps_the_ack() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let ack = visitor.ack;
    visitor.poll().await.empty();
    visitor.poll().await.empty();
    assert_eq!(visitor.ack, ack);
    agent.say(&chat, "one").await;
    let answer = visitor.poll().await;
    assert_eq!(
        (answer.texts(), answer.sequence()),
        (vec!["one".to_owned()], ack + 1)
    );
}

#[tokio::test(start_paused = true)]
async fn without_any_ack_each_message_comes_once() {
    let server = TestServer::new().await;
    let mut client = OldClient::connect(&server, Ack::Never).await;
    client.init().await;
    client.poll().await;
    let agent = server.agent();
    let chat = agent.accept().await;
    for n in 0..5 {
        agent.say(&chat, &n.to_string()).await;
        client.poll().await;
    }
    client.poll().await.empty();
    let expected = [
        "ChatRequestSuccess",
        "ChatEstablished",
        "0",
        "1",
        "2",
        "3",
        "4",
    ];
    assert_eq!(client.seen, expected);
}

/// Whether or not polls were empty before, and wherever the client starts.
#[tokio::test(start_paused = true)]
async fn a_client_that_counts_its_ack_gets_each_message_once() {
    for begins_at in [-1, 0, 1] {
        for empty_polls in [0, 1, 3] {
            let server = TestServer::new().await;
            let mut client = OldClient::connect(&server, Ack::Counted).await;
            client.next_ack = begins_at;
            for _ in 0..empty_polls {
                client.poll().await.empty();
            }
            client.init().await;
            client.poll().await;
            let agent = server.agent();
            let chat = agent.accept().await;
            client.poll().await;
            for n in 0..5 {
                agent.say(&chat, &n.to_string()).await;
                client.poll().await;
                if n == 2 {
                    client.poll().await.empty();
                }
            }
            let expected = [
                "ChatRequestSuccess",
                "ChatEstablished",
                "0",
                "1",
                "2",
                "3",
                "4",
            ];
            assert_eq!(
                client.seen, expected,
                "from {begins_at}, {empty_polls} empty"
            );
        }
    }
}

/// Some clients that copy the sequence start with `0` too: they do not count.
#[tokio::test(start_paused = true)]
async fn a_client_that_repeats_ack_0_gets_the_batch_again() {
    let server = TestServer::new().await;
    let mut visitor = server.visitor().await;
    visitor.init().await.ok();
    for _ in 0..3 {
        assert_eq!(visitor.poll_acking(0).await.sequence(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_served_message_is_not_replaced_by_a_newer_one() {
    let server = TestServer::new().await;
    let (visitor, agent, chat) = server.visitor_with_agent().await;
    agent.types(&chat, true).await;
    assert_eq!(
        visitor.poll_acking(visitor.ack).await.kinds(),
        ["AgentTyping"]
    );
    agent.say(&chat, "one").await;
    seconds(1).await;
    // Its response was lost: the same batch is sent again, unchanged.
    assert_eq!(
        visitor.poll_acking(visitor.ack).await.kinds(),
        ["AgentTyping"]
    );
}

#[tokio::test(start_paused = true)]
async fn an_ack_that_is_no_number_counts_as_absent() {
    let server = TestServer::new().await;
    let (visitor, agent, chat) = server.visitor_with_agent().await;
    agent.say(&chat, "one").await;
    let answer = visitor.get("System/Messages?ack=undefined").await;
    assert_eq!(answer.texts(), ["one"]);
    assert_eq!(visitor.poll_acking(i64::MIN).await.texts(), ["one"]);
    visitor.poll_acking(i64::MAX).await.empty();
}
