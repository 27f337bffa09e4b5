//! Webhooks, with real receivers: what is sent, to whom and when, and what happens when a
//! receiver refuses, hangs or is gone.
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

mod agent_events;
mod day;
mod failures;
mod interface;
mod lifecycle;
mod logs;
mod process;
mod receiver;
mod receivers;
mod site;
