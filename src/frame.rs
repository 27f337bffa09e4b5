//! The bridge to the page around the window, over a `MessagePort`. The page sends its settings and
//! calls; the frame reports what happens. If the document is opened by itself, nothing is sent or
//! received.
//!
//! Must stay true: only the page of the origin in the document's URL can connect, and only once; no
//! text of a message is ever sent to it.

#[cfg(test)]
#[cfg(target_arch = "wasm32")]
mod tests;
mod to_page;

use std::{cell::RefCell, rc::Rc};

use gloo_events::EventListener;
use js_sys::{Array, JSON, Object, Reflect};
use parlor_session::{Change, FailReason, Page, Stage};
use parlor_wire::visitor::Goals;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{MessageEvent, MessagePort};

use crate::{driver::now, person::Identity, store::News};
use to_page::{Detail, GoalsToPage, ToPage};

const DAY_MS: u64 = 24 * 3_600_000;

/// A message from the page.
#[derive(Debug)]
pub(crate) enum FromPage {
    /// The page has connected, with its settings. This comes first, and once.
    Connected(Config),
    /// The window is opened, by the visitor or the page.
    Open,
    /// The window is closed.
    Close,
    /// The page says who the visitor is.
    Identify(Identity),
    /// The page sets attributes of the visitor: keys, and values as JSON.
    SetAttributes(Vec<(String, String)>),
    /// The page provides values for empty fields: keys, and values.
    Prefill(Vec<(String, Vec<String>)>),
    /// The page sends a custom event, as JSON.
    Custom(String),
    /// The page says that the visitor has reached a goal of the site.
    Track(String),
    /// The page has another address now.
    Page(Page),
    /// The page displays custom events itself.
    HandlesCustom,
}

/// The page's settings of the window.
#[derive(Debug, Default)]
pub(crate) struct Config {
    pub(crate) open: bool,
    /// `light`, `dark` or `auto`.
    pub(crate) color_scheme: String,
    pub(crate) page: Option<Page>,
    pub(crate) referrer: Option<String>,
    /// What the page said last of the visitor.
    pub(crate) identity: Identity,
}

/// The frame's end of the bridge.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    port: RefCell<Option<MessagePort>>,
    /// Whether the page was told that there is a conversation.
    conversation: RefCell<bool>,
    awaits_answer: RefCell<bool>,
    stage: RefCell<Option<Stage>>,
    /// The goals of the site.
    goals: RefCell<Option<Goals>>,
}

impl Frame {
    /// Whether there is a page around this document.
    pub(crate) fn is_around() -> bool {
        let window = leptos::prelude::window();
        matches!(window.parent(), Ok(Some(parent)) if parent != window)
    }

    /// Greets the page at `origin`, which connects then. `on_message` is called with each message.
    pub(crate) fn greet(self: &Rc<Self>, origin: String, on_message: impl Fn(FromPage) + 'static) {
        let window = leptos::prelude::window();
        let Ok(Some(parent)) = window.parent() else {
            return;
        };
        let (frame, page, on_message) = (self.clone(), parent.clone(), Rc::new(on_message));
        let from = origin.clone();
        EventListener::new(&window, "message", move |event| {
            let Some(event) = event.dyn_ref::<MessageEvent>() else {
                return;
            };
            let ours = event.origin() == from
                && event
                    .source()
                    .is_some_and(|source| Object::is(&source, &page))
                && text(&event.data(), "type").as_deref() == Some("connect")
                && frame.port.borrow().is_none();
            if let (true, Ok(port)) = (ours, event.ports().get(0).dyn_into()) {
                frame.connect(port, on_message.clone());
                let calls = field(&field(&event.data(), "config"), "visitorCalls");
                let mut config = config(&event.data());
                let mut others = Vec::new();
                for call in queued_calls(&calls) {
                    match call {
                        FromPage::Identify(identity) => config.identity = identity,
                        call => others.push(call),
                    }
                }
                on_message(FromPage::Connected(config));
                others.into_iter().for_each(|call| on_message(call));
            }
        })
        .forget();
        let hello = ToPage::Hello { parlor: 1 }.to_js();
        // Refused only if `origin` is malformed: then nobody connects.
        let _ = parent.post_message(&hello, &origin);
    }

