//! The OpenAPI document.

use axum::body::Body;
use serde_json::Value;

use crate::actors::{TestServer, request};

const FILE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../docs/openapi-archive.json"
);

/// `UPDATE_OPENAPI=1` writes it.
#[tokio::test]
async fn the_committed_document_is_the_one_that_is_served() {
    let server = TestServer::new().await;
    let ask = request("GET", "/api/openapi.json")
        .body(Body::empty())
        .unwrap();
    let served = server.send(ask).await;
    assert_eq!(served.status, 200);
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(FILE, format!("{:#}\n", served.body)).unwrap();
    }
    let committed: Value = serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap();
    assert!(
        served.body == committed,
        "run this test with UPDATE_OPENAPI=1"
    );
}
