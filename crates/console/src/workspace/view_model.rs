//! What the page shows, as plain values that the views can compare and render. Nothing is decided
//! here and no sentence is written here; `presenter` builds these values.

use parlor_wire::{
    AgentId, ChatId, CustomId, RecordOrigin, RoutingStatus, ThreadId, agent::CallbackOutcome,
};

use super::{Body, ChatStatus, Millis, RatingView, SignInProblem, parse_timestamp};

/// Whether an agent is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInStage {
    /// The server was asked, and has not answered yet.
    Checking,
    /// The server cannot be reached; the workspace keeps asking.
    Unreachable,
    /// Nobody is signed in.
    SignedOut {
        /// The sign-in form was sent and is not answered yet.
        busy: bool,
        /// Why the last attempt failed, or why the session ended.
        problem: Option<SignInProblem>,
    },
    /// A new password is to be chosen.
    NewPassword {
        /// The new password was sent and is not answered yet.
        busy: bool,
        /// Why the last attempt failed.
        problem: Option<SignInProblem>,
    },
    /// An agent is signed in.
    SignedIn,
}

/// The agent who is signed in.
#[derive(Debug, Clone, PartialEq)]
pub struct Me {
    /// The name that colleagues see.
    pub name: String,
    /// Whether they are given new chats.
    pub status: RoutingStatus,
}

/// The state of the connection to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionStatus {
    /// Connecting for the first time since sign-in.
    Connecting,
    /// Connected and up to date.
    Online,
    /// The connection was lost and is being restored.
    Reconnecting,
}

/// The three lists of chats.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lists {
    /// Chats without an agent, longest wait first.
    pub waiting: Vec<Row>,
    /// The chats of this agent, oldest first.
    pub mine: Vec<Row>,
    /// The chats of other agents, oldest first.
    pub team: Vec<Row>,
}

/// One chat in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The chat.
    pub chat: ChatId,
    /// The visitor's name, if known.
    pub name: Option<String>,
    /// The last message.
    pub preview: Preview,
    /// Since when the visitor has been waiting for an agent or for an answer, in milliseconds since
    /// 1970.
    pub since: Option<Millis>,
    /// The number of the visitor's events that this agent has not seen.
    pub unread: usize,
    /// Whether the visitor is typing.
    pub typing: bool,
    /// The name of the colleague who answers, in the list of colleagues' chats.
    pub agent_name: Option<String>,
    /// The name of the team that it belongs to, where there are several.
    pub team: Option<String>,
    /// Whether this agent is asked to accept it before others are.
    pub offered: bool,
    /// Whether it is the open chat.
    pub selected: bool,
    /// Whether the conversation has ended.
    pub ended: bool,
}

/// The messages that visitors have left and nobody has answered, the callbacks that nobody has
/// made, or the chats that have ended.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MessageList {
    /// By the time at which they are due; of chats that have ended, the newest first. The server lists a limited number of them.
    pub rows: Vec<MessageRow>,
    /// How many there are.
    pub total: u64,
}

/// One of them.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageRow {
    /// The visitor's chat.
    pub chat: ChatId,
    /// The message's thread.
    pub thread: ThreadId,
    /// The visitor's name, if known.
    pub name: Option<String>,
    /// The message.
    pub text: String,
    /// When it was left, or when a callback is due, in milliseconds since 1970.
    pub at: Option<Millis>,
    /// Whether it is a callback whose time has come.
    pub is_due: bool,
    /// Whether it is open in the conversation.
    pub selected: bool,
}

/// The text below the visitor's name in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preview {
    /// No message yet.
    Nothing,
    /// The last message.
    Message {
        /// Whether this agent wrote it.
        by_me: bool,
        /// Whether it is a private note.
        note: bool,
        /// Its plain text.
        text: String,
    },
}

/// The open chat.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenChat {
    /// The chat.
    pub chat: ChatId,
    /// The visitor's name, if known.
    pub name: Option<String>,
    /// Who is responsible for it.
    pub status: ChatStatus,
    /// The name of the colleague in the chat, if any.
    pub agent_name: Option<String>,
    /// The name of the team that it belongs to, where there are several.
    pub team: Option<String>,
    /// This agent takes part in it without answering the visitor.
    pub joined: bool,
    /// The agent joins it, and the server has not confirmed that yet.
    pub joining: bool,
    /// This agent is asked to accept it before others are.
    pub offered: Option<Offered>,
    /// Since when it has been waiting for an agent, in milliseconds since 1970.
    pub since: Option<Millis>,
    /// Its position in the queue, from 1 (the next).
    pub position: Option<i64>,
    /// The visitor is away: their client was not heard for a minute.
    pub away: bool,
    /// The agent has accepted it, takes it over or opens it again, and the server has not confirmed
    /// that yet.
    pub accepting: bool,
    /// It was this agent's, has ended, and was not dismissed.
    pub kept: bool,
    /// The agent has ended it and the server has not confirmed that yet.
    pub ending: bool,
    /// All events of the thread have been loaded.
    pub complete: bool,
    /// The visitor was asked for a file and has not sent one since.
    pub file_requested: bool,
    /// It has ended, and the agent answers all the same.
    pub answering: bool,
    /// It is a message that was left and that nobody has answered.
    pub is_open_message: bool,
    /// It is a callback that is to be made, or that was closed just now.
    pub callback: Option<CallbackView>,
    /// A reply that is held until the agent decides about it.
    pub held: Option<HeldReply>,
    /// The tags of the conversation.
    pub tags: Vec<String>,
}

