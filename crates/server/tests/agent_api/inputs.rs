//! Invalid events: each field of each type missing, of every wrong type, too
//! long. Each is refused with the field's name, or accepted; none is a server
//! error.

use serde_json::{Value, json};

use crate::actors::{Agent, TestResponse, TestServer, Visitor};

const KINDS: [(&str, &str); 7] = [
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

/// Whether anything may be at this path: values that programs agree on.
fn is_free(path: &str) -> bool {
    ["content.", "text_vars."]
        .iter()
        .any(|free| path.starts_with(free))
        || path == "content"
        || path.starts_with("properties.") && path.matches('.').count() > 1
        || path.ends_with(".answer")
        || path.contains(".answer.")
        || path.contains(".answers[")
}

/// Whether the event type requires the field (Agent Chat API, unless its own
/// samples contradict it).
fn is_needed(kind: &str, path: &str) -> bool {
    let name = path.rsplit('.').next().unwrap();
    match (kind, path) {
        (_, "type") => true,
        ("file", "url") => true,
        ("form" | "filled_form", "form_id" | "fields") => true,
        ("message", "text") => true,
        ("rich_message", "template_id") => true,
        ("system_message", "system_message_type") => true,
        ("form" | "filled_form", path) if path.starts_with("fields[") && !is_free(path) => {
            matches!(name, "type" | "id" | "label")
        }
        ("message", path) if path.starts_with("postback.") => name != "properties",
        ("rich_message", path) if path.ends_with("image.url") => true,
        ("rich_message", path) if path.contains("buttons[") => match name {
            "text" => true,
            // Both or neither.
            "type" | "value" => true,
            _ => false,
        },
        _ => false,
    }
}

/// Path and JSON pointer of every field.
fn places(value: &Value, path: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                let escaped = pointer(&path);
                found.push((path.clone(), escaped));
                places(value, &path, found);
            }
        }
        Value::Array(items) => {
            for (n, value) in items.iter().enumerate() {
                let path = format!("{path}[{n}]");
                found.push((path.clone(), pointer(&path)));
                places(value, &path, found);
            }
        }
        _ => {}
    }
}

fn pointer(path: &str) -> String {
    format!("/{}", path.replace(['.', '['], "/").replace(']', ""))
}

fn without(event: &Value, pointer: &str) -> Value {
    let mut event = event.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = event.pointer_mut(parent).unwrap();
    match parent {
        Value::Object(fields) => {
            fields.remove(name);
        }
        Value::Array(items) => {
            items.remove(name.parse().unwrap());
        }
        _ => unreachable!(),
    }
    event
}

fn instead(event: &Value, pointer: &str, value: Value) -> Value {
    let mut event = event.clone();
    *event.pointer_mut(pointer).unwrap() = value;
    event
}

struct Case<'a> {
    agent: &'a Agent,
    chat: &'a str,
}

impl Case<'_> {
    /// Sends it as a note; returns the reason of a refusal.
    async fn refusal(&self, event: &Value) -> Option<String> {
        let payload = json!({"chat_id": self.chat, "event": event});
        let answer: TestResponse = self.agent.ask("send_event", payload).await;
        if answer.status == 200 {
            return None;
        }
        assert_eq!(answer.failure(), (400, "validation"), "{event}");
        Some(answer.body["error"]["message"].as_str().unwrap().to_owned())
    }
}

/// Whether the error names the field or one that contains it.
fn is_named(path: &str, told: &str) -> bool {
    let names = path.split(['.', '[']).filter(|part| !part.ends_with(']'));
    names.into_iter().any(|name| told.contains(name))
}

fn name_of(path: &str) -> &str {
    let name = path.rsplit('.').next().unwrap();
    name.split('[').next().unwrap()
}

