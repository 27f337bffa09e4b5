//! Visitors ask for a callback, and agents make it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    actors::{Agent, Visitor},
    server::{TestServer, seconds},
};
use parlor_server::{
    store::row::CallbackPolicy,
    working_hours::{Hours, WorkingHours},
};

const ID: &str = "5f0c1b1d7a7c4f1e9a3e6d2b8c4a1f00-1";

/// A site that offers callbacks of every kind, where it is midnight.
async fn site() -> (TestServer, Agent) {
    let server = TestServer::new().await;
    server
        .set(|settings| {
            settings.callback = Some(CallbackPolicy::default());
            settings.prechat = None;
            let day = vec![Hours {
                from: 9 * 60,
                to: 17 * 60,
            }];
            settings.working_hours = Some(WorkingHours {
                time_zone: "Europe/London".to_owned(),
                days: std::array::from_fn(|_| day.clone()),
                ..WorkingHours::default()
            });
        })
        .await;
    let agent = server.agent();
    (server, agent)
}

fn request(id: &str, callback: Value) -> Value {
    json!({ "offlineMessage": { "text": "About the hat", "customId": id, "callback": callback } })
}

fn by_phone(windows: Value) -> Value {
    json!({ "type": "phone", "phone": "+49 30 901820", "preferredTime": windows })
}

/// In so many hours.
fn at(server: &TestServer, hours: u64) -> String {
    server.now().plus(Duration::from_hours(hours)).to_rfc3339()
}

async fn asks(server: &TestServer, id: &str, callback: Value) -> Visitor {
    let mut visitor = server.visitor().await;
    visitor.init_with(request(id, callback)).await.ok();
    let success = visitor.poll().await.message("ChatRequestSuccess");
    assert_eq!(success["offlineMessage"], true);
    visitor
}

async fn welcome(server: &TestServer) -> Value {
    let id = &server.site.deployment_id;
    let path = format!("Visitor/Settings?deployment_id={id}");
    let answer = server.stranger().get(&path).await;
    answer.message("Settings")["welcome"].clone()
}

async fn listed(agent: &Agent, callbacks: bool) -> Vec<Value> {
    let payload = json!({ "callbacks": callbacks });
    let listed = agent.act("list_offline_messages", payload).await;
    let rows = listed["messages"].as_array().unwrap().clone();
    assert_eq!(listed["total"], rows.len());
    rows
}

async fn update(agent: &Agent, row: &Value, change: Value) {
    let mut payload = json!({ "chat_id": row["chat_id"], "thread_id": row["thread_id"] });
    for (name, value) in change.as_object().unwrap() {
        payload[name] = value.clone();
    }
    agent.act("update_offline_message", payload).await;
}

#[tokio::test(start_paused = true)]
async fn callbacks_are_listed_by_the_time_at_which_they_are_due() {
    let (server, agent) = site().await;
    let window = |from, to| json!({ "start": at(&server, from), "end": at(&server, to) });
    let late = by_phone(json!([window(48, 50), window(24, 26)]));
    let tomorrow = at(&server, 24);
    asks(&server, "a-random-identifier-1", late).await;
    seconds(1).await;
    asks(&server, ID, json!({ "type": "chat" })).await;
    let rows = listed(&agent, true).await;
    let types: Vec<_> = rows.iter().map(|row| &row["callback"]["type"]).collect();
    assert_eq!(types, ["chat", "phone"], "any time is the sooner one");
    assert_eq!(rows[1]["due_at"], tomorrow);
    assert_eq!(rows[1]["callback"]["phone"], "+49 30 901820");
    assert_eq!(rows[1]["text"], "About the hat");
    assert!(listed(&agent, false).await.is_empty(), "no messages");
}

#[tokio::test(start_paused = true)]
async fn the_form_offers_what_the_deployment_does() {
    let (server, _) = site().await;
    let told = welcome(&server).await;
    let offer = &told["callback"];
    assert_eq!(
        (&offer["hello"], &offer["waiting"], &offer["offline"]),
        (&json!(false), &json!(true), &json!(true))
    );
    let fields = offer["form"]["fields"].as_array().unwrap();
    let ids: Vec<_> = fields.iter().map(|field| &field["id"]).collect();
    assert_eq!(ids, ["callback-type", "callback-phone", "callback-times"]);
    let times = fields[2]["options"].as_array().unwrap();
    assert_eq!(times.len(), 12);
    for time in times {
        let (start, end) = time["id"].as_str().unwrap().split_once('/').unwrap();
        assert!(start < end);
    }
    server.set(|settings| settings.callback = None).await;
    assert_eq!(welcome(&server).await.get("callback"), None);
}

