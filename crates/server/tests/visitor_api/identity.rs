//! A visitor whom the site vouches for: one chat on all devices.

use jsonwebtoken::{EncodingKey, Header, encode};
use parlor_server::app::Config;
use serde_json::{Value, json};

use crate::{
    actors::Visitor,
    server::{TestRequest, TestResponse, TestServer, seconds},
};

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
const NOW_S: i64 = 1_767_225_600;

fn token(sub: &str, exp_in_s: i64, secret: &[u8]) -> String {
    let claims = json!({
        "sub": sub, "exp": NOW_S + exp_in_s, "name": "Jon Appleseed", "email": "jon@example.com",
    });
    signed(&claims, secret)
}

fn signed(claims: &Value, secret: &[u8]) -> String {
    let key = EncodingKey::from_secret(secret);
    encode(&Header::default(), claims, &key).unwrap()
}

fn vouched(sub: &str) -> Value {
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
    let (_, _, chat) = talks(&server, vouched("u1")).await;
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
    let (_, phone, first) = talks(&server, vouched("u1")).await;
    let (_, laptop, second) = talks(&server, vouched("u1")).await;
    assert_ne!(phone, laptop);
    assert_eq!(first["id"], second["id"]);
    // Each device keeps its id, as long as the site vouches for the visitor there.
    for device in [&phone, &laptop] {
        let mut init = vouched("u1");
        init["visitorId"] = device.clone();
        let (_, same, chat) = talks(&server, init).await;
        assert_eq!(&same, device);
        assert_eq!(chat["id"], first["id"]);
    }
    let (_, _, other) = talks(&server, vouched("u2")).await;
    assert_ne!(other["id"], first["id"]);
}

#[tokio::test(start_paused = true)]
async fn a_device_alone_does_not_show_that_somebody_is_who_was_vouched_for() {
    let server = server_with_secret().await;
    let (_, device, first) = talks(&server, vouched("u1")).await;
    // Signed out of the site, or somebody else.
    let (_, another, other) = talks(&server, json!({ "visitorId": device })).await;
    assert_ne!(another, device);
    assert_ne!(other["id"], first["id"]);
    assert_eq!(other["users"][0]["email_verified"], false);
    let mut init = vouched("u1");
    init["visitorId"] = device.clone();
    assert_eq!(talks(&server, init).await.2["id"], first["id"]);
}

#[tokio::test(start_paused = true)]
async fn what_was_over_before_somebody_signed_in_is_not_theirs() {
    let server = server_with_secret().await;
    let (_, device, nameless) = talks(&server, json!({})).await;
    let mut init = vouched("u1");
    init["visitorId"] = device.clone();
    let (_, another, named) = talks(&server, init).await;
    assert_ne!(another, device);
    assert_ne!(named["id"], nameless["id"]);
    // After they have signed out.
    let (_, same, again) = talks(&server, json!({ "visitorId": device })).await;
    assert_eq!((&same, &again["id"]), (&device, &nameless["id"]));
}

#[tokio::test(start_paused = true)]
async fn a_conversation_that_goes_on_is_of_who_signs_in_meanwhile() {
    let server = server_with_secret().await;
    let agent = server.agent();
    let mut visitor = server.visitor().await;
    visitor.init().await.ok();
    let success = visitor.poll().await.message("ChatRequestSuccess");
    let chat = agent.accept().await;
    let mut init = vouched("u1");
    init["visitorId"] = success["visitorId"].clone();
    let mut again = server.visitor().await;
    again.init_with(init).await.ok();
    let joined = again.poll().await;
    assert_eq!(
        joined.kinds(),
        ["ChatRequestSuccess", "ChasitorSessionData"]
    );
    let same = joined.message("ChatRequestSuccess")["visitorId"].clone();
    assert_eq!(same, success["visitorId"]);
    let shown = agent.act("get_chat", json!({ "chat_id": chat })).await;
    assert_eq!(shown["users"][0]["email"], "jon@example.com");
    agent.end(&chat).await;
    // On another device.
    assert_eq!(talks(&server, vouched("u1")).await.2["id"], chat.as_str());
}

/// Says in the conversation who the visitor is.
async fn identifies(visitor: &mut Visitor, token: &str) -> TestResponse {
    let data = json!({ "identity_token": token }).to_string();
    let event = json!({ "type": "identify", "data": data });
    visitor.post("CustomEvent", event).await
}

