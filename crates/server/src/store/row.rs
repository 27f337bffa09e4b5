//! Rows, one struct for each table. Times are [`Timestamp`]s; what visitors
//! wrote, and their names and addresses, are [`Private`].

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use parlor_wire::{
    Callback,
    agent::{CannedResponse, Template},
    event::Form,
    id::{
        AgentId, AttachedRecordId, ButtonId, ChatId, CustomId, CustomerId, DeploymentId, EventId,
        EventPlace, OrganizationId, RecordId, SessionId, ThreadId, UserId,
    },
    limits::ID_MAX_BYTES,
    visitor::{CustomDetail, SensitiveDataRule},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::FromRow;

use crate::{clock::Timestamp, private::Private, working_hours::WorkingHours};

/// The one organisation of a database.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Organization {
    pub id: OrganizationId,
    pub name: String,
    /// The new address, which ends in `/chat`, when the organisation has moved:
    /// calls of `Visitor` are then answered with it (Chat REST API,
    /// `SwitchServer`).
    pub switch_url: Option<String>,
}

/// A website on which the chat is embedded.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Deployment {
    pub id: DeploymentId,
    pub name: String,
    /// Origins (`https://shop.example`) whose pages may embed the chat. The
    /// endpoint's own origin is always allowed.
    #[sqlx(rename = "allowed_origins_json", json)]
    pub allowed_origins: Vec<String>,
    #[sqlx(rename = "settings_json", json)]
    pub settings: DeploymentSettings,
}

impl Deployment {
    /// Whether somebody may be there at that time, by the working hours.
    pub fn is_open(&self, now: Timestamp) -> bool {
        let hours = self.settings.working_hours.as_ref();
        hours.is_none_or(|hours| hours.is_open(now))
    }

    /// When somebody may be there again; `None` within working hours, and where
    /// there are none.
    pub fn back_at(&self, now: Timestamp) -> Option<Timestamp> {
        let hours = self.settings.working_hours.as_ref()?;
        (!hours.is_open(now)).then(|| hours.next_opening(now))?
    }
}

/// The settings of a deployment, kept as one JSON column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeploymentSettings {
    pub team_name: String,
    pub greeting: String,
    /// `#rrggbb`.
    pub accent_color: Option<String>,
    pub prechat: Option<Form>,
    pub sneak_peek_enabled: bool,
    /// The form that is shown after a chat.
    pub postchat: Option<Form>,
    /// Forms that agents can send.
    pub forms: Vec<Template>,
    pub canned_responses: Vec<CannedResponse>,
    /// Cards, quick replies and stickers that agents can send.
    pub rich_messages: Vec<Template>,
    pub files: FilePolicy,
    /// Whether agents' texts are parsed as Markdown.
    pub markdown: bool,
    pub asks_rating: bool,
    /// Rules that compile here and in browsers (`redaction`).
    pub sensitive_data_rules: Vec<SensitiveDataRule>,
    /// How many days back a returning visitor can read; `None` for everything.
    pub history_days: Option<u32>,
    /// Sources for the `img-src` of the chat document, besides its own origin.
    /// `None` allows all of https.
    pub image_origins: Option<Vec<String>>,
    pub silence: SilenceAllowed,
    pub retention: RetentionPolicy,
    /// `None`: a visitor may leave an agent's message without an answer.
    pub idle_timeout: Option<IdleTimeout>,
    pub when_offline: WhenOffline,
    /// Where visitors can ask for a callback; `None` where they cannot.
    pub callback: Option<CallbackPolicy>,
    /// When somebody may be there; `None` for always.
    pub working_hours: Option<WorkingHours>,
    /// Where clients send the visitor after a chat, or after a request that was
    /// turned down (Chat REST API, `postChatUrl`).
    pub post_chat_url: Option<String>,
    /// From where clients load what is shown around the chat (Chat REST API,
    /// `contentServerUrl`); `None` for the endpoint's own address.
    pub content_server_url: Option<String>,
    /// Of its buttons, where they have any.
    pub button_urls: BTreeMap<ButtonId, ButtonUrls>,
}

/// The site's own pages for the visitors of a button (Chat REST API, Button).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ButtonUrls {
    /// The form before the chat.
    pub prechat: Option<String>,
    /// The window of the chat.
    pub endpoint: Option<String>,
}

/// When a conversation ends whose visitor does not answer (Chat REST API,
/// `chasitorIdleTimeout`). Seconds since the agent's newest message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdleTimeout {
    /// Then the visitor is warned.
    pub warning_s: u32,
    pub timeout_s: u32,
}

/// For how many seconds a visitor's client may be silent, as a phone that is locked,
/// before their conversation ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SilenceAllowed {
    /// While they wait for an agent.
    pub waiting_s: u32,
    /// Once an agent has accepted them.
    pub chatting_s: u32,
}

