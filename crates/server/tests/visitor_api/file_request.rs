//! Requested files: an agent asks for a file, and its upload writes the event
//! (Chat REST API, `FileTransfer`).

use serde_json::{Value, json};

use crate::{
    files::multipart,
    server::{TestRequest, TestResponse, TestServer},
};

async fn upload(
    server: &TestServer,
    request: &Value,
    session: &str,
    content: &[u8],
) -> TestResponse {
    let url = request["uploadServletUrl"].as_str().unwrap();
    let path = url.strip_prefix("http://chat.example/chat/rest/").unwrap();
    let token = request["fileToken"].as_str().unwrap();
    let path = format!("{path}?orgId=00D&chatKey={session}&fileToken={token}&encoding=UTF-8");
    let (kind, body) = multipart("file", "order.txt", content);
    TestRequest::post(&path, body)
        .header("content-type", &kind)
        .send_to(&server.router)
        .await
}

#[tokio::test(start_paused = true)]
async fn a_requested_file_is_sent_once() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    agent.act("request_file", json!({ "chat_id": chat })).await;
    let request = visitor.poll().await.message("FileTransfer");
    assert_eq!(request["type"], "Requested");
    upload(&server, &request, "another-session", b"x")
        .await
        .status(403);
    upload(&server, &request, &visitor.id, b"\0")
        .await
        .status(415);
    let sent = upload(&server, &request, &visitor.id, b"number 5")
        .await
        .ok();
    let thread = agent.thread(&chat).await;
    let event = thread["events"].as_array().unwrap().last().unwrap();
    assert_eq!(event["type"], "file");
    assert_eq!(event["name"], "order.txt");
    assert_eq!(event["id"], json!(sent.header("x-chat-event-id").unwrap()));
    assert_ne!(event["author_id"], json!(agent.id));
    let url = event["url"].as_str().unwrap();
    assert_eq!(server.file(url).await.text, "number 5");
    upload(&server, &request, &visitor.id, b"number 6")
        .await
        .status(403);
}

#[tokio::test(start_paused = true)]
async fn a_request_can_be_cancelled_and_repeated() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    agent.act("request_file", json!({ "chat_id": chat })).await;
    let first = visitor.poll().await.message("FileTransfer");
    agent
        .act("request_file", json!({ "chat_id": chat, "cancel": true }))
        .await;
    let canceled = visitor.poll().await.message("FileTransfer");
    assert_eq!(canceled, json!({ "type": "Canceled" }));
    upload(&server, &first, &visitor.id, b"x").await.status(403);
    agent
        .act("request_file", json!({ "chat_id": chat, "cancel": true }))
        .await;
    visitor.poll().await.empty();
    agent.act("request_file", json!({ "chat_id": chat })).await;
    agent.act("request_file", json!({ "chat_id": chat })).await;
    // Of two requests that were not polled yet, only the later one is sent.
    let polled = visitor.poll().await;
    assert_eq!(polled.kinds(), ["FileTransfer"]);
    let second = polled.message("FileTransfer");
    upload(&server, &second, &visitor.id, b"x").await.ok();
}

#[tokio::test(start_paused = true)]
async fn a_reloaded_page_gets_the_request_again() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    agent.act("request_file", json!({ "chat_id": chat })).await;
    let before = visitor.poll().await.message("FileTransfer");
    visitor.reconnect(&server).await;
    let polled = visitor.poll().await;
    assert_eq!(polled.kinds(), ["ChasitorSessionData", "FileTransfer"]);
    let after = polled.message("FileTransfer");
    assert_ne!(before["fileToken"], after["fileToken"]);
    upload(&server, &before, &visitor.id, b"x")
        .await
        .status(403);
    upload(&server, &after, &visitor.id, b"x").await.ok();
    visitor.reconnect(&server).await;
    assert_eq!(visitor.poll().await.kinds(), ["ChasitorSessionData"]);
}

#[tokio::test(start_paused = true)]
async fn an_absent_visitor_cannot_be_asked() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    server.set(|settings| settings.files.types.clear()).await;
    agent
        .request("request_file", json!({ "chat_id": chat }))
        .await
        .status(400);
    visitor
        .post("ChatEnd", json!({ "reason": "client" }))
        .await
        .ok();
    agent
        .request("request_file", json!({ "chat_id": chat }))
        .await
        .status(422);
    agent
        .request("request_file", json!({ "chat_id": "NOSUCHCHAT" }))
        .await
        .status(404);
}
