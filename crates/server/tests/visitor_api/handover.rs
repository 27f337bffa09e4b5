//! Another process takes over a session, and nothing is lost.

use parlor_server::app::Config;
use serde_json::json;
use std::time::Duration;

use crate::{
    actors::{Agent, Visitor},
    server::{TestRequest, TestServer, pass, seconds},
};

/// Every call is answered alike.
#[tokio::test(start_paused = true)]
async fn another_process_answers_503_to_every_call() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let later = server.another_process(2).await;
    visitor.router = later.router.clone();
    visitor.poll().await.status(503);
    for noun in [
        "ChasitorInit",
        "ChasitorResyncState",
        "ChasitorTyping",
        "ChasitorNotTyping",
        "ChasitorSneakPeek",
        "ChasitorIdleTimeoutWarningEvent",
        "ChatEnd",
        "ChatMessage",
        "CustomEvent",
    ] {
        visitor.post(noun, json!({})).await.status(503);
    }
    let nouns = json!({ "nouns": [{ "prefix": "Chasitor", "noun": "ChatEnd" }] });
    visitor.post("MultiNoun", nouns).await.status(503);
    let page = json!({ "location": "https://shop.example/2" });
    visitor.post("Breadcrumb", page).await.status(503);
    // The literal null does not make the wrong process the right one.
    visitor.affinity = "null".to_owned();
    visitor.poll().await.status(503);
    assert_eq!(agent.thread(&chat).await["active"], true);
}