#[tokio::test(start_paused = true)]
async fn the_site_can_vouch_for_the_visitor_of_a_conversation_that_goes_on() {
    let server = server_with_secret().await;
    let agent = server.agent();
    let mut visitor = server.visitor().await;
    visitor.init_with(json!({ "visitorName": "J" })).await.ok();
    let chat = agent.accept().await;
    let customer = async || {
        let shown = agent.act("get_chat", json!({ "chat_id": chat })).await;
        shown["users"][0].clone()
    };
    for (token, words) in [
        (token("u1", -3600, SECRET), "expired"),
        (token("u1", 3600, b"another secret"), "secret"),
        (String::new(), "identity_token"),
    ] {
        let refused = identifies(&mut visitor, &token).await.status(400);
        assert!(refused.text.contains(words), "{}", refused.text);
        assert!(token.is_empty() || !refused.text.contains(&token));
    }
    assert_eq!(customer().await["email_verified"], false);
    for _ in 0..2 {
        identifies(&mut visitor, &token("u1", 3600, SECRET))
            .await
            .ok();
    }
    let named = customer().await;
    assert_eq!(named["name"], "Jon Appleseed");
    assert_eq!(named["email"], "jon@example.com");
    assert_eq!(named["email_verified"], true);
    let other = identifies(&mut visitor, &token("u2", 3600, SECRET)).await;
    assert!(other.status(400).text.contains("somebody else"));
    agent.end(&chat).await;
    assert_eq!(talks(&server, vouched("u1")).await.2["id"], chat.as_str());
    // Somebody who has a chat of their own keeps it, and this one stays as it is.
    let mut visitor = server.visitor().await;
    visitor.init().await.ok();
    let nameless = agent.accept().await;
    identifies(&mut visitor, &token("u1", 3600, SECRET))
        .await
        .ok();
    let shown = agent.act("get_chat", json!({ "chat_id": nameless })).await;
    assert_eq!(shown["users"][0]["email_verified"], false);
}

#[tokio::test(start_paused = true)]
async fn rules_for_sensitive_data_leave_a_token_as_it_is() {
    let server = server_with_secret().await;
    let rule =
        json!({ "id": "1", "pattern": "[a-z0-9]", "actionType": "Remove", "replacement": "" });
    server
        .set(|settings| settings.sensitive_data_rules = vec![serde_json::from_value(rule).unwrap()])
        .await;
    let mut visitor = server.visitor().await;
    visitor.init().await.ok();
    identifies(&mut visitor, &token("u1", 3600, SECRET))
        .await
        .ok();
}

/// What a device reads with a visitor id, a token, or both.
async fn reads(
    server: &TestServer,
    path: &str,
    id: Option<&str>,
    token: Option<&str>,
) -> TestResponse {
    let separator = if path.contains('?') { '&' } else { '?' };
    let path = format!(
        "{path}{separator}deployment_id={}",
        server.site.deployment_id
    );
    let mut request = TestRequest::get(&path);
    if let Some(id) = id {
        request = request.header("x-chat-visitor-id", id);
    }
    if let Some(token) = token {
        request = request.header("x-chat-identity-token", token);
    }
    server.stranger().request(request).await
}

#[tokio::test(start_paused = true)]
async fn history_of_who_was_vouched_for_needs_a_good_token() {
    let server = server_with_secret().await;
    let (_, device, _) = talks(&server, vouched("u1")).await;
    let device = device.as_str();
    let token = |sub: &str, exp| token(sub, exp, SECRET);
    let (good, other) = (token("u1", 3600), token("u2", 3600));
    let path = "Visitor/History";
    let history = reads(&server, path, None, Some(&good))
        .await
        .message("History");
    assert_eq!(history["threads"].as_array().unwrap().len(), 1);
    let thread = format!("{path}/{}", history["threads"][0]["id"].as_str().unwrap());
    for path in [path, &thread] {
        reads(&server, path, device, Some(&good)).await.status(200);
        reads(&server, path, device, None).await.status(403);
        let expired = token("u1", -3600);
        let refused = reads(&server, path, device, Some(&expired))
            .await
            .status(400);
        assert!(refused.text.contains("expired") && !refused.text.contains(&expired));
    }
    // Somebody who was never here has none, also at the other's device.
    let none = reads(&server, path, device, Some(&other)).await;
    assert_eq!(none.message("History")["threads"], json!([]));
    reads(&server, &thread, device, Some(&other))
        .await
        .status(404);
    // A session that goes on shows its own thread and no other.
    let mut visitor = server.visitor().await;
    visitor.init_with(vouched("u1")).await.ok();
    let own = visitor.get(path).await.status(200).message("History");
    assert_eq!(own["threads"].as_array().unwrap().len(), 1);
    visitor.get(&thread).await.status(404);
    let request = visitor.signed(TestRequest::get(&format!(
        "{path}?deployment_id={}",
        server.site.deployment_id
    )));
    let all = request
        .header("x-chat-identity-token", &good)
        .send_to(&server.router)
        .await;
    assert_eq!(
        all.message("History")["threads"].as_array().unwrap().len(),
        2
    );
}

#[tokio::test(start_paused = true)]
async fn a_typed_email_is_not_verified() {
    let server = server_with_secret().await;
    let typed = |email: &str| {
        let mut init = vouched("u1");
        // The site does not say the address again.
        init["identityToken"] = signed(&json!({ "sub": "u1", "exp": NOW_S + 3600 }), SECRET).into();
        init["prechatDetails"] = json!([{ "label": "E-mail", "value": email }]);
        init
    };
    talks(&server, vouched("u1")).await;
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
    let refused = visitor.init_with(vouched("u1")).await.status(400);
    assert!(refused.text.contains("takes none"), "{}", refused.text);
}
