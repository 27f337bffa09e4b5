//! Pre-chat details with `displayToAgent: false` are kept, and shown to no agent.

use parlor_server::store::row::Thread;
use serde_json::{Value, json};

use crate::actors::{Console, TestServer, Visitor};

const SECRET: &str = "jon.hidden@example.com";
const LABEL: &str = "E-mail Address";

/// Answers of which the first is hidden from agents; clients send them twice, as details
/// and as a form.
fn answers(is_shown: Value) -> Value {
    json!({
        "visitorName": "Jon",
        "prechatDetails": [
            { "label": LABEL, "value": SECRET, "transcriptFields": ["c__EmailAddress"],
              "displayToAgent": is_shown },
            { "label": "Topic", "value": "A cup", "displayToAgent": true },
            { "label": "Order", "value": "4711" },
        ],
        "prechatForm": { "form_id": "f", "form_type": "prechat", "fields": [
            { "type": "email", "id": "e", "label": " e-mail address", "answer": SECRET },
            { "type": "question", "id": "t", "label": "Topic", "answer": "A cup" },
        ] },
    })
}

async fn stored(server: &TestServer, thread: &str) -> Thread {
    let mut tx = server.write().await;
    tx.thread(&thread.into()).await.unwrap().unwrap()
}

/// Everything that an agent can ask for, and everything that is pushed, as one text.
async fn seen_of(server: &TestServer, details: Value) -> String {
    let address = server.listen().await;
    let mut console = Console::of(address, &server.ada.token).await;
    let mut visitor = Visitor::comes(server, details).await;
    let id = server.ada.only_chat().await;
    server.ada.accept(&id).await;
    visitor.say("hello").await;
    let page = json!({ "location": "https://shop.example/tea" });
    visitor.post_to("Visitor/Breadcrumb", page).await;
    let to_bob = json!({ "id": id, "target": { "type": "agent", "ids": [server.bob.id] } });
    server.ada.done("transfer_chat", to_bob).await;
    let chat = server.ada.chat(&id).await;
    let customer = chat["users"][0]["id"].clone();
    let thread = chat["thread"]["id"].as_str().unwrap().to_owned();
    let mut seen = chat.to_string();
    for (action, payload) in [
        ("list_chats", json!({})),
        ("list_threads", json!({ "chat_id": id })),
        ("get_customer", json!({ "id": customer })),
    ] {
        seen += &server.bob.act(action, payload).await.to_string();
    }
    visitor.end().await;
    for (action, payload) in [
        ("list_archives", json!({})),
        ("get_chat", json!({ "chat_id": id, "thread_id": thread })),
    ] {
        seen += &server.bob.act(action, payload).await.to_string();
    }
    for push in console.so_far().await {
        seen += &push.to_string();
    }
    let (_, login) = Console::since(address, &server.ada.token, None).await;
    assert!(seen.contains("incoming_chat") && seen.contains("customer_page_updated"));
    let kept = stored(server, &thread).await.details.0.prechat_details;
    assert_eq!(kept[0].value, SECRET, "records and transcripts need it");
    seen + &login.to_string()
}

#[tokio::test]
async fn what_is_hidden_is_in_nothing_that_agents_receive() {
    for hidden in [json!(false), json!("false")] {
        let server = TestServer::new().await;
        let seen = seen_of(&server, answers(hidden)).await;
        assert!(!seen.contains(SECRET), "{seen}");
        assert!(!seen.to_lowercase().contains("e-mail address"), "{seen}");
        for shown in ["A cup", "4711", "filled_form"] {
            assert!(seen.contains(shown), "{shown} {seen}");
        }
    }
}

#[tokio::test]
async fn what_is_not_hidden_is_shown() {
    for shown in [json!(true), Value::Null] {
        let server = TestServer::new().await;
        let seen = seen_of(&server, answers(shown)).await;
        assert!(seen.contains(SECRET) && seen.contains(LABEL), "{seen}");
    }
}

/// A form of which nothing is left is no event.
#[tokio::test]
async fn a_form_with_hidden_answers_alone_is_not_written() {
    let server = TestServer::new().await;
    let mut answers = answers(json!(false));
    answers["prechatForm"]["fields"]
        .as_array_mut()
        .unwrap()
        .truncate(1);
    let _visitor = Visitor::comes(&server, answers).await;
    let chat = server.ada.chat(&server.ada.only_chat().await).await;
    assert_eq!(chat["thread"]["events"], json!([]));
}

/// The visitor's own client is told what it said.
#[tokio::test]
async fn the_visitor_is_sent_their_own_details() {
    let server = TestServer::new().await;
    let mut visitor = Visitor::comes(&server, answers(json!(false))).await;
    let polled = visitor.poll().await;
    let details = &polled[0].1["customDetails"];
    assert_eq!(details[0]["value"], SECRET);
    assert_eq!(details[0]["displayToAgent"], false);
}

#[tokio::test]
async fn a_message_that_is_left_hides_them_too() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut console = Console::of(address, &server.ada.token).await;
    let mut left = answers(json!(false));
    // The form that the deployment asks to be filled in.
    left["prechatForm"]["fields"] = json!([
        { "type": "email", "id": "email", "label": LABEL, "answer": SECRET },
        { "type": "name", "id": "name", "label": "Name", "answer": "Jon" },
    ]);
    left["offlineMessage"] = json!({ "text": "Call me", "customId": "0123456789abcdef" });
    let _visitor = Visitor::comes(&server, left).await;
    let listed = server.ada.act("list_offline_messages", json!({})).await;
    let message = &listed["messages"][0];
    let names = json!({ "chat_id": message["chat_id"], "thread_id": message["thread_id"] });
    let chat = server.ada.act("get_chat", names).await;
    let mut seen = format!("{listed}{chat}");
    for push in console.so_far().await {
        seen += &push.to_string();
    }
    assert!(seen.contains("Call me") && seen.contains("A cup"), "{seen}");
    assert!(!seen.contains(SECRET), "{seen}");
}
