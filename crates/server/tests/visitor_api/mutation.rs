//! Mutated requests to every route of visitors and agents: the response is
//! never 500, and nothing panics. What `docs/openapi.json` describes is also
//! tried by schemathesis (`CONTRIBUTING.md`).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{Rng, RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::{Value, json};

use crate::{
    actors::{Agent, Visitor},
    files::multipart,
    server::{TestRequest, TestServer},
};

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
async fn no_mutated_request_of_a_visitor_causes_a_500() {
    none_causes_a_500(visitors_calls).await;
}

#[tokio::test(start_paused = true)]
async fn no_mutated_action_causes_a_500() {
    none_causes_a_500(actions).await;
}

#[tokio::test(start_paused = true)]
async fn no_mutated_sign_in_causes_a_500() {
    none_causes_a_500(sign_ins).await;
}

#[tokio::test(start_paused = true)]
async fn no_mutated_upload_causes_a_500() {
    none_causes_a_500(uploads).await;
}

/// A visitor, and an agent who has sent them a rich message.
pub(crate) struct Scene {
    visitor: Visitor,
    agent: Agent,
    chat: String,
    /// The rich message.
    event: String,
}

impl Scene {
    pub(crate) async fn new(server: &TestServer, is_accepted: bool) -> Self {
        let agent = server.agent();
        // Actions before may have changed it, and then nobody may wait.
        agent.status("accepting_chats").await;
        let visitor = server.waiting_visitor().await;
        let chat = agent.waiting().await.pop().unwrap();
        let mut message = cards();
        match is_accepted {
            true => agent.take(&chat).await,
            false => message["visibility"] = "agents".into(),
        }
        let event = agent.send(&chat, message).await;
        Self {
            visitor,
            agent,
            chat,
            event,
        }
    }
}

fn cards() -> Value {
    let button = json!({ "text": "Show", "type": "message", "value": "hats", "postback_id": "show", "user_ids": [] });
    json!({ "type": "rich_message", "template_id": "cards", "elements": [{ "title": "Hats", "buttons": [button] }] })
}

