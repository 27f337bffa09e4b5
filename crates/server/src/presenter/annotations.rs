//! Annotations of events: what was added after an event was written (pressed
//! buttons, changed properties). They are merged into the event when it is
//! presented, so that the log itself never changes.

use std::collections::BTreeMap;

use parlor_wire::{
    UserId,
    event::{Event as WireEvent, EventBody, Properties},
};
use serde_json::Value;

use crate::store::row::{Event, EventProperties, Toggle};

/// The annotations of one thread's events; by default none.
#[derive(Debug, Default)]
pub(crate) struct Annotations {
    /// Users who have a button pressed, by event number and postback id.
    toggles: BTreeMap<(i64, String), Vec<UserId>>,
    properties: BTreeMap<i64, Value>,
}

impl Annotations {
    pub(crate) fn new(toggles: Vec<Toggle>, properties: Vec<EventProperties>) -> Self {
        let mut annotations = Self::default();
        for toggle in toggles {
            let button = (toggle.number, toggle.postback_id);
            annotations
                .toggles
                .entry(button)
                .or_default()
                .push(toggle.user_id);
        }
        for row in properties {
            annotations.properties.insert(row.number, row.properties.0);
        }
        annotations
    }

    /// All current properties of an event.
    pub(crate) fn properties(&self, row: &Event) -> Properties {
        let written = || row.body.0.get("properties");
        let now = self.properties.get(&row.number).or_else(written);
        now.and_then(|value| Properties::from_value(value.clone()).ok())
            .unwrap_or_default()
    }

    /// Users who have a button pressed, in the order in which they pressed it.
    pub(crate) fn users(&self, row: &Event, postback_id: &str) -> Vec<UserId> {
        let button = (row.number, postback_id.to_owned());
        self.toggles.get(&button).cloned().unwrap_or_default()
    }

    /// Adds the annotations of a row to its event.
    pub(super) fn apply_to(&self, row: &Event, event: &mut WireEvent) {
        event.properties = Some(self.properties(row)).filter(|properties| !properties.is_empty());
        if let EventBody::RichMessage(message) = &mut event.body {
            for button in message.buttons_mut() {
                let id = button.postback_id.as_deref();
                button.user_ids = Some(id.map(|id| self.users(row, id)).unwrap_or_default());
            }
        }
    }
}

/// Events of one thread with their annotations.
#[derive(Debug, Default)]
pub(crate) struct AnnotatedEvents {
    pub(crate) rows: Vec<Event>,
    pub(crate) annotations: Annotations,
    /// There are events before these.
    pub(crate) has_earlier: bool,
}
