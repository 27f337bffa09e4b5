//! What a site keeps, as a process and a folder: people are exported and erased beside a running
//! server, and backups are made under load and brought back.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test does not find, fails it"
)]

#[path = "../program/mod.rs"]
mod program;

mod backups;
mod person;
mod site;
