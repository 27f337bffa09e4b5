//! A site, one or more processes that serve it, and requests to them.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Request, StatusCode},
};
use parlor_server::{
    app::{App, Config},
    auth::Passwords,
    clock::{Clock, Timestamp},
    entropy::Entropy,
    router::router,
    settings::Settings,
    setup::{Setup, SetupRequest, Site},
    store::{
        Store,
        row::{Agent as AgentRow, Button, Deployment, DeploymentSettings, Group, Routing},
    },
};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::{
    actors::{Agent, Stranger, Visitor},
    stores,
};

/// An origin that may embed the chat.
pub(crate) const SHOP: &str = "https://shop.example";

/// One process of a site, with the store that all its processes share.
pub(crate) struct TestServer {
    store: Arc<dyn Store>,
    pub(crate) clock: Clock,
    pub(crate) site: Site,
    pub(crate) app: Arc<App>,
    pub(crate) router: Router,
}

impl TestServer {
    pub(crate) async fn new() -> Self {
        Self::over(stores::fresh().await).await
    }

    pub(crate) async fn over(store: Arc<dyn Store>) -> Self {
        let clock = Clock::starting_at(Timestamp(1_767_225_600_000_000));
        let entropy = Entropy::seeded(1);
        let site = add_agent(store.as_ref(), &clock, &entropy, "Andy").await;
        Self::serving(store, clock, site, entropy, Config::default()).await
    }

    /// The process has started, and its agent has come.
    async fn serving(
        store: Arc<dyn Store>,
        clock: Clock,
        site: Site,
        entropy: Entropy,
        config: Config,
    ) -> Self {
        let public_url = config.public_url.clone();
        let server = Self::starting(store, clock, site, entropy, config);
        let host = match &public_url {
            Some(url) => url.split('/').nth(2).unwrap(),
            None => "chat.example",
        };
        server.agent().comes_at(host).await;
        server
    }

    fn starting(
        store: Arc<dyn Store>,
        clock: Clock,
        site: Site,
        entropy: Entropy,
        config: Config,
    ) -> Self {
        let app = App::new(store.clone(), clock.clone(), entropy, config);
        Self {
            store,
            clock,
            site,
            router: router(app.clone()),
            app,
        }
    }

    /// Another process on the same store, to which no agent has come yet.
    pub(crate) fn process_before_anybody_came(&self, seed: u64) -> Self {
        let (store, site) = (self.store.clone(), self.site.clone());
        let entropy = Entropy::seeded(seed);
        Self::starting(store, self.clock.clone(), site, entropy, Config::default())
    }

    /// Another process on the same store: after a restart, or beside the first
    /// one.
    pub(crate) async fn another_process(&self, seed: u64) -> Self {
        self.process_with(seed, Config::default()).await
    }