impl Default for SilenceAllowed {
    /// Ten minutes: an agent's time is not to be spent on somebody who has left. Half
    /// an hour: a call, or a look for the receipt, takes less.
    fn default() -> Self {
        Self {
            waiting_s: 600,
            chatting_s: 1_800,
        }
    }
}

/// After how many days something of a conversation is deleted, counted from its end;
/// `None`: it is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RetentionPolicy {
    /// The conversation, with everything that hangs on it.
    pub chats_days: Option<u32>,
    /// The files that were sent in it. Their events stay.
    pub files_days: Option<u32>,
    /// The pages that the visitor opened.
    pub pages_days: Option<u32>,
    /// The network address from which they came, and where it is.
    pub addresses_days: Option<u32>,
}

/// Where and how visitors can ask for a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CallbackPolicy {
    /// By phone.
    pub phone: bool,
    /// By a message in the chat.
    pub chat: bool,
    /// From the greeting, while somebody is there.
    pub hello: bool,
    /// While they wait.
    pub waiting: bool,
    /// While nobody is there.
    pub offline: bool,
}

impl Default for CallbackPolicy {
    /// By phone or in the chat, to whoever cannot have an answer at once.
    fn default() -> Self {
        Self {
            phone: true,
            chat: true,
            hello: false,
            waiting: true,
            offline: true,
        }
    }
}

/// What a visitor is offered while no agent accepts chats.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenOffline {
    /// To leave a message, which is answered later.
    #[default]
    Message,
    /// To wait in the queue all the same.
    Queue,
    /// To ask for a callback, and nothing else.
    Callback,
}

/// Which files a deployment accepts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FilePolicy {
    /// The largest size of one file.
    pub max_bytes: u64,
    /// MIME types, as detected from the bytes. Empty: no files are accepted.
    pub types: Vec<String>,
}

impl Default for FilePolicy {
    /// Images, PDF and text, up to 10 MiB: what people show each other in a
    /// chat, at sizes that phones send.
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

/// The access group of all agents (Agent Chat API, Access).
pub const ALL_AGENTS: i64 = 0;

/// Agents who answer the same visitors. The Agent Chat API names a group by its
/// number.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Group {
    /// From 1: the number 0 stands for all agents.
    pub id: i64,
    pub name: String,
}

/// How the visitors who wait for a button come to an agent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum Routing {
    /// The agents of the group choose.
    #[default]
    Choice,
    /// To the agent who has the fewest chats.
    LeastActive,
    /// To the agent who can take the most chats beside those they have.
    MostAvailable,
}

impl Routing {
    pub const ALL: [Self; 3] = [Self::Choice, Self::LeastActive, Self::MostAvailable];

    /// The word of the settings file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Choice => "choice",
            Self::LeastActive => "least_active",
            Self::MostAvailable => "most_available",
        }
    }
}

/// A queue that visitors can be sent to (Chat REST API, button).
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Button {
    pub id: ButtonId,
    pub deployment_id: DeploymentId,
    pub name: String,
    /// The group whose agents answer.
    pub group_id: i64,
    pub language: String,
    pub routing: Routing,
    /// The moving average of waiting times in seconds
    /// (`routing::average_wait`).
    pub average_wait_s: Option<f64>,
}

/// Whether an agent accepts chats (Agent Chat API, routing status).
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum RoutingStatus {
    AcceptingChats,
    NotAcceptingChats,
    Offline,
}

impl RoutingStatus {
    /// The word of the Agent Chat API.
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

/// What an agent may do beside answering visitors. Which chats they see is a
/// matter of their groups alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum Role {
    /// Everything. There is at least one while there are agents.
    Owner,
    /// May change the routing status of others.
    Administrator,
    Agent,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Owner, Self::Administrator, Self::Agent];

    /// The word of the Agent Chat API, `permission`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Administrator => "administrator",
            Self::Agent => "agent",
        }
    }

    /// Whether the role allows to change something of other agents.
    pub fn manages_others(self) -> bool {
        match self {
            Self::Owner | Self::Administrator => true,
            Self::Agent => false,
        }
    }
}

/// Somebody who answers visitors.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Agent {
    pub id: AgentId,
    pub email: Private<String>,
    pub name: String,
    /// Argon2 hash as a PHC string. `None`: the agent signs in by link or token
    /// only.
    pub password_hash: Option<Private<String>>,
    pub avatar: Option<String>,
    pub routing_status: RoutingStatus,
    pub role: Role,
    /// The most chats they have at a time; `None` for the setting of the site.
    pub concurrent_chats: Option<i64>,
    /// The groups of which they are a member, in the table `membership`.
    #[sqlx(rename = "group_ids_json", json)]
    pub group_ids: BTreeSet<i64>,
    pub created_at: Timestamp,
    pub removed_at: Option<Timestamp>,
}

impl Agent {
    /// Whether they may see what this access group may see.
    pub fn sees(&self, group_id: i64) -> bool {
        group_id == ALL_AGENTS || self.group_ids.contains(&group_id)
    }

