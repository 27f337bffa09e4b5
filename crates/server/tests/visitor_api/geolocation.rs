//! Where a visitor's address is thought to be, by the operator's file.

use parlor_server::{app::Config, geolocation::Geolocation};
use serde_json::{Value, json};

use crate::{
    actors::Visitor,
    mmdb,
    server::{TestRequest, TestServer},
};

const WROCLAW: &str = "198.51.100.7";

async fn located() -> TestServer {
    let file = mmdb::database(&[
        ("198.51.100.0/24", mmdb::city()),
        (
            "203.0.113.0/24",
            json!({ "traits": { "organization": "A network" } }),
        ),
    ]);
    let config = Config {
        geolocation: Geolocation::from_bytes(file).unwrap(),
        ..Config::default()
    };
    let server = TestServer::new().await;
    server.process_with(2, config).await
}

/// Requests a chat from an address, in a request or as part of one.
async fn comes_from(server: &TestServer, address: &str, in_multi_noun: bool) -> Visitor {
    let mut visitor = server.visitor().await;
    visitor.number += 1;
    let init = visitor.init_body();
    let (path, body) = match in_multi_noun {
        false => ("Chasitor/ChasitorInit", init),
        true => {
            let noun = json!({ "prefix": "Chasitor", "noun": "ChasitorInit", "object": init });
            ("System/MultiNoun", json!({ "nouns": [noun] }))
        }
    };
    visitor
        .signed(TestRequest::post(path, body.to_string()))
        .header("x-liveagent-sequence", "1")
        .connecting_from(address)
        .send_to(&server.router)
        .await
        .ok();
    visitor
}

async fn visit(server: &TestServer) -> Value {
    let agent = server.agent();
    let chat = agent.waiting().await.remove(0);
    let shown = agent.act("get_chat", json!({ "chat_id": chat })).await;
    agent.end(&chat).await;
    shown["users"][0]["last_visit"].clone()
}

#[tokio::test(start_paused = true)]
async fn visitor_and_agents_are_told_the_location() {
    let server = located().await;
    for in_multi_noun in [false, true] {
        let mut visitor = comes_from(&server, WROCLAW, in_multi_noun).await;
        let success = visitor.poll().await.message("ChatRequestSuccess");
        let location = json!({
            "countryCode": "PL", "countryName": "Poland", "region": "02", "city": "Wroclaw",
            "organization": "Example Net", "latitude": 51.1043, "longitude": 17.0335,
        });
        assert_eq!(success["geoLocation"], location);
        visitor.reconnect(&server).await;
        let data = visitor.poll().await.message("ChasitorSessionData");
        assert_eq!(data["geoLocation"], location);
        let visit = visit(&server).await;
        assert_eq!(visit["ip"], WROCLAW);
        assert_eq!(
            visit["geolocation"],
            json!({
                "country": "Poland", "country_code": "PL", "region": "Dolnoslaskie",
                "city": "Wroclaw", "timezone": "Europe/Warsaw",
                "latitude": "51.1043", "longitude": "17.0335",
            })
        );
        visitor.fetch_all().await;
    }
}

/// `geoLocation` needs a country (Chat REST API).
#[tokio::test(start_paused = true)]
async fn what_is_not_known_is_left_out() {
    let server = located().await;
    let mut visitor = comes_from(&server, "203.0.113.9", false).await;
    let success = visitor.poll().await.message("ChatRequestSuccess");
    assert!(success.get("geoLocation").is_none(), "{success}");
    assert_eq!(visit(&server).await["geolocation"], json!({}));
    let mut visitor = comes_from(&server, "192.0.2.1", false).await;
    let success = visitor.poll().await.message("ChatRequestSuccess");
    assert!(success.get("geoLocation").is_none(), "{success}");
    let shown = visit(&server).await;
    assert_eq!(shown["ip"], "192.0.2.1");
    assert!(shown.get("geolocation").is_none(), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn an_ipv6_address_is_shown_by_its_network() {
    let server = located().await;
    let _visitor = comes_from(&server, "2001:db8:1:2:3:4:5:6", false).await;
    assert_eq!(visit(&server).await["ip"], "2001:db8:1:2::");
}

/// As without a proxy that tells it.
#[tokio::test(start_paused = true)]
async fn without_an_address_nothing_is_shown() {
    let server = located().await;
    let mut visitor = server.visitor().await;
    visitor.init().await.ok();
    let shown = visit(&server).await;
    assert!(shown.get("ip").is_none() && shown.get("geolocation").is_none());
}
