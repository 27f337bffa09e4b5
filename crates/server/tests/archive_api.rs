//! The archive (Chats API) through the real router: a program with a token, visitors
//! and agents. The store is in memory, or SQLite (`stores`).

// Tests fail by panicking.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[path = "archive_api/access.rs"]
mod access;
#[allow(
    dead_code,
    unused_imports,
    reason = "the tests of the agent API use the rest of them"
)]
#[path = "agent_api/actors/mod.rs"]
mod actors;
#[path = "archive_api/agents.rs"]
mod agents;
#[path = "archive_api/changes.rs"]
mod changes;
#[path = "archive_api/conversions.rs"]
mod conversions;
#[path = "archive_api/export.rs"]
mod export;
#[path = "archive_api/list.rs"]
mod list;
#[path = "archive_api/program.rs"]
mod program;
#[path = "archive_api/records.rs"]
mod records;
#[path = "archive_api/search.rs"]
mod search;
mod stores;
