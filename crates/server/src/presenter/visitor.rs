//! What visitors are sent: poll messages and session data in the types of the
//! Chat REST API.

use parlor_wire::{
    AttachedRecordId, UserId,
    chat::Queue,
    event::{Event as WireEvent, EventBody},
    user::{Agent as WireAgent, Customer as WireCustomer},
    visitor::{
        AgentMessage, AgentTyping, ChasitorSessionData, ChatEnded, ChatEstablished,
        ChatRequestSuccess, ChatTransferred, CustomEvent, GeoLocation, IdleTimeoutSettings,
        Message, TranscriptEntry, control::Control,
    },
};
use serde_json::json;

use super::{AnnotatedEvents, Annotations, data, event, event_id, markdown, readable_event};
use crate::{
    answer_size::{Room, excess},
    clock::Timestamp,
    store::{
        StoreError,
        row::{Agent, Customer, DeploymentSettings, EndReason, Event, Location, Thread},
    },
};

/// Types of the server's system messages, by which clients translate them
/// (`docs/PROTOCOL.md`, 5).
pub(crate) mod system {
    pub(crate) const ASSIGNED: &str = "routing.assigned";
    pub(crate) const TRANSFERRED: &str = "chat_transferred";
    pub(crate) const LEFT: &str = "agent_left";
    pub(crate) const ENDED_BY_AGENT: &str = "manual_archived_agent";
    pub(crate) const ENDED_BY_VISITOR: &str = "manual_archived_customer";
    /// The visitor's client stopped polling.
    pub(crate) const ENDED_INACTIVE: &str = "routing.archived_inactive";
    pub(crate) const ENDED_DISCONNECTED: &str = "routing.archived_disconnected";
    /// The visitor's client reports that the visitor is idle; for agents only.
    pub(crate) const IDLE: &str = "customer_idle";
    pub(crate) const ACTIVE: &str = "customer_active";
    pub(crate) const RECONNECTED: &str = "customer_reconnected";
    pub(crate) const RATED: &str = "rating.chat_rated";
    pub(crate) const COMMENTED: &str = "rating.chat_commented";
    /// What an agent did about a callback; for agents only.
    pub(crate) const CALLBACK_DONE: &str = "callback_done";
    pub(crate) const CALLBACK_MISSED: &str = "callback_missed";
    pub(crate) const CALLBACK_AGAIN: &str = "callback_again";

    /// The visitor wants the conversation by e-mail.
    pub(crate) const TRANSCRIPT_REQUESTED: &str = "transcript.requested";

    /// Whether the message says the same as `ChatEnded`, so that visitors need
    /// not be sent it.
    pub(crate) fn is_ended(kind: &str) -> bool {
        [
            ENDED_BY_AGENT,
            ENDED_BY_VISITOR,
            ENDED_INACTIVE,
            ENDED_DISCONNECTED,
        ]
        .contains(&kind)
    }
}

/// Clients look for the settings under either spelling.
fn idle(settings: &DeploymentSettings) -> Option<IdleTimeoutSettings> {
    let idle = settings.idle_timeout;
    Some(IdleTimeoutSettings {
        is_enabled: idle.is_some(),
        warning_time: idle.map(|idle| idle.warning_s.into()),
        timeout_time: idle.map(|idle| idle.timeout_s.into()),
    })
}

/// `ChatEstablished`: an agent has joined. `line` is the system message that
/// says so.
pub(crate) fn established(agent: &Agent, settings: &DeploymentSettings, line: &Event) -> Message {
    Message::ChatEstablished(ChatEstablished {
        event_id: Some(event_id(line)),
        sequence: Some(line.visible_number()),
        created_at: Some(line.created_at.to_rfc3339()),
        ..present(agent, settings)
    })
}

/// The agent who answers now, without an event.
pub(crate) fn present(agent: &Agent, settings: &DeploymentSettings) -> ChatEstablished {
    ChatEstablished {
        name: agent.name.clone(),
        user_id: agent.id.to_string(),
        sneak_peek_enabled: settings.sneak_peek_enabled,
        chasitor_idletimeout: idle(settings),
        chasitor_idle_timeout: idle(settings),
        avatar: agent.avatar.clone(),
        ..ChatEstablished::default()
    }
}

