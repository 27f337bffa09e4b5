//! Visitors who disappear without ending the chat.

use std::time::Duration;

use parlor_server::app::Config;

use crate::server::{TestServer, seconds};

#[tokio::test(start_paused = true)]
async fn a_session_that_stops_polling_ends_and_agents_get_a_push() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    seconds(119).await;
    server.app.run_maintenance().await.unwrap();
    assert_eq!(agent.thread(&chat).await["active"], true);
    seconds(2).await;
    server.app.run_maintenance().await.unwrap();
    assert_eq!(agent.thread(&chat).await["active"], false);
    let notes = agent.notes(&chat).await;
    assert_eq!(notes.last().unwrap(), "routing.archived_inactive");
    let last = visitor.poll().await;
    assert_eq!(last.message("ChatEnded")["reason"], "clientTimeout");
    visitor.poll().await.status(403);
    visitor.say("hello?").await.status(403);
}

#[tokio::test(start_paused = true)]
async fn a_polling_session_stays_however_long_nothing_happens() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    for _ in 0..20 {
        visitor.poll().await.empty();
        agent.comes().await;
        server.app.run_maintenance().await.unwrap();
    }
    assert_eq!(agent.thread(&chat).await["active"], true);
}

/// The poll is held longer than a session lives without one.
#[tokio::test(start_paused = true)]
async fn an_open_poll_keeps_the_session() {
    let server = TestServer::new().await;
    let patient = server.process_with(
        2,
        Config {
            poll_hold: Duration::from_secs(600),
            ..Config::default()
        },
    )
    .await;
    server.app.shutdown.cancel();
    let (visitor, agent, chat) = patient.visitor_with_agent().await;
    let poll = visitor.poll_in_background();
    for _ in 0..50 {
        seconds(10).await;
        agent.comes().await;
        patient.app.run_maintenance().await.unwrap();
    }
    agent.say(&chat, "still there?").await;
    assert_eq!(poll.await.unwrap().texts(), ["still there?"]);
}

/// In this API only polls keep a session alive.
#[tokio::test(start_paused = true)]
async fn posts_alone_do_not_keep_a_session() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    for _ in 0..13 {
        visitor.say("are you there?").await.ok();
        seconds(10).await;
    }
    server.app.run_maintenance().await.unwrap();
    assert_eq!(agent.thread(&chat).await["active"], false);
    visitor.say("hello?").await.status(403);
}

#[tokio::test(start_paused = true)]
async fn a_closed_session_is_forgotten_after_a_day() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    agent.end(&chat).await;
    seconds(24 * 3600 - 60).await;
    server.app.run_maintenance().await.unwrap();
    assert_eq!(
        visitor.poll_acking(visitor.ack).await.kinds(),
        ["ChatEnded"]
    );
    seconds(24 * 3600 + 60).await;
    server.app.run_maintenance().await.unwrap();
    visitor.poll().await.status(403);
}
