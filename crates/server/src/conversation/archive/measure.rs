//! What is counted of a conversation, and how long visitors waited for answers
//! (Chats API, `count` and `response_time`; `docs/ARCHIVE.md` has the definition).

use parlor_wire::event::{Event as WireEvent, EventBody};

use crate::{
    clock::Timestamp,
    store::{
        archive::ThreadCounts,
        row::{Event, Thread, Visibility},
    },
};

/// Measures a conversation by its events, which are in order.
pub(crate) fn measure(thread: &Thread, events: &[(Event, WireEvent)]) -> ThreadCounts {
    let mut counts = ThreadCounts::default();
    // Who asks for a chat waits from then on.
    let begun_by_visitor = thread.queued_at.is_some() || thread.accepted_at.is_none();
    let mut waits_since = begun_by_visitor.then_some(thread.created_at);
    for (row, event) in events {
        if row.visibility == Visibility::Agents || !is_said(&event.body) {
            continue;
        }
        let Some(author) = &row.author_id else {
            continue;
        };
        // The first of a thread is the customer.
        if thread.user_ids.first() == Some(author) {
            counts.visitor_messages += 1;
            waits_since.get_or_insert(row.created_at);
        } else {
            counts.agent_messages += 1;
            if let Some(since) = waits_since.take() {
                count_response(&mut counts, row.created_at, since);
            }
        }
    }
    counts
}

fn count_response(counts: &mut ThreadCounts, at: Timestamp, since: Timestamp) {
    let waited_ms = (at.as_millis() - since.as_millis()).max(0);
    counts.responses += 1;
    counts.first_response_ms.get_or_insert(waited_ms);
    counts.total_response_ms += waited_ms;
    counts.max_response_ms = counts.max_response_ms.max(waited_ms);
}

/// Whether somebody has said something. The form before a chat counts: it asks.
fn is_said(body: &EventBody) -> bool {
    match body {
        EventBody::Message(_)
        | EventBody::File(_)
        | EventBody::Form(_)
        | EventBody::FilledForm(_)
        | EventBody::RichMessage(_) => true,
        EventBody::Custom(_) | EventBody::SystemMessage(_) | EventBody::Unknown { .. } => false,
    }
}
