//! How one line of the log looks on each face (`docs/PROTOCOL.md`, 1): rows in,
//! wire types out. It decides nothing and writes nothing.

pub(crate) mod agent;
mod markdown;
pub(crate) mod visitor;

use parlor_wire::{
    EventId,
    event::{Event as WireEvent, Visibility as WireVisibility},
};
use serde_json::Value;

use crate::store::{
    StoreError,
    row::{Event, Visibility},
};

/// The event of seed 002 that a row is.
pub(crate) fn event(row: &Event) -> Result<WireEvent, StoreError> {
    let mut fields = match &row.body.0 {
        Value::Object(fields) => fields.clone(),
        _ => serde_json::Map::new(),
    };
    fields.insert("type".into(), row.kind.clone().into());
    let mut event = WireEvent::from_fields(fields).map_err(|error| StoreError::Corrupt {
        table: "event",
        reason: error.to_string(),
    })?;
    event.id = Some(event_id(row));
    event.custom_id.clone_from(&row.custom_id);
    event.created_at = Some(row.created_at.to_rfc3339());
    event.author_id.clone_from(&row.author_id);
    event.visibility = Some(match row.visibility {
        Visibility::All => WireVisibility::All,
        Visibility::Agents => WireVisibility::Agents,
    });
    Ok(event)
}

pub(crate) fn event_id(row: &Event) -> EventId {
    EventId::new(&row.thread_id, u64::try_from(row.number).unwrap_or(0))
}
