//! Agents, tokens, customers.

use parlor_server::{
    private::Private,
    store::{
        Store,
        row::{Role, RoutingStatus, TokenKind},
    },
};

use super::{
    sample::{self, at},
    transaction::refused,
};

pub(crate) async fn agents_are_kept_whole_oldest_first(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let mut young = sample::agent("005A", "young@example.com");
    young.created_at = at(9);
    let mut old = sample::agent("005B", "old@example.com");
    tx.put_agent(&young).await.unwrap();
    tx.put_agent(&old).await.unwrap();
    old.password_hash = None;
    old.avatar = None;
    old.removed_at = None;
    old.routing_status = RoutingStatus::AcceptingChats;
    tx.put_agent(&old).await.unwrap();
    assert_eq!(
        tx.agent(&"005A".into()).await.unwrap().as_ref(),
        Some(&young)
    );
    assert_eq!(tx.agents().await.unwrap(), [old, young]);
    assert_eq!(tx.agent(&"005C".into()).await.unwrap(), None);
}

pub(crate) async fn agents_are_members_of_groups(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    for id in [3, 1, 2] {
        tx.put_group(&sample::group(id)).await.unwrap();
    }
    let mut ada = sample::agent("005A", "ada@example.com");
    let mut bob = sample::agent("005B", "bob@example.com");
    ada.group_ids = [1, 3].into();
    bob.group_ids = [2].into();
    tx.put_agent(&ada).await.unwrap();
    tx.put_agent(&bob).await.unwrap();
    ada.group_ids = [2, 3].into();
    ada.role = Role::Owner;
    ada.concurrent_chats = None;
    tx.put_agent(&ada).await.unwrap();
    assert_eq!(tx.agent(&"005A".into()).await.unwrap().as_ref(), Some(&ada));
    let found = tx.agent_by_email("ada@example.com").await.unwrap();
    assert_eq!(found.as_ref(), Some(&ada));
    assert_eq!(tx.agents().await.unwrap(), [ada.clone(), bob]);
    tx.commit().await.unwrap();
    ada.group_ids.insert(9);
    refused(store, async |tx| tx.put_agent(&ada).await).await;
}

pub(crate) async fn tokens_of_programs_oldest_first(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let agent = sample::agent("005A", "ada@example.com");
    tx.put_agent(&agent).await.unwrap();
    let kinds = [
        ("c", TokenKind::Agent, 2),
        ("b", TokenKind::Console, 1),
        ("a", TokenKind::SignIn, 1),
        ("d", TokenKind::Api, 1),
    ];
    for (hash, kind, created_at) in kinds {
        let mut token = sample::token(hash, "005A");
        (token.kind, token.created_at) = (kind, at(created_at));
        tx.put_token(&token).await.unwrap();
    }
    let found = tx.program_tokens().await.unwrap();
    let hashes: Vec<&str> = found.iter().map(|token| token.hash.as_str()).collect();
    assert_eq!(hashes, ["d", "c"]);
    assert_eq!(found[0].name.as_deref(), Some("the robot"));
}

pub(crate) async fn emails_compare_without_case(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let mut row = sample::agent("005A", "Zoë.ÄRA@Example.com");
    tx.put_agent(&row).await.unwrap();
    for same in [
        "zoë.ära@example.com",
        "ZOË.ÄRA@EXAMPLE.COM",
        " Zoë.ÄRA@Example.com ",
    ] {
        let found = tx.agent_by_email(same).await.unwrap();
        assert_eq!(found.as_ref(), Some(&row), "{same}");
    }
    row.email = Private("new@example.com".to_owned());
    tx.put_agent(&row).await.unwrap();
    assert_eq!(
        tx.agent_by_email("zoë.ära@example.com").await.unwrap(),
        None
    );
    assert!(
        tx.agent_by_email("NEW@example.com")
            .await
            .unwrap()
            .is_some()
    );
}

