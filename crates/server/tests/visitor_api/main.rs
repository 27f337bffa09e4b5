//! The visitor API as clients use it (`docs/PROTOCOL.md`, 2): the real router,
//! typed actors, and a clock that only moves when all tasks wait. The store is in
//! memory, or SQLite (`stores`). One file per subject; tests are named after
//! situations.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "what a test does not find, fails it"
)]

mod actors;
#[path = "../mmdb/mod.rs"]
mod mmdb;
mod server;
#[path = "../stores/mod.rs"]
mod stores;

mod acks;
mod agents_only;
mod answer_size;
mod availability;
mod bodies;
mod callbacks;
mod cors;
mod custom_events;
mod customer_fields;
mod duplicate_poll;
mod ending;
mod fault_injection;
mod file_request;
mod files;
mod foreign_pages;
mod forgetting;
mod geolocation;
mod goals;
mod group_chooser;
mod handover;
mod hang_up;
mod history;
mod identity;
mod limits;
mod markdown;
mod messages;
mod multi_noun;
mod mutation;
mod offers;
mod offline;
mod old_clients;
mod openapi;
mod poll;
mod post_numbers;
mod postbacks;
mod queue;
mod redaction;
mod routing;
mod samples;
mod seen;
mod session;
mod several_devices;
mod site;
mod templates;
mod timeouts;
mod unknown_resources;
