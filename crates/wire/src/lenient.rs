//! Reading scalars as they really arrive: numbers as strings, flags as 0 and 1, ids
//! as numbers. For `#[serde(deserialize_with = "…")]`; the optional forms also want
//! `default`, and read `null` as absent. Writing is never lenient, and no error here
//! repeats what was read.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Unexpected, Visitor};
use serde_json::Number;

use crate::loose::Loose;

/// The largest whole number that a JSON number keeps exactly everywhere.
const EXACT_MAX: f64 = 9_007_199_254_740_991.0;

/// `30`, `30.0` or `"30"`.
pub fn integer<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    scalar(from)?
        .integer()
        .ok_or_else(|| wrong::<D>("a whole number"))
}

/// As [`integer`]; absent, `null` and `""` are none.
pub fn optional_integer<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    optional(scalar(from)?, Scalar::integer).ok_or_else(|| wrong::<D>("a whole number"))
}

/// `3` or `"3"`, not negative.
pub fn count<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    scalar(from)?.count().ok_or_else(|| wrong::<D>("a count"))
}

/// As [`count`]; absent, `null` and `""` are none.
pub fn optional_count<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    optional(scalar(from)?, Scalar::count).ok_or_else(|| wrong::<D>("a count"))
}

/// `37.79` or `"37.79"`, finite; absent, `null` and `""` are none.
pub fn optional_number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    optional(scalar(from)?, Scalar::number).ok_or_else(|| wrong::<D>("a number"))
}

/// `true`, `1`, `"1"`, `"true"`, and their opposites.
pub fn boolean<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    scalar(from)?
        .boolean()
        .ok_or_else(|| wrong::<D>("true or false"))
}

/// As [`boolean`]; absent, `null` and `""` are none.
pub fn optional_boolean<'de, D: Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    optional(scalar(from)?, Scalar::boolean).ok_or_else(|| wrong::<D>("true or false"))
}

/// `"1473433500211"` or `1473433500211`.
pub fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    scalar(from)?.text().ok_or_else(|| wrong::<D>("a string"))
}

/// As [`text`]; absent and `null` are none, `""` is a text.
pub fn optional_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    match scalar(from)? {
        Scalar::Null => Ok(None),
        other => other.text().map(Some).ok_or_else(|| wrong::<D>("a string")),
    }
}

/// As [`text`]; absent and `null` are `""`.
pub fn text_or_empty<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    optional_text(from).map(Option::unwrap_or_default)
}

/// As [`boolean`]; absent, `null` and `""` are false.
pub fn boolean_or_false<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    optional_boolean(from).map(Option::unwrap_or_default)
}

/// As [`integer`]; absent, `null` and `""` are 0.
pub fn integer_or_zero<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    optional_integer(from).map(Option::unwrap_or_default)
}

/// `null` is what `T` is by default.
pub fn null_as_default<'de, T, D>(from: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(from).map(Option::unwrap_or_default)
}

fn wrong<'de, D: Deserializer<'de>>(wanted: &'static str) -> D::Error {
    de::Error::invalid_value(Unexpected::Other("another value"), &wanted)
}

pub(crate) fn scalar<'de, D: Deserializer<'de>>(from: D) -> Result<Scalar, D::Error> {
    from.deserialize_any(ScalarVisitor)
}

/// What arrived, before it is known what is wanted: all types share this one reader.
pub(crate) enum Scalar {
    Null,
    Flag(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Text(String),
}

impl Scalar {
    fn integer(self) -> Option<i64> {
        match self {
            Self::Signed(number) => Some(number),
            Self::Unsigned(number) => i64::try_from(number).ok(),
            Self::Float(number) => whole(number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Null | Self::Flag(_) => None,
        }
    }

    fn count(self) -> Option<u64> {
        match self {
            Self::Unsigned(number) => Some(number),
            Self::Text(text) => text.trim().parse().ok(),
            other => other
                .integer()
                .and_then(|number| u64::try_from(number).ok()),
        }
    }

    fn number(self) -> Option<f64> {
        match self {
            Self::Signed(number) => Some(number as f64),
            Self::Unsigned(number) => Some(number as f64),
            Self::Float(number) => Some(number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Null | Self::Flag(_) => None,
        }
        .filter(|number| number.is_finite())
    }

    fn boolean(self) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(flag),
            Self::Text(text) => match text.as_str() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            },
            other => match other.integer() {
                Some(1) => Some(true),
                Some(0) => Some(false),
                _ => None,
            },
        }
    }

