//! Read receipts.

use serde_json::{Value, json};

use crate::{
    actors::Agent,
    postbacks::posts,
    server::{TestResponse, TestServer, seconds},
};

/// When an event was written.
async fn written(agent: &Agent, chat: &str, id: &str) -> String {
    let thread = agent.thread(chat).await;
    let events = thread["events"].as_array().unwrap();
    let event = events.iter().find(|event| event["id"] == id).unwrap();
    event["created_at"].as_str().unwrap().to_owned()
}

async fn marks(agent: &Agent, chat: &str, up_to: &str) {
    let payload = json!({ "chat_id": chat, "seen_up_to": up_to });
    agent.act("mark_events_as_seen", payload).await;
}

fn seen(answer: &TestResponse) -> Value {
    let custom = answer.message("CustomEvent");
    assert_eq!(custom["type"], "events_marked_as_seen");
    serde_json::from_str(custom["data"].as_str().unwrap()).unwrap()
}

fn id_of(answer: &TestResponse) -> String {
    answer.header("x-chat-event-id").unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn the_visitor_gets_read_receipts_of_their_agent() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let first = id_of(&visitor.say("one").await.ok());
    let first = written(&agent, &chat, &first).await;
    seconds(1).await;
    let second = id_of(&visitor.say("two").await.ok());
    let second = written(&agent, &chat, &second).await;
    marks(&agent, &chat, &first).await;
    let expected = json!({ "user_id": agent.id, "seen_up_to": first });
    assert_eq!(seen(&visitor.poll().await), expected);
    // A repeated or earlier receipt is not sent.
    marks(&agent, &chat, &first).await;
    marks(&agent, &chat, "2020-01-01T00:00:00Z").await;
    visitor.poll().await.empty();
    // A time in the future is cut to now.
    marks(&agent, &chat, "2999-01-01T00:00:00Z").await;
    assert_eq!(seen(&visitor.poll().await)["seen_up_to"], second.as_str());
    visitor.reconnect(&server).await;
    let data = visitor.poll().await.message("ChasitorSessionData");
    assert_eq!(data["seenUpTo"], second.as_str());
}

#[tokio::test(start_paused = true)]
async fn private_notes_do_not_count_as_seen_by_the_visitor() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let public = id_of(&visitor.say("one").await.ok());
    let public = written(&agent, &chat, &public).await;
    seconds(1).await;
    agent.note(&chat, "between us").await;
    let thread = agent.thread(&chat).await;
    let note = thread["events"].as_array().unwrap().last().unwrap().clone();
    let note = note["created_at"].as_str().unwrap();
    marks(&agent, &chat, note).await;
    assert_eq!(seen(&visitor.poll().await)["seen_up_to"], public.as_str());
    // Supervisors are not known to the visitor.
    let ryan = server.colleague("Ryan").await;
    seconds(1).await;
    visitor.say("two").await.ok();
    marks(&ryan, &chat, "2999-01-01T00:00:00Z").await;
    visitor.poll().await.empty();

    // The receipt of a visitor covers only events that they can see.
    let data = json!({ "seen_up_to": note });
    posts(&mut visitor, "events_marked_as_seen", data)
        .await
        .ok();
    let shown = agent.act("get_chat", json!({ "chat_id": chat })).await;
    assert_eq!(shown["users"][0]["events_seen_up_to"], public.as_str());
}

#[tokio::test(start_paused = true)]
async fn a_waiting_visitor_gets_no_read_receipts() {
    let server = TestServer::new().await;
    let mut visitor = server.waiting_visitor().await;
    let agent = server.agent();
    let chat = agent.waiting().await.remove(0);
    visitor.say("anybody?").await.ok();
    marks(&agent, &chat, "2999-01-01T00:00:00Z").await;
    visitor.poll().await.empty();
    visitor.reconnect(&server).await;
    let data = visitor.poll().await.message("ChasitorSessionData");
    assert_eq!(data.get("seenUpTo"), None);
}

#[tokio::test(start_paused = true)]
async fn agents_get_read_receipts_of_the_visitor() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let first = agent.say(&chat, "one").await;
    let first = written(&agent, &chat, &first).await;
    seconds(1).await;
    let second = agent.say(&chat, "two").await;
    let second = written(&agent, &chat, &second).await;
    for (said, counts) in [
        (first.as_str(), &first),
        ("2020-01-01T00:00:00Z", &first),
        (second.as_str(), &second),
        ("2999-01-01T00:00:00Z", &second),
        (first.as_str(), &second),
    ] {
        let data = json!({ "seen_up_to": said });
        let answer = posts(&mut visitor, "events_marked_as_seen", data).await;
        assert_eq!(answer.ok().header("x-chat-event-id"), None);
        let shown = agent.act("get_chat", json!({ "chat_id": chat })).await;
        assert_eq!(shown["users"][0]["events_seen_up_to"], counts.as_str());
    }
    visitor.poll().await.status(200);
    visitor.poll().await.empty();
}
