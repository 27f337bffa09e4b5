//! The visitor's face: poll messages and session data (seed 001).

use parlor_wire::{
    event::EventBody,
    visitor::{
        AgentMessage, AgentTyping, ChasitorSessionData, ChatEnded, ChatEstablished,
        ChatRequestSuccess, ChatTransferred, CustomEvent, IdleTimeoutSettings, Message,
        TranscriptEntry,
    },
};
use serde_json::json;

use super::{event, event_id, markdown};
use crate::store::{
    StoreError,
    row::{Agent, Customer, EndReason, Event, Thread, Visibility},
};

/// Types of system messages that a visitor is told by a message of their own.
pub(crate) mod system {
    pub(crate) const ASSIGNED: &str = "routing.assigned";
    pub(crate) const TRANSFERRED: &str = "chat_transferred";
    pub(crate) const LEFT: &str = "agent_left";
}

/// We have no idle time-out of visitors; clients look for the settings under
/// either spelling.
fn idle() -> Option<IdleTimeoutSettings> {
    Some(IdleTimeoutSettings::default())
}

pub(crate) fn established(agent: &Agent, sneak_peek_enabled: bool, line: &Event) -> Message {
    Message::ChatEstablished(ChatEstablished {
        event_id: Some(event_id(line)),
        sequence: Some(line.number),
        created_at: Some(line.created_at.to_rfc3339()),
        ..present(agent, sneak_peek_enabled)
    })
}

/// Who answers now, without the line of the log that said so.
pub(crate) fn present(agent: &Agent, sneak_peek_enabled: bool) -> ChatEstablished {
    ChatEstablished {
        name: agent.name.clone(),
        user_id: agent.id.to_string(),
        sneak_peek_enabled,
        chasitor_idletimeout: idle(),
        chasitor_idle_timeout: idle(),
        avatar: agent.avatar.clone(),
        ..ChatEstablished::default()
    }
}

pub(crate) fn transferred(agent: &Agent, sneak_peek_enabled: bool, line: &Event) -> Message {
    Message::ChatTransferred(ChatTransferred {
        name: agent.name.clone(),
        user_id: agent.id.to_string(),
        sneak_peek_enabled,
        chasitor_idletimeout: idle(),
        chasitor_idle_timeout: idle(),
        avatar: agent.avatar.clone(),
        event_id: Some(event_id(line)),
        sequence: Some(line.number),
        created_at: Some(line.created_at.to_rfc3339()),
    })
}

