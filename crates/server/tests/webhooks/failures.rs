//! Receivers that refuse, hang or are gone.

use std::time::{Duration, Instant};

use crate::{
    receiver::{Answer, Receiver, config},
    site::{Site, later},
};
use parlor_server::webhooks;

#[tokio::test]
async fn a_receiver_that_refuses_is_told_again_with_the_same_id() {
    let receiver = Receiver::start().await;
    let site = Site::with(&receiver).await;
    site.server.waiting_visitor().await;
    receiver.answer([
        Answer::Status(500),
        Answer::Status(302),
        Answer::Status(404),
    ]);
    for pause in [1, 2, 4] {
        site.deliver().await;
        site.deliver().await;
        later(pause).await;
    }
    site.deliver().await;
    later(3600).await;
    site.deliver().await;
    let received = receiver.take();
    assert_eq!(received.len(), 4);
    for it in &received {
        assert_eq!(it.header("webhook-id"), received[0].header("webhook-id"));
        assert_eq!(it.body, received[0].body);
    }
    // A time that is too old is refused by receivers.
    let (first, last) = (&received[0], &received[3]);
    assert_ne!(
        first.header("webhook-timestamp"),
        last.header("webhook-timestamp")
    );
    let row = site.rows().await.remove(0);
    assert_eq!((row.attempts, row.last_problem), (4, None));
    assert_eq!(
        row.body.0, "",
        "the words of what was delivered are not kept"
    );
}

#[tokio::test]
async fn what_follows_in_a_chat_waits_and_other_chats_do_not() {
    let receiver = Receiver::start().await;
    let site = Site::with(&receiver).await;
    let (_visitor, agent, chat) = site.server.visitor_with_agent().await;
    receiver.answer([Answer::Status(500)]);
    site.deliver().await;
    assert_eq!(receiver.take_statuses(), ["created"]);
    agent.end(&chat).await;
    site.server.waiting_visitor().await;
    site.deliver().await;
    assert_eq!(receiver.take_statuses(), ["created"], "of the other chat");
    later(1).await;
    site.deliver().await;
    assert_eq!(
        receiver.take_statuses(),
        ["created", "handled", "completed"]
    );
}

#[tokio::test]
async fn a_receiver_that_asks_to_wait_is_left_alone() {
    let receiver = Receiver::start().await;
    let site = Site::with(&receiver).await;
    site.server.waiting_visitor().await;
    receiver.answer([Answer::With(429, "retry-after", "300".to_owned())]);
    site.deliver().await;
    later(299).await;
    site.deliver().await;
    assert_eq!(receiver.take().len(), 1);
    later(2).await;
    site.deliver().await;
    assert_eq!(receiver.take().len(), 1);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (receiver, other) = (Receiver::start().await, Receiver::start().await);
    let site = Site::with(&receiver).await;
    site.server.waiting_visitor().await;
    let elsewhere = format!("http://{}/", other.address);
    receiver.answer([Answer::With(307, "location", elsewhere)]);
    site.deliver().await;
    assert_eq!((receiver.take().len(), other.take().len()), (1, 0));
    assert_eq!(
        site.rows().await[0].last_problem.as_deref(),
        Some("status 307")
    );
}

#[tokio::test]
async fn a_receiver_that_is_gone_or_hangs_delays_no_other() {
    let (hanging, good) = (Receiver::start().await, Receiver::start().await);
    let gone = Receiver::start().await;
    let nowhere = gone.config("gone");
    drop(gone);
    let mut slow = hanging.config("hanging");
    slow.attempt_timeout = Duration::from_millis(1500);
    hanging.answer([Answer::Hang, Answer::Hang]);
    let site = Site::new(vec![nowhere, slow, good.config("good")]).await;
    let began = Instant::now();
    let app = site.server.app.clone();
    for _ in 0..2 {
        site.server.waiting_visitor().await;
    }
    let sending = tokio::spawn(async move { app.send_due_webhooks().await });
    while good.take_statuses().is_empty() && began.elapsed() < Duration::from_secs(5) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(
        began.elapsed() < Duration::from_millis(1400),
        "{:?}",
        began.elapsed()
    );
    sending.await.unwrap().unwrap();
    // The two chats were tried at the same time.
    assert!(
        began.elapsed() < Duration::from_millis(2900),
        "{:?}",
        began.elapsed()
    );
    let rows = site.rows().await;
    let problem = |hook: &str| {
        let mut of_hook = rows.iter().filter(|row| row.hook == hook);
        of_hook.next().unwrap().last_problem.clone()
    };
    assert_eq!(problem("gone").as_deref(), Some("unreachable"));
    assert_eq!(problem("hanging").as_deref(), Some("timeout"));
    assert_eq!(problem("good"), None);
}

