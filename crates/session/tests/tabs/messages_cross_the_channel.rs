//! Messages between tabs cross a channel as JSON, and the tab at the other end may have been loaded
//! before or after an update.

use parlor_session::tabs::{Envelope, Message, VERSION};

use crate::every_message::every_message;

#[test]
fn every_message_arrives_as_it_was_sent() {
    for message in every_message() {
        let text = serde_json::to_string(&message).unwrap();
        let arrived: Message = serde_json::from_str(&text).unwrap();
        assert_eq!(arrived, message);
    }
}

/// Whoever changes a type that crosses the channel raises `VERSION`, and writes down here the hash
/// of what every message is now: a tab that was loaded before an update reads no others.
#[test]
fn the_messages_are_those_of_this_version() {
    let sent = every_message().into_iter().map(|message| {
        let version = VERSION;
        serde_json::to_string(&Envelope { version, message }).unwrap()
    });
    let all: String = sent.collect();
    let hash = all.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    assert_eq!(
        (VERSION, format!("{hash:016x}").as_str()),
        (5, "a4ae609463dd6c9d")
    );
}
