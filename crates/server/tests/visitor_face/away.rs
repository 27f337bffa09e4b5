//! Visitors who go away without a word.

use std::time::Duration;

use parlor_server::app::Config;

use crate::world::{World, seconds};

#[tokio::test(start_paused = true)]
async fn a_session_that_stops_polling_ends_and_the_agent_is_told() {
    let world = World::new().await;
    let (mut visitor, agent, chat) = world.talking().await;
    seconds(119).await;
    world.app.run_maintenance().await.unwrap();
    assert_eq!(agent.thread(&chat).await["active"], true);
    seconds(2).await;
    world.app.run_maintenance().await.unwrap();
    assert_eq!(agent.thread(&chat).await["active"], false);
    let notes = agent.notes(&chat).await;
    assert_eq!(notes.last().unwrap(), "routing.archived_inactive");
    let last = visitor.poll().await;
    assert_eq!(last.message("ChatEnded")["reason"], "clientTimeout");
    visitor.poll().await.status(403);
    visitor.say("hello?").await.status(403);
}

#[tokio::test(start_paused = true)]
async fn who_polls_is_there_however_long_nothing_happens() {
    let world = World::new().await;
    let (mut visitor, agent, chat) = world.talking().await;
    for _ in 0..20 {
        visitor.poll().await.empty();
        world.app.run_maintenance().await.unwrap();
    }
    assert_eq!(agent.thread(&chat).await["active"], true);
}

/// Longer than a session lives without one.
#[tokio::test(start_paused = true)]
async fn an_open_poll_is_a_sign_of_life() {
    let world = World::new().await;
    let patient = world.process_with(
        2,
        Config {
            poll_hold: Duration::from_secs(600),
            ..Config::default()
        },
    );
    let (visitor, agent, chat) = patient.talking().await;
    let poll = visitor.poll_beside();
    for _ in 0..50 {
        seconds(10).await;
        patient.app.run_maintenance().await.unwrap();
    }
    agent.say(&chat, "still there?").await;
    assert_eq!(poll.await.unwrap().texts(), ["still there?"]);
}

/// By the API, polls keep a session, and nothing else does.
#[tokio::test(start_paused = true)]
async fn posts_alone_do_not_keep_a_session() {
    let world = World::new().await;
    let (mut visitor, agent, chat) = world.talking().await;
    for _ in 0..13 {
        visitor.say("are you there?").await.ok();
        seconds(10).await;
    }
    world.app.run_maintenance().await.unwrap();
    assert_eq!(agent.thread(&chat).await["active"], false);
    visitor.say("hello?").await.status(403);
}

#[tokio::test(start_paused = true)]
async fn a_closed_session_is_forgotten_after_a_day() {
    let world = World::new().await;
    let (mut visitor, agent, chat) = world.talking().await;
    agent.end(&chat).await;
    seconds(24 * 3600 - 60).await;
    world.app.run_maintenance().await.unwrap();
    assert_eq!(
        visitor.poll_acking(visitor.ack).await.kinds(),
        ["ChatEnded"]
    );
    seconds(24 * 3600 + 60).await;
    world.app.run_maintenance().await.unwrap();
    visitor.poll().await.status(403);
}
