//! The rows, one struct a table. Times are [`Timestamp`]; what a visitor wrote
//! or is called is [`Private`].

use std::collections::BTreeMap;

use parlor_wire::{
    agent::{CannedResponse, Template},
    event::Form,
    id::{
        AgentId, ButtonId, ChatId, CustomId, CustomerId, DeploymentId, OrganizationId, SessionId,
        ThreadId, UserId,
    },
    visitor::{CustomDetail, SensitiveDataRule},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{clock::Timestamp, private::Private};

/// The one organisation of a database.
#[derive(Debug, Clone, PartialEq)]
pub struct Organization {
    pub id: OrganizationId,
    pub name: String,
    /// Set when the organisation moved: Visitor calls answer `SwitchServer`
    /// with this address, which ends in `/chat` (seed 001, SwitchServer).
    pub switch_url: Option<String>,
}

/// A place where the chat is embedded.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    pub id: DeploymentId,
    pub name: String,
    /// Origins (`https://shop.example`) whose pages may embed the chat. The
    /// endpoint's own origin is always allowed.
    pub allowed_origins: Vec<String>,
    pub settings: DeploymentSettings,
}

/// Kept as one JSON column: what a deployment looks like and asks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeploymentSettings {
    pub team_name: String,
    pub greeting: String,
    /// `#rrggbb`.
    pub accent_color: Option<String>,
    pub prechat: Option<Form>,
    pub sneak_peek_enabled: bool,
    /// Asked when the chat is over.
    pub postchat: Option<Form>,
    /// Forms that agents can send.
    pub forms: Vec<Template>,
    pub canned_responses: Vec<CannedResponse>,
    /// Cards, quick replies and stickers that agents can send.
    pub rich_messages: Vec<Template>,
    pub files: FilePolicy,
    /// Whether agents' texts are read as Markdown.
    pub markdown: bool,
    pub asks_rating: bool,
    /// Each compiles here and in a browser (`mask`).
    pub sensitive_data_rules: Vec<SensitiveDataRule>,
    /// How far back a returning visitor sees; none: all there is.
    pub history_days: Option<u32>,
    /// Sources for the chat document's `img-src` beside its own origin. None:
    /// all of https.
    pub image_origins: Option<Vec<String>>,
}

/// Which files a deployment takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FilePolicy {
    /// Of one file.
    pub max_bytes: u64,
    /// MIME types, as they are found in the bytes; empty: none are taken.
    pub types: Vec<String>,
}

impl Default for FilePolicy {
    /// What people show each other in a chat, at sizes that a phone sends.
    fn default() -> Self {
        let types = [
            "image/png",
            "image/jpeg",
            "image/gif",
            "image/webp",
            "application/pdf",
            "text/plain",
        ];
        Self {
            max_bytes: 10 * 1024 * 1024,
            types: types.map(str::to_owned).into(),
        }
    }
}

/// A queue that visitors can be sent to (seed 001, Button).
#[derive(Debug, Clone, PartialEq)]
pub struct Button {
    pub id: ButtonId,
    pub deployment_id: DeploymentId,
    pub name: String,
    pub group_id: i64,
    pub language: String,
    /// A of the wait time formula (seed 001, chapter 5), in seconds.
    pub average_wait_s: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoutingStatus {
    AcceptingChats,
    NotAcceptingChats,
    Offline,
}

impl RoutingStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AcceptingChats => "accepting_chats",
            Self::NotAcceptingChats => "not_accepting_chats",
            Self::Offline => "offline",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::AcceptingChats, Self::NotAcceptingChats, Self::Offline]
            .into_iter()
            .find(|s| s.as_str() == text)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Agent {
    pub id: AgentId,
    pub email: Private<String>,
    pub name: String,
    /// Argon2, PHC string. None: signs in by link or token only.
    pub password_hash: Option<Private<String>>,
    pub avatar: Option<String>,
    pub routing_status: RoutingStatus,
    pub created_at: Timestamp,
    pub removed_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A program that acts as an agent.
    Agent,
    /// A person at the console, in a cookie.
    Console,
    /// The first sign-in; taken once.
    SignIn,
    /// Back-office programs (seed 000).
    Api,
}

impl TokenKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Console => "console",
            Self::SignIn => "sign_in",
            Self::Api => "api",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Agent, Self::Console, Self::SignIn, Self::Api]
            .into_iter()
            .find(|k| k.as_str() == text)
    }
}

