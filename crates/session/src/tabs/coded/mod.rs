//! What tabs say to each other, as bytes: member after member, without names.
//! Each type has one function that serves both ways, since in what a visitor
//! loads two of everything would weigh twice.
//!
//! Must stay true: bytes of another version are never read, and whatever comes
//! is read without a panic. Whoever changes what is coded raises [`VERSION`];
//! the tests know the bytes.

mod said;
mod shown;
mod told;
mod wire;

use super::Message;

/// The first byte of every message. Tabs of one site may have been loaded
/// before and after an update of the endpoint.
pub const VERSION: u8 = 4;

/// Deeper than this nothing is: Markdown is the only thing that holds itself.
const DEEP_MAX: usize = 64;

/// What came from another tab.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    Message(Box<Message>),
    /// It speaks a newer version than this one.
    Newer,
    /// An older version, or nothing that a tab says.
    Nothing,
}

impl Message {
    pub fn coded(mut self) -> Vec<u8> {
        let mut coder = Coder::writing();
        coder.bytes.push(VERSION);
        self.code(&mut coder);
        coder.written()
    }
}

/// Reads what another tab said.
pub fn heard(bytes: Vec<u8>) -> Heard {
    match bytes.first() {
        Some(&VERSION) => {}
        Some(version) if *version > VERSION => return Heard::Newer,
        _ => return Heard::Nothing,
    }
    let mut message = Message::blank();
    let mut coder = Coder::reading(bytes);
    coder.at = 1;
    message.code(&mut coder);
    if coder.failed || coder.at != coder.bytes.len() {
        return Heard::Nothing;
    }
    Heard::Message(Box::new(message))
}

/// Writes values, or reads them: then `code` puts them where blanks were.
#[derive(Debug, Default)]
pub struct Coder {
    bytes: Vec<u8>,
    writes: bool,
    /// How far it was read.
    at: usize,
    deep: usize,
    /// What was read is not what was written.
    failed: bool,
}

/// What can be said to another tab.
pub trait Coded: Sized {
    /// Something to read over.
    fn blank() -> Self;
    /// Is written, or becomes what is read.
    fn code(&mut self, by: &mut Coder);
}

impl Coder {
    pub(crate) fn writing() -> Self {
        Self {
            writes: true,
            ..Self::default()
        }
    }

    pub(crate) fn reading(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            ..Self::default()
        }
    }

    pub(crate) fn written(self) -> Vec<u8> {
        self.bytes
    }

    /// Writes what was written before, if this one writes.
    pub(crate) fn put(&mut self, written: &[u8]) -> bool {
        if self.writes {
            self.bytes.extend_from_slice(written);
        }
        self.writes
    }

    /// How far it has read.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn read_since(&self, from: usize) -> Vec<u8> {
        self.bytes.get(from..self.at).unwrap_or_default().to_vec()
    }

    /// Seven bits a byte, the lowest first.
    fn number(&mut self, number: u64) -> u64 {
        if self.writes {
            let mut rest = number;
            while rest > 0x7f {
                self.bytes.push(rest as u8 | 0x80);
                rest >>= 7;
            }
            self.bytes.push(rest as u8);
            return number;
        }
        let mut read = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let Some(byte) = self.bytes.get(self.at) else {
                break;
            };
            self.at += 1;
            read |= u64::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                return read;
            }
        }
        self.failed = true;
        0
    }

    /// So many, one after the other. One function for lists of everything.
    fn list(&mut self, length: usize, each: &mut dyn FnMut(usize, &mut Self)) {
        let length = self.number(length as u64) as usize;
        self.deep += 1;
        self.failed |= self.deep > DEEP_MAX;
        for at in 0..length {
            if self.failed {
                break;
            }
            each(at, self);
        }
        self.deep -= 1;
    }

    fn string(&mut self, string: &mut String) {
        let length = self.number(string.len() as u64) as usize;
        if self.writes {
            self.bytes.extend_from_slice(string.as_bytes());
            return;
        }
        let end = self.at.saturating_add(length);
        let read = self.bytes.get(self.at..end).map(<[u8]>::to_vec);
        match read.map(String::from_utf8) {
            Some(Ok(read)) => {
                *string = read;
                self.at = end;
            }
            _ => self.failed = true,
        }
    }
}

macro_rules! numbers {
    ($($name:ty)+) => {
        $(impl Coded for $name {
            fn blank() -> Self {
                0
            }

            fn code(&mut self, by: &mut Coder) {
                *self = by.number(*self as u64) as Self;
            }
        })+
    };
}

numbers! { u8 u32 u64 usize i64 }

impl Coded for bool {
    fn blank() -> Self {
        false
    }

    fn code(&mut self, by: &mut Coder) {
        *self = by.number(u64::from(*self)) != 0;
    }
}

impl Coded for String {
    fn blank() -> Self {
        Self::new()
    }

    fn code(&mut self, by: &mut Coder) {
        by.string(self);
    }
}

impl<T: Coded> Coded for Option<T> {
    fn blank() -> Self {
        None
    }

    fn code(&mut self, by: &mut Coder) {
        if by.number(u64::from(self.is_some())) != 0 {
            self.get_or_insert_with(T::blank).code(by);
        }
    }
}

impl<T: Coded> Coded for Box<T> {
    fn blank() -> Self {
        Self::new(T::blank())
    }

    fn code(&mut self, by: &mut Coder) {
        T::code(self, by);
    }
}

impl<T: Coded> Coded for Vec<T> {
    fn blank() -> Self {
        Self::new()
    }

    fn code(&mut self, by: &mut Coder) {
        by.list(self.len(), &mut |at, by| {
            if !by.writes {
                self.push(T::blank());
            }
            if let Some(item) = self.get_mut(at) {
                item.code(by);
            }
        });
    }
}

impl<A: Coded, B: Coded> Coded for (A, B) {
    fn blank() -> Self {
        (A::blank(), B::blank())
    }

    fn code(&mut self, by: &mut Coder) {
        self.0.code(by);
        self.1.code(by);
    }
}

/// Structs by their members; enums by the number of their variant, then its
/// members. What stands behind `or` is there to be read over.
macro_rules! coded {
    () => {};
    (struct $name:ident { $($member:tt),* } without { $($left:ident),* } $($rest:tt)*) => {
        impl Coded for $name {
            fn blank() -> Self {
                Self { $($member: Coded::blank(),)* $($left: Default::default()),* }
            }

            fn code(&mut self, by: &mut Coder) {
                $(self.$member.code(by);)*
            }
        }
        coded! { $($rest)* }
    };
    (struct $name:ident { $($member:tt),* } $($rest:tt)*) => {
        coded! { struct $name { $($member),* } without {} $($rest)* }
    };
    (enum $name:ident or $blank:expr => {
        $($n:literal $variant:ident $(($($part:ident),*))? $({$($member:ident),*})?,)+
    } $($rest:tt)*) => {
        impl Coded for $name {
            fn blank() -> Self {
                $blank
            }

            fn code(&mut self, by: &mut Coder) {
                let number = by.number(match self {
                    $(Self::$variant { .. } => $n,)+
                });
                if !by.writes {
                    *self = match number {
                        $($n => Self::$variant
                            $(($({ let $part = Coded::blank(); $part }),*))?
                            $({$($member: Coded::blank()),*})?,)+
                        _ => return by.failed = true,
                    };
                }
                match self {
                    $(Self::$variant $(($($part),*))? $({$($member),*})? => {
                        $($($part.code(by);)*)?
                        $($($member.code(by);)*)?
                    })+
                }
            }
        }
        coded! { $($rest)* }
    };
}
use coded;