    pub(crate) fn loose(self) -> Option<Loose> {
        match self {
            Self::Text(text) => Some(Loose::Text(text)),
            Self::Signed(number) => Some(Loose::Number(number.into())),
            Self::Unsigned(number) => Some(Loose::Number(number.into())),
            Self::Float(number) => Number::from_f64(number).map(Loose::Number),
            Self::Null | Self::Flag(_) => None,
        }
    }

    fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Signed(number) => Some(number.to_string()),
            Self::Unsigned(number) => Some(number.to_string()),
            Self::Float(number) => Some(match whole(number) {
                Some(number) => number.to_string(),
                None => number.to_string(),
            }),
            Self::Null | Self::Flag(_) => None,
        }
    }
}

/// None: the value is there and is not one.
fn optional<T>(value: Scalar, read: fn(Scalar) -> Option<T>) -> Option<Option<T>> {
    match value {
        Scalar::Null => Some(None),
        Scalar::Text(text) if text.is_empty() => Some(None),
        value => read(value).map(Some),
    }
}

fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() <= EXACT_MAX).then_some(number as i64)
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, number or flag")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar::Flag(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar::Signed(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
        Ok(Scalar::Unsigned(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
        Ok(Scalar::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Scalar, E> {
        Ok(Scalar::Text(value))
    }

    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar::Null)
    }

    fn visit_none<E>(self) -> Result<Scalar, E> {
        Ok(Scalar::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Scalar, D::Error> {
        scalar(from)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn numbers_come_as_numbers_and_as_strings() {
        for value in [json!(30), json!("30"), json!(30.0), json!(" 30 ")] {
            assert_eq!(integer(&value).unwrap(), 30);
            assert_eq!(count(&value).unwrap(), 30);
            assert_eq!(optional_number(&value).unwrap(), Some(30.0));
        }
        assert_eq!(optional_number(json!("-122.39")).unwrap(), Some(-122.39));
        assert_eq!(count(json!(u64::MAX)).unwrap(), u64::MAX);
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        for value in [
            json!("x"),
            json!(1.5),
            json!(true),
            json!(1e300),
            json!([]),
            Value::Null,
        ] {
            assert!(integer(&value).is_err(), "{value}");
        }
        assert!(count(json!(-1)).is_err());
        assert!(integer(json!(u64::MAX)).is_err());
        assert!(optional_number(json!("inf")).is_err());
        assert!(optional_number(json!("NaN")).is_err());
    }

    #[test]
    fn flags_come_in_six_forms() {
        for value in [json!(true), json!(1), json!("1"), json!("true")] {
            assert!(boolean(&value).unwrap());
        }
        for value in [json!(false), json!(0), json!("0"), json!("false")] {
            assert!(!boolean(&value).unwrap());
        }
        assert!(boolean(json!(2)).is_err());
        assert!(boolean(json!("yes")).is_err());
    }

    #[test]
    fn nothing_is_none() {
        for value in [Value::Null, json!("")] {
            assert_eq!(optional_integer(&value).unwrap(), None);
            assert_eq!(optional_count(&value).unwrap(), None);
            assert_eq!(optional_boolean(&value).unwrap(), None);
            assert_eq!(optional_number(&value).unwrap(), None);
        }
        assert_eq!(optional_text(Value::Null).unwrap(), None);
        assert_eq!(optional_text(json!("")).unwrap(), Some(String::new()));
        assert!(
            null_as_default::<Vec<u8>, _>(Value::Null)
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn ids_come_as_numbers() {
        assert_eq!(text(json!(2)).unwrap(), "2");
        assert_eq!(text(json!("2")).unwrap(), "2");
        assert!(text(json!({})).is_err());
    }

    #[test]
    fn errors_do_not_repeat_what_was_read() {
        let told = integer(json!("my secret")).unwrap_err().to_string();
        assert!(!told.contains("secret"), "{told}");
    }
}