#[tokio::test]
async fn every_field_missing_is_named_or_not_needed() {
    let server = TestServer::new().await;
    let _visitor = Visitor::waits(&server, "Jon").await;
    let chat = server.ada.only_chat().await;
    let case = Case {
        agent: &server.ada,
        chat: &chat,
    };
    for (kind, sample) in KINDS {
        let mut event: Value = serde_json::from_str(sample).unwrap();
        event["visibility"] = json!("agents");
        event.as_object_mut().unwrap().remove("custom_id");
        let mut all = Vec::new();
        places(&event, "", &mut all);
        for (path, pointer) in all.iter().filter(|(path, _)| path != "visibility") {
            let refused = case.refusal(&without(&event, pointer)).await;
            let of_list = path.ends_with(']');
            let needed = is_needed(kind, path) && !of_list;
            // One button of the sample has no type.
            match refused {
                Some(told) => {
                    assert!(needed, "{kind} {path}: {told}");
                    assert!(told.contains(name_of(path)), "{kind} {path}: {told}");
                }
                None => assert!(!needed, "{kind} {path}"),
            }
        }
    }
    assert_eq!(
        server
            .ada
            .ask("get_chat", json!({"chat_id": chat}))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn every_field_of_a_wrong_type_is_named_or_kept() {
    let server = TestServer::new().await;
    let _visitor = Visitor::waits(&server, "Jon").await;
    let chat = server.ada.only_chat().await;
    let case = Case {
        agent: &server.ada,
        chat: &chat,
    };
    let wrong = [
        json!(null),
        json!(true),
        json!(7),
        json!(-1.5),
        json!("word"),
        json!([]),
        json!([1]),
        json!({}),
        json!({"a": 1}),
    ];
    for (kind, sample) in KINDS {
        let mut event: Value = serde_json::from_str(sample).unwrap();
        event["visibility"] = json!("agents");
        event.as_object_mut().unwrap().remove("custom_id");
        let mut all = Vec::new();
        places(&event, "", &mut all);
        for (path, pointer) in &all {
            if path == "visibility" {
                continue;
            }
            let is = event.pointer(pointer).unwrap().clone();
            for value in &wrong {
                let odd = instead(&event, pointer, value.clone());
                let refused = case.refusal(&odd).await;
                let place = format!("{kind} {path} {value}");
                if let Some(told) = &refused {
                    assert!(!is_free(path), "{place}: {told}");
                    assert!(is_named(path, told), "{place}: {told}");
                    continue;
                }
                // A value that is no text is refused where a text is expected.
                let texts = [
                    "text",
                    "url",
                    "label",
                    "form_type",
                    "template_id",
                    "title",
                    "subtitle",
                    "system_message_type",
                    "postback_id",
                ];
                let holds = value.is_array() || value.is_object() || value.is_boolean();
                let text = is.is_string() && texts.contains(&name_of(path)) && !is_free(path);
                assert!(!(text && holds), "{place}");
            }
        }
    }
    // Every accepted event can be read.
    let shown = server.ada.ask("get_chat", json!({"chat_id": chat})).await;
    assert_eq!(shown.status, 200);
}

#[tokio::test]
async fn a_field_over_its_limit_is_named() {
    let server = TestServer::new().await;
    let _visitor = Visitor::waits(&server, "Jon").await;
    let chat = server.ada.only_chat().await;
    let case = Case {
        agent: &server.ada,
        chat: &chat,
    };
    let long = |bytes: usize| "x".repeat(bytes);
    let url = |bytes: usize| format!("https://x.example/{}", "x".repeat(bytes - 18));
    let button = json!({"text": "b", "postback_id": "p"});
    let rich = |elements: Value| {
        json!({"type": "rich_message", "template_id": "cards",
        "elements": elements})
    };
    let in_button = |field: &str, value: String| {
        let mut button =
            json!({"text": "b", "type": "url", "value": "https://x", "postback_id": "p"});
        button[field] = json!(value);
        rich(json!([{"buttons": [button]}]))
    };
    let in_image = |field: &str, value: String| {
        let mut image = json!({"url": "https://x.example"});
        image[field] = json!(value);
        rich(json!([{"image": image}]))
    };
    let in_file = |field: &str, value: String| {
        let mut file = json!({"type": "file", "url": "https://x.example"});
        file[field] = json!(value);
        file
    };
    let form = |fields: Value| json!({"type": "form", "form_id": "f", "fields": fields});
    let filled = |fields: Value| json!({"type": "filled_form", "form_id": "f", "fields": fields});
    let field = |field: &str, value: Value| {
        let mut of = json!({"type": "radio", "id": "i", "label": "l"});
        of[field] = value;
        json!([of])
    };
    let option = json!({"id": "1", "label": "l"});
    let plain = json!({"type": "name", "id": "1", "label": "?"});
    let postback = |field: &str, value: String| {
        let mut postback = json!({"id": "i", "thread_id": "T", "event_id": "T_1",
            "type": "url", "value": "v"});
        postback[field] = json!(value);
        json!({"type": "message", "text": "x", "postback": postback})
    };
    let system = |field: &str, value: Value| {
        let mut event = json!({"type": "system_message", "system_message_type": "t"});
        event[field] = value;
        event
    };
    let vars = |n: usize| {
        let vars = (0..n).map(|n| (format!("v{n}"), json!("x")));
        Value::Object(vars.collect())
    };
    let users = |n: usize| {
        rich(json!([{"buttons": [{"text": "b", "postback_id": "p",
        "user_ids": vec!["u"; n]}]}]))
    };
    // The largest valid value, one that is too large, and the name in the
    // error.
    for (fits, odd, told) in [
        (
            json!({"type": "message", "text": long(16384)}),
            json!({"type": "message", "text": long(16385)}),
            "text",
        ),
        (
            json!({"type": "message", "text": "x", "custom_id": long(254)}),
            json!({"type": "message", "text": "x", "custom_id": long(255)}),
            "custom_id",
        ),
        (
            postback("id", long(254)),
            postback("id", long(255)),
            "postback.id",
        ),
        (
            postback("thread_id", long(254)),
            postback("thread_id", long(255)),
            "postback.thread_id",
        ),
        (
            postback("event_id", long(254)),
            postback("event_id", long(255)),
            "postback.event_id",
        ),
        (
            postback("type", long(1024)),
            postback("type", long(1025)),
            "postback.type",
        ),
        (
            postback("value", long(2048)),
            postback("value", long(2049)),
            "postback.value",
        ),
        (
            rich(json!(vec![json!({}); 10])),
            rich(json!(vec![json!({}); 11])),
            "elements",
        ),
        (
            rich(json!([{"buttons": vec![button.clone(); 13]}])),
            rich(json!([{"buttons": vec![button; 14]}])),
            "buttons",
        ),
        (
            rich(json!([{"title": long(1024)}])),
            rich(json!([{"title": long(1025)}])),
            "elements[0].title",
        ),
        (
            rich(json!([{"subtitle": long(1024)}])),
            rich(json!([{"subtitle": long(1025)}])),
            "elements[0].subtitle",
        ),
        (
            in_button("text", long(1024)),
            in_button("text", long(1025)),
            "buttons[0].text",
        ),
        (
            in_button("type", long(1024)),
            in_button("type", long(1025)),
            "buttons[0].type",
        ),
        (
            in_button("value", long(2048)),
            in_button("value", long(2049)),
            "buttons[0].value",
        ),
        (
            in_button("postback_id", long(254)),
            in_button("postback_id", long(255)),
            "postback_id",
        ),
        (
            in_button("target", long(1024)),
            in_button("target", long(1025)),
            "target",
        ),
        (
            in_button("webview_height", long(1024)),
            in_button("webview_height", long(1025)),
            "webview_height",
        ),
        (users(100), users(101), "user_ids"),
        (
            in_image("url", url(2048)),
            in_image("url", url(2049)),
            "image.url",
        ),
        (
            in_image("name", long(255)),
            in_image("name", long(256)),
            "image.name",
        ),
        (
            in_image("content_type", long(1024)),
            in_image("content_type", long(1025)),
            "content_type",
        ),
        (
            in_image("alternative_text", long(1024)),
            in_image("alternative_text", long(1025)),
            "alternative_text",
        ),
        (in_file("url", url(2048)), in_file("url", url(2049)), "url"),
        (
            in_file("name", long(255)),
            in_file("name", long(256)),
            "name",
        ),
        (
            in_file("thumbnail_url", url(2048)),
            in_file("thumbnail_url", url(2049)),
            "thumbnail_url",
        ),
        (
            in_file("thumbnail2x_url", url(2048)),
            in_file("thumbnail2x_url", url(2049)),
            "thumbnail2x_url",
        ),
        (
            in_file("content_type", long(1024)),
            in_file("content_type", long(1025)),
            "content_type",
        ),
        (
            in_file("alternative_text", long(1024)),
            in_file("alternative_text", long(1025)),
            "alternative_text",
        ),
        (
            form(json!(vec![plain.clone(); 50])),
            form(json!(vec![plain.clone(); 51])),
            "fields",
        ),
        (
            form(field("id", json!(long(254)))),
            form(field("id", json!(long(255)))),
            "fields[0].id",
        ),
        (
            form(field("label", json!(long(1024)))),
            form(field("label", json!(long(1025)))),
            "fields[0].label",
        ),
        (
            form(field("options", json!(vec![option.clone(); 300]))),
            form(field("options", json!(vec![option.clone(); 301]))),
            "fields[0].options",
        ),
        (
            filled(json!(vec![plain.clone(); 50])),
            filled(json!(vec![plain; 51])),
            "fields",
        ),
        (
            filled(field("answer", json!(long(16384)))),
            filled(field("answer", json!(long(16385)))),
            "fields[0].answer",
        ),
        (
            filled(field("answers", json!(vec![option.clone(); 300]))),
            filled(field("answers", json!(vec![option; 301]))),
            "fields[0].answers",
        ),
        (
            json!({"type": "custom", "content": long(32766)}),
            json!({"type": "custom", "content": long(32767)}),
            "content",
        ),
        (
            system("system_message_type", json!(long(1024))),
            system("system_message_type", json!(long(1025))),
            "system_message_type",
        ),
        (
            system("text", json!(long(16384))),
            system("text", json!(long(16385))),
            "text",
        ),
        (
            system("text_vars", vars(20)),
            system("text_vars", vars(21)),
            "text_vars",
        ),
    ] {
        for (mut event, good) in [(fits, true), (odd, false)] {
            event["visibility"] = json!("agents");
            let refused = case.refusal(&event).await;
            match refused {
                None => assert!(good, "{told} should be refused"),
                Some(why) => {
                    assert!(!good, "{why}");
                    assert!(why.contains(told), "{told}: {why}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_file_has_an_http_url() {
    let server = TestServer::new().await;
    let _visitor = Visitor::waits(&server, "Jon").await;
    let chat = server.ada.only_chat().await;
    let case = Case {
        agent: &server.ada,
        chat: &chat,
    };
    for (url, good) in [
        ("https://files.example/a.png", true),
        ("http://localhost:8080/chat/files/x/a.png", true),
        ("javascript:alert(1)", false),
        ("data:text/html,x", false),
        ("ftp://x.example", false),
        ("a.png", false),
        ("//x.example/a.png", false),
    ] {
        for field in ["url", "thumbnail_url", "thumbnail2x_url"] {
            let mut event = json!({"type": "file", "url": "https://x.example/a.png",
                "visibility": "agents"});
            event[field] = json!(url);
            let refused = case.refusal(&event).await;
            assert_eq!(refused.is_none(), good, "{field} {url}");
            assert!(refused.is_none_or(|told| told.contains(field)));
        }
    }
}

/// The API may get new values one day.
#[tokio::test]
async fn unknown_values_are_kept_and_unknown_event_types_are_not() {
    let server = TestServer::new().await;
    let _visitor = Visitor::waits(&server, "Jon").await;
    let chat = server.ada.only_chat().await;
    let case = Case {
        agent: &server.ada,
        chat: &chat,
    };
    let button = json!({"type": "teleport", "text": "b", "value": "v", "postback_id": "p",
        "user_ids": [], "target": "nowhere", "webview_height": "huge"});
    let option = json!({"id": "0", "label": "o"});
    for mut sent in [
        json!({"type": "rich_message", "template_id": "mosaic", "elements": [{"title": "t",
            "buttons": [button]}]}),
        json!({"type": "form", "form_id": "f", "form_type": "quiz",
            "fields": [{"type": "slider", "id": "1", "label": "l", "options": [option]}]}),
        json!({"type": "filled_form", "form_id": "f", "form_type": "quiz",
            "fields": [{"type": "slider", "id": "1", "label": "l", "answer": {"from": 1, "to": 2}}]}),
        json!({"type": "system_message", "system_message_type": "poem", "text": "t"}),
        json!({"type": "message", "text": "x", "postback": {"id": "i", "thread_id": "T",
            "event_id": "T_1", "type": "teleport", "value": "v"}}),
    ] {
        sent["visibility"] = json!("agents");
        assert_eq!(case.refusal(&sent).await, None, "{sent}");
        let shown = server.ada.ask("get_chat", json!({"chat_id": chat})).await;
        let events = shown.body["thread"]["events"].as_array().unwrap();
        let kept = events.last().unwrap();
        for (name, value) in sent.as_object().unwrap() {
            assert_eq!(&kept[name], value, "{name} of {sent}");
        }
    }
    for (odd, told) in [
        (json!({"type": "poem", "text": "x"}), "type"),
        (json!({"type": "", "text": "x"}), "type"),
        (json!({"type": "Message", "text": "x"}), "type"),
        (
            json!({"type": "message", "text": "x", "visibility": "some"}),
            "visibility",
        ),
    ] {
        let refusal = case.refusal(&odd).await.unwrap();
        assert!(refusal.contains(told), "{odd}: {refusal}");
    }
}