/// `ChatTransferred`: another agent answers now.
pub(crate) fn transferred(agent: &Agent, settings: &DeploymentSettings, line: &Event) -> Message {
    Message::ChatTransferred(ChatTransferred {
        name: agent.name.clone(),
        user_id: agent.id.to_string(),
        sneak_peek_enabled: settings.sneak_peek_enabled,
        chasitor_idletimeout: idle(settings),
        chasitor_idle_timeout: idle(settings),
        avatar: agent.avatar.clone(),
        event_id: Some(event_id(line)),
        sequence: Some(line.visible_number()),
        created_at: Some(line.created_at.to_rfc3339()),
    })
}

/// `AgentDisconnect`: the agent has left the chat.
pub(crate) fn left(agent: Option<&Agent>, line: &Event) -> Message {
    Message::AgentDisconnect(AgentTyping {
        event_id: Some(event_id(line)),
        sequence: Some(line.visible_number()),
        created_at: Some(line.created_at.to_rfc3339()),
        ..who(agent)
    })
}

pub(crate) fn typing(agent: &Agent, is_typing: bool) -> Message {
    if is_typing {
        Message::AgentTyping(who(Some(agent)))
    } else {
        Message::AgentNotTyping(who(Some(agent)))
    }
}

fn who(agent: Option<&Agent>) -> AgentTyping {
    AgentTyping {
        name: agent.map(|a| a.name.clone()),
        agent_id: agent.map(|a| a.id.to_string()),
        ..AgentTyping::default()
    }
}

/// A new event that somebody other than the visitor wrote: a text becomes a
/// `ChatMessage`, everything else a `CustomEvent` with the event in `data`.
/// `markdown`: a text is also parsed into nodes.
pub(crate) fn line(
    row: &Event,
    agent: Option<&Agent>,
    markdown: bool,
) -> Result<Message, StoreError> {
    let event = event(row, &Annotations::default())?;
    if let EventBody::Message(message) = &event.body {
        let nodes = match markdown {
            true => markdown::nodes(&message.text),
            false => Vec::new(),
        };
        return Ok(Message::ChatMessage(AgentMessage {
            name: agent.map(|a| a.name.clone()).unwrap_or_default(),
            text: message.text.clone(),
            event_id: event.id.clone(),
            sequence: Some(row.visible_number()),
            created_at: event.created_at.clone(),
            agent_id: row.author_id.as_ref().map(ToString::to_string),
            avatar: agent.and_then(|a| a.avatar.clone()),
            nodes,
            event: is_more_than_a_text(&event).then(|| Box::new(event)),
        }));
    }
    Ok(Message::CustomEvent(CustomEvent {
        kind: row.kind.clone(),
        data: data(&event)?,
        event: None,
    }))
}

/// A new event that the visitor wrote on another device: a `CustomEvent` of its type, with
/// the event in `data`. Clients that know no such types ignore it.
pub(crate) fn own_line(row: &Event) -> Result<Message, StoreError> {
    Ok(Message::CustomEvent(CustomEvent {
        kind: row.kind.clone(),
        data: data(&event(row, &Annotations::default())?)?,
        event: None,
    }))
}

/// An agent's event whose content is `{"type","data"}`, two texts, as the `CustomEvent` of
/// that type (Chat REST API). `None` for any other event, and for types that mean something
/// else in a poll.
pub(crate) fn free_custom_event(row: &Event) -> Option<Message> {
    let content = row.body.0.get("content").filter(|_| row.kind == "custom")?;
    let text = |name: &str| Some(content.get(name)?.as_str()?.to_owned());
    let (kind, data) = (text("type")?, text("data")?);
    let is_ours = EVENT_TYPES.contains(&kind.as_str())
        || !matches!(Control::from(kind.as_str()), Control::Other(_));
    (!kind.is_empty() && !is_ours).then_some(Message::CustomEvent(CustomEvent {
        kind,
        data,
        event: None,
    }))
}

/// The types of events (Agent Chat API).
const EVENT_TYPES: [&str; 7] = [
    "message",
    "file",
    "form",
    "filled_form",
    "rich_message",
    "custom",
    "system_message",
];

fn is_more_than_a_text(event: &WireEvent) -> bool {
    let pressed = match &event.body {
        EventBody::Message(message) => message.postback.is_some(),
        _ => true,
    };
    pressed || event.properties.is_some()
}

