//! Questions with their answers (Agent Chat API, Filled form). The questions are repeated,
//! so that it can be read without the form it came from.

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::form::FieldKind;
use crate::loose::Loose;
use crate::tagged::expecting;
use crate::{free, lenient, window};

/// A form as somebody filled it in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FilledForm {
    /// The form that was filled in.
    pub form_id: Loose,
    /// What it was for: `prechat`, `postchat`, `ask_for_email`, or any other word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form_type: Option<String>,
    /// In the order in which they were asked.
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    pub fields: Vec<FilledField>,
}

/// One question with its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FilledField {
    /// How it was asked.
    #[serde(rename = "type")]
    pub kind: FieldKind,
    /// Names the field within the form.
    pub id: Loose,
    /// The question as the person read it.
    pub label: String,
    /// The answer, for the kinds that take one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// The answers, for the kinds that take several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 300))]
    pub answers: Option<Vec<Answer>>,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The person's own words.
    Text(String),
    /// An option of the field.
    Choice(Choice),
    /// Something that is neither, as it came: the Agent Chat API allows any value.
    Other(Value),
}

/// The option that was chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Choice {
    /// Names the option within the field.
    pub id: Loose,
    /// The option as the person read it.
    pub label: String,
    /// For `group_chooser`: the group of agents that it leads to.
    #[serde(
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub group_id: Option<i64>,
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Answer {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::schema::Type;
        crate::schema::one_of_types(
            [Type::String, Type::Object],
            "A text, or the chosen option: its `id` and `label`, and its `group_id` if it has one.",
        )
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Answer {}

impl Answer {
    /// The answer as a person reads it; none for what is no answer.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Choice(choice) => Some(&choice.label),
            Self::Other(_) => None,
        }
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => to.serialize_str(text),
            Self::Choice(choice) => choice.serialize(to),
            Self::Other(value) => free::serialize(value, to),
        }
    }
}

impl<'de> Deserialize<'de> for Answer {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if window::reads(&from) {
            return from.deserialize_any(AnswerVisitor);
        }
        Ok(match Value::deserialize(from)? {
            Value::String(text) => Self::Text(text),
            object @ Value::Object(_) => match Choice::deserialize(&object) {
                Ok(choice) => Self::Choice(choice),
                Err(_) => Self::Other(object),
            },
            other => Self::Other(other),
        })
    }
}

/// For a window: it skips what is neither a text nor an option.
struct AnswerVisitor;

impl<'de> Visitor<'de> for AnswerVisitor {
    type Value = Answer;

    expecting!("an answer");

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Answer, E> {
        Ok(Answer::Text(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Answer, A::Error> {
        Choice::deserialize(MapAccessDeserializer::new(map)).map(Answer::Choice)
    }
}
