//! Rows of the archive: what the conversations that are over are found by, and
//! counted by. All of it follows from the log, and is written anew in the transaction
//! that changes something about such a conversation.

use parlor_wire::id::{AgentId, DeploymentId, ThreadId};
use sqlx::FromRow;

use crate::{clock::Timestamp, private::Private};

/// What a conversation is (Chats API, `type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum ArchiveKind {
    Chat,
    /// A message that was left while nobody was there.
    OfflineMessage,
}

/// How the visitor has rated a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum ThreadRating {
    Good,
    Bad,
}

/// A conversation that is over.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct ArchivedThread {
    pub thread_id: ThreadId,
    pub kind: ArchiveKind,
    /// The access group.
    pub group_id: i64,
    pub deployment_id: Option<DeploymentId>,
    pub created_at: Timestamp,
    pub ended_at: Timestamp,
    pub rating: Option<ThreadRating>,
    /// No agent has accepted it.
    pub is_missed: bool,
    /// Nobody has dealt with it.
    pub is_unread: bool,
    /// Who has written in it or accepted it, in order of appearance.
    #[sqlx(rename = "agent_ids_json", json)]
    pub agent_ids: Vec<AgentId>,
    #[sqlx(flatten)]
    pub counts: ThreadCounts,
}

/// What is counted of a conversation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct ThreadCounts {
    /// Messages that visitors may see, and files.
    pub visitor_messages: i64,
    pub agent_messages: i64,
    /// How often an agent has answered.
    pub responses: i64,
    /// In milliseconds; so are the next two. `None` without an answer.
    pub first_response_ms: Option<i64>,
    pub total_response_ms: i64,
    pub max_response_ms: i64,
}

/// An [`ArchivedThread`] with its place, which the store gives it.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct ArchiveEntry {
    /// The order in the archive: given once, greater than all before.
    pub number: i64,
    /// When the row was last written. No other row has the same time.
    pub changed_at: Timestamp,
    #[sqlx(flatten)]
    pub thread: ArchivedThread,
}

/// By what words a conversation is found, folded (`search::fold`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArchiveText {
    pub agent_names: Private<String>,
    pub visitor_name: Private<String>,
    pub visitor_email: Private<String>,
    pub department_name: String,
    pub tags: Private<String>,
    pub words: Private<String>,
    /// Those that only agents may see.
    pub private_words: Private<String>,
}

/// One of the texts that can be searched by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextField {
    AgentNames,
    VisitorName,
    VisitorEmail,
    DepartmentName,
    Tags,
}

/// Both ends are included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeRange {
    pub from: Timestamp,
    pub through: Timestamp,
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArchiveFilter {
    /// All of these: of none, everything meets it.
    All(Vec<Self>),
    /// One of these: of none, nothing meets it.
    Any(Vec<Self>),
    Not(Box<Self>),
    /// The phrase, which is folded, is in the field, or in any text that the search
    /// may look at. One of two letters is found at the beginning of words, one of one
    /// letter as a word.
    Text {
        field: Option<TextField>,
        phrase: String,
    },
    Kind(ArchiveKind),
    Rating(ThreadRating),
    CreatedAt(TimeRange),
    EndedAt(TimeRange),
    IsMissed(bool),
    IsUnread(bool),
    /// Conversations of these access groups.
    Groups(Vec<i64>),
    Agent(AgentId),
}

/// A search of the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveQuery {
    pub filter: ArchiveFilter,
    /// Whether what only agents may see is searched.
    pub searches_private: bool,
    pub page: ArchivePage,
    pub limit: i64,
}

/// Which part of what was found, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchivePage {
    /// The newest first, without so many.
    Newest { without: i64 },
    /// Those below a number, the newest first.
    Below(i64),
    /// Those above a number, the oldest first.
    Above(i64),
}

/// How a phrase is looked for.
pub(crate) fn searched_phrase(phrase: &str) -> String {
    match phrase.chars().count() {
        1 => format!(" {phrase} "),
        2 => format!(" {phrase}"),
        _ => phrase.to_owned(),
    }
}

/// How a text is kept so that phrases at its ends are found.
pub(crate) fn searched_text(text: &str) -> String {
    match text.is_empty() {
        true => String::new(),
        false => format!(" {text} "),
    }
}

/// Which conversations are summed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportQuery {
    /// Those of these access groups.
    pub groups: Vec<i64>,
    /// In which this agent took part.
    pub agent: Option<AgentId>,
    /// In order, and one after the other: those that began in one of them.
    pub intervals: Vec<TimeRange>,
}

/// Of what the sums are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportKey {
    Total,
    /// By its place in the query.
    Interval(usize),
    /// An agent who took part.
    Agent(AgentId),
    /// An access group.
    Group(i64),
}

/// Sums of some conversations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct ReportSums {
    /// Those that are no messages.
    pub chats: i64,
    pub messages: i64,
    pub missed: i64,
    pub good: i64,
    pub bad: i64,
    /// Chats in which an agent has answered.
    pub answered: i64,
    /// Of all chats, until the first answer.
    pub first_response_ms: i64,
    pub responses: i64,
    /// Of all answers in chats.
    pub response_ms: i64,
    /// Of the chats that were not missed.
    pub duration_ms: i64,
}

impl ReportSums {
    pub(crate) fn add_sums(&mut self, other: &Self) {
        self.chats += other.chats;
        self.messages += other.messages;
        self.missed += other.missed;
        self.good += other.good;
        self.bad += other.bad;
        self.answered += other.answered;
        self.first_response_ms += other.first_response_ms;
        self.responses += other.responses;
        self.response_ms += other.response_ms;
        self.duration_ms += other.duration_ms;
    }

    pub(crate) fn add(&mut self, thread: &ArchivedThread) {
        let is_chat = thread.kind == ArchiveKind::Chat;
        self.chats += i64::from(is_chat);
        self.messages += i64::from(!is_chat);
        self.missed += i64::from(thread.is_missed);
        self.good += i64::from(thread.rating == Some(ThreadRating::Good));
        self.bad += i64::from(thread.rating == Some(ThreadRating::Bad));
        if is_chat {
            self.answered += i64::from(thread.counts.first_response_ms.is_some());
            self.first_response_ms += thread.counts.first_response_ms.unwrap_or(0);
            self.responses += thread.counts.responses;
            self.response_ms += thread.counts.total_response_ms;
        }
        if is_chat && !thread.is_missed {
            let ms = thread.ended_at.as_millis() - thread.created_at.as_millis();
            self.duration_ms += ms;
        }
    }
}
