//! A site whose webhooks go to receivers of the test.

use std::time::Duration;

use parlor_server::{
    app::Config,
    store::row::{WebhookDelivery, WebhookQuery},
    webhooks::WebhookConfig,
};
use serde_json::{Value, json};
use tokio::time;

use crate::{
    actors::{Agent, Visitor},
    receiver::Receiver,
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

impl Site {
    /// One agent accepts chats.
    pub(crate) async fn new(webhooks: Vec<WebhookConfig>) -> Self {
        let server = TestServer::new().await;
        let config = Config {
            webhooks,
            ..Config::default()
        };
        let server = server.process_with(2, config).await;
        let agent = server.agent();
        Self { server, agent }
    }

    pub(crate) async fn with(receiver: &Receiver) -> Self {
        Self::new(vec![receiver.config("crm")]).await
    }

    /// Sends what is due.
    pub(crate) async fn deliver(&self) {
        self.server.app.send_due_webhooks().await.unwrap();
    }

    /// All that is kept, the oldest first.
    pub(crate) async fn rows(&self) -> Vec<WebhookDelivery> {
        let mut tx = self.server.store().read().await.unwrap();
        let query = WebhookQuery {
            limit: i64::MAX,
            ..WebhookQuery::default()
        };
        let mut rows = tx.webhooks(&query).await.unwrap();
        rows.reverse();
        rows
    }

    pub(crate) async fn visitor_with(&self, init: Value) -> Visitor {
        let mut visitor = self.server.visitor().await;
        visitor.init_with(init).await.ok();
        visitor
    }

    /// A message is left, or a callback asked for.
    pub(crate) async fn leave_message(&self, name: &str, more: Value) -> Visitor {
        let mut message = json!({ "text": format!("It is me, {name}."),
            "customId": format!("a-random-id-of-a-message-of-{name}") });
        for (key, value) in more.as_object().unwrap() {
            message[key] = value.clone();
        }
        let form = json!({ "form_id": "prechat", "fields": [
            { "type": "name", "id": "name", "label": "Your name", "answer": name },
            { "type": "email", "id": "email", "label": "E-mail", "answer": "jon@example.com" },
        ] });
        self.visitor_with(
            json!({ "visitorName": name, "prechatForm": form, "offlineMessage": message }),
        )
        .await
    }
}
