//! JSON at the edge of the widget: texts to values and back.

use serde::Serialize;
use serde_json::Value;

pub(super) fn read(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

pub(super) fn write<T: Serialize + ?Sized>(value: &T) -> Option<String> {
    serde_json::to_string(value).ok()
}
