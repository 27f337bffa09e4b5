//! Positions in the queue, and estimated waiting times.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    actors::Visitor,
    server::{TestServer, pass, seconds},
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
    server.update_queues().await;
    for (n, visitor) in (1..).zip(&mut visitors[1..]) {
        let update = moved(&visitor.poll().await);
        assert_eq!(update["position"], n);
    }
    // One gives up.
    let mut gone = visitors.remove(1);
    gone.post("ChatEnd", json!({ "reason": "client" }))
        .await
        .ok();
    server.update_queues().await;
    for (n, visitor) in (1..).zip(&mut visitors[1..]) {
        let update = moved(&visitor.poll().await);
        assert_eq!(update["position"], n);
    }
    // One disappears; the last one keeps polling.
    let mut last = visitors.pop().unwrap();
    for _ in 0..25 {
        let poll = last.poll().await;
        last.record_poll(&poll);
        agent.comes().await;
    }
    server.app.run_maintenance().await.unwrap();
    server.update_queues().await;
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
        server.update_queues().await;
    }
    let mut last = visitors.pop().unwrap();
    let answer = last.poll().await;
    assert_eq!(answer.kinds(), ["QueueUpdate"]);
    assert_eq!(moved(&answer)["position"], 2);
    for _ in 0..2 {
        agent.accept().await;
        server.update_queues().await;
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
    server.update_queues().await;
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
    server.update_queues().await;
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
    server.update_queues().await;
    assert_eq!(moved(&second.poll().await)["position"], 1);
}

/// A chat that comes into a queue in which somebody has waited for less long
/// goes before them.
#[tokio::test(start_paused = true)]
async fn a_chat_that_changes_its_queue_keeps_how_long_it_has_waited() {
    let server = TestServer::new().await;
    server.add_button("573other", 2).await;
    let (_first, _) = waits(&server).await;
    seconds(1).await;
    let (mut moving, _) = waits(&server).await;
    seconds(1).await;
    let mut there = server.visitor().await;
    let other = json!({ "buttonId": "573other" });
    there.init_with(other).await.ok();
    there.poll().await.message("ChatRequestSuccess");
    let agent = server.agent();
    let chat = agent.waiting().await.pop().unwrap();
    let target = json!({ "type": "group", "ids": [2] });
    agent
        .act("transfer_chat", json!({ "id": chat, "target": target }))
        .await;
    // Who comes into a queue is told at once.
    assert_eq!(moved(&moving.poll().await)["position"], 1);
    server.update_queues().await;
    assert_eq!(moved(&there.poll().await)["position"], 2);
}

/// The places that these visitors are sent, as far as they are sent any.
async fn places(visitors: &mut [Visitor]) -> Vec<i64> {
    let mut places = Vec::new();
    for visitor in visitors {
        let path = format!("System/Messages?ack={}&hold=1", visitor.ack);
        let answer = visitor.get(&path).await;
        visitor.record_poll(&answer);
        if answer.status.as_u16() == 200 {
            assert_eq!(answer.kinds(), ["QueueUpdate"]);
            places.extend(moved(&answer)["position"].as_i64());
        }
    }
    places
}

#[tokio::test(start_paused = true)]
async fn a_long_queue_is_told_in_parts() {
    let server = TestServer::new().await;
    let mut visitors = Vec::new();
    for _ in 0..360 {
        visitors.push(waits(&server).await.0);
        pass(Duration::from_millis(1)).await;
    }
    let mut first = visitors.remove(0);
    // A process that starts looks at every queue.
    server.update_queues().await;
    server.update_queues().await;
    assert_eq!(places(&mut visitors).await, [0; 0]);
    first
        .post("ChatEnd", json!({ "reason": "client" }))
        .await
        .ok();
    assert_eq!(places(&mut visitors).await, [0; 0]);
    server.update_queues().await;
    let part: Vec<i64> = (1..=350).collect();
    assert_eq!(places(&mut visitors).await, part);
    server.update_queues().await;
    let rest: Vec<i64> = (351..=359).collect();
    assert_eq!(places(&mut visitors).await, rest);
    server.update_queues().await;
    assert_eq!(places(&mut visitors).await, [0; 0]);
}

