//! Messages left while nobody was there.

use parlor_server::{
    clock::Timestamp,
    private::Private,
    store::{
        Store, Tx,
        row::{CallbackOutcome, OfflineKind, OfflineMessage},
    },
};
use parlor_wire::{Callback, CallbackType};

use super::{sample, transaction::refused};

pub(crate) async fn offline_messages_are_kept_whole(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    let mut row = sample::offline_message("T", "c", 1);
    tx.put_offline_message(&row).await.unwrap();
    let found = tx.offline_message(&"T".into()).await.unwrap();
    assert_eq!(found.as_ref(), Some(&row));
    row.is_open = false;
    row.callback = Some(Private(Callback {
        kind: CallbackType::Phone,
        phone: Some("030 901820".to_owned()),
        preferred_time: Vec::new(),
    }));
    row.outcome = Some(CallbackOutcome::Missed);
    tx.put_offline_message(&row).await.unwrap();
    let found = tx.offline_message_by_custom_id(&"c".into()).await.unwrap();
    assert_eq!(found.as_ref(), Some(&row));
    let other = tx.offline_message_by_custom_id(&"d".into()).await.unwrap();
    assert_eq!(other, None);
}

async fn open(tx: &mut dyn Tx, limit: i64) -> Vec<OfflineMessage> {
    let listed = tx.open_offline_messages(OfflineKind::Message, &[1], limit);
    listed.await.unwrap()
}

pub(crate) async fn open_offline_messages_by_kind_and_group(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    let mut callback = sample::offline_message("T2", "b", 2);
    callback.callback = Some(Private(Callback {
        kind: CallbackType::Chat,
        phone: None,
        preferred_time: Vec::new(),
    }));
    callback.due_at = Timestamp(50);
    let mut sooner = callback.clone();
    (sooner.thread_id, sooner.custom_id) = ("T3".into(), "c".into());
    sooner.due_at = Timestamp(40);
    for (thread, group) in [("T2", 1), ("T3", 1), ("T4", 2)] {
        let mut thread = sample::thread(thread, "C", 1);
        thread.group_id = group;
        tx.put_thread(&thread).await.unwrap();
    }
    let elsewhere = sample::offline_message("T4", "d", 1);
    let message = sample::offline_message("T", "a", 1);
    for row in [&callback, &sooner, &elsewhere, &message] {
        tx.put_offline_message(row).await.unwrap();
    }
    let mut listed = async |kind, groups: &[i64], limit| {
        let rows = tx.open_offline_messages(kind, groups, limit).await.unwrap();
        let ids = rows.iter().map(|row| row.thread_id.to_string());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(listed(OfflineKind::Callback, &[1], 9).await, ["T3", "T2"]);
    assert_eq!(listed(OfflineKind::Callback, &[1], 1).await, ["T3"]);
    assert_eq!(listed(OfflineKind::Message, &[1], 9).await, ["T"]);
    // A row of another group takes no place of the limit.
    assert_eq!(listed(OfflineKind::Message, &[1], 1).await, ["T"]);
    assert_eq!(listed(OfflineKind::Message, &[2], 9).await, ["T4"]);
    assert!(listed(OfflineKind::Message, &[], 9).await.is_empty());
}

pub(crate) async fn open_offline_messages_oldest_first(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    for thread in ["T2", "T3"] {
        let thread = sample::thread(thread, "C", 1);
        tx.put_thread(&thread).await.unwrap();
    }
    for (thread, at) in [("T", 3), ("T2", 2), ("T3", 1)] {
        let row = sample::offline_message(thread, thread, at);
        tx.put_offline_message(&row).await.unwrap();
    }
    let mut row = sample::offline_message("T2", "T2", 2);
    row.is_open = false;
    tx.put_offline_message(&row).await.unwrap();
    let listed = open(tx.as_mut(), 9).await;
    let listed: Vec<&str> = listed.iter().map(|row| row.thread_id.as_ref()).collect();
    assert_eq!(listed, ["T3", "T"]);
    assert_eq!(open(tx.as_mut(), 1).await.len(), 1);
    row.is_open = true;
    tx.put_offline_message(&row).await.unwrap();
    assert_eq!(open(tx.as_mut(), 9).await.len(), 3);
}

pub(crate) async fn an_offline_message_has_an_id_of_its_own(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    let thread = sample::thread("T2", "C", 1);
    tx.put_thread(&thread).await.unwrap();
    let row = sample::offline_message("T", "c", 1);
    tx.put_offline_message(&row).await.unwrap();
    tx.commit().await.unwrap();
    let same = sample::offline_message("T2", "c", 1);
    refused(store, async |tx| tx.put_offline_message(&same).await).await;
    let of_no_thread = sample::offline_message("nobody", "d", 1);
    refused(store, async |tx| {
        tx.put_offline_message(&of_no_thread).await
    })
    .await;
}
