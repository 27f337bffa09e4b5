//! Properties, tags, followers, and pressed buttons.

use serde_json::{Value, json};

use crate::actors::{Console, TestServer, Visitor};

/// A chat with one message; its ids as fields of a request.
async fn chatting(server: &TestServer) -> (Visitor, Value, String) {
    let mut visitor = Visitor::waits(server, "Jon").await;
    let chat = server.ada.only_chat().await;
    server.ada.accept(&chat).await;
    visitor.poll().await;
    let event = json!({"type": "message", "text": "Hello",
        "properties": {"own": {"a": 1}}});
    let event = server.ada.send(&chat, event).await;
    visitor.poll().await;
    let thread = event.rsplit_once('_').unwrap().0;
    let names = json!({"chat_id": chat, "thread_id": thread, "event_id": event});
    (visitor, names, chat)
}

fn with(names: &Value, field: &str, value: Value) -> Value {
    let mut payload = names.clone();
    payload[field] = value;
    payload
}

fn event_of(chat: &Value, names: &Value) -> Value {
    let events = chat["thread"]["events"].as_array().unwrap();
    let event = events.iter().find(|e| e["id"] == names["event_id"]);
    event.unwrap().clone()
}

fn actions(pushes: &[Value]) -> Vec<&str> {
    let actions = pushes.iter().map(|p| p["action"].as_str().unwrap());
    actions.collect()
}

#[tokio::test]
async fn properties_are_set_merged_and_deleted() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let (mut visitor, names, chat) = chatting(&server).await;
    let mut bob = Console::of(address, &server.bob.token).await;
    for (what, ids) in [("chat", 1), ("thread", 2), ("event", 3)] {
        let own = if what == "event" {
            json!({"own": {"a": 1}})
        } else {
            json!({})
        };
        let update = format!("update_{what}_properties");
        let delete = format!("delete_{what}_properties");
        let of = |chat: &Value| match what {
            "chat" => chat["properties"].clone(),
            "thread" => chat["thread"]["properties"].clone(),
            _ => event_of(chat, &names)["properties"].clone(),
        };
        let mut expected = own.clone();
        for (set, whole) in [
            (
                json!({"crm": {"id": 7, "vip": true}}),
                json!({"id": 7, "vip": true}),
            ),
            (json!({"crm": {"id": "8"}}), json!({"id": "8", "vip": true})),
        ] {
            server
                .ada
                .done(&update, with(&names, "properties", set.clone()))
                .await;
            expected["crm"] = whole;
            assert_eq!(of(&server.bob.chat(&chat).await), expected, "{what}");
            let push = bob.next(&format!("{what}_properties_updated")).await;
            assert_eq!(push["payload"]["properties"], set);
            assert_eq!(push["payload"]["chat_id"], chat.as_str());
            assert_eq!(push["payload"].as_object().unwrap().len(), ids + 1);
        }
        // A repeat changes nothing.
        let same = json!({"crm": {"id": "8"}});
        server
            .ada
            .done(&update, with(&names, "properties", same))
            .await;
        let gone = json!({"crm": ["id", "nothing"], "nowhere": ["x"]});
        server
            .ada
            .done(&delete, with(&names, "properties", gone.clone()))
            .await;
        server
            .ada
            .done(&delete, with(&names, "properties", gone.clone()))
            .await;
        expected["crm"] = json!({"vip": true});
        assert_eq!(of(&server.ada.chat(&chat).await), expected, "{what}");
        let pushes = bob.so_far().await;
        assert_eq!(actions(&pushes), [format!("{what}_properties_deleted")]);
        assert_eq!(pushes[0]["payload"]["properties"], gone);
        // A namespace is removed with its last name.
        let last = json!({"crm": ["vip"]});
        server
            .ada
            .done(&delete, with(&names, "properties", last))
            .await;
        let left = of(&server.ada.chat(&chat).await);
        assert_eq!(if left.is_null() { json!({}) } else { left }, own);
        bob.so_far().await;
    }
    // The visitor is only sent properties of events.
    let polled = visitor.poll().await;
    assert_eq!(polled.len(), 4);
    for (kind, custom) in &polled {
        assert_eq!(
            (kind.as_str(), &custom["type"]),
            ("CustomEvent", &json!("event_updated"))
        );
    }
    let data: Value = serde_json::from_str(polled[1].1["data"].as_str().unwrap()).unwrap();
    assert_eq!(data["id"], names["event_id"]);
    assert_eq!(
        data["properties"],
        json!({"own": {"a": 1}, "crm": {"id": "8", "vip": true}})
    );
}

