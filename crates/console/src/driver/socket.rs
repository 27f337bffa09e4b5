//! One WebSocket. It decodes frames and reports them under its number. Dropping it closes it,
//! without any further report.

use std::rc::Rc;

use parlor_wire::agent::{Frame, Request};
use parlor_wire::decode;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{CloseEvent, Event, MessageEvent, Url, WebSocket};

use crate::workspace::Input;

// Relative to the page, `/agent/`: a proxy may serve the endpoint under a path.
const PATH: &str = "../v3.6/agent/rtm/ws";

pub(super) struct Socket {
    socket: WebSocket,
    _on_open: Closure<dyn FnMut(Event)>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(CloseEvent)>,
}

impl Socket {
    /// Starts to open the socket; `None` if the browser refuses that.
    pub(super) fn open(number: u32, send_input: Rc<dyn Fn(Input)>) -> Option<Self> {
        let page = leptos::prelude::location().href().ok()?;
        let url = Url::new_with_base(PATH, &page).ok()?;
        // Older browsers refuse a URL of a socket that begins with `http`.
        url.set_protocol(match url.protocol().as_str() {
            "https:" => "wss:",
            _ => "ws:",
        });
        let socket = WebSocket::new(&url.href()).ok()?;

        let send = Rc::clone(&send_input);
        let on_open = Closure::<dyn FnMut(Event)>::new(move |_| send(Input::SocketOpened(number)));
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));

        let send = Rc::clone(&send_input);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let text = event.data().as_string();
            let frame = text.and_then(|text| decode::<Frame>(text.as_bytes()).ok());
            send(match frame {
                Some(frame) => Input::FrameReceived(number, Box::new(frame)),
                None => Input::UnreadableFrame(number),
            });
        });
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));

        let on_close =
            Closure::<dyn FnMut(CloseEvent)>::new(move |_| send_input(Input::SocketClosed(number)));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));

        Some(Self {
            socket,
            _on_open: on_open,
            _on_message: on_message,
            _on_close: on_close,
        })
    }

    /// Sends a request. On a closing socket it is lost; the close event is reported anyway.
    pub(super) fn transmit(&self, request: &Request) {
        if let Ok(text) = serde_json::to_string(request) {
            let _ = self.socket.send_with_str(&text);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close();
    }
}
