//! Reads JSON that the browser has parsed, as serde's derives ask for it.

use std::fmt;

use js_sys::{Array, JSON, Object};
use parlor_wire::{SAME_VALUE, free::JSON_TEXT};
use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess,
    SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

/// An agent's Markdown lies deepest, sixteen nodes in an event of a batch: a list and an object each.
const DEPTH_MAX: u8 = 64;

/// The largest whole number that JavaScript keeps exactly.
const EXACT_MAX: f64 = 9_007_199_254_740_991.0;

/// Members that have several spellings (`#[serde(alias)]`), all of them in alphabetical order, as
/// serde lists them among the names of a struct's fields: they are one field, read from the first
/// that is there. Without its entry here, a type is misread, which the tests of its sample show.
const SPELLINGS: &[&[&str]] = &[
    &["chat_id", "id"],
    &["entityFieldMaps", "entityFieldsMaps", "entityMaps"],
    &["event", "said"],
    &["pingRate", "pingrate"],
    &["properites", "properties"],
    &["sent_in_session", "went_in"],
];

#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    type Record;
    /// Absent and `null` are both none.
    #[wasm_bindgen(method, structural, indexing_getter)]
    fn member(this: &Record, name: &str) -> Option<JsValue>;
}

/// A value is not of the form that is wanted. What it is, is never repeated.
#[derive(Debug)]
pub(super) struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not of the form that is wanted")
    }
}

impl std::error::Error for Unreadable {}

impl de::Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// A value; `undefined` stands for a member that is absent.
#[derive(Clone, Copy)]
pub(super) struct Parsed<'a> {
    value: &'a JsValue,
    depth: u8,
}

impl<'a> Parsed<'a> {
    pub(super) fn new(value: &'a JsValue) -> Self {
        let depth = DEPTH_MAX;
        Self { value, depth }
    }

    /// Its JSON text.
    fn text(self) -> Result<String, Unreadable> {
        let text = JSON::stringify(self.value).map_err(|_| Unreadable)?;
        text.as_string().ok_or(Unreadable)
    }

    fn record(self) -> Result<(&'a Record, u8), Unreadable> {
        let is_record = self.value.is_object() && !Array::is_array(self.value);
        let depth = self.depth.checked_sub(1).filter(|_| is_record);
        Ok((self.value.unchecked_ref(), depth.ok_or(Unreadable)?))
    }

    fn items<'de, V: Visitor<'de>>(
        self,
        is_list: bool,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        let array = self.value.dyn_ref::<Array>().ok_or(Unreadable)?;
        visitor.visit_seq(Items {
            items: array.to_vec().into_iter(),
            is_list,
            depth: self.depth.checked_sub(1).ok_or(Unreadable)?,
        })
    }

    fn fields<'de, V: Visitor<'de>>(
        self,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        let (record, depth) = self.record()?;
        visitor.visit_seq(Fields {
            record,
            names,
            depth,
        })
    }
}

