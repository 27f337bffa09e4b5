//! Every field of every type that the samples hold is in some sample. So a field that is added to
//! the wire and forgotten here fails, and one that is here is compared in both directions, natively
//! and as the browser reads it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use parlor_wire::{SAME_VALUE, free::JSON_TEXT};
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Value};

use crate::types::*;

/// Names that no sample has, each as `Type.field`: other spellings, of which a sample has another.
const IN_NO_SAMPLE: &[&str] = &[
    "CustomDetail.entityFieldsMaps",
    "CustomDetail.entityMaps",
    "Settings.pingrate",
    "TransferChat.chat_id",
];

type Names = &'static [&'static str];

thread_local! {
    /// The fields of each struct that was read, and which of them some sample has.
    static STRUCTS: RefCell<BTreeMap<(&'static str, Names), BTreeSet<&'static str>>> =
        RefCell::default();
}

/// A sample that records which fields it is asked for.
#[derive(Clone, Copy)]
struct Sample<'a>(&'a Value);

impl<'de> Deserializer<'de> for Sample<'de> {
    type Error = Error;

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple map identifier ignored_any
    }

    /// As the browser's: then every type is read from what is in memory, by this deserializer.
    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(items) => {
                visitor.visit_seq(SeqDeserializer::new(items.iter().map(Sample)))
            }
            Value::Object(fields) => {
                let fields = fields
                    .iter()
                    .map(|(name, value)| (name.as_str(), Sample(value)));
                visitor.visit_map(MapDeserializer::new(fields))
            }
            other => other.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: Names,
        visitor: V,
    ) -> Result<V::Value, Error> {
        STRUCTS.with_borrow_mut(|structs| {
            let seen = structs.entry((name, fields)).or_default();
            seen.extend(fields.iter().filter(|field| self.0.get(field).is_some()));
        });
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match name {
            JSON_TEXT => visitor.visit_string(self.0.to_string()),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match name {
            SAME_VALUE => visitor.visit_seq(Repeated(self)),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: Names,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }
}

impl<'de> IntoDeserializer<'de, Error> for Sample<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// The same as often as it is asked for.
struct Repeated<'a>(Sample<'a>);

impl<'de> SeqAccess<'de> for Repeated<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        seed.deserialize(self.0).map(Some)
    }
}

macro_rules! read_samples {
    ($($name:literal => $type:ty,)+) => {
        $({
            let text = include_str!(concat!("../../fixtures/", $name, ".json"));
            let value: Value = serde_json::from_str(text).unwrap();
            let read: Result<$type, Error> = serde::Deserialize::deserialize(Sample(&value));
            read.map(drop).unwrap_or_else(|error| panic!("{}: {error}", $name));
        })+
    };
}

#[test]
fn every_field_is_in_some_sample() {
    for_each_sample!(read_samples);
    let missing: Vec<String> = STRUCTS.with_borrow(|structs| {
        let missing = structs.iter().flat_map(|((name, fields), seen)| {
            let missing = fields.iter().filter(|field| !seen.contains(*field));
            missing.map(move |field| format!("{name}.{field}"))
        });
        missing.collect()
    });
    assert_eq!(missing, IN_NO_SAMPLE);
}