pub(crate) async fn one_email_is_one_agent(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    tx.put_agent(&sample::agent("005A", "ada@example.com"))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let second = sample::agent("005B", "ADA@example.com");
    refused(store, async |tx| tx.put_agent(&second).await).await;
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.agents().await.unwrap().len(), 1);
}

pub(crate) async fn a_token_is_deleted_once(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    tx.put_agent(&sample::agent("005A", "ada@example.com"))
        .await
        .unwrap();
    let mut row = sample::token("hash", "005A");
    tx.put_token(&row).await.unwrap();
    assert_eq!(tx.token("hash").await.unwrap().as_ref(), Some(&row));
    row.agent_id = None;
    row.expires_at = None;
    row.kind = TokenKind::Api;
    row.name = None;
    tx.put_token(&row).await.unwrap();
    assert_eq!(tx.token("hash").await.unwrap().as_ref(), Some(&row));
    assert!(tx.delete_token("hash").await.unwrap());
    assert!(!tx.delete_token("hash").await.unwrap());
    assert_eq!(tx.token("hash").await.unwrap(), None);
    tx.commit().await.unwrap();
    let of_nobody = sample::token("hash", "nobody");
    refused(store, async |tx| tx.put_token(&of_nobody).await).await;
}

pub(crate) async fn tokens_of_an_agent_are_deleted_together(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    tx.put_agent(&sample::agent("005A", "ada@example.com"))
        .await
        .unwrap();
    tx.put_agent(&sample::agent("005B", "bob@example.com"))
        .await
        .unwrap();
    tx.put_token(&sample::token("a1", "005A")).await.unwrap();
    tx.put_token(&sample::token("a2", "005A")).await.unwrap();
    tx.put_token(&sample::token("b", "005B")).await.unwrap();
    let mut older = sample::token("a3", "005A");
    older.created_at = at(-5);
    tx.put_token(&older).await.unwrap();
    let theirs = tx.tokens_of(&"005A".into()).await.unwrap();
    let hashes: Vec<&str> = theirs.iter().map(|token| token.hash.as_str()).collect();
    assert_eq!(hashes, ["a3", "a1", "a2"]);
    tx.delete_tokens_of(&"005A".into()).await.unwrap();
    assert_eq!(tx.tokens_of(&"005A".into()).await.unwrap(), []);
    assert_eq!(tx.token("a1").await.unwrap(), None);
    assert_eq!(tx.token("a2").await.unwrap(), None);
    assert!(tx.token("b").await.unwrap().is_some());
}

pub(crate) async fn customers_are_found_by_visitor(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let mut row = sample::customer("U");
    tx.put_customer(&row).await.unwrap();
    assert_eq!(tx.customer(&"U".into()).await.unwrap().as_ref(), Some(&row));
    let found = tx.customer_by_visitor("hash of U").await.unwrap();
    assert_eq!(found.as_ref(), Some(&row));
    row.visitor_hash = None;
    row.name = None;
    row.email = None;
    tx.put_customer(&row).await.unwrap();
    assert_eq!(tx.customer(&"U".into()).await.unwrap().as_ref(), Some(&row));
    assert_eq!(tx.customer_by_visitor("hash of U").await.unwrap(), None);
    assert_eq!(tx.customer(&"V".into()).await.unwrap(), None);
}

pub(crate) async fn one_visitor_is_one_customer(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    tx.put_customer(&sample::customer("U")).await.unwrap();
    let mut other = sample::customer("V");
    other.visitor_hash = Some("hash of U".to_owned());
    tx.commit().await.unwrap();
    refused(store, async |tx| tx.put_customer(&other).await).await;
    let mut tx = store.begin().await.unwrap();
    for id in ["W", "X"] {
        let mut unknown = sample::customer(id);
        unknown.visitor_hash = None;
        tx.put_customer(&unknown).await.unwrap();
    }
}
