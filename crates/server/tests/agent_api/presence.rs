//! Presence: agents without an open console become offline, and their visitors
//! wait for a colleague.

use std::net::SocketAddr;

use axum::body::Body;
use parlor_server::store::row::TokenKind;
use serde_json::json;

use crate::{
    actors::{Console, TestServer, Visitor, request},
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

/// Three visitors: two with Ada, who answers at the console, and one who waits.
async fn two_chat_and_one_waits(server: &TestServer) -> (Vec<Visitor>, Vec<String>) {
    let (mut visitors, mut chats) = (Vec::new(), Vec::new());
    for name in ["Eve", "Fay", "Gus"] {
        visitors.push(Visitor::waits(server, name).await);
        chats = server.ada.chats().await;
    }
    chats.reverse();
    for chat in &chats[..2] {
        server.ada.accept(chat).await;
    }
    server.app.run_queue_updates().await.unwrap();
    for visitor in &mut visitors {
        visitor.poll().await;
    }
    (visitors, chats)
}

/// They are in front of Gus, in their order, and know.
async fn are_served_next(server: &TestServer, visitors: &mut [Visitor], chats: &[String]) {
    for (n, place) in [1, 2].into_iter().enumerate() {
        let told = visitors[n].poll().await;
        assert_eq!(told[0].0, "AgentDisconnect");
        assert_eq!(told[1].0, "QueueUpdate");
        let chat = server.bob.chat(&chats[n]).await;
        assert_eq!(chat["thread"]["queue"]["position"], place);
    }
    server.app.run_queue_updates().await.unwrap();
    assert_eq!(visitors[2].poll().await[0].1["position"], 3);
    server.bob.accept(&chats[0]).await;
    assert_eq!(visitors[0].kinds().await, ["ChatEstablished"]);
}

#[tokio::test]
async fn the_chats_of_a_closed_console_go_back_in_front_of_those_who_wait() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let (mut visitors, chats) = two_chat_and_one_waits(&server).await;
    let mut bob = Console::of(address, &server.bob.token).await;
    open_console(&server, address).await.close().await;
    advance(59).await;
    bob.act("ping", json!({})).await;
    assert!(visitors[0].kinds().await.is_empty());
    advance(1).await;
    let push = bob.next("user_removed_from_chat").await;
    assert_eq!(push["payload"]["user_id"], server.ada.id.as_str());
    assert_eq!(push["payload"]["reason"], "agent_disconnected");
    bob.next("user_removed_from_chat").await;
    are_served_next(&server, &mut visitors, &chats).await;
}

#[tokio::test]
async fn the_chats_of_who_signs_out_go_back_at_once() {
    for (method, path) in [("DELETE", "/agent/session"), ("DELETE", "/agent/sign-ins")] {
        let server = TestServer::new().await;
        let address = server.listen().await;
        let (mut visitors, chats) = two_chat_and_one_waits(&server).await;
        let mut bob = Console::of(address, &server.bob.token).await;
        let cookie = |token: &str| format!("parlor_agent={token}");
        let here = server.token(TokenKind::Console, &server.ada).await;
        let elsewhere = server.token(TokenKind::Console, &server.ada).await;
        let sign_out = async |token: &str| {
            let request = request(method, path)
                .header("cookie", cookie(token))
                .header("sec-fetch-site", "same-origin");
            let answer = server.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, 204, "{path}");
        };
        if path == "/agent/session" {
            // Still signed in on another device.
            sign_out(&elsewhere).await;
            bob.act("ping", json!({})).await;
            assert!(visitors[0].kinds().await.is_empty());
        }
        sign_out(&here).await;
        for _ in 0..2 {
            bob.next("user_removed_from_chat").await;
        }
        are_served_next(&server, &mut visitors, &chats).await;
    }
}