    /// The access groups of what they may see.
    pub fn visible_groups(&self) -> Vec<i64> {
        let mut groups = vec![ALL_AGENTS];
        groups.extend(&self.group_ids);
        groups
    }
}

/// Which agents a push is for.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Audience {
    /// The members of this access group.
    pub group_id: i64,
    /// But not those who are members of this one too.
    pub except_group_id: Option<i64>,
    /// If set, this agent alone.
    pub only_agent_id: Option<AgentId>,
}

impl Audience {
    pub fn group(group_id: i64) -> Self {
        Self {
            group_id,
            except_group_id: None,
            only_agent_id: None,
        }
    }

    pub fn everybody() -> Self {
        Self::group(ALL_AGENTS)
    }

    pub fn group_without(group_id: i64, except_group_id: i64) -> Self {
        Self {
            except_group_id: Some(except_group_id),
            ..Self::group(group_id)
        }
    }

    pub fn only(agent: AgentId) -> Self {
        Self {
            only_agent_id: Some(agent),
            ..Self::everybody()
        }
    }

    pub fn includes(&self, agent: &Agent) -> bool {
        match &self.only_agent_id {
            Some(only) => agent.id == *only,
            None => {
                agent.sees(self.group_id) && !self.except_group_id.is_some_and(|id| agent.sees(id))
            }
        }
    }
}

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum TokenKind {
    /// A program that acts as an agent.
    Agent,
    /// A person at the console; the token is in a cookie.
    Console,
    /// A sign-in link; works once.
    SignIn,
    /// Back-office programs (Chats API).
    Api,
}

/// A token. Only its hash is kept (SHA-256, hex); a slow hash would add
/// nothing, because the token itself has 256 random bits.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Token {
    pub hash: String,
    pub kind: TokenKind,
    /// For what a program's token is, in its owner's words.
    pub name: Option<String>,
    pub agent_id: Option<AgentId>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    /// Of a person's sign-in: when the console used it last, to some minutes.
    pub last_used_at: Option<Timestamp>,
    /// Of a back-office program: what it may do.
    pub role: Option<Role>,
    /// Of a back-office program: whether it may read what only agents see.
    pub reads_private: bool,
}

/// A visitor, across all of their threads.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Customer {
    pub id: CustomerId,
    /// Hash of the visitor id that only the visitor's own device knows.
    pub visitor_hash: Option<String>,
    pub name: Option<Private<String>>,
    pub email: Option<Private<String>>,
    /// Whether the site vouches for the e-mail address.
    pub email_verified: bool,
    pub phone: Option<Private<String>>,
    /// What agents and programs have noted about them. Visitors never see it.
    pub notes: Option<Private<String>>,
    /// Hash of the user name in the site's identity token (`docs/PROTOCOL.md`,
    /// 5, Identity).
    pub identity_hash: Option<String>,
    pub created_at: Timestamp,
}

/// A customer's one chat; each conversation is a thread in it.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Chat {
    pub id: ChatId,
    pub customer_id: CustomerId,
    pub created_at: Timestamp,
    /// When its newest thread began.
    pub last_thread_at: Timestamp,
    /// Whether its newest thread is open.
    pub active: bool,
    /// The access group of its newest thread.
    pub group_id: i64,
    #[sqlx(rename = "properties_json", json)]
    pub properties: Value,
}

/// A page of the list of chats.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatQuery {
    pub active: Option<bool>,
    /// Chats of these access groups.
    pub groups: Vec<i64>,
    /// The order, by `(last_thread_at, id)`.
    pub ascending: bool,
    /// The last row of the page before.
    pub after: Option<(Timestamp, ChatId)>,
    pub limit: i64,
}

/// The state of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum ThreadStatus {
    /// Waits for an agent.
    Queued,
    /// An agent has accepted it. They may have left meanwhile, and another may
    /// come.
    Active,
    Ended,
}

/// Why a thread ended (Chat REST API, `ChatEnd`; `docs/PROTOCOL.md`, 2.15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "camelCase")]
pub enum EndReason {
    Client,
    Agent,
    ClientTimeout,
    AgentTimeout,
}

impl EndReason {
    /// The word in `ChatEnded`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Agent => "agent",
            Self::ClientTimeout => "clientTimeout",
            Self::AgentTimeout => "agentTimeout",
        }
    }
}

