//! Buttons of rich messages: pressed, released, and answered with a message.

use serde_json::{Value, json};

use crate::{
    actors::{Agent, Visitor},
    server::{TestResponse, TestServer, seconds},
};

fn card() -> Value {
    json!({ "type": "rich_message", "template_id": "cards", "elements": [
        { "title": "Which?", "buttons": [
            { "text": "Yes", "type": "message", "value": "yes!", "postback_id": "yes" },
            { "text": "No", "postback_id": "no" },
            { "text": "Nothing comes of it" }] },
        { "title": "Or?", "buttons": [{ "text": "Also no", "postback_id": "no" }] }] })
}

/// A conversation with a card, which the visitor has received.
async fn with_card(server: &TestServer) -> (Visitor, Agent, String, String) {
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let event = agent.send(&chat, card()).await;
    visitor.poll().await.status(200);
    (visitor, agent, chat, event)
}

fn thread_of(event: &str) -> &str {
    event.rsplit_once('_').unwrap().0
}

pub(crate) async fn posts(visitor: &mut Visitor, kind: &str, data: Value) -> TestResponse {
    let event = json!({ "type": kind, "data": data.to_string() });
    visitor.post("CustomEvent", event).await
}

async fn press(visitor: &mut Visitor, event: &str, button: &str, toggled: bool) -> TestResponse {
    let data = json!({ "thread_id": thread_of(event), "event_id": event,
        "postback": { "id": button, "toggled": toggled } });
    posts(visitor, "rich_message_postback", data).await
}

fn said(event: &str, button: &str, custom_id: &str) -> Value {
    json!({ "type": "message", "text": "Yes", "custom_id": custom_id, "postback": {
        "id": button, "thread_id": thread_of(event), "event_id": event,
        "type": "message", "value": "yes!" } })
}

/// The users of each button, in the order of the buttons.
fn users(event: &Value) -> Vec<Vec<String>> {
    let buttons = event["elements"].as_array().unwrap().iter();
    let buttons = buttons.flat_map(|element| element["buttons"].as_array().unwrap());
    buttons
        .map(|button| serde_json::from_value(button["user_ids"].clone()).unwrap())
        .collect()
}

fn event_of(thread: &Value, id: &str) -> Value {
    let events = thread["events"].as_array().unwrap();
    events.iter().find(|e| e["id"] == id).unwrap().clone()
}

/// The event in an `event_updated` of a poll.
fn updated(answer: &TestResponse) -> Value {
    let custom = answer.message("CustomEvent");
    assert_eq!(custom["type"], "event_updated");
    serde_json::from_str(custom["data"].as_str().unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_press_and_a_release_are_seen_in_every_api() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat, event) = with_card(&server).await;
    let shown = agent.act("get_chat", json!({ "chat_id": chat })).await;
    let me = shown["users"][0]["id"].as_str().unwrap().to_owned();
    let nobody: Vec<String> = Vec::new();
    for (toggled, expected) in [(true, vec![me]), (false, nobody.clone())] {
        press(&mut visitor, &event, "no", toggled).await.ok();
        // Both buttons with the same postback id have it.
        let whole = [
            nobody.clone(),
            expected.clone(),
            nobody.clone(),
            expected.clone(),
        ];
        let answer = visitor.poll().await;
        assert_eq!(answer.kinds(), ["CustomEvent"]);
        assert_eq!(users(&updated(&answer)), whole);
        assert_eq!(updated(&answer)["id"], event.as_str());

        let thread = agent.thread(&chat).await;
        assert_eq!(users(&event_of(&thread, &event)), whole);
        let threads = agent.act("list_threads", json!({ "chat_id": chat })).await;
        assert_eq!(users(&event_of(&threads["threads"][0], &event)), whole);
        let archives = agent.act("list_archives", json!({})).await;
        let thread = &archives["chats"][0]["thread"];
        assert_eq!(users(&event_of(thread, &event)), whole);
        let chats = agent.act("list_chats", json!({})).await;
        let last = &chats["chats_summary"][0]["last_event_per_type"]["rich_message"];
        assert_eq!(users(&last["event"]), whole);

        visitor.reconnect(&server).await;
        let data = visitor.poll().await.message("ChasitorSessionData");
        let entries = data["chatMessages"].as_array().unwrap();
        let entry = entries.iter().find(|e| e["eventId"] == event.as_str());
        assert_eq!(users(&entry.unwrap()["event"]), whole);
        let path = format!("Visitor/History/{}", thread_of(&event));
        let history = visitor.get(&path).await.message("Thread");
        assert_eq!(users(&event_of(&history, &event)), whole);
    }
    // The log itself is unchanged.
    assert_eq!(agent.log(&chat).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_press_is_a_state_and_its_repeat_changes_nothing() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat, event) = with_card(&server).await;
    press(&mut visitor, &event, "no", false).await.ok();
    visitor.poll().await.empty();
    press(&mut visitor, &event, "no", true).await.ok();
    assert_eq!(visitor.poll().await.kinds().len(), 1);
    for _ in 0..3 {
        press(&mut visitor, &event, "no", true).await.ok();
    }
    visitor.poll().await.empty();
    let data = json!({ "chat_id": chat, "thread_id": thread_of(&event), "event_id": event,
        "postback": { "id": "no", "toggled": true } });
    agent.act("send_rich_message_postback", data.clone()).await;
    let both = updated(&visitor.poll().await);
    assert_eq!(users(&both)[1].len(), 2);
    agent.act("send_rich_message_postback", data).await;
    visitor.poll().await.empty();
}

