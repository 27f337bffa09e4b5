//! Maintenance over the real database.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where something is not as expected"
)]

#[allow(dead_code, reason = "the store's tests use the rest of it")]
#[path = "conformance/sample.rs"]
mod sample;

use std::{sync::Arc, time::Duration};

use parlor_server::{
    app::{App, Config},
    clock::Clock,
    entropy::Entropy,
    store::{
        Store,
        row::{Session, Thread, ThreadStatus},
        sqlite::SqliteStore,
    },
};
use sqlx::{Connection as _, SqliteConnection};

#[tokio::test]
async fn a_row_that_cannot_be_read_keeps_no_other_session_open() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    for (id, heard) in [("damaged", 1), ("sound", 2)] {
        let customer = sample::customer(&format!("customer of {id}"));
        tx.put_customer(&customer).await.unwrap();
        let chat = sample::chat(&format!("chat of {id}"), customer.id.as_str(), heard);
        tx.put_chat(&chat).await.unwrap();
        let thread = Thread {
            status: ThreadStatus::Queued,
            deployment_id: None,
            button_id: None,
            agent_id: None,
            target_agent_id: None,
            accepted_at: None,
            ended_at: None,
            end_reason: None,
            ..sample::thread(id, chat.id.as_str(), heard)
        };
        tx.put_thread(&thread).await.unwrap();
        let session = Session {
            thread_id: Some(thread.id),
            last_heard_at: sample::at(heard),
            closed_at: None,
            ..sample::session(id)
        };
        tx.put_session(&session).await.unwrap();
    }
    tx.commit().await.unwrap();
    let url = format!("sqlite://{}", folder.path().join("parlor.db").display());
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("UPDATE thread SET status = 'unknown' WHERE id = 'damaged'")
        .execute(&mut other)
        .await
        .unwrap();

    let config = Config {
        session_timeout: Duration::ZERO,
        ..Config::default()
    };
    let clock = Clock::starting_at(sample::at(1_000));
    let app = App::new(Arc::new(store.clone()), clock, Entropy::seeded(3), config);
    for _ in 0..2 {
        app.run_maintenance().await.unwrap();
    }
    let mut tx = store.read().await.unwrap();
    for (id, is_closed) in [("damaged", false), ("sound", true)] {
        let session = tx.session(&id.into()).await.unwrap().unwrap();
        assert_eq!(session.closed_at.is_some(), is_closed, "{id}");
    }
}
