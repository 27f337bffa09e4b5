//! Flat JSON objects whose `type` says what else is in them. They are read in two steps: the
//! type first, then the members that it says. Nothing here knows any type.

use serde::de::{DeserializeSeed, Deserializer, Error, Expected, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{DecodeError, located};

/// An object's fields by name.
pub type Fields = Map<String, Value>;

/// The name under which a deserializer is asked for the same value several times, as the elements
/// of a sequence. A deserializer over values that are in memory anyway (`is_human_readable` is
/// false) must support it. Any other, which reads a text once, need not know it.
pub const SAME_VALUE: &str = "parlor_wire::SameValue";

/// Lets `visitor` read one value several times: each element of the sequence that it visits is
/// that value. What comes from a text is kept as a [`Value`] meanwhile.
pub(crate) fn read_repeatedly<'de, T, D, V>(from: D, visitor: V) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    V: for<'any> Visitor<'any, Value = T>,
{
    if !from.is_human_readable() {
        return from.deserialize_tuple_struct(SAME_VALUE, usize::MAX, visitor);
    }
    let value = Value::deserialize(from)?;
    visitor
        .visit_seq(SameValue(&value))
        .map_err(D::Error::custom)
}

/// The `type` of an object.
pub(crate) fn kind<'de, A: SeqAccess<'de>>(object: &mut A) -> Result<String, A::Error> {
    #[derive(Deserialize)]
    struct Tagged {
        #[serde(rename = "type")]
        kind: String,
    }
    let Tagged { kind } = next(object)?;
    if kind.is_empty() {
        return Err(A::Error::custom(DecodeError::expected("type", "a word")));
    }
    Ok(kind)
}

/// The same object, read as a `T`.
pub(crate) fn next<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(
    object: &mut A,
) -> Result<T, A::Error> {
    object
        .next_element()?
        .ok_or_else(|| A::Error::invalid_length(0, &"an object" as &dyn Expected))
}

/// The fields of an object that serializes to one.
pub(crate) fn fields<T: Serialize>(from: &T) -> Result<Fields, serde_json::Error> {
    match serde_json::to_value(from)? {
        Value::Object(fields) => Ok(fields),
        _ => Ok(Fields::new()),
    }
}

/// Says of which form a value is to be, for [`Visitor::expecting`].
macro_rules! expecting {
    ($wanted:literal) => {
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str($wanted)
        }
    };
}
pub(crate) use expecting;

/// Never ends.
struct SameValue<'a>(&'a Value);

impl<'de> SeqAccess<'de> for SameValue<'de> {
    type Error = serde_json::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Self::Error> {
        if !self.0.is_object() {
            let found = Unexpected::Other("another value");
            return Err(Error::invalid_type(found, &"an object"));
        }
        located(seed, self.0).map(Some)
    }
}
