//! Who calls: visitors with a careful client, visitors with old ones, agents,
//! and strangers.

mod agent;
mod old_client;
mod stranger;
mod visitor;

pub(crate) use agent::Agent;
pub(crate) use old_client::{Ack, OldClient};
pub(crate) use stranger::Stranger;
pub(crate) use visitor::Visitor;
