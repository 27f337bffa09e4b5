//! Values of any form, which other programs agreed upon: they are kept and passed on.
//!
//! Programs keep them as trees. A chat window ([`crate::window`]) keeps the JSON text of one in a
//! [`Value::String`], by [`from_text`] and [`text`]: a browser then loads no code that reads,
//! compares, copies and writes trees.
//!
//! For `#[serde(with = "free")]`; the optional form also wants `default`.

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::Value;

use crate::tagged::expecting;
use crate::window;

/// The name of a newtype struct whose content is the JSON text of a value, to be read from that
/// value and written as that value. A window's format must support it.
pub const JSON_TEXT: &str = "parlor_wire::JsonText";

/// The value as a window keeps it. The text must be JSON: it is written as it is.
pub fn from_text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// The JSON text of a value that a window keeps; empty for a tree, which only programs keep.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Reads any value.
///
/// # Errors
/// When there is no value.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Value, D::Error> {
    if window::reads(&from) {
        let text = from.deserialize_newtype_struct(JSON_TEXT, TextVisitor)?;
        Ok(Value::String(text))
    } else {
        Value::deserialize(from)
    }
}

/// Writes any value.
///
/// # Errors
/// Those of the format.
pub fn serialize<S: Serializer>(value: &Value, to: S) -> Result<S::Ok, S::Error> {
    match value {
        value if to.is_human_readable() => value.serialize(to),
        Value::String(text) => to.serialize_newtype_struct(JSON_TEXT, text),
        _ => to.serialize_unit(),
    }
}

/// Of a value that may be absent.
pub mod optional {
    use super::*;

    /// Reads any value; absent and `null` are none.
    ///
    /// # Errors
    /// Those of the format.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
        if window::reads(&from) {
            super::deserialize(from).map(Some)
        } else {
            Option::deserialize(from)
        }
    }

    /// Writes any value.
    ///
    /// # Errors
    /// Those of the format.
    pub fn serialize<S: Serializer>(value: &Option<Value>, to: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::serialize(value, to),
            None => to.serialize_none(),
        }
    }
}

/// Any value, where no attribute can stand.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Free(pub Value);

impl Serialize for Free {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        serialize(&self.0, to)
    }
}

/// As [`Free`], to be written.
pub(crate) struct FreeRef<'a>(pub(crate) &'a Value);

impl Serialize for FreeRef<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        serialize(self.0, to)
    }
}

impl<'de> Deserialize<'de> for Free {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        deserialize(from).map(Self)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = String;

    expecting!("a JSON text");

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }
}
