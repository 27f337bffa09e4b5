//! Goals of the site that visitors reach, during a chat and after it.

use std::time::Duration;

use parlor_server::{
    app::Config,
    goals::{Goal, PagePattern},
    settings::ArchiveRules,
    store::row::Conversion,
};
use parlor_wire::{CustomerId, DeploymentId, ThreadId};
use serde_json::{Value, json};

use crate::{
    actors::Visitor,
    server::{SHOP, TestRequest, TestResponse, TestServer, pass},
};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn goal(id: i64, name: &str, page: Option<&str>) -> Goal {
    Goal {
        id,
        name: name.to_owned(),
        description: String::new(),
        page: page.map(|page| PagePattern::parse(page).unwrap()),
        deployments: Vec::new(),
    }
}

async fn with(goals: Vec<Goal>) -> TestServer {
    let archive = ArchiveRules {
        conversion_window_days: 7,
        ..ArchiveRules::default()
    };
    let config = Config {
        goals,
        archive,
        ..Config::default()
    };
    TestServer::new().await.process_with(2, config).await
}

async fn server() -> TestServer {
    with(vec![
        goal(1, "order", Some("/*/thanks")),
        goal(2, "sign-up", None),
    ])
    .await
}

/// A visitor with a chat, the id by which their device is known, and the chat's thread.
async fn chatting(server: &TestServer) -> (Visitor, String, ThreadId) {
    let mut visitor = server.visitor().await;
    visitor.init().await.ok();
    let success = visitor.poll().await.message("ChatRequestSuccess");
    let device = success["visitorId"].as_str().unwrap().to_owned();
    let thread = newest_thread(server, &success["customerId"]).await;
    (visitor, device, thread)
}

async fn newest_thread(server: &TestServer, customer: &Value) -> ThreadId {
    let customer = CustomerId::from(customer.as_str().unwrap());
    let mut tx = server.store().read().await.unwrap();
    let chat = tx.chat_of_customer(&customer).await.unwrap().unwrap();
    let threads = tx.threads_of(&chat.id).await.unwrap();
    threads.last().unwrap().id.clone()
}

async fn end(visitor: &mut Visitor) {
    visitor
        .post("ChatEnd", json!({ "reason": "client" }))
        .await
        .ok();
}

/// What a page says of a visitor by the id of their device.
async fn track(server: &TestServer, device: &str, goal: &str) -> TestResponse {
    let request = TestRequest::post("Visitor/Goal", json!({ "goal": goal }).to_string())
        .header("x-chat-visitor-id", device);
    server.stranger().on(SHOP).request(request).await
}

async fn look(server: &TestServer, device: &str, location: &str) {
    let body = json!({ "location": location }).to_string();
    let request = TestRequest::post("Visitor/Breadcrumb", body).header("x-chat-visitor-id", device);
    server.stranger().on(SHOP).request(request).await.ok();
}

async fn conversions(server: &TestServer, thread: &ThreadId) -> Vec<Conversion> {
    let mut tx = server.store().read().await.unwrap();
    tx.conversions_of(std::slice::from_ref(thread))
        .await
        .unwrap()
}

async fn goals(server: &TestServer, thread: &ThreadId) -> Vec<i64> {
    let rows = conversions(server, thread).await;
    rows.iter().map(|row| row.what.goal_id).collect()
}

#[tokio::test(start_paused = true)]
async fn pages_and_calls_count_during_a_chat() {
    let server = server().await;
    let (mut visitor, device, thread) = chatting(&server).await;
    for page in [
        "https://shop.example/hats",
        "https://shop.example/de/thanks?o=1",
    ] {
        let page = json!({ "location": page });
        visitor.post("Breadcrumb", page).await.ok();
    }
    assert_eq!(goals(&server, &thread).await, [1]);
    track(&server, &device, "sign-up").await.ok();
    assert_eq!(goals(&server, &thread).await, [1, 2]);
    let body = json!({ "goal": "order" }).to_string();
    let by_session = visitor.signed(TestRequest::post("Visitor/Goal", body));
    by_session.send_to(&server.router).await.ok();
    assert_eq!(
        goals(&server, &thread).await,
        [1, 2],
        "it is the same order"
    );
    let row = conversions(&server, &thread).await.remove(0);
    assert_eq!(row.what.goal_name, "order");
    assert_eq!(row.what.agent_id, None, "nobody has answered");
}

#[tokio::test(start_paused = true)]
async fn they_count_after_the_chat_too_within_the_window() {
    let server = server().await;
    let (mut visitor, device, thread) = chatting(&server).await;
    server.agent().accept().await;
    end(&mut visitor).await;
    pass(DAY).await;
    track(&server, &device, "sign-up").await.ok();
    look(&server, &device, "https://shop.example/de/hats").await;
    look(&server, &device, "https://shop.example/de/thanks").await;
    assert_eq!(goals(&server, &thread).await, [2, 1]);
    for row in conversions(&server, &thread).await {
        assert_eq!(row.what.agent_id.as_ref(), Some(&server.site.agent_id));
    }
    pass(6 * DAY + MINUTE).await;
    track(&server, &device, "sign-up").await.ok();
    look(&server, &device, "https://shop.example/de/thanks").await;
    assert_eq!(goals(&server, &thread).await, [2, 1], "it is too late");
}

