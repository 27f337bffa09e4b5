//! Clients that hang up in the middle of a request: over a database on disk,
//! because a commit in memory cannot be interrupted.

use std::{future::Future, pin::pin, sync::Arc, task::Poll, time::Duration};

use futures_util::future::poll_fn;
use parlor_server::store::{Store as _, sqlite::SqliteStore};
use tokio::time::timeout;

use crate::server::TestServer;

/// Polls a request so many times and drops it. Returns whether it was answered.
async fn dropped_after(polls: usize, request: impl Future) -> bool {
    let mut request = pin!(request);
    let mut left = polls;
    poll_fn(|context| {
        left -= 1;
        match request.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending if left > 0 => Poll::Pending,
            Poll::Pending => Poll::Ready(false),
        }
    })
    .await
}

#[tokio::test]
async fn what_is_committed_reaches_the_visitor_whenever_the_agent_hangs_up() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).await.unwrap();
    let server = TestServer::over(Arc::new(store.clone())).await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let mut poll = visitor.poll_in_background();
    // How often a request is polled differs from time to time.
    let mut rounds = 0;
    for polls in (1..80).cycle() {
        // Time for the poll to find nothing and to be held.
        agent.log(&chat).await;
        rounds += 1;
        let text = format!("message {rounds}");
        let answered = dropped_after(polls, agent.say(&chat, &text)).await;
        // Is on disk after the request's unit of work, which it may be committed
        // with.
        let after = store.begin().await.unwrap();
        after.commit().await.unwrap();
        if agent.log(&chat).await.contains(&text) {
            let woken = timeout(Duration::from_secs(10), poll).await;
            let answer = woken.expect("the poll is woken").unwrap();
            assert_eq!(answer.texts(), [text]);
            visitor.record_poll(&answer);
            poll = visitor.poll_in_background();
        }
        if answered && rounds > 400 {
            return;
        }
    }
}
