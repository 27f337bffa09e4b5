//! Tests of the workspace without a browser, one file per situation.

mod accepting;
mod archive_is_searched;
mod archived_conversation_is_opened;
mod callback_is_due;
mod canned_reply;
mod catching_up;
mod chat_ends;
mod connection_lost;
mod conversation_is_deleted;
mod earlier_conversations;
mod ended_chats_are_found;
mod every_event_type_is_shown;
mod messages_are_answered;
mod newer_events_hold_a_reply;
mod next_unanswered;
mod notifications;
mod offers;
mod records_are_shown;
mod reloading;
mod replying;
mod reports_are_shown;
mod same_as_fresh_fetch;
mod seen_and_unread;
mod sending_templates;
mod sign_ins;
mod signing_in;
mod tagging;
mod teams;
mod transferring;
mod typing;
mod uploading_files;
mod visitor_is_away;

use std::collections::VecDeque;

use parlor_wire::agent::{Frame, Push, PushBody, Request, Response};
use parlor_wire::{ChatId, decode_value};
use serde_json::{Value, json};

use super::*;

pub(super) const ME: &str = "mia@example.com";
pub(super) const BEA: &str = "bea@example.com";

/// A workspace with a simulated driver and server. Its calls wait here for a reply.
pub(super) struct TestConsole {
    pub(super) workspace: Workspace,
    pub(super) now: Millis,
    pub(super) calls: VecDeque<(CallId, Call)>,
    /// The calls for the groups, which are made at each login.
    pub(super) group_calls: Vec<CallId>,
    /// The calls for the list of chats that have ended.
    pub(super) ended_calls: VecDeque<(CallId, Call)>,
    /// The calls for the list of messages, which follow each login.
    pub(super) message_calls: VecDeque<(CallId, Call)>,
    /// The socket that is open or opening.
    pub(super) socket: Option<u32>,
    /// The requests sent over sockets.
    pub(super) transmitted: Vec<Request>,
    /// All other outputs since `take_outputs`.
    pub(super) outputs: Vec<Output>,
    /// What the browser stores for the page.
    pub(super) saved: Option<Box<Saved>>,
    pub(super) alarm: Option<Millis>,
    pub(super) position: i64,
}

impl TestConsole {
    /// The page was just opened.
    pub(super) fn new() -> Self {
        Self::opened(1_700_000_000_000, None)
    }

    /// The page was just opened, with this in the browser's storage.
    pub(super) fn opened(now: Millis, saved: Option<Box<Saved>>) -> Self {
        let mut console = Self {
            workspace: Workspace::new(7, "https://chat.example.com".to_owned()),
            now,
            saved: saved.clone(),
            calls: VecDeque::new(),
            group_calls: Vec::new(),
            message_calls: VecDeque::new(),
            ended_calls: VecDeque::new(),
            socket: None,
            transmitted: Vec::new(),
            outputs: Vec::new(),
            alarm: None,
            position: 100,
        };
        console.input(Input::Start { link: None, saved });
        console
    }

    /// The page is reloaded: all that is left is what the browser stores. Nobody is asked yet who is
    /// signed in.
    pub(super) fn reload(&mut self) {
        *self = Self::opened(self.now, self.saved.take());
    }

    /// Mia is signed in, and these chats are active.
    pub(super) fn signed_in(chats: &[Value]) -> Self {
        let mut console = Self::new();
        console.reply(Ok(profile("accepting_chats")));
        console.open_socket();
        console.log_in_fresh(chats);
        console
    }

    pub(super) fn input(&mut self, input: Input) {
        for output in self.workspace.handle(self.now, input) {
            match output {
                Output::Call(id, Call::ListGroups(_)) => self.group_calls.push(id),
                Output::Call(id, call @ Call::ListOfflineMessages(_)) => {
                    self.message_calls.push_back((id, call));
                }
                Output::Call(id, call @ Call::ListChats(_)) => {
                    self.ended_calls.push_back((id, call));
                }
                Output::Call(id, call) => self.calls.push_back((id, call)),
                Output::OpenSocket(number) => self.socket = Some(number),
                Output::CloseSocket => self.socket = None,
                Output::Transmit(request) => self.transmitted.push(request),
                Output::WakeAt(at) => self.alarm = at,
                Output::Save(saved) => self.saved = Some(saved),
                Output::ForgetSaved => self.saved = None,
                other => self.outputs.push(other),
            }
        }
    }