impl<'de> Deserializer<'de> for Parsed<'_> {
    type Error = Unreadable;

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str bytes byte_buf unit unit_struct identifier
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if let Some(text) = self.value.as_string() {
            visitor.visit_string(text)
        } else if let Some(number) = self.value.as_f64() {
            if number.trunc() != number || number.abs() > EXACT_MAX {
                // No member is a fraction; a text may have come as one.
                visitor.visit_string(self.text()?)
            } else if number < 0.0 {
                visitor.visit_i64(number as i64)
            } else {
                visitor.visit_u64(number as u64)
            }
        } else if let Some(flag) = self.value.as_bool() {
            visitor.visit_bool(flag)
        } else if Array::is_array(self.value) {
            self.items(true, visitor)
        } else if self.value.is_object() {
            self.deserialize_map(visitor)
        } else {
            visitor.visit_unit()
        }
    }

    /// An id may come as a number.
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_string(match self.value.as_string() {
            Some(text) => text,
            None if self.value.as_f64().is_some() => self.text()?,
            None => return Err(Unreadable),
        })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.value.is_undefined() || self.value.is_null() {
            true => visitor.visit_none(),
            false => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        if name == JSON_TEXT {
            return visitor.visit_string(self.text()?);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.items(true, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.items(false, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        if name == SAME_VALUE {
            self.record()?;
            return visitor.visit_seq(SameValue(self));
        }
        self.items(false, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let (record, depth) = self.record()?;
        visitor.visit_map(Entries {
            record,
            names: Object::keys(record.unchecked_ref::<Object>())
                .to_vec()
                .into_iter(),
            value: JsValue::NULL,
            depth,
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.fields(names, visitor)
    }

    /// A word, or an object of one member.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        let (name, value) = match self.value.as_string() {
            Some(name) => (name, JsValue::NULL),
            None => {
                let record = self.record()?.0;
                let name = Object::keys(record.unchecked_ref::<Object>())
                    .get(0)
                    .as_string();
                let name = name.ok_or(Unreadable)?;
                let value = record.member(&name).unwrap_or_default();
                (name, value)
            }
        };
        visitor.visit_enum(Variant {
            name,
            value,
            depth: self.depth.checked_sub(1).ok_or(Unreadable)?,
        })
    }
}

/// Of a list, what can be read; a tuple is read whole, or not at all.
struct Items {
    items: std::vec::IntoIter<JsValue>,
    is_list: bool,
    depth: u8,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unreadable> {
        let depth = self.depth;
        let next = self.items.next();
        next.map(|value| {
            seed.deserialize(Parsed {
                value: &value,
                depth,
            })
        })
        .transpose()
    }

    fn next_element<T: Deserialize<'de>>(&mut self) -> Result<Option<T>, Unreadable> {
        let depth = self.depth;
        for value in self.items.by_ref() {
            match T::deserialize(Parsed {
                value: &value,
                depth,
            }) {
                Err(_) if self.is_list => {}
                read => return read.map(Some),
            }
        }
        Ok(None)
    }
}

/// The members of a struct in the order of its fields: code that reads them by place is lighter than
/// code that reads them by name (of 275 KB of WebAssembly, 23 KB went; brotli 11).
struct Fields<'a> {
    record: &'a Record,
    names: &'static [&'static str],
    depth: u8,
}

impl Fields<'_> {
    /// The next field's member; `undefined` if it is absent.
    fn next(&mut self) -> JsValue {
        let mut spellings = SPELLINGS.iter().filter(|all| self.names.starts_with(all));
        let count = spellings.next().map_or(1, |all| all.len());
        let (names, rest) = self.names.split_at_checked(count).unwrap_or_default();
        self.names = rest;
        let mut found = names.iter().filter_map(|name| self.record.member(name));
        found.next().unwrap_or_default()
    }
}

impl<'de> SeqAccess<'de> for Fields<'_> {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unreadable> {
        let (member, depth) = (self.next(), self.depth);
        let value = &member;
        seed.deserialize(Parsed { value, depth }).map(Some)
    }

    /// A member that cannot be read is as if it were absent; none, if it must not be absent.
    // Never inline: the copies for fields of like types are then one function.
    #[inline(never)]
    fn next_element<T: Deserialize<'de>>(&mut self) -> Result<Option<T>, Unreadable> {
        let (mut member, depth) = (self.next(), self.depth);
        loop {
            let value = &member;
            match T::deserialize(Parsed { value, depth }) {
                Ok(read) => return Ok(Some(read)),
                Err(_) if member.is_undefined() => return Ok(None),
                Err(_) => member = JsValue::UNDEFINED,
            }
        }
    }
}

/// The members of a map: one that cannot be read makes the map unreadable.
struct Entries<'a> {
    record: &'a Record,
    names: std::vec::IntoIter<JsValue>,
    value: JsValue,
    depth: u8,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unreadable> {
        let Some(name) = self.names.next().and_then(|name| name.as_string()) else {
            return Ok(None);
        };
        self.value = self.record.member(&name).unwrap_or(JsValue::NULL);
        seed.deserialize(name.into_deserializer()).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<T::Value, Unreadable> {
        seed.deserialize(Parsed {
            value: &self.value,
            depth: self.depth,
        })
    }
}

/// The same as often as it is asked for.
struct SameValue<'a>(Parsed<'a>);

impl<'de> SeqAccess<'de> for SameValue<'_> {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unreadable> {
        seed.deserialize(self.0).map(Some)
    }
}

struct Variant {
    name: String,
    value: JsValue,
    depth: u8,
}

impl Variant {
    fn content(&self) -> Parsed<'_> {
        Parsed {
            value: &self.value,
            depth: self.depth,
        }
    }
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Unreadable;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<(T::Value, Self), Unreadable> {
        let name = self.name.as_str().into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant {
    type Error = Unreadable;

    fn unit_variant(self) -> Result<(), Unreadable> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, Unreadable> {
        seed.deserialize(self.content())
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unreadable> {
        self.content().items(false, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.content().fields(names, visitor)
    }
}