    fn connect(&self, port: MessagePort, on_message: Rc<dyn Fn(FromPage)>) {
        let listener =
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                match text(&event.data(), "type").as_deref() {
                    Some("open") => on_message(FromPage::Open),
                    Some("close") => on_message(FromPage::Close),
                    Some("handles") => on_message(FromPage::HandlesCustom),
                    Some("page") => {
                        let page = read_page(&event.data()).map(FromPage::Page);
                        page.into_iter().for_each(|page| on_message(page));
                    }
                    Some(kind) => {
                        let call = read_call(kind, &field(&event.data(), "value"));
                        call.into_iter().for_each(|call| on_message(call));
                    }
                    None => {}
                }
            });
        port.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        listener.forget();
        *self.port.borrow_mut() = Some(port);
    }

    /// The window is displayed. `stored`: it may have something of an earlier page.
    /// `is_signed_out`: the page says that nobody is signed in.
    pub(crate) fn ready(&self, stored: bool, is_signed_out: bool) {
        self.post(&ToPage::Ready);
        // The page may know of a conversation of somebody who has signed out.
        if !stored {
            self.has_something();
            if is_signed_out {
                self.post(&ToPage::Goals { goals: None });
            }
        }
    }

    /// Escape or the minimise button was pressed.
    pub(crate) fn close(&self) {
        self.post(&ToPage::Close);
    }

    /// Whether there is a conversation, to which the page may send custom events.
    pub(crate) fn has_conversation(&self) -> bool {
        *self.conversation.borrow()
    }

    /// Reports a change to the page, if it concerns the page.
    pub(crate) fn on_change(&self, change: &Change) {
        match change {
            Change::Unread(count) => self.post(&ToPage::Unread { count: *count }),
            Change::AgentTyping(on) => self.post(&ToPage::Typing { on: *on }),
            Change::Conversation(open) => self.conversation(*open),
            Change::Welcome(welcome) => {
                self.goals.borrow_mut().clone_from(&welcome.goals);
                self.goals();
            }
            Change::AwaitsAnswer(awaits) => {
                *self.awaits_answer.borrow_mut() = *awaits;
                self.has_something();
            }
            Change::WindowShown(on) => self.post(&ToPage::Shown { on: *on }),
            Change::Stage(stage) => {
                if let Stage::Failed(reason) = stage {
                    let reason = match reason {
                        FailReason::Unavailable => "unavailable",
                        FailReason::Refused => "refused",
                        FailReason::Internal => "internal",
                    };
                    self.event("error", Detail::Failed { reason });
                }
                *self.stage.borrow_mut() = Some(stage.clone());
            }
            Change::Rated(Some(good)) if !self.is_resuming() => {
                let score = if *good { "good" } else { "bad" };
                self.event("rating", Detail::Rated { score });
            }
            _ => {}
        }
    }

    /// Reports news to the page.
    pub(crate) fn on_news(&self, news: News) {
        match news {
            News::Received(id) => self.event("message:received", Detail::Line { id: &id.0 }),
            News::Sent(id) => self.event("message:sent", Detail::Line { id: &id.0 }),
            News::Custom(id, content) => {
                // The content is sent as `undefined` if it is not JSON.
                let content = JSON::parse(&content).unwrap_or_default();
                self.event("custom", Detail::Custom { id: &id.0, content });
            }
        }
    }

    /// For the page, an answer that is awaited is as good a reason to load the chat as a
    /// conversation.
    fn has_something(&self) {
        let open = *self.conversation.borrow() || *self.awaits_answer.borrow();
        self.post(&ToPage::Conversation { open });
    }

    fn conversation(&self, open: bool) {
        let before = self.conversation.replace(open);
        self.has_something();
        self.goals();
        match (before, open) {
            (false, true) if !self.is_resuming() => {
                self.event("conversation:started", Detail::None {})
            }
            (true, false) => self.event("conversation:ended", Detail::None {}),
            _ => {}
        }
    }

    /// Tells the page which pages reach goals, and until when they count, once there is a
    /// conversation to which they count.
    fn goals(&self) {
        if let (true, Some(Goals { days, pages })) =
            (self.has_conversation(), &*self.goals.borrow())
        {
            let until = now().saturating_add(days.saturating_mul(DAY_MS));
            let goals = Some(GoalsToPage { until, pages });
            self.post(&ToPage::Goals { goals });
        }
    }

    /// While a conversation is resumed, what is displayed has happened on an earlier page or in
    /// another tab, and is no news.
    fn is_resuming(&self) -> bool {
        *self.stage.borrow() == Some(Stage::Resuming)
    }

    fn event(&self, name: &'static str, detail: Detail) {
        self.post(&ToPage::Event { name, detail });
    }

    fn post(&self, message: &ToPage) {
        if let Some(port) = &*self.port.borrow() {
            // Refused only for values that cannot be cloned; these are plain objects.
            let _ = port.post_message(&message.to_js());
        }
    }
}

