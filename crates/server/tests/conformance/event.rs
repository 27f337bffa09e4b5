//! The event log.

use parlor_server::store::{
    Store,
    row::{Event, EventRange, Visibility},
};

use super::{sample, transaction::refused};

/// The length of an event's body as it is stored.
fn body_bytes(event: &Event) -> i64 {
    event.body.0.to_string().len().try_into().unwrap()
}

fn numbers(events: &[Event]) -> Vec<i64> {
    events.iter().map(|event| event.number).collect()
}

pub(crate) async fn events_are_kept_whole_in_order(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    tx.put_thread(&sample::thread("T1", "C", 2)).await.unwrap();
    let mut bare = sample::event("T", 2);
    bare.author_id = None;
    bare.custom_id = None;
    bare.visibility = Visibility::All;
    tx.append_event(&bare).await.unwrap();
    for number in [1, 10, 3] {
        tx.append_event(&sample::event("T", number)).await.unwrap();
    }
    tx.append_event(&sample::event("T1", 1)).await.unwrap();

    let thread = "T".into();
    assert_eq!(tx.event(&thread, 2).await.unwrap(), Some(bare));
    assert_eq!(
        tx.event(&thread, 10).await.unwrap(),
        Some(sample::event("T", 10))
    );
    assert_eq!(tx.event(&thread, 4).await.unwrap(), None);
    assert_eq!(
        numbers(&tx.events(&thread, 0, 100).await.unwrap()),
        [1, 2, 3, 10]
    );
    assert_eq!(numbers(&tx.events(&thread, 1, 2).await.unwrap()), [2, 3]);
    assert_eq!(tx.events(&thread, 10, 2).await.unwrap(), []);
    assert_eq!(tx.events(&thread, 0, 0).await.unwrap(), []);
    assert_eq!(tx.events(&"none".into(), 0, 9).await.unwrap(), []);
}

pub(crate) async fn private_events_before_a_visible_one(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    tx.put_thread(&sample::thread("S", "C", 2)).await.unwrap();
    // Visible: 1, 4, 5, 7, of which the second is known as 2, and so on.
    let private_events = [0, 1, 2, 2, 2, 3, 3];
    for (number, private_events) in (1..).zip(private_events) {
        let visibility = match number {
            2 | 3 | 6 => Visibility::Agents,
            _ => Visibility::All,
        };
        let event = Event {
            private_events,
            visibility,
            ..sample::event("T", number)
        };
        tx.append_event(&event).await.unwrap();
    }
    // Events of agents that were numbered with the others.
    for number in 1..=2 {
        let event = Event {
            private_events: 0,
            custom_id: None,
            ..sample::event("S", number)
        };
        tx.append_event(&event).await.unwrap();
    }
    for (thread, visible, expected) in [
        ("T", 1, 0),
        ("T", 2, 2),
        ("T", 3, 2),
        ("T", 4, 3),
        ("T", 9, 3),
        ("T", 0, 0),
        ("S", 2, 0),
        ("none", 2, 0),
    ] {
        let before = tx.private_events_before(&thread.into(), visible).await;
        assert_eq!(before.unwrap(), expected, "{thread} {visible}");
    }
}

pub(crate) async fn an_event_number_is_used_once(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    tx.append_event(&sample::event("T", 1)).await.unwrap();
    tx.commit().await.unwrap();
    let mut second = sample::event("T", 1);
    second.custom_id = None;
    refused(store, async |tx| tx.append_event(&second).await).await;
    let mut tx = store.read().await.unwrap();
    assert_eq!(
        tx.event(&"T".into(), 1).await.unwrap(),
        Some(sample::event("T", 1))
    );
}

pub(crate) async fn custom_id_is_unique_per_chat_and_author(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    tx.put_thread(&sample::thread("S", "C", 2)).await.unwrap();
    tx.put_customer(&sample::customer("V")).await.unwrap();
    tx.put_chat(&sample::chat("D", "V", 1)).await.unwrap();
    tx.put_thread(&sample::thread("R", "D", 2)).await.unwrap();

    let named = |thread: &str, chat: &str, author: &str| Event {
        chat_id: chat.into(),
        author_id: Some(author.into()),
        custom_id: Some("x".into()),
        ..sample::event(thread, 1)
    };
    let first = named("T", "C", "005A");
    tx.append_event(&first).await.unwrap();
    tx.commit().await.unwrap();
    // Unique per chat, also in another of its threads.
    let second = named("S", "C", "005A");
    refused(store, async |tx| tx.append_event(&second).await).await;
    let mut tx = store.begin().await.unwrap();
    tx.append_event(&named("S", "C", "005B")).await.unwrap();
    tx.append_event(&named("R", "D", "005A")).await.unwrap();

    let (chat, author, custom_id) = ("C".into(), "005A".into(), "x".into());
    let found = tx
        .event_by_custom_id(&chat, &author, &custom_id)
        .await
        .unwrap();
    assert_eq!(found, Some(first));
    let found = tx
        .event_by_custom_id(&chat, &"nobody".into(), &custom_id)
        .await;
    assert_eq!(found.unwrap(), None);
    let found = tx.event_by_custom_id(&chat, &author, &"y".into()).await;
    assert_eq!(found.unwrap(), None);
}

