//! Webhooks that are to be sent.

use parlor_server::{
    private::Private,
    store::{
        Store, Tx,
        row::{EntityKind, NewWebhookDelivery, WebhookCounts, WebhookDelivery, WebhookQuery},
    },
};

use super::sample::at;

fn new(id: &str, hook: &str, chat: &str, created_at: i64) -> NewWebhookDelivery {
    NewWebhookDelivery {
        id: id.to_owned(),
        hook: hook.to_owned(),
        event: "incoming_chat".to_owned(),
        chat_id: (!chat.is_empty()).then(|| chat.into()),
        thread_id: (!chat.is_empty()).then(|| format!("T{chat}").as_str().into()),
        body: Private("{\"text\":\"☺\"}".to_owned()),
        created_at: at(created_at),
        expires_at: at(created_at + 100),
    }
}

/// Puts a webhook about this conversation.
pub(super) async fn add_about(tx: &mut dyn Tx, chat: &str, thread: &str) {
    let row = NewWebhookDelivery {
        thread_id: Some(thread.into()),
        ..new("about", "crm", chat, 1)
    };
    tx.add_webhook(&row).await.unwrap();
}

async fn add(tx: &mut dyn Tx, rows: &[(&str, &str, &str, i64)]) {
    for (id, hook, chat, created_at) in rows {
        tx.add_webhook(&new(id, hook, chat, *created_at))
            .await
            .unwrap();
    }
}

async fn change(tx: &mut dyn Tx, id: &str, change: impl FnOnce(&mut WebhookDelivery)) {
    let mut row = tx.webhook(id).await.unwrap().unwrap();
    change(&mut row);
    tx.update_webhook(&row).await.unwrap();
}

async fn ids(tx: &mut dyn Tx) -> Vec<String> {
    let query = WebhookQuery {
        limit: 99,
        ..WebhookQuery::default()
    };
    let rows = tx.webhooks(&query).await.unwrap();
    rows.into_iter().map(|row| row.id).collect()
}

pub(crate) async fn webhooks_are_kept_whole(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    add(tx.as_mut(), &[("a", "crm", "C", 1), ("b", "crm", "", 2)]).await;
    let mut row = tx.webhook("a").await.unwrap().unwrap();
    let expected = WebhookDelivery {
        position: row.position,
        id: "a".to_owned(),
        hook: "crm".to_owned(),
        event: "incoming_chat".to_owned(),
        chat_id: "C".into(),
        thread_id: Some("TC".into()),
        body: Private("{\"text\":\"☺\"}".to_owned()),
        created_at: at(1),
        expires_at: at(101),
        next_attempt_at: Some(at(1)),
        attempts: 0,
        delivered_at: None,
        given_up_at: None,
        last_problem: None,
    };
    assert_eq!(row, expected);
    let other = tx.webhook("b").await.unwrap().unwrap();
    assert!(other.position > row.position);
    assert_eq!((other.chat_id, other.thread_id), ("".into(), None));
    row = WebhookDelivery {
        body: Private(String::new()),
        expires_at: at(200),
        next_attempt_at: None,
        attempts: 3,
        delivered_at: Some(at(5)),
        given_up_at: Some(at(6)),
        last_problem: Some("timeout".to_owned()),
        ..row
    };
    tx.update_webhook(&row).await.unwrap();
    assert_eq!(tx.webhook("a").await.unwrap().as_ref(), Some(&row));
    let unknown = WebhookDelivery {
        id: "unknown".to_owned(),
        ..row
    };
    tx.update_webhook(&unknown).await.unwrap();
    assert_eq!(tx.webhook("unknown").await.unwrap(), None);
}

pub(crate) async fn a_webhook_is_added_once(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    add(tx.as_mut(), &[("a", "crm", "C", 1)]).await;
    let added = tx.add_webhook(&new("a", "crm", "D", 2)).await;
    let refused = match added {
        Ok(()) => tx.commit().await,
        refused => refused,
    };
    refused.unwrap_err();
}

pub(crate) async fn due_webhooks_are_the_first_of_their_chats(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let rows = [
        ("a1", "crm", "A", 1),
        ("a2", "crm", "A", 2),
        ("b1", "crm", "B", 3),
        ("b2", "crm", "B", 4),
        ("n1", "crm", "", 5),
        ("n2", "crm", "", 5),
        ("o1", "other", "A", 1),
        ("late", "crm", "L", 50),
    ];
    add(tx.as_mut(), &rows).await;
    let due = async |tx: &mut dyn Tx, limit| -> Vec<String> {
        let due = tx.due_webhooks("crm", at(9), limit).await.unwrap();
        due.into_iter().map(|row| row.id).collect()
    };
    assert_eq!(due(tx.as_mut(), 9).await, ["a1", "b1", "n1"]);
    assert_eq!(due(tx.as_mut(), 2).await, ["a1", "b1"]);
    // One that failed holds up those behind it, and nothing else.
    change(tx.as_mut(), "a1", |row| row.next_attempt_at = Some(at(20))).await;
    assert_eq!(due(tx.as_mut(), 9).await, ["b1", "n1"]);
    change(tx.as_mut(), "a1", |row| row.next_attempt_at = Some(at(8))).await;
    assert_eq!(due(tx.as_mut(), 9).await, ["b1", "n1", "a1"]);
    change(tx.as_mut(), "a1", |row| row.next_attempt_at = None).await;
    assert_eq!(due(tx.as_mut(), 9).await, ["a2", "b1", "n1"]);
    let named = tx.due_webhooks("crm", at(9), 1).await.unwrap().remove(0);
    assert_eq!(named.chat_id, "A".into());
}