/// Only the hash of a token is ever kept (SHA-256, hex: the token itself has
/// 256 random bits, so a slow hash would add nothing).
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    pub hash: String,
    pub kind: TokenKind,
    pub agent_id: Option<AgentId>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

/// A visitor, across threads.
#[derive(Debug, Clone, PartialEq)]
pub struct Customer {
    pub id: CustomerId,
    /// Hash of the visitor id that only the visitor's own device knows.
    pub visitor_hash: Option<String>,
    pub name: Option<Private<String>>,
    pub email: Option<Private<String>>,
    /// Whether the site vouched for the e-mail.
    pub email_verified: bool,
    /// Hash of who the site says this is (`docs/PROTOCOL.md`, 5,
    /// `identityToken`).
    pub identity_hash: Option<String>,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Chat {
    pub id: ChatId,
    pub customer_id: CustomerId,
    pub created_at: Timestamp,
    /// When its newest thread began.
    pub last_thread_at: Timestamp,
    /// Whether its newest thread is open.
    pub active: bool,
    pub properties: Value,
}

/// Which page of the list of chats.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatQuery {
    pub active: Option<bool>,
    /// By `(last_thread_at, id)`.
    pub ascending: bool,
    /// The last row of the page before.
    pub after: Option<(Timestamp, ChatId)>,
    pub limit: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThreadStatus {
    /// Waits for an agent.
    Queued,
    /// An agent was assigned; they may have gone, and another may come.
    Active,
    Ended,
}

impl ThreadStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Active => "active",
            Self::Ended => "ended",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Queued, Self::Active, Self::Ended]
            .into_iter()
            .find(|s| s.as_str() == text)
    }
}

/// Why a thread ended (seed 001, ChatEnd; `protocol.md` §2.15).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    Client,
    Agent,
    ClientTimeout,
    AgentTimeout,
}

impl EndReason {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Agent => "agent",
            Self::ClientTimeout => "clientTimeout",
            Self::AgentTimeout => "agentTimeout",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Client,
            Self::Agent,
            Self::ClientTimeout,
            Self::AgentTimeout,
        ]
        .into_iter()
        .find(|r| r.as_str() == text)
    }
}

/// One conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Thread {
    pub id: ThreadId,
    pub chat_id: ChatId,
    pub status: ThreadStatus,
    pub deployment_id: Option<DeploymentId>,
    pub button_id: Option<ButtonId>,
    /// Set while the thread waits for this one agent alone.
    pub target_agent_id: Option<AgentId>,
    /// The agent who answers now.
    pub agent_id: Option<AgentId>,
    pub created_at: Timestamp,
    pub queued_at: Option<Timestamp>,
    pub accepted_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub end_reason: Option<EndReason>,
    /// Number of the newest event; 0 when there is none.
    pub last_event: i64,
    /// Everybody who ever took part, in order of appearance.
    pub user_ids: Vec<UserId>,
    /// Who has seen events up to which moment.
    pub seen_up_to: BTreeMap<UserId, Timestamp>,
    /// How far the visitor was told that agents have seen.
    pub told_seen_up_to: Option<Timestamp>,
    /// Notes of programs (seed 002, Properties), as JSON.
    pub properties: Private<Value>,
    /// Words by which it can be found, in the order in which they were given.
    pub tags: Vec<String>,
    pub details: Private<ThreadDetails>,
}

/// Kept as one JSON column: what the visitor's client told when it began.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ThreadDetails {
    pub visitor_name: Option<String>,
    pub user_agent: Option<String>,
    pub language: Option<String>,
    pub screen_resolution: Option<String>,
    pub prechat_details: Vec<CustomDetail>,
    /// The page the visitor is on, and those before, oldest first.
    pub pages: Vec<Page>,
    /// Where the visitor came from.
    pub referrer: Option<String>,
    /// What the page says of the visitor, one key in each.
    pub session_fields: Vec<BTreeMap<String, Value>>,
    /// An agent waits for a file.
    pub file_request: Option<FileRequest>,
}

/// Seed 001, FileTransfer: one at a time, and good for one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRequest {
    /// Of the `fileToken`, which only the visitor's client was told.
    pub token_hash: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    pub url: String,
    /// Microseconds since 1970.
    pub opened_at: i64,
}

/// Which page of the archive, by `(created_at, id)`.
#[derive(Debug, Clone, PartialEq)]
pub struct ThreadQuery {
    pub ascending: bool,
    pub after: Option<(Timestamp, ThreadId)>,
    pub limit: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    All,
    Agents,
}

