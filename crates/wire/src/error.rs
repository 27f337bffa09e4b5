//! What can be said about JSON that could not be read: where, and what was wanted
//! there. It does not know the bytes any more, and must never repeat a value from
//! them: a visitor may have written it, and this text goes into replies and logs.

use std::fmt;

use serde::de::{self, DeserializeOwned, DeserializeSeed};
use serde_json::Value;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment, Track};

/// Why a body could not be read. `Display` is safe to send and to log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    /// From the top of the body, as `fields[0].id`; empty for the body itself.
    pub path: String,
    /// What is wrong there.
    pub kind: DecodeErrorKind,
    /// From 1; 0 when the input was not text.
    pub line: usize,
    /// From 1; 0 when the input was not text.
    pub column: usize,
}

/// What is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodeErrorKind {
    /// The bytes are not JSON, or nest deeper than is ever needed.
    Syntax,
    /// The bytes end in the middle of JSON.
    Truncated,
    /// A field that must be there is not.
    Missing(String),
    /// Something else stands there than what is named here.
    Expected(String),
    /// It is not of the form that is wanted; nothing more can be said safely.
    Form,
}

/// Reads one JSON text, whole.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let mut from = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut from)
        .map_err(|error| DecodeError::new(path_text(error.path()), error.inner()))?;
    from.end()
        .map_err(|error| DecodeError::new(String::new(), &error))?;
    Ok(value)
}

/// Reads a type from JSON that is already taken apart.
pub fn decode_value<T: DeserializeOwned>(value: Value) -> Result<T, DecodeError> {
    serde_path_to_error::deserialize(value)
        .map_err(|error| DecodeError::new(path_text(error.path()), error.inner()))
}

/// Reads from JSON that is already taken apart; the error names the place within it.
pub(crate) fn located<'de, S: DeserializeSeed<'de>>(
    seed: S,
    value: &'de Value,
) -> Result<S::Value, serde_json::Error> {
    let mut track = Track::new();
    seed.deserialize(serde_path_to_error::Deserializer::new(value, &mut track))
        .map_err(|error| {
            let error = DecodeError::new(path_text(&track.path()), &error);
            de::Error::custom(error)
        })
}

impl DecodeError {
    /// A required field is not there.
    pub fn missing(path: &str, field: &str) -> Self {
        Self::at(path, DecodeErrorKind::Missing(field.to_owned()))
    }

    /// Something else than `what` stands at `path`.
    pub fn expected(path: &str, what: &str) -> Self {
        Self::at(path, DecodeErrorKind::Expected(what.to_owned()))
    }

    fn at(path: &str, kind: DecodeErrorKind) -> Self {
        Self {
            path: path.to_owned(),
            kind,
            line: 0,
            column: 0,
        }
    }

    fn new(mut path: String, error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let kind = match error.classify() {
            Category::Eof => DecodeErrorKind::Truncated,
            Category::Syntax | Category::Io => DecodeErrorKind::Syntax,
            Category::Data => {
                let told = error.to_string();
                let told = told
                    .strip_suffix(&format!(" at line {line} column {column}"))
                    .unwrap_or(&told);
                let (inner, kind) = understand(told);
                join(&mut path, inner);
                kind
            }
        };
        Self {
            path,
            kind,
            line,
            column,
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "in `{}`, ", self.path)?;
        }
        match &self.kind {
            DecodeErrorKind::Syntax => f.write_str("not JSON")?,
            DecodeErrorKind::Truncated => f.write_str("JSON that ends too early")?,
            DecodeErrorKind::Missing(field) => write!(f, "missing field `{field}`")?,
            DecodeErrorKind::Expected(what) => write!(f, "expected {what}")?,
            DecodeErrorKind::Form => f.write_str("not of the form that is wanted")?,
        }
        if self.line > 0 {
            write!(f, " at line {} column {}", self.line, self.column)?;
        }
        Ok(())
    }
}

impl std::error::Error for DecodeError {}

