//! Answers have at most a mebibyte: what does not fit is on the next page.

use serde_json::{Value, json};

use crate::actors::{Agent, Console, TestServer, Visitor, ids};

const ANSWER_MAX_BYTES: usize = 1024 * 1024;

/// The longest text of a message.
fn long_text(n: usize) -> String {
    format!("{n:04}{}", "x".repeat(16 * 1024 - 4))
}

/// Writes so many of the longest messages into a chat.
async fn fill(agent: &Agent, chat: &str, messages: usize) {
    for n in 0..messages {
        agent.say(chat, &long_text(n)).await;
    }
}

#[track_caller]
fn small(answer: Value) -> Value {
    let bytes = answer.to_string().len();
    assert!(bytes <= ANSWER_MAX_BYTES, "{bytes} bytes");
    answer
}

/// The numbers of the long messages in a thread.
fn numbers(thread: &Value) -> Vec<usize> {
    let events = thread["events"].as_array().unwrap();
    let texts = events.iter().filter_map(|event| event["text"].as_str());
    texts
        .filter_map(|text| text.get(..4)?.parse().ok())
        .collect()
}

#[tokio::test]
async fn a_long_conversation_is_read_from_its_end() {
    let server = TestServer::new().await;
    let _visitor = Visitor::waits(&server, "Jon").await;
    let id = server.ada.only_chat().await;
    server.ada.accept(&id).await;
    fill(&server.ada, &id, 150).await;

    let mut chat = small(server.ada.chat(&id).await);
    let mut seen = numbers(&chat["thread"]);
    assert!(seen.len() >= 60, "{}", seen.len());
    let mut parts = 1;
    while chat["thread"]["has_earlier_events"] == true {
        let before = &chat["thread"]["events"][0]["id"];
        let earlier = json!({ "chat_id": id, "events_before": before });
        chat = small(server.ada.act("get_chat", earlier).await);
        seen.splice(..0, numbers(&chat["thread"]));
        parts += 1;
    }
    assert_eq!(seen, (0..150).collect::<Vec<_>>());
    assert_eq!(parts, 3);
    assert_eq!(
        chat["thread"]["events"][0]["id"]
            .as_str()
            .unwrap()
            .rsplit('_')
            .next(),
        Some("1")
    );

    for before in ["nonsense", "OTHER_3"] {
        let elsewhere = json!({ "chat_id": id, "events_before": before });
        server.ada.is_invalid("get_chat", elsewhere).await;
    }
}

#[tokio::test]
async fn archives_have_as_many_threads_on_a_page_as_fit() {
    let server = TestServer::new().await;
    // Two fit together; the fourth alone does not.
    let messages = [25, 25, 25, 100, 25];
    let mut chats = Vec::new();
    for (n, messages) in messages.into_iter().enumerate() {
        let mut visitor = Visitor::waits(&server, &format!("V{n}")).await;
        let id = server.ada.chats().await.remove(0);
        server.ada.accept(&id).await;
        fill(&server.ada, &id, messages).await;
        visitor.end().await;
        chats.push(id);
    }
    for filters in [None, Some(json!({"from": "2000-01-01T00:00:00Z"}))] {
        let first = json!({"limit": 100, "sort_order": "asc", "filters": filters});
        let first = small(server.ada.act("list_archives", first).await);
        assert_eq!(first["found_chats"], 5);
        assert!(first.get("previous_page_id").is_none());
        let mut pages = vec![ids(&first["chats"])];
        let mut page = first.clone();
        while let Some(next) = page.get("next_page_id") {
            page = small(
                server
                    .ada
                    .act("list_archives", json!({ "page_id": next }))
                    .await,
            );
            pages.push(ids(&page["chats"]));
            for chat in page["chats"].as_array().unwrap() {
                let is_large = chat["id"] == chats[3].as_str();
                let thread = &chat["thread"];
                assert_eq!(thread["has_earlier_events"] == true, is_large);
                assert_eq!(
                    numbers(thread).last(),
                    Some(&if is_large { 99 } else { 24 })
                );
            }
        }
        let of = |chats: &[String]| chats.to_vec();
        let expected = [
            of(&chats[..2]),
            of(&chats[2..3]),
            of(&chats[3..4]),
            of(&chats[4..]),
        ];
        assert_eq!(pages, expected);
        let mut back = Vec::new();
        while let Some(previous) = page.get("previous_page_id") {
            let previous = json!({ "page_id": previous });
            page = small(server.ada.act("list_archives", previous).await);
            back.splice(..0, ids(&page["chats"]));
        }
        assert_eq!(back, chats[..4]);
    }
}

