//! What is not quite as it should be, and is read nevertheless; and what is told when
//! it cannot be read. One test for each thing that was seen on the wire.

#![cfg(test)]

use parlor_wire::event::{Answer, FieldKind};
use parlor_wire::{
    Chat, DecodeErrorKind, Event, EventBody, Queue, RoutingStatus, User, Visibility, agent, decode,
    decode_value,
};
use serde_json::{Value, json};

fn event(value: Value) -> Event {
    decode_value(value).unwrap()
}

fn again(value: Value) -> Value {
    serde_json::to_value(event(value)).unwrap()
}

#[test]
fn unknown_event_is_kept_whole() {
    let sent = json!({
        "id": "T_3", "type": "annotation", "annotation_type": "rating", "visibility": "all",
        "nested": { "a": [1, null, "x"] }, "nothing": null,
    });
    assert_eq!(again(sent.clone()), sent);
    assert_eq!(event(sent).body.kind(), "annotation");
}

#[test]
fn unknown_event_with_odd_common_fields_is_kept_whole() {
    let sent = json!({
        "id": 7, "type": "poem", "created_at": 1577836800, "author_id": null,
        "properties": ["x"], "visibility": { "who": "cats" },
    });
    assert_eq!(again(sent.clone()), sent);
}

#[test]
fn unknown_fields_of_a_known_event_are_ignored() {
    let read = event(json!({ "type": "message", "text": "x", "deleted": true, "a": {} }));
    assert!(matches!(read.body, EventBody::Message(_)));
}

#[test]
fn event_needs_a_type() {
    let told = |value: Value| decode_value::<Event>(value).unwrap_err().to_string();
    assert_eq!(told(json!({ "text": "x" })), "missing field `type`");
    assert_eq!(told(json!({ "type": 3 })), "in `type`, expected a string");
    assert_eq!(
        told(json!({ "type": null })),
        "in `type`, expected a string"
    );
    assert_eq!(told(json!({ "type": "" })), "in `type`, expected a word");
    assert_eq!(told(json!({ "type": "message" })), "missing field `text`");
    assert_eq!(
        told(json!({ "type": "message", "text": "x", "id": 1 })),
        "in `id`, expected a string"
    );
    assert!(decode_value::<Event>(json!([])).is_err());
    assert!(decode_value::<Event>(json!("message")).is_err());
}

#[test]
fn error_deep_in_a_chat_tells_the_whole_path() {
    let bytes = br#"{"id":"C","threads":[{"id":"T","active":true,"created_at":"x","events":[
        {"type":"message","text":"x"},
        {"type":"rich_message","template_id":"cards","elements":[{"image":{"url":{"my secret":1}}}]}
    ]}]}"#;
    let error = decode::<Chat>(bytes).unwrap_err();
    assert_eq!(error.path, "threads[0].events[1].elements[0].image.url");
    assert_eq!(error.kind, DecodeErrorKind::Expected("a string".to_owned()));
    assert!(error.line > 0);
    assert!(!error.to_string().contains("secret"));
}

#[test]
fn nothing_in_place_of_a_common_field_is_absent() {
    let read = event(json!({
        "type": "message", "text": "x", "id": null, "custom_id": null, "created_at": null,
        "author_id": null, "visibility": null, "properties": null, "postback": null,
    }));
    let bare = event(json!({ "type": "message", "text": "x" }));
    assert_eq!(read, bare);
}

#[test]
fn only_what_is_for_all_is_public() {
    let public = |visibility: Option<&str>| {
        let mut event = event(json!({ "type": "message", "text": "x" }));
        event.visibility = visibility.map(Visibility::from);
        event.is_public()
    };
    assert!(public(None));
    assert!(public(Some("all")));
    assert!(!public(Some("agents")));
    assert!(!public(Some("ALL")));
    assert!(!public(Some("something newer")));
}

#[test]
fn absent_and_empty_user_ids_stay_apart() {
    let sent = json!({ "type": "rich_message", "template_id": "cards", "elements": [
        { "buttons": [{ "text": "a" }, { "text": "b", "user_ids": [] }] },
        { "buttons": [] },
        {},
    ] });
    assert_eq!(again(sent.clone()), sent);
}

#[test]
fn new_words_are_kept() {
    let sent = json!({ "type": "rich_message", "template_id": "carousel", "elements": [{ "buttons": [{
        "text": "a", "type": "teleport", "value": "x", "webview_height": "huge", "target": "there",
    }] }] });
    assert_eq!(again(sent.clone()), sent);
    let sent = json!({ "type": "form", "form_id": "1", "fields": [
        { "type": "signature", "id": "1", "label": "Sign" },
    ] });
    assert_eq!(again(sent.clone()), sent);
}