/// A waiting chat is offered to this agent before others are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offered {
    /// When somebody else is asked, in milliseconds since 1970 by the server's clock.
    pub until: Option<Millis>,
}

impl Offered {
    /// Until this time (RFC 3339).
    pub(super) fn until(at: Option<&str>) -> Self {
        let until = at.and_then(parse_timestamp);
        Self { until }
    }
}

/// How and when the visitor wants to be called back.
#[derive(Debug, Clone, PartialEq)]
pub struct CallbackView {
    /// The number to call; none for a callback in the chat.
    pub phone: Option<String>,
    /// The times that suit, from and to, in milliseconds since 1970.
    pub times: Vec<(Millis, Millis)>,
    /// When it is due, in milliseconds since 1970.
    pub due: Option<Millis>,
    /// What became of it; none while it is open.
    pub outcome: Option<CallbackOutcome>,
}

/// A reply that is held because somebody wrote meanwhile.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldReply {
    /// The reply.
    pub custom_id: CustomId,
    /// The name of who wrote meanwhile; none until the event has arrived.
    pub who: Option<String>,
    /// Whether it is a text that can be edited.
    pub editable: bool,
}

/// One event of the conversation, or one pending reply.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Entry {
    /// Identifies the entry: the event's id, or the reply's `custom_id`.
    pub key: String,
    /// The author.
    pub author: Author,
    /// The author's name, if known.
    pub name: Option<String>,
    /// When it was stored, in milliseconds since 1970; none for a pending reply.
    pub at: Option<Millis>,
    /// Whether it is a private note.
    pub note: bool,
    /// The content.
    pub body: Body,
    /// The delivery state, for the agent's own events.
    pub delivery: Delivery,
}

/// The author of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Author {
    /// The visitor.
    Visitor,
    /// The agent who is signed in here.
    Me,
    /// Another agent.
    Colleague,
    /// The server: a system message.
    System,
}

/// The delivery state of the agent's own event.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// The server has stored it.
    Stored,
    /// The server has stored it and the visitor has seen it.
    Seen,
    /// It is being sent for the first time.
    Sending,
    /// Sending failed; it is sent again automatically.
    Delayed,
    /// Held because somebody wrote meanwhile; the agent has to decide.
    Held,
    /// The server refused it; it is sent again only when the agent asks for that.
    Refused(CustomId),
}

/// What somebody else is typing in the open chat.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TypingPreview {
    /// Whether somebody is typing.
    pub typing: bool,
    /// Whether it is the visitor.
    pub visitor: bool,
    /// Their name, if known.
    pub name: Option<String>,
    /// The text typed so far (sneak peek), if the server sends it.
    pub text: Option<String>,
}

/// The content of the reply field.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Draft {
    /// The text, as typed.
    pub text: String,
    /// Whether it will be a private note.
    pub note: bool,
}

/// What is known about the visitor of the open chat.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Person {
    /// The name, as the visitor gave it.
    pub name: Option<String>,
    /// The e-mail address, as the visitor gave it.
    pub email: Option<String>,
    /// Questions and answers of the first form of the conversation.
    pub answers: Vec<(String, String)>,
    /// The session fields that the site has set: names and values.
    pub details: Vec<(String, String)>,
    /// How they have rated the conversation.
    pub rating: Option<RatingView>,
    /// The site's records of them that are attached to the conversation, in the order in which
    /// they are shown.
    pub records: Vec<PersonRecord>,
    /// The last pages they viewed, newest first.
    pub pages: Vec<Page>,
    /// City and country.
    pub location: Option<String>,
    /// The referrer of the visit.
    pub referrer: Option<String>,
    /// The browser's user agent string.
    pub browser: Option<String>,
    /// When they were first seen, in milliseconds since 1970.
    pub first_seen: Option<Millis>,
    /// The number of conversations, including this one.
    pub conversations: Option<u64>,
    /// The number of visits to the site.
    pub visits: Option<u64>,
    /// The names of the agents in the chat.
    pub agents: Vec<String>,
}

/// A record of the site, as a contact or a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRecord {
    /// What it is a record of, as the site names it.
    pub entity_name: String,
    /// How it came to the conversation.
    pub origin: RecordOrigin,
    /// Questions and answers, and fields that name other records.
    pub fields: Vec<(String, String)>,
}

/// A page that the visitor viewed.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Its title, or its URL if it has none.
    pub title: String,
    /// Its URL.
    pub url: String,
    /// When it was opened, in milliseconds since 1970.
    pub at: Option<Millis>,
}

/// The open list of agents to whom a chat can be transferred.
#[derive(Debug, Clone, PartialEq)]
pub struct Transfer {
    /// The chat.
    pub chat: ChatId,
    /// The agents; none while they are being loaded.
    pub colleagues: Option<Vec<Colleague>>,
    /// The teams to whose queues it can go.
    pub teams: Vec<Team>,
    /// A note for whoever gets the chat, as typed.
    pub note: String,
    /// A transfer was requested and is not answered yet.
    pub busy: bool,
}

/// A team to which a chat can be transferred.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// The number of the group.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Whether any of its agents takes chats.
    pub available: bool,
}

/// An agent to whom a chat can be transferred.
#[derive(Debug, Clone, PartialEq)]
pub struct Colleague {
    /// Their id.
    pub id: AgentId,
    /// Their name.
    pub name: String,
    /// The number of their active chats.
    pub chats: u64,
}

impl Lists {
    /// All rows, in the order in which they are shown.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.waiting.iter().chain(&self.mine).chain(&self.team)
    }
}
