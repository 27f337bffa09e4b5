//! Promises that need a disk, for SQLite only.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use parlor_server::store::{
    Store, StoreError,
    row::{Audience, EntityKind, Role, Routing, Session, ThreadStatus, Visibility},
    sqlite::SqliteStore,
};
use parlor_wire::EventPlace;
use sqlx::{Connection, SqliteConnection};

use super::sample::{self, at};

pub(crate) async fn a_reopened_database_has_everything() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("a/new/folder");
    let store = SqliteStore::open(&folder).await.unwrap();
    let mut tx = sample::with_thread(&store).await;
    tx.put_organization(&sample::organization()).await.unwrap();
    tx.append_event(&sample::event("T", 1)).await.unwrap();
    tx.put_session(&sample::session("s")).await.unwrap();
    tx.put_queued_message(&sample::queued_message("s", 1))
        .await
        .unwrap();
    tx.append_agent_stream_event(&sample::push(1))
        .await
        .unwrap();
    tx.trim_agent_stream(at(9), 99).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;

    let store = SqliteStore::open(&folder).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert_eq!(
        tx.organization().await.unwrap(),
        Some(sample::organization())
    );
    assert_eq!(
        tx.event(&"T".into(), 1).await.unwrap(),
        Some(sample::event("T", 1))
    );
    assert_eq!(
        tx.session_by_key("key of s").await.unwrap(),
        Some(sample::session("s"))
    );
    assert_eq!(
        tx.queued_messages(&"s".into(), 0, 9).await.unwrap(),
        [sample::queued_message("s", 1)]
    );
    tx.append_agent_stream_event(&sample::push(2))
        .await
        .unwrap();
    assert_eq!(tx.agent_stream_range().await.unwrap(), (2, 2));
}

pub(crate) async fn a_reopened_database_has_its_queues() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).await.unwrap();
    let mut tx = sample::with_thread(&store).await;
    let mut thread = sample::thread("W", "C", 1);
    thread.status = ThreadStatus::Queued;
    tx.put_thread(&thread).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;

    let store = SqliteStore::open(folder.path()).await.unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.queues().await.unwrap(), [thread.queue().unwrap()]);
    assert_eq!(tx.queue_place(&thread).await.unwrap(), Some(1));
}

/// A database from before threads had properties and tags.
pub(crate) async fn a_database_of_the_first_version_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).await.unwrap();
    let mut tx = sample::with_thread(&store).await;
    tx.append_event(&sample::event("T", 1)).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    let mut raw = raw(&folder).await;
    for sql in [
        "DROP TABLE toggle",
        "DROP TABLE event_properties",
        "DROP TABLE follower",
        "ALTER TABLE thread DROP COLUMN properties_json",
        "ALTER TABLE thread DROP COLUMN tags_json",
        "ALTER TABLE thread DROP COLUMN told_seen_up_to",
        "DELETE FROM _sqlx_migrations WHERE version = 3",
    ] {
        sqlx::query(sql).execute(&mut raw).await.unwrap();
    }
    raw.close().await.unwrap();

    let store = SqliteStore::open(folder.path()).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let mut expected = sample::thread("T", "C", 1);
    expected.properties = serde_json::json!({}).into();
    expected.tags = Vec::new();
    expected.told_seen_up_to = None;
    assert_eq!(tx.thread(&"T".into()).await.unwrap(), Some(expected));
    let toggle = sample::toggle(1, "yes", "a");
    tx.put_toggle(&toggle).await.unwrap();
    assert_eq!(tx.toggles(&["T".into()]).await.unwrap(), [toggle]);
}

/// A database from before events that only agents see were numbered apart.
pub(crate) async fn events_that_were_numbered_together_keep_their_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).await.unwrap();
    let mut tx = sample::with_thread(&store).await;
    tx.append_event(&sample::event("T", 3)).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    let mut raw = raw(&folder).await;
    for sql in [
        "DROP INDEX event_private",
        "ALTER TABLE event DROP COLUMN private_events",
        "ALTER TABLE thread DROP COLUMN private_events",
        "DELETE FROM _sqlx_migrations WHERE version = 8",
    ] {
        sqlx::query(sql).execute(&mut raw).await.unwrap();
    }
    raw.close().await.unwrap();

    let store = SqliteStore::open(folder.path()).await.unwrap();
    let mut tx = store.read().await.unwrap();
    let event = tx.event(&"T".into(), 3).await.unwrap().unwrap();
    assert_eq!(event.visibility, Visibility::Agents);
    let place = EventPlace {
        number: 3,
        private: 0,
    };
    assert_eq!((event.place(), event.visible_number()), (place, 3));
    let thread = tx.thread(&"T".into()).await.unwrap().unwrap();
    assert_eq!((thread.last_event, thread.private_events), (3, 0));
}

