//! A row of the database that cannot be read keeps nobody from the others.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where something is not as expected"
)]

#[allow(dead_code, reason = "the store's tests use the rest of it")]
#[path = "conformance/sample.rs"]
mod sample;

use std::{net::SocketAddr, sync::Arc};

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
        row::{Agent, Audience, Event, NewAgentStreamEvent, Thread, Visibility},
        sqlite::SqliteStore,
    },
    telemetry,
};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};
use tower::ServiceExt as _;

struct TestServer {
    folder: tempfile::TempDir,
    store: SqliteStore,
    router: Router,
    site: Site,
    address: SocketAddr,
}

impl TestServer {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path()).await.unwrap();
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
        let app = App::new(Arc::new(store.clone()), clock, entropy, Config::default());
        let router = router(app);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = router.clone();
        let service = service.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self {
            folder,
            store,
            router,
            site,
            address,
        }
    }

    async fn damage(&self, sql: &'static str) {
        let file = self.folder.path().join("parlor.db");
        let url = format!("sqlite://{}", file.display());
        let mut other = SqliteConnection::connect(&url).await.unwrap();
        let done = sqlx::query(sql).execute(&mut other).await.unwrap();
        assert_eq!(done.rows_affected(), 1, "{sql}");
        other.close().await.unwrap();
    }

    async fn act(&self, action: &str, payload: Value) -> Value {
        let request = Request::post(format!("/v3.6/agent/action/{action}"))
            .header(
                "authorization",
                format!("Bearer {}", self.site.agent_token.expose_secret()),
            )
            .body(Body::from(payload.to_string()))
            .unwrap();
        self.send(request).await
    }

    async fn send(&self, request: Request<Body>) -> Value {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&body);
        assert_eq!(status.as_u16(), 200, "{text}");
        serde_json::from_slice(&body).unwrap()
    }
}

struct Console {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The answer to `login`.
    login: Value,
}

impl Console {
    /// `position`: up to which the console knows the stream.
    async fn of(server: &TestServer, position: Option<i64>) -> Self {
        let url = format!("ws://{}/v3.6/agent/rtm/ws", server.address);
        let (mut socket, _) = connect_async(url).await.unwrap();
        let token = format!("Bearer {}", server.site.agent_token.expose_secret());
        let payload = json!({"token": token, "position": position});
        let login = json!({"action": "login", "payload": payload});
        socket.send(login.to_string().into()).await.unwrap();
        let login = receive(&mut socket).await;
        assert_eq!(login["success"], true, "{login}");
        let login = login["payload"].clone();
        Self { socket, login }
    }

    /// The next pushes, up to the one at this position.
    async fn positions(&mut self, last: i64) -> Vec<i64> {
        let mut positions = Vec::new();
        while positions.last() != Some(&last) {
            let frame = receive(&mut self.socket).await;
            positions.extend(frame["position"].as_i64());
        }
        positions
    }
}

