//! An event to and from flat JSON: the common fields are taken out of the map, the
//! rest is the body's. A common field of an odd form is an error, except in an event
//! of unknown kind, where it stays among the fields it came with.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::Value;

use super::{Event, EventBody, Properties, Visibility};
use crate::error::DecodeError;
use crate::tagged::{self, Fields};

impl Event {
    /// Reads an event from the fields of a JSON object.
    pub fn from_fields(mut fields: Fields) -> Result<Self, DecodeError> {
        let kind = tagged::take_word(&mut fields, "type")?;
        let known = EventBody::is_known(&kind);
        let take = |fields: &mut Fields, key: &str| {
            if known {
                tagged::take_text(fields, key)
            } else {
                Ok(tagged::take_text_if(fields, key))
            }
        };
        Ok(Self {
            id: take(&mut fields, "id")?.map(Into::into),
            custom_id: take(&mut fields, "custom_id")?.map(Into::into),
            created_at: take(&mut fields, "created_at")?,
            author_id: take(&mut fields, "author_id")?.map(Into::into),
            visibility: take(&mut fields, "visibility")?
                .map(|word| Visibility::from(word.as_str())),
            properties: take_properties(&mut fields, known)?,
            body: EventBody::from_fields(kind, fields)?,
        })
    }

    /// The fields of the event's JSON object.
    pub fn to_fields(&self) -> Result<Fields, serde_json::Error> {
        let mut fields = self.body.to_fields()?;
        let put = tagged::put_text;
        put(&mut fields, "type", Some(self.body.kind()));
        put(&mut fields, "id", self.id.as_ref().map(AsRef::as_ref));
        put(
            &mut fields,
            "custom_id",
            self.custom_id.as_ref().map(AsRef::as_ref),
        );
        put(&mut fields, "created_at", self.created_at.as_deref());
        put(
            &mut fields,
            "author_id",
            self.author_id.as_ref().map(AsRef::as_ref),
        );
        put(
            &mut fields,
            "visibility",
            self.visibility.as_ref().map(Visibility::as_str),
        );
        if let Some(properties) = &self.properties {
            fields.insert("properties".to_owned(), properties.to_value());
        }
        Ok(fields)
    }
}

impl EventBody {
    fn is_known(kind: &str) -> bool {
        matches!(
            kind,
            "message"
                | "file"
                | "form"
                | "filled_form"
                | "rich_message"
                | "custom"
                | "system_message"
        )
    }

    fn from_fields(kind: String, fields: Fields) -> Result<Self, DecodeError> {
        Ok(match kind.as_str() {
            "message" => Self::Message(tagged::typed(fields)?),
            "file" => Self::File(tagged::typed(fields)?),
            "form" => Self::Form(tagged::typed(fields)?),
            "filled_form" => Self::FilledForm(tagged::typed(fields)?),
            "rich_message" => Self::RichMessage(tagged::typed(fields)?),
            "custom" => Self::Custom(tagged::typed(fields)?),
            "system_message" => Self::SystemMessage(tagged::typed(fields)?),
            _ => Self::Unknown { kind, fields },
        })
    }

    fn to_fields(&self) -> Result<Fields, serde_json::Error> {
        match self {
            Self::Message(body) => tagged::fields(body),
            Self::File(body) => tagged::fields(body),
            Self::Form(body) => tagged::fields(body),
            Self::FilledForm(body) => tagged::fields(body),
            Self::RichMessage(body) => tagged::fields(body),
            Self::Custom(body) => tagged::fields(body),
            Self::SystemMessage(body) => tagged::fields(body),
            Self::Unknown { fields, .. } => Ok(fields.clone()),
        }
    }
}

fn take_properties(fields: &mut Fields, known: bool) -> Result<Option<Properties>, DecodeError> {
    match fields.remove("properties") {
        None => Ok(None),
        Some(Value::Null) if known => Ok(None),
        Some(value) => match Properties::from_value(value) {
            Ok(properties) => Ok(Some(properties)),
            Err(odd) if !known => {
                fields.insert("properties".to_owned(), odd);
                Ok(None)
            }
            Err(_) => Err(DecodeError::expected("properties", "an object of objects")),
        },
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.to_fields().map_err(ser::Error::custom)?.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::from_fields(Fields::deserialize(from)?).map_err(de::Error::custom)
    }
}