/// Reads a call of the page's script; none if it is unknown or its value has another form.
fn read_call(kind: &str, value: &JsValue) -> Option<FromPage> {
    if value.is_undefined() {
        return None;
    }
    Some(match kind {
        "identify" if value.is_null() => FromPage::Identify(Identity::SignedOut),
        "identify" => FromPage::Identify(Identity::Vouched(value.as_string()?)),
        "setAttributes" => FromPage::SetAttributes(members(value, json)?),
        "prefill" => FromPage::Prefill(members(value, values)?),
        "custom" => FromPage::Custom(json(value)),
        "track" => FromPage::Track(value.as_string()?),
        _ => return None,
    })
}

/// A page makes fewer calls than these before its visitor opens the chat. Of more, the oldest are
/// dropped.
const QUEUED_CALLS_MAX: usize = 50;

/// Warns the page's author in the console that a custom event is dropped.
pub(crate) fn warn_no_conversation() {
    leptos::logging::warn!(
        "parlor: 'custom' is dropped: there is no conversation. Send it after 'conversation:started'."
    );
}

/// Reads the calls that the page made before this document was loaded.
fn queued_calls(calls: &JsValue) -> impl Iterator<Item = FromPage> + use<> {
    let mut calls: Vec<JsValue> = match calls.dyn_ref::<Array>() {
        Some(calls) => calls.iter().collect(),
        None => Vec::new(),
    };
    calls.drain(..calls.len().saturating_sub(QUEUED_CALLS_MAX));
    calls
        .into_iter()
        .filter_map(|call| read_call(&text(&call, "type")?, &field(&call, "value")))
}

/// The most attributes or values that are taken from one call; the rest is dropped.
const MEMBERS_MAX: usize = 50;

/// Reads the properties of an object.
fn members<T>(of: &JsValue, read: fn(&JsValue) -> T) -> Option<Vec<(String, T)>> {
    let names = Reflect::own_keys(of).ok()?;
    let member = |key: JsValue| {
        let value = Reflect::get(of, &key).ok()?;
        Some((key.as_string()?, read(&value)))
    };
    Some(names.iter().filter_map(member).take(MEMBERS_MAX).collect())
}

/// A value as JSON; `null` if JSON cannot represent it.
fn json(value: &JsValue) -> String {
    let text = JSON::stringify(value)
        .ok()
        .and_then(|text| text.as_string());
    text.unwrap_or_else(|| "null".to_owned())
}

/// Reads a text, or a list of texts.
fn values(value: &JsValue) -> Vec<String> {
    match value.dyn_ref::<Array>() {
        Some(values) => values.iter().filter_map(|it| it.as_string()).collect(),
        None => value.as_string().into_iter().collect(),
    }
}

fn config(data: &JsValue) -> Config {
    let config = field(data, "config");
    let page = field(&config, "page");
    Config {
        open: field(&config, "open").is_truthy(),
        color_scheme: text(&config, "colorScheme").unwrap_or_default(),
        page: read_page(&page),
        referrer: text(&page, "referrer"),
        identity: Identity::Unknown,
    }
}

/// The address and the title of a page; none without an address.
fn read_page(of: &JsValue) -> Option<Page> {
    Some(Page {
        url: text(of, "url")?,
        title: text(of, "title"),
    })
}

/// A property of an object; `undefined` if there is none, or this is no object.
fn field(of: &JsValue, key: &str) -> JsValue {
    Reflect::get(of, &key.into()).unwrap_or(JsValue::UNDEFINED)
}

fn text(of: &JsValue, key: &str) -> Option<String> {
    field(of, key).as_string()
}
