//! The actors: visitors with a correct client, visitors with old clients,
//! agents, and strangers.

mod agent;
mod old_client;
mod stranger;
mod visitor;

pub(crate) use agent::Agent;
pub(crate) use old_client::{Ack, OldClient};
pub(crate) use stranger::Stranger;
pub(crate) use visitor::Visitor;
