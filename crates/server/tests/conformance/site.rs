//! Organisation, deployments, buttons.

use parlor_server::store::{
    Store,
    row::{DeploymentSettings, Routing},
};

use super::{sample, transaction::refused};

pub(crate) async fn there_is_one_organization(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let mut row = sample::organization();
    tx.put_organization(&row).await.unwrap();
    row.name = "Other".to_owned();
    row.switch_url = None;
    tx.put_organization(&row).await.unwrap();
    assert_eq!(tx.organization().await.unwrap(), Some(row.clone()));
    let another = parlor_server::store::row::Organization {
        id: "00D000000000002".into(),
        ..row
    };
    tx.commit().await.unwrap();
    refused(store, async |tx| tx.put_organization(&another).await).await;
}

pub(crate) async fn deployments_are_kept_whole(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let mut b = sample::deployment("b");
    let a = sample::deployment("a");
    tx.put_deployment(&b).await.unwrap();
    tx.put_deployment(&a).await.unwrap();
    b.name = "Other".to_owned();
    b.allowed_origins.clear();
    b.settings = DeploymentSettings::default();
    tx.put_deployment(&b).await.unwrap();
    assert_eq!(tx.deployment(&"a".into()).await.unwrap().as_ref(), Some(&a));
    assert_eq!(tx.deployments().await.unwrap(), [a, b]);
    assert_eq!(tx.deployment(&"c".into()).await.unwrap(), None);
}

pub(crate) async fn buttons_are_kept_whole(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    tx.put_deployment(&sample::deployment("d")).await.unwrap();
    tx.put_deployment(&sample::deployment("e")).await.unwrap();
    let mut b = sample::button("b", "d");
    let a = sample::button("a", "d");
    tx.put_button(&b).await.unwrap();
    tx.put_button(&a).await.unwrap();
    b.average_wait_s = None;
    b.deployment_id = "e".into();
    b.group_id = -1;
    b.routing = Routing::Choice;
    tx.put_button(&b).await.unwrap();
    assert_eq!(tx.button(&"b".into()).await.unwrap().as_ref(), Some(&b));
    assert_eq!(tx.buttons().await.unwrap(), [a, b]);
    assert_eq!(tx.button(&"c".into()).await.unwrap(), None);
}

pub(crate) async fn groups_are_kept_by_number(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let mut a = sample::group(1);
    let b = sample::group(2);
    tx.put_group(&b).await.unwrap();
    tx.put_group(&a).await.unwrap();
    a.name = "Other".to_owned();
    tx.put_group(&a).await.unwrap();
    assert_eq!(tx.groups().await.unwrap(), [a, b]);
}