#[tokio::test]
async fn properties_are_in_every_listing() {
    let server = TestServer::new().await;
    let (_visitor, names, _chat) = chatting(&server).await;
    let properties = json!({"crm": {"id": 7}});
    for what in ["chat", "thread", "event"] {
        let update = format!("update_{what}_properties");
        server
            .ada
            .done(&update, with(&names, "properties", properties.clone()))
            .await;
    }
    let list = server.ada.act("list_chats", json!({})).await;
    let summary = &list["chats_summary"][0];
    assert_eq!(summary["properties"], properties);
    assert_eq!(summary["last_thread_summary"]["properties"], properties);
    let last = &summary["last_event_per_type"]["message"]["event"];
    assert_eq!(last["properties"]["crm"], properties["crm"]);
    let list = server
        .ada
        .act("list_threads", json!({"chat_id": names["chat_id"]}))
        .await;
    assert_eq!(list["threads"][0]["properties"], properties);
    let list = server.ada.act("list_archives", json!({})).await;
    assert_eq!(list["chats"][0]["properties"], properties);
    assert_eq!(list["chats"][0]["thread"]["properties"], properties);
    let event = event_of(&list["chats"][0], &names);
    assert_eq!(event["properties"]["crm"], properties["crm"]);
}

#[tokio::test]
async fn invalid_properties_are_refused() {
    let server = TestServer::new().await;
    let (_visitor, names, chat) = chatting(&server).await;
    let before = server.ada.chat(&chat).await;
    for what in ["chat", "thread", "event"] {
        let update = format!("update_{what}_properties");
        let delete = format!("delete_{what}_properties");
        for odd in [
            json!(null),
            json!([]),
            json!("x"),
            json!({"a": 1}),
            json!({"a": null}),
            json!({"a": {"b": "x".repeat(16 * 1024)}}),
        ] {
            server
                .ada
                .is_invalid(&update, with(&names, "properties", odd))
                .await;
        }
        // The limit also applies to the sum of small updates.
        for n in 0..3 {
            let part = json!({format!("n{n}"): {"b": "x".repeat(7 * 1024)}});
            let answer = server
                .ada
                .ask(&update, with(&names, "properties", part))
                .await;
            assert_eq!(answer.status, if n < 2 { 200 } else { 400 }, "{what} {n}");
        }
        let parts = json!({"n0": ["b"], "n1": ["b"]});
        server
            .ada
            .done(&delete, with(&names, "properties", parts))
            .await;
        for odd in [
            json!(null),
            json!({"a": "b"}),
            json!({"a": {"b": 1}}),
            json!(["a"]),
        ] {
            server
                .ada
                .is_invalid(&delete, with(&names, "properties", odd))
                .await;
        }
        for name in ["chat_id", "thread_id", "event_id"] {
            let (in_chat, in_thread) = (what == "chat", what == "thread");
            if (in_chat && name != "chat_id") || (in_thread && name == "event_id") {
                continue;
            }
            for (wrong, status) in [("NOSUCHTHIN", 404), ("", 404), ("\u{0}_1", 404)] {
                let mut payload = with(&names, "properties", json!({}));
                payload[name] = json!(wrong);
                let failure = server.ada.fails(&update, payload).await;
                assert_eq!(failure.0, status, "{what} {name} {wrong}");
            }
            let mut payload = with(&names, "properties", json!({}));
            payload.as_object_mut().unwrap().remove(name);
            server.ada.is_invalid(&update, payload).await;
        }
    }
    assert_eq!(server.ada.chat(&chat).await, before);
}

