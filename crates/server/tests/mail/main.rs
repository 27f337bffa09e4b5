//! Mail, with a real SMTP server: what is sent, to whom and when, and what happens
//! when the server refuses, hangs or dies.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test does not find, fails it"
)]

#[allow(
    dead_code,
    unused_imports,
    reason = "the visitor API's tests use the rest of them"
)]
#[path = "../visitor_api/actors/mod.rs"]
mod actors;
#[path = "../program/mod.rs"]
mod program;
#[allow(dead_code, reason = "the visitor API's tests use the rest of it")]
#[path = "../visitor_api/server.rs"]
mod server;
#[path = "../stores/mod.rs"]
mod stores;

mod alerts;
mod answers;
mod failures;
mod process;
mod site;
mod smtp;
mod transcripts;
