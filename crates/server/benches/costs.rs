//! Prints what a visitor costs in a long queue, and what a push costs with many
//! consoles, over SQLite in a temporary folder. Costs are CPU time, which is the
//! same whatever else runs on the machine. On Linux only, since it reads the CPU
//! time of threads from `/proc`.
//!
//! ```sh
//! cargo bench -p parlor-server --bench costs
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark fails where something is not as expected, and prints its figures"
)]

#[allow(dead_code, reason = "the store's tests use the rest of it")]
#[path = "../tests/conformance/sample.rs"]
mod sample;

use std::{fs, net::SocketAddr, sync::Arc, thread, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use futures_util::{SinkExt as _, StreamExt as _};
use parlor_server::{
    app::{App, Config},
    auth::Passwords,
    clock::{Clock, Timestamp},
    entropy::Entropy,
    router::router,
    setup::{Setup, SetupRequest, Site},
    store::{
        Store,
        row::{Session, Thread, ThreadStatus},
        sqlite::SqliteStore,
    },
};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime::Runtime, sync::oneshot};
use tokio_tungstenite::connect_async;
use tower::ServiceExt as _;

/// Visitors who wait.
const QUEUES: [usize; 2] = [100, 10_000];
/// How often each action is done in each queue; the median counts.
const REPETITIONS: usize = 60;

const CONSOLES: [usize; 2] = [10, 100];
/// How many messages each console is pushed.
const PUSHES: usize = 500;

fn main() {
    println!("CPU ms in a queue of    100     10,000   ratio");
    let [short, long] = QUEUES.map(|waiting| runtime().block_on(queue_costs(waiting)));
    for ((action, short), (_, long)) in short.into_iter().zip(long) {
        let ratio = long / short;
        println!("{action:20} {short:7.2}    {long:7.2}   {ratio:5.2}");
    }
    println!("CPU µs a push to         10        100   ratio");
    let [few, many] = CONSOLES.map(push_cost);
    println!(
        "consoles             {few:7.0}    {many:7.0}   {:5.2}",
        many / few
    );
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

struct TestServer {
    store: SqliteStore,
    router: Router,
    app: Arc<App>,
    site: Site,
    _folder: tempfile::TempDir,
}

impl TestServer {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path()).await.unwrap();
        let (clock, entropy) = (Clock::system_after(Timestamp(0)), Entropy::os());
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
        let server = Self {
            store,
            router: router(app.clone()),
            app,
            site,
            _folder: folder,
        };
        let status = json!({ "status": "accepting_chats" });
        server.act("set_routing_status", &status).await;
        server
    }

    async fn act(&self, action: &str, payload: &Value) -> Value {
        let request = Request::post(format!("/v3.6/agent/action/{action}"))
            .header(
                "authorization",
                format!("Bearer {}", self.site.agent_token.expose_secret()),
            )
            .body(Body::from(payload.to_string()))
            .unwrap();
        send(&self.router, request).await
    }

    /// Visitors who wait in the site's queue.
    async fn fill_queue(&self, waiting: usize) {
        let mut tx = self.store.begin().await.unwrap();
        for n in 0..waiting {
            let (chat, customer) = (format!("C{n:09}"), format!("U{n}"));
            tx.put_customer(&sample::customer(&customer)).await.unwrap();
            tx.put_chat(&sample::chat(&chat, &customer, 1))
                .await
                .unwrap();
            let thread = Thread {
                status: ThreadStatus::Queued,
                deployment_id: Some(self.site.deployment_id.clone()),
                button_id: Some(self.site.button_id.clone()),
                target_agent_id: None,
                agent_id: None,
                ..sample::thread(&format!("T{n:09}"), &chat, i64::try_from(n).unwrap())
            };
            tx.put_thread(&thread).await.unwrap();
            tx.put_session(&Session {
                thread_id: Some(thread.id),
                closed_at: None,
                receives_queue_updates: true,
                queue_position: i64::try_from(n).unwrap() + 1,
                ..sample::session(&format!("s{n}"))
            })
            .await
            .unwrap();
        }
        tx.commit().await.unwrap();
    }
}

async fn send(router: &Router, request: Request<Body>) -> Value {
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let text = String::from_utf8_lossy(&body);
    assert_eq!(status.as_u16(), 200, "{text}");
    serde_json::from_slice(&body).unwrap_or_else(|_| Value::String(text.into_owned()))
}

