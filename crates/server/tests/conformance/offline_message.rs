//! Messages left while nobody was there.

use parlor_server::store::Store;

use super::{sample, transaction::refused};

pub(crate) async fn offline_messages_are_kept_whole(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    let mut row = sample::offline_message("T", "c", 1);
    tx.put_offline_message(&row).await.unwrap();
    let found = tx.offline_message(&"T".into()).await.unwrap();
    assert_eq!(found.as_ref(), Some(&row));
    row.is_open = false;
    tx.put_offline_message(&row).await.unwrap();
    let found = tx.offline_message_by_custom_id(&"c".into()).await.unwrap();
    assert_eq!(found.as_ref(), Some(&row));
    let other = tx.offline_message_by_custom_id(&"d".into()).await.unwrap();
    assert_eq!(other, None);
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
    let listed = tx.open_offline_messages(9).await.unwrap();
    let listed: Vec<&str> = listed.iter().map(|row| row.thread_id.as_ref()).collect();
    assert_eq!(listed, ["T3", "T"]);
    assert_eq!(tx.open_offline_messages(1).await.unwrap().len(), 1);
    row.is_open = true;
    tx.put_offline_message(&row).await.unwrap();
    assert_eq!(tx.open_offline_messages(9).await.unwrap().len(), 3);
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
