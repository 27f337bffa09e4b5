//! A visitor whom the site vouches for: one chat on all devices.

use jsonwebtoken::{EncodingKey, Header, encode};
use parlor_server::app::Config;
use serde_json::{Value, json};

use crate::{
    actors::Visitor,
    server::{TestServer, seconds},
};

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
const NOW_S: i64 = 1_767_225_600;

fn token(sub: &str, exp_in_s: i64, secret: &[u8]) -> String {
    let claims = json!({
        "sub": sub, "exp": NOW_S + exp_in_s, "name": "Jon Appleseed", "email": "jon@example.com",
    });
    encode(
        &Header::default(),
        &claims,
        &EncodingKey::from_secret(secret),
    )
    .unwrap()
}

fn good(sub: &str) -> Value {
    json!({ "identityToken": token(sub, 3600, SECRET) })
}

async fn server_with_secret() -> TestServer {
    let server = TestServer::new().await;
    let secret = SECRET.to_vec().into();
    let config = Config {
        identity_secrets: [(server.site.deployment_id.clone(), secret)].into(),
        ..Config::default()
    };
    server.process_with(2, config).await
}

/// Starts a conversation with an identity, and has an agent close it.
async fn talks(server: &TestServer, init: Value) -> (Visitor, Value, Value) {
    // Conversations of one person start one after another.
    seconds(1).await;
    let mut visitor = server.visitor().await;
    visitor.init_with(init).await.ok();
    let success = visitor.poll().await.message("ChatRequestSuccess");
    let agent = server.agent();
    let chat = agent.accept().await;
    let shown = agent.act("get_chat", json!({ "chat_id": chat })).await;
    agent.end(&chat).await;
    (visitor, success["visitorId"].clone(), shown)
}

#[tokio::test(start_paused = true)]
async fn the_site_vouches_for_the_visitor() {
    let server = server_with_secret().await;
    let (_, _, chat) = talks(&server, good("u1")).await;
    let customer = &chat["users"][0];
    assert_eq!(customer["name"], "Jon Appleseed");
    assert_eq!(customer["email"], "jon@example.com");
    assert_eq!(customer["email_verified"], true);
    let (_, _, nobody) = talks(&server, json!({})).await;
    assert_eq!(nobody["users"][0]["email_verified"], false);
}

#[tokio::test(start_paused = true)]
async fn one_person_has_one_chat_on_all_devices() {
    let server = server_with_secret().await;
    let (_, phone, first) = talks(&server, good("u1")).await;
    let (_, laptop, second) = talks(&server, good("u1")).await;
    assert_ne!(phone, laptop);
    assert_eq!(first["id"], second["id"]);
    // Each device is recognised by its own id.
    for device in [&phone, &laptop] {
        let (_, same, chat) = talks(&server, json!({ "visitorId": device })).await;
        assert_eq!(&same, device);
        assert_eq!(chat["id"], first["id"]);
    }
    let mut init = good("u1");
    init["visitorId"] = laptop.clone();
    assert_eq!(talks(&server, init).await.1, laptop);
    let (_, _, other) = talks(&server, good("u2")).await;
    assert_ne!(other["id"], first["id"]);
}

#[tokio::test(start_paused = true)]
async fn a_visitor_who_signs_in_later_keeps_their_chat() {
    let server = server_with_secret().await;
    let (_, device, nameless) = talks(&server, json!({})).await;
    let mut init = good("u1");
    init["visitorId"] = device.clone();
    let (_, same, named) = talks(&server, init).await;
    assert_eq!((&same, &named["id"]), (&device, &nameless["id"]));
    // Somebody else at the same device has a chat of their own.
    let mut init = good("u2");
    init["visitorId"] = device.clone();
    let (_, another, other) = talks(&server, init).await;
    assert_ne!(another, device);
    assert_ne!(other["id"], named["id"]);
}

#[tokio::test(start_paused = true)]
async fn a_typed_email_is_not_verified() {
    let server = server_with_secret().await;
    let (_, device, _) = talks(&server, good("u1")).await;
    let typed = |email: &str| json!({ "visitorId": device, "prechatDetails": [{ "label": "E-mail", "value": email }] });
    let (_, _, same) = talks(&server, typed("jon@example.com")).await;
    assert_eq!(same["users"][0]["email_verified"], true);
    let (_, _, other) = talks(&server, typed("boss@example.com")).await;
    assert_eq!(other["users"][0]["email"], "boss@example.com");
    assert_eq!(other["users"][0]["email_verified"], false);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_token_leaves_the_session_unchanged() {
    let server = server_with_secret().await;
    let mut visitor = server.visitor().await;
    for (token, words) in [
        (token("u1", -3600, SECRET), "expired"),
        (token("u1", 3600, b"another secret"), "secret"),
        (token("u1", 3 * 24 * 3600, SECRET), "a day"),
        ("nonsense".to_owned(), "not a token"),
    ] {
        let refused = visitor
            .init_with(json!({ "identityToken": token }))
            .await
            .status(400);
        assert!(refused.text.contains(words), "{}", refused.text);
        assert!(!refused.text.contains(&token));
    }
    visitor.init().await.ok();
    assert_eq!(visitor.poll().await.kinds(), ["ChatRequestSuccess"]);

    let without = TestServer::new().await;
    let mut visitor = without.visitor().await;
    let refused = visitor.init_with(good("u1")).await.status(400);
    assert!(refused.text.contains("takes none"), "{}", refused.text);
}