/// One conversation.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Thread {
    pub id: ThreadId,
    pub chat_id: ChatId,
    pub status: ThreadStatus,
    pub deployment_id: Option<DeploymentId>,
    pub button_id: Option<ButtonId>,
    /// Which agents may see it: the group of its button, or another that it was
    /// given to; [`ALL_AGENTS`] for all.
    pub group_id: i64,
    /// Set while the thread waits for this agent only.
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
    /// How many of its events are numbered apart from those that visitors see.
    pub private_events: i64,
    /// Everybody who ever took part, in order of appearance.
    #[sqlx(rename = "user_ids_json", json)]
    pub user_ids: Vec<UserId>,
    /// For each user, the time up to which they have seen events.
    #[sqlx(rename = "seen_up_to_json", json)]
    pub seen_up_to: BTreeMap<UserId, Timestamp>,
    /// The newest read receipt of an agent that the visitor was sent.
    pub told_seen_up_to: Option<Timestamp>,
    /// Since when the visitor has not answered the agent's newest message; `None`
    /// while there is nothing to answer.
    pub unanswered_since: Option<Timestamp>,
    /// Properties (Agent Chat API), as JSON.
    #[sqlx(rename = "properties_json", json)]
    pub properties: Private<Value>,
    /// Tags, in the order in which they were added.
    #[sqlx(rename = "tags_json", json)]
    pub tags: Vec<String>,
    #[sqlx(rename = "details_json", json)]
    pub details: Private<ThreadDetails>,
}

impl Thread {
    /// The thread in which a chat goes on, of all its threads, the oldest first:
    /// the newest that is open, or else the newest. A message that was left is a
    /// thread that is never open.
    pub fn current(of_chat: &[Self]) -> Option<&Self> {
        let open = of_chat.iter().rfind(|it| it.status != ThreadStatus::Ended);
        open.or(of_chat.last())
    }

    /// The agents who may see it.
    pub fn audience(&self) -> Audience {
        Audience::group(self.group_id)
    }

    /// The queue in which the thread waits; `None` when it does not wait.
    pub fn queue(&self) -> Option<QueueKey> {
        let waits = self.status == ThreadStatus::Queued && self.queued_at.is_some();
        waits.then(|| QueueKey {
            button_id: self.button_id.clone(),
            agent_id: self.target_agent_id.clone(),
        })
    }
}

/// Names a queue: the threads that wait for the same button, or for the same
/// agent only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, FromRow)]
pub struct QueueKey {
    pub button_id: Option<ButtonId>,
    pub agent_id: Option<AgentId>,
}

/// A thread in a queue. Queues are in the order of `(queued_at, thread_id)`.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct WaitingThread {
    pub thread_id: ThreadId,
    pub chat_id: ChatId,
    pub queued_at: Timestamp,
}

/// Names open sessions that were last polled too long ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SilentSessions {
    /// Those whose conversation belongs to this deployment, which the database has.
    /// `None`: those whose conversation belongs to none, or that have begun none.
    pub deployment_id: Option<DeploymentId>,
    /// Those whose conversation an agent has accepted were polled before this.
    pub chatting_before: Timestamp,
    /// The others were polled before this.
    pub waiting_before: Timestamp,
    pub limit: i64,
}

/// An open session that receives queue updates.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct QueueListener {
    pub session_id: SessionId,
    pub thread_id: ThreadId,
    /// The place that it was sent last; 0 for none.
    pub queue_position: i64,
}

/// What the visitor's client reported, kept as one JSON column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ThreadDetails {
    pub visitor_name: Option<String>,
    pub user_agent: Option<String>,
    pub language: Option<String>,
    pub screen_resolution: Option<String>,
    pub prechat_details: Vec<CustomDetail>,
    /// The address from which they came: of an IPv6 client, its network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// The page the visitor is on and those before it, oldest first.
    pub pages: Vec<Page>,
    /// The page from which the visitor came to the site.
    pub referrer: Option<String>,
    /// Session fields that the page set, one key in each object.
    pub session_fields: Vec<BTreeMap<String, Value>>,
    /// Since when they wait again, after an agent has left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_since: Option<Timestamp>,
    /// For how many seconds they have waited in all, each time until an agent came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waited_s: Option<i64>,
    /// When an agent wrote an event last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_wrote_at: Option<Timestamp>,
    /// When the visitor did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_wrote_at: Option<Timestamp>,
    /// The open request for a file.
    pub file_request: Option<FileRequest>,
    /// While it waits for a button that offers its chats to one agent after the
    /// other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<Offer>,
    /// To which address the conversation is sent when it ends.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "write_address"
    )]
    pub transcript_to: Option<Private<String>>,
    /// How often the conversation was sent.
    #[serde(skip_serializing_if = "is_zero")]
    pub transcripts_sent: u32,
    /// Somebody has marked the conversation as read or unread.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_unread: Option<bool>,
    /// The visitor went on in a second session, as on another device.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub has_several_sessions: bool,
    #[serde(skip_serializing_if = "Lifecycle::is_empty")]
    pub lifecycle: Lifecycle,
}

/// What webhooks tell of a conversation beside what its other columns have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lifecycle {
    /// The agent who has begun it; `None` if the visitor has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begun_by: Option<AgentId>,
    /// When the visitor has answered the agent who has begun it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
    /// The agent who has ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<UserId>,
    /// The newest message that visitors see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_message: Option<EventId>,
    /// That of the visitor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<Company>,
}

