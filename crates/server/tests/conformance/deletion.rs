//! Conversations and customers that are deleted with everything that hangs on them.

use std::fmt::Write as _;

use parlor_server::store::{
    Store, Tx,
    row::{
        DeletedThread, EndedThreads, Erasure, FileOwner, MailKind, NewAgentStreamEvent,
        RecordOrigin,
    },
    sqlite::SqliteStore,
};
use parlor_wire::id::{ChatId, ThreadId};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection, query_scalar};

use super::{
    conversion::conversion,
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
    tx.add_conversion(&conversion(thread, 1)).await.unwrap();
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
    note("conversions", tx.conversions_of(&ids).await.unwrap().len());
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
    conversions 1, mail 1, session 1, queued 1, record of a POST 1, session 1, queued 1, record of a POST 1, \
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

pub(crate) async fn erasures_are_kept_and_pending_ones_found(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let mut rows: Vec<Erasure> = [("a", 2), ("b", 1), ("c", 3)]
        .into_iter()
        .map(|(customer, requested_at)| Erasure {
            customer_id: customer.into(),
            requested_at: at(requested_at),
            agent_id: Some("005A".into()),
            erased_at: None,
            conversations: 4,
            files: 5,
        })
        .collect();
    for row in &rows {
        tx.put_erasure(row).await.unwrap();
    }
    let pending = tx.pending_erasures(2).await.unwrap();
    assert_eq!(pending, [rows[1].clone(), rows[0].clone()]);
    rows[1].erased_at = Some(at(9));
    rows[1].agent_id = None;
    tx.put_erasure(&rows[1]).await.unwrap();
    let kept = tx.erasure(&"b".into()).await.unwrap();
    assert_eq!(kept.as_ref(), Some(&rows[1]));
    assert_eq!(tx.erasure(&"d".into()).await.unwrap(), None);
    assert_eq!(tx.pending_erasures(9).await.unwrap().len(), 2);
    tx.commit().await.unwrap();
    assert!(store.scrub().await.unwrap());
}

pub(crate) async fn ended_threads_come_by_their_end(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    // Each ends three seconds after it began.
    for (id, began) in [("c", 5), ("b", 4), ("a", 5)] {
        tx.put_thread(&sample::thread(id, "C", began))
            .await
            .unwrap();
    }
    let mut elsewhere = sample::thread("elsewhere", "C", 1);
    elsewhere.deployment_id = Some("other".into());
    let mut open = sample::thread("open", "C", 1);
    open.ended_at = None;
    for row in [elsewhere, open] {
        tx.put_thread(&row).await.unwrap();
    }
    let mut query = EndedThreads {
        deployment_id: "572".into(),
        after: None,
        before: at(9),
        limit: 9,
    };
    let ids = async |tx: &mut Box<dyn Tx>, query: &EndedThreads| {
        let rows = tx.ended_threads(query).await.unwrap();
        rows.into_iter()
            .map(|it| it.id.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&mut tx, &query).await, ["T", "b", "a", "c"]);
    query.after = Some((at(8), "a".into()));
    assert_eq!(ids(&mut tx, &query).await, ["c"]);
    query.after = None;
    query.before = at(8);
    assert_eq!(ids(&mut tx, &query).await, ["T", "b"]);
    query.limit = 1;
    assert_eq!(ids(&mut tx, &query).await, ["T"]);
}

pub(crate) async fn what_was_made_of_a_person_is_deleted_everywhere(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    tx.put_thread(&sample::thread("other", "C", 2))
        .await
        .unwrap();
    let (made, found) = (
        sample::record("made", &[], 1),
        sample::record("found", &[], 1),
    );
    for record in [&made, &found] {
        tx.put_record(record).await.unwrap();
    }
    let mut created = sample::attached("T", 0, made.clone());
    created.origin = RecordOrigin::Created;
    for row in [
        created,
        sample::attached("T", 1, found.clone()),
        sample::attached("other", 0, made),
        sample::attached("other", 1, found),
    ] {
        tx.attach_record(&row).await.unwrap();
    }
    for (id, hash) in [("a", "hash"), ("b", "another")] {
        let mut mail = sample::outgoing_mail(id, 1);
        mail.recipient_hash = hash.to_owned();
        tx.put_outgoing_mail(&mail).await.unwrap();
    }
    tx.delete_records_made_in(&"T".into()).await.unwrap();
    let threads = ["T".into(), "other".into()];
    let left = tx.records_of_threads(&threads).await.unwrap();
    let ids: Vec<&str> = left.iter().map(|it| it.record.id.as_str()).collect();
    assert_eq!(ids, ["found", "found"]);
    tx.delete_mail_to("hash").await.unwrap();
    assert_eq!(tx.outgoing_mail("a").await.unwrap(), None);
    assert!(tx.outgoing_mail("b").await.unwrap().is_some());

    let mut other = sample::customer("V");
    other.email = Some("JON@example.com".to_owned().into());
    let mut nobody = sample::customer("W");
    nobody.email = None;
    for row in [&other, &nobody] {
        tx.put_customer(row).await.unwrap();
    }
    let theirs = tx.customers_by_email(" Jon@Example.com").await.unwrap();
    let ids: Vec<&str> = theirs.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["U", "V"]);
}

