//! Presence: agents who are not heard become offline, and their visitors wait for a
//! colleague.

use std::{net::SocketAddr, time::Duration};

use axum::body::Body;
use parlor_server::{
    app::Config,
    presence::Grace,
    store::row::{RoutingStatus, TokenKind},
};
use serde_json::json;

use crate::{
    actors::{Console, TestServer, Visitor, request},
    socket::advance,
};

/// Agents are there as long as they have a socket.
async fn server() -> TestServer {
    let grace = Grace {
        program: Duration::ZERO,
        ..Grace::default()
    };
    let config = Config {
        grace,
        ..Config::default()
    };
    TestServer::with(None, config).await
}

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

/// The next status of Ada's that her colleague is told.
async fn pushed_status(bob: &mut Console, server: &TestServer) -> String {
    loop {
        let push = bob.next("routing_status_set").await;
        if push["payload"]["agent_id"] == server.ada.id.as_str() {
            return push["payload"]["status"].as_str().unwrap().to_owned();
        }
    }
}

#[tokio::test]
async fn a_console_closed_for_a_minute_is_offline() {
    let server = server().await;
    let address = server.listen().await;
    let mut bob = Console::of(address, &server.bob.token).await;
    open_console(&server, address).await.close().await;
    advance(59).await;
    assert_eq!(server.status(&server.ada).await, "accepting_chats");
    // Bob's connection stays open while time is advanced.
    bob.act("ping", json!({})).await;
    advance(1).await;
    for status in ["accepting_chats", "offline"] {
        assert_eq!(pushed_status(&mut bob, &server).await, status);
    }
    assert_eq!(server.status(&server.ada).await, "offline");
}

#[tokio::test]
async fn an_agent_who_reconnects_in_time_stays_available() {
    let server = server().await;
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
    let server = server().await;
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
async fn who_comes_back_has_the_status_that_they_had_set() {
    let server = server().await;
    let address = server.listen().await;
    let mut bob = Console::of(address, &server.bob.token).await;
    let mut ada = open_console(&server, address).await;
    let status = json!({"status": "not_accepting_chats"});
    ada.act("set_routing_status", status).await;
    ada.close().await;
    advance(59).await;
    bob.act("ping", json!({})).await;
    advance(1).await;
    for expected in ["accepting_chats", "not_accepting_chats", "offline"] {
        assert_eq!(pushed_status(&mut bob, &server).await, expected);
    }
    open_console(&server, address).await;
    let pushed = pushed_status(&mut bob, &server).await;
    assert_eq!(pushed, "not_accepting_chats");
    assert_eq!(server.status(&server.ada).await, "not_accepting_chats");
}

#[tokio::test]
async fn nobody_is_there_by_a_row_alone() {
    let server = server().await;
    let stored = server.row(&server.ada).await.routing_status;
    assert_eq!(stored, RoutingStatus::AcceptingChats);
    assert_eq!(server.status(&server.ada).await, "offline");
}

#[tokio::test]
async fn a_socket_of_a_program_counts_like_a_console() {
    let server = server().await;
    let address = server.listen().await;
    let socket = Console::of(address, &server.ada.token).await;
    assert_eq!(server.status(&server.ada).await, "accepting_chats");
    socket.close().await;
    advance(60).await;
    assert_eq!(server.status(&server.ada).await, "offline");
}

#[tokio::test]
async fn the_chats_of_a_program_go_back_when_its_token_is_no_longer_used() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut bob = Console::of(address, &server.bob.token).await;
    let (mut visitors, chats) = two_chat_and_one_waits(&server).await;
    for _ in 0..5 {
        assert_eq!(server.status(&server.ada).await, "accepting_chats");
        advance(59).await;
        bob.act("ping", json!({})).await;
    }
    advance(5).await;
    for _ in 0..2 {
        let push = bob.next("user_removed_from_chat").await;
        assert_eq!(push["payload"]["reason"], "agent_disconnected");
    }
    assert_eq!(server.status(&server.ada).await, "offline");
    are_served_next(&server, &mut visitors, &chats).await;
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
    let server = server().await;
    let address = server.listen().await;
    let mut bob = Console::of(address, &server.bob.token).await;
    let (mut visitors, chats) = two_chat_and_one_waits(&server).await;
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

#[tokio::test]
async fn a_chat_that_nobody_comes_back_for_becomes_a_message() {
    let server = server().await;
    let address = server.listen().await;
    let ada = open_console(&server, address).await;
    let mut visitor = Visitor::waits(&server, "Gus").await;
    let chat = server.ada.chats().await[0].clone();
    server.ada.accept(&chat).await;
    visitor.say("Are you still there?").await;
    visitor.poll().await;
    ada.close().await;
    advance(60).await;
    let mut told = visitor.kinds().await;
    for _ in 0..60 {
        // The server may have noticed later that the socket was closed.
        if told.is_empty() {
            advance(1).await;
            told = visitor.kinds().await;
        }
    }
    // Nobody of the group is there any more.
    assert_eq!(told, ["AgentDisconnect", "QueueUpdate"]);
    server.app.run_maintenance().await.unwrap();
    let messages = async || {
        let listed = server.bob.act("list_offline_messages", json!({})).await;
        listed["messages"].as_array().unwrap().clone()
    };
    advance(899).await;
    server.app.run_maintenance().await.unwrap();
    assert!(messages().await.is_empty());
    advance(2).await;
    server.app.run_maintenance().await.unwrap();
    let ended = visitor.poll().await;
    assert_eq!(
        (ended[0].0.as_str(), &ended[0].1["reason"]),
        ("ChatEnded", &json!("agentTimeout"))
    );
    let left = messages().await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["text"], "Are you still there?");
    assert_eq!(
        (&left[0]["name"], &left[0]["chat_id"]),
        (&json!("Gus"), &json!(chat))
    );
    // It is answered as any message is.
    let event = json!({"type": "message", "text": "We are now."});
    let answer = json!({"chat_id": chat, "thread_id": left[0]["thread_id"], "event": event});
    server.bob.act("send_event", answer).await;
    assert!(messages().await.is_empty());
}

#[tokio::test]
async fn who_has_not_been_answered_yet_goes_on_waiting() {
    let server = server().await;
    let address = server.listen().await;
    let ada = open_console(&server, address).await;
    let mut visitor = Visitor::waits(&server, "Gus").await;
    visitor.poll().await;
    ada.close().await;
    for _ in 0..5 {
        advance(300).await;
        server.app.run_maintenance().await.unwrap();
        assert!(visitor.kinds().await.is_empty());
    }
}