#[tokio::test(start_paused = true)]
async fn a_postback_message_is_written_once_however_often_it_is_sent() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat, event) = with_card(&server).await;
    let first = posts(&mut visitor, "message", said(&event, "yes", "c1")).await;
    let id = first.ok().header("x-chat-event-id").unwrap().to_owned();
    // A lost response, and two presses in quick succession.
    for custom_id in ["c1", "c2", "c3"] {
        let again = posts(&mut visitor, "message", said(&event, "yes", custom_id)).await;
        assert_eq!(again.ok().header("x-chat-event-id"), Some(id.as_str()));
    }
    assert_eq!(agent.log(&chat).await, ["Yes"]);
    let kept = event_of(&agent.thread(&chat).await, &id);
    assert_eq!(kept["postback"]["event_id"], event.as_str());
    assert_eq!(kept["postback"]["value"], "yes!");
    // Later it is a new press.
    agent.say(&chat, "More?").await;
    visitor.say("Let me think").await.ok();
    posts(&mut visitor, "message", said(&event, "yes", "c4"))
        .await
        .ok();
    assert_eq!(
        agent.log(&chat).await,
        ["Yes", "More?", "Let me think", "Yes"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_press_on_a_missing_button_is_refused() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat, event) = with_card(&server).await;
    let text = agent.say(&chat, "No button here").await;
    let mut secret = card();
    secret["visibility"] = json!("agents");
    let secret = agent.send(&chat, secret).await;
    let (mut other, _, _) = server.visitor_with_agent().await;
    let none = format!("{}_99", thread_of(&event));
    for (own, event, button) in [
        (true, text.as_str(), "yes"),
        (true, event.as_str(), "maybe"),
        (true, event.as_str(), ""),
        (true, none.as_str(), "yes"),
        (true, "x_y", "yes"),
        (true, secret.as_str(), "yes"),
        (false, event.as_str(), "yes"),
    ] {
        let who = if own { &mut visitor } else { &mut other };
        press(who, event, button, true).await.status(400);
        let message = said(event, button, "c");
        posts(who, "message", message).await.status(400);
    }
    // A missing event and one for agents only are answered alike.
    let hidden = press(&mut visitor, &secret, "yes", true).await.text;
    let absent = press(&mut visitor, &none, "yes", true).await.text;
    assert_eq!(hidden, absent);

    let data = json!({ "thread_id": "OTHERTHREA", "event_id": event,
        "postback": { "id": "yes", "toggled": true } });
    posts(&mut visitor, "rich_message_postback", data)
        .await
        .status(400);
    let mut forged = said(&event, "yes", "c");
    forged["postback"]["value"] = json!("give me everything");
    posts(&mut visitor, "message", forged).await.status(400);
    let mut half = said(&event, "yes", "c");
    half["postback"].as_object_mut().unwrap().remove("value");
    posts(&mut visitor, "message", half).await.status(400);
    assert_eq!(agent.log(&chat).await, ["No button here"]);
    assert!(
        users(&event_of(&agent.thread(&chat).await, &event))
            .concat()
            .is_empty()
    );

    // A postback may leave out type and value.
    let mut bare = said(&event, "yes", "c");
    for field in ["type", "value"] {
        bare["postback"].as_object_mut().unwrap().remove(field);
    }
    posts(&mut visitor, "message", bare).await.ok();
}

#[tokio::test(start_paused = true)]
async fn a_card_of_an_earlier_conversation_still_has_its_buttons() {
    let server = TestServer::new().await;
    let mut visitor = server.visitor().await;
    visitor.init().await.ok();
    let id = visitor.poll().await.message("ChatRequestSuccess")["visitorId"].clone();
    let agent = server.agent();
    let chat = agent.accept().await;
    let event = agent.send(&chat, card()).await;
    agent.end(&chat).await;
    seconds(1).await;
    let mut visitor = server.visitor().await;
    visitor.init_with(json!({ "visitorId": id })).await.ok();
    assert_eq!(agent.accept().await, chat);
    visitor.poll().await.status(200);
    press(&mut visitor, &event, "yes", true).await.ok();
    assert_eq!(users(&updated(&visitor.poll().await))[0].len(), 1);
    posts(&mut visitor, "message", said(&event, "yes", "c1"))
        .await
        .ok();
    assert_eq!(agent.log(&chat).await, ["Yes"]);
}
