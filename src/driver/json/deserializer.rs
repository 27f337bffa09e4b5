//! Reads JSON that the browser has parsed, as serde's derives ask for it.

use std::{borrow::Cow, fmt};

use js_sys::{Array, Object};
use parlor_wire::SAME_VALUE;
use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess,
    SeqAccess, VariantAccess, Visitor,
};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

/// An agent's Markdown lies deepest, sixteen nodes in an event of a batch: a list and an object each.
const DEPTH_MAX: u8 = 64;

/// The largest whole number that JavaScript keeps exactly.
const EXACT_MAX: f64 = 9_007_199_254_740_991.0;

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

/// A value; `undefined` reads as the default of every type that has one.
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

    fn is_record(self) -> bool {
        self.value.is_object() && !Array::is_array(self.value)
    }

    fn list<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.items(visitor, true)
    }

    fn items<'de, V: Visitor<'de>>(
        self,
        visitor: V,
        is_list: bool,
    ) -> Result<V::Value, Unreadable> {
        let items = match self.value.dyn_ref::<Array>() {
            Some(array) => array.to_vec(),
            None if self.value.is_undefined() => Vec::new(),
            None => return Err(Unreadable),
        };
        let (items, depth) = (items.into_iter(), deeper(self.depth)?);
        visitor.visit_seq(Items {
            items,
            is_list,
            depth,
        })
    }

    fn members<'de, V: Visitor<'de>>(
        self,
        names: Names,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        let names = match names {
            _ if self.value.is_undefined() => Names::Fields(&[]),
            _ if !self.is_record() => return Err(Unreadable),
            names => names,
        };
        let (record, depth) = (self.value.unchecked_ref(), deeper(self.depth)?);
        let value = JsValue::UNDEFINED;
        visitor.visit_map(Members {
            record,
            names,
            next: 0,
            value,
            depth,
        })
    }

    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.value.as_f64() {
            None if self.value.is_undefined() => visitor.visit_u64(0),
            None => Err(Unreadable),
            Some(number) if number.trunc() != number || number.abs() > EXACT_MAX => {
                visitor.visit_f64(number)
            }
            Some(number) if number < 0.0 => visitor.visit_i64(number as i64),
            Some(number) => visitor.visit_u64(number as u64),
        }
    }

    /// An id may come as a number.
    fn text<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match (self.value.as_string(), self.value.as_f64()) {
            (Some(text), _) => visitor.visit_string(text),
            (None, Some(number)) => visitor.visit_string((number as i64).to_string()),
            _ if self.value.is_undefined() => visitor.visit_str(""),
            _ => Err(Unreadable),
        }
    }
}

fn deeper(depth: u8) -> Result<u8, Unreadable> {
    depth.checked_sub(1).ok_or(Unreadable)
}

macro_rules! forward {
    ($($method:ident)+ => $to:ident) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
            self.$to(visitor)
        })+
    };
}

impl<'de> Deserializer<'de> for Parsed<'_> {
    type Error = Unreadable;

    forward! { deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 => number }
    forward! { deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 => number }
    forward! { deserialize_f32 deserialize_f64 => number }
    forward! { deserialize_str deserialize_string deserialize_char => text }
    forward! { deserialize_identifier deserialize_bytes deserialize_byte_buf => text }
    forward! { deserialize_unit deserialize_ignored_any => deserialize_any }
    forward! { deserialize_seq => list }

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.value.is_string() {
            self.text(visitor)
        } else if let Some(flag) = self.value.as_bool() {
            visitor.visit_bool(flag)
        } else if Array::is_array(self.value) {
            self.list(visitor)
        } else if self.value.is_object() {
            self.deserialize_map(visitor)
        } else if self.value.is_undefined() || self.value.is_null() {
            visitor.visit_unit()
        } else {
            self.number(visitor)
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.value.as_bool() {
            None if !self.value.is_undefined() => Err(Unreadable),
            flag => visitor.visit_bool(flag == Some(true)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.value.is_undefined() || self.value.is_null() {
            true => visitor.visit_none(),
            false => visitor.visit_some(self),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.items(visitor, false)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        match name {
            SAME_VALUE if self.is_record() => visitor.visit_seq(SameValue(self)),
            SAME_VALUE => Err(Unreadable),
            _ => self.items(visitor, false),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let names = match self.is_record() {
            true => Object::keys(self.value.unchecked_ref::<Object>()),
            false => Array::new(),
        };
        self.members(Names::Keys(names), visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.members(Names::Fields(fields), visitor)
    }

    /// A word, or an object of one member.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        if let Some(name) = self.value.as_string() {
            let value = JsValue::UNDEFINED;
            return visitor.visit_enum(Variant {
                name,
                value,
                depth: 0,
            });
        }
        if !self.is_record() {
            return Err(Unreadable);
        }
        let name = Object::keys(self.value.unchecked_ref::<Object>()).get(0);
        let name = name.as_string().ok_or(Unreadable)?;
        let value = self
            .value
            .unchecked_ref::<Record>()
            .member(&name)
            .unwrap_or_default();
        visitor.visit_enum(Variant {
            name,
            value,
            depth: deeper(self.depth)?,
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
        let Some(value) = self.items.next() else {
            return Ok(None);
        };
        seed.deserialize(Parsed {
            value: &value,
            depth: self.depth,
        })
        .map(Some)
    }

    fn next_element<T: Deserialize<'de>>(&mut self) -> Result<Option<T>, Unreadable> {
        for value in self.items.by_ref() {
            match T::deserialize(Parsed {
                value: &value,
                depth: self.depth,
            }) {
                Err(_) if self.is_list => {}
                read => return read.map(Some),
            }
        }
        Ok(None)
    }
}

enum Names {
    Fields(&'static [&'static str]),
    Keys(Array),
}

impl Names {
    fn get(&self, index: usize) -> Option<Cow<'static, str>> {
        match self {
            Self::Fields(fields) => fields.get(index).map(|name| Cow::Borrowed(*name)),
            Self::Keys(keys) => keys.get(index as u32).as_string().map(Cow::Owned),
        }
    }
}

/// One that cannot be read is as if it were not there.
struct Members<'a> {
    record: &'a Record,
    names: Names,
    next: usize,
    value: JsValue,
    depth: u8,
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unreadable> {
        while let Some(name) = self.names.get(self.next) {
            self.next += 1;
            self.value = match (self.record.member(&name), &self.names) {
                (Some(value), _) => value,
                (None, Names::Keys(_)) => JsValue::NULL,
                (None, Names::Fields(_)) => continue,
            };
            return seed.deserialize(name.into_deserializer()).map(Some);
        }
        Ok(None)
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

    fn next_value<T: Deserialize<'de>>(&mut self) -> Result<T, Unreadable> {
        let depth = self.depth;
        let read = |value: &JsValue| T::deserialize(Parsed { value, depth });
        read(&self.value).or_else(|_| read(&JsValue::UNDEFINED))
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
    fn parsed(&self) -> Parsed<'_> {
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
        seed.deserialize(self.parsed())
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unreadable> {
        self.parsed().items(visitor, false)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.parsed().members(Names::Fields(fields), visitor)
    }
}
