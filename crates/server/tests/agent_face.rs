//! The agents' face through the real router, by typed actors: a visitor, agents
//! who are programs, people at the console, and strangers.

// A case that fails, panics.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[path = "agent_face/actors/mod.rs"]
mod actors;
#[path = "agent_face/archives.rs"]
mod archives;
#[path = "agent_face/catch_up.rs"]
mod catch_up;
#[path = "agent_face/compare.rs"]
mod compare;
#[path = "agent_face/door.rs"]
mod door;
#[path = "agent_face/events.rs"]
mod events;
#[path = "agent_face/inputs.rs"]
mod inputs;
#[path = "agent_face/listing.rs"]
mod listing;
#[path = "agent_face/logs.rs"]
mod logs;
#[path = "agent_face/marks.rs"]
mod marks;
#[path = "agent_face/people.rs"]
mod people;
#[path = "agent_face/presence.rs"]
mod presence;
#[path = "agent_face/session.rs"]
mod session;
#[path = "agent_face/socket.rs"]
mod socket;
#[path = "agent_face/start.rs"]
mod start;
#[path = "agent_face/transfer.rs"]
mod transfer;