pub(crate) async fn files_are_deleted_and_their_events_stay(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    let url = "/chat/files/key/file";
    for (number, url) in [(1, url), (2, "https://shop.example/a.png")] {
        let mut event = sample::event("T", number);
        event.kind = "file".to_owned();
        event.body = json!({ "url": url, "thumbnail_url": url, "name": "a cat.png" }).into();
        tx.append_event(&event).await.unwrap();
    }
    let mut file = sample::file("key", 1);
    file.event = Some(("T".into(), 1));
    tx.put_file(&file).await.unwrap();
    let of_thread = tx.files_of_thread(&"T".into()).await.unwrap();
    assert_eq!(of_thread, [file]);
    assert_eq!(tx.delete_files_of_thread(&"T".into()).await.unwrap(), 1);
    assert_eq!(tx.files_of_thread(&"T".into()).await.unwrap(), []);
    assert_eq!(tx.doomed_files(9).await.unwrap(), ["key"]);
    let bodies: Vec<_> = tx.events(&"T".into(), 0, 9).await.unwrap();
    assert_eq!(bodies[0].body.0, json!({ "url": "", "name": "a cat.png" }));
    assert_eq!(bodies[1].body.0["url"], "https://shop.example/a.png");
}

/// A database from before pushes named their chat and files could be sent again.
pub(crate) async fn what_was_there_before_can_be_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).await.unwrap();
    let mut tx = sample::with_thread(&store).await;
    tx.put_thread(&sample::thread("other", "C", 2))
        .await
        .unwrap();
    let key = "k".repeat(43);
    let mut file = sample::file(&key, 1);
    file.owner = FileOwner::Agent("005A".into());
    file.event = Some(("T".into(), 1));
    tx.put_file(&file).await.unwrap();
    let mut event = sample::event("other", 4);
    event.kind = "file".to_owned();
    event.body = json!({ "url": format!("https://chat.example/chat/files/{key}/file") }).into();
    tx.append_event(&event).await.unwrap();
    tx.append_agent_stream_event(&push(json!({"chat_id": "C", "thread_id": "T"})))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    let mut raw = disk::raw(&folder).await;
    for sql in [
        "DROP TABLE file_sent_again",
        "DROP TABLE erasure",
        "DROP INDEX feed_by_time",
        "ALTER TABLE feed DROP COLUMN chat_id",
        "CREATE INDEX feed_by_time ON feed (created_at)",
        "DROP INDEX event_custom_id",
        "CREATE UNIQUE INDEX event_custom_id ON event (chat_id, author_id, custom_id)
             WHERE custom_id IS NOT NULL",
        "DROP INDEX session_by_thread",
        "DROP INDEX thread_ended",
        "DROP INDEX visitor_of_customer",
        "DROP INDEX attached_record_of_record",
        "DROP INDEX file_of_thread",
        "DROP INDEX file_doomed",
        "DELETE FROM _sqlx_migrations WHERE version = 20",
    ] {
        sqlx::query(sql).execute(&mut raw).await.unwrap();
    }
    raw.close().await.unwrap();

    let store = SqliteStore::open(folder.path()).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let deleted = tx.delete_thread(&"T".into()).await.unwrap();
    assert_eq!(deleted.files, [""; 0], "the other conversation has it");
    let file = tx.file(&key).await.unwrap().unwrap();
    assert_eq!(file.event, Some(("other".into(), 4)));
    assert_eq!(tx.agent_stream_events(0, 9).await.unwrap().events, []);
}
