//! Whole conversations of clients that were written for the retired service.

use serde_json::json;

use crate::{
    actors::{Ack, OldClient},
    server::{TestServer, seconds},
};

/// Two messages each way and the end, polling as the client polls.
async fn converse(mut client: OldClient, server: &TestServer) -> OldClient {
    client.init().await;
    seconds(1).await;
    let agent = server.agent();
    let chat = agent.accept().await;
    client.poll().await.status(200);
    client.say("hi").await;
    agent.say(&chat, "one").await;
    client.poll().await.status(200);
    client.poll().await.empty();
    client.say("thanks").await;
    agent.say(&chat, "two").await;
    client.poll().await.status(200);
    let end = json!({ "type": "ChatEndReason", "reason": "client" });
    client.post("Chasitor/ChatEnd", &end).await.ok();
    client.poll().await.status(200);
    client.poll().await.status(403);
    assert_eq!(agent.log(&chat).await, ["hi", "one", "thanks", "two"]);
    let expected = [
        "ChatRequestSuccess",
        "ChatEstablished",
        "one",
        "two",
        "ChatEnded",
    ];
    assert_eq!(client.seen, expected);
    client
}

#[tokio::test(start_paused = true)]
async fn each_old_client_holds_a_conversation() {
    for ack in [Ack::Copied, Ack::Never, Ack::Counted] {
        for content_type in [
            None,
            Some("text/plain"),
            Some("application/json; charset=utf-8"),
        ] {
            for number in [None, Some(0)] {
                let server = TestServer::new().await;
                let mut client = OldClient::connect(&server, ack).await;
                client.content_type = content_type;
                client.number = number;
                converse(client, &server).await;
            }
        }
    }
}

/// Many clients do not know that the token changes: they always send `null`.
#[tokio::test(start_paused = true)]
async fn an_old_client_that_always_sends_null_is_served() {
    let server = TestServer::new().await;
    let mut client = OldClient::connect(&server, Ack::Copied).await;
    client.affinity = "null".to_owned();
    converse(client, &server).await;
}

/// A chat and its end in one request, written at once.
#[tokio::test(start_paused = true)]
async fn an_old_client_that_batches_everything() {
    let server = TestServer::new().await;
    let mut client = OldClient::connect(&server, Ack::Never).await;
    client.init().await;
    let agent = server.agent();
    let chat = agent.accept().await;
    let nouns = json!({ "nouns": [
        { "prefix": "Chasitor", "noun": "ChasitorTyping", "object": {} },
        { "prefix": "Chasitor", "noun": "ChasitorSneakPeek", "object": { "position": 0, "text": "bye" } },
        { "prefix": "Chasitor", "noun": "ChasitorNotTyping", "object": {} },
        { "prefix": "Chasitor", "noun": "ChatMessage", "object": { "text": "bye" } },
        { "prefix": "Chasitor", "noun": "ChatEnd", "object": {} },
    ] });
    client.post("System/MultiNoun", &nouns).await.ok();
    client.poll().await;
    assert_eq!(client.seen.last().unwrap(), "ChatEnded");
    assert_eq!(agent.log(&chat).await, ["bye"]);
}
