//! `get_record`, which is ours (`docs/PROTOCOL.md`, 5, Records).

use parlor_wire::{Record, agent::GetRecord};

use super::super::error::Result;
use crate::{app::App, conversation::records, store::row::Agent};

pub(super) async fn get(app: &App, agent: &Agent, request: GetRecord) -> Result<Record> {
    Ok(records::load(app, agent, &request.id).await?)
}
