//! A site with two agents, and its router.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, request::Builder},
};
use parlor_server::{
    app::{App, Config},
    auth::{Passwords, issue},
    clock::{Clock, Timestamp},
    entropy::Entropy,
    private::Private,
    router::router,
    setup::{AgentDetails, Setup, SetupRequest, Site},
    store::{
        Store, Tx,
        row::{Agent as AgentRow, Button, Group, Role, Routing, TokenKind},
    },
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use super::{Agent, TestResponse};
use crate::stores;

pub(crate) const PASSWORD: &str = "correct horse";

pub(crate) struct TestServer {
    pub(crate) app: Arc<App>,
    pub(crate) site: Site,
    pub(crate) ada: Agent,
    pub(crate) bob: Agent,
    pub(crate) router: Router,
    store: Arc<dyn Store>,
    clock: Clock,
    entropy: Entropy,
}

pub(crate) fn request(method: &str, path: &str) -> Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "chat.example")
}

impl TestServer {
    pub(crate) async fn new() -> Self {
        Self::with(None, Config::default()).await
    }

    /// Ada has a password.
    pub(crate) async fn with_password() -> Self {
        Self::with(Some(PASSWORD), Config::default()).await
    }

    pub(crate) async fn with(password: Option<&str>, config: Config) -> Self {
        let (store, clock, entropy) = (
            stores::fresh().await,
            Clock::system_after(Timestamp(0)),
            Entropy::seeded(7),
        );
        let passwords = Passwords::default();
        let setup = Setup {
            store: store.as_ref(),
            entropy: &entropy,
            passwords: &passwords,
            now: clock.now(),
        };
        let wish = |name: &str, password: Option<&str>| SetupRequest {
            email: Private(format!("{}@example.com", name.to_lowercase())),
            name: Some(name.to_owned()),
            password: password.map(SecretString::from),
            allow_origins: Vec::new(),
        };
        let site = setup.run(&wish("Ada", password)).await.unwrap();
        let other = setup.run(&wish("Bob", None)).await.unwrap();
        let config = Config {
            // Polls return at once.
            poll_hold: Duration::ZERO,
            ..config
        };
        let app = App::new(store.clone(), clock.clone(), entropy.clone(), config);
        let router = router(app.clone());
        let agent = |site: &Site| Agent {
            router: router.clone(),
            id: site.agent_id.to_string(),
            token: site.agent_token.expose_secret().to_owned(),
        };
        let (ada, bob) = (agent(&site), agent(&other));
        for agent in [&ada, &bob] {
            agent.comes().await;
        }
        Self {
            ada,
            bob,
            app,
            site,
            router,
            store,
            clock,
            entropy,
        }
    }

    /// The button gives its chats to agents in this way.
    pub(crate) async fn route(&self, routing: Routing) {
        let mut tx = self.write().await;
        let known = tx.button(&self.site.button_id).await.unwrap().unwrap();
        tx.put_button(&Button { routing, ..known }).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A group without agents, with a button.
    pub(crate) async fn add_group(&self, id: i64, name: &str, button: &str) {
        let mut tx = self.write().await;
        let name = name.to_owned();
        tx.put_group(&Group { id, name }).await.unwrap();
        let known = tx.button(&self.site.button_id).await.unwrap().unwrap();
        tx.put_button(&Button {
            id: button.into(),
            group_id: id,
            ..known
        })
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    /// As `parlor agent set --groups` does, in another process.
    pub(crate) async fn set_groups(&self, agent: &Agent, names: &[&str]) {
        let email = self.row(agent).await.email;
        let passwords = Passwords::default();
        let details = in_groups(names);
        let setup = self.setup(&passwords);
        setup.change_agent(&email, &details).await.unwrap();
    }

    /// One more agent, who is a program.
    pub(crate) async fn agent(&self, name: &str, groups: &[&str]) -> Agent {
        let email = Private(format!("{}@example.com", name.to_lowercase()));
        let passwords = Passwords::default();
        let setup = self.setup(&passwords);
        let details = AgentDetails {
            name: Some(name.to_owned()),
            ..in_groups(groups)
        };
        let (row, _) = setup.add_agent(&email, None, &details).await.unwrap();
        let token = setup.add_token(&email, name, None).await.unwrap();
        Agent {
            router: self.router.clone(),
            id: row.id.to_string(),
            token: token.expose_secret().to_owned(),
        }
    }

    fn setup<'a>(&'a self, passwords: &'a Passwords) -> Setup<'a> {
        Setup {
            store: self.store.as_ref(),
            entropy: &self.entropy,
            passwords,
            now: self.clock.now(),
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> TestResponse {
        send(&self.router, request).await
    }

    /// Serves on a port of its own, for WebSockets.
    pub(crate) async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = self
            .router
            .clone()
            .into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        address
    }

    pub(crate) async fn token(&self, kind: TokenKind, agent: &Agent) -> String {
        let id = agent.id.as_str().into();
        let (text, row) = issue(&self.entropy, self.clock.now(), kind, Some(&id));
        let mut tx = self.write().await;
        tx.put_token(&row).await.unwrap();
        tx.commit().await.unwrap();
        text.expose_secret().to_owned()
    }

    /// A token of a back-office program.
    #[allow(dead_code, reason = "the tests of the archive use it")]
    pub(crate) async fn api_token(&self, role: Role, reads_private: bool) -> String {
        let (text, mut row) = issue(&self.entropy, self.clock.now(), TokenKind::Api, None);
        (row.role, row.reads_private) = (Some(role), reads_private);
        let mut tx = self.write().await;
        tx.put_token(&row).await.unwrap();
        tx.commit().await.unwrap();
        text.expose_secret().to_owned()
    }

    pub(crate) async fn write(&self) -> Box<dyn Tx> {
        self.store.begin().await.unwrap()
    }

    pub(crate) fn now(&self) -> parlor_server::clock::Timestamp {
        self.clock.now()
    }

    pub(crate) async fn row(&self, agent: &Agent) -> AgentRow {
        let mut tx = self.store.read().await.unwrap();
        tx.agent(&agent.id.as_str().into()).await.unwrap().unwrap()
    }

    /// By which visitors are routed.
    pub(crate) async fn status(&self, agent: &Agent) -> String {
        let all = self.bob.act("list_routing_statuses", json!({})).await;
        let all = all.as_array().unwrap();
        let of_agent = all.iter().find(|it| it["agent_id"] == agent.id.as_str());
        of_agent.unwrap()["status"].as_str().unwrap().to_owned()
    }
}

fn in_groups(names: &[&str]) -> AgentDetails {
    AgentDetails {
        groups: Some(names.iter().map(|&name| name.to_owned()).collect()),
        ..AgentDetails::default()
    }
}

pub(crate) async fn send(router: &Router, request: Request<Body>) -> TestResponse {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    TestResponse {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    }
}
