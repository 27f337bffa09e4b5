//! The agent API through the real router, with typed actors: a visitor, agents
//! who are programs, people at the console, and strangers. The store is in
//! memory, or SQLite (`stores`).

// Tests fail by panicking.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[path = "agent_api/actors/mod.rs"]
mod actors;
#[path = "agent_api/annotations.rs"]
mod annotations;
#[path = "agent_api/answer_size.rs"]
mod answer_size;
#[path = "agent_api/archives.rs"]
mod archives;
#[path = "agent_api/broadcast.rs"]
mod broadcast;
#[path = "agent_api/catch_up.rs"]
mod catch_up;
#[path = "agent_api/compare_and_send.rs"]
mod compare_and_send;
#[path = "agent_api/events.rs"]
mod events;
#[path = "agent_api/groups.rs"]
mod groups;
#[path = "agent_api/hidden_details.rs"]
mod hidden_details;
#[path = "agent_api/inputs.rs"]
mod inputs;
#[path = "agent_api/listing.rs"]
mod listing;
#[path = "agent_api/logs.rs"]
mod logs;
#[path = "agent_api/presence.rs"]
mod presence;
#[path = "agent_api/queue.rs"]
mod queue;
#[path = "agent_api/records.rs"]
mod records;
#[path = "agent_api/requests.rs"]
mod requests;
#[path = "agent_api/sign_in.rs"]
mod sign_in;
#[path = "agent_api/socket.rs"]
mod socket;
#[path = "agent_api/start_chat.rs"]
mod start_chat;
mod stores;
#[path = "agent_api/transfer.rs"]
mod transfer;
#[path = "agent_api/users.rs"]
mod users;
