//! How many queries an action takes does not depend on how many rows it shows,
//! nor on how many visitors wait.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where something is not as expected"
)]

#[allow(
    dead_code,
    unused_imports,
    reason = "the store's tests use the rest of them"
)]
#[path = "conformance/sample.rs"]
mod sample;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use futures_util::{SinkExt as _, StreamExt as _};
use parlor_server::{
    app::{App, Config},
    auth::Passwords,
    clock::Clock,
    entropy::Entropy,
    router::router,
    setup::{Setup, SetupRequest, Site},
    store::{
        Store,
        row::{Event, OfflineMessage, Session, Thread, ThreadStatus, Toggle, Visibility},
        sqlite::SqliteStore,
    },
};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_tungstenite::{connect_async, tungstenite::Message};
use tower::ServiceExt as _;
use tracing::{Event as LogEvent, Subscriber};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt as _},
};

/// The statements that sqlx has run, which it logs.
static STATEMENTS: AtomicUsize = AtomicUsize::new(0);

struct CountStatements;

impl<S: Subscriber> Layer<S> for CountStatements {
    fn on_event(&self, event: &LogEvent<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            STATEMENTS.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// One test, because statements of others would count too.
#[tokio::test]
async fn queries_do_not_grow_with_what_is_shown() {
    let counting = tracing_subscriber::registry().with(CountStatements);
    tracing::subscriber::set_global_default(counting).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).await.unwrap();
    let server = TestServer::over(store.clone()).await;
    server.add_chats(0..4).await;
    // Opens connections.
    server.costs().await;
    let few = server.least_costs().await;
    server.add_chats(4..50).await;
    let many = server.least_costs().await;
    let left = server.act("list_offline_messages", json!({})).await;
    assert_eq!(left["messages"].as_array().unwrap().len(), 100);
    assert!(few.iter().all(|(_, statements)| *statements > 1), "{few:?}");
    assert_eq!(few, many);
    store.close().await;
}

struct TestServer {
    store: SqliteStore,
    router: Router,
    app: Arc<App>,
    site: Site,
    address: SocketAddr,
}

impl TestServer {
    async fn over(store: SqliteStore) -> Self {
        let (clock, entropy) = (Clock::starting_at(sample::at(1_000)), Entropy::seeded(3));
        let setup = Setup {
            store: &store,
            entropy: &entropy,
            passwords: &Passwords::default(),
            now: clock.now(),
        };
        let request = SetupRequest {
            email: "ada@example.com".to_owned().into(),
            name: None,
            password: None,
            allow_origins: Vec::new(),
        };
        let site = setup.run(&request).await.unwrap();
        let config = Config {
            poll_hold: Duration::ZERO,
            ..Config::default()
        };
        let app = || {
            App::new(
                Arc::new(store.clone()),
                clock.clone(),
                entropy.clone(),
                config.clone(),
            )
        };
        // In the process with sockets, a task reads what is pushed. Its queries
        // would count at any time.
        let with_sockets = router(app());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = with_sockets.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        let app = app();
        let server = Self {
            store,
            router: router(app.clone()),
            app,
            site,
            address,
        };
        server
            .act("set_routing_status", json!({ "status": "accepting_chats" }))
            .await;
        server
    }

    /// Chats with events, every second of which waits. Chat 0 gets a thread for
    /// each of the others.
    async fn add_chats(&self, numbers: std::ops::Range<i64>) {
        let mut tx = self.store.begin().await.unwrap();
        for n in numbers {
            let (chat, customer) = (format!("C{n:03}"), format!("U{n:03}"));
            let threads = [format!("T{n:03}"), format!("old{n:03}")];
            tx.put_customer(&sample::customer(&customer)).await.unwrap();
            tx.put_chat(&sample::chat(&chat, &customer, n))
                .await
                .unwrap();
            let newest = Thread {
                status: if n % 2 == 0 {
                    ThreadStatus::Queued
                } else {
                    ThreadStatus::Active
                },
                deployment_id: Some(self.site.deployment_id.clone()),
                button_id: Some(self.site.button_id.clone()),
                target_agent_id: None,
                ..sample::thread(&threads[0], &chat, n)
            };
            tx.put_thread(&newest).await.unwrap();
            tx.put_thread(&sample::thread(&threads[1], "C000", n - 100))
                .await
                .unwrap();
            tx.put_session(&Session {
                thread_id: Some(newest.id.clone()),
                closed_at: None,
                receives_queue_updates: true,
                ..sample::session(&format!("s{n}"))
            })
            .await
            .unwrap();
            for (thread, chat) in [(&threads[0], chat.as_str()), (&threads[1], "C000")] {
                tx.append_event(&Event {
                    chat_id: chat.into(),
                    visibility: Visibility::All,
                    ..sample::event(thread, 1)
                })
                .await
                .unwrap();
                tx.put_offline_message(&OfflineMessage {
                    chat_id: chat.into(),
                    ..sample::offline_message(thread, &format!("{thread}-1"), n)
                })
                .await
                .unwrap();
                tx.put_toggle(&Toggle {
                    thread_id: thread.as_str().into(),
                    ..sample::toggle(1, "yes", "a")
                })
                .await
                .unwrap();
            }
        }
        tx.commit().await.unwrap();
    }

    /// The least of several measurements. A socket that was closed is dealt with
    /// while the next action runs, whose statements are then counted with it.
    async fn least_costs(&self) -> Vec<(&'static str, usize)> {
        let mut least = self.costs().await;
        for _ in 0..3 {
            for (known, (action, statements)) in least.iter_mut().zip(self.costs().await) {
                assert_eq!(known.0, action);
                known.1 = known.1.min(statements);
            }
        }
        least
    }

