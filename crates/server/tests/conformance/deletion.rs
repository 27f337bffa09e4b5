//! Conversations and customers that are deleted with everything that hangs on them.

use std::fmt::Write as _;

use parlor_server::store::{
    Store, Tx,
    row::{DeletedThread, FileOwner, MailKind, NewAgentStreamEvent},
    sqlite::SqliteStore,
};
use parlor_wire::id::{ChatId, ThreadId};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection, query_scalar};

use super::{
    disk,
    sample::{self, at},
    transaction::refused,
};

/// A row of each kind that names the conversation, which must have been put in chat `C`.
async fn fill(tx: &mut Box<dyn Tx>, thread: &str) {
    let id = ThreadId::from(thread);
    tx.append_event(&sample::event(thread, 1)).await.unwrap();
    let mut toggle = sample::toggle(1, "yes", "a");
    toggle.thread_id = id.clone();
    tx.put_toggle(&toggle).await.unwrap();
    let mut properties = sample::event_properties(1);
    properties.thread_id = id.clone();
    tx.put_event_properties(&properties).await.unwrap();
    let message = sample::offline_message(thread, &format!("message of {thread}"), 1);
    tx.put_offline_message(&message).await.unwrap();
    let mut mail = sample::outgoing_mail(&format!("mail of {thread}"), 1);
    mail.thread_id = id.clone();
    tx.put_outgoing_mail(&mail).await.unwrap();
    for closed_at in [None, Some(at(3))] {
        let mut session = sample::session(&format!("{thread}-{}", closed_at.is_some()));
        session.thread_id = Some(id.clone());
        session.closed_at = closed_at;
        tx.put_session(&session).await.unwrap();
        let session = session.id.as_str();
        tx.put_queued_message(&sample::queued_message(session, 1))
            .await
            .unwrap();
        let mut record = sample::idempotency_record(session, 1);
        record.event = Some((id.clone(), 1));
        tx.put_idempotency_record(&record).await.unwrap();
    }
    let record = sample::record(&format!("record of {thread}"), &[("Name", "Jon")], 1);
    tx.put_record(&record).await.unwrap();
    tx.attach_record(&sample::attached(thread, 0, record))
        .await
        .unwrap();
    let mut sent = sample::file(&format!("sent in {thread}"), 1);
    sent.event = Some((id.clone(), 1));
    tx.put_file(&sent).await.unwrap();
    let mut unsent = sample::file(&format!("unsent in {thread}"), 1);
    unsent.owner = FileOwner::Session(format!("{thread}-false").as_str().into());
    tx.put_file(&unsent).await.unwrap();
    tx.append_agent_stream_event(&push(json!({"chat_id": "C", "thread_id": thread})))
        .await
        .unwrap();
}

fn push(payload: serde_json::Value) -> NewAgentStreamEvent {
    NewAgentStreamEvent {
        payload: payload.into(),
        ..sample::push(5)
    }
}

/// What [`fill`] has put, in words.
async fn found(tx: &mut Box<dyn Tx>, thread: &str) -> String {
    let id = ThreadId::from(thread);
    let ids = [id.clone()];
    let mut found = String::new();
    let mut note = |what: &str, count: usize| write!(found, "{what} {count}, ").unwrap();
    note("thread", tx.thread(&id).await.unwrap().iter().count());
    note("events", tx.events(&id, 0, 9).await.unwrap().len());
    let custom_id = format!("{thread}-1");
    let by_custom_id = tx
        .event_by_custom_id(&"C".into(), &"005A".into(), &custom_id.into())
        .await
        .unwrap();
    note("by custom id", by_custom_id.iter().count());
    note("toggles", tx.toggles(&ids).await.unwrap().len());
    note("properties", tx.event_properties(&ids).await.unwrap().len());
    let message = tx.offline_message(&id).await.unwrap();
    note("message", message.iter().count());
    let mail = tx.outgoing_mail(&format!("mail of {thread}")).await;
    note("mail", mail.unwrap().iter().count());
    for closed in [false, true] {
        let session = format!("{thread}-{closed}").as_str().into();
        note(
            "session",
            tx.session(&session).await.unwrap().iter().count(),
        );
        let queued = tx.count_queued_messages(&session).await.unwrap();
        note("queued", usize::try_from(queued).unwrap());
        let record = tx.idempotency_record(&session, 1).await.unwrap();
        note("record of a POST", record.iter().count());
    }
    note("attached", tx.records_of_threads(&ids).await.unwrap().len());
    let pushes = tx.agent_stream_events(0, 99).await.unwrap().events;
    let named = pushes
        .iter()
        .filter(|push| push.payload.0["thread_id"] == thread);
    note("pushes", named.count());
    found
}

