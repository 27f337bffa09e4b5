//! Nobody accepts chats: visitors leave messages, and agents answer them later.

use serde_json::{Value, json};

use crate::{
    actors::{Agent, Visitor},
    server::{TestRequest, TestResponse, TestServer, seconds},
};
use parlor_server::{
    store::row::WhenOffline,
    working_hours::{Hours, WorkingHours},
};

const ID: &str = "5f0c1b1d7a7c4f1e9a3e6d2b8c4a1f00-1";

/// A site where nobody accepts chats.
async fn nobody() -> (TestServer, Agent) {
    let server = TestServer::new().await;
    let agent = server.agent();
    agent.status("not_accepting_chats").await;
    (server, agent)
}

fn form(email: &str) -> Value {
    json!({ "form_id": "prechat", "fields": [
        { "type": "name", "id": "name", "label": "Your name", "answer": "Jon A." },
        { "type": "email", "id": "email", "label": "Your e-mail", "answer": email },
    ] })
}

fn message(id: &str, text: &str) -> Value {
    json!({ "prechatForm": form("jon@example.com"),
        "offlineMessage": { "text": text, "customId": id } })
}

async fn leaves(server: &TestServer, id: &str, text: &str) -> (Visitor, Value) {
    let mut visitor = server.visitor().await;
    visitor.init_with(message(id, text)).await.ok();
    let success = visitor.poll().await.message("ChatRequestSuccess");
    assert_eq!(success["offlineMessage"], true);
    (visitor, success)
}

async fn open(agent: &Agent) -> Vec<Value> {
    let listed = agent.act("list_offline_messages", json!({})).await;
    let messages = listed["messages"].as_array().unwrap().clone();
    assert_eq!(listed["total"], messages.len());
    messages
}

async fn by_id(server: &TestServer, path: &str, id: &str) -> TestResponse {
    let request = TestRequest::get(path).header("x-chat-visitor-id", id);
    server.stranger().request(request).await
}

#[tokio::test(start_paused = true)]
async fn a_message_is_a_closed_thread_that_agents_find() {
    let (server, agent) = nobody().await;
    let (_, _) = leaves(&server, ID, "Is it blue?").await;
    seconds(1).await;
    let (_, _) = leaves(&server, "another-random-id-2", "And red?").await;
    let open = open(&agent).await;
    let texts: Vec<_> = open.iter().map(|it| it["text"].clone()).collect();
    assert_eq!(texts, ["Is it blue?", "And red?"], "oldest first");
    assert_eq!(open[0]["name"], "Jon A.");
    let chat = open[0]["chat_id"].as_str().unwrap();
    let thread = agent.thread(chat).await;
    assert_eq!(thread["id"], open[0]["thread_id"]);
    assert_eq!(thread["active"], false);
    let kinds: Vec<_> = thread["events"].as_array().unwrap().iter().collect();
    assert_eq!(kinds[0]["type"], "filled_form");
    assert_eq!(kinds[1]["text"], "Is it blue?");
    assert_eq!(kinds.len(), 2);
    assert!(agent.waiting().await.is_empty(), "nobody waits");
}

#[tokio::test(start_paused = true)]
async fn the_headers_of_the_answer_tell_the_event() {
    let (server, _) = nobody().await;
    let mut visitor = server.visitor().await;
    let answer = visitor.init_with(message(ID, "Is it blue?")).await;
    assert_eq!(answer.headers["x-chat-position"], "2");
    let again = visitor
        .post_numbered(1, "ChasitorInit", {
            let mut init = visitor.init_body();
            for (name, value) in message(ID, "Is it blue?").as_object().unwrap() {
                init[name] = value.clone();
            }
            init
        })
        .await
        .ok();
    assert_eq!(
        again.headers["x-chat-event-id"],
        answer.headers["x-chat-event-id"]
    );
}

