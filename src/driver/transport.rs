//! Sends the session's calls over HTTP. It is the only module that knows the path, method and
//! headers of a request, and the meaning of a status (Chat REST API, chapters 3 and 6). It
//! does not retry, and its only state is the endpoint's URL.

use std::{cell::RefCell, rc::Rc};

use gloo_net::http::{Headers, RequestBuilder, Response};
use parlor_session::{
    Call, Fault, Input, Millis, PastThread, PastThreads, Posted, Reply, Request, limits::PAGE,
};
use parlor_wire::{
    Thread,
    visitor::{
        API_VERSION, Batch, ChasitorInit, CustomEvent, GoalReached, History, Message, SwitchServer,
        ThreadSeen, Wrapped, header, status,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::JsValue;
use web_sys::{AbortSignal, RequestCache};

use super::{Address, custom_event, json};

/// The endpoint's URL, relative to the document at `/chat/`.
const DEFAULT_BASE: &str = "rest";

pub(super) struct Transport {
    base: Rc<RefCell<String>>,
    settings: String,
    /// Escaped.
    deployment_id: String,
}

/// A request as HTTP sends it.
struct HttpRequest {
    resource: String,
    /// A request with a body is a POST.
    body: Option<String>,
    reply_kind: ReplyKind,
}

/// The kind of reply that a response is read as.
#[derive(Clone, Copy, PartialEq)]
enum ReplyKind {
    Settings,
    SessionId,
    Messages,
    Reconnect,
    History,
    Thread,
    Post,
}

impl Transport {
    pub(super) fn new(address: &Address) -> Self {
        let escaped = |text: &str| String::from(js_sys::encode_uri_component(text));
        let deployment_id = escaped(&address.deployment_id);
        Self {
            base: Rc::new(RefCell::new(DEFAULT_BASE.to_owned())),
            settings: format!(
                "Visitor/Settings?org_id=&deployment_id={deployment_id}&Settings.buttonIds=[{}]&Settings.needEstimatedWaitTime=1",
                escaped(&address.button_id),
            ),
            deployment_id,
        }
    }

    /// The endpoint's URL, which `SwitchServer` may have changed.
    pub(super) fn base(&self) -> String {
        self.base.borrow().clone()
    }

    /// Starts a call. The future resolves to its reply or its fault.
    pub(super) fn send(
        &self,
        call: Call,
        signal: AbortSignal,
    ) -> impl Future<Output = Input> + 'static {
        let http_request = self.http_request(&call.request);
        let base = self.base.clone();
        async move {
            let (reply, latest_offset) = fetch(&base, &call, http_request, signal).await;
            match reply {
                Ok(reply) => Input::Reply {
                    id: call.id,
                    reply: Box::new(reply),
                    latest_offset,
                },
                Err(fault) => Input::Fault { id: call.id, fault },
            }
        }
    }

    /// The deployment, under whose secret an identity token is signed, is the last query item.
    fn history(&self, resource: &str) -> String {
        [
            "Visitor/History",
            resource,
            "&deployment_id=",
            &self.deployment_id,
        ]
        .concat()
    }

    fn http_request(&self, request: &Request) -> HttpRequest {
        let get = |reply_kind, resource: String| HttpRequest {
            resource,
            body: None,
            reply_kind,
        };
        match request {
            Request::Settings => get(ReplyKind::Settings, self.settings.clone()),
            Request::SessionId => get(ReplyKind::SessionId, "System/SessionId".into()),
            Request::Messages { ack, poll, hold } => get(
                ReplyKind::Messages,
                match hold {
                    Some(hold) => format!("System/Messages?ack={ack}&poll={poll}&hold={hold}"),
                    None => format!("System/Messages?ack={ack}&poll={poll}"),
                },
            ),
            Request::ReconnectSession { offset } => get(
                ReplyKind::Reconnect,
                // 0 is the beginning of the conversation.
                format!(
                    "System/ReconnectSession?ReconnectSession.recent={PAGE}&ReconnectSession.offset={}",
                    offset.unwrap_or_default()
                ),
            ),
            Request::ResyncState(body) => post("ChasitorResyncState", body),
            Request::Init { init, session_id } => post(
                "ChasitorInit",
                &ChasitorInit {
                    session_id: Some(session_id.clone()),
                    ..ChasitorInit::clone(init)
                },
            ),
            Request::Message(body) => post("ChatMessage", body),
            Request::Typing => post("ChasitorTyping", &Empty {}),
            Request::NotTyping => post("ChasitorNotTyping", &Empty {}),
            Request::SneakPeek(body) => post("ChasitorSneakPeek", body),
            Request::Breadcrumb(body) => HttpRequest {
                resource: "Visitor/Breadcrumb".into(),
                body: Some(json::write(body)),
                reply_kind: ReplyKind::Post,
            },
            Request::IdleWarning(body) => post("ChasitorIdleTimeoutWarningEvent", body),
            Request::ChatEnd(body) => post("ChatEnd", body),
            Request::Event(message) => post("CustomEvent", &custom_event::message(message)),
            Request::StateUpdate(state) => post("CustomEvent", &custom_event::state(state)),
            Request::History { wait, .. } => get(
                ReplyKind::History,
                match wait {
                    Some(wait) => self.history(&format!(
                        "?known={}&hold={}",
                        js_sys::encode_uri_component(&wait.known),
                        wait.hold
                    )),
                    None => self.history("?"),
                },
            ),
            Request::Thread {
                thread_id, before, ..
            } => get(
                ReplyKind::Thread,
                match before {
                    Some(before) => {
                        self.history(&format!("/{thread_id}?limit={PAGE}&before={before}"))
                    }
                    None => self.history(&format!("/{thread_id}?limit={PAGE}")),
                },
            ),
            Request::ThreadSeen {
                thread_id,
                seen_up_to,
                ..
            } => HttpRequest {
                resource: self.history(&format!("/{thread_id}?")),
                body: Some(json::write(&ThreadSeen {
                    seen_up_to: seen_up_to.clone(),
                })),
                reply_kind: ReplyKind::Post,
            },
            Request::Goal { goal, .. } => HttpRequest {
                // As for the history, the token is signed under the deployment's secret.
                resource: ["Visitor/Goal?deployment_id=", &self.deployment_id].concat(),
                body: Some(json::write(&GoalReached { goal: goal.clone() })),
                reply_kind: ReplyKind::Post,
            },
        }
    }
}

/// `{}`.
#[derive(Serialize)]
struct Empty {}

fn post<T: Serialize>(noun: &str, body: &T) -> HttpRequest {
    HttpRequest {
        resource: ["Chasitor/", noun].concat(),
        body: Some(json::write(body)),
        reply_kind: ReplyKind::Post,
    }
}

async fn fetch(
    base: &RefCell<String>,
    call: &Call,
    http_request: HttpRequest,
    signal: AbortSignal,
) -> (Result<Reply, Fault>, Option<i64>) {
    let HttpRequest {
        resource,
        body,
        reply_kind,
    } = http_request;
    let url = format!("{}/{resource}", base.borrow());
    let headers = headers(call);
    let request = match body {
        None => RequestBuilder::new(&url)
            .cache(RequestCache::NoStore)
            .headers(headers)
            .abort_signal(Some(&signal))
            .build(),
        Some(body) => gloo_net::http::Request::post(&url)
            .headers(headers)
            .abort_signal(Some(&signal))
            .body(body),
    };
    let Ok(request) = request else {
        return (Err(Fault::Refused), None);
    };
    let Ok(response) = request.send().await else {
        return (Err(Fault::Network), None);
    };
    let Ok(text) = response.text().await else {
        return (Err(Fault::Network), None);
    };
    let latest_offset = number(&response.headers(), header::LATEST_OFFSET);
    let latest_offset = latest_offset.and_then(|it| i64::try_from(it).ok());
    let reply = match response.status() {
        status::OK | status::ACCEPTED | status::NO_CONTENT => {
            read_response(reply_kind, &response, &text, base)
        }
        code => Err(fault(code, reply_kind, &response, &text)),
    };
    (reply, latest_offset)
}

fn headers(call: &Call) -> Headers {
    let headers = Headers::new();
    headers.set(header::API_VERSION, &API_VERSION.to_string());
    match &call.credentials {
        Some(credentials) => {
            headers.set(header::AFFINITY, &credentials.affinity);
            headers.set(header::SESSION_KEY, &credentials.key);
        }
        None => headers.set(header::AFFINITY, "null"),
    }
    if let Request::History { of, .. }
    | Request::Thread { of, .. }
    | Request::ThreadSeen { of, .. }
    | Request::Goal { of, .. } = &call.request
    {
        for (name, value) in [
            (header::VISITOR_ID, &of.visitor_id),
            (header::IDENTITY_TOKEN, &of.identity_token),
        ] {
            if let Some(value) = value {
                headers.set(name, value);
            }
        }
    }
    if let Some(number) = call.number {
        headers.set(header::SEQUENCE, &number.to_string());
    }
    headers
}

fn read_response(
    reply_kind: ReplyKind,
    response: &Response,
    text: &str,
    base: &RefCell<String>,
) -> Result<Reply, Fault> {
    let headers = response.headers();
    if reply_kind == ReplyKind::Post {
        return Ok(Reply::Posted(Posted {
            event_id: headers.get(header::EVENT_ID).map(Into::into),
            position: number(&headers, header::POSITION),
            created_at: headers.get(header::CREATED_AT),
        }));
    }
    if reply_kind == ReplyKind::Messages && response.status() == status::NO_CONTENT {
        return Ok(Reply::NoMessages);
    }
    read(reply_kind, text, base).ok_or(Fault::Unreadable)
}

fn read(reply_kind: ReplyKind, text: &str, base: &RefCell<String>) -> Option<Reply> {
    let answer = json::parse(text)?;
    match reply_kind {
        ReplyKind::Messages => {
            return json::read_value(&answer).map(|it| Reply::Messages(with_parsed_events(it)));
        }
        ReplyKind::SessionId => return json::read_value(&answer).map(Reply::SessionId),
        _ => {}
    }
    if let Some(switch) = unwrapped::<SwitchServer>(&answer) {
        let new = format!("{}/rest", switch.new_url.trim_end_matches('/'));
        // Switching to the current server would repeat the request for ever.
        if !new.starts_with("http") || *base.borrow() == new {
            return None;
        }
        *base.borrow_mut() = new;
        return Some(Reply::SwitchServer(switch));
    }
    Some(match reply_kind {
        ReplyKind::Settings => Reply::Settings(unwrapped(&answer)?),
        ReplyKind::History => Reply::History(past_threads(unwrapped(&answer)?)),
        ReplyKind::Thread => Reply::Thread(unwrapped::<Thread>(&answer)?.into()),
        ReplyKind::Reconnect => Reply::Reconnected(unwrapped(&answer)?),
        ReplyKind::Messages | ReplyKind::SessionId | ReplyKind::Post => return None,
    })
}

/// The message of `{"messages":[{"type":…,"message":…}]}`.
fn unwrapped<T: DeserializeOwned>(answer: &JsValue) -> Option<T> {
    let wrapped: Wrapped<T> = json::read_value(answer)?;
    Some(wrapped.messages.into_iter().next()?.message)
}

/// Reads the events that custom events contain as JSON.
fn with_parsed_events(mut batch: Batch) -> Batch {
    for message in &mut batch.messages {
        if let Message::CustomEvent(event) = message {
            let with_parsed_events = json::read(&event.data);
            *event = std::mem::take::<CustomEvent>(event).paired_with(with_parsed_events);
        }
    }
    batch
}

fn past_threads(history: History) -> PastThreads {
    PastThreads {
        threads: history.threads.into_iter().map(PastThread::from).collect(),
        version: history.version,
    }
}

fn fault(code: u16, reply_kind: ReplyKind, response: &Response, text: &str) -> Fault {
    match code {
        status::FORBIDDEN => Fault::SessionGone,
        status::DUPLICATE_POLL if reply_kind == ReplyKind::Messages => Fault::DuplicatePoll,
        status::DUPLICATE_POLL => match actual_number(text) {
            Some(actual) => Fault::OutOfSync { actual },
            None => Fault::Refused,
        },
        // A server that is full says when to try again. One that has handed the session over
        // does not.
        status::AFFINITY_CHANGED
            if matches!(reply_kind, ReplyKind::Messages | ReplyKind::Post)
                && retry_after(&response.headers()).is_none() =>
        {
            Fault::AffinityChanged
        }
        408 | 429 | 500.. => Fault::Unavailable {
            retry_after: retry_after(&response.headers()),
        },
        _ => Fault::Refused,
    }
}

/// The last number in a text such as `Out of sync Ack. Expected 4. Actual 2`, by which the Chat REST
/// API reports the last request that it has carried out.
fn actual_number(text: &str) -> Option<u64> {
    let (before, actual) = text.rsplit_once(' ')?;
    if !before.ends_with("Actual") {
        return None;
    }
    let end = actual.find(|c: char| !c.is_ascii_digit());
    actual.get(..end.unwrap_or(actual.len()))?.parse().ok()
}

/// Reads the header as seconds. Its other form, a date, is ignored.
fn retry_after(headers: &Headers) -> Option<Millis> {
    number(headers, "retry-after").map(|seconds| seconds.saturating_mul(1000))
}

fn number(headers: &Headers, name: &str) -> Option<u64> {
    headers.get(name)?.parse().ok()
}

#[cfg(test)]
#[cfg(target_arch = "wasm32")]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn base() -> RefCell<String> {
        RefCell::new(DEFAULT_BASE.to_owned())
    }

    #[wasm_bindgen_test]
    fn out_of_sync_names_the_last_number_done() {
        assert_eq!(
            actual_number("Out of sync Ack. Expected 4. Actual 2"),
            Some(2)
        );
        assert_eq!(actual_number("Actual 17."), Some(17));
        assert_eq!(actual_number("Conflict"), None);
    }

    #[wasm_bindgen_test]
    fn the_settings_are_unwrapped() {
        let text = r#"{"messages":[{"type":"Settings","message":{"pingRate":50000,
            "buttons":[{"id":"B","type":"Standard","isAvailable":true}],
            "welcome":{"organizationId":"O","teamName":"Shop","greeting":"Hi","sneakPeekEnabled":false,"online":[]}}}]}"#;
        let Some(Reply::Settings(settings)) = read(ReplyKind::Settings, text, &base()) else {
            panic!("not read");
        };
        assert!(settings.buttons[0].is_available);
        assert_eq!(settings.welcome.unwrap().team_name, "Shop");
    }

    #[wasm_bindgen_test]
    fn a_switch_to_the_current_server_is_refused() {
        let base = base();
        let text = r#"{"messages":[{"type":"SwitchServer","message":{"newUrl":"https://b.example/chat"}}]}"#;
        let reply = read(ReplyKind::Settings, text, &base);
        assert!(matches!(reply, Some(Reply::SwitchServer(_))));
        assert_eq!(*base.borrow(), "https://b.example/chat/rest");
        assert_eq!(read(ReplyKind::Settings, text, &base), None);
    }

    #[wasm_bindgen_test]
    fn other_bodies_are_unreadable() {
        assert_eq!(read(ReplyKind::Messages, "<html>", &base()), None);
        assert_eq!(read(ReplyKind::SessionId, "{}", &base()), None);
    }

    #[wasm_bindgen_test]
    fn a_session_id_is_not_wrapped() {
        let text = r#"{"id":"S","key":"K!1=","affinityToken":"A","clientPollTimeout":"40"}"#;
        assert!(matches!(
            read(ReplyKind::SessionId, text, &base()),
            Some(Reply::SessionId(reply)) if reply.client_poll_timeout == 40
        ));
    }
}
