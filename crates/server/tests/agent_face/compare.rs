//! A reply says what its author had seen, and is held back when that is not
//! the newest any more.

use serde_json::{Value, json};

use crate::actors::{Visitor, World};

async fn chatting(world: &World) -> (Visitor, String) {
    let visitor = Visitor::waits(world, "Jon").await;
    let id = world.ada.only_chat().await;
    world.ada.accept(&id).await;
    (visitor, id)
}

fn reply(chat: &str, after: &str) -> Value {
    json!({ "chat_id": chat, "after_event_id": after,
        "event": { "type": "message", "text": "As I said", "custom_id": "c-1" } })
}

fn held_back() -> (u16, String) {
    (409, "newer_events".to_owned())
}

#[tokio::test]
async fn what_others_said_meanwhile_holds_a_reply_back() {
    let world = World::new().await;
    let (mut visitor, id) = chatting(&world).await;
    let seen = world.ada.say(&id, "Good day").await;
    visitor.say("Hello?").await;
    assert_eq!(
        world.ada.fails("send_event", reply(&id, &seen)).await,
        held_back()
    );
    let noted = world.bob.note(&id, "I know this one").await;
    visitor.say("Anybody?").await;
    assert_eq!(
        world.ada.fails("send_event", reply(&id, &noted)).await,
        held_back()
    );
    let chat = world.ada.chat(&id).await;
    let events = chat["thread"]["events"].as_array().unwrap();
    assert!(events.iter().all(|event| event["text"] != "As I said"));
}

#[tokio::test]
async fn colleagues_notes_hold_a_reply_back_and_ones_own_words_do_not() {
    let world = World::new().await;
    let (_visitor, id) = chatting(&world).await;
    let seen = world.ada.say(&id, "Good day").await;
    world.ada.say(&id, "One moment").await;
    let system = json!({"type": "system_message", "system_message_type": "x", "text": "x"});
    world.bob.send(&id, system).await;
    let first = world.ada.act("send_event", reply(&id, &seen)).await;
    world.bob.note(&id, "I know this one").await;
    // A repeat is answered as the first time, whatever was said since.
    assert_eq!(world.ada.act("send_event", reply(&id, &seen)).await, first);
    let mut next = reply(&id, first["event_id"].as_str().unwrap());
    next["event"]["custom_id"] = json!("c-2");
    assert_eq!(
        world.ada.fails("send_event", next.clone()).await,
        held_back()
    );
    // At the second confirmation it goes without the field, under its own name.
    next.as_object_mut().unwrap().remove("after_event_id");
    world.ada.act("send_event", next).await;
}

#[tokio::test]
async fn what_was_seen_is_an_event_and_perhaps_of_an_older_thread() {
    let world = World::new().await;
    let (mut visitor, id) = chatting(&world).await;
    world
        .ada
        .act("send_event", reply(&id, "K600PKZON8_9"))
        .await;
    visitor.say("Hello?").await;
    let mut next = reply(&id, "K600PKZON8_9");
    next["event"]["custom_id"] = json!("c-2");
    assert_eq!(world.ada.fails("send_event", next).await, held_back());
    world
        .bob
        .is_invalid("send_event", reply(&id, "yesterday"))
        .await;
}
