//! Converts rows into the wire types of each API (`docs/PROTOCOL.md`, 1). It
//! decides nothing and writes nothing.

pub(crate) mod agent;
mod annotations;
pub(crate) mod archive;
pub(crate) mod file_address;
mod markdown;
pub(crate) mod visitor;

pub(crate) use annotations::{AnnotatedEvents, Annotations};

use parlor_wire::{
    EventId,
    event::{Event as WireEvent, EventBody, Visibility as WireVisibility},
};
use serde_json::Value;

use crate::{
    damaged_rows,
    store::{
        StoreError,
        row::{Event, Visibility},
    },
};

/// A row as an event of the Agent Chat API, with its annotations.
///
/// # Errors
/// [`StoreError::Corrupt`] for a row that is no event.
pub(crate) fn event(row: &Event, annotations: &Annotations) -> Result<WireEvent, StoreError> {
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
    // A system message has no author, whoever sent it.
    if !matches!(event.body, EventBody::SystemMessage(_)) {
        event.author_id.clone_from(&row.author_id);
    }
    event.visibility = Some(match row.visibility {
        Visibility::All => WireVisibility::All,
        Visibility::Agents => WireVisibility::Agents,
    });
    annotations.apply_to(row, &mut event);
    Ok(event)
}

/// The same where many events are shown: one that cannot be read is reported and
/// left out.
pub(crate) fn readable_event(
    row: &Event,
    annotations: &Annotations,
) -> Result<Option<WireEvent>, StoreError> {
    let name = || format!("{} {}", row.thread_id, row.number);
    damaged_rows::leave_out(event(row, annotations), name)
}

/// An event as a JSON string, the `data` of a visitor's `CustomEvent`.
pub(crate) fn data(event: &WireEvent) -> Result<String, StoreError> {
    let fields = event.to_fields().map_err(|error| StoreError::Corrupt {
        table: "event",
        reason: error.to_string(),
    })?;
    Ok(Value::Object(fields).to_string())
}

pub(crate) fn event_id(row: &Event) -> EventId {
    EventId::new(&row.thread_id, row.place())
}