/// `event_updated`: an event that the visitor knows has changed.
pub(crate) fn updated(row: &Event, annotations: &Annotations) -> Result<Message, StoreError> {
    Ok(Message::CustomEvent(CustomEvent {
        kind: Control::EventUpdated.to_string(),
        data: data(&event(row, annotations)?)?,
        event: None,
    }))
}

/// `events_marked_as_seen`: an agent has seen everything up to this time.
pub(crate) fn seen(user_id: UserId, up_to: Timestamp) -> Message {
    let seen = json!({ "user_id": user_id, "seen_up_to": up_to.to_rfc3339() });
    Message::CustomEvent(CustomEvent {
        kind: Control::EventsMarkedAsSeen.to_string(),
        data: seen.to_string(),
        event: None,
    })
}

pub(crate) fn ended(
    reason: EndReason,
    at: Timestamp,
    attached_records: &[AttachedRecordId],
) -> ChatEnded {
    ChatEnded {
        reason: Some(reason.as_str().to_owned()),
        attached_records: Some(json!(attached_records)),
        created_at: Some(at.to_rfc3339()),
    }
}

/// `None` where the country is not known, which the API requires.
fn geo_location(location: &Location) -> Option<GeoLocation> {
    Some(GeoLocation {
        country_code: location.country_code.clone()?,
        country_name: location.country.clone()?,
        // As in the documentation's example, `CA`.
        region: location.region_code.clone().or(location.region.clone()),
        city: location.city.clone(),
        organization: location.organization.clone(),
        latitude: location.latitude,
        longitude: location.longitude,
    })
}

pub(crate) fn request_success(
    thread: &Thread,
    customer: &Customer,
    place: Option<&Queue>,
    visitor_id: Option<String>,
    post_chat_url: Option<String>,
) -> Message {
    let details = &thread.details.0;
    Message::ChatRequestSuccess(ChatRequestSuccess {
        queue_position: place.map(|place| place.position),
        estimated_wait_time: Some(place.map_or(-1, |place| place.wait_time)),
        geo_location: details.location.as_ref().and_then(geo_location),
        url: details.pages.last().map(|p| p.url.clone()),
        oref: details.referrer.clone(),
        post_chat_url,
        custom_details: details.prechat_details.clone(),
        visitor_id,
        customer_id: Some(customer.id.clone()),
        offline_message: false,
    })
}

/// `ChatRequestSuccess` of a message that was left: no chat begins.
pub(crate) fn message_left(thread: &Thread, customer: &Customer, visitor_id: String) -> Message {
    let mut success = request_success(thread, customer, None, Some(visitor_id), None);
    if let Message::ChatRequestSuccess(success) = &mut success {
        success.offline_message = true;
    }
    success
}

/// Everything that a visitor may know of their thread.
pub(crate) struct ThreadView<'a> {
    pub(crate) thread: &'a Thread,
    pub(crate) customer: &'a Customer,
    pub(crate) agents: &'a [Agent],
    /// The events that the visitor may see, or the newest of them.
    pub(crate) events: &'a AnnotatedEvents,
    /// The place in the queue, while the visitor waits.
    pub(crate) place: Option<&'a Queue>,
    pub(crate) settings: &'a DeploymentSettings,
    pub(crate) now: Timestamp,
    /// The ids that the visitor is told when it ends.
    pub(crate) attached_records: &'a [AttachedRecordId],
    /// The thread is a message that was left, and not a chat.
    pub(crate) is_offline_message: bool,
}

