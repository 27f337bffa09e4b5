//! Turns the session's calls into HTTP requests, and answers into its replies, as the
//! widget's transport does in the browser.

use axum::http::HeaderMap;
use parlor_session::{Call, Fault, Posted, Reply, Request, StateUpdate, limits};
use parlor_wire::{
    DecodeError, decode,
    visitor::{self, ChasitorInit, Wrapped, control::Control, header},
};
use serde_json::{Value, json};

use crate::network::{Answer, Packet};

/// The chat's organization, deployment and button.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) organization_id: String,
    pub(crate) deployment_id: String,
    pub(crate) button_id: String,
}

pub(crate) fn packet(call: &Call, site: &Site) -> Packet {
    let (path, body) = match &call.request {
        Request::Settings => (
            format!(
                "Visitor/Settings?org_id={}&deployment_id={}&Settings.buttonIds=[{}]",
                site.organization_id, site.deployment_id, site.button_id
            ),
            None,
        ),
        Request::SessionId => ("System/SessionId".to_owned(), None),
        Request::Messages { ack, poll, hold } => {
            let hold = hold.map_or_else(String::new, |hold| format!("&hold={hold}"));
            (format!("System/Messages?ack={ack}&poll={poll}{hold}"), None)
        }
        Request::ReconnectSession { offset } => {
            let recent = format!("ReconnectSession.recent={}", limits::PAGE);
            let offset = offset.unwrap_or_default();
            let query = format!("{recent}&ReconnectSession.offset={offset}");
            (format!("System/ReconnectSession?{query}"), None)
        }
        Request::ResyncState(body) => chasitor("ChasitorResyncState", serde_json::to_value(body)),
        Request::Init { init, session_id } => {
            let init = ChasitorInit {
                session_id: Some(session_id.clone()),
                ..(**init).clone()
            };
            chasitor("ChasitorInit", serde_json::to_value(init))
        }
        Request::Message(body) => chasitor("ChatMessage", serde_json::to_value(body)),
        Request::Typing => chasitor("ChasitorTyping", Ok(Value::Object(Default::default()))),
        Request::NotTyping => chasitor("ChasitorNotTyping", Ok(Value::Object(Default::default()))),
        Request::SneakPeek(body) => chasitor("ChasitorSneakPeek", serde_json::to_value(body)),
        Request::Breadcrumb(body) => (
            "Visitor/Breadcrumb".to_owned(),
            serde_json::to_string(body).ok(),
        ),
        Request::IdleWarning(body) => chasitor(
            "ChasitorIdleTimeoutWarningEvent",
            serde_json::to_value(body),
        ),
        Request::ChatEnd(body) => chasitor("ChatEnd", serde_json::to_value(body)),
        Request::Event(body) => custom_event(
            "message",
            &json!({"type": "message", "custom_id": body.custom_id, "text": body.text}),
        ),
        Request::StateUpdate(StateUpdate::SeenUpTo(time)) => {
            let kind = Control::EventsMarkedAsSeen;
            custom_event(kind.as_str(), &json!({"seen_up_to": time}))
        }
        // No visitor of the simulation does these.
        Request::StateUpdate(
            StateUpdate::ButtonPressed { .. }
            | StateUpdate::Rated { .. }
            | StateUpdate::TranscriptRequested { .. }
            | StateUpdate::PostchatSubmitted(_)
            | StateUpdate::Identified { .. }
            | StateUpdate::VisitorAttributes(_),
        ) => custom_event("state", &json!({})),
        Request::History { .. } => ("Visitor/History".to_owned(), None),
        Request::Thread { thread_id, .. } => (format!("Visitor/History/{thread_id}"), None),
        Request::ThreadSeen {
            thread_id,
            seen_up_to,
            ..
        } => (
            format!("Visitor/History/{thread_id}"),
            Some(json!({ "seenUpTo": seen_up_to }).to_string()),
        ),
        Request::Goal { goal, .. } => (
            "Visitor/Goal".to_owned(),
            Some(json!({ "goal": goal }).to_string()),
        ),
    };
    let mut headers = vec![(header::API_VERSION, visitor::API_VERSION.to_string())];
    match &call.credentials {
        Some(credentials) => {
            headers.push((header::AFFINITY, credentials.affinity.clone()));
            headers.push((header::SESSION_KEY, credentials.key.clone()));
        }
        None => headers.push((header::AFFINITY, "null".to_owned())),
    }
    if let Request::History { of, .. }
    | Request::Thread { of, .. }
    | Request::ThreadSeen { of, .. }
    | Request::Goal { of, .. } = &call.request
    {
        let visitor_id = of.visitor_id.clone();
        headers.extend(visitor_id.map(|id| (header::VISITOR_ID, id)));
    }
    if let Some(number) = call.number {
        headers.push((header::SEQUENCE, number.to_string()));
    }
    Packet {
        method: if call.request.is_post() {
            "POST"
        } else {
            "GET"
        },
        uri: format!("/chat/rest/{path}"),
        headers,
        body: body.unwrap_or_default(),
    }
}