async fn receive(socket: &mut WebSocketStream<MaybeTlsStream<TcpStream>>) -> Value {
    match socket.next().await {
        Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_push_that_cannot_be_read_is_left_out_and_counted_once() {
    telemetry::start_metrics();
    let server = TestServer::new().await;
    let mut first = Console::of(&server, None).await;
    // The agent has come.
    assert_eq!(first.positions(1).await, [1]);
    // More than are read at a time, of which the last is damaged, then others.
    let mut tx = server.store.begin().await.unwrap();
    for _ in 0..102 {
        tx.append_agent_stream_event(&NewAgentStreamEvent {
            audience: Audience::everybody(),
            chat_id: None,
            action: "routing_status_set".to_owned(),
            payload: json!({"agent_id": "a", "status": "offline"}).into(),
            created_at: sample::at(1_000),
        })
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    server
        .damage("UPDATE feed SET payload_json = 'secret words' WHERE position = 100")
        .await;
    server.act("start_chat", json!({})).await;
    let mut tx = server.store.read().await.unwrap();
    let (_, newest) = tx.agent_stream_range().await.unwrap();
    drop(tx);
    let expected: Vec<i64> = (1..=newest).filter(|it| *it != 100).collect();
    assert!(newest > 103);
    assert_eq!(first.positions(newest).await, expected[1..]);
    // A console that catches up reads the same rows again.
    let mut second = Console::of(&server, Some(0)).await;
    assert_eq!(second.positions(newest).await, expected);
    let metrics = telemetry::render_metrics();
    let counted = "parlor_damaged_rows_total{table=\"feed\"} 1\n";
    assert!(metrics.contains(counted), "{metrics}");
    assert!(!metrics.contains("secret"), "{metrics}");
}

#[tokio::test]
async fn lists_leave_out_what_cannot_be_read() {
    let server = TestServer::new().await;
    let mut tx = server.store.begin().await.unwrap();
    for n in 0..4 {
        let (chat, customer) = (format!("C{n}"), format!("U{n}"));
        tx.put_customer(&sample::customer(&customer)).await.unwrap();
        tx.put_chat(&sample::chat(&chat, &customer, n))
            .await
            .unwrap();
        let thread = Thread {
            last_event: 2,
            ..sample::thread(&format!("T{n}"), &chat, n)
        };
        tx.put_thread(&thread).await.unwrap();
        for number in 1..=2 {
            let event = Event {
                chat_id: chat.as_str().into(),
                private_events: 0,
                kind: if number == 1 { "message" } else { "custom" }.to_owned(),
                visibility: Visibility::All,
                ..sample::event(&format!("T{n}"), number)
            };
            tx.append_event(&event).await.unwrap();
        }
    }
    let bob = Agent {
        removed_at: None,
        ..sample::agent("005B", "bob@example.com")
    };
    tx.put_agent(&bob).await.unwrap();
    tx.put_deployment(&sample::deployment("other"))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    for sql in [
        "UPDATE chat SET properties_json = 'secret words' WHERE id = 'C0'",
        "UPDATE thread SET details_json = 'secret words' WHERE id = 'T1'",
        "UPDATE event SET body_json = 'secret words' WHERE thread_id = 'T2' AND number = 1",
        // JSON, but no message.
        "UPDATE event SET body_json = '{}' WHERE thread_id = 'T3' AND number = 1",
        "UPDATE agent SET routing_status = 'secret words' WHERE id = '005B'",
        "UPDATE deployment SET settings_json = 'secret words' WHERE id = 'other'",
    ] {
        server.damage(sql).await;
    }
    let ids = |list: &Value| -> Vec<String> {
        let id = |it: &Value| it["id"].as_str().unwrap().to_owned();
        list.as_array().unwrap().iter().map(id).collect()
    };
    let login = Console::of(&server, None).await.login;
    assert_eq!(ids(&login["chats_summary"]), ["C3", "C2", "C1"]);
    for (at, types) in [(0, vec!["custom"]), (1, vec!["custom"]), (2, vec![])] {
        let last = &login["chats_summary"][at]["last_event_per_type"];
        let found: Vec<&String> = last.as_object().unwrap().keys().collect();
        assert_eq!(found, types, "{last}");
    }
    let mut listed = Vec::new();
    let mut page = json!({"limit": 1});
    loop {
        let list = server.act("list_chats", page).await;
        listed.extend(ids(&list["chats_summary"]));
        match &list["next_page_id"] {
            Value::String(next) => page = json!({"page_id": next}),
            _ => break,
        }
    }
    assert_eq!(listed, ["C3", "C2", "C1"]);
    let archives = server.act("list_archives", json!({"limit": 100})).await;
    assert_eq!(ids(&archives["chats"]), ["C3", "C2"]);
    let events = &archives["chats"][1]["thread"]["events"];
    assert_eq!(ids(events), ["T2_2"]);
    let agents = server.act("list_routing_statuses", json!({})).await;
    assert_eq!(agents.as_array().unwrap().len(), 1, "{agents}");

    let site = &server.site;
    let settings = format!(
        "/chat/rest/Visitor/Settings?org_id={}&deployment_id={}",
        site.organization_id, site.deployment_id
    );
    let request = Request::get(settings)
        .header("host", "chat.example")
        .body(Body::empty())
        .unwrap();
    assert!(server.send(request).await["messages"].is_array());
}
