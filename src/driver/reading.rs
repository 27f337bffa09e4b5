//! From JSON to the words of the wire, member by member. What `parlor-wire`
//! derives does the same for every member there is, and weighs sixty kilobytes
//! in what a visitor loads; read here is what the session looks at, and
//! anything else stays as it is by default.
//!
//! Must stay true: what `parlor-wire` writes is read alike by both (the tests
//! compare them), and one member that cannot be read costs only itself.

mod events;

pub(super) use events::{earlier, file, history};

use parlor_session::{
    Answer as Kept, FailedBecause, OutgoingEvent, Pending, Saved, SavedSession, Unsent,
};
use parlor_wire::{
    Event, Loose,
    event::{Answer, Choice, FilledField, FilledForm, Form, FormField, FormOption},
    visitor::{
        AgentMessage, AgentTyping, Batch, Button, ChasitorInit, ChasitorSessionData, ChatEnded,
        ChatEstablished, ChatRequestFail, ChatRequestSuccess, ChatTransferred, CustomDetail,
        CustomEvent, FilePolicy, FileTransfer, Message, Presence, QueueUpdate, ReconnectSession,
        SensitiveDataRule, SessionIdReply, Settings, SwitchServer, TranscriptEntry, Welcome,
    },
};

use super::json::Json;

pub(super) fn batch(from: &impl Json) -> Option<Batch> {
    let messages = from.member("messages")?.items()?;
    Some(Batch {
        messages: all(messages, message),
        sequence: integer(from, "sequence"),
        offset: integer(from, "offset"),
    })
}

/// `{"messages":[{"type":…,"message":…}]}`, as most GETs answer.
pub(super) fn unwrapped<J: Json>(from: &J) -> Option<(String, J)> {
    let first = from.member("messages")?.items()?.into_iter().next()?;
    Some((text(&first, "type")?, first.member("message")?))
}

pub(super) fn session_id(from: &impl Json) -> Option<SessionIdReply> {
    Some(SessionIdReply {
        id: text(from, "id")?,
        key: text(from, "key")?,
        affinity_token: text(from, "affinityToken")?,
        client_poll_timeout: integer(from, "clientPollTimeout")?,
    })
}

pub(super) fn reconnected(from: &impl Json) -> Option<ReconnectSession> {
    Some(ReconnectSession {
        reset_sequence: None,
        affinity_token: text(from, "affinityToken")?,
    })
}

pub(super) fn switch_server(from: &impl Json) -> Option<SwitchServer> {
    Some(SwitchServer {
        new_url: text(from, "newUrl")?,
    })
}

pub(super) fn settings<J: Json>(from: &J) -> Settings {
    let button = |from: &J| Button {
        id: said(from, "id"),
        is_available: flag(from, "isAvailable"),
        ..Button::default()
    };
    Settings {
        buttons: list(from, "buttons", |it| Some(button(it))),
        welcome: from.member("welcome").as_ref().map(welcome),
        ..Settings::default()
    }
}

fn welcome<J: Json>(from: &J) -> Welcome {
    let presence = |from: &J| {
        Some(Presence {
            name: said(from, "name"),
            avatar: text(from, "avatar"),
        })
    };
    Welcome {
        organization_id: said(from, "organizationId"),
        team_name: said(from, "teamName"),
        greeting: said(from, "greeting"),
        accent_color: text(from, "accentColor"),
        prechat: from.member("prechat").as_ref().map(form),
        sneak_peek_enabled: flag(from, "sneakPeekEnabled"),
        online: list(from, "online", presence),
        files: from.member("files").as_ref().map(file_policy),
        postchat: from.member("postchat").as_ref().map(form),
        asks_rating: flag(from, "asksRating"),
        sensitive_data_rules: rules(from),
    }
}

fn file_policy(from: &impl Json) -> FilePolicy {
    FilePolicy {
        max_bytes: unsigned(from, "maxBytes").unwrap_or(0),
        types: list(from, "types", Json::text),
    }
}

fn rules<J: Json>(from: &J) -> Vec<SensitiveDataRule> {
    list(from, "sensitiveDataRules", |from| {
        Some(SensitiveDataRule {
            action_type: said(from, "actionType"),
            name: text(from, "name"),
            id: text(from, "id"),
            pattern: said(from, "pattern"),
            replacement: text(from, "replacement"),
        })
    })
}