/// The body of `CustomEvent`.
fn custom_event(kind: &str, data: &Value) -> (String, Option<String>) {
    let body = json!({"type": kind, "data": data.to_string()});
    chasitor("CustomEvent", Ok(body))
}

fn chasitor(noun: &str, body: serde_json::Result<Value>) -> (String, Option<String>) {
    let text = body.unwrap_or_default().to_string();
    (format!("Chasitor/{noun}"), Some(text))
}

pub(crate) fn reply(request: &Request, answer: &Answer) -> Result<Reply, Fault> {
    match answer.status.as_u16() {
        200 | 202 => read(request, answer).map_err(|_| Fault::Unreadable),
        204 => Ok(Reply::NoMessages),
        403 => Err(Fault::SessionGone),
        409 => Err(Fault::DuplicatePoll),
        503 if matches!(request, Request::Settings | Request::SessionId) => {
            Err(Fault::Unavailable { retry_after: None })
        }
        503 => Err(Fault::AffinityChanged),
        400..=499 => Err(Fault::Refused),
        _ => Err(Fault::Unavailable { retry_after: None }),
    }
}

fn read(request: &Request, answer: &Answer) -> Result<Reply, DecodeError> {
    let body = &answer.body;
    Ok(match request {
        Request::Settings => Reply::Settings(Box::new(unwrapped(decode::<Wrapped<_>>(body)?)?)),
        Request::SessionId => Reply::SessionId(decode(body)?),
        Request::Messages { .. } => Reply::Messages(decode(body)?),
        Request::ReconnectSession { .. } => {
            Reply::Reconnected(unwrapped(decode::<Wrapped<_>>(body)?)?)
        }
        Request::History { .. } => Reply::History(Default::default()),
        Request::Thread { .. } => Reply::Thread(Default::default()),
        // The body was cut short.
        _ if body.as_ref() != b"OK" => return Err(DecodeError::missing("POST", "OK")),
        _ => Reply::Posted(posted(&answer.headers)),
    })
}

fn unwrapped<T>(wrapped: Wrapped<T>) -> Result<T, DecodeError> {
    let first = wrapped.messages.into_iter().next();
    first
        .map(|m| m.message)
        .ok_or_else(|| DecodeError::missing("messages", "0"))
}

pub(crate) fn latest_offset(answer: &Answer) -> Option<i64> {
    let text = answer.headers.get(header::LATEST_OFFSET)?.to_str().ok()?;
    text.parse().ok()
}

fn posted(headers: &HeaderMap) -> Posted {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    Posted {
        event_id: text(header::EVENT_ID).map(Into::into),
        position: text(header::POSITION).and_then(|n| n.parse().ok()),
        created_at: text(header::CREATED_AT).map(str::to_owned),
    }
}