    pub(super) fn act(&mut self, intent: Intent) {
        self.input(Input::Intent(intent));
    }

    pub(super) fn select(&mut self, chat: &str) {
        self.act(Intent::Select(chat.into()));
    }

    pub(super) fn send(&mut self, text: &str) {
        self.act(Intent::Write(text.to_owned()));
        self.act(Intent::Send);
    }

    /// Lets time pass, and wakes the workspace at the times it asks for.
    pub(super) fn advance(&mut self, millis: Millis) {
        let until = self.now + millis;
        let mut woken = 0;
        while let Some(at) = self.alarm.filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.alarm = None;
            self.input(Input::Wake);
            woken += 1;
            assert!(woken < 10_000, "woken again and again, and nothing done");
        }
        self.now = until;
    }

    /// Replies to the oldest call.
    pub(super) fn reply(&mut self, answer: Result<Reply, Fault>) -> Call {
        let (id, call) = self.calls.pop_front().expect("a call to answer");
        self.input(Input::CallReply(id, answer));
        call
    }

    /// Replies to the oldest call of that kind.
    pub(super) fn reply_where(
        &mut self,
        which: impl Fn(&Call) -> bool,
        answer: Result<Reply, Fault>,
    ) -> Call {
        let at = self.calls.iter().position(|(_, call)| which(call));
        let (id, call) = self.calls.remove(at.expect("such a call")).unwrap();
        self.input(Input::CallReply(id, answer));
        call
    }

    pub(super) fn open_socket(&mut self) {
        let socket = self.socket.expect("a socket that opens");
        self.input(Input::SocketOpened(socket));
    }

    pub(super) fn lose_socket(&mut self) {
        let socket = self.socket.take().expect("a socket to lose");
        self.input(Input::SocketClosed(socket));
    }

    /// The server replies to `login` with all active chats.
    pub(super) fn log_in_fresh(&mut self, chats: &[Value]) {
        self.login_reply(json!({
            "my_profile": me("accepting_chats"),
            "chats_summary": chats,
            "position": self.position,
            "fresh": true,
        }));
    }

    /// The server replies to `login` by continuing at the known position.
    pub(super) fn log_in_resumed(&mut self) {
        self.login_reply(json!({
            "my_profile": me("accepting_chats"),
            "position": self.position,
            "fresh": false,
        }));
    }

    pub(super) fn login_reply(&mut self, payload: Value) {
        self.receive(Frame::Response(Response {
            request_id: None,
            action: "login".to_owned(),
            success: true,
            payload,
        }));
    }

    pub(super) fn receive(&mut self, frame: Frame) {
        let socket = self.socket.expect("a socket to hear by");
        self.input(Input::FrameReceived(socket, Box::new(frame)));
    }

    /// A push at the next position.
    pub(super) fn push(&mut self, action: &str, payload: Value) {
        self.position += 1;
        self.push_at(Some(self.position), action, payload);
    }

    pub(super) fn push_at(&mut self, position: Option<i64>, action: &str, payload: Value) {
        let body = PushBody::from_payload(action.to_owned(), payload).unwrap();
        self.receive(Frame::Push(Push {
            request_id: None,
            position,
            body,
        }));
    }

    /// An event of Ada's, who is in chat `A`.
    pub(super) fn receive_from_ada(&mut self, number: u64, text: &str) {
        self.push("incoming_event", incoming_event("ada", number, text));
    }

    pub(super) fn names(&self, list: fn(&Lists) -> &Vec<Row>) -> Vec<String> {
        let lists = self.workspace.lists();
        let rows = list(&lists).iter();
        rows.map(|row| row.chat.to_string()).collect()
    }

    pub(super) fn texts(&self) -> Vec<String> {
        let entries = self.workspace.entries().into_iter();
        entries
            .map(|entry| match entry.body {
                Body::Text(text) | Body::System(text) => text,
                other => format!("{other:?}"),
            })
            .collect()
    }

    /// The outputs since the last call.
    pub(super) fn take_outputs(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.outputs)
    }

    pub(super) fn chimes(&mut self) -> usize {
        let is_chime = |output: &Output| matches!(output, Output::Chime(_));
        self.take_outputs()
            .iter()
            .filter(|output| is_chime(output))
            .count()
    }

    pub(super) fn sends(&self) -> Vec<(String, String)> {
        let sends = self.calls.iter().filter_map(|(_, call)| match call {
            Call::SendEvent(send) => {
                let custom_id = send.event.custom_id.as_ref().unwrap();
                Some((custom_id.to_string(), send.event.body.text_form()))
            }
            _ => None,
        });
        sends.collect()
    }
}

