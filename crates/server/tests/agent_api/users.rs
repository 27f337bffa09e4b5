//! Agents join a chat, supervise it, and leave.

use serde_json::{Value, json};

use crate::actors::{Console, TestServer, Visitor};

fn who(chat: &str, user: &str) -> Value {
    json!({"chat_id": chat, "user_id": user, "user_type": "agent"})
}

#[tokio::test]
async fn an_agent_takes_a_waiting_visitor() {
    let server = TestServer::new().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    assert_eq!(visitor.kinds().await, ["ChatRequestSuccess"]);
    let id = server.ada.only_chat().await;
    server.ada.accept(&id).await;
    let established = visitor.poll().await;
    assert_eq!(established[0].0, "ChatEstablished");
    assert_eq!(established[0].1["name"], "Ada");
    assert_eq!(established[0].1["userId"], server.ada.id.as_str());
    // A repeat changes nothing.
    server.ada.accept(&id).await;
    assert!(visitor.kinds().await.is_empty());
    let chat = server.ada.chat(&id).await;
    assert!(chat["thread"].get("queue").is_none());
    assert_eq!(chat["users"][1]["id"], server.ada.id.as_str());
    assert_eq!(chat["users"][1]["present"], true);
}

#[tokio::test]
async fn an_agent_can_be_added_by_email_and_by_a_colleague() {
    let server = TestServer::new().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    let id = server.ada.only_chat().await;
    server
        .ada
        .done("add_user_to_chat", who(&id, "BOB@example.com"))
        .await;
    assert!(
        visitor
            .kinds()
            .await
            .contains(&"ChatEstablished".to_owned())
    );
    // Only one agent answers at a time.
    server
        .ada
        .is_invalid("add_user_to_chat", who(&id, &server.ada.id))
        .await;
}

#[tokio::test]
async fn a_supervisor_is_not_seen_by_the_visitor() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    let id = server.ada.only_chat().await;
    server.ada.accept(&id).await;
    visitor.poll().await;
    let mut console = Console::of(address, &server.ada.token).await;
    let mut payload = who(&id, &server.bob.id);
    payload["visibility"] = json!("agents");
    server.bob.done("add_user_to_chat", payload.clone()).await;
    let push = console.next("user_added_to_chat").await;
    assert_eq!(push["payload"]["user"]["id"], server.bob.id.as_str());
    assert_eq!(push["payload"]["user"]["visibility"], "agents");
    server.bob.done("add_user_to_chat", payload).await;
    server
        .bob
        .done("remove_user_from_chat", who(&id, &server.bob.id))
        .await;
    let pushes = console.pushes_to("user_removed_from_chat").await;
    assert_eq!(pushes.len(), 1);
    assert_eq!(pushes[0]["payload"]["user_id"], server.bob.id.as_str());
    assert!(visitor.kinds().await.is_empty());
    let users = server.ada.chat(&id).await["thread"]["user_ids"].clone();
    assert!(users.as_array().unwrap().contains(&json!(server.bob.id)));
}

#[tokio::test]
async fn an_agent_leaves_and_the_visitor_waits_again() {
    let server = TestServer::new().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    let id = server.ada.only_chat().await;
    server.ada.accept(&id).await;
    visitor.poll().await;
    server
        .ada
        .done("remove_user_from_chat", who(&id, &server.ada.id))
        .await;
    let kinds = visitor.kinds().await;
    assert_eq!(kinds[0], "AgentDisconnect");
    assert_eq!(server.bob.chat(&id).await["thread"]["queue"]["position"], 1);
    server.bob.accept(&id).await;
    assert!(
        visitor
            .kinds()
            .await
            .contains(&"ChatEstablished".to_owned())
    );
}

#[tokio::test]
async fn invalid_joins_and_leaves_are_refused() {
    let server = TestServer::new().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    let id = server.ada.only_chat().await;
    let nobody = who(&id, "nobody@example.com");
    for action in ["add_user_to_chat", "remove_user_from_chat"] {
        assert_eq!(
            server.ada.fails(action, nobody.clone()).await,
            (404, "not_found".to_owned())
        );
        let customer = json!({"chat_id": id, "user_id": "x", "user_type": "customer"});
        server.ada.is_invalid(action, customer).await;
    }
    let mut odd = who(&id, &server.ada.id);
    odd["visibility"] = json!("ghosts");
    server.ada.is_invalid("add_user_to_chat", odd).await;
    server
        .ada
        .is_invalid("remove_user_from_chat", who(&id, &server.bob.id))
        .await;
    visitor.end().await;
    for action in ["add_user_to_chat", "remove_user_from_chat"] {
        assert_eq!(
            server.ada.fails(action, who(&id, &server.ada.id)).await,
            (422, "chat_inactive".to_owned())
        );
    }
}

#[tokio::test]
async fn agents_set_their_routing_status() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut console = Console::of(address, &server.bob.token).await;
    let status = |status: &str| json!({ "status": status });
    server
        .ada
        .done("set_routing_status", status("not_accepting_chats"))
        .await;
    let push = console.next("routing_status_set").await;
    assert_eq!(
        push["payload"],
        json!({"agent_id": server.ada.id, "status": "not_accepting_chats"})
    );
    let of_bob = json!({"status": "offline", "agent_id": "bob@example.com"});
    server.ada.done("set_routing_status", of_bob).await;
    let mut list = server.ada.act("list_routing_statuses", json!({})).await;
    let list = list.as_array_mut().unwrap();
    list.sort_by_key(|row| row["status"].as_str().map(str::to_owned));
    assert_eq!(
        *list,
        [
            json!({"agent_id": server.ada.id, "status": "not_accepting_chats"}),
            json!({"agent_id": server.bob.id, "status": "offline"}),
        ]
    );
    server
        .ada
        .is_invalid("set_routing_status", status("asleep"))
        .await;
    let colour = json!({"filters": {"colour": "red"}});
    server.ada.is_invalid("list_routing_statuses", colour).await;
    let nobody = json!({"status": "offline", "agent_id": "nobody"});
    assert_eq!(
        server.ada.fails("set_routing_status", nobody).await,
        (404, "not_found".to_owned())
    );
}
