//! Notes that programs leave on an event, a thread or a chat (Agent Chat API, Properties):
//! a namespace, within it names, each with any JSON value. What they mean is known to
//! those programs only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::tagged::Fields;

/// Namespace → name → value; at most 16 KiB of JSON.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Properties(pub BTreeMap<String, Fields>);

impl Properties {
    /// One value.
    pub fn value(&self, namespace: &str, name: &str) -> Option<&Value> {
        self.0.get(namespace)?.get(name)
    }

    /// Sets one value, in place of what was there.
    pub fn set(&mut self, namespace: &str, name: &str, value: Value) {
        self.0
            .entry(namespace.to_owned())
            .or_default()
            .insert(name.to_owned(), value);
    }

    /// Takes over all values of `other`, and keeps those that it does not name.
    pub fn merge(&mut self, other: Properties) {
        for (namespace, values) in other.0 {
            self.0.entry(namespace).or_default().extend(values);
        }
    }

    /// Takes away the values that are named, and namespaces that are empty then. Says
    /// whether any was there.
    pub fn remove(&mut self, names: &PropertyNames) -> bool {
        let mut found = false;
        for (namespace, names) in &names.0 {
            if let Some(values) = self.0.get_mut(namespace) {
                for name in names {
                    found |= values.remove(name).is_some();
                }
            }
        }
        self.0.retain(|_, values| !values.is_empty());
        found
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads them; gives the value back when it is not an object of objects.
    pub fn from_value(value: Value) -> Result<Self, Value> {
        match value {
            Value::Object(spaces) if spaces.values().all(Value::is_object) => Ok(Self(
                spaces
                    .into_iter()
                    .filter_map(|(namespace, values)| match values {
                        Value::Object(values) => Some((namespace, values)),
                        _ => None,
                    })
                    .collect(),
            )),
            other => Err(other),
        }
    }

    /// The JSON of it.
    pub fn to_value(&self) -> Value {
        Value::Object(
            self.0
                .iter()
                .map(|(namespace, values)| (namespace.clone(), Value::Object(values.clone())))
                .collect(),
        )
    }
}

/// Which values: namespace → names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PropertyNames(pub BTreeMap<String, Vec<String>>);

#[cfg(feature = "openapi")]
mod schemas {
    use serde_json::json;
    use utoipa::{
        PartialSchema, ToSchema,
        openapi::{
            Object, RefOr, Schema,
            schema::{ArrayBuilder, Type},
        },
    };

    use super::{Properties, PropertyNames};
    use crate::schema::members;

    impl PartialSchema for Properties {
        fn schema() -> RefOr<Schema> {
            members(
                Object::with_type(Type::Object),
                "Values by namespace and name; 16 KiB of JSON at most.",
                json!({ "shop": { "hats": 2 } }),
            )
        }
    }

    impl ToSchema for Properties {}

    impl PartialSchema for PropertyNames {
        fn schema() -> RefOr<Schema> {
            let names = ArrayBuilder::new().items(Object::with_type(Type::String));
            members(names, "Names by namespace.", json!({ "shop": ["hats"] }))
        }
    }

    impl ToSchema for PropertyNames {}
}