/// A process that is killed has told nobody yet.
#[tokio::test(start_paused = true)]
async fn places_are_told_after_a_restart() {
    let server = TestServer::new().await;
    let (mut first, _) = waits(&server).await;
    seconds(1).await;
    let (mut second, _) = waits(&server).await;
    first
        .post("ChatEnd", json!({ "reason": "client" }))
        .await
        .ok();
    let restarted = server.another_process(2).await;
    restarted.update_queues().await;
    second.reconnect(&restarted).await;
    let answer = second.poll().await;
    assert_eq!(answer.kinds(), ["ChasitorSessionData", "QueueUpdate"]);
    assert_eq!(moved(&answer)["position"], 1);
}

/// While a visitor waits for the next run, an agent accepts them.
#[tokio::test(start_paused = true)]
async fn nobody_who_was_accepted_is_told_a_place() {
    let server = TestServer::new().await;
    let agent = server.agent();
    let (_first, _) = waits(&server).await;
    seconds(1).await;
    let (mut second, _) = waits(&server).await;
    agent.accept().await;
    agent.accept().await;
    server.update_queues().await;
    assert_eq!(second.poll().await.kinds(), ["ChatEstablished"]);
    second.poll().await.empty();
}

/// Chapter 5 of the API: A = 0.9 A' + 0.1 W, however the chat is accepted.
#[tokio::test(start_paused = true)]
async fn every_way_of_accepting_counts_the_wait() {
    let server = TestServer::new().await;
    let andy = server.agent();
    let ryan = server.colleague("Ryan").await;
    let average = async || {
        let mut tx = server.store().read().await.unwrap();
        let button = tx.button(&server.site.button_id).await.unwrap();
        button.unwrap().average_wait_s
    };
    let waits = async |seconds_long: u64| {
        let _visitor = server.waiting_visitor().await;
        seconds(seconds_long).await;
        andy.waiting().await.remove(0)
    };
    let chat = waits(40).await;
    andy.take(&chat).await;
    assert_eq!(average().await, Some(40.0));
    andy.end(&chat).await;
    // Handed to a colleague before anybody has accepted it.
    let chat = waits(50).await;
    andy.transfer(&chat, &ryan).await;
    assert_eq!(average().await, Some(41.0));
    // A transfer of a chat that has an agent is no acceptance.
    seconds(20).await;
    ryan.transfer(&chat, &andy).await;
    assert_eq!(average().await, Some(41.0));
    // The visitor waits once more, for 31 seconds.
    andy.leave(&chat).await;
    seconds(31).await;
    ryan.take(&chat).await;
    assert_eq!(average().await, Some(40.0));
    ryan.end(&chat).await;
    // Whoever waits for one agent waits at no button.
    let mut visitor = server.visitor().await;
    visitor.init_with(json!({ "agentId": andy.id })).await.ok();
    seconds(55).await;
    andy.accept().await;
    assert_eq!(average().await, Some(40.0));
}

#[tokio::test(start_paused = true)]
async fn the_wait_is_told_again_after_a_reload() {
    let server = TestServer::new().await;
    let agent = server.agent();
    let _first = server.waiting_visitor().await;
    seconds(40).await;
    agent.accept().await;
    let mut visitor = server.waiting_visitor().await;
    seconds(15).await;
    visitor.reconnect(&server).await;
    let data = visitor.poll().await.message("ChasitorSessionData");
    assert_eq!(data["queuePosition"], 1);
    assert_eq!(data["estimatedWaitTime"], 25);
    agent.accept().await;
    visitor.reconnect(&server).await;
    let data = visitor.poll().await.message("ChasitorSessionData");
    assert!(data.get("estimatedWaitTime").is_none(), "{data}");
}
