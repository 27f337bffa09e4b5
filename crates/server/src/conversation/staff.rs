//! Reads the agents for routing.

use crate::{
    app::App,
    routing::Staff,
    store::{Result, Tx},
};

/// All agents with the status that they have now, and the chats that each of them
/// has.
pub(crate) async fn load(tx: &mut dyn Tx, app: &App) -> Result<Staff> {
    let agents = app.presence.with_status(tx.agents().await?);
    let open_chats = tx.count_open_threads_by_agent().await?;
    let limit = app.config.routing.concurrent_chats;
    Ok(Staff::new(agents, open_chats.into_iter().collect(), limit))
}