pub(crate) async fn many_events_may_have_no_custom_id(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    for number in 1..=3 {
        let mut event = sample::event("T", number);
        event.custom_id = None;
        tx.append_event(&event).await.unwrap();
    }
    for number in 4..=6 {
        let mut event = sample::event("T", number);
        event.author_id = None;
        event.custom_id = Some("of nobody".into());
        tx.append_event(&event).await.unwrap();
    }
    assert_eq!(tx.events(&"T".into(), 0, 9).await.unwrap().len(), 6);
}

pub(crate) async fn newest_of_each_type(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    tx.put_thread(&sample::thread("S", "C", 2)).await.unwrap();
    let kinds = ["message", "file", "message", "form", "file", "message"];
    for (number, kind) in (1..).zip(kinds) {
        let mut event = sample::event("T", number);
        event.kind = kind.to_owned();
        tx.append_event(&event).await.unwrap();
    }
    tx.append_event(&sample::event("S", 9)).await.unwrap();
    let found = tx
        .last_events_per_type(&["T".into()], i64::MAX)
        .await
        .unwrap();
    assert_eq!(numbers(&found), [4, 5, 6]);
    let both = ["none".into(), "S".into(), "T".into()];
    let found = tx.last_events_per_type(&both, i64::MAX).await.unwrap();
    assert_eq!(numbers(&found), [9, 4, 5, 6]);
    let bytes = body_bytes(&sample::event("T", 1));
    let found = tx.last_events_per_type(&both, bytes).await.unwrap();
    assert_eq!(numbers(&found), [9]);
    let found = tx.last_events_per_type(&both, bytes + 1).await.unwrap();
    assert_eq!(numbers(&found), [9, 6]);
}

pub(crate) async fn events_of_several_threads(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    tx.put_thread(&sample::thread("S", "C", 2)).await.unwrap();
    for number in 1..=4 {
        tx.append_event(&sample::event("T", number)).await.unwrap();
        tx.append_event(&sample::event("S", number)).await.unwrap();
    }
    let range = |thread: &str, after, through| EventRange {
        thread_id: thread.into(),
        after,
        through,
    };
    let threads = [range("S", 3, 4), range("T", 1, 3), range("none", 0, 9)];
    let found = tx.events_of_threads(&threads, i64::MAX).await.unwrap();
    assert_eq!(numbers(&found), [4, 2, 3]);
    assert_eq!(found[0], sample::event("S", 4));
    assert_eq!(tx.events_of_threads(&[], i64::MAX).await.unwrap(), []);
}

pub(crate) async fn events_of_several_threads_up_to_so_many_bytes(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    tx.put_thread(&sample::thread("S", "C", 2)).await.unwrap();
    for number in 1..=4 {
        tx.append_event(&sample::event("T", number)).await.unwrap();
        tx.append_event(&sample::event("S", number)).await.unwrap();
    }
    let all = |thread: &str| EventRange {
        thread_id: thread.into(),
        after: 0,
        through: 9,
    };
    let bytes = body_bytes(&sample::event("T", 1));
    for (max_bytes, expected) in [
        (0, &[][..]),
        (1, &[("T", 4)]),
        (bytes, &[("T", 4)]),
        (bytes + 1, &[("T", 3), ("T", 4)]),
        (4 * bytes, &[("T", 1), ("T", 2), ("T", 3), ("T", 4)]),
        (
            5 * bytes + 1,
            &[("S", 3), ("S", 4), ("T", 1), ("T", 2), ("T", 3), ("T", 4)],
        ),
    ] {
        let found = tx
            .events_of_threads(&[all("T"), all("S")], max_bytes)
            .await
            .unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|it| (it.thread_id.as_str(), it.number))
            .collect();
        assert_eq!(found, expected, "{max_bytes}");
    }
}

pub(crate) async fn events_need_their_thread(store: &dyn Store) {
    sample::with_thread(store).await.commit().await.unwrap();
    let in_no_chat = Event {
        chat_id: "nowhere".into(),
        ..sample::event("T", 1)
    };
    for lost in [sample::event("nowhere", 1), in_no_chat] {
        refused(store, async |tx| tx.append_event(&lost).await).await;
    }
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.events(&"T".into(), 0, 9).await.unwrap(), []);
}
