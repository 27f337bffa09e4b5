//! Events, typing indicators and read receipts.

use serde_json::{Value, json};

use crate::actors::{Console, TestServer, Visitor};

async fn chatting(server: &TestServer) -> (Visitor, String) {
    let mut visitor = Visitor::waits(server, "Jon").await;
    let id = server.ada.only_chat().await;
    server.ada.accept(&id).await;
    visitor.poll().await;
    (visitor, id)
}

#[tokio::test]
async fn an_agents_message_reaches_the_visitor() {
    let server = TestServer::new().await;
    let (mut visitor, id) = chatting(&server).await;
    let event_id = server.ada.say(&id, "Good day").await;
    let polled = visitor.poll().await;
    assert_eq!(polled.len(), 1);
    let (kind, message) = &polled[0];
    assert_eq!(kind, "ChatMessage");
    assert_eq!(message["text"], "Good day");
    assert_eq!(message["name"], "Ada");
    assert_eq!(message["eventId"], event_id.as_str());
}

#[tokio::test]
async fn other_kinds_of_events_come_as_custom_events() {
    let server = TestServer::new().await;
    let (mut visitor, id) = chatting(&server).await;
    for event in [
        json!({"type": "rich_message", "template_id": "quick_replies",
            "elements": [{"title": "Well?", "buttons": [{"text": "Yes", "postback_id": "y"}]}]}),
        json!({"type": "custom", "content": {"a": 1}}),
        json!({"type": "system_message", "system_message_type": "note", "text": "Bye"}),
        json!({"type": "form", "form_id": "f1",
            "fields": [{"type": "name", "id": "n", "label": "Name"}]}),
    ] {
        let event_id = server.ada.send(&id, event.clone()).await;
        let (kind, custom) = visitor.poll().await.pop().unwrap();
        assert_eq!(kind, "CustomEvent", "{event}");
        assert_eq!(custom["type"], event["type"]);
        let data: Value = serde_json::from_str(custom["data"].as_str().unwrap()).unwrap();
        assert_eq!(data["id"], event_id.as_str());
    }
}

#[tokio::test]
async fn what_is_for_agents_never_reaches_the_visitor() {
    let server = TestServer::new().await;
    let (mut visitor, id) = chatting(&server).await;
    server.ada.note(&id, "a secret of ours").await;
    // Bob is not in the chat, and is recorded in it from now on.
    let noted = server.bob.note(&id, "another secret").await;
    server.ada.say(&id, "in the open").await;
    let (kind, message) = visitor.poll().await.pop().unwrap();
    assert_eq!(
        (kind.as_str(), &message["text"]),
        ("ChatMessage", &json!("in the open"))
    );
    let data = visitor.session_data().await;
    let entries = data["chatMessages"].as_array().unwrap();
    assert!(
        entries
            .iter()
            .any(|entry| entry["content"] == "in the open")
    );
    server
        .ada
        .done("deactivate_chat", json!({ "id": id }))
        .await;
    visitor.poll().await;
    let heard = format!("{:?}", visitor.heard);
    assert!(!heard.contains("secret"), "{heard}");
    assert!(!heard.contains(&server.bob.id), "{heard}");

    let chat = server.bob.chat(&id).await;
    let events = chat["thread"]["events"].as_array().unwrap();
    let note = events.iter().find(|event| event["id"] == noted.as_str());
    assert_eq!(note.unwrap()["visibility"], "agents");
    assert_eq!(chat["users"][2]["name"], "Bob");
}

#[tokio::test]
async fn a_repeat_is_answered_as_the_first_time() {
    let server = TestServer::new().await;
    let (mut visitor, id) = chatting(&server).await;
    let event = json!({"type": "message", "text": "Once", "custom_id": "c-1"});
    let first = server.ada.send(&id, event.clone()).await;
    let again = server.ada.send(&id, event.clone()).await;
    assert_eq!(first, again);
    assert_eq!(visitor.kinds().await, ["ChatMessage"]);
    visitor.end().await;
    assert_eq!(server.ada.send(&id, event).await, first);
}

