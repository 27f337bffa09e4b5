//! Annotations of events, and followers of chats.

use parlor_server::store::{Store, row::Toggle};

use super::{
    sample::{self, at},
    transaction::refused,
};

fn told(toggles: &[Toggle]) -> Vec<(i64, &str, &str)> {
    toggles
        .iter()
        .map(|t| (t.number, t.postback_id.as_str(), t.user_id.as_str()))
        .collect()
}

pub(crate) async fn toggles_are_kept_by_button_and_user(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    tx.put_thread(&sample::thread("T1", "C", 2)).await.unwrap();
    for number in [1, 2, 10] {
        tx.append_event(&sample::event("T", number)).await.unwrap();
    }
    tx.append_event(&sample::event("T1", 1)).await.unwrap();
    for (number, button, user) in [
        (10, "no", "a"),
        (2, "yes", "z"),
        (2, "no", "z"),
        (2, "yes", "z"),
        (1, "yes", "a"),
    ] {
        let toggle = sample::toggle(number, button, user);
        tx.put_toggle(&toggle).await.unwrap();
    }
    let elsewhere = Toggle {
        thread_id: "T1".into(),
        ..sample::toggle(1, "yes", "a")
    };
    tx.put_toggle(&elsewhere).await.unwrap();
    // Later presses come later.
    let later = Toggle {
        created_at: at(10),
        ..sample::toggle(2, "yes", "a")
    };
    tx.put_toggle(&later).await.unwrap();
    let all = tx.toggles(&["T".into()]).await.unwrap();
    let expected = [
        (1, "yes", "a"),
        (2, "no", "z"),
        (2, "yes", "z"),
        (2, "yes", "a"),
        (10, "no", "a"),
    ];
    assert_eq!(told(&all), expected);
    assert_eq!(all[3], later);
    let both = tx.toggles(&["T1".into(), "T".into()]).await.unwrap();
    assert_eq!(both.len(), all.len() + 1);
    assert_eq!(tx.toggles(&["T1".into()]).await.unwrap(), [elsewhere]);

    let gone = sample::toggle(2, "yes", "z");
    assert!(tx.delete_toggle(&gone).await.unwrap());
    assert!(!tx.delete_toggle(&gone).await.unwrap());
    let left = tx.toggles(&["T".into()]).await.unwrap();
    assert_eq!(told(&left), [&expected[..2], &expected[3..]].concat());
}

pub(crate) async fn properties_of_an_event_are_the_newest(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    for number in [1, 2] {
        tx.append_event(&sample::event("T", number)).await.unwrap();
    }
    for number in [2, 1] {
        let row = sample::event_properties(number);
        tx.put_event_properties(&row).await.unwrap();
    }
    let mut newer = sample::event_properties(1);
    newer.properties = serde_json::json!({}).into();
    tx.put_event_properties(&newer).await.unwrap();
    let all = tx.event_properties(&["T".into()]).await.unwrap();
    assert_eq!(all, [newer, sample::event_properties(2)]);
    assert_eq!(tx.event_properties(&["none".into()]).await.unwrap(), []);
    // The event itself is unchanged.
    let event = tx.event(&"T".into(), 1).await.unwrap();
    assert_eq!(event, Some(sample::event("T", 1)));
}

pub(crate) async fn annotations_need_their_event(store: &dyn Store) {
    sample::with_thread(store).await.commit().await.unwrap();
    let toggle = sample::toggle(1, "yes", "a");
    refused(store, async |tx| tx.put_toggle(&toggle).await).await;
    let row = sample::event_properties(1);
    refused(store, async |tx| tx.put_event_properties(&row).await).await;
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.toggles(&["T".into()]).await.unwrap(), []);
    assert_eq!(tx.event_properties(&["T".into()]).await.unwrap(), []);
}

pub(crate) async fn followers_are_kept_once(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    tx.put_customer(&sample::customer("V")).await.unwrap();
    tx.put_chat(&sample::chat("D", "V", 1)).await.unwrap();
    for id in ["b", "a"] {
        let agent = sample::agent(id, &format!("{id}@example.com"));
        tx.put_agent(&agent).await.unwrap();
        for chat in ["C", "C"] {
            tx.put_follower(&chat.into(), &id.into()).await.unwrap();
        }
    }
    tx.put_follower(&"D".into(), &"b".into()).await.unwrap();
    let both = ["D".into(), "C".into()];
    let followed = tx.followed_chats(&"b".into(), &both).await.unwrap();
    assert_eq!(followed, ["C".into(), "D".into()]);
    for _ in 0..2 {
        tx.delete_follower(&"C".into(), &"b".into()).await.unwrap();
    }
    let of = [("a", "C"), ("b", "D")];
    for (agent, chat) in of {
        let followed = tx.followed_chats(&agent.into(), &both).await.unwrap();
        assert_eq!(followed, [chat.into()]);
    }
    let none = tx.followed_chats(&"b".into(), &["C".into()]).await.unwrap();
    assert_eq!(none, []);
    tx.commit().await.unwrap();
    for (chat, agent) in [("none", "a"), ("C", "none")] {
        let (chat, agent) = (chat.into(), agent.into());
        refused(store, async |tx| tx.put_follower(&chat, &agent).await).await;
    }
}
