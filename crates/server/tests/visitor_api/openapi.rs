//! `docs/openapi.json` describes what is served, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use parlor_wire::limits;
use serde_json::Value;

use crate::{
    mutation::{Scene, actions, sign_ins, uploads, visitors_calls},
    server::{TestRequest, TestServer},
};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

const METHODS: [&str; 4] = ["GET", "POST", "PUT", "DELETE"];

fn document() -> Value {
    serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap()
}

/// The methods that are described, by path.
fn described() -> BTreeMap<String, BTreeSet<String>> {
    let document = document();
    let paths = document["paths"].as_object().unwrap().iter();
    let methods = |item: &Value| {
        let names = item.as_object().unwrap().keys();
        names.map(|name| name.to_uppercase()).collect()
    };
    paths
        .map(|(path, item)| (path.clone(), methods(item)))
        .collect()
}

fn is_of(path: &str, template: &str) -> bool {
    let (path, template) = (path.split('/'), template.split('/'));
    path.clone().count() == template.clone().count()
        && path
            .zip(template)
            .all(|(part, name)| name.starts_with('{') || part == name)
}

/// `UPDATE_OPENAPI=1` writes it.
#[tokio::test(start_paused = true)]
async fn the_committed_document_is_the_one_that_is_served() {
    let server = TestServer::new().await;
    let request = TestRequest {
        uri: "/api/openapi.json".to_owned(),
        ..TestRequest::get("")
    };
    let answer = request.send_to(&server.router).await;
    assert_eq!(answer.status, 200);
    let served: Value = serde_json::from_str(&answer.text).unwrap();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(FILE, format!("{served:#}\n")).unwrap();
    }
    assert!(served == document(), "run this test with UPDATE_OPENAPI=1");
}