#[tokio::test(start_paused = true)]
async fn the_same_id_is_the_same_message_in_any_session() {
    let (server, agent) = nobody().await;
    let (_, first) = leaves(&server, ID, "Is it blue?").await;
    seconds(3_600).await;
    let (visitor, second) = leaves(&server, ID, "Is it blue?").await;
    assert_eq!(open(&agent).await.len(), 1);
    assert_eq!(second["customerId"], first["customerId"]);
    // The device learns a visitor id that is good, although the first one was lost.
    let id = second["visitorId"].as_str().unwrap();
    assert_ne!(second["visitorId"], first["visitorId"]);
    let history = by_id(&server, "Visitor/History", id)
        .await
        .message("History");
    assert_eq!(history["threads"].as_array().unwrap().len(), 1);
    drop(visitor);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_answered_is_refused() {
    let (server, agent) = nobody().await;
    let with = |form: Value, text: &str, id: &str| json!({ "prechatForm": form, "offlineMessage": { "text": text, "customId": id } });
    let long = "x".repeat(16 * 1024 + 1);
    for (case, part) in [
        (with(form("jon at example"), "Hi", ID), "email"),
        (with(form(" "), "Hi", ID), "email"),
        (
            json!({ "offlineMessage": { "text": "Hi", "customId": ID } }),
            "name",
        ),
        (with(form("a@b.example"), "  ", ID), "text"),
        (with(form("a@b.example"), &long, ID), "offlineMessage"),
        (with(form("a@b.example"), "Hi", "short"), "customId"),
    ] {
        let mut visitor = server.visitor().await;
        let answer = visitor.init_with(case).await;
        assert_eq!(answer.status.as_u16(), 400);
        assert!(answer.text.contains(part), "{}", answer.text);
    }
    assert!(open(&agent).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn without_a_form_a_phone_number_will_do() {
    let (server, agent) = nobody().await;
    server.set(|settings| settings.prechat = None).await;
    let contact = |answer: &str| {
        json!({ "prechatForm": { "form_id": "offline", "fields": [
            { "type": "question", "id": "offline-contact", "label": "Contact", "answer": answer }] },
            "offlineMessage": { "text": "Call me", "customId": ID } })
    };
    let mut visitor = server.visitor().await;
    visitor.init_with(contact("nobody")).await.status(400);
    visitor.init_with(contact("+49 30 901820")).await.ok();
    assert_eq!(open(&agent).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_reaches_the_open_session_and_closes_the_message() {
    let (server, agent) = nobody().await;
    let (mut visitor, _) = leaves(&server, ID, "Is it blue?").await;
    let row = open(&agent).await.remove(0);
    let answer = json!({ "type": "message", "text": "It is.", "custom_id": "a" });
    let sent = json!({ "chat_id": row["chat_id"], "thread_id": row["thread_id"], "event": answer });
    let first = agent.act("send_event", sent.clone()).await;
    assert_eq!(agent.act("send_event", sent).await, first, "once");
    assert_eq!(
        visitor.poll().await.message("ChatMessage")["text"],
        "It is."
    );
    assert!(open(&agent).await.is_empty());
    let names =
        json!({ "chat_id": row["chat_id"], "thread_id": row["thread_id"], "is_open": true });
    agent.act("update_offline_message", names).await;
    assert_eq!(open(&agent).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_private_note_leaves_the_message_open() {
    let (server, agent) = nobody().await;
    let (mut visitor, _) = leaves(&server, ID, "Is it blue?").await;
    let row = open(&agent).await.remove(0);
    let note = json!({ "type": "message", "text": "between us", "visibility": "agents" });
    let sent = json!({ "chat_id": row["chat_id"], "thread_id": row["thread_id"], "event": note });
    agent.act("send_event", sent).await;
    assert_eq!(open(&agent).await.len(), 1);
    visitor.poll().await.status(204);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_found_the_next_day_until_it_is_seen() {
    let (server, agent) = nobody().await;
    let (_, success) = leaves(&server, ID, "Is it blue?").await;
    let id = success["visitorId"].as_str().unwrap().to_owned();
    seconds(24 * 3600).await;
    server.app.run_maintenance().await.unwrap();
    let row = open(&agent).await.remove(0);
    let thread = row["thread_id"].as_str().unwrap();
    let event = json!({ "type": "message", "text": "It is." });
    let sent = json!({ "chat_id": row["chat_id"], "thread_id": thread, "event": event });
    agent.act("send_event", sent).await;
    let list = async || {
        let history = by_id(&server, "Visitor/History", &id).await;
        history.message("History")["threads"][0].clone()
    };
    let listed = list().await;
    assert_eq!(listed["unread"], 1);
    assert_eq!(listed["last_event"]["text"], "It is.");
    let path = format!("Visitor/History/{thread}");
    let seen = json!({ "seenUpTo": listed["last_event"]["created_at"] }).to_string();
    let post = |body: &str, id: &str| {
        let request = TestRequest::post(&path, body.to_owned()).header("x-chat-visitor-id", id);
        let stranger = server.stranger();
        async move { stranger.request(request).await }
    };
    post(&seen, "somebody else").await.status(403);
    post("{\"seenUpTo\":\"yesterday\"}", &id).await.status(400);
    assert_eq!(list().await["unread"], 1);
    post(&seen, &id).await.ok();
    assert_eq!(list().await.get("unread"), None);
}

#[tokio::test(start_paused = true)]
async fn a_silent_session_of_a_message_is_closed_and_nothing_is_written() {
    let (server, agent) = nobody().await;
    let (mut visitor, _) = leaves(&server, ID, "Is it blue?").await;
    // A process knows nothing of silence before its start.
    for _ in 0..70 {
        seconds(10).await;
        server.app.run_maintenance().await.unwrap();
    }
    visitor.poll().await.status(403);
    let row = open(&agent).await.remove(0);
    assert_eq!(agent.notes(row["chat_id"].as_str().unwrap()).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_hand_over_tells_that_the_message_was_left() {
    let (server, _) = nobody().await;
    let (mut visitor, _) = leaves(&server, ID, "Is it blue?").await;
    let other = server.another_process(2).await;
    visitor.reconnect(&other).await;
    let data = visitor.poll().await.message("ChasitorSessionData");
    assert_eq!(data["offlineMessage"], true);
    assert_eq!(data["chatMessages"][0]["customId"], ID);
    assert_eq!(data.get("ended"), None);
}

/// The last agent has left while the visitor waited.
#[tokio::test(start_paused = true)]
async fn who_waits_for_nobody_leaves_a_message_and_waits_no_more() {
    let server = TestServer::new().await;
    let agent = server.agent();
    let mut waiting = server.visitor().await;
    waiting.init().await.ok();
    let success = waiting.poll().await.message("ChatRequestSuccess");
    waiting.say("Hello?").await.ok();
    seconds(1).await;
    agent.status("not_accepting_chats").await;
    assert_eq!(agent.waiting().await.len(), 1);
    let mut left = message(ID, "Is it blue?");
    left["visitorId"] = success["visitorId"].clone();
    let mut visitor = server.visitor().await;
    visitor.init_with(left.clone()).await.ok();
    assert!(agent.waiting().await.is_empty());
    let ended = waiting.poll().await.message("ChatEnded");
    assert_eq!(ended["reason"], "client");
    // The same request once more is the same message, also when somebody has come.
    agent.status("accepting_chats").await;
    let mut again = server.visitor().await;
    again.init_with(left).await.ok();
    let open = open(&agent).await;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0]["text"], "Is it blue?");
    // Both are the same person's, and what was said before is not lost.
    let asked = json!({ "chat_id": open[0]["chat_id"], "limit": 100, "sort_order": "asc" });
    let threads = agent.act("list_threads", asked).await;
    let texts: Vec<_> = threads["threads"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|thread| thread["events"].as_array())
        .flatten()
        .filter(|event| event["type"] == "message")
        .map(|event| event["text"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["Hello?", "Is it blue?"]);
}

/// An agent has joined in the moment in which the visitor left a message instead of waiting.
#[tokio::test(start_paused = true)]
async fn who_leaves_a_message_instead_of_waiting_has_left_the_chat() {
    let server = TestServer::new().await;
    let agent = server.agent();
    let mut waiting = server.visitor().await;
    waiting.init().await.ok();
    let success = waiting.poll().await.message("ChatRequestSuccess");
    let chat = agent.accept().await;
    let mut left = message(ID, "Is it blue?");
    left["visitorId"] = success["visitorId"].clone();
    left["offlineMessage"]["insteadOf"] = waiting.key.clone().into();
    let mut visitor = server.visitor().await;
    visitor.init_with(left).await.ok();
    assert_eq!(visitor.poll().await.kinds(), ["ChatRequestSuccess"]);
    let kinds: Vec<String> = waiting
        .fetch_all()
        .await
        .into_iter()
        .map(|it| it.0)
        .collect();
    assert_eq!(kinds, ["ChatEstablished", "ChatEnded"]);
    let open = open(&agent).await;
    assert_eq!((open.len(), &open[0]["text"]), (1, &json!("Is it blue?")));
    assert_eq!(open[0]["chat_id"], chat.as_str());
    let closed = json!({ "filters": { "include_active": false } });
    let listed = agent.act("list_chats", closed).await;
    assert_eq!(listed["found_chats"], 1);
    // The key of somebody else's session ends nothing.
    let (mut other, _, _) = server.visitor_with_agent().await;
    let mut left = message("0123456789abcdef-2", "Mine");
    left["offlineMessage"]["insteadOf"] = other.key.clone().into();
    let mut stranger = server.visitor().await;
    stranger.init_with(left).await.ok();
    other.say("Still here").await.ok();
}

#[tokio::test(start_paused = true)]
async fn a_chat_that_is_open_elsewhere_goes_on() {
    let server = TestServer::new().await;
    let agent = server.agent();
    let mut visitor = server.visitor().await;
    visitor.init().await.ok();
    let id = visitor.poll().await.message("ChatRequestSuccess")["visitorId"].clone();
    let chat = agent.accept().await;
    let mut other = server.visitor().await;
    let mut left = message(ID, "Is it blue?");
    left["visitorId"] = id;
    other.init_with(left).await.ok();
    let active = async || {
        let only = json!({ "filters": { "include_active": true }, "limit": 100 });
        let listed = agent.act("list_chats", only).await;
        listed["found_chats"].as_i64()
    };
    assert_eq!(active().await, Some(1));
    // Agents see the open thread, and what they say is said in it.
    assert_eq!(agent.thread(&chat).await["active"], true);
    let listed = agent.act("list_chats", json!({})).await;
    let summary = &listed["chats_summary"][0]["last_thread_summary"];
    assert_eq!(summary["active"], true);
    visitor.poll().await;
    let hello = json!({ "chat_id": chat, "event": { "type": "message", "text": "Hello" } });
    agent.act("send_event", hello).await;
    let said = visitor.poll().await.message("ChatMessage");
    assert_eq!(said["text"], "Hello");
    visitor.post("ChatEnd", json!({})).await.ok();
    let mut tx = server.store().read().await.unwrap();
    assert_eq!(tx.count_chats(Some(true), &[0]).await.unwrap(), 0, "{chat}");
}

#[tokio::test(start_paused = true)]
async fn a_list_of_long_messages_is_as_long_as_an_answer_may_be() {
    let (server, agent) = nobody().await;
    // Each quotation mark has two bytes as JSON.
    let long = "\"".repeat(16 * 1024);
    for n in 0..40 {
        let id = format!("a-random-id-of-16-{n}");
        leaves(&server, &id, &long).await;
        seconds(60).await;
    }
    let listed = agent.act("list_offline_messages", json!({})).await;
    assert_eq!(listed["total"], 40);
    let messages = listed["messages"].as_array().unwrap();
    assert!((30..33).contains(&messages.len()), "{}", messages.len());
    assert_eq!(messages[0]["text"], long.as_str());
}

#[tokio::test(start_paused = true)]
async fn where_the_deployment_has_a_queue_visitors_wait() {
    let (server, agent) = nobody().await;
    let welcome = async || {
        let settings = TestRequest::get(&format!(
            "Visitor/Settings?deployment_id={}",
            server.site.deployment_id
        ));
        let answer = settings.send_to(&server.router).await;
        answer.message("Settings")["welcome"].clone()
    };
    assert_eq!(
        welcome().await["offlineForm"]["fields"][1]["required"],
        true
    );
    server
        .set(|settings| settings.when_offline = WhenOffline::Queue)
        .await;
    assert_eq!(welcome().await.get("offlineForm"), None);
    let mut visitor = server.visitor().await;
    visitor.init().await.ok();
    let success = visitor.poll().await.message("ChatRequestSuccess");
    assert_eq!(success["queuePosition"], 1);
    agent.status("accepting_chats").await;
    agent.accept().await;
    assert_eq!(visitor.poll().await.kinds(), ["ChatEstablished"]);
}

#[tokio::test(start_paused = true)]
async fn other_clients_are_told_where_to_go() {
    let (server, _) = nobody().await;
    server
        .set(|settings| settings.post_chat_url = Some("https://shop.example/contact".to_owned()))
        .await;
    let mut visitor = server.visitor().await;
    visitor.init().await.ok();
    let fail = visitor.poll().await.message("ChatRequestFail");
    assert_eq!(fail["reason"], "Unavailable");
    assert_eq!(fail["postChatUrl"], "https://shop.example/contact");
}

#[tokio::test(start_paused = true)]
async fn sensitive_data_is_taken_out() {
    let (server, agent) = nobody().await;
    server
        .set(|settings| {
            settings.sensitive_data_rules = vec![parlor_wire::visitor::SensitiveDataRule {
                pattern: "[0-9]{16}".to_owned(),
                action_type: "Remove".to_owned(),
                ..Default::default()
            }];
        })
        .await;
    leaves(&server, ID, "My card is 1234567812345678").await;
    assert_eq!(open(&agent).await[0]["text"], "My card is ");
}

/// The clock begins on a Thursday at midnight, UTC.
#[tokio::test(start_paused = true)]
async fn outside_of_working_hours_nobody_is_there() {
    let server = TestServer::new().await;
    server
        .set(|settings| {
            let mut hours = WorkingHours {
                time_zone: "Europe/Berlin".to_owned(),
                ..WorkingHours::default()
            };
            hours.days[3] = vec![Hours {
                from: 9 * 60,
                to: 10 * 60,
            }];
            settings.working_hours = Some(hours);
        })
        .await;
    let site = &server.site;
    let settings = format!(
        "Visitor/Settings?deployment_id={}&Settings.buttonIds=[{}]",
        site.deployment_id, site.button_id
    );
    let available = format!("Visitor/Availability?Availability.ids=[{}]", site.button_id);
    let told = async || {
        let settings = TestRequest::get(&settings).send_to(&server.router).await;
        let settings = settings.message("Settings");
        let answer = TestRequest::get(&available).send_to(&server.router).await;
        let result = answer.message("Availability")["results"][0].clone();
        let button = &settings["buttons"][0];
        assert_eq!(button.get("isAvailable"), result.get("isAvailable"));
        let online = settings["welcome"]["online"].as_array().unwrap().len();
        (
            button["isAvailable"] == true,
            online,
            settings["welcome"]["backAt"].clone(),
        )
    };
    let begins = json!("2026-01-01T08:00:00.000000Z");
    assert_eq!(told().await, (false, 0, begins));
    let mut visitor = server.visitor().await;
    visitor.init().await.ok();
    assert_eq!(visitor.poll().await.kinds(), ["ChatRequestFail"]);
    seconds(8 * 3600).await;
    server.agent().status("accepting_chats").await;
    assert_eq!(told().await, (true, 1, Value::Null));
    server.waiting_visitor().await;
    seconds(3600).await;
    assert_eq!(
        told().await,
        (false, 0, json!("2026-01-08T08:00:00.000000Z"))
    );
}