pub(crate) async fn a_database_from_before_webhooks_gets_their_tables() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).await.unwrap();
    sample::with_thread(&store).await.commit().await.unwrap();
    store.close().await;
    let mut raw = raw(&folder).await;
    for sql in [
        "DROP TABLE webhook_delivery",
        "DROP TABLE entity_number",
        "DELETE FROM _sqlx_migrations WHERE version = 19",
    ] {
        sqlx::query(sql).execute(&mut raw).await.unwrap();
    }
    raw.close().await.unwrap();

    let store = SqliteStore::open(folder.path()).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(tx.thread(&"T".into()).await.unwrap().is_some());
    let number = tx.entity_number(EntityKind::Customer, "C").await.unwrap();
    assert_eq!(number, 1);
    assert_eq!(tx.count_webhooks("crm").await.unwrap().waiting, 0);
}

pub(crate) async fn raw(folder: &tempfile::TempDir) -> SqliteConnection {
    let file = folder.path().join("parlor.db");
    SqliteConnection::connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap()
}

/// A database from before agents had groups and roles.
pub(crate) async fn agents_from_before_groups_are_members_of_all() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.put_deployment(&sample::deployment("d")).await.unwrap();
    for (id, group_id) in [("a", 1), ("b", 7)] {
        let mut button = sample::button(id, "d");
        button.group_id = group_id;
        tx.put_button(&button).await.unwrap();
    }
    for (id, created_at) in [("005A", 9), ("005B", 2), ("005C", 1)] {
        let mut agent = sample::agent(id, id);
        agent.created_at = at(created_at);
        agent.removed_at = (id == "005C").then_some(at(3));
        tx.put_agent(&agent).await.unwrap();
    }
    tx.commit().await.unwrap();
    store.close().await;
    let mut raw = raw(&folder).await;
    for sql in [
        "DROP TABLE membership",
        "DROP TABLE agent_group",
        "ALTER TABLE agent DROP COLUMN role",
        "ALTER TABLE agent DROP COLUMN concurrent_chats",
        "ALTER TABLE button DROP COLUMN routing",
        "ALTER TABLE token DROP COLUMN name",
        "DELETE FROM _sqlx_migrations WHERE version = 10",
    ] {
        sqlx::query(sql).execute(&mut raw).await.unwrap();
    }
    raw.close().await.unwrap();

    let store = SqliteStore::open(folder.path()).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let groups = tx.groups().await.unwrap();
    let names: Vec<(i64, &str)> = groups.iter().map(|it| (it.id, it.name.as_str())).collect();
    assert_eq!(names, [(1, "Support"), (7, "Group 7")]);
    let agents = tx.agents().await.unwrap();
    let roles: Vec<Role> = agents.iter().map(|agent| agent.role).collect();
    assert_eq!(roles, [Role::Agent, Role::Owner, Role::Agent]);
    assert!(agents.iter().all(|it| it.group_ids == [1, 7].into()));
    let button = tx.button(&"a".into()).await.unwrap().unwrap();
    assert_eq!(button.routing, Routing::Choice);
}

