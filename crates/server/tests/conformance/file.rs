//! Files, and the devices and identities of customers.

use parlor_server::store::{
    Store,
    row::{FileOwner, ImageInfo},
};

use super::{
    sample::{self, at},
    transaction::refused,
};

pub(crate) async fn files_are_kept_whole(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let mut row = sample::file("k", 1);
    tx.put_file(&row).await.unwrap();
    assert_eq!(tx.file("k").await.unwrap().as_ref(), Some(&row));
    row.owner = FileOwner::Agent("005A".into());
    row.event = Some(("T".into(), 7));
    row.doomed = true;
    row.image = Some(ImageInfo {
        width: 1,
        height: 2,
        thumbnail_type: "image/png".to_owned(),
    });
    tx.put_file(&row).await.unwrap();
    assert_eq!(tx.file("k").await.unwrap().as_ref(), Some(&row));
    row.image = None;
    row.event = None;
    tx.put_file(&row).await.unwrap();
    assert_eq!(tx.file("k").await.unwrap().as_ref(), Some(&row));
    tx.delete_file("k").await.unwrap();
    tx.delete_file("k").await.unwrap();
    assert_eq!(tx.file("k").await.unwrap(), None);
}

pub(crate) async fn unsent_files_oldest_first(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let mut sent = sample::file("sent", 1);
    sent.event = Some(("T".into(), 1));
    let mut agents = sample::file("agents", 3);
    agents.owner = FileOwner::Agent("005A".into());
    for row in [&sample::file("b", 2), &sent, &agents, &sample::file("a", 2)] {
        tx.put_file(row).await.unwrap();
    }
    let keys = async |tx: &mut dyn parlor_server::store::Tx, before, limit| {
        let rows = tx.unsent_files(at(before), limit).await.unwrap();
        rows.into_iter().map(|row| row.key).collect::<Vec<_>>()
    };
    assert_eq!(keys(tx.as_mut(), 9, 9).await, ["a", "b", "agents"]);
    assert_eq!(keys(tx.as_mut(), 3, 9).await, ["a", "b"]);
    assert_eq!(keys(tx.as_mut(), 9, 1).await, ["a"]);
    assert_eq!(tx.count_unsent_files(&"s".into()).await.unwrap(), 2);
    let mut row = sample::file("a", 2);
    row.event = Some(("T".into(), 2));
    tx.put_file(&row).await.unwrap();
    assert_eq!(keys(tx.as_mut(), 9, 9).await, ["b", "agents"]);
    assert_eq!(tx.count_unsent_files(&"s".into()).await.unwrap(), 1);
    assert_eq!(tx.count_unsent_files(&"other".into()).await.unwrap(), 0);
}

pub(crate) async fn customers_are_found_by_identity(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let mut row = sample::customer("U");
    tx.put_customer(&row).await.unwrap();
    let found = tx.customer_by_identity("identity of U").await.unwrap();
    assert_eq!(found.as_ref(), Some(&row));
    let mut other = sample::customer("V");
    other.identity_hash = Some("identity of U".to_owned());
    tx.commit().await.unwrap();
    refused(store, async |tx| tx.put_customer(&other).await).await;
    let mut tx = store.begin().await.unwrap();
    row.identity_hash = None;
    row.email_verified = false;
    tx.put_customer(&row).await.unwrap();
    assert_eq!(
        tx.customer_by_identity("identity of U").await.unwrap(),
        None
    );
    assert_eq!(tx.customer(&"U".into()).await.unwrap().as_ref(), Some(&row));
}

pub(crate) async fn a_customer_has_several_devices(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let row = sample::customer("U");
    tx.put_customer(&row).await.unwrap();
    tx.add_visitor("another", &"U".into()).await.unwrap();
    for hash in ["hash of U", "another"] {
        let found = tx.customer_by_visitor(hash).await.unwrap();
        assert_eq!(found.as_ref(), Some(&row), "{hash}");
    }
    tx.commit().await.unwrap();
    for (hash, customer) in [("another", "U"), ("a third", "nobody")] {
        let customer = customer.into();
        refused(store, async |tx| tx.add_visitor(hash, &customer).await).await;
    }
}