/// Each part of the document that refers to another one refers to one that is there.
#[test]
fn nothing_that_the_document_refers_to_is_missing() {
    fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|it| references(it, found));
            }
            Value::Array(items) => items.iter().for_each(|it| references(it, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 100, "{found:?}");
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

/// Attributes take numbers only.
#[test]
fn the_limits_are_those_of_the_code() {
    let document = document();
    for (place, limit) in [
        (
            "Message/properties/text/maxLength",
            limits::MESSAGE_TEXT_MAX_BYTES,
        ),
        (
            "ChatMessage/properties/text/maxLength",
            limits::MESSAGE_TEXT_MAX_BYTES,
        ),
        (
            "ChatMessage/properties/customId/maxLength",
            limits::CUSTOM_ID_MAX_BYTES,
        ),
        (
            "SneakPeek/properties/text/maxLength",
            limits::MESSAGE_TEXT_MAX_BYTES,
        ),
        (
            "LeftMessage/properties/text/maxLength",
            limits::MESSAGE_TEXT_MAX_BYTES,
        ),
        (
            "SystemMessage/properties/text/maxLength",
            limits::MESSAGE_TEXT_MAX_BYTES,
        ),
        ("ChatId/maxLength", limits::ID_MAX_BYTES),
        ("ThreadId/maxLength", limits::ID_MAX_BYTES),
        ("CustomId/maxLength", limits::CUSTOM_ID_MAX_BYTES),
        (
            "ChasitorInit/properties/prechatDetails/maxItems",
            limits::PRECHAT_DETAILS_MAX,
        ),
        (
            "ChasitorInit/properties/buttonOverrides/maxItems",
            limits::BUTTON_OVERRIDES_MAX,
        ),
        (
            "ChasitorInit/properties/identityToken/maxLength",
            limits::IDENTITY_TOKEN_MAX_BYTES,
        ),
        (
            "CustomDetail/properties/transcriptFields/maxItems",
            limits::DETAIL_FIELDS_MAX,
        ),
        (
            "MultiNoun/properties/nouns/maxItems",
            limits::MULTI_NOUN_MAX,
        ),
        (
            "Callback/properties/phone/maxLength",
            limits::NAME_MAX_BYTES,
        ),
        (
            "Callback/properties/preferredTime/maxItems",
            limits::CALLBACK_TIMES_MAX,
        ),
        ("Form/properties/fields/maxItems", limits::FORM_FIELDS_MAX),
        (
            "FormField/properties/label/maxLength",
            limits::LABEL_MAX_BYTES,
        ),
        (
            "FormField/properties/options/maxItems",
            limits::FORM_OPTIONS_MAX,
        ),
        (
            "FilledForm/properties/fields/maxItems",
            limits::FORM_FIELDS_MAX,
        ),
        (
            "FilledField/properties/answers/maxItems",
            limits::FORM_OPTIONS_MAX,
        ),
        ("File/properties/url/maxLength", limits::URL_MAX_BYTES),
        (
            "File/properties/name/maxLength",
            limits::FILE_NAME_MAX_BYTES,
        ),
        (
            "RichMessage/properties/elements/maxItems",
            limits::RICH_ELEMENTS_MAX,
        ),
        (
            "Element/properties/title/maxLength",
            limits::LABEL_MAX_BYTES,
        ),
        ("Element/properties/buttons/maxItems", limits::BUTTONS_MAX),
        (
            "Button/properties/user_ids/maxItems",
            limits::BUTTON_USERS_MAX,
        ),
        (
            "InitialThread/properties/events/maxItems",
            limits::INITIAL_EVENTS_MAX,
        ),
        (
            "InitialThread/properties/tags/maxItems",
            limits::THREAD_TAGS_MAX,
        ),
        ("TagThread/properties/tag/maxLength", limits::TAG_MAX_BYTES),
        ("Match/properties/values/maxItems", limits::NAMED_AGENTS_MAX),
        (
            "ListChats/properties/limit/maximum",
            limits::PAGE_LIMIT_MAX.try_into().unwrap(),
        ),
    ] {
        let found = document.pointer(&format!("/components/schemas/{place}"));
        assert_eq!(
            found.and_then(Value::as_u64),
            limit.try_into().ok(),
            "{place}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn every_request_is_described() {
    let server = TestServer::new().await;
    let scene = Scene::new(&server, true).await;
    let described = described();
    for calls in [visitors_calls, actions, sign_ins, uploads] {
        for request in calls(&scene) {
            let path = request.uri.split('?').next().unwrap();
            let is_described = described.iter().any(|(template, methods)| {
                methods.contains(&request.method) && is_of(path, template)
            });
            assert!(is_described, "{} {path}", request.method);
        }
    }
}

/// Routes that the document leaves out.
fn is_left_out(route: &str) -> bool {
    // Files of the pages, the answer to unknown paths, and the actions, each of which is
    // described by its name.
    let serves_many = route.contains("{*") || route.ends_with("/action/{name}");
    // The same as `/api/v2/chat`.
    let is_older = route.starts_with("/api/v2/") && !route.starts_with("/api/v2/chat/");
    // Redirects to a page, types for programmers, and a demonstration.
    let is_page = ["/", "/chat", "/agent", "/demo", "/demo/", "/parlor.d.ts"].contains(&route);
    serves_many || is_older || is_page
}

#[tokio::test(start_paused = true)]
async fn every_route_is_described_with_its_methods() {
    let server = TestServer::new().await;
    let described = described();
    // The router shows the paths of its routes in quotes.
    let shown = format!("{:?}", server.router);
    let routes: BTreeSet<&str> = shown
        .split('"')
        .filter(|text| text.starts_with('/'))
        .collect();
    assert!(routes.len() > 40, "{routes:?}");
    for route in routes.into_iter().filter(|route| !is_left_out(route)) {
        let path = route.replace("{version}", "v3.6");
        let mut served = BTreeSet::new();
        for method in METHODS {
            let request = TestRequest {
                method: method.to_owned(),
                uri: path.replace(['{', '}'], ""),
                ..TestRequest::get("")
            };
            if request.send_to(&server.router).await.status != 405 {
                served.insert(method.to_owned());
            }
        }
        assert_eq!(described.get(&path), Some(&served), "{route}");
    }
}

#[tokio::test(start_paused = true)]
async fn everything_described_is_served() {
    let server = TestServer::new().await;
    let agent = server.agent();
    let described = described();
    assert!(described.len() > 70, "{described:?}");
    for (template, methods) in described {
        for method in methods {
            let mut request = agent.signed("", Vec::new());
            request.method = method;
            request.uri = template.replace(['{', '}'], "");
            let shown = format!("{} {}", request.method, request.uri);
            let answer = request.send_to(&server.router).await;
            assert_ne!(answer.status, 405, "{shown}");
            for unknown in ["there is no such action", "there is no such resource"] {
                assert!(!answer.text.contains(unknown), "{shown}");
            }
        }
    }
    let unknown = TestRequest::get("System/Unknown").send_to(&server.router);
    assert_eq!(unknown.await.text, "there is no such resource");
}
