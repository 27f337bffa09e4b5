//! Flat JSON objects whose `type` says what else is in them. They are read in two
//! steps, through a map, so that each kind is compiled for one source only: in the
//! browser every further source costs kilobytes. Nothing here knows any kind.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::DecodeError;

/// An object's fields by name.
pub type Fields = Map<String, Value>;

/// Takes the word that says what the object is.
pub(crate) fn take_word(fields: &mut Fields, key: &str) -> Result<String, DecodeError> {
    match fields.remove(key) {
        Some(Value::String(word)) if !word.is_empty() => Ok(word),
        Some(Value::String(_)) => Err(DecodeError::expected(key, "a word")),
        Some(_) => Err(DecodeError::expected(key, "a string")),
        None => Err(DecodeError::missing("", key)),
    }
}

/// Takes a text; absent and `null` are none.
pub(crate) fn take_text(fields: &mut Fields, key: &str) -> Result<Option<String>, DecodeError> {
    match fields.remove(key) {
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Null) | None => Ok(None),
        Some(_) => Err(DecodeError::expected(key, "a string")),
    }
}

/// Takes a text where one is, and leaves anything else in its place.
pub(crate) fn take_text_if(fields: &mut Fields, key: &str) -> Option<String> {
    match fields.get(key) {
        Some(Value::String(_)) => take_text(fields, key).ok().flatten(),
        _ => None,
    }
}

/// Reads the fields that make up one kind.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn typed<T: DeserializeOwned>(from: impl Into<Value>) -> Result<T, DecodeError> {
    crate::error::decode_value(from.into())
}

/// Reads the fields that make up one kind. Without the path within: it would be
/// compiled again for each kind, and in the browser nobody reads it.
#[cfg(target_family = "wasm")]
pub(crate) fn typed<T: DeserializeOwned>(from: impl Into<Value>) -> Result<T, DecodeError> {
    T::deserialize(from.into()).map_err(|error| DecodeError::of("", &error))
}

/// The fields of one kind.
pub(crate) fn fields<T: Serialize>(kind: &T) -> Result<Fields, serde_json::Error> {
    match serde_json::to_value(kind)? {
        Value::Object(fields) => Ok(fields),
        _ => Ok(Fields::new()),
    }
}

/// Puts a text where there is one.
pub(crate) fn put_text(fields: &mut Fields, key: &str, text: Option<&str>) {
    if let Some(text) = text {
        fields.insert(key.to_owned(), Value::String(text.to_owned()));
    }
}