#[tokio::test(start_paused = true)]
async fn the_same_goal_counts_once_in_half_an_hour() {
    let server = server().await;
    let (mut visitor, device, thread) = chatting(&server).await;
    end(&mut visitor).await;
    for (pause, expected) in [(0, 1), (29, 1), (2, 2), (29, 2), (1, 3)] {
        pass(pause * MINUTE).await;
        track(&server, &device, "order").await.ok();
        assert_eq!(goals(&server, &thread).await.len(), expected, "{pause}");
    }
}

#[tokio::test(start_paused = true)]
async fn they_count_for_the_last_chat() {
    let server = server().await;
    let (mut visitor, device, first) = chatting(&server).await;
    end(&mut visitor).await;
    pass(MINUTE).await;
    let mut again = server.visitor().await;
    again.init_with(json!({ "visitorId": device })).await.ok();
    let success = again.poll().await.message("ChatRequestSuccess");
    let second = newest_thread(&server, &success["customerId"]).await;
    assert_ne!(first, second);
    end(&mut again).await;
    pass(MINUTE).await;
    // A message that is left is no chat.
    server.agent().status("not_accepting_chats").await;
    let form = json!({ "form_id": "prechat", "fields": [
        { "type": "name", "id": "name", "label": "Your name", "answer": "Jon A." },
        { "type": "email", "id": "email", "label": "Your e-mail", "answer": "jon@example.com" },
    ] });
    let message = json!({ "text": "Hello?", "customId": "0123456789abcdef" });
    let mut leaves = server.visitor().await;
    let init = json!({ "visitorId": device, "prechatForm": form, "offlineMessage": message });
    leaves.init_with(init).await.ok();
    track(&server, &device, "order").await.ok();
    assert_eq!(goals(&server, &first).await, [0; 0]);
    assert_eq!(goals(&server, &second).await, [1]);
    let third = newest_thread(&server, &success["customerId"]).await;
    assert_ne!(third, second);
    assert_eq!(goals(&server, &third).await, [0; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_goal_or_nobodys_stores_nothing() {
    let server = server().await;
    let (_, device, thread) = chatting(&server).await;
    let unknown = track(&server, &device, "oder").await.status(404);
    assert_eq!(unknown.text, "there is no such goal");
    track(&server, &device, &"x".repeat(341)).await.status(400);
    for body in ["", "{}", "[]", r#"{"goal":7}"#, r#"{"goal":null}"#] {
        let request = TestRequest::post("Visitor/Goal", body).header("x-chat-visitor-id", &device);
        server.stranger().request(request).await.status(400);
    }
    track(&server, "another device", "order").await.status(403);
    let nobody = TestRequest::post("Visitor/Goal", r#"{"goal":"order"}"#);
    server.stranger().request(nobody).await.status(403);
    look(&server, "another device", "https://shop.example/de/thanks").await;
    assert_eq!(goals(&server, &thread).await, [0; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_page_in_a_loop_is_stopped() {
    let goals_of_site = (1..=100).map(|n| goal(n, &n.to_string(), None));
    let server = with(goals_of_site.collect()).await;
    let (_, device, _) = chatting(&server).await;
    let mut statuses = Vec::new();
    for n in 1..=70 {
        let answer = track(&server, &device, &n.to_string()).await;
        statuses.push(answer.status.as_u16());
    }
    let taken = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!((taken, statuses[69]), (60, 429));
}

#[tokio::test(start_paused = true)]
async fn a_goal_of_one_deployment_is_none_of_another() {
    let mut elsewhere = goal(1, "order", Some("/*/thanks"));
    elsewhere.deployments = vec![DeploymentId::from("572elsewhere")];
    let server = with(vec![elsewhere, goal(2, "sign-up", None)]).await;
    let (mut visitor, device, thread) = chatting(&server).await;
    let page = json!({ "location": "https://shop.example/de/thanks" });
    visitor.post("Breadcrumb", page).await.ok();
    track(&server, &device, "order").await.ok();
    track(&server, &device, "sign-up").await.ok();
    assert_eq!(goals(&server, &thread).await, [2]);
}

#[tokio::test(start_paused = true)]
async fn browsers_are_told_of_the_goals_of_their_deployment() {
    let mut elsewhere = goal(1, "elsewhere", Some("/elsewhere"));
    elsewhere.deployments = vec![DeploymentId::from("572elsewhere")];
    let of_site = vec![
        elsewhere.clone(),
        goal(2, "order", Some("/*/thanks")),
        goal(3, "sign-up", None),
    ];
    let told = async |goals: Vec<Goal>| {
        let server = with(goals).await;
        let id = server.site.deployment_id.clone();
        let path = format!("Visitor/Settings?deployment_id={id}");
        let settings = server.stranger().get(&path).await.message("Settings");
        settings["welcome"].get("goals").cloned()
    };
    let expected = json!({ "days": 7, "pages": [{ "goal": "order", "path": "/*/thanks" }] });
    assert_eq!(told(of_site).await, Some(expected));
    let by_name = json!({ "days": 7, "pages": [] });
    assert_eq!(told(vec![goal(3, "sign-up", None)]).await, Some(by_name));
    assert_eq!(told(vec![elsewhere]).await, None);
    assert_eq!(told(Vec::new()).await, None);
}
