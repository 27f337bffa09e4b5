//! Desktop notifications. The browser is asked for its permission when the agent turns them on, and
//! never before.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::{Promise, Reflect};
use leptos::prelude::window;
use parlor_wire::ChatId;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Notification, NotificationOptions, NotificationPermission};

use crate::text;
use crate::workspace::{self, Input, Intent, NotificationRefusal};

/// Those that are shown, by the chat that they are about. One that the person has closed stays here
/// until the next about the same chat, or until the agent looks at the page.
#[derive(Default)]
pub(super) struct Notifications(RefCell<BTreeMap<ChatId, Shown>>);

struct Shown {
    notification: Notification,
    _on_click: Closure<dyn FnMut()>,
}

/// Whether the browser shows notifications of this page, as far as it was asked.
pub(super) fn are_allowed() -> bool {
    exist() && Notification::permission() == NotificationPermission::Granted
}

/// Asks for the permission. To be called while a click is handled: browsers ignore it otherwise.
pub(super) fn ask() -> Option<Promise> {
    exist().then(|| Notification::request_permission().ok())?
}

/// The answer to `ask`.
pub(super) async fn answer(asked: Option<Promise>) -> Result<(), NotificationRefusal> {
    let Some(asked) = asked else {
        return Err(NotificationRefusal::Unsupported);
    };
    let answer = JsFuture::from(asked).await;
    match answer.ok().and_then(|it| it.as_string()).as_deref() {
        Some("granted") => Ok(()),
        Some("denied") => Err(NotificationRefusal::Blocked),
        _ => Err(NotificationRefusal::Unanswered),
    }
}

impl Notifications {
    pub(super) fn show(&self, about: &workspace::Notification, send: Rc<dyn Fn(Input)>) {
        let options = NotificationOptions::new();
        // One of the same chat takes the place of the one before, and is shown anew.
        options.set_tag(&format!("parlor-{}", about.chat));
        options.set_renotify(true);
        // The page has sounds of its own.
        options.set_silent(Some(true));
        if let Some(team) = &about.team {
            options.set_body(team);
        }
        let title = text::notification(about);
        // Browsers of phones have the type and throw.
        let Ok(notification) = Notification::new_with_options(&title, &options) else {
            return;
        };
        let clicked = about.clone();
        let on_click = Closure::<dyn FnMut()>::new(move || {
            let _ = window().focus();
            send(Input::Intent(Intent::OpenNotified(clicked.clone())));
        });
        notification.set_onclick(Some(on_click.as_ref().unchecked_ref()));
        let shown = Shown {
            notification,
            _on_click: on_click,
        };
        self.0.borrow_mut().insert(about.chat.clone(), shown);
    }

    pub(super) fn close(&self, chat: &ChatId) {
        let shown = self.0.borrow_mut().remove(chat);
        if let Some(shown) = shown {
            shown.notification.set_onclick(None);
            shown.notification.close();
        }
    }

    pub(super) fn close_all(&self) {
        let chats: Vec<ChatId> = self.0.borrow().keys().cloned().collect();
        for chat in chats {
            self.close(&chat);
        }
    }
}

/// Whether the browser has notifications: not all do, and none in pages without encryption.
fn exist() -> bool {
    Reflect::has(&window(), &JsValue::from_str("Notification")).unwrap_or(false)
}