pub(super) fn is_fetch(call: &Call) -> bool {
    matches!(call, Call::GetChat(_))
}

pub(super) fn is_send(call: &Call) -> bool {
    matches!(call, Call::SendEvent(_))
}

pub(super) fn me(status: &str) -> Value {
    json!({ "id": ME, "type": "agent", "name": "Mia", "routing_status": status })
}

pub(super) fn profile(status: &str) -> Reply {
    Reply::Profile(Box::new(decode_value(me(status)).unwrap()))
}

pub(super) fn agent(id: &str, present: bool) -> Value {
    let name = if id == ME { "Mia" } else { "Bea" };
    json!({ "id": id, "type": "agent", "name": name, "present": present, "visibility": "all" })
}

/// The visitor of a chat: Ada in chat `A`, Ben in `B`, Cem in others.
pub(super) fn visitor(chat: &str) -> Value {
    let (id, name) = match chat {
        "A" => ("ada", "Ada"),
        "B" => ("ben", "Ben"),
        _ => ("cem", "Cem"),
    };
    json!({ "id": id, "type": "customer", "name": name, "present": true })
}

/// A time in that minute; decides the order of chats.
pub(super) fn began(minute: u8) -> String {
    format!("2023-11-14T22:{minute:02}:00.000000Z")
}

/// A chat as in a chat summary.
pub(super) fn summary(chat: &str, minute: u8, agent_present: Option<&str>) -> Value {
    let mut thread = json!({
        "id": format!("{chat}1"), "created_at": began(minute), "active": true, "user_ids": [],
    });
    let mut users = vec![visitor(chat)];
    match agent_present {
        Some(id) => users.push(agent(id, true)),
        None => {
            thread["queue"] = json!({ "position": 1, "wait_time": -1, "queued_at": began(minute) });
        }
    }
    json!({ "id": chat, "last_thread_summary": thread, "users": users })
}

/// A complete chat with these events.
pub(super) fn full_chat(chat: &str, agent_present: Option<&str>, events: &[Value]) -> Value {
    let summary = summary(chat, 1, agent_present);
    let mut thread = summary["last_thread_summary"].clone();
    thread["events"] = json!(events);
    json!({ "id": chat, "thread": thread, "users": summary["users"] })
}

pub(super) fn snapshot(chat: &str, agent_present: Option<&str>, events: &[Value]) -> Reply {
    let chat = full_chat(chat, agent_present, events);
    Reply::Chat(Box::new(decode_value(chat).unwrap()))
}

pub(super) fn event(chat: &str, number: u64, author: &str, text: &str) -> Value {
    json!({
        "id": format!("{chat}1_{number}"), "type": "message", "text": text, "author_id": author,
        "created_at": format!("2023-11-14T22:13:{:02}.{number:06}Z", number.min(59)),
        "visibility": "all",
    })
}

/// The payload of `incoming_event`, in chat `A`.
pub(super) fn incoming_event(author: &str, number: u64, text: &str) -> Value {
    json!({ "chat_id": "A", "thread_id": "A1", "event": event("A", number, author, text) })
}

pub(super) fn user_added(chat: &str, id: &str) -> Value {
    json!({ "chat_id": chat, "thread_id": format!("{chat}1"), "user": agent(id, true) })
}

/// Mia has Ada's chat open. Ada has written `hello`.
pub(super) fn answering_ada() -> TestConsole {
    let mut console = TestConsole::signed_in(&[summary("A", 1, Some(ME))]);
    console.select("A");
    console.reply_where(
        is_fetch,
        Ok(snapshot("A", Some(ME), &[event("A", 1, "ada", "hello")])),
    );
    assert!(
        !console.calls.iter().any(|(_, call)| is_fetch(call)),
        "asked once"
    );
    console.calls.clear();
    console.take_outputs();
    console
}

pub(super) fn chat(id: &str) -> ChatId {
    ChatId::from(id)
}
