//! Values that one sender writes as a string and the next as a number. Both are kept
//! as they came, so that what is stored and sent on is what was received.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Number;

use crate::lenient;

/// A string or a number, as it came: `"2"` or `2`, `"51.1043015"` or `51.1043015`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loose {
    /// It came as a string.
    Text(String),
    /// It came as a number.
    Number(Number),
}

impl Loose {
    /// As text, whichever it is: the way to compare ids.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
        }
    }

    /// As an id: ids are texts or whole numbers, and whoever knows that needs no
    /// printer of fractions, which weighs two kilobytes in a browser.
    pub fn id(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.as_i64().unwrap_or_default().to_string(),
        }
    }

    /// As a finite number, when it is one or reads as one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Text(text) => text.trim().parse().ok(),
            Self::Number(number) => number.as_f64(),
        }
        .filter(|number| number.is_finite())
    }

    /// As a whole number, when it is one or reads as one.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Text(text) => text.trim().parse().ok(),
            Self::Number(number) => number.as_i64(),
        }
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Loose {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::schema::Type;
        crate::schema::one_of_types(
            [Type::String, Type::Number],
            "A text or a number, kept as it came.",
        )
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Loose {}

impl fmt::Display for Loose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl From<&str> for Loose {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Loose {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Loose {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}

impl Serialize for Loose {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => to.serialize_str(text),
            Self::Number(number) => number.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        lenient::scalar(from)?
            .loose()
            .ok_or_else(|| de::Error::custom("expected a string or a number"))
    }
}