/// Takes from serde's sentence what our own types said, and leaves what was read: the
/// wanted comes last in it, and the value before. A sentence of our own, from a type
/// that is read in two steps, also brings the path within it.
fn understand(told: &str) -> (&str, DecodeErrorKind) {
    let (path, told) = match told
        .strip_prefix("in `")
        .and_then(|rest| rest.split_once("`, "))
    {
        Some((path, rest)) if path.chars().all(is_path_char) => (path, rest),
        _ => ("", told),
    };
    let kind = if let Some(field) = told.strip_prefix("missing field ") {
        DecodeErrorKind::Missing(safe_key(field.trim_matches('`')).to_owned())
    } else if let Some(what) = told.strip_prefix("expected ") {
        DecodeErrorKind::Expected(what.to_owned())
    } else if let Some((_, what)) = told.rsplit_once(", expected ") {
        DecodeErrorKind::Expected(what.to_owned())
    } else {
        DecodeErrorKind::Form
    };
    (path, kind)
}

fn path_text(path: &Path) -> String {
    let mut text = String::new();
    for segment in path.iter() {
        match segment {
            Segment::Seq { index } => text.push_str(&format!("[{index}]")),
            Segment::Map { key } => join(&mut text, safe_key(key)),
            Segment::Enum { variant } => join(&mut text, safe_key(variant)),
            Segment::Unknown => join(&mut text, "*"),
        }
    }
    text
}

fn join(path: &mut String, rest: &str) {
    if !path.is_empty() && !rest.is_empty() && !rest.starts_with('[') {
        path.push('.');
    }
    path.push_str(rest);
}

/// Keys of free maps are somebody's words too: only what looks like a field's name
/// is shown.
fn safe_key(key: &str) -> &str {
    let name = key.len() <= 40 && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if name && !key.is_empty() { key } else { "*" }
}

fn is_path_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '[' | ']' | '*')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Outer {
        #[serde(rename = "items")]
        _items: Vec<Item>,
    }

    #[derive(Debug, Deserialize)]
    struct Item {
        #[serde(rename = "n")]
        _n: u8,
    }

    #[test]
    fn place_and_wanted_are_told() {
        let error = decode::<Outer>(b"{\"items\":[{\"n\":1},\n{\"n\":\"x\"}]}").unwrap_err();
        assert_eq!(error.path, "items[1].n");
        assert_eq!(error.kind, DecodeErrorKind::Expected("u8".to_owned()));
        assert_eq!(error.line, 2);
        assert_eq!(
            error.to_string(),
            "in `items[1].n`, expected u8 at line 2 column 8"
        );
    }

    #[test]
    fn missing_field_is_named() {
        let error = decode_value::<Outer>(json!({})).unwrap_err();
        assert_eq!(error.to_string(), "missing field `items`");
    }

    #[test]
    fn values_are_never_repeated() {
        for secret in [
            "my secret",
            "a, expected secret",
            "in `secret`, x",
            "` secret",
            "secret",
        ] {
            let body = json!({ "items": [{ "n": secret }] });
            let told = decode_value::<Outer>(body).unwrap_err().to_string();
            assert_eq!(told, "in `items[0].n`, expected u8");
        }
    }

    #[test]
    fn keys_of_free_maps_are_not_repeated() {
        let body = json!({ "jon@example.com": "x" });
        let told = decode_value::<BTreeMap<String, u8>>(body).unwrap_err();
        assert_eq!(told.path, "*");
    }

    #[test]
    fn broken_and_short_bodies_differ() {
        let kind = |bytes: &[u8]| decode::<Value>(bytes).unwrap_err().kind;
        assert_eq!(kind(b"{]"), DecodeErrorKind::Syntax);
        assert_eq!(kind(b"{} x"), DecodeErrorKind::Syntax);
        assert_eq!(kind(b"\"\xff\""), DecodeErrorKind::Syntax);
        assert_eq!(kind(b"{\"a\":"), DecodeErrorKind::Truncated);
        assert_eq!(kind(b""), DecodeErrorKind::Truncated);
        assert_eq!(
            kind("[".repeat(100_000).as_bytes()),
            DecodeErrorKind::Syntax
        );
    }
}