impl Visibility {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Agents => "agents",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::All, Self::Agents]
            .into_iter()
            .find(|v| v.as_str() == text)
    }
}

/// One line of the log (seed 002).
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub thread_id: ThreadId,
    /// 1, 2, 3 … within the thread: the only order there is.
    pub number: i64,
    pub chat_id: ChatId,
    pub author_id: Option<UserId>,
    pub custom_id: Option<CustomId>,
    pub kind: String,
    pub visibility: Visibility,
    pub created_at: Timestamp,
    /// The event as JSON, without the fields that have columns.
    pub body: Private<Value>,
}

/// Somebody has a button of a rich message pressed.
#[derive(Debug, Clone, PartialEq)]
pub struct Toggle {
    pub thread_id: ThreadId,
    /// Of the rich message.
    pub number: i64,
    /// The button's.
    pub postback_id: String,
    pub user_id: UserId,
    pub created_at: Timestamp,
}

/// All properties of an event, in place of those it was written with.
#[derive(Debug, Clone, PartialEq)]
pub struct EventProperties {
    pub thread_id: ThreadId,
    pub number: i64,
    pub properties: Private<Value>,
}

/// A visitor's open connection to one thread (seed 001, SessionId).
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    pub id: SessionId,
    pub key_hash: String,
    /// The process that serves it.
    pub affinity: String,
    /// None until `ChasitorInit`.
    pub thread_id: Option<ThreadId>,
    pub created_at: Timestamp,
    /// When a poll was last open.
    pub last_heard_at: Timestamp,
    /// Set when the session is over; what is left in its mail may be fetched.
    pub closed_at: Option<Timestamp>,
    /// `X-LIVEAGENT-SEQUENCE` of the last POST done; 0 before the first.
    pub post_number: i64,
    /// True from `ReconnectSession` until the first numbered POST after it.
    pub post_number_may_restart: bool,
    /// Position of the newest mail ever put.
    pub position: i64,
    /// Number of the newest batch served; 0 before the first.
    pub batch: i64,
    /// The `ack` of the newest poll that acknowledged.
    pub acknowledged: i64,
    /// The client counts `ack` up by itself (`protocol.md` §2.6).
    pub counts_ack: bool,
    pub receives_queue_updates: bool,
    /// The queue position last told; 0 when none.
    pub queue_position: i64,
    pub origin: Option<String>,
}

/// One poll message that waits to be fetched and acknowledged.
#[derive(Debug, Clone, PartialEq)]
pub struct QueuedMessage {
    pub session_id: SessionId,
    pub position: i64,
    /// The batch it was served in; 0 while it was not.
    pub batch: i64,
    /// The message's `type`.
    pub kind: String,
    pub message: Private<Value>,
}

/// A POST that was done, and how it was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct IdempotencyRecord {
    pub session_id: SessionId,
    pub number: i64,
    /// SHA-256 of resource and body, hex.
    pub digest: String,
    /// The event it wrote, if it wrote one.
    pub event: Option<(ThreadId, i64)>,
}

/// A file that was uploaded (`docs/PROTOCOL.md`, 5, Files). The bytes are in
/// the file store, under the key.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// 256 random bits: who knows it may read the file. It is kept as it is,
    /// because the events that name it are.
    pub key: String,
    /// Where its addresses begin, as `https://chat.example.com`.
    pub origin: String,
    /// Who may put it into a chat.
    pub owner: FileOwner,
    pub name: Private<String>,
    /// Found in the bytes.
    pub content_type: String,
    pub size: i64,
    /// Of images that could be read.
    pub image: Option<ImageInfo>,
    pub created_at: Timestamp,
    /// The first event that names it. A file without one is collected.
    pub event: Option<(ThreadId, i64)>,
    /// It is being collected: too late for an event.
    pub doomed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileOwner {
    Session(SessionId),
    Agent(AgentId),
}

/// What is known of an image, and of its small ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageInfo {
    pub width: i64,
    pub height: i64,
    /// MIME type of both thumbnails.
    pub thumbnail_type: String,
}

/// A push to agents about to be appended.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAgentStreamEvent {
    pub action: String,
    pub payload: Private<Value>,
    pub created_at: Timestamp,
}

/// A push to agents (`protocol.md`, Agents).
#[derive(Debug, Clone, PartialEq)]
pub struct AgentStreamEvent {
    pub position: i64,
    pub action: String,
    pub payload: Private<Value>,
    pub created_at: Timestamp,
}
