//! Custom events of a visitor: forms, ratings, session fields, and the page's
//! own.

use serde_json::{Value, json};

use crate::{actors::Visitor, postbacks::posts, server::TestServer};

fn last(thread: &Value) -> Value {
    thread["events"].as_array().unwrap().last().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn a_filled_form_is_written_once_and_is_in_the_transcript() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let filled = json!({ "type": "filled_form", "custom_id": "f1", "form_id": "f",
        "form_type": "ask_for_email", "properties": { "a": { "b": 1 } }, "fields": [
            { "type": "email", "id": "e", "label": "E-mail", "answer": "jon@example.com" },
            { "type": "checkbox", "id": "c", "label": "Which", "answers": [
                { "id": "0", "label": "This" }, { "id": "1", "label": "That" }] }] });
    let first = posts(&mut visitor, "filled_form", filled.clone())
        .await
        .ok();
    let again = posts(&mut visitor, "filled_form", filled.clone())
        .await
        .ok();
    let id = first.header("x-chat-event-id").unwrap();
    assert_eq!(again.header("x-chat-event-id"), Some(id));
    let thread = agent.thread(&chat).await;
    let kept = last(&thread);
    assert_eq!(kept["id"], id);
    for field in ["fields", "form_id", "form_type", "custom_id", "properties"] {
        assert_eq!(kept[field], filled[field], "{field}");
    }
    visitor.poll().await.empty();
    visitor.reconnect(&server).await;
    let data = visitor.poll().await.message("ChasitorSessionData");
    let entries = data["chatMessages"].as_array().unwrap();
    let entry = entries.last().unwrap();
    assert_eq!(entry["type"], "Chasitor");
    assert_eq!(entry["customId"], "f1");
    assert_eq!(entry["event"], kept);
}

#[tokio::test(start_paused = true)]
async fn a_postchat_form_is_accepted_after_the_end() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    agent.end(&chat).await;
    assert_eq!(visitor.poll().await.kinds(), ["ChatEnded"]);
    let filled = json!({ "type": "filled_form", "form_id": "f", "form_type": "postchat",
        "fields": [{ "type": "question", "id": "q", "label": "Why?", "answer": "So" }] });
    posts(&mut visitor, "filled_form", filled).await.ok();
    let rating = json!({ "score": "good" });
    posts(&mut visitor, "rating", rating).await.ok();
    let thread = agent.thread(&chat).await;
    assert_eq!(thread["active"], false);
    assert_eq!(thread["properties"]["rating"], json!({ "score": 1 }));
    // Nothing else is accepted any more.
    visitor.say("Wait").await.status(403);
    let custom = json!({ "type": "custom", "content": {} });
    posts(&mut visitor, "custom", custom).await.status(403);
}

#[tokio::test(start_paused = true)]
async fn the_newest_rating_counts_and_a_repeat_changes_nothing() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let good = json!({ "score": "good" });
    let answer = posts(&mut visitor, "rating", good.clone()).await.ok();
    assert!(answer.header("x-chat-event-id").is_some());
    let again = posts(&mut visitor, "rating", good).await.ok();
    assert_eq!(again.header("x-chat-event-id"), None);
    let rated = last(&agent.thread(&chat).await);
    assert_eq!(rated["system_message_type"], "rating.chat_rated");
    assert_eq!(
        rated["text_vars"],
        json!({ "customer": "Jon A.", "score": "good" })
    );
    let bad = json!({ "score": "bad", "comment": " Too slow " });
    posts(&mut visitor, "rating", bad.clone()).await.ok();
    posts(&mut visitor, "rating", bad).await.ok();
    // What the new rating leaves out is kept.
    posts(&mut visitor, "rating", json!({ "score": "bad" }))
        .await
        .ok();
    let thread = agent.thread(&chat).await;
    let rating = json!({ "score": 0, "comment": "Too slow" });
    assert_eq!(thread["properties"]["rating"], rating);
    let notes = agent.notes(&chat).await;
    let rated = notes.iter().filter(|note| note.starts_with("rating."));
    assert_eq!(
        rated.collect::<Vec<_>>(),
        [
            "rating.chat_rated",
            "rating.chat_rated",
            "rating.chat_commented"
        ]
    );
    let commented = last(&thread);
    assert_eq!(commented["text_vars"]["comment"], "Too slow");
    // The visitor's own rating is not echoed, and is in the transcript.
    visitor.poll().await.empty();
    visitor.reconnect(&server).await;
    let data = visitor.poll().await.message("ChasitorSessionData");
    let entry = data["chatMessages"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(entry["event"], commented);
}

