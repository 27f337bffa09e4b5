//! JSON by serde, in the browser's hands: it parses, and what it made is read where it lies; what
//! we write is text. `serde_json`'s parser and printer would weigh more than the session.
//!
//! Must stay true: one member that cannot be read is as if it were not there, and costs nothing
//! else.

mod deserializer;
mod serializer;

use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::JsValue;

/// Reads a text.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    read_value(&parse(text)?)
}

/// Lets the browser parse a text.
pub(super) fn parse(text: &str) -> Option<JsValue> {
    js_sys::JSON::parse(text).ok()
}

/// Reads what the browser has parsed.
pub(super) fn read_value<T: DeserializeOwned>(value: &JsValue) -> Option<T> {
    T::deserialize(deserializer::Parsed::new(value)).ok()
}

pub(super) fn write<T: Serialize>(value: &T) -> String {
    let mut text = String::new();
    // Nothing of ours refuses to be written.
    let _ = value.serialize(serializer::Writer(&mut text));
    text
}

#[cfg(test)]
#[cfg(target_arch = "wasm32")]
mod tests;
