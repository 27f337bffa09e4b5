//! Positions in the queue, and estimated waiting times.

use serde_json::{Value, json};

use crate::{
    actors::Visitor,
    server::{TestServer, seconds},
};

fn moved(answer: &crate::server::TestResponse) -> Value {
    answer.message("QueueUpdate")
}

async fn waits(server: &TestServer) -> (Visitor, Value) {
    let mut visitor = server.visitor().await;
    visitor.init().await.ok();
    let success = visitor.poll().await.message("ChatRequestSuccess");
    (visitor, success)
}

#[tokio::test(start_paused = true)]
async fn the_next_to_be_served_is_1_and_those_behind_move_up() {
    let server = TestServer::new().await;
    let agent = server.agent();
    let mut visitors = Vec::new();
    for place in 1..=4 {
        let (visitor, success) = waits(&server).await;
        assert_eq!(success["queuePosition"], place);
        assert_eq!(success["estimatedWaitTime"], -1);
        assert!(success["visitorId"].is_string());
        visitors.push(visitor);
        seconds(1).await;
    }
    // One is accepted.
    agent.accept().await;
    for (n, visitor) in (1..).zip(&mut visitors[1..]) {
        let update = moved(&visitor.poll().await);
        assert_eq!(update["position"], n);
    }
    // One gives up.
    let mut gone = visitors.remove(1);
    gone.post("ChatEnd", json!({ "reason": "client" }))
        .await
        .ok();
    for (n, visitor) in (1..).zip(&mut visitors[1..]) {
        let update = moved(&visitor.poll().await);
        assert_eq!(update["position"], n);
    }
    // One disappears; the last one keeps polling.
    let mut last = visitors.pop().unwrap();
    for _ in 0..5 {
        let poll = last.poll().await;
        last.record_poll(&poll);
    }
    server.app.run_maintenance().await.unwrap();
    assert_eq!(moved(&last.poll().await)["position"], 1);
}

#[tokio::test(start_paused = true)]
async fn only_the_newest_position_is_queued() {
    let server = TestServer::new().await;
    let agent = server.agent();
    let mut visitors = Vec::new();
    for _ in 0..4 {
        visitors.push(waits(&server).await.0);
        seconds(1).await;
    }
    for _ in 0..2 {
        agent.accept().await;
    }
    let mut last = visitors.pop().unwrap();
    let answer = last.poll().await;
    assert_eq!(answer.kinds(), ["QueueUpdate"]);
    assert_eq!(moved(&answer)["position"], 2);
    for _ in 0..2 {
        agent.accept().await;
    }
    assert_eq!(last.poll().await.kinds(), ["ChatEstablished"]);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_wants_no_updates_gets_none() {
    let server = TestServer::new().await;
    let (_first, _) = waits(&server).await;
    let mut visitor = server.visitor().await;
    let init = json!({ "receiveQueueUpdates": false });
    visitor.init_with(init).await.ok();
    let success = visitor.poll().await.message("ChatRequestSuccess");
    assert_eq!(success["queuePosition"], 2);
    server.agent().accept().await;
    visitor.poll().await.empty();
}

/// A = 0.9 A' + 0.1 W, minus the time already waited; never below 0.
#[tokio::test(start_paused = true)]
async fn the_estimated_wait_follows_the_apis_formula() {
    let server = TestServer::new().await;
    let agent = server.agent();
    let (_one, success) = waits(&server).await;
    assert_eq!(success["estimatedWaitTime"], -1);
    seconds(100).await;
    agent.accept().await;
    // A = 100.
    let (_two, success) = waits(&server).await;
    assert_eq!(success["estimatedWaitTime"], 100);
    seconds(40).await;
    let (mut three, _) = waits(&server).await;
    seconds(10).await;
    agent.accept().await;
    // A = 0.9 · 100 + 0.1 · 50 = 95; the third has waited 10 s.
    let update = moved(&three.poll().await);
    assert_eq!(update["estimatedWaitTime"], 85);
    let path = format!(
        "Visitor/Availability?Availability.ids={}&Availability.needEstimatedWaitTime=1",
        server.site.button_id
    );
    agent.accept().await;
    // A = 0.9 · 95 + 0.1 · 10 = 86.5.
    let answer = server.stranger().get(&path).await.message("Availability");
    let wait = answer["results"][0]["estimatedWaitTime"].as_i64().unwrap();
    assert!((86..=87).contains(&wait), "{wait}");
    let (_four, _) = waits(&server).await;
    seconds(200).await;
    let (mut five, _) = waits(&server).await;
    let chat = agent.waiting().await.remove(1);
    agent.take(&chat).await;
    assert_eq!(five.poll().await.kinds(), ["ChatEstablished"]);
}

/// The agent leaves, and the visitor waits again.
#[tokio::test(start_paused = true)]
async fn a_visitor_who_waits_again_gets_their_position_again() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    agent.leave(&chat).await;
    let answer = visitor.poll().await;
    assert_eq!(answer.kinds(), ["AgentDisconnect", "QueueUpdate"]);
    assert_eq!(moved(&answer)["position"], 1);
    agent.take(&chat).await;
    assert_eq!(visitor.poll().await.kinds(), ["ChatEstablished"]);
}

#[tokio::test(start_paused = true)]
async fn queues_of_other_buttons_do_not_count() {
    let server = TestServer::new().await;
    server.add_button("573other", 2).await;
    let (_first, _) = waits(&server).await;
    let mut visitor = server.visitor().await;
    visitor
        .init_with(json!({ "buttonId": "573other" }))
        .await
        .ok();
    let success = visitor.poll().await.message("ChatRequestSuccess");
    assert_eq!(success["queuePosition"], 1);
}

/// Transferred while it waits: those behind it in the old queue move up.
#[tokio::test(start_paused = true)]
async fn a_chat_that_changes_its_queue_moves_the_old_queue_up() {
    let server = TestServer::new().await;
    server.add_button("573other", 2).await;
    let agent = server.agent();
    let (_first, _) = waits(&server).await;
    seconds(1).await;
    let (mut second, _) = waits(&server).await;
    let chat = agent.waiting().await.remove(0);
    let target = json!({ "type": "group", "ids": [2] });
    agent
        .act("transfer_chat", json!({ "id": chat, "target": target }))
        .await;
    assert_eq!(moved(&second.poll().await)["position"], 1);
}
