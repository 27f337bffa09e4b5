//! What the visitor's tabs say to each other: the machine's messages, as bytes,
//! and the files that were chosen in any of them, since only the leading tab
//! sends.

use js_sys::{Array, Uint8Array};
use parlor_session::tabs::{
    Message,
    coded::{self, Heard},
};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{BroadcastChannel, File, MessageEvent};

pub(super) enum Said {
    Message(Box<Message>),
    /// The driver's name for it, and the file.
    File(u32, File),
    /// A newer version of this document speaks.
    Newer,
}

/// None in a browser that gives no channel: then a tab hears of no other.
pub(super) struct Channel(Option<BroadcastChannel>);

impl Channel {
    pub(super) fn new(name: &str, hear: impl Fn(Said) + 'static) -> Self {
        let channel = BroadcastChannel::new(name).ok();
        if let Some(channel) = &channel {
            let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                said(&event).into_iter().for_each(&hear);
            });
            channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
            listener.forget();
        }
        Self(channel)
    }

    pub(super) fn tell(&self, message: Message) {
        self.post(&Uint8Array::from(message.coded().as_slice()));
    }

    pub(super) fn share(&self, id: u32, file: &File) {
        self.post(&Array::of2(&id.into(), file));
    }

    fn post(&self, what: &wasm_bindgen::JsValue) {
        if let Some(channel) = &self.0 {
            // Bytes and files can be copied; a file whose disk is gone cannot be sent either.
            let _ = channel.post_message(what);
        }
    }
}

fn said(event: &MessageEvent) -> Option<Said> {
    let data = event.data();
    if let Some(bytes) = data.dyn_ref::<Uint8Array>() {
        return match coded::heard(bytes.to_vec()) {
            Heard::Message(message) => Some(Said::Message(message)),
            Heard::Newer => Some(Said::Newer),
            Heard::Nothing => None,
        };
    }
    let shared: Array = data.dyn_into().ok()?;
    let id = shared.get(0).as_f64()?;
    Some(Said::File(id as u32, shared.get(1).dyn_into().ok()?))
}
