//! What the browser reads and writes is what `serde_json` reads and writes, for every sample of the
//! wire; and what is not as it should be costs no more than it must.

use parlor_session::Saved;
use parlor_wire::{
    EventBody,
    visitor::{AgentMessage, Batch, ChasitorSessionData, Message, Settings},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use super::{read, write};

#[path = "../../../crates/wire/tests/samples/types.rs"]
mod types;

use types::*;

#[path = "../../../crates/session/tests/tabs/every_message.rs"]
mod every_message;

fn same<T: DeserializeOwned + Serialize>(name: &str, text: &str) {
    let natively: T = serde_json::from_str(text).unwrap();
    let natively = serde_json::to_value(&natively).unwrap();
    let here: T = read(text).unwrap_or_else(|| panic!("{name} is not read"));
    let here: Value = serde_json::from_str(&write(&here)).unwrap();
    assert_eq!(
        without_skipped(plain(here)),
        without_skipped(plain(natively)),
        "{name}"
    );
}

/// What a window skips (`parlor_wire::window`).
const SKIPPED: &[&str] = &[
    "access",
    "attachedRecords",
    "chasitorIdleTimeout",
    "chasitorIdletimeout",
    "customDetails",
    "geoLocation",
    "group_ids",
    "inviteImageHeight",
    "inviteImageWidth",
    "inviteRejectTime",
    "inviteRules",
    "last_visit",
    "next_accessible_thread_id",
    "next_thread_id",
    "previous_accessible_thread_id",
    "previous_thread_id",
    "properties",
    "queue",
    "records",
    "session_fields",
    "statistics",
    "tags",
    "transcript_fields",
];

fn without_skipped(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(without_skipped).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(key, _)| !SKIPPED.contains(&key.as_str()))
            .map(|(key, value)| (key, without_skipped(value)))
            .collect(),
        other => other,
    }
}

macro_rules! same_samples {
    ($($name:literal => $type:ty,)+) => {
        $(same::<$type>($name, include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/crates/wire/fixtures/",
            $name,
            ".json"
        )));)+
    };
}

#[wasm_bindgen_test]
fn every_sample_is_read_and_written_as_by_serde_json() {
    for_each_sample!(same_samples);
}

fn batch(messages: Value) -> Batch {
    read(&json!({ "messages": messages, "sequence": "3" }).to_string()).unwrap()
}

#[wasm_bindgen_test]
fn a_message_that_cannot_be_read_costs_only_itself() {
    let batch = batch(json!([
        7,
        null,
        {"message": {}},
        {"type": "Poem", "message": {"a": 1}},
        {"type": "ChatMessage", "message": {"text": "Hi", "sequence": {}, "nodes": 3, "name": [1],
            "agentId": 5}},
    ]));
    let kinds: Vec<&str> = batch.messages.iter().map(Message::kind).collect();
    assert_eq!(kinds, ["Poem", "ChatMessage"]);
    assert_eq!(batch.sequence, Some(3));
    let Message::ChatMessage(message) = &batch.messages[1] else {
        panic!("no message");
    };
    let wanted = AgentMessage {
        text: "Hi".into(),
        agent_id: Some("5".into()),
        ..AgentMessage::default()
    };
    assert_eq!(*message, wanted);
}

#[wasm_bindgen_test]
fn a_message_without_a_body_is_read() {
    for message in [
        json!({"type": "AgentTyping"}),
        json!({"type": "AgentTyping", "message": null}),
        json!({"type": "AgentTyping", "message": {}}),
    ] {
        let messages = batch(json!([message])).messages;
        assert_eq!(messages, [Message::AgentTyping(Default::default())]);
    }
}

/// Whichever member of whichever sample is odd, the others are read.
#[wasm_bindgen_test]
fn a_member_that_cannot_be_read_costs_only_itself() {
    let text = include_str!("../../../crates/wire/fixtures/visitor/chasitor_session_data.json");
    let whole: Value = serde_json::from_str(text).unwrap();
    let read = |value: &Value| read::<ChasitorSessionData>(&value.to_string()).unwrap();
    for key in whole.as_object().unwrap().keys() {
        for odd in [
            json!({"x": {}}),
            json!([[]]),
            json!("x"),
            json!(0.5),
            json!(null),
        ] {
            let mut with_odd = whole.clone();
            with_odd[key] = odd.clone();
            let mut without = whole.clone();
            without.as_object_mut().unwrap().remove(key);
            let (with_odd, without) = (write(&read(&with_odd)), write(&read(&without)));
            let differs = |json: &str| {
                let mut rest: Value = serde_json::from_str(json).unwrap();
                rest.as_object_mut().unwrap().remove(key);
                rest
            };
            assert_eq!(differs(&with_odd), differs(&without), "{key}: {odd}");
        }
    }
}