#[tokio::test]
async fn adding_a_tag_twice_changes_nothing() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let (_visitor, names, chat) = chatting(&server).await;
    let mut bob = Console::of(address, &server.bob.token).await;
    for tag in ["support", "positive feedback", "support"] {
        server
            .ada
            .done("tag_thread", with(&names, "tag", json!(tag)))
            .await;
    }
    let tags = json!(["support", "positive feedback"]);
    assert_eq!(server.bob.chat(&chat).await["thread"]["tags"], tags);
    let list = server.bob.act("list_chats", json!({})).await;
    assert_eq!(
        list["chats_summary"][0]["last_thread_summary"]["tags"],
        tags
    );
    let push = bob.next("thread_tagged").await;
    let expected = json!({"chat_id": chat, "thread_id": names["thread_id"], "tag": "support"});
    assert_eq!(push["payload"], expected);
    assert_eq!(bob.so_far().await.len(), 1);
    for tag in ["support", "support", "never given"] {
        server
            .ada
            .done("untag_thread", with(&names, "tag", json!(tag)))
            .await;
    }
    let pushes = bob.so_far().await;
    assert_eq!(actions(&pushes), ["thread_untagged"]);
    assert_eq!(pushes[0]["payload"], expected);
    let left = json!(["positive feedback"]);
    assert_eq!(server.bob.chat(&chat).await["thread"]["tags"], left);

    for odd in [
        json!(null),
        json!(1),
        json!(""),
        json!(" "),
        json!("x".repeat(201)),
    ] {
        server
            .ada
            .is_invalid("tag_thread", with(&names, "tag", odd))
            .await;
    }
    for n in 0..50 {
        let answer = server
            .ada
            .ask("tag_thread", with(&names, "tag", json!(format!("t{n}"))))
            .await;
        assert_eq!(answer.status, if n < 49 { 200 } else { 400 }, "{n}");
    }
    let wrong = json!({"chat_id": chat, "thread_id": "NOSUCHTHRE", "tag": "x"});
    assert_eq!(server.ada.fails("tag_thread", wrong).await.0, 404);
}

#[tokio::test]
async fn a_thread_can_start_with_tags_and_properties() {
    let server = TestServer::new().await;
    let properties = json!({"a": {"b": 1}});
    let thread = json!({"tags": ["a", "b", "a"], "properties": properties});
    let payload = json!({"chat": {"thread": thread}});
    let started = server.ada.act("start_chat", payload).await;
    let chat = server.ada.chat(started["chat_id"].as_str().unwrap()).await;
    assert_eq!(chat["thread"]["tags"], json!(["a", "b"]));
    assert_eq!(chat["thread"]["properties"], properties);
}

#[tokio::test]
async fn each_agent_follows_on_their_own() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let (_visitor, _names, chat) = chatting(&server).await;
    for _ in 0..2 {
        server.ada.done("follow_chat", json!({"id": chat})).await;
    }
    for (agent, follows) in [(&server.ada, true), (&server.bob, false)] {
        assert_eq!(agent.chat(&chat).await["is_followed"], follows);
        let list = agent.act("list_chats", json!({})).await;
        assert_eq!(list["chats_summary"][0]["is_followed"], follows);
        let list = agent.act("list_archives", json!({})).await;
        assert_eq!(list["chats"][0]["is_followed"], follows);
        let (_, welcome) = Console::since(address, &agent.token, None).await;
        assert_eq!(welcome["chats_summary"][0]["is_followed"], follows);
    }
    for _ in 0..2 {
        server
            .ada
            .done("unfollow_chat", json!({"chat_id": chat}))
            .await;
    }
    assert_eq!(server.ada.chat(&chat).await["is_followed"], false);
    for action in ["follow_chat", "unfollow_chat"] {
        let nothing = server.ada.fails(action, json!({"id": "NOSUCHCHAT"})).await;
        assert_eq!(nothing, (404, "not_found".to_owned()));
        server.ada.is_invalid(action, json!({})).await;
    }
}

#[tokio::test]
async fn get_customer_equals_the_customer_of_the_chat() {
    let server = TestServer::new().await;
    let (_visitor, _names, chat) = chatting(&server).await;
    let shown = server.ada.chat(&chat).await["users"][0].clone();
    let mut customer = server
        .ada
        .act("get_customer", json!({"id": shown["id"]}))
        .await;
    customer["type"] = json!("customer");
    assert_eq!(customer, shown);
    assert_eq!(customer["name"], "Jon");
    assert_eq!(customer["statistics"]["threads_count"], 1);
    let nobody = server
        .ada
        .fails("get_customer", json!({"id": "nobody"}))
        .await;
    assert_eq!(nobody, (404, "not_found".to_owned()));
    server.ada.is_invalid("get_customer", json!({})).await;
}

