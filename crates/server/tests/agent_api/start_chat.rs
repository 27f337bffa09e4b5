//! Chats that agents start, resume and close.

use serde_json::json;

use crate::actors::{Console, TestServer, Visitor};

#[tokio::test]
async fn an_agent_opens_a_chat() {
    let server = TestServer::new().await;
    let events = json!([
        {"type": "message", "text": "Welcome back"},
        {"type": "message", "text": "VIP", "visibility": "agents"},
    ]);
    let chat = json!({
        "users": [{"id": "bob@example.com", "type": "agent"}],
        "properties": {"shop": {"order": "17"}},
        "access": {"group_ids": [0]},
        "thread": {"events": events},
    });
    let started = server.ada.act("start_chat", json!({ "chat": chat })).await;
    assert_eq!(started["event_ids"].as_array().unwrap().len(), 2);
    let chat = server.ada.chat(started["chat_id"].as_str().unwrap()).await;
    let thread = &chat["thread"];
    assert_eq!(thread["id"], started["thread_id"]);
    assert_eq!(thread["active"], true);
    assert_eq!(thread["events"][0]["id"], started["event_ids"][0]);
    assert_eq!(thread["events"][1]["visibility"], "agents");
    assert_eq!(chat["properties"]["shop"]["order"], "17");
    let users = thread["user_ids"].as_array().unwrap();
    assert_eq!(users[1..], [json!(server.ada.id), json!(server.bob.id)]);
    assert_eq!(chat["users"][1]["present"], true);
    assert_eq!(chat["users"][2]["present"], false);
}

#[tokio::test]
async fn a_chat_may_be_closed_from_the_start() {
    let server = TestServer::new().await;
    let chat = json!({"thread": {"events": [{"type": "message", "text": "For the record"}]}});
    let payload = json!({"chat": chat, "active": false, "continuous": true});
    let started = server.ada.act("start_chat", payload).await;
    let id = started["chat_id"].as_str().unwrap();
    assert_eq!(server.ada.chat(id).await["thread"]["active"], false);
    let message = json!({"type": "message", "text": "x"});
    assert_eq!(
        server
            .ada
            .fails("send_event", json!({"chat_id": id, "event": message}))
            .await,
        (422, "chat_inactive".to_owned())
    );
}

#[tokio::test]
async fn a_customer_has_one_open_chat() {
    let server = TestServer::new().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    let id = server.ada.only_chat().await;
    let customer = server.ada.chat(&id).await["users"][0]["id"].clone();
    let chat = json!({"users": [{"id": customer, "type": "customer"}]});
    let payload = json!({ "chat": chat });
    server.ada.is_invalid("start_chat", payload.clone()).await;
    visitor.end().await;
    let started = server.ada.act("start_chat", payload.clone()).await;
    assert_eq!(started["chat_id"], id.as_str());
    server.ada.is_invalid("start_chat", payload).await;

    let nobody = json!({"chat": {"users": [{"id": "nobody", "type": "customer"}]}});
    assert_eq!(
        server.ada.fails("start_chat", nobody).await,
        (404, "not_found".to_owned())
    );
}

#[tokio::test]
async fn a_closed_chat_is_opened_again() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    let id = server.ada.only_chat().await;
    let payload = json!({"chat": {"id": id, "thread": {"events": [
        {"type": "message", "text": "One more thing"}]}}});
    server.bob.is_invalid("resume_chat", payload.clone()).await;
    visitor.end().await;
    let before = server.ada.chat(&id).await["thread"]["id"].clone();

    let mut console = Console::of(address, &server.ada.token).await;
    let resumed = server.bob.act("resume_chat", payload.clone()).await;
    assert_eq!(resumed["event_ids"].as_array().unwrap().len(), 1);
    let push = console.next("incoming_chat").await;
    assert_eq!(push["payload"]["requester_id"], server.bob.id.as_str());
    let chat = server.ada.chat(&id).await;
    assert_eq!(push["payload"]["chat"], chat);
    assert_eq!(chat["thread"]["id"], resumed["thread_id"]);
    assert_eq!(chat["thread"]["previous_thread_id"], before);
    server.bob.is_invalid("resume_chat", payload).await;
}

#[tokio::test]
async fn invalid_content_is_refused() {
    let server = TestServer::new().await;
    let many = vec![json!({"type": "message", "text": "x"}); 101];
    for chat in [
        json!({"id": "PJ0MRSHTDG"}),
        json!({"access": {"group_ids": [0, 1]}}),
        json!({"thread": {"tags": [""]}}),
        json!({"thread": {"tags": ["a".repeat(201)]}}),
        json!({"thread": {"properties": {"a": {"b": "x".repeat(17 * 1024)}}}}),
        json!({"thread": {"events": many}}),
        json!({"thread": {"events": [{"type": "message", "text": ""}]}}),
        json!({"properties": {"a": {"b": "x".repeat(17 * 1024)}}}),
        json!({"users": [{"id": "a", "type": "customer"}, {"id": "b", "type": "customer"}]}),
        json!({"users": [{"id": "a", "type": "robot"}]}),
    ] {
        server
            .ada
            .is_invalid("start_chat", json!({ "chat": chat }))
            .await;
    }
    server
        .ada
        .is_invalid("resume_chat", json!({"chat": {}}))
        .await;
    assert!(server.ada.chats().await.is_empty());
    let nobody = json!({"chat": {"id": "NOSUCHCHAT"}});
    assert_eq!(
        server.ada.fails("resume_chat", nobody).await,
        (404, "not_found".to_owned())
    );
}

#[tokio::test]
async fn closing_a_chat_ends_the_visitors_session() {
    let server = TestServer::new().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    let id = server.ada.only_chat().await;
    server.ada.accept(&id).await;
    visitor.poll().await;
    server
        .ada
        .done("deactivate_chat", json!({"chat_id": id}))
        .await;
    let (kind, ended) = visitor.poll().await.pop().unwrap();
    assert_eq!(
        (kind.as_str(), &ended["reason"]),
        ("ChatEnded", &json!("agent"))
    );
    assert_eq!(
        server
            .ada
            .fails("deactivate_chat", json!({ "id": id }))
            .await,
        (422, "chat_inactive".to_owned())
    );
}
