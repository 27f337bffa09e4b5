//! What is to be seen, as values that a view can compare and show. Nothing is decided here, and no
//! sentence is made; how they come about is told in `shown`.

use parlor_wire::{AgentId, ChatId, CustomId, RoutingStatus};

use super::{Body, ChatStatus, Millis, SignInProblem};

/// Whether somebody is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInStage {
    /// It is not known yet.
    Checking,
    /// The endpoint does not say; it is asked again and again.
    Unreachable,
    /// Nobody is.
    SignedOut {
        /// The form was sent.
        busy: bool,
        /// Why not.
        problem: Option<SignInProblem>,
    },
    /// Somebody is.
    SignedIn,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq)]
pub struct Me {
    /// As colleagues read it.
    pub name: String,
    /// Whether they take chats.
    pub status: RoutingStatus,
}

/// Whether the endpoint is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionStatus {
    /// For the first time, not yet.
    Connecting,
    /// Yes.
    Online,
    /// Not at the moment.
    Reconnecting,
}

/// The three lists.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lists {
    /// Who has waited longest comes first.
    pub waiting: Vec<Row>,
    /// In the order in which they began.
    pub mine: Vec<Row>,
    /// In the order in which they began.
    pub colleagues: Vec<Row>,
}

/// One chat in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Which.
    pub chat: ChatId,
    /// The visitor's name, if it is known.
    pub name: Option<String>,
    /// The last that was said.
    pub preview: Preview,
    /// Since when the visitor waits: for an agent, or for an answer.
    pub since: Option<Millis>,
    /// What I have not seen.
    pub unread: usize,
    /// The visitor is typing.
    pub typing: bool,
    /// Who answers, when it is a colleague.
    pub agent_name: Option<String>,
    /// It is the open one.
    pub selected: bool,
    /// Its thread is closed.
    pub ended: bool,
}

/// The last that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preview {
    /// Nothing yet.
    Nothing,
    /// Something.
    Message {
        /// It was me.
        by_me: bool,
        /// For agents only.
        note: bool,
        /// What, in plain text.
        text: String,
    },
}

/// The open chat.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenChat {
    /// Which.
    pub chat: ChatId,
    /// The visitor's name, if it is known.
    pub name: Option<String>,
    /// In which list it stands.
    pub status: ChatStatus,
    /// Who answers.
    pub agent_name: Option<String>,
    /// Since when it waits.
    pub since: Option<Millis>,
    /// Its place in the queue; 1 is the next.
    pub position: Option<i64>,
    /// It is being taken.
    pub accepting: bool,
    /// It is being closed.
    pub ending: bool,
    /// Everything that was said is here.
    pub complete: bool,
    /// The visitor was asked for a file, and has sent none since.
    pub file_requested: bool,
    /// A reply is held, and the person is asked about it.
    pub held: Option<HeldReply>,
    /// Words by which the conversation can be found.
    pub tags: Vec<String>,
}

/// A reply that is held, because somebody wrote meanwhile.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldReply {
    /// Which.
    pub custom_id: CustomId,
    /// Who wrote, by name, when that is known already.
    pub who: Option<String>,
    /// It can be written on.
    pub editable: bool,
}

/// One line of the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Entry {
    /// Names the line.
    pub key: String,
    /// Who.
    pub author: Author,
    /// Their name, if it is known.
    pub name: Option<String>,
    /// When; none for what is on its way.
    pub at: Option<Millis>,
    /// For agents only.
    pub note: bool,
    /// What.
    pub body: Body,
    /// How far one's own reply has come.
    pub delivery: Delivery,
}

/// Who said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Author {
    /// Who asks.
    Visitor,
    /// Who is signed in here.
    Me,
    /// Somebody else who answers.
    Colleague,
    /// The endpoint.
    System,
}

/// How far one's own reply has come.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// It is kept.
    Stored,
    /// It is kept, and the visitor has seen it.
    Seen,
    /// It is on its way.
    Sending,
    /// It could not be sent yet; it is tried again by itself.
    Delayed,
    /// Somebody wrote meanwhile: it waits for the person's word.
    Held,
    /// It will not be sent by itself.
    Refused(CustomId),
}

/// What is being typed by the others.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TypingPreview {
    /// Somebody types.
    pub typing: bool,
    /// It is the visitor.
    pub visitor: bool,
    /// Who, by name.
    pub name: Option<String>,
    /// What the visitor has typed so far, where that is told.
    pub text: Option<String>,
}

/// The reply in the making.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Draft {
    /// As it was typed.
    pub text: String,
    /// For agents only.
    pub note: bool,
}

/// Who the visitor is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Person {
    /// As they gave it.
    pub name: Option<String>,
    /// As they gave it.
    pub email: Option<String>,
    /// What they answered before the chat.
    pub answers: Vec<(String, String)>,
    /// What the site says of them.
    pub details: Vec<(String, String)>,
    /// What they looked at, newest first.
    pub pages: Vec<Page>,
    /// City and country.
    pub location: Option<String>,
    /// The page that led to the site.
    pub referrer: Option<String>,
    /// The browser, by its own words.
    pub browser: Option<String>,
    /// When they were first here.
    pub first_seen: Option<Millis>,
    /// Conversations so far, this one included.
    pub conversations: Option<u64>,
    /// Visits to the site so far.
    pub visits: Option<u64>,
    /// The agents in the chat.
    pub agents: Vec<String>,
}

/// A page that was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Its title, or its address.
    pub title: String,
    /// Its address.
    pub url: String,
    /// When.
    pub at: Option<Millis>,
}

/// Whom a chat can be handed on to.
#[derive(Debug, Clone, PartialEq)]
pub struct Transfer {
    /// Which chat.
    pub chat: ChatId,
    /// None while they are being asked for.
    pub colleagues: Option<Vec<Colleague>>,
    /// It is being handed on.
    pub busy: bool,
}

/// A colleague who could take a chat.
#[derive(Debug, Clone, PartialEq)]
pub struct Colleague {
    /// Who.
    pub id: AgentId,
    /// Their name.
    pub name: String,
    /// How many they have.
    pub chats: u64,
}

impl Lists {
    /// All of them, from top to bottom.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.waiting
            .iter()
            .chain(&self.mine)
            .chain(&self.colleagues)
    }
}