fn form<J: Json>(from: &J) -> Form {
    Form {
        form_id: loose(from, "form_id"),
        form_type: text(from, "form_type"),
        fields: list(from, "fields", |it| Some(form_field(it))),
    }
}

fn form_field<J: Json>(from: &J) -> FormField {
    let option = |from: &J| {
        Some(FormOption {
            id: loose(from, "id"),
            label: said(from, "label"),
            group_id: integer(from, "group_id"),
        })
    };
    let options = |from: J| all(from.items().unwrap_or_default(), option);
    FormField {
        kind: said(from, "type").as_str().into(),
        id: loose(from, "id"),
        label: said(from, "label"),
        required: from.member("required").and_then(|it| it.flag()),
        options: from.member("options").map(options),
    }
}

fn message<J: Json>(from: &J) -> Option<Message> {
    let kind = text(from, "type")?;
    // AgentTyping and its like come with `{}`, `null` or nothing.
    let empty = || J::parse("{}");
    let body = &from.member("message").or_else(empty)?;
    Some(match kind.as_str() {
        "ChatRequestSuccess" => Message::ChatRequestSuccess(ChatRequestSuccess {
            queue_position: integer(body, "queuePosition"),
            estimated_wait_time: integer(body, "estimatedWaitTime"),
            visitor_id: text(body, "visitorId"),
            customer_id: text(body, "customerId").map(Into::into),
            ..ChatRequestSuccess::default()
        }),
        "ChatRequestFail" => Message::ChatRequestFail(ChatRequestFail {
            reason: said(body, "reason"),
            ..ChatRequestFail::default()
        }),
        "QueueUpdate" => Message::QueueUpdate(QueueUpdate {
            position: integer(body, "position"),
            estimated_wait_time: integer(body, "estimatedWaitTime"),
        }),
        "ChatEstablished" => Message::ChatEstablished(established(body)),
        "ChatTransferred" => Message::ChatTransferred(transferred(body)),
        "ChatMessage" => Message::ChatMessage(AgentMessage {
            name: said(body, "name"),
            text: said(body, "text"),
            event_id: text(body, "eventId").map(Into::into),
            sequence: integer(body, "sequence"),
            created_at: text(body, "createdAt"),
            agent_id: text(body, "agentId"),
            avatar: text(body, "avatar"),
            nodes: events::nodes(body),
            ..AgentMessage::default()
        }),
        "FileTransfer" => Message::FileTransfer(FileTransfer {
            kind: said(body, "type"),
            ..FileTransfer::default()
        }),
        "AgentTyping" => Message::AgentTyping(typing(body)),
        "AgentNotTyping" => Message::AgentNotTyping(typing(body)),
        "AgentDisconnect" => Message::AgentDisconnect(typing(body)),
        "ChatEnded" => Message::ChatEnded(ended(body)),
        "CustomEvent" => Message::CustomEvent(custom_event(body)),
        "ChasitorSessionData" => Message::ChasitorSessionData(Box::new(session_data(body))),
        _ => Message::Unknown {
            kind,
            message: Default::default(),
        },
    })
}

fn established(from: &impl Json) -> ChatEstablished {
    ChatEstablished {
        name: said(from, "name"),
        user_id: said(from, "userId"),
        sneak_peek_enabled: flag(from, "sneakPeekEnabled"),
        avatar: text(from, "avatar"),
        event_id: text(from, "eventId").map(Into::into),
        sequence: integer(from, "sequence"),
        created_at: text(from, "createdAt"),
        ..ChatEstablished::default()
    }
}