impl ThreadView<'_> {
    /// The message `ChasitorSessionData`, with as many of the newest events as fit
    /// into an answer.
    pub(crate) fn session_data(&self) -> Result<Message, StoreError> {
        let thread = self.thread;
        let details = &thread.details.0;
        let mut chat_messages = self
            .events
            .rows
            .iter()
            .filter_map(|row| self.entry(row).transpose())
            .collect::<Result<Vec<_>, _>>()?;
        let excess = excess(&chat_messages, Room::in_answer().left());
        chat_messages.drain(..excess);
        let agent = thread
            .agent_id
            .as_ref()
            .and_then(|id| self.agents.iter().find(|a| &a.id == id));
        Ok(Message::ChasitorSessionData(Box::new(
            ChasitorSessionData {
                queue_position: self.place.map(|place| place.position),
                estimated_wait_time: self.place.map(|place| place.wait_time),
                geo_location: details.location.as_ref().and_then(geo_location),
                url: details.pages.last().map(|p| p.url.clone()),
                oref: details.referrer.clone(),
                post_chat_url: self.settings.post_chat_url.clone(),
                sneak_peek_enabled: self.settings.sneak_peek_enabled,
                chat_messages,
                has_earlier: self.events.has_earlier || excess > 0,
                agent: agent.map(|a| present(a, self.settings)),
                ended: thread
                    .end_reason
                    .zip(thread.ended_at)
                    .map(|(reason, at)| ended(reason, at, self.attached_records)),
                unanswered_s: thread
                    .unanswered_since
                    .map(|since| self.now.seconds_since(since)),
                seen_up_to: thread.told_seen_up_to.map(Timestamp::to_rfc3339),
                customer_id: Some(self.customer.id.clone()),
                offline_message: self.is_offline_message,
            },
        )))
    }

    /// A transcript entry; `None` for an event that cannot be read, and those that
    /// visitors are shown in another way: the end of the chat and the pre-chat
    /// form.
    fn entry(&self, row: &Event) -> Result<Option<TranscriptEntry>, StoreError> {
        let Some(event) = readable_event(row, &self.events.annotations)? else {
            return Ok(None);
        };
        let own = row
            .author_id
            .as_ref()
            .is_some_and(|id| id.as_ref() == self.customer.id.as_ref());
        let author = row
            .author_id
            .as_ref()
            .and_then(|id| self.agents.iter().find(|a| a.id.as_ref() == id.as_ref()));
        let (kind, content) = match &event.body {
            EventBody::Message(message) if own => ("Chasitor", message.text.clone()),
            EventBody::Message(message) => ("Agent", message.text.clone()),
            EventBody::SystemMessage(message) => {
                let desks = row.author_id.is_none();
                if desks && system::is_ended(&message.system_message_type) {
                    return Ok(None);
                }
                let text = message.text.clone().unwrap_or_default();
                ("OperatorTransferred", text)
            }
            // The pre-chat form is not part of the transcript.
            EventBody::FilledForm(_) if own && row.number == 1 => return Ok(None),
            _ if own => ("Chasitor", String::new()),
            // Clients that only show texts have no text to show under a name
            // here.
            _ => ("OperatorTransferred", String::new()),
        };
        let name = match (kind, author) {
            ("Chasitor", _) => self.visitor_name(),
            ("Agent", Some(author)) => author.name.clone(),
            _ => String::new(),
        };
        let is_system = matches!(event.body, EventBody::SystemMessage(_));
        let agent_name = author.filter(|_| name.is_empty() && !is_system);
        Ok(Some(TranscriptEntry {
            kind: kind.to_owned(),
            name,
            content,
            timestamp: row.created_at.as_millis(),
            sequence: row.visible_number(),
            event_id: Some(event_id(row)),
            custom_id: row.custom_id.as_ref().map(ToString::to_string),
            agent_id: author.map(|a| a.id.to_string()),
            agent_name: agent_name.map(|a| a.name.clone()),
            created_at: Some(row.created_at.to_rfc3339()),
            nodes: match (&event.body, self.settings.markdown && !own) {
                (EventBody::Message(message), true) => markdown::nodes(&message.text),
                _ => Vec::new(),
            },
            event: is_more_than_a_text(&event).then_some(event),
        }))
    }

    fn visitor_name(&self) -> String {
        self.thread
            .details
            .0
            .visitor_name
            .clone()
            .unwrap_or_default()
    }
}

/// An agent as visitors see them: name and avatar.
pub(crate) fn met(agent: &Agent) -> WireAgent {
    WireAgent {
        id: agent.id.clone(),
        name: Some(agent.name.clone()),
        email: None,
        present: None,
        events_seen_up_to: None,
        avatar: agent.avatar.clone(),
        visibility: None,
        routing_status: None,
    }
}

/// The visitor as they see themself.
pub(crate) fn oneself(customer: &Customer, thread: &Thread) -> WireCustomer {
    let name = thread.details.0.visitor_name.clone();
    let known = || customer.name.clone().map(|name| name.0);
    WireCustomer {
        name: name.or_else(known),
        ..WireCustomer::named(customer.id.clone())
    }
}
