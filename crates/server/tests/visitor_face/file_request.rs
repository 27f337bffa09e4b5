//! The seed's own way of sending a file: an agent asks for one, and its upload
//! is its event (seed 001, FileTransfer).

use serde_json::{Value, json};

use crate::{
    files::multipart,
    world::{Answer, Ask, World},
};

async fn upload(world: &World, request: &Value, session: &str, content: &[u8]) -> Answer {
    let url = request["uploadServletUrl"].as_str().unwrap();
    let path = url.strip_prefix("http://chat.example/chat/rest/").unwrap();
    let token = request["fileToken"].as_str().unwrap();
    let path = format!("{path}?orgId=00D&chatKey={session}&fileToken={token}&encoding=UTF-8");
    let (kind, body) = multipart("file", "order.txt", content);
    Ask::post(&path, body)
        .header("content-type", &kind)
        .of(&world.router)
        .await
}

#[tokio::test(start_paused = true)]
async fn what_an_agent_asks_for_comes_once() {
    let world = World::new().await;
    let (mut visitor, agent, chat) = world.talking().await;
    agent.act("request_file", json!({ "chat_id": chat })).await;
    let request = visitor.poll().await.message("FileTransfer");
    assert_eq!(request["type"], "Requested");
    upload(&world, &request, "another session", b"x")
        .await
        .status(403);
    upload(&world, &request, &visitor.id, b"\0")
        .await
        .status(415);
    let sent = upload(&world, &request, &visitor.id, b"number 5")
        .await
        .ok();
    let thread = agent.thread(&chat).await;
    let event = thread["events"].as_array().unwrap().last().unwrap();
    assert_eq!(event["type"], "file");
    assert_eq!(event["name"], "order.txt");
    assert_eq!(event["id"], json!(sent.header("x-chat-event-id").unwrap()));
    assert_ne!(event["author_id"], json!(agent.id));
    let url = event["url"].as_str().unwrap();
    assert_eq!(world.file(url).await.text, "number 5");
    upload(&world, &request, &visitor.id, b"number 6")
        .await
        .status(403);
}

#[tokio::test(start_paused = true)]
async fn a_request_can_be_taken_back_and_made_anew() {
    let world = World::new().await;
    let (mut visitor, agent, chat) = world.talking().await;
    agent.act("request_file", json!({ "chat_id": chat })).await;
    let first = visitor.poll().await.message("FileTransfer");
    agent
        .act("request_file", json!({ "chat_id": chat, "cancel": true }))
        .await;
    let canceled = visitor.poll().await.message("FileTransfer");
    assert_eq!(canceled, json!({ "type": "Canceled" }));
    upload(&world, &first, &visitor.id, b"x").await.status(403);
    agent
        .act("request_file", json!({ "chat_id": chat, "cancel": true }))
        .await;
    visitor.poll().await.empty();
    agent.act("request_file", json!({ "chat_id": chat })).await;
    agent.act("request_file", json!({ "chat_id": chat })).await;
    // Two requests that nobody has fetched yet are the later one.
    let polled = visitor.poll().await;
    assert_eq!(polled.kinds(), ["FileTransfer"]);
    let second = polled.message("FileTransfer");
    upload(&world, &second, &visitor.id, b"x").await.ok();
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_who_is_not_there() {
    let world = World::new().await;
    let (mut visitor, agent, chat) = world.talking().await;
    world.set(|settings| settings.files.types.clear()).await;
    agent
        .ask("request_file", json!({ "chat_id": chat }))
        .await
        .status(400);
    visitor
        .post("ChatEnd", json!({ "reason": "client" }))
        .await
        .ok();
    agent
        .ask("request_file", json!({ "chat_id": chat }))
        .await
        .status(422);
    agent
        .ask("request_file", json!({ "chat_id": "NOSUCHCHAT" }))
        .await
        .status(404);
}
