//! Presence: agents without an open console become offline.

use std::net::SocketAddr;

use parlor_server::store::row::TokenKind;
use serde_json::json;

use crate::{
    actors::{Console, TestServer},
    socket::advance,
};

/// A console of this server, authenticated by a cookie.
async fn open_console(server: &TestServer, address: SocketAddr) -> Console {
    let token = server.token(TokenKind::Console, &server.ada).await;
    let cookie = ("cookie", format!("parlor_agent={token}"));
    let own = ("origin", format!("http://{address}"));
    let request = Console::request(address, &[cookie, own]);
    let mut console = Console::open(request).await.unwrap();
    console.act("login", json!({})).await;
    console
}

#[tokio::test]
async fn a_console_closed_for_a_minute_is_offline() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut bob = Console::of(address, &server.bob.token).await;
    open_console(&server, address).await.close().await;
    advance(59).await;
    assert_eq!(server.status(&server.ada).await, "accepting_chats");
    // Bob's connection stays open while time is advanced.
    bob.act("ping", json!({})).await;
    advance(1).await;
    let push = bob.next("routing_status_set").await;
    assert_eq!(
        push["payload"],
        json!({"agent_id": server.ada.id, "status": "offline"})
    );
    assert_eq!(server.status(&server.ada).await, "offline");
}

#[tokio::test]
async fn an_agent_who_reconnects_in_time_stays_available() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    open_console(&server, address).await.close().await;
    advance(59).await;
    let mut back = open_console(&server, address).await;
    advance(2).await;
    back.act("ping", json!({})).await;
    assert_eq!(server.status(&server.ada).await, "accepting_chats");
    assert!(back.so_far().await.is_empty());
}

#[tokio::test]
async fn closing_one_of_two_consoles_changes_nothing() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut stays = open_console(&server, address).await;
    open_console(&server, address).await.close().await;
    for _ in 0..3 {
        advance(30).await;
        stays.act("ping", json!({})).await;
    }
    assert_eq!(server.status(&server.ada).await, "accepting_chats");
}

#[tokio::test]
async fn programs_do_not_change_presence() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    Console::of(address, &server.ada.token).await.close().await;
    // The task that reads the agent event stream, and none that waits.
    assert_eq!(server.app.tasks.len(), 1);
    advance(61).await;
    assert_eq!(server.status(&server.ada).await, "accepting_chats");
}
