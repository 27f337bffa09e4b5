//! Answers have at most a mebibyte: what does not fit comes with the next one.

use serde_json::{Value, json};

use crate::{
    actors::Agent,
    server::{TestResponse, TestServer, seconds},
};

const ANSWER_MAX_BYTES: usize = 1024 * 1024;

/// Writes so many of the longest messages into a chat.
async fn fill(agent: &Agent, chat: &str, messages: usize) {
    for n in 0..messages {
        let text = format!("{n:04}{}", "x".repeat(16 * 1024 - 4));
        agent.say(chat, &text).await;
    }
}

#[track_caller]
fn small(answer: TestResponse) -> TestResponse {
    let bytes = answer.text.len();
    assert!(bytes <= ANSWER_MAX_BYTES, "{bytes} bytes");
    answer
}

fn number(text: &str) -> Option<usize> {
    text.get(..4)?.parse().ok()
}

/// The numbers of the long messages among events or entries of a transcript.
fn numbers(entries: &Value, field: &str) -> Vec<usize> {
    let entries = entries.as_array().unwrap().iter();
    entries
        .filter_map(|entry| number(entry[field].as_str()?))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_batch_has_as_many_messages_as_fit() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    fill(&agent, &chat, 150).await;
    let mut heard = Vec::new();
    for batch in 0..3 {
        // Each is lost once, and comes again as it was.
        let lost = small(visitor.poll_acking(visitor.ack).await).json();
        let answer = small(visitor.poll().await);
        assert_eq!(answer.json(), lost, "{batch}");
        let texts = answer.texts();
        heard.extend(texts.iter().filter_map(|text| number(text)));
    }
    assert_eq!(heard, (0..150).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn session_data_have_the_newest_events_and_the_history_has_those_before() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    visitor.say("hello").await.ok();
    fill(&agent, &chat, 150).await;
    visitor.fetch_all().await;
    visitor.reconnect(&server).await;
    visitor.ack = -1;
    let data = small(visitor.poll().await).message("ChasitorSessionData");
    assert_eq!(data["hasEarlier"], true);
    let mut seen = numbers(&data["chatMessages"], "content");
    assert_eq!(seen.last(), Some(&149));
    let mut before = data["chatMessages"][0]["sequence"].as_i64().unwrap();
    let event = data["chatMessages"][0]["eventId"].as_str().unwrap();
    let thread = event.rsplit_once('_').unwrap().0;
    loop {
        let path = format!("Visitor/History/{thread}?before={before}");
        let page = small(visitor.get(&path).await).message("Thread");
        seen.splice(..0, numbers(&page["events"], "text"));
        if page["has_earlier_events"] != true {
            assert!(page["events"][0]["id"].as_str().unwrap().ends_with("_1"));
            break;
        }
        let first = page["events"][0]["id"].as_str().unwrap();
        before = first.rsplit_once('_').unwrap().1.parse().unwrap();
    }
    assert_eq!(seen, (0..150).collect::<Vec<_>>());

    // A page that was asked for is not full of bytes, but has others before it.
    let path = format!("Visitor/History/{thread}?limit=10");
    let page = visitor.get(&path).await.message("Thread");
    assert_eq!(
        numbers(&page["events"], "text"),
        (140..150).collect::<Vec<_>>()
    );
    assert_eq!(page["has_earlier_events"], true);
}

#[tokio::test(start_paused = true)]
async fn the_history_lists_all_conversations() {
    let server = TestServer::new().await;
    let agent = server.agent();
    let mut known: Option<String> = None;
    let mut last = None;
    for _ in 0..80 {
        let mut visitor = server.visitor().await;
        visitor.init_with(json!({ "visitorId": known })).await.ok();
        let success = visitor.poll().await.message("ChatRequestSuccess");
        known = Some(success["visitorId"].as_str().unwrap().to_owned());
        let chat = agent.accept().await;
        fill(&agent, &chat, 1).await;
        visitor.post("ChatEnd", json!({})).await.ok();
        seconds(1).await;
        last = Some(visitor);
    }
    let history = small(last.unwrap().get("Visitor/History").await).message("History");
    let threads = history["threads"].as_array().unwrap();
    assert_eq!(threads.len(), 80);
    let shown = threads
        .iter()
        .filter(|it| it["last_event"].is_object())
        .count();
    assert!((55..80).contains(&shown), "{shown}");
    assert!(
        threads[..shown]
            .iter()
            .all(|it| it["last_event"].is_object())
    );
}
