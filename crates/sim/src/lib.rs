//! Simulates a conversation on a virtual clock: a visitor's device with its tabs, an agent, and the
//! real server's router over its store. The network between them delays, loses, duplicates and
//! truncates requests and answers, or works in one direction only.
//!
//! All random choices come from one seed, so the same seed gives the same conversation. Both sides use
//! HTTP, as any other client does. `judge.rs` checks what must be true of every world.

mod agent;
mod device;
mod endpoint;
mod judge;
mod network;
mod plan;
mod shrink;
mod staff;
mod storage;
mod wire;
mod world;

pub use plan::{Act, Plan};
pub use shrink::shrink;
pub use world::{Outcome, run, run_over_sqlite};
