//! Members that a chat window never displays. It skips them, and so carries no code that reads them;
//! all other programs read them.
//!
//! A window reads values that a browser has parsed, so its format is one whose `is_human_readable` is
//! false; programs read JSON texts.
//!
//! For `#[serde(default, deserialize_with = "…")]`.

use serde::de::{Deserialize, Deserializer, IgnoredAny};

use crate::lenient;

/// Whether it is a window that reads.
pub(crate) fn reads<'de, D: Deserializer<'de>>(from: &D) -> bool {
    !from.is_human_readable()
}

/// Reads an optional member; `null` is none. A window skips it: none.
///
/// # Errors
/// In a program, when it is no `T`.
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

/// Reads a member with a default, which `null` stands for. A window skips it: the default.
///
/// # Errors
/// In a program, when it is no `T`.
pub fn skips_to_default<'de, T, D>(from: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    skips(from).map(Option::unwrap_or_default)
}

/// Reads as [`lenient::optional_number`]. A window skips it: none.
///
/// # Errors
/// In a program, when it is no number.
pub fn skips_number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    if reads(&from) {
        IgnoredAny::deserialize(from).map(|_| None)
    } else {
        lenient::optional_number(from)
    }
}
