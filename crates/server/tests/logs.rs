//! A whole conversation with everything logged: nothing that anybody wrote, no
//! name and no secret may be in the log.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test does not find, fails it"
)]

#[allow(
    dead_code,
    unused_imports,
    reason = "the visitor face's tests use the rest of them"
)]
#[path = "visitor_api/actors/mod.rs"]
mod actors;
#[allow(dead_code, reason = "the visitor face's tests use the rest of it")]
#[path = "visitor_api/server.rs"]
mod server;
mod stores;

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::middleware;
use parlor_server::telemetry::{LogFormat, record_requests, subscriber};
use secrecy::ExposeSecret as _;
use serde_json::json;
use tracing::level_filters::LevelFilter;

use server::{TestRequest, TestServer, seconds};

/// Collects what is logged.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const WORDS: &str = "my account is empty";
const DEVICE: &str = "the-id-of-a-device";
const NAME: &str = "Jonathan Appleseed";
const EMAIL: &str = "jonathan@private.example";
const CARD: &str = "5105105105105100";
const REPLY: &str = "so is my head";
const NOTE: &str = "a difficult one";
const PAGE: &str = "https://shop.example/orders/4711";
const FILE_NAME: &str = "divorce-papers";
const FILE_WORDS: &str = "irreconcilable";
const IDENTITY: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqb24ifQ.signature";

#[tokio::test(start_paused = true)]
async fn nothing_private_of_a_conversation_is_logged() {
    for format in [LogFormat::Text, LogFormat::Json] {
        let page = Page::default();
        let writer = page.clone();
        let subscriber = subscriber(format, LevelFilter::TRACE, move || writer.clone());
        let guard = tracing::subscriber::set_default(subscriber);
        let secrets = conversation().await;
        drop(guard);
        let log = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        for route in [
            "/chat/rest/Chasitor/ChatMessage",
            "/chat/rest/System/SessionId/{key}",
            "/chat/rest/System/Messages",
        ] {
            assert!(log.contains(route), "{log}");
        }
        for secret in secrets {
            assert!(!log.contains(&secret), "{secret} in {log}");
        }
    }
}

fn paired(kind: &str, data: serde_json::Value) -> serde_json::Value {
    json!({ "type": kind, "data": data.to_string() })
}

/// Holds a conversation and returns everything that must not be in the log.
async fn conversation() -> Vec<String> {
    let mut server = TestServer::new().await;
    server.router = server.router.layer(middleware::from_fn(record_requests));
    let mut visitor = server.visitor().await;
    let init = json!({
        "visitorName": NAME,
        "prechatDetails": [{ "label": "E-mail", "value": EMAIL }],
        "url": PAGE,
    });
    visitor.init_with(init.clone()).await.ok();
    visitor.poll().await.status(200);
    visitor.say(WORDS).await.ok();
    let agent = server.agent();
    let chat = agent.accept().await;
    for (noun, body) in [
        ("ChasitorTyping", json!({})),
        ("ChasitorSneakPeek", json!({ "position": 1, "text": WORDS })),
        ("CustomEvent", json!({ "type": "card", "data": CARD })),
        (
            "CustomEvent",
            paired("rating", json!({ "score": "bad", "comment": WORDS })),
        ),
        ("CustomEvent", paired("rating", json!({ "score": WORDS }))),
        (
            "CustomEvent",
            paired(
                "session_fields",
                json!({ "session_fields": [{ NAME: EMAIL }] }),
            ),
        ),
        (
            "CustomEvent",
            paired("message", json!({ "type": "message", "text": [WORDS] })),
        ),
        ("Breadcrumb", json!({ "location": PAGE })),
        ("ChatMessage", json!({ "text": [WORDS] })),
        ("ChasitorInit", json!({ "visitorName": { NAME: EMAIL } })),
        (
            "MultiNoun",
            json!({ "nouns": [{ "prefix": WORDS, "noun": NAME }] }),
        ),
    ] {
        visitor.post(noun, body).await;
    }
    let body = format!(
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{FILE_NAME}.txt\"\r\n\r\n\
         {FILE_WORDS}\r\n--x--\r\n"
    );
    let upload = visitor
        .signed(TestRequest::post("Chasitor/FileUpload", body))
        .header("content-type", "multipart/form-data; boundary=x");
    let file = upload
        .clone()
        .send_to(&server.router)
        .await
        .status(200)
        .json();
    let file = file["url"].as_str().unwrap().to_owned();
    let broken = TestRequest {
        body: upload.body[..60].to_vec(),
        ..upload
    };
    broken.send_to(&server.router).await.status(400);
    assert_eq!(server.file(&file).await.status(200).text, FILE_WORDS);
    let event = json!({ "type": "file", "url": file }).to_string();
    let event = json!({ "type": "file", "data": event });
    visitor.post("CustomEvent", event).await.ok();
    agent.say(&chat, REPLY).await;
    agent.note(&chat, NOTE).await;
    agent.types(&chat, true).await;
    visitor.poll().await.status(200);
    visitor.get("Visitor/History").await.status(200);
    let request = TestRequest::get("Visitor/History").header("x-chat-visitor-id", DEVICE);
    server.stranger().request(request).await.status(403);
    visitor.reconnect(&server).await;
    visitor.poll().await.status(200);

    // Errors must not repeat anything either.
    let broken = visitor.signed(TestRequest::post(
        "Chasitor/ChatMessage",
        format!("{{\"{WORDS}"),
    ));
    broken.send_to(&server.router).await.status(400);
    let lost = format!("System/{WORDS}?key={}", visitor.key).replace(' ', "-");
    visitor.get(&lost).await.status(404);
    let stranger = server.stranger().on("https://private.example");
    stranger.get("System/SessionId").await.status(403);
    let first = visitor.poll_in_background();
    seconds(1).await;
    visitor.poll().await.status(409);
    first.await.unwrap();

    let mut other = server.visitor().await;
    let vouched = json!({ "identityToken": IDENTITY });
    other.init_with(vouched).await.status(400);
    other.init_with(init).await.ok();
    let path = format!("System/SessionId/{}", other.key);
    server
        .stranger()
        .request(TestRequest::new("DELETE", &path))
        .await
        .ok();
    let mut silent = server.visitor().await;
    silent.init().await.ok();
    seconds(300).await;
    server.app.run_maintenance().await.unwrap();

    let texts = [
        WORDS,
        NAME,
        EMAIL,
        CARD,
        REPLY,
        NOTE,
        PAGE,
        DEVICE,
        FILE_NAME,
        FILE_WORDS,
        IDENTITY,
        "private.example",
        "andy@example.com",
    ];
    let mut secrets: Vec<String> = texts.map(str::to_owned).to_vec();
    secrets.push(WORDS.replace(' ', "-"));
    secrets.push(file.rsplit('/').nth(1).unwrap().to_owned());
    for visitor in [visitor, other, silent] {
        secrets.extend([visitor.id, visitor.key, visitor.affinity]);
    }
    secrets.push(server.site.agent_token.expose_secret().to_owned());
    secrets.push(server.site.api_token.expose_secret().to_owned());
    secrets
}
