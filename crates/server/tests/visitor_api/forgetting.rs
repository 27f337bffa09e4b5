//! Customers who are erased or exported by the agent API, and what is deleted because of its age.

use parlor_server::{
    app::Config,
    files::Files,
    store::row::{RetentionPolicy, Role},
};
use serde_json::{Value, json};

use crate::{
    actors::{Agent, Visitor},
    files::{multipart, upload_body},
    server::{TestServer, seconds},
};

const DAY_S: u64 = 24 * 3600;

async fn customer_of(agent: &Agent, chat: &str) -> Value {
    let chat = agent.act("get_chat", json!({ "chat_id": chat })).await;
    let users = chat["users"].as_array().unwrap();
    let customer = users.iter().find(|user| user["type"] == "customer");
    customer.unwrap()["id"].clone()
}

async fn sends_file(visitor: &mut Visitor, text: &[u8]) -> String {
    let told = upload_body(visitor, multipart("file", "a.txt", text)).await;
    let url = told.status(200).json()["url"].as_str().unwrap().to_owned();
    let data = json!({ "type": "file", "url": url }).to_string();
    let event = json!({ "type": "file", "data": data });
    visitor.post("CustomEvent", event).await.ok();
    url
}

async fn set_role(server: &TestServer, agent: &Agent, role: Role) {
    let mut row = server.row(agent).await;
    row.role = role;
    server.put(&row).await;
}

/// A server whose file storage the test can inspect.
async fn server_with_files() -> (TestServer, Files) {
    let files = Files::memory();
    let config = Config {
        files: files.clone(),
        ..Config::default()
    };
    (TestServer::new().await.process_with(2, config).await, files)
}

