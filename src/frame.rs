//! The bridge to the page around the window: its settings come in, what
//! happened goes out. Opened by itself, the document has no page around it and
//! everything here is silent. It knows nothing of what is said in the chat,
//! and tells the page none of it.
//!
//! Must stay true: only the page that the address names is spoken to, and only
//! its own first answer is believed.

#[cfg(test)]
#[cfg(target_arch = "wasm32")]
mod tests;
mod to_page;

use std::{cell::RefCell, rc::Rc};

use gloo_events::EventListener;
use js_sys::{Array, JSON, Object, Reflect};
use parlor_session::{Change, FailReason, Stage};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{MessageEvent, MessagePort};

use crate::store::News;
use to_page::{Detail, ToPage};

/// What the page says.
#[derive(Debug)]
pub(crate) enum FromPage {
    /// It is there, and this is how it wants the window. First, and once.
    Connected(Config),
    /// The window is shown, because somebody asked for it.
    Open,
    /// The window is hidden.
    Close,
    /// It vouches for the visitor.
    Identify(String),
    /// Keys, and values as JSON.
    SetAttributes(Vec<(String, String)>),
    /// What to fill in where nothing stands yet: keys, and values.
    Prefill(Vec<(String, Vec<String>)>),
    /// An event of its own, as JSON.
    Custom(String),
    /// It shows its own events itself.
    HandlesCustom,
}

#[derive(Debug, Default)]
pub(crate) struct Config {
    pub(crate) open: bool,
    /// `light`, `dark` or `auto`.
    pub(crate) color_scheme: String,
    pub(crate) url: Option<String>,
    pub(crate) referrer: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Frame {
    port: RefCell<Option<MessagePort>>,
    /// Whether a conversation is known to the page.
    conversation: RefCell<bool>,
    stage: RefCell<Option<Stage>>,
}

impl Frame {
    /// Whether there is a page around us.
    pub(crate) fn is_around() -> bool {
        let window = leptos::prelude::window();
        matches!(window.parent(), Ok(Some(parent)) if parent != window)
    }

    /// Says hello to the page at `origin` and waits for its answer.
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
                let calls = field(&field(&event.data(), "config"), "said");
                on_message(FromPage::Connected(config(&event.data())));
                queued_calls(&calls).for_each(|call| on_message(call));
            }
        })
        .forget();
        let hello = ToPage::Hello { parlor: 1 }.to_js();
        // Refused only for an origin that is none: then nobody answers.
        let _ = parent.post_message(&hello, &origin);
    }

    fn connect(&self, port: MessagePort, on_message: Rc<dyn Fn(FromPage)>) {
        let listener =
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                match text(&event.data(), "type").as_deref() {
                    Some("open") => on_message(FromPage::Open),
                    Some("close") => on_message(FromPage::Close),
                    Some("handles") => on_message(FromPage::HandlesCustom),
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

    /// The window is drawn.
    pub(crate) fn ready(&self) {
        self.post(&ToPage::Ready);
    }

    /// Escape or the minimise button was pressed.
    pub(crate) fn close(&self) {
        self.post(&ToPage::Close);
    }

    /// Whether there is one for an event of the page's own to go into.
    pub(crate) fn has_conversation(&self) -> bool {
        *self.conversation.borrow()
    }

    /// Tells the page what of a change concerns it.
    pub(crate) fn on_change(&self, change: &Change) {
        match change {
            Change::Unread(count) => self.post(&ToPage::Unread { count: *count }),
            Change::AgentTyping(on) => self.post(&ToPage::Typing { on: *on }),
            Change::Conversation(open) => self.conversation(*open),
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

    /// Tells the page what has just happened.
    pub(crate) fn on_news(&self, news: News) {
        match news {
            News::Received(id) => self.event("message:received", Detail::Line { id: &id.0 }),
            News::Sent(id) => self.event("message:sent", Detail::Line { id: &id.0 }),
            News::Custom(id, content) => {
                // Not JSON is nothing that could be told.
                let content = JSON::parse(&content).unwrap_or_default();
                self.event("custom", Detail::Custom { id: &id.0, content });
            }
        }
    }

    fn conversation(&self, open: bool) {
        self.post(&ToPage::Conversation { open });
        let before = self.conversation.replace(open);
        match (before, open) {
            (false, true) if !self.is_resuming() => {
                self.event("conversation:started", Detail::None {})
            }
            (true, false) => self.event("conversation:ended", Detail::None {}),
            _ => {}
        }
    }

    /// What is come back to has happened on an earlier page, or in another tab.
    fn is_resuming(&self) -> bool {
        *self.stage.borrow() == Some(Stage::Resuming)
    }

    fn event(&self, name: &'static str, detail: Detail) {
        self.post(&ToPage::Event { name, detail });
    }

    fn post(&self, message: &ToPage) {
        if let Some(port) = &*self.port.borrow() {
            // Refused only for what cannot be copied; these are plain.
            let _ = port.post_message(&message.to_js());
        }
    }
}

/// What the page says of its visitor; nothing where it says something else
/// than it should.
fn read_call(kind: &str, value: &JsValue) -> Option<FromPage> {
    if value.is_undefined() {
        return None;
    }
    Some(match kind {
        "identify" => FromPage::Identify(value.as_string()?),
        "setAttributes" => FromPage::SetAttributes(members(value, json)?),
        "prefill" => FromPage::Prefill(members(value, values)?),
        "custom" => FromPage::Custom(json(value)),
        _ => return None,
    })
}

/// More than these no page says before its visitor opens the chat; the newest
/// count.
const QUEUED_CALLS_MAX: usize = 50;

/// For whoever wrote the page: an event of its own has nowhere to go.
pub(crate) fn warn_no_conversation() {
    leptos::logging::warn!(
        "parlor: 'custom' is dropped: no conversation is going on. Say it after 'conversation:started'."
    );
}

/// What the page said before this document was there.
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

/// More keys than these nobody reads; the rest is left out.
const MEMBERS_MAX: usize = 50;

fn members<T>(of: &JsValue, read: fn(&JsValue) -> T) -> Option<Vec<(String, T)>> {
    let names = Reflect::own_keys(of).ok()?;
    let member = |key: JsValue| {
        let value = Reflect::get(of, &key).ok()?;
        Some((key.as_string()?, read(&value)))
    };
    Some(names.iter().filter_map(member).take(MEMBERS_MAX).collect())
}

/// What JSON has no words for is null.
fn json(value: &JsValue) -> String {
    let text = JSON::stringify(value)
        .ok()
        .and_then(|text| text.as_string());
    text.unwrap_or_else(|| "null".to_owned())
}

/// One value or several.
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
        url: text(&page, "url"),
        referrer: text(&page, "referrer"),
    }
}

/// What is not there, or not in an object, is undefined.
fn field(of: &JsValue, key: &str) -> JsValue {
    Reflect::get(of, &key.into()).unwrap_or(JsValue::UNDEFINED)
}

fn text(of: &JsValue, key: &str) -> Option<String> {
    field(of, key).as_string()
}