impl Lifecycle {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A visitor's company, by the site's identity token or by what the visitor has answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    pub name: String,
    /// The site's own id of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
}

impl Company {
    /// The site's own id, or else the name.
    pub fn identifier(&self) -> &str {
        self.identifier.as_deref().unwrap_or(&self.name)
    }

    /// The same company has the same key. One that visitors name is never one that the site
    /// names by an id.
    pub fn key(&self) -> String {
        match &self.identifier {
            Some(id) => format!("id {id}"),
            None => format!("name {}", self.name.trim().to_lowercase()),
        }
    }
}

/// The database has to know it.
fn write_address<S: serde::Serializer>(
    address: &Option<Private<String>>,
    to: S,
) -> Result<S::Ok, S::Error> {
    address.as_ref().map(|address| &address.0).serialize(to)
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Where an address is thought to be.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Location {
    /// ISO 3166-1 alpha-2.
    pub country_code: Option<String>,
    /// Its English name. So are those of region and city.
    pub country: Option<String>,
    /// ISO 3166-2 without the country.
    pub region_code: Option<String>,
    pub region: Option<String>,
    pub city: Option<String>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// To whom the address belongs.
    pub organization: Option<String>,
    /// In degrees; so is the longitude.
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
}

impl ThreadDetails {
    /// The pre-chat details that agents may see.
    pub fn shown_to_agents(&self) -> impl Iterator<Item = &CustomDetail> {
        let details = self.prechat_details.iter();
        details.filter(|detail| !detail.is_hidden_from_agents())
    }

    /// The answers by the transcript fields to which the site saves them (Chat REST API,
    /// `transcriptFields`), without those that agents must not see. The first answer to a
    /// field counts.
    pub fn transcript_fields(&self) -> BTreeMap<String, String> {
        let mut fields = BTreeMap::new();
        for detail in self.shown_to_agents() {
            for name in &detail.transcript_fields {
                let field = fields.entry(name.clone());
                field.or_insert_with(|| detail.value.clone());
            }
        }
        fields
    }
}

/// The offer of a waiting chat to one agent (`routing::renew_offers`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Offer {
    /// Who is asked now; `None` when everybody was, and there is a pause.
    pub agent_id: Option<AgentId>,
    /// When the time of the agent, or the pause, is over.
    pub until: Timestamp,
    /// Those who have declined, or have not answered in time.
    pub declined: Vec<AgentId>,
}

/// An open request for a file (Chat REST API, `FileTransfer`). There is one at
/// a time, and it is good for one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRequest {
    /// Hash of the `fileToken`, which only the visitor's client was sent.
    pub token_hash: String,
}

/// A page that the visitor opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    pub url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Microseconds since 1970.
    pub opened_at: i64,
}

/// A message that a visitor has left to be answered later, or with which they ask
/// for a callback. Its words are the events of its thread, which has ended when it
/// begins.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct OfflineMessage {
    pub thread_id: ThreadId,
    pub chat_id: ChatId,
    /// Names the message in whatever session it comes.
    pub custom_id: CustomId,
    pub created_at: Timestamp,
    /// Nobody has answered it or marked it as done.
    pub is_open: bool,
    /// When it is to be answered: a callback at the first time that suits the
    /// visitor, a message when it comes.
    pub due_at: Timestamp,
    /// How and when the visitor wants to be called back; the message is the note.
    #[sqlx(rename = "callback_json", json(nullable))]
    pub callback: Option<Private<Callback>>,
    /// What became of a callback; `None` while it is open.
    pub outcome: Option<CallbackOutcome>,
}

/// What became of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum CallbackOutcome {
    /// The visitor was called back.
    Done,
    /// The visitor was called, and not reached.
    Missed,
}

/// Which of the messages that were left are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfflineKind {
    /// Those without a callback.
    Message,
    Callback,
}

/// Why an e-mail is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum MailKind {
    /// To a visitor: an agent has answered.
    Answer,
    /// To the team: a visitor has left a message.
    Alert,
    /// To a visitor: the conversation that they have asked for.
    Transcript,
}

impl MailKind {
    /// The word in logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Alert => "alert",
            Self::Transcript => "transcript",
        }
    }
}

/// An e-mail that is to be sent, or was lately (`mail`).
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct OutgoingMail {
    /// Names it in its header `Message-ID`, which is the same in each attempt.
    pub id: String,
    pub kind: MailKind,
    /// The conversation of which it tells.
    pub thread_id: ThreadId,
    /// Hash of the address: so the mails to it are counted also when the address
    /// is no longer kept.
    pub recipient_hash: String,
    /// Empty, as the words, once it was sent or given up.
    pub recipient: Private<String>,
    pub subject: Private<String>,
    /// Plain text.
    pub body: Private<String>,
    /// The number of the first event that it tells of.
    pub first_event: i64,
    pub created_at: Timestamp,
    /// `None` once it was sent or given up.
    pub next_attempt_at: Option<Timestamp>,
    /// How many attempts have begun.
    pub attempts: i64,
    pub sent_at: Option<Timestamp>,
    pub given_up_at: Option<Timestamp>,
    /// Why the newest attempt has failed: a word of `mail`, nothing of the server's
    /// answer.
    pub last_problem: Option<String>,
}

