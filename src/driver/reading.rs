//! From JSON to the words of the wire, member by member: what `parlor-wire`
//! derives does the same, also for all that this window has no use for, and
//! costs sixty kilobytes of what a visitor loads. Read here is what the
//! session looks at; anything else stays as it is by default.
//!
//! Must stay true: what is written by `parlor-wire` is read alike by both
//! (the tests compare them), and nothing that can be read fails the rest.

use parlor_session::{Pending, Saved, SavedSession};
use parlor_wire::{
    Event, Fields, Loose,
    event::{Answer, Choice, FilledField, FilledForm, Form, FormField, FormOption},
    visitor::{
        AgentMessage, AgentTyping, Batch, Button, ChasitorInit, ChasitorSessionData, ChatEnded,
        ChatEstablished, ChatRequestFail, ChatRequestSuccess, ChatTransferred, CustomDetail,
        CustomEvent, Message, Presence, QueueUpdate, ReconnectSession, SessionIdReply, Settings,
        SwitchServer, TranscriptEntry, Welcome,
    },
};
use serde_json::Value;

pub(super) fn batch(from: Value) -> Option<Batch> {
    let mut from = object(from)?;
    Some(Batch {
        messages: from
            .list("messages")?
            .into_iter()
            .filter_map(message)
            .collect(),
        sequence: from.integer("sequence"),
        offset: from.integer("offset"),
    })
}

/// `{"messages":[{"type":…,"message":…}]}`, as most GETs answer.
pub(super) fn unwrapped(from: Value) -> Option<(String, Value)> {
    let first = object(from)?.list("messages")?.into_iter().next()?;
    let mut first = object(first)?;
    Some((first.text("type")?, first.0.remove("message")?))
}

pub(super) fn session_id(from: Value) -> Option<SessionIdReply> {
    let mut from = object(from)?;
    Some(SessionIdReply {
        id: from.text("id")?,
        key: from.text("key")?,
        affinity_token: from.text("affinityToken")?,
        client_poll_timeout: from.integer("clientPollTimeout")?,
    })
}

pub(super) fn reconnected(from: Value) -> Option<ReconnectSession> {
    Some(ReconnectSession {
        reset_sequence: None,
        affinity_token: object(from)?.text("affinityToken")?,
    })
}

pub(super) fn switch_server(from: Value) -> Option<SwitchServer> {
    Some(SwitchServer {
        new_url: object(from)?.text("newUrl")?,
    })
}

pub(super) fn settings(from: Value) -> Option<Settings> {
    let mut from = object(from)?;
    let button = |mut from: Object| Button {
        id: from.said("id"),
        is_available: from.flag("isAvailable"),
        ..Button::default()
    };
    Some(Settings {
        buttons: from.objects("buttons").map(button).collect(),
        welcome: from.object("welcome").map(welcome),
        ..Settings::default()
    })
}

fn welcome(mut from: Object) -> Welcome {
    let presence = |mut from: Object| Presence {
        name: from.said("name"),
        avatar: from.text("avatar"),
    };
    Welcome {
        organization_id: from.said("organizationId"),
        team_name: from.said("teamName"),
        greeting: from.said("greeting"),
        accent_color: from.text("accentColor"),
        prechat: from.object("prechat").map(form),
        sneak_peek_enabled: from.flag("sneakPeekEnabled"),
        online: from.objects("online").map(presence).collect(),
    }
}

fn form(mut from: Object) -> Form {
    Form {
        form_id: from.loose("form_id"),
        form_type: from.text("form_type"),
        fields: from.objects("fields").map(form_field).collect(),
    }
}

fn form_field(mut from: Object) -> FormField {
    let option = |mut from: Object| FormOption {
        id: from.loose("id"),
        label: from.said("label"),
        group_id: from.integer("group_id"),
    };
    FormField {
        kind: from.said("type").as_str().into(),
        id: from.loose("id"),
        label: from.said("label"),
        required: from
            .0
            .contains_key("required")
            .then(|| from.flag("required")),
        options: Some(from.objects("options").map(option).collect()),
    }
}

