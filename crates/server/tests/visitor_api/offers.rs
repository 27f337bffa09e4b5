//! Buttons that offer their chats to one agent after the other.

use parlor_server::store::row::Routing;
use serde_json::{Value, json};

use crate::{
    actors::{Agent, Visitor},
    server::{TestServer, seconds},
};

/// Andy, who was added first, and Ryan.
async fn offering(routing: Routing) -> (TestServer, Agent, Agent) {
    let server = TestServer::new().await;
    let (andy, ryan) = (server.agent(), server.colleague("Ryan").await);
    server.route(routing).await;
    (server, andy, ryan)
}

impl TestServer {
    async fn route(&self, routing: Routing) {
        let mut tx = self.store().begin().await.unwrap();
        let mut button = tx.button(&self.site.button_id).await.unwrap().unwrap();
        button.routing = routing;
        tx.put_button(&button).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The agent to whom a chat is offered, after what the process does once a
    /// second.
    async fn offered(&self, chat: &str) -> Option<String> {
        self.app.run_offers().await.unwrap();
        let mut tx = self.store().read().await.unwrap();
        let thread = tx.threads_of(&chat.into()).await.unwrap().pop().unwrap();
        let agent = thread.details.0.offer?.agent_id?;
        Some(agent.to_string())
    }
}

/// A visitor who waits, and their chat.
async fn waits(server: &TestServer) -> (Visitor, String) {
    let before = server.agent().waiting().await.len();
    let visitor = server.waiting_visitor().await;
    let chat = server.agent().waiting().await.remove(before);
    (visitor, chat)
}

async fn decline(agent: &Agent, chat: &str) {
    let done = agent.act("decline_chat", json!({ "chat_id": chat })).await;
    assert_eq!(done, json!({}));
}

#[tokio::test(start_paused = true)]
async fn a_declined_chat_goes_on_to_the_next() {
    for routing in [Routing::LeastActive, Routing::MostAvailable] {
        let (server, andy, ryan) = offering(routing).await;
        let (_visitor, chat) = waits(&server).await;
        assert_eq!(server.offered(&chat).await.as_ref(), Some(&andy.id));
        // It is not theirs to decline.
        decline(&ryan, &chat).await;
        assert_eq!(server.offered(&chat).await.as_ref(), Some(&andy.id));
        decline(&andy, &chat).await;
        decline(&andy, &chat).await;
        assert_eq!(server.offered(&chat).await.as_ref(), Some(&ryan.id));
        decline(&ryan, &chat).await;
        assert_eq!(server.offered(&chat).await, None);
        seconds(29).await;
        assert_eq!(server.offered(&chat).await, None);
        seconds(2).await;
        assert_eq!(server.offered(&chat).await.as_ref(), Some(&andy.id));
    }
}

#[tokio::test(start_paused = true)]
async fn an_offer_that_nobody_answers_goes_on_after_its_time() {
    let (server, andy, ryan) = offering(Routing::LeastActive).await;
    let (_visitor, chat) = waits(&server).await;
    assert_eq!(server.offered(&chat).await.as_ref(), Some(&andy.id));
    seconds(29).await;
    assert_eq!(server.offered(&chat).await.as_ref(), Some(&andy.id));
    seconds(2).await;
    assert_eq!(server.offered(&chat).await.as_ref(), Some(&ryan.id));
    // Whoever is faster has it.
    andy.accept().await;
    assert_eq!(server.offered(&chat).await, None);
    let leaves = json!({ "chat_id": chat, "user_id": andy.id, "user_type": "agent" });
    andy.act("remove_user_from_chat", leaves).await;
    assert_eq!(server.offered(&chat).await.as_ref(), Some(&andy.id));
}

#[tokio::test(start_paused = true)]
async fn offers_take_room_and_follow_who_accepts_chats() {
    let (server, andy, ryan) = offering(Routing::LeastActive).await;
    let (_one, first) = waits(&server).await;
    let (_two, second) = waits(&server).await;
    assert_eq!(server.offered(&first).await.as_ref(), Some(&andy.id));
    assert_eq!(server.offered(&second).await.as_ref(), Some(&ryan.id));
    andy.status("not_accepting_chats").await;
    assert_eq!(server.offered(&first).await.as_ref(), Some(&ryan.id));
    ryan.status("not_accepting_chats").await;
    assert_eq!(server.offered(&second).await, None);
}

#[tokio::test(start_paused = true)]
async fn where_agents_choose_nothing_is_offered() {
    let (server, andy, _) = offering(Routing::Choice).await;
    let (_visitor, chat) = waits(&server).await;
    assert_eq!(server.offered(&chat).await, None);
    decline(&andy, &chat).await;
    assert_eq!(andy.waiting().await, [chat]);
}

/// As a console that is opened in the middle of an offer.
#[tokio::test(start_paused = true)]
async fn a_list_and_a_chat_say_to_whom_it_is_offered() {
    let (server, andy, ryan) = offering(Routing::LeastActive).await;
    let (_visitor, chat) = waits(&server).await;
    let offer_in = async |agent: &Agent| {
        let got = agent.act("get_chat", json!({ "chat_id": chat })).await;
        let listed = agent.act("list_chats", json!({})).await;
        let listed = &listed["chats_summary"][0]["last_thread_summary"]["queue"];
        let offer = got["thread"]["queue"]["offer"].clone();
        assert_eq!(listed["offer"], offer, "the list says the same");
        assert!(listed["position"].is_i64());
        offer
    };
    assert_eq!(offer_in(&ryan).await, Value::Null, "nobody is asked yet");
    assert_eq!(server.offered(&chat).await.as_ref(), Some(&andy.id));
    let offered = offer_in(&andy).await;
    assert_eq!(offered["agent_id"], json!(andy.id));
    seconds(20).await;
    assert_eq!(server.offered(&chat).await.as_ref(), Some(&andy.id));
    assert_eq!(offer_in(&ryan).await, offered, "its time stays as it is");
    decline(&andy, &chat).await;
    assert_eq!(offer_in(&andy).await, Value::Null);
    assert_eq!(server.offered(&chat).await.as_ref(), Some(&ryan.id));
    let next = offer_in(&andy).await;
    assert_eq!(next["agent_id"], json!(ryan.id));
    assert!(next["until"].as_str() > offered["until"].as_str());
    andy.accept().await;
    let got = andy.act("get_chat", json!({ "chat_id": chat })).await;
    assert_eq!(got["thread"]["queue"], Value::Null);
}