/// A webhook that is to be sent (`webhooks`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWebhookDelivery {
    /// Names it at each attempt.
    pub id: String,
    /// The name of the receiver in the settings file.
    pub hook: String,
    /// A word of the settings file.
    pub event: String,
    /// `None` for what is about no chat. Those of one chat are sent in order.
    pub chat_id: Option<ChatId>,
    pub thread_id: Option<ThreadId>,
    /// The bytes that are sent: JSON.
    pub body: Private<String>,
    pub created_at: Timestamp,
    /// It is given up when an attempt fails after this.
    pub expires_at: Timestamp,
}

/// A webhook that is to be sent, or was lately.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct WebhookDelivery {
    /// The order of those of one chat.
    pub position: i64,
    pub id: String,
    pub hook: String,
    pub event: String,
    /// Empty for what is about no chat.
    pub chat_id: ChatId,
    pub thread_id: Option<ThreadId>,
    /// Empty once it was delivered.
    pub body: Private<String>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// `None` once it was delivered or given up.
    pub next_attempt_at: Option<Timestamp>,
    /// How many attempts have ended.
    pub attempts: i64,
    pub delivered_at: Option<Timestamp>,
    pub given_up_at: Option<Timestamp>,
    /// Why the newest attempt has failed: a word of `webhooks`, nothing of the receiver's
    /// answer.
    pub last_problem: Option<String>,
}

/// Names a [`WebhookDelivery`] that may be sent now.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct DueWebhook {
    pub id: String,
    pub chat_id: ChatId,
}

/// How many [`WebhookDelivery`]s of a receiver there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct WebhookCounts {
    pub waiting: i64,
    pub delivered: i64,
    pub given_up: i64,
}

/// Which [`WebhookDelivery`]s are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookQuery {
    /// Those of this receiver.
    pub hook: Option<String>,
    /// Only those that were given up and are kept as they are.
    pub is_given_up: bool,
    pub limit: i64,
}

/// What a whole number names in webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum EntityKind {
    Customer,
    Agent,
    Company,
    /// By its name.
    Goal,
}

/// A goal of the site that a visitor has reached, attributed to one of their chats.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Conversion {
    /// Greater than that of each one before it. It is never given twice.
    pub number: i64,
    #[sqlx(flatten)]
    pub what: NewConversion,
}

/// The same before it has its number.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct NewConversion {
    pub thread_id: ThreadId,
    pub goal_id: i64,
    /// As it was called then.
    pub goal_name: String,
    /// Who answered in the chat last; `None` when nobody did.
    pub agent_id: Option<AgentId>,
    /// The group of the chat then.
    pub group_id: i64,
    /// When the goal was reached.
    pub created_at: Timestamp,
}

/// Something that the site keeps of a visitor, as a contact or a case (Chat REST API,
/// Entity). It is written once and never changed.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Record {
    pub id: RecordId,
    /// `Contact`, `Case` or any other name. Case matters.
    pub entity_name: String,
    /// Each name is there once.
    #[sqlx(rename = "fields_json", json)]
    pub fields: Private<Vec<RecordField>>,
    /// Fields that name other records, and which.
    #[sqlx(rename = "links_json", json)]
    pub links: Vec<(String, RecordId)>,
    pub created_at: Timestamp,
}

/// A field of a [`Record`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordField {
    pub name: String,
    /// What the visitor was asked.
    pub label: String,
    pub value: String,
    /// Agents must not see it (Chat REST API, `displayToAgent`).
    pub is_hidden: bool,
}

impl RecordField {
    /// See [`record_key`].
    pub fn key(&self) -> Option<String> {
        record_key(&self.value)
    }
}

/// By what a record with this value in a field is found: without regard to case and to
/// blanks around it. `None` for what is too long to be looked for: only texts are longer
/// than the longest e-mail address.
pub fn record_key(value: &str) -> Option<String> {
    let key = value.trim().to_lowercase();
    (1..=ID_MAX_BYTES).contains(&key.len()).then_some(key)
}

/// Which records to find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordQuery {
    pub entity_name: String,
    /// Those that meet all of these. The first is looked up; it should be the one that
    /// fewest records meet.
    pub conditions: Vec<RecordCondition>,
    /// So many records that meet the first condition are looked at, in order.
    pub candidates: i64,
    pub limit: i64,
}

/// What a record has in a field.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct RecordCondition {
    pub field_name: String,
    /// The smallest key that meets it ([`record_key`]), by the order of bytes.
    pub from: String,
    /// The largest.
    pub through: String,
}