fn message(from: Value) -> Option<Message> {
    let mut from = object(from)?;
    let kind = from.text("type")?;
    // AgentTyping and its like come with `{}`, `null` or nothing.
    let mut body = from.object("message").unwrap_or_default();
    Some(match kind.as_str() {
        "ChatRequestSuccess" => Message::ChatRequestSuccess(ChatRequestSuccess {
            queue_position: body.integer("queuePosition"),
            estimated_wait_time: body.integer("estimatedWaitTime"),
            visitor_id: body.text("visitorId"),
            ..ChatRequestSuccess::default()
        }),
        "ChatRequestFail" => Message::ChatRequestFail(ChatRequestFail {
            reason: body.said("reason"),
            post_chat_url: None,
        }),
        "QueueUpdate" => Message::QueueUpdate(QueueUpdate {
            position: body.integer("position"),
            estimated_wait_time: body.integer("estimatedWaitTime"),
        }),
        "ChatEstablished" => Message::ChatEstablished(established(body)),
        "ChatTransferred" => Message::ChatTransferred(transferred(body)),
        "ChatMessage" => Message::ChatMessage(AgentMessage {
            name: body.said("name"),
            text: body.said("text"),
            event_id: body.text("eventId").map(Into::into),
            sequence: body.integer("sequence"),
            created_at: body.text("createdAt"),
            agent_id: body.text("agentId"),
            avatar: body.text("avatar"),
        }),
        "AgentTyping" => Message::AgentTyping(typing(body)),
        "AgentNotTyping" => Message::AgentNotTyping(typing(body)),
        "AgentDisconnect" => Message::AgentDisconnect(typing(body)),
        "ChatEnded" => Message::ChatEnded(ended(body)),
        "CustomEvent" => Message::CustomEvent(CustomEvent {
            kind: body.said("type"),
            data: body.said("data"),
        }),
        "ChasitorSessionData" => Message::ChasitorSessionData(Box::new(session_data(body))),
        _ => Message::Unknown {
            kind,
            message: Value::Null,
        },
    })
}

fn established(mut from: Object) -> ChatEstablished {
    ChatEstablished {
        name: from.said("name"),
        user_id: from.said("userId"),
        sneak_peek_enabled: from.flag("sneakPeekEnabled"),
        avatar: from.text("avatar"),
        event_id: from.text("eventId").map(Into::into),
        sequence: from.integer("sequence"),
        created_at: from.text("createdAt"),
        ..ChatEstablished::default()
    }
}

fn transferred(from: Object) -> ChatTransferred {
    let from = established(from);
    ChatTransferred {
        name: from.name,
        user_id: from.user_id,
        sneak_peek_enabled: from.sneak_peek_enabled,
        avatar: from.avatar,
        event_id: from.event_id,
        sequence: from.sequence,
        created_at: from.created_at,
        ..ChatTransferred::default()
    }
}

fn typing(mut from: Object) -> AgentTyping {
    AgentTyping {
        name: from.text("name"),
        agent_id: from.text("agentId"),
        event_id: from.text("eventId").map(Into::into),
        sequence: from.integer("sequence"),
        created_at: from.text("createdAt"),
    }
}

fn ended(mut from: Object) -> ChatEnded {
    ChatEnded {
        reason: from.text("reason"),
        attached_records: None,
    }
}

fn session_data(mut from: Object) -> ChasitorSessionData {
    ChasitorSessionData {
        queue_position: from.integer("queuePosition"),
        sneak_peek_enabled: from.flag("sneakPeekEnabled"),
        chat_messages: from.objects("chatMessages").map(entry).collect(),
        agent: from.object("agent").map(established),
        ended: from.object("ended").map(ended),
        ..ChasitorSessionData::default()
    }
}

fn entry(mut from: Object) -> TranscriptEntry {
    TranscriptEntry {
        kind: from.said("type"),
        name: from.said("name"),
        content: from.said("content"),
        timestamp: from.integer("timestamp").unwrap_or_default(),
        sequence: from.integer("sequence").unwrap_or_default(),
        event_id: from.text("eventId").map(Into::into),
        custom_id: from.text("customId"),
        agent_id: from.text("agentId"),
        created_at: from.text("createdAt"),
        event: from
            .object("event")
            .and_then(|Object(fields)| Event::from_fields(fields).ok()),
    }
}

pub(super) fn saved(from: Value) -> Option<Saved> {
    let mut from = object(from)?;
    let pending = |mut from: Object| {
        Some(Pending {
            custom_id: from.text("custom_id")?,
            text: from.text("text")?,
        })
    };
    Some(Saved {
        visitor_id: from.text("visitor_id"),
        session: from.object("session").and_then(saved_session),
        outbox: from.objects("outbox").filter_map(pending).collect(),
        draft: from.said("draft"),
    })
}

