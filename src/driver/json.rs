//! JSON at the edge of the widget, both ways.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

pub(super) fn value(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

/// By way of a value, as everything that is read: each further source would
/// compile every type again.
pub(super) fn typed<T: DeserializeOwned>(value: Value) -> Option<T> {
    T::deserialize(value).ok()
}

pub(super) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    typed(value(text)?)
}

pub(super) fn write<T: Serialize>(value: &T) -> Option<String> {
    serde_json::to_string(value).ok()
}
