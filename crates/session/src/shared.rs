//! What many hold and nobody changes: what a line says, how the deployment
//! welcomes. The transcript, the mirror, the picture and what other tabs are
//! told hold one and the same.
//!
//! Must stay true: two are equal when their bytes are. Comparing and copying
//! each part of each kind was more code than all that is done with them.

use std::{fmt, ops::Deref, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::tabs::coded::{Coded, Coder};

pub struct Shared<T>(Arc<Inner<T>>);

struct Inner<T> {
    value: T,
    /// As another tab is told it.
    bytes: Vec<u8>,
}

impl<T> Shared<T> {
    fn of(value: T, bytes: Vec<u8>) -> Self {
        Self(Arc::new(Inner { value, bytes }))
    }
}

impl<T: Coded> Shared<T> {
    /// One's own, to be taken apart. Read from the bytes: that code is there
    /// already, and making a copy part by part would be more.
    pub fn copied(&self) -> T {
        let mut value = T::blank();
        value.code(&mut Coder::reading(self.0.bytes.clone()));
        value
    }
}

impl<T: Coded> From<T> for Shared<T> {
    fn from(mut value: T) -> Self {
        let mut coder = Coder::writing();
        value.code(&mut coder);
        Self::of(value, coder.written())
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.bytes == other.0.bytes
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.value.fmt(f)
    }
}

impl<T: Serialize> Serialize for Shared<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.value.serialize(to)
    }
}

impl<'de, T: Coded + Deserialize<'de>> Deserialize<'de> for Shared<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::deserialize(from).map(Self::from)
    }
}

impl<T: Coded> Coded for Shared<T> {
    fn blank() -> Self {
        Self::of(T::blank(), Vec::new())
    }

    fn code(&mut self, by: &mut Coder) {
        if by.put(&self.0.bytes) {
            return;
        }
        let from = by.at();
        let mut value = T::blank();
        value.code(by);
        *self = Self::of(value, by.read_since(from));
    }
}