fn saved_session(mut from: Object) -> Option<SavedSession> {
    Some(SavedSession {
        id: from.text("id")?,
        key: from.text("key")?,
        poll_timeout: from.integer("poll_timeout")?.try_into().ok()?,
        offset: from.integer("offset"),
        init: from.object("init").map(init),
    })
}

fn init(mut from: Object) -> ChasitorInit {
    let detail = |mut from: Object| CustomDetail {
        label: from.said("label"),
        value: from.said("value"),
        display_to_agent: Some(from.flag("displayToAgent")),
        ..CustomDetail::default()
    };
    let details = from.objects("prechatDetails").map(detail).collect();
    let overrides = from.list("buttonOverrides").unwrap_or_default();
    ChasitorInit {
        organization_id: from.said("organizationId"),
        deployment_id: from.said("deploymentId"),
        button_id: from.said("buttonId"),
        session_id: from.text("sessionId"),
        user_agent: from.text("userAgent"),
        language: from.text("language"),
        screen_resolution: from.text("screenResolution"),
        visitor_name: from.text("visitorName"),
        prechat_details: details,
        button_overrides: overrides.into_iter().filter_map(text).collect(),
        receive_queue_updates: from.flag("receiveQueueUpdates"),
        is_post: from.flag("isPost"),
        visitor_id: from.text("visitorId"),
        prechat_form: from.object("prechatForm").map(filled_form),
        url: from.text("url"),
        referrer: from.text("referrer"),
        ..ChasitorInit::default()
    }
}

fn filled_form(mut from: Object) -> FilledForm {
    let field = |mut from: Object| FilledField {
        kind: from.said("type").as_str().into(),
        id: from.loose("id"),
        label: from.said("label"),
        answer: from.0.remove("answer").and_then(answer),
        answers: from
            .list("answers")
            .map(|answers| answers.into_iter().filter_map(answer).collect()),
    };
    FilledForm {
        form_id: from.loose("form_id"),
        form_type: from.text("form_type"),
        fields: from.objects("fields").map(field).collect(),
    }
}

fn answer(from: Value) -> Option<Answer> {
    match from {
        Value::String(text) => Some(Answer::Text(text)),
        Value::Object(fields) => {
            let mut from = Object(fields);
            Some(Answer::Choice(Choice {
                id: from.loose("id"),
                label: from.said("label"),
                group_id: from.integer("group_id"),
            }))
        }
        _ => None,
    }
}

/// The answers of the pre-chat form, as the tab keeps them.
pub(super) fn answers(from: Value) -> Option<Vec<(String, Vec<String>)>> {
    let Object(fields) = object(from)?;
    let values = |values: Value| {
        list(values)
            .unwrap_or_default()
            .into_iter()
            .filter_map(text)
    };
    Some(
        fields
            .into_iter()
            .map(|(id, it)| (id, values(it).collect()))
            .collect(),
    )
}

/// A JSON object whose members are taken out one by one.
#[derive(Default)]
struct Object(Fields);

impl Object {
    fn text(&mut self, key: &str) -> Option<String> {
        text(self.0.remove(key)?)
    }

    /// Absent is nothing.
    fn said(&mut self, key: &str) -> String {
        self.text(key).unwrap_or_default()
    }

    /// `30` or `"30"`.
    fn integer(&mut self, key: &str) -> Option<i64> {
        match self.0.remove(key)? {
            Value::Number(number) => number
                .as_i64()
                .or_else(|| number.as_f64().map(|number| number as i64)),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    fn flag(&mut self, key: &str) -> bool {
        self.0.remove(key).is_some_and(|value| value == true)
    }

    fn loose(&mut self, key: &str) -> Loose {
        match self.0.remove(key) {
            Some(Value::Number(number)) => Loose::Number(number),
            other => Loose::Text(other.and_then(text).unwrap_or_default()),
        }
    }

    fn object(&mut self, key: &str) -> Option<Self> {
        object(self.0.remove(key)?)
    }

    fn list(&mut self, key: &str) -> Option<Vec<Value>> {
        list(self.0.remove(key)?)
    }

    fn objects(&mut self, key: &str) -> impl Iterator<Item = Self> + use<> {
        let values = self.list(key).unwrap_or_default();
        values.into_iter().filter_map(object)
    }
}

fn object(from: Value) -> Option<Object> {
    match from {
        Value::Object(fields) => Some(Object(fields)),
        _ => None,
    }
}

fn list(from: Value) -> Option<Vec<Value>> {
    match from {
        Value::Array(values) => Some(values),
        _ => None,
    }
}

/// An id may come as a number.
fn text(from: Value) -> Option<String> {
    match from {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