#[test]
fn ids_and_answers_of_forms_stay_as_they_came() {
    let sent = json!({ "type": "filled_form", "form_id": 12, "fields": [
        { "type": "group_chooser", "id": 5, "label": "x", "answer": { "id": 2, "group_id": 1, "label": "y" } },
        { "type": "group_chooser", "id": "5", "label": "x", "answer": { "id": "2", "group_id": 1, "label": "y" } },
        { "type": "question", "id": "6", "label": "x", "answer": 7 },
        { "type": "question", "id": "7", "label": "x", "answer": { "id": "2" } },
        { "type": "name", "id": "8", "label": "x" },
    ] });
    assert_eq!(again(sent.clone()), sent);
    let EventBody::FilledForm(form) = event(sent).body else {
        panic!("a filled form");
    };
    assert_eq!(form.fields[0].kind, FieldKind::GroupChooser);
    assert_eq!(form.fields[0].id.text(), form.fields[1].id.text());
    assert!(matches!(form.fields[0].answer, Some(Answer::Choice(_))));
    assert!(matches!(form.fields[2].answer, Some(Answer::Other(_))));
}

#[test]
fn numbers_come_as_strings() {
    let read = event(json!({ "type": "file", "url": "x", "size": "123444", "width": "" }));
    assert_eq!(
        serde_json::to_value(read).unwrap(),
        json!({ "type": "file", "url": "x", "size": 123444 })
    );
    let queue: Queue = decode_value(json!({ "position": "42", "wait_time": "1337" })).unwrap();
    assert_eq!((queue.position, queue.wait_time), (42, 1337));
}

#[test]
fn places_come_as_strings_and_as_numbers() {
    let sent = json!({ "type": "customer", "id": "c", "last_visit": { "geolocation": {
        "latitude": "51.1043015", "longitude": 17.0335007,
    } } });
    let user: User = decode_value(sent.clone()).unwrap();
    assert_eq!(serde_json::to_value(&user).unwrap(), sent);
    let visit = user.customer().unwrap().last_visit.clone().unwrap();
    let place = visit.geolocation.unwrap();
    assert_eq!(place.latitude.unwrap().number(), Some(51.1043015));
    assert_eq!(place.longitude.unwrap().number(), Some(17.0335007));
}

#[test]
fn unknown_user_is_kept_whole() {
    let sent = json!({ "type": "bot", "id": "b", "name": "Bot", "skills": ["x"] });
    let user: User = decode_value(sent.clone()).unwrap();
    assert_eq!((user.kind(), user.name()), ("bot", Some("Bot")));
    assert_eq!(user.id(), Some("b".into()));
    assert_eq!(serde_json::to_value(&user).unwrap(), sent);
}

#[test]
fn chat_comes_with_one_thread_or_several() {
    let thread = json!({ "id": "T", "active": true, "created_at": "x", "user_ids": [] });
    for chat in [
        json!({ "id": "C", "thread": thread }),
        json!({ "id": "C", "threads": [thread] }),
    ] {
        let chat: Chat = decode_value(chat).unwrap();
        assert_eq!(chat.threads().count(), 1);
    }
}

#[test]
fn chat_is_named_by_id_or_by_chat_id() {
    for body in [json!({ "id": "C" }), json!({ "chat_id": "C" })] {
        let request: agent::DeactivateChat = decode_value(body.clone()).unwrap();
        assert_eq!(
            serde_json::to_value(&request).unwrap(),
            json!({ "id": "C" })
        );
        let request: agent::TransferChat = decode_value(body).unwrap();
        assert_eq!(request.chat_id.as_str(), "C");
    }
}

#[test]
fn request_without_payload_has_an_empty_one() {
    let request: agent::Request = decode(br#"{"action":"ping"}"#).unwrap();
    assert_eq!(request.payload, json!({}));
    decode_value::<agent::Ping>(request.payload).unwrap();
}

#[test]
fn secrets_of_a_login_are_not_shown() {
    let body = json!({ "action": "login", "payload": { "token": "Bearer hush" } });
    let request: agent::Request = decode_value(body).unwrap();
    let login: agent::Login = decode_value(request.payload.clone()).unwrap();
    assert!(!format!("{request:?} {login:?}").contains("hush"));
}

#[test]
fn unknown_push_is_kept_and_unknown_frame_is_refused() {
    let sent = json!({ "action": "tag_created", "type": "push", "payload": { "name": "x" } });
    let frame: agent::Frame = decode_value(sent.clone()).unwrap();
    assert_eq!(serde_json::to_value(&frame).unwrap(), sent);
    let told = decode_value::<agent::Frame>(json!({ "action": "x", "type": "shout" })).unwrap_err();
    assert_eq!(told.path, "type");
}

#[test]
fn errors_have_their_status() {
    let status = |kind: &str| agent::ErrorType::from(kind).status();
    let known = [
        ("validation", 400),
        ("authentication", 401),
        ("authorization", 403),
        ("not_found", 404),
        ("chat_inactive", 422),
        ("request_timeout", 504),
        ("unsupported_version", 400),
        ("internal", 500),
    ];
    for (kind, expected) in known {
        assert_eq!(status(kind), expected, "{kind}");
    }
    assert_eq!(status("something newer"), 500);
}

#[test]
fn words_are_written_as_they_are_read() {
    for word in [
        "accepting_chats",
        "not_accepting_chats",
        "offline",
        "napping",
    ] {
        let status: RoutingStatus = decode_value(json!(word)).unwrap();
        assert_eq!(serde_json::to_value(&status).unwrap(), json!(word));
    }
}
