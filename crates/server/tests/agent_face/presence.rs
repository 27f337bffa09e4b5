//! Visitors do not wait for nobody.

use std::net::SocketAddr;

use parlor_server::store::row::TokenKind;
use serde_json::json;

use crate::{
    actors::{Console, World},
    socket::advance,
};

/// At the console of this world, by a cookie.
async fn sits_down(world: &World, address: SocketAddr) -> Console {
    let token = world.token(TokenKind::Console, &world.ada).await;
    let cookie = ("cookie", format!("parlor_agent={token}"));
    let own = ("origin", format!("http://{address}"));
    let request = Console::request(address, &[cookie, own]);
    let mut console = Console::open(request).await.unwrap();
    console.act("login", json!({})).await;
    console
}

#[tokio::test]
async fn a_console_closed_for_a_minute_is_offline() {
    let world = World::new().await;
    let address = world.listen().await;
    let mut bob = Console::of(address, &world.bob.token).await;
    sits_down(&world, address).await.close().await;
    advance(59).await;
    assert_eq!(world.status(&world.ada).await, "accepting_chats");
    // Bob's line lives on while time jumps.
    bob.act("ping", json!({})).await;
    advance(1).await;
    let push = bob.next("routing_status_set").await;
    assert_eq!(
        push["payload"],
        json!({"agent_id": world.ada.id, "status": "offline"})
    );
    assert_eq!(world.status(&world.ada).await, "offline");
}

#[tokio::test]
async fn who_comes_back_in_time_was_never_away() {
    let world = World::new().await;
    let address = world.listen().await;
    sits_down(&world, address).await.close().await;
    advance(59).await;
    let mut back = sits_down(&world, address).await;
    advance(2).await;
    back.act("ping", json!({})).await;
    assert_eq!(world.status(&world.ada).await, "accepting_chats");
    assert!(back.so_far().await.is_empty());
}

#[tokio::test]
async fn of_two_consoles_one_may_be_closed() {
    let world = World::new().await;
    let address = world.listen().await;
    let mut stays = sits_down(&world, address).await;
    sits_down(&world, address).await.close().await;
    for _ in 0..3 {
        advance(30).await;
        stays.act("ping", json!({})).await;
    }
    assert_eq!(world.status(&world.ada).await, "accepting_chats");
}

#[tokio::test]
async fn a_program_may_come_and_go() {
    let world = World::new().await;
    let address = world.listen().await;
    Console::of(address, &world.ada.token).await.close().await;
    assert!(world.app.tasks.is_empty());
    advance(61).await;
    assert_eq!(world.status(&world.ada).await, "accepting_chats");
}
