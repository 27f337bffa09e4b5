//! Writes JSON text, as serde's derives tell it.

use std::fmt;

use parlor_wire::free::JSON_TEXT;
use serde::ser::{
    self, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use wasm_bindgen::JsValue;

/// No value of ours is refused; serde wants an error to be there.
#[derive(Debug)]
pub(super) struct Unwritable;

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot be written")
    }
}

impl std::error::Error for Unwritable {}

impl ser::Error for Unwritable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

type Done = Result<(), Unwritable>;

/// Appends to a text.
pub(super) struct Writer<'a>(pub(super) &'a mut String);

impl<'a> Writer<'a> {
    fn raw(self, json: &str) -> Done {
        self.0.push_str(json);
        Ok(())
    }

    fn text(self, text: &str) -> Done {
        let needs_escape = |c: char| c < ' ' || c == '"' || c == '\\';
        if text.contains(needs_escape) {
            let escaped = js_sys::JSON::stringify(&JsValue::from_str(text));
            return self.raw(&escaped.map(String::from).unwrap_or_default());
        }
        self.0.push('"');
        self.0.push_str(text);
        self.0.push('"');
        Ok(())
    }

    fn open(self, open: &str, close: &'static str) -> Entries<'a> {
        self.0.push_str(open);
        let is_first = true;
        Entries {
            to: self.0,
            is_first,
            close,
        }
    }

    /// What belongs to a variant of an enum stands under its name.
    fn variant(self, name: &str, open: &str, close: &'static str) -> Entries<'a> {
        self.0.push_str("{\"");
        self.0.push_str(name);
        self.0.push_str("\":");
        self.open(open, close)
    }
}

macro_rules! integers {
    ($($method:ident $name:ty),+) => {
        $(fn $method(self, number: $name) -> Done {
            self.raw(&number.to_string())
        })+
    };
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Entries<'a>;
    type SerializeTuple = Entries<'a>;
    type SerializeTupleStruct = Entries<'a>;
    type SerializeTupleVariant = Entries<'a>;
    type SerializeMap = Entries<'a>;
    type SerializeStruct = Entries<'a>;
    type SerializeStructVariant = Entries<'a>;

    integers! {
        serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_bool(self, flag: bool) -> Done {
        self.raw(if flag { "true" } else { "false" })
    }

    fn serialize_f32(self, number: f32) -> Done {
        self.serialize_f64(number.into())
    }

    fn serialize_f64(self, number: f64) -> Done {
        let text = js_sys::JSON::stringify(&JsValue::from_f64(number));
        self.raw(&text.map(String::from).unwrap_or_default())
    }

    fn serialize_char(self, c: char) -> Done {
        self.text(c.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Done {
        self.text(text)
    }

    fn serialize_bytes(self, _: &[u8]) -> Done {
        Err(Unwritable)
    }

    fn serialize_none(self) -> Done {
        self.raw("null")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        self.raw("null")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Done {
        self.raw("null")
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Done {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Done {
        if name != JSON_TEXT {
            return value.serialize(self);
        }
        let mut quoted = String::new();
        value.serialize(Writer(&mut quoted))?;
        let text = js_sys::JSON::parse(&quoted).ok();
        self.raw(
            text.and_then(|text| text.as_string())
                .as_deref()
                .unwrap_or("null"),
        )
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Done {
        let entries = self.variant(variant, "", "}");
        value.serialize(Writer(&mut *entries.to))?;
        entries.close()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Entries<'a>, Unwritable> {
        Ok(self.open("[", "]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Entries<'a>, Unwritable> {
        Ok(self.open("[", "]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Entries<'a>, Unwritable> {
        Ok(self.open("[", "]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Entries<'a>, Unwritable> {
        Ok(self.variant(variant, "[", "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries<'a>, Unwritable> {
        Ok(self.open("{", "}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Entries<'a>, Unwritable> {
        Ok(self.open("{", "}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Entries<'a>, Unwritable> {
        Ok(self.variant(variant, "{", "}}"))
    }
}

/// The items of a list, or the members of an object.
pub(super) struct Entries<'a> {
    to: &'a mut String,
    is_first: bool,
    close: &'static str,
}

impl Entries<'_> {
    fn begin(&mut self) {
        if !std::mem::replace(&mut self.is_first, false) {
            self.to.push(',');
        }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.begin();
        value.serialize(Writer(self.to))
    }

    fn member<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Done {
        self.begin();
        Writer(self.to).text(name)?;
        self.to.push(':');
        value.serialize(Writer(self.to))
    }

    fn close(self) -> Done {
        Writer(self.to).raw(self.close)
    }
}

macro_rules! entries {
    ($($name:ident $method:ident ($($key:ident)?) => $to:ident,)+) => {
        $(impl $name for Entries<'_> {
            type Ok = ();
            type Error = Unwritable;

            fn $method<T: Serialize + ?Sized>(&mut self, $($key: &'static str,)? value: &T) -> Done {
                self.$to($($key,)? value)
            }

            fn end(self) -> Done {
                self.close()
            }
        })+
    };
}

entries! {
    SerializeSeq serialize_element () => item,
    SerializeTuple serialize_element () => item,
    SerializeTupleStruct serialize_field () => item,
    SerializeTupleVariant serialize_field () => item,
    SerializeStruct serialize_field (name) => member,
    SerializeStructVariant serialize_field (name) => member,
}

impl SerializeMap for Entries<'_> {
    type Ok = ();
    type Error = Unwritable;

    /// A key is a text.
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        self.item(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.to.push(':');
        value.serialize(Writer(self.to))
    }

    fn end(self) -> Done {
        self.close()
    }
}