    pub(crate) async fn process_with(&self, seed: u64, config: Config) -> Self {
        let (store, site) = (self.store.clone(), self.site.clone());
        Self::serving(
            store,
            self.clock.clone(),
            site,
            Entropy::seeded(seed),
            config,
        )
        .await
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// A visitor with a session, before `ChasitorInit`.
    pub(crate) async fn visitor(&self) -> Visitor {
        Visitor::connect(self).await
    }

    /// A visitor in the queue, who has received `ChatRequestSuccess`.
    pub(crate) async fn waiting_visitor(&self) -> Visitor {
        let mut visitor = self.visitor().await;
        visitor.init().await.ok();
        assert_eq!(visitor.poll().await.kinds(), ["ChatRequestSuccess"]);
        visitor
    }

    /// A visitor and the agent who accepted them; all messages are polled.
    pub(crate) async fn visitor_with_agent(&self) -> (Visitor, Agent, String) {
        let mut visitor = self.waiting_visitor().await;
        let agent = self.agent();
        let chat = agent.accept().await;
        assert_eq!(visitor.poll().await.kinds(), ["ChatEstablished"]);
        (visitor, agent, chat)
    }

    pub(crate) fn agent(&self) -> Agent {
        Agent::new(self.router.clone(), &self.site)
    }

    /// One more agent.
    pub(crate) async fn colleague(&self, name: &str) -> Agent {
        let entropy = Entropy::seeded(name.bytes().map(u64::from).sum());
        let site = add_agent(self.store.as_ref(), &self.clock, &entropy, name).await;
        let agent = Agent::new(self.router.clone(), &site);
        agent.comes().await;
        agent
    }

    /// Tells visitors and agents of new places in queues, as the process does
    /// once a second.
    pub(crate) async fn update_queues(&self) {
        self.app.run_queue_updates().await.unwrap();
    }

    pub(crate) fn stranger(&self) -> Stranger {
        Stranger::new(self.router.clone())
    }

    /// A button of a group of which all agents are members.
    pub(crate) async fn add_button(&self, id: &str, group_id: i64) {
        let mut tx = self.store.begin().await.unwrap();
        let name = format!("Group {group_id}");
        tx.put_group(&Group { id: group_id, name }).await.unwrap();
        for mut agent in tx.agents().await.unwrap() {
            agent.group_ids.insert(group_id);
            tx.put_agent(&agent).await.unwrap();
        }
        tx.put_button(&Button {
            id: id.into(),
            deployment_id: self.site.deployment_id.clone(),
            name: id.to_owned(),
            group_id,
            language: "en_US".to_owned(),
            routing: Routing::default(),
            average_wait_s: None,
        })
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    /// A button of another deployment.
    pub(crate) async fn add_button_elsewhere(&self, id: &str, group_id: i64) {
        let mut tx = self.store.begin().await.unwrap();
        let known = tx.deployment(&self.site.deployment_id).await.unwrap();
        let elsewhere = Deployment {
            id: "572elsewhere".into(),
            ..known.unwrap()
        };
        tx.put_deployment(&elsewhere).await.unwrap();
        let known = tx.button(&self.site.button_id).await.unwrap().unwrap();
        tx.put_button(&Button {
            id: id.into(),
            deployment_id: elsewhere.id,
            group_id,
            ..known
        })
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn row(&self, agent: &Agent) -> AgentRow {
        let mut tx = self.store.read().await.unwrap();
        tx.agent(&agent.id.as_str().into()).await.unwrap().unwrap()
    }

    pub(crate) async fn put(&self, row: &AgentRow) {
        let mut tx = self.store.begin().await.unwrap();
        tx.put_agent(row).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The agent is a member of these groups alone.
    pub(crate) async fn join<const N: usize>(&self, agent: &Agent, groups: [i64; N]) {
        let row = AgentRow {
            group_ids: groups.into(),
            ..self.row(agent).await
        };
        self.put(&row).await;
    }

    /// Changes the deployment's settings.
    pub(crate) async fn set(&self, change: impl FnOnce(&mut DeploymentSettings)) {
        let mut tx = self.store.begin().await.unwrap();
        let mut row = tx
            .deployment(&self.site.deployment_id)
            .await
            .unwrap()
            .unwrap();
        change(&mut row.settings);
        tx.put_deployment(&row).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Applies a settings file, as a starting process does.
    pub(crate) async fn apply(&self, settings: Settings) {
        let file = Path::new("parlor.toml");
        settings.apply(file, self.store.as_ref()).await.unwrap();
    }

    /// Downloads a file of this server.
    pub(crate) async fn file(&self, url: &str) -> TestResponse {
        let path = url.split_once("/chat/").unwrap().1;
        let mut request = TestRequest::get("");
        request.uri = format!("/chat/{path}");
        request.send_to(&self.router).await
    }

    /// Sets the organisation's new address.
    pub(crate) async fn move_to(&self, url: &str) {
        let mut tx = self.store.begin().await.unwrap();
        let mut organization = tx.organization().await.unwrap().unwrap();
        organization.switch_url = Some(url.to_owned());
        tx.put_organization(&organization).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn add_agent(store: &dyn Store, clock: &Clock, entropy: &Entropy, name: &str) -> Site {
    Setup {
        store,
        entropy,
        passwords: &Passwords::default(),
        now: clock.now(),
    }
    .run(&SetupRequest {
        email: format!("{}@example.com", name.to_lowercase()).into(),
        name: Some(name.to_owned()),
        password: None,
        allow_origins: vec![SHOP.to_owned()],
    })
    .await
    .unwrap()
}

/// Lets time pass for all tasks.
pub(crate) async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}

pub(crate) async fn seconds(n: u64) {
    pass(Duration::from_secs(n)).await;
}

/// A request under construction.
#[derive(Debug, Clone)]
pub(crate) struct TestRequest {
    pub(crate) method: String,
    pub(crate) uri: String,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    /// The address from which the connection comes.
    pub(crate) peer: Option<SocketAddr>,
}

impl TestRequest {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            uri: format!("/chat/rest/{path}"),
            headers: vec![("host".to_owned(), b"chat.example".to_vec())],
            body: Vec::new(),
            peer: None,
        }
    }

    pub(crate) fn connecting_from(self, address: &str) -> Self {
        Self {
            peer: Some(SocketAddr::new(address.parse().unwrap(), 50_000)),
            ..self
        }
    }

    pub(crate) fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub(crate) fn post(path: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            body: body.into(),
            ..Self::new("POST", path)
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers
            .push((name.to_owned(), value.as_bytes().to_vec()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    pub(crate) async fn send_to(self, router: &Router) -> TestResponse {
        let mut request = Request::builder()
            .method(self.method.as_str())
            .uri(&self.uri);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        if let Some(peer) = self.peer {
            request = request.extension(ConnectInfo(peer));
        }
        let request = request.body(Body::from(self.body)).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        TestResponse {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&body).into_owned(),
            bytes: body.to_vec(),
        }
    }
}

/// A response.
#[derive(Debug, Clone)]
pub(crate) struct TestResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) bytes: Vec<u8>,
}

impl TestResponse {
    #[track_caller]
    pub(crate) fn status(self, expected: u16) -> Self {
        assert_eq!(self.status.as_u16(), expected, "{}", self.text);
        self
    }

    /// A successful POST, whose body clients compare.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        let done = self.status(200);
        assert_eq!(done.text, "OK");
        done
    }

    #[track_caller]
    pub(crate) fn empty(self) -> Self {
        let empty = self.status(204);
        assert_eq!(empty.text, "");
        empty
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        match serde_json::from_str(&self.text) {
            Ok(value) => value,
            Err(error) => panic!("{error}: {} {}", self.status, self.text),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    #[track_caller]
    pub(crate) fn latest_offset(&self) -> i64 {
        self.header("x-chat-latest-offset")
            .unwrap()
            .parse()
            .unwrap()
    }

    /// The types of a batch's messages.
    #[track_caller]
    pub(crate) fn kinds(&self) -> Vec<String> {
        assert_eq!(self.status.as_u16(), 200, "{}", self.text);
        let batch = self.json();
        let messages = batch["messages"].as_array().unwrap();
        messages
            .iter()
            .map(|m| m["type"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The first message of a type.
    #[track_caller]
    pub(crate) fn message(&self, kind: &str) -> Value {
        let batch = self.json();
        let messages = batch["messages"].as_array().unwrap();
        match messages.iter().find(|m| m["type"] == kind) {
            Some(message) => message["message"].clone(),
            None => panic!("no {kind} in {batch}"),
        }
    }

    /// The texts of agents' messages in a batch.
    #[track_caller]
    pub(crate) fn texts(&self) -> Vec<String> {
        let batch = self.json();
        let messages = batch["messages"].as_array().unwrap();
        messages
            .iter()
            .filter(|m| m["type"] == "ChatMessage")
            .map(|m| m["message"]["text"].as_str().unwrap().to_owned())
            .collect()
    }

    #[track_caller]
    pub(crate) fn sequence(&self) -> i64 {
        self.json()["sequence"].as_i64().unwrap()
    }

    #[track_caller]
    pub(crate) fn offset(&self) -> i64 {
        self.json()["offset"].as_i64().unwrap()
    }
}