const ALL: &str = "thread 1, events 1, by custom id 1, toggles 1, properties 1, message 1, \
    mail 1, session 1, queued 1, record of a POST 1, session 1, queued 1, record of a POST 1, \
    attached 1, pushes 1, ";

pub(crate) async fn a_deleted_thread_takes_everything_along(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    tx.put_thread(&sample::thread("other", "C", 2))
        .await
        .unwrap();
    for thread in ["T", "other"] {
        fill(&mut tx, thread).await;
        assert_eq!(found(&mut tx, thread).await, ALL);
    }
    for payload in [
        json!({"chat_id": "C"}),
        json!({"chat": {"id": "C", "thread": {"id": "other"}}}),
    ] {
        tx.append_agent_stream_event(&push(payload)).await.unwrap();
    }
    tx.commit().await.unwrap();

    let mut tx = store.begin().await.unwrap();
    // It is known to the transaction.
    tx.thread(&"T".into()).await.unwrap();
    let mut deleted = tx.delete_thread(&"T".into()).await.unwrap();
    deleted.sessions.sort();
    assert_eq!(deleted.sessions, ["T-false".into(), "T-true".into()]);
    let mut keys = deleted.files;
    keys.sort();
    assert_eq!(keys, ["sent in T", "unsent in T"]);
    assert_eq!(found(&mut tx, "T").await, ALL.replace('1', "0"));
    assert_eq!(found(&mut tx, "other").await, ALL);
    let again = tx.delete_thread(&"T".into()).await.unwrap();
    assert_eq!(again, DeletedThread::default());
    tx.commit().await.unwrap();

    let mut tx = store.read().await.unwrap();
    assert_eq!(found(&mut tx, "T").await, ALL.replace('1', "0"));
    assert_eq!(found(&mut tx, "other").await, ALL);
    let threads = tx.threads_of(&"C".into()).await.unwrap();
    assert_eq!(threads.len(), 1);
    // Pushes that tell of the chat alone go too; that of the other thread stays.
    let pushes = tx.agent_stream_events(0, 99).await.unwrap().events;
    assert_eq!(pushes.len(), 2);
    assert_eq!(tx.doomed_files(9).await.unwrap(), keys);
    assert_eq!(tx.doomed_files(1).await.unwrap(), keys[..1]);
    for key in keys {
        let file = tx.file(&key).await.unwrap().unwrap();
        assert!(file.doomed && file.event.is_none() && file.name.0.is_empty());
    }
    let mail = tx.count_mail_to("hash", MailKind::Answer, at(0)).await;
    assert_eq!(mail.unwrap(), 1);
}

pub(crate) async fn what_others_have_too_stays(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    tx.put_thread(&sample::thread("other", "C", 2))
        .await
        .unwrap();
    let shared = sample::record("shared", &[("Name", "Jon")], 1);
    let own = sample::record("own", &[("Name", "Jon")], 2);
    for record in [&shared, &own] {
        tx.put_record(record).await.unwrap();
    }
    for row in [
        sample::attached("T", 0, shared.clone()),
        sample::attached("other", 0, shared),
        sample::attached("T", 1, own),
    ] {
        tx.attach_record(&row).await.unwrap();
    }
    for key in ["here", "both"] {
        let mut file = sample::file(key, 1);
        file.owner = FileOwner::Agent("005A".into());
        file.event = Some(("T".into(), 1));
        tx.put_file(&file).await.unwrap();
    }
    for (thread, number) in [("T", 2), ("other", 7), ("other", 8)] {
        tx.put_file_sent_again("both", &thread.into(), number)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let (other, number) = (ThreadId::from("other"), 1);
    refused(store, async |tx| {
        tx.put_file_sent_again("unknown", &other, number).await
    })
    .await;

    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.delete_thread(&"T".into()).await.unwrap().files, ["here"]);
    let both = tx.file("both").await.unwrap().unwrap();
    assert_eq!((both.event, both.doomed), (Some((other.clone(), 7)), false));
    let query = parlor_server::store::row::RecordQuery {
        entity_name: "Contact".to_owned(),
        conditions: vec![parlor_server::store::row::RecordCondition {
            field_name: "Name".to_owned(),
            from: "jon".to_owned(),
            through: "jon".to_owned(),
        }],
        candidates: 9,
        limit: 9,
    };
    let records = tx.find_records(&query).await.unwrap();
    let ids: Vec<&str> = records.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["shared"]);
    assert_eq!(tx.delete_thread(&other).await.unwrap().files, ["both"]);
    assert_eq!(tx.find_records(&query).await.unwrap(), []);
    tx.delete_file("both").await.unwrap();
    assert_eq!(tx.file("both").await.unwrap(), None);
}