/// The median CPU time of each action, in milliseconds.
async fn queue_costs(waiting: usize) -> Vec<(&'static str, f64)> {
    let server = TestServer::start().await;
    server.fill_queue(waiting).await;
    let mut times = [const { Vec::new() }; 6];
    for _ in 0..REPETITIONS {
        let mut visitor = Visitor::connect(&server).await;
        let before = cpu_time(None);
        visitor.join().await;
        times[0].push(cpu_time(None) - before);
        let list = server.act("list_chats", &json!({"limit": 1})).await;
        let chat = &list["chats_summary"][0]["id"];
        let who = json!({"chat_id": chat, "user_id": server.site.agent_id, "user_type": "agent"});
        let group = json!({"id": chat, "ignore_agents_availability": true});
        for (at, action, payload) in [
            (1, "add_user_to_chat", &who),
            (2, "remove_user_from_chat", &who),
            (1, "add_user_to_chat", &who),
            (3, "transfer_chat", &group),
        ] {
            let before = cpu_time(None);
            server.act(action, payload).await;
            times[at].push(cpu_time(None) - before);
        }
        let before = cpu_time(None);
        visitor.post("ChatEnd", json!({"reason": "client"})).await;
        times[4].push(cpu_time(None) - before);
        let before = cpu_time(None);
        server.app.run_queue_updates().await.unwrap();
        times[5].push(cpu_time(None) - before);
    }
    let names = [
        "join",
        "accept",
        "leave",
        "transfer",
        "end",
        "a run of updates",
    ];
    names.into_iter().zip(times.map(median_ms)).collect()
}

fn median_ms(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1_000.0
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

    async fn join(&mut self) {
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

/// The CPU time of the server for one message that is written, stored and
/// pushed to so many consoles, in microseconds. The consoles are in a thread of
/// their own, whose time does not count.
fn push_cost(consoles: usize) -> f64 {
    let runtime = runtime();
    let server = runtime.block_on(TestServer::start());
    let token = server.site.agent_token.expose_secret().to_owned();
    let (connected, all_connected) = oneshot::channel();
    let (received, all_received) = oneshot::channel();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let clients = thread::spawn(move || {
        let client_thread = thread_id();
        self::runtime().block_on(async {
            let opened = (0..consoles).map(|_| open_console(address, &token));
            let mut sockets = futures_util::future::join_all(opened).await;
            connected.send(client_thread).unwrap();
            let read = sockets.iter_mut().map(async |socket| {
                for _ in 0..PUSHES {
                    socket.next().await.unwrap().unwrap();
                }
            });
            futures_util::future::join_all(read).await;
            received.send(()).unwrap();
        });
    });
    let cost = runtime.block_on(async {
        let service = server
            .router
            .clone()
            .into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        let client_thread = all_connected.await.unwrap();
        let chat = server.act("start_chat", &json!({"active": true})).await;
        let event = json!({"type": "message", "text": "How may I help you?"});
        let message = json!({"chat_id": chat["chat_id"], "event": event});
        let before = cpu_time(Some(&client_thread));
        // `start_chat` is pushed too.
        for _ in 1..PUSHES {
            server.act("send_event", &message).await;
        }
        all_received.await.unwrap();
        cpu_time(Some(&client_thread)) - before
    });
    clients.join().unwrap();
    cost.as_secs_f64() * 1e6 / PUSHES as f64
}

type Console =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn open_console(address: SocketAddr, token: &str) -> Console {
    let url = format!("ws://{address}/v3.6/agent/rtm/ws");
    let (mut socket, _) = connect_async(url).await.unwrap();
    let login = json!({"action": "login", "payload": {"token": format!("Bearer {token}")}});
    socket.send(login.to_string().into()).await.unwrap();
    socket.next().await.unwrap().unwrap();
    socket
}

/// The number of the current thread.
fn thread_id() -> String {
    let link = fs::read_link("/proc/thread-self").unwrap();
    link.file_name().unwrap().to_str().unwrap().to_owned()
}

/// The CPU time of all threads of this process, but of one if it is named.
fn cpu_time(excluded: Option<&str>) -> Duration {
    let threads = fs::read_dir("/proc/self/task").unwrap();
    let counted = threads
        .map(|it| it.unwrap())
        .filter(|it| excluded.is_none_or(|excluded| it.file_name() != excluded));
    counted
        .filter_map(|it| fs::read_to_string(it.path().join("schedstat")).ok())
        .map(|text| text.split(' ').next().unwrap().parse().unwrap())
        .map(Duration::from_nanos)
        .sum()
}
