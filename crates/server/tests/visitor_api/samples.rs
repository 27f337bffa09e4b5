//! The Agent Chat API's samples, sent by an agent: they arrive unchanged in
//! both APIs, except for the fields that the server sets.

use serde_json::{Value, json};

use crate::server::TestServer;

const SAMPLES: [(&str, &str); 7] = [
    (
        "file",
        include_str!("../../../wire/fixtures/event/file.json"),
    ),
    (
        "form",
        include_str!("../../../wire/fixtures/event/form.json"),
    ),
    (
        "filled_form",
        include_str!("../../../wire/fixtures/event/filled_form.json"),
    ),
    (
        "message",
        include_str!("../../../wire/fixtures/event/message.json"),
    ),
    (
        "rich_message",
        include_str!("../../../wire/fixtures/event/rich_message.json"),
    ),
    (
        "custom",
        include_str!("../../../wire/fixtures/event/custom.json"),
    ),
    (
        "system_message",
        include_str!("../../../wire/fixtures/event/system_message.json"),
    ),
];

/// Without the fields that the server sets; a sample's `user_ids` are of
/// another chat.
fn senders(event: &Value) -> Value {
    let mut event = event.clone();
    let fields = event.as_object_mut().unwrap();
    for given in ["id", "created_at", "author_id"] {
        fields.remove(given);
    }
    for element in event["elements"].as_array_mut().into_iter().flatten() {
        for button in element["buttons"].as_array_mut().into_iter().flatten() {
            assert!(button["user_ids"].is_array(), "{button}");
            button["user_ids"] = json!([]);
        }
    }
    event
}

fn last(thread: &Value) -> &Value {
    thread["events"].as_array().unwrap().last().unwrap()
}

/// Sends it, and looks for it in each API.
async fn arrives_unchanged(kind: &str, sample: &Value) {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let id = agent.send(&chat, sample.clone()).await;
    let expected = senders(sample);

    let thread = agent.thread(&chat).await;
    let kept = last(&thread);
    assert_eq!(senders(kept), expected, "{kind}");
    assert_eq!(kept["id"], id.as_str());
    assert_ne!(kept["created_at"], sample["created_at"]);
    // Only a system message has no author.
    assert_eq!(kept.get("author_id").is_some(), kind != "system_message");

    let answer = visitor.poll().await;
    let polled: Value = if kind == "message" {
        let message = answer.message("ChatMessage");
        assert_eq!(message["text"], sample["text"]);
        assert_eq!(message["eventId"], id.as_str());
        message["event"].clone()
    } else {
        let custom = answer.message("CustomEvent");
        assert_eq!(custom["type"], kind);
        serde_json::from_str(custom["data"].as_str().unwrap()).unwrap()
    };
    assert_eq!(&polled, kept, "{kind}");

    visitor.reconnect(&server).await;
    let data = visitor.poll().await.message("ChasitorSessionData");
    let entries = data["chatMessages"].as_array().unwrap();
    let entry = entries.iter().find(|e| e["eventId"] == id.as_str());
    assert_eq!(&entry.unwrap()["event"], kept, "{kind}");

    let path = format!("Visitor/History/{}", thread["id"].as_str().unwrap());
    let history = visitor.get(&path).await.status(200).message("Thread");
    assert_eq!(last(&history), kept, "{kind}");
}

#[tokio::test(start_paused = true)]
async fn every_sample_arrives_unchanged() {
    for (kind, text) in SAMPLES {
        let sample: Value = serde_json::from_str(text).unwrap();
        assert_eq!(sample["type"], kind);
        arrives_unchanged(kind, &sample).await;
    }
}

/// Events that the API describes without a sample.
#[tokio::test(start_paused = true)]
async fn every_template_and_button_arrives_unchanged() {
    let button = |more: Value| {
        let mut button = json!({ "text": "Press", "postback_id": "p", "user_ids": [] });
        let fields = button.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        button
    };
    let buttons = json!([
        button(json!({})),
        button(json!({ "type": "message", "value": "Say this" })),
        button(json!({ "type": "phone", "value": "790034890" })),
        button(json!({ "type": "url", "value": "https://x.example", "target": "new" })),
        button(json!({ "type": "url", "value": "mailto:a@x.example", "target": "current" })),
        // Clients show it as text.
        button(json!({ "type": "url", "value": "javascript:alert(1)" })),
        button(
            json!({ "type": "webview", "value": "https://x.example", "webview_height": "compact" })
        ),
        button(
            json!({ "type": "webview", "value": "https://x.example", "webview_height": "tall" })
        ),
        button(
            json!({ "type": "webview", "value": "https://x.example", "webview_height": "full" })
        ),
        // Of a newer version than ours.
        button(
            json!({ "type": "hologram", "value": "wave", "target": "sky",
            "webview_height": "endless" })
        ),
    ]);
    let image = json!({ "url": "https://x.example/a.png", "name": "a.png",
        "content_type": "image/png", "size": 1, "width": 2, "height": 3,
        "alternative_text": "An a" });
    for (template, elements) in [
        (
            "quick_replies",
            json!([{ "title": "Well?", "buttons": buttons }]),
        ),
        ("sticker", json!([{ "image": image }])),
        (
            "cards",
            json!(vec![
                json!({ "title": "T", "subtitle": "S", "image": image, "buttons": buttons });
                10
            ]),
        ),
        ("cards", json!([])),
        ("theatre", json!([{ "title": "Of a newer version" }])),
    ] {
        let event = json!({ "type": "rich_message", "visibility": "all",
            "template_id": template, "elements": elements });
        arrives_unchanged("rich_message", &event).await;
    }
    let bare = json!({ "type": "rich_message", "visibility": "all", "template_id": "cards" });
    arrives_unchanged("rich_message", &bare).await;
}

#[tokio::test(start_paused = true)]
async fn all_kinds_of_form_fields_arrive_unchanged() {
    let kinds = [
        "name",
        "email",
        "question",
        "subject",
        "textarea",
        "checkbox",
        "radio",
        "select",
        "group_chooser",
        "telepathy",
    ];
    let options = json!([{ "id": "0", "label": "A", "group_id": 1 }, { "id": 1, "label": "B" }]);
    let fields: Vec<Value> = kinds
        .iter()
        .map(|kind| {
            json!({ "type": kind, "id": kind, "label": "?", "required": true,
            "options": options })
        })
        .collect();
    let form = json!({ "type": "form", "visibility": "all", "form_id": "f",
        "form_type": "any_word", "fields": fields });
    arrives_unchanged("form", &form).await;
    let answers = json!([
        { "type": "name", "id": "1", "label": "?", "answer": "" },
        { "type": "checkbox", "id": "2", "label": "?", "answers": [options[0], options[1]] },
        { "type": "radio", "id": "3", "label": "?", "answer": options[1] },
        { "type": "group_chooser", "id": 4, "label": "?", "answer": options[0] },
        { "type": "telepathy", "id": "5", "label": "?", "answer": [1, { "a": null }] },
        { "type": "question", "id": "6", "label": "?" },
    ]);
    let filled = json!({ "type": "filled_form", "visibility": "all", "form_id": "f",
        "form_type": "ask_for_email", "fields": answers });
    arrives_unchanged("filled_form", &filled).await;
}
