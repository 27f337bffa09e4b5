//! An event to and from flat JSON: what is common to all events stands beside the members of its
//! kind. A common member of an odd form is an error, except in an event of unknown kind, where it
//! stays among the fields it came with.

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{Event, EventBody, Properties, Visibility};
use crate::error::{DecodeError, decode_value};
use crate::id::{CustomId, EventId, UserId};
use crate::tagged::{self, Fields, expecting};
use crate::window;

/// What is common to all events, but for the type.
#[derive(Default, Deserialize)]
struct Common {
    id: Option<EventId>,
    custom_id: Option<CustomId>,
    created_at: Option<String>,
    author_id: Option<UserId>,
    visibility: Option<Visibility>,
    #[serde(default, deserialize_with = "window::skips")]
    properties: Option<Properties>,
}

impl Event {
    /// Reads an event from the fields of a JSON object.
    pub fn from_fields(fields: Fields) -> Result<Self, DecodeError> {
        decode_value(Value::Object(fields))
    }

    /// The fields of the event's JSON object.
    pub fn to_fields(&self) -> Result<Fields, serde_json::Error> {
        tagged::fields(self)
    }
}

impl Common {
    /// Takes what can be taken, and leaves anything else in its place.
    fn take(fields: &mut Fields) -> Self {
        Self {
            id: take_text(fields, "id").map(Into::into),
            custom_id: take_text(fields, "custom_id").map(Into::into),
            created_at: take_text(fields, "created_at"),
            author_id: take_text(fields, "author_id").map(Into::into),
            visibility: take_text(fields, "visibility").map(|word| Visibility::from(word.as_str())),
            properties: take_properties(fields),
        }
    }

    fn with(self, body: EventBody) -> Event {
        Event {
            id: self.id,
            custom_id: self.custom_id,
            created_at: self.created_at,
            author_id: self.author_id,
            visibility: self.visibility,
            properties: self.properties,
            body,
        }
    }
}

fn take_text(fields: &mut Fields, key: &str) -> Option<String> {
    match fields.get_mut(key)? {
        Value::String(text) => {
            let text = std::mem::take(text);
            fields.remove(key);
            Some(text)
        }
        _ => None,
    }
}

fn take_properties(fields: &mut Fields) -> Option<Properties> {
    let value = fields.remove("properties")?;
    match Properties::from_value(value) {
        Ok(properties) => Some(properties),
        Err(odd) => {
            fields.insert("properties".to_owned(), odd);
            None
        }
    }
}

struct EventVisitor {
    /// All fields of an unknown kind are kept.
    keeps_fields: bool,
}

impl<'de> Visitor<'de> for EventVisitor {
    type Value = Event;

    expecting!("an event");

    fn visit_seq<A: SeqAccess<'de>>(self, mut object: A) -> Result<Event, A::Error> {
        let kind = tagged::kind(&mut object)?;
        let from = &mut object;
        let common = tagged::next::<Common, A>;
        // The common members first, as the errors of both are told in this order.
        Ok(match kind.as_str() {
            "message" => common(from)?.with(EventBody::Message(tagged::next(from)?)),
            "file" => common(from)?.with(EventBody::File(tagged::next(from)?)),
            "form" => common(from)?.with(EventBody::Form(tagged::next(from)?)),
            "filled_form" => common(from)?.with(EventBody::FilledForm(tagged::next(from)?)),
            "rich_message" => common(from)?.with(EventBody::RichMessage(tagged::next(from)?)),
            "custom" => common(from)?.with(EventBody::Custom(tagged::next(from)?)),
            "system_message" => common(from)?.with(EventBody::SystemMessage(tagged::next(from)?)),
            _ if self.keeps_fields => {
                let mut fields: Fields = tagged::next(from)?;
                fields.remove("type");
                Common::take(&mut fields).with(EventBody::Unknown { kind, fields })
            }
            _ => common(from)?.with(EventBody::Unknown {
                kind,
                fields: Fields::new(),
            }),
        })
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let keeps_fields = !window::reads(&from);
        tagged::read_repeatedly(from, EventVisitor { keeps_fields })
    }
}
