//! Prints how long searches, lists, reports and the export of a large archive take, over
//! SQLite in a temporary folder. Searches stand beside the bare query of the full-text
//! index in the same database.
//!
//! ```sh
//! cargo bench -p parlor-server --bench archive
//! ```
//!
//! It fills the archive with 100,000 chats of 20 events, which takes some minutes and
//! 3 GB of disk; `ARCHIVE_CHATS` sets another number.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark fails where something is not as expected, and prints its figures"
)]

#[allow(
    dead_code,
    unused_imports,
    reason = "the store's tests use the rest of it"
)]
#[path = "../tests/conformance/sample.rs"]
mod sample;

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Router, body::Body, http::Request};
use futures_util::StreamExt as _;
use parlor_server::{
    app::{App, Config},
    auth::Passwords,
    clock::{Clock, Timestamp},
    entropy::Entropy,
    private::Private,
    router::router,
    setup::{Setup, SetupRequest, Site},
    store::{
        Store,
        row::{Customer, Event, Thread, ThreadStatus, Visibility},
        sqlite::SqliteStore,
    },
};
use parlor_wire::UserId;
use rand::{RngExt as _, SeedableRng as _, rngs::SmallRng};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection};
use tower::ServiceExt as _;

const EVENTS: i64 = 20;

/// How often each is done; the median counts.
const REPETITIONS: usize = 31;

/// 2026-01-01, and a year.
const BEGIN_US: i64 = 1_767_225_600_000_000;
const YEAR_US: i64 = 365 * 86_400 * 1_000_000;

/// Queries, and the expression with which the index alone is asked.
const QUERIES: [(&str, &str); 9] = [
    ("marzipan", "\"marzipan\""),
    ("chocolate", "\"chocolate\""),
    ("order", "\"order\""),
    ("hocola", "\"hocola\""),
    (
        "\"my order\" NOT chocolate",
        "\"my order\" NOT \"chocolate\"",
    ),
    ("visitor_email:ada77@shop", "visitor_email : \"ada77@shop\""),
    ("agent_names:ada AND rating:good", "agent_names : \"ada\""),
    (
        "timestamp:[2026-06-01 TO 2026-06-30] AND chocolate",
        "\"chocolate\"",
    ),
    ("order OR marzipan", "\"order\" OR \"marzipan\""),
];

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(measure());
}

async fn measure() {
    let chats: i64 = match std::env::var("ARCHIVE_CHATS") {
        Ok(text) => text.parse().unwrap(),
        Err(_) => 100_000,
    };
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).await.unwrap();
    let clock = Clock::starting_at(Timestamp(BEGIN_US + YEAR_US));
    let setup = Setup {
        store: &store,
        entropy: &Entropy::os(),
        passwords: &Passwords::default(),
        now: clock.now(),
    };
    let request = SetupRequest {
        email: "ada@example.com".to_owned().into(),
        name: Some("Ada".to_owned()),
        password: None,
        allow_origins: Vec::new(),
    };
    let site = setup.run(&request).await.unwrap();
    let begun = Instant::now();
    fill(&store, &site, chats).await;
    println!(
        "{chats} chats of {EVENTS} events written in {:.0} s",
        begun.elapsed().as_secs_f64()
    );
    let config = Config::default();
    let app = App::new(Arc::new(store.clone()), clock, Entropy::os(), config);
    let begun = Instant::now();
    let count = app.archive_what_has_ended().await.unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "put into the archive at {:.0} a second",
        count as f64 / seconds
    );
    let program = Program {
        router: router(app.clone()),
        token: site.api_token.expose_secret().to_owned(),
        agent: site.agent_token.expose_secret().to_owned(),
    };
    searches(&program, folder.path()).await;
    others(&program, count).await;
}

