//! A person signs in to the console and out of it.

use axum::body::Body;
use parlor_server::{app::Config, store::row::TokenKind};
use serde_json::{Value, json};

use crate::actors::{Answer, PASSWORD, World, request};

impl World {
    async fn enter(&self, body: Value) -> Answer {
        let asked = request("POST", "/agent/session").header("origin", "http://chat.example");
        self.send(asked.body(Body::from(body.to_string())).unwrap())
            .await
    }

    async fn session(&self, method: &str, cookie: &str) -> Answer {
        let asked = request(method, "/agent/session").header("cookie", cookie);
        self.send(asked.body(Body::empty()).unwrap()).await
    }
}

fn by_password(password: &str) -> Value {
    json!({"email": "ADA@example.com", "password": password})
}

/// What the browser sends from now on.
fn cookie(answer: &Answer) -> String {
    let set = answer.headers["set-cookie"].to_str().unwrap();
    set.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_password_opens_the_console() {
    let world = World::with_password().await;
    world
        .ada
        .done("set_routing_status", json!({"status": "offline"}))
        .await;
    let answer = world.enter(by_password(PASSWORD)).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    let set = answer.headers["set-cookie"].to_str().unwrap();
    let (_, attributes) = set.split_once(';').unwrap();
    assert_eq!(
        attributes,
        " HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000"
    );
    assert_eq!(world.status(&world.ada).await, "accepting_chats");

    let who = world.session("GET", &cookie(&answer)).await;
    assert_eq!(who.status, 200);
    let agent = &who.body["agent"];
    assert_eq!(agent["id"], world.ada.id.as_str());
    assert_eq!(agent["type"], "agent");
    assert_eq!(agent["name"], "Ada");
    assert_eq!(agent["routing_status"], "accepting_chats");
}

#[tokio::test]
async fn who_takes_no_chats_goes_on_taking_none() {
    let world = World::with_password().await;
    let status = json!({"status": "not_accepting_chats"});
    world.ada.done("set_routing_status", status).await;
    assert_eq!(world.enter(by_password(PASSWORD)).await.status, 204);
    assert_eq!(world.status(&world.ada).await, "not_accepting_chats");
}

#[tokio::test]
async fn behind_https_the_cookie_is_for_https_only() {
    let config = Config {
        public_url: Some("https://chat.example".to_owned()),
        ..Config::default()
    };
    let world = World::with(Some(PASSWORD), config).await;
    let answer = world.enter(by_password(PASSWORD)).await;
    let set = answer.headers["set-cookie"].to_str().unwrap();
    assert!(set.ends_with("; Secure"), "{set}");
}

#[tokio::test]
async fn a_link_opens_it_once() {
    let world = World::new().await;
    let link = world.token(TokenKind::SignIn, &world.ada).await;
    let answer = world.enter(json!({ "link": link })).await;
    assert_eq!(answer.status, 204);
    let who = world.session("GET", &cookie(&answer)).await;
    assert_eq!(who.body["agent"]["id"], world.ada.id.as_str());
    let again = world.enter(json!({ "link": link })).await;
    assert_eq!(again.failure(), (401, "authentication"));
}

#[tokio::test]
async fn signing_out_ends_it() {
    let world = World::with_password().await;
    let cookie = cookie(&world.enter(by_password(PASSWORD)).await);
    let answer = world.session("DELETE", &cookie).await;
    assert_eq!(answer.status, 204);
    let set = answer.headers["set-cookie"].to_str().unwrap();
    assert!(set.starts_with("parlor_agent=; "), "{set}");
    assert!(set.contains("Max-Age=0"), "{set}");
    assert_eq!(world.status(&world.ada).await, "offline");
    let who = world.session("GET", &cookie).await;
    assert_eq!(who.failure(), (401, "authentication"));
    assert_eq!(world.session("DELETE", &cookie).await.status, 204);
}

#[tokio::test]
async fn a_program_does_not_sign_out() {
    let world = World::new().await;
    let cookie = format!("parlor_agent={}", world.ada.token);
    assert_eq!(world.session("DELETE", &cookie).await.status, 204);
    assert_eq!(world.status(&world.ada).await, "accepting_chats");
    world.ada.act("list_chats", json!({})).await;
}

#[tokio::test]
async fn guesses_are_refused_alike_and_slowed_down() {
    let world = World::with_password().await;
    let mut told = Vec::new();
    for n in 0..10 {
        let email = if n == 0 { "nobody" } else { "ada" };
        let guess = json!({"email": format!("{email}@example.com"), "password": "guess"});
        let answer = world.enter(guess).await;
        assert_eq!(answer.failure(), (401, "authentication"));
        told.push(answer.body);
    }
    assert!(told.iter().all(|body| *body == told[0]));
    let answer = world.enter(by_password("guess")).await;
    assert_eq!(answer.failure(), (401, "authentication"));
    let answer = world.enter(by_password(PASSWORD)).await;
    assert_eq!(answer.failure(), (429, "too_many_requests"));
    let wait: i64 = answer.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=600).contains(&wait), "{wait}");
}

#[tokio::test]
async fn other_sites_pages_cannot_sign_anybody_in_or_out() {
    let world = World::with_password().await;
    let cookie = cookie(&world.enter(by_password(PASSWORD)).await);
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ] {
        for method in ["POST", "DELETE"] {
            let asked = request(method, "/agent/session")
                .header("cookie", &cookie)
                .header(name, value);
            let body = Body::from(by_password(PASSWORD).to_string());
            let answer = world.send(asked.body(body).unwrap()).await;
            assert_eq!(answer.failure(), (403, "authorization"), "{method} {name}");
        }
    }
    assert_eq!(world.session("GET", &cookie).await.status, 200);
}

#[tokio::test]
async fn a_body_that_is_no_entry_is_invalid() {
    let world = World::new().await;
    for body in [
        json!({}),
        json!({"email": "ada@example.com"}),
        json!({"password": PASSWORD}),
        json!({"email": 1, "password": 2}),
        json!({"email": "ada@example.com", "password": PASSWORD, "link": "x"}),
        json!([]),
    ] {
        let answer = world.enter(body.clone()).await;
        assert_eq!(answer.failure(), (400, "validation"), "{body}");
    }
    let long = json!({"email": "x".repeat(10_000), "password": "y"});
    assert_eq!(world.enter(long).await.failure(), (413, "validation"));
    let who = world.session("GET", "parlor_agent=nonsense").await;
    assert_eq!(who.failure(), (401, "authentication"));
}
