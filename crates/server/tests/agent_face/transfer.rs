//! A chat is handed on.

use serde_json::{Value, json};

use crate::actors::{Visitor, World};

async fn chatting(world: &World) -> (Visitor, String) {
    let mut visitor = Visitor::waits(world, "Jon").await;
    let id = world.ada.only_chat().await;
    world.ada.accept(&id).await;
    visitor.poll().await;
    (visitor, id)
}

fn to(chat: &str, kind: &str, ids: Value) -> Value {
    json!({"id": chat, "target": {"type": kind, "ids": ids}})
}

#[tokio::test]
async fn a_colleague_takes_over() {
    let world = World::new().await;
    let (mut visitor, id) = chatting(&world).await;
    let targets = world
        .ada
        .act("list_agents_for_transfer", json!({"chat_id": id}))
        .await;
    assert_eq!(
        targets,
        json!([{"agent_id": world.bob.id, "total_active_chats": 0, "name": "Bob"}])
    );
    world
        .ada
        .done("transfer_chat", to(&id, "agent", json!([world.bob.id])))
        .await;
    let polled = visitor.poll().await;
    assert_eq!(polled[0].0, "ChatTransferred");
    assert_eq!(polled[0].1["name"], "Bob");
    let chat = world.ada.chat(&id).await;
    let present = |id: &str| {
        let users = chat["users"].as_array().unwrap();
        let user = users.iter().find(|user| user["id"] == id);
        user.unwrap()["present"].clone()
    };
    assert_eq!(
        (present(&world.ada.id), present(&world.bob.id)),
        (json!(false), json!(true))
    );
}

#[tokio::test]
async fn who_takes_no_chats_is_not_given_any() {
    let world = World::new().await;
    let (mut visitor, id) = chatting(&world).await;
    world
        .bob
        .done("set_routing_status", json!({"status": "offline"}))
        .await;
    let targets = json!({"chat_id": id});
    assert_eq!(
        world.ada.act("list_agents_for_transfer", targets).await,
        json!([])
    );
    let mut payload = to(&id, "agent", json!(["bob@example.com"]));
    world.ada.is_invalid("transfer_chat", payload.clone()).await;
    assert!(visitor.kinds().await.is_empty());
    payload["ignore_agents_availability"] = json!(true);
    world.ada.done("transfer_chat", payload).await;
    assert_eq!(visitor.kinds().await, ["ChatTransferred"]);
}

#[tokio::test]
async fn the_first_who_takes_chats_gets_it() {
    let world = World::new().await;
    let (_visitor, id) = chatting(&world).await;
    world
        .ada
        .done(
            "set_routing_status",
            json!({"status": "not_accepting_chats"}),
        )
        .await;
    let both = to(&id, "agent", json!([world.ada.id, world.bob.id]));
    world.ada.done("transfer_chat", both).await;
    let chat = world.ada.chat(&id).await;
    assert_eq!(chat["users"][2]["id"], world.bob.id.as_str());
    assert_eq!(chat["users"][2]["present"], true);
}

#[tokio::test]
async fn a_group_takes_it_back_into_its_queue() {
    for target in [
        json!({"target": {"type": "group", "ids": [1]}}),
        json!({"target": {"type": "group", "ids": ["1"]}}),
        json!({}),
    ] {
        let world = World::new().await;
        let (mut visitor, id) = chatting(&world).await;
        let mut payload = target.clone();
        payload["chat_id"] = json!(id);
        world.ada.done("transfer_chat", payload.clone()).await;
        assert_eq!(visitor.kinds().await[0], "AgentDisconnect", "{target}");
        let chat = world.ada.chat(&id).await;
        assert_eq!(chat["thread"]["queue"]["position"], 1, "{target}");
        visitor.end().await;
        assert_eq!(
            world.ada.fails("transfer_chat", payload).await,
            (422, "chat_inactive".to_owned())
        );
    }
}

#[tokio::test]
async fn nowhere_is_no_target() {
    let world = World::new().await;
    let (_visitor, id) = chatting(&world).await;
    for payload in [
        to(&id, "agent", json!([])),
        to(&id, "group", json!([])),
        to(&id, "group", json!([99])),
        to(&id, "group", json!(["all"])),
        to(&id, "planet", json!([1])),
    ] {
        world.ada.is_invalid("transfer_chat", payload).await;
    }
    assert_eq!(
        world
            .ada
            .fails("transfer_chat", to(&id, "agent", json!(["nobody"])))
            .await,
        (404, "not_found".to_owned())
    );
    for agent in [&world.ada, &world.bob] {
        agent
            .done("set_routing_status", json!({"status": "offline"}))
            .await;
    }
    world
        .ada
        .is_invalid("transfer_chat", to(&id, "group", json!([1])))
        .await;
    let started = world.ada.act("start_chat", json!({})).await;
    let stay = json!({"id": started["chat_id"]});
    world.ada.is_invalid("transfer_chat", stay).await;
}
