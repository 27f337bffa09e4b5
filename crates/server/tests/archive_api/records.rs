//! Every field of a record.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    actors::{TestServer, Visitor},
    program::Program,
};

const AGENT: &str = "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) \
     Chrome/35.0.1916.153 Safari/537.36";

/// The machine's clock stands still meanwhile, so that the time goes on at half the speed
/// (`Clock::system_after`).
async fn seconds(n: u64) {
    sleep(Duration::from_secs(2 * n)).await;
}

/// The types of a history, with the words or the name.
fn shown(history: &Value) -> Vec<String> {
    let entry = |entry: &Value| {
        let word = entry
            .get("msg")
            .or(entry.get("new_rating"))
            .or(entry.get("new_comment"));
        let word = word.unwrap_or(&entry["name"]).as_str().unwrap_or_default();
        format!(
            "{} {word}",
            entry["type"].as_str().unwrap().trim_start_matches("chat.")
        )
    };
    history.as_array().unwrap().iter().map(entry).collect()
}

#[tokio::test(start_paused = true)]
async fn a_chat_is_recorded_whole() {
    let server = TestServer::new().await;
    let mut visitor = Visitor::comes(
        &server,
        json!({
            "visitorName": "Jon", "userAgent": AGENT, "language": "en",
            "referrer": "https://search.example/", "url": "https://shop.example/hats",
            "pageTitle": "Hats",
        }),
    )
    .await;
    let chat = server.ada.only_chat().await;
    seconds(5).await;
    server.ada.accept(&chat).await;
    visitor.say("Where is my order?").await;
    seconds(10).await;
    server.ada.say(&chat, "Let me look").await;
    seconds(20).await;
    visitor.say("Thanks").await;
    seconds(30).await;
    server
        .ada
        .send(
            &chat,
            json!({
                "type": "rich_message", "template_id": "quick_replies",
                "elements": [{"title": "Anything else?", "buttons": [
                    {"type": "message", "text": "Yes", "postback_id": "y", "value": "Yes"},
                    {"type": "message", "text": "No", "postback_id": "n", "value": "No"},
                ]}],
            }),
        )
        .await;
    server.ada.note(&chat, "A note").await;
    visitor
        .post(
            "CustomEvent",
            json!({
                "type": "rating", "data": "{\"score\":\"good\",\"comment\":\"Great!\"}",
            }),
        )
        .await;
    seconds(5).await;
    visitor.end().await;

    let program = Program::of(&server);
    let record = program.gets("/chats").await["chats"][0].clone();
    let begun = record["timestamp"].as_str().unwrap();
    assert_eq!((begun.len(), &record["duration"]), (20, &json!(70)));
    assert_eq!(record["type"], "chat");
    assert!(record.get("message").is_none());
    assert_eq!(
        record["response_time"],
        json!({"first": 15, "avg": 23, "max": 30})
    );
    assert_eq!(
        record["count"],
        json!({"agent": 2, "visitor": 2, "total": 4})
    );
    assert_eq!(record["agent_ids"], json!([server.ada.id]));
    assert_eq!(record["agent_names"], json!(["Ada"]));
    assert_eq!(
        (&record["department_id"], &record["department_name"]),
        (&json!(1), &json!("Support"))
    );
    assert_eq!(
        (&record["missed"], &record["unread"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(
        (&record["rating"], &record["comment"]),
        (&json!("good"), &json!("Great!"))
    );
    assert_eq!(
        (&record["started_by"], &record["tags"]),
        (&json!("visitor"), &json!([]))
    );
    assert_eq!(
        (&record["triggered"], &record["triggered_response"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(
        (&record["conversions"], &record["zendesk_ticket_id"]),
        (&json!([]), &Value::Null)
    );
    let visitor = &record["visitor"];
    assert_eq!(
        (&visitor["name"], &visitor["email"]),
        (&json!("Jon"), &json!(""))
    );
    let session = &record["session"];
    assert_eq!(
        (&session["browser"], &session["platform"]),
        (&json!("Chrome"), &json!("Windows 7"))
    );
    assert_eq!(
        (&session["user_agent"], &session["start_date"]),
        (&json!(AGENT), &record["timestamp"])
    );
    assert_eq!(session["end_date"], record["end_timestamp"]);
    assert_eq!(
        shown(&record["history"]),
        [
            "memberjoin Jon",
            "memberjoin Ada",
            "msg Where is my order?",
            "msg Let me look",
            "msg Thanks",
            "msg Anything else?\n[Yes] [No]",
            "rating good",
            "comment Great!",
            "memberleave Jon",
            "memberleave Ada",
        ]
    );
    let history = &record["history"];
    assert_eq!(history[5]["options"], "Yes/No");
    let id = record["id"].as_str().unwrap();
    assert_eq!(history[2]["channel"], format!("#supportchat:{id}"));
    assert_eq!(
        history[2]["nick"],
        format!("visitor:{}", visitor["id"].as_str().unwrap())
    );
    assert_eq!(history[3]["nick"], format!("agent:{}", server.ada.id));
    assert_eq!(history[1]["nick"], history[3]["nick"]);
    assert!(history[2]["event_id"].as_str().unwrap().starts_with(id));
    let pages = record["webpath"].as_array().unwrap();
    assert_eq!(pages.len(), 1, "{pages:?}");
    assert_eq!(pages[0]["from"], "https://search.example/");
    assert_eq!(
        (&pages[0]["to"], &pages[0]["title"]),
        (&json!("https://shop.example/hats"), &json!("Hats"))
    );
}

#[tokio::test(start_paused = true)]
async fn agents_come_and_go_in_the_history() {
    let server = TestServer::new().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    let chat = server.ada.only_chat().await;
    server.ada.accept(&chat).await;
    let target = json!({"id": chat, "target": {"type": "agent", "ids": [server.bob.id]}});
    server.ada.done("transfer_chat", target).await;
    server.bob.say(&chat, "Hello").await;
    visitor.end().await;
    let record = Program::of(&server).gets("/chats").await["chats"][0].clone();
    assert_eq!(
        shown(&record["history"]),
        [
            "memberjoin Jon",
            "memberjoin Ada",
            "memberleave Ada",
            "memberjoin Bob",
            "msg Hello",
            "memberleave Jon",
            "memberleave Bob",
        ]
    );
    assert_eq!(record["agent_names"], json!(["Ada", "Bob"]));
}

#[tokio::test(start_paused = true)]
async fn a_missed_chat_waits_for_somebody_to_see_it() {
    let server = TestServer::new().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    visitor.say("Anybody?").await;
    visitor.end().await;
    let record = Program::of(&server).gets("/chats").await["chats"][0].clone();
    assert_eq!(
        (&record["missed"], &record["unread"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(
        record["response_time"],
        json!({"first": null, "avg": null, "max": null})
    );
    assert_eq!(record["agent_ids"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn an_agent_who_begins_a_chat_answers_nobody() {
    let server = TestServer::new().await;
    let started = json!({"chat": {"thread": {"events": [{"type": "message", "text": "Hello"}]}}});
    let started = server.ada.act("start_chat", started).await;
    let chat = json!({"id": started["chat_id"]});
    server.ada.done("deactivate_chat", chat).await;
    let record = Program::of(&server).gets("/chats").await["chats"][0].clone();
    assert_eq!(
        (&record["started_by"], &record["missed"]),
        (&json!("agent"), &json!(false))
    );
    assert_eq!(record["response_time"]["first"], Value::Null);
    assert_eq!(
        record["count"],
        json!({"agent": 1, "visitor": 0, "total": 1})
    );
}