#[tokio::test]
async fn a_pressed_button_is_pushed_to_agents() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let (mut visitor, names, chat) = chatting(&server).await;
    let card = json!({"type": "rich_message", "template_id": "cards", "elements": [
        {"title": "Well?", "buttons": [{"text": "Yes", "postback_id": "yes"}]}]});
    let event = server.ada.send(&chat, card).await;
    let names = with(&names, "event_id", json!(event));
    let customer = server.ada.chat(&chat).await["users"][0]["id"].clone();
    let mut bob = Console::of(address, &server.bob.token).await;

    let press = json!({"thread_id": names["thread_id"], "event_id": event,
        "postback": {"id": "yes", "toggled": true}});
    let custom = json!({"type": "rich_message_postback", "data": press.to_string()});
    visitor.post("CustomEvent", custom).await;
    let push = bob.next("incoming_rich_message_postback").await;
    let expected = json!({"user_id": customer, "chat_id": chat, "thread_id": names["thread_id"],
        "event_id": event, "postback": {"id": "yes", "toggled": true}});
    assert_eq!(push["payload"], expected);
    let push = bob.next("event_updated").await;
    assert_eq!(push["payload"]["event"]["id"], event.as_str());
    let users = &push["payload"]["event"]["elements"][0]["buttons"][0]["user_ids"];
    assert_eq!(users, &json!([customer]));
    assert_eq!(
        push["payload"]["event"],
        event_of(&server.ada.chat(&chat).await, &names)
    );

    let payload = with(&names, "postback", json!({"id": "yes", "toggled": true}));
    let action = "send_rich_message_postback";
    server.ada.done(action, payload.clone()).await;
    let push = bob.next("event_updated").await;
    let users = &push["payload"]["event"]["elements"][0]["buttons"][0]["user_ids"];
    assert_eq!(users, &json!([customer, server.ada.id]));
    for (field, odd, status) in [
        ("chat_id", json!("NOSUCHCHAT"), 404),
        ("thread_id", json!("NOSUCHTHRE"), 404),
        ("event_id", json!("NOSUCHTHRE_1"), 404),
        ("event_id", json!(1), 400),
        ("postback", json!({"id": "no", "toggled": true}), 400),
        ("postback", json!({"id": "yes"}), 400),
        ("postback", json!({"id": "yes", "toggled": "maybe"}), 400),
        ("postback", json!(null), 400),
    ] {
        let failure = server.ada.fails(action, with(&payload, field, odd)).await;
        assert_eq!(failure.0, status, "{field}");
    }
    assert!(bob.so_far().await.is_empty());
}

#[tokio::test]
async fn session_fields_and_ratings_are_pushed_to_agents() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let (mut visitor, names, chat) = chatting(&server).await;
    let customer = server.ada.chat(&chat).await["users"][0]["id"].clone();
    let mut bob = Console::of(address, &server.bob.token).await;
    let fields = json!([{"plan": "gold"}]);
    let data = json!({"session_fields": fields}).to_string();
    visitor
        .post(
            "CustomEvent",
            json!({"type": "session_fields", "data": data}),
        )
        .await;
    let pushes = bob.so_far().await;
    assert_eq!(actions(&pushes), ["customer_session_fields_updated"]);
    let expected = json!({"id": customer, "session_fields": fields,
        "active_chat": {"chat_id": chat, "thread_id": names["thread_id"]}});
    assert_eq!(pushes[0]["payload"], expected);
    let data = json!({"score": "bad"}).to_string();
    visitor
        .post("CustomEvent", json!({"type": "rating", "data": data}))
        .await;
    let pushes = bob.so_far().await;
    assert_eq!(
        actions(&pushes),
        ["thread_properties_updated", "incoming_event"]
    );
    assert_eq!(
        pushes[0]["payload"]["properties"],
        json!({"rating": {"score": 0}})
    );
    let seen = json!({"seen_up_to": "2999-01-01T00:00:00Z"}).to_string();
    visitor
        .post(
            "CustomEvent",
            json!({"type": "events_marked_as_seen", "data": seen}),
        )
        .await;
    let pushes = bob.so_far().await;
    assert_eq!(actions(&pushes), ["events_marked_as_seen"]);
    assert_eq!(pushes[0]["payload"]["user_id"], customer);
}
