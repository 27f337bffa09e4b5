//! Places in queues, as agents are pushed them.

use parlor_server::store::row::Routing;
use serde_json::{Value, json};

use crate::actors::{Console, TestServer, Visitor};

/// The chats and places of a push.
fn places(push: &Value) -> Vec<(String, i64)> {
    let entries = push["payload"].as_array().unwrap().iter();
    let place = |it: &Value| {
        let chat = it["chat_id"].as_str().unwrap().to_owned();
        (chat, it["queue"]["position"].as_i64().unwrap())
    };
    entries.map(place).collect()
}

/// Visitors who wait, and their chats in the order of the queue.
async fn queue(server: &TestServer, n: usize) -> (Vec<Visitor>, Vec<String>) {
    let mut visitors = Vec::new();
    for n in 0..n {
        visitors.push(Visitor::waits(server, &format!("V{n}")).await);
    }
    let mut chats = server.ada.chats().await;
    chats.reverse();
    (visitors, chats)
}

/// The places up to the next chat that ends.
async fn pushed(console: &mut Console) -> Vec<Vec<(String, i64)>> {
    let pushes = console.so_far().await;
    let queues = pushes
        .iter()
        .filter(|it| it["action"] == "queue_positions_updated");
    queues.map(places).collect()
}

#[tokio::test]
async fn the_first_places_that_changed_are_pushed_once() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let (mut visitors, mut chats) = queue(&server, 60).await;
    let mut console = Console::of(address, &server.ada.token).await;
    // A process that starts tells what it finds.
    server.app.run_queue_updates().await.unwrap();
    let told = pushed(&mut console).await;
    let expected: Vec<_> = chats.iter().cloned().zip(1..=50).collect();
    assert_eq!(told, [expected]);

    // Two leave before the next run.
    for at in [40, 20] {
        visitors[at].end().await;
        chats.remove(at);
    }
    assert_eq!(pushed(&mut console).await, [] as [Vec<_>; 0]);
    server.app.run_queue_updates().await.unwrap();
    let expected: Vec<_> = chats[20..].iter().cloned().zip(21..=50).collect();
    assert_eq!(pushed(&mut console).await, [expected]);

    // Who leaves at the end changes nothing for the others.
    visitors[59].end().await;
    server.app.run_queue_updates().await.unwrap();
    assert_eq!(pushed(&mut console).await, [] as [Vec<_>; 0]);
}

#[tokio::test]
async fn who_waits_again_is_pushed_at_once() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let (_visitors, chats) = queue(&server, 2).await;
    server.ada.accept(&chats[0]).await;
    let mut console = Console::of(address, &server.ada.token).await;
    let who = json!({"chat_id": chats[0], "user_id": server.ada.id, "user_type": "agent"});
    server.ada.done("remove_user_from_chat", who).await;
    assert_eq!(pushed(&mut console).await, [[(chats[0].clone(), 2)]]);
}

/// A console that is opened in the middle of an offer shows it, and for how long it is good.
#[tokio::test]
async fn a_login_says_to_whom_a_chat_is_offered() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    server.route(Routing::LeastActive).await;
    let mut console = Console::of(address, &server.ada.token).await;
    let _visitor = Visitor::waits(&server, "Jon").await;
    server.app.run_offers().await.unwrap();
    let pushes = console.so_far().await;
    let told = pushes.iter().find(|it| it["action"] == "chat_offered");
    let told = &told.expect("it is offered")["payload"];
    for token in [&server.ada.token, &server.bob.token] {
        let (_, welcome) = Console::since(address, token, None).await;
        let queue = &welcome["chats_summary"][0]["last_thread_summary"]["queue"];
        assert_eq!(queue["offer"]["agent_id"], told["agent_id"], "{queue}");
        assert_eq!(queue["offer"]["until"], told["until"], "{queue}");
    }
}