/// A database from before conversations had an access group.
pub(crate) async fn conversations_from_before_groups_are_those_of_their_buttons() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.put_deployment(&sample::deployment("d")).await.unwrap();
    let button = sample::button("b", "d");
    tx.put_button(&button).await.unwrap();
    for (chat, buttons) in [("C", ["gone", "b"]), ("D", ["b", "gone"])] {
        tx.put_customer(&sample::customer(chat)).await.unwrap();
        tx.put_chat(&sample::chat(chat, chat, 2)).await.unwrap();
        for (n, button) in (1..).zip(buttons) {
            let mut thread = sample::thread(&format!("{chat}{n}"), chat, n);
            thread.button_id = Some(button.into());
            tx.put_thread(&thread).await.unwrap();
        }
    }
    tx.append_agent_stream_event(&sample::push(1))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    let mut raw = raw(&folder).await;
    for sql in [
        "DROP INDEX chat_by_thread_time",
        "DROP INDEX chat_by_activity",
        "DROP INDEX thread_by_time",
        "ALTER TABLE chat DROP COLUMN group_id",
        "ALTER TABLE thread DROP COLUMN group_id",
        "ALTER TABLE feed DROP COLUMN group_id",
        "ALTER TABLE feed DROP COLUMN except_group_id",
        "ALTER TABLE feed DROP COLUMN only_agent_id",
        "CREATE INDEX chat_by_thread_time ON chat (last_thread_at, id)",
        "CREATE INDEX chat_by_activity ON chat (active, last_thread_at, id)",
        "CREATE INDEX thread_by_time ON thread (created_at, id)",
        "DELETE FROM _sqlx_migrations WHERE version = 11",
    ] {
        sqlx::query(sql).execute(&mut raw).await.unwrap();
    }
    raw.close().await.unwrap();

    let store = SqliteStore::open(folder.path()).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    for (chat, groups) in [("C", [0, 7]), ("D", [7, 0])] {
        let threads = tx.threads_of(&chat.into()).await.unwrap();
        let found: Vec<i64> = threads.iter().map(|thread| thread.group_id).collect();
        assert_eq!(found, groups);
        let row = tx.chat(&chat.into()).await.unwrap().unwrap();
        assert_eq!(row.group_id, groups[1]);
    }
    let page = tx.agent_stream_events(0, 9).await.unwrap();
    assert_eq!(page.events[0].audience, Audience::everybody());
}

/// A database from before a chat had one open thread at most.
pub(crate) async fn of_several_open_threads_the_newest_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).await.unwrap();
    let mut tx = sample::with_thread(&store).await;
    let threads = ["older", "old", "newest", "over", "message"];
    for (created_at, id) in (1..).zip(threads) {
        let thread = sample::thread(id, "C", created_at);
        tx.put_thread(&thread).await.unwrap();
        tx.put_session(&Session {
            thread_id: Some(thread.id),
            closed_at: None,
            ..sample::session(id)
        })
        .await
        .unwrap();
    }
    tx.put_offline_message(&sample::offline_message("message", "a", 5))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    let mut raw = raw(&folder).await;
    for sql in [
        "DROP INDEX thread_open_of_chat",
        "UPDATE thread SET status = 'active', ended_at = NULL, end_reason = NULL
            WHERE id IN ('older', 'old', 'newest')",
        "DELETE FROM _sqlx_migrations WHERE version = 17",
    ] {
        sqlx::query(sql).execute(&mut raw).await.unwrap();
    }
    raw.close().await.unwrap();

    let store = SqliteStore::open(folder.path()).await.unwrap();
    let mut tx = store.read().await.unwrap();
    let open = tx.open_thread_of(&"C".into()).await.unwrap();
    assert_eq!(open.unwrap().id, "newest".into());
    for (thread, ended_at, is_closed) in [
        ("older", Some(at(3)), true),
        ("old", Some(at(3)), true),
        ("newest", None, false),
        ("over", Some(at(7)), true),
        ("message", Some(at(8)), false),
    ] {
        let row = tx.thread(&thread.into()).await.unwrap().unwrap();
        assert_eq!(row.ended_at, ended_at, "{thread}");
        let session = tx.session(&thread.into()).await.unwrap().unwrap();
        assert_eq!(session.closed_at.is_some(), is_closed, "{thread}");
    }
}

pub(crate) async fn a_newer_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    SqliteStore::open(folder.path())
        .await
        .unwrap()
        .close()
        .await;
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'from the future', 1, x'00', 1)",
    )
    .execute(&mut raw(&folder).await)
    .await
    .unwrap();
    let refused = SqliteStore::open(folder.path()).await.unwrap_err();
    assert!(
        matches!(refused, StoreError::TooNew { found: 9999, known } if known > 0),
        "{refused}"
    );
}

