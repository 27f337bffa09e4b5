//! Compare and send: a reply names the newest event its author has seen, and is
//! held back when there is a newer one.

use serde_json::{Value, json};

use crate::actors::{TestServer, Visitor};

async fn chatting(server: &TestServer) -> (Visitor, String) {
    let visitor = Visitor::waits(server, "Jon").await;
    let id = server.ada.only_chat().await;
    server.ada.accept(&id).await;
    (visitor, id)
}

fn reply(chat: &str, after: &str) -> Value {
    json!({ "chat_id": chat, "after_event_id": after,
        "event": { "type": "message", "text": "As I said", "custom_id": "c-1" } })
}

fn newer_events_error() -> (u16, String) {
    (409, "newer_events".to_owned())
}

#[tokio::test]
async fn a_newer_message_holds_a_reply_back() {
    let server = TestServer::new().await;
    let (mut visitor, id) = chatting(&server).await;
    let seen = server.ada.say(&id, "Good day").await;
    visitor.say("Hello?").await;
    assert_eq!(
        server.ada.fails("send_event", reply(&id, &seen)).await,
        newer_events_error()
    );
    let noted = server.bob.note(&id, "I know this one").await;
    visitor.say("Anybody?").await;
    assert_eq!(
        server.ada.fails("send_event", reply(&id, &noted)).await,
        newer_events_error()
    );
    let chat = server.ada.chat(&id).await;
    let events = chat["thread"]["events"].as_array().unwrap();
    assert!(events.iter().all(|event| event["text"] != "As I said"));
}

#[tokio::test]
async fn colleagues_notes_hold_a_reply_back_and_ones_own_words_do_not() {
    let server = TestServer::new().await;
    let (_visitor, id) = chatting(&server).await;
    let seen = server.ada.say(&id, "Good day").await;
    server.ada.say(&id, "One moment").await;
    let system = json!({"type": "system_message", "system_message_type": "x", "text": "x"});
    server.bob.send(&id, system).await;
    let first = server.ada.act("send_event", reply(&id, &seen)).await;
    server.bob.note(&id, "I know this one").await;
    // A repeat gets the first answer, whatever was written since.
    assert_eq!(server.ada.act("send_event", reply(&id, &seen)).await, first);
    let mut next = reply(&id, first["event_id"].as_str().unwrap());
    next["event"]["custom_id"] = json!("c-2");
    assert_eq!(
        server.ada.fails("send_event", next.clone()).await,
        newer_events_error()
    );
    // After the agent has confirmed twice, it is sent without the field, under
    // its own name.
    next.as_object_mut().unwrap().remove("after_event_id");
    server.ada.act("send_event", next).await;
}

#[tokio::test]
async fn the_seen_event_may_be_of_an_older_thread() {
    let server = TestServer::new().await;
    let (mut visitor, id) = chatting(&server).await;
    server
        .ada
        .act("send_event", reply(&id, "K600PKZON8_9"))
        .await;
    visitor.say("Hello?").await;
    let mut next = reply(&id, "K600PKZON8_9");
    next["event"]["custom_id"] = json!("c-2");
    assert_eq!(
        server.ada.fails("send_event", next).await,
        newer_events_error()
    );
    server
        .bob
        .is_invalid("send_event", reply(&id, "yesterday"))
        .await;
}