fn transferred(from: &impl Json) -> ChatTransferred {
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

fn typing(from: &impl Json) -> AgentTyping {
    AgentTyping {
        name: text(from, "name"),
        agent_id: text(from, "agentId"),
        event_id: text(from, "eventId").map(Into::into),
        sequence: integer(from, "sequence"),
        created_at: text(from, "createdAt"),
    }
}

fn ended(from: &impl Json) -> ChatEnded {
    ChatEnded {
        reason: text(from, "reason"),
        attached_records: None,
    }
}

fn custom_event<J: Json>(from: &J) -> CustomEvent {
    let (kind, data) = (said(from, "type"), said(from, "data"));
    let event = J::parse(&data).and_then(|data| events::event(&data));
    let paired = |event: &Event| event.body.kind() == kind || kind == "event_updated";
    CustomEvent {
        event: event.filter(paired).map(Box::new),
        kind,
        data,
    }
}

fn session_data(from: &impl Json) -> ChasitorSessionData {
    ChasitorSessionData {
        queue_position: integer(from, "queuePosition"),
        sneak_peek_enabled: flag(from, "sneakPeekEnabled"),
        chat_messages: list(from, "chatMessages", |it| Some(entry(it))),
        has_earlier: flag(from, "hasEarlier"),
        agent: from.member("agent").as_ref().map(established),
        ended: from.member("ended").as_ref().map(ended),
        seen_up_to: text(from, "seenUpTo"),
        customer_id: text(from, "customerId").map(Into::into),
        ..ChasitorSessionData::default()
    }
}

fn entry(from: &impl Json) -> TranscriptEntry {
    TranscriptEntry {
        kind: said(from, "type"),
        name: said(from, "name"),
        content: said(from, "content"),
        timestamp: integer(from, "timestamp").unwrap_or_default(),
        sequence: integer(from, "sequence").unwrap_or_default(),
        event_id: text(from, "eventId").map(Into::into),
        custom_id: text(from, "customId"),
        agent_id: text(from, "agentId"),
        created_at: text(from, "createdAt"),
        event: from.member("event").as_ref().and_then(events::event),
        nodes: events::nodes(from),
    }
}

pub(super) fn saved<J: Json>(from: &J) -> Saved {
    let unsent = |from: &J| {
        Some(Unsent {
            message: pending(&from.member("message")?)?,
            because: reason(&text(from, "because")?)?,
        })
    };
    Saved {
        visitor_id: text(from, "visitor_id"),
        session: from.member("session").as_ref().and_then(saved_session),
        opening: from.member("opening").as_ref().map(|it| init(it).into()),
        outbox: list(from, "outbox", pending),
        unsent: list(from, "unsent", unsent),
        draft: said(from, "draft"),
        term: unsigned(from, "term").unwrap_or(0),
    }
}

pub(super) fn pending(from: &impl Json) -> Option<Pending> {
    Some(Pending {
        custom_id: text(from, "custom_id")?,
        text: text(from, "text")?,
        at: unsigned(from, "at").unwrap_or(0),
        event: event_of(from),
        sent_in_session: said(from, "sent_in_session"),
    })
}

/// What a message is besides its text.
fn event_of<J: Json>(from: &J) -> OutgoingEvent {
    let Some(from) = &from.member("event") else {
        return OutgoingEvent::Text;
    };
    if let Some(postback) = from.member("Postback").as_ref().and_then(events::postback) {
        OutgoingEvent::Postback(postback)
    } else if let Some(form) = from.member("Filled") {
        OutgoingEvent::Filled(filled_form(&form).into())
    } else if let Some(file) = from.member("File").as_ref().and_then(events::file) {
        OutgoingEvent::File(file.into())
    } else if let Some(content) = text(from, "Custom") {
        OutgoingEvent::Custom(content)
    } else {
        OutgoingEvent::Text
    }
}

/// By the names that `parlor-session` derives.
pub(super) const REASONS: [(&str, FailedBecause); 9] = [
    ("TooLarge", FailedBecause::TooLarge),
    ("TypeNotAllowed", FailedBecause::TypeNotAllowed),
    ("UploadFailed", FailedBecause::UploadFailed),
    ("TooLong", FailedBecause::TooLong),
    ("Refused", FailedBecause::Refused),
    ("Ended", FailedBecause::Ended),
    ("OutboxFull", FailedBecause::OutboxFull),
    ("Lost", FailedBecause::Lost),
    ("TooOld", FailedBecause::TooOld),
];

fn reason(name: &str) -> Option<FailedBecause> {
    let found = REASONS.iter().find(|(known, _)| *known == name);
    found.map(|(_, because)| *because)
}

fn unsigned(from: &impl Json, key: &str) -> Option<u64> {
    integer(from, key)?.try_into().ok()
}

fn saved_session(from: &impl Json) -> Option<SavedSession> {
    Some(SavedSession {
        id: text(from, "id")?,
        key: text(from, "key")?,
        poll_timeout: integer(from, "poll_timeout")?.try_into().ok()?,
        offset: integer(from, "offset"),
        init: from.member("init").as_ref().map(|it| init(it).into()),
        end: flag(from, "end"),
    })
}

fn init<J: Json>(from: &J) -> ChasitorInit {
    let detail = |from: &J| {
        Some(CustomDetail {
            label: said(from, "label"),
            value: said(from, "value"),
            display_to_agent: from.member("displayToAgent").and_then(|it| it.flag()),
            ..CustomDetail::default()
        })
    };
    ChasitorInit {
        organization_id: said(from, "organizationId"),
        deployment_id: said(from, "deploymentId"),
        button_id: said(from, "buttonId"),
        user_agent: text(from, "userAgent"),
        language: text(from, "language"),
        screen_resolution: text(from, "screenResolution"),
        visitor_name: text(from, "visitorName"),
        prechat_details: list(from, "prechatDetails", detail),
        button_overrides: list(from, "buttonOverrides", Json::text),
        receive_queue_updates: flag(from, "receiveQueueUpdates"),
        is_post: flag(from, "isPost"),
        visitor_id: text(from, "visitorId"),
        identity_token: text(from, "identityToken"),
        prechat_form: from.member("prechatForm").as_ref().map(filled_form),
        url: text(from, "url"),
        referrer: text(from, "referrer"),
        ..ChasitorInit::default()
    }
}

fn filled_form<J: Json>(from: &J) -> FilledForm {
    let answers = |from: J| all(from.items().unwrap_or_default(), |it| Some(answer(it)));
    let field = |from: &J| {
        Some(FilledField {
            kind: said(from, "type").as_str().into(),
            id: loose(from, "id"),
            label: said(from, "label"),
            answer: from.member("answer").as_ref().map(answer),
            answers: from.member("answers").map(answers),
        })
    };
    FilledForm {
        form_id: loose(from, "form_id"),
        form_type: text(from, "form_type"),
        fields: list(from, "fields", field),
    }
}

fn answer<J: Json>(from: &J) -> Answer {
    match from.text() {
        Some(text) => Answer::Text(text),
        None => Answer::Choice(Choice {
            id: loose(from, "id"),
            label: said(from, "label"),
            group_id: integer(from, "group_id"),
        }),
    }
}

/// The answers of the pre-chat form, as the tab keeps them.
pub(super) fn answers<J: Json>(from: &J) -> Vec<Kept> {
    let answer = |field_id: String| Kept {
        values: list(from, &field_id, Json::text),
        field_id,
    };
    from.keys().into_iter().map(answer).collect()
}

/// An id may come as a number.
fn text(from: &impl Json, key: &str) -> Option<String> {
    let member = from.member(key)?;
    let number = || Some((member.number()? as i64).to_string());
    member.text().or_else(number)
}

/// Absent is nothing.
fn said(from: &impl Json, key: &str) -> String {
    text(from, key).unwrap_or_default()
}

/// `30` or `"30"`.
fn integer<J: Json>(from: &J, key: &str) -> Option<i64> {
    let member = from.member(key)?;
    match member.number() {
        Some(number) => Some(number as i64),
        None => J::parse(&member.text()?)?.number().map(|it| it as i64),
    }
}

fn flag(from: &impl Json, key: &str) -> bool {
    from.member(key)
        .and_then(|it| it.flag())
        .unwrap_or_default()
}

fn loose(from: &impl Json, key: &str) -> Loose {
    let member = from.member(key);
    match member.as_ref().and_then(Json::number) {
        Some(number) => Loose::from(number as i64),
        None => Loose::from(member.and_then(|it| it.text()).unwrap_or_default()),
    }
}

/// What can be read of a list's items.
fn list<J: Json, T>(from: &J, key: &str, read: impl Fn(&J) -> Option<T>) -> Vec<T> {
    let items = from.member(key).and_then(|it| it.items());
    all(items.unwrap_or_default(), read)
}

/// By hand: adapters of iterators would be compiled anew for each type.
fn all<J, T>(items: Vec<J>, read: impl Fn(&J) -> Option<T>) -> Vec<T> {
    let mut found = Vec::new();
    for item in &items {
        if let Some(item) = read(item) {
            found.push(item);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// What both read from the same text must be the same.
    fn alike(messages: Value) {
        let text = json!({"messages": messages, "sequence": 3, "offset": "71"});
        let derived: Batch = serde_json::from_value(text.clone()).unwrap();
        assert_eq!(batch(&text), Some(derived));
    }

    #[test]
    fn poll_messages_are_read_as_wire_reads_them() {
        alike(json!([
            {"type": "ChatRequestSuccess", "message": {"queuePosition": 2, "estimatedWaitTime": 30, "visitorId": "v", "customDetails": []}},
            {"type": "QueueUpdate", "message": {"position": "1", "estimatedWaitTime": -1}},
            {"type": "ChatRequestFail", "message": {"reason": "Unavailable"}},
            {"type": "ChatEstablished", "message": {"name": "Ada", "userId": "u", "sneakPeekEnabled": true, "eventId": "T_2", "sequence": 2, "createdAt": "2017-10-12T15:19:21.010200Z"}},
            {"type": "ChatTransferred", "message": {"name": "Bo", "userId": "w", "sneakPeekEnabled": false, "avatar": "https://a.example/b.png"}},
            {"type": "ChatMessage", "message": {"name": "Ada", "text": "Hi", "agentId": "u", "eventId": "T_3", "sequence": 3}},
            {"type": "AgentTyping", "message": {"name": "Ada"}},
            {"type": "AgentNotTyping", "message": {}},
            {"type": "AgentDisconnect", "message": null},
            {"type": "ChatEnded", "message": {"reason": "agent"}},
        ]));
    }

    #[test]
    fn custom_events_and_session_data_are_taken_apart() {
        let system = json!({"id": "T_4", "created_at": "2017-10-12T15:19:21.010200Z", "type": "system_message",
            "system_message_type": "routing.assigned", "text": "Ada", "text_vars": {"agent": "Ada"}});
        alike(json!([
            {"type": "CustomEvent", "message": {"type": "system_message", "data": system.to_string()}},
            {"type": "CustomEvent", "message": {"type": "page", "data": "no JSON"}},
            {"type": "ChasitorSessionData", "message": {"queuePosition": 1, "sneakPeekEnabled": true,
                "agent": {"name": "Ada", "userId": "u", "sneakPeekEnabled": true},
                "chatMessages": [{"type": "Chasitor", "name": "", "content": "Hi", "timestamp": 5, "sequence": 1, "customId": "n-1"},
                    {"type": "Agent", "name": "", "content": "", "timestamp": 6, "sequence": 4, "event": system}]}},
        ]));
    }

    #[test]
    fn settings_are_read_as_wire_reads_them() {
        let text = json!({"buttons": [{"id": "B", "type": "", "isAvailable": true}],
            "welcome": {"organizationId": "O", "teamName": "Shop", "greeting": "Hi", "accentColor": "#123456",
                "sneakPeekEnabled": true, "online": [{"name": "Ada"}],
                "prechat": {"form_id": 7, "form_type": "prechat", "fields": [
                    {"type": "name", "id": "n", "label": "Name", "required": true},
                    {"type": "select", "id": 2, "label": "Team", "options": [{"id": "a", "label": "A", "group_id": 1}]}]}}});
        let derived: Settings = serde_json::from_value(text.clone()).unwrap();
        assert_eq!(settings(&text), derived);
    }

    #[test]
    fn one_bad_message_costs_only_itself() {
        let text = json!({"messages": [7, {"type": "Poem", "message": {"a": 1}},
            {"type": "ChatMessage", "message": {"text": "Hi", "sequence": {}}}]});
        let kinds: Vec<String> = batch(&text)
            .unwrap()
            .messages
            .iter()
            .map(|message| message.kind().to_owned())
            .collect();
        assert_eq!(kinds, ["Poem", "ChatMessage"]);
    }
}
