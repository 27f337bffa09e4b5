//! Requests that a page of another site makes its visitors' browsers send.

use parlor_server::app::Config;

use crate::server::{SHOP, TestRequest, TestServer};

const SESSION: &str = "System/SessionId";

async fn open_sessions(server: &TestServer) -> i64 {
    let mut tx = server.store().read().await.unwrap();
    tx.count_open_sessions().await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_image_of_another_site_creates_no_session() {
    let server = TestServer::new().await;
    for site in ["cross-site", "same-site"] {
        let image = TestRequest::get(SESSION)
            .header("sec-fetch-site", site)
            .header("sec-fetch-mode", "no-cors")
            .header("sec-fetch-dest", "image");
        server.stranger().request(image).await.status(403);
    }
    assert_eq!(open_sessions(&server).await, 0);
}

#[tokio::test(start_paused = true)]
async fn scripts_of_allowed_pages_and_programs_create_sessions() {
    let server = TestServer::new().await;
    let script = TestRequest::get(SESSION).header("sec-fetch-site", "cross-site");
    server.stranger().on(SHOP).request(script).await.status(200);
    for site in ["same-origin", "none"] {
        let own = TestRequest::get(SESSION).header("sec-fetch-site", site);
        server.stranger().request(own).await.status(200);
    }
    server.stranger().get(SESSION).await.status(200);
    assert_eq!(open_sessions(&server).await, 4);
}

#[tokio::test(start_paused = true)]
async fn with_a_public_url_other_hosts_are_refused() {
    let server = TestServer::new().await;
    let config = Config {
        public_url: Some("https://chat.example".to_owned()),
        ..Config::default()
    };
    let server = server.process_with(2, config).await;
    for (host, status) in [
        ("chat.example", 200),
        ("chat.example:443", 200),
        ("127.0.0.1:8080", 200),
        ("192.0.2.1:8080", 421),
        ("evil.example", 421),
    ] {
        let request = TestRequest::get("Visitor/VisitorId").header("host", host);
        let answer = request.send_to(&server.router).await;
        assert_eq!(answer.status.as_u16(), status, "{host}");
        for path in ["/healthz", "/readyz"] {
            let mut probe = TestRequest::get("").header("host", host);
            probe.uri = path.to_owned();
            probe.send_to(&server.router).await.status(200);
        }
    }
    let nameless = TestRequest::get("Visitor/VisitorId").without("host");
    nameless.send_to(&server.router).await.status(421);
}