#[tokio::test(start_paused = true)]
async fn the_conversation_goes_on_at_another_process() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    visitor.say("before").await.ok();
    agent.say(&chat, "fetched").await;
    visitor.poll().await;
    agent.say(&chat, "unfetched").await;

    let later = server.another_process(2).await;
    let agent = agent.at(&later.router);
    visitor.router = later.router.clone();
    visitor.poll().await.status(503);
    let answer = visitor.reconnect(&later).await;
    assert_eq!(answer.kinds(), ["ReconnectSession"]);
    assert_eq!(answer.message("ReconnectSession")["resetSequence"], true);
    assert!(answer.latest_offset() > visitor.offset.unwrap());

    visitor.ack = -1;
    let first = visitor.poll().await;
    assert_eq!(first.kinds(), ["ChasitorSessionData", "ChatMessage"]);
    assert_eq!(first.texts(), ["unfetched"]);
    let data = first.message("ChasitorSessionData");
    let said: Vec<_> = data["chatMessages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["type"] != "OperatorTransferred")
        .map(|line| {
            (
                line["type"].as_str().unwrap(),
                line["content"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("Chasitor", "before"),
        ("Agent", "fetched"),
        ("Agent", "unfetched"),
    ];
    assert_eq!(said, expected);
    let sequences: Vec<_> = data["chatMessages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["sequence"].as_i64().unwrap())
        .collect();
    assert!(sequences.is_sorted());
    assert!(data["chatMessages"][0]["timestamp"].as_i64().unwrap() > 1_767_000_000_000);

    visitor.number = 0;
    let organization = json!({ "organizationId": visitor.site.organization_id });
    visitor.post("ChasitorResyncState", organization).await.ok();
    visitor.say("after").await.ok();
    agent.say(&chat, "welcome back").await;
    assert_eq!(visitor.poll().await.texts(), ["welcome back"]);
    let log = agent.log(&chat).await;
    assert_eq!(
        log,
        ["before", "fetched", "unfetched", "after", "welcome back"]
    );
    // The visitor was there all the time.
    assert!(!is_back(&agent, &chat).await);
}

async fn is_back(agent: &Agent, chat: &str) -> bool {
    let notes = agent.notes(chat).await;
    notes.contains(&"customer_reconnected".to_owned())
}

/// A visitor who opens another page loads the chat anew. Agents are told of one who was away,
/// once.
#[tokio::test(start_paused = true)]
async fn agents_are_told_who_is_back() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let loads = async |visitor: &mut Visitor| {
        visitor.reconnect(&server).await;
        visitor.fetch_all().await;
        visitor.number = 0;
        let organization = json!({ "organizationId": visitor.site.organization_id });
        visitor.post("ChasitorResyncState", organization).await.ok();
    };
    for _ in 0..3 {
        seconds(20).await;
        loads(&mut visitor).await;
        assert!(!is_back(&agent, &chat).await);
    }
    let page = json!({ "location": "https://shop.example/hats", "title": "Hats" });
    visitor.post("Breadcrumb", page).await.ok();
    let notes = agent.notes(&chat).await;
    assert_eq!(notes, ["routing.assigned"], "a page is no line");
    seconds(100).await;
    loads(&mut visitor).await;
    assert!(is_back(&agent, &chat).await);
    loads(&mut visitor).await;
    let notes = agent.notes(&chat).await;
    let times = notes.iter().filter(|note| *note == "customer_reconnected");
    assert_eq!(times.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_batch_is_sent_again_after_the_hand_over() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    agent.say(&chat, "lost on the way").await;
    visitor.poll_acking(visitor.ack).await.status(200);
    let later = server.another_process(2).await;
    visitor.reconnect(&later).await;
    visitor.ack = -1;
    assert_eq!(visitor.poll().await.texts(), ["lost on the way"]);
}

/// Once with an `ack` of -1, and once with the old one, which may be any
/// number.
#[tokio::test(start_paused = true)]
async fn nothing_up_to_the_offset_comes_again() {
    for old_ack in [-1, 0, 1, 2, 3] {
        let server = TestServer::new().await;
        let (mut visitor, agent, chat) = server.visitor_with_agent().await;
        agent.say(&chat, "fetched").await;
        let fetched = visitor.poll_acking(visitor.ack).await;
        assert_eq!(fetched.sequence(), 3);
        visitor.offset = Some(fetched.offset());
        agent.say(&chat, "unfetched").await;
        server.app.write_memory().await.unwrap();
        let later = server.another_process(2).await;
        visitor.reconnect(&later).await;
        visitor.ack = old_ack;
        let first = visitor.poll().await;
        assert_eq!(first.texts(), ["unfetched"], "ack {old_ack}");
        assert!(first.offset() > fetched.offset());
        assert!(first.sequence() > fetched.sequence());
        visitor.poll().await.empty();
    }
}

/// The response of `ReconnectSession` may be lost as well.
#[tokio::test(start_paused = true)]
async fn a_hand_over_may_be_asked_for_twice() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    agent.say(&chat, "unfetched").await;
    let later = server.another_process(2).await;
    visitor.reconnect(&later).await;
    let first_token = visitor.affinity.clone();
    visitor.reconnect(&later).await;
    assert_ne!(visitor.affinity, first_token);
    visitor.ack = -1;
    let first = visitor.poll_acking(-1).await;
    assert_eq!(first.kinds(), ["ChasitorSessionData", "ChatMessage"]);
    let again = visitor.poll_acking(-1).await;
    assert_eq!(again.text, first.text);
    let current = std::mem::replace(&mut visitor.affinity, first_token);
    visitor.poll().await.status(503);
    visitor.affinity = current;
    visitor.poll().await.status(200);
}

#[tokio::test(start_paused = true)]
async fn an_old_poll_is_refused_after_the_hand_over() {
    let server = TestServer::new().await;
    let (mut visitor, _agent, _chat) = server.visitor_with_agent().await;
    let left_over = visitor.poll_in_background();
    seconds(1).await;
    visitor.reconnect(&server).await;
    left_over.await.unwrap().status(503);
    visitor.ack = -1;
    assert_eq!(visitor.poll().await.kinds(), ["ChasitorSessionData"]);
}

/// Cards are no texts, which is why their line has no name; they have an author all the same.
#[tokio::test(start_paused = true)]
async fn an_agents_cards_keep_their_author() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let cards = json!({ "type": "rich_message", "template_id": "cards",
        "elements": [{ "title": "Hats" }] });
    agent.send(&chat, cards).await;
    visitor.reconnect(&server).await;
    let data = visitor.poll().await.message("ChasitorSessionData");
    let lines = data["chatMessages"].as_array().unwrap();
    let card = lines.last().unwrap();
    assert_eq!(card["event"]["type"], "rich_message");
    assert_eq!(card["name"], "");
    assert_eq!(card["agentName"], data["agent"]["name"]);
    let joined = lines
        .iter()
        .find(|it| it["event"]["type"] != "rich_message");
    assert!(joined.unwrap().get("agentName").is_none());
}

#[tokio::test(start_paused = true)]
async fn a_visitor_who_waits_is_handed_over_with_their_place() {
    let server = TestServer::new().await;
    let mut visitor = server.waiting_visitor().await;
    let later = server.another_process(2).await;
    visitor.reconnect(&later).await;
    let data = visitor.poll().await.message("ChasitorSessionData");
    assert_eq!(data["queuePosition"], 1);
    assert!(data.get("agent").is_none());
    let agent = later.agent();
    agent.accept().await;
    assert_eq!(visitor.poll().await.kinds(), ["ChatEstablished"]);
}

#[tokio::test(start_paused = true)]
async fn a_session_without_a_chat_is_handed_over_too() {
    let server = TestServer::new().await;
    let mut visitor = server.visitor().await;
    let later = server.another_process(2).await;
    visitor.init().await.ok();
    let mut other = server.visitor().await;
    other.router = later.router.clone();
    other.init().await.status(503);
    other.reconnect(&later).await;
    let first = other.poll().await;
    assert_eq!(first.kinds(), ["ChasitorSessionData"]);
    assert_eq!(
        first.message("ChasitorSessionData")["chatMessages"],
        json!([])
    );
    // The same number, because it was never carried out.
    let init = other.init_body();
    other.post_numbered(1, "ChasitorInit", init).await.ok();
    assert_eq!(other.poll().await.kinds(), ["ChatRequestSuccess"]);
}

#[tokio::test(start_paused = true)]
async fn a_chat_that_ended_meanwhile_says_so() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    agent.end(&chat).await;
    let later = server.another_process(2).await;
    visitor.reconnect(&later).await;
    visitor.ack = -1;
    let first = visitor.poll().await;
    assert_eq!(first.kinds(), ["ChasitorSessionData", "ChatEnded"]);
    let ended = first.message("ChasitorSessionData")["ended"].clone();
    assert_eq!(ended["reason"], "agent");
    visitor.poll().await.status(403);
}

#[tokio::test(start_paused = true)]
async fn the_affinity_may_be_null_or_absent() {
    let server = TestServer::new().await;
    let (visitor, agent, chat) = server.visitor_with_agent().await;
    agent.say(&chat, "one").await;
    let path = format!("System/Messages?ack={}", visitor.ack);
    for request in [
        visitor
            .signed(TestRequest::get(&path))
            .without("x-liveagent-affinity"),
        visitor
            .signed(TestRequest::get(&path))
            .header("x-liveagent-affinity", "null"),
        visitor
            .signed(TestRequest::get(&path))
            .header("x-liveagent-affinity", ""),
    ] {
        assert_eq!(request.send_to(&server.router).await.texts(), ["one"]);
    }
    let stale = visitor
        .signed(TestRequest::get(&path))
        .header("x-liveagent-affinity", "73061fa0");
    stale.send_to(&server.router).await.status(503);
}

#[tokio::test(start_paused = true)]
async fn a_held_poll_gets_nothing_after_a_hand_over_elsewhere() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let held = visitor.poll_in_background();
    pass(Duration::from_millis(10)).await;
    let later = server.another_process(2).await;
    visitor.reconnect(&later).await;
    agent.say(&chat, "one").await;
    held.await.unwrap().status(503);
    visitor.ack = -1;
    assert_eq!(visitor.poll().await.texts(), ["one"]);
}