#[tokio::test]
async fn an_ended_chat_takes_events_only_if_asked_to() {
    let server = TestServer::new().await;
    let (mut visitor, id) = chatting(&server).await;
    visitor.end().await;
    let event = json!({"type": "message", "text": "Too late", "visibility": "agents"});
    let mut payload = json!({"chat_id": id, "event": event});
    assert_eq!(
        server.ada.fails("send_event", payload.clone()).await,
        (422, "chat_inactive".to_owned())
    );
    payload["attach_to_last_thread"] = json!(true);
    let event_id = server.ada.act("send_event", payload).await["event_id"].clone();
    let chat = server.ada.chat(&id).await;
    let last = chat["thread"]["events"].as_array().unwrap().last().unwrap();
    assert_eq!(last["id"], event_id);
}

#[tokio::test]
async fn what_an_agent_cannot_send_is_refused() {
    let server = TestServer::new().await;
    let (_visitor, id) = chatting(&server).await;
    for event in [
        json!({"type": "message", "text": ""}),
        json!({"type": "message", "text": "x".repeat(16 * 1024 + 1)}),
        json!({"type": "message", "text": "x", "visibility": "ghosts"}),
        json!({"type": "message", "text": "x", "visibility": 1}),
        json!({"type": "message", "text": "x", "custom_id": ""}),
        json!({"type": "message", "text": "x", "custom_id": 7}),
        json!({"type": 7, "text": "x"}),
        json!("x"),
        json!({"type": "message"}),
        json!({"text": "x"}),
        json!({"type": "hologram"}),
        json!({"type": "file", "url": "javascript:alert(1)"}),
    ] {
        let payload = json!({"chat_id": id, "event": event});
        server.ada.is_invalid("send_event", payload).await;
    }
    let payload = json!({"chat_id": "NOSUCHCHAT", "event": {"type": "message", "text": "x"}});
    assert_eq!(
        server.ada.fails("send_event", payload).await,
        (404, "not_found".to_owned())
    );
}

#[tokio::test]
async fn a_waiting_visitor_sees_no_agent_typing() {
    let server = TestServer::new().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    visitor.poll().await;
    let id = server.ada.only_chat().await;
    let said = json!({"chat_id": id, "event": {"type": "message", "text": "x"}});
    server.ada.is_invalid("send_event", said).await;
    server.ada.note(&id, "Who takes this one?").await;
    let typing = json!({"chat_id": id, "is_typing": true});
    server.ada.done("send_typing_indicator", typing).await;
    assert!(visitor.kinds().await.is_empty());
}

#[tokio::test]
async fn a_sneak_peek_is_redacted() {
    let server = TestServer::new().await;
    let (mut visitor, _) = chatting(&server).await;
    let mut tx = server.write().await;
    let mut site = tx.deployments().await.unwrap().remove(0);
    let rule = json!({"pattern": "[0-9]{4}", "actionType": "Remove"});
    site.settings.sensitive_data_rules = vec![serde_json::from_value(rule).unwrap()];
    tx.put_deployment(&site).await.unwrap();
    tx.commit().await.unwrap();
    let mut ada = Console::of(server.listen().await, &server.ada.token).await;
    let peek = json!({"position": 1, "text": "my number is 1234"});
    visitor.post("ChasitorSneakPeek", peek).await;
    let peek = ada.next("incoming_sneak_peek").await;
    assert_eq!(peek["payload"]["sneak_peek"]["text"], "my number is ");
}