#[tokio::test]
async fn a_long_answer_is_not_read() {
    let receiver = Receiver::start().await;
    let site = Site::with(&receiver).await;
    site.server.waiting_visitor().await;
    receiver.answer([Answer::Long(64 * 1024 * 1024)]);
    let began = Instant::now();
    site.deliver().await;
    assert!(began.elapsed() < Duration::from_secs(2));
    assert!(site.rows().await[0].delivered_at.is_some());
}

#[tokio::test]
async fn after_a_day_it_is_given_up_and_can_be_sent_again() {
    let receiver = Receiver::start().await;
    let site = Site::with(&receiver).await;
    let (_visitor, _, _) = site.server.visitor_with_agent().await;
    receiver.answer([
        Answer::Status(500),
        Answer::Status(500),
        Answer::Status(500),
    ]);
    site.deliver().await;
    later(23 * 3600).await;
    site.deliver().await;
    assert!(site.rows().await[0].given_up_at.is_none());
    later(2 * 3600).await;
    site.deliver().await;
    let rows = site.rows().await;
    assert!(rows[0].given_up_at.is_some());
    assert_eq!(rows[0].last_problem.as_deref(), Some("status 500"));
    assert_eq!(
        receiver.take_statuses(),
        ["created", "created", "created", "handled"]
    );

    let (store, now) = (site.server.store(), site.server.now());
    assert_eq!(
        webhooks::retry_all(store, Some("other"), now)
            .await
            .unwrap(),
        0
    );
    assert_eq!(webhooks::retry_all(store, None, now).await.unwrap(), 1);
    assert_eq!(webhooks::retry_all(store, None, now).await.unwrap(), 0);
    site.deliver().await;
    assert_eq!(receiver.take_statuses(), ["created"]);
    let id = site.rows().await[0].id.clone();
    let retried = webhooks::retry(store, &id, now).await.unwrap();
    assert_eq!(retried, webhooks::Retried::Gone);
    let retried = webhooks::retry(store, "msg_other", now).await.unwrap();
    assert_eq!(retried, webhooks::Retried::Unknown);
    later(98 * 3600).await;
    site.server.app.run_maintenance().await.unwrap();
    let left = site.rows().await;
    assert!(!left.iter().any(|row| row.id == id), "{left:?}");
}

#[tokio::test]
async fn what_waits_for_one_receiver_is_bounded() {
    let site = Site::new(vec![config("crm", "http://127.0.0.1:1/")]).await;
    let mut tx = site.server.store().begin().await.unwrap();
    for n in 0..10_002 {
        tx.add_webhook(&parlor_server::store::row::NewWebhookDelivery {
            id: format!("msg_{n}"),
            hook: "crm".to_owned(),
            event: "new_chat_session".to_owned(),
            chat_id: Some("C".into()),
            thread_id: None,
            body: "[]".to_owned().into(),
            created_at: site.server.now(),
            expires_at: site.server.now().plus(Duration::from_secs(3600)),
        })
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    site.server.app.run_maintenance().await.unwrap();
    let mut tx = site.server.store().read().await.unwrap();
    let counts = tx.count_webhooks("crm").await.unwrap();
    assert_eq!((counts.waiting, counts.given_up), (10_000, 2));
    let oldest = tx.webhook("msg_0").await.unwrap().unwrap();
    assert_eq!(oldest.last_problem.as_deref(), Some("too many wait"));
    assert_eq!(oldest.body.0, "");
}

/// What was erased meanwhile is not sent.
#[tokio::test]
async fn the_webhooks_of_a_thread_can_be_erased() {
    let receiver = Receiver::start().await;
    let mut hook = receiver.config("crm");
    hook.events = ["new_chat_session", "incoming_event"].into();
    let site = Site::new(vec![hook]).await;
    let mut visitor = site.server.waiting_visitor().await;
    visitor.say("words").await;
    let chat = site.agent.waiting().await.remove(0);
    let thread = site.agent.thread(&chat).await["id"].clone();
    let mut tx = site.server.store().begin().await.unwrap();
    let thread = thread.as_str().unwrap().into();
    tx.delete_thread(&thread).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(site.rows().await.len(), 0);
}
