//! Pushes of the Agent Chat API as webhooks, in the envelope that the API's own webhooks have.

use parlor_wire::{
    ChatId, EventId, OrganizationId, ThreadId,
    agent::{IncomingChat, PushBody},
};
use serde::Serialize;
use serde_json::{Value, json};

/// The envelope. The API's own has a `secret_key` too: a secret in each body would be in each
/// log of bodies, and signatures do without.
#[derive(Debug, Serialize)]
struct Envelope<'a> {
    webhook_id: &'a str,
    action: &'a str,
    organization_id: &'a OrganizationId,
    payload: &'a Value,
    additional_data: Value,
}

/// The bytes that are sent.
pub(super) fn body(
    hook: &str,
    organization_id: &OrganizationId,
    action: &str,
    payload: &Value,
) -> Result<String, serde_json::Error> {
    serde_json::to_string(&Envelope {
        webhook_id: hook,
        action,
        organization_id,
        payload,
        additional_data: json!({}),
    })
}

/// Of which conversation a push tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) chat_id: Option<ChatId>,
    pub(super) thread_id: Option<ThreadId>,
}

impl Subject {
    fn of(chat_id: &ChatId, thread_id: Option<&ThreadId>) -> Self {
        Self {
            chat_id: Some(chat_id.clone()),
            thread_id: thread_id.cloned(),
        }
    }
}

pub(super) fn subject(push: &PushBody) -> Subject {
    match push {
        PushBody::IncomingChat(it) => {
            let thread = it.chat.thread.as_ref().map(|thread| &thread.id);
            Subject::of(&it.chat.id, thread)
        }
        PushBody::IncomingEvent(it) | PushBody::EventUpdated(it) => {
            Subject::of(&it.chat_id, Some(&it.thread_id))
        }
        PushBody::IncomingTypingIndicator(it) => Subject::of(&it.chat_id, it.thread_id.as_ref()),
        PushBody::IncomingSneakPeek(it) => Subject::of(&it.chat_id, it.thread_id.as_ref()),
        PushBody::ChatTransferred(it) => Subject::of(&it.chat_id, it.thread_id.as_ref()),
        PushBody::ChatOffered(it) => Subject::of(&it.chat_id, Some(&it.thread_id)),
        PushBody::ChatAccessUpdated(it) => Subject::of(&it.id, None),
        PushBody::ChatDeactivated(it) => Subject::of(&it.chat_id, it.thread_id.as_ref()),
        PushBody::UserAddedToChat(it) => Subject::of(&it.chat_id, it.thread_id.as_ref()),
        PushBody::UserRemovedFromChat(it) => Subject::of(&it.chat_id, it.thread_id.as_ref()),
        PushBody::EventsMarkedAsSeen(it) => Subject::of(&it.chat_id, None),
        PushBody::IncomingRichMessagePostback(it) => Subject::of(&it.chat_id, Some(&it.thread_id)),
        PushBody::ChatPropertiesUpdated(it)
        | PushBody::ThreadPropertiesUpdated(it)
        | PushBody::EventPropertiesUpdated(it) => Subject::of(&it.chat_id, it.thread_id.as_ref()),
        PushBody::ChatPropertiesDeleted(it)
        | PushBody::ThreadPropertiesDeleted(it)
        | PushBody::EventPropertiesDeleted(it) => Subject::of(&it.chat_id, it.thread_id.as_ref()),
        PushBody::ThreadTagged(it) | PushBody::ThreadUntagged(it) => {
            Subject::of(&it.chat_id, Some(&it.thread_id))
        }
        PushBody::CustomerSessionFieldsUpdated(it) => {
            Subject::of(&it.active_chat.chat_id, Some(&it.active_chat.thread_id))
        }
        PushBody::OfflineMessageUpdated(it) => {
            Subject::of(&it.message.chat_id, Some(&it.message.thread_id))
        }
        PushBody::CustomerPresenceSet(it) => Subject::of(&it.chat_id, it.thread_id.as_ref()),
        PushBody::ThreadDeleted(it) => Subject::of(&it.chat_id, Some(&it.thread_id)),
        PushBody::AgentGroupsUpdated(_)
        | PushBody::RoutingStatusSet(_)
        | PushBody::QueuePositionsUpdated(_)
        | PushBody::Unknown { .. } => Subject::default(),
    }
}

