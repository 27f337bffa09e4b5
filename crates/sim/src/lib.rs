//! A world for tests: a visitor's device with its tabs at one end, an agent at
//! another, the real server's router over its store between them, a network
//! that delays, loses, doubles, cuts and goes one way, and a virtual clock.
//!
//! Everything that is random comes from one seed: the same seed gives the same
//! conversation. It knows nothing that a stranger's client could not know: both
//! sides speak HTTP. What must be true of every world is in `judge.rs`.

mod agent;
mod device;
mod endpoint;
mod judge;
mod network;
mod plan;
mod shrink;
mod storage;
mod wire;
mod world;

pub use plan::{Act, Plan};
pub use shrink::shrink;
pub use world::{Outcome, run, run_over_sqlite};