pub(crate) async fn chats_and_customers_are_deleted_last(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    tx.add_visitor("another", &"U".into()).await.unwrap();
    tx.put_agent(&sample::agent("005A", "a@example.com"))
        .await
        .unwrap();
    tx.put_follower(&"C".into(), &"005A".into()).await.unwrap();
    tx.append_agent_stream_event(&push(json!({"id": "C"})))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    refused(store, async |tx| tx.delete_chat(&"C".into()).await).await;
    let mut tx = store.begin().await.unwrap();
    tx.delete_thread(&"T".into()).await.unwrap();
    tx.commit().await.unwrap();
    refused(store, async |tx| tx.delete_customer(&"U".into()).await).await;

    let mut tx = store.begin().await.unwrap();
    tx.chat(&"C".into()).await.unwrap();
    tx.delete_chat(&"C".into()).await.unwrap();
    assert_eq!(tx.chat(&"C".into()).await.unwrap(), None);
    assert_eq!(tx.chat_of_customer(&"U".into()).await.unwrap(), None);
    let chats = [ChatId::from("C")];
    let followed = tx.followed_chats(&"005A".into(), &chats).await.unwrap();
    assert_eq!(followed, []);
    assert_eq!(tx.agent_stream_events(0, 9).await.unwrap().events, []);
    tx.delete_customer(&"U".into()).await.unwrap();
    for hash in ["hash of U", "another"] {
        assert_eq!(tx.customer_by_visitor(hash).await.unwrap(), None);
    }
    let by_identity = tx.customer_by_identity("identity of U").await.unwrap();
    assert_eq!(by_identity, None);
    // The same ids can be put anew.
    tx.put_customer(&sample::customer("U")).await.unwrap();
    tx.put_chat(&sample::chat("C", "U", 1)).await.unwrap();
    tx.put_thread(&sample::thread("T", "C", 1)).await.unwrap();
}

/// Columns that name a conversation, a chat or a customer, by table.
async fn naming_columns(raw: &mut SqliteConnection) -> Vec<(String, String)> {
    sqlx::query_as(
        "SELECT tables.name, columns.name
         FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
         WHERE tables.type = 'table' AND (columns.name IN ('thread_id', 'event_thread_id',
             'chat_id', 'customer_id') OR tables.name IN ('thread', 'chat', 'customer')
             AND columns.name = 'id')",
    )
    .fetch_all(raw)
    .await
    .unwrap()
}

/// Every table that names a conversation is looked at: a new one has to be filled above, and
/// is then known to be emptied.
pub(crate) async fn no_table_names_what_was_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).await.unwrap();
    let mut tx = sample::with_thread(&store).await;
    fill(&mut tx, "T").await;
    tx.add_visitor("another", &"U".into()).await.unwrap();
    tx.put_agent(&sample::agent("005A", "a@example.com"))
        .await
        .unwrap();
    tx.put_follower(&"C".into(), &"005A".into()).await.unwrap();
    tx.put_file_sent_again("sent in T", &"T".into(), 2)
        .await
        .unwrap();
    super::archive::put_words_of(tx.as_mut(), "T", "wool").await;
    super::webhook::add_about(tx.as_mut(), "C", "T").await;
    tx.commit().await.unwrap();
    let mut raw = disk::raw(&folder).await;
    // What names a customer who was erased stays, on purpose.
    let mut columns = naming_columns(&mut raw).await;
    columns.retain(|(table, _)| table != "erasure");
    assert!(columns.len() >= 15, "{columns:?}");
    let count = async |raw: &mut SqliteConnection, table: &str, column: &str| -> i64 {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE {column} IN ('T', 'C', 'U')");
        let count = query_scalar(AssertSqlSafe(sql)).fetch_one(raw).await;
        count.unwrap()
    };
    for (table, column) in &columns {
        let before = count(&mut raw, table, column).await;
        assert!(before > 0, "{table}.{column} is not filled by this test");
    }
    let mut tx = store.begin().await.unwrap();
    tx.delete_thread(&"T".into()).await.unwrap();
    tx.delete_chat(&"C".into()).await.unwrap();
    tx.delete_customer(&"U".into()).await.unwrap();
    tx.commit().await.unwrap();
    for (table, column) in &columns {
        let after = count(&mut raw, table, column).await;
        assert_eq!(after, 0, "{table}.{column}");
    }
    raw.close().await.unwrap();
    store.close().await;
}