#[tokio::test]
async fn typing_is_pushed_to_others_only() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let (mut visitor, id) = chatting(&server).await;
    let mut ada = Console::of(address, &server.ada.token).await;
    let mut bob = Console::of(address, &server.bob.token).await;
    let typing = |more: Value| {
        let mut payload = json!({"chat_id": id});
        let fields = payload.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        payload
    };
    server
        .ada
        .done("send_typing_indicator", typing(json!({"is_typing": true})))
        .await;
    assert_eq!(visitor.kinds().await, ["AgentTyping"]);
    let push = bob.next("incoming_typing_indicator").await;
    assert!(push.get("position").is_none());
    let indicator = &push["payload"]["typing_indicator"];
    assert_eq!(indicator["author_id"], server.ada.id.as_str());
    assert_eq!(indicator["is_typing"], true);

    let private = typing(json!({"is_typing": false, "visibility": "agents"}));
    server.ada.done("send_typing_indicator", private).await;
    let push = bob.next("incoming_typing_indicator").await;
    assert_eq!(push["payload"]["typing_indicator"]["visibility"], "agents");
    assert!(visitor.kinds().await.is_empty());

    visitor.post("ChasitorTyping", json!({})).await;
    visitor
        .post("ChasitorSneakPeek", json!({"position": 1, "text": "I wou"}))
        .await;
    for console in [&mut ada, &mut bob] {
        // Ada gets no push of her own typing.
        let push = console.next("incoming_typing_indicator").await;
        assert_ne!(
            push["payload"]["typing_indicator"]["author_id"],
            server.ada.id.as_str()
        );
        let peek = console.next("incoming_sneak_peek").await;
        assert_eq!(peek["payload"]["sneak_peek"]["text"], "I wou");
    }
    let odd = typing(json!({"is_typing": true, "visibility": "ghosts"}));
    server.ada.is_invalid("send_typing_indicator", odd).await;
    server
        .ada
        .is_invalid("send_typing_indicator", typing(json!({})))
        .await;
}

#[tokio::test]
async fn a_read_receipt_is_pushed_once() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let (mut visitor, id) = chatting(&server).await;
    visitor.say("Hello").await;
    let mut console = Console::of(address, &server.bob.token).await;
    let chat = server.ada.chat(&id).await;
    let last = chat["thread"]["events"].as_array().unwrap().last().unwrap();
    let seen = json!({"chat_id": id, "seen_up_to": last["created_at"]});
    server.ada.done("mark_events_as_seen", seen.clone()).await;
    server.ada.done("mark_events_as_seen", seen.clone()).await;
    let pushes = console.so_far().await;
    let pushes: Vec<&Value> = pushes
        .iter()
        .filter(|push| push["action"] == "events_marked_as_seen")
        .collect();
    assert_eq!(pushes.len(), 1);
    assert_eq!(pushes[0]["payload"]["seen_up_to"], last["created_at"]);
    assert_eq!(pushes[0]["payload"]["user_id"], server.ada.id.as_str());
    let chat = server.ada.chat(&id).await;
    assert_eq!(chat["users"][1]["events_seen_up_to"], last["created_at"]);
    let odd = json!({"chat_id": id, "seen_up_to": "now"});
    server.ada.is_invalid("mark_events_as_seen", odd).await;
}

/// A request that was overtaken by a later one (Chat REST API, `position`).
#[tokio::test]
async fn a_late_sneak_peek_changes_nothing() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    let id = server.ada.only_chat().await;
    server.ada.accept(&id).await;
    let mut console = Console::of(address, &server.ada.token).await;
    for (position, text) in [(1, "I"), (3, "I would"), (2, "I wou"), (3, "I would l")] {
        let peek = json!({"position": position, "text": text});
        visitor.post("ChasitorSneakPeek", peek).await;
    }
    visitor.say("I would like a cup").await;
    let pushes = console.pushes_to("incoming_event").await;
    let peeks: Vec<&str> = pushes
        .iter()
        .filter(|push| push["action"] == "incoming_sneak_peek")
        .map(|push| push["payload"]["sneak_peek"]["text"].as_str().unwrap())
        .collect();
    assert_eq!(peeks, ["I", "I would", "I would l"]);
    // A client that does not count is believed, and so is one that was loaded anew.
    visitor.session_data().await;
    for text in ["a", "ab"] {
        let peek = json!({"text": text});
        visitor.post("ChasitorSneakPeek", peek).await;
        let push = console.next("incoming_sneak_peek").await;
        assert_eq!(push["payload"]["sneak_peek"]["text"], text);
    }
}
