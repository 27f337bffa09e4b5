//! Pre-chat details that agents must not see (Chat REST API, `displayToAgent: false`). They
//! are kept with the thread, for its transcript fields and for records, and shown to the
//! visitor's own client alone.
//!
//! What must stay true: their values are in nothing else that is written, so that no API,
//! push or list for agents has to know of them. `ThreadDetails::shown_to_agents` leaves them
//! out where the details themselves are read.

use parlor_wire::{event::FilledForm, visitor::ChasitorInit};

/// The pre-chat form as it may be written into the log: without the fields that a hidden
/// detail answers too, which is known by the label. `None` if no field is left.
pub(super) fn shown_form(init: &ChasitorInit) -> Option<FilledForm> {
    let hidden: Vec<String> = init
        .prechat_details
        .iter()
        .filter(|detail| detail.is_hidden_from_agents())
        .map(|detail| key(&detail.label))
        .collect();
    let mut form = init.prechat_form.clone()?;
    if hidden.is_empty() {
        return Some(form);
    }
    form.fields
        .retain(|field| !hidden.contains(&key(&field.label)));
    (!form.fields.is_empty()).then_some(form)
}

/// The same label in a form and in a detail may differ in case and in blanks around it.
fn key(label: &str) -> String {
    label.trim().to_lowercase()
}
