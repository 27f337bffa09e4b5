//! Sessions: begun, resynchronised by old clients, deleted.

use crate::world::{Ask, World, seconds};

#[tokio::test(start_paused = true)]
async fn a_session_is_answered_flat_with_a_whole_number_for_the_time_out() {
    let world = World::new().await;
    for ask in [
        Ask::get("System/SessionId").header("x-liveagent-affinity", "null"),
        Ask::get("System/SessionId"),
        Ask::get("System/SessionId?SessionId.ClientType=chasitor&pc=1"),
    ] {
        let answer = world.stranger().ask(ask).await.status(200);
        let session = answer.json();
        let mut names: Vec<_> = session.as_object().unwrap().keys().collect();
        names.sort();
        assert_eq!(names, ["affinityToken", "clientPollTimeout", "id", "key"]);
        assert_eq!(session["clientPollTimeout"].as_i64(), Some(40));
        assert!(session["key"].as_str().unwrap().contains('!'));
        assert_eq!(answer.latest_offset(), 0);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_known_key_nothing_is_let_in() {
    let world = World::new().await;
    let visitor = world.waiting_visitor().await;
    for ask in [
        Ask::get("System/Messages?ack=-1"),
        Ask::get("System/ReconnectSession?ReconnectSession.offset=0"),
        Ask::get("System/ResyncSession"),
        Ask::post("Chasitor/ChasitorInit", visitor.wish().to_string()),
        Ask::post("Chasitor/ChatMessage", r#"{"text":"hi"}"#),
        Ask::post("Chasitor/ChatEnd", "{}"),
        Ask::post("Chasitor/ChasitorTyping", ""),
        Ask::post("System/MultiNoun", r#"{"nouns":[]}"#),
    ] {
        world.stranger().ask(ask.clone()).await.status(403);
        for key in ["", "null", "not!a=key", &visitor.id] {
            let ask = ask.clone().header("x-liveagent-session-key", key);
            let answer = world.stranger().ask(ask).await.status(403);
            assert!(key.is_empty() || key == "null" || !answer.text.contains(key));
        }
    }
    world
        .stranger()
        .ask(Ask::new("DELETE", "System/SessionId/not!a=key"))
        .await
        .status(403);
}

#[tokio::test(start_paused = true)]
async fn deleting_a_session_ends_its_chat() {
    let world = World::new().await;
    let (mut visitor, agent, chat) = world.talking().await;
    for key in [visitor.key.clone(), visitor.key.replace('!', "%21")] {
        let path = format!("System/SessionId/{key}");
        let deleted = world.stranger().ask(Ask::new("DELETE", &path)).await.ok();
        assert!(deleted.latest_offset() > 0);
    }
    assert_eq!(agent.thread(&chat).await["active"], false);
    let last = visitor.poll().await;
    assert_eq!(last.message("ChatEnded")["reason"], "client");
    visitor.poll().await.status(403);
}

#[tokio::test(start_paused = true)]
async fn old_versions_resync_the_session_by_another_name() {
    let world = World::new().await;
    let (mut visitor, agent, chat) = world.talking().await;
    agent.say(&chat, "hello").await;
    let later = world.another_process(2);
    visitor.router = later.router.clone();
    visitor.poll().await.status(503);
    let answer = visitor.get("System/ResyncSession").await.status(200);
    let resynced = answer.message("ResyncSession");
    assert_eq!(resynced["isValid"], true);
    assert_eq!(resynced["key"], visitor.key.as_str());
    visitor.affinity = resynced["affinityToken"].as_str().unwrap().to_owned();
    let batch = visitor.poll().await;
    // Without an offset, what was not acknowledged comes again.
    let expected = ["ChasitorSessionData", "ChatEstablished", "ChatMessage"];
    assert_eq!(batch.kinds(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_waited_too_long_for_its_init_is_over() {
    let world = World::new().await;
    let mut visitor = world.visitor().await;
    seconds(121).await;
    world.app.run_maintenance().await.unwrap();
    visitor.init().await.status(403);
    assert!(world.agent().waiting().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn init_comes_first() {
    let world = World::new().await;
    let mut visitor = world.visitor().await;
    let answer = visitor.say("hi").await.status(400);
    assert!(answer.text.contains("ChasitorInit"), "{}", answer.text);
    visitor.init().await.ok();
}

#[tokio::test(start_paused = true)]
async fn a_second_init_is_the_first_one() {
    let world = World::new().await;
    let mut visitor = world.waiting_visitor().await;
    visitor.init().await.ok();
    assert_eq!(world.agent().waiting().await.len(), 1);
    visitor.poll().await.empty();
}

#[tokio::test(start_paused = true)]
async fn ids_of_a_site_that_is_not_ours_are_refused() {
    let world = World::new().await;
    for member in ["organizationId", "deploymentId"] {
        let mut visitor = world.visitor().await;
        let other = serde_json::json!({ member: "00Dxxxxxxxxxxxx" });
        let answer = visitor.init_with(other).await.status(400);
        assert!(answer.text.contains(member));
        assert!(!answer.text.contains("00Dxx"));
    }
    // 18 characters name the same organisation.
    let mut visitor = world.visitor().await;
    let long = format!("{}AAA", world.site.organization_id);
    let other = serde_json::json!({ "organizationId": long });
    visitor.init_with(other).await.ok();
}