#[tokio::test]
async fn threads_have_as_many_on_a_page_as_fit() {
    let server = TestServer::new().await;
    let _visitor = Visitor::waits(&server, "Jon").await;
    let id = server.ada.only_chat().await;
    server.ada.accept(&id).await;
    for n in 0..4 {
        if n > 0 {
            server
                .ada
                .done("deactivate_chat", json!({ "id": id }))
                .await;
            server
                .ada
                .act("resume_chat", json!({"chat": { "id": id }}))
                .await;
        }
        fill(&server.ada, &id, 25).await;
    }
    let all = json!({"chat_id": id, "limit": 100});
    let mut page = small(server.ada.act("list_threads", all).await);
    let mut pages = vec![ids(&page["threads"])];
    while let Some(next) = page.get("next_page_id") {
        let next = json!({ "chat_id": id, "page_id": next });
        page = small(server.ada.act("list_threads", next).await);
        pages.push(ids(&page["threads"]));
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
}

/// A visitor with a large last event of two types.
async fn talks_much(server: &TestServer, name: &str) -> Visitor {
    let mut visitor = Visitor::waits(server, name).await;
    visitor.say(&long_text(0)).await;
    let content = "y".repeat(30 * 1024);
    let data = json!({ "content": content }).to_string();
    let custom = json!({ "type": "order", "data": data });
    visitor.post("CustomEvent", custom).await;
    visitor
}

/// Visitors who have filled in as much as a form takes, and pages that say as much
/// of them as they may.
#[tokio::test]
async fn login_leaves_out_details_that_do_not_fit() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let answers = ["y".repeat(16 * 1024), "z".repeat(16 * 1024)];
    for n in 0..100 {
        let details = answers.each_ref().map(|answer| {
            json!({"label": "Why?", "value": answer, "transcriptFields": [], "displayToAgent": true})
        });
        let arriving = json!({"visitorName": format!("V{n}"), "prechatDetails": details});
        Visitor::comes(&server, arriving).await;
    }
    let (_console, welcome) = Console::since(address, &server.ada.token, None).await;
    let welcome = small(welcome);
    let chats = welcome["chats_summary"].as_array().unwrap();
    assert_eq!(chats.len(), 100);
    let customer = |chat: &Value| chat["users"][0].clone();
    let has_details = |chat: &Value| customer(chat)["session_fields"].is_array();
    assert!(has_details(&chats[0]) && !has_details(&chats[99]));
    for chat in chats {
        assert!(customer(chat)["name"].as_str().unwrap().starts_with('V'));
        assert!(chat["last_thread_summary"]["queue"].is_object());
    }
    let last = chats[99]["id"].as_str().unwrap();
    assert!(has_details(&server.ada.chat(last).await));
}

#[tokio::test]
async fn chats_are_listed_as_many_as_fit_and_all_of_them_at_login() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut visitors = Vec::new();
    for n in 0..50 {
        visitors.push(talks_much(&server, &format!("V{n}")).await);
    }
    let mut page = small(server.ada.act("list_chats", json!({"limit": 100})).await);
    let first = ids(&page["chats_summary"]);
    assert!((15..40).contains(&first.len()), "{}", first.len());
    let mut all = first;
    while let Some(next) = page.get("next_page_id") {
        page = small(
            server
                .ada
                .act("list_chats", json!({ "page_id": next }))
                .await,
        );
        all.extend(ids(&page["chats_summary"]));
    }
    assert_eq!(page["found_chats"], 50);
    let mut once = all.clone();
    once.sort();
    once.dedup();
    assert_eq!((all.len(), once.len()), (50, 50));

    let (_console, welcome) = Console::since(address, &server.ada.token, None).await;
    let welcome = small(welcome);
    let summaries = welcome["chats_summary"].as_array().unwrap();
    assert_eq!(ids(&welcome["chats_summary"]), all);
    let texts = |summary: &Value| summary["last_event_per_type"]["message"].is_object();
    assert!(texts(&summaries[0]) && !texts(&summaries[49]));
}