impl fmt::Debug for RecordCondition {
    /// Without what the visitor wrote.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordCondition")
            .field("field_name", &self.field_name)
            .finish_non_exhaustive()
    }
}

impl RecordCondition {
    pub fn is_met_by(&self, record: &Record) -> bool {
        let mut fields = record.fields.0.iter();
        let field = fields.find(|field| field.name == self.field_name);
        let key = field.and_then(RecordField::key);
        key.is_some_and(|key| self.from <= key && key <= self.through)
    }
}

/// How a record came to a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum RecordOrigin {
    Created,
    /// All fields that were looked for are the same.
    Found,
    /// Some of them only begin with what was looked for.
    FoundByPrefix,
}

/// A record that is attached to a thread.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct AttachedRecord {
    pub thread_id: ThreadId,
    /// The order in the thread, from 0.
    pub place: i64,
    #[sqlx(rename = "attached_id")]
    pub id: AttachedRecordId,
    pub origin: RecordOrigin,
    pub show_first: bool,
    pub transcript_field: Option<String>,
    /// Whether the visitor is told its id (`conversation::records`).
    pub is_told: bool,
    #[sqlx(flatten)]
    pub record: Record,
}

/// Which threads to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadFilter {
    /// Threads of these access groups.
    pub groups: Vec<i64>,
    /// Threads that were created then or later.
    pub from: Option<Timestamp>,
    /// Threads that were created then or earlier.
    pub to: Option<Timestamp>,
    pub agents: Option<AgentFilter>,
}

impl ThreadFilter {
    /// All threads of these access groups.
    #[must_use]
    pub const fn of_groups(groups: Vec<i64>) -> Self {
        Self {
            groups,
            from: None,
            to: None,
            agents: None,
        }
    }
}

/// Threads by the agents who took part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentFilter {
    AnyOf(Vec<AgentId>),
    NoneOf(Vec<AgentId>),
}

/// A page of threads, by `(created_at, id)`.
#[derive(Debug, Clone, PartialEq)]
pub struct ThreadQuery {
    pub filter: ThreadFilter,
    pub ascending: bool,
    pub after: Option<(Timestamp, ThreadId)>,
    pub limit: i64,
}

/// Who may see an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum Visibility {
    All,
    Agents,
}

/// One event of the log (Agent Chat API, Event).
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Event {
    pub thread_id: ThreadId,
    /// 1, 2, 3 … within the thread. Events are ordered by it and by nothing
    /// else. Nobody outside the server is told it: it counts events that only
    /// agents see ([`Event::place`]).
    pub number: i64,
    /// How many of the thread's events up to this one, itself included, are
    /// numbered apart from those that visitors see. Events that only agents see
    /// were not numbered apart before version 8 of the database; they are not
    /// counted.
    pub private_events: i64,
    pub chat_id: ChatId,
    pub author_id: Option<UserId>,
    pub custom_id: Option<CustomId>,
    pub kind: String,
    pub visibility: Visibility,
    pub created_at: Timestamp,
    /// The event as JSON, without the fields that have columns of their own.
    #[sqlx(rename = "body_json", json)]
    pub body: Private<Value>,
}

impl Event {
    /// The number by which visitors know the event.
    pub fn visible_number(&self) -> i64 {
        self.number.saturating_sub(self.private_events)
    }

    /// The place that its id names.
    pub fn place(&self) -> EventPlace {
        let private = match self.visibility {
            Visibility::All => 0,
            Visibility::Agents => self.private_events,
        };
        EventPlace {
            number: u64::try_from(self.visible_number()).unwrap_or(0),
            private: u64::try_from(private).unwrap_or(0),
        }
    }
}

/// Some events of a thread: those with a number above `after`, up to `through`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventRange {
    pub thread_id: ThreadId,
    pub after: i64,
    pub through: i64,
}

/// A user has a button of a rich message pressed.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Toggle {
    pub thread_id: ThreadId,
    /// The event number of the rich message.
    pub number: i64,
    /// The postback id of the button.
    pub postback_id: String,
    pub user_id: UserId,
    pub created_at: Timestamp,
}

/// The current properties of an event, which replace those it was written with.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct EventProperties {
    pub thread_id: ThreadId,
    pub number: i64,
    #[sqlx(rename = "properties_json", json)]
    pub properties: Private<Value>,
}

/// Everything of a customer was erased, or is to be. The row stays: nothing in it says
/// who they were.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Erasure {
    pub customer_id: CustomerId,
    pub requested_at: Timestamp,
    /// Who asked for it; `None` for the command line.
    pub agent_id: Option<AgentId>,
    /// `None` until nothing is left.
    pub erased_at: Option<Timestamp>,
    /// How many conversations and files were deleted so far.
    pub conversations: i64,
    pub files: i64,
}

