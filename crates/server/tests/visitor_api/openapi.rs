//! `docs/openapi.yaml` describes what is served, and nothing else.

use crate::{
    mutation::{Scene, actions, sign_ins, uploads, visitors_calls},
    server::{TestRequest, TestServer},
};

const DOCUMENT: &str = include_str!("../../../../docs/openapi.yaml");

/// A method and the path that it is described for, as in `GET /healthz`.
fn described() -> Vec<(String, &'static str)> {
    let mut path = "";
    let mut found = Vec::new();
    for line in DOCUMENT.lines() {
        let key = line.trim_start().strip_suffix(':');
        match (line.len() - line.trim_start().len(), key) {
            (2, Some(key)) if key.starts_with('/') => path = key,
            (4, Some(key @ ("get" | "post" | "put" | "delete"))) => {
                found.push((key.to_uppercase(), path));
            }
            _ => {}
        }
    }
    found
}

fn is_of(path: &str, template: &str) -> bool {
    let (path, template) = (path.split('/'), template.split('/'));
    path.clone().count() == template.clone().count()
        && path
            .zip(template)
            .all(|(part, name)| name.starts_with('{') || part == name)
}

#[tokio::test(start_paused = true)]
async fn every_request_is_described() {
    let server = TestServer::new().await;
    let scene = Scene::new(&server, true).await;
    let described = described();
    for calls in [visitors_calls, actions, sign_ins, uploads] {
        for request in calls(&scene) {
            let path = request.uri.split('?').next().unwrap();
            let is_described = described
                .iter()
                .any(|(method, template)| *method == request.method && is_of(path, template));
            assert!(is_described, "{} {path}", request.method);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn everything_described_is_served() {
    let server = TestServer::new().await;
    let agent = server.agent();
    let described = described();
    assert!(described.len() > 60, "{described:?}");
    for (method, template) in described {
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
    let unknown = TestRequest::get("System/Unknown").send_to(&server.router);
    assert_eq!(unknown.await.text, "there is no such resource");
}