#[wasm_bindgen_test]
fn of_a_list_what_can_be_read_is_read() {
    let entry =
        json!({"type": "Agent", "name": "Ada", "content": "Hi", "timestamp": 5, "sequence": 1});
    let data = json!({"chatMessages": [entry, 3, {}, entry], "agent": 7});
    let data: ChasitorSessionData = read(&data.to_string()).unwrap();
    assert_eq!(data.chat_messages.len(), 2);
    assert_eq!(data.agent, None);
}

#[wasm_bindgen_test]
fn a_deployment_whose_form_is_odd_still_welcomes() {
    let settings = json!({"buttons": [{"id": "B", "isAvailable": 1}, 2],
        "welcome": {"teamName": "Shop", "prechat": {"form_id": 7}, "online": [{}, {"name": "Ada"}]}});
    let settings: Settings = read(&settings.to_string()).unwrap();
    assert!(settings.buttons[0].is_available);
    let welcome = settings.welcome.unwrap();
    assert_eq!(
        (welcome.team_name.as_str(), &welcome.prechat),
        ("Shop", &None)
    );
    assert_eq!(welcome.online.len(), 1);
}

#[wasm_bindgen_test]
fn what_lies_too_deep_is_not_read_and_breaks_nothing() {
    let node = |within: Value| json!({"kind": "quote", "nodes": [within]});
    let deep = (0..10_000).fold("{}".to_owned(), |within, _| {
        format!(r#"{{"kind":"quote","nodes":[{within}]}}"#)
    });
    let text = format!(r#"{{"text":"Hi","nodes":[{deep}]}}"#);
    assert_eq!(read::<AgentMessage>(&text).unwrap().text, "Hi");
    let shallow = (0..15).fold(json!({"kind": "text"}), |within, _| node(within));
    let shallow: AgentMessage = read(&json!({"nodes": [shallow]}).to_string()).unwrap();
    let mut nodes = &shallow.nodes;
    let mut depth = 0;
    while let Some(node) = nodes.first() {
        nodes = &node.nodes;
        depth += 1;
    }
    assert_eq!(depth, 16);
}

#[wasm_bindgen_test]
fn a_custom_event_s_content_is_kept_as_its_json_text() {
    let sent = json!({"type": "custom", "content": {"b": [1, null], "a": "\"x\""}});
    let event: parlor_wire::Event = read(&sent.to_string()).unwrap();
    let EventBody::Custom(custom) = event.body else {
        panic!("no custom event");
    };
    let text = custom.content.as_ref().and_then(Value::as_str).unwrap();
    let content: Value = serde_json::from_str(text).unwrap();
    assert_eq!(content, sent["content"]);
    let written: Value = serde_json::from_str(&write(&custom)).unwrap();
    assert_eq!(written, json!({"content": sent["content"]}));
}

#[wasm_bindgen_test]
fn an_event_is_read_by_its_type() {
    let event = |value: Value| read::<parlor_wire::Event>(&value.to_string());
    let message = event(json!({"text": "Hi", "type": "message", "id": "T_1"})).unwrap();
    assert!(matches!(message.body, EventBody::Message(_)));
    assert_eq!(event(json!({"type": "poem"})).unwrap().body.kind(), "poem");
    for none in [
        json!([]),
        json!(["message"]),
        json!(7),
        json!({"text": "Hi"}),
        json!({"type": ""}),
    ] {
        assert_eq!(event(none), None);
    }
}

/// A member that was renamed is found under its old name.
#[wasm_bindgen_test]
fn what_an_older_version_stored_is_read_as_by_serde_json() {
    let stored = include_str!("../../../crates/session/fixtures/saved_under_older_names.json");
    let natively: Saved = serde_json::from_str(stored).unwrap();
    assert_eq!(read(stored), Some(natively));
}

#[wasm_bindgen_test]
fn every_text_is_written_so_that_it_is_read_again() {
    for text in [
        "",
        "a",
        "\"",
        "\\",
        "\n\t\u{0}\u{1f}\u{7f}\u{2028}",
        "é😀",
        "</script>",
    ] {
        let json = write(&text);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        assert_eq!(read::<String>(&json).as_deref(), Some(text));
    }
    let numbers = (1_u8, -2_i64, 9_007_199_254_740_991_u64, true, None::<u8>);
    let json = write(&numbers);
    assert_eq!(json, "[1,-2,9007199254740991,true,null]");
    assert_eq!(read(&json), Some(numbers));
    assert_eq!(write(&0.5), "0.5");
    for (number, text) in [("7", "7"), ("-0.5", "-0.5")] {
        assert_eq!(read::<String>(number).as_deref(), Some(text));
    }
}

#[wasm_bindgen_test]
fn every_message_between_tabs_arrives_as_it_was_sent() {
    for message in every_message::every_message() {
        let text = write(&message);
        assert_eq!(text, serde_json::to_string(&message).unwrap());
        assert_eq!(read(&text), Some(message));
    }
}