/// The queue of an absent client is bounded; beyond the bound it gets the whole
/// conversation.
#[tokio::test(start_paused = true)]
async fn a_client_too_far_behind_gets_the_whole_conversation() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    for n in 0..2_050 {
        agent.say(&chat, &n.to_string()).await;
    }
    visitor.poll().await.status(503);
    visitor.reconnect(&server).await;
    visitor.ack = -1;
    let first = visitor.poll().await;
    let lines = first.message("ChasitorSessionData")["chatMessages"].clone();
    let told = |n: usize| {
        lines
            .as_array()
            .unwrap()
            .iter()
            .any(|l| l["content"] == *n.to_string())
    };
    assert!((0..2_050).all(told));
    visitor.number = 0;
    let organization = json!({ "organizationId": visitor.site.organization_id });
    visitor.post("ChasitorResyncState", organization).await.ok();
    agent.say(&chat, "welcome back").await;
    // Messages after the bound was passed come behind the session data.
    let mut texts = first.texts();
    while texts.last().is_none_or(|text| text != "welcome back") {
        texts.extend(visitor.poll().await.texts());
    }
    assert!(texts.len() < 100, "{}", texts.len());
}

/// Requests are moved to another process and back, with no request of the visitor
/// in between.
#[tokio::test(start_paused = true)]
async fn a_message_that_another_process_queued_is_found() {
    let server = TestServer::new().await;
    let shares_store = Config {
        shares_store: true,
        ..Config::default()
    };
    let serving = server.process_with(2, shares_store.clone()).await;
    let (mut visitor, _, chat) = serving.visitor_with_agent().await;
    visitor.poll().await.empty();
    let other = server.process_with(3, shares_store).await;
    other.agent().say(&chat, "from elsewhere").await;
    assert_eq!(visitor.poll().await.texts(), ["from elsewhere"]);
}
