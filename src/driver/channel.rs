//! The channel between the visitor's tabs. It transmits the messages of `parlor_session::tabs` as
//! JSON, and files that the visitor has chosen, because only the leading tab uploads.

use std::cmp::Ordering;

use js_sys::Array;
use parlor_session::tabs::{Envelope, Message, VERSION};
use serde::de::IgnoredAny;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{BroadcastChannel, File, MessageEvent};

use super::json;

/// What a tab posts that has removed everything that was stored.
pub(super) const FORGOTTEN: &str = "forgotten";

/// A message from another tab.
pub(super) enum Received {
    /// A message of this version.
    Message(Box<Message>),
    /// A file that was chosen in another tab, with the id of its attachment.
    File(u32, File),
    /// A message of a newer version of this document, which cannot be read.
    NewerVersion,
    /// Nothing of the visitor is stored any more: they have signed out, or signed in and gone on
    /// under their name.
    Forgotten,
}

/// None if the browser refuses a channel: then the tab receives nothing.
pub(super) struct Channel(Option<BroadcastChannel>);

impl Channel {
    pub(super) fn new(name: &str, on_receive: impl Fn(Received) + 'static) -> Self {
        let channel = BroadcastChannel::new(name).ok();
        if let Some(channel) = &channel {
            let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                read_event(&event).into_iter().for_each(&on_receive);
            });
            channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
            listener.forget();
        }
        Self(channel)
    }

    pub(super) fn send(&self, message: Message) {
        let version = VERSION;
        self.post(&json::write(&Envelope { version, message }).into());
    }

    pub(super) fn send_file(&self, id: u32, file: &File) {
        self.post(&Array::of2(&id.into(), file));
    }

    fn post(&self, data: &wasm_bindgen::JsValue) {
        if let Some(channel) = &self.0 {
            // Texts and files can be cloned, unless the file has been deleted: then no tab can upload
            // it.
            let _ = channel.post_message(data);
        }
    }
}

fn read_event(event: &MessageEvent) -> Option<Received> {
    let data = event.data();
    if let Some(text) = data.as_string() {
        if text == FORGOTTEN {
            return Some(Received::Forgotten);
        }
        return read_message(&text);
    }
    let file: Array = data.dyn_into().ok()?;
    let id = file.get(0).as_f64()?;
    Some(Received::File(id as u32, file.get(1).dyn_into().ok()?))
}

/// None if the message is of an older version, or is not one of ours.
fn read_message(text: &str) -> Option<Received> {
    let parsed = json::parse(text)?;
    let Envelope::<IgnoredAny> { version, .. } = json::read_value(&parsed)?;
    match version.cmp(&VERSION) {
        Ordering::Less => None,
        Ordering::Equal => {
            let Envelope { message, .. } = json::read_value(&parsed)?;
            Some(Received::Message(message))
        }
        Ordering::Greater => Some(Received::NewerVersion),
    }
}

#[cfg(test)]
#[cfg(target_arch = "wasm32")]
mod tests {
    use std::{cell::RefCell, rc::Rc};

    use gloo_timers::future::TimeoutFuture;
    use parlor_session::tabs::{TabId, TabPayload};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn message_from(tab: &str) -> Message {
        Message {
            from: TabId(tab.into()),
            term: 1_767_225_600_000,
            payload: TabPayload::Ping,
        }
    }

    /// A channel of this name, and a log of what it receives.
    fn listen(name: &str) -> (Channel, Rc<RefCell<Vec<String>>>) {
        let log = Rc::new(RefCell::new(Vec::new()));
        let listener = log.clone();
        let channel = Channel::new(name, move |received| {
            listener.borrow_mut().push(match received {
                Received::Message(message) => format!("{} {}", message.from.0, message.term),
                Received::File(id, file) => format!("file {id} {}", file.name()),
                Received::NewerVersion => "newer".to_owned(),
                Received::Forgotten => "forgotten".to_owned(),
            });
        });
        (channel, log)
    }

    async fn received(log: &RefCell<Vec<String>>, count: usize) -> Vec<String> {
        for _ in 0..500 {
            if log.borrow().len() >= count {
                break;
            }
            TimeoutFuture::new(10).await;
        }
        log.borrow().clone()
    }

    #[wasm_bindgen_test]
    async fn messages_and_files_reach_the_other_tabs_in_order() {
        let (one, received_by_one) = listen("order");
        let (_other, received_by_other) = listen("order");
        one.send(message_from("a"));
        let file = File::new_with_str_sequence(&Array::of1(&"x".into()), "f.txt").unwrap();
        one.send_file(7, &file);
        one.send(message_from("b"));
        let wanted = ["a 1767225600000", "file 7 f.txt", "b 1767225600000"];
        assert_eq!(received(&received_by_other, 3).await, wanted);
        assert!(received_by_one.borrow().is_empty());
    }

    #[wasm_bindgen_test]
    async fn other_versions_are_not_read_and_a_newer_one_is_reported() {
        let (_channel, log) = listen("versions");
        let other = BroadcastChannel::new("versions").unwrap();
        let post = |text: &str| other.post_message(&text.into()).unwrap();
        let sent = |version: u32| {
            let message = message_from("a");
            json::write(&Envelope { version, message })
        };
        post("no JSON");
        post(FORGOTTEN);
        post("7");
        post("{}");
        post(&format!(
            r#"{{"version":{VERSION},"message":{{"from":"a"}}}}"#
        ));
        post(&sent(VERSION - 1));
        other
            .post_message(&js_sys::Uint8Array::new_with_length(3))
            .unwrap();
        post(r#"{"version":1000,"message":["something else"]}"#);
        post(&sent(VERSION));
        let wanted = ["forgotten", "newer", "a 1767225600000"];
        assert_eq!(received(&log, 3).await, wanted);
    }
}