/// The push for a receiver who is told nothing that only agents see; `None` if it is about
/// nothing else.
pub(super) fn without_agents_only(push: &PushBody) -> Option<PushBody> {
    let is_hidden = |id: &EventId| id.place().is_some_and(|place| place.private > 0);
    let is_kept = match push {
        PushBody::IncomingEvent(it) | PushBody::EventUpdated(it) => it.event.is_public(),
        PushBody::IncomingRichMessagePostback(it) => !is_hidden(&it.event_id),
        PushBody::EventPropertiesUpdated(it) => !it.event_id.as_ref().is_some_and(is_hidden),
        PushBody::EventPropertiesDeleted(it) => !it.event_id.as_ref().is_some_and(is_hidden),
        PushBody::IncomingChat(it) => {
            let mut incoming = IncomingChat::clone(it);
            let threads = incoming.chat.threads.iter_mut().flatten();
            for thread in incoming.chat.thread.iter_mut().chain(threads) {
                if let Some(events) = &mut thread.events {
                    events.retain(|event| event.is_public());
                }
            }
            return Some(PushBody::IncomingChat(Box::new(incoming)));
        }
        _ => true,
    };
    is_kept.then(|| push.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhooks::AGENT_EVENTS;

    fn push(action: &str, payload: Value) -> PushBody {
        PushBody::from_payload(action.to_owned(), payload).unwrap()
    }

    #[test]
    fn the_envelope_is_that_of_the_api() {
        let payload = json!({"chat_id": "PJ0MRSHTDG", "thread_id": "K600PKZON8", "tag": "sale"});
        assert_eq!(
            body("crm", &"00D1".into(), "thread_tagged", &payload).unwrap(),
            r#"{"webhook_id":"crm","action":"thread_tagged","organization_id":"00D1","payload":{"chat_id":"PJ0MRSHTDG","tag":"sale","thread_id":"K600PKZON8"},"additional_data":{}}"#
        );
    }

    #[test]
    fn what_only_agents_see_is_left_out() {
        let message = |visibility: &str| {
            let event = json!({"id": "T_1", "type": "message", "text": "hi",
                "visibility": visibility});
            json!({"chat_id": "C", "thread_id": "T", "event": event})
        };
        let postback = |event: &str| {
            json!({"chat_id": "C", "thread_id": "T", "user_id": "u", "event_id": event,
                "postback": {"id": "p", "toggled": true}})
        };
        let properties = |event: &str| json!({"chat_id": "C", "thread_id": "T", "event_id": event, "properties": {}});
        for (action, payload, is_kept) in [
            ("incoming_event", message("all"), true),
            ("incoming_event", message("agents"), false),
            ("event_updated", message("agents"), false),
            ("incoming_rich_message_postback", postback("T_1"), true),
            ("incoming_rich_message_postback", postback("T_1.1"), false),
            ("event_properties_updated", properties("T_1"), true),
            ("event_properties_updated", properties("T_1.1"), false),
            ("event_properties_deleted", properties("T_1.1"), false),
        ] {
            let push = push(action, payload);
            let kept = without_agents_only(&push);
            assert_eq!(kept, is_kept.then_some(push), "{action}");
        }
    }

    #[test]
    fn a_new_chat_is_told_without_notes() {
        let event = |visibility: &str| json!({"type": "message", "text": visibility, "visibility": visibility});
        let events = json!([event("all"), event("agents")]);
        let thread = json!({"id": "T", "created_at": "", "active": true, "user_ids": [],
            "events": events});
        let push = push(
            "incoming_chat",
            json!({"chat": {"id": "C", "thread": thread, "users": []}}),
        );
        let payload = without_agents_only(&push).unwrap().to_payload().unwrap();
        let events = &payload["chat"]["thread"]["events"];
        assert_eq!(events.as_array().unwrap().len(), 1);
        assert_eq!(events[0]["text"], "all");
    }

    /// A name that is wrong here could be chosen, and nothing would ever come.
    #[test]
    fn each_event_that_can_be_chosen_is_a_push() {
        for action in AGENT_EVENTS {
            let read = PushBody::from_payload(action.to_owned(), json!(null));
            assert!(!matches!(read, Ok(PushBody::Unknown { .. })), "{action}");
        }
    }
}
