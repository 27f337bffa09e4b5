//! Sessions, queued messages, idempotency records.

use parlor_server::store::{
    IDEMPOTENCY_RECORDS_KEPT, Store,
    row::{Session, SessionProgress, SilentSessions, Thread, ThreadStatus},
};
use parlor_wire::SessionId;

use super::{
    sample::{self, at},
    transaction::refused,
};

fn ids(sessions: &[Session]) -> Vec<&str> {
    sessions.iter().map(|session| session.id.as_str()).collect()
}

pub(crate) async fn sessions_are_kept_whole(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    let mut row = sample::session("s");
    tx.put_session(&row).await.unwrap();
    assert_eq!(tx.session(&"s".into()).await.unwrap().as_ref(), Some(&row));
    row.key_hash = "another key".to_owned();
    row.affinity = "00000000".to_owned();
    row.thread_id = None;
    row.closed_at = Some(at(9));
    row.last_heard_at = at(8);
    row.post_number_may_restart = false;
    row.receives_queue_updates = false;
    row.origin = None;
    row.position = i64::MAX;
    tx.put_session(&row).await.unwrap();
    assert_eq!(tx.session(&"s".into()).await.unwrap().as_ref(), Some(&row));
    let found = tx.session_by_key("another key").await.unwrap();
    assert_eq!(found.as_ref(), Some(&row));
    assert_eq!(tx.session_by_key("key of s").await.unwrap(), None);
    assert_eq!(tx.session(&"r".into()).await.unwrap(), None);
    tx.commit().await.unwrap();
    row.thread_id = Some("nowhere".into());
    refused(store, async |tx| tx.put_session(&row).await).await;
}

pub(crate) async fn one_key_is_one_session(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    tx.put_session(&sample::session("s")).await.unwrap();
    let mut other = sample::session("r");
    other.key_hash = "key of s".to_owned();
    tx.commit().await.unwrap();
    refused(store, async |tx| tx.put_session(&other).await).await;
    let mut tx = store.read().await.unwrap();
    let found = tx.session_by_key("key of s").await.unwrap().unwrap();
    assert_eq!(found.id.as_str(), "s");
}

pub(crate) async fn sessions_of_a_thread_are_those_open(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    tx.put_thread(&sample::thread("S", "C", 2)).await.unwrap();
    for (id, created_at) in [("c", 3), ("a", 2), ("b", 2), ("closed", 1)] {
        let mut row = sample::session(id);
        row.created_at = at(created_at);
        tx.put_session(&row).await.unwrap();
    }
    let mut closed = tx.session(&"closed".into()).await.unwrap().unwrap();
    closed.closed_at = Some(at(5));
    tx.put_session(&closed).await.unwrap();
    let mut other = sample::session("other");
    other.thread_id = Some("S".into());
    tx.put_session(&other).await.unwrap();
    let mut fresh = sample::session("fresh");
    fresh.thread_id = None;
    tx.put_session(&fresh).await.unwrap();
    assert_eq!(
        ids(&tx.sessions_of(&"T".into()).await.unwrap()),
        ["a", "b", "c"]
    );
    assert_eq!(ids(&tx.sessions_of(&"S".into()).await.unwrap()), ["other"]);
}

pub(crate) async fn silent_sessions_oldest_first(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    tx.put_deployment(&sample::deployment("572")).await.unwrap();
    for (id, heard) in [("d", 4), ("c", 3), ("b", 2), ("a", 2), ("closed", 1)] {
        let mut row = sample::session(id);
        row.last_heard_at = at(heard);
        row.closed_at = (id == "closed").then(|| at(9));
        tx.put_session(&row).await.unwrap();
    }
    assert_eq!(tx.count_open_sessions().await.unwrap(), 4);
    let all: [SessionId; 3] = ["a", "b", "c"].map(Into::into);
    assert_eq!(tx.silent_sessions(&silent(4, 9)).await.unwrap(), all);
    assert_eq!(tx.silent_sessions(&silent(4, 2)).await.unwrap(), all[..2]);
    let mut heard = tx.session(&"a".into()).await.unwrap().unwrap();
    heard.last_heard_at = at(10);
    tx.put_session(&heard).await.unwrap();
    assert_eq!(tx.silent_sessions(&silent(4, 9)).await.unwrap(), all[1..]);

    // Those that chat, and those of another deployment, have times of their own.
    let thread = Thread {
        status: ThreadStatus::Active,
        ..sample::thread("T", "C", 1)
    };
    tx.put_thread(&thread).await.unwrap();
    let chatting = SilentSessions {
        chatting_before: at(3),
        ..silent(9, 9)
    };
    assert_eq!(tx.silent_sessions(&chatting).await.unwrap(), all[1..2]);
    let elsewhere = SilentSessions {
        deployment_id: None,
        ..silent(9, 9)
    };
    assert_eq!(tx.silent_sessions(&elsewhere).await.unwrap(), []);
    let mut row = sample::session("c");
    (row.thread_id, row.last_heard_at) = (None, at(3));
    tx.put_session(&row).await.unwrap();
    assert_eq!(tx.silent_sessions(&elsewhere).await.unwrap(), all[2..]);
}

