//! Events that programs agreed upon among themselves, and events by which the endpoint
//! reports on the chat (Agent Chat API, Custom and System message).

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::free;
use crate::tagged::expecting;
use crate::window;

/// Whatever two programs agreed upon.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Custom {
    /// An object, by the documentation; any JSON is kept, 32 KiB at most.
    #[serde(
        default,
        with = "free::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub content: Option<Value>,
}

/// Something happened to the chat.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SystemMessage {
    /// What happened, as `routing.assigned`.
    pub system_message_type: String,
    /// The same as a sentence, for who does not know the type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 16384))]
    pub text: Option<String>,
    /// Who and what is spoken of in the sentence, by name; at most 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub text_vars: Option<Vars>,
}

/// What stands for the names in a sentence. They are few: a list is less code
/// than a map of them, where a browser loads it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Vars(Vec<(String, Value)>);

impl Vars {
    /// What this name stands for.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(String, Value)> for Vars {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(vars: I) -> Self {
        Self(vars.into_iter().collect())
    }
}

impl Serialize for Vars {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl<'de> Deserialize<'de> for Vars {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(VarsVisitor)
    }
}

struct VarsVisitor;

impl<'de> Visitor<'de> for VarsVisitor {
    type Value = Vars;

    expecting!("a map");

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vars, A::Error> {
        let mut vars = Vec::new();
        while let Some((name, Var(value))) = map.next_entry()? {
            vars.push((name, value));
        }
        Ok(Vars(vars))
    }
}

/// What stands for one name: a text, mostly. A window reads no other.
struct Var(Value);

impl<'de> Deserialize<'de> for Var {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if !window::reads(&from) {
            return Value::deserialize(from).map(Self);
        }
        // One that is no text costs only itself.
        let text = String::deserialize(from).unwrap_or_default();
        Ok(Self(Value::String(text)))
    }
}
