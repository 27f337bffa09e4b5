//! Transactions: all or nothing, one after another, snapshots.

use futures_util::FutureExt;
use parlor_server::store::{Result, Store, StoreError, Tx};

use super::sample;

pub(crate) async fn dropped_without_commit_nothing_happened(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    tx.put_organization(&sample::organization()).await.unwrap();
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.organization().await.unwrap(), None);
}

pub(crate) async fn committed_is_seen_by_the_next(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    tx.put_organization(&sample::organization()).await.unwrap();
    tx.commit().await.unwrap();
    let found = store.begin().await.unwrap().organization().await.unwrap();
    assert_eq!(found, Some(sample::organization()));
    let found = store.read().await.unwrap().organization().await.unwrap();
    assert_eq!(found, Some(sample::organization()));
    let mut latest = store.read_latest().await.unwrap();
    let found = latest.organization().await.unwrap();
    assert_eq!(found, Some(sample::organization()));
}

pub(crate) async fn a_transaction_sees_its_own_writes(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    tx.put_organization(&sample::organization()).await.unwrap();
    assert!(tx.organization().await.unwrap().is_some());
}

pub(crate) async fn a_snapshot_does_not_move(store: &dyn Store) {
    let mut before = store.read().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.put_organization(&sample::organization()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(before.organization().await.unwrap(), None);
    before.commit().await.unwrap();
    let mut after = store.read().await.unwrap();
    assert!(after.organization().await.unwrap().is_some());
}

pub(crate) async fn readers_do_not_wait_for_a_writer(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    tx.put_organization(&sample::organization()).await.unwrap();
    let mut read = store.read().await.unwrap();
    assert_eq!(read.organization().await.unwrap(), None);
    tx.commit().await.unwrap();
}

/// Every writer reads, yields, and writes what it read plus one.
pub(crate) async fn writers_take_turns_and_lose_no_update(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    tx.put_deployment(&sample::deployment("572")).await.unwrap();
    let mut button = sample::button("573", "572");
    button.group_id = 0;
    tx.put_button(&button).await.unwrap();
    tx.commit().await.unwrap();

    let writers = (0..20).map(|_| async {
        let mut tx = store.begin().await.unwrap();
        let mut button = tx.button(&"573".into()).await.unwrap().unwrap();
        tokio::task::yield_now().await;
        button.group_id += 1;
        tx.put_button(&button).await.unwrap();
        tx.commit().await.unwrap();
    });
    futures_util::future::join_all(writers).await;

    let mut tx = store.read().await.unwrap();
    let button = tx.button(&"573".into()).await.unwrap().unwrap();
    assert_eq!(button.group_id, 20);
}

pub(crate) async fn a_dropped_writer_lets_the_next_begin(store: &dyn Store) {
    let first = store.begin().await.unwrap();
    let mut second = Box::pin(store.begin());
    assert!(second.as_mut().now_or_never().is_none());
    drop(first);
    let mut second = second.await.unwrap();
    second
        .put_organization(&sample::organization())
        .await
        .unwrap();
    second.commit().await.unwrap();
}

pub(crate) async fn a_snapshot_cannot_be_written(store: &dyn Store) {
    let readers = [store.read().await, store.read_latest().await];
    for mut tx in readers.map(Result::unwrap) {
        let refused = tx.put_organization(&sample::organization()).await;
        assert!(matches!(refused, Err(StoreError::Database(_))));
        let refused = tx.put_customer(&sample::customer("U")).await;
        assert!(matches!(refused, Err(StoreError::Database(_))));
        tx.commit().await.unwrap();
    }
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.organization().await.unwrap(), None);
}

/// Whenever the error of a write is told, nothing of its transaction is there.
pub(crate) async fn a_refused_write_undoes_the_transaction(store: &dyn Store) {
    refused(store, async |tx| {
        tx.put_organization(&sample::organization()).await?;
        tx.put_customer(&sample::customer("U")).await?;
        tx.put_chat(&sample::chat("C", "nobody", 1)).await?;
        tx.put_customer(&sample::customer("V")).await
    })
    .await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.organization().await.unwrap(), None);
    assert_eq!(tx.customer(&"U".into()).await.unwrap(), None);
    assert_eq!(tx.customer(&"V".into()).await.unwrap(), None);
}

/// Runs a write transaction that the store has to refuse, at the latest when it
/// is committed.
pub(crate) async fn refused(
    store: &dyn Store,
    write: impl AsyncFnOnce(&mut dyn Tx) -> Result<()>,
) -> StoreError {
    let mut tx = store.begin().await.unwrap();
    match write(tx.as_mut()).await {
        Ok(()) => tx.commit().await.unwrap_err(),
        Err(error) => error,
    }
}