/// Sessions of the sample's deployment.
fn silent(before: i64, limit: i64) -> SilentSessions {
    SilentSessions {
        deployment_id: Some("572".into()),
        chatting_before: at(before),
        waiting_before: at(before),
        limit,
    }
}

pub(crate) async fn forgotten_sessions_take_their_messages_and_records(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    for (id, heard, closed) in [
        ("open", 1, None),
        ("old", 1, Some(at(2))),
        ("new", 9, Some(at(10))),
    ] {
        let mut row = sample::session(id);
        row.last_heard_at = at(heard);
        row.closed_at = closed;
        tx.put_session(&row).await.unwrap();
        tx.put_queued_message(&sample::queued_message(id, 1))
            .await
            .unwrap();
        tx.put_queued_message(&sample::queued_message(id, 2))
            .await
            .unwrap();
        tx.put_idempotency_record(&sample::idempotency_record(id, 1))
            .await
            .unwrap();
    }
    assert_eq!(tx.forget_sessions(at(5), 0).await.unwrap(), 0);
    assert_eq!(tx.forget_sessions(at(5), 9).await.unwrap(), 1);
    assert_eq!(tx.session(&"old".into()).await.unwrap(), None);
    assert_eq!(tx.session_by_key("key of old").await.unwrap(), None);
    assert_eq!(tx.queued_messages(&"old".into(), 0, 9).await.unwrap(), []);
    assert_eq!(tx.idempotency_record(&"old".into(), 1).await.unwrap(), None);
    for kept in ["open", "new"] {
        assert!(tx.session(&kept.into()).await.unwrap().is_some());
        assert_eq!(
            tx.queued_messages(&kept.into(), 0, 9).await.unwrap().len(),
            2
        );
        assert!(
            tx.idempotency_record(&kept.into(), 1)
                .await
                .unwrap()
                .is_some()
        );
    }
    assert_eq!(tx.forget_sessions(at(5), 9).await.unwrap(), 0);
}

pub(crate) async fn messages_are_kept_in_order(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    tx.put_session(&sample::session("s")).await.unwrap();
    tx.put_session(&sample::session("s2")).await.unwrap();
    for position in [10, 2, 1, 3] {
        tx.put_queued_message(&sample::queued_message("s", position))
            .await
            .unwrap();
    }
    tx.put_queued_message(&sample::queued_message("s2", 4))
        .await
        .unwrap();
    let session = "s".into();
    let expected = [1, 2, 3, 10].map(|position| sample::queued_message("s", position));
    assert_eq!(tx.queued_messages(&session, 0, 9).await.unwrap(), expected);
    assert_eq!(
        tx.queued_messages(&session, 0, 2).await.unwrap(),
        expected[..2]
    );
    let mut again = sample::queued_message("s", 2);
    again.kind = "AgentTyping".to_owned();
    tx.put_queued_message(&again).await.unwrap();
    assert_eq!(tx.queued_messages(&session, 0, 9).await.unwrap()[1], again);
}

