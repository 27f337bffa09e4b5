//! Transfers of a chat.

use serde_json::{Value, json};

use crate::actors::{TestServer, Visitor};

async fn chatting(server: &TestServer) -> (Visitor, String) {
    let mut visitor = Visitor::waits(server, "Jon").await;
    let id = server.ada.only_chat().await;
    server.ada.accept(&id).await;
    visitor.poll().await;
    (visitor, id)
}

fn to(chat: &str, kind: &str, ids: Value) -> Value {
    json!({"id": chat, "target": {"type": kind, "ids": ids}})
}

#[tokio::test]
async fn a_colleague_takes_over() {
    let server = TestServer::new().await;
    let (mut visitor, id) = chatting(&server).await;
    let targets = server
        .ada
        .act("list_agents_for_transfer", json!({"chat_id": id}))
        .await;
    assert_eq!(
        targets,
        json!([{"agent_id": server.bob.id, "total_active_chats": 0, "name": "Bob"}])
    );
    server
        .ada
        .done("transfer_chat", to(&id, "agent", json!([server.bob.id])))
        .await;
    let polled = visitor.poll().await;
    assert_eq!(polled[0].0, "ChatTransferred");
    assert_eq!(polled[0].1["name"], "Bob");
    let chat = server.ada.chat(&id).await;
    let present = |id: &str| {
        let users = chat["users"].as_array().unwrap();
        let user = users.iter().find(|user| user["id"] == id);
        user.unwrap()["present"].clone()
    };
    assert_eq!(
        (present(&server.ada.id), present(&server.bob.id)),
        (json!(false), json!(true))
    );
}

#[tokio::test]
async fn too_many_agents_are_refused() {
    let server = TestServer::new().await;
    let (_visitor, id) = chatting(&server).await;
    let many = vec![server.bob.id.as_str(); 101];
    let refused = server
        .ada
        .fails("transfer_chat", to(&id, "agent", json!(many)));
    assert_eq!(refused.await.0, 400);
    let user = json!({"id": server.bob.id, "type": "agent"});
    let chat = |count| json!({"chat": {"users": vec![user.clone(); count]}});
    server.ada.is_invalid("start_chat", chat(101)).await;
    server.ada.act("start_chat", chat(100)).await;
    let many = to(&id, "agent", json!(&many[..100]));
    server.ada.done("transfer_chat", many).await;
}

#[tokio::test]
async fn a_transfer_to_an_unavailable_agent_is_refused() {
    let server = TestServer::new().await;
    let (mut visitor, id) = chatting(&server).await;
    server
        .bob
        .done("set_routing_status", json!({"status": "offline"}))
        .await;
    let targets = json!({"chat_id": id});
    assert_eq!(
        server.ada.act("list_agents_for_transfer", targets).await,
        json!([])
    );
    let mut payload = to(&id, "agent", json!(["bob@example.com"]));
    server
        .ada
        .is_invalid("transfer_chat", payload.clone())
        .await;
    assert!(visitor.kinds().await.is_empty());
    payload["ignore_agents_availability"] = json!(true);
    server.ada.done("transfer_chat", payload).await;
    assert_eq!(visitor.kinds().await, ["ChatTransferred"]);
}

#[tokio::test]
async fn the_first_available_agent_gets_the_chat() {
    let server = TestServer::new().await;
    let (_visitor, id) = chatting(&server).await;
    server
        .ada
        .done(
            "set_routing_status",
            json!({"status": "not_accepting_chats"}),
        )
        .await;
    let both = to(&id, "agent", json!([server.ada.id, server.bob.id]));
    server.ada.done("transfer_chat", both).await;
    let chat = server.ada.chat(&id).await;
    assert_eq!(chat["users"][2]["id"], server.bob.id.as_str());
    assert_eq!(chat["users"][2]["present"], true);
}

#[tokio::test]
async fn a_transfer_to_a_group_queues_the_chat() {
    for target in [
        json!({"target": {"type": "group", "ids": [1]}}),
        json!({"target": {"type": "group", "ids": ["1"]}}),
        json!({}),
    ] {
        let server = TestServer::new().await;
        let (mut visitor, id) = chatting(&server).await;
        let mut payload = target.clone();
        payload["chat_id"] = json!(id);
        server.ada.done("transfer_chat", payload.clone()).await;
        assert_eq!(visitor.kinds().await[0], "AgentDisconnect", "{target}");
        let chat = server.ada.chat(&id).await;
        assert_eq!(chat["thread"]["queue"]["position"], 1, "{target}");
        visitor.end().await;
        assert_eq!(
            server.ada.fails("transfer_chat", payload).await,
            (422, "chat_inactive".to_owned())
        );
    }
}

#[tokio::test]
async fn a_transfer_needs_a_target() {
    let server = TestServer::new().await;
    let (_visitor, id) = chatting(&server).await;
    for payload in [
        to(&id, "agent", json!([])),
        to(&id, "group", json!([])),
        to(&id, "group", json!([99])),
        to(&id, "group", json!(["all"])),
        to(&id, "planet", json!([1])),
    ] {
        server.ada.is_invalid("transfer_chat", payload).await;
    }
    assert_eq!(
        server
            .ada
            .fails("transfer_chat", to(&id, "agent", json!(["nobody"])))
            .await,
        (404, "not_found".to_owned())
    );
    for agent in [&server.ada, &server.bob] {
        agent
            .done("set_routing_status", json!({"status": "offline"}))
            .await;
    }
    server
        .ada
        .is_invalid("transfer_chat", to(&id, "group", json!([1])))
        .await;
    let started = server.ada.act("start_chat", json!({})).await;
    let stay = json!({"id": started["chat_id"]});
    server.ada.is_invalid("transfer_chat", stay).await;
}
