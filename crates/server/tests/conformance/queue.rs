//! Queues.

use std::time::Duration;

use parlor_server::store::{
    Store, Tx,
    row::{QueueKey, QueueListener, Session, Thread, ThreadStatus, WaitingThread},
};

use super::sample::{self, at};

/// A thread that waits for a button since a time, in a chat of the same name.
fn waiting(id: &str, button: &str, queued_at: i64) -> Thread {
    Thread {
        status: ThreadStatus::Queued,
        button_id: Some(button.into()),
        target_agent_id: None,
        queued_at: Some(at(queued_at)),
        ..sample::thread(id, id, 1)
    }
}

fn queue(button: &str) -> QueueKey {
    QueueKey {
        button_id: Some(button.into()),
        agent_id: None,
    }
}

async fn put(tx: &mut Box<dyn Tx>, rows: &[Thread]) {
    for row in rows {
        sample::put_chat(tx, row.id.as_str()).await;
        tx.put_thread(row).await.unwrap();
    }
}

/// The ids of a part of a queue, and the places of its threads.
async fn part(tx: &mut Box<dyn Tx>, button: &str, skip: usize, limit: usize) -> (String, Vec<i64>) {
    let threads = tx
        .waiting_threads(&queue(button), skip, limit)
        .await
        .unwrap();
    let mut places = Vec::new();
    for thread in &threads {
        let row = tx.thread(&thread.thread_id).await.unwrap().unwrap();
        places.extend(tx.queue_place(&row).await.unwrap());
    }
    let ids = threads.iter().map(|it| it.thread_id.as_str()).collect();
    (ids, places)
}

async fn whole(tx: &mut Box<dyn Tx>, button: &str) -> String {
    let (ids, places) = part(tx, button, 0, usize::MAX).await;
    assert!((1..).zip(places).all(|(at, place)| at == place));
    ids
}

pub(crate) async fn queues_are_in_order(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    let rows = [
        waiting("d", "1", 3),
        waiting("c", "1", 1),
        waiting("b", "1", 3),
        waiting("x", "2", 2),
    ];
    put(&mut tx, &rows).await;
    // A transaction sees its own.
    for _ in 0..2 {
        assert_eq!(whole(&mut tx, "1").await, "cbd");
        assert_eq!(whole(&mut tx, "2").await, "x");
        assert_eq!(whole(&mut tx, "3").await, "");
        assert_eq!(part(&mut tx, "1", 1, 1).await, ("b".to_owned(), vec![2]));
        assert_eq!(tx.queues().await.unwrap(), [queue("1"), queue("2")]);
        let first = tx.waiting_threads(&queue("1"), 0, 1).await.unwrap();
        let expected = WaitingThread {
            thread_id: "c".into(),
            chat_id: "c".into(),
            queued_at: at(1),
        };
        assert_eq!(first, [expected]);
        let ended = tx.thread(&"T".into()).await.unwrap().unwrap();
        assert_eq!(tx.queue_place(&ended).await.unwrap(), None);
        tx.commit().await.unwrap();
        tx = store.read().await.unwrap();
    }
}

pub(crate) async fn threads_leave_their_queue_and_enter_another(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    let rows = [
        waiting("a", "1", 1),
        waiting("b", "1", 2),
        waiting("c", "1", 3),
        waiting("d", "1", 4),
        waiting("x", "2", 2),
    ];
    put(&mut tx, &rows).await;
    tx.commit().await.unwrap();

    let mut tx = store.begin().await.unwrap();
    let ended = Thread {
        status: ThreadStatus::Ended,
        ..waiting("a", "1", 1)
    };
    let answered = Thread {
        status: ThreadStatus::Active,
        ..waiting("d", "1", 4)
    };
    let again_at_the_end = waiting("b", "1", 9);
    let elsewhere = waiting("c", "2", 1);
    put(&mut tx, &[ended, again_at_the_end, elsewhere, answered]).await;
    for _ in 0..2 {
        assert_eq!(whole(&mut tx, "1").await, "b");
        assert_eq!(whole(&mut tx, "2").await, "cx");
        tx.commit().await.unwrap();
        tx = store.read().await.unwrap();
    }

    let mut tx = store.begin().await.unwrap();
    let ended = Thread {
        status: ThreadStatus::Ended,
        ..waiting("b", "1", 9)
    };
    put(&mut tx, &[ended]).await;
    assert_eq!(tx.queues().await.unwrap(), [queue("2")]);
    assert_eq!(whole(&mut tx, "1").await, "");
}

pub(crate) async fn a_queue_does_not_change_without_a_commit(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    put(&mut tx, &[waiting("a", "1", 1), waiting("b", "1", 2)]).await;
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let ended = Thread {
        status: ThreadStatus::Ended,
        ..waiting("a", "1", 1)
    };
    put(&mut tx, &[ended, waiting("c", "1", 3)]).await;
    assert_eq!(whole(&mut tx, "1").await, "bc");
    let mut other = store.read().await.unwrap();
    assert_eq!(whole(&mut other, "1").await, "ab");
    drop((tx, other));
    let mut tx = store.begin().await.unwrap();
    assert_eq!(whole(&mut tx, "1").await, "ab");
}

pub(crate) async fn queues_for_an_agent_are_of_their_own(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    let for_agent = |id: &str, button: Option<&str>| Thread {
        button_id: button.map(Into::into),
        target_agent_id: Some("x".into()),
        ..waiting(id, "1", 1)
    };
    let rows = [
        for_agent("a", None),
        for_agent("b", Some("1")),
        waiting("c", "1", 1),
    ];
    put(&mut tx, &rows).await;
    for row in rows {
        assert_eq!(tx.queue_place(&row).await.unwrap(), Some(1));
    }
    assert_eq!(tx.queues().await.unwrap().len(), 3);
}

pub(crate) async fn listeners_are_open_and_want_updates(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    put(&mut tx, &[waiting("a", "1", 1), waiting("b", "1", 2)]).await;
    let session = |id: &str, thread: &str| {
        let mut session = sample::session(id);
        session.thread_id = Some(thread.into());
        session.closed_at = None;
        session.receives_queue_updates = true;
        session
    };
    let mut closed = session("closed", "a");
    closed.closed_at = Some(at(9));
    let mut deaf = session("deaf", "a");
    deaf.receives_queue_updates = false;
    let rows = [
        session("s2", "b"),
        session("s1", "a"),
        session("other", "T"),
        closed,
        deaf,
    ];
    for row in &rows {
        tx.put_session(row).await.unwrap();
    }
    let found = tx.queue_listeners(&["a".into(), "b".into()]).await.unwrap();
    let listener = |id: &str, thread: &str| QueueListener {
        session_id: id.into(),
        thread_id: thread.into(),
        queue_position: 2,
    };
    assert_eq!(found, [listener("s1", "a"), listener("s2", "b")]);
    assert_eq!(tx.queue_listeners(&[]).await.unwrap(), []);
    let all = ["b".into(), "T".into(), "none".into(), "a".into()];
    let heard = session("s1", "a").last_heard_at;
    let found = tx.threads_with_session(&all, heard).await.unwrap();
    assert_eq!(found, ["T".into(), "a".into(), "b".into()]);
    let later = heard.plus(Duration::from_micros(1));
    let found = tx.threads_with_session(&all, later).await.unwrap();
    assert_eq!(found, []);
    tx.put_session(&Session {
        closed_at: Some(at(9)),
        ..session("s2", "b")
    })
    .await
    .unwrap();
    let found = tx.threads_with_session(&all, heard).await.unwrap();
    assert_eq!(found, ["T".into(), "a".into()]);
}
