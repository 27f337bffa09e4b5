//! Stands in for the crate `wasm-streams`, which Leptos has for its server functions: they send and
//! receive the browser's streams. No page of ours has a server function. But that crate exports
//! classes to JavaScript, and what is exported is never left out by a linker: it would weigh three
//! kilobytes in what a visitor loads, and is never called.
//!
//! Must stay true: it has what `server_fn` names, and nothing happens in it: a stream that is sent
//! is no stream, and one that is received is empty.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use wasm_bindgen::{JsCast, JsValue};

/// As of `wasm-streams`.
#[derive(Debug)]
pub struct ReadableStream;

impl ReadableStream {
    pub fn from_raw(_: web_sys::ReadableStream) -> Self {
        Self
    }

    pub fn from_stream<S: Stream<Item = Result<JsValue, JsValue>> + 'static>(_: S) -> Self {
        Self
    }

    pub fn into_raw(self) -> web_sys::ReadableStream {
        JsValue::UNDEFINED.unchecked_into()
    }

    pub fn into_stream(self) -> IntoStream {
        IntoStream
    }
}

/// Nothing comes of it.
#[derive(Debug)]
pub struct IntoStream;

impl Stream for IntoStream {
    type Item = Result<JsValue, JsValue>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(None)
    }
}
