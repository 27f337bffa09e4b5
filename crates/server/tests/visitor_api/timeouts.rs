//! Visitors who disappear without ending the chat.

use std::time::Duration;

use parlor_server::{
    app::Config,
    store::row::{DeploymentSettings, IdleTimeout, SilenceAllowed},
};
use serde_json::json;

use crate::server::{TestServer, seconds};

#[tokio::test(start_paused = true)]
async fn a_session_that_stops_polling_ends_and_agents_get_a_push() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    for _ in 0..29 {
        seconds(60).await;
        agent.comes().await;
        server.app.run_maintenance().await.unwrap();
    }
    seconds(59).await;
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
async fn who_waits_and_stops_polling_is_gone_earlier() {
    let server = TestServer::new().await;
    let _visitor = server.waiting_visitor().await;
    let agent = server.agent();
    let chat = agent.waiting().await.remove(0);
    seconds(599).await;
    server.app.run_maintenance().await.unwrap();
    assert_eq!(agent.thread(&chat).await["active"], true);
    seconds(2).await;
    server.app.run_maintenance().await.unwrap();
    assert_eq!(agent.thread(&chat).await["active"], false);
}

#[tokio::test(start_paused = true)]
async fn a_deployment_says_how_long_silence_is_allowed() {
    let server = TestServer::new().await;
    let allowed = SilenceAllowed {
        waiting_s: 200,
        chatting_s: 300,
    };
    server.set(|settings| settings.silence = allowed).await;
    let (_chatting, agent, chat) = server.visitor_with_agent().await;
    let _waiting = server.waiting_visitor().await;
    let waiting = agent.waiting().await.remove(0);
    for (passed, expected) in [
        (199, [true, true]),
        (2, [true, false]),
        (100, [false, false]),
    ] {
        seconds(passed).await;
        server.app.run_maintenance().await.unwrap();
        for (chat, is_active) in [&chat, &waiting].into_iter().zip(expected) {
            assert_eq!(agent.thread(chat).await["active"], is_active);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_without_a_conversation_is_gone_after_two_minutes() {
    let server = TestServer::new().await;
    let mut visitor = server.visitor().await;
    seconds(121).await;
    server.app.run_maintenance().await.unwrap();
    visitor.init().await.status(403);
}

/// As with a phone that is locked: the conversation is still there.
#[tokio::test(start_paused = true)]
async fn agents_see_who_is_away_and_who_has_come_back() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let is_present = async || {
        let chat = agent.act("get_chat", json!({ "chat_id": chat })).await;
        let users = chat["users"].as_array().unwrap().clone();
        let customer = users.iter().find(|it| it["type"] == "customer").unwrap();
        customer["present"].clone()
    };
    let pushed = async || {
        let mut tx = server.store().read().await.unwrap();
        let rows = tx.agent_stream_events(0, 100).await.unwrap();
        let rows = rows
            .events
            .iter()
            .filter(|it| it.action == "customer_presence_set");
        rows.map(|it| it.payload.0["present"].clone())
            .collect::<Vec<_>>()
    };
    seconds(59).await;
    server.app.run_maintenance().await.unwrap();
    assert_eq!(is_present().await, true);
    seconds(2).await;
    server.app.run_maintenance().await.unwrap();
    assert_eq!(is_present().await, false);
    assert_eq!(pushed().await, [false]);
    // Long after what is known of silent sessions without a conversation is dropped.
    for _ in 0..10 {
        seconds(60).await;
        server.app.run_maintenance().await.unwrap();
        assert_eq!(is_present().await, false);
    }
    visitor.poll().await.empty();
    server.app.run_maintenance().await.unwrap();
    assert_eq!(is_present().await, true);
    assert_eq!(pushed().await, [false, true]);
    visitor.say("I am back").await.ok();
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
    let patient = server
        .process_with(
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
    for _ in 0..31 {
        visitor.say("are you there?").await.ok();
        agent.comes().await;
        seconds(60).await;
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

fn idle_timeout(settings: &mut DeploymentSettings) {
    settings.idle_timeout = Some(IdleTimeout {
        warning_s: 60,
        timeout_s: 90,
    });
}

/// The visitor polls all the time, and does not answer.
#[tokio::test(start_paused = true)]
async fn a_chat_whose_visitor_does_not_answer_ends() {
    let server = TestServer::new().await;
    server.set(idle_timeout).await;
    let mut visitor = server.waiting_visitor().await;
    let agent = server.agent();
    let chat = agent.accept().await;
    let established = visitor.poll().await.message("ChatEstablished");
    let told = json!({ "isEnabled": true, "warningTime": 60, "timeoutTime": 90 });
    assert_eq!(established["chasitorIdleTimeout"], told);
    assert_eq!(established["chasitorIdletimeout"], told);
    let is_active = async |passed| {
        seconds(passed).await;
        server.app.run_maintenance().await.unwrap();
        agent.thread(&chat).await["active"].clone()
    };
    // Nothing has been asked yet.
    assert_eq!(is_active(200).await, true);
    agent.say(&chat, "Which size?").await;
    visitor.poll().await.status(200);
    assert_eq!(is_active(89).await, true);
    visitor.say("The large one").await.ok();
    assert_eq!(is_active(100).await, true);
    // Each message of the agent's begins the time anew.
    agent.say(&chat, "And the colour?").await;
    assert_eq!(is_active(80).await, true);
    agent.say(&chat, "We have blue and red").await;
    assert_eq!(is_active(80).await, true);
    // The visitor says that they are there.
    let here = json!({ "idleTimeoutWarningEvent": "cleared" });
    visitor
        .post("ChasitorIdleTimeoutWarningEvent", here)
        .await
        .ok();
    assert_eq!(is_active(89).await, true);
    assert_eq!(is_active(2).await, false);
    visitor.fetch_all().await;
    visitor.poll().await.status(403);
}

#[tokio::test(start_paused = true)]
async fn a_visitor_who_waits_again_has_nothing_to_answer() {
    let server = TestServer::new().await;
    server.set(idle_timeout).await;
    let (_visitor, agent, chat) = server.visitor_with_agent().await;
    agent.say(&chat, "One moment").await;
    let who = json!({ "chat_id": chat, "user_id": agent.id, "user_type": "agent" });
    agent.act("remove_user_from_chat", who).await;
    seconds(100).await;
    server.app.run_maintenance().await.unwrap();
    assert_eq!(agent.thread(&chat).await["active"], true);
    assert_eq!(agent.waiting().await, [chat]);
}

#[tokio::test(start_paused = true)]
async fn another_agent_has_asked_nothing_yet() {
    let server = TestServer::new().await;
    server.set(idle_timeout).await;
    let (_visitor, agent, chat) = server.visitor_with_agent().await;
    let colleague = server.colleague("Bea").await;
    agent.say(&chat, "I hand you on").await;
    let target = json!({ "type": "agent", "ids": [colleague.id] });
    agent
        .act("transfer_chat", json!({ "id": chat, "target": target }))
        .await;
    seconds(100).await;
    server.app.run_maintenance().await.unwrap();
    assert_eq!(agent.thread(&chat).await["active"], true);
}
