//! What is tried on bytes that nobody chose: used by the fuzzer's targets and by the
//! short run among the tests. Whatever is read must be written again and read the same,
//! and nothing may panic. JSON text is read once only: what is written is compared as
//! values, since text does not keep every last bit of a fraction.

use std::fmt::Debug;

use parlor_wire::visitor::{Batch, Message};
use parlor_wire::{Chat, ChatSummary, Event, EventBody, Thread, User, agent, decode, decode_value};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Everything that a visitor's poll may bring.
pub(crate) fn poll_message(bytes: &[u8]) {
    same_again::<Batch>(bytes);
    same_again::<Message>(bytes);
    same_again::<parlor_wire::visitor::ChasitorInit>(bytes);
    same_again::<parlor_wire::visitor::MultiNoun>(bytes);
}

/// Events, and all that carries them or stands beside them.
pub(crate) fn event(bytes: &[u8]) {
    if let Some(event) = same_again::<Event>(bytes) {
        let _ = event.validate();
        let _ = event.is_public();
        let _ = event.body.text_form();
        if let EventBody::Unknown { fields, .. } = &event.body {
            assert!(!fields.contains_key("type"));
        }
    }
    same_again::<User>(bytes);
    same_again::<Thread>(bytes);
    same_again::<Chat>(bytes);
    same_again::<ChatSummary>(bytes);
    same_again::<agent::Frame>(bytes);
    same_again::<agent::SendEvent>(bytes);
    same_again::<agent::StartChat>(bytes);
}

fn same_again<T: DeserializeOwned + Serialize + PartialEq + Debug>(bytes: &[u8]) -> Option<T> {
    let first: T = match decode(bytes) {
        Ok(first) => first,
        Err(error) => {
            let _ = error.to_string();
            return None;
        }
    };
    let written = serde_json::to_value(&first).expect("what was read can be written");
    let second: T = decode_value(written).expect("what was written can be read");
    assert_eq!(first, second);
    Some(first)
}
