//! Members that a chat window never displays. Formats of text read them. A format over values that
//! are in memory anyway (`is_human_readable` is false) is what a window reads with: it skips them,
//! and the window carries no code that reads them.
//!
//! For `#[serde(default, deserialize_with = "…")]`.

use serde::de::{Deserialize, Deserializer, IgnoredAny};

use crate::lenient;

/// Whether it is a window that reads.
pub(crate) fn reads<'de, D: Deserializer<'de>>(from: &D) -> bool {
    !from.is_human_readable()
}

/// An optional member; `null` is none.
///
/// # Errors
/// In a format of text, when it is no `T`.
pub fn skips<'de, T, D>(from: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    if reads(&from) {
        IgnoredAny::deserialize(from).map(|_| None)
    } else {
        Option::deserialize(from)
    }
}

/// A member with a default; `null` is the default.
///
/// # Errors
/// In a format of text, when it is no `T`.
pub fn skips_to_default<'de, T, D>(from: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    skips(from).map(Option::unwrap_or_default)
}

/// As [`lenient::optional_number`].
///
/// # Errors
/// In a format of text, when it is no number.
pub fn skips_number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    if reads(&from) {
        IgnoredAny::deserialize(from).map(|_| None)
    } else {
        lenient::optional_number(from)
    }
}