    /// The statements of each action, with all rows that there are.
    async fn costs(&self) -> Vec<(&'static str, usize)> {
        let by_time = json!({"from": "2000-01-01T00:00:00Z"});
        let by_agent = json!({"agents": {"values": ["ada@example.com", "b", "c"]}});
        let lists = [
            ("list_chats", json!({"limit": 100})),
            ("list_archives", json!({"limit": 100})),
            ("list_archives", json!({"limit": 100, "filters": by_time})),
            ("list_archives", json!({"limit": 100, "filters": by_agent})),
            ("list_threads", json!({"chat_id": "C000", "limit": 100})),
            ("get_chat", json!({"chat_id": "C000"})),
            ("list_agents_for_transfer", json!({"chat_id": "C001"})),
            ("list_offline_messages", json!({})),
        ];
        let mut costs = Vec::new();
        for (action, payload) in lists {
            let before = statements();
            self.act(action, payload).await;
            costs.push((action, statements() - before));
        }
        let before = statements();
        self.login().await;
        costs.push(("login", statements() - before));

        let ends = json!({"reason": "client"});
        let mut visitors = [Visitor::connect(self).await, Visitor::connect(self).await];
        let [visitor, other] = &mut visitors;
        let before = statements();
        visitor.init().await;
        costs.push(("ChasitorInit", statements() - before));
        other.init().await;
        let before = statements();
        other.post("ChatEnd", ends.clone()).await;
        costs.push(("ChatEnd in the queue", statements() - before));
        let chat = self.newest_waiting_chat().await;
        let who = json!({"chat_id": chat, "user_id": self.site.agent_id, "user_type": "agent"});
        let group = json!({"id": chat, "ignore_agents_availability": true});
        for (action, payload) in [
            ("add_user_to_chat", &who),
            ("remove_user_from_chat", &who),
            ("add_user_to_chat", &who),
            ("transfer_chat", &group),
        ] {
            let before = statements();
            self.act(action, payload.clone()).await;
            costs.push((action, statements() - before));
        }
        visitor.post("ChatEnd", ends).await;
        // Leaves nothing to tell for the next time.
        for _ in 0..2 {
            self.app.run_queue_updates().await.unwrap();
        }
        costs
    }

    async fn newest_waiting_chat(&self) -> Value {
        let list = self.act("list_chats", json!({"limit": 100})).await;
        let chats = list["chats_summary"].as_array().unwrap();
        let waiting = chats
            .iter()
            .find(|it| it["last_thread_summary"]["queue"].is_object());
        waiting.unwrap()["id"].clone()
    }

    async fn act(&self, action: &str, payload: Value) -> Value {
        let request = Request::post(format!("/v3.6/agent/action/{action}"))
            .header("authorization", format!("Bearer {}", self.token()))
            .body(Body::from(payload.to_string()))
            .unwrap();
        send(&self.router, request).await
    }

    fn token(&self) -> &str {
        self.site.agent_token.expose_secret()
    }

    async fn login(&self) {
        let url = format!("ws://{}/v3.6/agent/rtm/ws", self.address);
        let (mut socket, _) = connect_async(url).await.unwrap();
        let token = format!("Bearer {}", self.token());
        let login = json!({"action": "login", "payload": {"token": token}});
        socket.send(login.to_string().into()).await.unwrap();
        let Some(Ok(Message::Text(reply))) = socket.next().await else {
            panic!("the socket was closed");
        };
        let reply: Value = serde_json::from_str(&reply).unwrap();
        assert_eq!(reply["success"], true, "{reply}");
        // The socket has caught up when it answers a request.
        let ping = json!({"action": "ping"});
        socket.send(ping.to_string().into()).await.unwrap();
        socket.next().await.unwrap().unwrap();
    }
}

fn statements() -> usize {
    STATEMENTS.load(Ordering::SeqCst)
}

async fn send(router: &Router, request: Request<Body>) -> Value {
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let text = String::from_utf8_lossy(&body);
    assert_eq!(status.as_u16(), 200, "{text}");
    serde_json::from_slice(&body).unwrap_or_else(|_| Value::String(text.into_owned()))
}

struct Visitor<'a> {
    server: &'a TestServer,
    session: Value,
    number: u32,
}

impl<'a> Visitor<'a> {
    async fn connect(server: &'a TestServer) -> Self {
        let request = Request::get("/chat/rest/System/SessionId")
            .header("host", "chat.example")
            .header("x-liveagent-affinity", "null")
            .body(Body::empty())
            .unwrap();
        Self {
            server,
            session: send(&server.router, request).await,
            number: 0,
        }
    }

    async fn init(&mut self) {
        let site = &self.server.site;
        let init = json!({
            "organizationId": site.organization_id,
            "deploymentId": site.deployment_id,
            "buttonId": site.button_id,
            "sessionId": self.session["id"],
            "receiveQueueUpdates": true,
            "isPost": true,
        });
        self.post("ChasitorInit", init).await;
    }

    async fn post(&mut self, noun: &str, body: Value) {
        self.number += 1;
        let header = |name: &str| self.session[name].as_str().unwrap().to_owned();
        let request = Request::post(format!("/chat/rest/Chasitor/{noun}"))
            .header("host", "chat.example")
            .header("x-liveagent-affinity", header("affinityToken"))
            .header("x-liveagent-session-key", header("key"))
            .header("x-liveagent-sequence", self.number)
            .body(Body::from(body.to_string()))
            .unwrap();
        assert_eq!(send(&self.server.router, request).await, "OK");
    }
}
