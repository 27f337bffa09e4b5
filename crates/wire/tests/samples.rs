//! Every sample that the seeds print, and some of our own, decodes and encodes again to
//! the same JSON. Where a sample differs on purpose, the difference is listed here.

#![cfg(test)]

use std::fs;
use std::path::Path;

use parlor_wire::visitor::{self, Wrapped};
use parlor_wire::{
    Access, Chat, ChatSummary, Event, MyProfile, Properties, Thread, User, agent, decode, event,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

type Again = fn(&[u8]) -> Value;

/// Which type each sample is of.
const SAMPLES: &[(&str, Again)] = &[
    ("agent/chat_deactivated", again::<agent::Frame>),
    ("agent/chat_transferred", again::<agent::Frame>),
    ("agent/event_updated", again::<agent::Frame>),
    ("agent/events_marked_as_seen", again::<agent::Frame>),
    ("agent/incoming_chat", again::<agent::Frame>),
    ("agent/incoming_event", again::<agent::Frame>),
    ("agent/incoming_multicast", again::<agent::Frame>),
    ("agent/incoming_sneak_peek", again::<agent::Frame>),
    ("agent/incoming_typing_indicator", again::<agent::Frame>),
    ("agent/list_chats", again::<agent::ListChats>),
    ("agent/list_templates_reply", again::<agent::Templates>),
    ("agent/login", again::<agent::Request>),
    ("agent/queue_positions_updated", again::<agent::Frame>),
    ("agent/request_file", again::<agent::RequestFile>),
    ("agent/response", again::<agent::Frame>),
    ("agent/response_error", again::<agent::Frame>),
    ("agent/routing_status_set", again::<agent::Frame>),
    ("agent/send_event", again::<agent::SendEvent>),
    ("agent/start_chat", again::<agent::StartChat>),
    ("agent/transfer_chat", again::<agent::TransferChat>),
    ("agent/user_added_to_chat", again::<agent::Frame>),
    ("agent/user_removed_from_chat", again::<agent::Frame>),
    ("chat/access", again::<AccessSample>),
    ("chat/chat", again::<Chat>),
    ("chat/chat_summary", again::<ChatSummary>),
    ("chat/properties", again::<PropertiesSample>),
    ("chat/thread", again::<Thread>),
    ("event/custom", again::<Event>),
    ("event/file", again::<Event>),
    ("event/filled_form", again::<Event>),
    (
        "event/filled_form_fields",
        again::<Fields<event::FilledField>>,
    ),
    ("event/form", again::<Event>),
    ("event/form_fields", again::<Fields<event::FormField>>),
    ("event/message", again::<Event>),
    ("event/rich_message", again::<Event>),
    ("event/system_message", again::<Event>),
    ("user/agent", again::<User>),
    ("user/customer", again::<User>),
    ("user/my_profile", again::<MyProfile>),
    (
        "visitor/availability",
        again::<Wrapped<visitor::Availability>>,
    ),
    ("visitor/breadcrumb", again::<visitor::Breadcrumb>),
    ("visitor/chasitor_init", again::<visitor::ChasitorInit>),
    (
        "visitor/chasitor_resync_state",
        again::<visitor::ResyncState>,
    ),
    (
        "visitor/chasitor_session_data",
        again::<visitor::ChasitorSessionData>,
    ),
    ("visitor/chasitor_sneak_peek", again::<visitor::SneakPeek>),
    ("visitor/chat_end_reason", again::<visitor::ChatEnd>),
    (
        "visitor/chat_established",
        again::<visitor::ChatEstablished>,
    ),
    ("visitor/chat_message", again::<visitor::AgentMessage>),
    (
        "visitor/chat_message_markdown",
        again::<visitor::AgentMessage>,
    ),
    (
        "visitor/chat_message_request",
        again::<visitor::ChatMessage>,
    ),
    (
        "visitor/chat_request_fail",
        again::<visitor::ChatRequestFail>,
    ),
    (
        "visitor/chat_request_success",
        again::<visitor::ChatRequestSuccess>,
    ),
    (
        "visitor/chat_transferred",
        again::<visitor::ChatTransferred>,
    ),
    ("visitor/custom_event", again::<visitor::CustomEvent>),
    (
        "visitor/custom_event_request",
        again::<visitor::CustomEvent>,
    ),
    ("visitor/messages", again::<visitor::Batch>),
    ("visitor/messages_of_all_kinds", again::<visitor::Batch>),
    ("visitor/multi_noun", again::<visitor::MultiNoun>),
    ("visitor/multi_noun_data", again::<visitor::MultiNoun>),
    (
        "visitor/new_visitor_breadcrumb",
        again::<visitor::NewVisitorBreadcrumb>,
    ),
    ("visitor/queue_update", again::<visitor::QueueUpdate>),
    (
        "visitor/reconnect_session",
        again::<Wrapped<visitor::ReconnectSession>>,
    ),
    (
        "visitor/reconnect_session_message",
        again::<visitor::ReconnectSession>,
    ),
    ("visitor/settings", again::<Wrapped<visitor::Settings>>),
    ("visitor/session_id", again::<visitor::SessionIdReply>),
    (
        "visitor/switch_server",
        again::<Wrapped<visitor::SwitchServer>>,
    ),
    (
        "visitor/visitor_id",
        again::<Wrapped<visitor::VisitorIdReply>>,
    ),
];

/// Where a sample is not what we write: the sample, the key that is read, the key that
/// is written, and its value when that differs too.
const TRAPS: &[(&str, &str, &str, Option<i64>)] = &[
    // The seed misspells the key in two samples.
    ("chat/chat", "properites", "properties", None),
    ("chat/chat_summary", "properites", "properties", None),
    // The table says integer, the sample says "30".
    (
        "visitor/session_id",
        "clientPollTimeout",
        "clientPollTimeout",
        Some(30),
    ),
];

/// Samples that print a structure inside an object of one key.
#[derive(Serialize, Deserialize)]
struct AccessSample {
    access: Access,
}

#[derive(Serialize, Deserialize)]
struct PropertiesSample {
    properties: Properties,
}

#[derive(Serialize, Deserialize)]
struct Fields<T> {
    fields: Vec<T>,
}

fn again<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Value {
    let read: T = decode(bytes).unwrap();
    serde_json::to_value(read).unwrap()
}

fn fixtures() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn expected(name: &str, bytes: &[u8]) -> Value {
    let mut value: Value = serde_json::from_slice(bytes).unwrap();
    for (_, read, written, number) in TRAPS.iter().filter(|trap| trap.0 == name) {
        let fields = value.as_object_mut().unwrap();
        let was = fields.remove(*read).unwrap();
        fields.insert(
            (*written).to_owned(),
            number.map_or(was, |number| json!(number)),
        );
    }
    value
}

/// `120` and `120.0` are the same JSON number.
fn plain(value: Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(float) if float.fract() == 0.0 => json!(float as i64),
            _ => Value::Number(number),
        },
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| (key, plain(value)))
            .collect(),
        other => other,
    }
}

#[test]
fn every_sample_encodes_to_itself() {
    for (name, again) in SAMPLES {
        let bytes = fs::read(fixtures().join(format!("{name}.json"))).unwrap();
        assert_eq!(
            plain(again(&bytes)),
            plain(expected(name, &bytes)),
            "{name}"
        );
    }
}

#[test]
fn every_file_is_a_sample() {
    for folder in fs::read_dir(fixtures()).unwrap() {
        let folder = folder.unwrap().path();
        for file in fs::read_dir(&folder).unwrap() {
            let file = file.unwrap().path();
            let part = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
            let name = format!("{}/{}", part(&folder), part(&file));
            assert!(SAMPLES.iter().any(|(sample, _)| *sample == name), "{name}");
        }
    }
}

#[test]
fn every_trap_is_of_a_sample() {
    for (name, ..) in TRAPS {
        assert!(SAMPLES.iter().any(|(sample, _)| sample == name), "{name}");
    }
}
