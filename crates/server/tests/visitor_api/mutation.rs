//! Mutated requests to every route: the response is never 500, and nothing
//! panics.

use rand::{Rng, RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::json;

use crate::server::{TestRequest, TestServer};

const CASES: usize = 6_000;

/// Strings that have caused trouble somewhere.
const ODD: [&str; 16] = [
    "",
    "null",
    "-1",
    "0",
    "9223372036854775807",
    "-9223372036854775808",
    "1e400",
    "[",
    "]",
    "%00",
    "%FF",
    "%5B%5D",
    "{}",
    "\"",
    "a=b&c",
    "undefined",
];

#[tokio::test(start_paused = true)]
async fn no_mutated_request_causes_a_500() {
    let seed: u64 = std::env::var("PARLOR_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(20_260_214);
    eprintln!("PARLOR_SEED={seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let mut server = TestServer::new().await;
    let mut visitor = server.waiting_visitor().await;
    for case in 0..CASES {
        // Chats end meanwhile, and sessions are deleted.
        if case % 50 == 0 {
            if case % 500 == 0 {
                server = TestServer::new().await;
            }
            visitor = server.waiting_visitor().await;
            if case % 100 == 0 {
                server.agent().accept().await;
            }
        }
        let mut asks = right_calls(&visitor);
        let n = rng.random_range(0..asks.len());
        let request = mutated(asks.swap_remove(n), &mut rng);
        let shown = format!("seed {seed}, case {case}: {request:?}");
        if !is_sendable(&request) {
            continue;
        }
        let answer = tokio::time::timeout(
            std::time::Duration::from_secs(60),
            tokio::spawn({
                let router = server.router.clone();
                async move { request.send_to(&router).await }
            }),
        )
        .await
        .unwrap_or_else(|_| panic!("never answered: {shown}"))
        .unwrap_or_else(|error| panic!("{error}: {shown}"));
        assert!(answer.status.as_u16() != 500, "{shown}: {}", answer.text);
        let refused = answer.status.is_client_error();
        assert!(!(refused && answer.text.contains("secret")), "{shown}");
    }
}

fn right_calls(visitor: &crate::actors::Visitor) -> Vec<TestRequest> {
    let site = &visitor.site;
    let mut calls = vec![
        TestRequest::get("System/SessionId"),
        visitor.signed(TestRequest::get(&format!(
            "System/Messages?ack={}&poll=7",
            visitor.ack
        ))),
        visitor.signed(TestRequest::get(
            "System/ReconnectSession?ReconnectSession.offset=1",
        )),
        visitor.signed(TestRequest::get("System/ResyncSession")),
        TestRequest::get(&format!(
            "Visitor/Settings?org_id={}&deployment_id={}&Settings.buttonIds=[{}]&Settings.needEstimatedWaitTime=1",
            site.organization_id, site.deployment_id, site.button_id
        )),
        TestRequest::get(&format!(
            "Visitor/Availability?Availability.ids=[{},x]&Availability.needEstimatedWaitTime=1",
            site.button_id
        )),
        TestRequest::get("Visitor/VisitorId?org_id=x"),
        TestRequest::new("DELETE", &format!("System/SessionId/{}", visitor.key)),
    ];
    let mut init = visitor.init_body();
    init["visitorName"] = json!("Jon A. is secret");
    init["prechatDetails"] = json!([{ "label": "E-mail", "value": "jon@example.com",
        "entityFieldMaps": [{ "entityName": "Contact", "fieldName": "Email" }] }]);
    init["prechatForm"] = json!({ "form_id": "f", "fields": [
        { "type": "name", "id": "n", "label": "Name", "answer": "Jon A. is secret" }] });
    let form = json!({ "type": "filled_form", "form_id": "f", "fields": [
        { "type": "email", "id": "e", "label": "E-mail", "answer": "jon@example.com" }] });
    for (noun, body) in [
        ("Chasitor/ChasitorInit", init.clone()),
        (
            "Chasitor/ChasitorResyncState",
            json!({ "organizationId": "x" }),
        ),
        ("Chasitor/ChasitorTyping", json!({})),
        ("Chasitor/ChasitorNotTyping", json!({})),
        (
            "Chasitor/ChasitorSneakPeek",
            json!({ "position": 3, "text": "Jon A. is secret" }),
        ),
        (
            "Chasitor/ChasitorIdleTimeoutWarningEvent",
            json!({ "idleTimeoutWarningEvent": "triggered" }),
        ),
        ("Chasitor/ChatEnd", json!({ "reason": "client" })),
        (
            "Chasitor/ChatMessage",
            json!({ "text": "Jon A. is secret", "customId": "c" }),
        ),
        (
            "Chasitor/CustomEvent",
            json!({ "type": "x", "data": "Jon A. is secret" }),
        ),
        (
            "Chasitor/CustomEvent",
            json!({ "type": "filled_form", "data": form.to_string() }),
        ),
        (
            "Visitor/Breadcrumb",
            json!({ "location": "https://shop.example" }),
        ),
        (
            "System/MultiNoun",
            json!({ "nouns": [
                { "prefix": "Chasitor", "noun": "ChatMessage", "object": { "text": "Jon A. is secret" } },
                { "prefix": "Chasitor", "noun": "ChasitorInit", "data": init.to_string() },
                { "prefix": "Chasitor", "noun": "ChatEnd", "object": {} },
            ] }),
        ),
    ] {
        let request = visitor
            .signed(TestRequest::post(noun, body.to_string()))
            .header("x-liveagent-sequence", "2");
        calls.push(request);
    }
    calls
}

fn mutated(mut request: TestRequest, rng: &mut StdRng) -> TestRequest {
    for _ in 0..rng.random_range(0..4) {
        match rng.random_range(0..6) {
            0 => body_bytes(&mut request.body, rng),
            1 => body_words(&mut request.body, rng),
            2 => header(&mut request, rng),
            3 => query(&mut request, rng),
            4 => request.uri.push_str(odd(rng)),
            _ => {
                let methods = ["GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "BREW"];
                request.method = (*methods.choose(rng).unwrap_or(&"GET")).to_owned();
            }
        }
    }
    request
}

fn odd(rng: &mut StdRng) -> &'static str {
    ODD.choose(rng).copied().unwrap_or_default()
}

/// Flips, cuts and duplicates bytes.
fn body_bytes(body: &mut Vec<u8>, rng: &mut StdRng) {
    if body.is_empty() {
        let mut noise = [0; 32];
        rng.fill_bytes(&mut noise);
        body.extend_from_slice(&noise);
        return;
    }
    let at = rng.random_range(0..body.len());
    match rng.random_range(0..4) {
        0 => body[at] = rng.random(),
        1 => body.truncate(at),
        2 => body.insert(at, *b"{}[]\",:\\0".choose(rng).unwrap_or(&b'{')),
        _ => {
            let tail = body[at..].to_vec();
            body.extend_from_slice(&tail);
        }
    }
}

/// Replaces a string or an object by a value of another type.
fn body_words(body: &mut Vec<u8>, rng: &mut StdRng) {
    let Ok(text) = String::from_utf8(body.clone()) else {
        return;
    };
    let parts: Vec<&str> = text.split('"').collect();
    let values = [
        "7",
        "null",
        "true",
        "[[[[]]]]",
        "{\"a\":{}}",
        "1e999",
        "\"\\u0000\"",
        "\"\\ud800\"",
    ];
    let n = rng.random_range(0..parts.len());
    let value = values.choose(rng).copied().unwrap_or("7");
    *body = text
        .replacen(&format!("\"{}\"", parts[n]), value, 1)
        .into_bytes();
}

fn header(request: &mut TestRequest, rng: &mut StdRng) {
    let names = [
        "x-liveagent-session-key",
        "x-liveagent-affinity",
        "x-liveagent-sequence",
        "x-liveagent-api-version",
        "content-type",
        "content-length",
        "origin",
        "host",
    ];
    let name = names.choose(rng).copied().unwrap_or("host");
    let mut value = odd(rng).as_bytes().to_vec();
    if rng.random_bool(0.3) {
        value = vec![rng.random_range(0x80..=0xff); 300];
    }
    request.headers.retain(|(known, _)| known != name);
    if rng.random_bool(0.8) {
        request.headers.push((name.to_owned(), value));
    }
}

fn query(request: &mut TestRequest, rng: &mut StdRng) {
    let names = [
        "ack",
        "poll",
        "ReconnectSession.offset",
        "deployment_id",
        "Availability.ids",
        "Settings.buttonIds",
    ];
    let name = names.choose(rng).copied().unwrap_or("ack");
    let path = request.uri.split('?').next().unwrap_or_default();
    request.uri = format!("{path}?{name}={}&{name}={}", odd(rng), odd(rng));
}

/// Whether an HTTP library would send the request at all.
fn is_sendable(request: &TestRequest) -> bool {
    let uri = request.uri.parse::<axum::http::Uri>().is_ok();
    let headers = request
        .headers
        .iter()
        .all(|(_, value)| axum::http::HeaderValue::from_bytes(value).is_ok());
    uri && headers
}