#[tokio::test(start_paused = true)]
async fn session_fields_are_merged_by_key() {
    let server = TestServer::new().await;
    let mut visitor = server.visitor().await;
    let details = json!([{ "label": "E-mail", "value": "jon@example.com" }]);
    visitor
        .init_with(json!({ "prechatDetails": details }))
        .await
        .ok();
    let agent = server.agent();
    let chat = agent.accept().await;
    for (fields, expected) in [
        (
            json!([{ "plan": "gold" }, { "cart": [1, 2] }]),
            json!([{ "plan": "gold" }, { "cart": [1, 2] }]),
        ),
        (
            json!([{ "plan": "iron" }]),
            json!([{ "plan": "iron" }, { "cart": [1, 2] }]),
        ),
        (json!([]), json!([{ "plan": "iron" }, { "cart": [1, 2] }])),
    ] {
        let data = json!({ "session_fields": fields });
        posts(&mut visitor, "session_fields", data).await.ok();
        let shown = agent.act("get_chat", json!({ "chat_id": chat })).await;
        let mut all = vec![json!({ "E-mail": "jon@example.com" })];
        all.extend(expected.as_array().unwrap().clone());
        assert_eq!(shown["users"][0]["session_fields"], json!(all));
    }
}

/// Pages that used the name before we did can still use it.
#[tokio::test(start_paused = true)]
async fn a_pages_own_event_may_have_the_name_of_ours() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    for (kind, data) in [
        ("rating", "5"),
        ("message", "hello"),
        ("session_fields", "[1]"),
        ("file", ""),
        ("custom", r#"{"not":"an event"}"#),
        ("poem", r#"{"type":"poem","text":"x"}"#),
        ("rich_message", r#"{"type":"message","text":"x"}"#),
    ] {
        let event = json!({ "type": kind, "data": data });
        visitor.post("CustomEvent", event.clone()).await.ok();
        let kept = last(&agent.thread(&chat).await);
        assert_eq!(kept["type"], "custom");
        assert_eq!(kept["content"], event);
    }
}

async fn refused(visitor: &mut Visitor, kind: &str, data: Value, told: &str) {
    let answer = posts(visitor, kind, data.clone()).await;
    assert_eq!(
        answer.status.as_u16(),
        400,
        "{kind} {data}: {}",
        answer.text
    );
    assert!(answer.text.contains(told), "{kind} {data}: {}", answer.text);
    assert!(!answer.text.contains("secret"), "{}", answer.text);
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_field_is_refused_by_its_name() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let before = agent.thread(&chat).await;
    let many = vec![json!({ "type": "name", "id": "1", "label": "?" }); 51];
    let fields: Vec<Value> = (0..101).map(|n| json!({ format!("k{n}"): 1 })).collect();
    for (kind, data, told) in [
        ("rating", json!({}), "score"),
        ("rating", json!({ "score": 5 }), "score"),
        ("rating", json!({ "score": "secret" }), "score"),
        (
            "rating",
            json!({ "score": "good", "comment": ["secret"] }),
            "comment",
        ),
        (
            "rating",
            json!({ "score": "good", "comment": "secret".repeat(1000) }),
            "comment",
        ),
        ("session_fields", json!({}), "session_fields"),
        (
            "session_fields",
            json!({ "session_fields": "secret" }),
            "session_fields",
        ),
        (
            "session_fields",
            json!({ "session_fields": ["secret"] }),
            "session_fields[0]",
        ),
        (
            "session_fields",
            json!({ "session_fields": [{}] }),
            "session_fields[0]",
        ),
        (
            "session_fields",
            json!({ "session_fields": [{ "a": 1, "b": 2 }] }),
            "session_fields[0]",
        ),
        (
            "session_fields",
            json!({ "session_fields": [{ "": 1 }] }),
            "session_fields[0]",
        ),
        (
            "session_fields",
            json!({ "session_fields": [{ "k".repeat(255): 1 }] }),
            "session_fields[0]",
        ),
        (
            "session_fields",
            json!({ "session_fields": fields }),
            "session_fields",
        ),
        (
            "session_fields",
            json!({ "session_fields": [{ "a": "secret".repeat(3000) }] }),
            "session_fields",
        ),
        ("events_marked_as_seen", json!({}), "seen_up_to"),
        (
            "events_marked_as_seen",
            json!({ "seen_up_to": 1 }),
            "seen_up_to",
        ),
        (
            "events_marked_as_seen",
            json!({ "seen_up_to": "secret" }),
            "seen_up_to",
        ),
        ("rich_message_postback", json!({}), "thread_id"),
        (
            "rich_message_postback",
            json!({ "thread_id": "T" }),
            "event_id",
        ),
        (
            "rich_message_postback",
            json!({ "thread_id": "T", "event_id": "T_1" }),
            "postback",
        ),
        (
            "rich_message_postback",
            json!({ "thread_id": "T", "event_id": "T_1",
            "postback": { "id": "a" } }),
            "postback",
        ),
        (
            "rich_message_postback",
            json!({ "thread_id": "T", "event_id": "T_1",
            "postback": { "toggled": true } }),
            "postback",
        ),
        (
            "rich_message_postback",
            json!({ "thread_id": "T", "event_id": "T_1",
            "postback": { "id": "a", "toggled": "secret" } }),
            "postback.toggled",
        ),
        ("message", json!({ "type": "message" }), "text"),
        ("message", json!({ "type": "message", "text": 1 }), "text"),
        ("message", json!({ "type": "message", "text": "" }), "text"),
        (
            "message",
            json!({ "type": "message", "text": "x", "custom_id": 1 }),
            "custom_id",
        ),
        (
            "message",
            json!({ "type": "message", "text": "x", "postback": {} }),
            "postback",
        ),
        (
            "message",
            json!({ "type": "message", "text": "x", "properties": { "a": 1 } }),
            "properties",
        ),
        (
            "filled_form",
            json!({ "type": "filled_form", "fields": [] }),
            "form_id",
        ),
        (
            "filled_form",
            json!({ "type": "filled_form", "form_id": "f" }),
            "fields",
        ),
        (
            "filled_form",
            json!({ "type": "filled_form", "form_id": "f", "fields": many }),
            "fields",
        ),
        (
            "custom",
            json!({ "type": "custom", "content": "secret".repeat(6000) }),
            "content",
        ),
        ("file", json!({ "type": "file" }), "url"),
        (
            "file",
            json!({ "type": "file", "url": "https://elsewhere.example/secret" }),
            "url",
        ),
        (
            "form",
            json!({ "type": "form", "form_id": "f",
            "fields": [{ "type": "name", "id": "1", "label": "?" }] }),
            "type",
        ),
        (
            "rich_message",
            json!({ "type": "rich_message", "template_id": "cards" }),
            "type",
        ),
        (
            "system_message",
            json!({ "type": "system_message",
            "system_message_type": "secret" }),
            "type",
        ),
    ] {
        refused(&mut visitor, kind, data, told).await;
    }
    assert_eq!(agent.thread(&chat).await, before);
    // Before a conversation nothing can be sent.
    let mut early = server.visitor().await;
    for (kind, data) in [
        ("rating", json!({ "score": "good" })),
        ("session_fields", json!({ "session_fields": [] })),
        (
            "events_marked_as_seen",
            json!({ "seen_up_to": "2026-01-01T00:00:00Z" }),
        ),
        ("custom", json!({ "type": "custom" })),
    ] {
        refused(&mut early, kind, data, "ChasitorInit").await;
    }
}

/// Lists inside of lists.
fn nested(levels: usize) -> Value {
    (1..levels).fold(json!([]), |inner, _| json!([inner]))
}

/// Where a value is stored and sent, it is inside of other objects. Readers of
/// JSON refuse more than 127 levels: a row of the agent event stream that nobody
/// can read would keep all consoles from the rows after it.
#[tokio::test(start_paused = true)]
async fn a_value_of_too_many_levels_is_refused_before_it_is_stored() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let event = |levels| json!({ "type": "custom", "content": nested(levels) });
    let fields = |levels| json!({ "session_fields": [{ "basket": nested(levels) }] });
    for levels in [33, 124] {
        let refused = posts(&mut visitor, "custom", event(levels)).await;
        let refused = refused.status(400);
        assert_eq!(refused.text, "`content` has more than 32 levels");
        let refused = posts(&mut visitor, "session_fields", fields(levels)).await;
        let refused = refused.status(400);
        assert_eq!(refused.text, "session_fields: more than 32 levels");
        let payload = json!({ "chat_id": chat, "event": event(levels) });
        agent.request("send_event", payload).await.status(400);
        let payload = json!({ "id": chat, "properties": { "shop": { "x": nested(levels) } } });
        let refused = agent.request("update_chat_properties", payload).await;
        refused.status(400);
    }
    // The deepest that can be read inside of `data`.
    posts(&mut visitor, "custom", event(126)).await.status(400);
    posts(&mut visitor, "custom", event(32)).await.ok();
    posts(&mut visitor, "session_fields", fields(30)).await.ok();
    agent.send(&chat, event(32)).await;
    let payload = json!({ "id": chat, "properties": { "shop": { "x": nested(30) } } });
    agent.act("update_chat_properties", payload).await;

    // All of it can be read.
    agent.transfer(&chat, &server.colleague("Bob").await).await;
    let mut tx = server.store().read().await.unwrap();
    let pushes = tx.agent_stream_events(0, 100).await.unwrap();
    assert!(pushes.events.len() > 5);
    drop(tx);
    assert_eq!(agent.thread(&chat).await["active"], true);
    visitor.reconnect(&server).await;
    visitor.poll().await.message("ChasitorSessionData");
}

/// Whatever the page and its agents have agreed upon (Chat REST API, `CustomEvent`).
#[tokio::test(start_paused = true)]
async fn agents_send_custom_events_of_any_type() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let sends =
        |content: Value| json!({ "type": "custom", "visibility": "all", "content": content });
    let card = json!({ "type": "CreditCardEntered", "data": "5105105105105100" });
    agent.send(&chat, sends(card.clone())).await;
    let polled = visitor.poll().await.json();
    let messages: Vec<&Value> = polled["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| &message["message"])
        .collect();
    // As the event of the log, and as other clients know it.
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0]["type"], "custom");
    assert_eq!(messages[1], &card);
    for other in [
        json!({ "type": "rating", "data": "{}" }),
        json!({ "type": "message", "data": "{}" }),
        json!({ "type": "CreditCardEntered", "data": 5 }),
        json!({ "type": "", "data": "x" }),
        json!(["CreditCardEntered", "x"]),
    ] {
        agent.send(&chat, sends(other.clone())).await;
        let polled = visitor.poll().await;
        assert_eq!(polled.kinds(), ["CustomEvent"], "{other}");
        assert_eq!(polled.message("CustomEvent")["type"], "custom", "{other}");
    }
    let hidden = json!({ "type": "custom", "visibility": "agents", "content": card });
    agent.send(&chat, hidden).await;
    visitor.poll().await.empty();
}