pub(crate) async fn acknowledged_messages_are_deleted(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    for id in ["s", "s2"] {
        tx.put_session(&sample::session(id)).await.unwrap();
        for position in 1..=5 {
            tx.put_queued_message(&sample::queued_message(id, position))
                .await
                .unwrap();
        }
    }
    let session = "s".into();
    tx.delete_messages_through(&session, 2).await.unwrap();
    let left = [3, 4, 5].map(|position| sample::queued_message("s", position));
    assert_eq!(tx.queued_messages(&session, 0, 9).await.unwrap(), left);
    assert_eq!(tx.count_queued_messages(&session).await.unwrap(), 3);
    assert_eq!(tx.count_queued_messages(&"s2".into()).await.unwrap(), 5);
    assert_eq!(
        tx.count_queued_messages(&"nobody's".into()).await.unwrap(),
        0
    );
}

pub(crate) async fn messages_of_a_kind_are_deleted(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    for id in ["s", "s2"] {
        tx.put_session(&sample::session(id)).await.unwrap();
        for (position, kind) in [(1, "old"), (2, "old"), (3, "new"), (4, "old")] {
            let mut message = sample::queued_message(id, position);
            message.kind = kind.to_owned();
            tx.put_queued_message(&message).await.unwrap();
        }
    }
    let session = "s".into();
    tx.delete_messages_after(&session, 1, "old").await.unwrap();
    let left = tx.queued_messages(&session, 0, 9).await.unwrap();
    let left: Vec<i64> = left.iter().map(|message| message.position).collect();
    assert_eq!(left, [1, 3]);
    let later = tx.queued_messages(&session, 1, 9).await.unwrap();
    assert_eq!(later.len(), 1);
    assert_eq!(tx.count_queued_messages(&"s2".into()).await.unwrap(), 4);
}

pub(crate) async fn progress_of_a_session_only_grows(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    let mut row = sample::session("s");
    tx.put_session(&row).await.unwrap();
    let written = [
        ("s", Some(7), 6, 3),
        ("s", Some(5), 5, 4),
        ("s", None, 7, 2),
        ("nobody's", Some(9), 9, 9),
    ];
    for (id, heard, batch, served) in written {
        tx.put_session_progress(&SessionProgress {
            id: id.into(),
            last_heard_at: heard.map(at),
            batch,
            served,
        })
        .await
        .unwrap();
    }
    (row.last_heard_at, row.batch, row.served) = (at(7), 7, 4);
    assert_eq!(tx.session(&row.id).await.unwrap(), Some(row));
    let silent = tx.silent_sessions(&silent(7, 9)).await.unwrap();
    assert_eq!(silent, []);
}

pub(crate) async fn idempotency_records_are_kept_for_a_while(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    tx.put_session(&sample::session("s")).await.unwrap();
    tx.put_session(&sample::session("s2")).await.unwrap();
    let session = "s".into();
    tx.put_idempotency_record(&sample::idempotency_record("s2", 1))
        .await
        .unwrap();
    for number in 1..=IDEMPOTENCY_RECORDS_KEPT + 1 {
        tx.put_idempotency_record(&sample::idempotency_record("s", number))
            .await
            .unwrap();
    }
    assert_eq!(
        tx.idempotency_record(&session, 1).await.unwrap(),
        Some(sample::idempotency_record("s", 1))
    );
    let mut without = sample::idempotency_record("s", IDEMPOTENCY_RECORDS_KEPT + 2);
    without.event = None;
    tx.put_idempotency_record(&without).await.unwrap();
    assert_eq!(tx.idempotency_record(&session, 1).await.unwrap(), None);
    assert!(tx.idempotency_record(&session, 2).await.unwrap().is_some());
    assert_eq!(
        tx.idempotency_record(&session, IDEMPOTENCY_RECORDS_KEPT + 2)
            .await
            .unwrap(),
        Some(without)
    );
    tx.delete_idempotency_records(&session).await.unwrap();
    assert_eq!(tx.idempotency_record(&session, 9).await.unwrap(), None);
    assert!(
        tx.idempotency_record(&"s2".into(), 1)
            .await
            .unwrap()
            .is_some()
    );
}

pub(crate) async fn messages_need_their_session(store: &dyn Store) {
    let message = sample::queued_message("none", 1);
    refused(store, async |tx| tx.put_queued_message(&message).await).await;
    let record = sample::idempotency_record("none", 1);
    refused(store, async |tx| tx.put_idempotency_record(&record).await).await;
}
