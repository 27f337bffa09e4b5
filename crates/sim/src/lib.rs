//! A world for tests: visitors' machines and an agent at one end, the real
//! server's router over its memory store at the other, a network between them
//! that delays, loses and doubles, and a clock that costs no time.
//!
//! Everything that is left to chance comes from one seed: the same seed is the
//! same story. It knows nothing that a stranger's client could not know: both
//! sides speak HTTP.

mod agent;
mod network;
mod visitor;
mod wire;
mod world;

pub use network::Faults;
pub use world::{Outcome, Plan, run};