pub(crate) fn left(agent: Option<&Agent>, line: &Event) -> Message {
    Message::AgentDisconnect(AgentTyping {
        event_id: Some(event_id(line)),
        sequence: Some(line.number),
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

/// An event that anybody but the visitor wrote: a text as `ChatMessage`, all
/// else in the pairing of a custom event.
/// `markdown`: whether a text is also told as the nodes it is made of.
pub(crate) fn line(
    row: &Event,
    agent: Option<&Agent>,
    markdown: bool,
) -> Result<Message, StoreError> {
    let event = event(row)?;
    if let EventBody::Message(message) = &event.body {
        let nodes = match markdown {
            true => markdown::nodes(&message.text),
            false => Vec::new(),
        };
        return Ok(Message::ChatMessage(AgentMessage {
            name: agent.map(|a| a.name.clone()).unwrap_or_default(),
            text: message.text.clone(),
            event_id: event.id,
            sequence: Some(row.number),
            created_at: event.created_at,
            agent_id: row.author_id.as_ref().map(ToString::to_string),
            avatar: agent.and_then(|a| a.avatar.clone()),
            nodes,
        }));
    }
    let data = event
        .to_fields()
        .map_err(|error| StoreError::Corrupt {
            table: "event",
            reason: error.to_string(),
        })
        .map(|fields| serde_json::Value::Object(fields).to_string())?;
    Ok(Message::CustomEvent(CustomEvent {
        kind: row.kind.clone(),
        data,
        event: None,
    }))
}

pub(crate) fn ended(reason: EndReason) -> ChatEnded {
    ChatEnded {
        reason: Some(reason.as_str().to_owned()),
        attached_records: Some(json!([])),
    }
}

pub(crate) fn request_success(
    thread: &Thread,
    position: Option<i64>,
    wait_s: i64,
    visitor_id: Option<String>,
) -> Message {
    let details = &thread.details.0;
    Message::ChatRequestSuccess(ChatRequestSuccess {
        queue_position: position,
        estimated_wait_time: Some(wait_s),
        geo_location: None,
        url: details.pages.last().map(|p| p.url.clone()),
        oref: details.referrer.clone(),
        post_chat_url: None,
        custom_details: details.prechat_details.clone(),
        visitor_id,
    })
}

/// Everything a visitor may know of their thread.
pub(crate) struct Picture<'a> {
    pub(crate) thread: &'a Thread,
    pub(crate) customer: &'a Customer,
    pub(crate) agents: &'a [Agent],
    pub(crate) events: &'a [Event],
    pub(crate) queue_position: Option<i64>,
    pub(crate) sneak_peek_enabled: bool,
    /// Whether agents' texts are told as nodes too.
    pub(crate) markdown: bool,
}

impl Picture<'_> {
    /// `ChasitorSessionData`. What is for agents only is not in it.
    pub(crate) fn session_data(&self) -> Result<Message, StoreError> {
        let thread = self.thread;
        let details = &thread.details.0;
        let chat_messages = self
            .events
            .iter()
            .filter(|row| row.visibility == Visibility::All)
            .filter_map(|row| self.entry(row).transpose())
            .collect::<Result<Vec<_>, _>>()?;
        let agent = thread
            .agent_id
            .as_ref()
            .and_then(|id| self.agents.iter().find(|a| &a.id == id));
        Ok(Message::ChasitorSessionData(Box::new(
            ChasitorSessionData {
                queue_position: self.queue_position,
                geo_location: None,
                url: details.pages.last().map(|p| p.url.clone()),
                oref: details.referrer.clone(),
                post_chat_url: None,
                sneak_peek_enabled: self.sneak_peek_enabled,
                chat_messages,
                agent: agent.map(|a| present(a, self.sneak_peek_enabled)),
                ended: thread.end_reason.map(ended),
            },
        )))
    }

    /// None for lines that say what the end of the chat says by itself.
    fn entry(&self, row: &Event) -> Result<Option<TranscriptEntry>, StoreError> {
        let event = event(row)?;
        let own = row
            .author_id
            .as_ref()
            .is_some_and(|id| id.as_ref() == self.customer.id.as_ref());
        let author = row
            .author_id
            .as_ref()
            .and_then(|id| self.agents.iter().find(|a| a.id.as_ref() == id.as_ref()));
        let (kind, name, content, whole) = match &event.body {
            EventBody::Message(message) if own => {
                ("Chasitor", self.visitor_name(), message.text.clone(), false)
            }
            EventBody::Message(message) => (
                "Agent",
                author.map(|a| a.name.clone()).unwrap_or_default(),
                message.text.clone(),
                false,
            ),
            EventBody::SystemMessage(message) => {
                let kind = message.system_message_type.as_str();
                if ![system::ASSIGNED, system::TRANSFERRED, system::LEFT].contains(&kind) {
                    return Ok(None);
                }
                let text = message.text.clone().unwrap_or_default();
                ("OperatorTransferred", String::new(), text, true)
            }
            // The answers of the form are the visitor's own, and were never
            // lines of the conversation on this face.
            EventBody::FilledForm(_) => return Ok(None),
            _ => ("OperatorTransferred", String::new(), String::new(), true),
        };
        Ok(Some(TranscriptEntry {
            kind: kind.to_owned(),
            name,
            content,
            timestamp: row.created_at.as_millis(),
            sequence: row.number,
            event_id: Some(event_id(row)),
            custom_id: row.custom_id.as_ref().map(ToString::to_string),
            agent_id: author.map(|a| a.id.to_string()),
            created_at: Some(row.created_at.to_rfc3339()),
            nodes: match (&event.body, self.markdown && !own) {
                (EventBody::Message(message), true) => markdown::nodes(&message.text),
                _ => Vec::new(),
            },
            event: whole.then_some(event),
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
