//! Every type of event is shown, and so are its later changes.

use super::*;

fn incoming(number: u64, author: &str, body: Value) -> Value {
    let mut push = incoming_event(author, number, "");
    for (key, value) in body.as_object().unwrap() {
        push["event"][key] = value.clone();
    }
    push
}

fn cards(pressed: &[&str]) -> Value {
    json!({ "type": "rich_message", "template_id": "cards", "elements": [
        { "title": "Shoes", "buttons": [
            { "text": "Yes", "postback_id": "yes", "user_ids": pressed },
            { "text": "No", "postback_id": "no", "user_ids": [] } ] }] })
}

/// Who has pressed the first button of the second entry.
fn pressed(console: &TestConsole) -> Vec<String> {
    let Body::Rich(_, cards) = &console.workspace.entries()[1].body else {
        panic!("no cards");
    };
    cards[0].buttons[0].pressed_by.clone()
}

fn press(user: &str, toggled: bool) -> Value {
    json!({ "user_id": user, "chat_id": "A", "thread_id": "A1", "event_id": "A1_2",
        "postback": { "id": "yes", "toggled": toggled } })
}

#[test]
fn every_event_type_has_an_entry() {
    let mut console = answering_ada();
    let bodies = [
        json!({ "type": "message", "text": "Yes", "postback": {
            "id": "yes", "thread_id": "A1", "event_id": "A1_1" } }),
        cards(&[]),
        json!({ "type": "form", "form_id": "1", "fields": [
            { "type": "radio", "id": "1", "label": "Colour", "required": true,
              "options": [{ "id": "0", "label": "Blue" }] }] }),
        json!({ "type": "filled_form", "form_id": "1", "fields": [
            { "type": "radio", "id": "1", "label": "Colour", "answer": { "id": "0", "label": "Blue" } }] }),
        json!({ "type": "file", "name": "a.pdf", "url": "https://x/a.pdf", "size": 7 }),
        json!({ "type": "custom", "content": { "a": 1 } }),
        json!({ "type": "system_message", "system_message_type": "x",
            "text": "{who} is back", "text_vars": { "who": "Ada" } }),
        json!({ "type": "hologram" }),
    ];
    let count = bodies.len();
    for (at, body) in bodies.into_iter().enumerate() {
        console.push("incoming_event", incoming(at as u64 + 2, "ada", body));
    }
    // The first entry is the visitor's message from before.
    let mut shown: Vec<Body> = console
        .workspace
        .entries()
        .into_iter()
        .map(|it| it.body)
        .collect();
    shown.remove(0);
    assert_eq!(shown.len(), count);
    assert_eq!(shown[0], Body::ButtonReply("Yes".to_owned()));
    assert!(
        matches!(&shown[1], Body::Rich(RichLayout::Cards, cards) if cards[0].buttons.len() == 2)
    );
    assert!(
        matches!(&shown[2], Body::Questions(it) if it[0].required && it[0].options == ["Blue"])
    );
    assert_eq!(
        shown[3],
        Body::Answers(vec![("Colour".to_owned(), "Blue".to_owned())])
    );
    assert!(matches!(&shown[4], Body::File(it) if it.size == Some(7) && it.url.is_some()));
    assert!(matches!(&shown[5], Body::Custom(json) if json.contains("\"a\": 1")));
    assert_eq!(shown[6], Body::System("Ada is back".to_owned()));
    assert_eq!(shown[7], Body::Other("hologram".to_owned()));
}

#[test]
fn pressed_buttons_are_shown_live() {
    let mut console = answering_ada();
    console.push("incoming_event", incoming(2, ME, cards(&[])));
    assert!(pressed(&console).is_empty());
    console.push("incoming_rich_message_postback", press("ada", true));
    assert_eq!(pressed(&console), ["Ada"]);
    // The same state from the complete event; the user is listed once.
    console.push("event_updated", incoming(2, ME, cards(&["ada"])));
    console.push("incoming_rich_message_postback", press("ada", true));
    assert_eq!(pressed(&console), ["Ada"]);
    console.push("incoming_rich_message_postback", press("ada", false));
    assert!(pressed(&console).is_empty());
    assert_eq!(console.workspace.entries().len(), 2, "a press is no line");
}

#[test]
fn seen_marks_are_shown_live() {
    let mut console = answering_ada();
    console.push("incoming_event", incoming_event(ME, 2, "here"));
    assert_eq!(console.workspace.entries()[1].delivery, Delivery::Stored);
    let seen_up_to = event("A", 2, ME, "")["created_at"].clone();
    let seen = json!({ "user_id": "ada", "chat_id": "A", "seen_up_to": seen_up_to });
    console.push("events_marked_as_seen", seen);
    assert_eq!(console.workspace.entries()[1].delivery, Delivery::Seen);
}

#[test]
fn session_fields_are_shown_live() {
    let mut console = answering_ada();
    console.push(
        "customer_session_fields_updated",
        json!({ "id": "ada", "active_chat": { "chat_id": "A", "thread_id": "A1" },
            "session_fields": [{ "cart": "3 pots" }] }),
    );
    let details = console.workspace.person().unwrap().details;
    assert_eq!(details, [("cart".to_owned(), "3 pots".to_owned())]);
}
