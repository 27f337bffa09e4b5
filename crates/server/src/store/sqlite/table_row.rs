//! Reads rows. One that cannot be read is [`StoreError::Corrupt`], which names
//! the table, the row and the column, and never their content.

use sqlx::{Error, FromRow, Row as _, sqlite::SqliteRow};

use super::chat::WaitingRow;
use crate::{
    damaged_rows,
    store::{
        Result, StoreError,
        archive::ArchiveEntry,
        row::{
            Agent, AgentStreamEvent, AttachedRecord, Button, Chat, Conversion, Customer,
            Deployment, DueWebhook, Erasure, Event, EventProperties, File, Group,
            IdempotencyRecord, OfflineMessage, Organization, OutgoingMail, QueueListener,
            QueuedMessage, Record, Session, Thread, Toggle, Token, WebhookDelivery,
        },
    },
};

/// A row of a table, or a part of one.
pub(super) trait TableRow: for<'r> FromRow<'r, SqliteRow> {
    const TABLE: &'static str;
    /// Columns that tell which row it is, and are no secret.
    const KEY: &'static [&'static str];
}

macro_rules! rows {
    ($($row:ty: $table:literal $key:tt)*) => {
        $(impl TableRow for $row {
            const TABLE: &'static str = $table;
            const KEY: &'static [&'static str] = &$key;
        })*
    };
}

rows! {
    Organization: "organization" ["id"]
    Erasure: "erasure" ["customer_id"]
    Deployment: "deployment" ["id"]
    Button: "button" ["id"]
    Group: "agent_group" ["id"]
    Agent: "agent" ["id"]
    Token: "token" ["agent_id", "created_at"]
    Customer: "customer" ["id"]
    Chat: "chat" ["id"]
    Thread: "thread" ["id"]
    WaitingRow: "thread" ["thread_id"]
    OfflineMessage: "offline_message" ["thread_id"]
    ArchiveEntry: "archived_thread" ["thread_id"]
    Conversion: "conversion" ["thread_id", "number"]
    OutgoingMail: "outgoing_mail" ["id"]
    WebhookDelivery: "webhook_delivery" ["id"]
    DueWebhook: "webhook_delivery" ["id"]
    Record: "record" ["id"]
    AttachedRecord: "attached_record" ["thread_id", "place"]
    Event: "event" ["thread_id", "number"]
    EventProperties: "event_properties" ["thread_id", "number"]
    Toggle: "toggle" ["thread_id", "number"]
    Session: "session" ["id"]
    QueueListener: "session" ["session_id"]
    QueuedMessage: "mail" ["session_id", "position"]
    IdempotencyRecord: "post" ["session_id", "number"]
    File: "file" ["created_at"]
    AgentStreamEvent: "feed" ["position"]
}

pub(super) fn read<T: TableRow>(row: &SqliteRow) -> Result<T> {
    T::from_row(row).map_err(|error| match error {
        Error::ColumnDecode { index, source } => {
            let (column, name) = (index.trim_matches('"'), name_of::<T>(row));
            StoreError::Corrupt {
                table: T::TABLE,
                reason: format!("{column} of {name} {}", problem(&*source)),
            }
        }
        other => other.into(),
    })
}

/// Those of the rows that can be read. The others are left out and reported.
pub(super) fn readable<T: TableRow>(rows: &[SqliteRow]) -> Result<Vec<T>> {
    let read = |row| damaged_rows::leave_out(read(row), || name_of::<T>(row)).transpose();
    rows.iter().filter_map(read).collect()
}

fn name_of<T: TableRow>(row: &SqliteRow) -> String {
    // SQLite gives a number as a text, too.
    let text = |column: &&str| row.try_get_unchecked(*column).unwrap_or_default();
    T::KEY.iter().map(text).collect::<Vec<String>>().join(" ")
}

/// The columns of a row contradict each other.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Contradiction(&'static str);

/// For rows whose columns depend on each other.
pub(super) fn invalid(column: &str, problem: &'static str) -> Error {
    Error::ColumnDecode {
        index: column.to_owned(),
        source: Box::new(Contradiction(problem)),
    }
}

/// The error's own text may have the content in it.
fn problem(source: &(dyn std::error::Error + 'static)) -> &'static str {
    match source.downcast_ref() {
        Some(Contradiction(problem)) => problem,
        None if source.is::<serde_json::Error>() => "is not the JSON it should be",
        None => "is not of its type",
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, Encode, Sqlite, SqliteConnection, Type, query_scalar};

    use crate::store::row::{
        EndReason, RecordOrigin, Role, Routing, RoutingStatus, ThreadStatus, TokenKind, Visibility,
    };

    async fn stored<T>(value: T) -> String
    where
        T: Encode<'static, Sqlite> + Type<Sqlite> + 'static,
    {
        let mut c = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let stored = query_scalar("SELECT ?").bind(value);
        stored.fetch_one(&mut c).await.unwrap()
    }

    /// Databases are full of them.
    #[tokio::test]
    async fn the_stored_words_stay_as_they_are() {
        use EndReason::{AgentTimeout, Client, ClientTimeout};
        use RoutingStatus::{AcceptingChats, NotAcceptingChats, Offline};
        for (found, expected) in [
            (stored(AcceptingChats).await, "accepting_chats"),
            (stored(NotAcceptingChats).await, "not_accepting_chats"),
            (stored(Offline).await, "offline"),
            (stored(Role::Owner).await, "owner"),
            (stored(Role::Administrator).await, "administrator"),
            (stored(Role::Agent).await, "agent"),
            (stored(Routing::Choice).await, "choice"),
            (stored(Routing::LeastActive).await, "least_active"),
            (stored(Routing::MostAvailable).await, "most_available"),
            (stored(RecordOrigin::Created).await, "created"),
            (stored(RecordOrigin::Found).await, "found"),
            (stored(RecordOrigin::FoundByPrefix).await, "found_by_prefix"),
            (stored(TokenKind::Agent).await, "agent"),
            (stored(TokenKind::Console).await, "console"),
            (stored(TokenKind::SignIn).await, "sign_in"),
            (stored(TokenKind::Api).await, "api"),
            (stored(ThreadStatus::Queued).await, "queued"),
            (stored(ThreadStatus::Active).await, "active"),
            (stored(ThreadStatus::Ended).await, "ended"),
            (stored(Client).await, "client"),
            (stored(EndReason::Agent).await, "agent"),
            (stored(ClientTimeout).await, "clientTimeout"),
            (stored(AgentTimeout).await, "agentTimeout"),
            (stored(Visibility::All).await, "all"),
            (stored(Visibility::Agents).await, "agents"),
        ] {
            assert_eq!(found, expected);
        }
    }
}