#[tokio::test(start_paused = true)]
async fn what_makes_no_sense_is_refused() {
    let (server, agent) = site().await;
    let window = |start: &str, end: &str| json!([{ "start": start, "end": end }]);
    let (now, hence) = (at(&server, 0), at(&server, 1));
    let many: Vec<Value> = (0..21)
        .map(|_| json!({ "start": now, "end": hence }))
        .collect();
    for (callback, part) in [
        (json!({ "type": "phone" }), "phone is missing"),
        (json!({ "type": "phone", "phone": "at home" }), "no phone"),
        (
            json!({ "type": "phone", "phone": "1".repeat(400) }),
            "no phone",
        ),
        (json!({ "type": "pigeon" }), "offered"),
        (by_phone(window(&hence, &now)), "ends before it begins"),
        (by_phone(window("tomorrow", "later")), "RFC 3339"),
        (
            by_phone(window("2020-01-01T10:00:00Z", "2020-01-01T11:00:00Z")),
            "it is over",
        ),
        (
            by_phone(window("2099-01-01T10:00:00Z", "2099-01-01T11:00:00Z")),
            "60 days",
        ),
        (by_phone(json!(many)), "at most 20"),
    ] {
        let mut visitor = server.visitor().await;
        let answer = visitor.init_with(request(ID, callback)).await;
        assert_eq!(answer.status.as_u16(), 400, "{part}");
        let part = part.replace("no phone", "not a phone number");
        assert!(answer.text.contains(&part), "{}", answer.text);
    }
    server
        .set(|settings| {
            settings.callback = Some(CallbackPolicy {
                phone: false,
                ..CallbackPolicy::default()
            });
        })
        .await;
    let mut visitor = server.visitor().await;
    let phone = request(ID, by_phone(json!([])));
    visitor.init_with(phone).await.status(400);
    assert!(listed(&agent, true).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn who_waited_waits_no_more() {
    let (server, agent) = site().await;
    server.set(|settings| settings.working_hours = None).await;
    let mut waiting = server.visitor().await;
    waiting.init().await.ok();
    let success = waiting.poll().await.message("ChatRequestSuccess");
    let mut again = request(ID, by_phone(json!([])));
    again["visitorId"] = success["visitorId"].clone();
    let mut visitor = server.visitor().await;
    visitor.init_with(again.clone()).await.ok();
    assert!(agent.waiting().await.is_empty());
    assert_eq!(
        waiting.poll().await.message("ChatEnded")["reason"],
        "client"
    );
    // The same request once more is the same callback.
    let mut other = server.visitor().await;
    other.init_with(again).await.ok();
    assert_eq!(listed(&agent, true).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_agent_says_what_became_of_it() {
    let (server, agent) = site().await;
    let window = json!([{ "start": at(&server, 2), "end": at(&server, 4) }]);
    let mut visitor = asks(&server, ID, by_phone(window)).await;
    let row = listed(&agent, true).await.remove(0);
    for _ in 0..2 {
        update(
            &agent,
            &row,
            json!({ "is_open": false, "outcome": "missed" }),
        )
        .await;
    }
    assert!(listed(&agent, true).await.is_empty());
    update(&agent, &row, json!({ "is_open": true })).await;
    let again = listed(&agent, true).await.remove(0);
    assert_eq!(again["due_at"], row["due_at"], "at the time that suits");
    seconds(5 * 3600).await;
    update(
        &agent,
        &row,
        json!({ "is_open": false, "outcome": "missed" }),
    )
    .await;
    update(&agent, &row, json!({ "is_open": true })).await;
    let again = listed(&agent, true).await.remove(0);
    assert_eq!(again["due_at"], at(&server, 1), "in an hour");
    let tomorrow = at(&server, 24);
    update(&agent, &row, json!({ "is_open": true, "due_at": tomorrow })).await;
    let again = listed(&agent, true).await.remove(0);
    assert_eq!(again["due_at"], tomorrow);
    update(&agent, &row, json!({ "is_open": false })).await;
    let notes = agent.notes(row["chat_id"].as_str().unwrap()).await;
    assert_eq!(
        notes,
        [
            "callback_missed",
            "callback_again",
            "callback_missed",
            "callback_again",
            "callback_again",
            "callback_done"
        ]
    );
    // The visitor is told nothing of it.
    visitor.poll().await.status(204);
    let wrong = json!({ "chat_id": row["chat_id"], "thread_id": row["thread_id"],
        "is_open": true, "due_at": "2099-01-01T00:00:00Z" });
    let answer = agent.request("update_offline_message", wrong).await;
    answer.status(400);
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_the_chat_makes_it_done() {
    let (server, agent) = site().await;
    let mut visitor = asks(&server, ID, json!({ "type": "chat" })).await;
    let row = listed(&agent, true).await.remove(0);
    let event = json!({ "type": "message", "text": "Here we are." });
    let sent = json!({ "chat_id": row["chat_id"], "thread_id": row["thread_id"], "event": event });
    agent.act("send_event", sent).await;
    let answer = visitor.poll().await.message("ChatMessage");
    assert_eq!(answer["text"], "Here we are.");
    assert!(listed(&agent, true).await.is_empty());
}
