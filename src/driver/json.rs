//! JSON in the browser's own hands: it parses, and what it made is read member
//! by member. What is read from knows nothing of what reads it, so the tests
//! read the same from `serde_json`.

use js_sys::{Array, JSON, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// A JSON value. What is not there, or is null, is none.
pub(super) trait Json: Sized {
    /// Reads a JSON text.
    fn parse(text: &str) -> Option<Self>;
    /// A member of an object.
    fn member(&self, key: &str) -> Option<Self>;
    /// The members' names of an object.
    fn keys(&self) -> Vec<String>;
    fn items(&self) -> Option<Vec<Self>>;
    fn text(&self) -> Option<String>;
    fn number(&self) -> Option<f64>;
    fn flag(&self) -> Option<bool>;
    /// As a JSON text.
    fn written(&self) -> String;
}

impl Json for JsValue {
    fn parse(text: &str) -> Option<Self> {
        JSON::parse(text).ok()
    }

    fn member(&self, key: &str) -> Option<Self> {
        let member = Reflect::get(self, &key.into()).ok()?;
        (!member.is_undefined() && !member.is_null()).then_some(member)
    }

    fn keys(&self) -> Vec<String> {
        let names = Reflect::own_keys(self).unwrap_or_default();
        names.iter().filter_map(|name| name.as_string()).collect()
    }

    fn items(&self) -> Option<Vec<Self>> {
        Some(self.dyn_ref::<Array>()?.to_vec())
    }

    fn text(&self) -> Option<String> {
        self.as_string()
    }

    fn number(&self) -> Option<f64> {
        self.as_f64()
    }

    fn flag(&self) -> Option<bool> {
        self.as_bool()
    }

    fn written(&self) -> String {
        JSON::stringify(self).map(String::from).unwrap_or_default()
    }
}

#[cfg(test)]
impl Json for serde_json::Value {
    fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    fn member(&self, key: &str) -> Option<Self> {
        self.get(key).filter(|member| !member.is_null()).cloned()
    }

    fn keys(&self) -> Vec<String> {
        let object = self.as_object();
        object.iter().flat_map(|it| it.keys().cloned()).collect()
    }

    fn items(&self) -> Option<Vec<Self>> {
        self.as_array().cloned()
    }

    fn text(&self) -> Option<String> {
        self.as_str().map(str::to_owned)
    }

    fn number(&self) -> Option<f64> {
        self.as_f64()
    }

    fn flag(&self) -> Option<bool> {
        self.as_bool()
    }

    fn written(&self) -> String {
        self.to_string()
    }
}