async fn fill(store: &SqliteStore, site: &Site, chats: i64) {
    let mut random = SmallRng::seed_from_u64(7);
    let words = [
        "where",
        "is",
        "my",
        "parcel",
        "with",
        "the",
        "blue",
        "socks",
        "that",
        "came",
        "late",
        "thanks",
        "please",
        "help",
        "invoice",
        "number",
        "red",
        "hats",
        "delivery",
        "address",
        "changed",
        "today",
        "tomorrow",
        "warehouse",
        "return",
        "money",
        "card",
        "paid",
        "twice",
    ];
    let mut n = 0;
    while n < chats {
        let mut tx = store.begin().await.unwrap();
        for _ in 0..200.min(chats - n) {
            let id = format!("{n:010}");
            let created_at = Timestamp(BEGIN_US + YEAR_US / chats * n);
            tx.put_customer(&Customer {
                visitor_hash: None,
                identity_hash: None,
                name: Some(Private(format!("Visitor {n}"))),
                email: Some(Private(format!("ada{}@shop.example", n % 1_000))),
                ..sample::customer(&id)
            })
            .await
            .unwrap();
            tx.put_chat(&sample::chat(&id, &id, 1)).await.unwrap();
            let customer = UserId::from(id.as_str());
            let agent = UserId::from(site.agent_id.as_str());
            let rated = n % 5 == 0;
            let thread = Thread {
                status: ThreadStatus::Ended,
                deployment_id: Some(site.deployment_id.clone()),
                group_id: 1,
                created_at,
                queued_at: Some(created_at),
                accepted_at: Some(created_at.plus(Duration::from_secs(20))),
                ended_at: Some(created_at.plus(Duration::from_secs(600))),
                last_event: EVENTS,
                private_events: 0,
                user_ids: vec![customer.clone(), agent.clone()],
                properties: Private(match rated {
                    true => json!({"rating": {"score": 1}}),
                    false => json!({}),
                }),
                tags: Vec::new(),
                ..sample::thread(&id, &id, 1)
            };
            tx.put_thread(&thread).await.unwrap();
            for number in 1..=EVENTS {
                let mut text: Vec<&str> = (0..8)
                    .map(|_| words[random.random_range(0..words.len())])
                    .collect();
                if n % 3 == 0 && number == 2 {
                    text.push("my order");
                }
                if n % 100 == 0 && number == 3 {
                    text.push("chocolate");
                }
                if n % 5_000 == 0 && number == 4 {
                    text.push("marzipan");
                }
                tx.append_event(&Event {
                    thread_id: thread.id.clone(),
                    number,
                    private_events: 0,
                    chat_id: thread.chat_id.clone(),
                    author_id: Some(if number % 2 == 1 {
                        customer.clone()
                    } else {
                        agent.clone()
                    }),
                    custom_id: None,
                    kind: "message".to_owned(),
                    visibility: Visibility::All,
                    created_at: created_at.plus(Duration::from_secs(20 * number.unsigned_abs())),
                    body: Private(json!({"text": text.join(" ")})),
                })
                .await
                .unwrap();
            }
            n += 1;
        }
        tx.commit().await.unwrap();
    }
}

async fn searches(program: &Program, folder: &Path) {
    let file = format!("sqlite://{}", folder.join("parlor.db").display());
    let mut bare = SqliteConnection::connect(&file).await.unwrap();
    println!("search, ms                                            ours    bare   ratio");
    for (query, expression) in QUERIES {
        let encoded: String = query.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let path = format!("/api/v2/chat/chats/search?q={encoded}");
        let (mut ours, mut of_index) = (Vec::new(), Vec::new());
        for _ in 0..REPETITIONS {
            let begun = Instant::now();
            program.get(&path).await;
            ours.push(begun.elapsed());
            let begun = Instant::now();
            let page = "SELECT rowid FROM archive_text WHERE archive_text MATCH ?
                        ORDER BY rowid DESC LIMIT 40";
            let _: Vec<i64> = sqlx::query_scalar(page)
                .bind(expression)
                .fetch_all(&mut bare)
                .await
                .unwrap();
            let count = "SELECT COUNT(*) FROM (SELECT 1 FROM archive_text
                         WHERE archive_text MATCH ? LIMIT 10000)";
            let _: i64 = sqlx::query_scalar(count)
                .bind(expression)
                .fetch_one(&mut bare)
                .await
                .unwrap();
            of_index.push(begun.elapsed());
        }
        let (ours, of_index) = (median(ours), median(of_index));
        println!(
            "{query:52} {ours:6.1}  {of_index:6.1}  {:6.2}",
            ours / of_index
        );
    }
}

async fn others(program: &Program, count: u64) {
    let mut list = Vec::new();
    let mut report = Vec::new();
    for _ in 0..REPETITIONS {
        let begun = Instant::now();
        program.get("/api/v2/chat/chats").await;
        list.push(begun.elapsed());
        let begun = Instant::now();
        let span = json!({"from": "2026-01-01", "to": "2026-12-31"});
        program.act("get_archive_report", &span).await;
        report.push(begun.elapsed());
    }
    println!(
        "newest page of the list, ms                          {:6.1}",
        median(list)
    );
    println!(
        "report of a year, day by day, ms                     {:6.1}",
        median(report)
    );
    let begun = Instant::now();
    let (mut next, mut exported, mut bytes) = (Some("0".to_owned()), 0, 0);
    while let Some(since) = next.take() {
        let path = format!("/api/v2/chat/incremental/chats?start_time={since}");
        let page = program.get(&path).await;
        bytes += page.to_string().len();
        exported += page["count"].as_u64().unwrap();
        if !page["next_page"].is_null() {
            next = Some(page["end_time"].to_string());
        }
    }
    assert_eq!(exported, count);
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "export of all: {:.0} chats a second, {:.0} MB",
        exported as f64 / seconds,
        bytes as f64 / 1e6
    );
}

struct Program {
    router: Router,
    token: String,
    agent: String,
}

impl Program {
    async fn get(&self, path: &str) -> Value {
        let request = Request::get(path)
            .header("host", "chat.example")
            .header("authorization", format!("Bearer {}", self.token));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn act(&self, action: &str, payload: &Value) -> Value {
        let request = Request::post(format!("/v3.6/agent/action/{action}"))
            .header("host", "chat.example")
            .header("authorization", format!("Bearer {}", self.agent));
        self.send(request.body(Body::from(payload.to_string())).unwrap())
            .await
    }

    async fn send(&self, request: Request<Body>) -> Value {
        let response = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        let mut body = response.into_body().into_data_stream();
        let mut bytes = Vec::new();
        while let Some(part) = body.next().await {
            bytes.extend_from_slice(&part.unwrap());
        }
        serde_json::from_slice(&bytes).unwrap()
    }
}

/// In milliseconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1_000.0
}
