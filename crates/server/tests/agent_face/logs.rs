//! Nothing that anybody wrote, is called or is known by reaches a log.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::actors::{Console, PASSWORD, Visitor, World, request};

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
async fn a_conversation_leaves_no_words_in_the_log() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(lines.clone())
        .finish();
    let _listening = tracing::subscriber::set_default(subscriber);
    tracing::info!("the log is read");

    let world = World::with_password().await;
    let address = world.listen().await;
    let mut visitor = Visitor::waits(&world, "Hieronymus").await;
    visitor.say("hemorrhoids").await;
    let mut console = Console::of(address, &world.ada.token).await;
    let id = world.ada.only_chat().await;
    world.ada.accept(&id).await;
    let event = json!({"type": "message", "text": "ointment"});
    let said = json!({"chat_id": id, "event": event});
    console.act("send_event", said).await;
    console
        .fails("send_event", json!({"chat_id": ["ointment"]}))
        .await;
    world.bob.note(&id, "hypochondriac").await;
    let entry = json!({"email": "ada@example.com", "password": PASSWORD});
    for body in [entry.to_string(), "hemorrhoids".to_owned()] {
        let asked = request("POST", "/agent/session").body(body.into()).unwrap();
        world.send(asked).await;
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
        &world.ada.token,
        &world.bob.token,
    ] {
        assert!(!log.contains(word), "{word}: {log}");
    }
}