async fn none_causes_a_500(calls: fn(&Scene) -> Vec<TestRequest>) {
    let seed: u64 = std::env::var("PARLOR_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(20_260_214);
    eprintln!("PARLOR_SEED={seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let mut server = TestServer::new().await;
    let mut scene = Scene::new(&server, true).await;
    for case in 0..CASES {
        // Chats end meanwhile, and sessions are deleted.
        if case % 50 == 0 {
            if case % 500 == 0 {
                server = TestServer::new().await;
            }
            scene = Scene::new(&server, case % 100 == 0).await;
        }
        let mut asks = calls(&scene);
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

/// Every action of an agent.
pub(crate) fn actions(scene: &Scene) -> Vec<TestRequest> {
    let Scene { agent, chat, .. } = scene;
    let event = scene.event.as_str();
    let thread = event.split_once('_').unwrap().0;
    let time = "2026-01-01T12:00:00.000000Z";
    let properties = json!({ "shop": { "hats": "secret" } });
    let names = json!({ "shop": ["hats"] });
    let page = |list: &str, back: bool, at: i64| {
        let page = json!({ "list": list, "ascending": true, "filters": {}, "limit": 100,
            "cursor": { "back": back, "at": at, "id": chat } });
        URL_SAFE_NO_PAD.encode(page.to_string())
    };
    let message = json!({ "type": "message", "text": "secret", "custom_id": "c", "visibility": "all",
        "properties": properties });
    let field = json!({ "type": "email", "id": "1", "label": "E-mail", "answer": "secret" });
    let events = [
        cards(),
        message.clone(),
        json!({ "type": "form", "form_id": "1", "fields": [field] }),
        json!({ "type": "filled_form", "form_id": "1", "fields": [field] }),
        json!({ "type": "file", "url": "https://shop.example/hat.png" }),
        json!({ "type": "custom", "content": { "a": ["secret"] } }),
        json!({ "type": "system_message", "system_message_type": "x", "text_vars": { "a": "b" } }),
    ];
    let in_thread = |more: Value| {
        let mut payload = json!({ "chat_id": chat, "thread_id": thread });
        let fields = payload.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        payload
    };
    let of_event = |more: Value| {
        let mut payload = in_thread(more);
        payload["event_id"] = event.into();
        payload
    };
    let who = json!({ "chat_id": chat, "user_id": agent.id, "user_type": "agent", "visibility": "agents" });
    let new_chat = json!({ "users": [{ "type": "agent", "id": agent.id }], "properties": properties,
        "thread": { "events": [message], "tags": ["secret"] } });
    let mut old_chat = new_chat.clone();
    old_chat["id"] = chat.as_str().into();
    let mut actions = vec![
        (
            "list_chats",
            json!({ "limit": 5, "sort_order": "asc", "filters": { "include_active": false } }),
        ),
        (
            "list_chats",
            json!({ "page_id": page("list_chats", true, i64::MIN) }),
        ),
        (
            "list_chats",
            json!({ "page_id": page("list_chats", false, i64::MAX) }),
        ),
        (
            "list_threads",
            json!({ "chat_id": chat, "limit": 5, "filters": { "from": time, "to": time } }),
        ),
        (
            "list_threads",
            json!({ "chat_id": chat, "min_events_count": 9 }),
        ),
        (
            "list_threads",
            json!({ "chat_id": chat, "page_id": page("list_threads", true, 0) }),
        ),
        ("get_chat", in_thread(json!({}))),
        (
            "list_archives",
            json!({ "sort_order": "desc", "filters": { "from": time, "to": time } }),
        ),
        (
            "list_archives",
            json!({ "filters": { "agents": { "values": [agent.id, "andy@example.com"] } } }),
        ),
        (
            "list_archives",
            json!({ "page_id": page("list_archives", true, i64::MIN) }),
        ),
        ("start_chat", json!({ "active": true, "chat": new_chat })),
        ("resume_chat", json!({ "chat": old_chat })),
        ("deactivate_chat", json!({ "id": chat })),
        ("follow_chat", json!({ "id": chat })),
        ("unfollow_chat", json!({ "id": chat })),
        ("add_user_to_chat", who.clone()),
        ("remove_user_from_chat", who),
        (
            "transfer_chat",
            json!({ "id": chat, "target": { "type": "agent", "ids": [agent.id] } }),
        ),
        (
            "transfer_chat",
            json!({ "id": chat, "target": { "type": "group", "ids": ["1"] } }),
        ),
        ("list_agents_for_transfer", json!({ "chat_id": chat })),
        (
            "send_rich_message_postback",
            of_event(json!({ "postback": { "id": "show", "toggled": true } })),
        ),
        (
            "send_typing_indicator",
            json!({ "chat_id": chat, "is_typing": "true", "visibility": "all" }),
        ),
        (
            "mark_events_as_seen",
            json!({ "chat_id": chat, "seen_up_to": time }),
        ),
        (
            "set_routing_status",
            json!({ "status": "offline", "agent_id": agent.id }),
        ),
        ("list_routing_statuses", json!({ "filters": {} })),
        ("get_customer", json!({ "id": "secret" })),
        ("tag_thread", in_thread(json!({ "tag": "secret" }))),
        ("untag_thread", in_thread(json!({ "tag": "secret" }))),
        (
            "update_chat_properties",
            json!({ "id": chat, "properties": properties }),
        ),
        (
            "delete_chat_properties",
            json!({ "id": chat, "properties": names }),
        ),
        (
            "update_thread_properties",
            in_thread(json!({ "properties": properties })),
        ),
        (
            "delete_thread_properties",
            in_thread(json!({ "properties": names })),
        ),
        (
            "update_event_properties",
            of_event(json!({ "properties": properties })),
        ),
        (
            "delete_event_properties",
            of_event(json!({ "properties": names })),
        ),
        ("decline_chat", json!({ "chat_id": chat })),
        ("list_groups", json!({})),
        ("list_templates", json!({})),
        ("list_offline_messages", json!({})),
        ("get_record", json!({ "id": "x" })),
        ("export_customer", json!({ "id": "x" })),
        ("erase_customer", json!({ "id": "x" })),
        (
            "update_offline_message",
            json!({ "chat_id": chat, "thread_id": thread, "is_open": false }),
        ),
        ("request_file", json!({ "chat_id": chat, "cancel": "true" })),
        ("ping", json!({})),
    ];
    for body in events {
        let payload = json!({ "chat_id": chat, "event": body, "after_event_id": event });
        actions.push(("send_event", payload));
    }
    actions
        .into_iter()
        .map(|(name, payload)| agent.signed(name, payload.to_string().into_bytes()))
        .collect()
}

/// The console's session. All come from one address, so that few passwords are
/// checked: that takes long.
pub(crate) fn sign_ins(scene: &Scene) -> Vec<TestRequest> {
    let by_password = json!({ "email": "andy@example.com", "password": "secret horse" });
    let by_link = json!({ "link": "secret" });
    let calls = [
        ("POST", "/agent/session", by_password.to_string()),
        ("POST", "/agent/session", by_link.to_string()),
        ("GET", "/agent/session", String::new()),
        ("DELETE", "/agent/session", String::new()),
        ("GET", "/agent/sign-ins", String::new()),
        ("DELETE", "/agent/sign-ins", String::new()),
        ("DELETE", "/agent/sign-ins/0123456789abcdef", String::new()),
    ];
    calls
        .into_iter()
        .map(|(method, uri, body)| {
            let mut request = scene.agent.signed("", body.into_bytes());
            request.method = method.to_owned();
            request.uri = uri.to_owned();
            request
                .header("cookie", "parlor_agent=secret")
                .header("sec-fetch-site", "same-origin")
                .connecting_from("192.0.2.1")
        })
        .collect()
}

/// Files of visitors and agents, sent and downloaded.
pub(crate) fn uploads(scene: &Scene) -> Vec<TestRequest> {
    let Scene { visitor, agent, .. } = scene;
    let picture = [&b"\x89PNG\r\n\x1a\n"[..], &[0; 64]].concat();
    let transfer = format!(
        "Chasitor/FileTransfer?orgId=x&chatKey={}&fileToken=secret&encoding=UTF-8",
        visitor.id
    );
    let mut calls = Vec::new();
    for content in [&b"secret text"[..], &picture, b"<svg/>", b""] {
        let (kind, body) = multipart("file", "secret.png", content);
        for request in [
            visitor.signed(TestRequest::post("Chasitor/FileUpload", body.clone())),
            TestRequest::post(&transfer, body.clone()),
            agent.signed("upload_file", body),
        ] {
            calls.push(request.header("content-type", &kind));
        }
    }
    for path in ["secret/file", "secret/thumbnail2x"] {
        let mut request = TestRequest::get("");
        request.uri = format!("/chat/files/{path}");
        calls.push(request);
    }
    calls
}

pub(crate) fn visitors_calls(Scene { visitor, .. }: &Scene) -> Vec<TestRequest> {
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
        "entityFieldMaps": [{ "entityName": "Contact", "fieldName": "Email",
            "isAutoQueryable": true }], "transcriptFields": ["c__Email"] }]);
    init["prechatEntities"] = json!([{ "entityName": "Case", "showOnCreate": true,
        "saveToTranscript": "CaseId", "linkToEntityName": "Contact", "linkToEntityField": "CaseId",
        "entityFieldsMaps": [{ "fieldName": "Subject", "label": "E-mail", "doFind": true,
            "isExactMatch": false, "doCreate": true }] }]);
    init["prechatForm"] = json!({ "form_id": "f", "fields": [
        { "type": "name", "id": "n", "label": "Name", "answer": "Jon A. is secret" }] });
    let mut message = init.clone();
    message["offlineMessage"] =
        json!({ "text": "Jon A. is secret", "customId": "0123456789abcdef" });
    let form = json!({ "type": "filled_form", "form_id": "f", "fields": [
        { "type": "email", "id": "e", "label": "E-mail", "answer": "jon@example.com" }] });
    for (noun, body) in [
        ("Chasitor/ChasitorInit", init.clone()),
        ("Chasitor/ChasitorInit", message),
        (
            "Visitor/History/T",
            json!({ "seenUpTo": "2026-01-01T12:00:00.000000Z" }),
        ),
        ("Visitor/Goal", json!({ "goal": "secret" })),
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
        "authorization",
        "cookie",
        "sec-fetch-site",
        "x-forwarded-for",
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
