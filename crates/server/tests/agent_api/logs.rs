//! Nothing that anybody wrote, no name and no credential is logged.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::actors::{Console, PASSWORD, TestServer, Visitor, request};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn nothing_private_is_logged() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(lines.clone())
        .finish();
    let _listening = tracing::subscriber::set_default(subscriber);
    tracing::info!("the log is read");

    let server = TestServer::with_password().await;
    let address = server.listen().await;
    let mut visitor = Visitor::waits(&server, "Hieronymus").await;
    visitor.say("hemorrhoids").await;
    let mut console = Console::of(address, &server.ada.token).await;
    let id = server.ada.only_chat().await;
    server.ada.accept(&id).await;
    let event = json!({"type": "message", "text": "ointment"});
    let said = json!({"chat_id": id, "event": event});
    console.act("send_event", said).await;
    console
        .fails("send_event", json!({"chat_id": ["ointment"]}))
        .await;
    server.bob.note(&id, "hypochondriac").await;
    let entry = json!({"email": "ada@example.com", "password": PASSWORD});
    for body in [entry.to_string(), "hemorrhoids".to_owned()] {
        let asked = request("POST", "/agent/session").body(body.into()).unwrap();
        server.send(asked).await;
    }
    console.close().await;

    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("the log is read"));
    for word in [
        "Hieronymus",
        "hemorrhoids",
        "ointment",
        "hypochondriac",
        "example.com",
        PASSWORD,
        &server.ada.token,
        &server.bob.token,
    ] {
        assert!(!log.contains(word), "{word}: {log}");
    }
}
