//! Signing in to the console and out of it.

use std::time::Duration;

use axum::body::Body;
use parlor_server::{
    app::Config,
    store::row::{Token, TokenKind},
};
use serde_json::{Value, json};

use crate::actors::{PASSWORD, TestResponse, TestServer, request};

impl TestServer {
    async fn enter(&self, body: Value) -> TestResponse {
        let asked = request("POST", "/agent/session").header("origin", "http://chat.example");
        self.send(asked.body(Body::from(body.to_string())).unwrap())
            .await
    }

    async fn session(&self, method: &str, cookie: &str) -> TestResponse {
        let asked = request(method, "/agent/session").header("cookie", cookie);
        self.send(asked.body(Body::empty()).unwrap()).await
    }
}

fn by_password(password: &str) -> Value {
    json!({"email": "ADA@example.com", "password": password})
}

/// The cookie that the browser sends from now on.
fn cookie(answer: &TestResponse) -> String {
    let set = answer.headers["set-cookie"].to_str().unwrap();
    set.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_password_opens_the_console() {
    let server = TestServer::with_password().await;
    server
        .ada
        .done("set_routing_status", json!({"status": "offline"}))
        .await;
    let answer = server.enter(by_password(PASSWORD)).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    let set = answer.headers["set-cookie"].to_str().unwrap();
    let (_, attributes) = set.split_once(';').unwrap();
    assert_eq!(
        attributes,
        " HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000"
    );
    assert_eq!(server.status(&server.ada).await, "accepting_chats");

    let who = server.session("GET", &cookie(&answer)).await;
    assert_eq!(who.status, 200);
    let agent = &who.body["agent"];
    assert_eq!(agent["id"], server.ada.id.as_str());
    assert_eq!(agent["type"], "agent");
    assert_eq!(agent["name"], "Ada");
    assert_eq!(agent["routing_status"], "accepting_chats");
}

#[tokio::test]
async fn the_cookie_is_found_among_others() {
    let server = TestServer::with_password().await;
    let cookie = cookie(&server.enter(by_password(PASSWORD)).await);
    let among_others = format!("a=1; parlor_agent_2=z;{cookie} ; b");
    assert_eq!(server.session("GET", &among_others).await.status, 200);
    for other in ["parlor_agent=", &format!("x{cookie}"), ""] {
        let who = server.session("GET", other).await;
        assert_eq!(who.failure(), (401, "authentication"), "{other}");
    }
}

#[tokio::test]
async fn signing_in_keeps_not_accepting_chats() {
    let server = TestServer::with_password().await;
    let status = json!({"status": "not_accepting_chats"});
    server.ada.done("set_routing_status", status).await;
    assert_eq!(server.enter(by_password(PASSWORD)).await.status, 204);
    assert_eq!(server.status(&server.ada).await, "not_accepting_chats");
}

#[tokio::test]
async fn behind_https_the_cookie_is_for_https_only() {
    let config = Config {
        public_url: Some("https://chat.example".to_owned()),
        ..Config::default()
    };
    let server = TestServer::with(Some(PASSWORD), config).await;
    let answer = server.enter(by_password(PASSWORD)).await;
    let set = answer.headers["set-cookie"].to_str().unwrap();
    assert!(set.starts_with("__Host-parlor_agent="), "{set}");
    assert!(set.contains("; Secure;"), "{set}");
    let cookie = cookie(&answer);
    assert_eq!(server.session("GET", &cookie).await.status, 200);
    // Another host of the domain can set this one.
    let planted = cookie.replace("__Host-", "");
    let who = server.session("GET", &planted).await;
    assert_eq!(who.failure(), (401, "authentication"));
}

#[tokio::test]
async fn a_page_over_https_gets_the_secure_cookie_without_a_public_url() {
    let server = TestServer::with_password().await;
    let asked = request("POST", "/agent/session").header("origin", "https://chat.example");
    let body = Body::from(by_password(PASSWORD).to_string());
    let answer = server.send(asked.body(body).unwrap()).await;
    let set = answer.headers["set-cookie"].to_str().unwrap();
    assert!(set.starts_with("__Host-parlor_agent="), "{set}");
    assert!(set.contains("; Secure;"), "{set}");
    assert_eq!(server.session("GET", &cookie(&answer)).await.status, 200);
}

impl TestServer {
    async fn sign_ins(&self, method: &str, path: &str, cookie: &str) -> TestResponse {
        let asked = request(method, &format!("/agent/sign-ins{path}"))
            .header("cookie", cookie)
            .header("origin", "http://chat.example");
        self.send(asked.body(Body::empty()).unwrap()).await
    }
}

#[tokio::test]
async fn sign_ins_are_listed_and_ended_one_by_one() {
    let server = TestServer::with_password().await;
    let home = cookie(&server.enter(by_password(PASSWORD)).await);
    let work = cookie(&server.enter(by_password(PASSWORD)).await);
    let list = server.sign_ins("GET", "", &work).await;
    let list = list.body["sign_ins"].as_array().unwrap();
    let current: Vec<bool> = list.iter().map(|it| it["is_current"] == true).collect();
    assert_eq!(current, [false, true]);
    // Only its beginning is shown, with which nobody can sign in.
    assert_eq!(list[0]["id"].as_str().unwrap().len(), 16);

    let path = format!("/{}", list[0]["id"].as_str().unwrap());
    assert_eq!(server.sign_ins("DELETE", &path, &work).await.status, 204);
    let again = server.sign_ins("DELETE", &path, &work).await;
    assert_eq!(again.failure(), (404, "not_found"));
    let who = server.session("GET", &home).await;
    assert_eq!(who.failure(), (401, "authentication"));
    assert_eq!(server.session("GET", &work).await.status, 200);
}

#[tokio::test]
async fn the_last_use_of_a_sign_in_is_listed() {
    let server = TestServer::with_password().await;
    let home = cookie(&server.enter(by_password(PASSWORD)).await);
    let work = cookie(&server.enter(by_password(PASSWORD)).await);
    let used_later = async || -> Vec<bool> {
        let list = server.sign_ins("GET", "", &work).await;
        let list = list.body["sign_ins"].as_array().unwrap().clone();
        let later = |it: &Value| it["last_used_at"].as_str() > it["created_at"].as_str();
        list.iter().map(later).collect()
    };
    for (minutes_ago, expected) in [(1, false), (6, true)] {
        let mut tx = server.write().await;
        let at = server.now().minus(Duration::from_secs(60 * minutes_ago));
        for row in tx.tokens_of(&server.ada.id.as_str().into()).await.unwrap() {
            let sign_in = Token {
                created_at: at,
                last_used_at: (row.kind == TokenKind::Console).then_some(at),
                ..row
            };
            tx.put_token(&sign_in).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(server.session("GET", &home).await.status, 200);
        let mut used = used_later().await;
        used.sort_unstable();
        assert_eq!(used, [false, expected], "{minutes_ago}");
    }
}

#[tokio::test]
async fn signing_out_everywhere_ends_all_sign_ins_and_no_program() {
    let server = TestServer::with_password().await;
    let home = cookie(&server.enter(by_password(PASSWORD)).await);
    let work = cookie(&server.enter(by_password(PASSWORD)).await);
    let asked = request("DELETE", "/agent/sign-ins").header("cookie", &home);
    let asked = asked.header("origin", "https://evil.example");
    let answer = server.send(asked.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.failure(), (403, "authorization"));
    assert_eq!(server.session("GET", &home).await.status, 200);

    let answer = server.sign_ins("DELETE", "", &home).await;
    assert_eq!(answer.status, 204);
    let set = answer.headers["set-cookie"].to_str().unwrap();
    assert!(set.contains("Max-Age=0"), "{set}");
    for cookie in [home, work] {
        let who = server.session("GET", &cookie).await;
        assert_eq!(who.failure(), (401, "authentication"));
    }
    assert_eq!(server.status(&server.ada).await, "offline");
    server.ada.act("list_chats", json!({})).await;
}

#[tokio::test]
async fn the_oldest_of_too_many_sign_ins_ends() {
    let server = TestServer::new().await;
    let mut cookies = Vec::new();
    for _ in 0..51 {
        let link = server.token(TokenKind::SignIn, &server.ada).await;
        cookies.push(cookie(&server.enter(json!({ "link": link })).await));
    }
    let who = server.session("GET", &cookies[0]).await;
    assert_eq!(who.failure(), (401, "authentication"));
    assert_eq!(server.session("GET", &cookies[1]).await.status, 200);
}

#[tokio::test]
async fn a_sign_in_link_works_once() {
    let server = TestServer::new().await;
    let link = server.token(TokenKind::SignIn, &server.ada).await;
    let answer = server.enter(json!({ "link": link })).await;
    assert_eq!(answer.status, 204);
    let who = server.session("GET", &cookie(&answer)).await;
    assert_eq!(who.body["agent"]["id"], server.ada.id.as_str());
    let again = server.enter(json!({ "link": link })).await;
    assert_eq!(again.failure(), (401, "authentication"));
}

#[tokio::test]
async fn signing_out_ends_it() {
    let server = TestServer::with_password().await;
    let cookie = cookie(&server.enter(by_password(PASSWORD)).await);
    let answer = server.session("DELETE", &cookie).await;
    assert_eq!(answer.status, 204);
    let set = answer.headers["set-cookie"].to_str().unwrap();
    assert!(set.starts_with("parlor_agent=; "), "{set}");
    assert!(set.contains("Max-Age=0"), "{set}");
    assert_eq!(server.status(&server.ada).await, "offline");
    let who = server.session("GET", &cookie).await;
    assert_eq!(who.failure(), (401, "authentication"));
    assert_eq!(server.session("DELETE", &cookie).await.status, 204);
}

#[tokio::test]
async fn a_program_does_not_sign_out() {
    let server = TestServer::new().await;
    let cookie = format!("parlor_agent={}", server.ada.token);
    assert_eq!(server.session("DELETE", &cookie).await.status, 204);
    assert_eq!(server.status(&server.ada).await, "accepting_chats");
    server.ada.act("list_chats", json!({})).await;
}

#[tokio::test]
async fn wrong_passwords_are_refused_alike_and_throttled() {
    let server = TestServer::with_password().await;
    let mut told = Vec::new();
    for n in 0..6 {
        let email = if n == 0 { "nobody" } else { "ada" };
        let guess = json!({"email": format!("{email}@example.com"), "password": "guess"});
        let answer = server.enter(guess).await;
        assert_eq!(answer.failure(), (401, "authentication"));
        told.push(answer.body);
    }
    assert!(told.iter().all(|body| *body == told[0]));
    let answer = server.enter(by_password(PASSWORD)).await;
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
    let server = TestServer::with_password().await;
    let cookie = cookie(&server.enter(by_password(PASSWORD)).await);
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ] {
        for method in ["POST", "DELETE"] {
            let asked = request(method, "/agent/session")
                .header("cookie", &cookie)
                .header(name, value);
            let body = Body::from(by_password(PASSWORD).to_string());
            let answer = server.send(asked.body(body).unwrap()).await;
            assert_eq!(answer.failure(), (403, "authorization"), "{method} {name}");
        }
    }
    assert_eq!(server.session("GET", &cookie).await.status, 200);
}

#[tokio::test]
async fn an_incomplete_sign_in_is_invalid() {
    let server = TestServer::new().await;
    for body in [
        json!({}),
        json!({"email": "ada@example.com"}),
        json!({"password": PASSWORD}),
        json!({"email": 1, "password": 2}),
        json!({"email": "ada@example.com", "password": PASSWORD, "link": "x"}),
        json!([]),
    ] {
        let answer = server.enter(body.clone()).await;
        assert_eq!(answer.failure(), (400, "validation"), "{body}");
    }
    let long = json!({"email": "x".repeat(10_000), "password": "y"});
    assert_eq!(server.enter(long).await.failure(), (413, "validation"));
    let who = server.session("GET", "parlor_agent=nonsense").await;
    assert_eq!(who.failure(), (401, "authentication"));
}

#[tokio::test]
async fn a_link_is_redeemed_for_a_new_password() {
    let server = TestServer::with_password().await;
    let old = cookie(&server.enter(by_password(PASSWORD)).await);
    let link = server.token(TokenKind::SignIn, &server.ada).await;
    let new = "a much better password";
    for (body, failure) in [
        (
            json!({"link": link, "password": "short"}),
            (400, "validation"),
        ),
        (
            json!({"link": "other", "password": new}),
            (401, "authentication"),
        ),
        (
            json!({"email": "ada@example.com", "link": link, "password": new}),
            (400, "validation"),
        ),
    ] {
        assert_eq!(server.enter(body).await.failure(), failure);
    }
    // A refused password leaves the link, and who is signed in, as they are.
    assert_eq!(server.session("GET", &old).await.status, 200);
    let answer = server.enter(json!({"link": link, "password": new})).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(server.session("GET", &cookie(&answer)).await.status, 200);
    let ended = server.session("GET", &old).await;
    assert_eq!(ended.failure(), (401, "authentication"));
    let again = server.enter(json!({"link": link, "password": new})).await;
    assert_eq!(again.failure(), (401, "authentication"));
    let refused = server.enter(by_password(PASSWORD)).await;
    assert_eq!(refused.failure(), (401, "authentication"));
    assert_eq!(server.enter(by_password(new)).await.status, 204);
    // Programs are not signed out.
    assert_eq!(server.ada.chats().await.len(), 0);
}
