//! Messages between tabs cross a channel as JSON, and the tab at the other end may have been loaded
//! before or after an update.

use parlor_session::{
    Author, Body, Change, Connection, Intent, Mirror, Notice, OutgoingEvent, SendState, Stage,
    tabs::{Message, TabPayload, VERSION},
};
use serde::{
    Deserializer,
    de::{DeserializeOwned, Error as _, Visitor, value::Error},
    forward_to_deserialize_any,
};
use serde_json::Value;

use crate::every_message::every_message;

#[test]
fn every_message_arrives_as_it_was_sent() {
    for message in every_message() {
        let text = serde_json::to_string(&message).unwrap();
        let arrived: Message = serde_json::from_str(&text).unwrap();
        assert_eq!(arrived, message);
    }
}

/// A tab that was loaded before an update reads no messages of another version. Whoever changes a
/// type that crosses the channel raises `VERSION`, and writes down here what this test then finds:
/// the version, and the hash of what every message is now.
#[test]
fn the_messages_are_those_of_this_version() {
    let messages = every_message().into_iter();
    let all: String = messages
        .map(|it| serde_json::to_string(&it).unwrap())
        .collect();
    let hash = all.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    assert_eq!(
        (VERSION, format!("{hash:016x}").as_str()),
        (13, "032b054c78d9d96a")
    );
}

/// A variant that no message has would not count for the hash above.
#[test]
fn every_variant_is_in_some_message() {
    let messages = serde_json::to_value(every_message()).unwrap();
    let payloads: Vec<&Value> = messages.as_array().unwrap().iter().collect();
    let payloads: Vec<&Value> = payloads.iter().map(|it| &it["payload"]).collect();
    let commands: Vec<&Value> = payloads.iter().map(|it| &it["Command"]).collect();
    let intents: Vec<&Value> = commands.iter().map(|it| &it["intent"]).collect();
    let events: Vec<&Value> = commands.iter().map(|it| &it["pending"]["event"]).collect();
    let snapshots = payloads.iter().map(|it| &it["Snapshot"]["changes"]);
    let changes: Vec<&Value> = snapshots.filter_map(Value::as_array).flatten().collect();
    let stages: Vec<&Value> = changes.iter().map(|it| &it["Stage"]).collect();
    let connections: Vec<&Value> = changes.iter().map(|it| &it["Connection"]).collect();
    let lines: Vec<&Value> = changes.iter().map(|it| &it["Line"]["line"]).collect();
    let authors: Vec<&Value> = lines.iter().map(|it| &it["author"]).collect();
    let bodies: Vec<&Value> = lines.iter().map(|it| &it["body"]).collect();
    let notices: Vec<&Value> = bodies.iter().map(|it| &it["Notice"]).collect();
    let states: Vec<&Value> = lines.iter().map(|it| &it["state"]).collect();
    assert_has_all::<TabPayload>(&payloads);
    assert_has_all::<Intent>(&intents);
    assert_has_all::<OutgoingEvent>(&events);
    assert_has_all::<Change>(&changes);
    assert_has_all::<Stage>(&stages);
    assert_has_all::<Connection>(&connections);
    assert_has_all::<Author>(&authors);
    assert_has_all::<Body>(&bodies);
    assert_has_all::<Notice>(&notices);
    assert_has_all::<SendState>(&states);
}

/// A leader that starts with an empty window resets the other tabs by what its snapshot has.
#[test]
fn an_empty_window_has_a_first_value_of_each_state() {
    let payloads = every_message().into_iter().map(|message| message.payload);
    let changes = payloads.filter_map(|payload| match payload {
        TabPayload::Snapshot { changes, .. } => Some(changes),
        _ => None,
    });
    for change in changes.flatten() {
        let is_without = matches!(
            change,
            // They are about one line each.
            Change::Line { .. } | Change::Pressed { .. } | Change::FormDone(_)
            // Nothing is known before the device or the endpoint has told it.
            | Change::Stage(_) | Change::Welcome(_) | Change::Available(_)
        );
        let mut mirror = Mirror::default();
        let before = mirror.changes().len();
        mirror.apply(&change);
        assert!(is_without || mirror.changes().len() == before, "{change:?}");
    }
}

/// Reads nothing, and remembers the names of an enum's variants.
#[derive(Default)]
struct Variants(&'static [&'static str]);

impl<'de> Deserializer<'de> for &mut Variants {
    type Error = Error;

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("no enum"))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        self.0 = variants;
        Err(Error::custom("only its variants are wanted"))
    }
}

/// Each variant is among the values; a value is a variant's name, or an object with that key.
fn assert_has_all<T: DeserializeOwned>(values: &[&Value]) {
    let mut variants = Variants::default();
    // It fails once the variants are known.
    assert!(T::deserialize(&mut variants).is_err());
    assert!(!variants.0.is_empty());
    for name in variants.0 {
        assert!(
            values
                .iter()
                .any(|value| **value == *name || value.get(name).is_some()),
            "{name} of {} is in no message",
            std::any::type_name::<T>()
        );
    }
}