pub(crate) async fn webhooks_are_listed_and_counted(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let rows = [
        ("a", "crm", "A", 1),
        ("b", "crm", "A", 2),
        ("c", "crm", "B", 3),
        ("d", "other", "B", 4),
        ("e", "crm", "B", 5),
    ];
    add(tx.as_mut(), &rows).await;
    change(tx.as_mut(), "a", |row| {
        (row.next_attempt_at, row.delivered_at) = (None, Some(at(9)));
    })
    .await;
    for id in ["b", "e"] {
        change(tx.as_mut(), id, |row| {
            (row.next_attempt_at, row.given_up_at) = (None, Some(at(9)));
        })
        .await;
    }
    change(tx.as_mut(), "e", |row| row.body = Private(String::new())).await;
    let list = async |tx: &mut dyn Tx, hook: Option<&str>, is_given_up, limit| -> Vec<String> {
        let query = WebhookQuery {
            hook: hook.map(str::to_owned),
            is_given_up,
            limit,
        };
        let rows = tx.webhooks(&query).await.unwrap();
        rows.into_iter().map(|row| row.id).collect()
    };
    assert_eq!(
        list(tx.as_mut(), None, false, 9).await,
        ["e", "d", "c", "b", "a"]
    );
    assert_eq!(list(tx.as_mut(), None, false, 2).await, ["e", "d"]);
    assert_eq!(list(tx.as_mut(), Some("other"), false, 9).await, ["d"]);
    assert_eq!(list(tx.as_mut(), Some("crm"), true, 9).await, ["b"]);
    let counts = tx.count_webhooks("crm").await.unwrap();
    let expected = WebhookCounts {
        waiting: 1,
        delivered: 1,
        given_up: 2,
    };
    assert_eq!(counts, expected);
    assert_eq!(
        tx.count_webhooks("none").await.unwrap(),
        WebhookCounts::default()
    );
}

pub(crate) async fn the_oldest_webhooks_are_given_up(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let rows = [
        ("a", "other", "A", 1),
        ("b", "crm", "A", 2),
        ("c", "crm", "B", 3),
        ("d", "crm", "B", 4),
    ];
    add(tx.as_mut(), &rows).await;
    change(tx.as_mut(), "b", |row| row.next_attempt_at = None).await;
    tx.give_up_webhooks("crm", "too many", at(9), 1)
        .await
        .unwrap();
    let row = tx.webhook("c").await.unwrap().unwrap();
    assert_eq!(row.given_up_at, Some(at(9)));
    assert_eq!((row.next_attempt_at, row.body.0.as_str()), (None, ""));
    assert_eq!(row.last_problem.as_deref(), Some("too many"));
    for id in ["a", "b", "d"] {
        let row = tx.webhook(id).await.unwrap().unwrap();
        assert_eq!(row.given_up_at, None, "{id}");
    }
}

pub(crate) async fn old_webhooks_are_deleted(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let rows = [
        ("a", "crm", "A", 3),
        ("b", "crm", "A", 1),
        ("c", "crm", "B", 2),
        ("d", "crm", "B", 4),
    ];
    add(tx.as_mut(), &rows).await;
    tx.delete_webhooks(at(104), 2).await.unwrap();
    assert_eq!(ids(tx.as_mut()).await, ["d", "a"]);
    tx.delete_webhooks(at(104), 9).await.unwrap();
    assert_eq!(ids(tx.as_mut()).await, ["d"]);
}

pub(crate) async fn done_webhooks_are_kept_up_to_a_number(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let rows = [
        ("a", "crm", "A", 1),
        ("b", "crm", "A", 2),
        ("c", "other", "B", 3),
        ("d", "crm", "B", 4),
        ("e", "crm", "B", 5),
    ];
    add(tx.as_mut(), &rows).await;
    for id in ["b", "c", "d", "e"] {
        change(tx.as_mut(), id, |row| row.next_attempt_at = None).await;
    }
    tx.trim_webhooks("crm", 3, 9).await.unwrap();
    assert_eq!(ids(tx.as_mut()).await.len(), 5);
    tx.trim_webhooks("crm", 1, 9).await.unwrap();
    assert_eq!(ids(tx.as_mut()).await, ["e", "c", "a"]);
}

pub(crate) async fn a_number_names_one_entity_for_ever(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let mut given = Vec::new();
    for (kind, entity) in [
        (EntityKind::Customer, "a"),
        (EntityKind::Agent, "a"),
        (EntityKind::Company, "a"),
        (EntityKind::Customer, "b"),
    ] {
        let number = tx.entity_number(kind, entity).await.unwrap();
        assert!(number > 0 && !given.contains(&number), "{number} {given:?}");
        given.push(number);
    }
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let again = tx.entity_number(EntityKind::Agent, "a").await.unwrap();
    assert_eq!(again, given[1]);
}