#[tokio::test(start_paused = true)]
async fn an_open_conversation_is_ended_and_gone_for_everybody() {
    let (server, files) = server_with_files().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    set_role(&server, &agent, Role::Owner).await;
    visitor.say("secret").await.ok();
    let url = sends_file(&mut visitor, b"secret").await;
    upload_body(&visitor, multipart("file", "unsent.txt", b"x"))
        .await
        .status(200);
    let mut other = server.waiting_visitor().await;
    other.say("hello").await.ok();
    let customer = customer_of(&agent, &chat).await;
    visitor.fetch_all().await;
    let poll = visitor.poll_in_background();
    seconds(1).await;

    let erased = agent.act("erase_customer", json!({ "id": customer })).await;
    assert_eq!(erased["conversations"], 1);
    assert_eq!(erased["files"], 2);
    assert_eq!(erased["customer_id"], customer);
    assert!(erased["agent_id"].is_string() && erased["erased_at"].is_string());
    // The open poll ends, and nothing of the session is known any more.
    poll.await.unwrap().status(403);
    visitor.say("more").await.status(403);
    server.file(&url).await.status(404);
    assert_eq!(files.names().await.unwrap(), [""; 0]);
    for (action, asked) in [
        ("get_chat", json!({ "chat_id": chat })),
        ("get_customer", json!({ "id": customer })),
        ("export_customer", json!({ "id": customer })),
        ("erase_customer", json!({ "id": customer })),
    ] {
        agent.request(action, asked).await.status(404);
    }
    let chats = agent.act("list_chats", json!({})).await;
    let chats = chats["chats_summary"].as_array().unwrap().clone();
    assert_eq!(chats.len(), 1);
    assert_ne!(chats[0]["id"], chat.as_str());
    // The queue has nobody who is gone.
    assert_eq!(agent.waiting().await.len(), 1);
    other.say("still here").await.ok();

    // What an agent's client catches up on has nothing of it.
    let mut tx = server.store().read().await.unwrap();
    let pushes = tx.agent_stream_events(0, 1_000).await.unwrap().events;
    let of_chat: Vec<&str> = pushes
        .iter()
        .filter(|push| push.payload.0.to_string().contains(&chat))
        .map(|push| push.action.as_str())
        .collect();
    assert_eq!(of_chat, ["thread_deleted"]);
    let erasure = tx.erasure(&customer.as_str().unwrap().into()).await;
    assert!(erasure.unwrap().unwrap().erased_at.is_some());
    drop(tx);
    server.app.run_maintenance().await.unwrap();
    server.app.write_memory().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn owners_may_and_administrators_who_see_everything() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    visitor.say("secret").await.ok();
    let customer = customer_of(&agent, &chat).await;
    let eve = server.colleague("eve").await;
    let asked = json!({ "id": customer });
    for action in ["export_customer", "erase_customer"] {
        set_role(&server, &eve, Role::Agent).await;
        eve.request(action, asked.clone()).await.status(403);
        set_role(&server, &eve, Role::Administrator).await;
        server.join(&eve, []).await;
        eve.request(action, asked.clone()).await.status(403);
    }
    assert_eq!(agent.log(&chat).await.last().unwrap(), "secret");
    set_role(&server, &eve, Role::Owner).await;
    let export = eve.act("export_customer", asked.clone()).await;
    assert!(export.to_string().contains("secret"));
    eve.act("erase_customer", asked).await;
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_erasure_is_continued() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    visitor.say("secret").await.ok();
    let customer = customer_of(&agent, &chat).await;
    let id = customer.as_str().unwrap().into();
    let mut tx = server.store().begin().await.unwrap();
    tx.put_erasure(&parlor_server::store::row::Erasure {
        customer_id: id,
        requested_at: server.now(),
        agent_id: None,
        erased_at: None,
        conversations: 0,
        files: 0,
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
    server.app.run_maintenance().await.unwrap();
    agent
        .request("get_chat", json!({ "chat_id": chat }))
        .await
        .status(404);
    let mut tx = server.store().read().await.unwrap();
    let id = customer.as_str().unwrap().into();
    let erasure = tx.erasure(&id).await.unwrap().unwrap();
    assert_eq!((erasure.conversations, erasure.files), (1, 0));
    assert!(erasure.erased_at.is_some());
    assert_eq!(tx.pending_erasures(9).await.unwrap(), []);
}

/// A conversation that has ended, with its chat and the address of a file.
async fn conversation(server: &TestServer) -> (Agent, String, String) {
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let page = json!({ "location": "https://shop.example/hats" });
    visitor.post("Breadcrumb", page).await.ok();
    visitor.say("secret").await.ok();
    let url = sends_file(&mut visitor, b"the bytes").await;
    agent.end(&chat).await;
    (agent, chat, url)
}

async fn keeps(server: &TestServer, retention: RetentionPolicy) {
    server.set(|settings| settings.retention = retention).await;
}

#[tokio::test(start_paused = true)]
async fn conversations_are_deleted_at_their_age() {
    let server = TestServer::new().await;
    keeps(
        &server,
        RetentionPolicy {
            chats_days: Some(2),
            ..RetentionPolicy::default()
        },
    )
    .await;
    let (agent, chat, url) = conversation(&server).await;
    let (open, _, open_chat) = server.visitor_with_agent().await;
    let asked = json!({ "chat_id": chat });
    seconds(2 * DAY_S - 60).await;
    drop(open);
    server.app.run_maintenance().await.unwrap();
    agent.request("get_chat", asked.clone()).await.status(200);
    server.file(&url).await.status(200);
    seconds(120).await;
    server.app.run_maintenance().await.unwrap();
    agent.request("get_chat", asked).await.status(404);
    server.app.run_maintenance().await.unwrap();
    server.file(&url).await.status(404);
    // One that began then, and was silent, has ended later.
    let asked = json!({ "chat_id": open_chat });
    agent.request("get_chat", asked).await.status(200);
}

#[tokio::test(start_paused = true)]
async fn files_pages_and_addresses_are_removed_from_what_stays() {
    let server = TestServer::new().await;
    let (agent, chat, url) = conversation(&server).await;
    let asked = json!({ "chat_id": chat });
    let id = {
        let chat = agent.act("get_chat", asked.clone()).await;
        parlor_wire::ThreadId::from(chat["thread"]["id"].as_str().unwrap())
    };
    let mut tx = server.store().begin().await.unwrap();
    let mut row = tx.thread(&id).await.unwrap().unwrap();
    row.details.0.address = Some("198.51.100.7".to_owned());
    tx.put_thread(&row).await.unwrap();
    tx.commit().await.unwrap();
    let details = async || {
        let mut tx = server.store().read().await.unwrap();
        tx.thread(&id).await.unwrap().unwrap().details.0
    };
    assert!(!details().await.pages.is_empty() && details().await.address.is_some());
    seconds(4 * DAY_S).await;
    server.app.run_maintenance().await.unwrap();
    server.file(&url).await.status(200);
    assert!(!details().await.pages.is_empty(), "all is kept by default");

    keeps(
        &server,
        RetentionPolicy {
            files_days: Some(3),
            addresses_days: Some(5),
            ..RetentionPolicy::default()
        },
    )
    .await;
    server.app.run_maintenance().await.unwrap();
    server.app.run_maintenance().await.unwrap();
    let gone = server.file(&url).await.status(404);
    assert!(gone.text.contains("deleted"), "{}", gone.text);
    let chat = agent.act("get_chat", asked.clone()).await;
    let events = chat["thread"]["events"].as_array().unwrap();
    let file = events.iter().find(|event| event["type"] == "file").unwrap();
    assert_eq!((&file["url"], &file["name"]), (&json!(""), &json!("a.txt")));
    assert!(file.get("thumbnail_url").is_none());
    assert!(events.iter().any(|event| event["text"] == "secret"));
    assert!(details().await.address.is_some());

    // Days are counted, and a shorter time holds for what was looked at before.
    seconds(2 * DAY_S).await;
    server.app.run_maintenance().await.unwrap();
    assert!(details().await.address.is_none() && !details().await.pages.is_empty());
    keeps(
        &server,
        RetentionPolicy {
            pages_days: Some(1),
            ..RetentionPolicy::default()
        },
    )
    .await;
    server.app.run_maintenance().await.unwrap();
    let details = details().await;
    assert!(details.pages.is_empty() && details.referrer.is_none());
}