pub(crate) async fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    fs::write(&file, "").unwrap();
    let inside = file.join("data");
    let refused = SqliteStore::open(&inside).await.unwrap_err();
    let StoreError::Open { path, .. } = &refused else {
        panic!("{refused}");
    };
    assert_eq!(path, inside.to_str().unwrap());
}

pub(crate) async fn a_file_that_is_no_database_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("parlor.db");
    fs::write(
        &file,
        "not a database, though it is long enough".repeat(100),
    )
    .unwrap();
    let refused = SqliteStore::open(folder.path()).await.unwrap_err();
    let StoreError::Open { path, .. } = &refused else {
        panic!("{refused}");
    };
    assert_eq!(path, file.to_str().unwrap());
}

pub(crate) async fn a_broken_row_is_reported_without_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).await.unwrap();
    let mut tx = sample::with_thread(&store).await;
    tx.append_event(&sample::event("T", 1)).await.unwrap();
    tx.commit().await.unwrap();
    for (column, value) in [("body_json", "'secret words'"), ("visibility", "'secret'")] {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "UPDATE event SET {column} = {value}"
        )))
        .execute(&mut raw(&folder).await)
        .await
        .unwrap();
        let mut tx = store.read().await.unwrap();
        let broken = tx.event(&"T".into(), 1).await.unwrap_err();
        assert!(matches!(broken, StoreError::Corrupt { table: "event", .. }));
        let named = format!("{column} of T 1 is not");
        assert!(broken.to_string().contains(&named), "{broken}");
        assert!(!broken.to_string().contains("secret"), "{broken}");
    }
}

/// The folder in which the process that is killed writes.
const VICTIM: &str = "PARLOR_TEST_VICTIM";

/// Runs this test again as another process, which writes numbered rows, reports
/// each after its commit, and is killed meanwhile.
pub(crate) async fn committed_rows_survive_kill_9(this_test: &str) {
    if let Some(folder) = env::var_os(VICTIM) {
        write_until_killed(folder.as_ref()).await;
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for round in 1..=5 {
        let mut victim = Command::new(env::current_exe().unwrap())
            .args([this_test, "--exact", "--nocapture"])
            .env(VICTIM, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut told = 0;
        let mut lines = 0;
        for line in BufReader::new(victim.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            let Some((_, number)) = line.rsplit_once("committed ") else {
                continue;
            };
            told = number.parse().unwrap();
            lines += 1;
            if lines == 10 * round {
                victim.kill().unwrap();
            }
        }
        victim.wait().unwrap();
        assert!(lines >= 10 * round, "the process died by itself");

        let store = SqliteStore::open(folder.path()).await.unwrap();
        let mut tx = store.read().await.unwrap();
        let events = tx.events(&"T".into(), 0, i64::MAX).await.unwrap();
        let kept: Vec<i64> = events.iter().map(|event| event.number).collect();
        // One more may be committed that was not reported.
        assert!(
            kept.len() == told || kept.len() == told + 1,
            "{told} {kept:?}"
        );
        assert!(kept.iter().copied().eq(1..=kept.len() as i64), "{kept:?}");
        let thread = tx.thread(&"T".into()).await.unwrap().unwrap();
        assert_eq!(thread.last_event, kept.len() as i64);
        tx.commit().await.unwrap();
        store.close().await;
    }
}

async fn write_until_killed(folder: &std::path::Path) {
    let store = SqliteStore::open(folder).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    if tx.thread(&"T".into()).await.unwrap().is_none() {
        drop(tx);
        tx = sample::with_thread(&store).await;
        let mut thread = sample::thread("T", "C", 1);
        thread.last_event = 0;
        tx.put_thread(&thread).await.unwrap();
        tx.commit().await.unwrap();
    } else {
        drop(tx);
    }
    loop {
        let mut tx = store.begin().await.unwrap();
        let mut thread = tx.thread(&"T".into()).await.unwrap().unwrap();
        thread.last_event += 1;
        let number = thread.last_event;
        tx.put_thread(&thread).await.unwrap();
        tx.append_event(&sample::event("T", number)).await.unwrap();
        tx.commit().await.unwrap();
        println!("committed {number}");
    }
}
