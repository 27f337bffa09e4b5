//! A site whose mail goes to a server of the test.

use parlor_server::{app::Config, mail::MailConfig, store::row::OutgoingMail};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time;

use crate::{
    actors::{Agent, Visitor},
    server::TestServer,
};

pub(crate) struct Site {
    pub(crate) server: TestServer,
    pub(crate) agent: Agent,
}

/// Time passes at once. Only then is it a virtual one: sockets need the real one.
pub(crate) async fn later(seconds: u64) {
    time::pause();
    time::advance(Duration::from_secs(seconds)).await;
    time::resume();
}

pub(crate) fn form(email: &str) -> Value {
    json!({ "form_id": "prechat", "fields": [
        { "type": "name", "id": "name", "label": "Your name", "answer": "Jon A." },
        { "type": "email", "id": "email", "label": "Your e-mail", "answer": email },
    ] })
}

impl Site {
    /// Nobody accepts chats.
    pub(crate) async fn new(mail: MailConfig) -> Self {
        let server = TestServer::new().await;
        let config = Config {
            mail: Some(mail),
            public_url: Some("https://chat.example".to_owned()),
            ..Config::default()
        };
        let server = server.process_with(2, config).await;
        server
            .set(|settings| settings.team_name = "Ada's Hats".to_owned())
            .await;
        let agent = server.agent();
        agent.status("not_accepting_chats").await;
        Self { server, agent }
    }

    /// Somebody leaves a message and is there until ten seconds later.
    pub(crate) async fn message_left(&self, text: &str, more: Value) -> (Visitor, Value) {
        let id = format!("a-random-id-of-a-message-{text}");
        let id: String = id.chars().take(100).collect();
        let mut init = json!({ "prechatForm": form("jon@example.com"),
            "offlineMessage": { "text": text, "customId": id },
            "url": "https://shop.example/hats?order=4711#top" });
        for (name, value) in more.as_object().unwrap() {
            init[name] = value.clone();
        }
        let mut visitor = self.server.visitor().await;
        visitor.init_with(init).await.ok();
        visitor.poll().await.message("ChatRequestSuccess");
        let listed = self.agent.act("list_offline_messages", json!({})).await;
        let newest = listed["messages"].as_array().unwrap().last().unwrap();
        (visitor, newest.clone())
    }

    /// A message whose visitor has gone.
    pub(crate) async fn message_of_yesterday(&self, text: &str) -> Value {
        let (_, message) = self.message_left(text, json!({})).await;
        later(24 * 3600).await;
        message
    }

    pub(crate) async fn answer(&self, message: &Value, text: &str) {
        let event = json!({ "type": "message", "text": text });
        self.send(message, event).await;
    }

    pub(crate) async fn send(&self, message: &Value, event: Value) {
        let sent = json!({ "chat_id": message["chat_id"], "thread_id": message["thread_id"],
            "event": event });
        self.agent.act("send_event", sent).await;
    }

    /// Sends what is due.
    pub(crate) async fn deliver(&self) {
        self.server.app.send_due_mail().await.unwrap();
    }

    /// An answer that waits for nothing but its attempt.
    pub(crate) async fn answered(mail: MailConfig) -> Self {
        let site = Self::new(mail).await;
        let message = site.message_of_yesterday("Is it blue?").await;
        site.answer(&message, "It is.").await;
        later(30).await;
        site
    }

    /// All mails that wait, whenever they are due.
    pub(crate) async fn waiting(&self) -> Vec<OutgoingMail> {
        let mut tx = self.server.store().read().await.unwrap();
        let ever = self.server.clock.now().plus(Duration::from_secs(1_000_000));
        tx.due_mail(ever, 1_000).await.unwrap()
    }
}
