//! A client that does what the API's guide says.

use axum::Router;
use parlor_server::setup::Site;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::world::{Answer, Ask, World};

#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) router: Router,
    pub(crate) site: Site,
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) affinity: String,
    /// Of the last POST.
    pub(crate) number: i64,
    /// Of the next poll.
    pub(crate) ack: i64,
    /// Of the last batch.
    pub(crate) offset: Option<i64>,
}

impl Visitor {
    pub(crate) async fn arrives(world: &World) -> Self {
        let session = Ask::get("System/SessionId")
            .header("x-liveagent-affinity", "null")
            .header("x-liveagent-api-version", "56")
            .of(&world.router)
            .await
            .status(200)
            .json();
        let text = |name: &str| session[name].as_str().unwrap().to_owned();
        Self {
            router: world.router.clone(),
            site: world.site.clone(),
            id: text("id"),
            key: text("key"),
            affinity: text("affinityToken"),
            number: 0,
            ack: -1,
            offset: None,
        }
    }

    /// A body of `ChasitorInit` that asks for the site's button.
    pub(crate) fn wish(&self) -> Value {
        json!({
            "organizationId": self.site.organization_id,
            "deploymentId": self.site.deployment_id,
            "buttonId": self.site.button_id,
            "sessionId": self.id,
            "userAgent": "Mozilla/5.0",
            "language": "en-US",
            "screenResolution": "2560x1440",
            "visitorName": "Jon A.",
            "prechatDetails": [],
            "prechatEntities": [],
            "receiveQueueUpdates": true,
            "isPost": true,
        })
    }

    pub(crate) async fn init(&mut self) -> Answer {
        let wish = self.wish();
        self.post("ChasitorInit", wish).await
    }

    /// With other members than usual.
    pub(crate) async fn init_with(&mut self, other: Value) -> Answer {
        let mut wish = self.wish();
        for (name, value) in other.as_object().unwrap() {
            wish[name] = value.clone();
        }
        self.post("ChasitorInit", wish).await
    }

    /// The next POST.
    pub(crate) async fn post(&mut self, noun: &str, body: Value) -> Answer {
        self.number += 1;
        self.post_numbered(self.number, noun, body).await
    }

    pub(crate) async fn say(&mut self, text: &str) -> Answer {
        self.post("ChatMessage", json!({ "text": text })).await
    }

    pub(crate) async fn post_numbered(&self, number: i64, noun: &str, body: Value) -> Answer {
        let path = match noun {
            "MultiNoun" => "System/MultiNoun".to_owned(),
            "Breadcrumb" => "Visitor/Breadcrumb".to_owned(),
            noun => format!("Chasitor/{noun}"),
        };
        self.signed(Ask::post(&path, body.to_string()))
            .header("x-liveagent-sequence", &number.to_string())
            .of(&self.router)
            .await
    }

    /// Polls, and acknowledges what came by the next poll.
    pub(crate) async fn poll(&mut self) -> Answer {
        let answer = self.poll_acking(self.ack).await;
        self.fetched(&answer);
        answer
    }

    /// A poll of which nothing is remembered, as if its answer were lost.
    pub(crate) async fn poll_acking(&self, ack: i64) -> Answer {
        self.get(&format!("System/Messages?ack={ack}")).await
    }

    /// A poll that goes on while other things happen.
    pub(crate) fn poll_beside(&self) -> JoinHandle<Answer> {
        let visitor = self.clone();
        tokio::spawn(async move { visitor.poll_acking(visitor.ack).await })
    }

    pub(crate) fn fetched(&mut self, answer: &Answer) {
        if answer.status.as_u16() == 200 {
            self.ack = answer.sequence();
            self.offset = Some(answer.offset());
        }
    }

    /// Everything that waits, poll after poll, until there is nothing more.
    pub(crate) async fn fetch_all(&mut self) -> Vec<(String, Value)> {
        let mut all = Vec::new();
        loop {
            let answer = self.poll().await;
            if answer.status.as_u16() != 200 {
                return all;
            }
            for message in answer.json()["messages"].as_array().unwrap() {
                let kind = message["type"].as_str().unwrap().to_owned();
                all.push((kind, message["message"].clone()));
            }
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.signed(Ask::get(path)).of(&self.router).await
    }

    /// Goes over to a process: `ReconnectSession` with the literal `null`.
    pub(crate) async fn reconnect(&mut self, world: &World) -> Answer {
        self.router = world.router.clone();
        let path = match self.offset {
            Some(offset) => {
                format!("System/ReconnectSession?ReconnectSession.offset={offset}")
            }
            None => "System/ReconnectSession".to_owned(),
        };
        let answer = self
            .signed(Ask::get(&path))
            .header("x-liveagent-affinity", "null")
            .of(&self.router)
            .await
            .status(200);
        let token = answer.message("ReconnectSession")["affinityToken"].clone();
        self.affinity = token.as_str().unwrap().to_owned();
        answer
    }

    pub(crate) fn signed(&self, ask: Ask) -> Ask {
        ask.header("x-liveagent-api-version", "56")
            .header("x-liveagent-affinity", &self.affinity)
            .header("x-liveagent-session-key", &self.key)
    }
}