/// Names conversations that have ended, by the time at which they did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedThreads {
    pub deployment_id: DeploymentId,
    /// Those after this one.
    pub after: Option<(Timestamp, ThreadId)>,
    /// Those that ended before this.
    pub before: Timestamp,
    pub limit: i64,
}

/// What is left to do of a thread that was deleted from the store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeletedThread {
    /// The keys of the files whose bytes are to be deleted.
    pub files: Vec<String>,
    /// The sessions that it had, open or not.
    pub sessions: Vec<SessionId>,
}

/// A visitor's connection to one thread (Chat REST API, `SessionId`).
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Session {
    pub id: SessionId,
    pub key_hash: String,
    /// The affinity token: the process that serves the session, and the
    /// hand-over.
    pub affinity: String,
    /// `None` until `ChasitorInit`.
    pub thread_id: Option<ThreadId>,
    pub created_at: Timestamp,
    /// When a poll was last open. A process knows it more exactly of the sessions
    /// that it serves.
    pub last_heard_at: Timestamp,
    /// Set when the session has ended. Messages left in its queue can still be
    /// polled.
    pub closed_at: Option<Timestamp>,
    /// `X-LIVEAGENT-SEQUENCE` of the last POST done; 0 before the first.
    pub post_number: i64,
    /// True from `ReconnectSession` until the first numbered POST after it.
    pub post_number_may_restart: bool,
    /// Position of the newest message ever queued.
    pub position: i64,
    /// Number of the newest batch served; 0 before the first. The process that
    /// serves the session knows newer ones.
    pub batch: i64,
    /// Position of the newest message served; as `batch`.
    pub served: i64,
    pub receives_queue_updates: bool,
    /// The queue position that was sent last; 0 for none.
    pub queue_position: i64,
    pub origin: Option<String>,
}

/// The fields of a [`Session`] that its process writes late, for many sessions
/// together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionProgress {
    pub id: SessionId,
    /// `None` to leave it as it is: it is in an index, which is then left alone.
    pub last_heard_at: Option<Timestamp>,
    pub batch: i64,
    pub served: i64,
}

/// A poll message that waits to be served and acknowledged. The table is called
/// `mail`.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct QueuedMessage {
    pub session_id: SessionId,
    pub position: i64,
    /// The message's `type`.
    pub kind: String,
    #[sqlx(rename = "message_json", json)]
    pub message: Private<Value>,
}

/// A numbered POST that was carried out, and the event it wrote. The table is
/// called `post`.
#[derive(Debug, Clone, PartialEq)]
pub struct IdempotencyRecord {
    pub session_id: SessionId,
    pub number: i64,
    /// SHA-256 of resource and body, hex.
    pub digest: String,
    /// The event that it wrote, if any.
    pub event: Option<(ThreadId, i64)>,
}

/// An uploaded file (`docs/PROTOCOL.md`, 5, Files). Its bytes are in the file
/// storage, under the key.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// 256 random bits: whoever knows the key may read the file. It is kept as
    /// it is and not hashed, because the events that name the file contain it
    /// too.
    pub key: String,
    /// Who may put it into a chat.
    pub owner: FileOwner,
    pub name: Private<String>,
    /// MIME type, detected from the bytes.
    pub content_type: String,
    pub size: i64,
    /// Set for images that could be decoded.
    pub image: Option<ImageInfo>,
    pub created_at: Timestamp,
    /// The first event that names it. A file without one is deleted after a
    /// while.
    pub event: Option<(ThreadId, i64)>,
    /// It is about to be deleted: no event can name it any more.
    pub doomed: bool,
}

/// Who uploaded a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileOwner {
    Session(SessionId),
    Agent(AgentId),
}

/// The size of an image in pixels, and the type of its thumbnails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageInfo {
    pub width: i64,
    pub height: i64,
    /// MIME type of both thumbnails.
    pub thumbnail_type: String,
}

/// Part of the agent event stream.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentStreamPage {
    /// In order. Rows that cannot be read are left out.
    pub events: Vec<AgentStreamEvent>,
    /// The position of the last row, also if it was left out. The page after this
    /// one begins behind it.
    pub through: i64,
    pub is_last: bool,
}

/// A push to be appended to the agent event stream.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAgentStreamEvent {
    pub audience: Audience,
    /// The one chat of which it tells, if it does: it is deleted with the chat's
    /// conversations.
    pub chat_id: Option<ChatId>,
    pub action: String,
    pub payload: Private<Value>,
    pub created_at: Timestamp,
}

/// A push in the agent event stream (`docs/PROTOCOL.md`, Agents). The table is
/// called `feed`.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct AgentStreamEvent {
    pub position: i64,
    #[sqlx(flatten)]
    pub audience: Audience,
    pub action: String,
    #[sqlx(rename = "payload_json", json)]
    pub payload: Private<Value>,
    pub created_at: Timestamp,
}
